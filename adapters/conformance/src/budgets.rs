//! What a store is as a place of budgets: each step alone, whole, and the same for all writers
//! (`docs/spec/budget.md`).

use crate::entries::{boot, run_id};
use crate::{Keeper, Site};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::sync::Barrier;
use talos_budget::{
    Actual, Answer, Cost, Denial, Figure, Held, HoldState, Ledger, Path, Rate, RateUse, Request, Span, Unit,
};
use talos_contracts::{
    Budget, BudgetAccount, BudgetMode, BudgetUnit, BudgetWindow, BudgetWindowKind, ErrorCode, Scope, ScopeLevel,
};

const NOW: u64 = 1_763_625_600_000;
const DAY: u64 = 86_400;

fn scope(level: ScopeLevel, name: &str) -> Scope {
    Scope { level, name: (!name.is_empty()).then(|| name.to_owned()) }
}

fn budget(level: ScopeLevel, name: &str, unit: BudgetUnit, cap: u64) -> Budget {
    let currency = (unit == BudgetUnit::Money).then(|| "USD".to_owned());
    Budget { scope: scope(level, name), unit, currency, cap, window: None, mode: None, default_cost: None }
}

fn fixed(budget: Budget, seconds: u64) -> Budget {
    Budget { window: Some(BudgetWindow { kind: BudgetWindowKind::Fixed, seconds }), ..budget }
}

fn usd() -> Unit {
    Unit::money("USD").unwrap()
}

fn path(run: &str) -> Path<'_> {
    Path {
        run: Some(run),
        tool: Some("search"),
        model: None,
        key: None,
        agent: Some("scout"),
        actor: None,
        team: Some("research"),
        organisation: Some("acme"),
        principal: None,
    }
}

fn tokens(tokens: u64) -> Cost {
    Cost { tokens: Figure::Known(tokens), money: Figure::Free }
}

fn money(micro: u64) -> Cost {
    Cost { tokens: Figure::Free, money: Figure::Known((usd(), micro)) }
}

fn ask<'a>(id: &'a str, path: Path<'a>, cost: Cost) -> Request<'a> {
    Request { id, body: [7; 32], path, cost, rates: &[], observed: false }
}

/// A writer that lives.
fn writer(site: &impl Site, n: u8) -> Box<dyn Keeper> {
    let store = site.keeper();
    store.begin(boot(n), &run_id(n)).unwrap();
    store
}

#[track_caller]
fn held(answer: Answer) -> Held {
    match answer {
        Answer::Held(held) => held,
        Answer::Denied(denial) => panic!("{}", denial.message),
    }
}

#[track_caller]
fn denied(answer: Answer) -> Denial {
    match answer {
        Answer::Denied(denial) => *denial,
        Answer::Held(_) => panic!("it was reserved"),
    }
}

fn account(store: &dyn Keeper, now: u64, level: ScopeLevel, name: &str) -> BudgetAccount {
    let mut found = store.accounts(now, Some(&scope(level, name))).unwrap();
    assert_eq!(found.len(), 1, "{level:?} {name:?}");
    found.remove(0)
}

/// Held, spent, debt and left.
fn figures(account: &BudgetAccount) -> [u64; 4] {
    [account.held, account.spent, account.debt, account.left]
}

/// Where one level says no, none holds anything; and the first from the leaf is the reason.
pub fn a_reservation_holds_on_all_levels_or_on_none(site: &impl Site) {
    let store = writer(site, 1);
    assert!(!store.any().unwrap());
    let caps = [(ScopeLevel::Run, "r", 100), (ScopeLevel::Agent, "scout", 60), (ScopeLevel::Team, "research", 50)];
    for (level, name, cap) in caps {
        store.set(&budget(level, name, BudgetUnit::Tokens, cap)).unwrap();
    }
    store.set(&budget(ScopeLevel::All, "", BudgetUnit::Tokens, 80)).unwrap();
    assert!(store.any().unwrap());
    assert!(held(store.reserve(boot(1), NOW, &ask("a", path("r"), tokens(40))).unwrap()).fresh);
    for (asks, level) in [(70, ScopeLevel::Run), (30, ScopeLevel::Agent), (15, ScopeLevel::Team)] {
        let no = denied(store.reserve(boot(1), NOW, &ask("b", path("r"), tokens(asks))).unwrap());
        assert_eq!((no.code, no.level), (ErrorCode::BudgetExceeded, Some(level)), "{asks}: {}", no.message);
    }
    for (level, name, cap) in caps {
        assert_eq!(figures(&account(store.as_ref(), NOW, level, name)), [40, 0, 0, cap - 40], "{name}");
    }
    held(store.reserve(boot(1), NOW, &ask("b", path("r"), tokens(10))).unwrap());
    assert_eq!(figures(&account(store.as_ref(), NOW, ScopeLevel::Team, "research")), [50, 0, 0, 0], "equality passes");
}

