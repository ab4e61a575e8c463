//! Talos policy.
