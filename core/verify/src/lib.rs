//! Talos verify.