/// A name has one budget, however it is spelt when it is set, asked for and removed.
pub fn a_name_has_one_budget_in_each_of_its_spellings(site: &impl Site) {
    let store = writer(site, 1);
    let spellings = ["caf\u{e9}_order", "cafe\u{301}_order"];
    let of = |tool| Path { tool: Some(tool), ..path("r") };
    for (cap, name) in [(1, spellings[1]), (2, spellings[0]), (3, spellings[1])] {
        let set = store.set(&budget(ScopeLevel::Tool, name, BudgetUnit::Calls, cap)).unwrap();
        assert_eq!(set.scope.name.as_deref(), Some(spellings[0]));
    }
    for (id, tool) in [("a", spellings[0]), ("b", spellings[1]), ("c", spellings[0])] {
        held(store.reserve(boot(1), NOW, &ask(id, of(tool), Cost::free())).unwrap());
    }
    let no = denied(store.reserve(boot(1), NOW, &ask("d", of(spellings[1]), Cost::free())).unwrap());
    assert_eq!(no.code, ErrorCode::BudgetExceeded);
    assert_eq!(figures(&account(store.as_ref(), NOW, ScopeLevel::Tool, spellings[0])), [3, 0, 0, 0]);
    store.remove(&scope(ScopeLevel::Tool, spellings[1]), Unit::Calls, Span::Lifetime).unwrap();
    assert!(!store.any().unwrap());
}

/// What was not used comes back, once, however often it is told.
pub fn what_was_not_used_comes_back_once(site: &impl Site) {
    let store = writer(site, 1);
    store.set(&budget(ScopeLevel::Team, "research", BudgetUnit::Money, 1_000)).unwrap();
    held(store.reserve(boot(1), NOW, &ask("a", path("r"), money(600))).unwrap());
    let used = Actual { tokens: None, money: Some((usd(), 250)) };
    for _ in 0..3 {
        store.settle(NOW, "a", &used).unwrap();
        assert_eq!(figures(&account(store.as_ref(), NOW, ScopeLevel::Team, "research")), [0, 250, 0, 750]);
    }
    let other = Actual { tokens: None, money: Some((usd(), 1)) };
    assert_eq!(store.settle(NOW, "a", &other).unwrap_err().code, ErrorCode::BudgetConflict);
    assert_eq!(store.release(NOW, "a").unwrap_err().code, ErrorCode::BudgetState);
    store.expire(NOW, "a").unwrap();
    assert_eq!(figures(&account(store.as_ref(), NOW, ScopeLevel::Team, "research")), [0, 250, 0, 750]);
    assert_eq!(store.settle(NOW, "never", &used).unwrap_err().code, ErrorCode::BudgetUnknown);
    store.expire(NOW, "never").unwrap();
}

