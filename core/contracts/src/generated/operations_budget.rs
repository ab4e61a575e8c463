// Generated from contracts/operations/budget.yaml by `cargo run -p talos-codegen`; do not edit.
//! Inputs and outputs of budget.gcra, budget.simulate, budget.price, budget.count_tokens, budget.set, budget.remove, budget.show, budget.top.

use super::reader::Path;
use super::{
    Amount, Budget, BudgetAccount, BudgetResult, BudgetStep, BudgetUnit, BudgetWindow, Price, PriceCatalogue, Scope,
    reader, writer,
};
use crate::json::Value;
use crate::{Error, json, scalar};

/// Input of `budget.gcra`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BudgetGcraInput {
    /// So many calls
    pub calls: u64,
    /// in so many seconds,
    pub per_seconds: u64,
    /// so many at once.
    pub burst: u64,
    /// The time of the call.
    pub now_ms: u64,
    /// How many calls it counts for; absent: 1.
    pub cost: Option<u64>,
    /// The state: when the next call would be due, in microseconds since 1970; absent: a rate that was never used.
    pub tat_us: Option<u64>,
}

impl BudgetGcraInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [burst, calls, cost, now_ms, per_seconds, tat_us] =
            reader::members(this, here, &["burst", "calls", "cost", "now_ms", "per_seconds", "tat_us"])?;
        Ok(Self {
            calls: reader::required(this, calls, here, "calls", |value, path| {
                reader::unsigned(value, path, 1, 1000000000)
            })?,
            per_seconds: reader::required(this, per_seconds, here, "per_seconds", |value, path| {
                reader::unsigned(value, path, 1, 31536000)
            })?,
            burst: reader::required(this, burst, here, "burst", |value, path| {
                reader::unsigned(value, path, 1, 1000000000)
            })?,
            now_ms: reader::required(this, now_ms, here, "now_ms", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            cost: reader::optional(cost, here, "cost", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            tat_us: reader::optional(tat_us, here, "tat_us", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(160);
        out.extend_from_slice(br#"{"burst":"#);
        writer::unsigned(self.burst, out);
        out.extend_from_slice(br#","calls":"#);
        writer::unsigned(self.calls, out);
        if let Some(x) = self.cost {
            out.extend_from_slice(br#","cost":"#);
            writer::unsigned(x, out);
        }
        out.extend_from_slice(br#","now_ms":"#);
        writer::unsigned(self.now_ms, out);
        out.extend_from_slice(br#","per_seconds":"#);
        writer::unsigned(self.per_seconds, out);
        if let Some(x) = self.tat_us {
            out.extend_from_slice(br#","tat_us":"#);
            writer::unsigned(x, out);
        }
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `budget.gcra`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BudgetGcraOutput {
    /// Whether the call keeps the rate.
    pub allowed: bool,
    /// The next state; a denial leaves it, unless the clock has gone back since.
    pub tat_us: u64,
    /// After so many milliseconds it would; absent on a denial: never.
    pub retry_after_ms: Option<u64>,
}

impl BudgetGcraOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [allowed, retry_after_ms, tat_us] = reader::members(this, here, &["allowed", "retry_after_ms", "tat_us"])?;
        Ok(Self {
            allowed: reader::required(this, allowed, here, "allowed", reader::boolean)?,
            tat_us: reader::required(this, tat_us, here, "tat_us", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            retry_after_ms: reader::optional(retry_after_ms, here, "retry_after_ms", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"allowed":"#);
        writer::boolean(self.allowed, out);
        if let Some(x) = self.retry_after_ms {
            out.extend_from_slice(br#","retry_after_ms":"#);
            writer::unsigned(x, out);
        }
        out.extend_from_slice(br#","tat_us":"#);
        writer::unsigned(self.tat_us, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `budget.simulate`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BudgetSimulateInput {
    /// The budgets.
    pub budgets: Vec<Budget>,
    /// The steps, in order.
    pub steps: Vec<BudgetStep>,
    /// The time at the start; absent: 0.
    pub now_ms: Option<u64>,
}

impl BudgetSimulateInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [budgets, now_ms, steps] = reader::members(this, here, &["budgets", "now_ms", "steps"])?;
        Ok(Self {
            budgets: reader::required(this, budgets, here, "budgets", |value, path| {
                reader::list(value, path, 0, 1024, Budget::read_at)
            })?,
            steps: reader::required(this, steps, here, "steps", |value, path| {
                reader::list(value, path, 0, 4096, BudgetStep::read_at)
            })?,
            now_ms: reader::optional(now_ms, here, "now_ms", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.extend_from_slice(br#"{"budgets":"#);
        writer::list(&self.budgets, out, |x, out| {
            x.write(out);
        });
        if let Some(x) = self.now_ms {
            out.extend_from_slice(br#","now_ms":"#);
            writer::unsigned(x, out);
        }
        out.extend_from_slice(br#","steps":"#);
        writer::list(&self.steps, out, |x, out| {
            x.write(out);
        });
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `budget.simulate`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BudgetSimulateOutput {
    /// Whether every step was done.
    pub allowed: bool,
    /// What came of each step.
    pub results: Vec<BudgetResult>,
    /// Where the budgets stand in the end, by scope and unit.
    pub accounts: Vec<BudgetAccount>,
}

impl BudgetSimulateOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [accounts, allowed, results] = reader::members(this, here, &["accounts", "allowed", "results"])?;
        Ok(Self {
            allowed: reader::required(this, allowed, here, "allowed", reader::boolean)?,
            results: reader::required(this, results, here, "results", |value, path| {
                reader::list(value, path, 0, 4096, BudgetResult::read_at)
            })?,
            accounts: reader::required(this, accounts, here, "accounts", |value, path| {
                reader::list(value, path, 0, 8192, BudgetAccount::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.extend_from_slice(br#"{"accounts":"#);
        writer::list(&self.accounts, out, |x, out| {
            x.write(out);
        });
        out.extend_from_slice(br#","allowed":"#);
        writer::boolean(self.allowed, out);
        out.extend_from_slice(br#","results":"#);
        writer::list(&self.results, out, |x, out| {
            x.write(out);
        });
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `budget.price`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BudgetPriceInput {
    /// The name of a model.
    pub model: String,
    /// Input tokens, as they were counted.
    pub input_tokens: u64,
    /// Output tokens that are asked for; absent: as many as the model gives.
    pub output_tokens: Option<u64>,
    /// Output tokens that the operator allows; absent: no limit of theirs.
    pub max_output_tokens: Option<u64>,
    /// The currency; absent: USD.
    pub currency: Option<String>,
    /// Prices that go before those of this program.
    pub catalogue: Option<PriceCatalogue>,
}

impl BudgetPriceInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [catalogue, currency, input_tokens, max_output_tokens, model, output_tokens] = reader::members(
            this,
            here,
            &["catalogue", "currency", "input_tokens", "max_output_tokens", "model", "output_tokens"],
        )?;
        Ok(Self {
            model: reader::required(this, model, here, "model", |value, path| reader::text(value, path, 1, 128))?,
            input_tokens: reader::required(this, input_tokens, here, "input_tokens", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            output_tokens: reader::optional(output_tokens, here, "output_tokens", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            max_output_tokens: reader::optional(max_output_tokens, here, "max_output_tokens", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            currency: reader::optional(currency, here, "currency", |value, path| {
                reader::checked(value, path, scalar::is_currency, "ISO 4217 code of a currency.")
            })?,
            catalogue: reader::optional(catalogue, here, "catalogue", PriceCatalogue::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(224);
        out.push(b'{');
        if let Some(x) = &self.catalogue {
            out.extend_from_slice(br#""catalogue":"#);
            x.write(out);
            out.push(b',');
        }
        if let Some(x) = &self.currency {
            out.extend_from_slice(br#""currency":"#);
            json::write_string(x, out);
            out.push(b',');
        }
        out.extend_from_slice(br#""input_tokens":"#);
        writer::unsigned(self.input_tokens, out);
        if let Some(x) = self.max_output_tokens {
            out.extend_from_slice(br#","max_output_tokens":"#);
            writer::unsigned(x, out);
        }
        out.extend_from_slice(br#","model":"#);
        json::write_string(&self.model, out);
        if let Some(x) = self.output_tokens {
            out.extend_from_slice(br#","output_tokens":"#);
            writer::unsigned(x, out);
        }
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `budget.price`.
#[derive(Clone, Debug, PartialEq)]
pub struct BudgetPriceOutput {
    /// The worst case, rounded up.
    pub amount: Amount,
    /// Input and output together, at most.
    pub tokens: u64,
    /// The price that was used.
    pub price: Price,
}

impl BudgetPriceOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [amount, price, tokens] = reader::members(this, here, &["amount", "price", "tokens"])?;
        Ok(Self {
            amount: reader::required(this, amount, here, "amount", Amount::read_at)?,
            tokens: reader::required(this, tokens, here, "tokens", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            price: reader::required(this, price, here, "price", Price::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.extend_from_slice(br#"{"amount":"#);
        self.amount.write(out);
        out.extend_from_slice(br#","price":"#);
        self.price.write(out);
        out.extend_from_slice(br#","tokens":"#);
        writer::unsigned(self.tokens, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `budget.count_tokens`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BudgetCountTokensInput {
    /// The name of a model.
    pub model: String,
    /// The text.
    pub text: String,
    /// Prices that go before those of this program, with the vocabularies of their models.
    pub catalogue: Option<PriceCatalogue>,
}

impl BudgetCountTokensInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [catalogue, model, text] = reader::members(this, here, &["catalogue", "model", "text"])?;
        Ok(Self {
            model: reader::required(this, model, here, "model", |value, path| reader::text(value, path, 1, 128))?,
            text: reader::required(this, text, here, "text", |value, path| reader::text(value, path, 0, 16777216))?,
            catalogue: reader::optional(catalogue, here, "catalogue", PriceCatalogue::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.push(b'{');
        if let Some(x) = &self.catalogue {
            out.extend_from_slice(br#""catalogue":"#);
            x.write(out);
            out.push(b',');
        }
        out.extend_from_slice(br#""model":"#);
        json::write_string(&self.model, out);
        out.extend_from_slice(br#","text":"#);
        json::write_string(&self.text, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `budget.count_tokens`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BudgetCountTokensOutput {
    /// A number of model tokens.
    pub tokens: u64,
    /// Whether the model's own vocabulary was used; else each byte counts as a token, which is never too few.
    pub exact: bool,
}

impl BudgetCountTokensOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [exact, tokens] = reader::members(this, here, &["exact", "tokens"])?;
        Ok(Self {
            tokens: reader::required(this, tokens, here, "tokens", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            exact: reader::required(this, exact, here, "exact", reader::boolean)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"exact":"#);
        writer::boolean(self.exact, out);
        out.extend_from_slice(br#","tokens":"#);
        writer::unsigned(self.tokens, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `budget.set`.
#[derive(Clone, Debug, PartialEq)]
pub struct BudgetSetInput {
    /// How much a part of what the kernel decides on may use (docs/spec/budget.md).
    pub budget: Budget,
}

impl BudgetSetInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [budget] = reader::members(this, here, &["budget"])?;
        Ok(Self { budget: reader::required(this, budget, here, "budget", Budget::read_at)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"budget":"#);
        self.budget.write(out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `budget.set`.
#[derive(Clone, Debug, PartialEq)]
pub struct BudgetSetOutput {
    /// The budget, with what was absent filled in.
    pub budget: Budget,
}

impl BudgetSetOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [budget] = reader::members(this, here, &["budget"])?;
        Ok(Self { budget: reader::required(this, budget, here, "budget", Budget::read_at)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"budget":"#);
        self.budget.write(out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `budget.remove`.
#[derive(Clone, Debug, PartialEq)]
pub struct BudgetRemoveInput {
    /// A part of what the kernel decides on.
    pub scope: Scope,
    /// What is counted.
    pub unit: BudgetUnit,
    /// The currency; of money only.
    pub currency: Option<String>,
    /// Its window; absent: for good.
    pub window: Option<BudgetWindow>,
}

impl BudgetRemoveInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [currency, scope, unit, window] = reader::members(this, here, &["currency", "scope", "unit", "window"])?;
        Ok(Self {
            scope: reader::required(this, scope, here, "scope", Scope::read_at)?,
            unit: reader::required(this, unit, here, "unit", BudgetUnit::read_at)?,
            currency: reader::optional(currency, here, "currency", |value, path| {
                reader::checked(value, path, scalar::is_currency, "ISO 4217 code of a currency.")
            })?,
            window: reader::optional(window, here, "window", BudgetWindow::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.push(b'{');
        if let Some(x) = &self.currency {
            out.extend_from_slice(br#""currency":"#);
            json::write_string(x, out);
            out.push(b',');
        }
        out.extend_from_slice(br#""scope":"#);
        self.scope.write(out);
        out.extend_from_slice(br#","unit":""#);
        out.extend_from_slice(self.unit.as_str().as_bytes());
        out.push(b'"');
        if let Some(x) = &self.window {
            out.extend_from_slice(br#","window":"#);
            x.write(out);
        }
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `budget.remove`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BudgetRemoveOutput {}

impl BudgetRemoveOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [] = reader::members(this, here, &[])?;
        Ok(Self {})
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(32);
        let start = out.len();
        writer::open(start, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `budget.show`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BudgetShowInput {
    /// The budgets of this scope, or of this level if it has no name; absent: all.
    pub scope: Option<Scope>,
}

impl BudgetShowInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [scope] = reader::members(this, here, &["scope"])?;
        Ok(Self { scope: reader::optional(scope, here, "scope", Scope::read_at)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        let start = out.len();
        if let Some(x) = &self.scope {
            out.extend_from_slice(br#","scope":"#);
            x.write(out);
        }
        writer::open(start, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `budget.show`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BudgetShowOutput {
    /// Where they stand, by scope and unit; at most 8192.
    pub accounts: Vec<BudgetAccount>,
}

impl BudgetShowOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [accounts] = reader::members(this, here, &["accounts"])?;
        Ok(Self {
            accounts: reader::required(this, accounts, here, "accounts", |value, path| {
                reader::list(value, path, 0, 8192, BudgetAccount::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"accounts":"#);
        writer::list(&self.accounts, out, |x, out| {
            x.write(out);
        });
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `budget.top`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BudgetTopInput {
    /// How many; absent: 10.
    pub limit: Option<u64>,
    /// Of this unit; absent: of any.
    pub unit: Option<BudgetUnit>,
}

impl BudgetTopInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [limit, unit] = reader::members(this, here, &["limit", "unit"])?;
        Ok(Self {
            limit: reader::optional(limit, here, "limit", |value, path| reader::unsigned(value, path, 1, 8192))?,
            unit: reader::optional(unit, here, "unit", BudgetUnit::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        let start = out.len();
        if let Some(x) = self.limit {
            out.extend_from_slice(br#","limit":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = self.unit {
            out.extend_from_slice(br#","unit":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.push(b'"');
        }
        writer::open(start, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `budget.top`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BudgetTopOutput {
    /// Where they stand, the fullest first.
    pub accounts: Vec<BudgetAccount>,
}

impl BudgetTopOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [accounts] = reader::members(this, here, &["accounts"])?;
        Ok(Self {
            accounts: reader::required(this, accounts, here, "accounts", |value, path| {
                reader::list(value, path, 0, 8192, BudgetAccount::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"accounts":"#);
        writer::list(&self.accounts, out, |x, out| {
            x.write(out);
        });
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}
