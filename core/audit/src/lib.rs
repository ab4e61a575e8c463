//! Talos audit.
