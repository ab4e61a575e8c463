//! One decision (`docs/spec/cedar.md`, section 6).

use crate::CedarPolicies;
use crate::request::{self, Asked};
use cedar_policy::{AuthorizationError, Authorizer, Decision, EvaluationError, PolicyId, PolicySet};
use std::collections::BTreeSet;
use talos_contracts::{ErrorCode, Verdict};
use talos_kernel::{Facts, Finding, REASONS_MAX, Reason};

/// Stack below which evaluation gets another one. Cedar stops at 100 KiB.
const STACK_LEFT: usize = 256 << 10;
/// Characters of a message, as the contract bounds it.
const MESSAGE_CHARS: usize = 1024;
/// The other stack.
const STACK: usize = 2 << 20;

/// What the policies said: numbers of policies.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub permits: BTreeSet<usize>,
    pub forbids: BTreeSet<usize>,
    pub errors: BTreeSet<(usize, &'static str)>,
}

/// Decides on a stack that is large enough.
pub(crate) fn check(policies: &CedarPolicies, facts: &Facts<'_>) -> Finding {
    stacker::maybe_grow(STACK_LEFT, STACK, || match request::ask(policies, facts) {
        Ok(asked) => finding(policies, &evaluate(policies.index.find(&policies.catalogue, &asked), &asked)),
        Err(why) => Finding::with(Verdict::Deny, ErrorCode::PolicyCedarError, &why),
    })
}

/// Evaluates sets of policies as if they were one.
pub(crate) fn evaluate<'a>(sets: impl Iterator<Item = &'a PolicySet>, asked: &Asked<'_>) -> Answer {
    let authorizer = Authorizer::new();
    let mut answer = Answer::default();
    for set in sets {
        let response = authorizer.is_authorized(&asked.request, set, &asked.around.entities);
        let decisive = response.diagnostics().reason().map(number);
        match response.decision() {
            Decision::Allow => answer.permits.extend(decisive),
            Decision::Deny => answer.forbids.extend(decisive),
        }
        for error in response.diagnostics().errors() {
            let AuthorizationError::PolicyEvaluationError(error) = error;
            answer.errors.insert((number(error.policy_id()), kind_of(error.inner())));
        }
    }
    answer
}

/// The number of a policy, which is its id.
fn number(id: &PolicyId) -> usize {
    AsRef::<str>::as_ref(id).parse().unwrap_or(usize::MAX)
}

/// What failed, without the values that Cedar's own messages hold.
fn kind_of(error: &EvaluationError) -> &'static str {
    match error {
        EvaluationError::IntegerOverflow(_) => "an integer overflows",
        EvaluationError::RecursionLimit(_) => "it is nested too deep",
        EvaluationError::TypeError(_) => "a value is of another type",
        EvaluationError::EntityDoesNotExist(_) => "an entity does not exist",
        EvaluationError::EntityAttrDoesNotExist(_) | EvaluationError::RecordAttrDoesNotExist(_) => {
            "an attribute does not exist"
        }
        _ => "an expression has no value",
    }
}

fn finding(policies: &CedarPolicies, answer: &Answer) -> Finding {
    let named = |code: ErrorCode, number: usize, what: &dyn Fn(&str) -> String| {
        let name = policies.rules.get(number).map_or("?", |rule| rule.name.as_str());
        Reason {
            code,
            stage: code.stage().into(),
            message: what(name).chars().take(MESSAGE_CHARS).collect(),
            rule: Some(name.to_owned()),
            event: code.event(),
        }
    };
    let failed = answer.errors.iter().map(|(number, what)| {
        named(ErrorCode::PolicyCedarError, *number, &|name| format!("Cedar policy {name:?} failed: {what}"))
    });
    let forbidden = answer.forbids.iter().map(|number| {
        named(ErrorCode::PolicyCedarDenied, *number, &|name| format!("Cedar policy {name:?} forbids this"))
    });
    let reasons: Vec<Reason> = failed.chain(forbidden).take(REASONS_MAX).collect();
    if !reasons.is_empty() {
        return Finding { verdict: Verdict::Deny, reasons, ..Finding::allow() };
    }
    if answer.permits.is_empty() {
        return Finding::with(Verdict::Deny, ErrorCode::PolicyCedarDenied, "no Cedar policy permits this");
    }
    Finding::allow()
}
