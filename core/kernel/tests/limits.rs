//! What a run may use up, and how its counters are kept (`docs/spec/pipeline.md`, section 4).

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{Mode, RUN, Rig, TOOLS, code, denied, execute, json, settle, start};
use talos_contracts::{ActionKind, Amount, ErrorCode, OutcomeStatus, ReceiptKind, Verdict};
use talos_kernel::{Action, Counters, Settlement};

const OK: Settlement<'static> = Settlement {
    status: OutcomeStatus::Ok,
    result: None,
    tokens: None,
    amount: None,
    confidence_bp: None,
    session: None,
};

fn rig(rules: &str) -> Rig {
    Rig::with_policy(&format!("{TOOLS}{rules}\n"))
}

#[test]
fn calls_in_flight_count_against_the_limit_and_the_last_one_passes() {
    let rig = rig("max_tool_calls_per_request: 3");
    let (run, args) = (rig.run(), json("{}"));
    for call in ["a", "b", "c"] {
        assert!(run.authorize(&Action::tool_call(call, "write_file", &args)).allowed(), "{call}");
    }
    assert_eq!(denied(&run.authorize(&Action::tool_call("d", "read_file", &args))), [ErrorCode::LimitToolCalls]);
    run.release("a").unwrap();
    assert!(run.authorize(&Action::tool_call("e", "read_file", &args)).allowed(), "a release gives its place back");
    let b = Action::tool_call("b", "write_file", &args);
    run.start("b", &b).unwrap();
    settle(&run, "b");
    assert_eq!(denied(&run.authorize(&Action::tool_call("f", "read_file", &args))), [ErrorCode::LimitToolCalls]);
}

#[test]
fn of_many_calls_at_once_as_many_pass_as_the_limit_says() {
    let rig = rig("max_tool_calls_per_request: 5");
    let run = rig.run();
    let allowed: usize = std::thread::scope(|scope| {
        let ask = |thread: usize| {
            let run = &run;
            move || {
                let args = json("{}");
                let calls: Vec<String> = (0..8).map(|n| format!("{thread}-{n}")).collect();
                calls.iter().filter(|c| run.authorize(&Action::tool_call(c, "write_file", &args)).allowed()).count()
            }
        };
        let threads: Vec<_> = (0..4).map(|t| scope.spawn(ask(t))).collect();
        threads.into_iter().map(|t| t.join().unwrap()).sum()
    });
    assert_eq!(allowed, 5);
    assert_eq!(run.counters().in_flight, 5);
}

#[test]
fn what_is_denied_counts_for_nothing() {
    let rig = rig("max_tool_calls_per_request: 1\nmax_tokens_per_request: 10");
    let (run, args) = (rig.run(), json("{}"));
    for n in 0..3 {
        let call = format!("d{n}");
        denied(&run.authorize(&Action { tokens: Some(5), ..Action::tool_call(&call, "unheard_of", &args) }));
    }
    assert_eq!(run.counters(), Counters::default());
    execute(&run, &Action { tokens: Some(10), ..Action::tool_call("c", "write_file", &args) });
}

#[test]
fn reading_a_resource_is_not_a_tool_call() {
    let rig = rig("max_tool_calls_per_request: 1");
    let (run, args) = (rig.run(), json("{}"));
    for call in ["a", "b", "c"] {
        execute(&run, &Action { kind: ActionKind::ResourceRead, ..Action::tool_call(call, "file:///x", &args) });
    }
    assert_eq!(run.counters(), Counters::default());
    execute(&run, &Action::tool_call("d", "read_file", &args));
}

#[test]
fn tokens_are_reserved_and_what_was_not_used_comes_back() {
    let rig = rig("max_tokens_per_request: 100");
    let (run, args) = (rig.run(), json("{}"));
    let ask = |call, tokens| Action { tokens: Some(tokens), ..Action::tool_call(call, "write_file", &args) };
    start(&run, &ask("a", 60));
    assert_eq!(denied(&run.authorize(&ask("b", 41))), [ErrorCode::LimitTokens]);
    start(&run, &ask("c", 40));
    assert_eq!(denied(&run.authorize(&ask("d", 1))), [ErrorCode::LimitTokens]);
    run.settle("a", &Settlement { tokens: Some(10), ..OK }).unwrap();
    assert_eq!(run.counters().tokens, 50);
    start(&run, &ask("e", 50));
    run.settle("e", &Settlement { tokens: Some(80), ..OK }).unwrap();
    assert_eq!(run.counters().tokens, 130, "what was used counts, even beyond what was reserved");
    assert_eq!(denied(&run.authorize(&ask("f", 0))), [ErrorCode::LimitTokens]);
}

