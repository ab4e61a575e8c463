//! Reservations over random trees of budgets (`docs/spec/budget.md`, sections 3 and 4).

#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use std::collections::HashMap;
use talos_budget::{Actual, Answer, Cost, Figure, Ledger, Path, Request, Unit};
use talos_contracts::{
    Budget, BudgetAccount, BudgetMode, BudgetUnit, BudgetWindow, BudgetWindowKind, ErrorCode, Scope, ScopeLevel,
};

const RUNS: [&str; 3] = ["r0", "r1", "r2"];
const TEAMS: [&str; 2] = ["t0", "t1"];

fn scopes() -> impl Strategy<Value = Scope> {
    let of = |level, name: &str| Scope { level, name: Some(name.to_owned()) };
    prop_oneof![
        Just(Scope { level: ScopeLevel::All, name: None }),
        proptest::sample::select(&RUNS[..]).prop_map(move |name| of(ScopeLevel::Run, name)),
        proptest::sample::select(&TEAMS[..]).prop_map(move |name| of(ScopeLevel::Team, name)),
        Just(of(ScopeLevel::Run, "*")),
        Just(of(ScopeLevel::Team, "*")),
        Just(of(ScopeLevel::Tool, "search")),
    ]
}

fn windows() -> impl Strategy<Value = Option<BudgetWindow>> {
    prop_oneof![
        Just(None),
        (1_u64..5).prop_map(|seconds| Some(BudgetWindow { kind: BudgetWindowKind::Fixed, seconds })),
        (1_u64..5).prop_map(|seconds| Some(BudgetWindow { kind: BudgetWindowKind::Sliding, seconds })),
    ]
}

fn budgets() -> impl Strategy<Value = Budget> {
    let unit = prop_oneof![
        Just((BudgetUnit::Calls, None)),
        Just((BudgetUnit::Tokens, None)),
        Just((BudgetUnit::Money, Some("USD".to_owned())))
    ];
    (scopes(), unit, 0_u64..60, windows(), proptest::option::of(0_u64..20)).prop_map(
        |(scope, (unit, currency), cap, window, default_cost)| Budget {
            scope,
            unit,
            currency,
            cap,
            window,
            mode: None,
            default_cost,
        },
    )
}

#[derive(Clone, Debug)]
enum Step {
    Reserve { id: u8, run: usize, team: usize, tokens: Option<u64>, micro: Option<u64> },
    Settle { id: u8, tokens: Option<u64>, micro: Option<u64> },
    Release(u8),
    Expire(u8),
    Advance(u64),
    Back(u64),
}

fn steps(honest: bool) -> impl Strategy<Value = Vec<Step>> {
    let id = 0_u8..12;
    let used = if honest { 0_u64..1 } else { 0_u64..40 };
    let step = prop_oneof![
        4 => (id.clone(), 0_usize..3, 0_usize..2, proptest::option::of(0_u64..20), proptest::option::of(0_u64..20))
            .prop_map(|(id, run, team, tokens, micro)| Step::Reserve { id, run, team, tokens, micro }),
        3 => (id.clone(), proptest::option::of(used.clone()), proptest::option::of(used))
            .prop_map(|(id, tokens, micro)| Step::Settle { id, tokens, micro }),
        1 => id.clone().prop_map(Step::Release),
        1 => id.prop_map(Step::Expire),
        1 => (0_u64..3_000).prop_map(Step::Advance),
        1 => (0_u64..3_000).prop_map(Step::Back),
    ];
    proptest::collection::vec(step, 1..80)
}

fn usd() -> Unit {
    Unit::money("USD").unwrap()
}

fn request<'a>(id: &'a str, run: usize, team: usize, tokens: Option<u64>, micro: Option<u64>) -> Request<'a> {
    Request {
        id,
        body: [run as u8 * 4 + team as u8; 32],
        path: Path { run: Some(RUNS[run]), tool: Some("search"), team: Some(TEAMS[team]), ..Path::default() },
        cost: Cost {
            tokens: tokens.map_or(Figure::Unknown, Figure::Known),
            money: micro.map_or(Figure::Free, |micro| Figure::Known((usd(), micro))),
        },
        rates: &[],
        observed: false,
    }
}

