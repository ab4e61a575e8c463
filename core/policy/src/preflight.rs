//! What the host has to state before somebody's money or data are touched (`docs/spec/policy.md`, section 11).

use crate::decide::Rules;
use crate::facts::{PolicyFacts, reason};
use talos_contracts::{DecisionReason, Effect, ErrorCode, Policy};

/// A fact that the host states, and the code of its absence.
struct Fact {
    key: &'static str,
    stated: Option<bool>,
    code: ErrorCode,
    /// What is missing, for the message.
    what: &'static str,
}

/// Checks consent and identity: of the policy for what spends or cannot be undone, of a rule for all calls of its tool.
/// What is not stated is missing.
pub(crate) fn check(
    policy: &Policy,
    rules: &Rules<'_>,
    effect: Effect,
    facts: &PolicyFacts<'_>,
    reasons: &mut Vec<DecisionReason>,
) {
    let is_heavy = effect >= Effect::Spend;
    let consent = Fact {
        key: "consent_required",
        stated: facts.consent,
        code: ErrorCode::PreflightConsentMissing,
        what: "the consent of the principal",
    };
    let kyc = Fact {
        key: "kyc_required",
        stated: facts.kyc,
        code: ErrorCode::PreflightKycMissing,
        what: "a principal whose identity was checked",
    };
    if is_heavy && policy.consent_required == Some(true) {
        consent.check(consent.key, reasons);
    }
    if is_heavy && policy.kyc_required == Some(true) {
        kyc.check(kyc.key, reasons);
    }
    for rule in rules.iter() {
        if rule.consent_required {
            consent.check(&rule.name, reasons);
        }
        if rule.kyc_required {
            kyc.check(&rule.name, reasons);
        }
    }
}

impl Fact {
    fn check(&self, rule: &str, reasons: &mut Vec<DecisionReason>) {
        let what = self.what;
        let message = match self.stated {
            Some(true) => return,
            Some(false) => format!("{what} is required, and the host states that it is not there"),
            None => format!("{what} is required, and the host does not state it"),
        };
        reasons.push(reason(self.code, rule, message));
    }
}
