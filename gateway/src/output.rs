//! What commands print: text for people, or one JSON value.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
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

    /// Whether results are JSON.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Prints the text, or the value under `--json`. A reader that has gone away is no error.
    pub fn print(&self, text: &str, value: impl FnOnce() -> Value) {
        if self.json {
            line(&mut io::stdout().lock(), &json::canonical(&value()));
        } else {
            line(&mut io::stdout().lock(), text.trim_end().as_bytes());
        }
    }

    /// Says something beside the result.
    pub fn warn(&self, text: &str) {
        line(&mut io::stderr().lock(), format!("talos: {text}").as_bytes());
    }

    /// Makes room for the next screen, where people look at it.
    pub fn clear(&self) {
        if !self.json && io::stdout().is_terminal() {
            line(&mut io::stdout().lock(), b"\x1b[H\x1b[2J");
        }
    }

    /// Says something to whoever sits at the terminal, beside the result.
    pub fn say(&self, text: &str) {
        line(&mut io::stderr().lock(), text.trim_end().as_bytes());
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

/// Reads a file that the user named, up to a size.
pub fn read_named(path: &Path, most: usize) -> Result<Vec<u8>, Error> {
    let unreadable = |why: String| Error::new(ErrorCode::InputUnreadable, format!("{}: {why}", path.display()));
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|e| unreadable(e.to_string()))?;
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(|e| unreadable(e.to_string()))?;
    if bytes.len() > most {
        return Err(Error::new(ErrorCode::MalformedSize, format!("{}: larger than {most} bytes", path.display())));
    }
    Ok(bytes)
}

fn line(out: &mut impl Write, bytes: &[u8]) {
    // Nobody is left to be told that the pipe is closed.
    let _ = out.write_all(bytes).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush());
}

/// The exit code that a code of the registry ends with.
pub fn exit_code(code: ErrorCode) -> u8 {
    // Nothing was checked: it is not there.
    if matches!(code, ErrorCode::ReceiptUnknown | ErrorCode::ReceiptBodyMissing | ErrorCode::PolicyNoPolicy) {
        return 1;
    }
    let family = code.as_str().split('.').next().unwrap_or_default();
    match family {
        "trust" => UNTRUSTED,
        "malformed" | "signature" | "did" | "proof" | "checkpoint" | "receipt" | "bundle" | "policy" => INVALID,
        _ => 1,
    }
}
