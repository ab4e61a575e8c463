//! The suite of every store, on this one.

use talos_conformance::{Keeper, Site};
use talos_memory::MemoryStore;

struct Memory(MemoryStore);

impl Site for Memory {
    fn keeper(&self) -> Box<dyn Keeper> {
        Box::new(self.0.another())
    }
}

talos_conformance::suite!(Memory(MemoryStore::default()), model cases: 1000);
