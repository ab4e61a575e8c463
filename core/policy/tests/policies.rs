//! What a policy says beside its decisions: its canonical form, its explanations, its confidence, its messages.

#![allow(clippy::unwrap_used)]

mod common;

use common::{action_facts, yaml};
use talos_contracts::json::{Profile, Value, parse};
use talos_contracts::{ErrorCode, Event, Verdict};
use talos_policy::{
    BUILTIN_ID, CompiledPolicy, Explanation, Finding, Format, MAX_BYTES, MAX_ERRORS, MAX_REASONS, RunState,
};

fn decide(policy: &CompiledPolicy, action: &str) -> Finding {
    let action = parse(action.as_bytes(), Profile::Data).unwrap();
    policy.decide(&action_facts(&action).facts(RunState::default()))
}

#[test]
fn three_formats_have_one_canonical_form() {
    let yaml_text = "id: demo\nallowed_tools:\n  - name: pay\n    effect: spend\nmax_amount: {currency: EUR, per_call_micro: 0x10}\n";
    let toml_text = "id = 'demo'\n[[allowed_tools]]\nname = 'pay'\neffect = 'spend'\n[max_amount]\ncurrency = 'EUR'\nper_call_micro = 1_6\n";
    let json_text = r#"{"max_amount":{"per_call_micro":16,"currency":"EUR"},"allowed_tools":[{"effect":"spend","name":"pay"}],"id":"demo"}"#;
    let expected = r#"{"allowed_tools":[{"effect":"spend","name":"pay"}],"id":"demo","max_amount":{"currency":"EUR","per_call_micro":16}"#;
    for (text, format) in [(yaml_text, Format::Yaml), (toml_text, Format::Toml), (json_text, Format::Json)] {
        let policy = CompiledPolicy::load(text.as_bytes(), format, "policy").unwrap();
        let bytes = String::from_utf8(policy.canonical_bytes()).unwrap();
        assert!(bytes.starts_with(expected), "{bytes}");
        assert_eq!(Format::sniff(text), format);
    }
}

#[test]
fn the_builtin_policy_has_a_name_that_no_file_can_take() {
    let builtin = CompiledPolicy::builtin();
    assert!(builtin.is_builtin());
    assert_eq!(builtin.policy().id, BUILTIN_ID);
    assert!(String::from_utf8(builtin.canonical_bytes()).unwrap().contains(BUILTIN_ID));
    let file = format!("id: {BUILTIN_ID}\n");
    assert!(CompiledPolicy::load(file.as_bytes(), Format::Yaml, "policy.yaml").is_err());
}

