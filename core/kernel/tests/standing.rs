//! The kill switch, suspensions, and their receipts (`docs/spec/pipeline.md`, section 7).

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::*;
use talos_contracts::ScopeLevel::{self, All};
use talos_contracts::json::Value;
use talos_contracts::{ErrorCode, PermitState, ReceiptKind, Scope};
use talos_kernel::ports::{Hold, Store, Turn};
use talos_kernel::{Action, Belongs, Kernel};

fn a_turn(level: ScopeLevel, name: Option<&str>, held: bool) -> Turn {
    let scope = Scope { level, name: name.map(str::to_owned) };
    Turn { held, hold: Hold { scope, why: Some("as the test wants it".to_owned()) } }
}

fn turn(kernel: &Kernel, level: ScopeLevel, name: Option<&str>, held: bool) {
    kernel.turn(a_turn(level, name, held)).unwrap().receipt.unwrap();
}

#[test]
fn the_kill_switch_between_decide_and_start_stops_the_start() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    for target in ["read_file", "write_file"] {
        let action = Action::tool_call(target, target, &args);
        assert!(run.authorize(&action).allowed());
        turn(rig.kernel(), All, None, true);
        assert_eq!(code(run.start(target, &action)), ErrorCode::StandingKilled);
        assert_eq!(run.permit(target), Some(PermitState::Issued));
        turn(rig.kernel(), All, None, false);
        run.start(target, &action).unwrap();
    }
}

#[test]
fn the_kill_switch_denies_new_calls_and_lets_started_ones_settle() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    start(&run, &Action::tool_call("c1", "write_file", &args));
    turn(&rig.another_kernel(), All, None, true);
    assert_eq!(denied(&run.authorize(&Action::tool_call("c2", "read_file", &args))), [ErrorCode::StandingKilled]);
    settle(&run, "c1");
    run.close().unwrap();
}

#[test]
fn the_kill_switch_outlives_the_process() {
    let mut rig = Rig::new();
    turn(rig.kernel(), All, None, true);
    rig.reopen();
    let (run, args) = (rig.run(), json("{}"));
    assert_eq!(denied(&run.authorize(&Action::tool_call("c1", "read_file", &args))), [ErrorCode::StandingKilled]);
}

fn action<'a>(call: &'a str, args: &'a Value) -> Action<'a> {
    let action = Action::tool_call(call, "read_file", args);
    Action { principal: Some("ada"), model: Some("gpt"), key_id: Some("k1"), ..action }
}

#[test]
fn a_suspension_holds_its_scope_and_nothing_else() {
    let rig = Rig::new();
    let of = Belongs {
        organisation: Some("acme".to_owned()),
        team: Some("payments".to_owned()),
        agent: Some("buyer".to_owned()),
    };
    let run = rig.kernel().open_run_of(RUN, &actor(), of).unwrap();
    let args = json("{}");
    let of_this_action = [
        (ScopeLevel::Organisation, "acme"),
        (ScopeLevel::Team, "payments"),
        (ScopeLevel::Agent, "buyer"),
        (ScopeLevel::Agent, actor().as_str()),
        (ScopeLevel::Principal, "ada"),
        (ScopeLevel::Run, RUN),
        (ScopeLevel::Tool, "read_file"),
        (ScopeLevel::Model, "gpt"),
        (ScopeLevel::Key, "k1"),
    ]
    .map(|(level, name)| (level, name.to_owned()));
    for (n, (level, name)) in of_this_action.iter().enumerate() {
        let id = |step: &str| format!("{step} {n}");
        turn(rig.kernel(), *level, Some(&format!("{name}x")), true);
        let allowed = id("before");
        assert!(run.authorize(&action(&allowed, &args)).allowed(), "{level:?}");
        turn(rig.kernel(), *level, Some(name), true);
        let held = id("held");
        assert_eq!(denied(&run.authorize(&action(&held, &args))), [ErrorCode::StandingSuspended], "{level:?}");
        assert_eq!(code(run.start(&allowed, &action(&allowed, &args))), ErrorCode::StandingSuspended, "{level:?}");
        turn(rig.kernel(), *level, Some(name), false);
        run.start(&allowed, &action(&allowed, &args)).unwrap();
        settle(&run, &allowed);
    }
}

#[test]
fn a_suspended_name_is_the_same_in_other_code_points() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    turn(rig.kernel(), ScopeLevel::Tool, Some("caf\u{e9}"), true);
    let decision = run.authorize(&Action::tool_call("c1", "cafe\u{301}", &args));
    assert!(denied(&decision).contains(&ErrorCode::StandingSuspended));
}

#[test]
fn what_states_no_name_is_in_no_named_scope() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    for level in [ScopeLevel::Organisation, ScopeLevel::Team, ScopeLevel::Agent, ScopeLevel::Principal] {
        turn(rig.kernel(), level, Some("anybody"), true);
    }
    assert!(run.authorize(&Action::tool_call("c1", "read_file", &args)).allowed());
}

