//! What a decision is made from, and what it says.

use talos_contracts::json::Value;
use talos_contracts::scalar::Hash;
use talos_contracts::{ActionKind, Amount, DecisionReason, Effect, ErrorCode, Verdict};

/// Most reasons in a finding.
pub const MAX_REASONS: usize = 16;
/// Longest message of a reason in bytes.
const MESSAGE_BYTES: usize = 1024;

/// One action and the run it belongs to, as far as a policy looks at them.
#[derive(Clone, Copy, Debug)]
pub struct PolicyFacts<'a> {
    /// What kind of thing the agent wants to do.
    pub kind: ActionKind,
    /// The tool's or prompt's name, or the resource's URI.
    pub target: &'a str,
    /// The effect that the operator or a decorator declared; never a server's own hint.
    pub effect: Option<Effect>,
    /// Hash of the tool's description and schema as it is now, if it is known.
    pub tool_hash: Option<Hash>,
    /// The arguments.
    pub args: &'a Value,
    /// Tokens that the action asks for.
    pub tokens: Option<u64>,
    /// Money that the action would spend, as the host says it.
    pub amount: Option<&'a Amount>,
    /// Where the run stands.
    pub state: RunState,
}

/// The counters of a run before this action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunState {
    /// Tool calls that were executed, or whose permit expired.
    pub admitted: u64,
    /// Tool calls that hold a permit.
    pub in_flight: u64,
    /// Tokens reserved by the run's calls.
    pub tokens_reserved: u64,
    /// Money spent or held by the run's calls, in micro-units of the policy's currency.
    pub spent_micro: u64,
}

/// What the policy says about an action.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The verdict of this stage.
    pub verdict: Verdict,
    /// The effect that was decided on.
    pub effect: Effect,
    /// Why, sorted by stage, code, rule and message; empty when the verdict is allow.
    pub reasons: Vec<DecisionReason>,
    /// The money that the action would spend, from the host or from its arguments; what the run has to count.
    pub amount: Option<Amount>,
}

/// One reason; the stage and the event come with the code.
pub(crate) fn reason(code: ErrorCode, rule: &str, message: impl Into<String>) -> DecisionReason {
    let mut message = message.into();
    while message.len() > MESSAGE_BYTES {
        message.pop();
    }
    DecisionReason { code, stage: code.stage().into(), message, rule: Some(rule.to_owned()), event: code.event() }
}

/// Puts reasons in the order of the contract and keeps as many as it allows.
pub(crate) fn settle(mut reasons: Vec<DecisionReason>) -> Vec<DecisionReason> {
    let key = |reason: &DecisionReason| (reason.stage, reason.code.as_str());
    reasons
        .sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| a.rule.cmp(&b.rule)).then_with(|| a.message.cmp(&b.message)));
    reasons.dedup();
    reasons.truncate(MAX_REASONS);
    reasons
}
