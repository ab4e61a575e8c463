//! What each rule of a policy can match, for the person who reviews it.

use crate::compile::{CompiledPolicy, Tool};
use crate::explain_people::for_whom;
use crate::names::{ANY, Names};
use crate::patterns::{self, is_case_sensitive};
use crate::source::quote;
use crate::{glob, resources};
use talos_contracts::{Effect, PolicyMaxAmount, PolicyPattern, PolicyPatternKind, PolicyResourceItem};

const BLOCKED_TARGET: &str = "a blocked pattern matches this: it is always denied";

/// One rule in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The rule: the name of a tool, the id of a pattern, the key of a limit.
    pub rule: String,
    /// What it matches and what follows.
    pub matches: String,
    /// What the author may not have meant.
    pub warnings: Vec<String>,
}

impl Explanation {
    pub(crate) fn new(rule: impl Into<String>, matches: impl Into<String>) -> Self {
        Explanation { rule: rule.into(), matches: matches.into(), warnings: Vec::new() }
    }

    pub(crate) fn warn_if(&mut self, condition: bool, warning: &str) {
        if condition {
            self.warnings.push(warning.to_owned());
        }
    }
}

impl CompiledPolicy {
    /// Every rule, or those that a call of this tool meets.
    pub fn explain(&self, tool: Option<&str>) -> Vec<Explanation> {
        if self.is_builtin() {
            let matches = "the operator's declared reads are allowed, everything else needs approval";
            return vec![Explanation::new("builtin", matches)];
        }
        let mut rules = match tool {
            Some(name) => self.explain_call(name),
            None => self.explain_tools(),
        };
        self.explain_arguments(tool, &mut rules);
        self.explain_egress(&mut rules);
        if tool.is_none() {
            self.explain_resources(&mut rules);
            self.explain_prompts(&mut rules);
            self.explain_peers(&mut rules);
        }
        let blocked = self.policy.blocked_patterns.iter().flatten();
        rules.extend(blocked.map(|pattern| explain_pattern(pattern, "targets, strings and member names", "denied")));
        if tool.is_none() {
            let hidden = self.policy.redact.iter().flatten();
            rules.extend(hidden.map(|pattern| explain_pattern(pattern, "strings", "hidden by viewers")));
        }
        self.explain_limits(&mut rules);
        self.explain_preflight(&mut rules);
        self.explain_rates(tool, &mut rules);
        self.explain_approvals(tool, &mut rules);
        self.explain_mode(&mut rules);
        rules
    }

    fn explain_call(&self, name: &str) -> Vec<Explanation> {
        let rules = self.tools.find(name);
        if rules.is_empty() {
            return vec![Explanation::new(name, "not in allowed_tools: denied")];
        }
        rules.iter().map(|tool| self.explain_tool(name, tool)).collect()
    }

    fn explain_tools(&self) -> Vec<Explanation> {
        if self.tools.is_empty() {
            return vec![Explanation::new("allowed_tools", "no tool may be called")];
        }
        let tools = self.policy.allowed_tools.iter().flatten();
        tools
            .map(|item| {
                let tool = Tool::from(item);
                let mut rule = self.explain_tool(&tool.name, &tool);
                rule.warnings.extend(self.vain_preflight(item).map(str::to_owned));
                rule
            })
            .collect()
    }

