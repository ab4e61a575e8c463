// Generated from contracts/schemas/policy.json by `cargo run -p talos-codegen`; do not edit.
//! What an agent may do. Denies what it does not allow.

use super::reader::Path;
use super::{Effect, reader, writer};
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
    /// The tools that may be called; absent: none, "*": all.
    pub allowed_tools: Option<Vec<PolicyToolItem>>,
    /// Patterns that no string of the arguments may match.
    pub blocked_patterns: Option<Vec<PolicyPattern>>,
    /// The resources that may be read; absent: none.
    pub allowed_resources: Option<Vec<PolicyResourceItem>>,
    /// The prompts that may be used; absent: none.
    pub allowed_prompts: Option<Vec<String>>,
    /// The most tool calls of one run.
    pub max_tool_calls_per_request: Option<u64>,
    /// The most tokens of one run.
    pub max_tokens_per_request: Option<u64>,
    /// The most money of one call and of one run.
    pub max_amount: Option<PolicyMaxAmount>,
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
            allowed_prompts,
            allowed_resources,
            allowed_tools,
            blocked_patterns,
            confidence_threshold_bp,
            description,
            id,
            max_amount,
            max_tokens_per_request,
            max_tool_calls_per_request,
            on_drift,
            _,
            version,
        ] = reader::members(
            this,
            here,
            &[
                "allowed_prompts",
                "allowed_resources",
                "allowed_tools",
                "blocked_patterns",
                "confidence_threshold_bp",
                "description",
                "id",
                "max_amount",
                "max_tokens_per_request",
                "max_tool_calls_per_request",
                "on_drift",
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
            allowed_tools: reader::optional(allowed_tools, here, "allowed_tools", |value, path| {
                reader::list(value, path, 0, 4096, PolicyToolItem::read_at)
            })?,
            blocked_patterns: reader::optional(blocked_patterns, here, "blocked_patterns", |value, path| {
                reader::list(value, path, 0, 1024, PolicyPattern::read_at)
            })?,
            allowed_resources: reader::optional(allowed_resources, here, "allowed_resources", |value, path| {
                reader::list(value, path, 0, 4096, PolicyResourceItem::read_at)
            })?,
            allowed_prompts: reader::optional(allowed_prompts, here, "allowed_prompts", |value, path| {
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
        out.reserve(512);
        out.push(b'{');
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
        if let Some(x) = &self.description {
            out.extend_from_slice(br#""description":"#);
            json::write_string(x, out);
            out.push(b',');
        }
        out.extend_from_slice(br#""id":"#);
        json::write_string(&self.id, out);
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
        if let Some(x) = self.on_drift {
            out.extend_from_slice(br#","on_drift":""#);
            out.extend_from_slice(x.as_str().as_bytes());
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

/// A tool by its name, or a rule for it.
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
    /// The most money of this tool's calls.
    pub max_amount: Option<PolicyMaxAmount>,
    /// Where the arguments say how much is spent.
    pub amount: Option<PolicyAmountArgs>,
    /// A note of the operator.
    pub description: Option<String>,
}

impl PolicyTool {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [amount, description, effect, max_amount, name, tool_hash] =
            reader::members(this, here, &["amount", "description", "effect", "max_amount", "name", "tool_hash"])?;
        Ok(Self {
            name: reader::required(this, name, here, "name", |value, path| reader::text(value, path, 1, 256))?,
            effect: reader::optional(effect, here, "effect", Effect::read_at)?,
            tool_hash: reader::optional(tool_hash, here, "tool_hash", reader::fixed)?,
            max_amount: reader::optional(max_amount, here, "max_amount", PolicyMaxAmount::read_at)?,
            amount: reader::optional(amount, here, "amount", PolicyAmountArgs::read_at)?,
            description: reader::optional(description, here, "description", |value, path| {
                reader::text(value, path, 0, 4096)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(288);
        out.push(b'{');
        if let Some(x) = &self.amount {
            out.extend_from_slice(br#""amount":"#);
            x.write(out);
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
        if let Some(x) = &self.max_amount {
            out.extend_from_slice(br#""max_amount":"#);
            x.write(out);
            out.push(b',');
        }
        out.extend_from_slice(br#""name":"#);
        json::write_string(&self.name, out);
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
}

impl PolicyPattern {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [case_sensitive, id, kind, pattern] =
            reader::members(this, here, &["case_sensitive", "id", "kind", "pattern"])?;
        Ok(Self {
            id: reader::optional(id, here, "id", |value, path| reader::text(value, path, 1, 64))?,
            kind: reader::required(this, kind, here, "kind", PolicyPatternKind::read_at)?,
            pattern: reader::required(this, pattern, here, "pattern", |value, path| {
                reader::text(value, path, 1, 4096)
            })?,
            case_sensitive: reader::optional(case_sensitive, here, "case_sensitive", reader::boolean)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(160);
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
        out.extend_from_slice(br#"","pattern":"#);
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
