//! Approvals: what people have granted runs once, and nothing else does (`docs/spec/approval.md`).

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::*;
use talos_approval::grant;
use talos_approval::state::State;
use talos_contracts::json::Value;
use talos_contracts::scalar::{B64, Hash};
use talos_contracts::{
    ActionKind, ApprovalResponse, ApprovalStale, Budget, BudgetUnit, Durability, Effect, Envelope, ErrorCode,
    PermitState, ReceiptKind, Scope, ScopeLevel, Verdict,
};
use talos_crypto::SigningKey;
use talos_identity::Did;
use talos_kernel::ports::{Answer, Approval, Hold, Store, Turn};
use talos_kernel::{Action, Config, Decision, PERMIT_MS, REQUESTS_MAX, Run};

fn person(n: u8) -> SigningKey {
    SigningKey::from_seed(&[n; 32])
}

fn did(key: &SigningKey) -> String {
    Did::of(&key.verifying_key()).to_string()
}

const ADA: u8 = 11;
const BOB: u8 = 12;

/// Ada and Bob have keys, Cy gets codes; a payment needs one of them, and a wipe two.
fn rules() -> String {
    format!(
        "id: test
allowed_tools:
  - {{name: read_file, effect: read}}
  - {{name: pay, effect: spend}}
  - {{name: wipe, effect: irreversible}}
approvers:
  - {{name: ada, key: '{}'}}
  - {{name: bob, key: '{}'}}
  - {{name: cy}}
approvals:
  - {{id: money, tools: [pay], approvers: [ada, bob], expires_seconds: 600}}
  - {{id: ruin, tools: [wipe], quorum: 2}}
",
        did(&person(ADA)),
        did(&person(BOB))
    )
}

fn answer(rig: &Rig, id: &Hash, name: &str, response: ApprovalResponse, key: &SigningKey) -> Envelope {
    let iat = rig.clock.wall.load(std::sync::atomic::Ordering::SeqCst);
    grant::sign(&grant::Answer { approval: id, name, response, iat, note: None }, key).unwrap().to_envelope()
}

fn grants(rig: &Rig, id: &Hash, name: &str, key: u8) {
    rig.kernel().respond(id, &answer(rig, id, name, ApprovalResponse::Grant, &person(key))).unwrap();
}

/// Asks, and gives the id of the request.
fn ask(run: &Run, action: &Action<'_>) -> Hash {
    let decision = run.authorize(action);
    assert_eq!(decision.verdict, Verdict::NeedsApproval, "{:?}", decision.reasons);
    assert_eq!((decision.code(), decision.permit), (Some(ErrorCode::ApprovalRequired), Some(PermitState::Pending)));
    assert!(run.start(action.call, action).is_err());
    decision.approval.unwrap()
}

fn asked_again(run: &Run, action: &Action<'_>) -> Decision {
    let decision = run.authorize(action);
    assert!(!decision.allowed(), "{:?}", decision.verdict);
    assert!(run.start(action.call, action).is_err());
    decision
}

