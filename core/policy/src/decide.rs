//! The evaluation: every step runs and reports (`docs/spec/policy.md`, section 3).

use crate::approvals::MAX_ASKS;
use crate::compile::{CompiledPolicy, Origin, Tool};
use crate::facts::{Finding, PolicyFacts, reason, settle};
use crate::pointer::{Place, Step};
use crate::source::quote;
use crate::subject::{Membership, restricts};
use crate::{amounts, approvals, patterns, preflight, rates, scan};
use talos_contracts::{ActionKind, DecisionReason, Effect, ErrorCode, Verdict};

/// How the message of the built-in policy says what to do about it.
const BUILTIN_HELP: &str = "no policy file is in use, and without one only what the operator declared as read is allowed: \
     `talos init -- COMMAND` writes a policy to review";

/// The rules of a tool that hold for one action: one of them grants it, and all that may be meant restrict it.
pub(crate) struct Rules<'a> {
    list: &'a [Tool],
    facts: &'a PolicyFacts<'a>,
}

impl<'a> Rules<'a> {
    /// A rule that is for somebody grants only what is known to be theirs. Where whose it is is not known, it grants nothing
    /// and restricts what another rule grants, so that to hide who one is never gains anything.
    fn of(list: &'a [Tool], facts: &'a PolicyFacts<'a>) -> Self {
        let grants = |rule: &Tool| rule.audience.as_ref().is_none_or(|a| a.membership(facts) == Membership::Yes);
        let list = if list.iter().any(grants) { list } else { &[] };
        Rules { list, facts }
    }

    pub fn iter(&self) -> impl Iterator<Item = &'a Tool> {
        let facts = self.facts;
        self.list.iter().filter(move |rule| restricts(rule.audience.as_ref(), facts))
    }
}

impl CompiledPolicy {
    /// Decides on one action, as if the policy were in mode enforce. Structure is not checked here: arguments come from
    /// the strict parser.
    pub fn decide(&self, facts: &PolicyFacts<'_>) -> Finding {
        match self.origin {
            Origin::Builtin => builtin(facts),
            Origin::File => self.evaluate(facts),
        }
    }

    fn evaluate(&self, facts: &PolicyFacts<'_>) -> Finding {
        let mut reasons = Vec::new();
        let rules = self.rules(facts);
        let effect = match self.allowed(facts, &rules) {
            Some(effect) => effect,
            None => {
                reasons.push(self.not_allowed(facts));
                undeclared_effect(facts)
            }
        };
        for rule in rules.iter() {
            check_pin(facts, rule, &mut reasons);
            rule.arguments.check(&rule.name, facts, &mut reasons);
        }
        self.check_patterns(facts, &mut reasons);
        if let Some(egress) = &self.egress {
            egress.check(facts, &mut reasons);
        }
        self.check_counts(facts, &mut reasons);
        let max = self.policy.max_amount.as_ref();
        let amounts = amounts::check(max, &rules, self.currency.as_deref(), effect, facts, &mut reasons);
        preflight::check(&self.policy, &rules, effect, facts, &mut reasons);
        if !reasons.is_empty() {
            return Finding { reasons: settle(reasons), ..Finding::plain(Verdict::Deny, effect, amounts.counted()) };
        }
        let asked = approvals::check(&self.asks, facts, effect, &amounts);
        if asked.rules.len() > MAX_ASKS {
            let message =
                format!("{} approval rules are for this, and one request has at most {MAX_ASKS}", asked.rules.len());
            let reasons = vec![reason(ErrorCode::ApprovalUnavailable, "approvals", message)];
            return Finding { reasons, ..Finding::plain(Verdict::Deny, effect, amounts.counted()) };
        }
        let verdict = if asked.rules.is_empty() { Verdict::Allow } else { Verdict::NeedsApproval };
        Finding {
            reasons: settle(asked.reasons),
            rates: rates::check(&self.rates, facts, effect),
            asks: asked.rules,
            asks_expire_ms: asked.expires_ms,
            ..Finding::plain(verdict, effect, amounts.counted())
        }
    }

