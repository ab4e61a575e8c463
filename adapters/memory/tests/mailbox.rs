//! The suite of every store of a mailbox, on this one.

use talos_memory::MemoryMailbox;

talos_conformance::mailbox_suite!(|| Box::new(MemoryMailbox::default()));
