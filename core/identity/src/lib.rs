//! Who an agent is: did:key over Ed25519 (`docs/spec/identity.md`), and who signed an envelope.
//!
//! [`Did`] is a parsed identifier with the key it holds; [`envelope::verify`] turns an
//! unverified envelope into one whose every signature has been checked.

mod did_key;
pub mod envelope;

pub use did_key::{Did, document, encode, resolve};
