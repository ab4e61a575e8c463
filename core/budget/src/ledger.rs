//! Reservations over a path of budgets: all levels or none, from leaf to root
//! (`docs/spec/budget.md`, section 4).

use crate::account::{Account, Short};
use crate::cost::{Actual, Cost, Figure, LEVELS, Request};
use crate::gcra::Verdict;
use crate::terms::{EACH, Key, Span, Terms, Unit, label};
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use talos_contracts::{Budget, BudgetAccount, BudgetMode, Error, ErrorCode, Scope, ScopeLevel};

/// Callers choose names: keyed like the standard one, and a step looks up eight of them.
type HashMap<K, V> = std::collections::HashMap<K, V, ahash::RandomState>;

/// Ended reservations that are remembered, so that the same id gives the same answer.
const REMEMBERED: usize = 65_536;
/// Budgets, accounts, reservations and rates that are kept at a time: more are refused, so that
/// nobody can eat the memory.
const KEPT_MAX: usize = 1_000_000;
/// Rates that are kept before those that are due again are forgotten.
const RATES_MIN: usize = 1_024;

/// Where a reservation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldState {
    /// It waits for its end.
    Held,
    /// It was charged; absent: in full.
    Settled(Option<Actual>),
    /// It was given back; its id is free again.
    Released,
}

/// What one account holds of a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The account, as [`Ledger::account`] knows it.
    pub account: u32,
    /// So much.
    pub amount: u64,
}

/// A reservation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// What it was asked with.
    pub body: [u8; 32],
    /// Who asked.
    pub owner: [u8; 16],
    /// Where it is.
    pub state: HoldState,
    /// What is held of each account on the path, also where that is nothing: what the call did cost
    /// is charged there.
    pub holds: Vec<Hold>,
}

/// A reservation that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Whether it was made just now.
    pub fresh: bool,
    /// Where it is.
    pub state: HoldState,
    /// Whether anything is held: where no budget is on the path there is nothing to end.
    pub holds: bool,
    /// Budgets in mode warn that it is beyond.
    pub warnings: Vec<ScopeLevel>,
    /// Why it would not have been made, if the action had not been only observed.
    pub lifted: Option<Box<Denial>>,
}

/// Why nothing was reserved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// The code.
    pub code: ErrorCode,
    /// The first level, from the leaf, that said no; absent: a rate did.
    pub level: Option<ScopeLevel>,
    /// The budget or the rate, as reasons name it.
    pub rule: String,
    /// What was asked and what there is.
    pub message: String,
    /// After so many milliseconds it may be asked again; absent: time alone does not help.
    pub retry_after_ms: Option<u64>,
}

/// What came of a reservation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It stands, on every level.
    Held(Held),
    /// There is none, on no level, and no rate was used.
    Denied(Box<Denial>),
}

/// The budgets of one level.
#[derive(Debug, Default)]
struct Level {
    each: Vec<Terms>,
    own: HashMap<Box<str>, Vec<Terms>>,
    /// What a name has: made at its first use, forgotten when the budgets change.
    linked: HashMap<Box<str>, Linked>,
}

/// The accounts of a name.
#[derive(Debug)]
struct Linked {
    accounts: Vec<u32>,
    /// Whether it has a budget of its own, and not only as one of its level.
    named: bool,
}

#[derive(Debug)]
struct Slot {
    key: Key,
    account: Account,
    /// Reservations that hold something of it.
    holders: u32,
    /// Whether its budget was removed.
    removed: bool,
}

/// A reservation with its name, which those that have ended are lined up by.
#[derive(Debug)]
struct Kept {
    name: Arc<str>,
    reservation: Reservation,
}

/// Budgets, what is held and used of them, and the rates.
#[derive(Debug, Default)]
pub struct Ledger {
    levels: [Level; LEVELS.len()],
    budgets: usize,
    slots: Vec<Slot>,
    free: Vec<u32>,
    by_key: BTreeMap<Key, u32>,
    reservations: HashMap<Arc<str>, Kept>,
    ended: VecDeque<Arc<str>>,
    rates: HashMap<String, u64>,
    sweep_rates_at: usize,
}

