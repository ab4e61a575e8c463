// Generated from contracts/operations/client.yaml by `cargo run -p talos-codegen`; do not edit.
//! Inputs and outputs of client.open, client.establish, client.send, client.receive, client.unconfirmed, client.outgoing, client.carried, client.incoming, client.sessions, client.end, client.prove, client.delivery, client.verify_proof, client.disclose, client.close.

use super::reader::Path;
use super::{
    Bundle, ClientFrame, ClientMessage, ClientSession, Envelope, ErrorCode, SessionOpening, SessionRules, reader,
    writer,
};
use crate::json::Value;
use crate::scalar::{Hash, Salt};
use crate::{Error, json, scalar};

/// Input of `client.open`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientOpenInput {
    /// The agent; its keys are made on first use.
    pub agent: String,
    /// The base URL of the mailbox; absent: of talos.toml or $TALOS_MAILBOX, else none, and the host carries the frames.
    pub mailbox: Option<String>,
    /// What the policy of an agent says of sessions.
    pub rules: Option<SessionRules>,
    /// For how many days the frame and the key of each message are kept, so that it can be disclosed: whoever has them can read it; absent: 0, neither is kept.
    pub keep_days: Option<u64>,
}

impl ClientOpenInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [agent, keep_days, mailbox, rules] =
            reader::members(this, here, &["agent", "keep_days", "mailbox", "rules"])?;
        Ok(Self {
            agent: reader::required(this, agent, here, "agent", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            mailbox: reader::optional(mailbox, here, "mailbox", |value, path| reader::text(value, path, 1, 512))?,
            rules: reader::optional(rules, here, "rules", SessionRules::read_at)?,
            keep_days: reader::optional(keep_days, here, "keep_days", |value, path| {
                reader::unsigned(value, path, 0, 3650)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(160);
        out.extend_from_slice(br#"{"agent":"#);
        json::write_string(&self.agent, out);
        if let Some(x) = self.keep_days {
            out.extend_from_slice(br#","keep_days":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = &self.mailbox {
            out.extend_from_slice(br#","mailbox":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.rules {
            out.extend_from_slice(br#","rules":"#);
            x.write(out);
        }
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `client.open`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientOpenOutput {
    /// A name: lower-case letters, digits, - and _, the first a letter or digit.
    pub agent: String,
    /// A did:key.
    pub did: String,
    /// Its prekey bundle, for peers that the mailbox does not serve.
    pub bundle: Envelope,
    /// The mailbox; absent: none.
    pub mailbox: Option<String>,
}

impl ClientOpenOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [agent, bundle, did, mailbox] = reader::members(this, here, &["agent", "bundle", "did", "mailbox"])?;
        Ok(Self {
            agent: reader::required(this, agent, here, "agent", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            did: reader::required(this, did, here, "did", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
            bundle: reader::required(this, bundle, here, "bundle", Envelope::read_at)?,
            mailbox: reader::optional(mailbox, here, "mailbox", |value, path| reader::text(value, path, 1, 512))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(224);
        out.extend_from_slice(br#"{"agent":"#);
        json::write_string(&self.agent, out);
        out.extend_from_slice(br#","bundle":"#);
        self.bundle.write(out);
        out.extend_from_slice(br#","did":"#);
        json::write_string(&self.did, out);
        if let Some(x) = &self.mailbox {
            out.extend_from_slice(br#","mailbox":"#);
            json::write_string(x, out);
        }
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `client.establish`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientEstablishInput {
    /// A name: lower-case letters, digits, - and _, the first a letter or digit.
    pub agent: String,
    /// The other side.
    pub peer: String,
    /// Its bundle; absent: asked of the mailbox.
    pub bundle: Option<Envelope>,
    /// A one-time key of it; absent: none, or the mailbox's.
    pub one_time_key: Option<Envelope>,
}

impl ClientEstablishInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [agent, bundle, one_time_key, peer] =
            reader::members(this, here, &["agent", "bundle", "one_time_key", "peer"])?;
        Ok(Self {
            agent: reader::required(this, agent, here, "agent", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            peer: reader::required(this, peer, here, "peer", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
            bundle: reader::optional(bundle, here, "bundle", Envelope::read_at)?,
            one_time_key: reader::optional(one_time_key, here, "one_time_key", Envelope::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(224);
        out.extend_from_slice(br#"{"agent":"#);
        json::write_string(&self.agent, out);
        if let Some(x) = &self.bundle {
            out.extend_from_slice(br#","bundle":"#);
            x.write(out);
        }
        if let Some(x) = &self.one_time_key {
            out.extend_from_slice(br#","one_time_key":"#);
            x.write(out);
        }
        out.extend_from_slice(br#","peer":"#);
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

/// Output of `client.establish`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientEstablishOutput {
    /// A session of a client, as it is shown (docs/spec/client.md).
    pub session: ClientSession,
}

impl ClientEstablishOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [session] = reader::members(this, here, &["session"])?;
        Ok(Self { session: reader::required(this, session, here, "session", ClientSession::read_at)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"session":"#);
        self.session.write(out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `client.send`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientSendInput {
    /// A name: lower-case letters, digits, - and _, the first a letter or digit.
    pub agent: String,
    /// To whom.
    pub peer: String,
    /// The message.
    pub data: Vec<u8>,
    /// How long to wait while too much is on its way; absent: 30,000.
    pub wait_ms: Option<u64>,
}

impl ClientSendInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [agent, data, peer, wait_ms] = reader::members(this, here, &["agent", "data", "peer", "wait_ms"])?;
        Ok(Self {
            agent: reader::required(this, agent, here, "agent", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            peer: reader::required(this, peer, here, "peer", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
            data: reader::required(this, data, here, "data", |value, path| reader::bytes(value, path, 22369622))?,
            wait_ms: reader::optional(wait_ms, here, "wait_ms", |value, path| {
                reader::unsigned(value, path, 0, 600000)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(192);
        out.extend_from_slice(br#"{"agent":"#);
        json::write_string(&self.agent, out);
        out.extend_from_slice(br#","data":""#);
        writer::bytes(&self.data, out);
        out.extend_from_slice(br#"","peer":"#);
        json::write_string(&self.peer, out);
        if let Some(x) = self.wait_ms {
            out.extend_from_slice(br#","wait_ms":"#);
            writer::unsigned(x, out);
        }
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `client.send`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientSendOutput {
    /// SHA-256 of the message.
    pub message_hash: Hash,
    /// The hash of its frame, which its receipt names.
    pub frame_hash: Hash,
    /// The session.
    pub sid: Salt,
    /// The receipt that names the frame.
    pub receipt_id: Hash,
}

impl ClientSendOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [frame_hash, message_hash, receipt_id, sid] =
            reader::members(this, here, &["frame_hash", "message_hash", "receipt_id", "sid"])?;
        Ok(Self {
            message_hash: reader::required(this, message_hash, here, "message_hash", reader::fixed)?,
            frame_hash: reader::required(this, frame_hash, here, "frame_hash", reader::fixed)?,
            sid: reader::required(this, sid, here, "sid", reader::fixed)?,
            receipt_id: reader::required(this, receipt_id, here, "receipt_id", reader::fixed)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(224);
        out.extend_from_slice(br#"{"frame_hash":""#);
        self.frame_hash.write(out);
        out.extend_from_slice(br#"","message_hash":""#);
        self.message_hash.write(out);
        out.extend_from_slice(br#"","receipt_id":""#);
        self.receipt_id.write(out);
        out.extend_from_slice(br#"","sid":""#);
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

/// Input of `client.receive`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientReceiveInput {
    /// A name: lower-case letters, digits, - and _, the first a letter or digit.
    pub agent: String,
    /// How long to wait for the first; absent: 0.
    pub wait_ms: Option<u64>,
    /// How many at most; absent: 64.
    pub max: Option<u64>,
}

impl ClientReceiveInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [agent, max, wait_ms] = reader::members(this, here, &["agent", "max", "wait_ms"])?;
        Ok(Self {
            agent: reader::required(this, agent, here, "agent", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            wait_ms: reader::optional(wait_ms, here, "wait_ms", |value, path| {
                reader::unsigned(value, path, 0, 600000)
            })?,
            max: reader::optional(max, here, "max", |value, path| reader::unsigned(value, path, 1, 256))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"agent":"#);
        json::write_string(&self.agent, out);
        if let Some(x) = self.max {
            out.extend_from_slice(br#","max":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = self.wait_ms {
            out.extend_from_slice(br#","wait_ms":"#);
            writer::unsigned(x, out);
        }
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `client.receive`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientReceiveOutput {
    /// The messages, in the order in which they were opened.
    pub messages: Vec<ClientMessage>,
}

impl ClientReceiveOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [messages] = reader::members(this, here, &["messages"])?;
        Ok(Self {
            messages: reader::required(this, messages, here, "messages", |value, path| {
                reader::list(value, path, 0, 256, ClientMessage::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"messages":"#);
        writer::list(&self.messages, out, |x, out| {
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

/// Input of `client.unconfirmed`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientUnconfirmedInput {
    /// A name: lower-case letters, digits, - and _, the first a letter or digit.
    pub agent: String,
}

impl ClientUnconfirmedInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [agent] = reader::members(this, here, &["agent"])?;
        Ok(Self {
            agent: reader::required(this, agent, here, "agent", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"agent":"#);
        json::write_string(&self.agent, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `client.unconfirmed`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientUnconfirmedOutput {
    /// The messages, in the order in which they were opened.
    pub messages: Vec<ClientMessage>,
}

impl ClientUnconfirmedOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [messages] = reader::members(this, here, &["messages"])?;
        Ok(Self {
            messages: reader::required(this, messages, here, "messages", |value, path| {
                reader::list(value, path, 0, 256, ClientMessage::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"messages":"#);
        writer::list(&self.messages, out, |x, out| {
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

/// Input of `client.outgoing`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientOutgoingInput {
    /// A name: lower-case letters, digits, - and _, the first a letter or digit.
    pub agent: String,
    /// How many at most; absent: 64.
    pub max: Option<u64>,
}

impl ClientOutgoingInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [agent, max] = reader::members(this, here, &["agent", "max"])?;
        Ok(Self {
            agent: reader::required(this, agent, here, "agent", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            max: reader::optional(max, here, "max", |value, path| reader::unsigned(value, path, 1, 256))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"agent":"#);
        json::write_string(&self.agent, out);
        if let Some(x) = self.max {
            out.extend_from_slice(br#","max":"#);
            writer::unsigned(x, out);
        }
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `client.outgoing`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientOutgoingOutput {
    /// The frames, oldest first.
    pub frames: Vec<ClientFrame>,
}

impl ClientOutgoingOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [frames] = reader::members(this, here, &["frames"])?;
        Ok(Self {
            frames: reader::required(this, frames, here, "frames", |value, path| {
                reader::list(value, path, 0, 256, ClientFrame::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"frames":"#);
        writer::list(&self.frames, out, |x, out| {
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

/// Input of `client.carried`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientCarriedInput {
    /// A name: lower-case letters, digits, - and _, the first a letter or digit.
    pub agent: String,
    /// Their ids.
    pub ids: Vec<Hash>,
}

impl ClientCarriedInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [agent, ids] = reader::members(this, here, &["agent", "ids"])?;
        Ok(Self {
            agent: reader::required(this, agent, here, "agent", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            ids: reader::required(this, ids, here, "ids", |value, path| {
                reader::list(value, path, 1, 256, reader::fixed)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"agent":"#);
        json::write_string(&self.agent, out);
        out.extend_from_slice(br#","ids":"#);
        writer::list(&self.ids, out, |x, out| {
            out.push(b'"');
            x.write(out);
            out.push(b'"');
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

/// Output of `client.carried`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientCarriedOutput {
    /// How many of them were there.
    pub erased: u64,
}

impl ClientCarriedOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [erased] = reader::members(this, here, &["erased"])?;
        Ok(Self {
            erased: reader::required(this, erased, here, "erased", |value, path| {
                reader::unsigned(value, path, 0, 256)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(32);
        out.extend_from_slice(br#"{"erased":"#);
        writer::unsigned(self.erased, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `client.incoming`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientIncomingInput {
    /// A name: lower-case letters, digits, - and _, the first a letter or digit.
    pub agent: String,
    /// A frame or a container.
    pub bytes: Vec<u8>,
}

impl ClientIncomingInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [agent, bytes] = reader::members(this, here, &["agent", "bytes"])?;
        Ok(Self {
            agent: reader::required(this, agent, here, "agent", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            bytes: reader::required(this, bytes, here, "bytes", |value, path| reader::bytes(value, path, 22369622))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"agent":"#);
        json::write_string(&self.agent, out);
        out.extend_from_slice(br#","bytes":""#);
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

/// Output of `client.incoming`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientIncomingOutput {
    /// The hash of the frame.
    pub frame_hash: Hash,
    /// Who sealed it.
    pub peer: String,
}

impl ClientIncomingOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [frame_hash, peer] = reader::members(this, here, &["frame_hash", "peer"])?;
        Ok(Self {
            frame_hash: reader::required(this, frame_hash, here, "frame_hash", reader::fixed)?,
            peer: reader::required(this, peer, here, "peer", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(160);
        out.extend_from_slice(br#"{"frame_hash":""#);
        self.frame_hash.write(out);
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

/// Input of `client.sessions`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientSessionsInput {
    /// A name: lower-case letters, digits, - and _, the first a letter or digit.
    pub agent: String,
    /// Only those with this peer; absent: all.
    pub peer: Option<String>,
}

impl ClientSessionsInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [agent, peer] = reader::members(this, here, &["agent", "peer"])?;
        Ok(Self {
            agent: reader::required(this, agent, here, "agent", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            peer: reader::optional(peer, here, "peer", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.extend_from_slice(br#"{"agent":"#);
        json::write_string(&self.agent, out);
        if let Some(x) = &self.peer {
            out.extend_from_slice(br#","peer":"#);
            json::write_string(x, out);
        }
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `client.sessions`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientSessionsOutput {
    /// The sessions.
    pub sessions: Vec<ClientSession>,
    /// Frames that wait to go out.
    pub outgoing: u64,
    /// Messages that wait for the host.
    pub incoming: u64,
}

impl ClientSessionsOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [incoming, outgoing, sessions] = reader::members(this, here, &["incoming", "outgoing", "sessions"])?;
        Ok(Self {
            sessions: reader::required(this, sessions, here, "sessions", |value, path| {
                reader::list(value, path, 0, 65536, ClientSession::read_at)
            })?,
            outgoing: reader::required(this, outgoing, here, "outgoing", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            incoming: reader::required(this, incoming, here, "incoming", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.extend_from_slice(br#"{"incoming":"#);
        writer::unsigned(self.incoming, out);
        out.extend_from_slice(br#","outgoing":"#);
        writer::unsigned(self.outgoing, out);
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

/// Input of `client.end`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientEndInput {
    /// A name: lower-case letters, digits, - and _, the first a letter or digit.
    pub agent: String,
    /// The other side.
    pub peer: String,
}

impl ClientEndInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [agent, peer] = reader::members(this, here, &["agent", "peer"])?;
        Ok(Self {
            agent: reader::required(this, agent, here, "agent", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            peer: reader::required(this, peer, here, "peer", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.extend_from_slice(br#"{"agent":"#);
        json::write_string(&self.agent, out);
        out.extend_from_slice(br#","peer":"#);
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

/// Output of `client.end`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientEndOutput {
    /// The session.
    pub sid: Salt,
    /// The hash of the frame that says so.
    pub frame_hash: Hash,
}

impl ClientEndOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [frame_hash, sid] = reader::members(this, here, &["frame_hash", "sid"])?;
        Ok(Self {
            sid: reader::required(this, sid, here, "sid", reader::fixed)?,
            frame_hash: reader::required(this, frame_hash, here, "frame_hash", reader::fixed)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"frame_hash":""#);
        self.frame_hash.write(out);
        out.extend_from_slice(br#"","sid":""#);
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

/// Input of `client.prove`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientProveInput {
    /// A name: lower-case letters, digits, - and _, the first a letter or digit.
    pub agent: String,
    /// message_hash, of which the newest counts, or frame_hash.
    pub hash: Hash,
}

impl ClientProveInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [agent, hash] = reader::members(this, here, &["agent", "hash"])?;
        Ok(Self {
            agent: reader::required(this, agent, here, "agent", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            hash: reader::required(this, hash, here, "hash", reader::fixed)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"agent":"#);
        json::write_string(&self.agent, out);
        out.extend_from_slice(br#","hash":""#);
        self.hash.write(out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `client.prove`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientProveOutput {
    /// A receipt with the proof that it is in a log; carries no trust of its own.
    pub bundle: Bundle,
}

impl ClientProveOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [bundle] = reader::members(this, here, &["bundle"])?;
        Ok(Self { bundle: reader::required(this, bundle, here, "bundle", Bundle::read_at)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"bundle":"#);
        self.bundle.write(out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `client.delivery`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientDeliveryInput {
    /// A name: lower-case letters, digits, - and _, the first a letter or digit.
    pub agent: String,
    /// The message.
    pub frame_hash: Hash,
}

impl ClientDeliveryInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [agent, frame_hash] = reader::members(this, here, &["agent", "frame_hash"])?;
        Ok(Self {
            agent: reader::required(this, agent, here, "agent", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            frame_hash: reader::required(this, frame_hash, here, "frame_hash", reader::fixed)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.extend_from_slice(br#"{"agent":"#);
        json::write_string(&self.agent, out);
        out.extend_from_slice(br#","frame_hash":""#);
        self.frame_hash.write(out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `client.delivery`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientDeliveryOutput {
    /// The receipt, whose signature was verified; absent: it has not come.
    pub receipt: Option<Envelope>,
}

impl ClientDeliveryOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [receipt] = reader::members(this, here, &["receipt"])?;
        Ok(Self { receipt: reader::optional(receipt, here, "receipt", Envelope::read_at)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        let start = out.len();
        if let Some(x) = &self.receipt {
            out.extend_from_slice(br#","receipt":"#);
            x.write(out);
        }
        writer::open(start, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `client.verify_proof`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientVerifyProofInput {
    /// A name: lower-case letters, digits, - and _, the first a letter or digit.
    pub agent: String,
    /// The bundle, as an object or as its text.
    pub bundle: Value,
}

impl ClientVerifyProofInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [agent, bundle] = reader::members(this, here, &["agent", "bundle"])?;
        Ok(Self {
            agent: reader::required(this, agent, here, "agent", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            bundle: reader::required(this, bundle, here, "bundle", reader::any)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"agent":"#);
        json::write_string(&self.agent, out);
        out.extend_from_slice(br#","bundle":"#);
        json::write_canonical(&self.bundle, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `client.verify_proof`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientVerifyProofOutput {
    /// Whether everything that it says is proven.
    pub valid: bool,
    /// Why the answer is false.
    pub reason: Option<ErrorCode>,
}

impl ClientVerifyProofOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [reason, valid] = reader::members(this, here, &["reason", "valid"])?;
        Ok(Self {
            valid: reader::required(this, valid, here, "valid", reader::boolean)?,
            reason: reader::optional(reason, here, "reason", reader::error_code)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.push(b'{');
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

/// Input of `client.disclose`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientDiscloseInput {
    /// A name: lower-case letters, digits, - and _, the first a letter or digit.
    pub agent: String,
    /// The message.
    pub frame_hash: Hash,
}

impl ClientDiscloseInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [agent, frame_hash] = reader::members(this, here, &["agent", "frame_hash"])?;
        Ok(Self {
            agent: reader::required(this, agent, here, "agent", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            frame_hash: reader::required(this, frame_hash, here, "frame_hash", reader::fixed)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.extend_from_slice(br#"{"agent":"#);
        json::write_string(&self.agent, out);
        out.extend_from_slice(br#","frame_hash":""#);
        self.frame_hash.write(out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `client.disclose`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientDiscloseOutput {
    /// What discloses one message of a session, and no other.
    pub opening: SessionOpening,
}

impl ClientDiscloseOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [opening] = reader::members(this, here, &["opening"])?;
        Ok(Self { opening: reader::required(this, opening, here, "opening", SessionOpening::read_at)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"opening":"#);
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

/// Input of `client.close`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientCloseInput {
    /// A name: lower-case letters, digits, - and _, the first a letter or digit.
    pub agent: String,
    /// How long to wait for the mailbox to take what waits; absent: 5,000.
    pub wait_ms: Option<u64>,
}

impl ClientCloseInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [agent, wait_ms] = reader::members(this, here, &["agent", "wait_ms"])?;
        Ok(Self {
            agent: reader::required(this, agent, here, "agent", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            wait_ms: reader::optional(wait_ms, here, "wait_ms", |value, path| {
                reader::unsigned(value, path, 0, 600000)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"agent":"#);
        json::write_string(&self.agent, out);
        if let Some(x) = self.wait_ms {
            out.extend_from_slice(br#","wait_ms":"#);
            writer::unsigned(x, out);
        }
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `client.close`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientCloseOutput {
    /// Frames that still wait.
    pub outgoing: u64,
}

impl ClientCloseOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [outgoing] = reader::members(this, here, &["outgoing"])?;
        Ok(Self {
            outgoing: reader::required(this, outgoing, here, "outgoing", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(32);
        out.extend_from_slice(br#"{"outgoing":"#);
        writer::unsigned(self.outgoing, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}
