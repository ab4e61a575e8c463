//! What the SDKs' benchmarks subtract: the same `decide`, with the same policy and arguments, and the
//! same operation through the door, without a language around them.

use std::hint::black_box;
use std::io;
use std::time::Duration;
use talos_benches::worker::{grow, serve, timed};
use talos_shared::contracts::json::Value;
use talos_shared::contracts::{Action, KernelOpenInput, RunOpenInput};
use talos_shared::sdk::{Kernel, Run};

/// How many calls a measurement begins with.
const FIRST: u64 = 256;
/// As in serve.py: more calls would measure the log in memory.
const MOST_DECISIONS: u64 = 8_000;
const POLICY: &str = "id: bench\nallowed_tools:\n  - {name: tool_0, effect: read}\n";
const CASES: [&str; 4] = ["decide/small", "decide/256B", "decide/denied", "call/1KiB"];

fn main() -> io::Result<()> {
    serve(&CASES.map(str::to_owned), measure)
}

/// How long so many calls took: as many as last long enough.
fn measure(case: &str) -> (Duration, u64) {
    match case {
        "decide/small" => grow(FIRST, MOST_DECISIONS, |calls| decide(calls, "tool_0", &small())),
        "decide/256B" => grow(FIRST, MOST_DECISIONS, |calls| decide(calls, "tool_0", &of_256_bytes())),
        "decide/denied" => grow(FIRST, MOST_DECISIONS, |calls| decide(calls, "tool_denied", &small())),
        "call/1KiB" => grow(FIRST, u64::MAX, round_trip),
        _ => panic!("no case {case:?}"),
    }
}

fn small() -> Value {
    Value::object([("action", Value::from("tool_0"))])
}

fn of_256_bytes() -> Value {
    Value::object([("path", Value::from("notes/2026.txt")), ("text", Value::from("x".repeat(256)))])
}

/// A new kernel in memory for each measurement. Making the action from the arguments is measured, as it is in an SDK; the
/// permits are kept until the clock has stopped, since one that is dropped writes the receipt of its release.
fn decide(calls: u64, target: &str, arguments: &Value) -> Duration {
    let kernel =
        Kernel::open(&KernelOpenInput { memory: Some(true), policy: Some(POLICY.to_owned()), ..Default::default() })
            .unwrap();
    let run = kernel.open_run(&RunOpenInput::default()).unwrap();
    let mut kept = Vec::new();
    let took = timed(calls, || {
        let action = Action { args: Some(arguments.clone()), ..Run::tool_call(target) };
        kept.push(run.decide(action).unwrap());
    });
    assert!(kept.iter().all(|asked| asked.permit.is_some() == (target == "tool_0")));
    drop(kept);
    kernel.close().unwrap();
    took
}

fn round_trip(calls: u64) -> Duration {
    let frame = r#"{"profile":"talos","text":"\"\""}"#.len();
    let text = format!(r#"{{"profile":"talos","text":"\"{}\""}}"#, "x".repeat(1024 - frame));
    timed(calls, || {
        black_box(talos_shared::call("json.canonicalize", black_box(text.as_bytes())).unwrap());
    })
}
