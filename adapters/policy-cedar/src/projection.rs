//! A policy of Talos as Cedar policies, for analysis and for tests that both decide alike (`docs/spec/cedar.md`,
//! section 7). The policy itself stays what is normative.

use std::fmt::{Display, Write};
use talos_contracts::{Effect, Policy, PolicyMaxAmount, PolicyMode, PolicyTool, PolicyToolItem};
use talos_text::nfc;

/// What stands for every name in a list.
const ANY: &str = "*";

/// The policy as Cedar text. What Cedar cannot say stands in comments at its head.
pub fn project(policy: &Policy) -> String {
    let Policy {
        id,
        description: _,
        mode,
        includes,
        allowed_tools,
        blocked_patterns,
        redact: _,
        allowed_resources,
        allowed_prompts,
        max_tool_calls_per_request,
        max_tokens_per_request,
        max_amount,
        consent_required,
        kyc_required,
        egress,
        rates,
        approvers: _,
        approvals,
        confidence_threshold_bp,
        on_drift: _,
    } = policy;
    let mut out = Writer::default();
    out.comment(format_args!("Policy {id:?} of Talos, projected to Cedar: for analysis, not to replace it."));
    for (is_lost, rule, why) in [
        (mode.is_some_and(|mode| mode != PolicyMode::Enforce), "mode", "what is denied here is only recorded there"),
        (includes.is_some(), "includes", "the rules of other files are not here"),
        (allowed_resources.is_some(), "allowed_resources", "its globs read URIs; here every resource is denied"),
        (*consent_required == Some(true), "consent_required", "Cedar does not see the consent"),
        (*kyc_required == Some(true), "kyc_required", "Cedar does not see the check of the identity"),
        (egress.is_some(), "egress", "Cedar does not read URLs"),
        (rates.is_some(), "rates", "Cedar has no clock"),
        (approvals.is_some(), "approvals", "Cedar does not ask people"),
        (confidence_threshold_bp.is_some(), "confidence_threshold_bp", "it is about results"),
    ] {
        out.lose(is_lost, rule, why);
    }
    out.tools(allowed_tools.as_deref().unwrap_or_default());
    out.prompts(allowed_prompts.as_deref().unwrap_or_default());
    if blocked_patterns.as_ref().is_some_and(|patterns| !patterns.is_empty()) {
        out.policy("blocked_patterns", "forbid", ANY_ACTION, "when { context.pattern_hit }");
    }
    if let Some(max) = max_tool_calls_per_request {
        let when = format!("when {{ context.calls_admitted + context.calls_in_flight >= {max} }}");
        out.policy("max_tool_calls_per_request", "forbid", ANY_TOOL, &when);
    }
    if let Some(max) = max_tokens_per_request {
        let when = format!("when {{ context.tokens_reserved + context.tokens_requested > {max} }}");
        out.policy("max_tokens_per_request", "forbid", ANY_ACTION, &when);
    }
    if let Some(max) = max_amount {
        out.policy("max_amount", "forbid", ANY_ACTION, &format!("when {{ {} }}", beyond(max)));
        let spends = [Effect::Spend, Effect::Irreversible].map(|effect| quote(effect.as_str())).join(", ");
        let when = format!("when {{ [{spends}].contains(context.effect) && !(context has amount_micro) }}");
        out.policy("max_amount.missing", "forbid", ANY_ACTION, &when);
    }
    out.text
}

const ANY_ACTION: &str = "principal, action, resource";
const ANY_TOOL: &str = "principal, action in Action::\"tool_call\", resource";

#[derive(Default)]
struct Writer {
    text: String,
}