/// What a call cost beyond its reservation and the cap blocks all others, until the window turns or the cap is raised.
pub fn an_overrun_is_a_debt_until_it_is_repaid(site: &impl Site) {
    let store = writer(site, 1);
    store.set(&fixed(budget(ScopeLevel::All, "", BudgetUnit::Tokens, 100), DAY)).unwrap();
    held(store.reserve(boot(1), NOW, &ask("a", path("r"), tokens(50))).unwrap());
    store.settle(NOW, "a", &Actual { tokens: Some(130), money: None }).unwrap();
    assert_eq!(figures(&account(store.as_ref(), NOW, ScopeLevel::All, "")), [0, 130, 30, 0]);
    let no = denied(store.reserve(boot(1), NOW, &ask("b", path("r"), tokens(0))).unwrap());
    assert_eq!(no.code, ErrorCode::BudgetDebt);
    let turns = no.retry_after_ms.unwrap();
    held(store.reserve(boot(1), NOW + turns, &ask("b", path("r"), tokens(100))).unwrap());
    store.release(NOW + turns, "b").unwrap();
    store.set(&budget(ScopeLevel::Run, "r", BudgetUnit::Tokens, 10)).unwrap();
    held(store.reserve(boot(1), NOW + turns, &ask("c", path("r"), tokens(10))).unwrap());
    store.settle(NOW + turns, "c", &Actual { tokens: Some(15), money: None }).unwrap();
    assert_eq!(
        denied(store.reserve(boot(1), NOW + turns, &ask("d", path("r"), tokens(1))).unwrap()).code,
        ErrorCode::BudgetDebt
    );
    store.set(&budget(ScopeLevel::Run, "r", BudgetUnit::Tokens, 16)).unwrap();
    held(store.reserve(boot(1), NOW + turns, &ask("d", path("r"), tokens(1))).unwrap());
}

/// The same id is the same reservation, unless it was given back; other figures under it are a conflict.
pub fn the_same_id_is_the_same_reservation(site: &impl Site) {
    let store = writer(site, 1);
    store.set(&budget(ScopeLevel::Run, "r", BudgetUnit::Calls, 2)).unwrap();
    let request = ask("a", path("r"), Cost::free());
    assert!(held(store.reserve(boot(1), NOW, &request).unwrap()).fresh);
    for _ in 0..3 {
        assert!(!held(store.reserve(boot(1), NOW, &request).unwrap()).fresh);
    }
    assert_eq!(account(store.as_ref(), NOW, ScopeLevel::Run, "r").held, 1);
    let other = store.reserve(boot(1), NOW, &Request { body: [8; 32], ..request });
    assert_eq!(other.unwrap_err().code, ErrorCode::BudgetConflict);
    store.release(NOW, "a").unwrap();
    store.release(NOW, "a").unwrap();
    assert_eq!(account(store.as_ref(), NOW, ScopeLevel::Run, "r").left, 2);
    assert_eq!(store.settle(NOW, "a", &Actual::default()).unwrap_err().code, ErrorCode::BudgetState);
    assert!(held(store.reserve(boot(1), NOW, &request).unwrap()).fresh);
    store.settle(NOW, "a", &Actual::default()).unwrap();
    assert!(matches!(held(store.reserve(boot(1), NOW, &request).unwrap()).state, HoldState::Settled(_)));
    assert_eq!(account(store.as_ref(), NOW, ScopeLevel::Run, "r").left, 1);
}

/// A budget for each of a level is there at the first use of every name, also when many come at once.
pub fn a_default_budget_holds_for_the_first_concurrent_use(site: &impl Site) {
    let store = writer(site, 1);
    store.set(&budget(ScopeLevel::Run, "*", BudgetUnit::Calls, 3)).unwrap();
    let others: Vec<_> = (2..6).map(|n| writer(site, n)).collect();
    let barrier = Barrier::new(others.len());
    let ask_all = |n: usize, store: &dyn Keeper| {
        barrier.wait();
        let ids: Vec<String> = (0..4).map(|i| format!("{n}-{i}")).collect();
        let is_held = |id: &&String| {
            matches!(store.reserve(boot(n as u8 + 2), NOW, &ask(id, path("new"), Cost::free())), Ok(Answer::Held(_)))
        };
        ids.iter().filter(is_held).count()
    };
    let made: usize = std::thread::scope(|scope| {
        let ask_all = &ask_all;
        let threads: Vec<_> =
            others.iter().enumerate().map(|(n, store)| scope.spawn(move || ask_all(n, store.as_ref()))).collect();
        threads.into_iter().map(|t| t.join().unwrap()).sum()
    });
    assert_eq!(made, 3);
    assert_eq!(figures(&account(store.as_ref(), NOW, ScopeLevel::Run, "new")), [3, 0, 0, 0]);
    store.set(&budget(ScopeLevel::Run, "mine", BudgetUnit::Calls, 5)).unwrap();
    for n in 0..5 {
        held(store.reserve(boot(1), NOW, &ask(&format!("m{n}"), path("mine"), Cost::free())).unwrap());
    }
    denied(store.reserve(boot(1), NOW, &ask("m5", path("mine"), Cost::free())).unwrap());
}

