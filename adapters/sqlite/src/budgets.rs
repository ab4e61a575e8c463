//! Budgets in SQLite: each step loads the part of the ledger that it touches, applies it, and writes
//! back what has changed, in one transaction that is alone among all writers.
//!
//! A reservation does not wait for the disk: its connection has `synchronous=NORMAL`, and the log
//! of writes keeps the order of commits. So it is on disk when the receipt of its decision is, and
//! no effect but `read` is released before that (`docs/spec/budget.md`, section 6).

use crate::error::refused;
use crate::{SqliteStore, collect};
use rusqlite::{OptionalExtension, Row, Transaction, params};
use std::collections::HashMap;
use talos_budget::window::Spent;
use talos_budget::{
    Account, Actual, Answer, Hold, HoldState, Key, LEVELS, Ledger, Path, Request, Reservation, Span, Terms, Unit,
};
use talos_contracts::scalar::{B64, Salt};
use talos_contracts::{Budget, BudgetAccount, BudgetMode, Error, ErrorCode, Scope, ScopeLevel};
use talos_kernel::ports::Budgets;

/// How long an ended reservation is remembered, in milliseconds.
const REMEMBERED_MS: u64 = 86_400_000;

const SELECT_BUDGET: &str = "SELECT level, name, unit, span, cap, mode, default_cost FROM budgets";
/// An account with the terms of its own budget, else of each of its level.
const SELECT_ACCOUNT: &str = "SELECT a.id, a.level, a.name, a.unit, a.span, a.held, a.debt, a.newest, a.slots, \
     coalesce(b.cap, e.cap), coalesce(b.mode, e.mode), CASE WHEN b.cap IS NULL THEN e.default_cost ELSE b.default_cost END \
     FROM accounts a \
     LEFT JOIN budgets b ON (b.level, b.name, b.unit, b.span) = (a.level, a.name, a.unit, a.span) \
     LEFT JOIN budgets e ON (e.level, e.name, e.unit, e.span) = (a.level, '*', a.unit, a.span)";

/// The part of the ledger that a step touches, and the rows that its accounts are from.
#[derive(Default)]
struct Part {
    ledger: Ledger,
    rows: HashMap<u32, i64>,
    /// The newest slot of each account, as it was loaded.
    newest: HashMap<u32, u64>,
}

