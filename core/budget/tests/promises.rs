//! What a ledger promises, one thing at a time (`docs/spec/budget.md`, sections 2 to 5).

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use talos_budget::gcra::Verdict;
use talos_budget::{
    Actual, Answer, Catalogue, Cost, Denial, Figure, Ledger, MAX, Path, Rate, RateUse, Request, Span, Unit, WorstCase,
};
use talos_contracts::{
    ActionKind, Amount, Budget, BudgetMode, BudgetUnit, BudgetWindow, BudgetWindowKind, Effect, ErrorCode, Price,
    PriceCatalogue, Scope, ScopeLevel,
};

const ALL: Scope = Scope { level: ScopeLevel::All, name: None };

fn tokens(cap: u64) -> Budget {
    Budget { scope: ALL, unit: BudgetUnit::Tokens, currency: None, cap, window: None, mode: None, default_cost: None }
}

fn usd() -> Unit {
    Unit::money("USD").unwrap()
}

fn ledger(budgets: &[Budget]) -> Ledger {
    let mut ledger = Ledger::default();
    budgets.iter().for_each(|budget| drop(ledger.set(budget).unwrap()));
    ledger
}

fn of(tokens: u64) -> Cost {
    Cost { tokens: Figure::Known(tokens), money: Figure::Free }
}

fn ask(ledger: &mut Ledger, now_ms: u64, id: &str, cost: Cost) -> Result<(), Box<Denial>> {
    let path = Path { run: Some("r"), tool: Some("t"), ..Path::default() };
    match ledger.reserve(now_ms, &Request { id, body: [0; 32], path, cost, rates: &[], observed: false }).unwrap() {
        Answer::Held(held) => {
            assert!(held.fresh, "{id}");
            Ok(())
        }
        Answer::Denied(denial) => Err(denial),
    }
}

fn settle(ledger: &mut Ledger, now_ms: u64, id: &str, tokens: u64) {
    ledger.settle(now_ms, id, &Actual { tokens: Some(tokens), money: None }).unwrap();
}

fn window(kind: BudgetWindowKind, seconds: u64) -> Option<BudgetWindow> {
    Some(BudgetWindow { kind, seconds })
}

#[test]
fn a_charge_is_neither_charged_nor_reserved_nor_given_back_again() {
    let mut ledger = ledger(&[tokens(100)]);
    ask(&mut ledger, 0, "a", of(10)).unwrap();
    settle(&mut ledger, 0, "a", 4);
    let other = ledger.settle(0, "a", &Actual { tokens: Some(0), money: None });
    assert_eq!(other.unwrap_err().code, ErrorCode::BudgetConflict);
    assert_eq!(ledger.release(0, "a").unwrap_err().code, ErrorCode::BudgetState);
    let path = Path { run: Some("r"), tool: Some("t"), ..Path::default() };
    let again = ledger
        .reserve(0, &Request { id: "a", body: [0; 32], path, cost: of(10), rates: &[], observed: false })
        .unwrap();
    assert!(matches!(again, Answer::Held(held) if !held.fresh));
    let all = &ledger.accounts(0, None)[0];
    assert_eq!((all.held, all.spent), (0, 4));
}

#[test]
fn the_first_level_from_the_leaf_that_says_no_is_the_reason() {
    let run = Scope { level: ScopeLevel::Run, name: Some("r".to_owned()) };
    let mut ledger = ledger(&[tokens(1), Budget { scope: run, ..tokens(1) }]);
    assert_eq!(ask(&mut ledger, 0, "a", of(2)).unwrap_err().level, Some(ScopeLevel::Run));
}

#[test]
fn the_interval_of_a_rate_is_rounded_up() {
    assert_eq!(Rate::new(3, 1, 1).check(0, 1, 0), Verdict::Allow { tat_us: 333_334 });
}

#[test]
fn a_fixed_window_turns_at_the_multiples_of_its_length() {
    let mut ledger = ledger(&[Budget { window: window(BudgetWindowKind::Fixed, 60), ..tokens(10) }]);
    ask(&mut ledger, 119_999, "a", of(10)).unwrap();
    settle(&mut ledger, 119_999, "a", 10);
    assert_eq!(ask(&mut ledger, 119_999, "b", of(1)).unwrap_err().retry_after_ms, Some(1));
    ask(&mut ledger, 120_000, "b", of(10)).unwrap();
    settle(&mut ledger, 120_000, "b", 10);
    assert_eq!(ask(&mut ledger, 179_999, "c", of(1)).unwrap_err().retry_after_ms, Some(1));
    ask(&mut ledger, 180_000, "c", of(1)).unwrap();
}

