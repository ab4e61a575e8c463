// Generated from contracts/operations/policy.yaml by `cargo run -p talos-codegen`; do not edit.
//! Inputs and outputs of policy.check, policy.decide, policy.explain, policy.test, policy.diff, policy.format, policy.schema.

use super::reader::Path;
use super::{
    Action, ApprovalRule, DecisionReason, Effect, ErrorCode, PolicyCase, PolicyFile, PolicyFormat, PolicyState,
    PolicySubject, Verdict, reader, writer,
};
use crate::json::Value;
use crate::scalar::Hash;
use crate::{Error, json};

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
    /// Whose action it is; absent: not known.
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

/// Input of `policy.explain`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyExplainInput {
    /// The policy.
    pub policy: String,
    /// The format of the policy; absent: yaml.
    pub format: Option<PolicyFormat>,
    /// The files that the policy includes.
    pub files: Option<Vec<PolicyFile>>,
    /// Only the rules that a call of this tool meets; absent: all.
    pub tool: Option<String>,
}

impl PolicyExplainInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [files, format, policy, tool] = reader::members(this, here, &["files", "format", "policy", "tool"])?;
        Ok(Self {
            policy: reader::required(this, policy, here, "policy", |value, path| {
                reader::text(value, path, 0, 16777216)
            })?,
            format: reader::optional(format, here, "format", PolicyFormat::read_at)?,
            files: reader::optional(files, here, "files", |value, path| {
                reader::list(value, path, 0, 64, PolicyFile::read_at)
            })?,
            tool: reader::optional(tool, here, "tool", |value, path| reader::text(value, path, 1, 512))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(160);
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
        out.extend_from_slice(br#""policy":"#);
        json::write_string(&self.policy, out);
        if let Some(x) = &self.tool {
            out.extend_from_slice(br#","tool":"#);
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

/// Output of `policy.explain`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyExplainOutput {
    /// The rules.
    pub rules: Vec<PolicyExplanation>,
}

impl PolicyExplainOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [rules] = reader::members(this, here, &["rules"])?;
        Ok(Self {
            rules: reader::required(this, rules, here, "rules", |value, path| {
                reader::list(value, path, 0, 16384, PolicyExplanation::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"rules":"#);
        writer::list(&self.rules, out, |x, out| {
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

/// One rule in words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyExplanation {
    /// The rule: the name of a tool, an id, a key.
    pub rule: String,
    /// What it matches and what follows.
    pub matches: String,
    /// What the author may not have meant.
    pub warnings: Vec<String>,
}

impl PolicyExplanation {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [matches, rule, warnings] = reader::members(this, here, &["matches", "rule", "warnings"])?;
        Ok(Self {
            rule: reader::required(this, rule, here, "rule", |value, path| reader::text(value, path, 0, 4096))?,
            matches: reader::required(this, matches, here, "matches", |value, path| {
                reader::text(value, path, 0, 16384)
            })?,
            warnings: reader::required(this, warnings, here, "warnings", |value, path| {
                reader::list(value, path, 0, 64, |value, path| reader::text(value, path, 0, 1024))
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.extend_from_slice(br#"{"matches":"#);
        json::write_string(&self.matches, out);
        out.extend_from_slice(br#","rule":"#);
        json::write_string(&self.rule, out);
        out.extend_from_slice(br#","warnings":"#);
        writer::list(&self.warnings, out, |x, out| {
            json::write_string(x, out);
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

/// Input of `policy.test`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyTestInput {
    /// The policy.
    pub policy: String,
    /// The cases.
    pub cases: Vec<PolicyCase>,
    /// The format of the policy; absent: yaml.
    pub format: Option<PolicyFormat>,
    /// The files that the policy includes.
    pub files: Option<Vec<PolicyFile>>,
}

impl PolicyTestInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [cases, files, format, policy] = reader::members(this, here, &["cases", "files", "format", "policy"])?;
        Ok(Self {
            policy: reader::required(this, policy, here, "policy", |value, path| {
                reader::text(value, path, 0, 16777216)
            })?,
            cases: reader::required(this, cases, here, "cases", |value, path| {
                reader::list(value, path, 1, 4096, PolicyCase::read_at)
            })?,
            format: reader::optional(format, here, "format", PolicyFormat::read_at)?,
            files: reader::optional(files, here, "files", |value, path| {
                reader::list(value, path, 0, 64, PolicyFile::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(160);
        out.extend_from_slice(br#"{"cases":"#);
        writer::list(&self.cases, out, |x, out| {
            x.write(out);
        });
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
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `policy.test`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyTestOutput {
    /// How many cases passed.
    pub passed: u64,
    /// How many did not.
    pub failed: u64,
    /// What came of each case, in their order.
    pub results: Vec<PolicyCaseResult>,
}

impl PolicyTestOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [failed, passed, results] = reader::members(this, here, &["failed", "passed", "results"])?;
        Ok(Self {
            passed: reader::required(this, passed, here, "passed", |value, path| {
                reader::unsigned(value, path, 0, 4096)
            })?,
            failed: reader::required(this, failed, here, "failed", |value, path| {
                reader::unsigned(value, path, 0, 4096)
            })?,
            results: reader::required(this, results, here, "results", |value, path| {
                reader::list(value, path, 0, 4096, PolicyCaseResult::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"failed":"#);
        writer::unsigned(self.failed, out);
        out.extend_from_slice(br#","passed":"#);
        writer::unsigned(self.passed, out);
        out.extend_from_slice(br#","results":"#);
        writer::list(&self.results, out, |x, out| {
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

/// What came of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyCaseResult {
    /// The case.
    pub name: String,
    /// Whether the policy says what was expected.
    pub passed: bool,
    /// The answer to an action, in rising order of weight.
    pub verdict: Verdict,
    /// What was expected and what was found.
    pub problems: Vec<String>,
    /// Why, sorted by stage and code.
    pub reasons: Vec<DecisionReason>,
}

impl PolicyCaseResult {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [name, passed, problems, reasons, verdict] =
            reader::members(this, here, &["name", "passed", "problems", "reasons", "verdict"])?;
        Ok(Self {
            name: reader::required(this, name, here, "name", |value, path| reader::text(value, path, 1, 256))?,
            passed: reader::required(this, passed, here, "passed", reader::boolean)?,
            verdict: reader::required(this, verdict, here, "verdict", Verdict::read_at)?,
            problems: reader::required(this, problems, here, "problems", |value, path| {
                reader::list(value, path, 0, 8, |value, path| reader::text(value, path, 0, 8192))
            })?,
            reasons: reader::required(this, reasons, here, "reasons", |value, path| {
                reader::list(value, path, 0, 16, DecisionReason::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(192);
        out.extend_from_slice(br#"{"name":"#);
        json::write_string(&self.name, out);
        out.extend_from_slice(br#","passed":"#);
        writer::boolean(self.passed, out);
        out.extend_from_slice(br#","problems":"#);
        writer::list(&self.problems, out, |x, out| {
            json::write_string(x, out);
        });
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

/// Input of `policy.diff`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyDiffInput {
    /// The one policy.
    pub before: String,
    /// The other.
    pub after: String,
    /// The format of before; absent: yaml.
    pub before_format: Option<PolicyFormat>,
    /// The format of after; absent: yaml.
    pub after_format: Option<PolicyFormat>,
    /// The files that the policy includes.
    pub before_files: Option<Vec<PolicyFile>>,
    /// The files that the policy includes.
    pub after_files: Option<Vec<PolicyFile>>,
}

impl PolicyDiffInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [after, after_files, after_format, before, before_files, before_format] = reader::members(
            this,
            here,
            &["after", "after_files", "after_format", "before", "before_files", "before_format"],
        )?;
        Ok(Self {
            before: reader::required(this, before, here, "before", |value, path| {
                reader::text(value, path, 0, 16777216)
            })?,
            after: reader::required(this, after, here, "after", |value, path| reader::text(value, path, 0, 16777216))?,
            before_format: reader::optional(before_format, here, "before_format", PolicyFormat::read_at)?,
            after_format: reader::optional(after_format, here, "after_format", PolicyFormat::read_at)?,
            before_files: reader::optional(before_files, here, "before_files", |value, path| {
                reader::list(value, path, 0, 64, PolicyFile::read_at)
            })?,
            after_files: reader::optional(after_files, here, "after_files", |value, path| {
                reader::list(value, path, 0, 64, PolicyFile::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(256);
        out.extend_from_slice(br#"{"after":"#);
        json::write_string(&self.after, out);
        if let Some(x) = &self.after_files {
            out.extend_from_slice(br#","after_files":"#);
            writer::list(x, out, |x, out| {
                x.write(out);
            });
        }
        if let Some(x) = self.after_format {
            out.extend_from_slice(br#","after_format":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.push(b'"');
        }
        out.extend_from_slice(br#","before":"#);
        json::write_string(&self.before, out);
        if let Some(x) = &self.before_files {
            out.extend_from_slice(br#","before_files":"#);
            writer::list(x, out, |x, out| {
                x.write(out);
            });
        }
        if let Some(x) = self.before_format {
            out.extend_from_slice(br#","before_format":""#);
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

/// Output of `policy.diff`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyDiffOutput {
    /// The differences, in the order of the members.
    pub changes: Vec<PolicyChange>,
}

impl PolicyDiffOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [changes] = reader::members(this, here, &["changes"])?;
        Ok(Self {
            changes: reader::required(this, changes, here, "changes", |value, path| {
                reader::list(value, path, 0, 32768, PolicyChange::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"changes":"#);
        writer::list(&self.changes, out, |x, out| {
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

/// A rule that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyChange {
    /// The rule: its list, and its name or id.
    pub rule: String,
    /// What became of the rule.
    pub change: PolicyChangeKind,
    /// What that does to what is allowed.
    pub direction: PolicyDirection,
    /// What differs in it, as before -> after.
    pub detail: String,
}

impl PolicyChange {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [change, detail, direction, rule] =
            reader::members(this, here, &["change", "detail", "direction", "rule"])?;
        Ok(Self {
            rule: reader::required(this, rule, here, "rule", |value, path| reader::text(value, path, 1, 8192))?,
            change: reader::required(this, change, here, "change", PolicyChangeKind::read_at)?,
            direction: reader::required(this, direction, here, "direction", PolicyDirection::read_at)?,
            detail: reader::required(this, detail, here, "detail", |value, path| reader::text(value, path, 0, 8192))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(160);
        out.extend_from_slice(br#"{"change":""#);
        out.extend_from_slice(self.change.as_str().as_bytes());
        out.extend_from_slice(br#"","detail":"#);
        json::write_string(&self.detail, out);
        out.extend_from_slice(br#","direction":""#);
        out.extend_from_slice(self.direction.as_str().as_bytes());
        out.extend_from_slice(br#"","rule":"#);
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

/// What became of the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is another.
    Changed,
}

impl PolicyChangeKind {
    /// Every value, in order.
    pub const ALL: &'static [PolicyChangeKind] =
        &[PolicyChangeKind::Added, PolicyChangeKind::Removed, PolicyChangeKind::Changed];

    const WORDS: &'static [&'static str] = &["added", "removed", "changed"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            PolicyChangeKind::Added => "added",
            PolicyChangeKind::Removed => "removed",
            PolicyChangeKind::Changed => "changed",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "added" => Some(PolicyChangeKind::Added),
            "removed" => Some(PolicyChangeKind::Removed),
            "changed" => Some(PolicyChangeKind::Changed),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for PolicyChangeKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What that does to what is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyDirection {
    /// More may be allowed.
    Wider,
    /// Less is allowed.
    Narrower,
    /// Nothing.
    Neutral,
    /// More or less, depending on the action.
    Unclear,
}

impl PolicyDirection {
    /// Every value, in order.
    pub const ALL: &'static [PolicyDirection] =
        &[PolicyDirection::Wider, PolicyDirection::Narrower, PolicyDirection::Neutral, PolicyDirection::Unclear];

    const WORDS: &'static [&'static str] = &["wider", "narrower", "neutral", "unclear"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            PolicyDirection::Wider => "wider",
            PolicyDirection::Narrower => "narrower",
            PolicyDirection::Neutral => "neutral",
            PolicyDirection::Unclear => "unclear",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "wider" => Some(PolicyDirection::Wider),
            "narrower" => Some(PolicyDirection::Narrower),
            "neutral" => Some(PolicyDirection::Neutral),
            "unclear" => Some(PolicyDirection::Unclear),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for PolicyDirection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Input of `policy.format`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyFormatInput {
    /// The policy.
    pub text: String,
    /// The format of the text; absent: yaml.
    pub format: Option<PolicyFormat>,
}

impl PolicyFormatInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [format, text] = reader::members(this, here, &["format", "text"])?;
        Ok(Self {
            text: reader::required(this, text, here, "text", |value, path| reader::text(value, path, 0, 16777216))?,
            format: reader::optional(format, here, "format", PolicyFormat::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.push(b'{');
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

/// Output of `policy.format`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyFormatOutput {
    /// The policy in its layout.
    pub text: String,
    /// Whether that is another text.
    pub changed: bool,
}

impl PolicyFormatOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [changed, text] = reader::members(this, here, &["changed", "text"])?;
        Ok(Self {
            text: reader::required(this, text, here, "text", |value, path| reader::text(value, path, 0, 16777216))?,
            changed: reader::required(this, changed, here, "changed", reader::boolean)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"changed":"#);
        writer::boolean(self.changed, out);
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

/// Input of `policy.schema`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicySchemaInput {}

impl PolicySchemaInput {
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

/// Output of `policy.schema`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicySchemaOutput {
    /// The schema (JSON Schema 2020-12).
    pub schema: String,
}

impl PolicySchemaOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [schema] = reader::members(this, here, &["schema"])?;
        Ok(Self {
            schema: reader::required(this, schema, here, "schema", |value, path| {
                reader::text(value, path, 0, 16777216)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"schema":"#);
        json::write_string(&self.schema, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}