impl Budgets for SqliteStore {
    fn any(&self) -> Result<bool, Error> {
        self.read()
            .connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM budgets)")
            .and_then(|mut s| s.query_row([], |row| row.get(0)))
            .map_err(refused)
    }

    fn reserve(&self, boot: Salt, now_ms: u64, request: &Request<'_>) -> Result<Answer, Error> {
        self.step(|tx| {
            let mut part = Part::default();
            if !part.load_reservation(tx, request.id)? {
                part.load_path(tx, &request.path)?;
                part.load_rates(tx, request)?;
            }
            let answer = part.ledger.reserve_for(boot.0, now_ms, request)?;
            part.store_rates(tx, now_ms, request)?;
            match &answer {
                Answer::Held(held) if held.fresh && held.holds => part.store(tx, now_ms, request.id)?,
                Answer::Held(_) => {}
                Answer::Denied(_) => part.store_followed(tx)?,
            }
            Ok(answer)
        })
    }

    fn settle(&self, now_ms: u64, id: &str, actual: &Actual) -> Result<(), Error> {
        self.step(|tx| end(tx, now_ms, id, |ledger| ledger.settle(now_ms, id, actual)))
    }

    fn expire(&self, now_ms: u64, id: &str) -> Result<(), Error> {
        self.step(|tx| {
            let known = tx
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM reservations WHERE id = ?1)")
                .and_then(|mut s| s.query_row([id], |row| row.get(0)))
                .map_err(refused)?;
            if known { end(tx, now_ms, id, |ledger| ledger.expire(now_ms, id)) } else { Ok(()) }
        })
    }

    fn expire_dead(&self, now_ms: u64) -> Result<u64, Error> {
        self.step(|tx| {
            let owners: Vec<[u8; 16]> =
                collect(tx, "SELECT DISTINCT owner FROM reservations WHERE state = 0", [], |row| row.get(0))?;
            let mut expired = 0;
            for dead in owners.into_iter().filter(|owner| !self.writers.is_alive(B64(*owner))) {
                let sql = "SELECT id FROM reservations WHERE state = 0 AND owner = ?1";
                let ids: Vec<String> = collect(tx, sql, [dead], |row| row.get(0))?;
                for id in &ids {
                    end(tx, now_ms, id, |ledger| ledger.expire(now_ms, id))?;
                    expired += 1;
                }
            }
            Ok(expired)
        })
    }

    fn release(&self, now_ms: u64, id: &str) -> Result<(), Error> {
        self.step(|tx| end(tx, now_ms, id, |ledger| ledger.release(now_ms, id)))
    }

    fn set(&self, budget: &Budget) -> Result<Budget, Error> {
        let (key, terms) = (Key::of(budget)?, Terms::new(budget)?);
        let sql = "INSERT INTO budgets VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
                   ON CONFLICT DO UPDATE SET cap = ?5, mode = ?6, default_cost = ?7";
        self.transaction(|tx| {
            let row = params![
                key.scope_level().as_str(),
                &*key.name,
                key.unit.word(),
                span_text(key.span),
                terms.cap,
                terms.mode.as_str(),
                terms.default_cost
            ];
            tx.execute(sql, row).map(|_| key.budget(&terms)).map_err(refused)
        })
    }

    fn remove(&self, scope: &Scope, unit: Unit, span: Span) -> Result<(), Error> {
        let key = Key::new(scope, unit, span)?;
        let (level, span) = (key.scope_level().as_str(), span_text(key.span));
        self.transaction(|tx| {
            let sql = "DELETE FROM budgets WHERE level = ?1 AND name = ?2 AND unit = ?3 AND span = ?4";
            if tx.execute(sql, params![level, &*key.name, unit.word(), span]).map_err(refused)? == 0 {
                let label = talos_budget::label(&key);
                return Err(Error::new(ErrorCode::BudgetUnknown, format!("no budget of {label}")));
            }
            // Of one of each, the accounts go that no other budget gives their terms.
            let sql = "DELETE FROM accounts AS a WHERE level = ?1 AND unit = ?3 AND span = ?4 AND CASE WHEN ?2 = '*' \
                       THEN NOT EXISTS (SELECT 1 FROM budgets b \
                       WHERE (b.level, b.name, b.unit, b.span) = (a.level, a.name, a.unit, a.span)) \
                       ELSE name = ?2 END";
            tx.execute(sql, params![level, &*key.name, unit.word(), span]).map(|_| ()).map_err(refused)
        })
    }

    fn accounts(&self, now_ms: u64, scope: Option<&Scope>) -> Result<Vec<BudgetAccount>, Error> {
        let mut part = Part::default();
        let reader = self.read();
        // Both are read as of one moment, so that no account is without its budget.
        let tx = reader.connection.unchecked_transaction().map_err(refused)?;
        let level = scope.map(|scope| scope.level.as_str());
        let sql = format!("{SELECT_BUDGET} WHERE ?1 IS NULL OR level = ?1");
        for budget in collect(&tx, &sql, [level], budget_row)? {
            part.ledger.set(&budget?)?;
        }
        let name = scope.and_then(|scope| scope.name.as_deref());
        let sql = format!("{SELECT_ACCOUNT} WHERE (?1 IS NULL OR a.level = ?1) AND (?2 IS NULL OR a.name = ?2)");
        for row in collect(&tx, &sql, params![level, name], account_row)? {
            part.keep(row?);
        }
        Ok(part.ledger.accounts(now_ms, scope))
    }
}

