// Generated from contracts/schemas/mailbox_request.json by `cargo run -p talos-codegen`; do not edit.
//! Who makes one HTTP request to a mailbox, signed by the agent (docs/spec/mailbox.md).

use super::reader::Path;
use super::{reader, writer};
use crate::json::Value;
use crate::scalar::{Hash, Salt};
use crate::{Error, json, scalar};

/// Who makes one HTTP request to a mailbox, signed by the agent (docs/spec/mailbox.md).
#[derive(Clone, Debug, PartialEq)]
pub struct MailboxRequest {
    /// DID URL of the agent's key that signs.
    pub iss: String,
    /// The base URL of the mailbox that is meant, without a slash at its end.
    pub mailbox: String,
    /// The method of an HTTP request.
    pub method: MailboxMethod,
    /// The path with its query, as it is sent.
    pub path: String,
    /// SHA-256 of the body; of no bytes where there is none.
    pub body: Hash,
    /// When.
    pub iat: u64,
    /// Sixteen random bytes.
    pub nonce: Salt,
}

impl MailboxRequest {
    /// Contract and major version.
    pub const TYP: &'static str = "talos.mailbox_request/1";

    /// Media type: what an envelope with this contract names as its payload type.
    pub const MEDIA_TYPE: &'static str = "application/vnd.talos.mailbox-request.v1+json";

    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        reader::typ(this, here, Self::TYP)?;
        let [body, iat, iss, mailbox, method, nonce, path, typ] =
            reader::members(this, here, &["body", "iat", "iss", "mailbox", "method", "nonce", "path", "typ"])?;
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
            mailbox: reader::required(this, mailbox, here, "mailbox", |value, path| reader::text(value, path, 1, 512))?,
            method: reader::required(this, method, here, "method", MailboxMethod::read_at)?,
            path: reader::required(this, path, here, "path", |value, path| reader::text(value, path, 1, 2048))?,
            body: reader::required(this, body, here, "body", reader::fixed)?,
            iat: reader::required(this, iat, here, "iat", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            nonce: reader::required(this, nonce, here, "nonce", reader::fixed)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(416);
        out.extend_from_slice(br#"{"body":""#);
        self.body.write(out);
        out.extend_from_slice(br#"","iat":"#);
        writer::unsigned(self.iat, out);
        out.extend_from_slice(br#","iss":"#);
        json::write_string(&self.iss, out);
        out.extend_from_slice(br#","mailbox":"#);
        json::write_string(&self.mailbox, out);
        out.extend_from_slice(br#","method":""#);
        out.extend_from_slice(self.method.as_str().as_bytes());
        out.extend_from_slice(br#"","nonce":""#);
        self.nonce.write(out);
        out.extend_from_slice(br#"","path":"#);
        json::write_string(&self.path, out);
        out.extend_from_slice(br#","typ":"talos.mailbox_request/1"}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// The method of an HTTP request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MailboxMethod {
    /// Reads.
    Get,
    /// Replaces.
    Put,
    /// Adds.
    Post,
    /// Erases.
    Delete,
}

impl MailboxMethod {
    /// Every value, in order.
    pub const ALL: &'static [MailboxMethod] =
        &[MailboxMethod::Get, MailboxMethod::Put, MailboxMethod::Post, MailboxMethod::Delete];

    const WORDS: &'static [&'static str] = &["GET", "PUT", "POST", "DELETE"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            MailboxMethod::Get => "GET",
            MailboxMethod::Put => "PUT",
            MailboxMethod::Post => "POST",
            MailboxMethod::Delete => "DELETE",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "GET" => Some(MailboxMethod::Get),
            "PUT" => Some(MailboxMethod::Put),
            "POST" => Some(MailboxMethod::Post),
            "DELETE" => Some(MailboxMethod::Delete),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for MailboxMethod {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
