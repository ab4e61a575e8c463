//! In which rules two policies differ, and whether that allows more or less (`docs/spec/policy.md`, section 18).
//!
//! What is said about a direction is careful: `wider` and `narrower` only where every difference goes that way.

use crate::compile::CompiledPolicy;
use crate::source::quote;
use std::collections::BTreeMap;
use talos_contracts::json::{self, Kind, Limits, Profile, Value};
use talos_contracts::{PolicyChange, PolicyChangeKind, PolicyDirection};
use talos_text::nfc;

/// Largest part of a value that a detail shows, in characters.
const SHOWN_CHARS: usize = 160;

/// A list of rules: its name, the members that say which rule it is, what one more does, and what its `only_for` does.
struct List {
    name: &'static str,
    identity: &'static [&'static str],
    one_more: PolicyDirection,
}

const LISTS: &[List] = &[
    List { name: "allowed_tools", identity: &["name", "only_for"], one_more: PolicyDirection::Wider },
    List { name: "allowed_resources", identity: &["uri"], one_more: PolicyDirection::Wider },
    List { name: "allowed_prompts", identity: &[], one_more: PolicyDirection::Wider },
    List { name: "allowed_peers", identity: &[], one_more: PolicyDirection::Wider },
    List { name: "blocked_patterns", identity: &["id"], one_more: PolicyDirection::Narrower },
    List { name: "redact", identity: &["id"], one_more: PolicyDirection::Neutral },
    List { name: "rates", identity: &["id"], one_more: PolicyDirection::Narrower },
    List { name: "approvers", identity: &["name"], one_more: PolicyDirection::Wider },
    List { name: "approvals", identity: &["id"], one_more: PolicyDirection::Narrower },
];

/// Numbers of which a smaller one allows less; absent is no limit.
const CEILINGS: &[&str] = &[
    "max_tool_calls_per_request",
    "max_tokens_per_request",
    "per_call_micro",
    "per_run_micro",
    "max_micro",
    "max",
    "max_chars",
    "calls",
    "burst",
    "ahead_days",
    "back_days",
    "micro",
    "expires_seconds",
];
/// Numbers of which a larger one allows less; absent is none.
const FLOORS: &[&str] = &["confidence_threshold_bp", "quorum", "per_seconds", "min", "min_micro"];
/// What allows less when it is true; absent is false.
const CHECKS: &[&str] = &["consent_required", "kyc_required", "no_other_args"];
/// What allows more when it is true; absent is false.
const WAIVERS: &[&str] = &["may_be_absent", "allow_private", "pipes", "fractions"];
/// Lists whose items are allowed.
const ALLOWED: &[&str] = &["hosts", "under", "commands", "one_of"];
/// Lists whose items are denied; absent is none.
const DENIED: &[&str] = &["denied", "denied_words"];
/// What is for people only.
const NOTES: &[&str] = &["description", "id"];
/// What allows less by being there; absent is anything.
const PRESENCES: &[&str] = &["tool_hash", "max_amount", "egress", "args"];
/// What a number is where it is absent.
const DEFAULTS: &[(&str, i64)] = &[("quorum", 1), ("expires_seconds", 900)];

impl CompiledPolicy {
    /// The rules in which another policy differs from this one.
    pub fn changes_to(&self, other: &CompiledPolicy) -> Vec<PolicyChange> {
        let (before, after) = (document(self), document(other));
        let mut changes = Vec::new();
        for name in member_names(&before, &after) {
            let (before, after) = (before.get(name), after.get(name));
            match LISTS.iter().find(|list| list.name == name) {
                Some(list) => list.compare(before, after, &mut changes),
                None => compare(name, before, after, &mut changes),
            }
        }
        for change in &mut changes {
            qualify(change, self, other);
        }
        changes
    }
}

/// Where a tool leaves `"*"` or has other rules beside, its rule alone does not say what is allowed.
fn qualify(change: &mut PolicyChange, before: &CompiledPolicy, after: &CompiledPolicy) {
    let is_tool = change.rule.starts_with("allowed_tools ");
    if is_tool && change.change != PolicyChangeKind::Changed && (before.tools.has_any() || after.tools.has_any()) {
        change.direction = PolicyDirection::Unclear;
    }
}

fn document(policy: &CompiledPolicy) -> Value {
    let limits = Limits { depth: 64, bytes: usize::MAX };
    // It has just been written by us; what could not be read would differ in everything.
    json::parse_with(&policy.canonical_bytes(), Profile::Data, limits).unwrap_or_else(|_| Value::object::<&str>([]))
}

