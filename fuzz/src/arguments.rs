//! Typed argument rules and egress: `docs/spec/policy.md`, sections 8 and 9.

use std::sync::LazyLock;
use std::time::{Duration, Instant};
use talos_contracts::json::{Profile, Value, parse};
use talos_contracts::{ActionKind, Verdict};
use talos_policy::{CompiledPolicy, Format, MAX_REASONS, PolicyFacts};

/// No argument may take longer, in a build without optimisation on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A rule of each kind, chosen by the first byte of the input.
const RULES: [&str; 12] = [
    "kind: url, hosts: [ok.example, '*.ok.example'], schemes: [https, git], paths: ['/a/**']",
    "kind: url, hosts: [ok.example]",
    "kind: path, under: [/data/in], base: /data/in, denied: ['*.pem', 'a/**/b'], links: lexical",
    "kind: sql, tables: [a, b.c], statements: [select, insert, update, delete, create, alter, drop, transaction]",
    "kind: sql, dialect: postgres, max_statements: 64",
    "kind: sql, dialect: mysql, tables: [a]",
    "kind: sql, dialect: sqlite, functions: [f]",
    "kind: shell, commands: [git status, ls], denied_words: ['-*'], pipes: true",
    "kind: email, domains: [ok.example], addresses: [a@b.example]",
    "kind: money, max_micro: 5000000, unit_micro: 1000000, as_string: true",
    "kind: date, earliest: '2026-01-01', latest: '2026-12-31'",
    "kind: string, regex: '[a-z]+'",
];

static POLICIES: LazyLock<Vec<CompiledPolicy>> = LazyLock::new(|| {
    let with_rule = RULES.map(|rule| format!("allowed_tools: [{{name: t, args: [{{arg: /x, {rule}}}]}}]"));
    let egress = "allowed_tools: [t]\negress: {hosts: [ok.example]}".to_owned();
    with_rule.into_iter().chain([egress]).map(|text| load(&text)).collect()
});

#[allow(clippy::panic, reason = "the rules of a target are its own")]
fn load(text: &str) -> CompiledPolicy {
    let text = format!("id: fuzz\n{text}\n");
    CompiledPolicy::load(text.as_bytes(), Format::Yaml, "policy").unwrap_or_else(|errors| panic!("{}", errors[0]))
}

/// Any argument is decided, twice the same, in bounded time; what is allowed is what its rule says.
pub fn target(data: &[u8]) {
    let Some((&first, rest)) = data.split_first() else { return };
    let index = usize::from(first) % POLICIES.len();
    let policy = &POLICIES[index];
    let begun = Instant::now();
    if let Ok(text) = std::str::from_utf8(rest)
        && decide(policy, Value::from(text)) == Verdict::Allow
    {
        check_allowed(index, text);
    }
    if let Ok(value) = parse(rest, Profile::Data) {
        decide(policy, value);
    }
    assert!(begun.elapsed() < PATIENCE, "an argument takes too long");
}

fn decide(policy: &CompiledPolicy, value: Value) -> Verdict {
    let args = Value::object([("x", value)]);
    let facts = PolicyFacts::new(ActionKind::ToolCall, "t", &args);
    let found = policy.decide(&facts);
    assert!(found.reasons.len() <= MAX_REASONS);
    assert!((found.verdict == Verdict::Allow) == found.reasons.is_empty(), "a verdict that says nothing");
    assert!(found == policy.decide(&facts), "the same question has two answers");
    found.verdict
}

/// What an allowed argument is, by other means than the rule's.
fn check_allowed(index: usize, text: &str) {
    match index {
        0 | 1 => {
            let authority = text.split("://").nth(1).and_then(|rest| rest.split(['/', '?', '#']).next());
            let host = authority.map(|authority| authority.trim_end_matches(":443").to_ascii_lowercase());
            let is_listed =
                host.is_some_and(|host| host == "ok.example" || (index == 0 && host.ends_with(".ok.example")));
            assert!(is_listed, "a URL that leads elsewhere: {text:?}");
        }
        2 => assert!(straight(text).starts_with(&["data", "in"]), "a path that leads elsewhere: {text:?}"),
        7 => assert!(!text.contains([';', '&', '`', '\n', '>', '<']) || text.contains(['\'', '"', '\\']), "{text:?}"),
        8 => assert!(text.matches('@').count() == 1 && !text.contains([' ', ',', '\n']), "{text:?}"),
        11 => assert!(!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase()), "{text:?}"),
        _ => {}
    }
}

/// The parts of a path that begins in `/data/in`, without `.` and `..`.
fn straight(path: &str) -> Vec<&str> {
    let mut parts = if path.starts_with('/') { Vec::new() } else { vec!["data", "in"] };
    for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
        match part {
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts
}
