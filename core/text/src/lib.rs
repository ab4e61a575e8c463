//! Talos text.
