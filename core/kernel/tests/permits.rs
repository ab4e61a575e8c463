//! One (run, call), one permit: its states, and what it is bound to (`docs/spec/pipeline.md`, section 4).

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{Mode, OTHER_RUN, RUN, Rig, TOOLS, code, denied, execute, json, settle, start};
use std::sync::Barrier;
use std::sync::mpsc;
use std::time::Duration;
use talos_contracts::scalar::B64;
use talos_contracts::{ActionKind, Amount, Effect, Error, ErrorCode, OutcomeStatus, PermitState, ReceiptKind, Verdict};
use talos_kernel::{Action, Counters, PERMIT_MS, Settlement};

const OK: Settlement<'static> = Settlement {
    status: OutcomeStatus::Ok,
    result: None,
    tokens: None,
    amount: None,
    confidence_bp: None,
    session: None,
};

#[test]
fn a_call_that_is_allowed_started_and_settled_leaves_its_receipts() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json(r#"{"path":"/a"}"#));
    execute(&run, &Action::tool_call("c1", "write_file", &args));
    assert_eq!(run.permit("c1"), Some(PermitState::Settled));
    run.close().unwrap();
    assert_eq!(rig.kinds(), [ReceiptKind::Open, ReceiptKind::Decision, ReceiptKind::Outcome, ReceiptKind::Close]);
}

#[test]
fn a_permit_starts_once() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    for target in ["read_file", "write_file", "wipe"] {
        let action = Action::tool_call(target, target, &args);
        start(&run, &action);
        assert_eq!(code(run.start(target, &action)), ErrorCode::CallState);
        settle(&run, target);
        assert_eq!(code(run.start(target, &action)), ErrorCode::CallState);
    }
}

#[test]
fn of_many_starts_at_once_one_wins() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    for round in 0..20 {
        let call = format!("c{round}");
        let action = Action::tool_call(&call, "write_file", &args);
        assert!(run.authorize(&action).allowed());
        let barrier = Barrier::new(4);
        let started: usize = std::thread::scope(|scope| {
            let race = || {
                barrier.wait();
                usize::from(run.start(&call, &action).is_ok())
            };
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(race)).collect();
            threads.into_iter().map(|t| t.join().unwrap()).sum()
        });
        assert_eq!(started, 1);
    }
}

#[test]
fn a_permit_starts_with_the_arguments_it_was_decided_on() {
    let rig = Rig::new();
    let (run, args, others) = (rig.run(), json(r#"{"path":"/a","n":1}"#), json(r#"{"path":"/b","n":1}"#));
    let action = Action::tool_call("c1", "write_file", &args);
    assert!(run.authorize(&action).allowed());
    assert_eq!(code(run.start("c1", &Action { args: &others, ..action })), ErrorCode::CallArgsMismatch);
    assert_eq!(run.permit("c1"), Some(PermitState::Issued));
    let reordered = json(r#"{"n":1,"path":"/a"}"#);
    run.start("c1", &Action { args: &reordered, ..action }).unwrap();
}

#[test]
fn a_permit_starts_for_the_target_the_kind_and_the_tool_it_was_decided_on() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    let action = Action { tool_hash: Some(B64([1; 32])), ..Action::tool_call("c1", "write_file", &args) };
    assert!(run.authorize(&action).allowed());
    let others = [
        Action { target: "pay", ..action },
        Action { kind: ActionKind::ResourceRead, ..action },
        Action { tool_hash: Some(B64([2; 32])), ..action },
        Action { tool_hash: None, ..action },
    ];
    for other in &others {
        assert_eq!(code(run.start("c1", other)), ErrorCode::CallArgsMismatch, "{other:?}");
    }
    run.start("c1", &action).unwrap();
}

#[test]
fn a_call_settles_once() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    execute(&run, &Action::tool_call("c1", "write_file", &args));
    let counters = run.counters();
    assert_eq!(code(run.settle("c1", &OK)), ErrorCode::CallState);
    assert_eq!(run.counters(), counters);
    assert_eq!(rig.of_call("c1").len(), 2);
}

#[test]
fn a_call_settles_only_after_its_start() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    assert_eq!(code(run.settle("c1", &OK)), ErrorCode::CallUnknown);
    assert!(run.authorize(&Action::tool_call("c1", "write_file", &args)).allowed());
    assert_eq!(code(run.settle("c1", &OK)), ErrorCode::CallState);
    assert_eq!(rig.of_call("c1").len(), 1);
}

