//! Decisions of a run: the stages are asked, the receipt is signed and queued, the permit is minted.

use crate::action::{Action, Decision, reason};
use crate::call::{Call, binding, budget, clip, distinct_codes};
use crate::chain::Effects;
use crate::ports::{Body, Opened};
use crate::run::{Run, State};
use crate::stage::{CALL_MAX, Facts, Finding, TARGET_MAX, evaluate};
use crate::writer::{Ticket, guarded, lock};
use talos_audit::receipt;
use talos_contracts::json::{self, Value};
use talos_contracts::scalar::Hash;
use talos_contracts::{
    ActionKind, Durability, Effect, Error, ErrorCode, PermitState, Receipt, ReceiptAction, ReceiptKind, Verdict,
};
use talos_crypto::hash;

/// Largest body that is kept beside its commitment. Larger ones keep the key only: whoever has the
/// body can still open the commitment.
pub const BODY_MAX: usize = 64 * 1024;
/// Characters of a reason's message, as the contract bounds it.
const MESSAGE_MAX: usize = 1024;
/// What a permit is bound to, and the digest of the arguments in it.
struct Bound {
    digest: Hash,
    binding: Hash,
}

impl Run {
    /// Decides, and queues the signed receipt. An error inside is a denial with its code.
    ///
    /// The same call with the same action gives its current state back: no second receipt, no
    /// second count.
    pub fn decide(&self, action: &Action<'_>) -> Decision {
        self.denial(action, || self.try_decide(action))
    }

    /// Records what a connector refused before there was an action to decide on: a denial with the
    /// code of the error. `target` says what was attempted, as far as it is known.
    pub fn refuse(&self, call: &str, target: &str, error: &Error) -> Decision {
        self.refuse_to(None, call, target, error)
    }

    /// [`Run::refuse`] where it is known on whose behalf it was attempted.
    pub fn refuse_to(&self, principal: Option<&str>, call: &str, target: &str, error: &Error) -> Decision {
        let nothing = Value::object::<&str>([]);
        let action = Action { kind: ActionKind::Message, principal, ..Action::tool_call(call, target, &nothing) };
        self.denial(&action, || {
            let mut state = self.open_state()?;
            let args = json::canonical(action.args);
            let digest = hash::tagged(receipt::ARGS_DOMAIN, &[&args]);
            let bound = Bound { binding: binding(&action, &digest), digest };
            let found = Finding::deny(error.code, &clip(&error.detail, MESSAGE_MAX));
            self.record(&mut state, &action, args, bound, found, false)
        })
    }

    /// The decision, or the error as a denial.
    fn denial(&self, action: &Action<'_>, decide: impl FnOnce() -> Result<Decision, Error>) -> Decision {
        guarded(decide).unwrap_or_else(|error| {
            // An id that was made for a call that came to nothing is not waited for.
            lock(&self.state).calls.pass(action.call);
            Decision {
                id: guarded(|| self.core.uuid()).unwrap_or_default(),
                call: action.call.to_owned(),
                verdict: Verdict::Deny,
                effect: action.effect.unwrap_or(Effect::Irreversible),
                reasons: vec![reason(error.code, error.detail)],
                permit: None,
                ticket: None,
            }
        })
    }

    /// Decides, then waits for the disk where the effect demands it: reads may be released before
    /// the commit, all else only after it. A receipt that cannot be written makes it a denial.
    pub fn authorize(&self, action: &Action<'_>) -> Decision {
        let mut decision = self.decide(action);
        if let Some(Err(error)) = decision.must_wait_for().map(Ticket::wait) {
            decision.deny(error);
        }
        decision
    }

