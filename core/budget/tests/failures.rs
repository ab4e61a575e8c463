//! The failures that users of other gateways report, one test each (`docs/spec/budget.md`).
//! That a store that fails does not open is tested in the kernel, `tests/faults.rs`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::Mutex;
use talos_budget::{Actual, Answer, Catalogue, Cost, Denial, Ledger, Path, Request, WorstCase};
use talos_contracts::json::{self, Profile};
use talos_contracts::{
    ActionKind, Amount, Budget, BudgetUnit, Effect, ErrorCode, Price, PriceCatalogue, Scope, ScopeLevel,
};

fn budget(level: ScopeLevel, name: Option<&str>, unit: BudgetUnit, cap: u64) -> Budget {
    let currency = (unit == BudgetUnit::Money).then(|| "USD".to_owned());
    let scope = Scope { level, name: name.map(str::to_owned) };
    Budget { scope, unit, currency, cap, window: None, mode: None, default_cost: None }
}

fn ledger(budgets: &[Budget]) -> Ledger {
    let mut ledger = Ledger::default();
    for budget in budgets {
        ledger.set(budget).unwrap();
    }
    ledger
}

fn sampling(tokens: Option<u64>, micro: Option<u64>) -> Cost {
    let amount = micro.map(|micro| Amount { micro, currency: "USD".to_owned() });
    Cost::of(ActionKind::Sampling, Effect::External, Some("demo"), tokens, amount.as_ref()).unwrap()
}

fn ask(ledger: &mut Ledger, id: &str, run: &str, cost: Cost) -> Result<(), Box<Denial>> {
    let path = Path { run: Some(run), model: Some("demo"), ..Path::default() };
    match ledger.reserve(0, &Request { id, body: [0; 32], path, cost, rates: &[], observed: false }).unwrap() {
        Answer::Held(_) => Ok(()),
        Answer::Denied(denial) => Err(denial),
    }
}

fn prices(max_output: Option<u64>) -> Catalogue {
    Catalogue::new(&PriceCatalogue {
        prices: vec![Price {
            model: "demo".to_owned(),
            currency: "USD".to_owned(),
            input_micro: 1_000_000,
            output_micro: 2_000_000,
            max_output,
            encoding: None,
            source: "https://example.org".to_owned(),
            date: "2026-01-01".to_owned(),
        }],
    })
}

#[test]
fn concurrent_check_then_increment() {
    let shared = Mutex::new(ledger(&[budget(ScopeLevel::All, None, BudgetUnit::Tokens, 100)]));
    let made: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..64)
            .map(|n| {
                let shared = &shared;
                scope.spawn(move || {
                    let try_one = |i: &usize| {
                        ask(&mut shared.lock().unwrap(), &format!("{n}-{i}"), "r", sampling(Some(7), None)).is_ok()
                    };
                    (0..5).filter(try_one).count()
                })
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).sum()
    });
    assert_eq!(made, 14);
}

#[test]
fn no_reservation_when_the_price_is_unknown() {
    let mut ledger = ledger(&[budget(ScopeLevel::All, None, BudgetUnit::Money, 100)]);
    assert_eq!(ask(&mut ledger, "a", "r", sampling(Some(1), None)).unwrap_err().code, ErrorCode::BudgetPriceUnknown);
    let call = WorstCase { input: 1, output: Some(1), limit: None };
    let unknown = Catalogue::default().quote("demo", "USD", call).unwrap_err();
    assert_eq!(unknown.code, ErrorCode::BudgetPriceUnknown);
}

#[test]
fn a_default_budget_bypassed_by_the_first_concurrent_use() {
    let mut ledger = ledger(&[budget(ScopeLevel::Run, Some("*"), BudgetUnit::Tokens, 10)]);
    for run in ["r1", "r2", "r3"] {
        assert!(ask(&mut ledger, &format!("{run}-a"), run, sampling(Some(11), None)).is_err(), "the very first");
        ask(&mut ledger, &format!("{run}-b"), run, sampling(Some(10), None)).unwrap();
        assert!(ask(&mut ledger, &format!("{run}-c"), run, sampling(Some(1), None)).is_err());
    }
}

