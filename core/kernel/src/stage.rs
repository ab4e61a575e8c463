//! One check of the pipeline.

use crate::action::{Action, Counters, Reason, reason};
use crate::ports::Standing;
use std::sync::Arc;
use talos_contracts::scalar::Hash;
use talos_contracts::{Amount, ApprovalRule, Effect, ErrorCode, Verdict};
use talos_policy::{CompiledPolicy, PolicyFacts, Rate, RealPaths, RunState, Subject};

/// Reasons of one decision.
pub const REASONS_MAX: usize = 16;
/// Characters of a call id.
pub const CALL_MAX: usize = 128;
/// Characters of a target.
pub const TARGET_MAX: usize = 512;

/// The last stage of the group that is evaluated whole; a deny in it skips the later ones.
pub const LAST_REPORTING_STAGE: u8 = 5;

/// All that a stage may look at.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The wish.
    pub action: &'a Action<'a>,
    /// What the run has used.
    pub counters: Counters,
    /// The switches above all runs.
    pub standing: &'a Standing,
    /// Whose action it is.
    pub subject: &'a Subject,
    /// The wall clock in milliseconds since 1970.
    pub now_ms: u64,
    /// Who follows symbolic links; absent where the host cannot see the files.
    pub files: Option<&'a dyn RealPaths>,
    /// What drift has made of the run: allow, needs_approval or deny.
    pub drift: Verdict,
    /// What the stages before this one found, joined: the effect and the amount that the policy knows are in it.
    pub earlier: &'a Finding,
}

/// What a stage says.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Its verdict; the weightiest of all stages counts.
    pub verdict: Verdict,
    /// Why.
    pub reasons: Vec<Reason>,
    /// The effect, if this stage knows it.
    pub effect: Option<Effect>,
    /// The money that would be spent, if this stage knows it.
    pub amount: Option<Amount>,
    /// The rates that the action has to keep.
    pub rates: Vec<Rate>,
    /// The rules that ask for approval.
    pub asks: Vec<ApprovalRule>,
    /// How long they wait for an answer, in milliseconds: the shortest of them.
    pub asks_expire_ms: Option<u64>,
    /// After so many milliseconds the same action may be allowed.
    pub retry_after_ms: Option<u64>,
    /// What was noticed and does not change the verdict.
    pub warnings: Vec<String>,
}

impl Finding {
    /// Nothing to say.
    pub fn allow() -> Self {
        Finding {
            verdict: Verdict::Allow,
            reasons: Vec::new(),
            effect: None,
            amount: None,
            rates: Vec::new(),
            asks: Vec::new(),
            asks_expire_ms: None,
            retry_after_ms: None,
            warnings: Vec::new(),
        }
    }

    /// A verdict with one reason.
    pub fn with(verdict: Verdict, code: ErrorCode, message: &str) -> Self {
        Finding { verdict, reasons: vec![reason(code, message)], ..Self::allow() }
    }

    pub(crate) fn deny(code: ErrorCode, message: &str) -> Self {
        Self::with(Verdict::Deny, code, message)
    }
}

/// One check. It sees facts and says what it finds; it changes nothing.
pub trait Stage: Send + Sync {
    /// Its place in the pipeline, 1 to 10.
    fn number(&self) -> u8;
    /// The check.
    fn check(&self, facts: &Facts<'_>) -> Finding;
    /// The hash of the rules that it decides by, where they are no part of the policy: receipts name them.
    fn hash(&self) -> Option<Hash> {
        None
    }
}

/// Stage 1: bounds that hold for every action.
pub(crate) struct Limits;

impl Stage for Limits {
    fn number(&self) -> u8 {
        1
    }

    fn check(&self, facts: &Facts<'_>) -> Finding {
        let action = facts.action;
        let bounded = |text: &str, max: usize| (1..=max).contains(&text.chars().count());
        if !bounded(action.call, CALL_MAX) || !bounded(action.target, TARGET_MAX) {
            return Finding::deny(ErrorCode::MalformedValue, "call or target is empty or too long");
        }
        if action.principal.is_some_and(|p| !bounded(p, TARGET_MAX)) {
            return Finding::deny(ErrorCode::MalformedValue, "the principal is empty or too long");
        }
        let texts = [Some(action.call), Some(action.target), action.principal];
        if texts.into_iter().flatten().any(|text| text.contains('\0')) {
            return Finding::deny(ErrorCode::MalformedNul, "call, target or principal holds U+0000");
        }
        Finding::allow()
    }
}

/// Stage 5: the policy rules.
pub(crate) struct PolicyStage(pub(crate) Arc<CompiledPolicy>);

impl Stage for PolicyStage {
    fn number(&self) -> u8 {
        5
    }

    fn check(&self, facts: &Facts<'_>) -> Finding {
        let action = facts.action;
        let found = self.0.decide(&PolicyFacts {
            effect: action.effect,
            tool_hash: action.tool_hash,
            principal: action.principal,
            consent: action.consent,
            kyc: action.kyc,
            subject: facts.subject,
            now_ms: facts.now_ms,
            files: facts.files,
            tokens: action.tokens,
            amount: action.amount,
            state: RunState {
                admitted: facts.counters.admitted,
                in_flight: facts.counters.in_flight,
                tokens_reserved: facts.counters.tokens,
                spent_micro: facts.counters.spent_micro,
            },
            ..PolicyFacts::new(action.kind, action.target, action.args)
        });
        Finding {
            verdict: found.verdict,
            reasons: found.reasons,
            effect: Some(found.effect),
            amount: found.amount,
            rates: found.rates,
            asks: found.asks,
            asks_expire_ms: found.asks_expire_ms,
            ..Finding::allow()
        }
    }
}

/// Runs the stages in order and joins what they find.
pub(crate) fn evaluate(stages: &[Arc<dyn Stage>], facts: &Facts<'_>) -> Finding {
    let mut joined = Finding::allow();
    for stage in stages {
        if joined.verdict == Verdict::Deny && stage.number() > LAST_REPORTING_STAGE {
            break;
        }
        let found = stage.check(&Facts { earlier: &joined, ..*facts });
        joined.verdict = joined.verdict.max(found.verdict);
        joined.effect = found.effect.or(joined.effect);
        joined.amount = found.amount.or(joined.amount);
        joined.reasons.extend(found.reasons);
        joined.rates.extend(found.rates);
        joined.asks.extend(found.asks);
        joined.warnings.extend(found.warnings);
        joined.asks_expire_ms = joined.asks_expire_ms.into_iter().chain(found.asks_expire_ms).min();
    }
    sort_reasons(&mut joined.reasons);
    joined
}

/// By stage, then by code; bounded.
fn sort_reasons(reasons: &mut Vec<Reason>) {
    reasons.sort_by(|a, b| (a.code.stage(), a.code.as_str()).cmp(&(b.code.stage(), b.code.as_str())));
    reasons.truncate(REASONS_MAX);
    reasons.shrink_to_fit();
}
