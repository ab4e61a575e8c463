//! `talos budget`: set budgets, and see where they stand.

use crate::output::Output;
use clap::{Args, Subcommand, ValueEnum};
use std::path::Path;
use std::thread;
use std::time::Duration;
use talos_shared::Home;
use talos_shared::SystemClock;
use talos_shared::budget::{Span, Terms, Unit, fullest_first};
use talos_shared::contracts::json::{self, Profile, Value};
use talos_shared::contracts::{
    Budget, BudgetAccount, BudgetMode, BudgetSetOutput, BudgetShowOutput, BudgetUnit, BudgetWindow, BudgetWindowKind,
    Error, ErrorCode, Scope, ScopeLevel,
};
use talos_shared::kernel::ports::{Budgets, Clock};

/// Pause between two screens.
const TICK: Duration = Duration::from_secs(1);

#[derive(Subcommand)]
pub enum Command {
    /// Show where budgets stand.
    Show {
        /// A level or LEVEL:NAME, such as team:research; `all` is the level above all others [default: every budget].
        scope: Option<String>,
    },
    /// Set a budget, or other terms for the one of the same scope, unit and window.
    #[command(after_help = EXAMPLES)]
    Set {
        #[command(flatten)]
        which: Which,
        /// How much: `2.50 USD`, `100000 tokens`, `500 calls`.
        amount: String,
        /// What becomes of an action beyond it.
        #[arg(long, value_enum, default_value_t = Mode::Hard)]
        mode: Mode,
        /// What an action counts for whose cost is not known, such as `0.01 USD` [default: it is denied].
        #[arg(long, value_name = "AMOUNT")]
        default: Option<String>,
    },
    /// Show the budgets that are used the most.
    Top {
        /// How many.
        #[arg(long, default_value_t = 10)]
        limit: usize,
        /// Show them again every second.
        #[arg(long)]
        watch: bool,
    },
    /// Remove a budget and what was counted against it.
    Remove {
        #[command(flatten)]
        which: Which,
        /// calls, tokens, or a currency.
        unit: String,
    },
}

const EXAMPLES: &str = "Scopes: all, or run, tool, model, key, agent, team, organisation or principal with a name; the name * stands for each.
Windows: 90s, 15m, 1h, 7d, minute, hour, day, week; with --sliding the last such time, else from its last multiple (UTC).
Prices of models: prices.json in the directory, as docs/spec/budget.md, section 5, shows it.

Examples:
  talos budget set team:research '50 USD' --window day
  talos budget set 'run:*' '2.50 USD' --default '0.01 USD'";

