//! The shared vectors in `vectors/policy`.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{action_facts, file, links, run_state, subject};
use std::collections::HashMap;
use talos_contracts::json::{Profile, Value, canonical, parse};
use talos_contracts::{Error, ErrorCode};
use talos_policy::{CompiledPolicy, Finding, Format, PolicyError, PolicyFacts, Rate, RealPaths};

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value.get(member).and_then(Value::as_str).unwrap_or_else(|| panic!("no {member} in {value:?}"))
}

fn list<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value.get(member).and_then(Value::as_array).unwrap_or_else(|| panic!("no {member} in {value:?}"))
}

fn load(lines: &[Value], format: &str, included: &Value) -> CompiledPolicy {
    let lines: Vec<&str> = lines.iter().filter_map(Value::as_str).collect();
    let text = lines.join("\n") + "\n";
    let format = Format::from_name(format).unwrap();
    let policy = CompiledPolicy::load_with(text.as_bytes(), format, "policy", &files(included));
    policy.unwrap_or_else(|errors| panic!("{}", errors[0]))
}

fn group_policy(group: &Value) -> CompiledPolicy {
    match group.get("builtin") {
        Some(_) => CompiledPolicy::builtin(),
        None => load(list(group, "policy"), text(group, "format"), group),
    }
}

fn decide(group: &Value, case: &Value) -> Finding {
    let own = case.get("policy").and_then(Value::as_array);
    let policy = match own {
        Some(lines) => load(lines, text(group, "format"), group),
        None => group_policy(group),
    };
    let mut action = action_facts(case.get("action").unwrap());
    action.subject = subject(case.get("subject"));
    let state = case.get("state");
    let links = links(state);
    policy.decide(&PolicyFacts {
        now_ms: state.and_then(|state| state.get("now_ms")?.as_i64()).unwrap_or(0).unsigned_abs(),
        files: links.as_ref().map(|links| links as &dyn RealPaths),
        ..action.facts(run_state(state))
    })
}

/// What a finding has to wait for, as the vectors write it: canonical JSON, where what is empty is left out.
fn awaited(finding: &Finding) -> String {
    let mut members = Vec::new();
    if !finding.rates.is_empty() {
        members.push(("rates", Value::from(rates(finding))));
    }
    if !finding.asks.is_empty() {
        let asks = finding.asks.iter().map(|ask| parse(&ask.canonical(), Profile::Data).unwrap()).collect::<Vec<_>>();
        members.push(("asks", Value::from(asks)));
    }
    members.extend(finding.asks_expire_ms.map(|ms| ("asks_expire_ms", Value::from(ms as i64))));
    String::from_utf8(canonical(&Value::object(members))).unwrap()
}

fn expected_to_be_awaited(expect: &Value) -> String {
    let members = ["rates", "asks", "asks_expire_ms"];
    let members = members.into_iter().filter_map(|member| Some((member, expect.get(member)?.clone())));
    String::from_utf8(canonical(&Value::object(members))).unwrap()
}

fn rates(finding: &Finding) -> Vec<Value> {
    let number = |n: u64| Value::from(n as i64);
    let rate = |rate: &Rate| {
        let text = |text: &str| Value::from(text);
        let (rule, key) = (text(&rate.rule), text(&rate.key));
        let [calls, per_seconds, burst] = [rate.calls, rate.per_seconds, rate.burst].map(number);
        Value::object([("rule", rule), ("key", key), ("calls", calls), ("per_seconds", per_seconds), ("burst", burst)])
    };
    finding.rates.iter().map(rate).collect()
}

