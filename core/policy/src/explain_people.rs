//! What the rules about people and time mean: whom a rule is for, preflight, rates, approvals, the mode.

use crate::compile::CompiledPolicy;
use crate::explain::Explanation;
use crate::source::{quote, shorten};
use crate::subject::Audience;
use std::fmt;
use talos_contracts::{Effect, PolicyApproval, PolicyMode, PolicyOnlyFor, PolicyRate, PolicyRateBy, PolicyToolItem};
use talos_text::nfc;

impl CompiledPolicy {
    pub(crate) fn explain_preflight(&self, rules: &mut Vec<Explanation>) {
        let facts = [
            ("consent_required", self.policy.consent_required, "the consent of the principal"),
            ("kyc_required", self.policy.kyc_required, "that the principal's identity was checked"),
        ];
        for (key, required, what) in facts {
            let Some(required) = required else { continue };
            let then = match required {
                true => format!("an action of effect spend or irreversible without the host's word for {what}: denied"),
                false => format!("nothing needs the host's word for {what}, except for tools whose rules say so"),
            };
            rules.push(Explanation::new(key, then));
        }
    }

    pub(crate) fn explain_rates(&self, tool: Option<&str>, rules: &mut Vec<Explanation>) {
        let rates = self.policy.rates.iter().flatten();
        rules.extend(rates.filter(|rate| is_about(rate.tools.as_deref(), tool)).map(explain_rate));
    }

    pub(crate) fn explain_approvals(&self, tool: Option<&str>, rules: &mut Vec<Explanation>) {
        let approvals = self.policy.approvals.iter().flatten();
        let approvals = approvals.filter(|approval| is_about(approval.tools.as_deref(), tool));
        rules.extend(approvals.map(|approval| self.explain_approval(approval)));
        let people = self.policy.approvers.as_deref().unwrap_or_default();
        if tool.is_none() && !people.is_empty() {
            let names: Vec<&str> = people.iter().map(|person| person.name.as_str()).collect();
            let mut rule = Explanation::new("approvers", format!("{} may approve", names.join(", ")));
            let is_asked = self.policy.approvals.as_ref().is_some_and(|approvals| !approvals.is_empty());
            rule.warn_if(!is_asked, "nothing asks them: there is no approval rule");
            let without_key = people.iter().filter(|person| person.key.is_none()).count();
            rule.warn_if(without_key > 0, "an approver without a key is sent a one-time code");
            rules.push(rule);
        }
    }

    fn explain_approval(&self, approval: &PolicyApproval) -> Explanation {
        let quorum = approval.quorum.unwrap_or(1);
        let whom = match &approval.approvers {
            Some(names) => names.join(", "),
            None => "all approvers".to_owned(),
        };
        let above = approval.above.as_ref().map_or(String::new(), |above| {
            let (micro, currency) = (above.micro, &above.currency);
            format!(" that may spend more than {micro} micro-{currency} or does not say how much")
        });
        let what = selected(approval.tools.as_deref(), approval.effects.as_deref(), approval.only_for.as_ref());
        let wait = approval.expires_seconds.unwrap_or(crate::approvals::EXPIRES_SECONDS);
        let then = format!("{what}{above}: {quorum} of {whom} approve within {wait} seconds, else denied");
        let mut rule = Explanation::new(approval.id.as_str(), then);
        let Some(above) = &approval.above else { return rule };
        let limit = self.policy.max_amount.as_ref();
        rule.warn_if(
            limit.is_some_and(|limit| limit.currency != above.currency),
            "the limits are in another currency: everything is asked for",
        );
        rule.warn_if(
            limit.is_some_and(|limit| limit.per_call_micro.is_some_and(|most| most <= above.micro)),
            "never asks because of an amount: max_amount denies more than that",
        );
        rule.warn_if(
            !self.reads_amounts(approval.tools.as_deref()),
            "no amount is read from the arguments: a call is asked for unless the host states a small one",
        );
        rule
    }

