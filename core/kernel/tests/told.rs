//! What a receipt of a decision says of its rules and of its approval (`docs/spec/receipt.md`, section 1.2).

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{Rig, json};
use std::sync::atomic::Ordering;
use talos_approval::grant;
use talos_contracts::{ApprovalResponse, Budget, BudgetUnit, ErrorCode, Scope, ScopeLevel, Verdict};
use talos_crypto::SigningKey;
use talos_identity::Did;
use talos_kernel::{Action, Stage};

/// The rules that the only receipt of a call names.
fn rules(rig: &Rig, call: &str, tool: &str, args: &str) -> Vec<String> {
    let args = json(args);
    let run = rig.run();
    run.authorize(&Action::tool_call(call, tool, &args)).ticket.unwrap().wait().unwrap();
    rig.of_call(call).pop().unwrap().rules.unwrap_or_default()
}

#[test]
fn the_rules_behind_the_reasons_are_named_but_no_text_of_a_pattern() {
    let policy = "id: p
allowed_tools: [{name: look, effect: read}, {name: pin, args: [{arg: /n, kind: number}]}]
blocked_patterns:
  - {id: no-keys, kind: substring, pattern: BEGIN}
  - {kind: substring, pattern: hunter2}
  - {kind: substring, pattern: hunter3}
";
    let rig = Rig::with_policy(policy);
    assert_eq!(rules(&rig, "a", "look", "{}"), [""; 0]);
    assert_eq!(rules(&rig, "b", "other", "{}"), ["allowed_tools"]);
    let all = rules(&rig, "c", "look", r#"{"x":"hunter2 BEGIN hunter3"}"#);
    assert_eq!(all.len(), 2, "{all:?}");
    assert!(all.contains(&"no-keys".to_owned()) && all.contains(&"blocked_patterns".to_owned()), "{all:?}");
    assert_eq!(rules(&rig, "d", "pin", r#"{"n":"x"}"#), ["pin /n"]);
    rig.kernel()
        .set_budget(&Budget {
            scope: Scope { level: ScopeLevel::All, name: None },
            unit: BudgetUnit::Calls,
            currency: None,
            cap: 0,
            window: None,
            mode: None,
            default_cost: None,
        })
        .unwrap();
    assert_eq!(rules(&rig, "e", "look", "{}"), ["budget all, calls for good"]);
}

#[test]
fn a_decision_names_the_approval_that_it_waits_for_was_refused_and_uses() {
    let key = SigningKey::from_seed(&[11; 32]);
    let rig = Rig::with_policy(&format!(
        "id: p\nallowed_tools: [pay]\napprovers: [{{name: ada, key: '{}'}}]\napprovals: [{{id: money, tools: [pay]}}]\n",
        Did::of(&key.verifying_key())
    ));
    let (run, args) = (rig.run(), json("{}"));
    for (call, response, verdict) in
        [("a", ApprovalResponse::Grant, Verdict::Allow), ("b", ApprovalResponse::Deny, Verdict::Deny)]
    {
        let action = Action::tool_call(call, "pay", &args);
        let approval = &run.authorize(&action).approval.unwrap();
        let iat = rig.clock.wall.load(Ordering::SeqCst);
        let answer = grant::Answer { approval, name: "ada", response, iat, note: None };
        rig.kernel().respond(approval, &grant::sign(&answer, &key).unwrap().to_envelope()).unwrap();
        run.authorize(&action);
        let receipts = rig.of_call(call);
        assert_eq!(
            (receipts[0].approval, receipts[0].rules.clone()),
            (Some(*approval), Some(vec!["money".to_owned()]))
        );
        let last = receipts.last().unwrap();
        assert_eq!((last.verdict, last.approval), (Some(verdict), Some(*approval)));
        let answers = rig.log().answers(approval).unwrap();
        assert_eq!((answers.len(), answers[0].grant().name.as_str()), (1, "ada"));
    }
    assert_eq!(rig.log().answers(&talos_contracts::scalar::B64([0; 32])).unwrap(), []);
    rig.verify();
}

#[test]
fn further_stages_come_into_force_with_the_policy() {
    struct Closed;
    impl Stage for Closed {
        fn number(&self) -> u8 {
            7
        }
        fn check(&self, _: &talos_kernel::Facts<'_>) -> talos_kernel::Finding {
            talos_kernel::Finding::with(Verdict::Deny, ErrorCode::PolicyCedarDenied, "closed")
        }
    }
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    assert!(run.authorize(&Action::tool_call("a", "read_file", &args)).allowed());
    rig.kernel().reload_with(common::policy(common::TOOLS), vec![Box::new(Closed)]).unwrap();
    assert_eq!(run.authorize(&Action::tool_call("b", "read_file", &args)).code(), Some(ErrorCode::PolicyCedarDenied));
    rig.kernel().reload_with(common::policy(common::TOOLS), vec![]).unwrap();
    assert!(run.authorize(&Action::tool_call("c", "read_file", &args)).allowed());
}
