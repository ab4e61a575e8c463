// Generated from contracts/operations/policy.yaml by `cargo run -p talos-codegen`; do not edit.
//! Inputs and outputs of policy.check, policy.decide.

use super::reader::Path;
use super::{
    Action, ApprovalRule, DecisionReason, Effect, ErrorCode, PolicyFile, PolicyFormat, Verdict, reader, writer,
};
use crate::json::Value;
use crate::scalar::Hash;
use crate::{Error, json, scalar};

/// Input of `policy.check`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyCheckInput {
    /// The policy.
    pub text: String,
    /// The format of the text; absent: yaml.
    pub format: Option<PolicyFormat>,
    /// The files that the policy includes.
    pub files: Option<Vec<PolicyFile>>,
}

impl PolicyCheckInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [files, format, text] = reader::members(this, here, &["files", "format", "text"])?;
        Ok(Self {
            text: reader::required(this, text, here, "text", |value, path| reader::text(value, path, 0, 16777216))?,
            format: reader::optional(format, here, "format", PolicyFormat::read_at)?,
            files: reader::optional(files, here, "files", |value, path| {
                reader::list(value, path, 0, 64, PolicyFile::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.push(b'{');
        if let Some(x) = &self.files {
            out.extend_from_slice(br#""files":"#);
            writer::list(x, out, |x, out| {
                x.write(out);
            });
            out.push(b',');
        }
        if let Some(x) = self.format {
            out.extend_from_slice(br#""format":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.extend_from_slice(br#"","#);
        }
        out.extend_from_slice(br#""text":"#);
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

/// Output of `policy.check`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyCheckOutput {
    /// Whether the policy can be used.
    pub valid: bool,
    /// The name of the policy.
    pub id: Option<String>,
    /// Hash of the policy (docs/spec/policy.md).
    pub hash: Option<Hash>,
    /// The tools that may be called.
    pub tools: Option<Vec<String>>,
    /// The mistakes, in the order of the text.
    pub errors: Option<Vec<PolicyMistake>>,
}

impl PolicyCheckOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [errors, hash, id, tools, valid] =
            reader::members(this, here, &["errors", "hash", "id", "tools", "valid"])?;
        Ok(Self {
            valid: reader::required(this, valid, here, "valid", reader::boolean)?,
            id: reader::optional(id, here, "id", |value, path| reader::text(value, path, 1, 64))?,
            hash: reader::optional(hash, here, "hash", reader::fixed)?,
            tools: reader::optional(tools, here, "tools", |value, path| {
                reader::list(value, path, 0, 4096, |value, path| reader::text(value, path, 1, 256))
            })?,
            errors: reader::optional(errors, here, "errors", |value, path| {
                reader::list(value, path, 0, 1024, PolicyMistake::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(224);
        out.push(b'{');
        if let Some(x) = &self.errors {
            out.extend_from_slice(br#""errors":"#);
            writer::list(x, out, |x, out| {
                x.write(out);
            });
            out.push(b',');
        }
        if let Some(x) = self.hash {
            out.extend_from_slice(br#""hash":""#);
            x.write(out);
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = &self.id {
            out.extend_from_slice(br#""id":"#);
            json::write_string(x, out);
            out.push(b',');
        }
        if let Some(x) = &self.tools {
            out.extend_from_slice(br#""tools":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
            out.push(b',');
        }
        out.extend_from_slice(br#""valid":"#);
        writer::boolean(self.valid, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// A mistake in a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyMistake {
    /// The included file that has it; absent: the policy itself.
    pub file: Option<String>,
    /// A code of the error registry.
    pub code: ErrorCode,
    /// What was got and what was expected.
    pub message: String,
    /// The line, from one.
    pub line: u64,
    /// The column, from one, in characters.
    pub column: u64,
    /// The nearest thing that would have been accepted.
    pub suggestion: Option<String>,
}

impl PolicyMistake {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [code, column, file, line, message, suggestion] =
            reader::members(this, here, &["code", "column", "file", "line", "message", "suggestion"])?;
        Ok(Self {
            file: reader::optional(file, here, "file", |value, path| reader::text(value, path, 1, 8192))?,
            code: reader::required(this, code, here, "code", reader::error_code)?,
            message: reader::required(this, message, here, "message", |value, path| {
                reader::text(value, path, 0, 4096)
            })?,
            line: reader::required(this, line, here, "line", |value, path| reader::unsigned(value, path, 1, 16777216))?,
            column: reader::required(this, column, here, "column", |value, path| {
                reader::unsigned(value, path, 1, 16777216)
            })?,
            suggestion: reader::optional(suggestion, here, "suggestion", |value, path| {
                reader::text(value, path, 0, 512)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(224);
        out.extend_from_slice(br#"{"code":""#);
        out.extend_from_slice(self.code.as_str().as_bytes());
        out.extend_from_slice(br#"","column":"#);
        writer::unsigned(self.column, out);
        if let Some(x) = &self.file {
            out.extend_from_slice(br#","file":"#);
            json::write_string(x, out);
        }
        out.extend_from_slice(br#","line":"#);
        writer::unsigned(self.line, out);
        out.extend_from_slice(br#","message":"#);
        json::write_string(&self.message, out);
        if let Some(x) = &self.suggestion {
            out.extend_from_slice(br#","suggestion":"#);
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

/// Input of `policy.decide`.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyDecideInput {
    /// The policy.
    pub policy: String,
    /// The action.
    pub action: Action,
    /// The format of the policy; absent: yaml.
    pub format: Option<PolicyFormat>,
    /// The files that the policy includes.
    pub files: Option<Vec<PolicyFile>>,
    /// What the run has used so far; absent: nothing.
    pub state: Option<PolicyState>,
    /// Whose action it is; what is absent is not known.
    pub subject: Option<PolicySubject>,
}

impl PolicyDecideInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [action, files, format, policy, state, subject] =
            reader::members(this, here, &["action", "files", "format", "policy", "state", "subject"])?;
        Ok(Self {
            policy: reader::required(this, policy, here, "policy", |value, path| {
                reader::text(value, path, 0, 16777216)
            })?,
            action: reader::required(this, action, here, "action", Action::read_at)?,
            format: reader::optional(format, here, "format", PolicyFormat::read_at)?,
            files: reader::optional(files, here, "files", |value, path| {
                reader::list(value, path, 0, 64, PolicyFile::read_at)
            })?,
            state: reader::optional(state, here, "state", PolicyState::read_at)?,
            subject: reader::optional(subject, here, "subject", PolicySubject::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(256);
        out.extend_from_slice(br#"{"action":"#);
        self.action.write(out);
        if let Some(x) = &self.files {
            out.extend_from_slice(br#","files":"#);
            writer::list(x, out, |x, out| {
                x.write(out);
            });
        }
        if let Some(x) = self.format {
            out.extend_from_slice(br#","format":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.push(b'"');
        }
        out.extend_from_slice(br#","policy":"#);
        json::write_string(&self.policy, out);
        if let Some(x) = &self.state {
            out.extend_from_slice(br#","state":"#);
            x.write(out);
        }
        if let Some(x) = &self.subject {
            out.extend_from_slice(br#","subject":"#);
            x.write(out);
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

/// What the run has used so far; absent: nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyState {
    /// Calls that ended or expired.
    pub tool_calls_admitted: Option<u64>,
    /// Calls whose permit is open.
    pub tool_calls_in_flight: Option<u64>,
    /// Tokens that are reserved or used.
    pub tokens_reserved: Option<u64>,
    /// Money that is reserved or spent.
    pub spent_micro: Option<u64>,
    /// The time in milliseconds since 1970; absent: not known.
    pub now_ms: Option<u64>,
    /// The symbolic links that there are; absent: nobody can follow links.
    pub real_paths: Option<Vec<PolicyLink>>,
}

impl PolicyState {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [now_ms, real_paths, spent_micro, tokens_reserved, tool_calls_admitted, tool_calls_in_flight] =
            reader::members(
                this,
                here,
                &[
                    "now_ms",
                    "real_paths",
                    "spent_micro",
                    "tokens_reserved",
                    "tool_calls_admitted",
                    "tool_calls_in_flight",
                ],
            )?;
        Ok(Self {
            tool_calls_admitted: reader::optional(tool_calls_admitted, here, "tool_calls_admitted", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            tool_calls_in_flight: reader::optional(
                tool_calls_in_flight,
                here,
                "tool_calls_in_flight",
                |value, path| reader::unsigned(value, path, 0, 9007199254740991),
            )?,
            tokens_reserved: reader::optional(tokens_reserved, here, "tokens_reserved", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            spent_micro: reader::optional(spent_micro, here, "spent_micro", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            now_ms: reader::optional(now_ms, here, "now_ms", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            real_paths: reader::optional(real_paths, here, "real_paths", |value, path| {
                reader::list(value, path, 0, 256, PolicyLink::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(224);
        let start = out.len();
        if let Some(x) = self.now_ms {
            out.extend_from_slice(br#","now_ms":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = &self.real_paths {
            out.extend_from_slice(br#","real_paths":"#);
            writer::list(x, out, |x, out| {
                x.write(out);
            });
        }
        if let Some(x) = self.spent_micro {
            out.extend_from_slice(br#","spent_micro":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = self.tokens_reserved {
            out.extend_from_slice(br#","tokens_reserved":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = self.tool_calls_admitted {
            out.extend_from_slice(br#","tool_calls_admitted":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = self.tool_calls_in_flight {
            out.extend_from_slice(br#","tool_calls_in_flight":"#);
            writer::unsigned(x, out);
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

/// A symbolic link.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyLink {
    /// Where the link is.
    pub path: String,
    /// Where it leads, as an absolute path; absent: it cannot be followed.
    pub real: Option<String>,
}

impl PolicyLink {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [path, real] = reader::members(this, here, &["path", "real"])?;
        Ok(Self {
            path: reader::required(this, path, here, "path", |value, path| reader::text(value, path, 1, 4096))?,
            real: reader::optional(real, here, "real", |value, path| reader::text(value, path, 1, 4096))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"path":"#);
        json::write_string(&self.path, out);
        if let Some(x) = &self.real {
            out.extend_from_slice(br#","real":"#);
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

/// Whose action it is; what is absent is not known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicySubject {
    /// The name of the organisation that the agent belongs to.
    pub organisation: Option<String>,
    /// The name of the team that the agent belongs to.
    pub team: Option<String>,
    /// A name: lower-case letters, digits, - and _, the first a letter or digit.
    pub agent: Option<String>,
    /// The DID that acts.
    pub actor: Option<String>,
    /// The run.
    pub run: Option<String>,
}

impl PolicySubject {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [actor, agent, organisation, run, team] =
            reader::members(this, here, &["actor", "agent", "organisation", "run", "team"])?;
        Ok(Self {
            organisation: reader::optional(organisation, here, "organisation", |value, path| {
                reader::text(value, path, 1, 128)
            })?,
            team: reader::optional(team, here, "team", |value, path| reader::text(value, path, 1, 128))?,
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
            run: reader::optional(run, here, "run", |value, path| {
                reader::checked(value, path, scalar::is_uuid, "A UUID in lower case.")
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(256);
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

/// Output of `policy.decide`.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyDecideOutput {
    /// The answer to an action, in rising order of weight.
    pub verdict: Verdict,
    /// The effect that was decided on.
    pub effect: Effect,
    /// Why, sorted by stage and code.
    pub reasons: Vec<DecisionReason>,
    /// The rates that the action has to keep, sorted by rule.
    pub rates: Option<Vec<PolicyRateKept>>,
    /// The approvals that the action needs, sorted by rule.
    pub asks: Option<Vec<ApprovalRule>>,
    /// How long the request for them may wait.
    pub asks_expire_ms: Option<u64>,
}

impl PolicyDecideOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [asks, asks_expire_ms, effect, rates, reasons, verdict] =
            reader::members(this, here, &["asks", "asks_expire_ms", "effect", "rates", "reasons", "verdict"])?;
        Ok(Self {
            verdict: reader::required(this, verdict, here, "verdict", Verdict::read_at)?,
            effect: reader::required(this, effect, here, "effect", Effect::read_at)?,
            reasons: reader::required(this, reasons, here, "reasons", |value, path| {
                reader::list(value, path, 0, 16, DecisionReason::read_at)
            })?,
            rates: reader::optional(rates, here, "rates", |value, path| {
                reader::list(value, path, 0, 256, PolicyRateKept::read_at)
            })?,
            asks: reader::optional(asks, here, "asks", |value, path| {
                reader::list(value, path, 0, 16, ApprovalRule::read_at)
            })?,
            asks_expire_ms: reader::optional(asks_expire_ms, here, "asks_expire_ms", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(224);
        out.push(b'{');
        if let Some(x) = &self.asks {
            out.extend_from_slice(br#""asks":"#);
            writer::list(x, out, |x, out| {
                x.write(out);
            });
            out.push(b',');
        }
        if let Some(x) = self.asks_expire_ms {
            out.extend_from_slice(br#""asks_expire_ms":"#);
            writer::unsigned(x, out);
            out.push(b',');
        }
        out.extend_from_slice(br#""effect":""#);
        out.extend_from_slice(self.effect.as_str().as_bytes());
        out.push(b'"');
        if let Some(x) = &self.rates {
            out.extend_from_slice(br#","rates":"#);
            writer::list(x, out, |x, out| {
                x.write(out);
            });
        }
        out.extend_from_slice(br#","reasons":"#);
        writer::list(&self.reasons, out, |x, out| {
            x.write(out);
        });
        out.extend_from_slice(br#","verdict":""#);
        out.extend_from_slice(self.verdict.as_str().as_bytes());
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// A rate that the action has to keep.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyRateKept {
    /// The rule.
    pub rule: String,
    /// What is counted apart: rule, level and name.
    pub key: String,
    /// So many calls.
    pub calls: u64,
    /// In so many seconds.
    pub per_seconds: u64,
    /// So many at once.
    pub burst: u64,
}

impl PolicyRateKept {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [burst, calls, key, per_seconds, rule] =
            reader::members(this, here, &["burst", "calls", "key", "per_seconds", "rule"])?;
        Ok(Self {
            rule: reader::required(this, rule, here, "rule", |value, path| reader::text(value, path, 1, 64))?,
            key: reader::required(this, key, here, "key", |value, path| reader::text(value, path, 1, 1024))?,
            calls: reader::required(this, calls, here, "calls", |value, path| {
                reader::unsigned(value, path, 1, 1000000000)
            })?,
            per_seconds: reader::required(this, per_seconds, here, "per_seconds", |value, path| {
                reader::unsigned(value, path, 1, 31536000)
            })?,
            burst: reader::required(this, burst, here, "burst", |value, path| {
                reader::unsigned(value, path, 1, 1000000000)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(192);
        out.extend_from_slice(br#"{"burst":"#);
        writer::unsigned(self.burst, out);
        out.extend_from_slice(br#","calls":"#);
        writer::unsigned(self.calls, out);
        out.extend_from_slice(br#","key":"#);
        json::write_string(&self.key, out);
        out.extend_from_slice(br#","per_seconds":"#);
        writer::unsigned(self.per_seconds, out);
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
