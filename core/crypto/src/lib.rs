//! Talos crypto.
