//! The one secret that crosses the boundary: the seed of a key, in operations for tests and tools.

use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::ZeroizeOnDrop;

/// The 32-byte seed of an Ed25519 key. Never printed, compared in constant time, erased when dropped.
#[derive(Clone, ZeroizeOnDrop)]
pub struct Seed([u8; 32]);

impl PartialEq for Seed {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

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
