//! What a policy would have made of what is in a log.

use crate::{out, write};
use std::fs;
use std::process::{Command, Output};
use talos_shared::contracts::json::{self, Profile, Value};
use talos_shared::contracts::{Action, KernelOpenInput, Outcome, OutcomeStatus, RunOpenInput};
use talos_shared::sdk::{Begun, Kernel, Run};
use tempfile::TempDir;

/// A directory with a log of one run: a read, a write with arguments, and a denial.
fn place(configuration: &str) -> (TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    assert!(talos(&dir, &["init"]).status.success());
    let path = dir.path().join("talos.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}{configuration}")).unwrap();
    write(
        dir.path(),
        "policy.yaml",
        "id: then\nallowed_tools: [{name: read, effect: read}, {name: write, effect: write}]\n",
    );
    let directory = Some(dir.path().display().to_string());
    let kernel = Kernel::open(&KernelOpenInput { directory, ..KernelOpenInput::default() }).unwrap();
    let run = kernel.open_run(&RunOpenInput::default()).unwrap();
    for (tool, args) in [("read", "{}"), ("write", r#"{"text":"secret"}"#), ("erase", "{}")] {
        let args = json::parse(args.as_bytes(), Profile::Data).unwrap();
        let action = Action { args: Some(args), ..Run::tool_call(tool) };
        if let Begun::Started(started) = run.begin(action).unwrap().wait().unwrap() {
            let outcome = Outcome {
                status: OutcomeStatus::Ok,
                result: None,
                tokens: None,
                amount: None,
                confidence_bp: None,
                session: None,
            };
            started.permit.settle(&outcome).unwrap().wait().unwrap();
        }
    }
    let id = run.id().to_owned();
    run.close().unwrap();
    kernel.close().unwrap();
    (dir, id)
}

fn talos(dir: &TempDir, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_talos")).arg("--dir").arg(dir.path()).args(args).output().unwrap()
}

fn replay(dir: &TempDir, policy: &str, args: &[&str]) -> Value {
    let policy = write(dir.path(), "new.yaml", policy);
    let output = talos(dir, &[&["--json", "policy", "replay", &policy], args].concat());
    assert!(output.status.success(), "{output:?}");
    json::parse(out(&output).trim_end().as_bytes(), Profile::Data).unwrap()
}

fn count(value: &Value, name: &str) -> i64 {
    value.get(name).and_then(Value::as_i64).unwrap()
}

#[test]
fn what_would_change_is_listed_and_the_rest_is_counted() {
    let (dir, run) = place("store_bodies = true\n");
    let found =
        replay(&dir, "id: now\nallowed_tools: [{name: read, effect: read}, {name: erase, effect: write}]\n", &[]);
    assert_eq!((count(&found, "changed"), count(&found, "same")), (2, 1));
    let changes = found.get("changes").and_then(Value::as_array).unwrap();
    let text = |index: usize, name: &str| changes[index].get(name).and_then(Value::as_str).unwrap();
    assert_eq!([text(0, "target"), text(0, "before"), text(0, "after")], ["write", "allow", "deny"]);
    assert_eq!([text(1, "target"), text(1, "before"), text(1, "after")], ["erase", "deny", "allow"]);
    assert_eq!(text(0, "run"), run);
    let other = replay(&dir, "id: now\n", &["--run", "018f2f7a-0000-7000-8000-000000000001"]);
    assert_eq!(count(&other, "changed") + count(&other, "same"), 0);
}

#[test]
fn a_rule_about_arguments_sees_those_that_are_kept() {
    let (dir, _) = place("store_bodies = true\n");
    let policy = "id: now\nallowed_tools: [{name: read, effect: read}, {name: write, effect: write}]\n\
                  blocked_patterns: [{id: s, kind: substring, pattern: secret}]\n";
    let found = replay(&dir, policy, &[]);
    assert_eq!((count(&found, "changed"), count(&found, "same"), count(&found, "not_replayable")), (1, 2, 0));
}

#[test]
fn a_rule_about_arguments_that_are_not_kept_cannot_be_replayed() {
    let (dir, _) = place("");
    let policy =
        "id: now\nallowed_tools: [{name: read, effect: read}, {name: write, effect: write, no_other_args: true}]\n";
    let found = replay(&dir, policy, &[]);
    assert_eq!((count(&found, "changed"), count(&found, "same"), count(&found, "not_replayable")), (0, 2, 1));
    let plain = replay(&dir, "id: now\nallowed_tools: [{name: read, effect: read}]\n", &[]);
    assert_eq!((count(&plain, "changed"), count(&plain, "not_replayable")), (1, 0));
}

#[test]
fn what_receipts_do_not_hold_is_told_apart() {
    let (dir, _) = place("");
    let policy =
        "id: now\nallowed_tools: [{name: read, effect: read}, {name: write, effect: write, consent_required: true}]\n";
    let found = replay(&dir, policy, &[]);
    assert_eq!((count(&found, "changed"), count(&found, "same"), count(&found, "unknown")), (0, 2, 1));
}
