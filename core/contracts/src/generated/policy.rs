// Generated from contracts/schemas/policy.json by `cargo run -p talos-codegen`; do not edit.
//! What an agent may do. Denies what it does not allow.

use super::reader::Path;
use super::{Amount, Effect, ErrorCode, reader, writer};
use crate::json::{Kind, Value};
use crate::scalar::Hash;
use crate::{Error, json, scalar};

/// What an agent may do. Denies what it does not allow.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    /// The name of the policy, as receipts show it.
    pub id: String,
    /// What the policy is for.
    pub description: Option<String>,
    /// What the policy's denials lead to; absent: enforce.
    pub mode: Option<PolicyMode>,
    /// Files whose rules are added to these, each pinned by its hash.
    pub includes: Option<Vec<PolicyInclude>>,
    /// The tools that may be called; absent: none, "*": all.
    pub allowed_tools: Option<Vec<PolicyToolItem>>,
    /// Patterns that no string of the arguments may match.
    pub blocked_patterns: Option<Vec<PolicyPattern>>,
    /// Patterns that a viewer hides: a string that one of them matches is not shown.
    pub redact: Option<Vec<PolicyPattern>>,
    /// The resources that may be read; absent: none.
    pub allowed_resources: Option<Vec<PolicyResourceItem>>,
    /// The prompts that may be used; absent: none.
    pub allowed_prompts: Option<Vec<String>>,
    /// The agents with whom messages may be exchanged; absent: none.
    pub allowed_peers: Option<Vec<String>>,
    /// The most tool calls of one run.
    pub max_tool_calls_per_request: Option<u64>,
    /// The most tokens of one run.
    pub max_tokens_per_request: Option<u64>,
    /// The most money of one call and of one run.
    pub max_amount: Option<PolicyMaxAmount>,
    /// Whether an action that spends or is irreversible needs the stated consent of the principal; absent: false.
    pub consent_required: Option<bool>,
    /// Whether an action that spends or is irreversible needs a principal whose identity was checked; absent: false.
    pub kyc_required: Option<bool>,
    /// Where URLs in the arguments may lead; absent: anywhere.
    pub egress: Option<PolicyEgress>,
    /// How often actions may happen.
    pub rates: Option<Vec<PolicyRate>>,
    /// The people who may approve.
    pub approvers: Option<Vec<PolicyApprover>>,
    /// What needs the approval of people.
    pub approvals: Option<Vec<PolicyApproval>>,
    /// Least confidence of a result, in basis points.
    pub confidence_threshold_bp: Option<u64>,
    /// What a result below the threshold leads to.
    pub on_drift: Option<PolicyOnDrift>,
}

impl Policy {
    /// Contract and major version.
    pub const TYP: &'static str = "talos.policy/1";

