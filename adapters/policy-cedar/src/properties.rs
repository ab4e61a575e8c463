//! What holds for random policies and requests: the index changes nothing, requests are of the schema, and the
//! projection of a policy of Talos decides as the policy does.

use crate::decide::evaluate;
use crate::tests::{REVIEWED, facts, value};
use crate::{CedarPolicies, Limits, Source, Tool, project, request};
use cedar_policy::{PolicyId, PolicySet, Request, Schema};
use proptest::prelude::*;
use std::str::FromStr;
use talos_contracts::json::Value;
use talos_contracts::scalar::{B64, Hash};
use talos_contracts::{ActionKind, Amount, Effect};
use talos_kernel::{Action, Counters, Facts, Finding, Stage};
use talos_policy::{CompiledPolicy, Format, PolicyFacts, RunState, Subject};

const SCHEMA: &str = r#"{"properties":{"n":{"type":"integer"},"s":{"type":"string"}},"required":["n"]}"#;
const TOOLS: [&str; 2] = ["pay", "café"];
const OTHER: Hash = B64([8; 32]);

fn load(text: &str) -> CedarPolicies {
    let schema = value(SCHEMA);
    let tools = TOOLS.map(|name| Tool { name, schema: &schema, hash: REVIEWED });
    let source = [Source { file: "p.cedar", text }];
    CedarPolicies::load(&source, &tools, Limits::default()).unwrap_or_else(|errors| panic!("{text}\n{errors:?}"))
}

/// An action with the run that it is in.
#[derive(Clone, Debug)]
struct Wish {
    kind: ActionKind,
    target: &'static str,
    args: Value,
    effect: Option<Effect>,
    tool_hash: Option<Hash>,
    tokens: Option<u64>,
    amount: Option<Amount>,
    counters: Counters,
    subject: Subject,
    stated: Stated,
}

/// What the host states of the principal: who it is, consent, identity.
type Stated = (Option<&'static str>, Option<bool>, Option<bool>);

impl Wish {
    fn action(&self) -> Action<'_> {
        let (principal, consent, kyc) = self.stated;
        Action {
            principal,
            consent,
            kyc,
            kind: self.kind,
            effect: self.effect,
            tool_hash: self.tool_hash,
            tokens: self.tokens,
            amount: self.amount.as_ref(),
            ..Action::tool_call("c", self.target, &self.args)
        }
    }
}

fn wish() -> impl Strategy<Value = Wish> {
    let kind = prop_oneof![
        6 => Just(ActionKind::ToolCall),
        1 => Just(ActionKind::ResourceRead),
        1 => Just(ActionKind::PromptGet),
        1 => Just(ActionKind::Http),
    ];
    let target = prop::sample::select(vec!["pay", "café", "cafe\u{301}", "other"]);
    let args = (0..4i64, prop::option::of(prop::sample::select(vec!["", "ab", "drop it"])));
    let args = args
        .prop_map(|(n, s)| Value::object([("n", Value::from(n))].into_iter().chain(s.map(|s| ("s", Value::from(s))))));
    let effect =
        prop::option::of(prop::sample::select(vec![Effect::Read, Effect::Write, Effect::Spend, Effect::Irreversible]));
    let hash = prop::option::of(prop::sample::select(vec![REVIEWED, OTHER]));
    let amount = prop::option::of((0..5u64, prop::sample::select(vec!["EUR", "USD"])))
        .prop_map(|amount| amount.map(|(micro, currency)| Amount { micro, currency: currency.to_owned() }));
    let counters = (0..3u64, 0..3u64, 0..6u64, 0..6u64)
        .prop_map(|(admitted, in_flight, tokens, spent_micro)| Counters { admitted, in_flight, tokens, spent_micro });
    let some = |names: &'static [&'static str]| prop::option::of(prop::sample::select(names).prop_map(str::to_owned));
    let subject = (some(&["acme", "zeta"]), some(&["sales", "ops"]), some(&["ada", "bob"])).prop_map(
        |(organisation, team, agent)| Subject {
            organisation,
            team,
            agent,
            actor: "did:key:z6Mk".into(),
            run: "01890a5d-ac96-774b-bcce-b302099a8057".into(),
        },
    );
    let principal = prop::option::of(prop::sample::select(vec!["eve", "zo\u{eb}", "zoe\u{308}"]));
    let stated = (principal, any::<Option<bool>>(), any::<Option<bool>>());
    (kind, target, args, effect, hash, prop::option::of(0..4u64), amount, counters, (subject, stated)).prop_map(
        |(kind, target, args, effect, tool_hash, tokens, amount, counters, (subject, stated))| Wish {
            kind,
            target,
            args,
            effect,
            tool_hash,
            tokens,
            amount,
            counters,
            subject,
            stated,
        },
    )
}