#[test]
fn a_settlement_after_expiry_is_late_and_corrects_the_counters_once() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    start(&run, &Action { tokens: Some(100), ..Action::tool_call("c1", "write_file", &args) });
    rig.clock.advance(PERMIT_MS);
    run.settle("c1", &Settlement { tokens: Some(30), ..OK }).unwrap().wait().unwrap();
    let used = Counters { admitted: 1, in_flight: 0, tokens: 30, spent_micro: 0 };
    assert_eq!(run.counters(), used);
    assert_eq!(rig.of_call("c1")[1].late, Some(true));
    assert_eq!(code(run.settle("c1", &Settlement { tokens: Some(1), ..OK })), ErrorCode::CallState);
    assert_eq!(run.counters(), used);
}

#[test]
fn a_settlement_in_time_is_not_late() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    start(&run, &Action::tool_call("c1", "write_file", &args));
    rig.clock.advance(PERMIT_MS - 1);
    settle(&run, "c1");
    assert_eq!(rig.of_call("c1")[1].late, None);
}

#[test]
fn the_same_call_again_gives_its_state_and_neither_receipt_nor_count() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    let action = Action { tokens: Some(5), ..Action::tool_call("c1", "write_file", &args) };
    let first = run.authorize(&action);
    let counters = run.counters();
    let again = |state: PermitState| {
        let decision = run.authorize(&action);
        assert_eq!((decision.id, decision.verdict, decision.permit), (first.id.clone(), Verdict::Allow, Some(state)));
    };
    again(PermitState::Issued);
    assert_eq!(run.counters(), counters);
    run.start("c1", &action).unwrap();
    again(PermitState::Started);
    settle(&run, "c1");
    let settled = run.counters();
    again(PermitState::Settled);
    assert_eq!(run.counters(), settled);
    assert_eq!(code(run.start("c1", &action)), ErrorCode::CallState);
    assert_eq!(rig.of_call("c1").len(), 2);
}

#[test]
fn a_denied_call_again_is_denied_without_a_second_receipt() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    let action = Action::tool_call("c1", "unheard_of", &args);
    for _ in 0..2 {
        assert_eq!(denied(&run.authorize(&action)), [ErrorCode::PolicyToolNotAllowed]);
        assert_eq!(code(run.start("c1", &action)), ErrorCode::CallState);
    }
    assert_eq!(rig.of_call("c1").len(), 1);
    assert_eq!(run.counters(), Counters::default());
}

