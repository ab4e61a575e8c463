//! Stage 9 through whole calls: what is reserved, charged and given back (`docs/spec/budget.md`).

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{Mode, RUN, Rig, TOOLS, code, denied, execute, json, prices, settle, start};
use std::sync::Arc;
use talos_budget::{Cost, Figure, Path, Request, Span, Unit};
use talos_contracts::scalar::B64;
use talos_contracts::{
    ActionKind, Amount, Budget, BudgetMode, BudgetUnit, BudgetWindow, BudgetWindowKind, Effect, ErrorCode,
    OutcomeStatus, PermitState, Scope, ScopeLevel, Verdict,
};
use talos_kernel::ports::Budgets;
use talos_kernel::{Action, Belongs, Config, Decision, Settlement};

const OTHER: &str = "01890a5d-ac96-774b-bcce-b302099a8058";

fn budget(level: ScopeLevel, name: &str, unit: BudgetUnit, cap: u64) -> Budget {
    Budget {
        scope: Scope { level, name: (!name.is_empty()).then(|| name.to_owned()) },
        unit,
        currency: (unit == BudgetUnit::Money).then(|| "USD".to_owned()),
        cap,
        window: None,
        mode: None,
        default_cost: None,
    }
}

fn rig(budgets: &[Budget]) -> Rig {
    let rig = Rig::with_policy(TOOLS);
    set(&rig, budgets);
    rig
}

fn set(rig: &Rig, budgets: &[Budget]) {
    for budget in budgets {
        rig.kernel().set_budget(budget).unwrap();
    }
}

/// Held, spent and debt of the only budget of this level.
fn figures(rig: &Rig, level: ScopeLevel) -> [u64; 3] {
    let found = rig.kernel().budgets(Some(&Scope { level, name: None })).unwrap();
    let [account] = found.as_slice() else { unreachable!("{found:?}") };
    [account.held, account.spent, account.debt]
}

fn usd(micro: u64) -> Amount {
    Amount { micro, currency: "USD".to_owned() }
}

#[test]
fn what_is_reserved_is_charged_at_the_end_and_the_rest_comes_back() {
    let rig = rig(&[budget(ScopeLevel::All, "", BudgetUnit::Tokens, 100)]);
    let (run, args) = (rig.run(), json("{}"));
    let action = Action { tokens: Some(80), ..Action::tool_call("a", "write_file", &args) };
    assert!(run.authorize(&action).allowed());
    assert_eq!(figures(&rig, ScopeLevel::All), [80, 0, 0]);
    let other = Action { tokens: Some(30), ..Action::tool_call("b", "write_file", &args) };
    let no = run.authorize(&other);
    assert_eq!(denied(&no), [ErrorCode::BudgetExceeded]);
    assert_eq!((no.reasons[0].stage, no.reasons[0].rule.as_deref()), (9, Some("budget all, tokens for good")));
    start(&run, &action);
    run.settle("a", &Settlement { tokens: Some(10), ..Settlement::new(OutcomeStatus::Ok, None) })
        .unwrap()
        .wait()
        .unwrap();
    assert_eq!(figures(&rig, ScopeLevel::All), [0, 10, 0]);
    execute(&run, &Action { call: "c", ..other });
    assert_eq!(figures(&rig, ScopeLevel::All), [0, 40, 0]);
}