#[test]
fn money_is_reserved_and_what_was_not_spent_comes_back() {
    let rig = rig("max_amount: {currency: EUR, per_call_micro: 6, per_run_micro: 10}");
    let (run, args) = (rig.run(), json("{}"));
    let euro = |micro| Amount { micro, currency: "EUR".into() };
    let pay = |call: &str, amount: &Amount| {
        run.authorize(&Action { amount: Some(amount), ..Action::tool_call(call, "pay", &args) })
    };
    assert_eq!(denied(&pay("a", &euro(7))), [ErrorCode::LimitAmount]);
    assert!(pay("b", &euro(6)).allowed());
    assert_eq!(denied(&pay("c", &euro(5))), [ErrorCode::LimitAmount]);
    assert!(pay("d", &euro(4)).allowed());
    run.start("b", &Action { amount: Some(&euro(6)), ..Action::tool_call("b", "pay", &args) }).unwrap();
    let dollar = Amount { micro: 1, currency: "USD".into() };
    assert_eq!(code(run.settle("b", &Settlement { amount: Some(&dollar), ..OK })), ErrorCode::LimitCurrency);
    run.settle("b", &Settlement { amount: Some(&euro(1)), ..OK }).unwrap().wait().unwrap();
    assert_eq!(run.counters().spent_micro, 5);
    assert!(pay("e", &euro(5)).allowed());
    assert_eq!(denied(&pay("f", &dollar)), [ErrorCode::LimitCurrency]);
    assert_eq!(denied(&run.authorize(&Action::tool_call("g", "pay", &args))), [ErrorCode::LimitAmountMissing]);
}

#[test]
fn an_outcome_without_numbers_uses_up_all_that_was_reserved() {
    let rig = rig("max_tokens_per_request: 100");
    let (run, args) = (rig.run(), json("{}"));
    start(&run, &Action { tokens: Some(60), ..Action::tool_call("a", "write_file", &args) });
    run.settle("a", &Settlement::new(OutcomeStatus::Unknown, None)).unwrap();
    assert_eq!(run.counters().tokens, 60);
}

fn drifts(on_drift: &str) -> (Rig, Vec<(Verdict, Option<ErrorCode>)>) {
    let rig = rig(&format!("confidence_threshold_bp: 5000\non_drift: {on_drift}"));
    let (run, args) = (rig.run(), json("{}"));
    let mut seen = Vec::new();
    for (call, confidence_bp) in [("a", Some(5000)), ("b", Some(4999)), ("c", Some(9000))] {
        let action = Action::tool_call(call, "write_file", &args);
        let decision = run.authorize(&action);
        seen.push((decision.verdict, decision.code()));
        if decision.allowed() {
            run.start(call, &action).unwrap();
            run.settle(call, &Settlement { confidence_bp, ..OK }).unwrap().wait().unwrap();
        }
    }
    drop(run);
    (rig, seen)
}

#[test]
fn drift_stops_the_run_where_the_policy_says_so() {
    let allowed = (Verdict::Allow, None);
    let (rig, seen) = drifts("stop");
    assert_eq!(seen, [allowed, allowed, (Verdict::Deny, Some(ErrorCode::DriftStopped))]);
    let outcomes: Vec<_> =
        rig.receipts().into_iter().filter(|r| r.kind == ReceiptKind::Outcome).map(|r| r.reasons).collect();
    assert_eq!(outcomes, [None, Some(vec!["drift.detected".to_owned()])]);
    assert_eq!(
        drifts("needs_approval").1,
        [allowed, allowed, (Verdict::NeedsApproval, Some(ErrorCode::DriftDetected))]
    );
    assert_eq!(drifts("flag").1, [allowed; 3]);
}

#[test]
fn a_missing_confidence_is_drift_and_an_unknown_outcome_is_not() {
    let rig = rig("confidence_threshold_bp: 1\non_drift: stop");
    let (run, args) = (rig.run(), json("{}"));
    start(&run, &Action::tool_call("a", "write_file", &args));
    start(&run, &Action::tool_call("b", "write_file", &args));
    run.settle("a", &Settlement::new(OutcomeStatus::Unknown, None)).unwrap();
    assert!(run.authorize(&Action::tool_call("c", "write_file", &args)).allowed());
    settle(&run, "b");
    assert_eq!(denied(&run.authorize(&Action::tool_call("d", "write_file", &args))), [ErrorCode::DriftStopped]);
}

#[test]
fn a_restart_does_not_give_calls_back() {
    let mut rig = rig("max_tool_calls_per_request: 2");
    let args = json("{}");
    let run = rig.run();
    execute(&run, &Action::tool_call("a", "write_file", &args));
    start(&run, &Action::tool_call("b", "write_file", &args));
    drop(run);
    rig.reopen();
    let run = rig.open(RUN);
    assert_eq!(denied(&run.authorize(&Action::tool_call("c", "write_file", &args))), [ErrorCode::LimitToolCalls]);
}

/// What is remembered of calls is bounded, so an id whose call came to nothing must not stay.
#[test]
fn a_decision_that_fails_leaves_no_call_behind() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    rig.switch.set(Mode::Blocks);
    let failed = (0..40_000).find_map(|_| {
        let call = run.new_call().unwrap();
        let decision = run.decide(&Action::tool_call(&call, "unlisted", &args));
        (denied(&decision) == [ErrorCode::StoreBusy]).then_some(call)
    });
    assert!(run.has_ended(&failed.unwrap()));
    rig.switch.set(Mode::Works);
}