/// 64 threads on one budget: never more than the cap, and nothing is lost of what came back.
pub fn sixty_four_threads_never_overspend_and_lose_nothing(site: &impl Site) {
    const THREADS: usize = 64;
    const CAP: u64 = 40;
    let stores: Vec<_> = (1..5).map(|n| writer(site, n)).collect();
    stores[0].set(&budget(ScopeLevel::All, "", BudgetUnit::Tokens, CAP)).unwrap();
    stores[0].set(&budget(ScopeLevel::Team, "research", BudgetUnit::Tokens, CAP)).unwrap();
    let barrier = Barrier::new(THREADS);
    let work = |n: usize| {
        let (store, owner) = (&stores[n % stores.len()], boot((n % stores.len()) as u8 + 1));
        barrier.wait();
        let mut used = 0;
        for step in 0..6 {
            let id = format!("{n}-{step}");
            if let Answer::Denied(_) = store.reserve(owner, NOW, &ask(&id, path("r"), tokens(3))).unwrap() {
                continue;
            }
            let now = account(store.as_ref(), NOW, ScopeLevel::All, "");
            assert!(now.held + now.spent <= CAP, "{now:?}");
            if step % 2 == 0 {
                store.release(NOW, &id).unwrap();
            } else {
                store.settle(NOW, &id, &Actual { tokens: Some(1), money: None }).unwrap();
                used += 1;
            }
        }
        used
    };
    let used: u64 = std::thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = (0..THREADS).map(|n| scope.spawn(move || work(n))).collect();
        threads.into_iter().map(|t| t.join().unwrap()).sum()
    });
    for (level, name) in [(ScopeLevel::All, ""), (ScopeLevel::Team, "research")] {
        assert_eq!(figures(&account(stores[0].as_ref(), NOW, level, name)), [0, used, 0, CAP - used]);
    }
    assert!(used > 0);
}

/// Who is dead is charged in full for what nobody knows the end of; who lives is not.
pub fn what_the_dead_hold_is_charged_in_full(site: &impl Site) {
    let (dead, alive) = (writer(site, 1), writer(site, 2));
    dead.set(&budget(ScopeLevel::All, "", BudgetUnit::Tokens, 100)).unwrap();
    for (id, amount) in [("a", 10), ("b", 20), ("c", 5)] {
        held(dead.reserve(boot(1), NOW, &ask(id, path("r"), tokens(amount))).unwrap());
    }
    held(alive.reserve(boot(2), NOW, &ask("d", path("r"), tokens(40))).unwrap());
    dead.settle(NOW, "c", &Actual { tokens: Some(1), money: None }).unwrap();
    assert_eq!(alive.expire_dead(NOW).unwrap(), 0);
    drop(dead);
    assert_eq!(alive.expire_dead(NOW).unwrap(), 2);
    assert_eq!(figures(&account(alive.as_ref(), NOW, ScopeLevel::All, "")), [40, 31, 0, 29]);
    assert_eq!(alive.expire_dead(NOW).unwrap(), 0, "once");
    alive.release(NOW, "d").unwrap();
    assert_eq!(figures(&account(alive.as_ref(), NOW, ScopeLevel::All, "")), [0, 31, 0, 69]);
}

/// A rate is one for all writers, and is used only by what is reserved.
pub fn a_rate_is_used_only_if_all_else_holds(site: &impl Site) {
    let (a, b) = (writer(site, 1), writer(site, 2));
    a.set(&budget(ScopeLevel::All, "", BudgetUnit::Tokens, 10)).unwrap();
    let rates = [RateUse { key: "mails", rule: "mails", rate: Rate::new(2, 60, 2) }];
    let request = |id: &'static str, asks| Request { rates: &rates, ..ask(id, path("r"), tokens(asks)) };
    for _ in 0..5 {
        assert_eq!(denied(a.reserve(boot(1), NOW, &request("x", 11)).unwrap()).code, ErrorCode::BudgetExceeded);
    }
    held(a.reserve(boot(1), NOW, &request("a", 1)).unwrap());
    held(b.reserve(boot(2), NOW, &request("b", 1)).unwrap());
    let no = denied(a.reserve(boot(1), NOW, &request("c", 1)).unwrap());
    assert_eq!((no.code, no.level, no.retry_after_ms), (ErrorCode::LimitRate, None, Some(30_000)));
    assert_eq!(account(b.as_ref(), NOW, ScopeLevel::All, "").held, 2);
    held(b.reserve(boot(2), NOW + 30_000, &request("c", 1)).unwrap());
}

