//! What the rivals in Rust are given, and how they are asked.

mod receipt;
pub mod rules;

pub use receipt::Receipt;
