//! Limits of money (`docs/spec/policy.md`, section 5). What is missing or unknown is denied, never zero.

use crate::compile::Tool;
use crate::decide::Rules;
use crate::facts::{PolicyFacts, reason};
use crate::pointer;
use crate::source::quote;
use talos_contracts::scalar::is_currency;
use talos_contracts::{Amount, DecisionReason, Effect, ErrorCode, PolicyAmountArgs, PolicyMaxAmount};

/// A limit and the name that reasons call it by.
#[derive(Clone)]
struct Limit<'a> {
    rule: &'a str,
    per_call_rule: &'a str,
    per_run_rule: &'a str,
    max: &'a PolicyMaxAmount,
}

/// The money that an action would spend, as far as host and arguments say it.
#[derive(Debug, Default)]
pub(crate) struct Amounts {
    all: Vec<Amount>,
}

impl Amounts {
    /// The amount that the run has to count: where sources differ, the action may spend the largest.
    pub fn counted(self) -> Option<Amount> {
        self.all.into_iter().reduce(|most, next| if next.micro > most.micro { next } else { most })
    }

    /// Whether the action may spend more than this: it states more, or in another currency, or not how much.
    pub fn may_exceed(&self, above: &Amount) -> bool {
        let exceeds = |amount: &Amount| amount.currency != above.currency || amount.micro > above.micro;
        self.all.is_empty() || self.all.iter().any(exceeds)
    }
}

/// Checks the amounts of an action against the policy's limit and those of the tool's rules. `currency` is the one that
/// an amount has whose rule names no argument for it.
pub(crate) fn check(
    general: Option<&PolicyMaxAmount>,
    rules: &Rules<'_>,
    currency: Option<&str>,
    effect: Effect,
    facts: &PolicyFacts<'_>,
    reasons: &mut Vec<DecisionReason>,
) -> Amounts {
    let general = general.map(Limit::of_policy);
    let own = || rules.iter().filter_map(Limit::of_tool);
    let first = own().next().or_else(|| general.clone());
    let mut amounts = Amounts::default();
    let mut is_unread = false;
    for (rule, source) in rules.iter().filter_map(|rule| Some((rule, rule.amount.as_ref()?))) {
        match read(source, facts, currency) {
            Ok(amount) => amounts.all.push(amount),
            // Also without a limit: a budget would count nothing for it.
            Err((code, message)) => {
                is_unread = true;
                let name = first.as_ref().map_or(rule.name.as_str(), |limit| limit.rule);
                reasons.push(reason(code, name, message));
            }
        }
    }
    let is_required = own().next().is_some() || (general.is_some() && effect >= Effect::Spend);
    let is_stated = facts.amount.is_some() || !amounts.all.is_empty() || is_unread;
    if let (true, false, Some(limit)) = (is_required, is_stated, &first) {
        let message = "an amount is limited here, and the action states none";
        reasons.push(reason(ErrorCode::LimitAmountMissing, limit.rule, message));
    }
    amounts.all.extend(facts.amount.cloned());
    for limit in general.iter().cloned().chain(own()) {
        amounts.all.iter().for_each(|amount| limit.check(amount, facts.state.spent_micro, reasons));
    }
    amounts
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
    default_currency: Option<&str>,
) -> Result<Amount, (ErrorCode, String)> {
    let at = |pointer: &str| pointer::resolve_alone(facts.args, pointer);
    let micro = at(&source.amount_arg).and_then(|value| u64::try_from(value.as_i64()?).ok()).ok_or_else(|| {
        let message = format!("argument {} holds no amount: an integer of micro-units", quote(&source.amount_arg));
        (ErrorCode::LimitAmountMissing, message)
    })?;
    let currency = match &source.currency_arg {
        Some(argument) => at(argument).and_then(|value| value.as_str()).filter(|text| is_currency(text)),
        None => default_currency,
    };
    let currency = currency.ok_or_else(|| {
        let argument = source.currency_arg.as_deref().unwrap_or_default();
        (ErrorCode::LimitCurrency, format!("argument {} holds no currency: three capital letters", quote(argument)))
    })?;
    Ok(Amount { micro, currency: currency.to_owned() })
}
