//! Stage 9 through whole calls: what is reserved, charged and given back (`docs/spec/budget.md`).

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{RUN, Rig, TOOLS, code, denied, execute, json, settle, start};
use std::sync::Arc;
use talos_budget::Catalogue;
use talos_contracts::{
    ActionKind, Amount, Budget, BudgetMode, BudgetUnit, BudgetWindow, BudgetWindowKind, Effect, ErrorCode,
    OutcomeStatus, PermitState, Price, PriceCatalogue, Scope, ScopeLevel, Verdict,
};
use talos_kernel::{Action, Config, Settlement};

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
    let price = Price {
        model: "demo".to_owned(),
        currency: "USD".to_owned(),
        input_micro: 1_000_000,
        output_micro: 3_000_000,
        max_output: None,
        encoding: None,
        source: "https://example.org".to_owned(),
        date: "2026-01-01".to_owned(),
    };
    let prices = Some(Arc::new(Catalogue::new(&PriceCatalogue { prices: vec![price] })));
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
fn a_window_turns_by_the_monotonic_clock_and_says_when() {
    let window = Some(BudgetWindow { kind: BudgetWindowKind::Fixed, seconds: 3_600 });
    let rig = rig(&[Budget { window, ..budget(ScopeLevel::All, "", BudgetUnit::Calls, 1) }]);
    let (run, args) = (rig.run(), json("{}"));
    execute(&run, &Action::tool_call("a", "write_file", &args));
    let wait = run.authorize(&Action::tool_call("b", "write_file", &args)).retry_after_ms.unwrap();
    rig.clock.advance(wait - 1);
    assert_eq!(denied(&run.authorize(&Action::tool_call("c", "write_file", &args))), [ErrorCode::BudgetExceeded]);
    rig.clock.advance(1);
    execute(&run, &Action::tool_call("d", "write_file", &args));
}

#[test]
fn sixty_four_threads_through_the_kernel_never_overspend() {
    let rig =
        rig(&[budget(ScopeLevel::All, "", BudgetUnit::Calls, 50), budget(ScopeLevel::Run, "*", BudgetUnit::Calls, 40)]);
    let runs = [rig.run(), rig.open(OTHER)];
    let done: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..64)
            .map(|n| {
                let run = &runs[n % 2];
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
                    (0..3).map(|i| format!("{n}-{i}")).filter(work).count()
                })
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).sum()
    });
    assert_eq!((done, figures_of_all(&rig)), (50, [0, 50, 0]));
    assert_eq!(runs[0].permit("0-0"), Some(PermitState::Settled));
}

fn figures_of_all(rig: &Rig) -> [u64; 3] {
    figures(rig, ScopeLevel::All)
}