fn member_names<'a>(before: &'a Value, after: &'a Value) -> Vec<&'a str> {
    let names = |value: &'a Value| value.as_object().unwrap_or_default().iter().map(|member| member.name.as_str());
    let mut names: Vec<&str> =
        names(before).chain(names(after)).filter(|name| !matches!(*name, "typ" | "version")).collect();
    names.sort_unstable();
    names.dedup();
    names
}

impl List {
    fn compare(&self, before: Option<&Value>, after: Option<&Value>, changes: &mut Vec<PolicyChange>) {
        let (before, after) = (self.rules(before), self.rules(after));
        let mut keys: Vec<&String> = before.keys().chain(after.keys()).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            let rule = format!("{} {key}", self.name);
            match (before.get(key), after.get(key)) {
                (None, Some(item)) => {
                    changes.push(change(rule, PolicyChangeKind::Added, self.added(&after, key), shown(item)))
                }
                (Some(item), None) => {
                    changes.push(change(
                        rule,
                        PolicyChangeKind::Removed,
                        opposite(self.added(&before, key)),
                        shown(item),
                    ));
                }
                (Some(before), Some(after)) => self.compare_rule(&rule, before, after, changes),
                (None, None) => {}
            }
        }
    }

    /// What one more rule does. A second rule of a tool restricts those whom both are for.
    fn added(&self, all: &BTreeMap<String, Value>, key: &str) -> PolicyDirection {
        let name = key.split(" only_for").next().unwrap_or(key);
        let is_other = |other: &String| other != key && other.split(" only_for").next() == Some(name);
        match all.keys().any(is_other) {
            true => PolicyDirection::Unclear,
            false => self.one_more,
        }
    }

    fn compare_rule(&self, rule: &str, before: &Value, after: &Value, changes: &mut Vec<PolicyChange>) {
        let mut parts = Vec::new();
        for name in member_names(before, after) {
            let (before, after) = (before.get(name), after.get(name));
            if before != after {
                let direction = match (self.one_more, name) {
                    (PolicyDirection::Neutral, _) => PolicyDirection::Neutral,
                    // Who asks whom, and what is selected, is not a matter of more or less.
                    (_, "only_for" | "tools" | "effects" | "approvers" | "by" | "key") => PolicyDirection::Unclear,
                    _ => direction(name, before, after),
                };
                parts.push((name, direction, format!("{name}: {} -> {}", or_none(before), or_none(after))));
            }
        }
        if parts.is_empty() {
            return;
        }
        let joined = parts.iter().map(|(_, direction, _)| *direction).reduce(both).unwrap_or(PolicyDirection::Neutral);
        let detail = parts.iter().map(|(_, _, detail)| detail.as_str()).collect::<Vec<_>>().join("; ");
        changes.push(change(rule.to_owned(), PolicyChangeKind::Changed, joined, detail));
    }

    /// The rules by what identifies them, each as an object.
    fn rules(&self, list: Option<&Value>) -> BTreeMap<String, Value> {
        let items = list.and_then(Value::as_array).unwrap_or_default();
        items.iter().map(|item| (self.key(item), as_object(item, self.identity))).collect()
    }

    fn key(&self, item: &Value) -> String {
        if let Some(name) = item.as_str() {
            return quote(&nfc(name));
        }
        let members = self.identity.iter().filter_map(|&member| Some((member, item.get(member)?)));
        let members: Vec<(&str, &Value)> = members.collect();
        match members.as_slice() {
            // A pattern without an id is called by what it says.
            [] => String::from_utf8_lossy(&json::canonical(item)).into_owned(),
            members => members
                .iter()
                .map(|(member, value)| match value.as_str() {
                    Some(text) => quote(&nfc(text)),
                    None => format!("{member} {}", String::from_utf8_lossy(&json::canonical(value))),
                })
                .collect::<Vec<_>>()
                .join(" "),
        }
    }
}

