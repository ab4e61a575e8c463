//! `talos policy` as people use it, and the ready policies of `policies/` with their cases.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod commands;
mod ready;
mod replay;

use std::path::Path;
use std::process::{Command, Output};

/// Runs `talos policy`.
pub fn policy(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_talos")).arg("policy").args(args).output().unwrap()
}

/// What it printed.
pub fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Writes a file, and gives its path.
pub fn write(dir: &Path, name: &str, text: &str) -> String {
    let path = dir.join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}
