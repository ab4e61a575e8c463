// Generated from contracts/operations/session.yaml by `cargo run -p talos-codegen`; do not edit.
//! Inputs and outputs of session.verify_static_key, session.verify_bundle, session.verify_one_time_key, session.read_frame, session.open, session.play.

use super::reader::Path;
use super::{Envelope, ErrorCode, SessionOpening, SessionPlay, SessionResult, SessionSeen, reader, writer};
use crate::json::Value;
use crate::scalar::{Hash, Salt};
use crate::{Error, json, scalar};

/// Input of `session.verify_static_key`.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionVerifyStaticKeyInput {
    /// The statement.
    pub envelope: Envelope,
    /// Whose it should be.
    pub owner: String,
    /// The time.
    pub now_ms: u64,
}

impl SessionVerifyStaticKeyInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [envelope, now_ms, owner] = reader::members(this, here, &["envelope", "now_ms", "owner"])?;
        Ok(Self {
            envelope: reader::required(this, envelope, here, "envelope", Envelope::read_at)?,
            owner: reader::required(this, owner, here, "owner", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
            now_ms: reader::required(this, now_ms, here, "now_ms", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(160);
        out.extend_from_slice(br#"{"envelope":"#);
        self.envelope.write(out);
        out.extend_from_slice(br#","now_ms":"#);
        writer::unsigned(self.now_ms, out);
        out.extend_from_slice(br#","owner":"#);
        json::write_string(&self.owner, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `session.verify_static_key`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionVerifyStaticKeyOutput {
    /// Whether it is theirs and valid now.
    pub valid: bool,
    /// Why the answer is false.
    pub reason: Option<ErrorCode>,
    /// The X25519 key.
    pub agree: Option<Hash>,
}

impl SessionVerifyStaticKeyOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [agree, reason, valid] = reader::members(this, here, &["agree", "reason", "valid"])?;
        Ok(Self {
            valid: reader::required(this, valid, here, "valid", reader::boolean)?,
            reason: reader::optional(reason, here, "reason", reader::error_code)?,
            agree: reader::optional(agree, here, "agree", reader::fixed)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.push(b'{');
        if let Some(x) = self.agree {
            out.extend_from_slice(br#""agree":""#);
            x.write(out);
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = self.reason {
            out.extend_from_slice(br#""reason":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.extend_from_slice(br#"","#);
        }
        out.extend_from_slice(br#""valid":"#);
        writer::boolean(self.valid, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `session.verify_bundle`.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionVerifyBundleInput {
    /// The bundle.
    pub envelope: Envelope,
    /// Whose it should be.
    pub owner: String,
    /// The time.
    pub now_ms: u64,
}

impl SessionVerifyBundleInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [envelope, now_ms, owner] = reader::members(this, here, &["envelope", "now_ms", "owner"])?;
        Ok(Self {
            envelope: reader::required(this, envelope, here, "envelope", Envelope::read_at)?,
            owner: reader::required(this, owner, here, "owner", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
            now_ms: reader::required(this, now_ms, here, "now_ms", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(160);
        out.extend_from_slice(br#"{"envelope":"#);
        self.envelope.write(out);
        out.extend_from_slice(br#","now_ms":"#);
        writer::unsigned(self.now_ms, out);
        out.extend_from_slice(br#","owner":"#);
        json::write_string(&self.owner, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `session.verify_bundle`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionVerifyBundleOutput {
    /// Whether it is theirs and valid now.
    pub valid: bool,
    /// Why the answer is false.
    pub reason: Option<ErrorCode>,
    /// The hash of the message that is signed; a handshake names it.
    pub hash: Option<Hash>,
    /// What the owner accepts, best first.
    pub suites: Option<Vec<u64>>,
}

impl SessionVerifyBundleOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [hash, reason, suites, valid] = reader::members(this, here, &["hash", "reason", "suites", "valid"])?;
        Ok(Self {
            valid: reader::required(this, valid, here, "valid", reader::boolean)?,
            reason: reader::optional(reason, here, "reason", reader::error_code)?,
            hash: reader::optional(hash, here, "hash", reader::fixed)?,
            suites: reader::optional(suites, here, "suites", |value, path| {
                reader::list(value, path, 0, 8, |value, path| reader::unsigned(value, path, 1, 65535))
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(160);
        out.push(b'{');
        if let Some(x) = self.hash {
            out.extend_from_slice(br#""hash":""#);
            x.write(out);
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = self.reason {
            out.extend_from_slice(br#""reason":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = &self.suites {
            out.extend_from_slice(br#""suites":"#);
            writer::list(x, out, |x, out| {
                writer::unsigned(*x, out);
            });
            out.push(b',');
        }
        out.extend_from_slice(br#""valid":"#);
        writer::boolean(self.valid, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `session.verify_one_time_key`.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionVerifyOneTimeKeyInput {
    /// The one-time key.
    pub envelope: Envelope,
    /// Whose it should be.
    pub owner: String,
    /// The time.
    pub now_ms: u64,
}

impl SessionVerifyOneTimeKeyInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [envelope, now_ms, owner] = reader::members(this, here, &["envelope", "now_ms", "owner"])?;
        Ok(Self {
            envelope: reader::required(this, envelope, here, "envelope", Envelope::read_at)?,
            owner: reader::required(this, owner, here, "owner", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
            now_ms: reader::required(this, now_ms, here, "now_ms", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(160);
        out.extend_from_slice(br#"{"envelope":"#);
        self.envelope.write(out);
        out.extend_from_slice(br#","now_ms":"#);
        writer::unsigned(self.now_ms, out);
        out.extend_from_slice(br#","owner":"#);
        json::write_string(&self.owner, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `session.verify_one_time_key`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionVerifyOneTimeKeyOutput {
    /// Whether it is theirs and valid now.
    pub valid: bool,
    /// Why the answer is false.
    pub reason: Option<ErrorCode>,
    /// Its id.
    pub id: Option<String>,
    /// Whether it has an ML-KEM key.
    pub hybrid: Option<bool>,
}

impl SessionVerifyOneTimeKeyOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [hybrid, id, reason, valid] = reader::members(this, here, &["hybrid", "id", "reason", "valid"])?;
        Ok(Self {
            valid: reader::required(this, valid, here, "valid", reader::boolean)?,
            reason: reader::optional(reason, here, "reason", reader::error_code)?,
            id: reader::optional(id, here, "id", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            hybrid: reader::optional(hybrid, here, "hybrid", reader::boolean)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.push(b'{');
        if let Some(x) = self.hybrid {
            out.extend_from_slice(br#""hybrid":"#);
            writer::boolean(x, out);
            out.push(b',');
        }
        if let Some(x) = &self.id {
            out.extend_from_slice(br#""id":"#);
            json::write_string(x, out);
            out.push(b',');
        }
        if let Some(x) = self.reason {
            out.extend_from_slice(br#""reason":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.extend_from_slice(br#"","#);
        }
        out.extend_from_slice(br#""valid":"#);
        writer::boolean(self.valid, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `session.read_frame`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionReadFrameInput {
    /// A frame or a container.
    pub bytes: Vec<u8>,
}

impl SessionReadFrameInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [bytes] = reader::members(this, here, &["bytes"])?;
        Ok(Self {
            bytes: reader::required(this, bytes, here, "bytes", |value, path| reader::bytes(value, path, 22369622))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"bytes":""#);
        writer::bytes(&self.bytes, out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `session.read_frame`.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionReadFrameOutput {
    /// What is said to be in it.
    pub kind: SessionFrameKind,
    /// The suite.
    pub suite: u64,
    /// The session.
    pub sid: Salt,
    /// DHs, the sender's public ratchet key.
    pub ratchet_key: Hash,
    /// PN.
    pub previous: u64,
    /// N.
    pub number: u64,
    /// The hash of the frame.
    pub frame_hash: Hash,
    /// Of a container: who began the session.
    pub initiator: Option<String>,
    /// Of a container: with whom.
    pub responder: Option<String>,
}

impl SessionReadFrameOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [frame_hash, initiator, kind, number, previous, ratchet_key, responder, sid, suite] = reader::members(
            this,
            here,
            &["frame_hash", "initiator", "kind", "number", "previous", "ratchet_key", "responder", "sid", "suite"],
        )?;
        Ok(Self {
            kind: reader::required(this, kind, here, "kind", SessionFrameKind::read_at)?,
            suite: reader::required(this, suite, here, "suite", |value, path| reader::unsigned(value, path, 1, 65535))?,
            sid: reader::required(this, sid, here, "sid", reader::fixed)?,
            ratchet_key: reader::required(this, ratchet_key, here, "ratchet_key", reader::fixed)?,
            previous: reader::required(this, previous, here, "previous", |value, path| {
                reader::unsigned(value, path, 0, 4294967295)
            })?,
            number: reader::required(this, number, here, "number", |value, path| {
                reader::unsigned(value, path, 0, 4294967295)
            })?,
            frame_hash: reader::required(this, frame_hash, here, "frame_hash", reader::fixed)?,
            initiator: reader::optional(initiator, here, "initiator", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
            responder: reader::optional(responder, here, "responder", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(416);
        out.extend_from_slice(br#"{"frame_hash":""#);
        self.frame_hash.write(out);
        out.push(b'"');
        if let Some(x) = &self.initiator {
            out.extend_from_slice(br#","initiator":"#);
            json::write_string(x, out);
        }
        out.extend_from_slice(br#","kind":""#);
        out.extend_from_slice(self.kind.as_str().as_bytes());
        out.extend_from_slice(br#"","number":"#);
        writer::unsigned(self.number, out);
        out.extend_from_slice(br#","previous":"#);
        writer::unsigned(self.previous, out);
        out.extend_from_slice(br#","ratchet_key":""#);
        self.ratchet_key.write(out);
        out.push(b'"');
        if let Some(x) = &self.responder {
            out.extend_from_slice(br#","responder":"#);
            json::write_string(x, out);
        }
        out.extend_from_slice(br#","sid":""#);
        self.sid.write(out);
        out.extend_from_slice(br#"","suite":"#);
        writer::unsigned(self.suite, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// What is said to be in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SessionFrameKind {
    /// Data.
    Message,
    /// The sender is done.
    Close,
    /// The sender cannot read what is sent to it.
    Reset,
}

impl SessionFrameKind {
    /// Every value, in order.
    pub const ALL: &'static [SessionFrameKind] =
        &[SessionFrameKind::Message, SessionFrameKind::Close, SessionFrameKind::Reset];

    const WORDS: &'static [&'static str] = &["message", "close", "reset"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            SessionFrameKind::Message => "message",
            SessionFrameKind::Close => "close",
            SessionFrameKind::Reset => "reset",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "message" => Some(SessionFrameKind::Message),
            "close" => Some(SessionFrameKind::Close),
            "reset" => Some(SessionFrameKind::Reset),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for SessionFrameKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Input of `session.open`.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionOpenInput {
    /// What is disclosed.
    pub opening: SessionOpening,
    /// The hash that the receipt names.
    pub frame_hash: Hash,
}

impl SessionOpenInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [frame_hash, opening] = reader::members(this, here, &["frame_hash", "opening"])?;
        Ok(Self {
            opening: reader::required(this, opening, here, "opening", SessionOpening::read_at)?,
            frame_hash: reader::required(this, frame_hash, here, "frame_hash", reader::fixed)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.extend_from_slice(br#"{"frame_hash":""#);
        self.frame_hash.write(out);
        out.extend_from_slice(br#"","opening":"#);
        self.opening.write(out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `session.open`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionOpenOutput {
    /// Whether what is disclosed is of the frame of the receipt.
    pub valid: bool,
    /// Why the answer is false.
    pub reason: Option<ErrorCode>,
    /// The message; of a close or a reset notice nothing.
    pub data: Option<Vec<u8>>,
    /// The session.
    pub sid: Option<Salt>,
}

impl SessionOpenOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [data, reason, sid, valid] = reader::members(this, here, &["data", "reason", "sid", "valid"])?;
        Ok(Self {
            valid: reader::required(this, valid, here, "valid", reader::boolean)?,
            reason: reader::optional(reason, here, "reason", reader::error_code)?,
            data: reader::optional(data, here, "data", |value, path| reader::bytes(value, path, 22369622))?,
            sid: reader::optional(sid, here, "sid", reader::fixed)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.push(b'{');
        if let Some(x) = &self.data {
            out.extend_from_slice(br#""data":""#);
            writer::bytes(x, out);
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = self.reason {
            out.extend_from_slice(br#""reason":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = self.sid {
            out.extend_from_slice(br#""sid":""#);
            x.write(out);
            out.extend_from_slice(br#"","#);
        }
        out.extend_from_slice(br#""valid":"#);
        writer::boolean(self.valid, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `session.play`.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionPlayInput {
    /// The agents and their acts.
    pub play: SessionPlay,
}

impl SessionPlayInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [play] = reader::members(this, here, &["play"])?;
        Ok(Self { play: reader::required(this, play, here, "play", SessionPlay::read_at)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"play":"#);
        self.play.write(out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `session.play`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionPlayOutput {
    /// What came of each act, in order.
    pub results: Vec<SessionResult>,
    /// Where the sessions stand in the end, by agent and name.
    pub sessions: Vec<SessionSeen>,
}

impl SessionPlayOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [results, sessions] = reader::members(this, here, &["results", "sessions"])?;
        Ok(Self {
            results: reader::required(this, results, here, "results", |value, path| {
                reader::list(value, path, 0, 4096, SessionResult::read_at)
            })?,
            sessions: reader::required(this, sessions, here, "sessions", |value, path| {
                reader::list(value, path, 0, 4096, SessionSeen::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"results":"#);
        writer::list(&self.results, out, |x, out| {
            x.write(out);
        });
        out.extend_from_slice(br#","sessions":"#);
        writer::list(&self.sessions, out, |x, out| {
            x.write(out);
        });
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}