#[test]
fn a_call_id_with_another_action_is_a_conflict_and_leaves_the_first_alone() {
    let rig = Rig::new();
    let (run, args, others) = (rig.run(), json("{}"), json(r#"{"x":1}"#));
    let action = Action::tool_call("c1", "write_file", &args);
    assert!(run.authorize(&action).allowed());
    for other in [Action { args: &others, ..action }, Action { target: "read_file", ..action }] {
        assert_eq!(denied(&run.authorize(&other)), [ErrorCode::CallConflict]);
        assert_eq!(code(run.start("c1", &other)), ErrorCode::CallArgsMismatch);
    }
    assert_eq!(run.counters().in_flight, 1);
    run.start("c1", &action).unwrap();
    settle(&run, "c1");
    let verdicts: Vec<_> = rig.of_call("c1").iter().map(|r| r.verdict).collect();
    assert_eq!(verdicts, [Some(Verdict::Allow), Some(Verdict::Deny), Some(Verdict::Deny), None]);
}

#[test]
fn the_same_call_id_in_another_run_is_another_call() {
    let rig = Rig::new();
    let (run, other, args) = (rig.open(RUN), rig.open(OTHER_RUN), json("{}"));
    execute(&run, &Action::tool_call("c1", "write_file", &args));
    execute(&other, &Action::tool_call("c1", "read_file", &args));
}

#[test]
fn a_permit_is_released_from_issued_only_and_gives_back_what_was_reserved() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    let amount = talos_contracts::Amount { micro: 7, currency: "EUR".into() };
    let action = Action { tokens: Some(9), amount: Some(&amount), ..Action::tool_call("c1", "pay", &args) };
    assert_eq!(code(run.release("c1")), ErrorCode::CallUnknown);
    assert!(run.authorize(&action).allowed());
    assert_eq!(run.counters(), Counters { admitted: 0, in_flight: 1, tokens: 9, spent_micro: 7 });
    run.release("c1").unwrap().wait().unwrap();
    assert_eq!(run.counters(), Counters::default());
    assert_eq!(code(run.release("c1")), ErrorCode::CallState);
    assert_eq!(code(run.start("c1", &action)), ErrorCode::CallState);
    assert_eq!(run.counters(), Counters::default());

    let started = Action::tool_call("c2", "write_file", &args);
    start(&run, &started);
    assert_eq!(code(run.release("c2")), ErrorCode::CallState);
    settle(&run, "c2");
    assert_eq!(code(run.release("c2")), ErrorCode::CallState);
}

#[test]
fn an_expired_permit_does_not_start_and_counts_as_admitted() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    let (early, late) = (Action::tool_call("c1", "write_file", &args), Action::tool_call("c2", "write_file", &args));
    assert!(run.authorize(&early).allowed());
    assert!(run.authorize(&late).allowed());
    rig.clock.advance(PERMIT_MS - 1);
    run.start("c1", &early).unwrap();
    rig.clock.advance(1);
    assert_eq!(code(run.start("c2", &late)), ErrorCode::CallExpired);
    assert_eq!(run.permit("c2"), Some(PermitState::Expired));
    assert_eq!(run.counters(), Counters { admitted: 1, in_flight: 1, ..Counters::default() });
    assert_eq!(code(run.start("c2", &late)), ErrorCode::CallState);
    run.close().unwrap();
    assert_eq!(rig.of_call("c2")[1].kind, ReceiptKind::Release);
}

#[test]
fn an_expired_permit_is_not_released_with_credit() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    assert!(run.authorize(&Action { tokens: Some(5), ..Action::tool_call("c1", "write_file", &args) }).allowed());
    rig.clock.advance(PERMIT_MS);
    assert_eq!(code(run.release("c1")), ErrorCode::CallExpired);
    assert_eq!(run.counters(), Counters { admitted: 1, tokens: 5, ..Counters::default() });
}

#[test]
fn what_needs_approval_gets_no_permit_to_start() {
    let rig = Rig::with_policy("");
    let (run, args) = (rig.run(), json("{}"));
    let action = Action::tool_call("c1", "anything", &args);
    for _ in 0..2 {
        let decision = run.authorize(&action);
        assert_eq!(decision.verdict, Verdict::NeedsApproval);
        assert_eq!(decision.code(), Some(ErrorCode::ApprovalRequired));
        assert_eq!(decision.permit, Some(PermitState::Pending));
        assert!(!decision.allowed());
        assert_eq!(code(run.start("c1", &action)), ErrorCode::CallState);
    }
    assert_eq!(run.counters(), Counters::default());
    assert_eq!(rig.of_call("c1").len(), 1);
}

#[test]
fn a_write_does_not_start_before_its_receipt_is_on_disk() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    let write = Action::tool_call("c1", "write_file", &args);
    let read = Action::tool_call("c2", "read_file", &args);
    rig.switch.set(Mode::Blocks);
    let decision = run.decide(&write);
    assert!(decision.allowed());
    assert_eq!(code(run.start("c1", &write)), ErrorCode::CallState);
    assert!(run.authorize(&read).allowed(), "a read does not wait for the disk");
    run.start("c2", &read).unwrap();
    rig.switch.set(Mode::Works);
    decision.ticket.unwrap().wait().unwrap();
    run.start("c1", &write).unwrap();
}