    fn try_decide(&self, action: &Action<'_>) -> Result<Decision, Error> {
        let mut state = self.open_state()?;
        let args = json::canonical(action.args);
        let digest = hash::tagged(receipt::ARGS_DOMAIN, &[&args]);
        let binding = binding(action, &digest);
        let refused = match state.calls.get(action.call) {
            Some(known) if known.binding == binding => return Ok(known.current()),
            Some(_) => Some(Finding::deny(ErrorCode::CallConflict, "this call id was decided with another action")),
            None if state.calls.has_ended(action.call) => {
                Some(Finding::deny(ErrorCode::CallState, "the call of this id has ended"))
            }
            None => None,
        };
        state.calls.check_room()?;
        let standing = self.core.store.standing()?;
        let facts = Facts {
            action,
            counters: state.counters,
            standing: &standing,
            subject: &self.subject,
            now_ms: self.core.clock.wall_ms()?,
            files: self.core.files.as_deref(),
            drift: state.drift,
            earlier: &Finding::allow(),
        };
        let keep = refused.is_none();
        let found = refused.unwrap_or_else(|| evaluate(&self.core.stages, &facts));
        self.record(&mut state, action, args, Bound { digest, binding }, found, keep)
    }

    /// Signs and queues the decision's receipt, and mints the permit. A decision on a call id that
    /// is taken by another action is receipted, but leaves that call as it is.
    fn record(
        &self,
        state: &mut State,
        action: &Action<'_>,
        args: Vec<u8>,
        bound: Bound,
        found: Finding,
        keep: bool,
    ) -> Result<Decision, Error> {
        // An effect that nobody knows cannot be undone.
        let effect = found.effect.or(action.effect).unwrap_or(Effect::Irreversible);
        let expires = self.core.clock.monotonic_ms()?.saturating_add(self.core.config.permit_ms);
        let id = self.core.uuid()?;
        let key: [u8; 32] = self.core.random()?;
        let permit = match found.verdict {
            Verdict::Allow | Verdict::Transform => Some(PermitState::Issued),
            Verdict::NeedsApproval => Some(PermitState::Pending),
            Verdict::Deny => None,
        };
        let allowed = permit == Some(PermitState::Issued);

        let draft = self.draft_decision(state, action, &found, effect, receipt::args_commit(&key, &bound.digest))?;
        let mut call = Call {
            binding: bound.binding,
            decision: Decision {
                id,
                call: action.call.to_owned(),
                verdict: found.verdict,
                effect,
                reasons: found.reasons,
                permit,
                ticket: None,
            },
            decision_id: bound.binding,
            permit,
            expires,
            counted: action.kind == ActionKind::ToolCall,
            tokens: action.tokens,
            amount: found.amount,
        };
        let opened = Opened { call: action.call.to_owned(), binding: bound.binding, charge: call.charge() };
        let effects =
            Effects { opens: allowed.then_some(opened), body: Some(self.body(key, args)), ..Effects::default() };
        let ticket = state.chain.append(&draft, effects)?;
        call.decision_id = ticket.receipt_id();
        call.decision.ticket = Some(ticket);
        let decision = call.decision.clone();
        if allowed {
            state.counters.reserve(&call);
        }
        if keep {
            state.calls.keep(action.call, call);
        } else {
            state.calls.pass(action.call);
        }
        Ok(decision)
    }

    fn draft_decision(
        &self,
        state: &State,
        action: &Action<'_>,
        found: &Finding,
        effect: Effect,
        args_commit: Hash,
    ) -> Result<Receipt, Error> {
        let mut draft = state.chain.draft(ReceiptKind::Decision)?;
        draft.call = Some(clip(action.call, CALL_MAX));
        draft.principal = action.principal.map(|p| clip(p, TARGET_MAX));
        draft.action = Some(ReceiptAction {
            kind: action.kind,
            target: clip(action.target, TARGET_MAX),
            effect,
            tool_hash: action.tool_hash,
            args_commit,
        });
        draft.verdict = Some(found.verdict);
        draft.reasons = Some(distinct_codes(&found.reasons));
        draft.caps = Some(Vec::new());
        draft.policy = Some(self.core.policy_ref());
        if effect == Effect::Read && found.verdict == Verdict::Allow {
            draft.dur = Durability::AfterRelease;
            draft.sign = self.core.config.sign_reads;
        }
        draft.budget = budget(action.tokens, found.amount.as_ref());
        Ok(draft)
    }

    pub(crate) fn body(&self, key: [u8; 32], value: Vec<u8>) -> Body {
        let keep = self.core.config.store_bodies && value.len() <= BODY_MAX;
        Body { key, value: keep.then_some(value) }
    }
}