#[test]
fn a_turn_is_receipted_in_a_chain_of_its_own() {
    let rig = Rig::new();
    turn(rig.kernel(), ScopeLevel::Team, Some("payments"), true);
    let receipts = rig.receipts();
    assert_eq!(rig.kinds(), [ReceiptKind::Open, ReceiptKind::Standing, ReceiptKind::Close]);
    let standing = receipts[1].standing.clone().unwrap();
    assert_eq!(standing.scope, Scope { level: ScopeLevel::Team, name: Some("payments".to_owned()) });
    assert_eq!((standing.held, standing.why.as_deref()), (true, Some("as the test wants it")));
}

#[test]
fn a_turn_names_the_calls_that_a_dead_process_left_open() {
    let mut rig = Rig::new();
    let args = json("{}");
    start(&rig.run(), &Action::tool_call("c1", "write_file", &args));
    rig.reopen();
    turn(rig.kernel(), All, None, true);
    assert_eq!(rig.kinds()[2..], [ReceiptKind::Open, ReceiptKind::Gap, ReceiptKind::Standing, ReceiptKind::Close]);
    assert_eq!(rig.verify().summary.open, []);
}

#[test]
fn a_hold_begins_without_a_receipt_where_none_can_be_written_and_none_ends() {
    let rig = Rig::new();
    rig.switch.set(Mode::Fails(ErrorCode::StoreFull));
    let turned = rig.kernel().turn(a_turn(All, None, true)).unwrap();
    assert_eq!(code(turned.receipt), ErrorCode::StoreFull);
    assert_eq!(rig.kernel().standing().unwrap().holds.len(), 1);
    assert_eq!(code(rig.kernel().turn(a_turn(All, None, false))), ErrorCode::StoreFull);
    assert_eq!(rig.kernel().standing().unwrap().holds.len(), 1);
    rig.switch.set(Mode::Works);
    turn(rig.kernel(), All, None, false);
    let (run, args) = (rig.run(), json("{}"));
    assert!(run.authorize(&Action::tool_call("c1", "read_file", &args)).allowed());
}

#[test]
fn a_scope_without_its_name_is_refused() {
    let rig = Rig::new();
    for (level, name) in
        [(All, Some("x")), (ScopeLevel::Team, None), (ScopeLevel::Team, Some("")), (ScopeLevel::Team, Some("a\nb"))]
    {
        assert_eq!(code(rig.kernel().turn(a_turn(level, name, true))), ErrorCode::MalformedValue);
    }
    let long = Turn { hold: Hold { why: Some("x".repeat(257)), ..a_turn(All, None, true).hold }, held: true };
    assert_eq!(code(rig.kernel().turn(long)), ErrorCode::MalformedValue);
}

#[test]
fn what_is_not_held_is_not_lifted_and_no_receipt_says_so() {
    let rig = Rig::new();
    turn(rig.kernel(), ScopeLevel::Team, Some("payments"), true);
    let before = rig.receipts().len();
    for (level, name) in [(All, None), (ScopeLevel::Team, Some("payment")), (ScopeLevel::Tool, Some("payments"))] {
        assert_eq!(code(rig.kernel().turn(a_turn(level, name, false))), ErrorCode::StandingNotHeld);
    }
    assert_eq!(rig.receipts().len(), before);
    turn(rig.kernel(), ScopeLevel::Team, Some("payments"), false);
    assert_eq!(code(rig.kernel().turn(a_turn(ScopeLevel::Team, Some("payments"), false))), ErrorCode::StandingNotHeld);
}

#[test]
fn a_name_is_the_same_however_it_is_composed() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    let (composed, apart) = ("jos\u{e9}", "jose\u{301}");
    for (n, (on, off)) in [(composed, apart), (apart, composed)].into_iter().enumerate() {
        turn(rig.kernel(), ScopeLevel::Principal, Some(on), true);
        let standing = rig.receipts().into_iter().rev().find_map(|receipt| receipt.standing).unwrap();
        assert_eq!(standing.scope.name.as_deref(), Some(composed));
        turn(rig.kernel(), ScopeLevel::Principal, Some(off), false);
        assert_eq!(rig.kernel().standing().unwrap().holds, []);
        let call = format!("c{n}");
        let action = Action { principal: Some(apart), ..Action::tool_call(&call, "read_file", &args) };
        assert!(run.authorize(&action).allowed());
    }
    // As an older program kept it.
    rig.store().turn(&a_turn(ScopeLevel::Principal, Some(apart), true)).unwrap();
    turn(rig.kernel(), ScopeLevel::Principal, Some(composed), false);
    assert_eq!(rig.kernel().standing().unwrap().holds, []);
}
