// Generated from contracts/schemas/error.json by `cargo run -p talos-codegen`; do not edit.
//! An error as a problem document (RFC 9457).

use super::reader::Path;
use super::{ErrorCode, reader, writer};
use crate::json::Value;
use crate::scalar::Hash;
use crate::{Error, json};

/// An error as a problem document (RFC 9457).
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// urn:talos:error: and the code.
    pub r#type: String,
    /// The public sentence of the code.
    pub title: String,
    /// HTTP status; 202 where the action waits for people.
    pub status: u64,
    /// A code of the error registry.
    pub code: ErrorCode,
    /// What was got and what was expected.
    pub detail: String,
    /// Whether the same request can succeed later.
    pub retryable: bool,
    /// Byte offset of the mistake in the text that was sent.
    pub offset: Option<u64>,
    /// The nearest thing that would have been accepted.
    pub suggestion: Option<String>,
    /// Id of the receipt that is evidence of the refusal, where there is one.
    pub receipt_id: Option<Hash>,
    /// Id of the request for approval that the action waits for.
    pub approval: Option<Hash>,
}

impl Problem {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [approval, code, detail, offset, receipt_id, retryable, status, suggestion, title, r#type] =
            reader::members(
                this,
                here,
                &[
                    "approval",
                    "code",
                    "detail",
                    "offset",
                    "receipt_id",
                    "retryable",
                    "status",
                    "suggestion",
                    "title",
                    "type",
                ],
            )?;
        Ok(Self {
            r#type: reader::required(this, r#type, here, "type", |value, path| reader::text(value, path, 1, 128))?,
            title: reader::required(this, title, here, "title", |value, path| reader::text(value, path, 1, 256))?,
            status: reader::required(this, status, here, "status", |value, path| {
                reader::unsigned(value, path, 202, 599)
            })?,
            code: reader::required(this, code, here, "code", reader::error_code)?,
            detail: reader::required(this, detail, here, "detail", |value, path| reader::text(value, path, 0, 4096))?,
            retryable: reader::required(this, retryable, here, "retryable", reader::boolean)?,
            offset: reader::optional(offset, here, "offset", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            suggestion: reader::optional(suggestion, here, "suggestion", |value, path| {
                reader::text(value, path, 0, 512)
            })?,
            receipt_id: reader::optional(receipt_id, here, "receipt_id", reader::fixed)?,
            approval: reader::optional(approval, here, "approval", reader::fixed)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(416);
        out.push(b'{');
        if let Some(x) = self.approval {
            out.extend_from_slice(br#""approval":""#);
            x.write(out);
            out.extend_from_slice(br#"","#);
        }
        out.extend_from_slice(br#""code":""#);
        out.extend_from_slice(self.code.as_str().as_bytes());
        out.extend_from_slice(br#"","detail":"#);
        json::write_string(&self.detail, out);
        if let Some(x) = self.offset {
            out.extend_from_slice(br#","offset":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = self.receipt_id {
            out.extend_from_slice(br#","receipt_id":""#);
            x.write(out);
            out.push(b'"');
        }
        out.extend_from_slice(br#","retryable":"#);
        writer::boolean(self.retryable, out);
        out.extend_from_slice(br#","status":"#);
        writer::unsigned(self.status, out);
        if let Some(x) = &self.suggestion {
            out.extend_from_slice(br#","suggestion":"#);
            json::write_string(x, out);
        }
        out.extend_from_slice(br#","title":"#);
        json::write_string(&self.title, out);
        out.extend_from_slice(br#","type":"#);
        json::write_string(&self.r#type, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}