#[derive(Args)]
pub struct Which {
    /// all, or LEVEL:NAME.
    scope: String,
    /// The time that it is for [default: for good].
    #[arg(long, value_name = "TIME")]
    window: Option<String>,
    /// The last so much time, always.
    #[arg(long, requires = "window")]
    sliding: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Mode {
    /// Count nothing.
    Off,
    /// Count and warn.
    Warn,
    /// Deny.
    Hard,
}

pub fn run(directory: &Path, command: Command, output: &Output) -> Result<i32, Error> {
    let home = Home::open(directory)?;
    match command {
        Command::Set { which, amount, mode, default } => {
            let budget = which.budget(&amount, mode, default.as_deref())?;
            let set = home.store()?.set(&budget)?;
            let text = format!("{} may use {}", scope_text(&set.scope), cap_text(&set));
            output.print(&text, || value(&BudgetSetOutput { budget: set }.canonical()));
        }
        Command::Remove { which, unit } => {
            let unit = unit_of(&unit)?;
            let scope = scope(&which.scope)?;
            home.store()?.remove(&scope, unit, Span::new(which.window()?.as_ref()))?;
            output.print("removed", || Value::object::<&str>([]));
        }
        Command::Show { scope: wanted } => {
            let wanted = wanted.as_deref().map(level_or_scope).transpose()?;
            let accounts = home.store_to_read()?.accounts(SystemClock::default().wall_ms()?, wanted.as_ref())?;
            print(accounts, output);
        }
        Command::Top { limit, watch } => {
            let store = home.store_to_read()?;
            loop {
                let mut accounts = store.accounts(SystemClock::default().wall_ms()?, None)?;
                accounts.retain(|account| account.budget.scope.name.as_deref() != Some("*"));
                fullest_first(&mut accounts);
                accounts.truncate(limit);
                if watch {
                    output.clear();
                }
                print(accounts, output);
                if !watch {
                    break;
                }
                thread::sleep(TICK);
            }
        }
    }
    Ok(0)
}

impl Which {
    fn budget(&self, amount: &str, mode: Mode, default: Option<&str>) -> Result<Budget, Error> {
        let (unit, cap) = read_amount(amount)?;
        let default_cost = match default.map(read_amount).transpose()? {
            Some((of, _)) if of != unit => {
                return Err(Error::new(ErrorCode::MalformedValue, "--default is in another unit than the budget"));
            }
            other => other.map(|(_, cost)| cost),
        };
        let (contract_unit, currency) = match unit {
            Unit::Calls => (BudgetUnit::Calls, None),
            Unit::Tokens => (BudgetUnit::Tokens, None),
            Unit::Money(_) => (BudgetUnit::Money, Some(unit.word().to_owned())),
        };
        let mode = match mode {
            Mode::Off => BudgetMode::Off,
            Mode::Warn => BudgetMode::Warn,
            Mode::Hard => BudgetMode::Hard,
        };
        let scope = scope(&self.scope)?;
        let window = self.window()?;
        Ok(Budget { scope, unit: contract_unit, currency, cap, window, mode: Some(mode), default_cost })
    }

    fn window(&self) -> Result<Option<BudgetWindow>, Error> {
        let kind = if self.sliding { BudgetWindowKind::Sliding } else { BudgetWindowKind::Fixed };
        self.window.as_deref().map(|text| Ok(BudgetWindow { kind, seconds: read_time(text)? })).transpose()
    }
}

fn wrong(what: impl Into<String>) -> Error {
    Error::new(ErrorCode::MalformedValue, what)
}

fn level(text: &str) -> Result<ScopeLevel, Error> {
    use ScopeLevel::*;
    let all = [All, Organisation, Team, Agent, Principal, Run, Tool, Model, Key];
    all.into_iter().find(|level| level.as_str() == text).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|level| level.as_str()).collect();
        wrong(format!("no level {text:?}: one of {}", names.join(", ")))
    })
}

fn level_or_scope(text: &str) -> Result<Scope, Error> {
    match text.split_once(':') {
        Some((of, name)) if !name.is_empty() => Ok(Scope { level: level(of)?, name: Some(name.to_owned()) }),
        Some((of, _)) => Err(wrong(format!("{of}: needs a name after the colon, or * for each"))),
        None => Ok(Scope { level: level(text)?, name: None }),
    }
}

fn scope(text: &str) -> Result<Scope, Error> {
    let scope = level_or_scope(text)?;
    match (&scope.name, scope.level) {
        (None, of) if of != ScopeLevel::All => {
            Err(wrong(format!("{text} needs a name, as {text}:NAME, or {text}:* for each")))
        }
        _ => Ok(scope),
    }
}

fn unit_of(text: &str) -> Result<Unit, Error> {
    match text {
        "calls" | "call" => Ok(Unit::Calls),
        "tokens" | "token" => Ok(Unit::Tokens),
        currency if currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase()) => Unit::money(currency),
        _ => Err(wrong(format!("no unit {text:?}: calls, tokens, or a currency such as USD"))),
    }
}

