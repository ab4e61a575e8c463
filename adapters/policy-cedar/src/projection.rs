//! A policy of Talos as Cedar policies, for analysis and for tests that both decide alike (`docs/spec/cedar.md`,
//! section 7). The policy itself stays what is normative.

use std::fmt::{Display, Write};
use talos_contracts::{Effect, Policy, PolicyMaxAmount, PolicyMode, PolicyOnlyFor, PolicyTool, PolicyToolItem};
use talos_text::nfc;

/// What stands for every name in a list.
const ANY: &str = "*";
/// How the names begin that are DIDs.
const DID: &str = "did:";

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
        allowed_peers,
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
        on_drift,
    } = policy;
    let mut out = Writer::default();
    out.comment(format_args!("Policy {id:?} of Talos, projected to Cedar: for analysis, not to replace it."));
    for (is_lost, rule, why) in [
        (mode.is_some_and(|mode| mode != PolicyMode::Enforce), "mode", "what is denied here is only recorded there"),
        (includes.is_some(), "includes", "the rules of other files are not here"),
        (allowed_resources.is_some(), "allowed_resources", "its globs read URIs; here every resource is denied"),
        (egress.is_some(), "egress", "Cedar does not read URLs"),
        (rates.is_some(), "rates", "Cedar has no clock"),
        (approvals.is_some(), "approvals", "Cedar does not ask people"),
        (confidence_threshold_bp.is_some(), "confidence_threshold_bp", "it is about results"),
        (on_drift.is_some(), "on_drift", "what follows on drift is not here"),
    ] {
        out.lose(is_lost, rule, why);
    }
    out.tools(allowed_tools.as_deref().unwrap_or_default());
    out.names("allowed_prompts", "prompt_get", "Prompt", allowed_prompts.as_deref());
    out.names("allowed_peers", "message", "Target", allowed_peers.as_deref());
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
        let when = format!("when {{ {} && !(context has amount_micro) }}", is_heavy());
        out.policy("max_amount.missing", "forbid", ANY_ACTION, &when);
    }
    for (id, is_required, stated) in preflight(*consent_required, *kyc_required) {
        if is_required {
            out.policy(id, "forbid", ANY_ACTION, &format!("when {{ {} && !{stated} }}", is_heavy()));
        }
    }
    out.text
}

/// Whether money or what cannot be undone is at stake.
fn is_heavy() -> String {
    one_of(&[Effect::Spend.as_str(), Effect::Irreversible.as_str()], "context.effect")
}

/// What the host has to state: the key, whether it is required, and where Cedar finds it.
fn preflight(consent: Option<bool>, kyc: Option<bool>) -> [(&'static str, bool, &'static str); 2] {
    [("consent_required", consent == Some(true), "context.consent"), ("kyc_required", kyc == Some(true), "context.kyc")]
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
                let others = (!own.is_empty()).then(|| format!("![{}].contains(resource)", own.join(", ")));
                (ANY_TOOL.to_owned(), others)
            } else {
                (format!("principal, action in Action::\"tool_call\", resource == {}", entity("Tool", name)), None)
            };
            let audience = rule.and_then(|rule| rule.only_for.as_ref());
            let granted = all([others.clone(), audience.map(is_meant)]);
            self.policy(
                &id,
                "permit",
                &scope,
                &granted.map_or(String::new(), |granted| format!("when {{ {granted} }}")),
            );
            let Some(PolicyTool {
                name: _,
                effect: _,
                tool_hash,
                only_for: _,
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
            let restricted = all([others, audience.map(may_be_meant)]);
            let mut forbid = |key: &str, what: String| {
                let when = all([restricted.clone(), Some(what)]).unwrap_or_default();
                self.policy(&format!("{id}/{key}"), "forbid", &scope, &format!("when {{ {when} }}"));
            };
            if let Some(pin) = tool_hash {
                let pin = quote(&pin.to_b64());
                forbid("tool_hash", format!("!(context has tool_hash && context.tool_hash == {pin})"));
            }
            if let Some(max) = max_amount {
                forbid("max_amount", format!("(!(context has amount_micro) || ({}))", beyond(max)));
            }
            for (key, is_required, stated) in preflight(*consent_required, *kyc_required) {
                if is_required {
                    forbid(key, format!("!{stated}"));
                }
            }
            for (is_lost, key, why) in [
                (args.is_some(), "args", "Cedar does not parse arguments"),
                (*no_other_args == Some(true), "no_other_args", "Cedar sees only the arguments of the schema"),
                (amount.is_some(), "amount", "the amount is the one that Talos has read, if it could"),
            ] {
                self.lose(is_lost, &format!("{id}/{key}"), why);
            }
        }
    }

    fn names(&mut self, member: &str, action: &str, kind: &str, list: Option<&[String]>) {
        for (name, number) in list.unwrap_or_default().iter().zip(0..) {
            let resource = match name.as_str() {
                ANY => "resource".to_owned(),
                name => format!("resource == {}", entity(kind, name)),
            };
            let scope = format!("principal, action == Action::\"{action}\", {resource}");
            self.policy(&format!("{member}/{number}"), "permit", &scope, "");
        }
    }
}

/// Whether a rule is for the one who asks: all its members name them.
fn is_meant(only_for: &PolicyOnlyFor) -> String {
    audience(only_for, |attribute, names| {
        format!("(context has {attribute} && {})", one_of(names, &format!("context.{attribute}")))
    })
}

/// Whether a rule may be for the one who asks: no member names somebody else for sure.
fn may_be_meant(only_for: &PolicyOnlyFor) -> String {
    audience(only_for, |attribute, names| {
        format!("(if context has {attribute} then {} else true)", one_of(names, &format!("context.{attribute}")))
    })
}

/// All members of an audience. `known` says of an attribute that may be absent whether it is one of the names.
fn audience(only_for: &PolicyOnlyFor, known: impl Fn(&str, &[&str]) -> String) -> String {
    let PolicyOnlyFor { organisations, teams, agents, principals, runs } = only_for;
    let optional = |attribute, names| texts(names).map(|names| known(attribute, &names));
    let agents = texts(agents).map(|agents| {
        let (dids, names): (Vec<&str>, Vec<&str>) = agents.into_iter().partition(|agent| agent.starts_with(DID));
        let by_did = (!dids.is_empty()).then(|| one_of(&dids, "context.actor"));
        let by_name = (!names.is_empty()).then(|| known("agent", &names));
        format!("({})", by_name.into_iter().chain(by_did).collect::<Vec<_>>().join(" || "))
    });
    let runs = texts(runs).map(|runs| one_of(&runs, "context.run"));
    all([
        optional("organisation", organisations),
        optional("team", teams),
        agents,
        optional("principal", principals),
        runs,
    ])
    .unwrap_or_default()
}

fn texts(names: &Option<Vec<String>>) -> Option<Vec<&str>> {
    names.as_ref().map(|names| names.iter().map(String::as_str).collect())
}

/// Conditions that all have to hold; absent where there is none.
fn all<const N: usize>(conditions: [Option<String>; N]) -> Option<String> {
    let conditions: Vec<String> = conditions.into_iter().flatten().collect();
    (!conditions.is_empty()).then(|| conditions.join(" && "))
}

/// Whether a list of names has a value.
fn one_of(names: &[&str], value: &str) -> String {
    let names: Vec<String> = names.iter().map(|name| quote(&nfc(name))).collect();
    format!("[{}].contains({value})", names.join(", "))
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
