//! Talos contracts: everything that crosses a boundary, as types.
//!
//! * [`json`]: the strict parser and the canonical writer (`docs/spec/canonical-json.md`);
//! * [`scalar`]: fixed-size binary values, identifiers and their textual forms;
//! * [`Error`] and [`ErrorCode`]: the one error type, with codes from the registry; [`nearest`] makes its suggestions;
//! * the contract types, generated from `contracts/` with their canonical writers.
//!
//! No clock, no randomness, no I/O: bytes in, values out.
//!
//! ```
//! use talos_contracts::json::{self, Profile};
//!
//! let value = json::parse(br#"{"b":1, "a":[true]}"#, Profile::Talos)?;
//! assert_eq!(json::canonical(&value), br#"{"a":[true],"b":1}"#);
//! # Ok::<(), talos_contracts::Error>(())
//! ```

mod canonical;
mod error;
mod generated;
pub mod json;
mod nearest;
mod number;
pub mod scalar;

pub use error::Error;

/// The JSON Schema of policy files, for editors (2020-12).
pub const POLICY_SCHEMA: &str = include_str!("generated/policy.schema.json");

pub use generated::*;
pub use nearest::nearest;
