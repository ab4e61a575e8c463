// Generated from contracts/schemas/approval_request.json by `cargo run -p talos-codegen`; do not edit.
//! What people are asked to approve: signed by the kernel that asks (docs/spec/approval.md).

use super::reader::Path;
use super::{ActionKind, Amount, Effect, PolicyRef, reader, writer};
use crate::json::Value;
use crate::scalar::{Hash, Salt};
use crate::{Error, json, scalar};

/// What people are asked to approve: signed by the kernel that asks (docs/spec/approval.md).
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalRequest {
    /// DID URL of the key that signs the request.
    pub iss: String,
    /// The run.
    pub run: String,
    /// The agent.
    pub actor: String,
    /// On whose behalf the agent acts, as the host names it.
    pub principal: Option<String>,
    /// What kind of thing the agent wants to do.
    pub kind: ActionKind,
    /// What the action is aimed at: a tool's name, a resource's URI, a URL.
    pub target: String,
    /// What an action does to the world, from harmless to final.
    pub effect: Effect,
    /// Hash of the tool's description and schema.
    pub tool_hash: Option<Hash>,
    /// Digest of the arguments.
    pub args_digest: Hash,
    /// Money that the action would spend.
    pub amount: Option<Amount>,
    /// Tokens that the action asks for.
    pub tokens: Option<u64>,
    /// The model that is asked.
    pub model: Option<String>,
    /// The public id of a caller's key; never the key.
    pub key_id: Option<String>,
    /// Whether the principal consented, as the host knew it; absent: not known.
    pub consent: Option<bool>,
    /// Whether the principal's identity was checked, as the host knew it; absent: not known.
    pub kyc: Option<bool>,
    /// Which policy decided.
    pub policy: PolicyRef,
    /// What has to be fulfilled: each of them.
    pub rules: Vec<ApprovalRule>,
    /// When it was asked.
    pub iat: u64,
    /// When it ends.
    pub expires: u64,
    /// Sixteen random bytes.
    pub nonce: Salt,
}

impl ApprovalRequest {
    /// Contract and major version.
    pub const TYP: &'static str = "talos.approval_request/1";