/// Ends a reservation by this step of the ledger.
fn end(
    tx: &Transaction<'_>,
    now_ms: u64,
    id: &str,
    step: impl FnOnce(&mut Ledger) -> Result<HoldState, Error>,
) -> Result<(), Error> {
    let mut part = Part::default();
    part.load_reservation(tx, id)?;
    let before = part.ledger.reservation(id).map(|r| r.state);
    step(&mut part.ledger)?;
    if before == Some(HoldState::Held) {
        part.store(tx, now_ms, id)?;
        let sql = "DELETE FROM reservations WHERE id IN \
                   (SELECT id FROM reservations WHERE state <> 0 AND ended_at < ?1 LIMIT 4)";
        execute(tx, sql, params![signed(now_ms.saturating_sub(REMEMBERED_MS))])?;
    }
    Ok(())
}

impl Part {
    fn keep(&mut self, (row, key, account): (i64, Key, Account)) -> u32 {
        let newest = account.spent.parts().0;
        let at = self.ledger.restore_account(key, account);
        self.newest.insert(at, newest);
        self.rows.insert(at, row);
        at
    }

    /// Loads a reservation and the accounts that it holds something of; says whether it stands.
    fn load_reservation(&mut self, tx: &Transaction<'_>, id: &str) -> Result<bool, Error> {
        let sql = "SELECT body, owner, state, tokens, micro, currency, holds FROM reservations WHERE id = ?1";
        let row: Option<ReservationRow> = tx
            .prepare_cached(sql)
            .and_then(|mut s| {
                s.query_row([id], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
                })
                .optional()
            })
            .map_err(refused)?;
        let Some((body, owner, state, tokens, micro, currency, holds)) = row else { return Ok(false) };
        let state = match state {
            0 => HoldState::Held,
            1 => HoldState::Settled(Some(Actual {
                tokens,
                money: micro.zip(currency).map(|(micro, of)| Ok::<_, Error>((Unit::money(&of)?, micro))).transpose()?,
            })),
            2 => HoldState::Settled(None),
            3 => HoldState::Released,
            _ => return Err(corrupt("state of a reservation")),
        };
        let mut reservation = Reservation { body, owner, state, holds: Vec::new() };
        if state == HoldState::Held {
            for (row, amount) in read_holds(&holds)? {
                let sql = format!("{SELECT_ACCOUNT} WHERE a.id = ?1");
                let account = tx
                    .prepare_cached(&sql)
                    .and_then(|mut s| s.query_row([row], account_row).optional())
                    .map_err(refused)?;
                // An account that was removed meanwhile holds nothing any more.
                if let Some(account) = account {
                    reservation.holds.push(Hold { account: self.keep(account?), amount });
                }
            }
        }
        self.ledger.restore_reservation(id, reservation);
        Ok(state != HoldState::Released)
    }

    /// Loads the budgets of a path and their accounts.
    fn load_path(&mut self, tx: &Transaction<'_>, path: &Path<'_>) -> Result<(), Error> {
        let of_level = format!("{SELECT_BUDGET} WHERE level = ?1 AND name IN (?2, '*')");
        let sql = format!("{SELECT_ACCOUNT} WHERE a.level = ?1 AND a.name = ?2");
        for (name, level) in path.names().into_iter().zip(LEVELS) {
            let Some(name) = name.as_deref() else { continue };
            let found = collect(tx, &of_level, params![level.as_str(), name], budget_row)?;
            if found.is_empty() {
                continue;
            }
            for budget in found {
                self.ledger.set(&budget?)?;
            }
            for row in collect(tx, &sql, params![level.as_str(), name], account_row)? {
                self.keep(row?);
            }
        }
        Ok(())
    }

    fn load_rates(&mut self, tx: &Transaction<'_>, request: &Request<'_>) -> Result<(), Error> {
        for wanted in request.rates {
            let tat: Option<u64> = tx
                .prepare_cached("SELECT tat FROM rates WHERE key = ?1")
                .and_then(|mut s| s.query_row([wanted.key], |row| row.get(0)).optional())
                .map_err(refused)?;
            if let Some(tat) = tat {
                self.ledger.restore_rate(wanted.key, tat);
            }
        }
        Ok(())
    }

    fn store_rates(&self, tx: &Transaction<'_>, now_ms: u64, request: &Request<'_>) -> Result<(), Error> {
        for wanted in request.rates {
            let tat = self.ledger.rate(wanted.key);
            if tat == 0 {
                continue;
            }
            execute(
                tx,
                "INSERT INTO rates VALUES (?1, ?2) ON CONFLICT DO UPDATE SET tat = ?2",
                params![wanted.key, signed(tat)],
            )?;
            // A rate that is due again is like one that was never used.
            let sql = "DELETE FROM rates WHERE key IN (SELECT key FROM rates WHERE tat < ?1 LIMIT 2)";
            execute(tx, sql, params![signed(now_ms.saturating_mul(1_000))])?;
        }
        Ok(())
    }

    /// Writes a reservation and the accounts on its path.
    fn store(&mut self, tx: &Transaction<'_>, now_ms: u64, id: &str) -> Result<(), Error> {
        let Some(reservation) = self.ledger.reservation(id).cloned() else { return Ok(()) };
        let mut holds = String::new();
        for hold in &reservation.holds {
            let row = self.store_account(tx, hold.account)?;
            holds.push_str(&format!("{row}:{} ", hold.amount));
        }
        let (state, actual) = match reservation.state {
            HoldState::Held => (0, Actual::default()),
            HoldState::Settled(Some(actual)) => (1, actual),
            HoldState::Settled(None) => (2, Actual::default()),
            HoldState::Released => (3, Actual::default()),
        };
        let sql = "INSERT INTO reservations VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO UPDATE SET \
                   body = ?2, owner = ?3, state = ?4, tokens = ?5, micro = ?6, currency = ?7, holds = ?8, ended_at = ?9";
        let row = params![
            id,
            reservation.body,
            reservation.owner,
            state,
            actual.tokens,
            actual.money.map(|(_, micro)| micro),
            actual.money.map(|(unit, _)| unit.word().to_owned()),
            holds.trim_end(),
            (state != 0).then_some(signed(now_ms)),
        ];
        execute(tx, sql, row)
    }

    /// Writes the accounts whose windows have followed a clock that went back.
    fn store_followed(&mut self, tx: &Transaction<'_>) -> Result<(), Error> {
        let newest = |at| self.ledger.account(at).map(|(_, account)| account.spent.parts().0);
        let followed: Vec<u32> =
            self.newest.iter().filter(|(at, was)| newest(**at) < Some(**was)).map(|(at, _)| *at).collect();
        followed.into_iter().try_for_each(|at| self.store_account(tx, at).map(|_| ()))
    }

    fn store_account(&mut self, tx: &Transaction<'_>, at: u32) -> Result<i64, Error> {
        let Some((key, account)) = self.ledger.account(at) else { return Err(corrupt("account")) };
        let (newest, slots) = account.spent.parts();
        let used = slots.iter().rposition(|n| *n != 0).map_or(0, |last| last + 1);
        let slots: Vec<String> = slots[..used].iter().map(u64::to_string).collect();
        let (held, debt, newest) = (signed(account.held), signed(account.debt), signed(newest));
        if let Some(row) = self.rows.get(&at) {
            let sql = "UPDATE accounts SET held = ?2, debt = ?3, newest = ?4, slots = ?5 WHERE id = ?1";
            execute(tx, sql, params![row, held, debt, newest, slots.join(" ")])?;
            return Ok(*row);
        }
        let sql = "INSERT INTO accounts (level, name, unit, span, held, debt, newest, slots) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let (level, span) = (key.scope_level().as_str(), span_text(key.span));
        let row = params![level, &*key.name, key.unit.word(), span, held, debt, newest, slots.join(" ")];
        execute(tx, sql, row)?;
        self.rows.insert(at, tx.last_insert_rowid());
        Ok(tx.last_insert_rowid())
    }
}