impl Ledger {
    /// Whether there is any budget.
    pub fn is_empty(&self) -> bool {
        self.budgets == 0
    }

    /// Sets a budget, or other terms for the one of the same scope, unit and window. What was
    /// counted stays.
    pub fn set(&mut self, budget: &Budget) -> Result<Budget, Error> {
        let (key, terms) = (Key::of(budget)?, Terms::new(budget)?);
        let known = self.find_terms(&key);
        if known.is_none() {
            check_room(self.budgets)?;
            self.budgets += 1;
        }
        self.edit(&key, |list| match list.iter_mut().find(|t| (t.unit, t.span) == (terms.unit, terms.span)) {
            Some(there) => *there = terms,
            None => {
                list.push(terms);
                list.sort_unstable_by_key(|t| (t.unit, t.span));
            }
        });
        for (at, account) in self.accounts_of(&key) {
            if let Some(slot) = self.slots.get_mut(at as usize)
                && (account == key || self.levels[usize::from(key.level)].is_one_of_each(&account))
            {
                slot.account.terms = terms;
                slot.account.repay();
            }
        }
        Ok(key.budget(&terms))
    }

    /// Removes a budget and what was counted against it.
    pub fn remove(&mut self, scope: &Scope, unit: Unit, span: Span) -> Result<(), Error> {
        let key = Key::new(scope, unit, span)?;
        if self.find_terms(&key).is_none() {
            return Err(Error::new(ErrorCode::BudgetUnknown, format!("no budget of {}", label(&key))));
        }
        let gone: Vec<(u32, Key)> = self
            .accounts_of(&key)
            .into_iter()
            .filter(|(_, account)| *account == key || self.levels[usize::from(key.level)].is_one_of_each(account))
            .collect();
        self.edit(&key, |list| list.retain(|t| (t.unit, t.span) != (unit, span)));
        self.budgets -= 1;
        for (at, account) in gone {
            self.by_key.remove(&account);
            if let Some(slot) = self.slots.get_mut(at as usize) {
                slot.removed = true;
                if slot.holders == 0 {
                    self.free.push(at);
                }
            }
        }
        Ok(())
    }

    /// Reserves what the action costs on every level of its path, or on none.
    pub fn reserve(&mut self, now_ms: u64, request: &Request<'_>) -> Result<Answer, Error> {
        self.reserve_for([0; 16], now_ms, request)
    }

    /// [`Ledger::reserve`], remembering who asked.
    pub fn reserve_for(&mut self, owner: [u8; 16], now_ms: u64, request: &Request<'_>) -> Result<Answer, Error> {
        request.check()?;
        if let Some(known) = self.reservation(request.id)
            && known.state != HoldState::Released
        {
            return known.replayed(&request.body);
        }
        check_room(self.reservations.len())?;
        let mut asked = Asked::default();
        let rates = match self.check_rates(now_ms, request) {
            Ok(rates) => rates,
            Err(denial) if request.observed => {
                asked.lifted = Some(denial);
                Vec::new()
            }
            Err(denial) => return Ok(Answer::Denied(denial)),
        };
        if let Err(denial) = self.check_path(now_ms, request, &mut asked)? {
            return Ok(Answer::Denied(denial));
        }
        let Asked { held, warnings, lifted } = asked;
        // Before anything is held: a rate for which there is no room fails the step.
        for (use_, tat) in request.rates.iter().zip(rates) {
            self.keep_rate(now_ms, use_.key, tat)?;
        }
        for hold in &held {
            if let Some(slot) = self.slots.get_mut(hold.account as usize) {
                slot.account.hold(now_ms, hold.amount);
                slot.holders += 1;
            }
        }
        let holds = !held.is_empty();
        if holds {
            let new = Reservation { body: request.body, owner, state: HoldState::Held, holds: held };
            self.keep(request.id, new);
        }
        Ok(Answer::Held(Held { fresh: true, state: HoldState::Held, holds, warnings, lifted }))
    }

