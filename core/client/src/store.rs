//! The port of what a client keeps.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use talos_contracts::{Error, ErrorCode};

/// A record as it lies in the store, encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its name.
    pub name: [u8; 16],
    /// How often it was written before.
    pub revision: u64,
    /// What it holds.
    pub blob: Vec<u8>,
}

/// How a record is read, and when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// Read when the client opens, and erased by a write.
    Loaded,
    /// Read by its name, and erased at this time in milliseconds.
    Until(u64),
}

/// One write of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The record.
    pub name: [u8; 16],
    /// The revision that must be there now; none where there must be nothing.
    pub replaces: Option<u64>,
    /// What to write, as the next revision; none to erase.
    pub blob: Option<Vec<u8>>,
    /// How it will be read.
    pub lifetime: Lifetime,
}

impl Write {
    /// The revision that is written: 0 at first, then one more each time.
    pub fn revision(&self) -> u64 {
        self.replaces.map_or(0, |revision| revision.saturating_add(1))
    }
}

/// Where the records of one agent lie.
pub trait Store: Send + Sync {
    /// Every record that is read at opening.
    fn load(&self) -> Result<Vec<Stored>, Error>;

    /// A record by its name.
    fn read(&self, name: &[u8; 16]) -> Result<Option<Stored>, Error>;

    /// Writes all or nothing, durably before it returns. `store.busy` where a revision is not the one that was named: somebody
    /// else writes here.
    fn write(&self, writes: &[Write]) -> Result<(), Error>;

    /// Erases records whose time has come, and says how many.
    fn sweep(&self, now: u64) -> Result<u64, Error>;
}

/// A store that ends with its process.
#[derive(Default)]
pub struct MemoryStore(Mutex<HashMap<[u8; 16], (Stored, Lifetime)>>);

impl Store for MemoryStore {
    fn load(&self) -> Result<Vec<Stored>, Error> {
        let records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let loaded = records.values().filter(|(_, lifetime)| *lifetime == Lifetime::Loaded);
        Ok(loaded.map(|(stored, _)| stored.clone()).collect())
    }

    fn read(&self, name: &[u8; 16]) -> Result<Option<Stored>, Error> {
        let records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(records.get(name).map(|(stored, _)| stored.clone()))
    }

    fn write(&self, writes: &[Write]) -> Result<(), Error> {
        let mut records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let there = |write: &Write| records.get(&write.name).map(|(stored, _)| stored.revision);
        if writes.iter().any(|write| there(write) != write.replaces) {
            return Err(Error::new(ErrorCode::StoreBusy, "a record is not at the revision that is replaced"));
        }
        for write in writes {
            match &write.blob {
                Some(blob) => {
                    let stored = Stored { name: write.name, revision: write.revision(), blob: blob.clone() };
                    records.insert(write.name, (stored, write.lifetime));
                }
                None => drop(records.remove(&write.name)),
            }
        }
        Ok(())
    }

    fn sweep(&self, now: u64) -> Result<u64, Error> {
        let mut records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = records.len();
        records.retain(|_, (_, lifetime)| !matches!(lifetime, Lifetime::Until(end) if *end <= now));
        Ok((before - records.len()) as u64)
    }
}
