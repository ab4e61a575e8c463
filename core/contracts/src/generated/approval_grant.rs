// Generated from contracts/schemas/approval_grant.json by `cargo run -p talos-codegen`; do not edit.
//! The answer of one person to a request for approval, signed by that person's key (docs/spec/approval.md).

use super::reader::Path;
use super::{reader, writer};
use crate::json::Value;
use crate::scalar::Hash;
use crate::{Error, json, scalar};

/// The answer of one person to a request for approval, signed by that person's key (docs/spec/approval.md).
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalGrant {
    /// DID URL of the key that signs: the person's, or the kernel's where a one-time code was given.
    pub iss: String,
    /// Id of the request.
    pub approval: Hash,
    /// The name of the person.
    pub name: String,
    /// What the person says.
    pub response: ApprovalResponse,
    /// When.
    pub iat: u64,
    /// A sentence for the record.
    pub note: Option<String>,
}

impl ApprovalGrant {
    /// Contract and major version.
    pub const TYP: &'static str = "talos.approval_grant/1";

    /// Media type: what an envelope with this contract names as its payload type.
    pub const MEDIA_TYPE: &'static str = "application/vnd.talos.approval-grant.v1+json";

    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        reader::typ(this, here, Self::TYP)?;
        let [approval, iat, iss, name, note, response, typ] =
            reader::members(this, here, &["approval", "iat", "iss", "name", "note", "response", "typ"])?;
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
            approval: reader::required(this, approval, here, "approval", reader::fixed)?,
            name: reader::required(this, name, here, "name", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            response: reader::required(this, response, here, "response", ApprovalResponse::read_at)?,
            iat: reader::required(this, iat, here, "iat", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            note: reader::optional(note, here, "note", |value, path| reader::text(value, path, 1, 1024))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(384);
        out.extend_from_slice(br#"{"approval":""#);
        self.approval.write(out);
        out.extend_from_slice(br#"","iat":"#);
        writer::unsigned(self.iat, out);
        out.extend_from_slice(br#","iss":"#);
        json::write_string(&self.iss, out);
        out.extend_from_slice(br#","name":"#);
        json::write_string(&self.name, out);
        if let Some(x) = &self.note {
            out.extend_from_slice(br#","note":"#);
            json::write_string(x, out);
        }
        out.extend_from_slice(br#","response":""#);
        out.extend_from_slice(self.response.as_str().as_bytes());
        out.extend_from_slice(br#"","typ":"talos.approval_grant/1"}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// What the person says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApprovalResponse {
    /// The action may run, once.
    Grant,
    /// The action may not run.
    Deny,
}

impl ApprovalResponse {
    /// Every value, in order.
    pub const ALL: &'static [ApprovalResponse] = &[ApprovalResponse::Grant, ApprovalResponse::Deny];

    const WORDS: &'static [&'static str] = &["grant", "deny"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            ApprovalResponse::Grant => "grant",
            ApprovalResponse::Deny => "deny",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "grant" => Some(ApprovalResponse::Grant),
            "deny" => Some(ApprovalResponse::Deny),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for ApprovalResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
