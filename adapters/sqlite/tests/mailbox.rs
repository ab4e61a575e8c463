//! The suite of every store of a mailbox, on this one; and what only a database has.

#![allow(clippy::unwrap_used, reason = "tests")]

use talos_contracts::ErrorCode;
use talos_contracts::scalar::B64;
use talos_mailbox::store::{Change, Made, Store, Totals, View, change, look};
use talos_sqlite::SqliteMailbox;
use tempfile::TempDir;

/// A store with the directory that it is in.
struct Kept(SqliteMailbox, #[allow(dead_code, reason = "erased when dropped")] TempDir);

impl Kept {
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        Kept(SqliteMailbox::open(directory.path()).unwrap(), directory)
    }
}

impl Store for Kept {
    fn read(
        &self,
        work: &mut dyn FnMut(&dyn View) -> Result<(), talos_contracts::Error>,
    ) -> Result<(), talos_contracts::Error> {
        self.0.read(work)
    }

    fn write(
        &self,
        work: &mut dyn FnMut(&mut dyn Change) -> Result<(), talos_contracts::Error>,
    ) -> Result<(), talos_contracts::Error> {
        self.0.write(work)
    }
}

talos_conformance::mailbox_suite!(|| Box::new(Kept::new()));

const MADE: Made = Made { agent: [1; 32], nonce: B64([2; 16]), iat: 3 };

#[test]
fn one_process_writes_and_others_look() {
    let directory = TempDir::new().unwrap();
    let store = SqliteMailbox::open(directory.path()).unwrap();
    assert_eq!(SqliteMailbox::open(directory.path()).err().unwrap().code, ErrorCode::StoreBusy);
    change(&store, |s| s.remember(&MADE)).unwrap();
    let looking = SqliteMailbox::open_read_only(directory.path()).unwrap();
    assert_eq!(look(&looking, |s| s.made()).unwrap(), [MADE]);
    assert_eq!(change(&looking, |s| s.remember(&MADE)).unwrap_err().code, ErrorCode::StoreReadOnly);
    drop((store, looking));
    let again = SqliteMailbox::open(directory.path()).unwrap();
    assert_eq!(look(&again, |s| Ok((s.made()?, s.totals()?))).unwrap(), (vec![MADE], Totals::default()));
}
