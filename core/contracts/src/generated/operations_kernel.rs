// Generated from contracts/operations/kernel.yaml by `cargo run -p talos-codegen`; do not edit.
//! Inputs and outputs of kernel.open, kernel.describe, kernel.identity, kernel.reload, kernel.close, run.open, run.decide, run.authorize, run.refuse, run.start, run.settle, run.release, run.permit, run.counters, run.close, receipt.get, audit.prove, audit.checkpoint, audit.verify_log.

use super::reader::Path;
use super::{
    Action, Bundle, Decision, Envelope, ErrorCode, Outcome, PermitState, PolicyFormat, PolicyRef, Receipt, reader,
    writer,
};
use crate::json::Value;
use crate::scalar::Hash;
use crate::{Error, json, scalar};

/// Input of `kernel.open`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KernelOpenInput {
    /// The directory with keys, policy and log, made if it is missing; absent: $TALOS_DIR, else the user's data directory.
    pub directory: Option<String>,
    /// Keep everything in memory, with keys of its own: for tests; absent: false.
    pub memory: Option<bool>,
    /// The policy itself; absent: policy_path.
    pub policy: Option<String>,
    /// The format of policy; absent: yaml.
    pub policy_format: Option<PolicyFormat>,
    /// The policy's file; absent: the directory's own policy, else the built-in one.
    pub policy_path: Option<String>,
    /// Files with Cedar policies, which have to allow, too; absent: the directory's own.
    pub cedar_paths: Option<Vec<String>>,
    /// The file with the tools' definitions that cedar_paths is validated against; absent: the one beside policy_path, if there is one.
    pub tools_path: Option<String>,
    /// A policy that is decided on beside it and recorded, in policy_format; absent: none.
    pub shadow: Option<String>,
}

