// Generated from contracts/schemas/common.json by `cargo run -p talos-codegen`; do not edit.
//! Scalars and small types that the other contracts share.

use super::reader::Path;
use super::{reader, writer};
use crate::json::Value;
use crate::scalar::{Hash, Salt};
use crate::{Error, json, scalar};

/// What an action does to the world, from harmless to final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Reads, and changes nothing.
    Read,
    /// Changes state that can be restored.
    Write,
    /// Reaches other parties.
    External,
    /// Spends money.
    Spend,
    /// Cannot be undone.
    Irreversible,
}

impl Effect {
    /// Every value, in order.
    pub const ALL: &'static [Effect] =
        &[Effect::Read, Effect::Write, Effect::External, Effect::Spend, Effect::Irreversible];

    const WORDS: &'static [&'static str] = &["read", "write", "external", "spend", "irreversible"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Effect::Read => "read",
            Effect::Write => "write",
            Effect::External => "external",
            Effect::Spend => "spend",
            Effect::Irreversible => "irreversible",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "read" => Some(Effect::Read),
            "write" => Some(Effect::Write),
            "external" => Some(Effect::External),
            "spend" => Some(Effect::Spend),
            "irreversible" => Some(Effect::Irreversible),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for Effect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The answer to an action, in rising order of weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The action may run.
    Allow,
    /// The action may run with changed arguments.
    Transform,
    /// The action may run once a person approves it.
    NeedsApproval,
    /// The action may not run.
    Deny,
}

impl Verdict {
    /// Every value, in order.
    pub const ALL: &'static [Verdict] = &[Verdict::Allow, Verdict::Transform, Verdict::NeedsApproval, Verdict::Deny];

    const WORDS: &'static [&'static str] = &["allow", "transform", "needs_approval", "deny"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Allow => "allow",
            Verdict::Transform => "transform",
            Verdict::NeedsApproval => "needs_approval",
            Verdict::Deny => "deny",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "allow" => Some(Verdict::Allow),
            "transform" => Some(Verdict::Transform),
            "needs_approval" => Some(Verdict::NeedsApproval),
            "deny" => Some(Verdict::Deny),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What kind of thing the agent wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActionKind {
    /// Call a tool.
    ToolCall,
    /// Read a resource.
    ResourceRead,
    /// Get a prompt.
    PromptGet,
    /// Ask a model.
    Sampling,
    /// Send a message to another agent.
    Message,
    /// Make an HTTP request.
    Http,
}

impl ActionKind {
    /// Every value, in order.
    pub const ALL: &'static [ActionKind] = &[
        ActionKind::ToolCall,
        ActionKind::ResourceRead,
        ActionKind::PromptGet,
        ActionKind::Sampling,
        ActionKind::Message,
        ActionKind::Http,
    ];

    const WORDS: &'static [&'static str] = &["tool_call", "resource_read", "prompt_get", "sampling", "message", "http"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            ActionKind::ToolCall => "tool_call",
            ActionKind::ResourceRead => "resource_read",
            ActionKind::PromptGet => "prompt_get",
            ActionKind::Sampling => "sampling",
            ActionKind::Message => "message",
            ActionKind::Http => "http",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "tool_call" => Some(ActionKind::ToolCall),
            "resource_read" => Some(ActionKind::ResourceRead),
            "prompt_get" => Some(ActionKind::PromptGet),
            "sampling" => Some(ActionKind::Sampling),
            "message" => Some(ActionKind::Message),
            "http" => Some(ActionKind::Http),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for ActionKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An audit event that a code raises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// A tool call was not allowed.
    ToolCallBlocked,
    /// A rule of the policy was broken.
    PolicyViolation,
    /// Confidence fell below the threshold.
    DriftDetected,
}

impl Event {
    /// Every value, in order.
    pub const ALL: &'static [Event] = &[Event::ToolCallBlocked, Event::PolicyViolation, Event::DriftDetected];