type ReservationRow = ([u8; 32], [u8; 16], i64, Option<u64>, Option<u64>, Option<String>, String);

fn execute(tx: &Transaction<'_>, sql: &str, row: &[&dyn rusqlite::ToSql]) -> Result<(), Error> {
    tx.prepare_cached(sql).and_then(|mut s| s.execute(row)).map(|_| ()).map_err(refused)
}

fn budget_row(row: &Row<'_>) -> rusqlite::Result<Result<Budget, Error>> {
    let (level, name, unit, span): (String, String, String, String) =
        (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
    let (cap, mode, default_cost): (u64, String, Option<u64>) = (row.get(4)?, row.get(5)?, row.get(6)?);
    Ok(key(&level, &name, &unit, &span).and_then(|key| {
        let terms = Terms { unit: key.unit, span: key.span, cap, mode: read_mode(&mode)?, default_cost };
        Ok(key.budget(&terms))
    }))
}

fn account_row(row: &Row<'_>) -> rusqlite::Result<Result<(i64, Key, Account), Error>> {
    let (level, name, unit, span): (String, String, String, String) =
        (row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
    let (id, held, debt, newest, slots): (i64, u64, u64, u64, String) =
        (row.get(0)?, row.get(5)?, row.get(6)?, row.get(7)?, row.get(8)?);
    let (cap, mode, default_cost): (Option<u64>, Option<String>, Option<u64>) =
        (row.get(9)?, row.get(10)?, row.get(11)?);
    let read = || {
        let key = key(&level, &name, &unit, &span)?;
        let (Some(cap), Some(mode)) = (cap, mode) else { return Err(corrupt("account without a budget")) };
        let slots: Option<Vec<u64>> = slots.split_whitespace().map(|n| n.parse().ok()).collect();
        let slots = slots.ok_or_else(|| corrupt("window"))?;
        let terms = Terms { unit: key.unit, span: key.span, cap, mode: read_mode(&mode)?, default_cost };
        let spent = Spent::from_parts(key.span, newest, &slots);
        Ok((id, key, Account { terms, held, debt, spent }))
    };
    Ok(read())
}

fn key(level: &str, name: &str, unit: &str, span: &str) -> Result<Key, Error> {
    let level = LEVELS.into_iter().find(|l| l.as_str() == level).ok_or_else(|| corrupt("level of a budget"))?;
    let unit = match unit {
        "calls" => Unit::Calls,
        "tokens" => Unit::Tokens,
        currency => Unit::money(currency)?,
    };
    let name = (level != ScopeLevel::All).then(|| name.to_owned());
    Key::new(&Scope { level, name }, unit, read_span(span)?)
}

fn span_text(span: Span) -> String {
    match span {
        Span::Lifetime => String::new(),
        Span::Fixed(seconds) => format!("fixed {seconds}"),
        Span::Sliding(seconds) => format!("sliding {seconds}"),
    }
}

fn read_span(text: &str) -> Result<Span, Error> {
    if text.is_empty() {
        return Ok(Span::Lifetime);
    }
    match text.split_once(' ').and_then(|(kind, seconds)| Some((kind, seconds.parse().ok()?))) {
        Some(("fixed", seconds)) => Ok(Span::Fixed(seconds)),
        Some(("sliding", seconds)) => Ok(Span::Sliding(seconds)),
        _ => Err(corrupt("window of a budget")),
    }
}

fn read_mode(text: &str) -> Result<BudgetMode, Error> {
    [BudgetMode::Off, BudgetMode::Warn, BudgetMode::Hard]
        .into_iter()
        .find(|mode| mode.as_str() == text)
        .ok_or_else(|| corrupt("mode of a budget"))
}

fn read_holds(text: &str) -> Result<Vec<(i64, u64)>, Error> {
    let hold = |part: &str| {
        let (row, amount) = part.split_once(':')?;
        Some((row.parse().ok()?, amount.parse().ok()?))
    };
    text.split_whitespace().map(|part| hold(part).ok_or_else(|| corrupt("reservation"))).collect()
}

/// What SQLite can hold; beyond that every cap is passed anyway.
fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn corrupt(what: &str) -> Error {
    Error::new(ErrorCode::StoreCorrupt, format!("a stored {what} is not what this program writes"))
}
