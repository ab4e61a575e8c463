//! Decisions of a run: the stages are asked, the receipt is signed and queued, the permit is minted.

use crate::action::{Action, Decision, reason};
use crate::approvals::Approved;
use crate::call::{Call, binding, budget, clip, distinct_codes, distinct_rules};
use crate::chain::Effects;
use crate::ports::{Body, Opened};
use crate::rules::Rules;
use crate::run::{Run, State};
use crate::spending::Spending;
use crate::stage::{CALL_MAX, Facts, Finding, TARGET_MAX};
use crate::writer::{Ticket, guarded, lock};
use talos_audit::receipt;
use talos_contracts::json::{self, Value};
use talos_contracts::scalar::Hash;
use talos_contracts::{
    ActionKind, DecisionShadow, Durability, Effect, Error, ErrorCode, PermitState, Receipt, ReceiptAction, ReceiptKind,
    ReceiptShadow, Verdict,
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

/// A finding with what comes beside it.
struct Weighed {
    found: Finding,
    approved: Approved,
    /// What the call holds of the budgets.
    spending: Option<Spending>,
    observed: Option<Verdict>,
    shadow: Option<DecisionShadow>,
    /// Whether the call is this decision's from now on.
    keep: bool,
}

impl Weighed {
    /// What a connector has refused.
    fn refused(found: Finding) -> Self {
        Weighed { found, approved: Approved::default(), spending: None, observed: None, shadow: None, keep: false }
    }
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
            self.record(&mut state, &action, args, bound, Weighed::refused(found))
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
                warnings: Vec::new(),
                retry_after_ms: None,
                permit: None,
                approval: None,
                observed: None,
                shadow: None,
                ticket: None,
            }
        })
    }

    /// Decides, then waits for the disk where that is demanded: reads may be released before the commit, all else
    /// and what redeems an approval only after it. A receipt that cannot be written makes it a denial.
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
        let rules = self.core.rules();
        let refused = match state.calls.get(action.call) {
            Some(known) if known.binding == binding && !self.may_change(known, &rules)? => return Ok(known.current()),
            // A pending call is decided on again when its request was answered or the rules have changed.
            Some(known) if known.binding == binding => None,
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
        let shadow = rules.shadow(&facts);
        let mut found = refused.unwrap_or_else(|| rules.evaluate(&facts));
        // The id of another call is no matter of the policy: nothing could start under it.
        let observe = |found: &mut Finding| if keep { rules.observe(found) } else { None };
        let mut observed = observe(&mut found);
        let mut approved = match found.verdict {
            Verdict::NeedsApproval => self.approve(&mut state, action, &args, &digest, &rules, &mut found)?,
            _ => Approved::default(),
        };
        self.name_policy(&mut state, &rules)?;
        let spending = self.spend(&mut state, action, &binding, &rules, &mut found)?;
        if found.verdict == Verdict::Deny {
            // A grant is not used up by what a budget does not cover.
            (approved.redeems, approved.is_over) = (None, approved.is_over && approved.redeems.is_none());
            observed = observed.max(observe(&mut found));
        }
        let weighed = Weighed { found, approved, spending: spending.clone(), observed, shadow, keep };
        let decision = self.record(&mut state, action, args, Bound { digest, binding }, weighed);
        match (&decision, spending) {
            (Ok(_), Some(spending)) => spending.is_kept(&mut state),
            (Err(_), _) => self.pay_owed(&mut state),
            _ => {}
        }
        decision
    }

    /// Whether a decision on the same call may be another one now.
    fn may_change(&self, known: &Call, rules: &Rules) -> Result<bool, Error> {
        match (known.permit, &known.decision.approval) {
            (Some(PermitState::Pending), Some(id)) => self.is_answered(&known.decision, id, rules),
            _ => Ok(false),
        }
    }

    /// Receipts that other rules are in force, before the first decision by them.
    fn name_policy(&self, state: &mut State, rules: &Rules) -> Result<(), Error> {
        if state.policy == rules.reference {
            return Ok(());
        }
        let mut draft = state.chain.draft(ReceiptKind::Policy)?;
        draft.policy = Some(rules.reference.clone());
        draft.replaces = Some(state.policy.clone());
        state.chain.append(&draft, Effects::default())?;
        state.policy = rules.reference.clone();
        Ok(())
    }

    /// Signs and queues the decision's receipt, and mints the permit. A decision on a call id that
    /// is taken by another action is receipted, but leaves that call as it is.
    fn record(
        &self,
        state: &mut State,
        action: &Action<'_>,
        args: Vec<u8>,
        bound: Bound,
        weighed: Weighed,
    ) -> Result<Decision, Error> {
        let Weighed { found, mut approved, spending, observed, shadow, keep } = weighed;
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

        let mut draft =
            self.draft_decision(state, action, &found, effect, receipt::args_commit(&key, &bound.digest))?;
        draft.approval = approved.id;
        if effect == Effect::Read && found.verdict == Verdict::Allow && approved.redeems.is_none() {
            draft.dur = Durability::AfterRelease;
            draft.sign = self.core.config.sign_reads;
        }
        draft.observed = observed;
        draft.shadow = shadow.as_ref().map(|shadow| ReceiptShadow {
            policy: shadow.policy.clone(),
            verdict: shadow.verdict,
            reasons: distinct_codes(&shadow.reasons),
        });
        let mut call = Call {
            binding: bound.binding,
            decision: Decision {
                id,
                call: action.call.to_owned(),
                verdict: found.verdict,
                effect,
                reasons: found.reasons,
                warnings: found.warnings,
                retry_after_ms: found.retry_after_ms,
                permit,
                approval: approved.id,
                observed,
                shadow,
                ticket: None,
            },
            decision_id: bound.binding,
            permit,
            expires,
            counted: action.kind == ActionKind::ToolCall,
            tokens: action.tokens,
            amount: found.amount,
            spending,
        };
        let opened = Opened { call: action.call.to_owned(), binding: bound.binding, charge: call.charge() };
        let effects = Effects {
            opens: allowed.then_some(opened),
            body: Some(self.body(key, args)),
            asks: approved.asks.take(),
            redeems: approved.redeems,
            ..Effects::default()
        };
        let ticket = state.chain.append(&draft, effects)?;
        if let (Some(notice), Some(notify)) = (approved.keep(&ticket, &mut state.requests), self.core.notify.clone()) {
            ticket.on_done(move |written| {
                if written.is_ok() {
                    notify.notify(notice);
                }
            });
        }
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
        draft.rules = distinct_rules(&found.reasons);
        draft.caps = Some(Vec::new());
        draft.policy = Some(state.policy.clone());
        draft.budget = budget(action.tokens, found.amount.as_ref());
        draft.session = action.session.cloned();
        Ok(draft)
    }

    pub(crate) fn body(&self, key: [u8; 32], value: Vec<u8>) -> Body {
        let keep = self.core.config.store_bodies && value.len() <= BODY_MAX;
        Body { key, value: keep.then_some(value) }
    }
}
