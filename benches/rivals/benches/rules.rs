//! One decision under 1 to 10,000 rules, one rule a tool, in one run: the policy of Talos, its Cedar stage, `cedar-policy` as it
//! comes, and `regorus`. All allow the same call, of a tool in the middle, and all read the same argument.

use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request, RestrictedExpression};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use regorus::{Engine, Value};
use std::hint::black_box;
use std::str::FromStr;
use std::time::Duration;
use talos_benches as b;
use talos_benches::rules;
use talos_contracts::Verdict;

fn decide(c: &mut Criterion) {
    let mut group = c.benchmark_group("one decision");
    let args = rules::arguments();
    for count in [1, 100, 1_000, 10_000] {
        let target = rules::tool(count / 2);
        // A policy of Talos lists at most 4096 tools.
        if count <= 4096 {
            let policy = rules::native(count);
            assert_eq!(rules::decide_native(&policy, &target, &args), Verdict::Allow);
            group.bench_function(BenchmarkId::new("talos, policy", count), |t| {
                t.iter(|| rules::decide_native(&policy, black_box(&target), &args));
            });
        }
        let policies = rules::cedar(count);
        for (name, is_in_a_team) in [("talos, Cedar stage", false), ("talos, Cedar stage, agent in a team", true)] {
            let agent = rules::agent(is_in_a_team);
            assert_eq!(rules::decide_cedar(&policies, &agent, &target, &args), Verdict::Allow);
            group.bench_function(BenchmarkId::new(name, count), |t| {
                t.iter(|| rules::decide_cedar(&policies, &agent, black_box(&target), &args));
            });
        }
        let plain = Plain::new(count, &target);
        assert!(plain.decide(7) && !plain.decide(11));
        group.bench_function(BenchmarkId::new("cedar-policy, all policies in one set", count), |t| {
            t.iter(|| plain.decide(black_box(7)));
        });
        let mut rego = Rego::new(count);
        let input = Value::from_json_str(&format!(r#"{{"tool":"{target}","n":7}}"#)).unwrap();
        assert!(rego.decide(input.clone()));
        group.bench_function(BenchmarkId::new("regorus, a rule a tool", count), |t| {
            t.iter(|| rego.decide(black_box(input.clone())));
        });
    }
    group.finish();
}

/// `cedar-policy` with the same policies, a context of one attribute and entities that are made once.
struct Plain {
    policies: PolicySet,
    entities: Entities,
    uids: [EntityUid; 3],
}

impl Plain {
    fn new(count: usize, target: &str) -> Self {
        let uid = |text: &str| EntityUid::from_str(text).unwrap();
        Plain {
            policies: PolicySet::from_str(&rules::cedar_text(count)).unwrap(),
            entities: Entities::empty(),
            uids: [
                uid("Agent::\"ada\""),
                uid(&format!("Action::\"tool_call:{target}\"")),
                uid(&format!("Tool::\"{target}\"")),
            ],
        }
    }

    fn decide(&self, n: i64) -> bool {
        let args = RestrictedExpression::new_record([("n".to_owned(), RestrictedExpression::new_long(n))]).unwrap();
        let context = Context::from_pairs([("args".to_owned(), args)]).unwrap();
        let [principal, action, resource] = self.uids.clone();
        let request = Request::new(principal, action, resource, context, None).unwrap();
        Authorizer::new().is_authorized(&request, &self.policies, &self.entities).decision() == Decision::Allow
    }
}

/// The same rules in Rego.
struct Rego(Engine);

impl Rego {
    fn new(count: usize) -> Self {
        let rule = |rule| format!("allow if {{ input.tool == \"{}\"; input.n <= 10 }}\n", rules::tool(rule));
        let text = format!(
            "package talos\nimport rego.v1\ndefault allow := false\n{}",
            (0..count).map(rule).collect::<String>()
        );
        let mut engine = Engine::new();
        engine.add_policy("bench.rego".into(), text).unwrap();
        Rego(engine)
    }

    fn decide(&mut self, input: Value) -> bool {
        self.0.set_input(input);
        self.0.eval_rule("data.talos.allow".into()).unwrap() == Value::from(true)
    }
}

fn config() -> Criterion {
    println!("machine: {}", b::machine());
    Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .sample_size(30)
}

criterion_group! { name = all; config = config(); targets = decide }
criterion_main!(all);
