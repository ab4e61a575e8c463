//! The addon of the package `talos-kernel`: the kernel for Node, without logic.
//!
//! What Node sees is in `node/src/native.d.ts`, which is generated from here.

#[macro_use]
extern crate napi_derive;

mod asked;
mod door;
mod error;
mod http;
mod kernel;
mod run;
mod soon;
mod value;

/// Hash of the contracts that this library was built from.
#[napi]
pub const MANIFEST_HASH: &str = talos_shared::contracts::MANIFEST_HASH;

/// Version of the interface between this library and the package around it.
#[napi]
pub const ABI: u32 = talos_shared::sdk::ABI;

/// Version of Talos.
#[napi]
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The longest input of an operation, in bytes.
#[napi]
pub const INPUT_BYTES: u32 = talos_shared::INPUT_BYTES as u32;