#[test]
fn the_builtin_policy_says_which_command_to_run() {
    let finding = decide(&CompiledPolicy::builtin(), r#"{"kind":"tool_call","target":"pay"}"#);
    assert_eq!(finding.verdict, Verdict::NeedsApproval);
    assert!(finding.reasons[0].message.contains("talos init -- COMMAND"));
}

#[test]
fn a_reason_says_what_and_where_and_never_the_value() {
    let policy =
        yaml("id: demo\nallowed_tools: [t]\nblocked_patterns: [{id: card, kind: regex, pattern: '[0-9]{16}'}]\n");
    let cases = [
        (r#"{"a":[{"b/c":"4111111111111111"}]}"#, "pattern \"card\" matches the string at /a/0/b~1c"),
        (
            r#"{"a":{"4111111111111111":{"x":"4111111111111111"}}}"#,
            "pattern \"card\" matches a member name in the object at /a",
        ),
        (r#"{"4111111111111111":1}"#, "pattern \"card\" matches a member name in the object at the root"),
        (r#""4111111111111111""#, "pattern \"card\" matches the string at the root"),
    ];
    for (args, message) in cases {
        let finding = decide(&policy, &format!(r#"{{"kind":"tool_call","target":"t","args":{args}}}"#));
        assert_eq!(finding.reasons.len(), 1);
        let reason = &finding.reasons[0];
        assert_eq!(reason.message, message);
        assert_eq!(reason.rule.as_deref(), Some("card"));
        assert_eq!(reason.event, Some(Event::PolicyViolation));
        assert_eq!(reason.stage, 5);
    }
}

#[test]
fn a_name_that_matched_is_hidden_in_what_is_below_it() {
    let policy = yaml(
        "id: demo\nallowed_tools: [t]\nblocked_patterns: [{id: a, kind: substring, pattern: hush}, {id: b, kind: substring, pattern: deep}]\n",
    );
    let finding = decide(&policy, r#"{"kind":"tool_call","target":"t","args":{"hush-1":{"x":"deep"}}}"#);
    let messages: Vec<&str> = finding.reasons.iter().map(|reason| reason.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "pattern \"a\" matches a member name in the object at the root",
            "pattern \"b\" matches the string at /(blocked)/x"
        ]
    );
}

#[test]
fn at_most_sixteen_reasons_are_given() {
    let patterns: Vec<String> = (0..40).map(|i| format!("{{kind: substring, pattern: 'x{i}y'}}")).collect();
    let policy = yaml(&format!("id: demo\nblocked_patterns: [{}]\n", patterns.join(", ")));
    let text: String = (0..40).map(|i| format!("x{i}y")).collect();
    let finding = decide(&policy, &format!(r#"{{"kind":"tool_call","target":"t","args":["{text}"]}}"#));
    assert_eq!(finding.reasons.len(), MAX_REASONS);
}

#[test]
fn arguments_too_deep_to_search_are_denied() {
    let policy = yaml("id: demo\nallowed_tools: [t]\nblocked_patterns: [{kind: substring, pattern: x}]\n");
    let mut args = Value::from("y");
    for _ in 0..200 {
        args = Value::from(vec![args]);
    }
    let action = parse(br#"{"kind":"tool_call","target":"t"}"#, Profile::Data).unwrap();
    let mut facts = action_facts(&action);
    facts.args = args;
    let finding = policy.decide(&facts.facts(RunState::default()));
    assert_eq!(finding.verdict, Verdict::Deny);
    assert_eq!(finding.reasons[0].code, ErrorCode::MalformedDepth);
}

#[test]
fn the_finding_has_the_amount_that_the_run_has_to_count() {
    let policy = yaml(
        "id: demo\nallowed_tools: [{name: buy, effect: spend, amount: {amount_arg: /sum}}]\nmax_amount: {currency: EUR, per_call_micro: 9}\n",
    );
    let amount = |action: &str| decide(&policy, action).amount.map(|amount| (amount.micro, amount.currency));
    let eur = |micro| Some((micro, "EUR".to_owned()));
    assert_eq!(amount(r#"{"kind":"tool_call","target":"buy","args":{"sum":7}}"#), eur(7));
    assert_eq!(
        amount(r#"{"kind":"tool_call","target":"buy","args":{"sum":7},"amount":{"micro":8,"currency":"EUR"}}"#),
        eur(8)
    );
    assert_eq!(
        amount(r#"{"kind":"tool_call","target":"buy","args":{"sum":7},"amount":{"micro":1,"currency":"EUR"}}"#),
        eur(7)
    );
    assert_eq!(amount(r#"{"kind":"tool_call","target":"buy"}"#), None);
}

#[test]
fn confidence_below_the_threshold_or_missing_is_drift() {
    let policy = yaml("id: demo\nconfidence_threshold_bp: 7500\n");
    assert_eq!(policy.confidence(Some(7500)), None);
    assert_eq!(policy.confidence(Some(10000)), None);
    for outcome in [Some(7499), Some(0), None] {
        let reason = policy.confidence(outcome).unwrap();
        assert_eq!(reason.code, ErrorCode::DriftDetected);
        assert_eq!(reason.event, Some(Event::DriftDetected));
    }
    assert_eq!(yaml("id: demo\n").confidence(None), None);
}

fn find<'a>(rules: &'a [Explanation], rule: &str) -> &'a Explanation {
    rules.iter().find(|explanation| explanation.rule == rule).unwrap()
}

#[test]
fn explanations_say_what_a_rule_matches_and_what_may_be_a_mistake() {
    let policy = yaml(
        "id: demo
allowed_tools: ['*', read, {name: pay, effect: spend}, {name: pinned, effect: read, tool_hash: AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA}]
allowed_resources: ['file:///a/../**', 'file:///a/*', 'file:///a%20b/*', 'https://api.*/x', 'https://*.a.com/x', 'db://drop']
allowed_prompts: [drop, greet]
blocked_patterns:
  - {id: never, kind: regex, pattern: 'a[b&&c]'}
  - {id: always, kind: regex, pattern: 'x*'}
  - {id: exact, kind: glob, pattern: plain}
  - {id: fine, kind: substring, pattern: drop}
max_tool_calls_per_request: 0
max_amount: {currency: EUR, per_call_micro: 5}
",
    );
    let rules = policy.explain(None);
    let warned = |rule: &str, words: &str| find(&rules, rule).warnings.iter().any(|warning| warning.contains(words));
    assert!(warned("read", "adds nothing"));
    assert!(warned("read", "irreversible"));
    assert!(!warned("pay", "irreversible"));
    assert!(warned("pay", "only the host can state it"));
    assert!(warned("pinned", "present hash is not known"));
    assert!(warned("file:///a/../**", "never matches"));
    assert!(find(&rules, "file:///a/*").warnings.is_empty());
    assert!(warned("file:///a%20b/*", "percent-encoding"));
    assert!(warned("https://api.*/x", "any host"));
    assert!(find(&rules, "https://*.a.com/x").warnings.is_empty());
    assert!(warned("db://drop", "a blocked pattern matches"));
    assert!(warned("drop", "a blocked pattern matches"));
    assert!(warned("read", "a call that states no amount is denied"));
    assert!(!warned("pinned", "a call that states no amount is denied"));
    assert!(find(&rules, "max_amount").matches.contains("irreversible that states no amount: denied"));
    assert!(warned("never", "never matches"));
    assert!(warned("always", "matches every string"));
    assert!(warned("exact", "only this very string"));
    assert!(find(&rules, "fine").warnings.is_empty());
    assert!(find(&rules, "fine").matches.contains("\"drop\""));
    assert!(warned("max_tool_calls_per_request", "no tool"));
    assert!(find(&rules, "max_amount").matches.contains("at most 5 micro-EUR a call"));
}

#[test]
fn an_explanation_for_one_tool_has_the_rules_that_its_calls_meet() {
    let policy = yaml(
        "id: demo\nallowed_tools: [read]\nallowed_prompts: [greet]\nblocked_patterns: [{id: p, kind: substring, pattern: x}]\n",
    );
    let names = |tool| -> Vec<String> { policy.explain(Some(tool)).into_iter().map(|rule| rule.rule).collect() };
    assert_eq!(names("read"), ["read", "p"]);
    let unknown = policy.explain(Some("write"));
    assert_eq!(find(&unknown, "write").matches, "not in allowed_tools: denied");
    assert_eq!(CompiledPolicy::builtin().explain(None).len(), 1);
}

#[test]
fn a_file_that_is_too_large_or_not_utf8_is_refused() {
    let load = |bytes: &[u8]| CompiledPolicy::load(bytes, Format::Yaml, "policy.yaml").unwrap_err().remove(0);
    assert_eq!(load(&vec![b'#'; MAX_BYTES + 1]).code, ErrorCode::PolicySyntax);
    let error = load(b"id: demo\n# caf\xe9\n");
    assert_eq!((error.code, error.line, error.column), (ErrorCode::PolicySyntax, 2, 6));
    let error = load(b"\xef\xbb\xbfid: demo\n");
    assert_eq!((error.code, error.line, error.column), (ErrorCode::PolicySyntax, 1, 1));
}

#[test]
fn at_most_64_errors_are_reported_and_in_order() {
    let mut text = String::from("id: demo\n");
    for i in 0..100 {
        text.push_str(&format!("unknown_{i}: 1\n"));
    }
    let errors = CompiledPolicy::load(text.as_bytes(), Format::Yaml, "policy.yaml").unwrap_err();
    assert_eq!(errors.len(), MAX_ERRORS);
    assert!(errors.is_sorted_by_key(|error| error.line));
    assert_eq!(errors[0].to_string(), "policy.yaml:2:1: unknown key \"unknown_0\"");
}

#[test]
fn an_error_shows_its_place_and_what_was_meant() {
    let errors =
        CompiledPolicy::load(b"id: demo\n\n\n\n\n\nallowed_tool: [a]\n", Format::Yaml, "policy.yaml").unwrap_err();
    assert_eq!(
        errors[0].to_string(),
        "policy.yaml:7:1: unknown key \"allowed_tool\" (did you mean \"allowed_tools\"?)"
    );
}

#[test]
fn rules_about_arguments_are_explained_with_what_is_likely_wrong() {
    let policy = yaml(
        "id: p
allowed_tools:
  - name: t
    effect: external
    args:
      - {arg: /url, kind: url, hosts: ['*.com', '*'], schemes: [http, https]}
      - {arg: /path, kind: path, under: [/], links: lexical, id: where}
      - {arg: /sql, kind: sql}
      - {arg: /run, kind: shell, commands: [bash, git log]}
      - {arg: /n, kind: number, may_be_absent: true}
egress: {hosts: [example.com]}
",
    );
    let rules = policy.explain(Some("t"));
    let of = |name: &str| rules.iter().find(|rule| rule.rule == name).unwrap();
    let has = |name: &str, warning: &str| of(name).warnings.iter().any(|found| found.contains(warning));
    assert_eq!(
        of("t /url").matches,
        "argument \"/url\" is a URL: http, https of \"*.com\", \"*\"; URLs inside it, too, and not missing; else: denied"
    );
    assert!(has("t /url", "any host") && has("t /url", "one label") && has("t /url", "only who connects"));
    assert!(has("where", "every path") && has("where", "relative paths") && has("where", "links are not followed"));
    assert!(has("t /sql", "every table") && has("t /sql", "generic"));
    assert!(has("t /run", "runs others"));
    assert!(has("t /n", "every number") && of("t /n").matches.contains("or nothing"));
    assert!(rules.iter().any(|rule| rule.rule == "t" && rule.warnings.iter().any(|w| w.contains("no_other_args"))));
    assert!(of("egress").matches.contains("https of \"example.com\""));
}

#[test]
fn with_an_included_file_egress_is_what_both_allow() {
    let base = "id: base\negress: {hosts: [a.example, c.example]}\n";
    let hash = yaml(base).hash();
    let text =
        format!("id: p\nincludes: [{{file: base.yaml, hash: '{hash}'}}]\negress: {{hosts: [a.example, b.example]}}\n");
    let read = |_: &str| Ok(base.as_bytes().to_vec());
    let joined = CompiledPolicy::load_with(text.as_bytes(), Format::Yaml, "p.yaml", &read).unwrap();
    assert_eq!(joined.policy().egress.as_ref().unwrap().hosts, ["a.example"]);
}
