// Generated from contracts/schemas/configuration.json by `cargo run -p talos-codegen`; do not edit.
//! The file talos.toml.

use super::reader::Path;
use super::{SignMode, reader, writer};
use crate::json::Value;
use crate::{Error, json, scalar};

/// The file talos.toml.
#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    /// The name of a log: the first line of its checkpoints.
    pub origin: String,
    /// Path of the policy file, relative to this one.
    pub policy: Option<String>,
    /// Who vouches for receipts of reads; absent: self.
    pub sign_reads: Option<SignMode>,
    /// How long a permit may wait for its start, in seconds; absent: 60.
    pub permit_seconds: Option<u64>,
    /// Whether arguments and results are kept, so that they can be disclosed; absent: false.
    pub store_bodies: Option<bool>,
    /// The organisation that the agents of this directory belong to.
    pub organisation: Option<String>,
    /// The team that the agents of this directory belong to.
    pub team: Option<String>,
}

impl Configuration {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [organisation, origin, permit_seconds, policy, sign_reads, store_bodies, team] = reader::members(
            this,
            here,
            &["organisation", "origin", "permit_seconds", "policy", "sign_reads", "store_bodies", "team"],
        )?;
        Ok(Self {
            origin: reader::required(this, origin, here, "origin", |value, path| {
                reader::checked(value, path, scalar::is_origin, "The name of a log: the first line of its checkpoints.")
            })?,
            policy: reader::optional(policy, here, "policy", |value, path| reader::text(value, path, 1, 4096))?,
            sign_reads: reader::optional(sign_reads, here, "sign_reads", SignMode::read_at)?,
            permit_seconds: reader::optional(permit_seconds, here, "permit_seconds", |value, path| {
                reader::unsigned(value, path, 1, 86400)
            })?,
            store_bodies: reader::optional(store_bodies, here, "store_bodies", reader::boolean)?,
            organisation: reader::optional(organisation, here, "organisation", |value, path| {
                reader::text(value, path, 1, 128)
            })?,
            team: reader::optional(team, here, "team", |value, path| reader::text(value, path, 1, 128))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(320);
        out.push(b'{');
        if let Some(x) = &self.organisation {
            out.extend_from_slice(br#""organisation":"#);
            json::write_string(x, out);
            out.push(b',');
        }
        out.extend_from_slice(br#""origin":"#);
        json::write_string(&self.origin, out);
        if let Some(x) = self.permit_seconds {
            out.extend_from_slice(br#","permit_seconds":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = &self.policy {
            out.extend_from_slice(br#","policy":"#);
            json::write_string(x, out);
        }
        if let Some(x) = self.sign_reads {
            out.extend_from_slice(br#","sign_reads":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.push(b'"');
        }
        if let Some(x) = self.store_bodies {
            out.extend_from_slice(br#","store_bodies":"#);
            writer::boolean(x, out);
        }
        if let Some(x) = &self.team {
            out.extend_from_slice(br#","team":"#);
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