/// A name stands for a rule that says nothing else.
fn as_object(item: &Value, identity: &[&'static str]) -> Value {
    match (item.as_str(), identity.first()) {
        (Some(_), Some(member)) => Value::object([(*member, item.clone())]),
        _ => item.clone(),
    }
}

/// Compares a member of the policy that is no list of rules.
fn compare(name: &str, before: Option<&Value>, after: Option<&Value>, changes: &mut Vec<PolicyChange>) {
    if before == after {
        return;
    }
    let kind = match (before, after) {
        (None, _) => PolicyChangeKind::Added,
        (_, None) => PolicyChangeKind::Removed,
        _ => PolicyChangeKind::Changed,
    };
    let detail = format!("{} -> {}", or_none(before), or_none(after));
    changes.push(change(name.to_owned(), kind, direction(name, before, after), detail));
}

/// What a member does to what is allowed when it becomes another.
fn direction(name: &str, before: Option<&Value>, after: Option<&Value>) -> PolicyDirection {
    use PolicyDirection::{Narrower, Neutral, Unclear, Wider};
    let default = DEFAULTS.iter().find(|(member, _)| *member == name).map(|(_, value)| *value);
    let number = |value: Option<&Value>| value.and_then(Value::as_i64).or(default);
    let truth = |value: Option<&Value>| value.and_then(Value::as_bool).unwrap_or(false);
    let rising = |is_more: bool| if is_more { Wider } else { Narrower };
    if NOTES.contains(&name) {
        return Neutral;
    }
    if CEILINGS.contains(&name) {
        return match (number(before), number(after)) {
            (Some(before), Some(after)) if before == after => Neutral,
            (Some(before), Some(after)) => rising(after > before),
            _ if name == "burst" => Unclear,
            (before, _) => rising(before.is_some()),
        };
    }
    if FLOORS.contains(&name) {
        let [before, after] = [before, after].map(|value| number(value).unwrap_or(i64::MIN));
        return if before == after { Neutral } else { rising(after < before) };
    }
    if CHECKS.contains(&name) || WAIVERS.contains(&name) {
        return match (truth(before), truth(after)) {
            (a, b) if a == b => Neutral,
            (_, now) => rising(now == WAIVERS.contains(&name)),
        };
    }
    if ALLOWED.contains(&name) || DENIED.contains(&name) {
        let (gained, lost) = gained_and_lost(before, after);
        return match (gained, lost) {
            (false, false) => Neutral,
            (true, true) => Unclear,
            (gained, _) => rising(gained == ALLOWED.contains(&name)),
        };
    }
    match (name, before, after) {
        ("mode", before, after) => match (is_enforced(before), is_enforced(after)) {
            (true, false) => Wider,
            (false, true) => Narrower,
            _ => Unclear,
        },
        (_, None, Some(_)) if PRESENCES.contains(&name) => Narrower,
        (_, Some(_), None) if PRESENCES.contains(&name) => Wider,
        ("max_amount" | "egress" | "above", Some(before), Some(after)) => inside(before, after),
        _ => Unclear,
    }
}

fn is_enforced(mode: Option<&Value>) -> bool {
    mode.and_then(Value::as_str).is_none_or(|mode| mode == "enforce")
}

/// The direction of an object: of its members together.
fn inside(before: &Value, after: &Value) -> PolicyDirection {
    let names = member_names(before, after).into_iter().filter(|name| before.get(name) != after.get(name));
    names
        .map(|name| direction(name, before.get(name), after.get(name)))
        .reduce(both)
        .unwrap_or(PolicyDirection::Neutral)
}

/// Whether a list has items that it had not, and has not items that it had.
fn gained_and_lost(before: Option<&Value>, after: Option<&Value>) -> (bool, bool) {
    let items = |value: Option<&Value>| value.and_then(Value::as_array).unwrap_or_default().to_vec();
    let (before, after) = (items(before), items(after));
    let has_more = |a: &[Value], b: &[Value]| a.iter().any(|item| !b.contains(item));
    (has_more(&after, &before), has_more(&before, &after))
}

fn both(a: PolicyDirection, b: PolicyDirection) -> PolicyDirection {
    match (a, b) {
        (a, b) if a == b => a,
        (PolicyDirection::Neutral, other) | (other, PolicyDirection::Neutral) => other,
        _ => PolicyDirection::Unclear,
    }
}

fn opposite(direction: PolicyDirection) -> PolicyDirection {
    match direction {
        PolicyDirection::Wider => PolicyDirection::Narrower,
        PolicyDirection::Narrower => PolicyDirection::Wider,
        other => other,
    }
}

fn change(rule: String, change: PolicyChangeKind, direction: PolicyDirection, detail: String) -> PolicyChange {
    PolicyChange { rule, change, direction, detail }
}

fn or_none(value: Option<&Value>) -> String {
    value.map_or_else(|| "none".to_owned(), shown)
}

/// A value as a detail shows it; a name alone says nothing more.
fn shown(value: &Value) -> String {
    if let Kind::Object(members) = &value.kind
        && members.len() == 1
        && members[0].name == "name"
    {
        return String::new();
    }
    let text = String::from_utf8_lossy(&json::canonical(value)).into_owned();
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