/// `2.50 USD`, `100_000 tokens`: exact, never rounded.
fn read_amount(text: &str) -> Result<(Unit, u64), Error> {
    let bad =
        || wrong(format!("{text:?} is no amount: write a number and a unit, such as '2.50 USD' or '100000 tokens'"));
    let (number, unit) = text.trim().split_once(' ').ok_or_else(bad)?;
    let unit = unit_of(unit.trim())?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    if whole.is_empty() || !digits(whole) || !digits(fraction) || (number.ends_with('.')) {
        return Err(bad());
    }
    let (places, most) = if matches!(unit, Unit::Money(_)) { (1_000_000, 6) } else { (1, 0) };
    if fraction.len() > most {
        return Err(wrong(format!("{text:?} has more than {most} places after the point")));
    }
    let whole: u64 = whole.replace('_', "").parse().map_err(|_| bad())?;
    let fraction: u64 = format!("{fraction:0<most$}").parse().unwrap_or(0);
    let amount =
        whole.checked_mul(places).and_then(|n| n.checked_add(fraction)).filter(|n| *n <= talos_shared::budget::MAX);
    amount.map(|amount| (unit, amount)).ok_or_else(|| wrong(format!("{text:?} is too much")))
}

fn read_time(text: &str) -> Result<u64, Error> {
    let bad = || wrong(format!("{text:?} is no time: 90s, 15m, 1h, 7d, minute, hour, day or week, at most 366 days"));
    let seconds = match text {
        "minute" => 60,
        "hour" => 3_600,
        "day" => 86_400,
        "week" => 604_800,
        _ => {
            let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(bad)?;
            let unit: u64 = match unit {
                "s" => 1,
                "m" => 60,
                "h" => 3_600,
                "d" => 86_400,
                _ => return Err(bad()),
            };
            number.parse::<u64>().ok().and_then(|n| n.checked_mul(unit)).ok_or_else(bad)?
        }
    };
    if (1..=31_622_400).contains(&seconds) { Ok(seconds) } else { Err(bad()) }
}

fn print(accounts: Vec<BudgetAccount>, output: &Output) {
    let rows: Vec<[String; 6]> = accounts.iter().map(row).collect();
    let head = ["SCOPE", "CAP", "USED", "HELD", "LEFT", ""].map(str::to_owned);
    let text = if rows.is_empty() { "no budgets: talos budget set".to_owned() } else { table(&head, &rows) };
    output.print(&text, || value(&BudgetShowOutput { accounts }.canonical()));
}

fn row(account: &BudgetAccount) -> [String; 6] {
    let budget = &account.budget;
    let show = |amount| Terms::new(budget).map_or_else(|_| amount_text(amount), |terms| terms.unit.show(amount));
    let mut notes = Vec::new();
    if account.debt > 0 {
        notes.push(format!("{} in debt", show(account.debt)));
    }
    if let Some(mode @ (BudgetMode::Off | BudgetMode::Warn)) = budget.mode {
        notes.push(mode.as_str().to_owned());
    }
    if let Some(ms) = account.turns_in_ms {
        notes.push(format!("anew in {} s", ms.div_ceil(1_000)));
    }
    [
        scope_text(&budget.scope),
        cap_text(budget),
        show(account.spent),
        show(account.held),
        show(account.left),
        notes.join(", "),
    ]
}

fn amount_text(amount: u64) -> String {
    amount.to_string()
}

fn scope_text(scope: &Scope) -> String {
    let level = scope.level.as_str();
    // Names are as others chose them; no control character reaches the terminal.
    scope.name.as_ref().map_or_else(|| level.to_owned(), |name| format!("{level}:{}", name.escape_debug()))
}

fn cap_text(budget: &Budget) -> String {
    let Ok(terms) = Terms::new(budget) else { return amount_text(budget.cap) };
    match terms.span {
        Span::Lifetime => terms.unit.show(budget.cap),
        span => format!("{} {span}", terms.unit.show(budget.cap)),
    }
}

fn table(head: &[String; 6], rows: &[[String; 6]]) -> String {
    let width = |column: usize| rows.iter().chain([head]).map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |row: &[String; 6]| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    std::iter::once(head).chain(rows).map(line).collect::<Vec<_>>().join("\n")
}

/// What a contract has written, for `--json`.
fn value(canonical: &[u8]) -> Value {
    json::parse(canonical, Profile::Data).unwrap_or_else(|_| Value::object::<&str>([]))
}