/// What is wrong with the decision on a case.
fn fault(group: &Value, case: &Value) -> Option<String> {
    let finding = decide(group, case);
    let expect = case.get("expect").unwrap();
    let codes: Vec<&str> = finding.reasons.iter().map(|reason| reason.code.as_str()).collect();
    let expected: Vec<&str> = list(expect, "reasons").iter().filter_map(Value::as_str).collect();
    let named = finding.reasons.iter().all(|reason| !reason.message.is_empty() && reason.rule.is_some());
    let evented = finding.reasons.iter().all(|reason| reason.event == reason.code.event());
    let is_right = finding.verdict.as_str() == text(expect, "verdict")
        && finding.effect.as_str() == text(expect, "effect")
        && codes == expected
        && awaited(&finding) == expected_to_be_awaited(expect);
    let name = format!("{} / {}", text(group, "name"), text(case, "name"));
    let found = (finding.verdict, finding.effect, &finding.reasons);
    (!is_right || !named || !evented).then(|| format!("{name}: expected {expected:?}, found {found:?}"))
}

/// The inputs of a case, flat: the policy, each member of the action, each counter of the run.
fn inputs(case: &Value) -> HashMap<String, Value> {
    let mut inputs = HashMap::new();
    for part in ["action", "state", "subject"] {
        for member in case.get(part).and_then(Value::as_object).unwrap_or_default() {
            inputs.insert(format!("{part}.{}", member.name), member.value.clone());
        }
    }
    if let Some(policy) = case.get("policy") {
        inputs.insert("policy".to_owned(), policy.clone());
    }
    inputs
}

fn check_sibling(group: &Value, case: &Value) {
    let Some(sibling) = case.get("differs_from").and_then(Value::as_str) else { return };
    let name = text(case, "name");
    let cases = list(group, "cases");
    let sibling = cases.iter().find(|other| text(other, "name") == sibling).unwrap_or_else(|| panic!("{name}"));
    assert_eq!(text(sibling.get("expect").unwrap(), "verdict"), "allow", "{name}");
    let (mine, theirs) = (inputs(case), inputs(sibling));
    let names: std::collections::HashSet<&String> = mine.keys().chain(theirs.keys()).collect();
    let different = names.iter().filter(|name| mine.get(**name) != theirs.get(**name)).count();
    assert_eq!(different, 1, "{name} differs from its sibling in one thing");
}

/// Checks one file and counts its cases and those that are not allowed.
fn check_file(name: &str) -> (usize, usize) {
    let document = file(name);
    let (mut cases, mut negative, mut faults) = (0, 0, Vec::new());
    for group in list(&document, "groups") {
        for case in list(group, "cases") {
            faults.extend(fault(group, case));
            check_sibling(group, case);
            cases += 1;
            negative += usize::from(text(case.get("expect").unwrap(), "verdict") != "allow");
        }
    }
    assert!(faults.is_empty(), "{name}: {} faults\n{}", faults.len(), faults.join("\n"));
    (cases, negative)
}

#[test]
fn tools_are_decided_as_the_vectors_say() {
    assert_eq!(check_file("tools.json"), (42, 25));
}

#[test]
fn patterns_are_decided_as_the_vectors_say() {
    assert_eq!(check_file("patterns.json"), (79, 48));
}

#[test]
fn limits_are_decided_as_the_vectors_say() {
    assert_eq!(check_file("limits.json"), (26, 15));
}

#[test]
fn amounts_are_decided_as_the_vectors_say() {
    assert_eq!(check_file("amounts.json"), (81, 57));
}

#[test]
fn resources_and_prompts_are_decided_as_the_vectors_say() {
    assert_eq!(check_file("resources.json"), (133, 100));
}

#[test]
fn peers_are_decided_as_the_vectors_say() {
    assert_eq!(check_file("peers.json"), (13, 10));
}

#[test]
fn urls_are_decided_as_the_vectors_say() {
    assert_eq!(check_file("arguments_url.json"), (171, 148));
}

#[test]
fn paths_are_decided_as_the_vectors_say() {
    assert_eq!(check_file("arguments_path.json"), (117, 90));
}

#[test]
fn numbers_are_decided_as_the_vectors_say() {
    assert_eq!(check_file("arguments_number.json"), (62, 51));
}

#[test]
fn sums_of_money_are_decided_as_the_vectors_say() {
    assert_eq!(check_file("arguments_money.json"), (51, 43));
}

