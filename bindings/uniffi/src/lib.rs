//! The kernel for Kotlin and Swift: every operation through one door, JSON in and JSON out.
//!
//! [`Door`] opens at most one kernel; [`version`], [`abi`] and [`manifest_hash`] say what is behind
//! it. `docs/reference/operations.md` has the operations. UniFFI writes the other side of these
//! declarations.

use std::fmt;
use std::sync::Arc;
use talos_shared::contracts::{Error, MANIFEST_HASH, json};
use talos_shared::sdk;

uniffi::setup_scaffolding!();

/// Why an operation failed. A denial is no failure: it is a decision, and comes as a value.
#[derive(Debug, uniffi::Error)]
pub enum TalosError {
    /// The operation gave no answer.
    Failed {
        /// The stable code, as in `docs/reference/errors.md`.
        code: String,
        /// What was got and what was expected.
        detail: String,
        /// The problem document of RFC 9457, as JSON.
        problem: String,
    },
}

impl From<Error> for TalosError {
    fn from(error: Error) -> Self {
        TalosError::Failed {
            code: error.code.as_str().to_owned(),
            // INVARIANT: canonical JSON is UTF-8.
            problem: String::from_utf8_lossy(&json::canonical(&error.to_problem())).into_owned(),
            detail: error.detail,
        }
    }
}

impl fmt::Display for TalosError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TalosError::Failed { code, detail, .. } = self;
        write!(f, "{code}: {detail}")
    }
}

impl std::error::Error for TalosError {}

/// A handle: pure operations always, and those of a kernel from `kernel.open` to `kernel.close`.
///
/// Any thread may use it. It may be given up while calls are under way: they end first.
#[derive(uniffi::Object)]
pub struct Door(sdk::Door);

#[uniffi::export]
impl Door {
    /// A door with no kernel behind it yet.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        Arc::new(Door(sdk::Door::new()))
    }

    /// Runs an operation on one JSON text, as UTF-8, and gives its output as canonical JSON.
    pub fn call(&self, operation: String, input: Vec<u8>) -> Result<Vec<u8>, TalosError> {
        Ok(self.0.call(&operation, &input)?)
    }
}

/// The version of the library.
#[uniffi::export]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// The version of the functions between the library and its callers.
#[uniffi::export]
pub fn abi() -> u32 {
    sdk::ABI
}

/// The hash of the contracts that the library was built with. Peers compare it first.
#[uniffi::export]
pub fn manifest_hash() -> String {
    MANIFEST_HASH.to_owned()
}
