//! The suite of every store, on this one.

use talos_conformance::Site;
use talos_kernel::ports::Store;
use talos_memory::MemoryStore;

struct Memory(MemoryStore);

impl Site for Memory {
    fn writer(&self) -> Box<dyn Store> {
        Box::new(self.0.another())
    }
}

talos_conformance::suite!(Memory(MemoryStore::default()), model cases: 1000);
