// Generated from contracts/codegen/templates/seed.rs by `cargo run -p talos-codegen`; do not edit.
//! The one secret that crosses the boundary: the seed of a key, in operations for tests and tools.

use std::fmt;

/// The 32-byte seed of an Ed25519 key. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Seed([u8; 32]);

impl Seed {
    /// A seed of these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Seed(bytes)
    }

    /// The bytes.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(..)")
    }
}