#[test]
fn an_amount_that_cannot_be_read_does_not_pass_a_budget_of_money() {
    let rig = Rig::with_policy(
        "id: test\nallowed_tools: [{name: pay, effect: external, amount: {amount_arg: /amount_micro, currency_arg: /currency}}]\n",
    );
    set(&rig, &[budget(ScopeLevel::All, "", BudgetUnit::Money, 100_000_000)]);
    let run = rig.run();
    for hidden in [r#""50000000000""#, "0.5", "null", "[50000000000]"] {
        let args = json(&format!(r#"{{"amount_micro":{hidden},"currency":"USD"}}"#));
        let decision = run.authorize(&Action::tool_call(hidden, "pay", &args));
        assert_eq!(denied(&decision), [ErrorCode::LimitAmountMissing], "{hidden}");
    }
    let nothing = json("{}");
    let decision = run.authorize(&Action::tool_call("none", "pay", &nothing));
    assert_eq!(denied(&decision), [ErrorCode::LimitAmountMissing]);
    let args = json(r#"{"amount_micro":50000000000,"currency":"USD"}"#);
    assert_eq!(denied(&run.authorize(&Action::tool_call("much", "pay", &args))), [ErrorCode::BudgetExceeded]);
    assert_eq!(figures(&rig, ScopeLevel::All), [0, 0, 0]);
    let args = json(r#"{"amount_micro":100000000,"currency":"USD"}"#);
    assert!(run.authorize(&Action::tool_call("a", "pay", &args)).allowed());
    assert_eq!(figures(&rig, ScopeLevel::All), [100_000_000, 0, 0]);
}

#[test]
fn under_a_policy_that_observes_an_amount_that_cannot_be_read_is_unknown_and_not_nothing() {
    let rig = Rig::with_policy(
        "id: test\nmode: observe\n\
         allowed_tools: [{name: pay, effect: external, amount: {amount_arg: /amount_micro, currency_arg: /currency}}]\n",
    );
    let whole = budget(ScopeLevel::All, "", BudgetUnit::Money, 100_000_000);
    set(&rig, std::slice::from_ref(&whole));
    let run = rig.run();
    let missing = ErrorCode::LimitAmountMissing;
    let unread = [
        (r#"{"amount_micro":"50000000","currency":"USD"}"#, missing),
        (r#"{"amount_micro":0.5,"currency":"USD"}"#, missing),
        (r#"{"amount_micro":-1,"currency":"USD"}"#, missing),
        (r#"{"amount_micro":null,"currency":"USD"}"#, missing),
        (r#"{"amount_micro":1,"Amount_Micro":2,"currency":"USD"}"#, missing),
        ("{}", missing),
        (r#"{"amount_micro":1,"currency":"usd"}"#, ErrorCode::LimitCurrency),
        (r#"{"amount_micro":1}"#, ErrorCode::LimitCurrency),
    ];
    let codes = |decision: &Decision| decision.reasons.iter().map(|reason| reason.code).collect::<Vec<_>>();
    for (text, code) in unread {
        let (args, call) = (json(text), run.new_call().unwrap());
        let decision = start(&run, &Action::tool_call(&call, "pay", &args));
        assert_eq!(codes(&decision), [ErrorCode::BudgetPriceUnknown, code], "{text}");
        assert_eq!((decision.observed, rig.of_call(&call)[0].observed), (Some(Verdict::Deny), Some(Verdict::Deny)));
        settle(&run, &call);
    }
    assert_eq!(figures(&rig, ScopeLevel::All), [0, 0, 0], "nobody has said how much it was");

    set(&rig, &[Budget { default_cost: Some(30_000_000), ..whole }]);
    for (n, (text, code)) in unread.into_iter().take(3).enumerate() {
        let (args, call) = (json(text), run.new_call().unwrap());
        let decision = start(&run, &Action::tool_call(&call, "pay", &args));
        assert_eq!(codes(&decision), [code], "{text}");
        assert_eq!(figures(&rig, ScopeLevel::All), [30_000_000, n as u64 * 30_000_000, 0]);
        settle(&run, &call);
    }
    assert_eq!(figures(&rig, ScopeLevel::All), [0, 90_000_000, 0]);

    // What the host knows at the end is charged, and is in the receipt.
    let args = json("{}");
    start(&run, &Action::tool_call("known", "pay", &args));
    let spent = usd(5_000_000);
    run.settle("known", &Settlement { amount: Some(&spent), ..Settlement::new(OutcomeStatus::Ok, None) })
        .unwrap()
        .wait()
        .unwrap();
    assert_eq!(figures(&rig, ScopeLevel::All), [0, 95_000_000, 0]);
    let outcome = rig.of_call("known").pop().unwrap();
    assert_eq!(outcome.budget.and_then(|budget| budget.amount_micro), Some(5_000_000));

    // What can be read is held as it is, and so is what the host states beside an amount that cannot be read.
    let args = json(r#"{"amount_micro":4000000,"currency":"USD"}"#);
    assert_eq!(start(&run, &Action::tool_call("read", "pay", &args)).observed, None);
    let (args, stated) = (json("{}"), usd(1_000_000));
    let decision = start(&run, &Action { amount: Some(&stated), ..Action::tool_call("stated", "pay", &args) });
    assert_eq!(codes(&decision), [missing]);
    assert_eq!(figures(&rig, ScopeLevel::All), [5_000_000, 95_000_000, 0]);
}

#[test]
fn under_a_policy_that_observes_a_missing_amount_that_a_limit_wants_is_not_nothing() {
    let rig = Rig::with_policy(
        "id: test\nmode: observe\n\
         allowed_tools: [{name: send, effect: write, max_amount: {currency: USD, per_call_micro: 9}}]\n",
    );
    set(&rig, &[Budget { default_cost: Some(7), ..budget(ScopeLevel::All, "", BudgetUnit::Money, 100) }]);
    let (run, args) = (rig.run(), json("{}"));
    let decision = start(&run, &Action::tool_call("a", "send", &args));
    assert_eq!(decision.code(), Some(ErrorCode::LimitAmountMissing));
    assert_eq!(figures(&rig, ScopeLevel::All), [7, 0, 0]);
}

#[test]
fn a_call_that_nobody_could_price_is_charged_what_it_did_cost() {
    let mut rig = Rig::with_policy(&format!("{TOOLS}max_amount: {{currency: USD, per_run_micro: 900}}\n"));
    set(&rig, &[Budget { default_cost: Some(700), ..budget(ScopeLevel::All, "", BudgetUnit::Money, 1_000) }]);
    let (run, args) = (rig.run(), json("{}"));
    start(&run, &Action { model: Some("none"), ..Action::tool_call("a", "write_file", &args) });
    let settle = |amount: &Amount| {
        run.settle("a", &Settlement { amount: Some(amount), ..Settlement::new(OutcomeStatus::Ok, None) })
    };
    let euros = Amount { micro: 1, currency: "EUR".to_owned() };
    assert_eq!(code(settle(&euros)), ErrorCode::LimitCurrency, "the run is counted in dollars");
    settle(&usd(250)).unwrap().wait().unwrap();
    assert_eq!((figures(&rig, ScopeLevel::All), run.counters().spent_micro), ([0, 250, 0], 250));
    drop(run);
    rig.reopen();
    assert_eq!(rig.run().counters().spent_micro, 250, "a run that is opened again has spent what it had");
}

#[test]
fn under_a_policy_that_observes_no_price_of_a_model_stands_for_an_amount_that_cannot_be_read() {
    let policy = "id: test\nmode: observe\nallowed_tools: [{name: pay, effect: external, amount: {amount_arg: /n, currency_arg: /c}}]\n";
    let rig = Rig::with(policy, Config { prices: Some(Arc::new(prices())), ..Config::new(common::ORIGIN) });
    set(&rig, &[Budget { default_cost: Some(700), ..budget(ScopeLevel::All, "", BudgetUnit::Money, 1_000) }]);
    let (run, args) = (rig.run(), json(r#"{"n":"50000000000","c":"USD"}"#));
    start(&run, &Action { model: Some("demo"), tokens: Some(1), ..Action::tool_call("a", "pay", &args) });
    assert_eq!(figures(&rig, ScopeLevel::All), [700, 0, 0]);
    run.settle("a", &Settlement { tokens: Some(1), ..Settlement::new(OutcomeStatus::Ok, None) }).unwrap();
    assert_eq!(figures(&rig, ScopeLevel::All), [0, 700, 0]);
}

#[test]
fn a_tool_has_its_budget_in_each_spelling_of_its_name() {
    let rig = Rig::with_policy("id: test\nallowed_tools: [{name: café_order, effect: external}]\n");
    set(&rig, &[budget(ScopeLevel::Tool, "cafe\u{301}_order", BudgetUnit::Calls, 1)]);
    let (run, args) = (rig.run(), json("{}"));
    assert!(run.authorize(&Action::tool_call("a", "caf\u{e9}_order", &args)).allowed());
    let again = run.authorize(&Action::tool_call("b", "cafe\u{301}_order", &args));
    assert_eq!(denied(&again), [ErrorCode::BudgetExceeded]);
    for name in ["caf\u{e9}_order", "cafe\u{301}_order"] {
        let scope = Scope { level: ScopeLevel::Tool, name: Some(name.to_owned()) };
        let found = rig.kernel().budgets(Some(&scope)).unwrap();
        assert_eq!(found.iter().map(|account| account.held).collect::<Vec<_>>(), [1], "{name}");
    }
    let scope = Scope { level: ScopeLevel::Tool, name: Some("caf\u{e9}_order".to_owned()) };
    rig.kernel().remove_budget(&scope, talos_budget::Unit::Calls, talos_budget::Span::Lifetime).unwrap();
    assert!(rig.kernel().budgets(None).unwrap().is_empty());
}

#[test]
fn a_call_that_asks_for_approval_or_is_denied_reserves_nothing() {
    let rig = Rig::with_policy("");
    set(&rig, &[budget(ScopeLevel::All, "", BudgetUnit::Calls, 5)]);
    let (run, args) = (rig.run(), json("{}"));
    assert_eq!(run.authorize(&Action::tool_call("a", "write_file", &args)).verdict, Verdict::NeedsApproval);
    let read = Action { effect: Some(Effect::Read), ..Action::tool_call("", "read_file", &args) };
    denied(&run.authorize(&read));
    assert_eq!(figures(&rig, ScopeLevel::All), [0, 0, 0]);
}

#[test]
fn the_same_call_asked_again_reserves_once() {
    let rig = rig(&[budget(ScopeLevel::Run, "*", BudgetUnit::Calls, 1)]);
    let (run, args) = (rig.run(), json("{}"));
    for _ in 0..3 {
        assert!(run.authorize(&Action::tool_call("a", "write_file", &args)).allowed());
    }
    assert_eq!(denied(&run.authorize(&Action::tool_call("b", "write_file", &args))), [ErrorCode::BudgetExceeded]);
    assert!(rig.open(OTHER).authorize(&Action::tool_call("b", "write_file", &args)).allowed(), "each run has its own");
}

#[test]
fn a_release_gives_back_and_an_expiry_is_charged_in_full() {
    let rig = rig(&[budget(ScopeLevel::All, "", BudgetUnit::Tokens, 100)]);
    let (run, args) = (rig.run(), json("{}"));
    let action = |call| Action { tokens: Some(30), ..Action::tool_call(call, "write_file", &args) };
    for call in ["a", "b", "c"] {
        assert!(run.authorize(&action(call)).allowed());
    }
    run.release("a").unwrap().wait().unwrap();
    assert_eq!(figures(&rig, ScopeLevel::All), [60, 0, 0]);
    rig.clock.advance(61_000);
    assert_eq!(code(run.start("b", &action("b"))), ErrorCode::CallExpired);
    assert_eq!(figures(&rig, ScopeLevel::All), [30, 30, 0]);
    run.close().unwrap();
    assert_eq!(figures(&rig, ScopeLevel::All), [0, 30, 0], "a close gives back what did not start");
}

#[test]
fn an_end_that_the_store_did_not_hear_of_is_told_again() {
    let rig = rig(&[budget(ScopeLevel::All, "", BudgetUnit::Calls, 9)]);
    let (run, args) = (rig.run(), json("{}"));
    let action = |call| Action::tool_call(call, "write_file", &args);
    assert!(run.authorize(&action("a")).allowed());
    assert!(run.authorize(&action("b")).allowed());
    rig.switch.holds_stay.store(true, std::sync::atomic::Ordering::SeqCst);
    run.release("a").unwrap().wait().unwrap();
    rig.clock.advance(61_000);
    assert_eq!(code(run.start("b", &action("b"))), ErrorCode::CallExpired);
    assert_eq!(figures(&rig, ScopeLevel::All), [2, 0, 0]);
    rig.switch.holds_stay.store(false, std::sync::atomic::Ordering::SeqCst);
    assert!(run.authorize(&action("c")).allowed());
    assert_eq!(figures(&rig, ScopeLevel::All), [1, 1, 0], "the one is given back, the other charged");
}

#[test]
fn an_unknown_end_is_charged_in_full_and_a_known_one_as_it_says() {
    let rig = rig(&[budget(ScopeLevel::All, "", BudgetUnit::Money, 1_000)]);
    let (run, args) = (rig.run(), json("{}"));
    let amount = usd(400);
    let action = |call| Action { amount: Some(&amount), ..Action::tool_call(call, "write_file", &args) };
    for call in ["a", "b"] {
        assert!(run.authorize(&action(call)).allowed());
        start(&run, &action(call));
    }
    run.settle("a", &Settlement { amount: Some(&usd(900)), ..Settlement::new(OutcomeStatus::Ok, None) }).unwrap();
    assert_eq!(figures(&rig, ScopeLevel::All), [400, 900, 300], "an overrun is a debt");
    run.close().unwrap();
    assert_eq!(figures(&rig, ScopeLevel::All), [0, 1_300, 300]);
    let again = rig.open(OTHER);
    assert_eq!(denied(&again.authorize(&action("c"))), [ErrorCode::BudgetDebt]);
    execute(&again, &Action::tool_call("d", "read_file", &args));
}

#[test]
fn what_a_dead_process_holds_is_charged_in_full_when_its_gap_is_written() {
    let mut rig = rig(&[budget(ScopeLevel::All, "", BudgetUnit::Tokens, 100)]);
    let args = json("{}");
    {
        let run = rig.run();
        let action = |call| Action { tokens: Some(20), ..Action::tool_call(call, "write_file", &args) };
        for call in ["issued", "started", "ended"] {
            assert!(run.authorize(&action(call)).allowed());
        }
        start(&run, &action("started"));
        start(&run, &action("ended"));
        run.settle("ended", &Settlement { tokens: Some(1), ..Settlement::new(OutcomeStatus::Ok, None) })
            .unwrap()
            .wait()
            .unwrap();
        assert_eq!(figures(&rig, ScopeLevel::All), [40, 1, 0]);
    }
    rig.reopen();
    assert_eq!(figures(&rig, ScopeLevel::All), [40, 1, 0], "nobody has looked yet, and nothing was given away");
    rig.open(OTHER);
    assert_eq!(figures(&rig, ScopeLevel::All), [0, 41, 0]);
}

#[test]
fn a_run_that_is_opened_again_in_its_process_charges_what_its_lost_handle_held() {
    let rig = rig(&[budget(ScopeLevel::Run, "*", BudgetUnit::Calls, 9)]);
    let args = json("{}");
    assert!(rig.run().authorize(&Action::tool_call("a", "write_file", &args)).allowed());
    rig.run();
    assert_eq!(rig.kernel().budgets(None).unwrap().iter().map(|a| [a.held, a.spent]).max(), Some([0, 1]));
}

#[test]
fn no_reservation_is_made_when_the_price_is_unknown_unless_the_budget_names_a_default() {
    let rig = rig(&[budget(ScopeLevel::All, "", BudgetUnit::Money, 1_000)]);
    let (run, args) = (rig.run(), json("{}"));
    let ask = |call, kind| Action { kind, model: Some("none"), ..Action::tool_call(call, "read_file", &args) };
    assert_eq!(denied(&run.authorize(&ask("a", ActionKind::ToolCall))), [ErrorCode::BudgetPriceUnknown]);
    let pay = Action { effect: Some(Effect::Spend), ..Action::tool_call("b", "wipe", &args) };
    assert_eq!(denied(&run.authorize(&pay)), [ErrorCode::BudgetPriceUnknown]);
    let unsaid = Action::tool_call("e", "pay", &args);
    assert_eq!(denied(&run.authorize(&unsaid)), [ErrorCode::BudgetPriceUnknown], "the policy calls it a spend");
    execute(&run, &Action::tool_call("free", "read_file", &args));
    set(&rig, &[Budget { default_cost: Some(700), ..budget(ScopeLevel::All, "", BudgetUnit::Money, 1_000) }]);
    assert!(run.authorize(&ask("c", ActionKind::ToolCall)).allowed());
    assert_eq!(figures(&rig, ScopeLevel::All), [700, 0, 0]);
    let euros = Amount { micro: 1, currency: "EUR".to_owned() };
    let foreign = Action { amount: Some(&euros), ..Action::tool_call("d", "read_file", &args) };
    assert_eq!(denied(&run.authorize(&foreign)), [ErrorCode::BudgetCurrency]);
}

#[test]
fn a_model_call_costs_what_the_catalogue_says_and_the_tokens_that_it_used() {
    let prices = Some(Arc::new(prices()));
    let rig = Rig::with(TOOLS, Config { prices, ..Config::new(common::ORIGIN) });
    set(&rig, &[budget(ScopeLevel::Model, "demo", BudgetUnit::Money, 1_000)]);
    let (run, args) = (rig.run(), json("{}"));
    let ask = Action { model: Some("demo"), tokens: Some(100), ..Action::tool_call("a", "read_file", &args) };
    assert!(run.authorize(&ask).allowed());
    assert_eq!(figures(&rig, ScopeLevel::Model), [300, 0, 0]);
    start(&run, &ask);
    run.settle("a", &Settlement { tokens: Some(40), ..Settlement::new(OutcomeStatus::Ok, None) }).unwrap();
    assert_eq!(figures(&rig, ScopeLevel::Model), [0, 120, 0]);
}

#[test]
fn a_warning_rides_on_an_allow_and_an_off_budget_counts_nothing() {
    let warn = Budget { mode: Some(BudgetMode::Warn), ..budget(ScopeLevel::All, "", BudgetUnit::Calls, 0) };
    let off = Budget { mode: Some(BudgetMode::Off), ..budget(ScopeLevel::Run, RUN, BudgetUnit::Calls, 0) };
    let rig = rig(&[warn, off]);
    let (run, args) = (rig.run(), json("{}"));
    let decision = run.authorize(&Action::tool_call("a", "write_file", &args));
    assert!(decision.allowed() && decision.warnings.len() == 1, "{:?}", decision.warnings);
    assert_eq!((figures(&rig, ScopeLevel::All), figures(&rig, ScopeLevel::Run)), ([1, 0, 0], [0, 0, 0]));
}

#[test]
fn a_policy_in_mode_observe_denies_for_no_budget_and_counts_all_the_same() {
    let rig = Rig::with_policy(&TOOLS.replace("id: test", "id: test\nmode: observe"));
    set(
        &rig,
        &[budget(ScopeLevel::All, "", BudgetUnit::Tokens, 100), budget(ScopeLevel::Run, RUN, BudgetUnit::Calls, 9)],
    );
    let (run, args) = (rig.run(), json("{}"));
    let action = |call, tokens| Action { tokens: Some(tokens), ..Action::tool_call(call, "write_file", &args) };
    let covered = start(&run, &action("a", 80));
    assert!(covered.observed.is_none() && covered.reasons.is_empty());
    let beyond = start(&run, &action("b", 30));
    assert_eq!((beyond.observed, beyond.reasons[0].code), (Some(Verdict::Deny), ErrorCode::BudgetExceeded));
    let receipt = &rig.of_call("b")[0];
    assert_eq!((receipt.verdict, receipt.observed), (Some(Verdict::Allow), Some(Verdict::Deny)));
    assert_eq!(receipt.reasons.as_ref().unwrap().as_slice(), ["budget.exceeded"]);
    assert_eq!((figures(&rig, ScopeLevel::All), calls_of_the_run(&rig)), ([110, 0, 0], [2, 0]));
    let used = |tokens| Settlement { tokens: Some(tokens), ..Settlement::new(OutcomeStatus::Ok, None) };
    run.settle("a", &used(10)).unwrap();
    run.settle("b", &used(40)).unwrap();
    assert_eq!((figures(&rig, ScopeLevel::All), calls_of_the_run(&rig)), ([0, 50, 0], [0, 2]));
    let priceless = Action { model: Some("none"), ..Action::tool_call("c", "write_file", &args) };
    assert_eq!(start(&run, &priceless).reasons[0].code, ErrorCode::BudgetPriceUnknown);
    run.settle("c", &used(70)).unwrap();
    assert_eq!(
        (figures(&rig, ScopeLevel::All), calls_of_the_run(&rig)),
        ([0, 120, 20], [0, 3]),
        "what it used is known"
    );
}

#[test]
fn a_policy_in_mode_observe_says_both_what_it_and_what_a_budget_would_have_denied() {
    let rig = Rig::with_policy(&TOOLS.replace("id: test", "id: test\nmode: observe"));
    set(&rig, &[budget(ScopeLevel::All, "", BudgetUnit::Calls, 0)]);
    let (run, args) = (rig.run(), json("{}"));
    let action = Action { effect: Some(Effect::Write), ..Action::tool_call("a", "nothing", &args) };
    let decision = start(&run, &action);
    let codes: Vec<ErrorCode> = decision.reasons.iter().map(|reason| reason.code).collect();
    assert_eq!(codes, [ErrorCode::BudgetExceeded, ErrorCode::PolicyToolNotAllowed]);
    assert_eq!((decision.observed, rig.of_call("a")[0].observed), (Some(Verdict::Deny), Some(Verdict::Deny)));
    settle(&run, "a");
    assert_eq!(figures(&rig, ScopeLevel::All), [0, 1, 0]);
}

/// Held and spent by [`RUN`], which has the only budget of its level.
fn calls_of_the_run(rig: &Rig) -> [u64; 2] {
    let [held, spent, _] = figures(rig, ScopeLevel::Run);
    [held, spent]
}

#[test]
fn a_rate_of_the_policy_denies_and_says_when_and_a_denial_uses_none_of_it() {
    let rig =
        Rig::with_policy(&format!("{TOOLS}rates: [{{id: writes, tools: [write_file], calls: 2, per_seconds: 60}}]\n"));
    set(&rig, &[budget(ScopeLevel::Tool, "write_file", BudgetUnit::Tokens, 10)]);
    let (run, args) = (rig.run(), json("{}"));
    let ask = |call, tokens| Action { tokens: Some(tokens), ..Action::tool_call(call, "write_file", &args) };
    for call in ["w", "x", "y", "z"] {
        assert_eq!(denied(&run.authorize(&ask(call, 11))), [ErrorCode::BudgetExceeded]);
    }
    execute(&run, &ask("a", 1));
    execute(&run, &ask("b", 1));
    let no = run.authorize(&ask("c", 1));
    assert_eq!((denied(&no), no.retry_after_ms), (vec![ErrorCode::LimitRate], Some(30_000)));
    rig.clock.advance(30_000);
    execute(&run, &ask("d", 1));
}

#[test]
fn money_that_the_arguments_state_is_reserved() {
    let rig = Rig::with_policy(
        "id: test\nallowed_tools: [{name: buy, effect: spend, amount: {amount_arg: /n, currency_arg: /c}}]\n",
    );
    set(&rig, &[budget(ScopeLevel::All, "", BudgetUnit::Money, 1_000)]);
    let run = rig.run();
    assert!(run.authorize(&Action::tool_call("a", "buy", &json(r#"{"n":400,"c":"USD"}"#))).allowed());
    assert_eq!(figures(&rig, ScopeLevel::All), [400, 0, 0]);
    let more = json(r#"{"n":601,"c":"USD"}"#);
    assert_eq!(denied(&run.authorize(&Action::tool_call("b", "buy", &more))), [ErrorCode::BudgetExceeded]);
}

#[test]
fn what_was_charged_without_a_decision_does_not_run() {
    let mut rig = rig(&[budget(ScopeLevel::All, "", BudgetUnit::Calls, 5)]);
    let (args, other) = (json("{}"), json("[]"));
    let action = Action::tool_call("a", "write_file", &args);
    {
        let run = rig.run();
        rig.switch.set(Mode::Fails(ErrorCode::StoreFull));
        assert_eq!(denied(&run.authorize(&action)), [ErrorCode::StoreFull]);
    }
    rig.switch.set(Mode::Works);
    rig.reopen();
    let run = rig.run();
    assert_eq!(figures(&rig, ScopeLevel::All), [0, 1, 0], "nobody knows whether it began");
    assert_eq!(denied(&run.authorize(&Action { args: &other, ..action })), [ErrorCode::BudgetConflict]);
    assert_eq!(denied(&run.authorize(&action)), [ErrorCode::BudgetState]);
}

#[test]
fn a_decision_that_finds_no_room_in_the_queue_holds_nothing() {
    let rig = rig(&[budget(ScopeLevel::All, "", BudgetUnit::Calls, 1_000_000)]);
    let (run, args) = (rig.run(), json("{}"));
    rig.switch.set(Mode::Blocks);
    let ask = |n: &u64| run.decide(&Action::tool_call(&n.to_string(), "write_file", &args)).allowed();
    let allowed = (0..40_000).take_while(ask).count() as u64;
    assert_eq!(figures(&rig, ScopeLevel::All), [allowed, 0, 0]);
    rig.switch.set(Mode::Works);
}

#[test]
fn in_mode_observe_a_budget_keeps_nothing_from_running_and_is_told() {
    let rig = Rig::with_policy(&TOOLS.replace("id: test", "id: test\nmode: observe"));
    set(&rig, &[budget(ScopeLevel::All, "", BudgetUnit::Calls, 0)]);
    let (run, args) = (rig.run(), json("{}"));
    let decision = start(&run, &Action::tool_call("a", "write_file", &args));
    assert_eq!((decision.observed, decision.code()), (Some(Verdict::Deny), Some(ErrorCode::BudgetExceeded)));
}

#[test]
fn a_rate_holds_where_there_is_no_budget() {
    let rig =
        Rig::with_policy(&format!("{TOOLS}rates: [{{id: writes, tools: [write_file], calls: 1, per_seconds: 60}}]\n"));
    let (run, args) = (rig.run(), json("{}"));
    execute(&run, &Action::tool_call("a", "write_file", &args));
    assert_eq!(denied(&run.authorize(&Action::tool_call("b", "write_file", &args))), [ErrorCode::LimitRate]);
}

#[test]
fn a_budget_holds_what_is_of_its_level_and_name_and_nothing_else() {
    let rig = Rig::with_policy(TOOLS);
    let of = Belongs {
        organisation: Some("acme".to_owned()),
        team: Some("payments".to_owned()),
        agent: Some("buyer".to_owned()),
    };
    let run = rig.kernel().open_run_of(RUN, &common::actor(), of).unwrap();
    let args = json("{}");
    let levels = [
        (ScopeLevel::Run, RUN),
        (ScopeLevel::Tool, "write_file"),
        (ScopeLevel::Model, "gpt"),
        (ScopeLevel::Key, "k1"),
        (ScopeLevel::Agent, "buyer"),
        (ScopeLevel::Agent, common::actor().as_str()),
        (ScopeLevel::Team, "payments"),
        (ScopeLevel::Organisation, "acme"),
        (ScopeLevel::Principal, "ada"),
    ]
    .map(|(level, name)| (level, name.to_owned()));
    for (n, (level, name)) in levels.iter().enumerate() {
        let ask = |call: &str| {
            let action = Action::tool_call(call, "write_file", &args);
            run.authorize(&Action { principal: Some("ada"), model: Some("gpt"), key_id: Some("k1"), ..action })
        };
        set(&rig, &[budget(*level, &format!("{name}x"), BudgetUnit::Calls, 0)]);
        assert!(ask(&format!("other {n}")).allowed(), "{level:?} of another name");
        let own = budget(*level, name, BudgetUnit::Calls, 0);
        set(&rig, std::slice::from_ref(&own));
        assert_eq!(denied(&ask(&format!("own {n}"))), [ErrorCode::BudgetExceeded], "{level:?}");
        rig.kernel().remove_budget(&own.scope, Unit::Calls, Span::Lifetime).unwrap();
    }
}

#[test]
fn a_window_turns_by_the_monotonic_clock_and_says_when() {
    let window = Some(BudgetWindow { kind: BudgetWindowKind::Fixed, seconds: 3_600 });
    let rig = rig(&[Budget { window, ..budget(ScopeLevel::All, "", BudgetUnit::Calls, 1) }]);
    let (run, args) = (rig.run(), json("{}"));
    execute(&run, &Action::tool_call("a", "write_file", &args));
    rig.clock.wall.fetch_add(7_200_000, std::sync::atomic::Ordering::SeqCst);
    let wait = run.authorize(&Action::tool_call("b", "write_file", &args)).retry_after_ms.unwrap();
    rig.clock.advance(wait - 1);
    assert_eq!(denied(&run.authorize(&Action::tool_call("c", "write_file", &args))), [ErrorCode::BudgetExceeded]);
    rig.clock.advance(1);
    execute(&run, &Action::tool_call("d", "write_file", &args));
}

#[test]
fn a_taken_call_id_gives_back_nothing_of_what_its_call_holds() {
    let rig = Rig::with_policy(&TOOLS.replace("id: test", "id: test\nmode: observe"));
    set(&rig, &[budget(ScopeLevel::All, "", BudgetUnit::Tokens, 100)]);
    let (run, args, other) = (rig.run(), json("{}"), json("[]"));
    let action = Action { tokens: Some(80), ..Action::tool_call("a", "write_file", &args) };
    start(&run, &action);
    denied(&run.authorize(&Action { args: &other, ..action }));
    execute(&run, &Action { call: "b", tokens: Some(1), ..action });
    assert_eq!(figures(&rig, ScopeLevel::All), [80, 1, 0]);
    let used = Settlement { tokens: Some(50), ..Settlement::new(OutcomeStatus::Ok, None) };
    run.settle("a", &used).unwrap().wait().unwrap();
    assert_eq!(figures(&rig, ScopeLevel::All), [0, 51, 0]);
}

#[test]
fn what_somebody_else_holds_under_the_id_of_a_call_is_not_given_back() {
    let rig = rig(&[budget(ScopeLevel::All, "", BudgetUnit::Calls, 9)]);
    let (run, args) = (rig.run(), json("{}"));
    let id = format!("{RUN}/a");
    let path = Path { run: Some(RUN), ..Path::default() };
    let cost = Cost { tokens: Figure::Free, money: Figure::Free };
    let request = Request { id: &id, body: [7; 32], path, cost, rates: &[], observed: false };
    rig.store().reserve(B64([9; 16]), common::EPOCH_MS, &request).unwrap();
    assert_eq!(denied(&run.authorize(&Action::tool_call("a", "write_file", &args))), [ErrorCode::BudgetConflict]);
    execute(&run, &Action::tool_call("b", "write_file", &args));
    assert_eq!(figures(&rig, ScopeLevel::All), [1, 1, 0]);
}

#[test]
fn sixty_four_threads_through_the_kernel_never_overspend() {
    let rig =
        rig(&[budget(ScopeLevel::All, "", BudgetUnit::Calls, 50), budget(ScopeLevel::Run, "*", BudgetUnit::Calls, 40)]);
    let runs = [rig.run(), rig.open(OTHER)];
    let done: Vec<(usize, String)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..64)
            .map(|n| {
                let of = n % 2;
                let run = &runs[of];
                scope.spawn(move || {
                    let args = json("{}");
                    let work = |call: &String| {
                        let action = Action::tool_call(call, "write_file", &args);
                        let allowed = run.authorize(&action).allowed();
                        if allowed {
                            start(run, &action);
                            settle(run, call);
                        }
                        allowed
                    };
                    (0..3).map(|i| format!("{n}-{i}")).filter(work).map(|call| (of, call)).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|t| t.join().unwrap()).collect()
    });
    assert_eq!((done.len(), figures_of_all(&rig)), (50, [0, 50, 0]));
    for (of, call) in &done {
        assert_eq!(runs[*of].permit(call), Some(PermitState::Settled), "{call}");
    }
}

fn figures_of_all(rig: &Rig) -> [u64; 3] {
    figures(rig, ScopeLevel::All)
}
