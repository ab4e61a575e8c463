//! What policies decide, and what is refused when they are read.

use crate::{CedarPolicies, Limits, Source, Tool};
use std::sync::LazyLock;
use talos_contracts::json::{self, Profile, Value};
use talos_contracts::scalar::Hash;
use talos_contracts::{ActionKind, Amount, Effect, ErrorCode, Verdict};
use talos_kernel::{Action, Counters, Facts, Finding, Stage, ports::Standing};
use talos_policy::{PolicyError, Subject};

pub(crate) const MAIL: &str = r##"{
    "type": "object",
    "properties": {
        "to": {"type": "array", "items": {"type": "string"}},
        "subject": {"type": "string"},
        "priority": {"type": "integer"},
        "urgent": {"type": "boolean"},
        "mode": {"enum": ["now", "later"]},
        "cc": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "from": {"$ref": "#/$defs/person"},
        "score": {"type": "number"},
        "any": {}
    },
    "required": ["to", "subject", "score"],
    "$defs": {"person": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}}
}"##;

pub(crate) fn value(text: &str) -> Value {
    json::parse(text.as_bytes(), Profile::Data).unwrap()
}

pub(crate) const REVIEWED: Hash = talos_contracts::scalar::B64([7; 32]);

pub(crate) fn load(text: &str) -> Result<CedarPolicies, Vec<PolicyError>> {
    let (mail, pay) =
        (value(MAIL), value(r#"{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}"#));
    let tools =
        [Tool { name: "mail", schema: &mail, hash: REVIEWED }, Tool { name: "pay", schema: &pay, hash: REVIEWED }];
    CedarPolicies::load(&[Source { file: "p.cedar", text }], &tools, Limits::default())
}

fn loaded(text: &str) -> CedarPolicies {
    load(text).unwrap_or_else(|errors| panic!("{}", shown(&errors)))
}

fn shown(errors: &[PolicyError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// What the mistakes of a text are.
fn refused(text: &str) -> String {
    shown(&load(text).err().unwrap_or_else(|| panic!("{text} was loaded")))
}

pub(crate) fn agent() -> Subject {
    Subject {
        organisation: Some("acme".into()),
        team: Some("sales".into()),
        agent: Some("ada".into()),
        actor: "did:key:z6Mk".into(),
        run: "run-1".into(),
    }
}

static NOTHING_IS_HELD: LazyLock<Standing> = LazyLock::new(Standing::default);

/// The facts of an action of this agent.
pub(crate) fn facts<'a>(action: &'a Action<'a>, subject: &'a Subject, earlier: &'a Finding) -> Facts<'a> {
    Facts {
        action,
        subject,
        counters: Counters { admitted: 2, in_flight: 1, tokens: 100, spent_micro: 5 },
        standing: &NOTHING_IS_HELD,
        now_ms: 0,
        files: None,
        drift: Verdict::Allow,
        earlier,
    }
}

fn decide(policies: &CedarPolicies, tool: &str, args: &str) -> Finding {
    let args = value(args);
    let action = Action { tool_hash: Some(REVIEWED), ..Action::tool_call("c", tool, &args) };
    policies.check(&facts(&action, &agent(), &Finding::allow()))
}

/// Decides on a call of `pay`.
fn pay(policies: &CedarPolicies, n: i64) -> Finding {
    decide(policies, "pay", &format!(r#"{{"n":{n}}}"#))
}

/// The verdict on a mail with these arguments, under a permit with this condition.
fn mail(condition: &str, args: &str) -> Verdict {
    let text = format!("permit(principal, action == Action::\"tool_call:mail\", resource) when {{ {condition} }};");
    decide(&loaded(&text), "mail", args).verdict
}

const CALLS: &str = "action in Action::\"tool_call\"";
const ARGS: &str = r#"{"to":["a@b.c"],"subject":"hi","score":0.5"#;

#[test]
fn what_no_policy_permits_is_denied() {
    let found = pay(&loaded(""), 1);
    assert_eq!(found.verdict, Verdict::Deny);
    assert_eq!(found.reasons[0].code, ErrorCode::PolicyCedarDenied);
    assert_eq!(found.reasons[0].stage, 7);
    assert_eq!(found.reasons[0].message, "no Cedar policy permits this");
    assert_eq!(found.reasons[0].rule, None);
}

#[test]
fn a_permit_allows_what_its_scope_and_condition_match() {
    let policies =
        loaded("permit(principal, action == Action::\"tool_call:pay\", resource) when { context.args.n <= 10 };");
    assert_eq!(pay(&policies, 10), Finding::allow());
    assert_eq!(pay(&policies, 11).verdict, Verdict::Deny);
    assert_eq!(decide(&policies, "mail", &format!("{ARGS}}}")).verdict, Verdict::Deny);
    assert_eq!(decide(&policies, "other", "{}").verdict, Verdict::Deny);
}

#[test]
fn a_forbid_wins_and_is_named() {
    let policies = loaded(
        "permit(principal, action, resource);\n@id(\"no-big\")\nforbid(principal, action == Action::\"tool_call:pay\", resource) when { context.args.n > 10 };\n  forbid(principal == Agent::\"ada\", action, resource == Tool::\"pay\") when { context.calls_admitted == 2 };",
    );
    let found = pay(&policies, 11);
    assert_eq!(found.verdict, Verdict::Deny);
    let rules: Vec<_> = found.reasons.iter().map(|reason| (reason.code, reason.rule.as_deref())).collect();
    assert_eq!(
        rules,
        [(ErrorCode::PolicyCedarDenied, Some("no-big")), (ErrorCode::PolicyCedarDenied, Some("p.cedar:4:3"))]
    );
    assert_eq!(found.reasons[0].message, "Cedar policy \"no-big\" forbids this");
}

#[test]
fn a_policy_that_fails_denies_also_where_cedar_would_skip_it() {
    let overflow = "context.args.n + 9223372036854775807 > 0";
    let scope = "(principal, action == Action::\"tool_call:pay\", resource)";
    for effect in ["forbid", "permit"] {
        let text = format!("permit(principal, action, resource);@id(\"sum\") {effect}{scope} when {{ {overflow} }};");
        let policies = loaded(&text);
        let found = pay(&policies, 1);
        assert_eq!(found.verdict, Verdict::Deny, "{effect}");
        assert_eq!(found.reasons[0].code, ErrorCode::PolicyCedarError);
        assert_eq!(found.reasons[0].message, "Cedar policy \"sum\" failed: an integer overflows");
        let expected = if effect == "forbid" { Verdict::Deny } else { Verdict::Allow };
        assert_eq!(pay(&policies, 0).verdict, expected, "{effect}");
    }
    let elsewhere = loaded(&format!("permit(principal, action, resource);forbid{scope} when {{ {overflow} }};"));
    assert_eq!(decide(&elsewhere, "other", "{}").verdict, Verdict::Allow);
}

#[test]
fn arguments_are_seen_as_the_types_of_the_schema() {
    let all = format!(r#"{ARGS},"priority":3,"urgent":true,"mode":"now","cc":"x","from":{{"name":"Ada"}},"any":[1]}}"#);
    for condition in [
        "context.args.to.contains(\"a@b.c\")",
        "context.args.to == [\"a@b.c\", \"a@b.c\"]",
        "context.args.subject like \"h*\"",
        "context.args has priority && context.args.priority == 3",
        "context.args has urgent && context.args.urgent",
        "context.args has mode && context.args.mode == \"now\"",
        "context.args has cc && context.args.cc == \"x\"",
        "context.args has from && context.args.from.name == \"Ada\"",
    ] {
        assert_eq!(mail(condition, &all), Verdict::Allow, "{condition}");
    }
    for optional in ["priority", "urgent", "mode", "cc", "from"] {
        let condition = format!("!(context.args has {optional})");
        assert_eq!(mail(&condition, &format!("{ARGS}}}")), Verdict::Allow, "{optional}");
    }
    assert_eq!(mail("!(context.args has cc)", &format!(r#"{ARGS},"cc":null}}"#)), Verdict::Allow);
}

#[test]
fn arguments_of_other_types_than_the_schema_says_are_denied() {
    for (args, place) in [
        (r#"{"subject":"s"}"#.to_owned(), "/to"),
        (r#"{"to":[1],"subject":"s"}"#.to_owned(), "/to/*"),
        (r#"{"to":"a","subject":"s"}"#.to_owned(), "/to"),
        (r#"{"to":[],"subject":["s"]}"#.to_owned(), "/subject"),
        (r#"{"to":[],"subject":null}"#.to_owned(), "/subject"),
        (format!(r#"{ARGS},"priority":"3"}}"#), "/priority"),
        (format!(r#"{ARGS},"priority":3.5}}"#), "/priority"),
        (format!(r#"{ARGS},"urgent":0}}"#), "/urgent"),
        (format!(r#"{ARGS},"mode":["now"]}}"#), "/mode"),
        (format!(r#"{ARGS},"from":{{}}}}"#), "/from/name"),
        (format!(r#"{ARGS},"from":"Ada"}}"#), "/from"),
    ] {
        let found = decide(&loaded("permit(principal, action, resource);"), "mail", &args);
        assert_eq!(found.verdict, Verdict::Deny, "{args}");
        assert_eq!(found.reasons[0].code, ErrorCode::PolicyCedarError);
        let expected = format!("argument {place} is missing or not of the type in the tool's schema");
        assert_eq!(found.reasons[0].message, expected, "{args}");
    }
}

#[test]
fn arguments_too_large_to_evaluate_are_denied() {
    let policies = loaded("permit(principal, action, resource);");
    let args = |bytes: usize| format!(r#"{{"to":["{}"],"subject":"","score":1}}"#, "x".repeat(bytes));
    assert_eq!(decide(&policies, "mail", &args(1 << 19)).verdict, Verdict::Allow);
    let found = decide(&policies, "mail", &args(1 << 20));
    assert_eq!(found.reasons[0].message, "policies are evaluated on at most 1048576 bytes of arguments");
}

#[test]
fn what_cedar_has_no_type_for_is_listed_and_cannot_be_named() {
    let policies = loaded("");
    let losses: Vec<_> = policies.losses().iter().map(|loss| (loss.argument.as_str(), loss.why.as_str())).collect();
    assert_eq!(losses, [("/score", "Cedar has no fractions"), ("/any", "the schema states no type")]);
    for name in ["score", "any", "unknown"] {
        let text = format!(
            "permit(principal, action == Action::\"tool_call:mail\", resource)\nwhen {{ context.args has {name} && context.args.{name} == 1 }};"
        );
        let message = refused(&text);
        assert!(message.starts_with("p.cedar:"), "{message}");
    }
}

#[test]
fn the_hierarchy_of_agents_and_actions_is_known() {
    for (scope, expected) in [
        ("principal == Agent::\"ada\", action, resource", Verdict::Allow),
        ("principal in Team::\"sales\", action, resource", Verdict::Allow),
        ("principal in Organisation::\"acme\", action, resource", Verdict::Allow),
        ("principal is Agent in Organisation::\"acme\", action, resource", Verdict::Allow),
        ("principal == Agent::\"bob\", action, resource", Verdict::Deny),
        ("principal in Team::\"acme\", action, resource", Verdict::Deny),
        ("principal, action in Action::\"tool_call\", resource is Tool", Verdict::Allow),
        ("principal, action in [Action::\"tool_call:pay\", Action::\"tool_call\"], resource", Verdict::Allow),
        ("principal, action == Action::\"tool_call:mail\", resource", Verdict::Deny),
        ("principal, action == Action::\"unlisted_tool\", resource", Verdict::Deny),
        ("principal, action, resource == Tool::\"pay\"", Verdict::Allow),
        ("principal, action, resource in Tool::\"pay\"", Verdict::Allow),
        ("principal, action, resource == Tool::\"mail\"", Verdict::Deny),
        ("principal, action == Action::\"resource_read\", resource == Resource::\"pay\"", Verdict::Deny),
    ] {
        assert_eq!(pay(&loaded(&format!("permit({scope});")), 1).verdict, expected, "{scope}");
    }
}

#[test]
fn agents_teams_and_organisations_are_compared_in_nfc_and_never_taken_for_others() {
    let text =
        ["Agent", "Team", "Organisation"].map(|of| format!("permit(principal in {of}::\"café\", action, resource);"));
    let args = value(r#"{"n":1}"#);
    let action = Action::tool_call("c", "pay", &args);
    let nobody = || Subject { organisation: None, team: None, agent: None, ..agent() };
    for (at, text) in text.iter().enumerate() {
        let policies = loaded(text);
        let verdict = |name: &str| {
            let mut subject = nobody();
            *[&mut subject.agent, &mut subject.team, &mut subject.organisation][at] = Some(name.to_owned());
            policies.check(&facts(&action, &subject, &Finding::allow())).verdict
        };
        // More than are kept, and the first again.
        for n in 0..1100 {
            assert_eq!(verdict(&format!("cafe {n}")), Verdict::Deny);
        }
        for _ in 0..2 {
            assert_eq!(
                (verdict("cafe\u{301}"), verdict("café"), verdict("cafe")),
                (Verdict::Allow, Verdict::Allow, Verdict::Deny)
            );
        }
        assert_eq!(policies.check(&facts(&action, &nobody(), &Finding::allow())).verdict, Verdict::Deny);
    }
}

#[test]
fn context_holds_what_the_kernel_knows() {
    let found = Finding {
        effect: Some(Effect::Spend),
        amount: Some(Amount { micro: 9, currency: "EUR".into() }),
        ..Finding::with(Verdict::Deny, ErrorCode::PolicyBlockedPattern, "x")
    };
    let args = value(r#"{"n":1}"#);
    let stated = Amount { micro: 1, currency: "USD".into() };
    let action = Action {
        effect: Some(Effect::Read),
        tokens: Some(7),
        amount: Some(&stated),
        principal: Some("user:ada"),
        tool_hash: Some(REVIEWED),
        ..Action::tool_call("c", "pay", &args)
    };
    for condition in [
        "context.tool == \"pay\"",
        "context.target == \"pay\"",
        "context.run == \"run-1\"",
        "context.actor == \"did:key:z6Mk\"",
        "context has principal && context.principal == \"user:ada\"",
        "context.effect == \"spend\"",
        "context has amount_micro && context.amount_micro == 9",
        "context has currency && context.currency == \"EUR\"",
        "context.calls_admitted == 2",
        "context.calls_in_flight == 1",
        "context.tokens_reserved == 100",
        "context.tokens_requested == 7",
        "context.spent_micro == 5",
        "context.pattern_hit",
        "context.tool_hash_ok",
        "context has tool_hash && context.tool_hash == \"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc\"",
    ] {
        let text = format!("permit(principal, {CALLS}, resource) when {{ {condition} }};");
        assert_eq!(loaded(&text).check(&facts(&action, &agent(), &found)), Finding::allow(), "{condition}");
    }
    let bare = Action::tool_call("c", "pay", &args);
    for condition in [
        "context.effect == \"irreversible\"",
        "!(context has amount_micro)",
        "!(context has currency)",
        "context.tokens_requested == 0",
        "!context.pattern_hit",
        "!(context has principal)",
        "!context.tool_hash_ok",
        "!(context has tool_hash)",
    ] {
        let text = format!("permit(principal, {CALLS}, resource) when {{ {condition} }};");
        assert_eq!(loaded(&text).check(&facts(&bare, &agent(), &Finding::allow())), Finding::allow(), "{condition}");
    }
}

#[test]
fn a_member_of_the_context_is_there_however_a_policy_reads_it() {
    for condition in [
        "context.run == \"run-1\"",
        "context[\"run\"] == \"run-1\"",
        "context[\"r\\u{75}n\"] == \"run-1\"",
        "context has agent",
        "context has \"agent\" && context.agent like \"a*\"",
        "context has args.n",
        "if context.kyc then false else context.run == \"run-1\"",
        "{a: context}.a.run == \"run-1\"",
        "(if context.kyc then context else context).run == \"run-1\"",
    ] {
        let text = format!("permit(principal, action, resource) when {{ {condition} }};");
        assert_eq!(pay(&loaded(&text), 1).verdict, Verdict::Allow, "{condition}");
        let text = format!(
            "permit(principal, action, resource);forbid(principal, action, resource) unless {{ {condition} }};"
        );
        assert_eq!(pay(&loaded(&text), 1).verdict, Verdict::Allow, "{condition}");
    }
}

#[test]
fn every_kind_of_action_has_its_own_action_and_target() {
    let nothing = value("{}");
    for (kind, id, target) in [
        (ActionKind::ToolCall, "unlisted_tool", "Tool"),
        (ActionKind::ResourceRead, "resource_read", "Resource"),
        (ActionKind::PromptGet, "prompt_get", "Prompt"),
        (ActionKind::Sampling, "sampling", "Target"),
        (ActionKind::Message, "message", "Target"),
        (ActionKind::Http, "http", "Target"),
    ] {
        let text = format!("permit(principal, action == Action::\"{id}\", resource == {target}::\"caf\\u{{e9}}\");");
        let policies = loaded(&text);
        let ask = |target: &str| {
            let action = Action { kind, ..Action::tool_call("c", target, &nothing) };
            policies.check(&facts(&action, &agent(), &Finding::allow())).verdict
        };
        assert_eq!(ask("cafe\u{301}"), Verdict::Allow, "{id}: names are compared in NFC");
        assert_eq!(ask("cafe"), Verdict::Deny, "{id}");
    }
}

#[test]
fn mistakes_have_a_place_and_say_what_is_wrong() {
    for (text, place, words) in [
        ("permit(principal, action, resource)", "1:36", "unexpected end of input"),
        ("\n permit(principal, action);", "2:26", "missing the `resource`"),
        ("permit(principal, action, resource) when { context.nope };", "1:44", "attribute `nope`"),
        ("permit(principal, action, resource) when { context.tool == \"x\" };", "1:44", "attribute `tool`"),
        ("permit(principal is User, action, resource);", "1:21", "unrecognized entity type `User`"),
        ("permit(principal, action == Action::\"nope\", resource);", "1:29", "unrecognized action"),
        ("permit(principal, action == Action::\"tool_call\", resource);", "1:1", "unable to find an applicable action"),
        (
            "permit(principal, action, resource);\nforbid(principal == Team::\"x\", action, resource);",
            "2:1",
            "unable to find",
        ),
        ("permit(principal, action, resource) when { 1 == \"x\" };", "1:1", "impossible"),
        ("permit(principal, action, resource) when { context.tokens_reserved > \"x\" };", "1:70", "expected"),
        ("permit(principal, action, resource) when { false };", "1:1", "impossible"),
        ("permit(principal, action, resource) when { context.run == \"s\u{443}n\" };", "1:59", "mixed scripts"),
        ("permit(principal == ?principal, action, resource);", "1:1", "a template has a slot"),
        (
            "@id(\"a\")permit(principal, action, resource);\n@id(\"a\")forbid(principal, action, resource);",
            "2:1",
            "is taken",
        ),
        ("@id(\"\")permit(principal, action, resource);", "1:1", "@id is a name of"),
        ("@id(\"a\\nb\")permit(principal, action, resource);", "1:1", "@id is a name of"),
        ("forbid(principal, action == Action::\"unlisted_tool\", resource == Tool::\"pay\");", "1:1", "never matches"),
        ("forbid(principal, action == Action::\"tool_call:mail\", resource == Tool::\"pay\");", "1:1", "never matches"),
        ("forbid(principal, action, resource == Tool::\"cafe\u{301}\");", "1:1", "NFC"),
        ("forbid(principal == Agent::\"cafe\u{301}\", action, resource);", "1:1", "NFC"),
        ("permit(principal, action, resource) unless { principal in Team::\"cafe\u{301}\" };", "1:1", "NFC"),
        ("permit(principal, action, resource) when { ip(context.run).isLoopback() };", "1:44", "extension"),
    ] {
        let message = refused(text);
        assert!(message.starts_with(&format!("p.cedar:{place}: ")), "{text}\n{message}");
        assert!(message.contains(words), "{text}\n{message}");
        assert_eq!(message.lines().count(), 1, "{text}\n{message}");
    }
}

#[test]
fn mistakes_of_all_files_come_in_the_order_of_the_files() {
    let bad = |file| Source { file, text: "permit(principal is User, action, resource);" };
    let errors = CedarPolicies::load(&[bad("b.cedar"), bad("a.cedar")], &[], Limits::default()).unwrap_err();
    assert_eq!(errors.iter().map(|error| error.file.as_str()).collect::<Vec<_>>(), ["b.cedar", "a.cedar"]);
}

#[test]
fn what_is_larger_than_the_limits_is_refused() {
    let text = "permit(principal, action, resource);".repeat(3);
    let source = [Source { file: "p.cedar", text: &text }];
    let schema = value("{}");
    let tools: Vec<Tool<'_>> = ["a", "b", "c"].map(|name| Tool { name, schema: &schema, hash: REVIEWED }).into();
    let full = Limits { bytes: 108, policies: 3, tools: 3, checks: 27 };
    assert!(CedarPolicies::load(&source, &tools, full).is_ok());
    for (limits, words) in [
        (Limits { bytes: 107, ..full }, "108 bytes of policies, at most 107 are read"),
        (Limits { policies: 2, ..full }, "3 policies, at most 2 are read"),
        (Limits { tools: 2, ..full }, "3 tools, at most 2 are read"),
        (Limits { checks: 26, ..full }, "times tools is 27, at most 26 are validated"),
    ] {
        let message = shown(&CedarPolicies::load(&source, &tools, limits).unwrap_err());
        assert!(message.contains(words), "{message}");
    }
    let twice = [tools[0].clone(), tools[0].clone()];
    assert!(shown(&CedarPolicies::load(&source, &twice, full).unwrap_err()).contains("has \"a\" twice"));
}

#[test]
fn a_decision_on_a_small_stack_is_the_same() {
    let policies = loaded(
        "permit(principal, action, resource) when { context.tokens_reserved == 100 && context.run like \"r*\" };",
    );
    let verdict = std::thread::scope(|scope| {
        let decide = || pay(&policies, 1).verdict;
        std::thread::Builder::new().stack_size(64 << 10).spawn_scoped(scope, decide).unwrap().join().unwrap()
    });
    assert_eq!(verdict, Verdict::Allow);
}

#[test]
fn the_hash_is_of_texts_and_tools_and_not_of_names() {
    let text = "permit(principal, action, resource);";
    let hash = |sources: &[(&str, &str)], schema: &str| {
        let schema = value(schema);
        let tools = [Tool { name: "t", schema: &schema, hash: REVIEWED }];
        let sources: Vec<_> = sources.iter().map(|&(file, text)| Source { file, text }).collect();
        CedarPolicies::load(&sources, &tools, Limits::default()).unwrap().hash().unwrap()
    };
    let first = hash(&[("a", text)], "{}");
    assert_eq!(hash(&[("b", text)], "{}"), first);
    assert_ne!(hash(&[("a", &format!("{text} "))], "{}"), first);
    assert_ne!(hash(&[("a", text)], r#"{"properties":{"x":{"type":"string"}}}"#), first);
    assert_ne!(hash(&[("a", text), ("b", "")], "{}"), first);
}

#[test]
fn texts_nested_as_deep_as_they_can_be_are_read_or_refused() {
    let deep = |open: &str, middle: &str, close: &str, n: usize| {
        format!("permit(principal, action, resource) when {{ {}{middle}{} }};", open.repeat(n), close.repeat(n))
    };
    for n in [100, 450, 900, 1990, 400_000] {
        for text in [
            deep("(", "true", ")", n),
            deep("!", "true", "", n),
            deep("[", "1", "]", n),
            deep("{a:", "1", "}", n),
            deep("", "1 == 1", " && 1 == 1", n),
            deep("", "context", ".a", n),
            deep("if true then ", "true", " else true", n),
            deep("", "1", " + 1", n),
            "@a(\"\")".repeat(n),
        ] {
            if let Ok(policies) = load(&text) {
                pay(&policies, 1);
            }
        }
    }
}
