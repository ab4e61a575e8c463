//! Talos kernel.
