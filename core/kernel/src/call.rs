//! One call of a run: its permit's state, what it is bound to, and what it counts for.

use crate::action::{Action, Counters, Decision, Reason, reason};
use crate::ports::{Charge, KnownCall};
use crate::spending::Spending;
use crate::writer::Ticket;
use talos_contracts::scalar::Hash;
use talos_contracts::{Amount, Effect, Error, ErrorCode, PermitState, ReceiptBudget, Verdict};
use talos_crypto::hash;

/// Domain of what a permit is bound to.
pub(crate) const BINDING_DOMAIN: &str = "talos/binding/1";

/// One (run, call): one permit, ever.
pub(crate) struct Call {
    pub(crate) binding: Hash,
    pub(crate) decision: Decision,
    /// Receipt id of the decision: INVARIANT: not shown before `decision.ticket` resolves.
    pub(crate) decision_id: Hash,
    pub(crate) permit: Option<PermitState>,
    pub(crate) expires: u64,
    /// Whether it counts as a tool call.
    pub(crate) counted: bool,
    pub(crate) tokens: Option<u64>,
    pub(crate) amount: Option<Amount>,
    /// What it holds of the budgets.
    pub(crate) spending: Option<Spending>,
}

impl Call {
    /// A call that an earlier boot allowed. Nobody can start or settle it any more.
    pub(crate) fn of_the_past(known: KnownCall) -> Self {
        let decision = Decision {
            id: String::new(),
            call: known.opened.call,
            verdict: Verdict::Deny,
            effect: Effect::Irreversible,
            reasons: vec![reason(ErrorCode::CallState, "the call was decided before the last restart")],
            warnings: Vec::new(),
            retry_after_ms: None,
            permit: Some(PermitState::Expired),
            approval: None,
            observed: None,
            shadow: None,
            ticket: None,
        };
        Call {
            binding: known.opened.binding,
            decision,
            decision_id: known.decision,
            permit: Some(PermitState::Expired),
            expires: 0,
            counted: true,
            tokens: None,
            amount: None,
            spending: None,
        }
    }

    /// What it counts for now.
    pub(crate) fn charge(&self) -> Charge {
        Charge {
            tool_calls: u64::from(self.counted),
            tokens: self.tokens.unwrap_or(0),
            micro: self.amount.as_ref().map_or(0, |a| a.micro),
        }
    }

    pub(crate) fn current(&self) -> Decision {
        Decision { permit: self.permit, ..self.decision.clone() }
    }

    pub(crate) fn check_start(&self, binding: &Hash) -> Result<(), Error> {
        if self.permit != Some(PermitState::Issued) {
            return Err(wrong_state("start", self.permit));
        }
        if !hash::equal(&self.binding, binding) {
            return Err(Error::new(ErrorCode::CallArgsMismatch, "the call was decided with other arguments"));
        }
        match self.decision.ticket.as_ref().and_then(Ticket::poll) {
            Some(durable) => durable.map(|_| ()),
            None if self.decision.must_wait_for().is_some() => {
                Err(Error::new(ErrorCode::CallState, "the decision's receipt is not on disk yet"))
            }
            None => Ok(()),
        }
    }
}

impl Counters {
    /// What the calls of earlier boots count for: all that they were reserved.
    pub(crate) fn of_the_past(known: &[KnownCall]) -> Self {
        known.iter().fold(Counters::default(), |mut counters, call| {
            counters.spend(call.opened.charge);
            counters.admitted = counters.admitted.saturating_add(call.opened.charge.tool_calls);
            counters
        })
    }

    fn spend(&mut self, charge: Charge) {
        self.tokens = self.tokens.saturating_add(charge.tokens);
        self.spent_micro = self.spent_micro.saturating_add(charge.micro);
    }

    fn give_back(&mut self, charge: Charge) {
        self.tokens = self.tokens.saturating_sub(charge.tokens);
        self.spent_micro = self.spent_micro.saturating_sub(charge.micro);
    }

    /// A permit is issued.
    pub(crate) fn reserve(&mut self, call: &Call) {
        self.in_flight = self.in_flight.saturating_add(call.charge().tool_calls);
        self.spend(call.charge());
    }

