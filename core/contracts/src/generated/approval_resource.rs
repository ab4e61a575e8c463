// Generated from contracts/schemas/approval_resource.json by `cargo run -p talos-codegen`; do not edit.
//! A request for approval as whoever asked may see it: what the Location of a response 202 leads to (docs/spec/approval.md).

use super::reader::Path;
use super::{ApprovalStale, ApprovalState, reader, writer};
use crate::json::Value;
use crate::scalar::Hash;
use crate::{Error, json};

/// A request for approval as whoever asked may see it: what the Location of a response 202 leads to (docs/spec/approval.md).
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalResource {
    /// Id of the request.
    pub approval: Hash,
    /// Where a request stands.
    pub state: ApprovalState,
    /// Why nothing waits for the answers to a request that is pending or granted; absent: something does.
    pub stale: Option<ApprovalStale>,
    /// What the action is aimed at: a tool's name, a resource's URI, a URL.
    pub target: String,
    /// When it was asked.
    pub iat: u64,
    /// When it ends.
    pub expires: u64,
}

impl ApprovalResource {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [approval, expires, iat, stale, state, target] =
            reader::members(this, here, &["approval", "expires", "iat", "stale", "state", "target"])?;
        Ok(Self {
            approval: reader::required(this, approval, here, "approval", reader::fixed)?,
            state: reader::required(this, state, here, "state", ApprovalState::read_at)?,
            stale: reader::optional(stale, here, "stale", ApprovalStale::read_at)?,
            target: reader::required(this, target, here, "target", |value, path| reader::text(value, path, 1, 512))?,
            iat: reader::required(this, iat, here, "iat", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            expires: reader::required(this, expires, here, "expires", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(224);
        out.extend_from_slice(br#"{"approval":""#);
        self.approval.write(out);
        out.extend_from_slice(br#"","expires":"#);
        writer::unsigned(self.expires, out);
        out.extend_from_slice(br#","iat":"#);
        writer::unsigned(self.iat, out);
        if let Some(x) = self.stale {
            out.extend_from_slice(br#","stale":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.push(b'"');
        }
        out.extend_from_slice(br#","state":""#);
        out.extend_from_slice(self.state.as_str().as_bytes());
        out.extend_from_slice(br#"","target":"#);
        json::write_string(&self.target, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}