impl KernelOpenInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [cedar_paths, directory, memory, policy, policy_format, policy_path, shadow, tools_path] = reader::members(
            this,
            here,
            &["cedar_paths", "directory", "memory", "policy", "policy_format", "policy_path", "shadow", "tools_path"],
        )?;
        Ok(Self {
            directory: reader::optional(directory, here, "directory", |value, path| {
                reader::text(value, path, 1, 4096)
            })?,
            memory: reader::optional(memory, here, "memory", reader::boolean)?,
            policy: reader::optional(policy, here, "policy", |value, path| reader::text(value, path, 0, 16777216))?,
            policy_format: reader::optional(policy_format, here, "policy_format", PolicyFormat::read_at)?,
            policy_path: reader::optional(policy_path, here, "policy_path", |value, path| {
                reader::text(value, path, 1, 4096)
            })?,
            cedar_paths: reader::optional(cedar_paths, here, "cedar_paths", |value, path| {
                reader::list(value, path, 0, 64, |value, path| reader::text(value, path, 1, 4096))
            })?,
            tools_path: reader::optional(tools_path, here, "tools_path", |value, path| {
                reader::text(value, path, 1, 4096)
            })?,
            shadow: reader::optional(shadow, here, "shadow", |value, path| reader::text(value, path, 0, 16777216))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(352);
        let start = out.len();
        if let Some(x) = &self.cedar_paths {
            out.extend_from_slice(br#","cedar_paths":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
        }
        if let Some(x) = &self.directory {
            out.extend_from_slice(br#","directory":"#);
            json::write_string(x, out);
        }
        if let Some(x) = self.memory {
            out.extend_from_slice(br#","memory":"#);
            writer::boolean(x, out);
        }
        if let Some(x) = &self.policy {
            out.extend_from_slice(br#","policy":"#);
            json::write_string(x, out);
        }
        if let Some(x) = self.policy_format {
            out.extend_from_slice(br#","policy_format":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.push(b'"');
        }
        if let Some(x) = &self.policy_path {
            out.extend_from_slice(br#","policy_path":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.shadow {
            out.extend_from_slice(br#","shadow":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.tools_path {
            out.extend_from_slice(br#","tools_path":"#);
            json::write_string(x, out);
        }
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

/// Output of `kernel.open`.
#[derive(Clone, Debug, PartialEq)]
pub struct KernelOpenOutput {
    /// The DID that issues the receipts.
    pub issuer: String,
    /// The name of a log: the first line of its checkpoints.
    pub origin: String,
    /// Verifier key of a log (C2SP signed-note): name, key id and key.
    pub log_key: String,
    /// Which policy decided.
    pub policy: PolicyRef,
    /// The directory; absent: in memory.
    pub directory: Option<String>,
}

impl KernelOpenOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [directory, issuer, log_key, origin, policy] =
            reader::members(this, here, &["directory", "issuer", "log_key", "origin", "policy"])?;
        Ok(Self {
            issuer: reader::required(this, issuer, here, "issuer", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
            origin: reader::required(this, origin, here, "origin", |value, path| {
                reader::checked(value, path, scalar::is_origin, "The name of a log: the first line of its checkpoints.")
            })?,
            log_key: reader::required(this, log_key, here, "log_key", |value, path| reader::text(value, path, 1, 512))?,
            policy: reader::required(this, policy, here, "policy", PolicyRef::read_at)?,
            directory: reader::optional(directory, here, "directory", |value, path| {
                reader::text(value, path, 1, 4096)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(288);
        out.push(b'{');
        if let Some(x) = &self.directory {
            out.extend_from_slice(br#""directory":"#);
            json::write_string(x, out);
            out.push(b',');
        }
        out.extend_from_slice(br#""issuer":"#);
        json::write_string(&self.issuer, out);
        out.extend_from_slice(br#","log_key":"#);
        json::write_string(&self.log_key, out);
        out.extend_from_slice(br#","origin":"#);
        json::write_string(&self.origin, out);
        out.extend_from_slice(br#","policy":"#);
        self.policy.write(out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `kernel.describe`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KernelDescribeInput {}

impl KernelDescribeInput {
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

/// Output of `kernel.describe`.
#[derive(Clone, Debug, PartialEq)]
pub struct KernelDescribeOutput {
    /// The DID that issues the receipts.
    pub issuer: String,
    /// The name of a log: the first line of its checkpoints.
    pub origin: String,
    /// Verifier key of a log (C2SP signed-note): name, key id and key.
    pub log_key: String,
    /// Which policy decided.
    pub policy: PolicyRef,
    /// The directory; absent: in memory.
    pub directory: Option<String>,
}

impl KernelDescribeOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [directory, issuer, log_key, origin, policy] =
            reader::members(this, here, &["directory", "issuer", "log_key", "origin", "policy"])?;
        Ok(Self {
            issuer: reader::required(this, issuer, here, "issuer", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
            origin: reader::required(this, origin, here, "origin", |value, path| {
                reader::checked(value, path, scalar::is_origin, "The name of a log: the first line of its checkpoints.")
            })?,
            log_key: reader::required(this, log_key, here, "log_key", |value, path| reader::text(value, path, 1, 512))?,
            policy: reader::required(this, policy, here, "policy", PolicyRef::read_at)?,
            directory: reader::optional(directory, here, "directory", |value, path| {
                reader::text(value, path, 1, 4096)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(288);
        out.push(b'{');
        if let Some(x) = &self.directory {
            out.extend_from_slice(br#""directory":"#);
            json::write_string(x, out);
            out.push(b',');
        }
        out.extend_from_slice(br#""issuer":"#);
        json::write_string(&self.issuer, out);
        out.extend_from_slice(br#","log_key":"#);
        json::write_string(&self.log_key, out);
        out.extend_from_slice(br#","origin":"#);
        json::write_string(&self.origin, out);
        out.extend_from_slice(br#","policy":"#);
        self.policy.write(out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `kernel.identity`.
#[derive(Clone, Debug, PartialEq)]
pub struct KernelIdentityInput {
    /// A name: lower-case letters, digits, - and _, the first a letter or digit.
    pub name: String,
}

impl KernelIdentityInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [name] = reader::members(this, here, &["name"])?;
        Ok(Self {
            name: reader::required(this, name, here, "name", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"name":"#);
        json::write_string(&self.name, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `kernel.identity`.
#[derive(Clone, Debug, PartialEq)]
pub struct KernelIdentityOutput {
    /// A name: lower-case letters, digits, - and _, the first a letter or digit.
    pub name: String,
    /// A did:key.
    pub did: String,
}

impl KernelIdentityOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [did, name] = reader::members(this, here, &["did", "name"])?;
        Ok(Self {
            name: reader::required(this, name, here, "name", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            did: reader::required(this, did, here, "did", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.extend_from_slice(br#"{"did":"#);
        json::write_string(&self.did, out);
        out.extend_from_slice(br#","name":"#);
        json::write_string(&self.name, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `kernel.reload`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KernelReloadInput {
    /// The policy itself; absent: policy_path.
    pub policy: Option<String>,
    /// The format of policy; absent: yaml.
    pub policy_format: Option<PolicyFormat>,
    /// The policy's file; absent: the directory's own policy, else the built-in one.
    pub policy_path: Option<String>,
    /// A policy that is decided on beside it and recorded, in policy_format; absent: none.
    pub shadow: Option<String>,
}

impl KernelReloadInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [policy, policy_format, policy_path, shadow] =
            reader::members(this, here, &["policy", "policy_format", "policy_path", "shadow"])?;
        Ok(Self {
            policy: reader::optional(policy, here, "policy", |value, path| reader::text(value, path, 0, 16777216))?,
            policy_format: reader::optional(policy_format, here, "policy_format", PolicyFormat::read_at)?,
            policy_path: reader::optional(policy_path, here, "policy_path", |value, path| {
                reader::text(value, path, 1, 4096)
            })?,
            shadow: reader::optional(shadow, here, "shadow", |value, path| reader::text(value, path, 0, 16777216))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(192);
        let start = out.len();
        if let Some(x) = &self.policy {
            out.extend_from_slice(br#","policy":"#);
            json::write_string(x, out);
        }
        if let Some(x) = self.policy_format {
            out.extend_from_slice(br#","policy_format":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.push(b'"');
        }
        if let Some(x) = &self.policy_path {
            out.extend_from_slice(br#","policy_path":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.shadow {
            out.extend_from_slice(br#","shadow":"#);
            json::write_string(x, out);
        }
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

/// Output of `kernel.reload`.
#[derive(Clone, Debug, PartialEq)]
pub struct KernelReloadOutput {
    /// Which policy decided.
    pub policy: PolicyRef,
}

impl KernelReloadOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [policy] = reader::members(this, here, &["policy"])?;
        Ok(Self { policy: reader::required(this, policy, here, "policy", PolicyRef::read_at)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"policy":"#);
        self.policy.write(out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `kernel.close`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KernelCloseInput {}

impl KernelCloseInput {
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

/// Output of `kernel.close`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KernelCloseOutput {}

impl KernelCloseOutput {
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

/// Input of `run.open`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunOpenInput {
    /// The run; absent: a new one.
    pub run: Option<String>,
    /// The named agent that acts; absent: actor.
    pub agent: Option<String>,
    /// The DID that acts; absent: the kernel's issuer.
    pub actor: Option<String>,
    /// On whose behalf all actions of the run are, unless they say otherwise.
    pub principal: Option<String>,
    /// The organisation of the agent; absent: the configuration's.
    pub organisation: Option<String>,
    /// The team of the agent; absent: the configuration's.
    pub team: Option<String>,
}

impl RunOpenInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [actor, agent, organisation, principal, run, team] =
            reader::members(this, here, &["actor", "agent", "organisation", "principal", "run", "team"])?;
        Ok(Self {
            run: reader::optional(run, here, "run", |value, path| {
                reader::checked(value, path, scalar::is_uuid, "A UUID in lower case.")
            })?,
            agent: reader::optional(agent, here, "agent", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            actor: reader::optional(actor, here, "actor", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
            principal: reader::optional(principal, here, "principal", |value, path| reader::text(value, path, 1, 512))?,
            organisation: reader::optional(organisation, here, "organisation", |value, path| {
                reader::text(value, path, 1, 128)
            })?,
            team: reader::optional(team, here, "team", |value, path| reader::text(value, path, 1, 128))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(288);
        let start = out.len();
        if let Some(x) = &self.actor {
            out.extend_from_slice(br#","actor":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.agent {
            out.extend_from_slice(br#","agent":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.organisation {
            out.extend_from_slice(br#","organisation":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.principal {
            out.extend_from_slice(br#","principal":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.run {
            out.extend_from_slice(br#","run":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.team {
            out.extend_from_slice(br#","team":"#);
            json::write_string(x, out);
        }
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

/// Output of `run.open`.
#[derive(Clone, Debug, PartialEq)]
pub struct RunOpenOutput {
    /// The run.
    pub run: String,
    /// The DID that acts.
    pub actor: String,
}

impl RunOpenOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [actor, run] = reader::members(this, here, &["actor", "run"])?;
        Ok(Self {
            run: reader::required(this, run, here, "run", |value, path| {
                reader::checked(value, path, scalar::is_uuid, "A UUID in lower case.")
            })?,
            actor: reader::required(this, actor, here, "actor", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.extend_from_slice(br#"{"actor":"#);
        json::write_string(&self.actor, out);
        out.extend_from_slice(br#","run":"#);
        json::write_string(&self.run, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `run.decide`.
#[derive(Clone, Debug, PartialEq)]
pub struct RunDecideInput {
    /// The action; its run is named.
    pub action: Action,
}

impl RunDecideInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [action] = reader::members(this, here, &["action"])?;
        Ok(Self { action: reader::required(this, action, here, "action", Action::read_at)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"action":"#);
        self.action.write(out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `run.decide`.
#[derive(Clone, Debug, PartialEq)]
pub struct RunDecideOutput {
    /// The answer to an action.
    pub decision: Decision,
}

impl RunDecideOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [decision] = reader::members(this, here, &["decision"])?;
        Ok(Self { decision: reader::required(this, decision, here, "decision", Decision::read_at)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"decision":"#);
        self.decision.write(out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `run.authorize`.
#[derive(Clone, Debug, PartialEq)]
pub struct RunAuthorizeInput {
    /// The action; its run is named.
    pub action: Action,
}

impl RunAuthorizeInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [action] = reader::members(this, here, &["action"])?;
        Ok(Self { action: reader::required(this, action, here, "action", Action::read_at)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"action":"#);
        self.action.write(out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `run.authorize`.
#[derive(Clone, Debug, PartialEq)]
pub struct RunAuthorizeOutput {
    /// The answer to an action.
    pub decision: Decision,
}

impl RunAuthorizeOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [decision] = reader::members(this, here, &["decision"])?;
        Ok(Self { decision: reader::required(this, decision, here, "decision", Decision::read_at)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"decision":"#);
        self.decision.write(out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `run.refuse`.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRefuseInput {
    /// The run.
    pub run: String,
    /// What was attempted, as far as it is known.
    pub target: String,
    /// Why it was refused.
    pub code: ErrorCode,
    /// The id of the call; absent: the kernel makes one.
    pub call: Option<String>,
}

impl RunRefuseInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [call, code, run, target] = reader::members(this, here, &["call", "code", "run", "target"])?;
        Ok(Self {
            run: reader::required(this, run, here, "run", |value, path| {
                reader::checked(value, path, scalar::is_uuid, "A UUID in lower case.")
            })?,
            target: reader::required(this, target, here, "target", |value, path| reader::text(value, path, 1, 512))?,
            code: reader::required(this, code, here, "code", reader::error_code)?,
            call: reader::optional(call, here, "call", |value, path| reader::text(value, path, 1, 128))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(160);
        out.push(b'{');
        if let Some(x) = &self.call {
            out.extend_from_slice(br#""call":"#);
            json::write_string(x, out);
            out.push(b',');
        }
        out.extend_from_slice(br#""code":""#);
        out.extend_from_slice(self.code.as_str().as_bytes());
        out.extend_from_slice(br#"","run":"#);
        json::write_string(&self.run, out);
        out.extend_from_slice(br#","target":"#);
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

/// Output of `run.refuse`.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRefuseOutput {
    /// The answer to an action.
    pub decision: Decision,
}

impl RunRefuseOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [decision] = reader::members(this, here, &["decision"])?;
        Ok(Self { decision: reader::required(this, decision, here, "decision", Decision::read_at)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"decision":"#);
        self.decision.write(out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `run.start`.
#[derive(Clone, Debug, PartialEq)]
pub struct RunStartInput {
    /// The action that was decided on, with run and call.
    pub action: Action,
}

impl RunStartInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [action] = reader::members(this, here, &["action"])?;
        Ok(Self { action: reader::required(this, action, here, "action", Action::read_at)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"action":"#);
        self.action.write(out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `run.start`.
#[derive(Clone, Debug, PartialEq)]
pub struct RunStartOutput {
    /// Where a permit is in its life.
    pub state: PermitState,
}

impl RunStartOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [state] = reader::members(this, here, &["state"])?;
        Ok(Self { state: reader::required(this, state, here, "state", PermitState::read_at)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(32);
        out.extend_from_slice(br#"{"state":""#);
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

/// Input of `run.settle`.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSettleInput {
    /// The run.
    pub run: String,
    /// The id of a call within its run, made by the connector.
    pub call: String,
    /// How an action ended: the input of a settlement.
    pub outcome: Outcome,
}

impl RunSettleInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [call, outcome, run] = reader::members(this, here, &["call", "outcome", "run"])?;
        Ok(Self {
            run: reader::required(this, run, here, "run", |value, path| {
                reader::checked(value, path, scalar::is_uuid, "A UUID in lower case.")
            })?,
            call: reader::required(this, call, here, "call", |value, path| reader::text(value, path, 1, 128))?,
            outcome: reader::required(this, outcome, here, "outcome", Outcome::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.extend_from_slice(br#"{"call":"#);
        json::write_string(&self.call, out);
        out.extend_from_slice(br#","outcome":"#);
        self.outcome.write(out);
        out.extend_from_slice(br#","run":"#);
        json::write_string(&self.run, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `run.settle`.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSettleOutput {
    /// Where a permit is in its life.
    pub state: PermitState,
    /// Id of the outcome's receipt, once it is durable.
    pub receipt_id: Option<Hash>,
    /// Its leaf index, once it is durable.
    pub index: Option<u64>,
}

impl RunSettleOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [index, receipt_id, state] = reader::members(this, here, &["index", "receipt_id", "state"])?;
        Ok(Self {
            state: reader::required(this, state, here, "state", PermitState::read_at)?,
            receipt_id: reader::optional(receipt_id, here, "receipt_id", reader::fixed)?,
            index: reader::optional(index, here, "index", reader::size)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.push(b'{');
        if let Some(x) = self.index {
            out.extend_from_slice(br#""index":"#);
            writer::size(x, out);
            out.push(b',');
        }
        if let Some(x) = self.receipt_id {
            out.extend_from_slice(br#""receipt_id":""#);
            x.write(out);
            out.extend_from_slice(br#"","#);
        }
        out.extend_from_slice(br#""state":""#);
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

/// Input of `run.release`.
#[derive(Clone, Debug, PartialEq)]
pub struct RunReleaseInput {
    /// The run.
    pub run: String,
    /// The id of a call within its run, made by the connector.
    pub call: String,
}

impl RunReleaseInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [call, run] = reader::members(this, here, &["call", "run"])?;
        Ok(Self {
            run: reader::required(this, run, here, "run", |value, path| {
                reader::checked(value, path, scalar::is_uuid, "A UUID in lower case.")
            })?,
            call: reader::required(this, call, here, "call", |value, path| reader::text(value, path, 1, 128))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"call":"#);
        json::write_string(&self.call, out);
        out.extend_from_slice(br#","run":"#);
        json::write_string(&self.run, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `run.release`.
#[derive(Clone, Debug, PartialEq)]
pub struct RunReleaseOutput {
    /// Where a permit is in its life.
    pub state: PermitState,
    /// Id of the release's receipt, once it is durable.
    pub receipt_id: Option<Hash>,
    /// Its leaf index, once it is durable.
    pub index: Option<u64>,
}

impl RunReleaseOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [index, receipt_id, state] = reader::members(this, here, &["index", "receipt_id", "state"])?;
        Ok(Self {
            state: reader::required(this, state, here, "state", PermitState::read_at)?,
            receipt_id: reader::optional(receipt_id, here, "receipt_id", reader::fixed)?,
            index: reader::optional(index, here, "index", reader::size)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.push(b'{');
        if let Some(x) = self.index {
            out.extend_from_slice(br#""index":"#);
            writer::size(x, out);
            out.push(b',');
        }
        if let Some(x) = self.receipt_id {
            out.extend_from_slice(br#""receipt_id":""#);
            x.write(out);
            out.extend_from_slice(br#"","#);
        }
        out.extend_from_slice(br#""state":""#);
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

/// Input of `run.permit`.
#[derive(Clone, Debug, PartialEq)]
pub struct RunPermitInput {
    /// The run.
    pub run: String,
    /// The id of a call within its run, made by the connector.
    pub call: String,
}

impl RunPermitInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [call, run] = reader::members(this, here, &["call", "run"])?;
        Ok(Self {
            run: reader::required(this, run, here, "run", |value, path| {
                reader::checked(value, path, scalar::is_uuid, "A UUID in lower case.")
            })?,
            call: reader::required(this, call, here, "call", |value, path| reader::text(value, path, 1, 128))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"call":"#);
        json::write_string(&self.call, out);
        out.extend_from_slice(br#","run":"#);
        json::write_string(&self.run, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `run.permit`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunPermitOutput {
    /// The state; absent: the call has no permit.
    pub state: Option<PermitState>,
}

impl RunPermitOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [state] = reader::members(this, here, &["state"])?;
        Ok(Self { state: reader::optional(state, here, "state", PermitState::read_at)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(32);
        let start = out.len();
        if let Some(x) = self.state {
            out.extend_from_slice(br#","state":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.push(b'"');
        }
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

/// Input of `run.counters`.
#[derive(Clone, Debug, PartialEq)]
pub struct RunCountersInput {
    /// The run.
    pub run: String,
}

impl RunCountersInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [run] = reader::members(this, here, &["run"])?;
        Ok(Self {
            run: reader::required(this, run, here, "run", |value, path| {
                reader::checked(value, path, scalar::is_uuid, "A UUID in lower case.")
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(32);
        out.extend_from_slice(br#"{"run":"#);
        json::write_string(&self.run, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `run.counters`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunCountersOutput {
    /// Calls that ended or expired.
    pub tool_calls_admitted: u64,
    /// Calls whose permit is open.
    pub tool_calls_in_flight: u64,
    /// Tokens that are reserved or used.
    pub tokens_reserved: u64,
    /// Money that is reserved or spent.
    pub spent_micro: u64,
}

impl RunCountersOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [spent_micro, tokens_reserved, tool_calls_admitted, tool_calls_in_flight] = reader::members(
            this,
            here,
            &["spent_micro", "tokens_reserved", "tool_calls_admitted", "tool_calls_in_flight"],
        )?;
        Ok(Self {
            tool_calls_admitted: reader::required(
                this,
                tool_calls_admitted,
                here,
                "tool_calls_admitted",
                |value, path| reader::unsigned(value, path, 0, 9007199254740991),
            )?,
            tool_calls_in_flight: reader::required(
                this,
                tool_calls_in_flight,
                here,
                "tool_calls_in_flight",
                |value, path| reader::unsigned(value, path, 0, 9007199254740991),
            )?,
            tokens_reserved: reader::required(this, tokens_reserved, here, "tokens_reserved", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            spent_micro: reader::required(this, spent_micro, here, "spent_micro", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(160);
        out.extend_from_slice(br#"{"spent_micro":"#);
        writer::unsigned(self.spent_micro, out);
        out.extend_from_slice(br#","tokens_reserved":"#);
        writer::unsigned(self.tokens_reserved, out);
        out.extend_from_slice(br#","tool_calls_admitted":"#);
        writer::unsigned(self.tool_calls_admitted, out);
        out.extend_from_slice(br#","tool_calls_in_flight":"#);
        writer::unsigned(self.tool_calls_in_flight, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `run.close`.
#[derive(Clone, Debug, PartialEq)]
pub struct RunCloseInput {
    /// The run.
    pub run: String,
}

impl RunCloseInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [run] = reader::members(this, here, &["run"])?;
        Ok(Self {
            run: reader::required(this, run, here, "run", |value, path| {
                reader::checked(value, path, scalar::is_uuid, "A UUID in lower case.")
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(32);
        out.extend_from_slice(br#"{"run":"#);
        json::write_string(&self.run, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `run.close`.
#[derive(Clone, Debug, PartialEq)]
pub struct RunCloseOutput {
    /// Id of the closing receipt.
    pub receipt_id: Hash,
    /// Its leaf index.
    pub index: u64,
}

impl RunCloseOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [index, receipt_id] = reader::members(this, here, &["index", "receipt_id"])?;
        Ok(Self {
            receipt_id: reader::required(this, receipt_id, here, "receipt_id", reader::fixed)?,
            index: reader::required(this, index, here, "index", reader::size)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"index":"#);
        writer::size(self.index, out);
        out.extend_from_slice(br#","receipt_id":""#);
        self.receipt_id.write(out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `receipt.get`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReceiptGetInput {
    /// The id.
    pub receipt_id: Option<Hash>,
    /// The leaf index, from zero.
    pub index: Option<u64>,
}

impl ReceiptGetInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [index, receipt_id] = reader::members(this, here, &["index", "receipt_id"])?;
        Ok(Self {
            receipt_id: reader::optional(receipt_id, here, "receipt_id", reader::fixed)?,
            index: reader::optional(index, here, "index", reader::size)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        let start = out.len();
        if let Some(x) = self.index {
            out.extend_from_slice(br#","index":"#);
            writer::size(x, out);
        }
        if let Some(x) = self.receipt_id {
            out.extend_from_slice(br#","receipt_id":""#);
            x.write(out);
            out.push(b'"');
        }
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

/// Output of `receipt.get`.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceiptGetOutput {
    /// The id.
    pub receipt_id: Hash,
    /// The leaf index.
    pub index: u64,
    /// The body.
    pub receipt: Receipt,
    /// The signed receipt as it was delivered.
    pub envelope: Envelope,
}

impl ReceiptGetOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [envelope, index, receipt, receipt_id] =
            reader::members(this, here, &["envelope", "index", "receipt", "receipt_id"])?;
        Ok(Self {
            receipt_id: reader::required(this, receipt_id, here, "receipt_id", reader::fixed)?,
            index: reader::required(this, index, here, "index", reader::size)?,
            receipt: reader::required(this, receipt, here, "receipt", Receipt::read_at)?,
            envelope: reader::required(this, envelope, here, "envelope", Envelope::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(192);
        out.extend_from_slice(br#"{"envelope":"#);
        self.envelope.write(out);
        out.extend_from_slice(br#","index":"#);
        writer::size(self.index, out);
        out.extend_from_slice(br#","receipt":"#);
        self.receipt.write(out);
        out.extend_from_slice(br#","receipt_id":""#);
        self.receipt_id.write(out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `audit.prove`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditProveInput {
    /// The receipt; this or index, else the last one.
    pub receipt_id: Option<Hash>,
    /// The leaf index, from zero.
    pub index: Option<u64>,
    /// Whether the bodies are in the bundle; absent: false.
    pub disclose: Option<bool>,
}

impl AuditProveInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [disclose, index, receipt_id] = reader::members(this, here, &["disclose", "index", "receipt_id"])?;
        Ok(Self {
            receipt_id: reader::optional(receipt_id, here, "receipt_id", reader::fixed)?,
            index: reader::optional(index, here, "index", reader::size)?,
            disclose: reader::optional(disclose, here, "disclose", reader::boolean)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        let start = out.len();
        if let Some(x) = self.disclose {
            out.extend_from_slice(br#","disclose":"#);
            writer::boolean(x, out);
        }
        if let Some(x) = self.index {
            out.extend_from_slice(br#","index":"#);
            writer::size(x, out);
        }
        if let Some(x) = self.receipt_id {
            out.extend_from_slice(br#","receipt_id":""#);
            x.write(out);
            out.push(b'"');
        }
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

/// Output of `audit.prove`.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditProveOutput {
    /// A receipt with the proof that it is in a log; carries no trust of its own.
    pub bundle: Bundle,
}

impl AuditProveOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [bundle] = reader::members(this, here, &["bundle"])?;
        Ok(Self { bundle: reader::required(this, bundle, here, "bundle", Bundle::read_at)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"bundle":"#);
        self.bundle.write(out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `audit.checkpoint`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditCheckpointInput {}

impl AuditCheckpointInput {
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

/// Output of `audit.checkpoint`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditCheckpointOutput {
    /// The signed note.
    pub note: String,
}

impl AuditCheckpointOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [note] = reader::members(this, here, &["note"])?;
        Ok(Self {
            note: reader::required(this, note, here, "note", |value, path| reader::text(value, path, 1, 65536))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"note":"#);
        json::write_string(&self.note, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `audit.verify_log`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditVerifyLogInput {}

impl AuditVerifyLogInput {
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

/// Output of `audit.verify_log`.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditVerifyLogOutput {
    /// A number of leaves: an integer, or in decimal digits up to 2^64-1.
    pub size: u64,
    /// The root over all leaves.
    pub root: Hash,
    /// Chains of receipts.
    pub chains: u64,
    /// Chains that were closed.
    pub closed: u64,
    /// Calls without an end.
    pub open: u64,
}

impl AuditVerifyLogOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [chains, closed, open, root, size] =
            reader::members(this, here, &["chains", "closed", "open", "root", "size"])?;
        Ok(Self {
            size: reader::required(this, size, here, "size", reader::size)?,
            root: reader::required(this, root, here, "root", reader::fixed)?,
            chains: reader::required(this, chains, here, "chains", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            closed: reader::required(this, closed, here, "closed", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            open: reader::required(this, open, here, "open", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(160);
        out.extend_from_slice(br#"{"chains":"#);
        writer::unsigned(self.chains, out);
        out.extend_from_slice(br#","closed":"#);
        writer::unsigned(self.closed, out);
        out.extend_from_slice(br#","open":"#);
        writer::unsigned(self.open, out);
        out.extend_from_slice(br#","root":""#);
        self.root.write(out);
        out.extend_from_slice(br#"","size":"#);
        writer::size(self.size, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}
