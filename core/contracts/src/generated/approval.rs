// Generated from contracts/schemas/approval.json by `cargo run -p talos-codegen`; do not edit.
//! A request for approval as lists show it (docs/spec/approval.md).

use super::reader::Path;
use super::{
    ActionKind, Amount, ApprovalGrant, ApprovalRequest, ApprovalRule, Effect, Envelope, ErrorCode, PolicyRef, reader,
    writer,
};
use crate::json::Value;
use crate::scalar::Hash;
use crate::{Error, json, scalar};

/// A request for approval as lists show it (docs/spec/approval.md).
#[derive(Clone, Debug, PartialEq)]
pub struct Approval {
    /// Id of the request.
    pub id: Hash,
    /// Where a request stands.
    pub state: ApprovalState,
    /// Why nothing waits for the answers to a request that is pending or granted; absent: something does.
    pub stale: Option<ApprovalStale>,
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
    /// Money that the action would spend.
    pub amount: Option<Amount>,
    /// The names of the rules that ask.
    pub rules: Vec<String>,
    /// What unfulfilled rules lack.
    pub missing: Vec<ApprovalMissing>,
    /// When it was asked.
    pub iat: u64,
    /// When it ends.
    pub expires: u64,
}

impl Approval {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [actor, amount, effect, expires, iat, id, kind, missing, principal, rules, run, stale, state, target] =
            reader::members(
                this,
                here,
                &[
                    "actor",
                    "amount",
                    "effect",
                    "expires",
                    "iat",
                    "id",
                    "kind",
                    "missing",
                    "principal",
                    "rules",
                    "run",
                    "stale",
                    "state",
                    "target",
                ],
            )?;
        Ok(Self {
            id: reader::required(this, id, here, "id", reader::fixed)?,
            state: reader::required(this, state, here, "state", ApprovalState::read_at)?,
            stale: reader::optional(stale, here, "stale", ApprovalStale::read_at)?,
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
            amount: reader::optional(amount, here, "amount", Amount::read_at)?,
            rules: reader::required(this, rules, here, "rules", |value, path| {
                reader::list(value, path, 0, 16, |value, path| reader::text(value, path, 1, 64))
            })?,
            missing: reader::required(this, missing, here, "missing", |value, path| {
                reader::list(value, path, 0, 16, ApprovalMissing::read_at)
            })?,
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
        out.reserve(512);
        out.extend_from_slice(br#"{"actor":"#);
        json::write_string(&self.actor, out);
        if let Some(x) = &self.amount {
            out.extend_from_slice(br#","amount":"#);
            x.write(out);
        }
        out.extend_from_slice(br#","effect":""#);
        out.extend_from_slice(self.effect.as_str().as_bytes());
        out.extend_from_slice(br#"","expires":"#);
        writer::unsigned(self.expires, out);
        out.extend_from_slice(br#","iat":"#);
        writer::unsigned(self.iat, out);
        out.extend_from_slice(br#","id":""#);
        self.id.write(out);
        out.extend_from_slice(br#"","kind":""#);
        out.extend_from_slice(self.kind.as_str().as_bytes());
        out.extend_from_slice(br#"","missing":"#);
        writer::list(&self.missing, out, |x, out| {
            x.write(out);
        });
        if let Some(x) = &self.principal {
            out.extend_from_slice(br#","principal":"#);
            json::write_string(x, out);
        }
        out.extend_from_slice(br#","rules":"#);
        writer::list(&self.rules, out, |x, out| {
            json::write_string(x, out);
        });
        out.extend_from_slice(br#","run":"#);
        json::write_string(&self.run, out);
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

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApprovalState {
    /// People have to answer yet.
    Pending,
    /// It may be redeemed, once.
    Granted,
    /// Somebody refused.
    Denied,
    /// Its time is over.
    Expired,
    /// It was used.
    Redeemed,
}

impl ApprovalState {
    /// Every value, in order.
    pub const ALL: &'static [ApprovalState] = &[
        ApprovalState::Pending,
        ApprovalState::Granted,
        ApprovalState::Denied,
        ApprovalState::Expired,
        ApprovalState::Redeemed,
    ];

    const WORDS: &'static [&'static str] = &["pending", "granted", "denied", "expired", "redeemed"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            ApprovalState::Pending => "pending",
            ApprovalState::Granted => "granted",
            ApprovalState::Denied => "denied",
            ApprovalState::Expired => "expired",
            ApprovalState::Redeemed => "redeemed",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "pending" => Some(ApprovalState::Pending),
            "granted" => Some(ApprovalState::Granted),
            "denied" => Some(ApprovalState::Denied),
            "expired" => Some(ApprovalState::Expired),
            "redeemed" => Some(ApprovalState::Redeemed),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for ApprovalState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why nothing waits for the answers to a request that is pending or granted; absent: something does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApprovalStale {
    /// Its run is not open: nothing runs under it unless the run is opened again.
    RunEnded,
    /// Its run is decided on by other rules since: nothing runs under it unless these come back.
    RulesChanged,
}

impl ApprovalStale {
    /// Every value, in order.
    pub const ALL: &'static [ApprovalStale] = &[ApprovalStale::RunEnded, ApprovalStale::RulesChanged];

    const WORDS: &'static [&'static str] = &["run_ended", "rules_changed"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            ApprovalStale::RunEnded => "run_ended",
            ApprovalStale::RulesChanged => "rules_changed",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "run_ended" => Some(ApprovalStale::RunEnded),
            "rules_changed" => Some(ApprovalStale::RulesChanged),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for ApprovalStale {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a rule lacks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApprovalMissing {
    /// The name of the rule.
    pub rule: String,
    /// How many people have to approve yet.
    pub people: u64,
    /// Who of them could.
    pub approvers: Vec<String>,
}

impl ApprovalMissing {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [approvers, people, rule] = reader::members(this, here, &["approvers", "people", "rule"])?;
        Ok(Self {
            rule: reader::required(this, rule, here, "rule", |value, path| reader::text(value, path, 1, 64))?,
            people: reader::required(this, people, here, "people", |value, path| reader::unsigned(value, path, 1, 16))?,
            approvers: reader::required(this, approvers, here, "approvers", |value, path| {
                reader::list(value, path, 0, 64, |value, path| {
                    reader::checked(
                        value,
                        path,
                        scalar::is_agent,
                        "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                    )
                })
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.extend_from_slice(br#"{"approvers":"#);
        writer::list(&self.approvers, out, |x, out| {
            json::write_string(x, out);
        });
        out.extend_from_slice(br#","people":"#);
        writer::unsigned(self.people, out);
        out.extend_from_slice(br#","rule":"#);
        json::write_string(&self.rule, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// What is about to run, to be compared with what was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalAbout {
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
    /// The rules that ask for approval.
    pub rules: Vec<ApprovalRule>,
}

impl ApprovalAbout {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [
            actor,
            amount,
            args_digest,
            consent,
            effect,
            key_id,
            kind,
            kyc,
            model,
            policy,
            principal,
            rules,
            run,
            target,
            tokens,
            tool_hash,
        ] = reader::members(
            this,
            here,
            &[
                "actor",
                "amount",
                "args_digest",
                "consent",
                "effect",
                "key_id",
                "kind",
                "kyc",
                "model",
                "policy",
                "principal",
                "rules",
                "run",
                "target",
                "tokens",
                "tool_hash",
            ],
        )?;
        Ok(Self {
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
                reader::list(value, path, 0, 16, ApprovalRule::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(640);
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
        out.push(b'"');
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
        out.extend_from_slice(br#","policy":"#);
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
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// What a file holds now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApprovalFile {
    /// The path, as the arguments have it.
    pub path: String,
    /// What it holds; absent: there is no such file.
    pub text: Option<String>,
}

impl ApprovalFile {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [path, text] = reader::members(this, here, &["path", "text"])?;
        Ok(Self {
            path: reader::required(this, path, here, "path", |value, path| reader::text(value, path, 1, 4096))?,
            text: reader::optional(text, here, "text", |value, path| reader::text(value, path, 0, 1048576))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"path":"#);
        json::write_string(&self.path, out);
        if let Some(x) = &self.text {
            out.extend_from_slice(br#","text":"#);
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

/// What would run, for people: every text in it is neutralised, bounded, and says where it was clipped.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalView {
    /// Kind, target and effect.
    pub heading: String,
    /// Whether something of it is not shown here; whoever approves looks at the rest first.
    pub clipped: bool,
    /// The money, with its currency.
    pub amount: Option<String>,
    /// Tokens that the action asks for.
    pub tokens: Option<u64>,
    /// The model that is asked.
    pub model: Option<String>,
    /// Digest of the whole arguments, of which some may not be shown.
    pub args_digest: Hash,
    /// Every leaf of the arguments.
    pub arguments: Vec<ApprovalArgument>,
    /// How much is not shown.
    pub omitted: ApprovalOmitted,
    /// E-mail addresses in the arguments.
    pub recipients: Vec<String>,
    /// URLs in the arguments.
    pub urls: Vec<ApprovalUrl>,
    /// What files would become.
    pub diffs: Vec<ApprovalDiff>,
    /// All of it as lines for a terminal.
    pub lines: Vec<String>,
}

impl ApprovalView {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [amount, args_digest, arguments, clipped, diffs, heading, lines, model, omitted, recipients, tokens, urls] =
            reader::members(
                this,
                here,
                &[
                    "amount",
                    "args_digest",
                    "arguments",
                    "clipped",
                    "diffs",
                    "heading",
                    "lines",
                    "model",
                    "omitted",
                    "recipients",
                    "tokens",
                    "urls",
                ],
            )?;
        Ok(Self {
            heading: reader::required(this, heading, here, "heading", |value, path| {
                reader::text(value, path, 0, 1024)
            })?,
            clipped: reader::required(this, clipped, here, "clipped", reader::boolean)?,
            amount: reader::optional(amount, here, "amount", |value, path| reader::text(value, path, 0, 1024))?,
            tokens: reader::optional(tokens, here, "tokens", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            model: reader::optional(model, here, "model", |value, path| reader::text(value, path, 0, 1024))?,
            args_digest: reader::required(this, args_digest, here, "args_digest", reader::fixed)?,
            arguments: reader::required(this, arguments, here, "arguments", |value, path| {
                reader::list(value, path, 0, 256, ApprovalArgument::read_at)
            })?,
            omitted: reader::required(this, omitted, here, "omitted", ApprovalOmitted::read_at)?,
            recipients: reader::required(this, recipients, here, "recipients", |value, path| {
                reader::list(value, path, 0, 64, |value, path| reader::text(value, path, 0, 1024))
            })?,
            urls: reader::required(this, urls, here, "urls", |value, path| {
                reader::list(value, path, 0, 64, ApprovalUrl::read_at)
            })?,
            diffs: reader::required(this, diffs, here, "diffs", |value, path| {
                reader::list(value, path, 0, 8, ApprovalDiff::read_at)
            })?,
            lines: reader::required(this, lines, here, "lines", |value, path| {
                reader::list(value, path, 0, 16384, |value, path| reader::text(value, path, 0, 2048))
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(512);
        out.push(b'{');
        if let Some(x) = &self.amount {
            out.extend_from_slice(br#""amount":"#);
            json::write_string(x, out);
            out.push(b',');
        }
        out.extend_from_slice(br#""args_digest":""#);
        self.args_digest.write(out);
        out.extend_from_slice(br#"","arguments":"#);
        writer::list(&self.arguments, out, |x, out| {
            x.write(out);
        });
        out.extend_from_slice(br#","clipped":"#);
        writer::boolean(self.clipped, out);
        out.extend_from_slice(br#","diffs":"#);
        writer::list(&self.diffs, out, |x, out| {
            x.write(out);
        });
        out.extend_from_slice(br#","heading":"#);
        json::write_string(&self.heading, out);
        out.extend_from_slice(br#","lines":"#);
        writer::list(&self.lines, out, |x, out| {
            json::write_string(x, out);
        });
        if let Some(x) = &self.model {
            out.extend_from_slice(br#","model":"#);
            json::write_string(x, out);
        }
        out.extend_from_slice(br#","omitted":"#);
        self.omitted.write(out);
        out.extend_from_slice(br#","recipients":"#);
        writer::list(&self.recipients, out, |x, out| {
            json::write_string(x, out);
        });
        if let Some(x) = self.tokens {
            out.extend_from_slice(br#","tokens":"#);
            writer::unsigned(x, out);
        }
        out.extend_from_slice(br#","urls":"#);
        writer::list(&self.urls, out, |x, out| {
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

/// A leaf of the arguments.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApprovalArgument {
    /// JSON pointer to the leaf.
    pub pointer: String,
    /// The value: JSON, or the lines of a text.
    pub lines: Vec<String>,
    /// Whether something of it is not shown.
    pub clipped: bool,
}

impl ApprovalArgument {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [clipped, lines, pointer] = reader::members(this, here, &["clipped", "lines", "pointer"])?;
        Ok(Self {
            pointer: reader::required(this, pointer, here, "pointer", |value, path| {
                reader::text(value, path, 0, 1024)
            })?,
            lines: reader::required(this, lines, here, "lines", |value, path| {
                reader::list(value, path, 0, 128, |value, path| reader::text(value, path, 0, 1024))
            })?,
            clipped: reader::required(this, clipped, here, "clipped", reader::boolean)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.extend_from_slice(br#"{"clipped":"#);
        writer::boolean(self.clipped, out);
        out.extend_from_slice(br#","lines":"#);
        writer::list(&self.lines, out, |x, out| {
            json::write_string(x, out);
        });
        out.extend_from_slice(br#","pointer":"#);
        json::write_string(&self.pointer, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// How much is not shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApprovalOmitted {
    /// Leaves of the arguments.
    pub arguments: u64,
    /// Addresses.
    pub recipients: u64,
    /// URLs.
    pub urls: u64,
    /// Files.
    pub diffs: u64,
}

impl ApprovalOmitted {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [arguments, diffs, recipients, urls] =
            reader::members(this, here, &["arguments", "diffs", "recipients", "urls"])?;
        Ok(Self {
            arguments: reader::required(this, arguments, here, "arguments", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            recipients: reader::required(this, recipients, here, "recipients", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            urls: reader::required(this, urls, here, "urls", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            diffs: reader::required(this, diffs, here, "diffs", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.extend_from_slice(br#"{"arguments":"#);
        writer::unsigned(self.arguments, out);
        out.extend_from_slice(br#","diffs":"#);
        writer::unsigned(self.diffs, out);
        out.extend_from_slice(br#","recipients":"#);
        writer::unsigned(self.recipients, out);
        out.extend_from_slice(br#","urls":"#);
        writer::unsigned(self.urls, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// A URL in the arguments.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApprovalUrl {
    /// JSON pointer to where it is.
    pub pointer: String,
    /// The URL.
    pub url: String,
    /// The host that it leads to.
    pub host: String,
    /// Whether it has a user name before the host.
    pub credentials: bool,
}

impl ApprovalUrl {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [credentials, host, pointer, url] =
            reader::members(this, here, &["credentials", "host", "pointer", "url"])?;
        Ok(Self {
            pointer: reader::required(this, pointer, here, "pointer", |value, path| {
                reader::text(value, path, 0, 1024)
            })?,
            url: reader::required(this, url, here, "url", |value, path| reader::text(value, path, 0, 1024))?,
            host: reader::required(this, host, here, "host", |value, path| reader::text(value, path, 0, 1024))?,
            credentials: reader::required(this, credentials, here, "credentials", reader::boolean)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(160);
        out.extend_from_slice(br#"{"credentials":"#);
        writer::boolean(self.credentials, out);
        out.extend_from_slice(br#","host":"#);
        json::write_string(&self.host, out);
        out.extend_from_slice(br#","pointer":"#);
        json::write_string(&self.pointer, out);
        out.extend_from_slice(br#","url":"#);
        json::write_string(&self.url, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// What a file would become, if the tool does what the names of its arguments say.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalDiff {
    /// The path.
    pub path: String,
    /// What would happen to the file.
    pub status: ApprovalDiffStatus,
    /// Lines of a unified diff.
    pub lines: Vec<String>,
    /// Whether lines are not shown.
    pub clipped: bool,
}

impl ApprovalDiff {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [clipped, lines, path, status] = reader::members(this, here, &["clipped", "lines", "path", "status"])?;
        Ok(Self {
            path: reader::required(this, path, here, "path", |value, path| reader::text(value, path, 0, 1024))?,
            status: reader::required(this, status, here, "status", ApprovalDiffStatus::read_at)?,
            lines: reader::required(this, lines, here, "lines", |value, path| {
                reader::list(value, path, 0, 256, |value, path| reader::text(value, path, 0, 1024))
            })?,
            clipped: reader::required(this, clipped, here, "clipped", reader::boolean)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(160);
        out.extend_from_slice(br#"{"clipped":"#);
        writer::boolean(self.clipped, out);
        out.extend_from_slice(br#","lines":"#);
        writer::list(&self.lines, out, |x, out| {
            json::write_string(x, out);
        });
        out.extend_from_slice(br#","path":"#);
        json::write_string(&self.path, out);
        out.extend_from_slice(br#","status":""#);
        out.extend_from_slice(self.status.as_str().as_bytes());
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// What would happen to the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApprovalDiffStatus {
    /// It does not exist yet.
    Created,
    /// Its text changes.
    Changed,
    /// Its text stays.
    Unchanged,
    /// The host did not give its text, the text to replace is not in it, or it is too large to compare.
    Unknown,
}

impl ApprovalDiffStatus {
    /// Every value, in order.
    pub const ALL: &'static [ApprovalDiffStatus] = &[
        ApprovalDiffStatus::Created,
        ApprovalDiffStatus::Changed,
        ApprovalDiffStatus::Unchanged,
        ApprovalDiffStatus::Unknown,
    ];

    const WORDS: &'static [&'static str] = &["created", "changed", "unchanged", "unknown"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            ApprovalDiffStatus::Created => "created",
            ApprovalDiffStatus::Changed => "changed",
            ApprovalDiffStatus::Unchanged => "unchanged",
            ApprovalDiffStatus::Unknown => "unknown",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "created" => Some(ApprovalDiffStatus::Created),
            "changed" => Some(ApprovalDiffStatus::Changed),
            "unchanged" => Some(ApprovalDiffStatus::Unchanged),
            "unknown" => Some(ApprovalDiffStatus::Unknown),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for ApprovalDiffStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Stored as a request for approval, and none: nobody can answer it, nothing runs under it.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalDamaged {
    /// The id under which it is stored; absent: it cannot be read.
    pub approval: Option<Hash>,
    /// A code of the error registry.
    pub code: ErrorCode,
    /// What is wrong with it.
    pub detail: String,
}

impl ApprovalDamaged {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [approval, code, detail] = reader::members(this, here, &["approval", "code", "detail"])?;
        Ok(Self {
            approval: reader::optional(approval, here, "approval", reader::fixed)?,
            code: reader::required(this, code, here, "code", reader::error_code)?,
            detail: reader::required(this, detail, here, "detail", |value, path| reader::text(value, path, 0, 4096))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
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
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// A request for approval with what has become of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalCase {
    /// Id of the request.
    pub approval: Hash,
    /// Where a request stands.
    pub state: ApprovalState,
    /// Why nothing waits for the answers to a request that is pending or granted; absent: something does.
    pub stale: Option<ApprovalStale>,
    /// What it says.
    pub request: ApprovalRequest,
    /// The request as it was signed.
    pub envelope: Envelope,
    /// The answers that count, in the order in which they came.
    pub answers: Vec<ApprovalGrant>,
    /// What unfulfilled rules lack.
    pub missing: Vec<ApprovalMissing>,
    /// The arguments that would run; absent where they were erased.
    pub args: Option<Value>,
}

impl ApprovalCase {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [answers, approval, args, envelope, missing, request, stale, state] = reader::members(
            this,
            here,
            &["answers", "approval", "args", "envelope", "missing", "request", "stale", "state"],
        )?;
        Ok(Self {
            approval: reader::required(this, approval, here, "approval", reader::fixed)?,
            state: reader::required(this, state, here, "state", ApprovalState::read_at)?,
            stale: reader::optional(stale, here, "stale", ApprovalStale::read_at)?,
            request: reader::required(this, request, here, "request", ApprovalRequest::read_at)?,
            envelope: reader::required(this, envelope, here, "envelope", Envelope::read_at)?,
            answers: reader::required(this, answers, here, "answers", |value, path| {
                reader::list(value, path, 0, 1024, ApprovalGrant::read_at)
            })?,
            missing: reader::required(this, missing, here, "missing", |value, path| {
                reader::list(value, path, 0, 16, ApprovalMissing::read_at)
            })?,
            args: reader::optional(args, here, "args", reader::any)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(320);
        out.extend_from_slice(br#"{"answers":"#);
        writer::list(&self.answers, out, |x, out| {
            x.write(out);
        });
        out.extend_from_slice(br#","approval":""#);
        self.approval.write(out);
        out.push(b'"');
        if let Some(x) = &self.args {
            out.extend_from_slice(br#","args":"#);
            json::write_canonical(x, out);
        }
        out.extend_from_slice(br#","envelope":"#);
        self.envelope.write(out);
        out.extend_from_slice(br#","missing":"#);
        writer::list(&self.missing, out, |x, out| {
            x.write(out);
        });
        out.extend_from_slice(br#","request":"#);
        self.request.write(out);
        if let Some(x) = self.stale {
            out.extend_from_slice(br#","stale":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.push(b'"');
        }
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