#[test]
fn a_clock_that_went_back_gives_nothing_back_and_pins_nothing() {
    for kind in [BudgetWindowKind::Fixed, BudgetWindowKind::Sliding] {
        let mut ledger = ledger(&[Budget { window: window(kind, 60), ..tokens(10) }]);
        ask(&mut ledger, 10_000_000, "a", of(10)).unwrap();
        settle(&mut ledger, 10_000_000, "a", 10);
        assert!(ask(&mut ledger, 1_000_000, "b", of(1)).is_err(), "{kind:?}");
        // The charge was taken along, and leaves in time.
        ask(&mut ledger, 1_130_000, "c", of(10)).unwrap();
    }
}

#[test]
fn a_budget_of_a_tool_by_its_name_asks_what_every_call_of_it_costs() {
    let tool = |name: &str| Scope { level: ScopeLevel::Tool, name: Some(name.to_owned()) };
    let mut named = ledger(&[Budget { scope: tool("t"), ..tokens(10) }]);
    assert_eq!(ask(&mut named, 0, "a", Cost::free()).unwrap_err().code, ErrorCode::BudgetPriceUnknown);
    let mut each = ledger(&[Budget { scope: tool("*"), ..tokens(10) }]);
    ask(&mut each, 0, "a", Cost::free()).unwrap();
}

#[test]
fn what_cannot_be_undone_or_asks_a_model_is_not_free_where_nobody_says_the_price() {
    let of = |kind, effect, model| Cost::of(kind, effect, model, None, None).unwrap();
    assert_eq!(of(ActionKind::ToolCall, Effect::Irreversible, None).money, Figure::Unknown);
    assert_eq!(of(ActionKind::ToolCall, Effect::Spend, None).money, Figure::Unknown);
    assert_eq!(of(ActionKind::ToolCall, Effect::External, None), Cost::free());
    let unknown = Cost { tokens: Figure::Unknown, money: Figure::Unknown };
    assert_eq!(of(ActionKind::ToolCall, Effect::Read, Some("demo")), unknown);
    assert_eq!(of(ActionKind::Sampling, Effect::Read, None), unknown);
}

#[test]
fn a_budget_of_its_own_takes_the_place_of_each_in_its_unit() {
    let run = |name: &str| Scope { level: ScopeLevel::Run, name: Some(name.to_owned()) };
    let hourly = window(BudgetWindowKind::Fixed, 3_600);
    let mut ledger = ledger(&[
        Budget { scope: run("*"), window: hourly, ..tokens(1) },
        Budget { scope: run("r"), ..tokens(5) },
        Budget { scope: run("*"), unit: BudgetUnit::Calls, ..tokens(1) },
    ]);
    ask(&mut ledger, 0, "a", of(5)).unwrap();
    assert_eq!(ask(&mut ledger, 0, "b", of(0)).unwrap_err().rule, "budget run r, calls for good");
}

#[test]
fn prices_are_rounded_up() {
    let price = Price {
        model: "demo".to_owned(),
        currency: "USD".to_owned(),
        input_micro: 1,
        output_micro: 2,
        max_output: None,
        encoding: None,
        source: "https://example.org".to_owned(),
        date: "2026-01-01".to_owned(),
    };
    let catalogue = Catalogue::new(&PriceCatalogue { prices: vec![price] });
    let call = WorstCase { input: 1, output: Some(0), limit: None };
    assert_eq!(catalogue.quote("demo", "USD", call).unwrap().amount.micro, 1);
    assert_eq!(catalogue.dearest("demo", 1).unwrap().micro, 1);
    assert_eq!(catalogue.dearest("demo", 1_000_000).unwrap().micro, 2, "at the dearer price");
}

#[test]
fn a_debt_is_repaid_by_the_window_and_by_a_larger_cap() {
    let mut windowed = ledger(&[Budget { window: window(BudgetWindowKind::Fixed, 60), ..tokens(10) }]);
    ask(&mut windowed, 0, "a", of(1)).unwrap();
    settle(&mut windowed, 0, "a", 15);
    assert_eq!(ask(&mut windowed, 59_999, "b", of(0)).unwrap_err().code, ErrorCode::BudgetDebt);
    ask(&mut windowed, 60_000, "b", of(10)).unwrap();
    let mut raised = ledger(&[tokens(10)]);
    ask(&mut raised, 0, "a", of(1)).unwrap();
    settle(&mut raised, 0, "a", 15);
    raised.set(&tokens(16)).unwrap();
    ask(&mut raised, 0, "b", of(1)).unwrap();
}

