//! How often actions may happen: which rates an action has to keep. The kernel counts (`docs/spec/policy.md`, section 13).

use crate::compile::{Checker, Tool};
use crate::facts::{PolicyFacts, Rate};
use crate::names::Names;
use crate::selector::{Selector, Stated};
use crate::source::quote;
use std::collections::HashSet;
use talos_contracts::{ActionKind, Effect, Policy, PolicyRate, PolicyRateBy};
use talos_text::nfc;

/// Stands for a name that is not known: all of those share one count.
const UNKNOWN: &str = "?";
/// Ends the id in a key; no id has it.
const SEPARATOR: char = '/';

/// A rate of the policy.
#[derive(Debug)]
pub(crate) struct RateRule {
    selector: Selector,
    id: String,
    calls: u64,
    per_seconds: u64,
    burst: u64,
    by: PolicyRateBy,
}

/// The rates that an action has to keep, sorted by rule.
pub(crate) fn check(rules: &[RateRule], facts: &PolicyFacts<'_>, effect: Effect) -> Vec<Rate> {
    let selected = rules.iter().filter(|rule| rule.selector.selects(facts, effect));
    let mut rates: Vec<Rate> = selected.map(|rule| rule.rate(facts)).collect();
    rates.sort_by(|a, b| a.rule.cmp(&b.rule));
    rates
}

impl RateRule {
    fn rate(&self, facts: &PolicyFacts<'_>) -> Rate {
        Rate {
            rule: self.id.clone(),
            key: key(&self.id, self.by, facts),
            calls: self.calls,
            per_seconds: self.per_seconds,
            burst: self.burst,
        }
    }
}

/// Rule, level and name: `<id>/<level>:<name>`.
fn key(id: &str, by: PolicyRateBy, facts: &PolicyFacts<'_>) -> String {
    let subject = facts.subject;
    let known = |text: &'_ str| (!text.is_empty()).then(|| text.to_owned());
    let name = match by {
        PolicyRateBy::All => return format!("{id}{SEPARATOR}{}", by.as_str()),
        PolicyRateBy::Run => known(&subject.run),
        PolicyRateBy::Tool => (facts.kind == ActionKind::ToolCall).then(|| facts.target.to_owned()),
        PolicyRateBy::Agent => subject.agent.clone().or_else(|| known(&subject.actor)),
        PolicyRateBy::Principal => facts.principal.map(str::to_owned),
        PolicyRateBy::Team => subject.team.clone(),
        PolicyRateBy::Organisation => subject.organisation.clone(),
    };
    // Two spellings of one name are one count.
    let name = name.as_deref().map_or(UNKNOWN.into(), nfc);
    format!("{id}{SEPARATOR}{}:{name}", by.as_str())
}

impl Checker<'_> {
    pub(crate) fn rates(&mut self, policy: &Policy, tools: &Names<Tool>) -> Vec<RateRule> {
        let mut ids = HashSet::new();
        let rates = policy.rates.iter().flatten().enumerate();
        rates.map(|(index, rate)| self.rate(rate, !ids.insert(&rate.id), tools, &format!("/rates/{index}"))).collect()
    }

    fn rate(&mut self, rate: &PolicyRate, is_again: bool, tools: &Names<Tool>, pointer: &str) -> RateRule {
        let at_id = format!("{pointer}/id");
        if is_again {
            self.refuse(&at_id, format!("rate {} is in the list already", quote(&rate.id)));
        }
        if rate.id.contains(SEPARATOR) || rate.id.contains(char::is_control) {
            let detail =
                format!("id {} has a slash or a control character: what is counted is named by it", quote(&rate.id));
            self.refuse(&at_id, detail);
        }
        let (effects, only_for) = (rate.effects.as_deref(), rate.only_for.as_ref());
        RateRule {
            selector: self.selector(&Stated { tools: rate.tools.as_deref(), effects, only_for }, tools, pointer),
            id: rate.id.clone(),
            calls: rate.calls,
            per_seconds: rate.per_seconds,
            burst: rate.burst.unwrap_or(rate.calls),
            by: rate.by.unwrap_or(PolicyRateBy::Run),
        }
    }
}