    /// Charges what the call did cost; what is absent was used in full. What it cost beyond its
    /// reservation is charged, too.
    pub fn settle(&mut self, now_ms: u64, id: &str, actual: &Actual) -> Result<HoldState, Error> {
        let next = |state| match state {
            HoldState::Held => Ok(Some(HoldState::Settled(Some(*actual)))),
            HoldState::Settled(before) if before.unwrap_or_default() == *actual => Ok(None),
            HoldState::Settled(_) => Err(Error::new(
                ErrorCode::BudgetConflict,
                format!("the reservation {id:?} was settled with other figures"),
            )),
            HoldState::Released => {
                Err(Error::new(ErrorCode::BudgetState, format!("the reservation {id:?} was released")))
            }
        };
        self.end(id, next, |account, held| account.settle(now_ms, held, actual.of(account.terms.unit, held)))
    }

    /// Charges in full a call of which nobody knows what became; one that has ended stays as it is.
    pub fn expire(&mut self, now_ms: u64, id: &str) -> Result<HoldState, Error> {
        let next = |state| Ok((state == HoldState::Held).then_some(HoldState::Settled(None)));
        self.end(id, next, |account, held| account.settle(now_ms, held, held))
    }

    /// Charges in full what those hold that meet the condition; says how many that were.
    pub fn expire_of(&mut self, now_ms: u64, mut is_dead: impl FnMut(&[u8; 16]) -> bool) -> Result<u64, Error> {
        let dead: Vec<Arc<str>> = self
            .reservations
            .iter()
            .filter(|(_, kept)| kept.reservation.state == HoldState::Held && is_dead(&kept.reservation.owner))
            .map(|(id, _)| Arc::clone(id))
            .collect();
        for id in &dead {
            self.expire(now_ms, id)?;
        }
        Ok(dead.len() as u64)
    }

    /// Gives back what is held of a call that provably did not start.
    pub fn release(&mut self, now_ms: u64, id: &str) -> Result<HoldState, Error> {
        let next = |state| match state {
            HoldState::Held => Ok(Some(HoldState::Released)),
            HoldState::Released => Ok(None),
            HoldState::Settled(_) => {
                Err(Error::new(ErrorCode::BudgetState, format!("the reservation {id:?} was settled")))
            }
        };
        self.end(id, next, |account, held| account.release(now_ms, held))
    }

    /// A reservation that is remembered.
    pub fn reservation(&self, id: &str) -> Option<&Reservation> {
        self.reservations.get(id).map(|kept| &kept.reservation)
    }

    /// An account that a [`Hold`] names.
    pub fn account(&self, at: u32) -> Option<(&Key, &Account)> {
        self.slots.get(at as usize).map(|slot| (&slot.key, &slot.account))
    }

    /// The state of a rate; 0 if there is none.
    pub fn rate(&self, key: &str) -> u64 {
        self.rates.get(key).copied().unwrap_or(0)
    }

    /// Puts back an account as a store has kept it; gives what holds name it by.
    pub fn restore_account(&mut self, key: Key, account: Account) -> u32 {
        if let Some(at) = self.by_key.get(&key) {
            if let Some(slot) = self.slots.get_mut(*at as usize) {
                slot.account = account;
            }
            return *at;
        }
        self.add(key, account)
    }

    /// Puts back a reservation as a store has kept it.
    pub fn restore_reservation(&mut self, id: &str, reservation: Reservation) {
        for hold in &reservation.holds {
            if let Some(slot) = self.slots.get_mut(hold.account as usize)
                && reservation.state == HoldState::Held
            {
                slot.holders += 1;
            }
        }
        self.keep(id, reservation);
    }

    /// Puts back a rate as a store has kept it.
    pub fn restore_rate(&mut self, key: &str, tat_us: u64) {
        self.rates.insert(key.to_owned(), tat_us);
    }

