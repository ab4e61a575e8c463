//! One decision under 1 to 10,000 rules by the policy of Talos, its Cedar stage, `cedar-policy` and `regorus`. All get the
//! same call of a tool in the middle; before one is timed, it has to allow that, and to deny a call that breaks the last rule of
//! the tool.

use std::collections::HashMap;
use std::hint::black_box;
use std::io;
use std::time::Duration;
use talos_benches::rules::{self, COUNTS, LIMIT, Rules};
use talos_benches::worker::{grow, serve, timed};
use talos_rivals::rules::{Cedar, Rego};

const LANGUAGES: [&str; 6] = ["policy", "cedar-stage", "cedar-stage-team", "cedar-policy", "regorus", "regorus-table"];

/// How long so many decisions take.
type Subject = Box<dyn FnMut(u64) -> Duration>;

fn main() -> io::Result<()> {
    let cases: Vec<String> =
        COUNTS.iter().flat_map(|count| LANGUAGES.map(|language| format!("{language}/{count}"))).collect();
    // Loaded once, when first asked for: deciding changes none of them.
    let mut subjects: HashMap<String, Subject> = HashMap::new();
    serve(&cases, |case| {
        let subject = subjects.entry(case.to_owned()).or_insert_with(|| load(case));
        grow(1, u64::MAX, subject)
    })
}

fn load(case: &str) -> Subject {
    let (language, count) = case.split_once('/').unwrap();
    let rules = Rules::of(count.parse().unwrap());
    let target = rules.target();
    let calls = [LIMIT, LIMIT + 1].map(|last| rules.call(last));
    let values = [LIMIT, LIMIT + 1].map(|last| rules.values(last));
    match language {
        "policy" => {
            let policy = rules.native();
            subject(calls, move |call| rules::decide_native(&policy, &target, call))
        }
        "cedar-stage" | "cedar-stage-team" => {
            let (policies, agent) = (rules.cedar(), rules::agent(language == "cedar-stage-team"));
            subject(calls, move |call| rules::decide_cedar(&policies, &agent, &target, call))
        }
        "cedar-policy" => {
            let cedar = Cedar::new(rules, &target);
            subject(values, move |values| cedar.decide(values))
        }
        "regorus" | "regorus-table" => {
            let mut rego = if language == "regorus" { Rego::with_rules(rules) } else { Rego::with_table(rules) };
            subject(values.map(|values| Rego::input(&target, &values)), move |input| rego.decide(input))
        }
        _ => panic!("no case {case:?}"),
    }
}

/// Proves that the first input is allowed and the second is not.
fn subject<I: 'static>(inputs: [I; 2], mut decide: impl FnMut(&I) -> bool + 'static) -> Subject {
    let [allowed, denied] = inputs;
    assert!(decide(&allowed) && !decide(&denied));
    Box::new(move |calls| {
        timed(calls, || {
            black_box(decide(black_box(&allowed)));
        })
    })
}
