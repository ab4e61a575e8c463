//! What holds for every policy and every action.

#![allow(clippy::unwrap_used)]

mod common;

use common::yaml;
use proptest::prelude::*;
use talos_contracts::json::Value;
use talos_contracts::{ActionKind, Amount, Verdict};
use talos_policy::{CompiledPolicy, Finding, Format, MAX_REASONS, PolicyFacts, RunState};

const TOOLS: &[&str] = &["read", "write", "pay", "café", "*"];
const RESOURCES: &[&str] = &["file:///**", "file:///a/*", "file:///a/b"];
const PATTERNS: &[&str] = &[
    "{kind: substring, pattern: drop}",
    "{kind: substring, pattern: Straße}",
    "{kind: substring, pattern: KEY, case_sensitive: true}",
    "{kind: regex, pattern: 'a+b'}",
    "{kind: regex, pattern: '^x', case_sensitive: false}",
    "{kind: glob, pattern: '**/b'}",
    "{id: named, kind: glob, pattern: 'k?y'}",
];
const TEXTS: &[&str] =
    &["", "DROP", "ｄｒｏｐ", "strasse", "KEY", "key", "aab", "X", "a/b", "b", "drop\u{301}", "other"];

#[derive(Clone, Debug)]
struct Rules {
    tools: Vec<&'static str>,
    resources: Vec<&'static str>,
    patterns: Vec<&'static str>,
    max_calls: Option<u64>,
    max_tokens: Option<u64>,
    per_call: Option<u64>,
    per_run: Option<u64>,
}

impl Rules {
    fn text(&self) -> String {
        let mut text = String::from("id: property\n");
        let quoted = |items: &[&str]| items.iter().map(|item| format!("{item:?}")).collect::<Vec<_>>().join(", ");
        text += &format!("allowed_tools: [{}]\n", quoted(&self.tools));
        text += &format!("allowed_resources: [{}]\n", quoted(&self.resources));
        text += &format!("blocked_patterns: [{}]\n", self.patterns.join(", "));
        let limits = [("max_tool_calls_per_request", self.max_calls), ("max_tokens_per_request", self.max_tokens)];
        for (name, limit) in limits {
            text += &limit.map_or(String::new(), |limit| format!("{name}: {limit}\n"));
        }
        if self.per_call.is_some() || self.per_run.is_some() {
            text += "max_amount:\n  currency: EUR\n";
        }
        for (name, limit) in [("per_call_micro", self.per_call), ("per_run_micro", self.per_run)] {
            text += &limit.map_or(String::new(), |limit| format!("  {name}: {limit}\n"));
        }
        text
    }

    fn compile(&self) -> CompiledPolicy {
        yaml(&self.text())
    }
}

#[derive(Clone, Debug)]
struct Request {
    kind: ActionKind,
    target: &'static str,
    args: Value,
    tokens: Option<u64>,
    amount: Option<Amount>,
    state: RunState,
}

impl Request {
    fn decide(&self, policy: &CompiledPolicy) -> Finding {
        policy.decide(&PolicyFacts {
            tokens: self.tokens,
            amount: self.amount.as_ref(),
            state: self.state,
            ..PolicyFacts::new(self.kind, self.target, &self.args)
        })
    }
}

fn some_of(items: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    prop::sample::subsequence(items, 0..=items.len()).prop_shuffle()
}

fn rules() -> impl Strategy<Value = Rules> {
    let limit = || prop::option::of(0u64..6);
    (some_of(TOOLS), some_of(RESOURCES), some_of(PATTERNS), limit(), limit(), limit(), limit()).prop_map(
        |(tools, resources, patterns, max_calls, max_tokens, per_call, per_run)| Rules {
            tools,
            resources,
            patterns,
            max_calls,
            max_tokens,
            per_call,
            per_run,
        },
    )
}

fn args() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        prop::sample::select(TEXTS).prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        (0i64..9).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map(prop::sample::select(TEXTS), inner, 0..3).prop_map(Value::object),
        ]
    })
}

