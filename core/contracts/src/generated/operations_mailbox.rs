// Generated from contracts/operations/mailbox.yaml by `cargo run -p talos-codegen`; do not edit.
//! Inputs and outputs of mailbox.sign_request, mailbox.verify_request.

use super::reader::Path;
use super::{Envelope, ErrorCode, MailboxMethod, Seed, reader, writer};
use crate::json::Value;
use crate::scalar::Salt;
use crate::{Error, json, scalar};

/// Input of `mailbox.sign_request`.
#[derive(Clone, Debug, PartialEq)]
pub struct MailboxSignRequestInput {
    /// The seed of the agent's sign key.
    pub seed: Seed,
    /// The base URL of the mailbox, without a slash at its end.
    pub mailbox: String,
    /// The method of an HTTP request.
    pub method: MailboxMethod,
    /// The path with its query.
    pub path: String,
    /// When.
    pub iat: u64,
    /// Sixteen random bytes.
    pub nonce: Salt,
    /// The body; absent: none.
    pub body: Option<Vec<u8>>,
}

impl MailboxSignRequestInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [body, iat, mailbox, method, nonce, path, seed] =
            reader::members(this, here, &["body", "iat", "mailbox", "method", "nonce", "path", "seed"])?;
        Ok(Self {
            seed: reader::required(this, seed, here, "seed", reader::seed)?,
            mailbox: reader::required(this, mailbox, here, "mailbox", |value, path| reader::text(value, path, 1, 512))?,
            method: reader::required(this, method, here, "method", MailboxMethod::read_at)?,
            path: reader::required(this, path, here, "path", |value, path| reader::text(value, path, 1, 2048))?,
            iat: reader::required(this, iat, here, "iat", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            nonce: reader::required(this, nonce, here, "nonce", reader::fixed)?,
            body: reader::optional(body, here, "body", |value, path| reader::bytes(value, path, 22369622))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(288);
        out.push(b'{');
        if let Some(x) = &self.body {
            out.extend_from_slice(br#""body":""#);
            writer::bytes(x, out);
            out.extend_from_slice(br#"","#);
        }
        out.extend_from_slice(br#""iat":"#);
        writer::unsigned(self.iat, out);
        out.extend_from_slice(br#","mailbox":"#);
        json::write_string(&self.mailbox, out);
        out.extend_from_slice(br#","method":""#);
        out.extend_from_slice(self.method.as_str().as_bytes());
        out.extend_from_slice(br#"","nonce":""#);
        self.nonce.write(out);
        out.extend_from_slice(br#"","path":"#);
        json::write_string(&self.path, out);
        out.extend_from_slice(br#","seed":""#);
        writer::bytes(self.seed.expose(), out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `mailbox.sign_request`.
#[derive(Clone, Debug, PartialEq)]
pub struct MailboxSignRequestOutput {
    /// The signed request.
    pub request: Envelope,
    /// The value of the header.
    pub header: String,
}

impl MailboxSignRequestOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [header, request] = reader::members(this, here, &["header", "request"])?;
        Ok(Self {
            request: reader::required(this, request, here, "request", Envelope::read_at)?,
            header: reader::required(this, header, here, "header", |value, path| reader::text(value, path, 1, 8192))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"header":"#);
        json::write_string(&self.header, out);
        out.extend_from_slice(br#","request":"#);
        self.request.write(out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `mailbox.verify_request`.
#[derive(Clone, Debug, PartialEq)]
pub struct MailboxVerifyRequestInput {
    /// The value of the header.
    pub header: String,
    /// The base URL of this mailbox, without a slash at its end.
    pub mailbox: String,
    /// The method of an HTTP request.
    pub method: MailboxMethod,
    /// The path with its query.
    pub path: String,
    /// The time.
    pub now_ms: u64,
    /// The body; absent: none.
    pub body: Option<Vec<u8>>,
}

impl MailboxVerifyRequestInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [body, header, mailbox, method, now_ms, path] =
            reader::members(this, here, &["body", "header", "mailbox", "method", "now_ms", "path"])?;
        Ok(Self {
            header: reader::required(this, header, here, "header", |value, path| reader::text(value, path, 0, 65536))?,
            mailbox: reader::required(this, mailbox, here, "mailbox", |value, path| reader::text(value, path, 1, 512))?,
            method: reader::required(this, method, here, "method", MailboxMethod::read_at)?,
            path: reader::required(this, path, here, "path", |value, path| reader::text(value, path, 1, 2048))?,
            now_ms: reader::required(this, now_ms, here, "now_ms", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            body: reader::optional(body, here, "body", |value, path| reader::bytes(value, path, 22369622))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(224);
        out.push(b'{');
        if let Some(x) = &self.body {
            out.extend_from_slice(br#""body":""#);
            writer::bytes(x, out);
            out.extend_from_slice(br#"","#);
        }
        out.extend_from_slice(br#""header":"#);
        json::write_string(&self.header, out);
        out.extend_from_slice(br#","mailbox":"#);
        json::write_string(&self.mailbox, out);
        out.extend_from_slice(br#","method":""#);
        out.extend_from_slice(self.method.as_str().as_bytes());
        out.extend_from_slice(br#"","now_ms":"#);
        writer::unsigned(self.now_ms, out);
        out.extend_from_slice(br#","path":"#);
        json::write_string(&self.path, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `mailbox.verify_request`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MailboxVerifyRequestOutput {
    /// Whether the request is what somebody signed for this mailbox now.
    pub valid: bool,
    /// Why the answer is false.
    pub reason: Option<ErrorCode>,
    /// Who.
    pub agent: Option<String>,
    /// Its nonce, to be remembered for 120 seconds after iat.
    pub nonce: Option<Salt>,
}

impl MailboxVerifyRequestOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [agent, nonce, reason, valid] = reader::members(this, here, &["agent", "nonce", "reason", "valid"])?;
        Ok(Self {
            valid: reader::required(this, valid, here, "valid", reader::boolean)?,
            reason: reader::optional(reason, here, "reason", reader::error_code)?,
            agent: reader::optional(agent, here, "agent", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
            nonce: reader::optional(nonce, here, "nonce", reader::fixed)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(160);
        out.push(b'{');
        if let Some(x) = &self.agent {
            out.extend_from_slice(br#""agent":"#);
            json::write_string(x, out);
            out.push(b',');
        }
        if let Some(x) = self.nonce {
            out.extend_from_slice(br#""nonce":""#);
            x.write(out);
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = self.reason {
            out.extend_from_slice(br#""reason":""#);
            out.extend_from_slice(x.as_str().as_bytes());
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
