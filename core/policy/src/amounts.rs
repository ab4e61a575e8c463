//! Limits of money (`docs/spec/policy.md`, section 5). What is missing or unknown is denied, never zero.

use crate::compile::Tool;
use crate::facts::{PolicyFacts, reason};
use crate::pointer;
use crate::source::quote;
use talos_contracts::scalar::is_currency;
use talos_contracts::{Amount, DecisionReason, Effect, ErrorCode, PolicyAmountArgs, PolicyMaxAmount};

/// A limit and the name that reasons call it by.
struct Limit<'a> {
    rule: &'a str,
    per_call_rule: &'a str,
    per_run_rule: &'a str,
    max: &'a PolicyMaxAmount,
}

/// Checks the amounts of an action against the policy's limit and the tool's own. The answer is the amount that the
/// run has to count.
pub(crate) fn check(
    general: Option<&PolicyMaxAmount>,
    tool: Option<&Tool>,
    effect: Effect,
    facts: &PolicyFacts<'_>,
    reasons: &mut Vec<DecisionReason>,
) -> Option<Amount> {
    let general = general.map(Limit::of_policy);
    let own = tool.and_then(Limit::of_tool);
    let source = tool.and_then(|tool| tool.amount.as_ref());
    let Some(first) = own.as_ref().or(general.as_ref()) else {
        return facts.amount.cloned().or_else(|| read(source?, facts, None).ok());
    };
    let argument = match source.map(|source| read(source, facts, Some(&first.max.currency))) {
        Some(Err((code, message))) => {
            reasons.push(reason(code, first.rule, message));
            None
        }
        Some(Ok(amount)) => Some(amount),
        None => None,
    };
    let required = own.is_some() || effect >= Effect::Spend;
    if required && source.is_none() && facts.amount.is_none() {
        let message = "an amount is limited here, and the action states none";
        reasons.push(reason(ErrorCode::LimitAmountMissing, first.rule, message));
    }
    for limit in [&general, &own].into_iter().flatten() {
        for amount in [argument.as_ref(), facts.amount].into_iter().flatten() {
            limit.check(amount, facts.state.spent_micro, reasons);
        }
    }
    larger(argument, facts.amount)
}

impl<'a> Limit<'a> {
    fn of_policy(max: &'a PolicyMaxAmount) -> Self {
        let (per_call_rule, per_run_rule) = ("max_amount.per_call_micro", "max_amount.per_run_micro");
        Limit { rule: "max_amount", per_call_rule, per_run_rule, max }
    }

    fn of_tool(tool: &'a Tool) -> Option<Self> {
        let rule = tool.name.as_str();
        Some(Limit { rule, per_call_rule: rule, per_run_rule: rule, max: tool.max_amount.as_ref()? })
    }

    fn check(&self, amount: &Amount, spent: u64, reasons: &mut Vec<DecisionReason>) {
        let Limit { rule, per_call_rule, per_run_rule, max } = self;
        if amount.currency != max.currency {
            let message = format!("the amount is in {}, the limit is in {}", amount.currency, max.currency);
            reasons.push(reason(ErrorCode::LimitCurrency, rule, message));
            return;
        }
        let (micro, currency) = (amount.micro, &max.currency);
        if let Some(most) = max.per_call_micro.filter(|&most| micro > most) {
            let message = format!("{micro} micro-{currency} in one call, at most {most} are allowed");
            reasons.push(reason(ErrorCode::LimitAmount, per_call_rule, message));
        }
        if let Some(most) = max.per_run_micro.filter(|&most| spent.saturating_add(micro) > most) {
            let message = format!(
                "{spent} micro-{currency} are spent and {micro} are asked for, at most {most} are allowed in a run"
            );
            reasons.push(reason(ErrorCode::LimitAmount, per_run_rule, message));
        }
    }
}

/// Reads the amount from the arguments: an integer of micro-units, and a currency where an argument holds it.
fn read(
    source: &PolicyAmountArgs,
    facts: &PolicyFacts<'_>,
    default_currency: Option<&String>,
) -> Result<Amount, (ErrorCode, String)> {
    let at = |pointer: &str| pointer::resolve(facts.args, pointer);
    let micro = at(&source.amount_arg).and_then(|value| u64::try_from(value.as_i64()?).ok()).ok_or_else(|| {
        let message = format!("argument {} holds no amount: an integer of micro-units", quote(&source.amount_arg));
        (ErrorCode::LimitAmountMissing, message)
    })?;
    let currency = match &source.currency_arg {
        Some(argument) => at(argument).and_then(|value| value.as_str()).filter(|text| is_currency(text)),
        None => default_currency.map(String::as_str),
    };
    let currency = currency.ok_or_else(|| {
        let argument = source.currency_arg.as_deref().unwrap_or_default();
        (ErrorCode::LimitCurrency, format!("argument {} holds no currency: three capital letters", quote(argument)))
    })?;
    Ok(Amount { micro, currency: currency.to_owned() })
}

/// The amount to count. Where host and arguments differ, the action may spend the larger one.
fn larger(argument: Option<Amount>, stated: Option<&Amount>) -> Option<Amount> {
    match (argument, stated) {
        (Some(argument), Some(stated)) if stated.micro > argument.micro => Some(stated.clone()),
        (Some(argument), _) => Some(argument),
        (None, stated) => stated.cloned(),
    }
}