/// A policy that may fail, about anything.
fn cedar() -> impl Strategy<Value = String> {
    let one = |of: &'static [&'static str]| prop::sample::select(of);
    let scopes = prop_oneof![
        (
            one(&[
                "action",
                "action in Action::\"tool_call\"",
                "action == Action::\"tool_call:pay\"",
                "action in [Action::\"tool_call:pay\", Action::\"tool_call:caf\\u{e9}\"]",
                "action in [Action::\"tool_call\", Action::\"tool_call:pay\", Action::\"prompt_get\"]",
                "action == Action::\"unlisted_tool\"",
            ]),
            one(&["resource", "resource is Tool", "resource == Tool::\"unknown\"", "resource in Tool::\"other\""]),
        ),
        (
            one(&["action", "action == Action::\"resource_read\""]),
            one(&["resource is Resource", "resource == Resource::\"pay\""]),
        ),
        (
            one(&["action", "action in Action::\"tool_call\"", "action == Action::\"tool_call:pay\""]),
            Just("resource == Tool::\"pay\"")
        ),
    ];
    let principal = one(&[
        "principal",
        "principal is Agent",
        "principal == Agent::\"ada\"",
        "principal == Agent::\"did:key:z6Mk\"",
        "principal in Team::\"sales\"",
        "principal is Agent in Organisation::\"acme\"",
    ]);
    let condition = one(&[
        "",
        "when { context.calls_admitted > 0 }",
        "when { context.effect == \"spend\" }",
        "when { context has amount_micro && context.amount_micro > 2 }",
        "when { context.tokens_requested + 9223372036854775806 > 0 }",
        "unless { context has principal || context.tokens_requested * 4611686018427387904 > 0 }",
    ]);
    (one(&["permit", "permit", "forbid"]), principal, scopes, condition)
        .prop_filter("a scope that cannot match is refused", |(_, _, (action, resource), _)| {
            !(action.contains("unlisted") && resource.contains("pay"))
                && !(action.contains("tool_call:") && (resource.contains("other") || resource.contains("unknown")))
        })
        .prop_map(|(effect, principal, (action, resource), condition)| {
            format!("{effect}({principal}, {action}, {resource}) {condition};\n")
        })
}

