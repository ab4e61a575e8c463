//! The primitives of Talos: strict Ed25519, tagged hashes, commitments, DSSE.
//!
//! * [`SigningKey`] and [`VerifyingKey`]: Ed25519 with one verdict in every language
//!   (`docs/spec/envelope.md`, "Strict Ed25519");
//! * [`hash`]: SHA-256 with domain separation, and HMAC commitments;
//! * [`dsse`]: the pre-authentication encoding and the envelope.
//!
//! Keys and randomness are arguments: nothing here reads a clock or an entropy source.

pub mod dsse;
mod ed25519;
pub mod hash;

pub use ed25519::{SEED_BYTES, SigningKey, VerifyingKey};
