//! `talos session`: what is said between agents, for those whom a party has told.

use crate::output::{INVALID, Output, exit_code, read_named};
use clap::Subcommand;
use std::fs;
use std::path::{Path, PathBuf};
use talos_shared::contracts::json::{self, Profile, Value};
use talos_shared::contracts::scalar::{B64, Hash, encode_b64url};
use talos_shared::contracts::{Error, ErrorCode, SessionOpening};
use talos_shared::session::{Frame, MessageKey, opening};
use talos_shared::verify::{self, Trust, is_untrusted};

/// Bytes of an opening: a frame of the largest size as base64url, and its keys.
const OPENING_BYTES: usize = 24 << 20;
/// Bytes of a bundle.
const BUNDLE_BYTES: usize = 24 << 20;

#[derive(Subcommand)]
pub enum Command {
    /// Open one message, which a party discloses, against the receipt that names its frame.
    #[command(after_help = HELP)]
    Open {
        /// What the party discloses: a file with JSON, {frame, transcript_hash, message_key}.
        #[arg(value_name = "FILE")]
        opening: PathBuf,
        /// The bundle of the receipt, verified with the trust that you give.
        #[arg(long, value_name = "FILE", required_unless_present = "frame_hash")]
        bundle: Option<PathBuf>,
        /// The verifier key of a log that you trust. May be repeated.
        #[arg(long = "log-key", value_name = "VKEY", requires = "bundle")]
        log_keys: Vec<String>,
        /// The DID of an issuer that you trust. May be repeated.
        #[arg(long = "issuer", value_name = "DID", requires = "bundle")]
        issuers: Vec<String>,
        /// The hash of the frame, where the receipt was verified elsewhere.
        #[arg(long, value_name = "HASH", conflicts_with = "bundle")]
        frame_hash: Option<String>,
        /// Where to write the message [default: standard output].
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

const HELP: &str =
    "The message is opened if, and only if, the receipt names its frame. It opens no other message of the session.
The opening says neither who of the two wrote the message nor when: the receipt says what its issuer vouches for.";

pub fn run(command: &Command, output: &Output) -> Result<i32, Error> {
    let Command::Open { opening, bundle, log_keys, issuers, frame_hash, out } = command;
    let named = match (bundle, frame_hash) {
        (Some(bundle), _) => by_bundle(bundle, &Trust::parse(log_keys, issuers)?),
        (None, hash) => hash
            .as_deref()
            .and_then(B64::from_b64)
            .ok_or_else(|| Error::new(ErrorCode::MalformedBase64, "a frame hash is 43 characters of base64url")),
    };
    let opened = named.and_then(|hash| open(opening, &hash).map(|data| (hash, data)));
    match opened {
        Ok((hash, data)) => told(&hash, &data, out.as_deref(), output),
        Err(error) if is_verdict(error.code) => {
            output.print(&format!("invalid: {error}\n  {}", error.code.help()), || {
                Value::object([("valid", Value::from(false)), ("reason", Value::from(error.code.as_str()))])
            });
            Ok(i32::from(if is_untrusted(error.code) { exit_code(error.code) } else { INVALID }))
        }
        Err(error) => Err(error),
    }
}

/// Whether an error says what was found, rather than that it could not be looked at.
fn is_verdict(code: ErrorCode) -> bool {
    !matches!(code.as_str().split('.').next(), Some("input" | "store"))
}

/// The frame that a receipt names, once its bundle verifies.
fn by_bundle(path: &Path, trust: &Trust) -> Result<Hash, Error> {
    let verified = verify::bundle(&read_named(path, BUNDLE_BYTES)?, trust)?;
    let frame_hash = verified.receipt.session.and_then(|session| session.frame_hash);
    frame_hash.ok_or_else(|| Error::new(ErrorCode::SessionOpeningMismatch, "the receipt names no frame"))
}

fn open(path: &Path, frame_hash: &Hash) -> Result<(Vec<u8>, String), Error> {
    let value = json::parse(&read_named(path, OPENING_BYTES)?, Profile::Data)?;
    let disclosed = SessionOpening::read(&value)?;
    let key = MessageKey::from_bytes(disclosed.message_key.expose());
    let data = opening::open(&disclosed.frame, frame_hash, &disclosed.transcript_hash, &key)?;
    let sid = Frame::parse(&disclosed.frame)?.header().sid;
    Ok((data.to_vec(), sid.to_contract().to_b64()))
}

fn told(hash: &Hash, (data, sid): &(Vec<u8>, String), out: Option<&Path>, output: &Output) -> Result<i32, Error> {
    if let Some(path) = out {
        fs::write(path, data).map_err(|e| Error::new(ErrorCode::StoreIo, format!("{}: {e}", path.display())))?;
    }
    let shown = match (out, std::str::from_utf8(data)) {
        (Some(path), _) => format!("{} bytes in {}", data.len(), path.display()),
        (None, Ok(text)) => text.to_owned(),
        (None, Err(_)) => format!("{} bytes that are no text: name a file with --out", data.len()),
    };
    output.print(&format!("valid: frame {hash} of session {sid}\n{shown}"), || {
        Value::object([
            ("valid", Value::from(true)),
            ("frame_hash", Value::from(hash.to_b64())),
            ("sid", Value::from(sid.as_str())),
            ("data", Value::from(encode_b64url(data))),
        ])
    });
    Ok(0)
}
