// Generated from contracts/schemas/static_key.json by `cargo run -p talos-codegen`; do not edit.
//! The X25519 key of an agent, said by its signing key (docs/spec/session.md).

use super::reader::Path;
use super::{reader, writer};
use crate::json::Value;
use crate::scalar::Hash;
use crate::{Error, json, scalar};

/// The X25519 key of an agent, said by its signing key (docs/spec/session.md).
#[derive(Clone, Debug, PartialEq)]
pub struct StaticKey {
    /// DID URL of the owner's key that signs.
    pub iss: String,
    /// The X25519 key that agrees on sessions.
    pub agree: Hash,
    /// From when it is valid.
    pub iat: u64,
    /// When it ends: at most 90 days after iat.
    pub exp: u64,
}

impl StaticKey {
    /// Contract and major version.
    pub const TYP: &'static str = "talos.static_key/1";

    /// Media type: what an envelope with this contract names as its payload type.
    pub const MEDIA_TYPE: &'static str = "application/vnd.talos.static-key.v1+json";

    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        reader::typ(this, here, Self::TYP)?;
        let [agree, exp, iat, iss, typ] = reader::members(this, here, &["agree", "exp", "iat", "iss", "typ"])?;
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
        out.reserve(320);
        out.extend_from_slice(br#"{"agree":""#);
        self.agree.write(out);
        out.extend_from_slice(br#"","exp":"#);
        writer::unsigned(self.exp, out);
        out.extend_from_slice(br#","iat":"#);
        writer::unsigned(self.iat, out);
        out.extend_from_slice(br#","iss":"#);
        json::write_string(&self.iss, out);
        out.extend_from_slice(br#","typ":"talos.static_key/1"}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}