fn ask<T>(wish: &Wish, earlier: &Finding, then: impl FnOnce(&Facts<'_>) -> T) -> T {
    let action = wish.action();
    then(&Facts { counters: wish.counters, ..facts(&action, &wish.subject, earlier) })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn neither_the_index_nor_what_is_left_out_of_the_context_changes_anything(policies in prop::collection::vec(cedar(), 0..12), wishes in prop::collection::vec(wish(), 1..8)) {
        let policies: String = policies.concat();
        let (loaded, mut whole) = (load(&policies), load(&policies));
        whole.read.add(&"permit(principal, action, resource) when { context == context };".parse().unwrap());
        let mut all = PolicySet::new();
        for policy in PolicySet::from_str(&policies).unwrap().policies() {
            let number = policy.id().to_string();
            all.add(policy.new_id(PolicyId::new(number.trim_start_matches("policy")))).unwrap();
        }
        for wish in wishes {
            ask(&wish, &Finding::allow(), |facts| {
                let asked = request::ask(&loaded, facts).unwrap();
                let indexed = evaluate(loaded.index.find(&loaded.catalogue, &asked), &asked);
                let plain = evaluate(std::iter::once(&all), &request::ask(&whole, facts).unwrap());
                prop_assert_eq!(&indexed.errors, &plain.errors);
                prop_assert_eq!(&indexed.forbids, &plain.forbids);
                // Without an index, permits are not told where a forbid wins.
                if plain.forbids.is_empty() {
                    prop_assert_eq!(&indexed.permits, &plain.permits);
                }
                Ok(())
            })?;
        }
    }

    #[test]
    fn every_request_is_of_the_schema(wish in wish()) {
        // All of the context is made where it is read as a whole.
        let loaded = load("permit(principal, action, resource) when { context == context };");
        let schema = Schema::from_json_str(&loaded.schema()).unwrap();
        ask(&wish, &Finding::allow(), |facts| {
            let asked = request::ask(&loaded, facts).unwrap();
            let [principal, action, resource] = [asked.request.principal(), asked.request.action(), asked.request.resource()].map(|part| part.unwrap().clone());
            let context = asked.request.context().unwrap().clone();
            let checked = Request::new(principal, action, resource, context, Some(&schema));
            prop_assert!(checked.is_ok(), "{checked:?}");
            Ok(())
        })?;
    }

    #[test]
    fn the_projection_of_a_policy_decides_as_the_policy_does(policy in native(), wishes in prop::collection::vec(wish(), 1..8)) {
        let native = CompiledPolicy::load(policy.as_bytes(), Format::Yaml, "policy.yaml").unwrap_or_else(|errors| panic!("{policy}\n{errors:?}"));
        let projected = load(&project(native.policy()));
        for wish in wishes.iter().filter(|wish| wish.kind != ActionKind::ResourceRead) {
            let (principal, consent, kyc) = wish.stated;
            let found = native.decide(&PolicyFacts {
                subject: &wish.subject,
                principal,
                consent,
                kyc,
                effect: wish.effect,
                tool_hash: wish.tool_hash,
                tokens: wish.tokens,
                amount: wish.amount.as_ref(),
                state: RunState {
                    admitted: wish.counters.admitted,
                    in_flight: wish.counters.in_flight,
                    tokens_reserved: wish.counters.tokens,
                    spent_micro: wish.counters.spent_micro,
                },
                ..PolicyFacts::new(wish.kind, wish.target, &wish.args)
            });
            let earlier = Finding { verdict: found.verdict, reasons: found.reasons.clone(), effect: Some(found.effect), amount: found.amount.clone(), ..Finding::allow() };
            let verdict = ask(wish, &earlier, |facts| projected.check(facts)).verdict;
            prop_assert_eq!(verdict, found.verdict, "{}\n{:?}\n{:?}\n{}", policy, wish, found.reasons, project(native.policy()));
        }
    }
}

/// A policy of Talos, of all that is projected.
fn native() -> impl Strategy<Value = String> {
    let limit = || {
        (prop::option::of(0..5u64), prop::option::of(0..8u64), prop::sample::select(vec!["EUR"])).prop_map(
            |(call, run, currency)| {
                let call = call.or(run.is_none().then_some(3)).map(|most| format!(", per_call_micro: {most}"));
                let run = run.map(|most| format!(", per_run_micro: {most}"));
                format!("{{currency: {currency}{}{}}}", call.unwrap_or_default(), run.unwrap_or_default())
            },
        )
    };
    let rule = (
        prop::option::of(prop::sample::select(vec!["read", "write", "spend", "irreversible"])),
        prop::option::of(prop::sample::select(vec![REVIEWED, OTHER])),
        prop::option::of(limit()),
        prop::option::of(only_for()),
        preflight(),
    );
    let tool = |name: &'static str| {
        rule.clone().prop_map(move |(effect, pin, max, only_for, preflight)| {
            let effect = effect.map(|effect| format!(", effect: {effect}")).unwrap_or_default();
            let pin =
                pin.filter(|_| name != "*").map(|pin| format!(", tool_hash: {}", pin.to_b64())).unwrap_or_default();
            let max = max.map(|max| format!(", max_amount: {max}")).unwrap_or_default();
            let only_for = only_for.map(|only_for| format!(", only_for: {only_for}")).unwrap_or_default();
            let preflight: String = preflight.iter().map(|key| format!(", {key}: true")).collect();
            (only_for.clone(), format!("  - {{name: \"{name}\"{effect}{pin}{max}{only_for}{preflight}}}\n"))
        })
    };
    // Two rules of a tool are for different people.
    let rules = |name| {
        prop::collection::vec(tool(name), 0..3).prop_map(|mut rules| {
            rules.dedup_by(|a, b| a.0 == b.0);
            rules.into_iter().map(|(_, rule)| rule).collect::<String>()
        })
    };
    let tools = (rules("pay"), rules("cafe\u{301}"), rules("*")).prop_map(|(a, b, c)| a + &b + &c);
    let prompts = prop::sample::subsequence(vec!["\"pay\"", "\"cafe\u{301}\"", "\"*\""], 0..3);
    let patterns =
        prop::sample::subsequence(vec!["{kind: substring, pattern: drop}", "{kind: regex, pattern: 'a.?b'}"], 0..2);
    let counts = (prop::option::of(0..4u64), prop::option::of(0..8u64));
    (tools, prompts, patterns, counts, prop::option::of(limit()), preflight()).prop_map(
        |(tools, prompts, patterns, (calls, tokens), max, preflight)| {
            let mut text = "id: random\n".to_owned();
            if !tools.is_empty() {
                text += &format!("allowed_tools:\n{tools}");
            }
            text +=
                &format!("allowed_prompts: [{}]\nblocked_patterns: [{}]\n", prompts.join(", "), patterns.join(", "));
            for (key, value) in [
                ("max_tool_calls_per_request", calls.map(|max| max.to_string())),
                ("max_tokens_per_request", tokens.map(|max| max.to_string())),
                ("max_amount", max),
            ] {
                text += &value.map(|value| format!("{key}: {value}\n")).unwrap_or_default();
            }
            text.extend(preflight.iter().map(|key| format!("{key}: true\n")));
            text
        },
    )
}

fn preflight() -> impl Strategy<Value = Vec<&'static str>> + Clone {
    prop::sample::subsequence(vec!["consent_required", "kyc_required"], 0..=2)
}

/// Some members, each with some names: never none of either.
fn only_for() -> impl Strategy<Value = String> + Clone {
    let member = |key: &'static str, names: &'static [&'static str]| {
        prop::sample::subsequence(names, 1..=names.len())
            .prop_map(move |names| format!("{key}: [\"{}\"]", names.join("\", \"")))
    };
    let members = (
        member("organisations", &["acme", "other"]),
        member("teams", &["sales", "other"]),
        member("agents", &["ada", "bob", "did:key:z6Mk", "did:key:z6Mx"]),
        member("principals", &["eve", "zoe\u{308}"]),
        member("runs", &["01890a5d-ac96-774b-bcce-b302099a8057", "01890a5d-ac96-774b-bcce-b302099a8058"]),
    );
    (members, prop::sample::subsequence(vec![0, 1, 2, 3, 4], 1..=2)).prop_map(|((a, b, c, d, e), taken)| {
        let all = [a, b, c, d, e];
        format!("{{{}}}", taken.into_iter().map(|at| all[at].clone()).collect::<Vec<_>>().join(", "))
    })
}