/// What runs whatever the answer is holds all of its path, and says what would have denied it; of no rate is it used.
pub fn what_is_only_observed_is_counted_beyond_the_cap(site: &impl Site) {
    let store = writer(site, 1);
    store.set(&budget(ScopeLevel::Run, "r", BudgetUnit::Tokens, 10)).unwrap();
    store.set(&budget(ScopeLevel::All, "", BudgetUnit::Tokens, 100)).unwrap();
    let rates = [RateUse { key: "mails", rule: "mails", rate: Rate::new(1, 60, 1) }];
    let request = |id, asks| Request { rates: &rates, observed: true, ..ask(id, path("r"), tokens(asks)) };
    assert_eq!(held(store.reserve(boot(1), NOW, &request("a", 10)).unwrap()).lifted, None);
    let late = held(store.reserve(boot(1), NOW + 60_000, &request("b", 5)).unwrap());
    assert_eq!(late.lifted.map(|no| (no.code, no.level)), Some((ErrorCode::BudgetExceeded, Some(ScopeLevel::Run))));
    let often = held(store.reserve(boot(1), NOW + 60_000, &request("c", 5)).unwrap());
    assert_eq!(often.lifted.map(|no| (no.code, no.level)), Some((ErrorCode::LimitRate, None)));
    store.settle(NOW, "b", &Actual { tokens: Some(7), money: None }).unwrap();
    store.release(NOW, "c").unwrap();
    assert_eq!(figures(&account(store.as_ref(), NOW, ScopeLevel::Run, "r")), [10, 7, 2, 0]);
    assert_eq!(figures(&account(store.as_ref(), NOW, ScopeLevel::All, "")), [10, 7, 0, 83]);
    let no = denied(store.reserve(boot(1), NOW, &ask("d", path("r"), tokens(0))).unwrap());
    assert_eq!(no.code, ErrorCode::BudgetDebt);
}

/// What is used up opens again a window after a clock that went back, also where nothing but denials come in between.
pub fn a_window_that_only_denies_follows_a_clock_that_went_back(site: &impl Site) {
    const BACK: u64 = NOW - 30 * DAY * 1_000;
    let (a, b) = (writer(site, 1), writer(site, 2));
    for (run, kind) in [("fixed", BudgetWindowKind::Fixed), ("sliding", BudgetWindowKind::Sliding)] {
        let window = Some(BudgetWindow { kind, seconds: DAY });
        a.set(&Budget { window, ..budget(ScopeLevel::Run, run, BudgetUnit::Calls, 1) }).unwrap();
        held(a.reserve(boot(1), NOW, &ask(run, path(run), Cost::free())).unwrap());
        a.settle(NOW, run, &Actual::default()).unwrap();
        let again = format!("{run} again");
        let again = ask(&again, path(run), Cost::free());
        denied(a.reserve(boot(1), BACK, &again).unwrap());
        let wait = denied(b.reserve(boot(2), BACK, &again).unwrap()).retry_after_ms.unwrap();
        assert!(wait <= DAY * 1_000 * 17 / 16, "{run}: {wait} ms");
        denied(b.reserve(boot(2), BACK + wait - 1, &again).unwrap());
        held(a.reserve(boot(1), BACK + wait, &again).unwrap());
    }
}