    /// Where the budgets stand, by level from leaf to root, then by name, unit and window. One
    /// that is one of each is listed itself, and once more for each name that uses it.
    pub fn accounts(&self, now_ms: u64, scope: Option<&Scope>) -> Vec<BudgetAccount> {
        let wanted = |key: &Key| {
            scope.is_none_or(|scope| {
                scope.level == key.scope_level() && scope.name.as_ref().is_none_or(|name| **name == *key.name)
            })
        };
        let mut all: BTreeMap<Key, Account> = BTreeMap::new();
        for (at, level) in (0_u8..).zip(&self.levels) {
            let own = level.own.iter().map(|(name, list)| (name.clone(), list));
            for (name, list) in own.chain([(EACH.into(), &level.each)]) {
                for terms in list {
                    let level = LEVELS.iter().position(|l| *l == LEVELS[usize::from(at)]).unwrap_or(0) as u8;
                    let key = Key { level, name: name.clone(), unit: terms.unit, span: terms.span };
                    all.entry(key).or_insert_with(|| Account::new(*terms));
                }
            }
        }
        for (key, at) in &self.by_key {
            if let Some(slot) = self.slots.get(*at as usize) {
                let account = slot.account.at(now_ms).into_owned();
                if account.used() > 0 || all.contains_key(key) {
                    all.insert(key.clone(), account);
                }
            }
        }
        all.into_iter().filter(|(key, _)| wanted(key)).map(|(key, account)| shown(&key, &account, now_ms)).collect()
    }

    fn find_terms(&self, key: &Key) -> Option<&Terms> {
        let level = self.levels.get(usize::from(key.level))?;
        let list = if *key.name == *EACH { &level.each } else { level.own.get(&key.name)? };
        list.iter().find(|t| (t.unit, t.span) == (key.unit, key.span))
    }

    /// Changes the list of a scope's budgets on each place where its level is looked up.
    fn edit(&mut self, key: &Key, change: impl Fn(&mut Vec<Terms>)) {
        let scope_level = key.scope_level();
        let mut first = true;
        for (level, _) in self.levels.iter_mut().zip(LEVELS).filter(|(_, of)| *of == scope_level) {
            level.linked.clear();
            if *key.name != *EACH {
                let list = level.own.entry(key.name.clone()).or_default();
                change(list);
                if list.is_empty() {
                    level.own.remove(&key.name);
                }
            } else if first {
                change(&mut level.each);
            }
            first = false;
        }
    }

    /// The accounts of a key; of one of each, all that have its level, unit and window.
    fn accounts_of(&self, key: &Key) -> Vec<(u32, Key)> {
        if *key.name != *EACH {
            return self.by_key.get(key).map(|at| (*at, key.clone())).into_iter().collect();
        }
        let same = |k: &Key| (k.level, k.unit, k.span) == (key.level, key.unit, key.span);
        self.by_key.iter().filter(|(k, _)| same(k)).map(|(k, at)| (*at, k.clone())).collect()
    }

    fn add(&mut self, key: Key, account: Account) -> u32 {
        let slot = Slot { key: key.clone(), account, holders: 0, removed: false };
        let at = match self.free.pop() {
            Some(at) => {
                self.slots[at as usize] = slot;
                at
            }
            None => {
                self.slots.push(slot);
                (self.slots.len() - 1) as u32
            }
        };
        self.by_key.insert(key, at);
        at
    }

    /// Makes the accounts of a name at its first use.
    fn link(&mut self, level: usize, name: &str) -> Result<(), Error> {
        let Level { each, own, linked } = &self.levels[level];
        if linked.contains_key(name) || (each.is_empty() && !own.contains_key(name)) {
            return Ok(());
        }
        let named = own.contains_key(name);
        let own = own.get(name).cloned().unwrap_or_default();
        // A name with a budget of its own in a unit has that one, whatever each of the level has.
        let each = each.iter().filter(|t| own.iter().all(|o| o.unit != t.unit)).copied();
        let mut all: Vec<Terms> = own.iter().copied().chain(each).collect();
        all.sort_unstable_by_key(|t| (t.unit, t.span));
        let key_level = LEVELS.iter().position(|l| *l == LEVELS[level]).unwrap_or(level) as u8;
        let mut accounts = Vec::with_capacity(all.len());
        for terms in all {
            let key = Key { level: key_level, name: name.into(), unit: terms.unit, span: terms.span };
            accounts.push(match self.by_key.get(&key) {
                Some(at) => *at,
                None => {
                    check_room(self.by_key.len())?;
                    self.add(key, Account::new(terms))
                }
            });
        }
        self.levels[level].linked.insert(name.into(), Linked { accounts, named });
        Ok(())
    }