    const WORDS: &'static [&'static str] = &["TOOL_CALL_BLOCKED", "POLICY_VIOLATION", "DRIFT_DETECTED"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Event::ToolCallBlocked => "TOOL_CALL_BLOCKED",
            Event::PolicyViolation => "POLICY_VIOLATION",
            Event::DriftDetected => "DRIFT_DETECTED",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "TOOL_CALL_BLOCKED" => Some(Event::ToolCallBlocked),
            "POLICY_VIOLATION" => Some(Event::PolicyViolation),
            "DRIFT_DETECTED" => Some(Event::DriftDetected),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How an action ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutcomeStatus {
    /// It ended well.
    Ok,
    /// It ended with an error.
    Error,
    /// It was cancelled.
    Cancelled,
    /// Nobody knows how it ended.
    Unknown,
}

impl OutcomeStatus {
    /// Every value, in order.
    pub const ALL: &'static [OutcomeStatus] =
        &[OutcomeStatus::Ok, OutcomeStatus::Error, OutcomeStatus::Cancelled, OutcomeStatus::Unknown];

    const WORDS: &'static [&'static str] = &["ok", "error", "cancelled", "unknown"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            OutcomeStatus::Ok => "ok",
            OutcomeStatus::Error => "error",
            OutcomeStatus::Cancelled => "cancelled",
            OutcomeStatus::Unknown => "unknown",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "ok" => Some(OutcomeStatus::Ok),
            "error" => Some(OutcomeStatus::Error),
            "cancelled" => Some(OutcomeStatus::Cancelled),
            "unknown" => Some(OutcomeStatus::Unknown),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for OutcomeStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a permit is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PermitState {
    /// Waits for an approval.
    Pending,
    /// May be started once.
    Issued,
    /// The action runs.
    Started,
    /// The outcome is known.
    Settled,
    /// Was not started or settled in time.
    Expired,
    /// Was given back unused.
    Released,
}

impl PermitState {
    /// Every value, in order.
    pub const ALL: &'static [PermitState] = &[
        PermitState::Pending,
        PermitState::Issued,
        PermitState::Started,
        PermitState::Settled,
        PermitState::Expired,
        PermitState::Released,
    ];

    const WORDS: &'static [&'static str] = &["pending", "issued", "started", "settled", "expired", "released"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            PermitState::Pending => "pending",
            PermitState::Issued => "issued",
            PermitState::Started => "started",
            PermitState::Settled => "settled",
            PermitState::Expired => "expired",
            PermitState::Released => "released",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "pending" => Some(PermitState::Pending),
            "issued" => Some(PermitState::Issued),
            "started" => Some(PermitState::Started),
            "settled" => Some(PermitState::Settled),
            "expired" => Some(PermitState::Expired),
            "released" => Some(PermitState::Released),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for PermitState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who vouches for a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignMode {
    /// The receipt has a signature of its own.
    Self_,
    /// The receipt counts only together with its inclusion in a signed checkpoint.
    Log,
}

impl SignMode {
    /// Every value, in order.
    pub const ALL: &'static [SignMode] = &[SignMode::Self_, SignMode::Log];

    const WORDS: &'static [&'static str] = &["self", "log"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            SignMode::Self_ => "self",
            SignMode::Log => "log",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "self" => Some(SignMode::Self_),
            "log" => Some(SignMode::Log),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for SignMode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which rules a JSON text has to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JsonProfile {
    /// Contract bodies: integers only, names of [a-z0-9_].
    Talos,
    /// User data: any names, numbers that survive the canonical form.
    TalosData,
    /// RFC 8785 and nothing more.
    Rfc8785,
}

impl JsonProfile {
    /// Every value, in order.
    pub const ALL: &'static [JsonProfile] = &[JsonProfile::Talos, JsonProfile::TalosData, JsonProfile::Rfc8785];

    const WORDS: &'static [&'static str] = &["talos", "talos-data", "rfc8785"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            JsonProfile::Talos => "talos",
            JsonProfile::TalosData => "talos-data",
            JsonProfile::Rfc8785 => "rfc8785",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "talos" => Some(JsonProfile::Talos),
            "talos-data" => Some(JsonProfile::TalosData),
            "rfc8785" => Some(JsonProfile::Rfc8785),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for JsonProfile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The format of a policy text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyFormat {
    /// YAML.
    Yaml,
    /// TOML.
    Toml,
    /// JSON.
    Json,
}

impl PolicyFormat {
    /// Every value, in order.
    pub const ALL: &'static [PolicyFormat] = &[PolicyFormat::Yaml, PolicyFormat::Toml, PolicyFormat::Json];

    const WORDS: &'static [&'static str] = &["yaml", "toml", "json"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            PolicyFormat::Yaml => "yaml",
            PolicyFormat::Toml => "toml",
            PolicyFormat::Json => "json",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "yaml" => Some(PolicyFormat::Yaml),
            "toml" => Some(PolicyFormat::Toml),
            "json" => Some(PolicyFormat::Json),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for PolicyFormat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A file that a policy includes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyFile {
    /// Its path, as the policy names it; for a file that an included file names, from the policy on.
    pub path: String,
    /// What is in it.
    pub text: String,
}

impl PolicyFile {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [path, text] = reader::members(this, here, &["path", "text"])?;
        Ok(Self {
            path: reader::required(this, path, here, "path", |value, path| reader::text(value, path, 1, 4096))?,
            text: reader::required(this, text, here, "text", |value, path| reader::text(value, path, 0, 16777216))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"path":"#);
        json::write_string(&self.path, out);
        out.extend_from_slice(br#","text":"#);
        json::write_string(&self.text, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// The type of a key in a did:key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyType {
    /// Ed25519, for signatures.
    Ed25519,
    /// X25519, for agreement.
    X25519,
}

impl KeyType {
    /// Every value, in order.
    pub const ALL: &'static [KeyType] = &[KeyType::Ed25519, KeyType::X25519];

    const WORDS: &'static [&'static str] = &["ed25519", "x25519"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            KeyType::Ed25519 => "ed25519",
            KeyType::X25519 => "x25519",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "ed25519" => Some(KeyType::Ed25519),
            "x25519" => Some(KeyType::X25519),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for KeyType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A sum of money.
#[derive(Clone, Debug, PartialEq)]
pub struct Amount {
    /// Money in millionths of the currency's unit.
    pub micro: u64,
    /// ISO 4217 code of a currency.
    pub currency: String,
}

impl Amount {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [currency, micro] = reader::members(this, here, &["currency", "micro"])?;
        Ok(Self {
            micro: reader::required(this, micro, here, "micro", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            currency: reader::required(this, currency, here, "currency", |value, path| {
                reader::checked(value, path, scalar::is_currency, "ISO 4217 code of a currency.")
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"currency":"#);
        json::write_string(&self.currency, out);
        out.extend_from_slice(br#","micro":"#);
        writer::unsigned(self.micro, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Which policy decided.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyRef {
    /// The id of the policy.
    pub id: String,
    /// Hash of the policy's canonical form.
    pub hash: Hash,
}

impl PolicyRef {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [hash, id] = reader::members(this, here, &["hash", "id"])?;
        Ok(Self {
            id: reader::required(this, id, here, "id", |value, path| reader::text(value, path, 1, 64))?,
            hash: reader::required(this, hash, here, "hash", reader::fixed)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"hash":""#);
        self.hash.write(out);
        out.extend_from_slice(br#"","id":"#);
        json::write_string(&self.id, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// What a scope is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScopeLevel {
    /// Everything.
    All,
    /// An organisation.
    Organisation,
    /// A team.
    Team,
    /// An agent, by its name or its DID.
    Agent,
    /// On whose behalf the agent acts.
    Principal,
    /// A run.
    Run,
    /// A tool, a prompt, or a resource, by its target.
    Tool,
    /// A model.
    Model,
    /// A key of a caller, by its public id.
    Key,
}

impl ScopeLevel {
    /// Every value, in order.
    pub const ALL: &'static [ScopeLevel] = &[
        ScopeLevel::All,
        ScopeLevel::Organisation,
        ScopeLevel::Team,
        ScopeLevel::Agent,
        ScopeLevel::Principal,
        ScopeLevel::Run,
        ScopeLevel::Tool,
        ScopeLevel::Model,
        ScopeLevel::Key,
    ];

    const WORDS: &'static [&'static str] =
        &["all", "organisation", "team", "agent", "principal", "run", "tool", "model", "key"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            ScopeLevel::All => "all",
            ScopeLevel::Organisation => "organisation",
            ScopeLevel::Team => "team",
            ScopeLevel::Agent => "agent",
            ScopeLevel::Principal => "principal",
            ScopeLevel::Run => "run",
            ScopeLevel::Tool => "tool",
            ScopeLevel::Model => "model",
            ScopeLevel::Key => "key",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "all" => Some(ScopeLevel::All),
            "organisation" => Some(ScopeLevel::Organisation),
            "team" => Some(ScopeLevel::Team),
            "agent" => Some(ScopeLevel::Agent),
            "principal" => Some(ScopeLevel::Principal),
            "run" => Some(ScopeLevel::Run),
            "tool" => Some(ScopeLevel::Tool),
            "model" => Some(ScopeLevel::Model),
            "key" => Some(ScopeLevel::Key),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for ScopeLevel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A part of what the kernel decides on.
#[derive(Clone, Debug, PartialEq)]
pub struct Scope {
    /// What a scope is about.
    pub level: ScopeLevel,
    /// The name; absent for the level all.
    pub name: Option<String>,
}

impl Scope {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [level, name] = reader::members(this, here, &["level", "name"])?;
        Ok(Self {
            level: reader::required(this, level, here, "level", ScopeLevel::read_at)?,
            name: reader::optional(name, here, "name", |value, path| reader::text(value, path, 1, 512))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"level":""#);
        out.extend_from_slice(self.level.as_str().as_bytes());
        out.push(b'"');
        if let Some(x) = &self.name {
            out.extend_from_slice(br#","name":"#);
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

/// A scope that is held.
#[derive(Clone, Debug, PartialEq)]
pub struct StandingHold {
    /// A part of what the kernel decides on.
    pub scope: Scope,
    /// A note of whoever turned it.
    pub why: Option<String>,
}

impl StandingHold {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [scope, why] = reader::members(this, here, &["scope", "why"])?;
        Ok(Self {
            scope: reader::required(this, scope, here, "scope", Scope::read_at)?,
            why: reader::optional(why, here, "why", |value, path| reader::text(value, path, 1, 256))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"scope":"#);
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

/// The session and the frame that carried an action.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionRef {
    /// Id of the session.
    pub sid: Salt,
    /// Hash of the frame that carried the action.
    pub frame_hash: Option<Hash>,
}

impl SessionRef {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [frame_hash, sid] = reader::members(this, here, &["frame_hash", "sid"])?;
        Ok(Self {
            sid: reader::required(this, sid, here, "sid", reader::fixed)?,
            frame_hash: reader::optional(frame_hash, here, "frame_hash", reader::fixed)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.push(b'{');
        if let Some(x) = self.frame_hash {
            out.extend_from_slice(br#""frame_hash":""#);
            x.write(out);
            out.extend_from_slice(br#"","#);
        }
        out.extend_from_slice(br#""sid":""#);
        self.sid.write(out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}
