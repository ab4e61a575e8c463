//! What holds for every policy with scopes, preflight, rates and approvals, and for how policies are compared and laid out.

#![allow(clippy::unwrap_used)]

mod common;

use common::yaml;
use proptest::prelude::*;
use talos_contracts::json::Value;
use talos_contracts::{ActionKind, Amount, PolicyDirection, Verdict};
use talos_policy::{CompiledPolicy, Finding, Format, PolicyFacts, Subject, format};

const TOOLS: &[&str] = &[
    "{name: pay, effect: spend}",
    "{name: pay, effect: write, only_for: {teams: [a]}}",
    "{name: pay, effect: spend, only_for: {teams: [a, b], principals: [ann]}, max_amount: {currency: EUR, per_call_micro: 3}}",
    "{name: pay, only_for: {agents: [bot]}, consent_required: true}",
    "{name: read, effect: read}",
    "{name: read, effect: read, only_for: {organisations: [acme]}, kyc_required: true}",
    "{name: '*', effect: external, only_for: {runs: [018f2f7a-0000-7000-8000-000000000001]}}",
];
const PATTERNS: &[&str] = &[
    "{id: p1, kind: substring, pattern: x, only_for: {teams: [a]}}",
    "{id: p2, kind: substring, pattern: y}",
    "{id: p3, kind: substring, pattern: x, only_for: {agents: [bot], principals: [ann]}}",
];
const RATES: &[&str] = &[
    "{id: r1, calls: 1, per_seconds: 2}",
    "{id: r2, calls: 3, per_seconds: 2, only_for: {teams: [b]}, by: team}",
    "{id: r3, calls: 2, per_seconds: 9, effects: [spend], by: principal}",
];
const APPROVALS: &[&str] = &[
    "{id: a1, effects: [spend, irreversible]}",
    "{id: a2, above: {micro: 2, currency: EUR}, only_for: {teams: [a]}, approvers: [eve]}",
    "{id: a3, only_for: {principals: [bob]}, quorum: 2}",
];
const GENERAL: &[&str] = &[
    "consent_required: true",
    "kyc_required: true",
    "max_amount: {currency: EUR, per_call_micro: 4}",
    "mode: observe",
    "max_tool_calls_per_request: 0",
];

#[derive(Clone, Debug)]
struct Rules {
    tools: Vec<&'static str>,
    patterns: Vec<&'static str>,
    rates: Vec<&'static str>,
    approvals: Vec<&'static str>,
    general: Vec<&'static str>,
}

impl Rules {
    fn text(&self) -> String {
        let list = |name: &str, items: &[&str]| format!("{name}: [{}]\n", items.join(", "));
        let general: String = self.general.iter().map(|line| format!("{line}\n")).collect();
        let lists = [
            list("allowed_tools", &self.tools),
            list("blocked_patterns", &self.patterns),
            list("rates", &self.rates),
            list("approvals", &self.approvals),
        ];
        format!("id: property\napprovers: [{{name: eve}}, {{name: joe}}]\n{}{general}", lists.concat())
    }

    fn compile(&self) -> CompiledPolicy {
        yaml(&self.text())
    }
}

#[derive(Clone, Debug)]
struct Request {
    target: &'static str,
    text: &'static str,
    subject: Subject,
    principal: Option<&'static str>,
    consent: Option<bool>,
    kyc: Option<bool>,
    micro: Option<u64>,
}

impl Request {
    fn decide(&self, policy: &CompiledPolicy) -> Finding {
        let args = Value::object([("text", Value::from(self.text))]);
        let amount = self.micro.map(|micro| Amount { micro, currency: "EUR".to_owned() });
        policy.decide(&PolicyFacts {
            subject: &self.subject,
            principal: self.principal,
            consent: self.consent,
            kyc: self.kyc,
            amount: amount.as_ref(),
            ..PolicyFacts::new(ActionKind::ToolCall, self.target, &args)
        })
    }
}

fn some_of(items: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    prop::sample::subsequence(items, 0..=items.len()).prop_shuffle()
}

fn rules() -> impl Strategy<Value = Rules> {
    (some_of(TOOLS), some_of(PATTERNS), some_of(RATES), some_of(APPROVALS), some_of(GENERAL))
        .prop_map(|(tools, patterns, rates, approvals, general)| Rules { tools, patterns, rates, approvals, general })
}