#[test]
fn strings_and_booleans_are_decided_as_the_vectors_say() {
    assert_eq!(check_file("arguments_text.json"), (69, 53));
}

#[test]
fn dates_are_decided_as_the_vectors_say() {
    assert_eq!(check_file("arguments_date.json"), (60, 47));
}

#[test]
fn email_addresses_are_decided_as_the_vectors_say() {
    assert_eq!(check_file("arguments_email.json"), (73, 64));
}

#[test]
fn egress_is_decided_as_the_vectors_say() {
    assert_eq!(check_file("arguments_egress.json"), (93, 72));
}

#[test]
fn sql_is_decided_as_the_vectors_say() {
    assert_eq!(check_file("arguments_sql.json"), (228, 198));
}

#[test]
fn command_lines_are_decided_as_the_vectors_say() {
    assert_eq!(check_file("arguments_shell.json"), (117, 99));
}

#[test]
fn the_builtin_policy_decides_as_the_vectors_say() {
    assert_eq!(check_file("builtin.json"), (10, 7));
}

#[test]
fn rules_are_for_whom_the_vectors_say() {
    assert_eq!(check_file("scopes.json"), (55, 35));
}

#[test]
fn preflight_is_checked_as_the_vectors_say() {
    assert_eq!(check_file("preflight.json"), (27, 15));
}

#[test]
fn rates_are_found_as_the_vectors_say() {
    assert_eq!(check_file("rates.json"), (15, 3));
}

#[test]
fn approvals_are_asked_as_the_vectors_say() {
    assert_eq!(check_file("approvals.json"), (37, 28));
}

#[test]
fn policies_with_includes_decide_as_the_vectors_say() {
    assert_eq!(check_file("includes.json"), (17, 9));
}

#[test]
fn the_mode_changes_no_decision() {
    assert_eq!(check_file("modes.json"), (6, 3));
}

#[test]
fn malformed_policies_are_refused_where_the_vectors_say() {
    let document = file("load.json");
    let cases = list(&document, "cases");
    assert_eq!(cases.len(), 206);
    let mut faults = Vec::new();
    for case in cases {
        let lines: Vec<&str> = list(case, "policy").iter().filter_map(Value::as_str).collect();
        let written = lines.join("\n") + "\n";
        let format = Format::from_name(text(case, "format")).unwrap();
        let loaded = match case.get("files") {
            None => CompiledPolicy::load(written.as_bytes(), format, "policy"),
            Some(_) => CompiledPolicy::load_with(written.as_bytes(), format, "policy", &files(case)),
        };
        let errors = loaded.expect_err(text(case, "name"));
        let found = Value::from(errors.iter().map(mistake).collect::<Vec<_>>());
        let as_text = |value: &Value| String::from_utf8(canonical(value)).unwrap();
        let (found, expected) = (as_text(&found), as_text(case.get("errors").unwrap()));
        if found != expected {
            faults.push(format!("{}\n  expected {expected}\n  found    {found}", text(case, "name")));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The texts of the files that a case includes.
fn files(case: &Value) -> impl Fn(&str) -> Result<Vec<u8>, Error> {
    let files = case.get("files").and_then(Value::as_array).unwrap_or_default().to_vec();
    move |path| match files.iter().find(|file| text(file, "path") == path) {
        Some(file) => Ok(text(file, "text").as_bytes().to_vec()),
        None => Err(Error::new(ErrorCode::PolicyIncludeUnreadable, format!("{path:?} is not among the files given"))),
    }
}

fn mistake(error: &PolicyError) -> Value {
    let number = |n: u32| Value::from(i64::from(n));
    let text = |text: &str| Value::from(text);
    let mut members = vec![
        ("line", number(error.line)),
        ("column", number(error.column)),
        ("code", text(error.code.as_str())),
        ("message", text(&error.message)),
    ];
    members.extend((error.file != "policy").then(|| ("file", text(&error.file))));
    members.extend(error.suggestion.as_deref().map(|suggestion| ("suggestion", text(suggestion))));
    Value::object(members)
}
