//! The module `talos._native`: the kernel for Python, without logic.

mod decision;
mod door;
mod error;
mod http;
mod kernel;
mod permit;
mod run;
mod soon;
mod tool;
mod value;

use pyo3::prelude::*;

/// The native part of the package `talos`.
#[pymodule]
mod _native {
    #[pymodule_export]
    use crate::decision::Decision;
    #[pymodule_export]
    use crate::door::{Door, call, call_line, canonical, invoke, packed, unpacked};
    #[pymodule_export]
    use crate::http::{Entry, Front, Refusal, Request};
    #[pymodule_export]
    use crate::kernel::Kernel;
    #[pymodule_export]
    use crate::permit::Permit;
    #[pymodule_export]
    use crate::run::Run;
    #[pymodule_export]
    use crate::tool::{Call, Tool};

    /// Hash of the contracts that this library was built from.
    #[pymodule_export]
    const MANIFEST_HASH: &str = talos_shared::contracts::MANIFEST_HASH;

    /// Version of the interface between this module and the package around it.
    #[pymodule_export]
    const ABI: u32 = talos_shared::sdk::ABI;

    /// Bytes of one input at the most.
    #[pymodule_export]
    const INPUT_BYTES: usize = talos_shared::INPUT_BYTES;

    /// Version of Talos.
    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");
}