    /// Media type: what an envelope with this contract names as its payload type.
    pub const MEDIA_TYPE: &'static str = "application/vnd.talos.approval-request.v1+json";

    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        reader::typ(this, here, Self::TYP)?;
        let [
            actor,
            amount,
            args_digest,
            consent,
            effect,
            expires,
            iat,
            iss,
            key_id,
            kind,
            kyc,
            model,
            nonce,
            policy,
            principal,
            rules,
            run,
            target,
            tokens,
            tool_hash,
            typ,
        ] = reader::members(
            this,
            here,
            &[
                "actor",
                "amount",
                "args_digest",
                "consent",
                "effect",
                "expires",
                "iat",
                "iss",
                "key_id",
                "kind",
                "kyc",
                "model",
                "nonce",
                "policy",
                "principal",
                "rules",
                "run",
                "target",
                "tokens",
                "tool_hash",
                "typ",
            ],
        )?;
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
            run: reader::required(this, run, here, "run", |value, path| {
                reader::checked(value, path, scalar::is_uuid, "A UUID in lower case.")
            })?,
            actor: reader::required(this, actor, here, "actor", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
            principal: reader::optional(principal, here, "principal", |value, path| reader::text(value, path, 1, 512))?,
            kind: reader::required(this, kind, here, "kind", ActionKind::read_at)?,
            target: reader::required(this, target, here, "target", |value, path| reader::text(value, path, 1, 512))?,
            effect: reader::required(this, effect, here, "effect", Effect::read_at)?,
            tool_hash: reader::optional(tool_hash, here, "tool_hash", reader::fixed)?,
            args_digest: reader::required(this, args_digest, here, "args_digest", reader::fixed)?,
            amount: reader::optional(amount, here, "amount", Amount::read_at)?,
            tokens: reader::optional(tokens, here, "tokens", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            model: reader::optional(model, here, "model", |value, path| reader::text(value, path, 1, 128))?,
            key_id: reader::optional(key_id, here, "key_id", |value, path| reader::text(value, path, 1, 128))?,
            consent: reader::optional(consent, here, "consent", reader::boolean)?,
            kyc: reader::optional(kyc, here, "kyc", reader::boolean)?,
            policy: reader::required(this, policy, here, "policy", PolicyRef::read_at)?,
            rules: reader::required(this, rules, here, "rules", |value, path| {
                reader::list(value, path, 1, 16, ApprovalRule::read_at)
            })?,
            iat: reader::required(this, iat, here, "iat", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            expires: reader::required(this, expires, here, "expires", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            nonce: reader::required(this, nonce, here, "nonce", reader::fixed)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(928);
        out.extend_from_slice(br#"{"actor":"#);
        json::write_string(&self.actor, out);
        if let Some(x) = &self.amount {
            out.extend_from_slice(br#","amount":"#);
            x.write(out);
        }
        out.extend_from_slice(br#","args_digest":""#);
        self.args_digest.write(out);
        out.push(b'"');
        if let Some(x) = self.consent {
            out.extend_from_slice(br#","consent":"#);
            writer::boolean(x, out);
        }
        out.extend_from_slice(br#","effect":""#);
        out.extend_from_slice(self.effect.as_str().as_bytes());
        out.extend_from_slice(br#"","expires":"#);
        writer::unsigned(self.expires, out);
        out.extend_from_slice(br#","iat":"#);
        writer::unsigned(self.iat, out);
        out.extend_from_slice(br#","iss":"#);
        json::write_string(&self.iss, out);
        if let Some(x) = &self.key_id {
            out.extend_from_slice(br#","key_id":"#);
            json::write_string(x, out);
        }
        out.extend_from_slice(br#","kind":""#);
        out.extend_from_slice(self.kind.as_str().as_bytes());
        out.push(b'"');
        if let Some(x) = self.kyc {
            out.extend_from_slice(br#","kyc":"#);
            writer::boolean(x, out);
        }
        if let Some(x) = &self.model {
            out.extend_from_slice(br#","model":"#);
            json::write_string(x, out);
        }
        out.extend_from_slice(br#","nonce":""#);
        self.nonce.write(out);
        out.extend_from_slice(br#"","policy":"#);
        self.policy.write(out);
        if let Some(x) = &self.principal {
            out.extend_from_slice(br#","principal":"#);
            json::write_string(x, out);
        }
        out.extend_from_slice(br#","rules":"#);
        writer::list(&self.rules, out, |x, out| {
            x.write(out);
        });
        out.extend_from_slice(br#","run":"#);
        json::write_string(&self.run, out);
        out.extend_from_slice(br#","target":"#);
        json::write_string(&self.target, out);
        if let Some(x) = self.tokens {
            out.extend_from_slice(br#","tokens":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = self.tool_hash {
            out.extend_from_slice(br#","tool_hash":""#);
            x.write(out);
            out.push(b'"');
        }
        out.extend_from_slice(br#","typ":"talos.approval_request/1"}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// A rule that asks for approval.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApprovalRule {
    /// The name of the rule.
    pub id: String,
    /// How many different people have to approve.
    pub quorum: u64,
    /// Who may approve.
    pub approvers: Vec<ApprovalPerson>,
}

impl ApprovalRule {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [approvers, id, quorum] = reader::members(this, here, &["approvers", "id", "quorum"])?;
        Ok(Self {
            id: reader::required(this, id, here, "id", |value, path| reader::text(value, path, 1, 64))?,
            quorum: reader::required(this, quorum, here, "quorum", |value, path| reader::unsigned(value, path, 1, 16))?,
            approvers: reader::required(this, approvers, here, "approvers", |value, path| {
                reader::list(value, path, 1, 64, ApprovalPerson::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.extend_from_slice(br#"{"approvers":"#);
        writer::list(&self.approvers, out, |x, out| {
            x.write(out);
        });
        out.extend_from_slice(br#","id":"#);
        json::write_string(&self.id, out);
        out.extend_from_slice(br#","quorum":"#);
        writer::unsigned(self.quorum, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// A person who may approve.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalPerson {
    /// The name.
    pub name: String,
    /// The key that signs; absent: a one-time code.
    pub key: Option<String>,
}

impl ApprovalPerson {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [key, name] = reader::members(this, here, &["key", "name"])?;
        Ok(Self {
            name: reader::required(this, name, here, "name", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            key: reader::optional(key, here, "key", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.push(b'{');
        if let Some(x) = &self.key {
            out.extend_from_slice(br#""key":"#);
            json::write_string(x, out);
            out.push(b',');
        }
        out.extend_from_slice(br#""name":"#);
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
