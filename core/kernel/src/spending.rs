//! Stage 9: rates and budgets. What an allowed action may cost is reserved before its receipt is
//! written, and charged or given back at its end (`docs/spec/budget.md`).
//!
//! A reservation is named by its run and call. One whose end could not be told to the store is told
//! again at the next step of the run; what a dead writer holds is charged in full by the next one.

use crate::action::{Action, Settlement, reason};
use crate::call::{Call, RULE_MAX, clip};
use crate::kernel::Core;
use crate::ports::Begun;
use crate::rules::Rules;
use crate::run::{Run, State};
use crate::stage::Finding;
use talos_budget::{Actual, Answer, Cost, Denial, Figure, Held, HoldState, Path, RateUse, Request};
use talos_contracts::scalar::Hash;
use talos_contracts::{Amount, Effect, Error, ErrorCode, PermitState, ScopeLevel, Verdict};
use talos_policy::{Rate, Subject};

/// Characters of a message, as the contract bounds it.
const MESSAGE_MAX: usize = 1024;

/// What a call holds of the budgets.
#[derive(Clone, Debug)]
pub(crate) struct Spending {
    id: String,
    /// The model whose price the money is from, where nobody said what the call costs.
    priced_by: Option<String>,
}

/// The end of a reservation, which the store has yet to hear of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Owed {
    /// It provably did not start.
    Release(String),
    /// Nobody knows what became of it.
    Expire(String),
}

impl Core {
    /// The time of budgets: the monotonic clock, set by the wall clock when the kernel was opened,
    /// so that processes agree on it and no change of the wall clock moves it.
    pub(crate) fn budget_ms(&self) -> Result<u64, Error> {
        let (wall, monotonic) = self.budget_epoch;
        Ok(wall.saturating_add(self.clock.monotonic_ms()?.saturating_sub(monotonic)))
    }

    /// Charges in full what dead writers hold, before the gap that names their calls.
    pub(crate) fn charge_dead(&self, begun: &Begun) -> Result<(), Error> {
        if !self.budgets.any()? {
            return Ok(());
        }
        let now = self.budget_ms()?;
        for orphan in &begun.orphans {
            self.budgets.expire(now, &reservation_id(&orphan.run, &orphan.call))?;
        }
        self.budgets.expire_dead(now).map(|_| ())
    }
}

impl Run {
    /// Uses the rates of an allowed action and reserves what it costs, or makes it a denial. Only
    /// an answer of the store lets it stay allowed. Under rules that only observe, a denial holds
    /// what it can: the action is going to run.
    pub(crate) fn spend(
        &self,
        state: &mut State,
        action: &Action<'_>,
        binding: &Hash,
        rules: &Rules,
        found: &mut Finding,
    ) -> Result<Option<Spending>, Error> {
        if !matches!(found.verdict, Verdict::Allow | Verdict::Transform) {
            return Ok(None);
        }
        self.pay_owed(state);
        if found.rates.is_empty() && !self.core.budgets.any()? {
            return Ok(None);
        }
        let (cost, priced_by) = self.cost(action, found)?;
        let spending = Spending { id: reservation_id(self.id(), action.call), priced_by };
        let rates: Vec<RateUse<'_>> = found.rates.iter().map(rate_use).collect();
        let path = path(&self.subject, action);
        let (observed, now) = (rules.observes(), self.core.budget_ms()?);
        let request = Request { id: &spending.id, body: binding.0, path, cost, rates: &rates, observed };
        // Until the decision is written the call cannot start: whatever fails, this is given back.
        state.owed.push(Owed::Release(spending.id.clone()));
        let answer = self.core.budgets.reserve(self.core.boot, now, &request).inspect_err(|error| {
            if error.code == ErrorCode::BudgetConflict {
                // What another action holds under this id is not this decision's to give back.
                spending.is_kept(state);
            }
        })?;
        if let Answer::Held(Held { lifted: Some(denial), .. }) = &answer {
            deny(found, denial);
        }
        match answer {
            Answer::Held(held) if held.state == HoldState::Held && held.holds => {
                found.warnings.extend(held.warnings.into_iter().map(warning));
                return Ok(Some(spending));
            }
            Answer::Held(held) if held.holds => {
                let why = "a call of this id was charged before its decision was written: use another id";
                *found = Finding { effect: found.effect, ..Finding::deny(ErrorCode::BudgetState, why) };
            }
            Answer::Held(_) => {}
            Answer::Denied(denial) => deny(found, &denial),
        }
        spending.is_kept(state);
        Ok(None)
    }

    /// Charges what the call did cost; what is not known is charged in full.
    pub(crate) fn settle_spending(&self, call: &Call, settlement: &Settlement<'_>) -> Result<(), Error> {
        let Some(spending) = &call.spending else { return Ok(()) };
        let priced = match (settlement.amount, &spending.priced_by, settlement.tokens) {
            (None, Some(model), Some(tokens)) => self.core.price(model, tokens),
            _ => None,
        };
        let actual = Actual::new(settlement.tokens, settlement.amount.or(priced.as_ref()))?;
        match self.core.budgets.settle(self.core.budget_ms()?, &spending.id, &actual) {
            Err(error) if has_ended(&error) => Ok(()),
            other => other,
        }
    }