    fn explain_tool(&self, name: &str, tool: &Tool) -> Explanation {
        let who = if name == ANY {
            "every tool that has no rule of its own".to_owned()
        } else {
            format!("tool {}", quote(name))
        };
        let effect = match tool.effect {
            Some(effect) => format!("effect {}", effect.as_str()),
            None => "the effect that the host declares, else irreversible".to_owned(),
        };
        let whom = tool.audience.as_ref().map_or(String::new(), |audience| format!(" only for {audience}"));
        let mut matches = format!("{who}: allowed{whom}, {effect}");
        if tool.tool_hash.is_some() {
            matches.push_str(", only as pinned");
        }
        if let Some(max) = &tool.max_amount {
            matches.push_str(&format!(", {}, denied without an amount", explain_money(max)));
        } else if tool.amount.is_some() {
            matches.push_str(", denied unless the arguments state an amount");
        }
        for (is_required, what) in [(tool.consent_required, "consent"), (tool.kyc_required, "a checked identity")] {
            if is_required {
                matches.push_str(&format!(", denied unless the host states {what}"));
            }
        }
        let mut rule = Explanation::new(tool.name.as_str(), matches);
        let is_plain = Tool { name: tool.name.clone(), ..Tool::default() } == *tool;
        let others = self.tools.of(name);
        let is_for_some = !others.is_empty() && others.iter().all(|other| other.audience.is_some());
        rule.warn_if(
            is_for_some && name != ANY && self.tools.has_any(),
            "\"*\" does not allow this tool to the others: a name of its own goes before it",
        );
        rule.warn_if(
            tool.audience.is_some() && !is_for_some,
            "where it is not known whose a call is, this rule restricts it like the one for everybody",
        );
        let is_limited = self.policy.max_amount.is_some() || tool.max_amount.is_some();
        rule.warn_if(
            is_plain && name != ANY && self.tools.has_any() && !self.tools.of(name).is_empty(),
            "\"*\" allows this tool already: the entry adds nothing",
        );
        rule.warn_if(
            tool.effect.is_none(),
            "effect is not stated: it counts as irreversible unless the host declares one",
        );
        let needs_amount = tool.max_amount.is_some() || tool.effect.is_some_and(|effect| effect >= Effect::Spend);
        rule.warn_if(
            is_limited && tool.max_amount.is_none() && tool.effect.is_none(),
            "under max_amount a call that states no amount is denied: give the tool its effect if it spends nothing",
        );
        rule.warn_if(
            tool.amount.is_some() && !is_limited,
            "the amount is read from the arguments, and nothing limits it",
        );
        rule.warn_if(
            tool.amount.is_none() && is_limited && needs_amount,
            "the amount is not read from the arguments: only the host can state it, and without it a call is denied",
        );
        rule.warn_if(name != ANY && self.is_blocked(name), BLOCKED_TARGET);
        rule.warn_if(tool.tool_hash.is_some(), "pinned: calls are denied where the tool's present hash is not known");
        rule
    }

    fn explain_resources(&self, rules: &mut Vec<Explanation>) {
        for item in self.policy.allowed_resources.iter().flatten() {
            let (uri, effect) = match item {
                PolicyResourceItem::Uri(uri) => (uri, None),
                PolicyResourceItem::Rule(rule) => (&rule.uri, rule.effect),
            };
            let effect = match effect {
                Some(effect) => format!("effect {}", effect.as_str()),
                None => "the effect that the host declares, else read".to_owned(),
            };
            let what = if glob::has_wildcards(uri) { "resources that match" } else { "the resource" };
            let mut rule = Explanation::new(uri.as_str(), format!("{what} {}: allowed, {effect}", quote(uri)));
            rule.warnings.extend(resources::never_matches(uri).map(str::to_owned));
            rule.warn_if(
                glob::leaves_host_open(uri),
                "any host can match: end the host with a name that is yours, as in `https://*.example.com/**`",
            );
            rule.warn_if(!glob::has_wildcards(uri) && self.is_blocked(uri), BLOCKED_TARGET);
            rules.push(rule);
        }
    }

    fn explain_prompts(&self, rules: &mut Vec<Explanation>) {
        let says = "the effect that the host declares, else read";
        self.explain_names("prompt", says, self.policy.allowed_prompts.as_deref(), &self.prompts, rules);
    }

    fn explain_peers(&self, rules: &mut Vec<Explanation>) {
        let says = "messages to and from it, the effect that the host declares, else external";
        self.explain_names("peer", says, self.policy.allowed_peers.as_deref(), &self.peers, rules);
    }

