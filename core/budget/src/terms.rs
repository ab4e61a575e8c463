//! What a budget says, in a form that is quick to compare.

use crate::MAX;
use crate::cost::LEVELS;
use std::fmt;
use talos_contracts::{
    Budget, BudgetMode, BudgetUnit, BudgetWindow, BudgetWindowKind, Error, ErrorCode, Scope, ScopeLevel,
};
use talos_text::nfc;

/// Stands for each name of a level on its own.
pub(crate) const EACH: &str = "*";

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Actions.
    Calls,
    /// Tokens of models.
    Tokens,
    /// Micro-units of the currency of this ISO 4217 code.
    Money([u8; 3]),
}

/// The time that a cap is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Span {
    /// For good.
    Lifetime,
    /// So many seconds, from each multiple of them since 1970.
    Fixed(u64),
    /// The last so many seconds.
    Sliding(u64),
}

/// What may be used, of what, in which time, and what becomes of the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// What is counted.
    pub unit: Unit,
    /// In which time.
    pub span: Span,
    /// How much, equality included.
    pub cap: u64,
    /// What becomes of an action beyond.
    pub mode: BudgetMode,
    /// What an action counts for whose cost is not known; absent: it is denied.
    pub default_cost: Option<u64>,
}

/// Which account is meant: a budget's scope with a name of its own, its unit and its window.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The level, as an index of [`LEVELS`].
    pub level: u8,
    /// The name, in NFC; empty for the level `all`.
    pub name: Box<str>,
    /// What is counted.
    pub unit: Unit,
    /// In which time.
    pub span: Span,
}

impl Unit {
    /// From a contract's unit and currency.
    pub fn new(unit: BudgetUnit, currency: Option<&str>) -> Result<Self, Error> {
        match (unit, currency) {
            (BudgetUnit::Calls, None) => Ok(Unit::Calls),
            (BudgetUnit::Tokens, None) => Ok(Unit::Tokens),
            (BudgetUnit::Money, Some(currency)) => Unit::money(currency),
            (BudgetUnit::Money, None) => Err(wrong("a budget of money needs a currency")),
            _ => Err(wrong("only a budget of money has a currency")),
        }
    }

    /// Money of this currency.
    pub fn money(currency: &str) -> Result<Self, Error> {
        currency.as_bytes().try_into().map(Unit::Money).map_err(|_| wrong("a currency has three letters"))
    }

    /// The word for it: `calls`, `tokens`, or the currency.
    pub fn word(&self) -> &str {
        match self {
            Unit::Calls => "calls",
            Unit::Tokens => "tokens",
            // INVARIANT: three ASCII letters, from a contract that was read or a store that kept it.
            Unit::Money(code) => std::str::from_utf8(code).unwrap_or("money"),
        }
    }

    /// An amount for people: money with its fraction.
    pub fn show(&self, amount: u64) -> String {
        match self {
            Unit::Money(_) => {
                let fraction = format!("{:06}", amount % 1_000_000);
                let cents = fraction.trim_end_matches('0');
                format!("{}.{:0<2} {}", amount / 1_000_000, cents, self.word())
            }
            _ => format!("{amount} {}", self.word()),
        }
    }

    fn contract(self) -> (BudgetUnit, Option<String>) {
        match self {
            Unit::Calls => (BudgetUnit::Calls, None),
            Unit::Tokens => (BudgetUnit::Tokens, None),
            Unit::Money(_) => (BudgetUnit::Money, Some(self.word().to_owned())),
        }
    }
}

impl Span {
    /// From a contract's window.
    pub fn new(window: Option<&BudgetWindow>) -> Self {
        match window {
            None => Span::Lifetime,
            Some(BudgetWindow { kind: BudgetWindowKind::Fixed, seconds }) => Span::Fixed(*seconds),
            Some(BudgetWindow { kind: BudgetWindowKind::Sliding, seconds }) => Span::Sliding(*seconds),
        }
    }

    fn contract(self) -> Option<BudgetWindow> {
        match self {
            Span::Lifetime => None,
            Span::Fixed(seconds) => Some(BudgetWindow { kind: BudgetWindowKind::Fixed, seconds }),
            Span::Sliding(seconds) => Some(BudgetWindow { kind: BudgetWindowKind::Sliding, seconds }),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Span::Lifetime => f.write_str("for good"),
            Span::Fixed(seconds) => write!(f, "every {seconds} s"),
            Span::Sliding(seconds) => write!(f, "in any {seconds} s"),
        }
    }
}

impl Terms {
    /// Checks a budget and takes its terms.
    pub fn new(budget: &Budget) -> Result<Self, Error> {
        let terms = Terms {
            unit: Unit::new(budget.unit, budget.currency.as_deref())?,
            span: Span::new(budget.window.as_ref()),
            cap: budget.cap,
            mode: budget.mode.unwrap_or(BudgetMode::Hard),
            default_cost: budget.default_cost,
        };
        if terms.cap > MAX || terms.default_cost.is_some_and(|cost| cost > MAX) {
            return Err(wrong("a cap is at most 2^53 - 1"));
        }
        Ok(terms)
    }
}

impl Key {
    /// The account of a scope; its name may be `*`.
    pub fn new(scope: &Scope, unit: Unit, span: Span) -> Result<Self, Error> {
        let name = match (&scope.name, scope.level) {
            (None, ScopeLevel::All) => "",
            (Some(_), ScopeLevel::All) => return Err(wrong("the level all has no name")),
            (Some(name), _) if !name.is_empty() => name.as_str(),
            _ => return Err(wrong("the scope needs a name, or * for each")),
        };
        if name.contains('\0') {
            return Err(Error::new(ErrorCode::MalformedNul, "the name of a scope holds U+0000"));
        }
        let level = LEVELS.iter().position(|level| *level == scope.level).unwrap_or(LEVELS.len() - 1);
        Ok(Key { level: level as u8, name: nfc(name).into(), unit, span })
    }

    /// The account that a budget is about.
    pub fn of(budget: &Budget) -> Result<Self, Error> {
        Key::new(&budget.scope, Unit::new(budget.unit, budget.currency.as_deref())?, Span::new(budget.window.as_ref()))
    }

    /// Its level.
    pub fn scope_level(&self) -> ScopeLevel {
        LEVELS.get(usize::from(self.level)).copied().unwrap_or(ScopeLevel::All)
    }

    /// The budget with this key and these terms, everything filled in.
    pub fn budget(&self, terms: &Terms) -> Budget {
        let (unit, currency) = self.unit.contract();
        let name = (!self.name.is_empty()).then(|| self.name.to_string());
        Budget {
            scope: Scope { level: self.scope_level(), name },
            unit,
            currency,
            cap: terms.cap,
            window: self.span.contract(),
            mode: Some(terms.mode),
            default_cost: terms.default_cost,
        }
    }
}

/// What people call an account: `run 0189…, USD for good`.
pub fn label(key: &Key) -> String {
    let (level, unit, span) = (key.scope_level().as_str(), key.unit.word(), key.span);
    if key.name.is_empty() { format!("{level}, {unit} {span}") } else { format!("{level} {}, {unit} {span}", key.name) }
}

pub(crate) fn wrong(what: &str) -> Error {
    Error::new(ErrorCode::MalformedValue, what)
}
