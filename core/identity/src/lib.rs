//! Talos identity.