    /// Media type: what an envelope with this contract names as its payload type.
    pub const MEDIA_TYPE: &'static str = "application/vnd.talos.policy.v1+json";

    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        reader::typ(this, here, Self::TYP)?;
        let [
            allowed_peers,
            allowed_prompts,
            allowed_resources,
            allowed_tools,
            approvals,
            approvers,
            blocked_patterns,
            confidence_threshold_bp,
            consent_required,
            description,
            egress,
            id,
            includes,
            kyc_required,
            max_amount,
            max_tokens_per_request,
            max_tool_calls_per_request,
            mode,
            on_drift,
            rates,
            redact,
            _,
            version,
        ] = reader::members(
            this,
            here,
            &[
                "allowed_peers",
                "allowed_prompts",
                "allowed_resources",
                "allowed_tools",
                "approvals",
                "approvers",
                "blocked_patterns",
                "confidence_threshold_bp",
                "consent_required",
                "description",
                "egress",
                "id",
                "includes",
                "kyc_required",
                "max_amount",
                "max_tokens_per_request",
                "max_tool_calls_per_request",
                "mode",
                "on_drift",
                "rates",
                "redact",
                "typ",
                "version",
            ],
        )?;
        reader::optional(version, here, "version", |value, path| reader::constant(value, path, Value::from(1i64)))?;
        Ok(Self {
            id: reader::required(this, id, here, "id", |value, path| reader::text(value, path, 1, 64))?,
            description: reader::optional(description, here, "description", |value, path| {
                reader::text(value, path, 0, 4096)
            })?,
            mode: reader::optional(mode, here, "mode", PolicyMode::read_at)?,
            includes: reader::optional(includes, here, "includes", |value, path| {
                reader::list(value, path, 0, 16, PolicyInclude::read_at)
            })?,
            allowed_tools: reader::optional(allowed_tools, here, "allowed_tools", |value, path| {
                reader::list(value, path, 0, 4096, PolicyToolItem::read_at)
            })?,
            blocked_patterns: reader::optional(blocked_patterns, here, "blocked_patterns", |value, path| {
                reader::list(value, path, 0, 1024, PolicyPattern::read_at)
            })?,
            redact: reader::optional(redact, here, "redact", |value, path| {
                reader::list(value, path, 0, 1024, PolicyPattern::read_at)
            })?,
            allowed_resources: reader::optional(allowed_resources, here, "allowed_resources", |value, path| {
                reader::list(value, path, 0, 4096, PolicyResourceItem::read_at)
            })?,
            allowed_prompts: reader::optional(allowed_prompts, here, "allowed_prompts", |value, path| {
                reader::list(value, path, 0, 4096, |value, path| reader::text(value, path, 1, 256))
            })?,
            allowed_peers: reader::optional(allowed_peers, here, "allowed_peers", |value, path| {
                reader::list(value, path, 0, 4096, |value, path| reader::text(value, path, 1, 256))
            })?,
            max_tool_calls_per_request: reader::optional(
                max_tool_calls_per_request,
                here,
                "max_tool_calls_per_request",
                |value, path| reader::unsigned(value, path, 0, 9007199254740991),
            )?,
            max_tokens_per_request: reader::optional(
                max_tokens_per_request,
                here,
                "max_tokens_per_request",
                |value, path| reader::unsigned(value, path, 0, 9007199254740991),
            )?,
            max_amount: reader::optional(max_amount, here, "max_amount", PolicyMaxAmount::read_at)?,
            consent_required: reader::optional(consent_required, here, "consent_required", reader::boolean)?,
            kyc_required: reader::optional(kyc_required, here, "kyc_required", reader::boolean)?,
            egress: reader::optional(egress, here, "egress", PolicyEgress::read_at)?,
            rates: reader::optional(rates, here, "rates", |value, path| {
                reader::list(value, path, 0, 256, PolicyRate::read_at)
            })?,
            approvers: reader::optional(approvers, here, "approvers", |value, path| {
                reader::list(value, path, 0, 256, PolicyApprover::read_at)
            })?,
            approvals: reader::optional(approvals, here, "approvals", |value, path| {
                reader::list(value, path, 0, 256, PolicyApproval::read_at)
            })?,
            confidence_threshold_bp: reader::optional(
                confidence_threshold_bp,
                here,
                "confidence_threshold_bp",
                |value, path| reader::unsigned(value, path, 0, 10000),
            )?,
            on_drift: reader::optional(on_drift, here, "on_drift", PolicyOnDrift::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(896);
        out.push(b'{');
        if let Some(x) = &self.allowed_peers {
            out.extend_from_slice(br#""allowed_peers":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
            out.push(b',');
        }
        if let Some(x) = &self.allowed_prompts {
            out.extend_from_slice(br#""allowed_prompts":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
            out.push(b',');
        }
        if let Some(x) = &self.allowed_resources {
            out.extend_from_slice(br#""allowed_resources":"#);
            writer::list(x, out, |x, out| {
                x.write(out);
            });
            out.push(b',');
        }
        if let Some(x) = &self.allowed_tools {
            out.extend_from_slice(br#""allowed_tools":"#);
            writer::list(x, out, |x, out| {
                x.write(out);
            });
            out.push(b',');
        }
        if let Some(x) = &self.approvals {
            out.extend_from_slice(br#""approvals":"#);
            writer::list(x, out, |x, out| {
                x.write(out);
            });
            out.push(b',');
        }
        if let Some(x) = &self.approvers {
            out.extend_from_slice(br#""approvers":"#);
            writer::list(x, out, |x, out| {
                x.write(out);
            });
            out.push(b',');
        }
        if let Some(x) = &self.blocked_patterns {
            out.extend_from_slice(br#""blocked_patterns":"#);
            writer::list(x, out, |x, out| {
                x.write(out);
            });
            out.push(b',');
        }
        if let Some(x) = self.confidence_threshold_bp {
            out.extend_from_slice(br#""confidence_threshold_bp":"#);
            writer::unsigned(x, out);
            out.push(b',');
        }
        if let Some(x) = self.consent_required {
            out.extend_from_slice(br#""consent_required":"#);
            writer::boolean(x, out);
            out.push(b',');
        }
        if let Some(x) = &self.description {
            out.extend_from_slice(br#""description":"#);
            json::write_string(x, out);
            out.push(b',');
        }
        if let Some(x) = &self.egress {
            out.extend_from_slice(br#""egress":"#);
            x.write(out);
            out.push(b',');
        }
        out.extend_from_slice(br#""id":"#);
        json::write_string(&self.id, out);
        if let Some(x) = &self.includes {
            out.extend_from_slice(br#","includes":"#);
            writer::list(x, out, |x, out| {
                x.write(out);
            });
        }
        if let Some(x) = self.kyc_required {
            out.extend_from_slice(br#","kyc_required":"#);
            writer::boolean(x, out);
        }
        if let Some(x) = &self.max_amount {
            out.extend_from_slice(br#","max_amount":"#);
            x.write(out);
        }
        if let Some(x) = self.max_tokens_per_request {
            out.extend_from_slice(br#","max_tokens_per_request":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = self.max_tool_calls_per_request {
            out.extend_from_slice(br#","max_tool_calls_per_request":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = self.mode {
            out.extend_from_slice(br#","mode":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.push(b'"');
        }
        if let Some(x) = self.on_drift {
            out.extend_from_slice(br#","on_drift":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.push(b'"');
        }
        if let Some(x) = &self.rates {
            out.extend_from_slice(br#","rates":"#);
            writer::list(x, out, |x, out| {
                x.write(out);
            });
        }
        if let Some(x) = &self.redact {
            out.extend_from_slice(br#","redact":"#);
            writer::list(x, out, |x, out| {
                x.write(out);
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

/// What the policy's denials lead to; absent: enforce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyMode {
    /// What is denied does not run.
    Enforce,
    /// Nothing; the policy is decided on beside another one, and recorded.
    Shadow,
    /// Nothing; what would have been denied runs, and its receipt says so.
    Observe,
}

impl PolicyMode {
    /// Every value, in order.
    pub const ALL: &'static [PolicyMode] = &[PolicyMode::Enforce, PolicyMode::Shadow, PolicyMode::Observe];

    const WORDS: &'static [&'static str] = &["enforce", "shadow", "observe"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            PolicyMode::Enforce => "enforce",
            PolicyMode::Shadow => "shadow",
            PolicyMode::Observe => "observe",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "enforce" => Some(PolicyMode::Enforce),
            "shadow" => Some(PolicyMode::Shadow),
            "observe" => Some(PolicyMode::Observe),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for PolicyMode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A tool by its name, or a rule for it.
#[allow(clippy::large_enum_variant, reason = "a form is as large as the contract makes it")]
#[derive(Clone, Debug, PartialEq)]
pub enum PolicyToolItem {
    /// The exact name of a tool, or "*" for all.
    Name(String),
    /// A tool with what the operator knows about it.
    Rule(PolicyTool),
}

impl PolicyToolItem {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let (value, path) = (this, here);
        match value.kind {
            Kind::String(_) => reader::text(value, path, 1, 256).map(Self::Name),
            Kind::Object(_) => PolicyTool::read_at(value, path).map(Self::Rule),
            _ => Err(reader::wrong_type(value, path, "a string or an object")),
        }
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Name(x) => {
                json::write_string(x, out);
            }
            Self::Rule(x) => {
                x.write(out);
            }
        }
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// A resource by a glob of its URI, or a rule for it.
#[allow(clippy::large_enum_variant, reason = "a form is as large as the contract makes it")]
#[derive(Clone, Debug, PartialEq)]
pub enum PolicyResourceItem {
    /// A glob of the URI.
    Uri(String),
    /// A resource with its effect.
    Rule(PolicyResource),
}

impl PolicyResourceItem {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let (value, path) = (this, here);
        match value.kind {
            Kind::String(_) => reader::text(value, path, 1, 2048).map(Self::Uri),
            Kind::Object(_) => PolicyResource::read_at(value, path).map(Self::Rule),
            _ => Err(reader::wrong_type(value, path, "a string or an object")),
        }
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Uri(x) => {
                json::write_string(x, out);
            }
            Self::Rule(x) => {
                x.write(out);
            }
        }
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// What a result below the threshold leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyOnDrift {
    /// The outcome is flagged.
    Flag,
    /// What follows needs approval.
    NeedsApproval,
    /// The run is stopped.
    Stop,
}

impl PolicyOnDrift {
    /// Every value, in order.
    pub const ALL: &'static [PolicyOnDrift] = &[PolicyOnDrift::Flag, PolicyOnDrift::NeedsApproval, PolicyOnDrift::Stop];

    const WORDS: &'static [&'static str] = &["flag", "needs_approval", "stop"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            PolicyOnDrift::Flag => "flag",
            PolicyOnDrift::NeedsApproval => "needs_approval",
            PolicyOnDrift::Stop => "stop",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "flag" => Some(PolicyOnDrift::Flag),
            "needs_approval" => Some(PolicyOnDrift::NeedsApproval),
            "stop" => Some(PolicyOnDrift::Stop),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for PolicyOnDrift {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A tool that may be called.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyTool {
    /// The exact name of the tool.
    pub name: String,
    /// What the tool does; absent: irreversible.
    pub effect: Option<Effect>,
    /// Hash of the tool's description and schema when it was approved.
    pub tool_hash: Option<Hash>,
    /// Whom the tool is allowed; absent: everybody.
    pub only_for: Option<PolicyOnlyFor>,
    /// What the arguments have to be.
    pub args: Option<Vec<PolicyArgument>>,
    /// Whether an argument at the top level that args does not name is denied; absent: false.
    pub no_other_args: Option<bool>,
    /// The most money of this tool's calls.
    pub max_amount: Option<PolicyMaxAmount>,
    /// Where the arguments say how much is spent.
    pub amount: Option<PolicyAmountArgs>,
    /// Whether a call needs the stated consent of the principal; absent: false.
    pub consent_required: Option<bool>,
    /// Whether a call needs a principal whose identity was checked; absent: false.
    pub kyc_required: Option<bool>,
    /// A note of the operator.
    pub description: Option<String>,
}

impl PolicyTool {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [
            amount,
            args,
            consent_required,
            description,
            effect,
            kyc_required,
            max_amount,
            name,
            no_other_args,
            only_for,
            tool_hash,
        ] = reader::members(
            this,
            here,
            &[
                "amount",
                "args",
                "consent_required",
                "description",
                "effect",
                "kyc_required",
                "max_amount",
                "name",
                "no_other_args",
                "only_for",
                "tool_hash",
            ],
        )?;
        Ok(Self {
            name: reader::required(this, name, here, "name", |value, path| reader::text(value, path, 1, 256))?,
            effect: reader::optional(effect, here, "effect", Effect::read_at)?,
            tool_hash: reader::optional(tool_hash, here, "tool_hash", reader::fixed)?,
            only_for: reader::optional(only_for, here, "only_for", PolicyOnlyFor::read_at)?,
            args: reader::optional(args, here, "args", |value, path| {
                reader::list(value, path, 0, 64, PolicyArgument::read_at)
            })?,
            no_other_args: reader::optional(no_other_args, here, "no_other_args", reader::boolean)?,
            max_amount: reader::optional(max_amount, here, "max_amount", PolicyMaxAmount::read_at)?,
            amount: reader::optional(amount, here, "amount", PolicyAmountArgs::read_at)?,
            consent_required: reader::optional(consent_required, here, "consent_required", reader::boolean)?,
            kyc_required: reader::optional(kyc_required, here, "kyc_required", reader::boolean)?,
            description: reader::optional(description, here, "description", |value, path| {
                reader::text(value, path, 0, 4096)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(448);
        out.push(b'{');
        if let Some(x) = &self.amount {
            out.extend_from_slice(br#""amount":"#);
            x.write(out);
            out.push(b',');
        }
        if let Some(x) = &self.args {
            out.extend_from_slice(br#""args":"#);
            writer::list(x, out, |x, out| {
                x.write(out);
            });
            out.push(b',');
        }
        if let Some(x) = self.consent_required {
            out.extend_from_slice(br#""consent_required":"#);
            writer::boolean(x, out);
            out.push(b',');
        }
        if let Some(x) = &self.description {
            out.extend_from_slice(br#""description":"#);
            json::write_string(x, out);
            out.push(b',');
        }
        if let Some(x) = self.effect {
            out.extend_from_slice(br#""effect":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = self.kyc_required {
            out.extend_from_slice(br#""kyc_required":"#);
            writer::boolean(x, out);
            out.push(b',');
        }
        if let Some(x) = &self.max_amount {
            out.extend_from_slice(br#""max_amount":"#);
            x.write(out);
            out.push(b',');
        }
        out.extend_from_slice(br#""name":"#);
        json::write_string(&self.name, out);
        if let Some(x) = self.no_other_args {
            out.extend_from_slice(br#","no_other_args":"#);
            writer::boolean(x, out);
        }
        if let Some(x) = &self.only_for {
            out.extend_from_slice(br#","only_for":"#);
            x.write(out);
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

/// Where the arguments say how much is spent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyAmountArgs {
    /// Argument that holds the amount in micro-units.
    pub amount_arg: String,
    /// Argument that holds the currency.
    pub currency_arg: Option<String>,
}

impl PolicyAmountArgs {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [amount_arg, currency_arg] = reader::members(this, here, &["amount_arg", "currency_arg"])?;
        Ok(Self {
            amount_arg: reader::required(this, amount_arg, here, "amount_arg", |value, path| {
                reader::text(value, path, 1, 256)
            })?,
            currency_arg: reader::optional(currency_arg, here, "currency_arg", |value, path| {
                reader::text(value, path, 1, 256)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"amount_arg":"#);
        json::write_string(&self.amount_arg, out);
        if let Some(x) = &self.currency_arg {
            out.extend_from_slice(br#","currency_arg":"#);
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

/// A pattern that is blocked.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyPattern {
    /// The name of the pattern, as reasons show it.
    pub id: Option<String>,
    /// How the pattern is matched.
    pub kind: PolicyPatternKind,
    /// The pattern.
    pub pattern: String,
    /// Whether case counts; absent: only for regex and glob.
    pub case_sensitive: Option<bool>,
    /// Whom the pattern is for; absent: everybody. Who is not known is meant, too.
    pub only_for: Option<PolicyOnlyFor>,
}

impl PolicyPattern {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [case_sensitive, id, kind, only_for, pattern] =
            reader::members(this, here, &["case_sensitive", "id", "kind", "only_for", "pattern"])?;
        Ok(Self {
            id: reader::optional(id, here, "id", |value, path| reader::text(value, path, 1, 64))?,
            kind: reader::required(this, kind, here, "kind", PolicyPatternKind::read_at)?,
            pattern: reader::required(this, pattern, here, "pattern", |value, path| {
                reader::text(value, path, 1, 4096)
            })?,
            case_sensitive: reader::optional(case_sensitive, here, "case_sensitive", reader::boolean)?,
            only_for: reader::optional(only_for, here, "only_for", PolicyOnlyFor::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(192);
        out.push(b'{');
        if let Some(x) = self.case_sensitive {
            out.extend_from_slice(br#""case_sensitive":"#);
            writer::boolean(x, out);
            out.push(b',');
        }
        if let Some(x) = &self.id {
            out.extend_from_slice(br#""id":"#);
            json::write_string(x, out);
            out.push(b',');
        }
        out.extend_from_slice(br#""kind":""#);
        out.extend_from_slice(self.kind.as_str().as_bytes());
        out.push(b'"');
        if let Some(x) = &self.only_for {
            out.extend_from_slice(br#","only_for":"#);
            x.write(out);
        }
        out.extend_from_slice(br#","pattern":"#);
        json::write_string(&self.pattern, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// How the pattern is matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyPatternKind {
    /// Anywhere in the string.
    Substring,
    /// A regular expression, anywhere in the string.
    Regex,
    /// The whole string; ** crosses separators.
    Glob,
}

impl PolicyPatternKind {
    /// Every value, in order.
    pub const ALL: &'static [PolicyPatternKind] =
        &[PolicyPatternKind::Substring, PolicyPatternKind::Regex, PolicyPatternKind::Glob];

    const WORDS: &'static [&'static str] = &["substring", "regex", "glob"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            PolicyPatternKind::Substring => "substring",
            PolicyPatternKind::Regex => "regex",
            PolicyPatternKind::Glob => "glob",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "substring" => Some(PolicyPatternKind::Substring),
            "regex" => Some(PolicyPatternKind::Regex),
            "glob" => Some(PolicyPatternKind::Glob),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for PolicyPatternKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A resource that may be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyResource {
    /// A glob of the URI.
    pub uri: String,
    /// What reading it does; absent: read.
    pub effect: Option<Effect>,
}

impl PolicyResource {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [effect, uri] = reader::members(this, here, &["effect", "uri"])?;
        Ok(Self {
            uri: reader::required(this, uri, here, "uri", |value, path| reader::text(value, path, 1, 2048))?,
            effect: reader::optional(effect, here, "effect", Effect::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.push(b'{');
        if let Some(x) = self.effect {
            out.extend_from_slice(br#""effect":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.extend_from_slice(br#"","#);
        }
        out.extend_from_slice(br#""uri":"#);
        json::write_string(&self.uri, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// A limit of money.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyMaxAmount {
    /// ISO 4217 code of a currency.
    pub currency: String,
    /// The most that one call may spend, in micro-units.
    pub per_call_micro: Option<u64>,
    /// The most that one run may spend, in micro-units.
    pub per_run_micro: Option<u64>,
}

impl PolicyMaxAmount {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [currency, per_call_micro, per_run_micro] =
            reader::members(this, here, &["currency", "per_call_micro", "per_run_micro"])?;
        Ok(Self {
            currency: reader::required(this, currency, here, "currency", |value, path| {
                reader::checked(value, path, scalar::is_currency, "ISO 4217 code of a currency.")
            })?,
            per_call_micro: reader::optional(per_call_micro, here, "per_call_micro", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            per_run_micro: reader::optional(per_run_micro, here, "per_run_micro", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"currency":"#);
        json::write_string(&self.currency, out);
        if let Some(x) = self.per_call_micro {
            out.extend_from_slice(br#","per_call_micro":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = self.per_run_micro {
            out.extend_from_slice(br#","per_run_micro":"#);
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

/// Whom a rule is for: each member that is there has to name the agent's.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyOnlyFor {
    /// Names of organisations.
    pub organisations: Option<Vec<String>>,
    /// Names of teams.
    pub teams: Option<Vec<String>>,
    /// Names or DIDs of agents.
    pub agents: Option<Vec<String>>,
    /// Names of principals.
    pub principals: Option<Vec<String>>,
    /// Ids of runs.
    pub runs: Option<Vec<String>>,
}

impl PolicyOnlyFor {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [agents, organisations, principals, runs, teams] =
            reader::members(this, here, &["agents", "organisations", "principals", "runs", "teams"])?;
        Ok(Self {
            organisations: reader::optional(organisations, here, "organisations", |value, path| {
                reader::list(value, path, 1, 256, |value, path| reader::text(value, path, 1, 128))
            })?,
            teams: reader::optional(teams, here, "teams", |value, path| {
                reader::list(value, path, 1, 256, |value, path| reader::text(value, path, 1, 128))
            })?,
            agents: reader::optional(agents, here, "agents", |value, path| {
                reader::list(value, path, 1, 256, |value, path| reader::text(value, path, 1, 192))
            })?,
            principals: reader::optional(principals, here, "principals", |value, path| {
                reader::list(value, path, 1, 256, |value, path| reader::text(value, path, 1, 512))
            })?,
            runs: reader::optional(runs, here, "runs", |value, path| {
                reader::list(value, path, 1, 256, |value, path| {
                    reader::checked(value, path, scalar::is_uuid, "A UUID in lower case.")
                })
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(224);
        let start = out.len();
        if let Some(x) = &self.agents {
            out.extend_from_slice(br#","agents":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
        }
        if let Some(x) = &self.organisations {
            out.extend_from_slice(br#","organisations":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
        }
        if let Some(x) = &self.principals {
            out.extend_from_slice(br#","principals":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
        }
        if let Some(x) = &self.runs {
            out.extend_from_slice(br#","runs":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
        }
        if let Some(x) = &self.teams {
            out.extend_from_slice(br#","teams":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
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

/// A file whose rules are added.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyInclude {
    /// Its path, relative to this file.
    pub file: String,
    /// The policy hash of that file.
    pub hash: Hash,
}

impl PolicyInclude {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [file, hash] = reader::members(this, here, &["file", "hash"])?;
        Ok(Self {
            file: reader::required(this, file, here, "file", |value, path| reader::text(value, path, 1, 4096))?,
            hash: reader::required(this, hash, here, "hash", reader::fixed)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"file":"#);
        json::write_string(&self.file, out);
        out.extend_from_slice(br#","hash":""#);
        self.hash.write(out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Where URLs in the arguments may lead.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyEgress {
    /// Hosts: exact, or *. and a domain for all hosts below it.
    pub hosts: Vec<String>,
    /// Schemes; absent: https.
    pub schemes: Option<Vec<String>>,
    /// Ports; absent: the scheme's own.
    pub ports: Option<Vec<u64>>,
    /// Whether an address that is loopback, private, link-local or reserved is allowed; absent: false.
    pub allow_private: Option<bool>,
}

impl PolicyEgress {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [allow_private, hosts, ports, schemes] =
            reader::members(this, here, &["allow_private", "hosts", "ports", "schemes"])?;
        Ok(Self {
            hosts: reader::required(this, hosts, here, "hosts", |value, path| {
                reader::list(value, path, 0, 1024, |value, path| reader::text(value, path, 1, 253))
            })?,
            schemes: reader::optional(schemes, here, "schemes", |value, path| {
                reader::list(value, path, 1, 32, |value, path| reader::text(value, path, 1, 32))
            })?,
            ports: reader::optional(ports, here, "ports", |value, path| {
                reader::list(value, path, 1, 64, |value, path| reader::unsigned(value, path, 1, 65535))
            })?,
            allow_private: reader::optional(allow_private, here, "allow_private", reader::boolean)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(160);
        out.push(b'{');
        if let Some(x) = self.allow_private {
            out.extend_from_slice(br#""allow_private":"#);
            writer::boolean(x, out);
            out.push(b',');
        }
        out.extend_from_slice(br#""hosts":"#);
        writer::list(&self.hosts, out, |x, out| {
            json::write_string(x, out);
        });
        if let Some(x) = &self.ports {
            out.extend_from_slice(br#","ports":"#);
            writer::list(x, out, |x, out| {
                writer::unsigned(*x, out);
            });
        }
        if let Some(x) = &self.schemes {
            out.extend_from_slice(br#","schemes":"#);
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

/// How often actions may happen (GCRA).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyRate {
    /// The name of the rate, as reasons show it.
    pub id: String,
    /// Names of tools that the rate is for; absent: all.
    pub tools: Option<Vec<String>>,
    /// Effects that the rate is for; absent: all.
    pub effects: Option<Vec<Effect>>,
    /// Whom the rate is for; absent: everybody. Who is not known is meant, too.
    pub only_for: Option<PolicyOnlyFor>,
    /// So many calls.
    pub calls: u64,
    /// In so many seconds.
    pub per_seconds: u64,
    /// So many at once; absent: calls.
    pub burst: Option<u64>,
    /// What is counted apart; absent: run.
    pub by: Option<PolicyRateBy>,
}

impl PolicyRate {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [burst, by, calls, effects, id, only_for, per_seconds, tools] = reader::members(
            this,
            here,
            &["burst", "by", "calls", "effects", "id", "only_for", "per_seconds", "tools"],
        )?;
        Ok(Self {
            id: reader::required(this, id, here, "id", |value, path| reader::text(value, path, 1, 64))?,
            tools: reader::optional(tools, here, "tools", |value, path| {
                reader::list(value, path, 1, 4096, |value, path| reader::text(value, path, 1, 256))
            })?,
            effects: reader::optional(effects, here, "effects", |value, path| {
                reader::list(value, path, 1, 5, Effect::read_at)
            })?,
            only_for: reader::optional(only_for, here, "only_for", PolicyOnlyFor::read_at)?,
            calls: reader::required(this, calls, here, "calls", |value, path| {
                reader::unsigned(value, path, 1, 1000000000)
            })?,
            per_seconds: reader::required(this, per_seconds, here, "per_seconds", |value, path| {
                reader::unsigned(value, path, 1, 31536000)
            })?,
            burst: reader::optional(burst, here, "burst", |value, path| reader::unsigned(value, path, 1, 1000000000))?,
            by: reader::optional(by, here, "by", PolicyRateBy::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(288);
        out.push(b'{');
        if let Some(x) = self.burst {
            out.extend_from_slice(br#""burst":"#);
            writer::unsigned(x, out);
            out.push(b',');
        }
        if let Some(x) = self.by {
            out.extend_from_slice(br#""by":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.extend_from_slice(br#"","#);
        }
        out.extend_from_slice(br#""calls":"#);
        writer::unsigned(self.calls, out);
        if let Some(x) = &self.effects {
            out.extend_from_slice(br#","effects":"#);
            writer::list(x, out, |x, out| {
                out.push(b'"');
                out.extend_from_slice(x.as_str().as_bytes());
                out.push(b'"');
            });
        }
        out.extend_from_slice(br#","id":"#);
        json::write_string(&self.id, out);
        if let Some(x) = &self.only_for {
            out.extend_from_slice(br#","only_for":"#);
            x.write(out);
        }
        out.extend_from_slice(br#","per_seconds":"#);
        writer::unsigned(self.per_seconds, out);
        if let Some(x) = &self.tools {
            out.extend_from_slice(br#","tools":"#);
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

/// What is counted apart; absent: run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyRateBy {
    /// Each run.
    Run,
    /// Each tool.
    Tool,
    /// Each agent.
    Agent,
    /// Each principal.
    Principal,
    /// Each team.
    Team,
    /// Each organisation.
    Organisation,
    /// All together.
    All,
}

impl PolicyRateBy {
    /// Every value, in order.
    pub const ALL: &'static [PolicyRateBy] = &[
        PolicyRateBy::Run,
        PolicyRateBy::Tool,
        PolicyRateBy::Agent,
        PolicyRateBy::Principal,
        PolicyRateBy::Team,
        PolicyRateBy::Organisation,
        PolicyRateBy::All,
    ];

    const WORDS: &'static [&'static str] = &["run", "tool", "agent", "principal", "team", "organisation", "all"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            PolicyRateBy::Run => "run",
            PolicyRateBy::Tool => "tool",
            PolicyRateBy::Agent => "agent",
            PolicyRateBy::Principal => "principal",
            PolicyRateBy::Team => "team",
            PolicyRateBy::Organisation => "organisation",
            PolicyRateBy::All => "all",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "run" => Some(PolicyRateBy::Run),
            "tool" => Some(PolicyRateBy::Tool),
            "agent" => Some(PolicyRateBy::Agent),
            "principal" => Some(PolicyRateBy::Principal),
            "team" => Some(PolicyRateBy::Team),
            "organisation" => Some(PolicyRateBy::Organisation),
            "all" => Some(PolicyRateBy::All),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for PolicyRateBy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A person who may approve.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyApprover {
    /// The name.
    pub name: String,
    /// The key that signs the grants; absent: a one-time code is sent.
    pub key: Option<String>,
}

impl PolicyApprover {
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

/// What needs approval, and whose.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyApproval {
    /// The name of the rule, as reasons show it.
    pub id: String,
    /// Names of tools that the rule is for; absent: all.
    pub tools: Option<Vec<String>>,
    /// Effects that the rule is for; absent: all.
    pub effects: Option<Vec<Effect>>,
    /// Whom the rule is for; absent: everybody. Who is not known is meant, too.
    pub only_for: Option<PolicyOnlyFor>,
    /// Only what spends more than this, or an unknown amount; absent: whatever it spends.
    pub above: Option<Amount>,
    /// Names of those who may approve; absent: all approvers of the policy.
    pub approvers: Option<Vec<String>>,
    /// How many different people have to approve; absent: 1.
    pub quorum: Option<u64>,
    /// How long the request waits; absent: 900.
    pub expires_seconds: Option<u64>,
}

impl PolicyApproval {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [above, approvers, effects, expires_seconds, id, only_for, quorum, tools] = reader::members(
            this,
            here,
            &["above", "approvers", "effects", "expires_seconds", "id", "only_for", "quorum", "tools"],
        )?;
        Ok(Self {
            id: reader::required(this, id, here, "id", |value, path| reader::text(value, path, 1, 64))?,
            tools: reader::optional(tools, here, "tools", |value, path| {
                reader::list(value, path, 1, 4096, |value, path| reader::text(value, path, 1, 256))
            })?,
            effects: reader::optional(effects, here, "effects", |value, path| {
                reader::list(value, path, 1, 5, Effect::read_at)
            })?,
            only_for: reader::optional(only_for, here, "only_for", PolicyOnlyFor::read_at)?,
            above: reader::optional(above, here, "above", Amount::read_at)?,
            approvers: reader::optional(approvers, here, "approvers", |value, path| {
                reader::list(value, path, 1, 64, |value, path| {
                    reader::checked(
                        value,
                        path,
                        scalar::is_agent,
                        "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                    )
                })
            })?,
            quorum: reader::optional(quorum, here, "quorum", |value, path| reader::unsigned(value, path, 1, 16))?,
            expires_seconds: reader::optional(expires_seconds, here, "expires_seconds", |value, path| {
                reader::unsigned(value, path, 1, 2592000)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(320);
        out.push(b'{');
        if let Some(x) = &self.above {
            out.extend_from_slice(br#""above":"#);
            x.write(out);
            out.push(b',');
        }
        if let Some(x) = &self.approvers {
            out.extend_from_slice(br#""approvers":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
            out.push(b',');
        }
        if let Some(x) = &self.effects {
            out.extend_from_slice(br#""effects":"#);
            writer::list(x, out, |x, out| {
                out.push(b'"');
                out.extend_from_slice(x.as_str().as_bytes());
                out.push(b'"');
            });
            out.push(b',');
        }
        if let Some(x) = self.expires_seconds {
            out.extend_from_slice(br#""expires_seconds":"#);
            writer::unsigned(x, out);
            out.push(b',');
        }
        out.extend_from_slice(br#""id":"#);
        json::write_string(&self.id, out);
        if let Some(x) = &self.only_for {
            out.extend_from_slice(br#","only_for":"#);
            x.write(out);
        }
        if let Some(x) = self.quorum {
            out.extend_from_slice(br#","quorum":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = &self.tools {
            out.extend_from_slice(br#","tools":"#);
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

/// What an argument has to be.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyArgument {
    /// JSON pointer to the argument; a step * stands for each item of an array, which has at least one.
    pub arg: String,
    /// What the argument is.
    pub kind: PolicyArgumentKind,
    /// The name of the rule, as reasons show it; absent: tool and pointer.
    pub id: Option<String>,
    /// Whether the argument may be left out; absent: false.
    pub may_be_absent: Option<bool>,
    /// Schemes; absent: https.
    pub schemes: Option<Vec<String>>,
    /// Hosts: exact, or *. and a domain for all hosts below it.
    pub hosts: Option<Vec<String>>,
    /// Ports; absent: the scheme's own.
    pub ports: Option<Vec<u64>>,
    /// Globs of the URL's path; absent: any.
    pub paths: Option<Vec<String>>,
    /// Whether an address that is loopback, private, link-local or reserved is allowed; absent: false.
    pub allow_private: Option<bool>,
    /// Directories, one of which the path has to be in.
    pub under: Option<Vec<String>>,
    /// The directory that a relative path starts from; absent: relative paths are denied.
    pub base: Option<String>,
    /// Globs that no part of the way below the directory may match.
    pub denied: Option<Vec<String>>,
    /// Extensions of the file, without the dot; absent: any.
    pub extensions: Option<Vec<String>>,
    /// How symbolic links are seen; absent: resolve.
    pub links: Option<PolicyArgumentLinks>,
    /// Kinds of statements; absent: select.
    pub statements: Option<Vec<SqlStatement>>,
    /// Tables, as schema.table or table; absent: any.
    pub tables: Option<Vec<String>>,
    /// Functions beside the harmless built-in ones.
    pub functions: Option<Vec<String>>,
    /// The dialect; absent: generic.
    pub dialect: Option<PolicyArgumentDialect>,
    /// How many statements at most; absent: 1.
    pub max_statements: Option<u64>,
    /// Commands, as the words that a call has to begin with: git status.
    pub commands: Option<Vec<String>>,
    /// Globs that no word after those of the command may match.
    pub denied_words: Option<Vec<String>>,
    /// Whether commands may be joined by pipes; absent: false.
    pub pipes: Option<bool>,
    /// Whether the command is an array of its words, for a tool that runs it without a shell; absent: false, and an array is denied.
    pub as_array: Option<bool>,
    /// Whole addresses.
    pub addresses: Option<Vec<String>>,
    /// Domains: exact, or *. and a domain for all below it.
    pub domains: Option<Vec<String>>,
    /// ISO 4217 code of a currency.
    pub currency: Option<String>,
    /// JSON pointer to the argument that holds the currency.
    pub currency_arg: Option<String>,
    /// The least sum.
    pub min_micro: Option<u64>,
    /// The largest sum.
    pub max_micro: Option<u64>,
    /// How many micro-units one unit of the argument is: 1000000 for whole units, 10000 for cents; absent: 1.
    pub unit_micro: Option<u64>,
    /// Whether the number is written as a string; absent: false, and a string is denied.
    pub as_string: Option<bool>,
    /// The first date.
    pub earliest: Option<String>,
    /// The last date.
    pub latest: Option<String>,
    /// How many days ahead of now at most.
    pub ahead_days: Option<u64>,
    /// How many days before now at most.
    pub back_days: Option<u64>,
    /// The smallest number.
    pub min: Option<i64>,
    /// The largest number.
    pub max: Option<i64>,
    /// Whether the number may have a fraction; absent: false.
    pub fractions: Option<bool>,
    /// The strings that are allowed.
    pub one_of: Option<Vec<String>>,
    /// A glob that the whole string has to match.
    pub glob: Option<String>,
    /// A regular expression that the whole string has to match.
    pub regex: Option<String>,
    /// Characters at most.
    pub max_chars: Option<u64>,
    /// The value that is allowed; absent: both.
    pub value: Option<bool>,
}

impl PolicyArgument {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [
            addresses,
            ahead_days,
            allow_private,
            arg,
            as_array,
            as_string,
            back_days,
            base,
            commands,
            currency,
            currency_arg,
            denied,
            denied_words,
            dialect,
            domains,
            earliest,
            extensions,
            fractions,
            functions,
            glob,
            hosts,
            id,
            kind,
            latest,
            links,
            max,
            max_chars,
            max_micro,
            max_statements,
            may_be_absent,
            min,
            min_micro,
            one_of,
            paths,
            pipes,
            ports,
            regex,
            schemes,
            statements,
            tables,
            under,
            unit_micro,
            value,
        ] = reader::members(
            this,
            here,
            &[
                "addresses",
                "ahead_days",
                "allow_private",
                "arg",
                "as_array",
                "as_string",
                "back_days",
                "base",
                "commands",
                "currency",
                "currency_arg",
                "denied",
                "denied_words",
                "dialect",
                "domains",
                "earliest",
                "extensions",
                "fractions",
                "functions",
                "glob",
                "hosts",
                "id",
                "kind",
                "latest",
                "links",
                "max",
                "max_chars",
                "max_micro",
                "max_statements",
                "may_be_absent",
                "min",
                "min_micro",
                "one_of",
                "paths",
                "pipes",
                "ports",
                "regex",
                "schemes",
                "statements",
                "tables",
                "under",
                "unit_micro",
                "value",
            ],
        )?;
        let body = Self {
            arg: reader::required(this, arg, here, "arg", |value, path| reader::text(value, path, 1, 256))?,
            kind: reader::required(this, kind, here, "kind", PolicyArgumentKind::read_at)?,
            id: reader::optional(id, here, "id", |value, path| reader::text(value, path, 1, 64))?,
            may_be_absent: reader::optional(may_be_absent, here, "may_be_absent", reader::boolean)?,
            schemes: reader::optional(schemes, here, "schemes", |value, path| {
                reader::list(value, path, 1, 32, |value, path| reader::text(value, path, 1, 32))
            })?,
            hosts: reader::optional(hosts, here, "hosts", |value, path| {
                reader::list(value, path, 0, 1024, |value, path| reader::text(value, path, 1, 253))
            })?,
            ports: reader::optional(ports, here, "ports", |value, path| {
                reader::list(value, path, 1, 64, |value, path| reader::unsigned(value, path, 1, 65535))
            })?,
            paths: reader::optional(paths, here, "paths", |value, path| {
                reader::list(value, path, 1, 256, |value, path| reader::text(value, path, 1, 1024))
            })?,
            allow_private: reader::optional(allow_private, here, "allow_private", reader::boolean)?,
            under: reader::optional(under, here, "under", |value, path| {
                reader::list(value, path, 1, 256, |value, path| reader::text(value, path, 1, 4096))
            })?,
            base: reader::optional(base, here, "base", |value, path| reader::text(value, path, 1, 4096))?,
            denied: reader::optional(denied, here, "denied", |value, path| {
                reader::list(value, path, 1, 256, |value, path| reader::text(value, path, 1, 1024))
            })?,
            extensions: reader::optional(extensions, here, "extensions", |value, path| {
                reader::list(value, path, 1, 256, |value, path| reader::text(value, path, 1, 32))
            })?,
            links: reader::optional(links, here, "links", PolicyArgumentLinks::read_at)?,
            statements: reader::optional(statements, here, "statements", |value, path| {
                reader::list(value, path, 1, 16, SqlStatement::read_at)
            })?,
            tables: reader::optional(tables, here, "tables", |value, path| {
                reader::list(value, path, 1, 1024, |value, path| reader::text(value, path, 1, 256))
            })?,
            functions: reader::optional(functions, here, "functions", |value, path| {
                reader::list(value, path, 1, 256, |value, path| reader::text(value, path, 1, 128))
            })?,
            dialect: reader::optional(dialect, here, "dialect", PolicyArgumentDialect::read_at)?,
            max_statements: reader::optional(max_statements, here, "max_statements", |value, path| {
                reader::unsigned(value, path, 1, 64)
            })?,
            commands: reader::optional(commands, here, "commands", |value, path| {
                reader::list(value, path, 1, 1024, |value, path| reader::text(value, path, 1, 512))
            })?,
            denied_words: reader::optional(denied_words, here, "denied_words", |value, path| {
                reader::list(value, path, 1, 256, |value, path| reader::text(value, path, 1, 256))
            })?,
            pipes: reader::optional(pipes, here, "pipes", reader::boolean)?,
            as_array: reader::optional(as_array, here, "as_array", reader::boolean)?,
            addresses: reader::optional(addresses, here, "addresses", |value, path| {
                reader::list(value, path, 1, 1024, |value, path| reader::text(value, path, 1, 320))
            })?,
            domains: reader::optional(domains, here, "domains", |value, path| {
                reader::list(value, path, 1, 1024, |value, path| reader::text(value, path, 1, 253))
            })?,
            currency: reader::optional(currency, here, "currency", |value, path| {
                reader::checked(value, path, scalar::is_currency, "ISO 4217 code of a currency.")
            })?,
            currency_arg: reader::optional(currency_arg, here, "currency_arg", |value, path| {
                reader::text(value, path, 1, 256)
            })?,
            min_micro: reader::optional(min_micro, here, "min_micro", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            max_micro: reader::optional(max_micro, here, "max_micro", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            unit_micro: reader::optional(unit_micro, here, "unit_micro", |value, path| {
                reader::unsigned(value, path, 1, 1000000000)
            })?,
            as_string: reader::optional(as_string, here, "as_string", reader::boolean)?,
            earliest: reader::optional(earliest, here, "earliest", |value, path| reader::text(value, path, 1, 35))?,
            latest: reader::optional(latest, here, "latest", |value, path| reader::text(value, path, 1, 35))?,
            ahead_days: reader::optional(ahead_days, here, "ahead_days", |value, path| {
                reader::unsigned(value, path, 0, 36500)
            })?,
            back_days: reader::optional(back_days, here, "back_days", |value, path| {
                reader::unsigned(value, path, 0, 36500)
            })?,
            min: reader::optional(min, here, "min", |value, path| {
                reader::integer(value, path, -9007199254740991, 9007199254740991)
            })?,
            max: reader::optional(max, here, "max", |value, path| {
                reader::integer(value, path, -9007199254740991, 9007199254740991)
            })?,
            fractions: reader::optional(fractions, here, "fractions", reader::boolean)?,
            one_of: reader::optional(one_of, here, "one_of", |value, path| {
                reader::list(value, path, 1, 1024, |value, path| reader::text(value, path, 1, 1024))
            })?,
            glob: reader::optional(glob, here, "glob", |value, path| reader::text(value, path, 1, 1024))?,
            regex: reader::optional(regex, here, "regex", |value, path| reader::text(value, path, 1, 4096))?,
            max_chars: reader::optional(max_chars, here, "max_chars", |value, path| {
                reader::unsigned(value, path, 0, 1048576)
            })?,
            value: reader::optional(value, here, "value", reader::boolean)?,
        };
        body.check_variant().map_err(|error| error.at(this.span))?;
        Ok(body)
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(1536);
        out.push(b'{');
        if let Some(x) = &self.addresses {
            out.extend_from_slice(br#""addresses":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
            out.push(b',');
        }
        if let Some(x) = self.ahead_days {
            out.extend_from_slice(br#""ahead_days":"#);
            writer::unsigned(x, out);
            out.push(b',');
        }
        if let Some(x) = self.allow_private {
            out.extend_from_slice(br#""allow_private":"#);
            writer::boolean(x, out);
            out.push(b',');
        }
        out.extend_from_slice(br#""arg":"#);
        json::write_string(&self.arg, out);
        if let Some(x) = self.as_array {
            out.extend_from_slice(br#","as_array":"#);
            writer::boolean(x, out);
        }
        if let Some(x) = self.as_string {
            out.extend_from_slice(br#","as_string":"#);
            writer::boolean(x, out);
        }
        if let Some(x) = self.back_days {
            out.extend_from_slice(br#","back_days":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = &self.base {
            out.extend_from_slice(br#","base":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.commands {
            out.extend_from_slice(br#","commands":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
        }
        if let Some(x) = &self.currency {
            out.extend_from_slice(br#","currency":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.currency_arg {
            out.extend_from_slice(br#","currency_arg":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.denied {
            out.extend_from_slice(br#","denied":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
        }
        if let Some(x) = &self.denied_words {
            out.extend_from_slice(br#","denied_words":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
        }
        if let Some(x) = self.dialect {
            out.extend_from_slice(br#","dialect":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.push(b'"');
        }
        if let Some(x) = &self.domains {
            out.extend_from_slice(br#","domains":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
        }
        if let Some(x) = &self.earliest {
            out.extend_from_slice(br#","earliest":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.extensions {
            out.extend_from_slice(br#","extensions":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
        }
        if let Some(x) = self.fractions {
            out.extend_from_slice(br#","fractions":"#);
            writer::boolean(x, out);
        }
        if let Some(x) = &self.functions {
            out.extend_from_slice(br#","functions":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
        }
        if let Some(x) = &self.glob {
            out.extend_from_slice(br#","glob":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.hosts {
            out.extend_from_slice(br#","hosts":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
        }
        if let Some(x) = &self.id {
            out.extend_from_slice(br#","id":"#);
            json::write_string(x, out);
        }
        out.extend_from_slice(br#","kind":""#);
        out.extend_from_slice(self.kind.as_str().as_bytes());
        out.push(b'"');
        if let Some(x) = &self.latest {
            out.extend_from_slice(br#","latest":"#);
            json::write_string(x, out);
        }
        if let Some(x) = self.links {
            out.extend_from_slice(br#","links":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.push(b'"');
        }
        if let Some(x) = self.max {
            out.extend_from_slice(br#","max":"#);
            json::write_integer(x, out);
        }
        if let Some(x) = self.max_chars {
            out.extend_from_slice(br#","max_chars":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = self.max_micro {
            out.extend_from_slice(br#","max_micro":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = self.max_statements {
            out.extend_from_slice(br#","max_statements":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = self.may_be_absent {
            out.extend_from_slice(br#","may_be_absent":"#);
            writer::boolean(x, out);
        }
        if let Some(x) = self.min {
            out.extend_from_slice(br#","min":"#);
            json::write_integer(x, out);
        }
        if let Some(x) = self.min_micro {
            out.extend_from_slice(br#","min_micro":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = &self.one_of {
            out.extend_from_slice(br#","one_of":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
        }
        if let Some(x) = &self.paths {
            out.extend_from_slice(br#","paths":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
        }
        if let Some(x) = self.pipes {
            out.extend_from_slice(br#","pipes":"#);
            writer::boolean(x, out);
        }
        if let Some(x) = &self.ports {
            out.extend_from_slice(br#","ports":"#);
            writer::list(x, out, |x, out| {
                writer::unsigned(*x, out);
            });
        }
        if let Some(x) = &self.regex {
            out.extend_from_slice(br#","regex":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.schemes {
            out.extend_from_slice(br#","schemes":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
        }
        if let Some(x) = &self.statements {
            out.extend_from_slice(br#","statements":"#);
            writer::list(x, out, |x, out| {
                out.push(b'"');
                out.extend_from_slice(x.as_str().as_bytes());
                out.push(b'"');
            });
        }
        if let Some(x) = &self.tables {
            out.extend_from_slice(br#","tables":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
        }
        if let Some(x) = &self.under {
            out.extend_from_slice(br#","under":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
        }
        if let Some(x) = self.unit_micro {
            out.extend_from_slice(br#","unit_micro":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = self.value {
            out.extend_from_slice(br#","value":"#);
            writer::boolean(x, out);
        }
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    /// Checks that the members are those that the value of `kind` requires and allows.
    pub fn check_variant(&self) -> Result<(), Error> {
        let present = [
            ("addresses", self.addresses.is_some()),
            ("ahead_days", self.ahead_days.is_some()),
            ("allow_private", self.allow_private.is_some()),
            ("as_array", self.as_array.is_some()),
            ("as_string", self.as_string.is_some()),
            ("back_days", self.back_days.is_some()),
            ("base", self.base.is_some()),
            ("commands", self.commands.is_some()),
            ("currency", self.currency.is_some()),
            ("currency_arg", self.currency_arg.is_some()),
            ("denied", self.denied.is_some()),
            ("denied_words", self.denied_words.is_some()),
            ("dialect", self.dialect.is_some()),
            ("domains", self.domains.is_some()),
            ("earliest", self.earliest.is_some()),
            ("extensions", self.extensions.is_some()),
            ("fractions", self.fractions.is_some()),
            ("functions", self.functions.is_some()),
            ("glob", self.glob.is_some()),
            ("hosts", self.hosts.is_some()),
            ("latest", self.latest.is_some()),
            ("links", self.links.is_some()),
            ("max", self.max.is_some()),
            ("max_chars", self.max_chars.is_some()),
            ("max_micro", self.max_micro.is_some()),
            ("max_statements", self.max_statements.is_some()),
            ("min", self.min.is_some()),
            ("min_micro", self.min_micro.is_some()),
            ("one_of", self.one_of.is_some()),
            ("paths", self.paths.is_some()),
            ("pipes", self.pipes.is_some()),
            ("ports", self.ports.is_some()),
            ("regex", self.regex.is_some()),
            ("schemes", self.schemes.is_some()),
            ("statements", self.statements.is_some()),
            ("tables", self.tables.is_some()),
            ("under", self.under.is_some()),
            ("unit_micro", self.unit_micro.is_some()),
            ("value", self.value.is_some()),
        ];
        let (required, optional): (&[&str], &[&str]) = match self.kind {
            PolicyArgumentKind::Url => (&["hosts"], &["schemes", "ports", "paths", "allow_private"]),
            PolicyArgumentKind::Path => (&["under"], &["base", "denied", "extensions", "links"]),
            PolicyArgumentKind::Sql => (&[], &["statements", "tables", "functions", "dialect", "max_statements"]),
            PolicyArgumentKind::Shell => (&["commands"], &["denied_words", "pipes", "as_array"]),
            PolicyArgumentKind::Email => (&[], &["addresses", "domains"]),
            PolicyArgumentKind::Money => {
                (&["max_micro"], &["currency", "currency_arg", "min_micro", "unit_micro", "as_string"])
            }
            PolicyArgumentKind::Date => (&[], &["earliest", "latest", "ahead_days", "back_days"]),
            PolicyArgumentKind::Number => (&[], &["min", "max", "fractions", "as_string"]),
            PolicyArgumentKind::String => (&[], &["one_of", "glob", "regex", "max_chars"]),
            PolicyArgumentKind::Boolean => (&[], &["value"]),
        };
        reader::variant(&present, required, optional, self.kind.as_str(), ErrorCode::PolicyInvalid)
    }
}

/// What the argument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyArgumentKind {
    /// A URL (WHATWG).
    Url,
    /// A path of a file or directory.
    Path,
    /// SQL statements.
    Sql,
    /// A command line of a POSIX shell, or the words of a command.
    Shell,
    /// An e-mail address.
    Email,
    /// A sum of money.
    Money,
    /// A date, or date and time (RFC 3339).
    Date,
    /// A number.
    Number,
    /// A string.
    String,
    /// True or false.
    Boolean,
}

impl PolicyArgumentKind {
    /// Every value, in order.
    pub const ALL: &'static [PolicyArgumentKind] = &[
        PolicyArgumentKind::Url,
        PolicyArgumentKind::Path,
        PolicyArgumentKind::Sql,
        PolicyArgumentKind::Shell,
        PolicyArgumentKind::Email,
        PolicyArgumentKind::Money,
        PolicyArgumentKind::Date,
        PolicyArgumentKind::Number,
        PolicyArgumentKind::String,
        PolicyArgumentKind::Boolean,
    ];

    const WORDS: &'static [&'static str] =
        &["url", "path", "sql", "shell", "email", "money", "date", "number", "string", "boolean"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            PolicyArgumentKind::Url => "url",
            PolicyArgumentKind::Path => "path",
            PolicyArgumentKind::Sql => "sql",
            PolicyArgumentKind::Shell => "shell",
            PolicyArgumentKind::Email => "email",
            PolicyArgumentKind::Money => "money",
            PolicyArgumentKind::Date => "date",
            PolicyArgumentKind::Number => "number",
            PolicyArgumentKind::String => "string",
            PolicyArgumentKind::Boolean => "boolean",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "url" => Some(PolicyArgumentKind::Url),
            "path" => Some(PolicyArgumentKind::Path),
            "sql" => Some(PolicyArgumentKind::Sql),
            "shell" => Some(PolicyArgumentKind::Shell),
            "email" => Some(PolicyArgumentKind::Email),
            "money" => Some(PolicyArgumentKind::Money),
            "date" => Some(PolicyArgumentKind::Date),
            "number" => Some(PolicyArgumentKind::Number),
            "string" => Some(PolicyArgumentKind::String),
            "boolean" => Some(PolicyArgumentKind::Boolean),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for PolicyArgumentKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How symbolic links are seen; absent: resolve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyArgumentLinks {
    /// The host resolves them; where it cannot, the path is denied.
    Resolve,
    /// They are not: for paths that are not of this machine.
    Lexical,
}

impl PolicyArgumentLinks {
    /// Every value, in order.
    pub const ALL: &'static [PolicyArgumentLinks] = &[PolicyArgumentLinks::Resolve, PolicyArgumentLinks::Lexical];

    const WORDS: &'static [&'static str] = &["resolve", "lexical"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            PolicyArgumentLinks::Resolve => "resolve",
            PolicyArgumentLinks::Lexical => "lexical",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "resolve" => Some(PolicyArgumentLinks::Resolve),
            "lexical" => Some(PolicyArgumentLinks::Lexical),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for PolicyArgumentLinks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A kind of SQL statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SqlStatement {
    /// Reads.
    Select,
    /// Adds rows.
    Insert,
    /// Changes rows.
    Update,
    /// Deletes rows.
    Delete,
    /// Makes tables, views and the like.
    Create,
    /// Changes them.
    Alter,
    /// Drops them.
    Drop,
    /// Begins, commits and rolls back.
    Transaction,
}

impl SqlStatement {
    /// Every value, in order.
    pub const ALL: &'static [SqlStatement] = &[
        SqlStatement::Select,
        SqlStatement::Insert,
        SqlStatement::Update,
        SqlStatement::Delete,
        SqlStatement::Create,
        SqlStatement::Alter,
        SqlStatement::Drop,
        SqlStatement::Transaction,
    ];

    const WORDS: &'static [&'static str] =
        &["select", "insert", "update", "delete", "create", "alter", "drop", "transaction"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            SqlStatement::Select => "select",
            SqlStatement::Insert => "insert",
            SqlStatement::Update => "update",
            SqlStatement::Delete => "delete",
            SqlStatement::Create => "create",
            SqlStatement::Alter => "alter",
            SqlStatement::Drop => "drop",
            SqlStatement::Transaction => "transaction",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "select" => Some(SqlStatement::Select),
            "insert" => Some(SqlStatement::Insert),
            "update" => Some(SqlStatement::Update),
            "delete" => Some(SqlStatement::Delete),
            "create" => Some(SqlStatement::Create),
            "alter" => Some(SqlStatement::Alter),
            "drop" => Some(SqlStatement::Drop),
            "transaction" => Some(SqlStatement::Transaction),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for SqlStatement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The dialect; absent: generic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyArgumentDialect {
    /// What most databases share.
    Generic,
    /// PostgreSQL.
    Postgres,
    /// MySQL.
    Mysql,
    /// SQLite.
    Sqlite,
}

impl PolicyArgumentDialect {
    /// Every value, in order.
    pub const ALL: &'static [PolicyArgumentDialect] = &[
        PolicyArgumentDialect::Generic,
        PolicyArgumentDialect::Postgres,
        PolicyArgumentDialect::Mysql,
        PolicyArgumentDialect::Sqlite,
    ];

    const WORDS: &'static [&'static str] = &["generic", "postgres", "mysql", "sqlite"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            PolicyArgumentDialect::Generic => "generic",
            PolicyArgumentDialect::Postgres => "postgres",
            PolicyArgumentDialect::Mysql => "mysql",
            PolicyArgumentDialect::Sqlite => "sqlite",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "generic" => Some(PolicyArgumentDialect::Generic),
            "postgres" => Some(PolicyArgumentDialect::Postgres),
            "mysql" => Some(PolicyArgumentDialect::Mysql),
            "sqlite" => Some(PolicyArgumentDialect::Sqlite),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for PolicyArgumentDialect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
