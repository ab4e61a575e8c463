//! Rows that are not what was written.

#![allow(clippy::unwrap_used, reason = "tests")]

use rusqlite::Connection;
use talos_conformance::{boot, entry, run_id};
use talos_contracts::ErrorCode;
use talos_contracts::scalar::{B64, Hash};
use talos_kernel::ports::{Asked, Damaged, Entry, Store};
use talos_sqlite::{FILE, SqliteStore};
use tempfile::TempDir;

fn asking(n: u64) -> Entry {
    let id = entry(1, 1, n + 1_000).sealed.id;
    let asks = Asked { id, request: b"request".to_vec(), args: b"{}".to_vec(), erase_at: None, codes: Vec::new() };
    Entry { asks: Some(asks), ..entry(1, 1, n) }
}

/// Under which id a damage is told of, by the id that the request had.
type Told = fn(Hash) -> Option<Hash>;

#[test]
fn a_request_of_other_types_or_sizes_is_damaged_and_hides_no_other() {
    let damages: [(&str, Told); 6] = [
        ("request = 7", Some),
        ("args = 'text'", Some),
        ("run = x'00'", Some),
        ("redeemed = 'no'", Some),
        ("id = x'00'", |_| None),
        ("id = 7", |_| None),
    ];
    for (damage, told) in damages {
        let directory = TempDir::new().unwrap();
        let store = SqliteStore::open(directory.path()).unwrap();
        store.begin(boot(1), &run_id(1)).unwrap();
        let entries = [asking(1), asking(2), asking(3)];
        store.commit(&entries.iter().collect::<Vec<_>>()).unwrap();
        let [first, second, third] = entries.each_ref().map(|entry| entry.asks.as_ref().unwrap().id);
        let database = Connection::open(directory.path().join(FILE)).unwrap();
        let changed = database.execute(&format!("UPDATE approvals SET {damage} WHERE id = ?1"), [second.0]).unwrap();
        assert_eq!(changed, 1, "{damage}");

        let listed = store.approvals(None, 10).unwrap();
        let [newest, Err(Damaged { id, error }), oldest] = listed.as_slice() else {
            unreachable!("{damage}: {listed:?}")
        };
        assert_eq!((*id, error.code), (told(second), ErrorCode::StoreCorrupt), "{damage}");
        assert_eq!([newest, oldest].map(|row| row.as_ref().unwrap().id), [third, first], "{damage}");
        // By its id it is an error, or not there: never a request.
        let found = store.approval(&second).map_err(|error| error.code);
        assert!(matches!(found, Err(ErrorCode::StoreCorrupt) | Ok(None)), "{damage}: {found:?}");
    }
}

#[test]
fn a_request_under_another_id_is_listed_under_that() {
    let directory = TempDir::new().unwrap();
    let store = SqliteStore::open(directory.path()).unwrap();
    store.begin(boot(1), &run_id(1)).unwrap();
    store.commit(&[&asking(1)]).unwrap();
    let database = Connection::open(directory.path().join(FILE)).unwrap();
    database.execute("UPDATE approvals SET id = zeroblob(32)", []).unwrap();
    // What its signature says is for the kernel to compare.
    assert_eq!(store.approvals(None, 10).unwrap()[0].as_ref().unwrap().id, B64([0; 32]));
}