    fn explain_names(
        &self,
        what: &str,
        says: &str,
        list: Option<&[String]>,
        names: &Names<()>,
        rules: &mut Vec<Explanation>,
    ) {
        for name in list.unwrap_or_default() {
            let who = if name == ANY { format!("every {what}") } else { format!("{what} {}", quote(name)) };
            let mut rule = Explanation::new(name.as_str(), format!("{who}: allowed, {says}"));
            rule.warn_if(
                name != ANY && names.has_any(),
                &format!("\"*\" allows this {what} already: the entry adds nothing"),
            );
            rule.warn_if(name != ANY && self.is_blocked(name), BLOCKED_TARGET);
            rules.push(rule);
        }
    }

    /// Whether a blocked pattern matches this target, whoever asks.
    fn is_blocked(&self, target: &str) -> bool {
        let mut is_blocked = false;
        self.patterns.scan(target, |index| is_blocked |= self.patterns.is_for_all(index));
        is_blocked
    }

    fn explain_limits(&self, rules: &mut Vec<Explanation>) {
        let policy = &self.policy;
        if let Some(max) = policy.max_tool_calls_per_request {
            let mut rule = Explanation::new(
                "max_tool_calls_per_request",
                format!("call {} of a run and those after it: denied", max.saturating_add(1)),
            );
            rule.warn_if(max == 0, "no tool can be called");
            rules.push(rule);
        }
        if let Some(max) = policy.max_tokens_per_request {
            rules.push(Explanation::new("max_tokens_per_request", format!("more than {max} tokens in a run: denied")));
        }
        if let Some(max) = &policy.max_amount {
            let matches =
                format!("{}; a call of effect spend or irreversible that states no amount: denied", explain_money(max));
            rules.push(Explanation::new("max_amount", matches));
        }
        if let Some(threshold) = policy.confidence_threshold_bp {
            let then = policy.on_drift.map_or("flag", |on_drift| on_drift.as_str());
            let matches = format!("results with a confidence under {threshold} basis points or none: {then}");
            rules.push(Explanation::new("confidence_threshold_bp", matches));
        }
    }
}

fn explain_money(max: &PolicyMaxAmount) -> String {
    let currency = &max.currency;
    let call = max.per_call_micro.map(|micro| format!("at most {micro} micro-{currency} a call"));
    let run = max.per_run_micro.map(|micro| format!("at most {micro} micro-{currency} a run"));
    [call, run].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn explain_pattern(pattern: &PolicyPattern, what_of: &str, then: &str) -> Explanation {
    let what = match pattern.kind {
        PolicyPatternKind::Substring => "contain",
        PolicyPatternKind::Regex => "match the regular expression",
        PolicyPatternKind::Glob => "are as a whole like",
    };
    let case = if is_case_sensitive(pattern) { "exactly" } else { "in any case and width" };
    let whom = for_whom(pattern.only_for.as_ref());
    let matches = format!("{what_of} that {what} {}, {case}{whom}: {then}", quote(&pattern.pattern));
    let mut rule = Explanation::new(patterns::name(pattern), matches);
    match pattern.kind {
        PolicyPatternKind::Substring => {}
        PolicyPatternKind::Regex => {
            rule.warn_if(
                patterns::never_matches(&pattern.pattern),
                "never matches: the expression is empty of strings",
            );
            rule.warn_if(patterns::always_matches(&pattern.pattern), "matches every string: all of them are meant");
        }
        PolicyPatternKind::Glob => {
            let is_exact = !glob::has_wildcards(&pattern.pattern);
            rule.warn_if(is_exact, "matches only this very string: kind substring finds it inside others");
            let is_all = pattern.pattern.chars().all(|c| c == '*') && pattern.pattern.len() == 2;
            rule.warn_if(is_all, "matches every string: all of them are meant");
        }
    }
    rule
}
