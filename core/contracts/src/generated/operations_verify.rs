// Generated from contracts/operations/verify.yaml by `cargo run -p talos-codegen`; do not edit.
//! Inputs and outputs of receipt.verify, bundle.verify.

use super::reader::Path;
use super::{ErrorCode, Receipt, reader, writer};
use crate::json::Value;
use crate::scalar::Hash;
use crate::{Error, json};

/// Input of `receipt.verify`.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceiptVerifyInput {
    /// The receipt's envelope, as an object or as its text.
    pub envelope: Value,
    /// The issuers that are trusted; absent: whoever signed.
    pub issuers: Option<Vec<String>>,
}

impl ReceiptVerifyInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [envelope, issuers] = reader::members(this, here, &["envelope", "issuers"])?;
        Ok(Self {
            envelope: reader::required(this, envelope, here, "envelope", reader::any)?,
            issuers: reader::optional(issuers, here, "issuers", |value, path| {
                reader::list(value, path, 0, 64, |value, path| reader::text(value, path, 1, 512))
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"envelope":"#);
        json::write_canonical(&self.envelope, out);
        if let Some(x) = &self.issuers {
            out.extend_from_slice(br#","issuers":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
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

/// Output of `receipt.verify`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReceiptVerifyOutput {
    /// Whether the receipt verifies.
    pub valid: bool,
    /// Why the answer is false.
    pub reason: Option<ErrorCode>,
    /// Id of the receipt.
    pub receipt_id: Option<Hash>,
    /// The body.
    pub receipt: Option<Receipt>,
}

impl ReceiptVerifyOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [reason, receipt, receipt_id, valid] =
            reader::members(this, here, &["reason", "receipt", "receipt_id", "valid"])?;
        Ok(Self {
            valid: reader::required(this, valid, here, "valid", reader::boolean)?,
            reason: reader::optional(reason, here, "reason", reader::error_code)?,
            receipt_id: reader::optional(receipt_id, here, "receipt_id", reader::fixed)?,
            receipt: reader::optional(receipt, here, "receipt", Receipt::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(160);
        out.push(b'{');
        if let Some(x) = self.reason {
            out.extend_from_slice(br#""reason":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = &self.receipt {
            out.extend_from_slice(br#""receipt":"#);
            x.write(out);
            out.push(b',');
        }
        if let Some(x) = self.receipt_id {
            out.extend_from_slice(br#""receipt_id":""#);
            x.write(out);
            out.extend_from_slice(br#"","#);
        }
        out.extend_from_slice(br#""valid":"#);
        writer::boolean(self.valid, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `bundle.verify`.
#[derive(Clone, Debug, PartialEq)]
pub struct BundleVerifyInput {
    /// The bundle, as an object or as its text.
    pub bundle: Value,
    /// Verifier keys of the logs that are trusted; absent: none.
    pub log_keys: Option<Vec<String>>,
    /// The issuers that are trusted; absent: none.
    pub issuers: Option<Vec<String>>,
}

impl BundleVerifyInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [bundle, issuers, log_keys] = reader::members(this, here, &["bundle", "issuers", "log_keys"])?;
        Ok(Self {
            bundle: reader::required(this, bundle, here, "bundle", reader::any)?,
            log_keys: reader::optional(log_keys, here, "log_keys", |value, path| {
                reader::list(value, path, 0, 64, |value, path| reader::text(value, path, 1, 512))
            })?,
            issuers: reader::optional(issuers, here, "issuers", |value, path| {
                reader::list(value, path, 0, 64, |value, path| reader::text(value, path, 1, 512))
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(160);
        out.extend_from_slice(br#"{"bundle":"#);
        json::write_canonical(&self.bundle, out);
        if let Some(x) = &self.issuers {
            out.extend_from_slice(br#","issuers":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
        }
        if let Some(x) = &self.log_keys {
            out.extend_from_slice(br#","log_keys":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
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

/// Output of `bundle.verify`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BundleVerifyOutput {
    /// Whether everything verifies, trust included.
    pub valid: bool,
    /// Why the answer is false.
    pub reason: Option<ErrorCode>,
    /// Whether log and issuer are among those that are trusted.
    pub trusted: Option<bool>,
    /// Id of the receipt.
    pub receipt_id: Option<Hash>,
    /// Leaf index of the receipt.
    pub index: Option<u64>,
    /// Size of the tree of the checkpoint.
    pub size: Option<u64>,
    /// The body.
    pub receipt: Option<Receipt>,
}

impl BundleVerifyOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [index, reason, receipt, receipt_id, size, trusted, valid] =
            reader::members(this, here, &["index", "reason", "receipt", "receipt_id", "size", "trusted", "valid"])?;
        Ok(Self {
            valid: reader::required(this, valid, here, "valid", reader::boolean)?,
            reason: reader::optional(reason, here, "reason", reader::error_code)?,
            trusted: reader::optional(trusted, here, "trusted", reader::boolean)?,
            receipt_id: reader::optional(receipt_id, here, "receipt_id", reader::fixed)?,
            index: reader::optional(index, here, "index", reader::size)?,
            size: reader::optional(size, here, "size", reader::size)?,
            receipt: reader::optional(receipt, here, "receipt", Receipt::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(256);
        out.push(b'{');
        if let Some(x) = self.index {
            out.extend_from_slice(br#""index":"#);
            writer::size(x, out);
            out.push(b',');
        }
        if let Some(x) = self.reason {
            out.extend_from_slice(br#""reason":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = &self.receipt {
            out.extend_from_slice(br#""receipt":"#);
            x.write(out);
            out.push(b',');
        }
        if let Some(x) = self.receipt_id {
            out.extend_from_slice(br#""receipt_id":""#);
            x.write(out);
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = self.size {
            out.extend_from_slice(br#""size":"#);
            writer::size(x, out);
            out.push(b',');
        }
        if let Some(x) = self.trusted {
            out.extend_from_slice(br#""trusted":"#);
            writer::boolean(x, out);
            out.push(b',');
        }
        out.extend_from_slice(br#""valid":"#);
        writer::boolean(self.valid, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}