    fn check_path(
        &mut self,
        now_ms: u64,
        request: &Request<'_>,
        asked: &mut Asked,
    ) -> Result<Result<(), Box<Denial>>, Error> {
        let cost = &request.cost;
        for (level, name) in request.path.names().into_iter().enumerate() {
            let Some(name) = name.as_deref() else { continue };
            let known = &self.levels[level];
            if known.each.is_empty() && known.own.is_empty() {
                continue;
            }
            let linked = match known.linked.get(name) {
                Some(linked) => linked,
                None => {
                    self.link(level, name)?;
                    let Some(linked) = self.levels[level].linked.get(name) else { continue };
                    linked
                }
            };
            let foreign = is_foreign(&self.slots, &linked.accounts, cost);
            for at in &linked.accounts {
                let Some(slot) = self.slots.get(*at as usize) else { continue };
                if slot.account.terms.mode == BudgetMode::Off {
                    continue;
                }
                let concerns_all = linked.named && matches!(LEVELS[level], ScopeLevel::Tool | ScopeLevel::Model);
                match need(slot, now_ms, cost, foreign, concerns_all) {
                    Ok(amount) => asked.held.push(Hold { account: *at, amount }),
                    Err(short) => {
                        let warns = slot.account.terms.mode == BudgetMode::Warn;
                        if !(warns || request.observed) || slot.account.overflows(short.amount) {
                            let (at, denial) = (*at, denial(slot, now_ms, &short, cost));
                            self.follow_back(at, now_ms);
                            return Ok(Err(denial));
                        }
                        if !warns {
                            asked.lifted.get_or_insert_with(|| denial(slot, now_ms, &short, cost));
                        } else if asked.warnings.last() != Some(&LEVELS[level]) {
                            asked.warnings.push(LEVELS[level]);
                        }
                        asked.held.push(Hold { account: *at, amount: short.amount });
                    }
                }
            }
        }
        Ok(Ok(()))
    }

    /// A window that only denies follows a clock that went back as well, or what was used would stay until the old time.
    fn follow_back(&mut self, at: u32, now_ms: u64) {
        if let Some(Slot { account, .. }) = self.slots.get_mut(at as usize) {
            account.spent.follow_back(account.terms.span, now_ms);
        }
    }

    fn keep(&mut self, id: &str, reservation: Reservation) {
        let name: Arc<str> = id.into();
        self.reservations.insert(Arc::clone(&name), Kept { name, reservation });
    }

    fn check_rates(&mut self, now_ms: u64, request: &Request<'_>) -> Result<Vec<u64>, Box<Denial>> {
        let mut next = Vec::with_capacity(request.rates.len());
        let mut denied: Option<Box<Denial>> = None;
        for wanted in request.rates {
            match wanted.rate.check(self.rate(wanted.key), 1, now_ms) {
                Verdict::Allow { tat_us } => next.push(tat_us),
                Verdict::Deny { tat_us, retry_after_ms } => {
                    if let Some(there) = self.rates.get_mut(wanted.key) {
                        *there = tat_us;
                    }
                    let longer = denied.as_ref().is_none_or(|d| match (d.retry_after_ms, retry_after_ms) {
                        (Some(before), Some(now)) => now > before,
                        (before, _) => before.is_some(),
                    });
                    if longer {
                        denied = Some(Box::new(too_often(wanted.rule, retry_after_ms)));
                    }
                }
            }
        }
        denied.map_or(Ok(next), Err)
    }

