// Generated from contracts/schemas/bundle.json by `cargo run -p talos-codegen`; do not edit.
//! A receipt with the proof that it is in a log; carries no trust of its own.

use super::reader::Path;
use super::{Envelope, reader, writer};
use crate::json::Value;
use crate::scalar::Hash;
use crate::{Error, json};

/// A receipt with the proof that it is in a log; carries no trust of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Bundle {
    /// The receipt's envelope, as it was delivered.
    pub envelope: Envelope,
    /// Inclusion proof and checkpoint (C2SP tlog-proof), as text.
    pub tlog_proof: String,
    /// Disclosed bodies.
    pub bodies: Option<BundleBodies>,
}

impl Bundle {
    /// Contract and major version.
    pub const TYP: &'static str = "talos.bundle/1";

    /// Media type: what an envelope with this contract names as its payload type.
    pub const MEDIA_TYPE: &'static str = "application/vnd.talos.bundle.v1+json";

    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        reader::typ(this, here, Self::TYP)?;
        let [bodies, envelope, tlog_proof, typ] =
            reader::members(this, here, &["bodies", "envelope", "tlog_proof", "typ"])?;
        reader::required(this, typ, here, "typ", |_, _| Ok(()))?;
        Ok(Self {
            envelope: reader::required(this, envelope, here, "envelope", Envelope::read_at)?,
            tlog_proof: reader::required(this, tlog_proof, here, "tlog_proof", |value, path| {
                reader::text(value, path, 1, 65536)
            })?,
            bodies: reader::optional(bodies, here, "bodies", BundleBodies::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(192);
        out.push(b'{');
        if let Some(x) = &self.bodies {
            out.extend_from_slice(br#""bodies":"#);
            x.write(out);
            out.push(b',');
        }
        out.extend_from_slice(br#""envelope":"#);
        self.envelope.write(out);
        out.extend_from_slice(br#","tlog_proof":"#);
        json::write_string(&self.tlog_proof, out);
        out.extend_from_slice(br#","typ":"talos.bundle/1"}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Disclosed bodies.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BundleBodies {
    /// The arguments.
    pub args: Option<BundleBody>,
    /// The result.
    pub result: Option<BundleBody>,
}

impl BundleBodies {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [args, result] = reader::members(this, here, &["args", "result"])?;
        Ok(Self {
            args: reader::optional(args, here, "args", BundleBody::read_at)?,
            result: reader::optional(result, here, "result", BundleBody::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        let start = out.len();
        if let Some(x) = &self.args {
            out.extend_from_slice(br#","args":"#);
            x.write(out);
        }
        if let Some(x) = &self.result {
            out.extend_from_slice(br#","result":"#);
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

/// A disclosed value and the key of its commitment.
#[derive(Clone, Debug, PartialEq)]
pub struct BundleBody {
    /// The key of the commitment.
    pub key: Hash,
    /// The disclosed value.
    pub value: Value,
}

impl BundleBody {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [key, value] = reader::members(this, here, &["key", "value"])?;
        Ok(Self {
            key: reader::required(this, key, here, "key", reader::fixed)?,
            value: reader::required(this, value, here, "value", reader::any)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"key":""#);
        self.key.write(out);
        out.extend_from_slice(br#"","value":"#);
        json::write_canonical(&self.value, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}
