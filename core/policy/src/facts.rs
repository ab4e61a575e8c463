//! What a decision is made from, and what it says.

use std::fmt;
use talos_contracts::json::Value;
use talos_contracts::scalar::Hash;
use talos_contracts::{ActionKind, Amount, ApprovalRule, DecisionReason, Effect, Error, ErrorCode, Verdict};

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
    /// On whose behalf.
    pub principal: Option<&'a str>,
    /// Whether the principal consented, as far as the host knows.
    pub consent: Option<bool>,
    /// Whether the principal's identity was checked, as far as the host knows.
    pub kyc: Option<bool>,
    /// Whose action it is.
    pub subject: &'a Subject,
    /// The wall clock in milliseconds since 1970.
    pub now_ms: u64,
    /// Who follows symbolic links; absent where the host cannot see the files.
    pub files: Option<&'a dyn RealPaths>,
    /// Where the run stands.
    pub state: RunState,
}

impl<'a> PolicyFacts<'a> {
    /// An action with nothing declared, of a run that has used nothing.
    pub fn new(kind: ActionKind, target: &'a str, args: &'a Value) -> Self {
        PolicyFacts {
            kind,
            target,
            effect: None,
            tool_hash: None,
            args,
            tokens: None,
            amount: None,
            principal: None,
            consent: None,
            kyc: None,
            subject: &NOBODY,
            now_ms: 0,
            files: None,
            state: RunState::default(),
        }
    }
}

/// Whose an action is. What is absent is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The organisation that the agent belongs to.
    pub organisation: Option<String>,
    /// The team that the agent belongs to.
    pub team: Option<String>,
    /// The name of the agent.
    pub agent: Option<String>,
    /// The DID of the agent.
    pub actor: String,
    /// The id of the run.
    pub run: String,
}

static NOBODY: Subject =
    Subject { organisation: None, team: None, agent: None, actor: String::new(), run: String::new() };

/// Follows symbolic links, for rules about paths.
pub trait RealPaths: fmt::Debug + Send + Sync {
    /// The path without links, `.` and `..`. What does not exist yet is resolved up to its nearest directory that does.
    /// An error denies.
    fn real_path(&self, path: &str) -> Result<String, Error>;
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
    /// The rates that the action has to keep, which the kernel counts; none where it is denied.
    pub rates: Vec<Rate>,
    /// The rules that ask for approval; the verdict is at least needs_approval where there is one.
    pub asks: Vec<ApprovalRule>,
    /// How long the request for approval may wait: the least of those rules, in milliseconds.
    pub asks_expire_ms: Option<u64>,
}

impl Finding {
    /// A verdict without reasons and without anything to wait for.
    pub(crate) fn plain(verdict: Verdict, effect: Effect, amount: Option<Amount>) -> Self {
        let (reasons, rates, asks) = (Vec::new(), Vec::new(), Vec::new());
        Finding { verdict, effect, reasons, amount, rates, asks, asks_expire_ms: None }
    }
}

/// A rate that an action has to keep (`docs/spec/budget.md`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The rule, as reasons name it.
    pub rule: String,
    /// What is counted apart: rule, level and name.
    pub key: String,
    /// So many calls
    pub calls: u64,
    /// in so many seconds,
    pub per_seconds: u64,
    /// so many at once.
    pub burst: u64,
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
