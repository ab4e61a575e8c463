// Generated from contracts/schemas/outcome.json by `cargo run -p talos-codegen`; do not edit.
//! How an action ended: the input of a settlement.

use super::reader::Path;
use super::{Amount, OutcomeStatus, SessionRef, reader, writer};
use crate::json::Value;
use crate::{Error, json};

/// How an action ended: the input of a settlement.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// How an action ended.
    pub status: OutcomeStatus,
    /// The result, any JSON value of profile talos-data.
    pub result: Option<Value>,
    /// Tokens that were used.
    pub tokens: Option<u64>,
    /// Money that was spent.
    pub amount: Option<Amount>,
    /// Confidence in the result, in basis points.
    pub confidence_bp: Option<u64>,
    /// The session and the frame that carried it away.
    pub session: Option<SessionRef>,
}

impl Outcome {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [amount, confidence_bp, result, session, status, tokens] =
            reader::members(this, here, &["amount", "confidence_bp", "result", "session", "status", "tokens"])?;
        Ok(Self {
            status: reader::required(this, status, here, "status", OutcomeStatus::read_at)?,
            result: reader::optional(result, here, "result", reader::any)?,
            tokens: reader::optional(tokens, here, "tokens", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            amount: reader::optional(amount, here, "amount", Amount::read_at)?,
            confidence_bp: reader::optional(confidence_bp, here, "confidence_bp", |value, path| {
                reader::unsigned(value, path, 0, 10000)
            })?,
            session: reader::optional(session, here, "session", SessionRef::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(224);
        out.push(b'{');
        if let Some(x) = &self.amount {
            out.extend_from_slice(br#""amount":"#);
            x.write(out);
            out.push(b',');
        }
        if let Some(x) = self.confidence_bp {
            out.extend_from_slice(br#""confidence_bp":"#);
            writer::unsigned(x, out);
            out.push(b',');
        }
        if let Some(x) = &self.result {
            out.extend_from_slice(br#""result":"#);
            json::write_canonical(x, out);
            out.push(b',');
        }
        if let Some(x) = &self.session {
            out.extend_from_slice(br#""session":"#);
            x.write(out);
            out.push(b',');
        }
        out.extend_from_slice(br#""status":""#);
        out.extend_from_slice(self.status.as_str().as_bytes());
        out.push(b'"');
        if let Some(x) = self.tokens {
            out.extend_from_slice(br#","tokens":"#);
            writer::unsigned(x, out);
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
