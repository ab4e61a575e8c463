//! The operations of budgets, rates and prices.

use talos_budget::gcra::Verdict;
use talos_budget::{Actual, Answer, Catalogue, Cost, HoldState, Ledger, Path, Rate, Request, Span, Unit, WorstCase};
use talos_contracts::*;
use talos_crypto::hash;

/// Domain of what stands for a simulated reservation.
const STEP_DOMAIN: &str = "talos/budget-step/1";
/// Accounts in one answer.
pub(crate) const ACCOUNTS_MAX: usize = 8_192;

type Output = Result<Vec<u8>, Error>;

pub(crate) fn gcra(input: &BudgetGcraInput) -> Output {
    let rate = Rate::new(input.calls, input.per_seconds, input.burst);
    let output = match rate.check(input.tat_us.unwrap_or(0), input.cost.unwrap_or(1), input.now_ms) {
        Verdict::Allow { tat_us } => BudgetGcraOutput { allowed: true, tat_us, retry_after_ms: None },
        Verdict::Deny { tat_us, retry_after_ms } => BudgetGcraOutput { allowed: false, tat_us, retry_after_ms },
    };
    Ok(output.canonical())
}

pub(crate) fn price(input: &BudgetPriceInput) -> Output {
    let catalogue = catalogue(input.catalogue.as_ref())?;
    let call = WorstCase { input: input.input_tokens, output: input.output_tokens, limit: input.max_output_tokens };
    let quote = catalogue.quote(&input.model, input.currency.as_deref().unwrap_or("USD"), call)?;
    Ok(BudgetPriceOutput { amount: quote.amount, tokens: quote.tokens, price: quote.price }.canonical())
}

/// The prices of this program, and before them those that the caller gives.
fn catalogue(own: Option<&PriceCatalogue>) -> Result<Catalogue, Error> {
    let mut all = Catalogue::builtin()?;
    if let Some(own) = own {
        all.add(own);
    }
    Ok(all)
}

pub(crate) fn count_tokens(input: &BudgetCountTokensInput) -> Output {
    let catalogue = catalogue(input.catalogue.as_ref())?;
    let encoding = catalogue.find(&input.model, None).and_then(|price| price.encoding);
    let counted = encoding.and_then(|encoding| count(encoding, &input.text));
    let tokens = counted.unwrap_or(input.text.len() as u64);
    Ok(BudgetCountTokensOutput { tokens, exact: counted.is_some() }.canonical())
}

#[cfg(feature = "tokens")]
fn count(encoding: TokenEncoding, text: &str) -> Option<u64> {
    talos_tokens::count(encoding, text)
}

/// The vocabularies take 8 MB, which not every host wants to carry.
#[cfg(not(feature = "tokens"))]
fn count(_: TokenEncoding, _: &str) -> Option<u64> {
    None
}

pub(crate) fn simulate(input: &BudgetSimulateInput) -> Output {
    let mut ledger = Ledger::default();
    for budget in &input.budgets {
        ledger.set(budget)?;
    }
    let mut now = input.now_ms.unwrap_or(0);
    let mut results = Vec::with_capacity(input.steps.len());
    for step in &input.steps {
        results.push(play(&mut ledger, &mut now, step)?);
    }
    let mut accounts = ledger.accounts(now, None);
    accounts.truncate(ACCOUNTS_MAX);
    let allowed = results.iter().all(|result| result.ok);
    Ok(BudgetSimulateOutput { allowed, results, accounts }.canonical())
}

/// One step. What the ledger refuses is a result; a step that lacks what it needs is an error.
fn play(ledger: &mut Ledger, now: &mut u64, step: &BudgetStep) -> Result<BudgetResult, Error> {
    let ended = |state: Result<HoldState, Error>| match state {
        Ok(state) => done(Some(told(state))),
        Err(error) => refused(error.code),
    };
    Ok(match step.step {
        BudgetStepKind::Reserve => reserve(ledger, *now, step)?,
        BudgetStepKind::Settle => {
            let actual = Actual::new(step.tokens, step.amount.as_ref())?;
            ended(ledger.settle(*now, needed(step.id.as_deref(), "id")?, &actual))
        }
        BudgetStepKind::Release => ended(ledger.release(*now, needed(step.id.as_deref(), "id")?)),
        BudgetStepKind::Expire => ended(ledger.expire(*now, needed(step.id.as_deref(), "id")?)),
        BudgetStepKind::Set => {
            ledger.set(needed(step.budget.as_ref(), "budget")?)?;
            done(None)
        }
        BudgetStepKind::Remove => {
            let budget = needed(step.budget.as_ref(), "budget")?;
            let unit = Unit::new(budget.unit, budget.currency.as_deref())?;
            match ledger.remove(&budget.scope, unit, Span::new(budget.window.as_ref())) {
                Ok(()) => done(None),
                Err(error) => refused(error.code),
            }
        }
        BudgetStepKind::Advance => {
            *now = now.saturating_add(*needed(step.ms.as_ref(), "ms")?);
            done(None)
        }
        BudgetStepKind::TurnBack => {
            *now = now.saturating_sub(*needed(step.ms.as_ref(), "ms")?);
            done(None)
        }
    })
}

fn reserve(ledger: &mut Ledger, now: u64, step: &BudgetStep) -> Result<BudgetResult, Error> {
    let nobody = BudgetPath::default();
    let path = step.path.as_ref().unwrap_or(&nobody);
    let kind = step.kind.unwrap_or(ActionKind::ToolCall);
    let effect = step.effect.unwrap_or(Effect::Irreversible);
    let request = Request {
        id: needed(step.id.as_deref(), "id")?,
        body: hash::tagged(STEP_DOMAIN, &[&step.canonical()]).0,
        path: Path {
            run: path.run.as_deref(),
            tool: path.tool.as_deref(),
            model: path.model.as_deref(),
            key: path.key.as_deref(),
            agent: path.agent.as_deref(),
            actor: None,
            team: path.team.as_deref(),
            organisation: path.organisation.as_deref(),
            principal: path.principal.as_deref(),
        },
        cost: Cost::of(kind, effect, path.model.as_deref(), step.tokens, step.amount.as_ref())?,
        rates: &[],
        observed: false,
    };
    Ok(match ledger.reserve(now, &request) {
        Err(error) => refused(error.code),
        Ok(Answer::Denied(denial)) => {
            BudgetResult { level: denial.level, retry_after_ms: denial.retry_after_ms, ..refused(denial.code) }
        }
        Ok(Answer::Held(held)) => BudgetResult {
            warnings: (!held.warnings.is_empty()).then_some(held.warnings),
            ..done(held.holds.then(|| told(held.state)))
        },
    })
}

fn told(state: HoldState) -> BudgetHoldState {
    match state {
        HoldState::Held => BudgetHoldState::Held,
        HoldState::Settled(_) => BudgetHoldState::Settled,
        HoldState::Released => BudgetHoldState::Released,
    }
}

fn done(state: Option<BudgetHoldState>) -> BudgetResult {
    BudgetResult { ok: true, state, ..BudgetResult::default() }
}

fn refused(code: ErrorCode) -> BudgetResult {
    BudgetResult { ok: false, code: Some(code), ..BudgetResult::default() }
}

fn needed<T>(member: Option<T>, name: &str) -> Result<T, Error> {
    member.ok_or_else(|| Error::new(ErrorCode::MalformedMemberMissing, format!("the step needs {name}")))
}