    /// Whether what this policy says to such an action can depend on its arguments.
    pub fn reads_arguments(&self, kind: ActionKind, target: &str) -> bool {
        let rules = if kind == ActionKind::ToolCall { self.tools.find(target) } else { &[] };
        let reads = |rule: &Tool| rule.amount.is_some() || !rule.arguments.is_empty();
        !self.patterns.is_empty() || self.egress.is_some() || rules.iter().any(reads)
    }

    /// The rules of the tool that is called, if one of them grants it.
    fn rules<'a>(&'a self, facts: &'a PolicyFacts<'a>) -> Rules<'a> {
        match facts.kind {
            ActionKind::ToolCall => Rules::of(self.tools.find(facts.target), facts),
            _ => Rules { list: &[], facts },
        }
    }

    /// The effect of the action, if a list of the policy has its target.
    fn allowed(&self, facts: &PolicyFacts<'_>, rules: &Rules<'_>) -> Option<Effect> {
        match facts.kind {
            ActionKind::ToolCall => {
                let stated = rules.iter().map(|rule| rule.effect).max()?;
                Some(stated.unwrap_or_else(|| undeclared_effect(facts)))
            }
            ActionKind::ResourceRead => {
                let listed = self.resources.find(facts.target)?;
                Some(listed.unwrap_or_else(|| undeclared_effect(facts)))
            }
            ActionKind::PromptGet => self.prompts.find(facts.target).first().map(|()| undeclared_effect(facts)),
            ActionKind::Message => self.peers.find(facts.target).first().map(|()| undeclared_effect(facts)),
            // The contract has no list for these kinds yet, and what is not listed is not allowed.
            ActionKind::Sampling | ActionKind::Http => None,
        }
    }

    fn check_patterns(&self, facts: &PolicyFacts<'_>, reasons: &mut Vec<DecisionReason>) {
        if self.patterns.is_empty() {
            return;
        }
        let mut hits = scan::Hits::default();
        scan::target(&self.patterns, facts.kind, facts.target, &mut hits);
        let root = Place { parent: None, step: Step::Root };
        if let Err(code) = scan::value(&self.patterns, facts.args, &root, 0, &mut hits) {
            reasons.push(reason(code, "blocked_patterns", "the arguments are nested too deep to be searched"));
        }
        let list = self.policy.blocked_patterns.as_deref().unwrap_or_default();
        for (index, place) in hits.found {
            if !self.patterns.restricts(index, facts) {
                continue;
            }
            let pattern = &list[index];
            let message = format!("{} matches {place}", patterns::label(pattern));
            reasons.push(reason(ErrorCode::PolicyBlockedPattern, &patterns::name(pattern), message));
        }
    }

    fn check_counts(&self, facts: &PolicyFacts<'_>, reasons: &mut Vec<DecisionReason>) {
        let state = &facts.state;
        if let (ActionKind::ToolCall, Some(max)) = (facts.kind, self.policy.max_tool_calls_per_request) {
            let calls = state.admitted.saturating_add(state.in_flight);
            if calls >= max {
                let message = format!(
                    "{} calls are admitted and {} are in flight, at most {max} are allowed in a run",
                    state.admitted, state.in_flight
                );
                reasons.push(reason(ErrorCode::LimitToolCalls, "max_tool_calls_per_request", message));
            }
        }
        if let Some(max) = self.policy.max_tokens_per_request {
            let requested = facts.tokens.unwrap_or(0);
            if state.tokens_reserved.saturating_add(requested) > max {
                let message = format!(
                    "{} tokens are reserved and {requested} are requested, at most {max} are allowed in a run",
                    state.tokens_reserved
                );
                reasons.push(reason(ErrorCode::LimitTokens, "max_tokens_per_request", message));
            }
        }
    }

    fn not_allowed(&self, facts: &PolicyFacts<'_>) -> DecisionReason {
        let target = quote(facts.target);
        let (rule, message) = match facts.kind {
            ActionKind::ToolCall if self.tools.find(facts.target).is_empty() => {
                ("allowed_tools", format!("tool {target} is not in allowed_tools"))
            }
            ActionKind::ToolCall => {
                let message = format!("tool {target} is in allowed_tools, but only for others than this subject");
                ("allowed_tools", message)
            }
            ActionKind::ResourceRead => ("allowed_resources", format!("resource {target} is not in allowed_resources")),
            ActionKind::PromptGet => ("allowed_prompts", format!("prompt {target} is not in allowed_prompts")),
            ActionKind::Message => ("allowed_peers", format!("peer {target} is not in allowed_peers")),
            kind => ("allowed_tools", format!("a policy cannot allow actions of kind {} yet", kind.as_str())),
        };
        reason(ErrorCode::PolicyToolNotAllowed, rule, message)
    }

    /// Checks the confidence of an outcome, in basis points. Missing confidence is confidence below any threshold.
    pub fn confidence(&self, outcome_bp: Option<u32>) -> Option<DecisionReason> {
        let threshold = self.policy.confidence_threshold_bp?;
        let message = match outcome_bp {
            Some(bp) if u64::from(bp) >= threshold => return None,
            Some(bp) => format!("confidence is {bp} basis points, at least {threshold} are required"),
            None => format!("confidence is missing, at least {threshold} basis points are required"),
        };
        Some(reason(ErrorCode::DriftDetected, "confidence_threshold_bp", message))
    }
}

