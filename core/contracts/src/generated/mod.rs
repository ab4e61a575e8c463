// Generated from contracts/ by `cargo run -p talos-codegen`; do not edit.
//! The contracts as Rust types, with strict readers and canonical writers.

mod action;
mod bundle;
mod checkpoint;
mod common;
mod configuration;
mod decision;
mod envelope;
mod errors;
mod operations;
mod operations_audit;
mod operations_crypto;
mod operations_did;
mod operations_json;
mod operations_policy;
mod operations_verify;
mod outcome;
mod permit;
mod policy;
mod problem;
mod reader;
mod receipt;
mod seed;
mod writer;

pub use action::*;
pub use bundle::*;
pub use checkpoint::*;
pub use common::*;
pub use configuration::*;
pub use decision::*;
pub use envelope::*;
pub use errors::*;
pub use operations::*;
pub use operations_audit::*;
pub use operations_crypto::*;
pub use operations_did::*;
pub use operations_json::*;
pub use operations_policy::*;
pub use operations_verify::*;
pub use outcome::*;
pub use permit::*;
pub use policy::*;
pub use problem::*;
pub use receipt::*;
pub use seed::*;
