// Generated from contracts/schemas/mailbox_status.json by `cargo run -p talos-codegen`; do not edit.
//! What a mailbox tells an agent of its own (docs/spec/mailbox.md).

use super::reader::Path;
use super::{Envelope, reader, writer};
use crate::json::Value;
use crate::scalar::Hash;
use crate::{Error, json, scalar};

/// What a mailbox tells an agent of its own (docs/spec/mailbox.md).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MailboxStatus {
    /// How many one-time keys it can still give away.
    pub one_time_keys: u64,
    /// Whether that is less than the low-water mark: time to publish more.
    pub low: bool,
    /// Frames that wait.
    pub frames: u64,
    /// Their bytes.
    pub bytes: u64,
    /// When the published bundle ends; absent: there is none.
    pub bundle_expires: Option<u64>,
}

impl MailboxStatus {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [bundle_expires, bytes, frames, low, one_time_keys] =
            reader::members(this, here, &["bundle_expires", "bytes", "frames", "low", "one_time_keys"])?;
        Ok(Self {
            one_time_keys: reader::required(this, one_time_keys, here, "one_time_keys", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            low: reader::required(this, low, here, "low", reader::boolean)?,
            frames: reader::required(this, frames, here, "frames", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            bytes: reader::required(this, bytes, here, "bytes", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            bundle_expires: reader::optional(bundle_expires, here, "bundle_expires", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(160);
        out.push(b'{');
        if let Some(x) = self.bundle_expires {
            out.extend_from_slice(br#""bundle_expires":"#);
            writer::unsigned(x, out);
            out.push(b',');
        }
        out.extend_from_slice(br#""bytes":"#);
        writer::unsigned(self.bytes, out);
        out.extend_from_slice(br#","frames":"#);
        writer::unsigned(self.frames, out);
        out.extend_from_slice(br#","low":"#);
        writer::boolean(self.low, out);
        out.extend_from_slice(br#","one_time_keys":"#);
        writer::unsigned(self.one_time_keys, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// What somebody needs to begin a session with an agent.
#[derive(Clone, Debug, PartialEq)]
pub struct MailboxBundle {
    /// The prekey bundle.
    pub bundle: Envelope,
    /// A one-time key, given to nobody else; absent: none is left, or this requester had its share.
    pub one_time_key: Option<Envelope>,
}

impl MailboxBundle {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [bundle, one_time_key] = reader::members(this, here, &["bundle", "one_time_key"])?;
        Ok(Self {
            bundle: reader::required(this, bundle, here, "bundle", Envelope::read_at)?,
            one_time_key: reader::optional(one_time_key, here, "one_time_key", Envelope::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"bundle":"#);
        self.bundle.write(out);
        if let Some(x) = &self.one_time_key {
            out.extend_from_slice(br#","one_time_key":"#);
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

/// One-time keys to publish.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MailboxKeys {
    /// The keys.
    pub keys: Vec<Envelope>,
}

impl MailboxKeys {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [keys] = reader::members(this, here, &["keys"])?;
        Ok(Self {
            keys: reader::required(this, keys, here, "keys", |value, path| {
                reader::list(value, path, 1, 256, Envelope::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"keys":"#);
        writer::list(&self.keys, out, |x, out| {
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

/// A frame that is kept until it is fetched or expires.
#[derive(Clone, Debug, PartialEq)]
pub struct MailboxPosted {
    /// SHA-256 of the bytes.
    pub id: Hash,
    /// When the mailbox erases it.
    pub expires: u64,
}

impl MailboxPosted {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [expires, id] = reader::members(this, here, &["expires", "id"])?;
        Ok(Self {
            id: reader::required(this, id, here, "id", reader::fixed)?,
            expires: reader::required(this, expires, here, "expires", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"expires":"#);
        writer::unsigned(self.expires, out);
        out.extend_from_slice(br#","id":""#);
        self.id.write(out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// A frame that waits.
#[derive(Clone, Debug, PartialEq)]
pub struct MailboxFrame {
    /// Its place in the queue of this agent: rises, and is never given twice.
    pub seq: u64,
    /// SHA-256 of the bytes.
    pub id: Hash,
    /// Who posted it. The session says who sealed it.
    pub sender: String,
    /// When the mailbox took it.
    pub received: u64,
    /// When the mailbox erases it.
    pub expires: u64,
    /// A frame or a container, as it was posted: base64url without padding, up to 17 MiB.
    pub bytes: Vec<u8>,
}

impl MailboxFrame {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [bytes, expires, id, received, sender, seq] =
            reader::members(this, here, &["bytes", "expires", "id", "received", "sender", "seq"])?;
        Ok(Self {
            seq: reader::required(this, seq, here, "seq", |value, path| {
                reader::unsigned(value, path, 1, 9007199254740991)
            })?,
            id: reader::required(this, id, here, "id", reader::fixed)?,
            sender: reader::required(this, sender, here, "sender", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
            received: reader::required(this, received, here, "received", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            expires: reader::required(this, expires, here, "expires", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            bytes: reader::required(this, bytes, here, "bytes", |value, path| reader::bytes(value, path, 23767723))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(256);
        out.extend_from_slice(br#"{"bytes":""#);
        writer::bytes(&self.bytes, out);
        out.extend_from_slice(br#"","expires":"#);
        writer::unsigned(self.expires, out);
        out.extend_from_slice(br#","id":""#);
        self.id.write(out);
        out.extend_from_slice(br#"","received":"#);
        writer::unsigned(self.received, out);
        out.extend_from_slice(br#","sender":"#);
        json::write_string(&self.sender, out);
        out.extend_from_slice(br#","seq":"#);
        writer::unsigned(self.seq, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Frames that wait, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MailboxFrames {
    /// The frames.
    pub frames: Vec<MailboxFrame>,
    /// Whether more wait.
    pub more: bool,
}

impl MailboxFrames {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [frames, more] = reader::members(this, here, &["frames", "more"])?;
        Ok(Self {
            frames: reader::required(this, frames, here, "frames", |value, path| {
                reader::list(value, path, 0, 256, MailboxFrame::read_at)
            })?,
            more: reader::required(this, more, here, "more", reader::boolean)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"frames":"#);
        writer::list(&self.frames, out, |x, out| {
            x.write(out);
        });
        out.extend_from_slice(br#","more":"#);
        writer::boolean(self.more, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Frames that are kept elsewhere now and may be erased.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MailboxAck {
    /// Their places.
    pub seqs: Vec<u64>,
}

impl MailboxAck {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [seqs] = reader::members(this, here, &["seqs"])?;
        Ok(Self {
            seqs: reader::required(this, seqs, here, "seqs", |value, path| {
                reader::list(value, path, 1, 1024, |value, path| reader::unsigned(value, path, 1, 9007199254740991))
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"seqs":"#);
        writer::list(&self.seqs, out, |x, out| {
            writer::unsigned(*x, out);
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

/// What was erased.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MailboxAcked {
    /// How many.
    pub erased: u64,
}

impl MailboxAcked {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [erased] = reader::members(this, here, &["erased"])?;
        Ok(Self {
            erased: reader::required(this, erased, here, "erased", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
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
