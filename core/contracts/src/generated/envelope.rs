// Generated from contracts/schemas/envelope.json by `cargo run -p talos-codegen`; do not edit.
//! A DSSE envelope: a payload and the signatures over it.

use super::reader::Path;
use super::{reader, writer};
use crate::json::Value;
use crate::{Error, json};

/// A DSSE envelope: a payload and the signatures over it.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// Media type of the payload.
    pub payload_type: String,
    /// The payload: padded base64 of RFC 4648 section 4.
    pub payload: Vec<u8>,
    /// The signatures; the first is the issuer's. Empty only where the log vouches for the payload.
    pub signatures: Vec<EnvelopeSignature>,
}

impl Envelope {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [payload, payload_type, signatures] =
            reader::members(this, here, &["payload", "payloadType", "signatures"])?;
        Ok(Self {
            payload_type: reader::required(this, payload_type, here, "payloadType", |value, path| {
                reader::text(value, path, 1, 256)
            })?,
            payload: reader::required(this, payload, here, "payload", |value, path| {
                reader::base64(value, path, 86700)
            })?,
            signatures: reader::required(this, signatures, here, "signatures", |value, path| {
                reader::list(value, path, 0, 16, EnvelopeSignature::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(160);
        out.extend_from_slice(br#"{"payload":""#);
        writer::base64(&self.payload, out);
        out.extend_from_slice(br#"","payloadType":"#);
        json::write_string(&self.payload_type, out);
        out.extend_from_slice(br#","signatures":"#);
        writer::list(&self.signatures, out, |x, out| {
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

/// One signature over the pre-authentication encoding.
#[derive(Clone, Debug, PartialEq)]
pub struct EnvelopeSignature {
    /// DID URL of the key; counts only through the body's iss.
    pub keyid: String,
    /// The signature: padded base64.
    pub sig: Vec<u8>,
}

impl EnvelopeSignature {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [keyid, sig] = reader::members(this, here, &["keyid", "sig"])?;
        Ok(Self {
            keyid: reader::required(this, keyid, here, "keyid", |value, path| reader::text(value, path, 1, 512))?,
            sig: reader::required(this, sig, here, "sig", |value, path| reader::base64(value, path, 8192))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"keyid":"#);
        json::write_string(&self.keyid, out);
        out.extend_from_slice(br#","sig":""#);
        writer::base64(&self.sig, out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}
