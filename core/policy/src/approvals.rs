//! What needs the approval of people, and of whom (`docs/spec/policy.md`, section 14).

use crate::amounts::Amounts;
use crate::compile::{Checker, Tool};
use crate::facts::{PolicyFacts, reason};
use crate::names::Names;
use crate::selector::{Selector, Stated};
use crate::source::{quote, shorten};
use std::collections::HashSet;
use talos_contracts::{
    Amount, ApprovalPerson, ApprovalRule, DecisionReason, Effect, ErrorCode, Policy, PolicyApproval, PolicyApprover,
    nearest,
};

/// How long a request waits unless its rule says otherwise, in seconds.
pub(crate) const EXPIRES_SECONDS: u64 = 900;
/// Most people in one rule of a request, as the contract `approval_request` has it.
const MAX_PEOPLE: usize = 64;
/// Most rules in one request, likewise.
pub(crate) const MAX_ASKS: usize = 16;

/// An approval rule of the policy.
#[derive(Debug)]
pub(crate) struct AskRule {
    selector: Selector,
    above: Option<Amount>,
    rule: ApprovalRule,
    expires_ms: u64,
}

/// What an action has to wait for.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub rules: Vec<ApprovalRule>,
    pub expires_ms: Option<u64>,
    pub reasons: Vec<DecisionReason>,
}

impl AskRule {
    fn asks(&self, facts: &PolicyFacts<'_>, effect: Effect, amounts: &Amounts) -> bool {
        self.selector.selects(facts, effect) && self.above.as_ref().is_none_or(|above| amounts.may_exceed(above))
    }

    fn reason(&self) -> DecisionReason {
        let ApprovalRule { id, quorum, approvers } = &self.rule;
        let names: Vec<&str> = approvers.iter().map(|person| person.name.as_str()).collect();
        let message = format!("rule {} asks {quorum} of {} to approve", quote(id), shorten(&names.join(", ")));
        reason(ErrorCode::ApprovalRequired, id, message)
    }
}

/// The rules that ask for approval of an action, sorted by id.
pub(crate) fn check(rules: &[AskRule], facts: &PolicyFacts<'_>, effect: Effect, amounts: &Amounts) -> Asked {
    let mut asking: Vec<&AskRule> = rules.iter().filter(|rule| rule.asks(facts, effect, amounts)).collect();
    asking.sort_by(|a, b| a.rule.id.cmp(&b.rule.id));
    Asked {
        rules: asking.iter().map(|ask| ask.rule.clone()).collect(),
        expires_ms: asking.iter().map(|ask| ask.expires_ms).min(),
        reasons: asking.iter().map(|ask| ask.reason()).collect(),
    }
}

impl Checker<'_> {
    pub(crate) fn approvals(&mut self, policy: &Policy, tools: &Names<Tool>) -> Vec<AskRule> {
        let people = policy.approvers.as_deref().unwrap_or_default();
        self.check_approvers(people);
        let mut ids = HashSet::new();
        let mut rules = Vec::new();
        for (index, approval) in policy.approvals.iter().flatten().enumerate() {
            let pointer = format!("/approvals/{index}");
            if !ids.insert(&approval.id) {
                let detail = format!("approval rule {} is in the list already", quote(&approval.id));
                self.refuse(&format!("{pointer}/id"), detail);
            }
            if approval.id.contains(char::is_control) {
                self.refuse(&format!("{pointer}/id"), "id has control characters: receipts show it");
            }
            self.check_people(approval, people, &pointer);
            let (effects, only_for) = (approval.effects.as_deref(), approval.only_for.as_ref());
            let stated = Stated { tools: approval.tools.as_deref(), effects, only_for };
            rules.push(AskRule {
                selector: self.selector(&stated, tools, &pointer),
                above: approval.above.clone(),
                rule: rule(approval, people),
                expires_ms: approval.expires_seconds.unwrap_or(EXPIRES_SECONDS).saturating_mul(1000),
            });
        }
        rules
    }

    fn check_approvers(&mut self, people: &[PolicyApprover]) {
        let (mut names, mut keys) = (HashSet::new(), HashSet::new());
        for (index, person) in people.iter().enumerate() {
            if !names.insert(&person.name) {
                let detail = format!("approver {} is in the list already", quote(&person.name));
                self.refuse(&format!("/approvers/{index}/name"), detail);
            }
            if person.key.as_ref().is_some_and(|key| !keys.insert(key)) {
                let detail = "another approver has this key: one person would count as two";
                self.refuse(&format!("/approvers/{index}/key"), detail);
            }
        }
    }

    /// Somebody has to be there who can approve, and enough of them.
    fn check_people(&mut self, approval: &PolicyApproval, people: &[PolicyApprover], pointer: &str) {
        if self.is_cut("/approvers") {
            return;
        }
        let known: Vec<&str> = people.iter().map(|person| person.name.as_str()).collect();
        if known.is_empty() {
            let detail = format!("approval rule {} has nobody to ask: list people in approvers", quote(&approval.id));
            self.refuse(pointer, detail);
            return;
        }
        let mut named = HashSet::new();
        for (index, name) in approval.approvers.iter().flatten().enumerate() {
            let place = format!("{pointer}/approvers/{index}");
            if !known.contains(&name.as_str()) {
                let detail = format!("approver {} is not in approvers", quote(name));
                self.suggest(&place, detail, || nearest(name, &known));
            } else if !named.insert(name.as_str()) {
                self.refuse(&place, format!("approver {} is in the list already", quote(name)));
            }
        }
        let count = if approval.approvers.is_some() { named.len() } else { known.len() };
        if count > MAX_PEOPLE {
            let detail =
                format!("approval rule {} asks {count} people, at most {MAX_PEOPLE}: name some", quote(&approval.id));
            self.refuse(pointer, detail);
        }
        let quorum = approval.quorum.unwrap_or(1);
        if quorum > count as u64 && count > 0 {
            let detail = format!("a quorum of {quorum} of {count}: nothing could ever be approved");
            self.refuse(&format!("{pointer}/quorum"), detail);
        }
    }
}

/// The rule as a request has it. What people are asked does not depend on the order of the file.
fn rule(approval: &PolicyApproval, people: &[PolicyApprover]) -> ApprovalRule {
    let is_meant =
        |person: &&PolicyApprover| approval.approvers.as_ref().is_none_or(|names| names.contains(&person.name));
    let person = |person: &PolicyApprover| ApprovalPerson { name: person.name.clone(), key: person.key.clone() };
    let mut approvers: Vec<ApprovalPerson> = people.iter().filter(is_meant).map(person).collect();
    approvers.sort_by(|a, b| a.name.cmp(&b.name));
    ApprovalRule { id: approval.id.clone(), quorum: approval.quorum.unwrap_or(1), approvers }
}
