//! Stages that a host adds to the kernel's own (`docs/spec/pipeline.md`, section 2).

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{Rig, TOOLS, denied, json};
use talos_contracts::scalar::{B64, Hash};
use talos_contracts::{Effect, ErrorCode, Verdict};
use talos_kernel::{Action, Facts, Finding, Stage};

/// Denies what the policy has not found to be a read.
struct OnlyReads(u8);

impl Stage for OnlyReads {
    fn number(&self) -> u8 {
        7
    }

    fn check(&self, facts: &Facts<'_>) -> Finding {
        match facts.earlier.effect {
            Some(Effect::Read) => Finding::allow(),
            _ => Finding::with(Verdict::Deny, ErrorCode::PolicyCedarDenied, "it is no read"),
        }
    }

    fn hash(&self) -> Option<Hash> {
        Some(B64([self.0; 32]))
    }
}

/// Of no rules that anybody could change.
struct Mute(u8);

impl Stage for Mute {
    fn number(&self) -> u8 {
        self.0
    }

    fn check(&self, facts: &Facts<'_>) -> Finding {
        // Only a stage before the policy does not know the effect.
        let code = if facts.earlier.effect.is_none() { ErrorCode::StandingKilled } else { ErrorCode::PolicyCedarError };
        Finding::with(Verdict::Deny, code, "mute")
    }
}

#[test]
fn a_further_stage_denies_what_the_policy_allows_and_knows_what_the_policy_found() {
    let rig = Rig::with_stages(TOOLS, || vec![Box::new(OnlyReads(1))]);
    let (run, args) = (rig.run(), json("{}"));
    assert!(run.authorize(&Action::tool_call("a", "read_file", &args)).allowed());
    assert_eq!(denied(&run.authorize(&Action::tool_call("b", "write_file", &args))), [ErrorCode::PolicyCedarDenied]);
    assert_eq!(rig.of_call("b")[0].reasons.as_deref(), Some(&["policy.cedar_denied".to_owned()][..]));
}

#[test]
fn a_stage_after_the_fifth_is_not_asked_about_what_is_denied() {
    let rig = Rig::with_stages(TOOLS, || vec![Box::new(OnlyReads(1))]);
    let (run, args) = (rig.run(), json("{}"));
    assert_eq!(denied(&run.authorize(&Action::tool_call("a", "unknown", &args))), [ErrorCode::PolicyToolNotAllowed]);
}

#[test]
fn stages_are_asked_in_the_order_of_their_numbers() {
    let rig = Rig::with_stages(TOOLS, || vec![Box::new(Mute(7)), Box::new(Mute(3))]);
    let (run, args) = (rig.run(), json("{}"));
    assert_eq!(denied(&run.authorize(&Action::tool_call("a", "read_file", &args))), [ErrorCode::StandingKilled]);
}

#[test]
fn receipts_name_the_rules_of_every_stage() {
    let hash = |stages: fn() -> Vec<Box<dyn Stage>>| {
        let rig = Rig::with_stages(TOOLS, stages);
        let (run, args) = (rig.run(), json("{}"));
        run.authorize(&Action::tool_call("a", "read_file", &args)).ticket.unwrap().wait().unwrap();
        let receipt = rig.of_call("a")[0].policy.clone().unwrap().hash;
        assert_eq!(receipt, rig.kernel().policy_ref().hash);
        (receipt, rig.kernel().policy().hash())
    };
    let (plain, policy) = hash(Vec::new);
    assert_eq!(plain, policy);
    assert_eq!(hash(|| vec![Box::new(Mute(7))]).0, policy, "a stage without rules of its own");
    let one = hash(|| vec![Box::new(OnlyReads(1))]).0;
    assert_ne!(one, policy);
    assert_ne!(hash(|| vec![Box::new(OnlyReads(2))]).0, one);
}
