// Generated from contracts/operations/standing.yaml by `cargo run -p talos-codegen`; do not edit.
//! Inputs and outputs of standing.set, standing.show.

use super::reader::Path;
use super::{Scope, StandingHold, reader, writer};
use crate::json::Value;
use crate::scalar::Hash;
use crate::{Error, json};

/// Input of `standing.set`.
#[derive(Clone, Debug, PartialEq)]
pub struct StandingSetInput {
    /// What it is about.
    pub scope: Scope,
    /// Whether it is held from now on.
    pub held: bool,
    /// A note for the record.
    pub why: Option<String>,
}

impl StandingSetInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [held, scope, why] = reader::members(this, here, &["held", "scope", "why"])?;
        Ok(Self {
            scope: reader::required(this, scope, here, "scope", Scope::read_at)?,
            held: reader::required(this, held, here, "held", reader::boolean)?,
            why: reader::optional(why, here, "why", |value, path| reader::text(value, path, 1, 256))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.extend_from_slice(br#"{"held":"#);
        writer::boolean(self.held, out);
        out.extend_from_slice(br#","scope":"#);
        self.scope.write(out);
        if let Some(x) = &self.why {
            out.extend_from_slice(br#","why":"#);
            json::write_string(x, out);
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

/// Output of `standing.set`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StandingSetOutput {
    /// What is held now.
    pub holds: Vec<StandingHold>,
    /// Id of the receipt; absent where a hold began and none could be written.
    pub receipt_id: Option<Hash>,
    /// Its leaf index.
    pub index: Option<u64>,
}

impl StandingSetOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [holds, index, receipt_id] = reader::members(this, here, &["holds", "index", "receipt_id"])?;
        Ok(Self {
            holds: reader::required(this, holds, here, "holds", |value, path| {
                reader::list(value, path, 0, 65536, StandingHold::read_at)
            })?,
            receipt_id: reader::optional(receipt_id, here, "receipt_id", reader::fixed)?,
            index: reader::optional(index, here, "index", reader::size)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.extend_from_slice(br#"{"holds":"#);
        writer::list(&self.holds, out, |x, out| {
            x.write(out);
        });
        if let Some(x) = self.index {
            out.extend_from_slice(br#","index":"#);
            writer::size(x, out);
        }
        if let Some(x) = self.receipt_id {
            out.extend_from_slice(br#","receipt_id":""#);
            x.write(out);
            out.push(b'"');
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

/// Input of `standing.show`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StandingShowInput {}

impl StandingShowInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [] = reader::members(this, here, &[])?;
        Ok(Self {})
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(32);
        let start = out.len();
        writer::open(start, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `standing.show`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StandingShowOutput {
    /// What is held.
    pub holds: Vec<StandingHold>,
}

impl StandingShowOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [holds] = reader::members(this, here, &["holds"])?;
        Ok(Self {
            holds: reader::required(this, holds, here, "holds", |value, path| {
                reader::list(value, path, 0, 65536, StandingHold::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"holds":"#);
        writer::list(&self.holds, out, |x, out| {
            x.write(out);
        });
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}