    fn keep_rate(&mut self, now_ms: u64, key: &str, tat_us: u64) -> Result<(), Error> {
        if let Some(there) = self.rates.get_mut(key) {
            *there = tat_us;
            return Ok(());
        }
        if self.rates.len() >= self.sweep_rates_at.max(RATES_MIN) {
            // A rate that is due again is like one that was never used.
            self.rates.retain(|_, tat| *tat > now_ms.saturating_mul(1_000));
            self.sweep_rates_at = self.rates.len() * 2;
        }
        check_room(self.rates.len())?;
        self.rates.insert(key.to_owned(), tat_us);
        Ok(())
    }

    /// Ends a reservation: `next` gives the state that follows on the one that it is in, nothing where it has ended so
    /// before; `apply` changes an account that holds so much of it.
    fn end(
        &mut self,
        id: &str,
        next: impl FnOnce(HoldState) -> Result<Option<HoldState>, Error>,
        apply: impl Fn(&mut Account, u64),
    ) -> Result<HoldState, Error> {
        let Ledger { reservations, slots, free, ended, .. } = self;
        let Kept { name, reservation } = reservations.get_mut(id).ok_or_else(|| unknown(id))?;
        let Some(state) = next(reservation.state)? else { return Ok(reservation.state) };
        reservation.state = state;
        for hold in &reservation.holds {
            let Some(slot) = slots.get_mut(hold.account as usize) else { continue };
            apply(&mut slot.account, hold.amount);
            slot.holders = slot.holders.saturating_sub(1);
            if slot.removed && slot.holders == 0 {
                free.push(hold.account);
            }
        }
        ended.push_back(Arc::clone(name));
        if ended.len() > REMEMBERED
            && let Some(oldest) = ended.pop_front()
            && let Entry::Occupied(kept) = reservations.entry(oldest)
            && kept.get().reservation.state != HoldState::Held
        {
            kept.remove();
        }
        Ok(state)
    }
}

impl Level {
    /// Whether the account has the terms of each of the level: its name has none of its own over the same window.
    fn is_one_of_each(&self, account: &Key) -> bool {
        let same = |t: &Terms| (t.unit, t.span) == (account.unit, account.span);
        !self.own.get(&account.name).is_some_and(|own| own.iter().any(same))
    }
}

impl Reservation {
    /// The stored result, if the same is asked again.
    fn replayed(&self, body: &[u8; 32]) -> Result<Answer, Error> {
        if self.body != *body {
            return Err(Error::new(ErrorCode::BudgetConflict, "the id was reserved with other figures"));
        }
        let (warnings, lifted) = (Vec::new(), None);
        Ok(Answer::Held(Held { fresh: false, state: self.state, holds: true, warnings, lifted }))
    }
}

/// What a path is asked to hold.
#[derive(Default)]
struct Asked {
    held: Vec<Hold>,
    warnings: Vec<ScopeLevel>,
    lifted: Option<Box<Denial>>,
}

/// What an account does not cover.
struct Shortage {
    code: ErrorCode,
    amount: u64,
}

/// Whether the name has budgets of money, and none in the currency of the action.
fn is_foreign(slots: &[Slot], list: &[u32], cost: &Cost) -> bool {
    let Figure::Known((unit, _)) = cost.money else { return false };
    let mut money = list
        .iter()
        .filter_map(|at| slots.get(*at as usize))
        .filter(|slot| slot.account.terms.mode != BudgetMode::Off && matches!(slot.key.unit, Unit::Money(_)))
        .peekable();
    money.peek().is_some() && money.all(|slot| slot.key.unit != unit)
}

