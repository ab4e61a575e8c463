// Generated from contracts/schemas/one_time_key.json by `cargo run -p talos-codegen`; do not edit.
//! Keys for one handshake, signed one by one so that nobody can put others in their place (docs/spec/session.md).

use super::reader::Path;
use super::{reader, writer};
use crate::json::Value;
use crate::scalar::{Hash, KemKey};
use crate::{Error, json, scalar};

/// Keys for one handshake, signed one by one so that nobody can put others in their place (docs/spec/session.md).
#[derive(Clone, Debug, PartialEq)]
pub struct OneTimeKey {
    /// DID URL of the owner's key that signs.
    pub iss: String,
    /// Its id; never given to another key.
    pub id: String,
    /// The X25519 key.
    pub x25519: Hash,
    /// The ML-KEM-768 encapsulation key; absent: the bundle's is used.
    pub mlkem768: Option<KemKey>,
    /// From when it is valid.
    pub iat: u64,
    /// When it ends: at most 30 days after iat.
    pub exp: u64,
}

impl OneTimeKey {
    /// Contract and major version.
    pub const TYP: &'static str = "talos.one_time_key/1";

    /// Media type: what an envelope with this contract names as its payload type.
    pub const MEDIA_TYPE: &'static str = "application/vnd.talos.one-time-key.v1+json";

    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        reader::typ(this, here, Self::TYP)?;
        let [exp, iat, id, iss, mlkem768, typ, x25519] =
            reader::members(this, here, &["exp", "iat", "id", "iss", "mlkem768", "typ", "x25519"])?;
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
            id: reader::required(this, id, here, "id", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            x25519: reader::required(this, x25519, here, "x25519", reader::fixed)?,
            mlkem768: reader::optional(mlkem768, here, "mlkem768", reader::fixed)?,
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
        out.reserve(1952);
        out.extend_from_slice(br#"{"exp":"#);
        writer::unsigned(self.exp, out);
        out.extend_from_slice(br#","iat":"#);
        writer::unsigned(self.iat, out);
        out.extend_from_slice(br#","id":"#);
        json::write_string(&self.id, out);
        out.extend_from_slice(br#","iss":"#);
        json::write_string(&self.iss, out);
        if let Some(x) = self.mlkem768 {
            out.extend_from_slice(br#","mlkem768":""#);
            x.write(out);
            out.push(b'"');
        }
        out.extend_from_slice(br#","typ":"talos.one_time_key/1","x25519":""#);
        self.x25519.write(out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}