#[test]
fn headroom_pinned_by_a_missing_or_hostile_max_tokens() {
    let catalogue = prices(Some(50));
    for output in [None, Some(u64::MAX), Some((1 << 53) - 1)] {
        let quote = catalogue.quote("demo", "USD", WorstCase { input: 10, output, limit: None }).unwrap();
        assert_eq!((quote.tokens, quote.amount.micro), (60, 110), "{output:?}: the model's ceiling");
        let quote = catalogue.quote("demo", "USD", WorstCase { input: 10, output, limit: Some(20) }).unwrap();
        assert_eq!((quote.tokens, quote.amount.micro), (30, 50), "{output:?}: the operator's limit");
    }
    let unbounded = prices(None).quote("demo", "USD", WorstCase { input: 10, output: None, limit: None });
    assert_eq!(unbounded.unwrap_err().code, ErrorCode::BudgetPriceUnknown);
    // Whatever is asked, a denial pins nothing.
    let mut ledger = ledger(&[budget(ScopeLevel::All, None, BudgetUnit::Tokens, 100)]);
    assert!(ask(&mut ledger, "hostile", "r", sampling(Some((1 << 53) - 1), None)).is_err());
    ask(&mut ledger, "honest", "r", sampling(Some(100), None)).unwrap();
}

#[test]
fn worst_case_holds_that_starve_long_contexts() {
    let mut ledger = ledger(&[budget(ScopeLevel::All, None, BudgetUnit::Tokens, 1_000)]);
    // Ten long calls whose worst case is nearly all there is, and which use little: one after the other all run.
    for n in 0..10 {
        let id = format!("long-{n}");
        ask(&mut ledger, &id, "r", sampling(Some(900), None)).unwrap();
        assert!(ask(&mut ledger, "meanwhile", "r", sampling(Some(900), None)).is_err());
        ledger.settle(0, &id, &Actual { tokens: Some(10), money: None }).unwrap();
    }
    assert_eq!(ledger.accounts(0, None)[0].left, 900);
}

#[test]
fn false_exceeded() {
    let mut ledger = ledger(&[budget(ScopeLevel::All, None, BudgetUnit::Tokens, 100)]);
    ask(&mut ledger, "all", "r", sampling(Some(100), None)).unwrap();
    for _ in 0..3 {
        ask(&mut ledger, "all", "r", sampling(Some(100), None)).unwrap();
    }
    ledger.release(0, "all").unwrap();
    for n in 0..100 {
        let id = format!("{n}");
        ask(&mut ledger, &id, "r", sampling(Some(100 - n), None)).unwrap();
        ledger.settle(0, &id, &Actual { tokens: Some(1), money: None }).unwrap();
    }
    assert_eq!(ask(&mut ledger, "more", "r", sampling(Some(1), None)).unwrap_err().code, ErrorCode::BudgetExceeded);
}

#[test]
fn a_budget_in_debt_blocks_what_costs_nothing_known() {
    let mut ledger = ledger(&[budget(ScopeLevel::All, None, BudgetUnit::Tokens, 10)]);
    ask(&mut ledger, "a", "r", sampling(Some(0), None)).unwrap();
    ledger.settle(0, "a", &Actual { tokens: Some(11), money: None }).unwrap();
    assert_eq!(ask(&mut ledger, "b", "r", sampling(Some(0), None)).unwrap_err().code, ErrorCode::BudgetDebt);
}

#[test]
fn the_prices_of_this_program_are_whole_and_say_where_and_when_they_were_read() {
    let text = include_bytes!("../data/prices.json");
    let prices = PriceCatalogue::read(&json::parse(text, Profile::Data).unwrap()).unwrap().prices;
    assert!(!prices.is_empty());
    let catalogue = Catalogue::builtin().unwrap();
    for price in prices {
        assert_eq!(catalogue.find(&price.model, Some(&price.currency)), Some(&price), "each model once");
        let call = WorstCase { input: 1_000_000, output: None, limit: None };
        let quote = catalogue.quote(&price.model, &price.currency, call).unwrap();
        assert!(quote.amount.micro > price.input_micro && price.input_micro <= price.output_micro, "{}", price.model);
        assert!(price.source.starts_with("https://"), "{}", price.source);
    }
}

#[test]
fn prices_of_ones_own_go_before_those_of_this_program() {
    let mut catalogue = Catalogue::builtin().unwrap();
    let model = "claude-sonnet-5";
    let before = catalogue.find(model, None).unwrap().clone();
    catalogue.add(&PriceCatalogue { prices: vec![Price { input_micro: 1, output_micro: 2, ..before }] });
    let call = WorstCase { input: 1_000_000, output: Some(1_000_000), limit: None };
    assert_eq!(catalogue.quote(model, "USD", call).unwrap().amount.micro, 2, "1 + 0.256, rounded up");
    assert_eq!(catalogue.dearest(model, 1_000_000).unwrap().micro, 2);
}
