//! What the answers to a request come to (`docs/spec/approval.md`, section 5).

use crate::{VerifiedGrant, VerifiedRequest};
use std::collections::BTreeSet;
use talos_contracts::ApprovalResponse;

/// Where a request stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// People have to answer yet.
    Pending {
        /// What each unfulfilled rule lacks, in the order of the request.
        missing: Vec<Missing>,
    },
    /// Every rule has its quorum.
    Granted,
    /// Somebody refused.
    Denied {
        /// The name; the first in the alphabet if there are several.
        by: String,
    },
    /// Its time is over, whoever granted it.
    Expired,
}

impl State {
    /// The name, as contracts spell it.
    pub fn name(&self) -> &'static str {
        match self {
            State::Pending { .. } => "pending",
            State::Granted => "granted",
            State::Denied { .. } => "denied",
            State::Expired => "expired",
        }
    }
}

/// What a rule lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The name of the rule.
    pub rule: String,
    /// How many people have to approve yet.
    pub people: u64,
    /// Who of them could, in the order of the request.
    pub approvers: Vec<String>,
}

/// The state at a time. Neither the order nor the number of times that a grant is given matters; grants of other requests do
/// not count.
pub fn evaluate(request: &VerifiedRequest, grants: &[VerifiedGrant], now_ms: u64) -> State {
    let said = |response| -> BTreeSet<&str> {
        let own = grants.iter().map(VerifiedGrant::grant).filter(|grant| grant.approval == *request.id());
        own.filter(|grant| grant.response == response).map(|grant| grant.name.as_str()).collect()
    };
    if let Some(by) = said(ApprovalResponse::Deny).first() {
        return State::Denied { by: (*by).to_owned() };
    }
    if now_ms >= request.request().expires {
        return State::Expired;
    }
    let granted = said(ApprovalResponse::Grant);
    let missing: Vec<Missing> =
        request.request().rules.iter().filter_map(|rule| lacks(request, rule, &granted)).collect();
    if missing.is_empty() { State::Granted } else { State::Pending { missing } }
}

/// What one rule lacks, if anything.
fn lacks(request: &VerifiedRequest, rule: &talos_contracts::ApprovalRule, granted: &BTreeSet<&str>) -> Option<Missing> {
    // INVARIANT: a name is one person with one key (request::verify), so distinct names are distinct people.
    let (have, others): (Vec<&str>, Vec<&str>) =
        rule.approvers.iter().map(|person| person.name.as_str()).partition(|name| granted.contains(name));
    let people = rule.quorum.saturating_sub(have.len() as u64);
    let may = |name: &&str| request.may_approve(name);
    (people > 0).then(|| Missing {
        rule: rule.id.clone(),
        people,
        approvers: others.into_iter().filter(may).map(str::to_owned).collect(),
    })
}