    /// Whether a rule of these tools reads an amount from the arguments.
    fn reads_amounts(&self, tools: Option<&[String]>) -> bool {
        self.policy.allowed_tools.iter().flatten().any(|item| match item {
            PolicyToolItem::Rule(rule) => rule.amount.is_some() && is_about(tools, Some(&rule.name)),
            PolicyToolItem::Name(_) => false,
        })
    }

    pub(crate) fn explain_mode(&self, rules: &mut Vec<Explanation>) {
        let Some(mode) = self.policy.mode else { return };
        let (then, warning) = match mode {
            PolicyMode::Enforce => ("what is denied does not run", None),
            PolicyMode::Shadow => (
                "this policy is decided on beside the one in force, and recorded",
                Some("nothing is denied because of it"),
            ),
            PolicyMode::Observe => (
                "what would have been denied runs, and its receipt says so",
                Some("nothing is denied: for trying a policy out"),
            ),
        };
        let mut rule = Explanation::new("mode", format!("{}: {then}", mode.as_str()));
        rule.warnings.extend(warning.map(str::to_owned));
        rules.push(rule);
    }

    /// Warnings about what a rule says in vain.
    pub(crate) fn vain_preflight(&self, item: &PolicyToolItem) -> Option<&'static str> {
        let PolicyToolItem::Rule(rule) = item else { return None };
        let in_vain = |general: Option<bool>, own: Option<bool>| general == Some(true) && own == Some(false);
        let is_vain = in_vain(self.policy.consent_required, rule.consent_required)
            || in_vain(self.policy.kyc_required, rule.kyc_required);
        is_vain.then_some("false takes nothing back: what the policy requires of all it requires of this tool")
    }
}

fn explain_rate(rate: &PolicyRate) -> Explanation {
    let what = selected(rate.tools.as_deref(), rate.effects.as_deref(), rate.only_for.as_ref());
    let by = match rate.by.unwrap_or(PolicyRateBy::Run) {
        PolicyRateBy::All => "all together".to_owned(),
        by => format!("for each {}, where it is not known for all of those together", by.as_str()),
    };
    let (calls, seconds, burst) = (rate.calls, rate.per_seconds, rate.burst.unwrap_or(rate.calls));
    let then = format!("{what}: {calls} in {seconds} seconds, {burst} at once, {by}; more is denied");
    let mut rule = Explanation::new(rate.id.as_str(), then);
    rule.warn_if(burst > calls, "burst is larger than calls: after a pause more than calls happen in that time");
    rule
}

/// Whether a rule with these tools is about calls of this one.
fn is_about(tools: Option<&[String]>, tool: Option<&str>) -> bool {
    match (tools, tool) {
        (Some(tools), Some(tool)) => tools.iter().any(|name| nfc(name) == nfc(tool)),
        _ => true,
    }
}

/// The actions that a rule selects, in words.
fn selected(tools: Option<&[String]>, effects: Option<&[Effect]>, only_for: Option<&PolicyOnlyFor>) -> String {
    let tools = match tools {
        Some(tools) => format!("calls of {}", listed(tools.iter().map(String::as_str))),
        None => "every action".to_owned(),
    };
    let effects = effects.map_or(String::new(), |effects| {
        format!(" of effect {}", effects.iter().map(|effect| effect.as_str()).collect::<Vec<_>>().join(" or "))
    });
    format!("{tools}{effects}{}", for_whom(only_for))
}

/// Whom a restriction is for.
pub(crate) fn for_whom(only_for: Option<&PolicyOnlyFor>) -> String {
    only_for.map_or(String::new(), |only_for| format!(" by {}, or by nobody knows whom", Audience::from(only_for)))
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    shorten(&names.map(quote).collect::<Vec<_>>().join(", "))
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        for (what, names) in self.members() {
            let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
            names.sort_unstable();
            parts.push(format!("{what} {}", listed(names.into_iter())));
        }
        f.write_str(&parts.join(" and "))
    }
}