    /// A permit has come to its end. Only a release gives back what was reserved.
    pub(crate) fn end(&mut self, call: &Call, permit: PermitState) {
        let tool_calls = call.charge().tool_calls;
        self.in_flight = self.in_flight.saturating_sub(tool_calls);
        if permit == PermitState::Released {
            self.give_back(call.charge());
        } else {
            self.admitted = self.admitted.saturating_add(tool_calls);
        }
    }

    /// What was used takes the place of what was reserved.
    pub(crate) fn correct(&mut self, call: &mut Call, tokens: Option<u64>, amount: Option<Amount>) {
        self.give_back(call.charge());
        (call.tokens, call.amount) = (tokens, amount);
        self.spend(call.charge());
    }
}

/// What a permit is bound to: everything that was decided on.
pub(crate) fn binding(action: &Action<'_>, args_digest: &Hash) -> Hash {
    let mut bytes = Vec::with_capacity(256);
    let mut part = |part: Option<&[u8]>| {
        // Length first, and absent unlike empty, so that no two actions have the same bytes.
        let length = part.map_or(u64::MAX, |p| p.len() as u64);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(part.unwrap_or_default());
    };
    part(Some(action.kind.as_str().as_bytes()));
    part(Some(action.target.as_bytes()));
    part(Some(&args_digest.0));
    part(action.tool_hash.as_ref().map(|hash| &hash.0[..]));
    part(action.effect.map(|effect| effect.as_str().as_bytes()));
    part(action.tokens.map(u64::to_be_bytes).as_ref().map(|tokens| &tokens[..]));
    part(action.amount.map(|amount| amount.micro.to_be_bytes()).as_ref().map(|micro| &micro[..]));
    part(action.amount.map(|amount| amount.currency.as_bytes()));
    part(action.principal.map(str::as_bytes));
    part(action.model.map(str::as_bytes));
    part(action.key_id.map(str::as_bytes));
    part(action.consent.map(|consent| [u8::from(consent)]).as_ref().map(|consent| &consent[..]));
    part(action.kyc.map(|kyc| [u8::from(kyc)]).as_ref().map(|kyc| &kyc[..]));
    hash::tagged(BINDING_DOMAIN, &[&bytes])
}

pub(crate) fn distinct_codes(reasons: &[Reason]) -> Vec<String> {
    let mut codes: Vec<String> = reasons.iter().map(|r| r.code.as_str().to_owned()).collect();
    codes.dedup();
    codes
}

/// Characters of the name of a rule, as the contract bounds it.
pub(crate) const RULE_MAX: usize = 256;

/// The rules that gave reasons, each once; absent where none is named.
pub(crate) fn distinct_rules(reasons: &[Reason]) -> Option<Vec<String>> {
    let mut rules: Vec<String> = Vec::new();
    for rule in reasons.iter().filter_map(named_rule) {
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    Some(rules).filter(|rules| !rules.is_empty())
}

/// What a receipt calls the rule of a reason. A pattern without an id goes by its text, in quotation marks, and that may be
/// what nobody is to read.
fn named_rule(reason: &Reason) -> Option<String> {
    let rule = reason.rule.as_deref()?;
    let is_text = reason.code == ErrorCode::PolicyBlockedPattern && rule.contains('"');
    Some(if is_text { "blocked_patterns".to_owned() } else { clip(rule, RULE_MAX) })
}

pub(crate) fn budget(tokens: Option<u64>, amount: Option<&Amount>) -> Option<ReceiptBudget> {
    if tokens.is_none() && amount.is_none() {
        return None;
    }
    Some(ReceiptBudget { tokens, amount_micro: amount.map(|a| a.micro), currency: amount.map(|a| a.currency.clone()) })
}

/// A denied action may carry texts beyond the bounds; its receipt still fits.
pub(crate) fn clip(text: &str, max: usize) -> String {
    let clipped: String = text.chars().filter(|c| *c != '\0').take(max).collect();
    if clipped.is_empty() { "?".to_owned() } else { clipped }
}

pub(crate) fn unknown(call: &str) -> Error {
    Error::new(ErrorCode::CallUnknown, format!("no decision was made on call {call:?}"))
}

pub(crate) fn wrong_state(verb: &str, permit: Option<PermitState>) -> Error {
    let state = permit.map_or("denied", PermitState::as_str);
    Error::new(ErrorCode::CallState, format!("{verb}: the permit is {state}"))
}
