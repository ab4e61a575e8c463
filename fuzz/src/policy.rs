//! Policy files: `docs/spec/policy.md`.

use std::time::{Duration, Instant};
use talos_contracts::json::Value;
use talos_contracts::{ActionKind, Verdict};
use talos_policy::{CompiledPolicy, Format, MAX_ERRORS, MAX_REASONS, PolicyFacts, RunState};

/// No file may take longer, in a build without optimisation on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A file loads or is refused with places; what loads decides, and means the same as its JSON.
pub fn target(data: &[u8]) {
    let begun = Instant::now();
    for format in [Format::Yaml, Format::Toml, Format::Json] {
        match CompiledPolicy::load(data, format, "policy") {
            Ok(policy) => check(&policy),
            Err(errors) => {
                assert!((1..=MAX_ERRORS).contains(&errors.len()), "a refusal without a reason");
                assert!(errors.iter().all(|e| e.line >= 1 && e.column >= 1), "a mistake without a place");
            }
        }
    }
    assert!(begun.elapsed() < PATIENCE, "a policy file takes too long");
}

fn check(policy: &CompiledPolicy) {
    let canonical = policy.canonical_bytes();
    let again = CompiledPolicy::load(&canonical, Format::Json, "policy");
    assert!(again.is_ok_and(|again| again.canonical_bytes() == canonical), "the contract does not load as JSON");

    let args = Value::object([
        ("path", Value::from("/etc/passwd")),
        ("text", Value::from("ﬁle Straße \u{200b}ＤＲＯＰ")),
        ("amount", Value::from(5)),
    ]);
    let mut targets = policy.tool_names();
    targets.truncate(4);
    targets.push("no such tool".to_owned());
    for target in &targets {
        check_decision(policy, ActionKind::ToolCall, target, &args);
    }
    check_decision(policy, ActionKind::ResourceRead, "file:///etc/passwd", &args);
    check_decision(policy, ActionKind::PromptGet, "greet", &args);
    assert!(!policy.explain(None).is_empty() || !policy.explain(Some("no such tool")).is_empty());
}

fn check_decision(policy: &CompiledPolicy, kind: ActionKind, target: &str, args: &Value) {
    let state = RunState { admitted: 1, in_flight: 1, tokens_reserved: 10, spent_micro: 10 };
    let facts = PolicyFacts { tokens: Some(1), state, ..PolicyFacts::new(kind, target, args) };
    let found = policy.decide(&facts);
    assert!(found.reasons.len() <= MAX_REASONS);
    assert!((found.verdict == Verdict::Allow) == found.reasons.is_empty(), "a verdict that says nothing");
    assert!(found == policy.decide(&facts), "the same question has two answers");
}
