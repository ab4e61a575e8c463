//! The suite of every store, on this one.

#![allow(clippy::unwrap_used, reason = "tests")]

use talos_conformance::{Keeper, Site};
use talos_sqlite::SqliteStore;
use tempfile::TempDir;

struct Directory(TempDir);

impl Site for Directory {
    fn keeper(&self) -> Box<dyn Keeper> {
        Box::new(SqliteStore::open(self.0.path()).unwrap())
    }
}

talos_conformance::suite!(Directory(TempDir::new().unwrap()), model cases: 80);
