//! What a reservation asks for, and of whom.

use crate::gcra::Rate;
use crate::terms::{Unit, wrong};
use std::borrow::Cow;
use talos_contracts::{ActionKind, Amount, Effect, Error, ScopeLevel};
use talos_text::nfc;

/// The levels from leaf to root. An agent is looked up twice, by its name and by its DID.
pub const LEVELS: [ScopeLevel; 10] = [
    ScopeLevel::Run,
    ScopeLevel::Tool,
    ScopeLevel::Model,
    ScopeLevel::Key,
    ScopeLevel::Agent,
    ScopeLevel::Agent,
    ScopeLevel::Team,
    ScopeLevel::Organisation,
    ScopeLevel::Principal,
    ScopeLevel::All,
];

/// Whose action it is: the names that budgets are looked up by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Path<'a> {
    /// The run.
    pub run: Option<&'a str>,
    /// The target.
    pub tool: Option<&'a str>,
    /// The model.
    pub model: Option<&'a str>,
    /// The public id of the caller's key.
    pub key: Option<&'a str>,
    /// The agent's name, else its DID.
    pub agent: Option<&'a str>,
    /// The agent's DID, if `agent` is a name: for budgets that were set by it.
    pub actor: Option<&'a str>,
    /// The team.
    pub team: Option<&'a str>,
    /// The organisation.
    pub organisation: Option<&'a str>,
    /// On whose behalf.
    pub principal: Option<&'a str>,
}

impl<'a> Path<'a> {
    /// The names in the order of [`LEVELS`], in NFC as budgets have them: no spelling of a name misses its budget.
    pub fn names(&self) -> [Option<Cow<'a, str>>; 10] {
        [
            self.run,
            self.tool,
            self.model,
            self.key,
            self.agent,
            self.actor.filter(|actor| self.agent != Some(actor)),
            self.team,
            self.organisation,
            self.principal,
            Some(""),
        ]
        .map(|name| name.map(nfc))
    }
}

/// How much of something an action costs at the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure<T> {
    /// None of it.
    Free,
    /// So much.
    Known(T),
    /// Some, and nobody knows how much.
    Unknown,
}

/// What an action costs at the most. Every action is one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Tokens of models.
    pub tokens: Figure<u64>,
    /// Money: its unit and micro-units of it.
    pub money: Figure<(Unit, u64)>,
}

impl<T> Figure<T> {
    fn unless(costs: bool) -> Self {
        if costs { Figure::Unknown } else { Figure::Free }
    }
}

impl Cost {
    /// A call that uses nothing else.
    pub fn free() -> Self {
        Cost { tokens: Figure::Free, money: Figure::Free }
    }

    /// What is known of an action. Whoever asks a model uses tokens and money; an effect of spend,
    /// or one that nobody declared, uses money. Nothing of that is free only because nobody said
    /// how much it is.
    pub fn of(
        kind: ActionKind,
        effect: Effect,
        model: Option<&str>,
        tokens: Option<u64>,
        amount: Option<&Amount>,
    ) -> Result<Self, Error> {
        let asks_a_model = kind == ActionKind::Sampling || model.is_some();
        let spends = asks_a_model || matches!(effect, Effect::Spend | Effect::Irreversible);
        Ok(Cost {
            tokens: tokens.map_or_else(|| Figure::unless(asks_a_model), Figure::Known),
            money: match amount {
                None => Figure::unless(spends),
                Some(amount) => Figure::Known((Unit::money(&amount.currency)?, amount.micro)),
            },
        })
    }
}

/// What a call did cost. What is absent counts as it was reserved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Actual {
    /// Tokens.
    pub tokens: Option<u64>,
    /// Money: its unit and micro-units of it.
    pub money: Option<(Unit, u64)>,
}

impl Actual {
    /// From the figures of an outcome.
    pub fn new(tokens: Option<u64>, amount: Option<&Amount>) -> Result<Self, Error> {
        let money = amount.map(|amount| Ok::<_, Error>((Unit::money(&amount.currency)?, amount.micro))).transpose()?;
        Ok(Actual { tokens, money })
    }

    /// What an account is charged that was asked to hold so much.
    pub(crate) fn of(&self, unit: Unit, held: u64) -> u64 {
        match unit {
            Unit::Calls => held,
            Unit::Tokens => self.tokens.unwrap_or(held),
            Unit::Money(_) => match self.money {
                Some((of, micro)) if of == unit => micro,
                _ => held,
            },
        }
    }
}

/// A rate that the action has to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateUse<'a> {
    /// What is counted apart.
    pub key: &'a str,
    /// The rule, as reasons name it.
    pub rule: &'a str,
    /// How often.
    pub rate: Rate,
}

/// A reservation, as it is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Names the reservation: the same again is the same reservation.
    pub id: &'a str,
    /// Stands for all that was decided on: another one under the same id is a conflict.
    pub body: [u8; 32],
    /// Whose action it is.
    pub path: Path<'a>,
    /// What it costs at the most.
    pub cost: Cost,
    /// The rates that it has to keep. They are used if everything else holds.
    pub rates: &'a [RateUse<'a>],
    /// Whether it runs whatever the answer is, because its policy is only observed: what does not cover it holds it all the same.
    pub observed: bool,
}

/// Bytes of a reservation's id.
const ID_MAX: usize = 1_024;

impl Request<'_> {
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.id.is_empty() || self.id.len() > ID_MAX {
            return Err(wrong("the id of a reservation is empty or too long"));
        }
        Ok(())
    }
}
