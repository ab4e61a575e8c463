//! Talos contracts.