fn by_label(accounts: Vec<BudgetAccount>) -> HashMap<String, BudgetAccount> {
    accounts
        .into_iter()
        .map(|a| (format!("{:?}{:?}{:?}{:?}", a.budget.scope, a.budget.unit, a.budget.currency, a.budget.window), a))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is asked and in whatever order: while nothing costs more than it was reserved, no
    /// level ever holds and has used more than its cap; and a step that is refused changes nothing.
    #[test]
    fn no_level_ever_goes_over_its_cap_and_a_refusal_changes_nothing(
        budgets in proptest::collection::vec(budgets(), 1..8),
        steps in steps(true),
    ) {
        let mut ledger = Ledger::default();
        for budget in &budgets {
            ledger.set(budget).unwrap();
        }
        let mut now = 1_000_000_u64;
        for step in steps {
            let before = ledger.accounts(now, None);
            let refused = match step {
                Step::Reserve { id, run, team, tokens, micro } => {
                    let id = format!("{id}");
                    match ledger.reserve(now, &request(&id, run, team, tokens, micro)) {
                        Ok(Answer::Held(_)) => false,
                        Ok(Answer::Denied(_)) => true,
                        Err(error) => { prop_assert_eq!(error.code, ErrorCode::BudgetConflict); true }
                    }
                }
                Step::Settle { id, tokens, micro } => {
                    let actual = Actual { tokens, money: micro.map(|m| (usd(), m)) };
                    ledger.settle(now, &format!("{id}"), &actual).is_err()
                }
                Step::Release(id) => ledger.release(now, &format!("{id}")).is_err(),
                Step::Expire(id) => ledger.expire(now, &format!("{id}")).is_err(),
                Step::Advance(ms) => { now += ms; false }
                Step::Back(ms) => { now -= ms; false }
            };
            let after = by_label(ledger.accounts(now, None));
            for account in after.values() {
                prop_assert!(account.held + account.spent <= account.budget.cap, "{account:?}");
                prop_assert_eq!(account.debt, 0);
            }
            if refused {
                let before = by_label(before);
                for (label, account) in &after {
                    // A name that is seen for the first time has an account, and nothing on it.
                    let was = before.get(label).map_or((0, 0), |b| (b.held, b.spent));
                    prop_assert_eq!((account.held, account.spent), was);
                }
            }
        }
    }

    /// Each step may be repeated, and says and does the same as once; a figure that is other is a conflict.
    #[test]
    fn every_step_is_idempotent(budgets in proptest::collection::vec(budgets(), 1..6), steps in steps(false)) {
        let (mut once, mut twice) = (Ledger::default(), Ledger::default());
        for budget in &budgets {
            once.set(budget).unwrap();
            twice.set(budget).unwrap();
        }
        let now = 5_000;
        for step in steps {
            match step {
                Step::Reserve { id, run, team, tokens, micro } => {
                    let id = format!("{id}");
                    let ask = request(&id, run, team, tokens, micro);
                    let first = once.reserve(now, &ask);
                    prop_assert_eq!(first.is_ok(), twice.reserve(now, &ask).is_ok());
                    let again = twice.reserve(now, &ask);
                    if let Ok(Answer::Held(held)) = again {
                        // What holds nothing is not remembered.
                        prop_assert!(!held.fresh || !held.holds);
                    }
                }
                Step::Settle { id, tokens, micro } => {
                    let actual = Actual { tokens, money: micro.map(|m| (usd(), m)) };
                    let first = once.settle(now, &format!("{id}"), &actual);
                    prop_assert_eq!(&first, &twice.settle(now, &format!("{id}"), &actual));
                    prop_assert_eq!(&first, &twice.settle(now, &format!("{id}"), &actual));
                }
                Step::Release(id) => {
                    let first = once.release(now, &format!("{id}"));
                    prop_assert_eq!(&first, &twice.release(now, &format!("{id}")));
                    prop_assert_eq!(&first, &twice.release(now, &format!("{id}")));
                }
                Step::Expire(id) => {
                    let first = once.expire(now, &format!("{id}"));
                    prop_assert_eq!(&first, &twice.expire(now, &format!("{id}")));
                    prop_assert_eq!(&first, &twice.expire(now, &format!("{id}")));
                }
                Step::Advance(_) | Step::Back(_) => {}
            }
            prop_assert_eq!(once.accounts(now, None), twice.accounts(now, None));
        }
    }

    /// Whatever was charged in the last so many seconds is counted, and what is older than a
    /// sixteenth more is not.
    #[test]
    fn a_sliding_window_counts_no_charge_too_briefly(
        seconds in 1_u64..120,
        charges in proptest::collection::vec((0_u64..20_000, 1_u64..50), 1..60),
    ) {
        let mut ledger = Ledger::default();
        let window = Some(BudgetWindow { kind: BudgetWindowKind::Sliding, seconds });
        ledger.set(&Budget {
            scope: Scope { level: ScopeLevel::All, name: None }, unit: BudgetUnit::Tokens, currency: None,
            cap: 1_000_000, window, mode: None, default_cost: None,
        }).unwrap();
        let (mut now, mut all) = (3_000_000_u64, Vec::new());
        for (at, (wait, tokens)) in charges.into_iter().enumerate() {
            now += wait;
            let id = format!("{at}");
            ledger.reserve(now, &request(&id, 0, 0, Some(tokens), None)).unwrap();
            ledger.settle(now, &id, &Actual::default()).unwrap();
            all.push((now, tokens));
            let since = |ms: u64| all.iter().filter(|(at, _)| at + ms > now).map(|(_, t)| t).sum::<u64>();
            let counted = ledger.accounts(now, None)[0].spent;
            let (length, slot) = (seconds * 1_000, (seconds * 1_000).div_ceil(16));
            prop_assert!(counted >= since(length), "{counted} of {}", since(length));
            prop_assert!(counted <= since(slot * 17), "{counted} of {}", since(slot * 17));
        }
    }

    /// After the time that a denial names the same action is covered, if nothing else happens.
    #[test]
    fn after_the_time_that_a_denial_names_there_is_room(
        window in windows(), cap in 1_u64..50, first in 1_u64..50, wait in 0_u64..6_000, second in 1_u64..50,
    ) {
        let mut ledger = Ledger::default();
        ledger.set(&Budget {
            scope: Scope { level: ScopeLevel::All, name: None }, unit: BudgetUnit::Tokens, currency: None,
            cap, window, mode: None, default_cost: None,
        }).unwrap();
        let now = 1_000_000;
        if let Answer::Held(_) = ledger.reserve(now, &request("a", 0, 0, Some(first), None)).unwrap() {
            ledger.settle(now, "a", &Actual::default()).unwrap();
        }
        let now = now + wait;
        if let Answer::Denied(denial) = ledger.reserve(now, &request("b", 0, 0, Some(second), None)).unwrap() {
            match denial.retry_after_ms {
                None => prop_assert!(second > cap || window_is_for_good(&ledger.accounts(now, None)[0])),
                Some(ms) => {
                    let held = |ledger: &mut Ledger, at| matches!(ledger.reserve(at, &request("b", 0, 0, Some(second), None)), Ok(Answer::Held(_)));
                    prop_assert!(ms > 0 && !held(&mut ledger, now + ms - 1));
                    prop_assert!(held(&mut ledger, now + ms));
                }
            }
        }
    }
}

fn window_is_for_good(account: &BudgetAccount) -> bool {
    account.budget.window.is_none() && account.budget.mode == Some(BudgetMode::Hard)
}