/// The built-in policy: what the operator declared as a read is allowed, everything else needs approval.
fn builtin(facts: &PolicyFacts<'_>) -> Finding {
    let (effect, amount) = (undeclared_effect(facts), facts.amount.cloned());
    if facts.effect == Some(Effect::Read) {
        return Finding::plain(Verdict::Allow, effect, amount);
    }
    let message = format!("{} {} needs approval: {BUILTIN_HELP}", kind_name(facts.kind), quote(facts.target));
    let reasons = vec![reason(ErrorCode::ApprovalRequired, "builtin", message)];
    Finding { reasons, ..Finding::plain(Verdict::NeedsApproval, effect, amount) }
}

/// The effect where the policy names none: what was declared, else the heaviest that the kind can have. Resources and
/// prompts are reads by the definition of MCP, a message reaches somebody else; a tool can do anything.
fn undeclared_effect(facts: &PolicyFacts<'_>) -> Effect {
    facts.effect.unwrap_or(match facts.kind {
        ActionKind::ResourceRead | ActionKind::PromptGet => Effect::Read,
        ActionKind::Message => Effect::External,
        _ => Effect::Irreversible,
    })
}

fn check_pin(facts: &PolicyFacts<'_>, tool: &Tool, reasons: &mut Vec<DecisionReason>) {
    let Some(pin) = tool.tool_hash else { return };
    let name = quote(&tool.name);
    match facts.tool_hash {
        Some(hash) if hash == pin => {}
        Some(_) => {
            let message = format!("tool {name} is not the one that was pinned: its description or schema has changed");
            reasons.push(reason(ErrorCode::PolicyToolHashMismatch, &tool.name, message));
        }
        None => {
            let message = format!("tool {name} is pinned, and its hash is not known");
            reasons.push(reason(ErrorCode::PolicyToolHashUnknown, &tool.name, message));
        }
    }
}

fn kind_name(kind: ActionKind) -> &'static str {
    match kind {
        ActionKind::ToolCall => "tool",
        ActionKind::ResourceRead => "resource",
        ActionKind::PromptGet => "prompt",
        ActionKind::Sampling => "sampling",
        ActionKind::Message => "message with",
        ActionKind::Http => "request to",
    }
}
