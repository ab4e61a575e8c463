//! The vectors of the form `runs` (`vectors/README.md`), through the generic door.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use talos_contracts::OPERATIONS;
use talos_contracts::json::{self, Kind, Profile, Value};
use talos_shared::sdk::Door;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/kernel/runs.json");

fn parse(text: &[u8]) -> Value {
    json::parse(text, Profile::Data).unwrap()
}

fn list<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value.get(member).and_then(Value::as_array).unwrap()
}

/// The value that a JSON pointer without escapes points at.
fn at<'a>(value: &'a Value, pointer: &str) -> Option<&'a Value> {
    pointer.split('/').skip(1).try_fold(value, |value, step| match value.as_array() {
        Some(items) => items.get(step.parse::<usize>().ok()?),
        None => value.get(step),
    })
}

/// The value with each string `{name}` replaced by what was kept.
fn filled(value: &Value, kept: &BTreeMap<String, Value>) -> Value {
    match &value.kind {
        Kind::String(text) => match text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => kept.get(name).unwrap_or_else(|| panic!("nothing was kept as {name}")).clone(),
            None => value.clone(),
        },
        Kind::Array(items) => Value::from(items.iter().map(|item| filled(item, kept)).collect::<Vec<_>>()),
        Kind::Object(members) => Value::object(members.iter().map(|m| (m.name.clone(), filled(&m.value, kept)))),
        _ => value.clone(),
    }
}

/// Opens the kernel and the run that a case with a policy begins with.
fn begin(door: &Door, policy: &[Value], kept: &mut BTreeMap<String, Value>) {
    let lines: Vec<&str> = policy.iter().filter_map(Value::as_str).collect();
    let mut input = vec![("memory", Value::from(true))];
    if !lines.is_empty() {
        input.push(("policy", Value::from(lines.join("\n") + "\n")));
    }
    door.call("kernel.open", &json::canonical(&Value::object(input))).unwrap();
    let run = parse(&door.call("run.open", b"{}").unwrap());
    kept.insert("run".to_owned(), run.get("run").unwrap().clone());
}

/// What is wrong with the answer to a step.
fn fault(door: &Door, step: &Value, kept: &mut BTreeMap<String, Value>) -> Option<String> {
    let operation = step.get("operation").and_then(Value::as_str).unwrap();
    let input = json::canonical(&filled(step.get("input").unwrap(), kept));
    let answer = door.call(operation, &input);
    if let Some(code) = step.get("error").and_then(Value::as_str) {
        let found = answer.map_or_else(|error| error.code.as_str().to_owned(), |ok| String::from_utf8(ok).unwrap());
        return (found != code).then(|| format!("{operation}: expected {code}, found {found}"));
    }
    let answer = match answer {
        Ok(answer) => parse(&answer),
        Err(error) => return Some(format!("{operation}: {error}")),
    };
    for expected in step.get("output").and_then(Value::as_object).unwrap() {
        if at(&answer, &expected.name) != Some(&filled(&expected.value, kept)) {
            return Some(format!("{operation}: {} is {:?}", expected.name, at(&answer, &expected.name)));
        }
    }
    for keep in step.get("keep").and_then(Value::as_object).unwrap_or_default() {
        kept.insert(keep.name.clone(), at(&answer, keep.value.as_str().unwrap()).unwrap().clone());
    }
    None
}

#[test]
fn every_run_goes_as_the_vectors_say() {
    let file = parse(&std::fs::read(FILE).unwrap());
    let mut faults = Vec::new();
    for case in list(&file, "cases") {
        let (door, mut kept) = (Door::new(), BTreeMap::new());
        if let Some(policy) = case.get("policy").and_then(Value::as_array) {
            begin(&door, policy, &mut kept);
        }
        let found = list(case, "steps").iter().find_map(|step| fault(&door, step, &mut kept));
        let name = case.get("name").and_then(Value::as_str).unwrap();
        faults.extend(found.map(|fault| format!("{name}: {fault}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_operation_of_an_open_kernel_is_called() {
    let file = parse(&std::fs::read(FILE).unwrap());
    let steps = list(&file, "cases").iter().flat_map(|case| list(case, "steps"));
    let called: BTreeSet<&str> = steps.filter_map(|step| step.get("operation")?.as_str()).collect();
    let missing: Vec<&str> =
        OPERATIONS.iter().filter(|o| !o.pure && !called.contains(o.id)).map(|operation| operation.id).collect();
    assert!(missing.is_empty(), "no run calls {missing:?}");
}