fn request() -> impl Strategy<Value = Request> {
    let name = |names: &'static [&'static str]| prop::option::of(prop::sample::select(names));
    let subject = (name(&["acme", "x"]), name(&["a", "b", "c"]), name(&["bot", "x"]), any::<bool>()).prop_map(
        |(organisation, team, agent, has_run)| Subject {
            organisation: organisation.map(str::to_owned),
            team: team.map(str::to_owned),
            agent: agent.map(str::to_owned),
            actor: String::new(),
            run: if has_run { "018f2f7a-0000-7000-8000-000000000001".to_owned() } else { String::new() },
        },
    );
    let facts = (prop::option::of(any::<bool>()), prop::option::of(any::<bool>()), prop::option::of(0u64..6));
    let target = prop::sample::select(&["pay", "read", "other"][..]);
    let text = prop::sample::select(&["x", "y", "z"][..]);
    (target, text, subject, name(&["ann", "bob", "eve"]), facts).prop_map(
        |(target, text, subject, principal, (consent, kyc, micro))| Request {
            target,
            text,
            subject,
            principal,
            consent,
            kyc,
            micro,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn the_order_of_the_rules_does_not_matter(rules in rules(), request in request(), seed in any::<prop::sample::Index>()) {
        let mut other = rules.clone();
        for list in [&mut other.tools, &mut other.patterns, &mut other.rates, &mut other.approvals, &mut other.general] {
            list.reverse();
            if !list.is_empty() {
                let by = seed.index(list.len());
                list.rotate_left(by);
            }
        }
        prop_assert_eq!(request.decide(&rules.compile()), request.decide(&other.compile()));
    }

    #[test]
    fn to_know_less_of_somebody_never_allows_more(rules in rules(), request in request(), what in 0u8..7) {
        let mut unknown = request.clone();
        match what {
            0 => unknown.subject.organisation = None,
            1 => unknown.subject.team = None,
            2 => unknown.subject.agent = None,
            3 => unknown.subject.run = String::new(),
            4 => unknown.principal = None,
            5 => unknown.consent = None,
            _ => unknown.kyc = None,
        }
        let policy = rules.compile();
        let (known, unknown) = (request.decide(&policy), unknown.decide(&policy));
        prop_assert!(unknown.verdict >= known.verdict);
        if unknown.verdict == known.verdict {
            let ids = |finding: &Finding| finding.asks.iter().map(|ask| ask.id.clone()).collect::<Vec<_>>();
            prop_assert!(ids(&known).iter().all(|id| ids(&unknown).contains(id)));
            let rates = |finding: &Finding| finding.rates.iter().map(|rate| rate.rule.clone()).collect::<Vec<_>>();
            prop_assert!(rates(&known).iter().all(|rule| rates(&unknown).contains(rule)));
        }
    }

    #[test]
    fn another_restriction_never_allows_more(rules in rules(), request in request(), which in 0u8..4, index in any::<prop::sample::Index>()) {
        let mut stricter = rules.clone();
        let (list, all) = match which {
            0 => (&mut stricter.patterns, PATTERNS),
            1 => (&mut stricter.rates, RATES),
            2 => (&mut stricter.approvals, APPROVALS),
            _ => (&mut stricter.general, GENERAL),
        };
        let extra = all[index.index(all.len())];
        if !list.contains(&extra) {
            list.push(extra);
        }
        let (before, after) = (request.decide(&rules.compile()), request.decide(&stricter.compile()));
        prop_assert!(after.verdict >= before.verdict);
    }

    #[test]
    fn asks_and_rates_are_there_only_where_nothing_denies(rules in rules(), request in request()) {
        let finding = request.decide(&rules.compile());
        prop_assert_eq!(finding.verdict == Verdict::NeedsApproval, !finding.asks.is_empty());
        prop_assert_eq!(finding.asks_expire_ms.is_some(), !finding.asks.is_empty());
        prop_assert!(finding.verdict != Verdict::Deny || finding.rates.is_empty());
        prop_assert!(finding.rates.is_sorted_by_key(|rate| rate.rule.clone()));
        prop_assert!(finding.asks.iter().all(|ask| ask.quorum as usize <= ask.approvers.len()));
    }

    #[test]
    fn a_layout_says_the_same_and_is_its_own(rules in rules()) {
        let policy = rules.compile();
        let bytes = policy.canonical_bytes();
        let laid_out = format(rules.text().as_bytes(), Format::Yaml, "p").unwrap();
        prop_assert_eq!(&yaml(&laid_out).canonical_bytes(), &bytes);
        prop_assert_eq!(&format(laid_out.as_bytes(), Format::Yaml, "p").unwrap(), &laid_out);
        let as_json = format(&bytes, Format::Json, "p").unwrap();
        prop_assert_eq!(&CompiledPolicy::load(as_json.as_bytes(), Format::Json, "p").unwrap().canonical_bytes(), &bytes);
        prop_assert_eq!(&format(as_json.as_bytes(), Format::Json, "p").unwrap(), &as_json);
    }

    #[test]
    fn what_is_called_narrower_never_allows_more(before in rules(), after in rules(), request in request()) {
        let (before, after) = (before.compile(), after.compile());
        let changes = before.changes_to(&after);
        prop_assert_eq!(changes.is_empty(), before.canonical_bytes() == after.canonical_bytes() || same_but_for_order(&before, &after));
        let only = |direction| changes.iter().all(|change| change.direction == direction || change.direction == PolicyDirection::Neutral);
        let (was, is) = (request.decide(&before).verdict, request.decide(&after).verdict);
        if only(PolicyDirection::Narrower) {
            prop_assert!(is >= was, "{changes:?}");
        }
        if only(PolicyDirection::Wider) && before.policy().mode == after.policy().mode {
            prop_assert!(is <= was, "{changes:?}");
        }
    }
}

/// The order of a list is no difference.
fn same_but_for_order(a: &CompiledPolicy, b: &CompiledPolicy) -> bool {
    let sorted = |policy: &CompiledPolicy| {
        let mut policy = policy.policy().clone();
        policy.allowed_tools.iter_mut().for_each(|list| list.sort_by_key(|item| format!("{item:?}")));
        policy.blocked_patterns.iter_mut().for_each(|list| list.sort_by_key(|item| format!("{item:?}")));
        policy.rates.iter_mut().for_each(|list| list.sort_by_key(|item| format!("{item:?}")));
        policy.approvals.iter_mut().for_each(|list| list.sort_by_key(|item| format!("{item:?}")));
        policy
    };
    sorted(a) == sorted(b)
}

#[test]
fn comments_stay_with_what_they_are_about() {
    let text = "\
# The first line.

allowed_tools:
# Reads.
- name: read   # it reads
  args:
  # Of the path.
  - {kind: path, arg: /path, under: [/a], links: lexical}
- pay # it's '#1'
id: \"a # b\"   # the name
# The last line.
";
    let expected = "\
id: \"a # b\"  # the name
# The first line.
allowed_tools:
  # Reads.
  - name: read  # it reads
    args:
      # Of the path.
      - {arg: /path, kind: path, under: [/a], links: lexical}
  - pay  # it's '#1'
# The last line.
";
    assert_eq!(format(text.as_bytes(), Format::Yaml, "p").unwrap(), expected);
    assert_eq!(format(expected.as_bytes(), Format::Yaml, "p").unwrap(), expected);
}

#[test]
fn comments_behind_quotes_and_blocks_are_comments() {
    let text = "id: x\ndescription: |  # of all\n  a # b\n   c\n# Tools.\nallowed_tools:\n  - 'it''s # one'  # two\n  - \"a\\\" # b\"  # three\n";
    let laid_out = format(text.as_bytes(), Format::Yaml, "p").unwrap();
    assert_eq!(
        laid_out,
        "id: x\ndescription: \"a # b\\n c\\n\"  # of all\n# Tools.\nallowed_tools:\n  - \"it's # one\"  # two\n  - \"a\\\" # b\"  # three\n"
    );
    assert_eq!(format(laid_out.as_bytes(), Format::Yaml, "p").unwrap(), laid_out);
}

#[test]
fn a_layout_of_toml_has_the_rules_inline() {
    let text = "id = 'x'\nmax_tool_calls_per_request = 0x10\n[[allowed_tools]]\neffect = 'read'\nname = \"a\\u007fb\"\n[max_amount]\nper_call_micro = 5\ncurrency = 'EUR'\n";
    let expected = "id = \"x\"\nallowed_tools = [\n  { name = \"a\\u007fb\", effect = \"read\" },\n]\nmax_tool_calls_per_request = 16\nmax_amount = { currency = \"EUR\", per_call_micro = 5 }\n";
    assert_eq!(format(text.as_bytes(), Format::Toml, "p").unwrap(), expected);
    assert_eq!(format(expected.as_bytes(), Format::Toml, "p").unwrap(), expected);
    let with_comment = format(b"id = 'x' # y\n", Format::Toml, "p").unwrap_err();
    assert!(with_comment[0].message.contains("comments, which cannot be kept in TOML"));
    assert_eq!((with_comment[0].line, with_comment[0].column), (1, 10));
}

#[test]
fn odd_strings_survive_a_layout() {
    for id in [
        "yes", "1.5", "- a", "a: b", "#", "\u{85}", "\u{2028}", "é", "~", "null", "", " a", "a ", "'", "\"", "[x",
        "0x1",
    ] {
        let text = String::from_utf8(talos_contracts::json::canonical(&Value::object([
            ("id", Value::from("x")),
            ("description", Value::from(id)),
        ])))
        .unwrap();
        let laid_out = format(text.as_bytes(), Format::Yaml, "p").unwrap();
        let again = yaml(&laid_out);
        assert_eq!(again.policy().description.as_deref(), Some(id), "{laid_out}");
    }
}
