//! A directory that several processes open at once, when nothing is there yet.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Barrier;
use talos_conformance::{boot, entry, run_id};
use talos_kernel::ports::Store;
use talos_sqlite::SqliteStore;
use tempfile::TempDir;

#[test]
fn writers_that_come_first_together_find_one_log() {
    const WRITERS: u8 = 4;
    for _ in 0..20 {
        let directory = TempDir::new().unwrap();
        let barrier = Barrier::new(WRITERS.into());
        std::thread::scope(|scope| {
            for writer in 0..WRITERS {
                let (directory, barrier) = (&directory, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    let store = SqliteStore::open(directory.path()).unwrap();
                    store.begin(boot(writer), &run_id(writer)).unwrap();
                    store.commit(&[&entry(writer, writer, writer.into())]).unwrap();
                });
            }
        });
        let size = SqliteStore::open(directory.path()).unwrap().frontier().unwrap().size();
        assert_eq!(size, WRITERS.into());
    }
}
