// Generated from contracts/operations/crypto.yaml by `cargo run -p talos-codegen`; do not edit.
//! Inputs and outputs of ed25519.sign, ed25519.verify, envelope.sign, envelope.verify.

use super::reader::Path;
use super::{Envelope, ErrorCode, Seed, reader, writer};
use crate::json::Value;
use crate::scalar::{Hash, Signature};
use crate::{Error, json};

/// Input of `ed25519.sign`.
#[derive(Clone, Debug, PartialEq)]
pub struct Ed25519SignInput {
    /// The 32-byte seed of an Ed25519 key: base64url without padding. A secret.
    pub seed: Seed,
    /// What is signed.
    pub message: Vec<u8>,
}

impl Ed25519SignInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [message, seed] = reader::members(this, here, &["message", "seed"])?;
        Ok(Self {
            seed: reader::required(this, seed, here, "seed", reader::seed)?,
            message: reader::required(this, message, here, "message", |value, path| {
                reader::bytes(value, path, 22369622)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.extend_from_slice(br#"{"message":""#);
        writer::bytes(&self.message, out);
        out.extend_from_slice(br#"","seed":""#);
        writer::bytes(self.seed.expose(), out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `ed25519.sign`.
#[derive(Clone, Debug, PartialEq)]
pub struct Ed25519SignOutput {
    /// The public key of the seed.
    pub public_key: Hash,
    /// Ed25519 signature: base64url of 64 bytes, without padding.
    pub signature: Signature,
}

impl Ed25519SignOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [public_key, signature] = reader::members(this, here, &["public_key", "signature"])?;
        Ok(Self {
            public_key: reader::required(this, public_key, here, "public_key", reader::fixed)?,
            signature: reader::required(this, signature, here, "signature", reader::fixed)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(192);
        out.extend_from_slice(br#"{"public_key":""#);
        self.public_key.write(out);
        out.extend_from_slice(br#"","signature":""#);
        self.signature.write(out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `ed25519.verify`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ed25519VerifyInput {
    /// The public key, 32 bytes.
    pub public_key: Vec<u8>,
    /// What was signed.
    pub message: Vec<u8>,
    /// The signature, 64 bytes.
    pub signature: Vec<u8>,
}

impl Ed25519VerifyInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [message, public_key, signature] = reader::members(this, here, &["message", "public_key", "signature"])?;
        Ok(Self {
            public_key: reader::required(this, public_key, here, "public_key", |value, path| {
                reader::bytes(value, path, 22369622)
            })?,
            message: reader::required(this, message, here, "message", |value, path| {
                reader::bytes(value, path, 22369622)
            })?,
            signature: reader::required(this, signature, here, "signature", |value, path| {
                reader::bytes(value, path, 22369622)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(160);
        out.extend_from_slice(br#"{"message":""#);
        writer::bytes(&self.message, out);
        out.extend_from_slice(br#"","public_key":""#);
        writer::bytes(&self.public_key, out);
        out.extend_from_slice(br#"","signature":""#);
        writer::bytes(&self.signature, out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `ed25519.verify`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ed25519VerifyOutput {
    /// Whether the signature verifies.
    pub valid: bool,
    /// Why the answer is false.
    pub reason: Option<ErrorCode>,
}

impl Ed25519VerifyOutput {
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

/// Input of `envelope.sign`.
#[derive(Clone, Debug, PartialEq)]
pub struct EnvelopeSignInput {
    /// The 32-byte seed of an Ed25519 key: base64url without padding. A secret.
    pub seed: Seed,
    /// Media type of the payload.
    pub payload_type: String,
    /// The payload: base64url without padding, up to 65,024 bytes.
    pub payload: Vec<u8>,
    /// Key id of the signature; absent: the DID URL of the seed's did:key.
    pub keyid: Option<String>,
}

impl EnvelopeSignInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [keyid, payload, payload_type, seed] =
            reader::members(this, here, &["keyid", "payload", "payload_type", "seed"])?;
        Ok(Self {
            seed: reader::required(this, seed, here, "seed", reader::seed)?,
            payload_type: reader::required(this, payload_type, here, "payload_type", |value, path| {
                reader::text(value, path, 1, 256)
            })?,
            payload: reader::required(this, payload, here, "payload", |value, path| reader::bytes(value, path, 86699))?,
            keyid: reader::optional(keyid, here, "keyid", |value, path| reader::text(value, path, 1, 512))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(192);
        out.push(b'{');
        if let Some(x) = &self.keyid {
            out.extend_from_slice(br#""keyid":"#);
            json::write_string(x, out);
            out.push(b',');
        }
        out.extend_from_slice(br#""payload":""#);
        writer::bytes(&self.payload, out);
        out.extend_from_slice(br#"","payload_type":"#);
        json::write_string(&self.payload_type, out);
        out.extend_from_slice(br#","seed":""#);
        writer::bytes(self.seed.expose(), out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `envelope.sign`.
#[derive(Clone, Debug, PartialEq)]
pub struct EnvelopeSignOutput {
    /// The envelope.
    pub envelope: Envelope,
}

impl EnvelopeSignOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [envelope] = reader::members(this, here, &["envelope"])?;
        Ok(Self { envelope: reader::required(this, envelope, here, "envelope", Envelope::read_at)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"envelope":"#);
        self.envelope.write(out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `envelope.verify`.
#[derive(Clone, Debug, PartialEq)]
pub struct EnvelopeVerifyInput {
    /// The envelope, as an object or as its text.
    pub envelope: Value,
    /// The key, 32 bytes; absent: the one that keyid names.
    pub public_key: Option<Vec<u8>>,
}

impl EnvelopeVerifyInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [envelope, public_key] = reader::members(this, here, &["envelope", "public_key"])?;
        Ok(Self {
            envelope: reader::required(this, envelope, here, "envelope", reader::any)?,
            public_key: reader::optional(public_key, here, "public_key", |value, path| {
                reader::bytes(value, path, 22369622)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"envelope":"#);
        json::write_canonical(&self.envelope, out);
        if let Some(x) = &self.public_key {
            out.extend_from_slice(br#","public_key":""#);
            writer::bytes(x, out);
            out.push(b'"');
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

/// Output of `envelope.verify`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EnvelopeVerifyOutput {
    /// Whether the signature verifies.
    pub valid: bool,
    /// Why the answer is false.
    pub reason: Option<ErrorCode>,
    /// The payload.
    pub payload: Option<Vec<u8>>,
    /// Media type of the payload.
    pub payload_type: Option<String>,
    /// Key id of the signature.
    pub keyid: Option<String>,
}

impl EnvelopeVerifyOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [keyid, payload, payload_type, reason, valid] =
            reader::members(this, here, &["keyid", "payload", "payload_type", "reason", "valid"])?;
        Ok(Self {
            valid: reader::required(this, valid, here, "valid", reader::boolean)?,
            reason: reader::optional(reason, here, "reason", reader::error_code)?,
            payload: reader::optional(payload, here, "payload", |value, path| reader::bytes(value, path, 22369622))?,
            payload_type: reader::optional(payload_type, here, "payload_type", |value, path| {
                reader::text(value, path, 1, 256)
            })?,
            keyid: reader::optional(keyid, here, "keyid", |value, path| reader::text(value, path, 1, 512))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(192);
        out.push(b'{');
        if let Some(x) = &self.keyid {
            out.extend_from_slice(br#""keyid":"#);
            json::write_string(x, out);
            out.push(b',');
        }
        if let Some(x) = &self.payload {
            out.extend_from_slice(br#""payload":""#);
            writer::bytes(x, out);
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = &self.payload_type {
            out.extend_from_slice(br#""payload_type":"#);
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
