//! What goes into the kernel and what comes out.

use crate::writer::Ticket;
pub use talos_contracts::DecisionReason as Reason;
use talos_contracts::json::Value;
use talos_contracts::scalar::Hash;
use talos_contracts::{
    ActionKind, Amount, DecisionShadow, Effect, Error, ErrorCode, OutcomeStatus, PermitState, SessionRef, Verdict,
};

/// An agent's wish.
#[derive(Clone, Copy, Debug)]
pub struct Action<'a> {
    /// The call within the run. Connectors mint it; a client's own id never counts as one.
    pub call: &'a str,
    /// What kind of thing is asked.
    pub kind: ActionKind,
    /// The tool, the resource, the prompt.
    pub target: &'a str,
    /// The effect that the operator declared; never a server's own hint.
    pub effect: Option<Effect>,
    /// Hash of the tool's definition, where one is known.
    pub tool_hash: Option<Hash>,
    /// The arguments, as parsed under talos-data.
    pub args: &'a Value,
    /// Tokens that the call may use at the most.
    pub tokens: Option<u64>,
    /// Money that the call spends.
    pub amount: Option<&'a Amount>,
    /// On whose behalf.
    pub principal: Option<&'a str>,
    /// The model that is asked.
    pub model: Option<&'a str>,
    /// The public id of the caller's key.
    pub key_id: Option<&'a str>,
    /// Whether the principal consented, as far as the host knows.
    pub consent: Option<bool>,
    /// Whether the principal's identity was checked, as far as the host knows.
    pub kyc: Option<bool>,
    /// The session and the frame that carried it, for the receipt; no rule reads it.
    pub session: Option<&'a SessionRef>,
}

impl<'a> Action<'a> {
    /// A call of a tool, with nothing else declared.
    pub fn tool_call(call: &'a str, target: &'a str, args: &'a Value) -> Self {
        Action {
            call,
            kind: ActionKind::ToolCall,
            target,
            effect: None,
            tool_hash: None,
            args,
            tokens: None,
            amount: None,
            principal: None,
            model: None,
            key_id: None,
            consent: None,
            kyc: None,
            session: None,
        }
    }
}

/// A reason that no single rule gave. The message says what happened and where, and holds no
/// argument values.
pub(crate) fn reason(code: ErrorCode, message: impl Into<String>) -> Reason {
    Reason { code, stage: code.stage().into(), message: message.into(), rule: None, event: code.event() }
}

/// The kernel's answer.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Its id. Unlike a receipt id it may be shown before the commit.
    pub id: String,
    /// The call.
    pub call: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The effect that the verdict was made for.
    pub effect: Effect,
    /// Why, sorted by stage and code.
    pub reasons: Vec<Reason>,
    /// What was noticed and did not change the verdict.
    pub warnings: Vec<String>,
    /// After so many milliseconds the same action may be allowed: where a rate or a budget denied it.
    pub retry_after_ms: Option<u64>,
    /// The permit's state; absent if there is none.
    pub permit: Option<PermitState>,
    /// The approval that is waited for, or was redeemed.
    pub approval: Option<Hash>,
    /// The verdict that a policy in mode observe would have given, where it let the action run all the same.
    pub observed: Option<Verdict>,
    /// What a policy in shadow mode would have decided.
    pub shadow: Option<DecisionShadow>,
    /// The receipt's way into the log; absent if no receipt could be made, and then the verdict
    /// is deny.
    pub ticket: Option<Ticket>,
}

impl Decision {
    /// Whether the host may go on to `start`.
    pub fn allowed(&self) -> bool {
        matches!(self.verdict, Verdict::Allow | Verdict::Transform)
    }

    /// The ticket that has to resolve before the decision may be released: a read that is allowed
    /// has none, unless it redeems an approval, which no crash may give back.
    pub fn must_wait_for(&self) -> Option<&Ticket> {
        let is_free = self.effect == Effect::Read && self.allowed() && self.approval.is_none();
        if is_free { None } else { self.ticket.as_ref() }
    }

    /// Makes it a denial, because its receipt could not be written.
    pub fn deny(&mut self, error: Error) {
        self.verdict = Verdict::Deny;
        self.permit = None;
        self.reasons = vec![reason(error.code, error.detail)];
    }

    /// The weightiest reason: the first of the reasons, or the verdict itself.
    pub fn code(&self) -> Option<ErrorCode> {
        self.reasons.first().map(|r| r.code)
    }
}

/// How a call ended.
#[derive(Clone, Copy, Debug)]
pub struct Settlement<'a> {
    /// What became of it.
    pub status: OutcomeStatus,
    /// The result, as parsed under talos-data.
    pub result: Option<&'a Value>,
    /// Tokens used; absent means all that were reserved.
    pub tokens: Option<u64>,
    /// Money spent, in the currency that was reserved; absent means all that was.
    pub amount: Option<&'a Amount>,
    /// The model's confidence in basis points.
    pub confidence_bp: Option<u32>,
    /// The session and the frame that carried it away, for the receipt.
    pub session: Option<&'a SessionRef>,
}

impl<'a> Settlement<'a> {
    /// An end of this status, with everything that was reserved used up.
    pub fn new(status: OutcomeStatus, result: Option<&'a Value>) -> Self {
        Settlement { status, result, tokens: None, amount: None, confidence_bp: None, session: None }
    }
}

/// What a run has used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Tool calls that have ended or expired.
    pub admitted: u64,
    /// Tool calls whose permit is issued or started.
    pub in_flight: u64,
    /// Tokens reserved and used.
    pub tokens: u64,
    /// Micro-units reserved and spent.
    pub spent_micro: u64,
}
