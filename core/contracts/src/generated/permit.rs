// Generated from contracts/schemas/permit.json by `cargo run -p talos-codegen`; do not edit.
//! The right to run one action once.

use super::reader::Path;
use super::{Effect, PermitState, reader, writer};
use crate::json::Value;
use crate::{Error, json, scalar};

/// The right to run one action once.
#[derive(Clone, Debug, PartialEq)]
pub struct Permit {
    /// The run of the call.
    pub run: String,
    /// The id of a call within its run, made by the connector.
    pub call: String,
    /// Where a permit is in its life.
    pub state: PermitState,
    /// What an action does to the world, from harmless to final.
    pub effect: Effect,
    /// When the permit expires, in milliseconds since 1970.
    pub expires_at: u64,
}

impl Permit {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [call, effect, expires_at, run, state] =
            reader::members(this, here, &["call", "effect", "expires_at", "run", "state"])?;
        Ok(Self {
            run: reader::required(this, run, here, "run", |value, path| {
                reader::checked(value, path, scalar::is_uuid, "A UUID in lower case.")
            })?,
            call: reader::required(this, call, here, "call", |value, path| reader::text(value, path, 1, 128))?,
            state: reader::required(this, state, here, "state", PermitState::read_at)?,
            effect: reader::required(this, effect, here, "effect", Effect::read_at)?,
            expires_at: reader::required(this, expires_at, here, "expires_at", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(160);
        out.extend_from_slice(br#"{"call":"#);
        json::write_string(&self.call, out);
        out.extend_from_slice(br#","effect":""#);
        out.extend_from_slice(self.effect.as_str().as_bytes());
        out.extend_from_slice(br#"","expires_at":"#);
        writer::unsigned(self.expires_at, out);
        out.extend_from_slice(br#","run":"#);
        json::write_string(&self.run, out);
        out.extend_from_slice(br#","state":""#);
        out.extend_from_slice(self.state.as_str().as_bytes());
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}