    /// The call has ended without an outcome: given back if it did not start, else charged in full.
    pub(crate) fn end_spending(&self, state: &mut State, spending: Option<Spending>, end: PermitState) {
        state.owed.extend(spending.map(|spending| match end {
            PermitState::Released => Owed::Release(spending.id),
            _ => Owed::Expire(spending.id),
        }));
        self.pay_owed(state);
    }

    /// Tells the store of the ends that it has yet to hear of. What fails waits for the next time.
    pub(crate) fn pay_owed(&self, state: &mut State) {
        if state.owed.is_empty() {
            return;
        }
        let Ok(now) = self.core.budget_ms() else { return };
        state.owed.retain(|owed| {
            let told = match owed {
                Owed::Release(id) => self.core.budgets.release(now, id),
                Owed::Expire(id) => self.core.budgets.expire(now, id),
            };
            told.is_err_and(|error| !has_ended(&error))
        });
    }

    /// What the action costs at the most, and the model whose price says so.
    fn cost(&self, action: &Action<'_>, found: &Finding) -> Result<(Cost, Option<String>), Error> {
        let amount = found.amount.as_ref().or(action.amount);
        let effect = found.effect.or(action.effect).unwrap_or(Effect::Irreversible);
        let mut cost = Cost::of(action.kind, effect, action.model, action.tokens, amount)?;
        // What the policy misses runs where it only observes. It is not free for that, nor what else the action states or a model costs.
        if action.amount.is_none() && is_unread(found) {
            cost.money = Figure::Unknown;
            return Ok((cost, None));
        }
        if cost.money != Figure::Unknown {
            return Ok((cost, None));
        }
        let (Some(model), Some(tokens)) = (action.model, action.tokens) else { return Ok((cost, None)) };
        let Some(priced) = self.core.price(model, tokens) else { return Ok((cost, None)) };
        cost.money = Cost::of(action.kind, effect, None, None, Some(&priced))?.money;
        Ok((cost, Some(model.to_owned())))
    }
}

impl Core {
    fn price(&self, model: &str, tokens: u64) -> Option<Amount> {
        self.config.prices.as_ref()?.dearest(model, tokens)
    }
}

impl Spending {
    /// The decision is written, or nothing is held: there is nothing to give back.
    pub(crate) fn is_kept(&self, state: &mut State) {
        state.owed.retain(|owed| !matches!(owed, Owed::Release(id) if *id == self.id));
    }
}

impl State {
    /// What the calls hold that nobody can settle any more is charged in full.
    pub(crate) fn owe_open_calls(&mut self) {
        let open = self.calls.open().filter_map(|(_, call)| call.spending.clone());
        let owed: Vec<Owed> = open.map(|spending| Owed::Expire(spending.id)).collect();
        self.owed.extend(owed);
    }
}

fn reservation_id(run: &str, call: &str) -> String {
    format!("{run}/{call}")
}

/// Whether the policy wants an amount that it does not find, or cannot read with its currency.
fn is_unread(found: &Finding) -> bool {
    found.reasons.iter().any(|reason| match reason.code {
        ErrorCode::LimitAmountMissing => true,
        ErrorCode::LimitCurrency => found.amount.is_none(),
        _ => false,
    })
}

/// Whether the store says that there is nothing left to end.
fn has_ended(error: &Error) -> bool {
    matches!(error.code, ErrorCode::BudgetUnknown | ErrorCode::BudgetState | ErrorCode::BudgetConflict)
}

fn path<'a>(subject: &'a Subject, action: &Action<'a>) -> Path<'a> {
    Path {
        run: Some(&subject.run),
        tool: Some(action.target),
        model: action.model,
        key: action.key_id,
        agent: Some(subject.agent.as_deref().unwrap_or(&subject.actor)),
        actor: Some(&subject.actor),
        team: subject.team.as_deref(),
        organisation: subject.organisation.as_deref(),
        principal: action.principal,
    }
}

fn rate_use(rate: &Rate) -> RateUse<'_> {
    RateUse {
        key: &rate.key,
        rule: &rate.rule,
        rate: talos_budget::Rate::new(rate.calls, rate.per_seconds, rate.burst),
    }
}

fn deny(found: &mut Finding, denial: &Denial) {
    found.verdict = Verdict::Deny;
    found.retry_after_ms = denial.retry_after_ms;
    let mut why = reason(denial.code, clip(&denial.message, MESSAGE_MAX));
    why.rule = Some(clip(&denial.rule, RULE_MAX));
    found.reasons.insert(0, why);
}

fn warning(level: ScopeLevel) -> String {
    format!("a budget of the level {} is used up; it is in mode warn", level.as_str())
}
