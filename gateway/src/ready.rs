//! The policies to begin with (`policies/`), in the program itself.

use talos_shared::contracts::{Error, ErrorCode};

/// A policy to begin with, and its cases.
pub struct Ready {
    pub name: &'static str,
    pub policy: &'static str,
    pub cases: &'static str,
}

macro_rules! ready {
    ($($name:literal),*) => {
        &[$(Ready {
            name: $name,
            policy: include_str!(concat!("../../policies/", $name, ".yaml")),
            cases: include_str!(concat!("../../policies/", $name, ".test.yaml")),
        }),*]
    };
}

/// All of them, in the order of `policies/README.md`.
pub const READY: &[Ready] = ready!["filesystem", "git", "sql", "browser", "mail", "payments", "shell", "agents"];

/// Their names, for people.
pub fn names() -> String {
    READY.iter().map(|ready| ready.name).collect::<Vec<_>>().join(", ")
}

/// The one of this name.
pub fn find(name: &str) -> Result<&'static Ready, Error> {
    let missing = || Error::new(ErrorCode::PolicyNoPolicy, format!("no ready policy {name:?}: one of {}", names()));
    READY.iter().find(|ready| ready.name == name).ok_or_else(missing)
}