/// What the account has to hold. `concerns_all`: what does not say that it costs something does, here.
fn need(slot: &Slot, now_ms: u64, cost: &Cost, foreign: bool, concerns_all: bool) -> Result<u64, Shortage> {
    let figure = match (slot.key.unit, &cost.money) {
        (Unit::Calls, _) => Figure::Known(1),
        (Unit::Tokens, _) => cost.tokens,
        (Unit::Money(_), _) if foreign => return Err(Shortage { code: ErrorCode::BudgetCurrency, amount: 0 }),
        (unit, Figure::Known((of, micro))) if *of == unit => Figure::Known(*micro),
        // Another budget of this name is in the action's currency.
        (_, Figure::Known(_)) => return Ok(0),
        (_, Figure::Free) => Figure::Free,
        (_, Figure::Unknown) => Figure::Unknown,
    };
    let amount = match figure {
        Figure::Known(amount) => amount,
        Figure::Free if !concerns_all => return Ok(0),
        Figure::Free | Figure::Unknown => match slot.account.terms.default_cost {
            Some(amount) => amount,
            None => return Err(Shortage { code: ErrorCode::BudgetPriceUnknown, amount: 0 }),
        },
    };
    slot.account.at(now_ms).check(amount).map(|()| amount).map_err(|short| Shortage {
        code: match short {
            Short::Debt => ErrorCode::BudgetDebt,
            Short::Exceeded => ErrorCode::BudgetExceeded,
        },
        amount,
    })
}

fn denial(slot: &Slot, now_ms: u64, short: &Shortage, cost: &Cost) -> Box<Denial> {
    let (account, unit, of) = (slot.account.at(now_ms), slot.key.unit, label(&slot.key));
    let message = match short.code {
        ErrorCode::BudgetDebt => format!("the budget of {of} is {} in debt", unit.show(account.debt)),
        ErrorCode::BudgetPriceUnknown => {
            format!("the budget of {of} cannot cover an action of which nobody knows what it costs")
        }
        ErrorCode::BudgetCurrency => {
            let asked = if let Figure::Known((unit, micro)) = cost.money { unit.show(micro) } else { String::new() };
            format!("the budget of {of} is in another currency than the action, which costs {asked}")
        }
        _ => format!(
            "the budget of {of} has {} left of {}, the action asks for {}",
            unit.show(account.left()),
            unit.show(account.terms.cap),
            unit.show(short.amount)
        ),
    };
    let waits = matches!(short.code, ErrorCode::BudgetDebt | ErrorCode::BudgetExceeded);
    Box::new(Denial {
        code: short.code,
        level: Some(slot.key.scope_level()),
        rule: format!("budget {of}"),
        message,
        retry_after_ms: if waits { account.retry_after(now_ms, short.amount) } else { None },
    })
}

fn too_often(rule: &str, retry_after_ms: Option<u64>) -> Denial {
    let message = match retry_after_ms {
        Some(ms) => format!("the rate {rule} allows the next one in {ms} ms"),
        None => format!("the rate {rule} never allows it"),
    };
    Denial { code: ErrorCode::LimitRate, level: None, rule: rule.to_owned(), message, retry_after_ms }
}

fn shown(key: &Key, account: &Account, now_ms: u64) -> BudgetAccount {
    let turns_in_ms = match key.span {
        Span::Fixed(_) if *key.name != *EACH => Some(key.span.slot_ms() - now_ms % key.span.slot_ms()),
        _ => None,
    };
    let bounded = |n: u64| n.min(crate::MAX);
    BudgetAccount {
        budget: key.budget(&account.terms),
        held: bounded(account.held),
        spent: bounded(account.spent.total()),
        debt: bounded(account.debt),
        left: bounded(account.left()),
        turns_in_ms,
    }
}

/// The fullest accounts first: by the share of the cap that is used, then as they were.
pub fn fullest_first(accounts: &mut [BudgetAccount]) {
    let used = |a: &BudgetAccount| u128::from(a.held) + u128::from(a.spent);
    // a/b > c/d without division; a cap of 0 is full.
    accounts.sort_by(|a, b| {
        let (left, right) = (used(a) * u128::from(b.budget.cap.max(1)), used(b) * u128::from(a.budget.cap.max(1)));
        right.cmp(&left)
    });
}

fn check_room(kept: usize) -> Result<(), Error> {
    if kept < KEPT_MAX {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::StoreFull,
        format!("at most {KEPT_MAX} budgets, accounts, reservations or rates are kept"),
    ))
}

fn unknown(id: &str) -> Error {
    Error::new(ErrorCode::BudgetUnknown, format!("no reservation {id:?}"))
}