#[test]
fn an_irreversible_call_starts_after_its_start_receipt_is_on_disk() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    let action = Action::tool_call("c1", "wipe", &args);
    assert_eq!(run.authorize(&action).effect, Effect::Irreversible);
    rig.switch.set(Mode::Blocks);
    std::thread::scope(|scope| {
        let (done, started) = mpsc::channel();
        let (run, action) = (&run, &action);
        scope.spawn(move || done.send(run.start("c1", action)));
        assert!(started.recv_timeout(Duration::from_millis(50)).is_err(), "started before the receipt was on disk");
        rig.switch.set(Mode::Works);
        started.recv().unwrap().unwrap();
    });
    assert_eq!(rig.of_call("c1")[1].kind, ReceiptKind::Start);
    settle(&run, "c1");
}

#[test]
fn an_irreversible_call_does_not_start_if_its_start_receipt_cannot_be_written() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    let action = Action::tool_call("c1", "wipe", &args);
    assert!(run.authorize(&action).allowed());
    rig.switch.set(Mode::Fails(ErrorCode::StoreFull));
    assert_eq!(code(run.start("c1", &action)), ErrorCode::StoreFull);
    rig.switch.set(Mode::Works);
    assert_eq!(code(run.start("c1", &action)), ErrorCode::CallState);
}

#[test]
fn a_call_of_an_earlier_boot_is_never_started_again() {
    let mut rig = Rig::new();
    let (args, others) = (json("{}"), json(r#"{"x":1}"#));
    let action = Action::tool_call("c1", "write_file", &args);
    let run = rig.run();
    start(&run, &action);
    drop(run);
    rig.reopen();
    let run = rig.run();
    assert_eq!(run.counters().admitted, 1, "charged in full");
    assert_eq!(denied_again(&run.authorize(&action)), ErrorCode::CallState);
    assert_eq!(denied(&run.authorize(&Action { args: &others, ..action })), [ErrorCode::CallConflict]);
    assert_eq!(code(run.start("c1", &action)), ErrorCode::CallState);
    assert_eq!(code(run.settle("c1", &OK)), ErrorCode::CallState);
    assert_eq!(code(run.release("c1")), ErrorCode::CallState);
}

fn denied_again(decision: &talos_kernel::Decision) -> ErrorCode {
    assert_eq!((decision.verdict, decision.permit), (Verdict::Deny, Some(PermitState::Expired)));
    decision.code().unwrap()
}

#[test]
fn calls_and_targets_out_of_bounds_are_denied_with_a_receipt_that_fits() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    let (long_call, long_target) = ("c".repeat(129), "t".repeat(513));
    let cases = [
        ("", "read_file", ErrorCode::MalformedValue),
        (long_call.as_str(), "read_file", ErrorCode::MalformedValue),
        ("a\0b", "read_file", ErrorCode::MalformedNul),
        ("c1", "", ErrorCode::MalformedValue),
        ("c2", long_target.as_str(), ErrorCode::MalformedValue),
        ("c3", "read\0file", ErrorCode::MalformedNul),
    ];
    for (call, target, expected) in cases {
        let decision = run.authorize(&Action::tool_call(call, target, &args));
        assert!(denied(&decision).contains(&expected), "{call:?} {target:?}");
        decision.ticket.unwrap().wait().unwrap();
    }
    assert_eq!(run.counters(), Counters::default());
}

#[test]
fn a_permit_is_for_the_amount_and_the_principal_that_were_decided_on() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    let (small, large) =
        (Amount { micro: 1, currency: "EUR".into() }, Amount { micro: 1_000_000, currency: "EUR".into() });
    let pay = |amount, principal| Action {
        amount: Some(amount),
        principal: Some(principal),
        ..Action::tool_call("c1", "write_file", &args)
    };
    assert!(run.authorize(&pay(&small, "ada")).allowed());
    assert_eq!(denied(&run.authorize(&pay(&large, "ada"))), [ErrorCode::CallConflict]);
    assert_eq!(denied(&run.authorize(&pay(&small, "eve"))), [ErrorCode::CallConflict]);
    assert_eq!(code(run.start("c1", &pay(&large, "ada"))), ErrorCode::CallArgsMismatch);
    assert_eq!(code(run.start("c1", &pay(&small, "eve"))), ErrorCode::CallArgsMismatch);
    run.start("c1", &pay(&small, "ada")).unwrap();
}