/// Budgets and what was used of them outlive those who set them.
pub fn budgets_outlive_their_writers(site: &impl Site) {
    let store = writer(site, 1);
    let set = store.set(&fixed(budget(ScopeLevel::Agent, "scout", BudgetUnit::Money, 500), DAY)).unwrap();
    assert_eq!(set.mode, Some(BudgetMode::Hard));
    held(store.reserve(boot(1), NOW, &ask("a", path("r"), money(300))).unwrap());
    store.settle(NOW, "a", &Actual::default()).unwrap();
    drop(store);
    let later = writer(site, 2);
    assert!(later.any().unwrap());
    let there = account(later.as_ref(), NOW, ScopeLevel::Agent, "scout");
    assert_eq!((there.budget.clone(), figures(&there)), (set, [0, 300, 0, 200]));
    denied(later.reserve(boot(2), NOW, &ask("b", path("r"), money(201))).unwrap());
    later.remove(&scope(ScopeLevel::Agent, "scout"), usd(), Span::Fixed(DAY)).unwrap();
    assert!(!later.any().unwrap() && later.accounts(NOW, None).unwrap().is_empty());
    let gone = later.remove(&scope(ScopeLevel::Agent, "scout"), usd(), Span::Fixed(DAY));
    assert_eq!(gone.unwrap_err().code, ErrorCode::BudgetUnknown);
    assert!(!held(later.reserve(boot(2), NOW, &ask("b", path("r"), money(9_000))).unwrap()).holds);
}

/// A reservation of a budget that was removed is charged to no other one.
pub fn what_a_removed_budget_held_is_charged_to_no_other(site: &impl Site) {
    let store = writer(site, 1);
    let limit = budget(ScopeLevel::Run, "r", BudgetUnit::Tokens, 50);
    store.set(&limit).unwrap();
    held(store.reserve(boot(1), NOW, &ask("a", path("r"), tokens(30))).unwrap());
    store.remove(&limit.scope, Unit::Tokens, Span::Lifetime).unwrap();
    store.set(&limit).unwrap();
    held(store.reserve(boot(1), NOW, &ask("b", path("r"), tokens(10))).unwrap());
    store.settle(NOW, "a", &Actual::default()).unwrap();
    assert_eq!(figures(&account(store.as_ref(), NOW, ScopeLevel::Run, "r")), [10, 0, 0, 40]);
}

/// A removed budget of each leaves no account of a name that meanwhile has a budget of its own over another window.
pub fn a_removed_budget_of_each_leaves_no_account_behind(site: &impl Site) {
    let store = writer(site, 1);
    let each = budget(ScopeLevel::Team, "*", BudgetUnit::Calls, 10);
    store.set(&each).unwrap();
    held(store.reserve(boot(1), NOW, &ask("a", path("r"), tokens(1))).unwrap());
    store.set(&fixed(budget(ScopeLevel::Team, "research", BudgetUnit::Calls, 5), 60)).unwrap();
    store.remove(&each.scope, Unit::Calls, Span::Lifetime).unwrap();
    held(store.reserve(boot(1), NOW, &ask("b", path("r"), tokens(1))).unwrap());
    store.settle(NOW, "a", &Actual::default()).unwrap();
    let left = account(store.as_ref(), NOW, ScopeLevel::Team, "research");
    assert_eq!((left.budget.cap, figures(&left)), (5, [1, 0, 0, 4]));
}

/// Other terms for each also hold where a budget of a name's own has taken their place for a while.
pub fn terms_of_each_reach_a_name_that_had_its_own(site: &impl Site) {
    let store = writer(site, 1);
    let own = fixed(budget(ScopeLevel::Team, "research", BudgetUnit::Calls, 5), 60);
    store.set(&budget(ScopeLevel::Team, "*", BudgetUnit::Calls, 1)).unwrap();
    held(store.reserve(boot(1), NOW, &ask("a", path("r"), tokens(1))).unwrap());
    store.set(&own).unwrap();
    store.set(&budget(ScopeLevel::Team, "*", BudgetUnit::Calls, 2)).unwrap();
    store.remove(&own.scope, Unit::Calls, Span::Fixed(60)).unwrap();
    held(store.reserve(boot(1), NOW, &ask("b", path("r"), tokens(1))).unwrap());
    denied(store.reserve(boot(1), NOW, &ask("c", path("r"), tokens(1))).unwrap());
}

#[derive(Clone, Debug)]
enum Step {
    Set(usize),
    Remove(usize),
    Reserve { id: u8, run: bool, tokens: u64, micro: Option<u64> },
    Settle { id: u8, tokens: Option<u64> },
    Release(u8),
    Expire(u8),
    Wait(i64),
}

