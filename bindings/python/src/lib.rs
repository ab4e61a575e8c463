//! The module `talos._native`: the kernel for Python, without logic.

mod door;
mod error;
mod value;

use pyo3::prelude::*;

/// Raised with every change of what the package and this module expect of each other.
const ABI: u32 = 1;

/// The native part of the package `talos`.
#[pymodule]
mod _native {
    #[pymodule_export]
    use crate::door::call;

    /// Hash of the contracts that this library was built from.
    #[pymodule_export]
    const MANIFEST_HASH: &str = talos_shared::contracts::MANIFEST_HASH;

    /// Version of the interface between this module and the package around it.
    #[pymodule_export]
    const ABI: u32 = crate::ABI;

    /// Version of Talos.
    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");
}
