//! The shared vectors (`vectors/README.md`), through the door that every language uses.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use talos_contracts::json::{self, Limits, Profile, Value};
use talos_contracts::{Error, ErrorCode, OPERATIONS};
use talos_crypto::hash;
use talos_shared::call;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors");
const LIMITS: Limits = Limits { depth: 256, bytes: 1 << 26 };
const MARK: &str = "<repeat>";

/// A file, as the manifest describes it.
struct File {
    path: String,
    form: String,
    cases: usize,
    negative: usize,
    content: Value,
}

/// A case for `call`, whatever the file looks like that it is from.
struct Case {
    name: String,
    operation: String,
    input: Value,
    expected: Expected,
}

enum Expected {
    Output(Value),
    Error(String),
    /// Verdict, effect, the codes of the reasons, and what has to be waited for.
    Decision(Value),
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value.get(member).and_then(Value::as_str).unwrap_or_else(|| panic!("no {member} in {value:?}"))
}

fn list<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value.get(member).and_then(Value::as_array).unwrap_or_else(|| panic!("no {member} in {value:?}"))
}

fn number(value: &Value, member: &str) -> usize {
    value.get(member).and_then(Value::as_i64).and_then(|n| n.try_into().ok()).unwrap()
}

fn read(path: &str) -> Vec<u8> {
    fs::read(format!("{FOLDER}/{path}")).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn parsed(text: &[u8]) -> Value {
    json::parse_with(text, Profile::Data, LIMITS).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn manifest() -> Value {
    parsed(&read("manifest.json"))
}

/// The files of the manifest; each is what the manifest says that it is.
fn files() -> Vec<File> {
    let manifest = manifest();
    let entries = manifest.get("files").and_then(Value::as_object).unwrap();
    let file = |path: &str, about: &Value| {
        let data = read(path);
        assert_eq!(hex(&hash::sha256(&[&data]).0), text(about, "sha256"), "{path}");
        File {
            path: path.to_owned(),
            form: text(about, "form").to_owned(),
            cases: number(about, "cases"),
            negative: number(about, "negative"),
            content: parsed(&data),
        }
    };
    entries.iter().map(|entry| file(&entry.name, &entry.value)).collect()
}

fn with(value: &Value, name: &str, new: Value) -> Value {
    let members = value.as_object().unwrap().iter().filter(|m| m.name != name);
    let rest = members.map(|m| (m.name.clone(), m.value.clone()));
    Value::object(rest.chain([(name.to_owned(), new)]))
}

/// The input of a case, with its repetition written out.
fn input(case: &Value) -> Value {
    let input = case.get("input").unwrap();
    let Some(repeat) = case.get("repeat") else { return input.clone() };
    let (member, long) = (text(repeat, "member"), text(repeat, "unit").repeat(number(repeat, "times")));
    assert_eq!(text(input, member).matches(MARK).count(), 1, "{}", text(case, "name"));
    with(input, member, Value::from(text(input, member).replace(MARK, &long)))
}

fn call_case(case: &Value) -> Case {
    let expected = match (case.get("output"), case.get("error")) {
        (Some(output), None) => Expected::Output(output.clone()),
        (None, Some(code)) => Expected::Error(code.as_str().unwrap().to_owned()),
        _ => panic!("{} needs one of output and error", text(case, "name")),
    };
    let operation = text(case, "operation").to_owned();
    Case { name: text(case, "name").to_owned(), operation, input: input(case), expected }
}

fn lines(value: &Value) -> Value {
    let lines: Vec<&str> = list(value, "policy").iter().filter_map(Value::as_str).collect();
    Value::from(lines.join("\n") + "\n")
}

fn member(value: &Value, name: &str) -> Value {
    value.get(name).unwrap_or_else(|| panic!("no {name} in {value:?}")).clone()
}

/// A policy that is refused: `policy.check` says why, and `policy.decide` fails with the first of the codes.
fn mistake_cases(content: &Value) -> Vec<[Case; 2]> {
    let of = |case: &Value| {
        let name = text(case, "name").to_owned();
        let errors = Value::object([("errors", member(case, "errors")), ("valid", Value::from(false))]);
        let action = Value::object([("kind", Value::from("tool_call")), ("target", Value::from("t"))]);
        let format = member(case, "format");
        let files = case.get("files").map(|files| ("files", files.clone()));
        let decide = [("action", action), ("format", format.clone()), ("policy", lines(case))];
        let check = [("format", format), ("text", lines(case))];
        let first = text(&list(case, "errors")[0], "code").to_owned();
        [
            Case {
                name: name.clone(),
                operation: "policy.check".to_owned(),
                input: Value::object(check.into_iter().chain(files.clone())),
                expected: Expected::Output(errors),
            },
            Case {
                name,
                operation: "policy.decide".to_owned(),
                input: Value::object(decide.into_iter().chain(files)),
                expected: Expected::Error(first),
            },
        ]
    };
    list(content, "cases").iter().map(of).collect()
}

fn or_nothing(case: &Value, member: &str) -> Value {
    case.get(member).cloned().unwrap_or_else(|| Value::object::<&str>([]))
}

fn decision_cases(content: &Value) -> Vec<Case> {
    let of = |group: &Value, case: &Value| {
        let policy = if case.get("policy").is_some() { lines(case) } else { lines(group) };
        let mut input = vec![
            ("action", member(case, "action")),
            ("format", member(group, "format")),
            ("policy", policy),
            ("state", or_nothing(case, "state")),
            ("subject", or_nothing(case, "subject")),
        ];
        input.extend(group.get("files").map(|files| ("files", files.clone())));
        Case {
            name: format!("{} / {}", text(group, "name"), text(case, "name")),
            operation: "policy.decide".to_owned(),
            input: Value::object(input),
            expected: Expected::Decision(member(case, "expect")),
        }
    };
    let groups = list(content, "groups").iter();
    groups.flat_map(|group| list(group, "cases").iter().map(move |case| of(group, case))).collect()
}

/// What is wrong with the answer to a case.
fn fault(case: &Case) -> Option<String> {
    let answer = call(&case.operation, &json::canonical(&case.input));
    let (expected, found) = match (&case.expected, answer) {
        (Expected::Output(expected), Ok(output)) => (json::canonical(expected), output),
        (Expected::Decision(expected), Ok(output)) => (json::canonical(expected), decision(&parsed(&output))),
        (Expected::Error(code), Err(error)) => (code.clone().into_bytes(), problem_code(&error)),
        (Expected::Error(code), Ok(output)) => (code.clone().into_bytes(), output),
        (Expected::Output(value) | Expected::Decision(value), Err(error)) => {
            (json::canonical(value), error.to_string().into_bytes())
        }
    };
    let shown = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
    (expected != found).then(|| {
        format!("{}: {}\n  expected {}\n  found    {}", case.operation, case.name, shown(&expected), shown(&found))
    })
}

/// The code of the problem document.
fn problem_code(error: &Error) -> Vec<u8> {
    text(&error.to_problem(), "code").as_bytes().to_vec()
}

/// The answer of `policy.decide`, with the codes alone of its reasons.
fn decision(output: &Value) -> Vec<u8> {
    let codes: Vec<Value> = list(output, "reasons").iter().map(|reason| member(reason, "code")).collect();
    json::canonical(&with(output, "reasons", Value::from(codes)))
}

/// The cases of a file; none where its cases are not for `call`.
fn cases(file: &File) -> Option<Vec<Vec<Case>>> {
    match file.form.as_str() {
        "call" => Some(list(&file.content, "cases").iter().map(|case| vec![call_case(case)]).collect()),
        "mistakes" => Some(mistake_cases(&file.content).into_iter().map(Vec::from).collect()),
        "decisions" => Some(decision_cases(&file.content).into_iter().map(|case| vec![case]).collect()),
        // The policy without a file and the views of a text are tested where they are: no operation has them.
        // Runs are in runs.rs, because they need a kernel.
        "builtin" | "views" | "runs" => None,
        other => panic!("{}: no form {other}", file.path),
    }
}

#[test]
fn every_case_is_answered_as_the_vectors_say() {
    let (mut executed, mut elsewhere, mut faults) = (0, 0, Vec::new());
    for file in files() {
        let Some(cases) = cases(&file) else {
            elsewhere += file.cases;
            continue;
        };
        assert_eq!(cases.len(), file.cases, "{}", file.path);
        executed += cases.len();
        let wrong = cases.iter().flatten().filter_map(fault);
        faults.extend(wrong.map(|fault| format!("{}: {fault}", file.path)));
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
    assert_eq!(executed + elsewhere, number(&manifest(), "cases"));
    assert!(executed > 2000, "only {executed} cases");
}

fn is_negative(case: &Value) -> bool {
    let Some(output) = case.get("output") else { return true };
    let says_no = |value: &Value, member| value.get(member) == Some(&Value::from(false));
    let results = output.get("results").and_then(Value::as_array).unwrap_or_default();
    says_no(output, "valid") || says_no(output, "allowed") || results.iter().any(|result| says_no(result, "ok"))
}

fn of_form(form: &str) -> impl Iterator<Item = File> {
    files().into_iter().filter(move |file| file.form == form)
}

#[test]
fn a_third_of_the_cases_are_negative() {
    for file in of_form("call") {
        let negative = list(&file.content, "cases").iter().filter(|case| is_negative(case)).count();
        assert_eq!(negative, file.negative, "{}", file.path);
        assert!(negative * 3 >= file.cases || file.path.starts_with("outside/"), "{}: {negative}", file.path);
    }
    let manifest = manifest();
    assert!(number(&manifest, "negative") * 3 >= number(&manifest, "cases"));
}

/// How many members of the input two cases do not share.
fn differences(case: &Value, sibling: &Value) -> usize {
    let (mine, theirs) = (input(case), input(sibling));
    let members =
        |value: &Value| -> BTreeSet<String> { value.as_object().unwrap().iter().map(|m| m.name.clone()).collect() };
    let names: BTreeSet<String> = members(&mine).union(&members(&theirs)).cloned().collect();
    names.iter().filter(|name| mine.get(name) != theirs.get(name)).count()
}

#[test]
fn every_negative_case_has_a_positive_sibling() {
    for file in of_form("call") {
        let cases = list(&file.content, "cases");
        let by_name: BTreeMap<&str, &Value> = cases.iter().map(|case| (text(case, "name"), case)).collect();
        assert_eq!(by_name.len(), cases.len(), "{}: two cases of one name", file.path);
        for case in cases.iter().filter(|case| is_negative(case)) {
            let name = format!("{}: {}", file.path, text(case, "name"));
            let Some(sibling) = case.get("differs_from").and_then(Value::as_str) else {
                assert!(file.path.starts_with("outside/"), "{name} has no sibling");
                continue;
            };
            let sibling = by_name.get(sibling).unwrap_or_else(|| panic!("{name}: no {sibling}"));
            assert!(!is_negative(sibling) && !text(case, "by").is_empty(), "{name}");
            assert_eq!(text(case, "operation"), text(sibling, "operation"), "{name}");
            assert!((1..=2).contains(&differences(case, sibling)), "{name}");
        }
    }
}

/// For each operation the codes that it fails with, and those that it answers with.
#[derive(Default)]
struct Seen {
    errors: BTreeSet<String>,
    reasons: BTreeSet<String>,
}

fn seen() -> BTreeMap<String, Seen> {
    let mut seen: BTreeMap<String, Seen> = BTreeMap::new();
    let mut add = |case: &Case| {
        let seen = seen.entry(case.operation.clone()).or_default();
        match &case.expected {
            Expected::Error(code) => drop(seen.errors.insert(code.clone())),
            Expected::Output(output) => {
                seen.reasons.extend(output.get("reason").and_then(Value::as_str).map(str::to_owned));
                let errors = output.get("errors").and_then(Value::as_array).unwrap_or_default();
                seen.reasons.extend(errors.iter().map(|error| text(error, "code").to_owned()));
            }
            Expected::Decision(_) => {}
        }
    };
    files().iter().filter_map(cases).flatten().flatten().for_each(|case| add(&case));
    seen
}

/// The lists of an operation are exactly the codes that a vector has shown.
#[test]
fn the_vectors_cover_the_codes_of_every_operation() {
    let seen = seen();
    let nothing = Seen::default();
    let names = |codes: &[ErrorCode]| -> BTreeSet<String> { codes.iter().map(|c| c.as_str().to_owned()).collect() };
    let mut wrong = Vec::new();
    for operation in OPERATIONS {
        let found = seen.get(operation.id).unwrap_or(&nothing);
        // An input that is none of the operation's fails with malformed.*, which no list repeats.
        let listed = names(operation.errors);
        let own = |code: &&String| listed.contains(*code) || !code.starts_with("malformed.");
        let errors: BTreeSet<String> = found.errors.iter().filter(own).cloned().collect();
        for (kind, listed, found) in
            [("error", &listed, &errors), ("reason", &names(operation.reasons), &found.reasons)]
        {
            // What a disk or another process can do to a kernel is shown where those are: tests/crash.
            if operation.pure {
                wrong.extend(listed.difference(found).map(|c| format!("{}: no vector has {kind} {c}", operation.id)));
            }
            wrong.extend(found.difference(listed).map(|c| format!("{}: {kind} {c} is not listed", operation.id)));
        }
    }
    assert!(seen.keys().all(|id| OPERATIONS.iter().any(|o| o.id == id)));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