impl Writer {
    fn comment(&mut self, comment: impl Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "// {comment}");
    }

    fn lose(&mut self, is_lost: bool, rule: &str, why: &str) {
        if is_lost {
            self.comment(format_args!("Not projected: {rule}: {why}."));
        }
    }

    fn policy(&mut self, id: &str, effect: &str, scope: &str, condition: &str) {
        let space = if condition.is_empty() { "" } else { "\n  " };
        let _ = write!(self.text, "\n@id({})\n{effect} ({scope}){space}{condition};\n", quote(id));
    }

    fn tools(&mut self, tools: &[PolicyToolItem]) {
        let names = tools.iter().map(|item| match item {
            PolicyToolItem::Name(name) => name,
            PolicyToolItem::Rule(rule) => &rule.name,
        });
        let own: Vec<String> = names.filter(|name| *name != ANY).map(|name| entity("Tool", name)).collect();
        for (item, number) in tools.iter().zip(0..) {
            let (name, rule) = match item {
                PolicyToolItem::Name(name) => (name, None),
                PolicyToolItem::Rule(rule) => (&rule.name, Some(rule)),
            };
            let id = format!("allowed_tools/{number}");
            // What `*` says is for tools that have no rule of their own.
            let (scope, others) = if name == ANY {
                (ANY_TOOL.to_owned(), format!("![{}].contains(resource) && ", own.join(", ")))
            } else {
                (
                    format!("principal, action in Action::\"tool_call\", resource == {}", entity("Tool", name)),
                    String::new(),
                )
            };
            let others = if own.is_empty() { "" } else { others.as_str() };
            self.policy(&id, "permit", &scope, "");
            let Some(PolicyTool {
                name: _,
                effect: _,
                tool_hash,
                only_for,
                args,
                no_other_args,
                max_amount,
                amount,
                consent_required,
                kyc_required,
                description: _,
            }) = rule
            else {
                continue;
            };
            if let Some(pin) = tool_hash {
                let pinned =
                    format!("unless {{ context has tool_hash && context.tool_hash == {} }}", quote(&pin.to_b64()));
                self.policy(&format!("{id}/tool_hash"), "forbid", &scope, &pinned);
            }
            if let Some(max) = max_amount {
                let when = format!("when {{ {others}(!(context has amount_micro) || ({})) }}", beyond(max));
                self.policy(&format!("{id}/max_amount"), "forbid", &scope, &when);
            }
            for (is_lost, key, why) in [
                (only_for.is_some(), "only_for", "here the tool is allowed to everybody"),
                (args.is_some(), "args", "Cedar does not parse arguments"),
                (*no_other_args == Some(true), "no_other_args", "Cedar sees only the arguments of the schema"),
                (*consent_required == Some(true), "consent_required", "Cedar does not see the consent"),
                (*kyc_required == Some(true), "kyc_required", "Cedar does not see the check of the identity"),
                (amount.is_some(), "amount", "the amount is the one that Talos has read, if it could"),
            ] {
                self.lose(is_lost, &format!("{id}/{key}"), why);
            }
        }
    }

    fn prompts(&mut self, prompts: &[String]) {
        for (name, number) in prompts.iter().zip(0..) {
            let scope = match name.as_str() {
                ANY => "principal, action == Action::\"prompt_get\", resource".to_owned(),
                name => format!("principal, action == Action::\"prompt_get\", resource == {}", entity("Prompt", name)),
            };
            self.policy(&format!("allowed_prompts/{number}"), "permit", &scope, "");
        }
    }
}

/// An amount that is there and beyond a limit, or in another currency.
fn beyond(max: &PolicyMaxAmount) -> String {
    let mut any = vec![format!("context.currency != {}", quote(&max.currency))];
    any.extend(max.per_call_micro.map(|most| format!("context.amount_micro > {most}")));
    any.extend(max.per_run_micro.map(|most| format!("context.spent_micro + context.amount_micro > {most}")));
    format!("context has amount_micro && context has currency && ({})", any.join(" || "))
}

fn entity(name: &str, id: &str) -> String {
    format!("{name}::{}", quote(&nfc(id)))
}

/// A string of Cedar.
fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            ' '..='~' => quoted.push(c),
            _ => quoted.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
        }
    }
    quoted.push('"');
    quoted
}
