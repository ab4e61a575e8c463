// Generated from contracts/schemas/budget.json by `cargo run -p talos-codegen`; do not edit.
//! How much a part of what the kernel decides on may use (docs/spec/budget.md).

use super::reader::Path;
use super::{ActionKind, Amount, Effect, ErrorCode, Scope, ScopeLevel, reader, writer};
use crate::json::Value;
use crate::{Error, json, scalar};

/// How much a part of what the kernel decides on may use (docs/spec/budget.md).
#[derive(Clone, Debug, PartialEq)]
pub struct Budget {
    /// Whose budget it is; the name * stands for each of the level on its own.
    pub scope: Scope,
    /// What is counted.
    pub unit: BudgetUnit,
    /// The currency; of money only.
    pub currency: Option<String>,
    /// How much may be used in the window, equality included: calls, tokens, or micro-units.
    pub cap: u64,
    /// The time that the cap is for; absent: for good.
    pub window: Option<BudgetWindow>,
    /// What becomes of an action beyond the cap; absent: hard.
    pub mode: Option<BudgetMode>,
    /// What an action counts for whose cost is not known; absent: it is denied.
    pub default_cost: Option<u64>,
}

impl Budget {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [cap, currency, default_cost, mode, scope, unit, window] =
            reader::members(this, here, &["cap", "currency", "default_cost", "mode", "scope", "unit", "window"])?;
        Ok(Self {
            scope: reader::required(this, scope, here, "scope", Scope::read_at)?,
            unit: reader::required(this, unit, here, "unit", BudgetUnit::read_at)?,
            currency: reader::optional(currency, here, "currency", |value, path| {
                reader::checked(value, path, scalar::is_currency, "ISO 4217 code of a currency.")
            })?,
            cap: reader::required(this, cap, here, "cap", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            window: reader::optional(window, here, "window", BudgetWindow::read_at)?,
            mode: reader::optional(mode, here, "mode", BudgetMode::read_at)?,
            default_cost: reader::optional(default_cost, here, "default_cost", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(224);
        out.extend_from_slice(br#"{"cap":"#);
        writer::unsigned(self.cap, out);
        if let Some(x) = &self.currency {
            out.extend_from_slice(br#","currency":"#);
            json::write_string(x, out);
        }
        if let Some(x) = self.default_cost {
            out.extend_from_slice(br#","default_cost":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = self.mode {
            out.extend_from_slice(br#","mode":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.push(b'"');
        }
        out.extend_from_slice(br#","scope":"#);
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

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BudgetUnit {
    /// Actions.
    Calls,
    /// Tokens of models.
    Tokens,
    /// Micro-units of a currency.
    Money,
}

impl BudgetUnit {
    /// Every value, in order.
    pub const ALL: &'static [BudgetUnit] = &[BudgetUnit::Calls, BudgetUnit::Tokens, BudgetUnit::Money];

    const WORDS: &'static [&'static str] = &["calls", "tokens", "money"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            BudgetUnit::Calls => "calls",
            BudgetUnit::Tokens => "tokens",
            BudgetUnit::Money => "money",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "calls" => Some(BudgetUnit::Calls),
            "tokens" => Some(BudgetUnit::Tokens),
            "money" => Some(BudgetUnit::Money),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for BudgetUnit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What becomes of an action beyond the cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BudgetMode {
    /// Nothing is counted.
    Off,
    /// It is counted, and the decision carries a warning.
    Warn,
    /// It is denied.
    Hard,
}

impl BudgetMode {
    /// Every value, in order.
    pub const ALL: &'static [BudgetMode] = &[BudgetMode::Off, BudgetMode::Warn, BudgetMode::Hard];

    const WORDS: &'static [&'static str] = &["off", "warn", "hard"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            BudgetMode::Off => "off",
            BudgetMode::Warn => "warn",
            BudgetMode::Hard => "hard",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "off" => Some(BudgetMode::Off),
            "warn" => Some(BudgetMode::Warn),
            "hard" => Some(BudgetMode::Hard),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for BudgetMode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A stretch of time.
#[derive(Clone, Debug, PartialEq)]
pub struct BudgetWindow {
    /// How it moves.
    pub kind: BudgetWindowKind,
    /// Its length.
    pub seconds: u64,
}

impl BudgetWindow {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [kind, seconds] = reader::members(this, here, &["kind", "seconds"])?;
        Ok(Self {
            kind: reader::required(this, kind, here, "kind", BudgetWindowKind::read_at)?,
            seconds: reader::required(this, seconds, here, "seconds", |value, path| {
                reader::unsigned(value, path, 1, 31622400)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"kind":""#);
        out.extend_from_slice(self.kind.as_str().as_bytes());
        out.extend_from_slice(br#"","seconds":"#);
        writer::unsigned(self.seconds, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// How it moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BudgetWindowKind {
    /// Starts anew at each multiple of its length since 1970.
    Fixed,
    /// Ends now, always.
    Sliding,
}

impl BudgetWindowKind {
    /// Every value, in order.
    pub const ALL: &'static [BudgetWindowKind] = &[BudgetWindowKind::Fixed, BudgetWindowKind::Sliding];

    const WORDS: &'static [&'static str] = &["fixed", "sliding"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            BudgetWindowKind::Fixed => "fixed",
            BudgetWindowKind::Sliding => "sliding",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "fixed" => Some(BudgetWindowKind::Fixed),
            "sliding" => Some(BudgetWindowKind::Sliding),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for BudgetWindowKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a budget stands.
#[derive(Clone, Debug, PartialEq)]
pub struct BudgetAccount {
    /// The budget; its scope has a name of its own where the budget is one of each.
    pub budget: Budget,
    /// Reserved by calls that have not ended.
    pub held: u64,
    /// Used in this window.
    pub spent: u64,
    /// What calls cost beyond their reservation and the cap.
    pub debt: u64,
    /// What can still be reserved.
    pub left: u64,
    /// Milliseconds until a fixed window starts anew.
    pub turns_in_ms: Option<u64>,
}

impl BudgetAccount {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [budget, debt, held, left, spent, turns_in_ms] =
            reader::members(this, here, &["budget", "debt", "held", "left", "spent", "turns_in_ms"])?;
        Ok(Self {
            budget: reader::required(this, budget, here, "budget", Budget::read_at)?,
            held: reader::required(this, held, here, "held", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            spent: reader::required(this, spent, here, "spent", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            debt: reader::required(this, debt, here, "debt", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            left: reader::required(this, left, here, "left", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            turns_in_ms: reader::optional(turns_in_ms, here, "turns_in_ms", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(192);
        out.extend_from_slice(br#"{"budget":"#);
        self.budget.write(out);
        out.extend_from_slice(br#","debt":"#);
        writer::unsigned(self.debt, out);
        out.extend_from_slice(br#","held":"#);
        writer::unsigned(self.held, out);
        out.extend_from_slice(br#","left":"#);
        writer::unsigned(self.left, out);
        out.extend_from_slice(br#","spent":"#);
        writer::unsigned(self.spent, out);
        if let Some(x) = self.turns_in_ms {
            out.extend_from_slice(br#","turns_in_ms":"#);
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

/// Whose action it is: the names that budgets are looked up by. Each absent member has no budget.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BudgetPath {
    /// The run.
    pub run: Option<String>,
    /// The target.
    pub tool: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// The public id of the caller's key.
    pub key: Option<String>,
    /// The agent.
    pub agent: Option<String>,
    /// The team.
    pub team: Option<String>,
    /// The organisation.
    pub organisation: Option<String>,
    /// On whose behalf.
    pub principal: Option<String>,
}

impl BudgetPath {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [agent, key, model, organisation, principal, run, team, tool] = reader::members(
            this,
            here,
            &["agent", "key", "model", "organisation", "principal", "run", "team", "tool"],
        )?;
        Ok(Self {
            run: reader::optional(run, here, "run", |value, path| reader::text(value, path, 1, 512))?,
            tool: reader::optional(tool, here, "tool", |value, path| reader::text(value, path, 1, 512))?,
            model: reader::optional(model, here, "model", |value, path| reader::text(value, path, 1, 512))?,
            key: reader::optional(key, here, "key", |value, path| reader::text(value, path, 1, 512))?,
            agent: reader::optional(agent, here, "agent", |value, path| reader::text(value, path, 1, 512))?,
            team: reader::optional(team, here, "team", |value, path| reader::text(value, path, 1, 512))?,
            organisation: reader::optional(organisation, here, "organisation", |value, path| {
                reader::text(value, path, 1, 512)
            })?,
            principal: reader::optional(principal, here, "principal", |value, path| reader::text(value, path, 1, 512))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(352);
        let start = out.len();
        if let Some(x) = &self.agent {
            out.extend_from_slice(br#","agent":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.key {
            out.extend_from_slice(br#","key":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.model {
            out.extend_from_slice(br#","model":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.organisation {
            out.extend_from_slice(br#","organisation":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.principal {
            out.extend_from_slice(br#","principal":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.run {
            out.extend_from_slice(br#","run":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.team {
            out.extend_from_slice(br#","team":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.tool {
            out.extend_from_slice(br#","tool":"#);
            json::write_string(x, out);
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

/// One thing that happens to budgets.
#[derive(Clone, Debug, PartialEq)]
pub struct BudgetStep {
    /// What happens.
    pub step: BudgetStepKind,
    /// The reservation.
    pub id: Option<String>,
    /// Whose action it is: the names that budgets are looked up by. Each absent member has no budget.
    pub path: Option<BudgetPath>,
    /// Of reserve: the kind of action; absent: tool_call.
    pub kind: Option<ActionKind>,
    /// Of reserve: its effect; absent: irreversible.
    pub effect: Option<Effect>,
    /// Of reserve: tokens at most. Of settle: tokens used; absent: all that were reserved.
    pub tokens: Option<u64>,
    /// Of reserve: money at most. Of settle: money spent; absent: all that was reserved.
    pub amount: Option<Amount>,
    /// Of set and remove: the budget.
    pub budget: Option<Budget>,
    /// Of advance and turn_back: how many milliseconds.
    pub ms: Option<u64>,
}

impl BudgetStep {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [amount, budget, effect, id, kind, ms, path, step, tokens] =
            reader::members(this, here, &["amount", "budget", "effect", "id", "kind", "ms", "path", "step", "tokens"])?;
        Ok(Self {
            step: reader::required(this, step, here, "step", BudgetStepKind::read_at)?,
            id: reader::optional(id, here, "id", |value, path| reader::text(value, path, 1, 256))?,
            path: reader::optional(path, here, "path", BudgetPath::read_at)?,
            kind: reader::optional(kind, here, "kind", ActionKind::read_at)?,
            effect: reader::optional(effect, here, "effect", Effect::read_at)?,
            tokens: reader::optional(tokens, here, "tokens", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            amount: reader::optional(amount, here, "amount", Amount::read_at)?,
            budget: reader::optional(budget, here, "budget", Budget::read_at)?,
            ms: reader::optional(ms, here, "ms", |value, path| reader::unsigned(value, path, 0, 9007199254740991))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(288);
        out.push(b'{');
        if let Some(x) = &self.amount {
            out.extend_from_slice(br#""amount":"#);
            x.write(out);
            out.push(b',');
        }
        if let Some(x) = &self.budget {
            out.extend_from_slice(br#""budget":"#);
            x.write(out);
            out.push(b',');
        }
        if let Some(x) = self.effect {
            out.extend_from_slice(br#""effect":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = &self.id {
            out.extend_from_slice(br#""id":"#);
            json::write_string(x, out);
            out.push(b',');
        }
        if let Some(x) = self.kind {
            out.extend_from_slice(br#""kind":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = self.ms {
            out.extend_from_slice(br#""ms":"#);
            writer::unsigned(x, out);
            out.push(b',');
        }
        if let Some(x) = &self.path {
            out.extend_from_slice(br#""path":"#);
            x.write(out);
            out.push(b',');
        }
        out.extend_from_slice(br#""step":""#);
        out.extend_from_slice(self.step.as_str().as_bytes());
        out.push(b'"');
        if let Some(x) = self.tokens {
            out.extend_from_slice(br#","tokens":"#);
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

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BudgetStepKind {
    /// An action asks.
    Reserve,
    /// It ended, and cost so much.
    Settle,
    /// It did not start.
    Release,
    /// Nobody knows what became of it.
    Expire,
    /// The operator sets a budget.
    Set,
    /// The operator removes one.
    Remove,
    /// Time passes.
    Advance,
    /// The clock is set back.
    TurnBack,
}

impl BudgetStepKind {
    /// Every value, in order.
    pub const ALL: &'static [BudgetStepKind] = &[
        BudgetStepKind::Reserve,
        BudgetStepKind::Settle,
        BudgetStepKind::Release,
        BudgetStepKind::Expire,
        BudgetStepKind::Set,
        BudgetStepKind::Remove,
        BudgetStepKind::Advance,
        BudgetStepKind::TurnBack,
    ];

    const WORDS: &'static [&'static str] =
        &["reserve", "settle", "release", "expire", "set", "remove", "advance", "turn_back"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            BudgetStepKind::Reserve => "reserve",
            BudgetStepKind::Settle => "settle",
            BudgetStepKind::Release => "release",
            BudgetStepKind::Expire => "expire",
            BudgetStepKind::Set => "set",
            BudgetStepKind::Remove => "remove",
            BudgetStepKind::Advance => "advance",
            BudgetStepKind::TurnBack => "turn_back",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "reserve" => Some(BudgetStepKind::Reserve),
            "settle" => Some(BudgetStepKind::Settle),
            "release" => Some(BudgetStepKind::Release),
            "expire" => Some(BudgetStepKind::Expire),
            "set" => Some(BudgetStepKind::Set),
            "remove" => Some(BudgetStepKind::Remove),
            "advance" => Some(BudgetStepKind::Advance),
            "turn_back" => Some(BudgetStepKind::TurnBack),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for BudgetStepKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What came of a step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BudgetResult {
    /// Whether it was done.
    pub ok: bool,
    /// Why not.
    pub code: Option<ErrorCode>,
    /// The first level, from the leaf, that said no.
    pub level: Option<ScopeLevel>,
    /// After so many milliseconds the same step may be done.
    pub retry_after_ms: Option<u64>,
    /// Where the reservation is.
    pub state: Option<BudgetHoldState>,
    /// Budgets in mode warn that it is beyond.
    pub warnings: Option<Vec<ScopeLevel>>,
}

impl BudgetResult {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [code, level, ok, retry_after_ms, state, warnings] =
            reader::members(this, here, &["code", "level", "ok", "retry_after_ms", "state", "warnings"])?;
        Ok(Self {
            ok: reader::required(this, ok, here, "ok", reader::boolean)?,
            code: reader::optional(code, here, "code", reader::error_code)?,
            level: reader::optional(level, here, "level", ScopeLevel::read_at)?,
            retry_after_ms: reader::optional(retry_after_ms, here, "retry_after_ms", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            state: reader::optional(state, here, "state", BudgetHoldState::read_at)?,
            warnings: reader::optional(warnings, here, "warnings", |value, path| {
                reader::list(value, path, 0, 64, ScopeLevel::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(192);
        out.push(b'{');
        if let Some(x) = self.code {
            out.extend_from_slice(br#""code":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = self.level {
            out.extend_from_slice(br#""level":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.extend_from_slice(br#"","#);
        }
        out.extend_from_slice(br#""ok":"#);
        writer::boolean(self.ok, out);
        if let Some(x) = self.retry_after_ms {
            out.extend_from_slice(br#","retry_after_ms":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = self.state {
            out.extend_from_slice(br#","state":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.push(b'"');
        }
        if let Some(x) = &self.warnings {
            out.extend_from_slice(br#","warnings":"#);
            writer::list(x, out, |x, out| {
                out.push(b'"');
                out.extend_from_slice(x.as_str().as_bytes());
                out.push(b'"');
            });
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

/// Where the reservation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BudgetHoldState {
    /// It waits for its end.
    Held,
    /// It was charged.
    Settled,
    /// It was given back.
    Released,
}

impl BudgetHoldState {
    /// Every value, in order.
    pub const ALL: &'static [BudgetHoldState] =
        &[BudgetHoldState::Held, BudgetHoldState::Settled, BudgetHoldState::Released];

    const WORDS: &'static [&'static str] = &["held", "settled", "released"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            BudgetHoldState::Held => "held",
            BudgetHoldState::Settled => "settled",
            BudgetHoldState::Released => "released",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "held" => Some(BudgetHoldState::Held),
            "settled" => Some(BudgetHoldState::Settled),
            "released" => Some(BudgetHoldState::Released),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for BudgetHoldState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