fn all_budgets() -> Vec<Budget> {
    let sliding = Some(BudgetWindow { kind: BudgetWindowKind::Sliding, seconds: 7 });
    vec![
        budget(ScopeLevel::Run, "*", BudgetUnit::Tokens, 30),
        budget(ScopeLevel::Run, "r", BudgetUnit::Tokens, 20),
        fixed(budget(ScopeLevel::Run, "q", BudgetUnit::Tokens, 25), 5),
        Budget { default_cost: Some(3), ..budget(ScopeLevel::Team, "research", BudgetUnit::Money, 40) },
        Budget { window: sliding, ..budget(ScopeLevel::All, "", BudgetUnit::Tokens, 50) },
        Budget { mode: Some(BudgetMode::Warn), ..budget(ScopeLevel::Tool, "search", BudgetUnit::Calls, 2) },
        Budget { mode: Some(BudgetMode::Off), ..budget(ScopeLevel::Tool, "*", BudgetUnit::Calls, 0) },
    ]
}

fn history() -> impl Strategy<Value = Vec<Step>> {
    let id = 0_u8..8;
    let step = prop_oneof![
        3 => (0..all_budgets().len()).prop_map(Step::Set),
        1 => (0..all_budgets().len()).prop_map(Step::Remove),
        6 => (id.clone(), any::<bool>(), 0_u64..20, prop::option::of(0_u64..20))
            .prop_map(|(id, run, tokens, micro)| Step::Reserve { id, run, tokens, micro }),
        4 => (id.clone(), prop::option::of(0_u64..40)).prop_map(|(id, tokens)| Step::Settle { id, tokens }),
        2 => id.clone().prop_map(Step::Release),
        1 => id.prop_map(Step::Expire),
        2 => (-4_000_i64..9_000).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 1..40)
}

/// Answer by answer and figure by figure, the store does what the ledger alone does.
pub fn agrees_with_the_ledger<S: Site>(cases: u32, site: impl Fn() -> S) {
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    runner
        .run(&history(), |steps| {
            follow(&site(), &steps);
            Ok(())
        })
        .unwrap();
}

fn follow(site: &impl Site, steps: &[Step]) {
    let (store, mut ledger, mut now) = (writer(site, 1), Ledger::default(), NOW);
    let of = |n: &usize| all_budgets()[*n].clone();
    for step in steps {
        match step {
            Step::Set(n) => assert_eq!(store.set(&of(n)), ledger.set(&of(n))),
            Step::Remove(n) => {
                let (budget, key) = (of(n), talos_budget::Key::of(&of(n)).unwrap());
                assert_eq!(
                    store.remove(&budget.scope, key.unit, key.span),
                    ledger.remove(&budget.scope, key.unit, key.span)
                );
            }
            Step::Reserve { id, run, tokens, micro } => {
                let id = format!("id{id}");
                let money = micro.map_or(Figure::Unknown, |micro| Figure::Known((usd(), micro)));
                let request =
                    ask(&id, path(if *run { "r" } else { "q" }), Cost { tokens: Figure::Known(*tokens), money });
                assert_eq!(store.reserve(boot(1), now, &request), ledger.reserve_for(boot(1).0, now, &request));
            }
            Step::Settle { id, tokens } => {
                let (id, actual) = (format!("id{id}"), Actual { tokens: *tokens, money: None });
                assert_eq!(store.settle(now, &id, &actual), ledger.settle(now, &id, &actual).map(|_| ()));
            }
            Step::Release(id) => {
                let id = format!("id{id}");
                assert_eq!(store.release(now, &id), ledger.release(now, &id).map(|_| ()));
            }
            Step::Expire(id) => {
                let id = format!("id{id}");
                let expected = ledger
                    .expire(now, &id)
                    .map_or_else(|e| if e.code == ErrorCode::BudgetUnknown { Ok(()) } else { Err(e) }, |_| Ok(()));
                assert_eq!(store.expire(now, &id), expected);
            }
            Step::Wait(ms) => now = now.saturating_add_signed(*ms),
        }
        assert_eq!(store.accounts(now, None), Ok(ledger.accounts(now, None)), "after {step:?}");
    }
}
