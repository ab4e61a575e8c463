// Generated from contracts/schemas/decision.json by `cargo run -p talos-codegen`; do not edit.
//! The answer to an action.

use super::reader::Path;
use super::{Effect, ErrorCode, Event, PermitState, PolicyRef, Verdict, reader, writer};
use crate::json::Value;
use crate::scalar::Hash;
use crate::{Error, json, scalar};

/// The answer to an action.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The id of this decision, valid before its receipt is durable.
    pub decision_id: String,
    /// The id of a call within its run, made by the connector.
    pub call: String,
    /// The answer to an action, in rising order of weight.
    pub verdict: Verdict,
    /// The effect that was decided on.
    pub effect: Effect,
    /// Why, sorted by stage and code.
    pub reasons: Vec<DecisionReason>,
    /// What was noticed and did not change the verdict.
    pub warnings: Option<Vec<String>>,
    /// Which policy decided.
    pub policy: PolicyRef,
    /// State of the call's permit; absent when there is none.
    pub permit: Option<PermitState>,
    /// Id of the approval that is waited for or was redeemed.
    pub approval: Option<Hash>,
    /// The verdict that a policy in mode observe would have given, where it allowed the action all the same.
    pub observed: Option<Verdict>,
    /// What the policy in shadow mode would have decided.
    pub shadow: Option<DecisionShadow>,
    /// After so many milliseconds the same action may be allowed: where a rate or a budget's window denied it.
    pub retry_after_ms: Option<u64>,
    /// Id of the decision's receipt, once it is durable.
    pub receipt_id: Option<Hash>,
    /// Leaf index of the receipt in the log, once it is durable.
    pub index: Option<u64>,
}

impl Decision {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [
            approval,
            call,
            decision_id,
            effect,
            index,
            observed,
            permit,
            policy,
            reasons,
            receipt_id,
            retry_after_ms,
            shadow,
            verdict,
            warnings,
        ] = reader::members(
            this,
            here,
            &[
                "approval",
                "call",
                "decision_id",
                "effect",
                "index",
                "observed",
                "permit",
                "policy",
                "reasons",
                "receipt_id",
                "retry_after_ms",
                "shadow",
                "verdict",
                "warnings",
            ],
        )?;
        Ok(Self {
            decision_id: reader::required(this, decision_id, here, "decision_id", |value, path| {
                reader::checked(value, path, scalar::is_uuid, "A UUID in lower case.")
            })?,
            call: reader::required(this, call, here, "call", |value, path| reader::text(value, path, 1, 128))?,
            verdict: reader::required(this, verdict, here, "verdict", Verdict::read_at)?,
            effect: reader::required(this, effect, here, "effect", Effect::read_at)?,
            reasons: reader::required(this, reasons, here, "reasons", |value, path| {
                reader::list(value, path, 0, 16, DecisionReason::read_at)
            })?,
            warnings: reader::optional(warnings, here, "warnings", |value, path| {
                reader::list(value, path, 0, 16, |value, path| reader::text(value, path, 1, 1024))
            })?,
            policy: reader::required(this, policy, here, "policy", PolicyRef::read_at)?,
            permit: reader::optional(permit, here, "permit", PermitState::read_at)?,
            approval: reader::optional(approval, here, "approval", reader::fixed)?,
            observed: reader::optional(observed, here, "observed", Verdict::read_at)?,
            shadow: reader::optional(shadow, here, "shadow", DecisionShadow::read_at)?,
            retry_after_ms: reader::optional(retry_after_ms, here, "retry_after_ms", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            receipt_id: reader::optional(receipt_id, here, "receipt_id", reader::fixed)?,
            index: reader::optional(index, here, "index", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(544);
        out.push(b'{');
        if let Some(x) = self.approval {
            out.extend_from_slice(br#""approval":""#);
            x.write(out);
            out.extend_from_slice(br#"","#);
        }
        out.extend_from_slice(br#""call":"#);
        json::write_string(&self.call, out);
        out.extend_from_slice(br#","decision_id":"#);
        json::write_string(&self.decision_id, out);
        out.extend_from_slice(br#","effect":""#);
        out.extend_from_slice(self.effect.as_str().as_bytes());
        out.push(b'"');
        if let Some(x) = self.index {
            out.extend_from_slice(br#","index":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = self.observed {
            out.extend_from_slice(br#","observed":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.push(b'"');
        }
        if let Some(x) = self.permit {
            out.extend_from_slice(br#","permit":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.push(b'"');
        }
        out.extend_from_slice(br#","policy":"#);
        self.policy.write(out);
        out.extend_from_slice(br#","reasons":"#);
        writer::list(&self.reasons, out, |x, out| {
            x.write(out);
        });
        if let Some(x) = self.receipt_id {
            out.extend_from_slice(br#","receipt_id":""#);
            x.write(out);
            out.push(b'"');
        }
        if let Some(x) = self.retry_after_ms {
            out.extend_from_slice(br#","retry_after_ms":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = &self.shadow {
            out.extend_from_slice(br#","shadow":"#);
            x.write(out);
        }
        out.extend_from_slice(br#","verdict":""#);
        out.extend_from_slice(self.verdict.as_str().as_bytes());
        out.push(b'"');
        if let Some(x) = &self.warnings {
            out.extend_from_slice(br#","warnings":"#);
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

/// One reason of a decision.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionReason {
    /// A code of the error registry.
    pub code: ErrorCode,
    /// The pipeline stage that found it.
    pub stage: u64,
    /// A sentence for people.
    pub message: String,
    /// The rule of the policy that was hit.
    pub rule: Option<String>,
    /// An audit event that a code raises.
    pub event: Option<Event>,
}

impl DecisionReason {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [code, event, message, rule, stage] =
            reader::members(this, here, &["code", "event", "message", "rule", "stage"])?;
        Ok(Self {
            code: reader::required(this, code, here, "code", reader::error_code)?,
            stage: reader::required(this, stage, here, "stage", |value, path| reader::unsigned(value, path, 0, 16))?,
            message: reader::required(this, message, here, "message", |value, path| {
                reader::text(value, path, 0, 1024)
            })?,
            rule: reader::optional(rule, here, "rule", |value, path| reader::text(value, path, 1, 256))?,
            event: reader::optional(event, here, "event", Event::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(160);
        out.extend_from_slice(br#"{"code":""#);
        out.extend_from_slice(self.code.as_str().as_bytes());
        out.push(b'"');
        if let Some(x) = self.event {
            out.extend_from_slice(br#","event":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.push(b'"');
        }
        out.extend_from_slice(br#","message":"#);
        json::write_string(&self.message, out);
        if let Some(x) = &self.rule {
            out.extend_from_slice(br#","rule":"#);
            json::write_string(x, out);
        }
        out.extend_from_slice(br#","stage":"#);
        writer::unsigned(self.stage, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// What the policy in shadow mode would have decided.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionShadow {
    /// Which policy decided.
    pub policy: PolicyRef,
    /// The answer to an action, in rising order of weight.
    pub verdict: Verdict,
    /// Why, sorted by stage and code.
    pub reasons: Vec<DecisionReason>,
}

impl DecisionShadow {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [policy, reasons, verdict] = reader::members(this, here, &["policy", "reasons", "verdict"])?;
        Ok(Self {
            policy: reader::required(this, policy, here, "policy", PolicyRef::read_at)?,
            verdict: reader::required(this, verdict, here, "verdict", Verdict::read_at)?,
            reasons: reader::required(this, reasons, here, "reasons", |value, path| {
                reader::list(value, path, 0, 16, DecisionReason::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.extend_from_slice(br#"{"policy":"#);
        self.policy.write(out);
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
