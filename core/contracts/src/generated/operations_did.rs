// Generated from contracts/operations/did.yaml by `cargo run -p talos-codegen`; do not edit.
//! Inputs and outputs of did.key_encode, did.resolve.

use super::reader::Path;
use super::{KeyType, reader, writer};
use crate::json::Value;
use crate::scalar::Hash;
use crate::{Error, json, scalar};

/// Input of `did.key_encode`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DidKeyEncodeInput {
    /// The public key, 32 bytes.
    pub public_key: Vec<u8>,
    /// The type of the key; absent: ed25519.
    pub key_type: Option<KeyType>,
}

impl DidKeyEncodeInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [key_type, public_key] = reader::members(this, here, &["key_type", "public_key"])?;
        Ok(Self {
            public_key: reader::required(this, public_key, here, "public_key", |value, path| {
                reader::bytes(value, path, 22369622)
            })?,
            key_type: reader::optional(key_type, here, "key_type", KeyType::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.push(b'{');
        if let Some(x) = self.key_type {
            out.extend_from_slice(br#""key_type":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.extend_from_slice(br#"","#);
        }
        out.extend_from_slice(br#""public_key":""#);
        writer::bytes(&self.public_key, out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `did.key_encode`.
#[derive(Clone, Debug, PartialEq)]
pub struct DidKeyEncodeOutput {
    /// A did:key.
    pub did: String,
}

impl DidKeyEncodeOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [did] = reader::members(this, here, &["did"])?;
        Ok(Self {
            did: reader::required(this, did, here, "did", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"did":"#);
        json::write_string(&self.did, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `did.resolve`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DidResolveInput {
    /// The DID.
    pub did: String,
}

impl DidResolveInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [did] = reader::members(this, here, &["did"])?;
        Ok(Self { did: reader::required(this, did, here, "did", |value, path| reader::text(value, path, 1, 4096))? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"did":"#);
        json::write_string(&self.did, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `did.resolve`.
#[derive(Clone, Debug, PartialEq)]
pub struct DidResolveOutput {
    /// The type of a key in a did:key.
    pub key_type: KeyType,
    /// The public key.
    pub public_key: Hash,
    /// The DID document, in its own foreign names.
    pub document: Value,
}

impl DidResolveOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [document, key_type, public_key] = reader::members(this, here, &["document", "key_type", "public_key"])?;
        Ok(Self {
            key_type: reader::required(this, key_type, here, "key_type", KeyType::read_at)?,
            public_key: reader::required(this, public_key, here, "public_key", reader::fixed)?,
            document: reader::required(this, document, here, "document", reader::any)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(160);
        out.extend_from_slice(br#"{"document":"#);
        json::write_canonical(&self.document, out);
        out.extend_from_slice(br#","key_type":""#);
        out.extend_from_slice(self.key_type.as_str().as_bytes());
        out.extend_from_slice(br#"","public_key":""#);
        self.public_key.write(out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}