fn request() -> impl Strategy<Value = Request> {
    let kind = prop::sample::select(ActionKind::ALL);
    let target = prop::sample::select(&["read", "pay", "cafe\u{301}", "other", "file:///a/b", "file:///a/../b"][..]);
    let amount = prop::option::of((0u64..6, prop::sample::select(&["EUR", "USD"][..])));
    let state = (0u64..4, 0u64..4, 0u64..4, 0u64..4).prop_map(|(admitted, in_flight, tokens_reserved, spent_micro)| {
        RunState { admitted, in_flight, tokens_reserved, spent_micro }
    });
    (kind, target, args(), prop::option::of(0u64..6), amount, state).prop_map(
        |(kind, target, args, tokens, amount, state)| Request {
            kind,
            target,
            args,
            tokens,
            amount: amount.map(|(micro, currency)| Amount { micro, currency: currency.to_owned() }),
            state,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn the_order_of_the_rules_does_not_matter(rules in rules(), request in request(), seed in any::<prop::sample::Index>()) {
        let mut other = rules.clone();
        for list in [&mut other.tools, &mut other.resources, &mut other.patterns] {
            list.reverse();
            if !list.is_empty() {
                let by = seed.index(list.len());
                list.rotate_left(by);
            }
        }
        prop_assert_eq!(request.decide(&rules.compile()), request.decide(&other.compile()));
    }

    #[test]
    fn another_pattern_never_allows_more(rules in rules(), request in request(), extra in prop::sample::select(PATTERNS)) {
        let mut stricter = rules.clone();
        if !stricter.patterns.contains(&extra) {
            stricter.patterns.push(extra);
        }
        let (before, after) = (request.decide(&rules.compile()), request.decide(&stricter.compile()));
        prop_assert!(after.verdict >= before.verdict);
    }

    #[test]
    fn another_tool_or_resource_never_denies_more(rules in rules(), request in request()) {
        let mut wider = rules.clone();
        wider.tools = vec!["*"];
        wider.resources = RESOURCES.to_vec();
        let (before, after) = (request.decide(&rules.compile()), request.decide(&wider.compile()));
        prop_assert!(after.verdict <= before.verdict);
    }

    #[test]
    fn lower_limits_never_allow_more(rules in rules(), request in request()) {
        let mut stricter = rules.clone();
        let limits = [&mut stricter.max_calls, &mut stricter.max_tokens, &mut stricter.per_call, &mut stricter.per_run];
        for limit in limits {
            *limit = Some(limit.map_or(5, |limit| limit.saturating_sub(1)));
        }
        let (before, after) = (request.decide(&rules.compile()), request.decide(&stricter.compile()));
        prop_assert!(after.verdict >= before.verdict);
    }

    #[test]
    fn a_run_that_has_used_more_is_never_allowed_more(rules in rules(), request in request(), more in 1u64..4) {
        let mut later = request.clone();
        later.state.admitted += more;
        later.state.tokens_reserved += more;
        later.state.spent_micro += more;
        let policy = rules.compile();
        prop_assert!(later.decide(&policy).verdict >= request.decide(&policy).verdict);
    }

    #[test]
    fn reasons_are_sorted_bounded_and_there_when_the_verdict_is_no_allow(rules in rules(), request in request()) {
        let finding = request.decide(&rules.compile());
        prop_assert_eq!(finding.verdict == Verdict::Allow, finding.reasons.is_empty());
        prop_assert!(finding.reasons.len() <= MAX_REASONS);
        prop_assert!(finding.reasons.is_sorted_by_key(|reason| (reason.stage, reason.code.as_str())));
        prop_assert!(finding.reasons.iter().all(|reason| reason.message.len() <= 1024));
    }

    #[test]
    fn a_policy_survives_its_canonical_form(rules in rules(), request in request()) {
        let policy = rules.compile();
        let bytes = policy.canonical_bytes();
        let again = CompiledPolicy::load(&bytes, Format::Json, "policy.json").unwrap();
        prop_assert_eq!(again.canonical_bytes(), bytes);
        prop_assert_eq!(request.decide(&again), request.decide(&policy));
    }

    #[test]
    fn any_text_loads_or_is_refused(text in "[-a-z0-9:,{}\\[\\]\"'#&*!|>%@`?=. \n\t\u{e9}\u{1f600}]{0,80}") {
        for format in [Format::Yaml, Format::Toml, Format::Json] {
            if let Err(errors) = CompiledPolicy::load(text.as_bytes(), format, "policy") {
                prop_assert!(!errors.is_empty());
                let lines = text.split('\n').count() as u32;
                prop_assert!(errors.iter().all(|error| (1..=lines).contains(&error.line) && error.column >= 1));
            }
        }
    }

    #[test]
    fn any_bytes_load_or_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        for format in [Format::Yaml, Format::Toml, Format::Json] {
            prop_assert!(CompiledPolicy::load(&bytes, format, "policy").is_err());
        }
    }
}
