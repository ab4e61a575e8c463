// Generated from contracts/schemas/client_session.json by `cargo run -p talos-codegen`; do not edit.
//! A session of a client, as it is shown (docs/spec/client.md).

use super::reader::Path;
use super::{Seed, reader, writer};
use crate::json::Value;
use crate::scalar::{Hash, Salt};
use crate::{Error, json, scalar};

/// A session of a client, as it is shown (docs/spec/client.md).
#[derive(Clone, Debug, PartialEq)]
pub struct ClientSession {
    /// The other side.
    pub peer: String,
    /// Its name.
    pub sid: Salt,
    /// Its suite.
    pub suite: u64,
    /// Whether this side began it.
    pub initiator: bool,
    /// Whether the other side is known to have it.
    pub answered: bool,
    /// Whether it seals no more.
    pub retired: bool,
    /// Whether it is the one to send on.
    pub current: bool,
}

impl ClientSession {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [answered, current, initiator, peer, retired, sid, suite] =
            reader::members(this, here, &["answered", "current", "initiator", "peer", "retired", "sid", "suite"])?;
        Ok(Self {
            peer: reader::required(this, peer, here, "peer", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
            sid: reader::required(this, sid, here, "sid", reader::fixed)?,
            suite: reader::required(this, suite, here, "suite", |value, path| reader::unsigned(value, path, 1, 65535))?,
            initiator: reader::required(this, initiator, here, "initiator", reader::boolean)?,
            answered: reader::required(this, answered, here, "answered", reader::boolean)?,
            retired: reader::required(this, retired, here, "retired", reader::boolean)?,
            current: reader::required(this, current, here, "current", reader::boolean)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(256);
        out.extend_from_slice(br#"{"answered":"#);
        writer::boolean(self.answered, out);
        out.extend_from_slice(br#","current":"#);
        writer::boolean(self.current, out);
        out.extend_from_slice(br#","initiator":"#);
        writer::boolean(self.initiator, out);
        out.extend_from_slice(br#","peer":"#);
        json::write_string(&self.peer, out);
        out.extend_from_slice(br#","retired":"#);
        writer::boolean(self.retired, out);
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

/// A message that was opened.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientMessage {
    /// Who sealed it.
    pub peer: String,
    /// The message.
    pub data: Vec<u8>,
    /// SHA-256 of the message.
    pub message_hash: Hash,
    /// The hash of its frame, which its receipt names.
    pub frame_hash: Hash,
    /// The session.
    pub sid: Salt,
    /// When it was opened.
    pub received: u64,
    /// The receipt of its arrival.
    pub receipt_id: Option<Hash>,
    /// Where it began the session: what is known of the peer.
    pub began: Option<ClientBegan>,
}

impl ClientMessage {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [began, data, frame_hash, message_hash, peer, receipt_id, received, sid] = reader::members(
            this,
            here,
            &["began", "data", "frame_hash", "message_hash", "peer", "receipt_id", "received", "sid"],
        )?;
        Ok(Self {
            peer: reader::required(this, peer, here, "peer", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
            data: reader::required(this, data, here, "data", |value, path| reader::bytes(value, path, 22369622))?,
            message_hash: reader::required(this, message_hash, here, "message_hash", reader::fixed)?,
            frame_hash: reader::required(this, frame_hash, here, "frame_hash", reader::fixed)?,
            sid: reader::required(this, sid, here, "sid", reader::fixed)?,
            received: reader::required(this, received, here, "received", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            receipt_id: reader::optional(receipt_id, here, "receipt_id", reader::fixed)?,
            began: reader::optional(began, here, "began", ClientBegan::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(384);
        out.push(b'{');
        if let Some(x) = self.began {
            out.extend_from_slice(br#""began":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.extend_from_slice(br#"","#);
        }
        out.extend_from_slice(br#""data":""#);
        writer::bytes(&self.data, out);
        out.extend_from_slice(br#"","frame_hash":""#);
        self.frame_hash.write(out);
        out.extend_from_slice(br#"","message_hash":""#);
        self.message_hash.write(out);
        out.extend_from_slice(br#"","peer":"#);
        json::write_string(&self.peer, out);
        if let Some(x) = self.receipt_id {
            out.extend_from_slice(br#","receipt_id":""#);
            x.write(out);
            out.push(b'"');
        }
        out.extend_from_slice(br#","received":"#);
        writer::unsigned(self.received, out);
        out.extend_from_slice(br#","sid":""#);
        self.sid.write(out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Where it began the session: what is known of the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClientBegan {
    /// There was no answered session with it.
    First,
    /// It renewed one.
    Renewed,
    /// There was one, and this does not follow from it.
    Fresh,
}

impl ClientBegan {
    /// Every value, in order.
    pub const ALL: &'static [ClientBegan] = &[ClientBegan::First, ClientBegan::Renewed, ClientBegan::Fresh];

    const WORDS: &'static [&'static str] = &["first", "renewed", "fresh"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            ClientBegan::First => "first",
            ClientBegan::Renewed => "renewed",
            ClientBegan::Fresh => "fresh",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "first" => Some(ClientBegan::First),
            "renewed" => Some(ClientBegan::Renewed),
            "fresh" => Some(ClientBegan::Fresh),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for ClientBegan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A frame that waits to be carried to a peer.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientFrame {
    /// SHA-256 of the bytes.
    pub id: Hash,
    /// To whom.
    pub peer: String,
    /// A frame or a container.
    pub bytes: Vec<u8>,
}

impl ClientFrame {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [bytes, id, peer] = reader::members(this, here, &["bytes", "id", "peer"])?;
        Ok(Self {
            id: reader::required(this, id, here, "id", reader::fixed)?,
            peer: reader::required(this, peer, here, "peer", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
            bytes: reader::required(this, bytes, here, "bytes", |value, path| reader::bytes(value, path, 22369622))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(192);
        out.extend_from_slice(br#"{"bytes":""#);
        writer::bytes(&self.bytes, out);
        out.extend_from_slice(br#"","id":""#);
        self.id.write(out);
        out.extend_from_slice(br#"","peer":"#);
        json::write_string(&self.peer, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// What discloses one message of a session, and no other.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionOpening {
    /// The frame.
    pub frame: Vec<u8>,
    /// th of its session.
    pub transcript_hash: Hash,
    /// mk.
    pub message_key: Seed,
}

impl SessionOpening {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [frame, message_key, transcript_hash] =
            reader::members(this, here, &["frame", "message_key", "transcript_hash"])?;
        Ok(Self {
            frame: reader::required(this, frame, here, "frame", |value, path| reader::bytes(value, path, 22369622))?,
            transcript_hash: reader::required(this, transcript_hash, here, "transcript_hash", reader::fixed)?,
            message_key: reader::required(this, message_key, here, "message_key", reader::seed)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(192);
        out.extend_from_slice(br#"{"frame":""#);
        writer::bytes(&self.frame, out);
        out.extend_from_slice(br#"","message_key":""#);
        writer::bytes(self.message_key.expose(), out);
        out.extend_from_slice(br#"","transcript_hash":""#);
        self.transcript_hash.write(out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}
