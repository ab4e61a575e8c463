// Generated from contracts/operations/json.yaml by `cargo run -p talos-codegen`; do not edit.
//! Inputs and outputs of json.canonicalize, json.parse_strict.

use super::reader::Path;
use super::{JsonProfile, reader, writer};
use crate::json::Value;
use crate::{Error, json};

/// Input of `json.canonicalize`.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonCanonicalizeInput {
    /// Which rules a JSON text has to keep.
    pub profile: JsonProfile,
    /// The JSON text; either this or bytes.
    pub text: Option<String>,
    /// The JSON text as bytes, so that bytes which are not UTF-8 can be sent.
    pub bytes: Option<Vec<u8>>,
}

impl JsonCanonicalizeInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [bytes, profile, text] = reader::members(this, here, &["bytes", "profile", "text"])?;
        Ok(Self {
            profile: reader::required(this, profile, here, "profile", JsonProfile::read_at)?,
            text: reader::optional(text, here, "text", |value, path| reader::text(value, path, 0, 16777216))?,
            bytes: reader::optional(bytes, here, "bytes", |value, path| reader::bytes(value, path, 22369622))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.push(b'{');
        if let Some(x) = &self.bytes {
            out.extend_from_slice(br#""bytes":""#);
            writer::bytes(x, out);
            out.extend_from_slice(br#"","#);
        }
        out.extend_from_slice(br#""profile":""#);
        out.extend_from_slice(self.profile.as_str().as_bytes());
        out.push(b'"');
        if let Some(x) = &self.text {
            out.extend_from_slice(br#","text":"#);
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

/// Output of `json.canonicalize`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JsonCanonicalizeOutput {
    /// The canonical form.
    pub canonical: String,
}

impl JsonCanonicalizeOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [canonical] = reader::members(this, here, &["canonical"])?;
        Ok(Self {
            canonical: reader::required(this, canonical, here, "canonical", |value, path| {
                reader::text(value, path, 0, 16777216)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"canonical":"#);
        json::write_string(&self.canonical, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `json.parse_strict`.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonParseStrictInput {
    /// Which rules a JSON text has to keep.
    pub profile: JsonProfile,
    /// The JSON text; either this or bytes.
    pub text: Option<String>,
    /// The JSON text as bytes, so that bytes which are not UTF-8 can be sent.
    pub bytes: Option<Vec<u8>>,
}

impl JsonParseStrictInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [bytes, profile, text] = reader::members(this, here, &["bytes", "profile", "text"])?;
        Ok(Self {
            profile: reader::required(this, profile, here, "profile", JsonProfile::read_at)?,
            text: reader::optional(text, here, "text", |value, path| reader::text(value, path, 0, 16777216))?,
            bytes: reader::optional(bytes, here, "bytes", |value, path| reader::bytes(value, path, 22369622))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.push(b'{');
        if let Some(x) = &self.bytes {
            out.extend_from_slice(br#""bytes":""#);
            writer::bytes(x, out);
            out.extend_from_slice(br#"","#);
        }
        out.extend_from_slice(br#""profile":""#);
        out.extend_from_slice(self.profile.as_str().as_bytes());
        out.push(b'"');
        if let Some(x) = &self.text {
            out.extend_from_slice(br#","text":"#);
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

/// Output of `json.parse_strict`.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonParseStrictOutput {
    /// The value.
    pub value: Value,
}

impl JsonParseStrictOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [value] = reader::members(this, here, &["value"])?;
        Ok(Self { value: reader::required(this, value, here, "value", reader::any)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"value":"#);
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