#[test]
fn what_people_have_granted_runs_once() {
    let rig = Rig::with_policy(&rules());
    let (run, args) = (rig.run(), json(r#"{"to":"shop"}"#));
    let action = Action::tool_call("c1", "pay", &args);
    let id = ask(&run, &action);
    assert_eq!(ask(&run, &action), id, "the same call asks once");
    assert_eq!(rig.of_call("c1").len(), 1);
    assert_eq!(run.counters(), talos_kernel::Counters::default());

    grants(&rig, &id, "ada", ADA);
    let decision = start(&run, &action);
    assert_eq!(decision.approval, Some(id));
    settle(&run, "c1");
    let decisions = rig.of_call("c1");
    assert_eq!(decisions[0].verdict, Some(Verdict::NeedsApproval));
    assert_eq!((decisions[1].verdict, decisions[1].approval), (Some(Verdict::Allow), Some(id)));
    assert_eq!(decisions[1].reasons, Some(vec![]));
    assert!(rig.kernel().approval(&id).unwrap().redeemed);

    assert_eq!(code(run.start("c1", &action)), ErrorCode::CallState, "replayed as the same call");
    let again = ask(&run, &Action::tool_call("c2", "pay", &args));
    assert_ne!(again, id, "replayed as another call");
    assert_eq!(
        code(rig.kernel().respond(&id, &answer(&rig, &id, "bob", ApprovalResponse::Grant, &person(BOB)))),
        ErrorCode::ApprovalRedeemed
    );
}

#[test]
fn a_resumed_call_of_another_id_finds_the_grant() {
    let rig = Rig::with_policy(&rules());
    let (run, args) = (rig.run(), json("{}"));
    let id = ask(&run, &Action::tool_call("c1", "pay", &args));
    grants(&rig, &id, "ada", ADA);
    assert_eq!(start(&run, &Action::tool_call("resumed", "pay", &args)).approval, Some(id));
    let first = asked_again(&run, &Action::tool_call("c1", "pay", &args));
    assert_ne!(first.approval, Some(id), "one grant is for one call");
}

#[test]
fn a_grant_is_for_what_was_asked_and_for_nothing_else() {
    let rig = Rig::with_policy(&rules());
    let (run, args) = (rig.run(), json(r#"{"to":"shop"}"#));
    let asked = Action { principal: Some("ada"), model: Some("cheap"), ..Action::tool_call("c1", "pay", &args) };
    let id = ask(&run, &asked);
    grants(&rig, &id, "ada", ADA);
    let other_args = json(r#"{"to":"shop2"}"#);
    let amount = talos_contracts::Amount { micro: 1, currency: "EUR".to_owned() };
    let others = [
        Action { call: "args", args: &other_args, ..asked },
        Action { call: "principal", principal: Some("eve"), ..asked },
        Action { call: "nobody", principal: None, ..asked },
        Action { call: "hash", tool_hash: Some(B64([7; 32])), ..asked },
        Action { call: "amount", amount: Some(&amount), ..asked },
        Action { call: "tokens", tokens: Some(1), ..asked },
        Action { call: "model", model: Some("dear"), ..asked },
        Action { call: "no model", model: None, ..asked },
        Action { call: "key", key_id: Some("k2"), ..asked },
        Action { call: "consent", consent: Some(true), ..asked },
        Action { call: "kyc", kyc: Some(false), ..asked },
    ];
    for other in &others {
        assert_ne!(asked_again(&run, other).approval, Some(id), "{}", other.call);
    }
    let other_run = rig.open(OTHER_RUN);
    assert_ne!(asked_again(&other_run, &Action { call: "run", ..asked }).approval, Some(id));
    let conflict = run.authorize(&Action { args: &other_args, ..asked });
    assert_eq!(denied(&conflict), [ErrorCode::CallConflict]);
    start(&run, &asked);
}

#[test]
fn another_policy_asks_anew_and_the_change_is_receipted() {
    let rig = Rig::with_policy(&rules());
    let (run, args) = (rig.run(), json("{}"));
    let action = Action::tool_call("c1", "pay", &args);
    let id = ask(&run, &action);
    grants(&rig, &id, "ada", ADA);
    let before = rig.kernel().policy_ref();
    rig.kernel().reload(policy(&rules().replace("id: test", "id: test2"))).unwrap();
    assert_ne!(ask(&run, &action), id, "the grant was by another policy");
    let changes: Vec<_> = rig.receipts().into_iter().filter(|r| r.kind == ReceiptKind::Policy).collect();
    assert_eq!(changes.len(), 1);
    assert_eq!(
        (changes[0].policy.clone(), changes[0].replaces.clone()),
        (Some(rig.kernel().policy_ref()), Some(before))
    );

    rig.kernel().reload(policy("id: test3\nallowed_tools: [read_file]\n")).unwrap();
    assert_eq!(denied(&run.authorize(&action)), [ErrorCode::PolicyToolNotAllowed], "a pending call is decided on anew");
    rig.kernel().reload(policy(TOOLS)).unwrap();
    let decision = run.authorize(&action);
    assert!(!decision.allowed(), "a denied call stays denied");
}

#[test]
fn a_pending_call_runs_when_the_new_policy_allows_it() {
    let rig = Rig::with_policy(&rules());
    let (run, args) = (rig.run(), json("{}"));
    let action = Action::tool_call("c1", "pay", &args);
    ask(&run, &action);
    rig.kernel().reload(policy(TOOLS)).unwrap();
    assert_eq!(start(&run, &action).approval, None);
}

#[test]
fn what_nobody_answers_in_time_does_not_run() {
    let rig = Rig::with_policy(&rules());
    let (run, args) = (rig.run(), json("{}"));
    let action = Action::tool_call("c1", "pay", &args);
    let id = ask(&run, &action);
    rig.clock.advance(599_999);
    ask(&run, &action);
    rig.clock.advance(1);
    assert_eq!(
        code(rig.kernel().respond(&id, &answer(&rig, &id, "ada", ApprovalResponse::Grant, &person(ADA)))),
        ErrorCode::ApprovalExpired
    );
    assert_eq!(denied(&run.authorize(&action)), [ErrorCode::ApprovalExpired]);
    assert_ne!(ask(&run, &Action::tool_call("c2", "pay", &args)), id);
}

#[test]
fn a_grant_is_used_too_late() {
    let rig = Rig::with_policy(&rules());
    let (run, args) = (rig.run(), json("{}"));
    let action = Action::tool_call("c1", "pay", &args);
    let id = ask(&run, &action);
    grants(&rig, &id, "ada", ADA);
    rig.clock.advance(600_000);
    assert_eq!(denied(&run.authorize(&action)), [ErrorCode::ApprovalExpired]);
}

#[test]
fn a_redeemed_approval_makes_a_permit_that_expires() {
    let rig = Rig::with_policy(&rules());
    let (run, args) = (rig.run(), json("{}"));
    let action = Action::tool_call("c1", "pay", &args);
    let id = ask(&run, &action);
    grants(&rig, &id, "ada", ADA);
    assert!(run.authorize(&action).allowed());
    rig.clock.advance(PERMIT_MS);
    assert_eq!(code(run.start("c1", &action)), ErrorCode::CallExpired);
    assert!(!run.authorize(&Action::tool_call("c2", "pay", &args)).allowed(), "the approval is used up");
}

#[test]
fn a_clock_that_is_behind_approves_nothing() {
    let rig = Rig::with_policy(&rules());
    let (run, args) = (rig.run(), json("{}"));
    let action = Action::tool_call("c1", "pay", &args);
    let id = ask(&run, &action);
    grants(&rig, &id, "ada", ADA);
    rig.clock.wall.fetch_sub(60_001, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(denied(&run.authorize(&action)), [ErrorCode::ClockBehind]);
}

#[test]
fn one_refusal_is_final() {
    let rig = Rig::with_policy(&rules());
    let (run, args) = (rig.run(), json("{}"));
    let action = Action::tool_call("c1", "pay", &args);
    let id = ask(&run, &action);
    rig.kernel().respond(&id, &answer(&rig, &id, "bob", ApprovalResponse::Deny, &person(BOB))).unwrap();
    assert_eq!(denied(&run.authorize(&action)), [ErrorCode::ApprovalRejected]);
    let again = run.authorize(&Action::tool_call("c2", "pay", &args));
    assert_eq!(denied(&again), [ErrorCode::ApprovalRejected], "nobody is asked again");
    let late = answer(&rig, &id, "ada", ApprovalResponse::Grant, &person(ADA));
    assert_eq!(code(rig.kernel().respond(&id, &late)), ErrorCode::ApprovalRejected);
}

#[test]
fn a_refusal_ends_with_its_request() {
    let rig = Rig::with_policy(&rules());
    let (run, args) = (rig.run(), json("{}"));
    let id = ask(&run, &Action::tool_call("c1", "pay", &args));
    rig.kernel().respond(&id, &answer(&rig, &id, "ada", ApprovalResponse::Deny, &person(ADA))).unwrap();
    rig.clock.advance(599_999);
    assert_eq!(denied(&run.authorize(&Action::tool_call("c2", "pay", &args))), [ErrorCode::ApprovalRejected]);
    rig.clock.advance(1);
    let again = ask(&run, &Action::tool_call("c3", "pay", &args));
    assert_ne!(again, id);
    grants(&rig, &again, "ada", ADA);
    start(&run, &Action::tool_call("c4", "pay", &args));
}

#[test]
fn what_is_forbidden_asks_nobody() {
    let rig = Rig::with_policy(&rules());
    let (run, args) = (rig.run(), json("{}"));
    let no = run.authorize(&Action::tool_call("c1", "unlisted", &args));
    assert_eq!((denied(&no), no.approval), (vec![ErrorCode::PolicyToolNotAllowed], None));
    assert_eq!(rig.kernel().approvals(10).unwrap().sound, []);
}

#[test]
fn a_grant_is_for_one_target_one_effect_and_one_kind() {
    let text = format!(
        "id: test\nallowed_tools: [one, two, 'file:///x']\nallowed_resources: ['file:///x']\n\
         approvers: [{{name: ada, key: '{}'}}]\napprovals: [{{id: all}}]\n",
        did(&person(ADA))
    );
    let rig = Rig::with_policy(&text);
    let (run, args) = (rig.run(), json("{}"));
    let one = Action { effect: Some(Effect::Write), ..Action::tool_call("c1", "one", &args) };
    let read = Action { kind: ActionKind::ResourceRead, ..Action::tool_call("c2", "file:///x", &args) };
    let read = Action { effect: Some(Effect::Read), ..read };
    for (asked, others) in [
        (
            one,
            vec![
                Action { call: "target", target: "two", ..one },
                Action { call: "effect", effect: Some(Effect::External), ..one },
            ],
        ),
        (read, vec![Action { call: "kind", kind: ActionKind::ToolCall, ..read }]),
    ] {
        let id = ask(&run, &asked);
        grants(&rig, &id, "ada", ADA);
        for other in others {
            assert_ne!(asked_again(&run, &other).approval, Some(id), "{}", other.call);
        }
    }
}

#[test]
fn a_request_that_was_changed_in_the_store_counts_for_nothing() {
    let rig = Rig::with_policy(&rules());
    let (run, args) = (rig.run(), json(r#"{"to":"shop"}"#));
    let id = ask(&run, &Action::tool_call("c1", "pay", &args));
    grants(&rig, &id, "ada", ADA);
    let changes: [fn(&mut Approval); 3] = [
        |row| row.args = Some(br#"{"to":"me"}"#.to_vec()),
        |row| row.run = OTHER_RUN.to_owned(),
        |row| row.id = B64([0; 32]),
    ];
    for change in changes {
        *rig.switch.forge.lock().unwrap() = Some(change);
        assert_eq!(code(rig.kernel().approval(&id)), ErrorCode::StoreCorrupt);
        assert_eq!(denied(&run.authorize(&Action::tool_call("c2", "pay", &args))), [ErrorCode::StoreCorrupt]);
    }
    *rig.switch.forge.lock().unwrap() = None;
    assert_eq!(start(&run, &Action::tool_call("c3", "pay", &args)).approval, Some(id));
}

#[test]
fn a_request_on_its_way_to_the_disk_is_waited_for() {
    let rig = Rig::with_policy(&rules());
    let (run, args) = (rig.run(), json("{}"));
    rig.switch.set(Mode::Blocks);
    let first = run.decide(&Action::tool_call("c1", "pay", &args));
    let second = run.decide(&Action::tool_call("c2", "pay", &args));
    assert_eq!((second.verdict, second.approval), (Verdict::NeedsApproval, first.approval));
    assert!(first.approval.is_some());
    rig.switch.set(Mode::Works);
}

fn hold_all(rig: &Rig, held: bool) {
    let scope = Scope { level: ScopeLevel::All, name: None };
    rig.kernel().turn(Turn { held, hold: Hold { scope, why: None } }).unwrap().receipt.unwrap();
}

#[test]
fn a_grant_is_not_redeemed_while_the_kill_switch_is_on() {
    let rig = Rig::with_policy(&rules());
    let (run, args) = (rig.run(), json("{}"));
    let action = Action::tool_call("c1", "pay", &args);
    let id = ask(&run, &action);
    grants(&rig, &id, "ada", ADA);
    hold_all(&rig, true);
    assert!(denied(&run.authorize(&action)).contains(&ErrorCode::StandingKilled));
    assert!(!rig.kernel().approval(&id).unwrap().redeemed);
    hold_all(&rig, false);
    assert_eq!(start(&run, &Action::tool_call("c2", "pay", &args)).approval, Some(id));
}

#[test]
fn a_quorum_is_of_different_people() {
    let (rig, _inbox) = Rig::with_inbox(&rules());
    let (run, args) = (rig.run(), json("{}"));
    let action = Action::tool_call("c1", "wipe", &args);
    let id = ask(&run, &action);
    grants(&rig, &id, "ada", ADA);
    let again = answer(&rig, &id, "ada", ApprovalResponse::Grant, &person(ADA));
    assert_eq!(code(rig.kernel().respond(&id, &again)), ErrorCode::ApprovalDuplicate);
    let as_bob = answer(&rig, &id, "bob", ApprovalResponse::Grant, &person(ADA));
    assert_eq!(code(rig.kernel().respond(&id, &as_bob)), ErrorCode::ApprovalNotApprover);
    // Behind the kernel's back, as whoever can write the database would.
    let mut bytes = Vec::new();
    as_bob.write(&mut bytes);
    rig.store().answer(&id, &Answer { name: "bob".to_owned(), grant: bytes }).unwrap();
    assert_eq!(ask(&run, &action), id);
    assert!(matches!(rig.kernel().approval(&id).unwrap().state, State::Pending { .. }));
}

#[test]
fn nobody_approves_what_they_asked_for_themselves() {
    let own = rules().replace(&did(&person(ADA)), &did(&sign_key()));
    let rig = Rig::with_policy(&own);
    let (run, args) = (rig.run(), json("{}"));
    let id = ask(&run, &Action::tool_call("c1", "pay", &args));
    let by_itself = answer(&rig, &id, "ada", ApprovalResponse::Grant, &sign_key());
    assert_eq!(code(rig.kernel().respond(&id, &by_itself)), ErrorCode::ApprovalOwnRequest);
    // With two needed and one of three the agent itself, the other two are enough; with three, nobody is.
    let alone = own.replace("approvers: [ada, bob], ", "approvers: [ada], ");
    let rig = Rig::with_policy(&alone);
    let run = rig.run();
    assert_eq!(denied(&run.authorize(&Action::tool_call("c1", "pay", &args))), [ErrorCode::ApprovalUnavailable]);
}

#[test]
fn forged_answers_count_for_nothing() {
    let rig = Rig::with_policy(&rules());
    let (run, args) = (rig.run(), json("{}"));
    let action = Action::tool_call("c1", "pay", &args);
    let id = ask(&run, &action);
    let stranger = answer(&rig, &id, "ada", ApprovalResponse::Grant, &person(99));
    assert_eq!(code(rig.kernel().respond(&id, &stranger)), ErrorCode::ApprovalNotApprover);
    let other = ask(&run, &Action::tool_call("c2", "pay", &json(r#"{"x":1}"#)));
    let for_other = answer(&rig, &other, "ada", ApprovalResponse::Grant, &person(ADA));
    assert_eq!(code(rig.kernel().respond(&id, &for_other)), ErrorCode::ApprovalMismatch);
    for (name, envelope) in [("ada", &stranger), ("bob", &for_other)] {
        let mut bytes = Vec::new();
        envelope.write(&mut bytes);
        rig.store().answer(&id, &Answer { name: name.to_owned(), grant: bytes }).unwrap();
    }
    rig.store().answer(&id, &Answer { name: "cy".to_owned(), grant: b"{}".to_vec() }).unwrap();
    assert_eq!(ask(&run, &action), id);
    assert_eq!(rig.kernel().approval(&id).unwrap().answers, []);
}

#[test]
fn a_code_answers_once_and_five_attempts_lock_it() {
    let (rig, inbox) = Rig::with_inbox(&rules());
    let (run, args) = (rig.run(), json("{}"));
    let action = Action::tool_call("c1", "wipe", &args);
    let id = ask(&run, &action);
    let notices = inbox.take();
    assert_eq!(notices.len(), 1);
    assert_eq!((notices[0].id, notices[0].codes.len()), (id, 1));
    let (name, secret) = &notices[0].codes[0];
    assert_eq!(name, "cy");
    let kernel = rig.kernel();
    let granting = ApprovalResponse::Grant;
    assert_eq!(code(kernel.redeem_code(&id, "ada", secret.expose(), granting, None)), ErrorCode::ApprovalNotApprover);
    for _ in 0..4 {
        assert_eq!(code(kernel.redeem_code(&id, "cy", "00000000", granting, None)), ErrorCode::ApprovalCodeWrong);
    }
    kernel.redeem_code(&id, "cy", secret.expose(), granting, None).unwrap();
    grants(&rig, &id, "bob", BOB);
    start(&run, &action);

    let other = ask(&run, &Action::tool_call("c2", "wipe", &json("[]")));
    let notices = inbox.take();
    for _ in 0..5 {
        assert_eq!(
            code(kernel.redeem_code(&other, "cy", secret.expose(), granting, None)),
            ErrorCode::ApprovalCodeWrong
        );
    }
    let right = notices[0].codes[0].1.expose();
    assert_eq!(code(kernel.redeem_code(&other, "cy", right, granting, None)), ErrorCode::ApprovalCodeLocked);
}

#[test]
fn where_nothing_sends_codes_those_who_need_one_are_not_counted_on() {
    let rig = Rig::with_policy(&rules().replace("quorum: 2", "quorum: 3"));
    let (run, args) = (rig.run(), json("{}"));
    assert_eq!(denied(&run.authorize(&Action::tool_call("c1", "wipe", &args))), [ErrorCode::ApprovalUnavailable]);
}

#[test]
fn requests_and_grants_outlive_the_process_and_a_redeemed_one_stays_redeemed() {
    let mut rig = Rig::with_policy(&rules());
    let args = json("{}");
    let action = |call| Action::tool_call(call, "pay", &args);
    let id = ask(&rig.run(), &action("c1"));
    rig.reopen();
    grants(&rig, &id, "ada", ADA);
    rig.reopen();
    let run = rig.run();
    assert_eq!(run.authorize(&action("c2")).approval, Some(id));
    // The process dies between the decision and the start.
    drop(run);
    rig.reopen();
    let run = rig.run();
    assert!(run.start("c2", &action("c2")).is_err());
    assert!(!run.authorize(&action("c2")).allowed());
    assert_ne!(ask(&run, &action("c3")), id);
}

#[test]
fn a_request_that_was_not_written_is_not_waited_for() {
    let rig = Rig::with_policy(&rules());
    let (run, args) = (rig.run(), json("{}"));
    let action = Action::tool_call("c1", "pay", &args);
    rig.switch.set(Mode::Fails(ErrorCode::StoreFull));
    assert_eq!(denied(&run.authorize(&action)), [ErrorCode::StoreFull]);
    rig.switch.set(Mode::Works);
    let id = ask(&run, &Action::tool_call("c2", "pay", &args));
    grants(&rig, &id, "ada", ADA);
    start(&run, &Action::tool_call("c3", "pay", &args));
}

#[test]
fn a_redemption_that_was_not_written_lets_nothing_run_and_leaves_the_grant() {
    let rig = Rig::with_policy(&rules());
    let (run, args) = (rig.run(), json("{}"));
    let id = ask(&run, &Action::tool_call("c1", "pay", &args));
    grants(&rig, &id, "ada", ADA);
    rig.switch.set(Mode::Fails(ErrorCode::StoreIo));
    let action = Action::tool_call("c2", "pay", &args);
    assert_eq!(denied(&run.authorize(&action)), [ErrorCode::StoreIo]);
    assert!(run.start("c2", &action).is_err());
    rig.switch.set(Mode::Works);
    assert_eq!(start(&run, &Action::tool_call("c3", "pay", &args)).approval, Some(id));
}

/// The rules, and a read that needs approval, too.
fn rules_with_reads() -> String {
    format!("{}  - {{id: secrets, tools: [read_file], approvers: [ada]}}\n", rules())
}

#[test]
fn a_read_under_a_grant_waits_for_the_disk() {
    let rig = Rig::with_policy(&rules_with_reads());
    let (run, args) = (rig.run(), json("{}"));
    let id = ask(&run, &Action::tool_call("c1", "read_file", &args));
    grants(&rig, &id, "ada", ADA);
    rig.switch.set(Mode::Blocks);
    let action = Action::tool_call("c2", "read_file", &args);
    let decision = run.decide(&action);
    assert_eq!((decision.allowed(), decision.approval, decision.effect), (true, Some(id), Effect::Read));
    assert!(decision.must_wait_for().is_some());
    assert_eq!(code(run.start("c2", &action)), ErrorCode::CallState, "a crash now would leave the grant");
    rig.switch.set(Mode::Works);
    decision.ticket.unwrap().wait().unwrap();
    run.start("c2", &action).unwrap();
    settle(&run, "c2");
    assert_eq!(rig.of_call("c2")[0].dur, Durability::BeforeRelease);
}

#[test]
fn a_read_whose_redemption_was_not_written_does_not_run() {
    let rig = Rig::with_policy(&rules_with_reads());
    let (run, args) = (rig.run(), json("{}"));
    let id = ask(&run, &Action::tool_call("c1", "read_file", &args));
    grants(&rig, &id, "ada", ADA);
    rig.switch.set(Mode::Fails(ErrorCode::StoreIo));
    let action = Action::tool_call("c2", "read_file", &args);
    assert_eq!(denied(&run.authorize(&action)), [ErrorCode::StoreIo]);
    assert!(run.start("c2", &action).is_err());
    rig.switch.set(Mode::Works);
    assert_eq!(start(&run, &Action::tool_call("c3", "read_file", &args)).approval, Some(id));
}

#[test]
fn a_damaged_request_runs_nothing_and_does_not_hide_the_others() {
    let mut rig = Rig::with_policy(&rules());
    let (one, other) = (json("[1]"), json("[2]"));
    let run = rig.run();
    let damaged = ask(&run, &Action::tool_call("c1", "pay", &one));
    let whole = ask(&run, &Action::tool_call("c2", "pay", &other));
    for id in [&damaged, &whole] {
        grants(&rig, id, "ada", ADA);
    }
    drop(run);
    rig.switch.damage(damaged);
    rig.reopen();
    let run = rig.run();
    assert_eq!(start(&run, &Action::tool_call("c3", "pay", &other)).approval, Some(whole));
    let asked = run.authorize(&Action::tool_call("c4", "pay", &one));
    assert_eq!(asked.verdict, Verdict::NeedsApproval);
    assert_ne!(asked.approval, Some(damaged));
    assert!(asked.warnings.iter().any(|warning| warning.contains(ErrorCode::StoreCorrupt.as_str())), "it is told");
    let late = answer(&rig, &damaged, "bob", ApprovalResponse::Grant, &person(BOB));
    assert!(rig.kernel().respond(&damaged, &late).is_err());
}

#[test]
fn a_grant_is_not_used_up_by_a_call_that_a_budget_does_not_cover() {
    let rig = Rig::with_policy(&rules());
    let calls = |cap| Budget {
        scope: Scope { level: ScopeLevel::Tool, name: Some("pay".to_owned()) },
        unit: BudgetUnit::Calls,
        currency: None,
        cap,
        window: None,
        mode: None,
        default_cost: None,
    };
    rig.kernel().set_budget(&calls(0)).unwrap();
    let (run, args) = (rig.run(), json("{}"));
    let id = ask(&run, &Action::tool_call("c1", "pay", &args));
    grants(&rig, &id, "ada", ADA);
    assert_eq!(denied(&run.authorize(&Action::tool_call("c1", "pay", &args))), [ErrorCode::BudgetExceeded]);
    assert_eq!(denied(&run.authorize(&Action::tool_call("c2", "pay", &args))), [ErrorCode::BudgetExceeded]);
    assert_eq!(rig.of_call("c2")[0].verdict, Some(Verdict::Deny));
    assert!(!rig.kernel().approval(&id).unwrap().redeemed);

    rig.kernel().set_budget(&calls(1)).unwrap();
    assert_eq!(start(&run, &Action::tool_call("c3", "pay", &args)).approval, Some(id));
    settle(&run, "c3");
    assert!(rig.kernel().approval(&id).unwrap().redeemed);
}

#[test]
fn a_thousand_pending_requests_run_nothing_and_more_than_there_is_room_for_are_denied() {
    let rig = Rig::with_policy(&rules());
    let run = rig.run();
    let mut ids = std::collections::HashSet::new();
    for n in 0..1_000 {
        let args = json(&format!("[{n}]"));
        assert!(ids.insert(ask(&run, &Action::tool_call(&run.new_call().unwrap(), "pay", &args))));
    }
    assert_eq!(rig.kernel().approvals(2_000).unwrap().sound.len(), 1_000);
    for n in 1_000..=REQUESTS_MAX {
        let args = json(&format!("[{n}]"));
        let decision = run.decide(&Action::tool_call(&run.new_call().unwrap(), "pay", &args));
        let expected = if n < REQUESTS_MAX { ErrorCode::ApprovalRequired } else { ErrorCode::ApprovalLimit };
        assert_eq!(decision.code(), Some(expected), "{n}");
    }
    rig.clock.advance(600_000);
    ask(&run, &Action::tool_call("later", "pay", &json("[]")));
    assert!(rig.receipts().iter().all(|r| r.verdict.is_none_or(|v| v > Verdict::Allow)));
}

#[test]
fn a_pending_call_can_be_given_up() {
    let rig = Rig::with_policy(&rules());
    let (run, args) = (rig.run(), json("{}"));
    let call = run.new_call().unwrap();
    let action = Action::tool_call(&call, "pay", &args);
    let id = ask(&run, &action);
    run.release(&call).unwrap().wait().unwrap();
    assert!(run.has_ended(&call));
    grants(&rig, &id, "ada", ADA);
    assert!(!run.authorize(&action).allowed(), "its id is used up");
}

#[test]
fn a_policy_in_mode_observe_lets_run_what_it_would_deny_and_says_so() {
    let rig = Rig::with_policy(&rules().replace("id: test", "id: test\nmode: observe"));
    let (run, args) = (rig.run(), json("{}"));
    for (call, target, observed) in [("c1", "nothing", Verdict::Deny), ("c2", "pay", Verdict::NeedsApproval)] {
        let decision = start(&run, &Action { effect: Some(Effect::Write), ..Action::tool_call(call, target, &args) });
        assert_eq!(decision.observed, Some(observed));
        let receipt = &rig.of_call(call)[0];
        assert_eq!((receipt.verdict, receipt.observed), (Some(Verdict::Allow), Some(observed)));
        assert_eq!(receipt.reasons.as_ref().unwrap().len(), 1);
        settle(&run, call);
    }
    assert_eq!(start(&run, &Action::tool_call("c3", "read_file", &args)).observed, None);
    settle(&run, "c3");
    let long = "x".repeat(600);
    assert_eq!(denied(&run.authorize(&Action::tool_call("c4", &long, &args)))[0], ErrorCode::MalformedValue);
    rig.kernel()
        .turn(talos_kernel::ports::Turn {
            held: true,
            hold: talos_kernel::ports::Hold { scope: Scope { level: ScopeLevel::All, name: None }, why: None },
        })
        .unwrap();
    assert!(denied(&run.authorize(&Action::tool_call("c5", "read_file", &args))).contains(&ErrorCode::StandingKilled));
}

#[test]
fn a_policy_in_shadow_mode_is_recorded_and_changes_nothing() {
    let rig = Rig::with_policy(TOOLS);
    let shadow = policy("id: strict\nmode: shadow\nallowed_tools: [read_file]\n");
    rig.kernel().reload(talos_kernel::Policies { policy: policy(TOOLS), shadow: Some(shadow) }).unwrap();
    let (run, args) = (rig.run(), json("{}"));
    for (call, target, verdict) in [("c1", "read_file", Verdict::Allow), ("c2", "write_file", Verdict::Deny)] {
        let decision = start(&run, &Action::tool_call(call, target, &args));
        assert_eq!(decision.shadow.as_ref().map(|s| (s.verdict, s.policy.id.as_str())), Some((verdict, "strict")));
        settle(&run, call);
        assert_eq!(rig.of_call(call)[0].shadow.as_ref().map(|s| s.verdict), Some(verdict));
    }
    let alone = rig.kernel().reload(policy("id: strict\nmode: shadow\n"));
    assert_eq!(code(alone), ErrorCode::PolicyInvalid);
    assert!(run.authorize(&Action::tool_call("c3", "write_file", &args)).allowed(), "an error changes nothing");
}

fn args_of(rig: &Rig, id: &Hash) -> Option<Value> {
    rig.kernel().approval(id).unwrap().args
}

#[test]
fn arguments_are_kept_as_long_as_they_may_run_and_no_longer() {
    let mut rig = Rig::with_policy(&rules());
    let run = rig.run();
    let args = [json("[1]"), json("[2]"), json("[3]")];
    let actions = ["c1", "c2", "c3"].map(|call| Action::tool_call(call, "pay", &args[0]));
    let [redeemed, refused, expired] = [0, 1, 2].map(|n| ask(&run, &Action { args: &args[n], ..actions[n] }));
    for (id, args) in [(&redeemed, &args[0]), (&refused, &args[1]), (&expired, &args[2])] {
        assert_eq!(args_of(&rig, id).as_ref(), Some(args));
    }
    grants(&rig, &redeemed, "ada", ADA);
    assert!(args_of(&rig, &redeemed).is_some(), "it has not run yet");
    start(&run, &actions[0]);
    let answered =
        rig.kernel().respond(&refused, &answer(&rig, &refused, "ada", ApprovalResponse::Deny, &person(ADA))).unwrap();
    assert_eq!((answered.args, answered.answers.len()), (None, 1));
    assert_eq!((args_of(&rig, &redeemed), args_of(&rig, &refused)), (None, None));
    assert!(args_of(&rig, &expired).is_some());
    drop(run);
    rig.clock.advance(660_000);
    rig.reopen();
    rig.open(OTHER_RUN);
    let case = rig.kernel().approval(&expired).unwrap();
    assert_eq!((case.args, case.state), (None, State::Expired));
}

#[test]
fn a_request_whose_arguments_are_missing_is_damaged_as_long_as_it_may_run() {
    let rig = Rig::with_policy(&rules());
    let (run, args) = (rig.run(), json("[1]"));
    let id = ask(&run, &Action::tool_call("c1", "pay", &args));
    rig.store().erase_args(&id).unwrap();
    assert_eq!(code(rig.kernel().approval(&id)), ErrorCode::StoreCorrupt);
    let unseen = answer(&rig, &id, "ada", ApprovalResponse::Grant, &person(ADA));
    assert_eq!(code(rig.kernel().respond(&id, &unseen)), ErrorCode::StoreCorrupt);
}

#[test]
fn where_bodies_are_kept_the_arguments_of_a_request_are_too() {
    let rig = Rig::with(&rules(), Config { store_bodies: true, ..Config::new(ORIGIN) });
    let (run, args) = (rig.run(), json("[1]"));
    let action = Action::tool_call("c1", "pay", &args);
    let id = ask(&run, &action);
    grants(&rig, &id, "ada", ADA);
    start(&run, &action);
    assert_eq!(args_of(&rig, &id), Some(args));
}

#[test]
fn a_request_that_nothing_waits_for_says_so() {
    let mut rig = Rig::with_policy(&rules());
    let stale = |rig: &Rig, id: &Hash| rig.kernel().stale(&rig.kernel().approval(id).unwrap()).unwrap();
    let (run, args) = (rig.run(), json("{}"));
    let id = ask(&run, &Action::tool_call("c1", "pay", &args));
    assert_eq!(stale(&rig, &id), None);
    rig.kernel().reload(policy(&rules().replace("id: test", "id: test2"))).unwrap();
    assert_eq!(stale(&rig, &id), Some(ApprovalStale::RulesChanged));
    let again = ask(&run, &Action::tool_call("c2", "pay", &args));
    let office = rig.another_kernel();
    let elsewhere = |id: &Hash| office.stale(&office.approval(id).unwrap()).unwrap();
    assert_eq!((elsewhere(&id), elsewhere(&again)), (Some(ApprovalStale::RulesChanged), None));
    run.close().unwrap();
    assert_eq!(
        (stale(&rig, &again), elsewhere(&again)),
        (Some(ApprovalStale::RunEnded), Some(ApprovalStale::RunEnded))
    );
    drop((run, office));
    rig.reopen();
    rig.kernel().reload(policy(&rules().replace("id: test", "id: test2"))).unwrap();
    let run = rig.run();
    assert_eq!(stale(&rig, &again), None, "its run is open again");
    grants(&rig, &again, "ada", ADA);
    start(&run, &Action::tool_call("c3", "pay", &args));
    assert_eq!(stale(&rig, &again), None, "it is over");
}
