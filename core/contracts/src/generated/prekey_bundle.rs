// Generated from contracts/schemas/prekey_bundle.json by `cargo run -p talos-codegen`; do not edit.
//! Keys with which anybody can begin a session with an agent that is away (docs/spec/session.md).

use super::reader::Path;
use super::{reader, writer};
use crate::json::Value;
use crate::scalar::{Hash, KemKey};
use crate::{Error, json, scalar};

/// Keys with which anybody can begin a session with an agent that is away (docs/spec/session.md).
#[derive(Clone, Debug, PartialEq)]
pub struct PrekeyBundle {
    /// DID URL of the owner's key that signs.
    pub iss: String,
    /// The X25519 key that agrees on sessions.
    pub agree: Hash,
    /// The suites that the owner accepts, best first, each once; 1 is X25519, 2 is X25519 and ML-KEM-768. Both are experimental.
    pub suites: Vec<u64>,
    /// The signed prekey.
    pub spk: SignedPrekey,
    /// The ML-KEM-768 key of last resort: present if and only if suites has 2.
    pub pq: Option<KemPrekey>,
    /// From when it is valid.
    pub iat: u64,
    /// When it ends: at most 14 days after iat.
    pub exp: u64,
}

impl PrekeyBundle {
    /// Contract and major version.
    pub const TYP: &'static str = "talos.prekey_bundle/1";

    /// Media type: what an envelope with this contract names as its payload type.
    pub const MEDIA_TYPE: &'static str = "application/vnd.talos.prekey-bundle.v1+json";

    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        reader::typ(this, here, Self::TYP)?;
        let [agree, exp, iat, iss, pq, spk, suites, typ] =
            reader::members(this, here, &["agree", "exp", "iat", "iss", "pq", "spk", "suites", "typ"])?;
        reader::required(this, typ, here, "typ", |_, _| Ok(()))?;
        Ok(Self {
            iss: reader::required(this, iss, here, "iss", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_did_url,
                    "The DID URL of a key: a did:key, '#', and its multibase part again.",
                )
            })?,
            agree: reader::required(this, agree, here, "agree", reader::fixed)?,
            suites: reader::required(this, suites, here, "suites", |value, path| {
                reader::list(value, path, 1, 8, |value, path| reader::unsigned(value, path, 1, 65535))
            })?,
            spk: reader::required(this, spk, here, "spk", SignedPrekey::read_at)?,
            pq: reader::optional(pq, here, "pq", KemPrekey::read_at)?,
            iat: reader::required(this, iat, here, "iat", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            exp: reader::required(this, exp, here, "exp", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(416);
        out.extend_from_slice(br#"{"agree":""#);
        self.agree.write(out);
        out.extend_from_slice(br#"","exp":"#);
        writer::unsigned(self.exp, out);
        out.extend_from_slice(br#","iat":"#);
        writer::unsigned(self.iat, out);
        out.extend_from_slice(br#","iss":"#);
        json::write_string(&self.iss, out);
        if let Some(x) = &self.pq {
            out.extend_from_slice(br#","pq":"#);
            x.write(out);
        }
        out.extend_from_slice(br#","spk":"#);
        self.spk.write(out);
        out.extend_from_slice(br#","suites":"#);
        writer::list(&self.suites, out, |x, out| {
            writer::unsigned(*x, out);
        });
        out.extend_from_slice(br#","typ":"talos.prekey_bundle/1"}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// An X25519 prekey.
#[derive(Clone, Debug, PartialEq)]
pub struct SignedPrekey {
    /// Its id; never given to another key.
    pub id: String,
    /// The X25519 key.
    pub key: Hash,
}

impl SignedPrekey {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [id, key] = reader::members(this, here, &["id", "key"])?;
        Ok(Self {
            id: reader::required(this, id, here, "id", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            key: reader::required(this, key, here, "key", reader::fixed)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"id":"#);
        json::write_string(&self.id, out);
        out.extend_from_slice(br#","key":""#);
        self.key.write(out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// An ML-KEM-768 prekey.
#[derive(Clone, Debug, PartialEq)]
pub struct KemPrekey {
    /// Its id; never given to another key.
    pub id: String,
    /// The ML-KEM-768 encapsulation key.
    pub key: KemKey,
}

impl KemPrekey {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [id, key] = reader::members(this, here, &["id", "key"])?;
        Ok(Self {
            id: reader::required(this, id, here, "id", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            key: reader::required(this, key, here, "key", reader::fixed)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(1632);
        out.extend_from_slice(br#"{"id":"#);
        json::write_string(&self.id, out);
        out.extend_from_slice(br#","key":""#);
        self.key.write(out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}