#[test]
fn what_is_removed_is_one_budget_and_other_terms_hold_at_once() {
    let calls = Budget { unit: BudgetUnit::Calls, ..tokens(9) };
    let mut ledger = ledger(&[tokens(10), calls]);
    ask(&mut ledger, 0, "a", of(10)).unwrap();
    ledger.set(&tokens(12)).unwrap();
    ask(&mut ledger, 0, "b", of(2)).unwrap();
    ledger.set(&tokens(5)).unwrap();
    assert_eq!(ask(&mut ledger, 0, "c", of(1)).unwrap_err().code, ErrorCode::BudgetExceeded);
    ledger.remove(&ALL, Unit::Tokens, Span::Lifetime).unwrap();
    ask(&mut ledger, 0, "c", of(1_000)).unwrap();
    let left: Vec<_> = ledger.accounts(0, None).into_iter().map(|a| (a.budget.unit, a.held)).collect();
    assert_eq!(left, [(BudgetUnit::Calls, 3)]);
}

#[test]
fn money_in_another_currency_than_was_reserved_counts_as_reserved() {
    let money = Budget { unit: BudgetUnit::Money, currency: Some("USD".to_owned()), ..tokens(100) };
    let mut ledger = ledger(&[money]);
    let cost = Cost { tokens: Figure::Free, money: Figure::Known((usd(), 60)) };
    ask(&mut ledger, 0, "a", cost).unwrap();
    let euros = Amount { micro: 1, currency: "EUR".to_owned() };
    ledger.settle(0, "a", &Actual::new(None, Some(&euros)).unwrap()).unwrap();
    assert_eq!(ledger.accounts(0, None)[0].spent, 60);
    assert!(ask(&mut ledger, 0, "b", cost).is_err());
}

#[test]
fn what_is_beyond_all_counting_is_denied_in_every_mode() {
    for mode in [BudgetMode::Hard, BudgetMode::Warn] {
        let mut ledger = ledger(&[Budget { mode: Some(mode), ..tokens(MAX) }]);
        ask(&mut ledger, 0, "a", of(MAX)).unwrap();
        for more in [1, MAX, u64::MAX] {
            assert_eq!(ask(&mut ledger, 0, "b", of(more)).unwrap_err().code, ErrorCode::BudgetExceeded, "{mode:?}");
        }
    }
}

#[test]
fn only_the_dead_are_charged() {
    let mut ledger = ledger(&[tokens(100)]);
    let request = |id| Request { id, body: [0; 32], path: Path::default(), cost: of(7), rates: &[], observed: false };
    ledger.reserve_for([1; 16], 0, &request("dead")).unwrap();
    ledger.reserve_for([2; 16], 0, &request("alive")).unwrap();
    assert_eq!(ledger.expire_of(0, |owner| *owner == [1; 16]).unwrap(), 1);
    let all = &ledger.accounts(0, None)[0];
    assert_eq!((all.held, all.spent), (7, 7));
}

#[test]
fn the_longest_wait_of_several_rates_is_told_and_a_denied_budget_uses_no_rate() {
    let rates = |calls| {
        [("a", 10), ("b", 60), ("c", 30)].map(|(key, per)| RateUse { key, rule: key, rate: Rate::new(calls, per, 1) })
    };
    let mut ledger = ledger(&[tokens(10)]);
    let mut ask = |id, cost, rates: &[RateUse<'_>]| {
        ledger
            .reserve(1_000, &Request { id, body: [0; 32], path: Path::default(), cost, rates, observed: false })
            .unwrap()
    };
    assert!(matches!(ask("a", of(11), &rates(1)), Answer::Denied(denial) if denial.code == ErrorCode::BudgetExceeded));
    assert!(matches!(ask("b", of(1), &rates(1)), Answer::Held(_)));
    let Answer::Denied(denial) = ask("c", of(1), &rates(1)) else { panic!() };
    assert_eq!((denial.rule.as_str(), denial.retry_after_ms), ("b", Some(60_000)));
}

#[test]
fn an_agent_with_a_name_is_held_by_a_budget_of_its_did_too() {
    let agent = |name: &str| Scope { level: ScopeLevel::Agent, name: Some(name.to_owned()) };
    let mut ledger = ledger(&[Budget { scope: agent("did:key:z6Mk"), ..tokens(1) }]);
    let path = Path { agent: Some("buyer"), actor: Some("did:key:z6Mk"), ..Path::default() };
    let request = Request { id: "a", body: [0; 32], path, cost: of(2), rates: &[], observed: false };
    assert!(matches!(ledger.reserve(0, &request).unwrap(), Answer::Denied(_)));
}
