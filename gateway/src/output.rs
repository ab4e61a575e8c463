//! What commands print: text for people, or one JSON value.

use std::io::{self, Write};
use talos_shared::contracts::json::{self, Value};
use talos_shared::contracts::{Error, ErrorCode};

/// Something that was checked is invalid.
pub const INVALID: u8 = 3;
/// Sound, but not trusted.
pub const UNTRUSTED: u8 = 4;

/// Where results go.
pub struct Output {
    json: bool,
}

impl Output {
    pub fn new(json: bool) -> Self {
        Output { json }
    }

    /// Prints the text, or the value under `--json`. A reader that has gone away is no error.
    pub fn print(&self, text: &str, value: impl FnOnce() -> Value) {
        if self.json {
            line(&mut io::stdout().lock(), &json::canonical(&value()));
        } else {
            line(&mut io::stdout().lock(), text.trim_end().as_bytes());
        }
    }

    /// Prints an error with what to do about it, or its problem document under `--json`.
    pub fn error(&self, error: &Error) {
        if self.json {
            line(&mut io::stdout().lock(), &json::canonical(&error.to_problem()));
        }
        let text = format!("talos: {error}\n  {}", error.code.help());
        line(&mut io::stderr().lock(), text.as_bytes());
    }
}

fn line(out: &mut impl Write, bytes: &[u8]) {
    // Nobody is left to be told that the pipe is closed.
    let _ = out.write_all(bytes).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush());
}

/// The exit code that a code of the registry ends with.
pub fn exit_code(code: ErrorCode) -> u8 {
    let family = code.as_str().split('.').next().unwrap_or_default();
    match family {
        "trust" => UNTRUSTED,
        "malformed" | "signature" | "did" | "proof" | "checkpoint" | "receipt" | "bundle" | "policy" => INVALID,
        _ => 1,
    }
}
