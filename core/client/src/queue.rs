//! What waits, in its order.

use std::collections::BTreeMap;
use talos_contracts::{Error, ErrorCode};

/// A value with its revision in the store.
pub(crate) struct Revised<T> {
    pub(crate) revision: u64,
    pub(crate) value: T,
}

/// What waits, by its place.
pub(crate) struct Queue<T> {
    pub(crate) items: BTreeMap<u64, Revised<T>>,
    bytes: usize,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Queue { items: BTreeMap::new(), bytes: 0 }
    }
}

impl<T> Queue<T> {
    pub(crate) fn check(&self, most: (usize, usize)) -> Result<(), Error> {
        if self.items.len() < most.0 && self.bytes < most.1 {
            return Ok(());
        }
        Err(Error::new(
            ErrorCode::ClientBacklog,
            format!("{} wait with {} bytes, at most {} with {} may", self.items.len(), self.bytes, most.0, most.1),
        ))
    }

    pub(crate) fn add(&mut self, seq: u64, bytes: usize, revision: u64, value: T) {
        self.bytes = self.bytes.saturating_add(bytes);
        self.items.insert(seq, Revised { revision, value });
    }

    pub(crate) fn remove(&mut self, seq: u64, bytes: impl FnOnce(&T) -> usize) {
        if let Some(removed) = self.items.remove(&seq) {
            self.bytes = self.bytes.saturating_sub(bytes(&removed.value));
        }
    }
}