#[test]
fn what_is_no_action_is_refused_with_a_receipt() {
    let rig = Rig::new();
    let run = rig.run();
    let error = Error::new(ErrorCode::MalformedDuplicateName, "twice");
    let decision = run.refuse("m1", "tools/call", &error);
    assert_eq!(denied(&decision), [ErrorCode::MalformedDuplicateName]);
    decision.ticket.unwrap().wait().unwrap();
    let receipt = &rig.of_call("m1")[0];
    assert_eq!((receipt.kind, receipt.verdict), (ReceiptKind::Decision, Some(Verdict::Deny)));
    assert_eq!(receipt.reasons.as_deref(), Some(&["malformed.duplicate_name".to_owned()][..]));
    assert_eq!(run.permit("m1"), None);
    assert_eq!(run.counters(), Counters::default());
}

#[test]
fn a_call_of_an_id_that_the_run_made_is_forgotten_at_its_end_and_never_comes_back() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    let settled = run.new_call().unwrap();
    let ask = Action::tool_call(&settled, "write_file", &args);
    execute(&run, &ask);
    assert_eq!(run.permit(&settled), None);
    assert_eq!(code(run.start(&settled, &ask)), ErrorCode::CallState);
    assert_eq!(code(run.settle(&settled, &OK)), ErrorCode::CallState);
    assert_eq!(code(run.release(&settled)), ErrorCode::CallState);
    assert_eq!(denied(&run.authorize(&ask)), [ErrorCode::CallState]);

    let refused = run.new_call().unwrap();
    assert_eq!(
        denied(&run.authorize(&Action::tool_call(&refused, "unlisted", &args))),
        [ErrorCode::PolicyToolNotAllowed]
    );
    assert_eq!(denied(&run.authorize(&Action::tool_call(&refused, "write_file", &args))), [ErrorCode::CallState]);
    assert_eq!(run.counters(), Counters { admitted: 1, ..Counters::default() });
}

#[test]
fn no_other_opening_of_the_run_makes_the_same_ids() {
    let mut rig = Rig::new();
    let run = rig.run();
    let first = run.new_call().unwrap();
    run.close().unwrap();
    drop(run);
    rig.reopen();
    let run = rig.run();
    assert_ne!(run.new_call().unwrap(), first);
    assert_ne!(run.new_call().unwrap(), run.new_call().unwrap());
}

#[test]
fn a_call_id_that_is_taken_is_refused_by_a_policy_in_mode_observe_too() {
    let mut rig = Rig::with_policy(&TOOLS.replace("id: test", "id: test\nmode: observe"));
    let (run, args, other) = (rig.run(), json("{}"), json("[]"));
    start(&run, &Action::tool_call("c1", "write_file", &args));
    let conflict = run.authorize(&Action::tool_call("c1", "write_file", &other));
    assert_eq!((denied(&conflict), conflict.observed), (vec![ErrorCode::CallConflict], None));
    settle(&run, "c1");
    let made = run.new_call().unwrap();
    execute(&run, &Action::tool_call(&made, "write_file", &args));
    assert_eq!(denied(&run.authorize(&Action::tool_call(&made, "write_file", &args))), [ErrorCode::CallState]);
    assert_eq!(run.counters().in_flight, 0);
    drop(run);
    rig.reopen();
    rig.run();
    assert!(!rig.kinds().contains(&ReceiptKind::Gap), "nothing was left open");
}
