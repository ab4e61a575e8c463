//! Stories, filters, redaction, JSON.

use crate::place::{HOSTILE, Place, call, json, ok, tool, two_runs};
use talos_shared::contracts::json::Value;
use talos_shared::contracts::{Action, ActionKind};
use talos_shared::sdk::{Begun, Run};

/// The indexes that a reader is shown as JSON.
fn indexes(place: &Place, args: &[&str]) -> Vec<i64> {
    let told = place.told(&[&["--json", "log", "show"], args].concat());
    json(&told).as_array().unwrap().iter().map(|entry| entry.get("index").unwrap().as_i64().unwrap()).collect()
}

#[test]
fn a_run_is_told_with_who_what_verdict_why_cost_outcome_and_proof() {
    let place = Place::new();
    let [ada, _] = two_runs(&place);
    let story = place.shown(&["--run", &ada]);
    let about = place.kernel.describe().unwrap();
    for line in [
        format!("Run {ada}  closed"),
        format!("  agent   {}", about.issuer),
        "  for     ada".to_owned(),
        "  sums    4 calls: 2 allow, 2 deny; 1,200 tokens, 12.50 EUR".to_owned(),
    ] {
        assert!(story.lines().any(|told| told == line), "{line}\n{story}");
    }
    let pay = story.split("\n\n").find(|step| step.contains("  4  ALLOW  pay  (tool_call, spend)")).unwrap();
    assert!(pay.contains("ended ok after ") && pay.contains("; cost 12.50 EUR"), "{pay}");
    assert!(pay.ends_with("receipts 4, 5: valid, in the checkpoint of size 15"), "{pay}");
    let denied = story.split("\n\n").find(|step| step.contains("  6  DENY  write_file")).unwrap();
    assert!(denied.contains("policy.blocked_pattern: The call has content that the policy blocks."), "{denied}");
    assert!(denied.contains("did not run"), "{denied}");
    assert!(!story.contains("arguments"), "bodies are shown only when asked for: {story}");
}

#[test]
fn a_receipt_after_the_newest_checkpoint_is_not_called_proved() {
    let place = Place::new();
    two_runs(&place);
    let run = place.open("carol");
    call(&run, tool("write_file", "{}"), &ok("null"));
    let story = place.shown(&["--run", run.id()]);
    assert!(story.contains("receipts 16, 17: valid, not in a checkpoint yet"), "{story}");
    assert!(story.contains("the newest signed checkpoint covers 16"), "{story}");
    assert!(story.lines().next().unwrap().ends_with("open"), "{story}");
    place.told(&["log", "checkpoint"]);
    let story = place.shown(&["--run", run.id()]);
    assert!(story.contains("receipts 16, 17: valid, in the checkpoint of size 18"), "{story}");
}

#[test]
fn what_became_of_a_call_is_said_also_where_nobody_knows() {
    let place = Place::new();
    let run = place.open("ada");
    let Begun::Started(_held) = run.begin(tool("write_file", "{}")).unwrap().wait().unwrap() else { panic!("denied") };
    assert!(place.shown(&[]).contains("no outcome yet"));
    let asked = run.decide(tool("pay", r#"{"micro":1,"currency":"EUR"}"#)).unwrap();
    asked.permit.unwrap().release().unwrap().wait().unwrap();
    run.close().unwrap();
    assert!(place.shown(&["--tool", "pay"]).contains("permit given back unused: did not run"));
}

#[test]
fn nothing_in_a_log_reaches_the_terminal_as_more_than_text() {
    let place = Place::new();
    two_runs(&place);
    for args in [&["--all", "--bodies"][..], &["--all"], &["--table"]] {
        let told = place.shown(args);
        let hostile = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{200b}'..='\u{202e}' | '\u{2066}');
        assert!(!told.contains(hostile), "{told:?}");
        assert!(told.contains(r"\u{1b}[2J") && told.contains(r"\u{202e}txt.exe"), "{told}");
    }
}

#[test]
fn filters_choose_calls_whole() {
    let place = Place::new();
    let [ada, bob] = two_runs(&place);
    let did = place.kernel.describe().unwrap().issuer;
    let cases: [(&[&str], &[i64]); 17] = [
        (&["--run", &ada], &[0, 1, 2, 3, 4, 5, 6, 7]),
        (&["--last"], &[8, 9, 10, 11, 12, 13, 14]),
        (&["--all"], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]),
        (&["--tool", "read_file"], &[1, 2, 9, 10]),
        (&["--tool", "*_file"], &[1, 2, 6, 9, 10]),
        (&["--tool", "READ_FILE"], &[]),
        (&["--verdict", "deny"], &[3, 6, 11]),
        (&["--verdict", "allow,deny", "--run", &bob], &[9, 10, 11, 12, 13]),
        (&["--code", "policy.blocked_pattern"], &[6]),
        (&["--code", "policy"], &[3, 6, 11]),
        (&["--code", "poli"], &[]),
        (&["--principal", "ada"], &[1, 2, 3, 4, 5, 6]),
        (&["--principal", HOSTILE, "--verdict", "deny"], &[11]),
        (&["--actor", &did, "--limit", "2"], &[12, 13, 14]),
        (&["--actor", "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"], &[]),
        (&["--since", "1h", "--until", "0s", "--tool", "pay"], &[4, 5]),
        (&["--until", "2020-01-01"], &[]),
    ];
    for (args, expected) in cases {
        assert_eq!(indexes(&place, args), expected, "{args:?}");
    }
    for args in [&["--run", "x", "--last"][..], &["--verdict", "maybe"], &["--code", "Policy!"], &["--last", "--all"]] {
        assert_eq!(place.talos(&[&["log", "show"], args].concat()).status.code(), Some(2), "{args:?}");
    }
    let wrong = place.talos(&["log", "show", "--since", "yesterday"]);
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("malformed.value"), "{wrong:?}");
}

#[test]
fn a_limit_counts_steps_and_says_that_there_is_more() {
    let place = Place::new();
    two_runs(&place);
    let story = place.shown(&["--limit", "2"]);
    assert!(story.starts_with("Older steps are not shown"), "{story}");
    assert!(story.contains("receipts 12, 13:") && !story.contains("  11  DENY"), "{story}");
    assert!(!place.shown(&["--limit", "11"]).contains("Older steps"));
}

#[test]
fn bodies_are_shown_on_request_and_redacted_by_the_policy() {
    let place = Place::new();
    let run = place.open("ada");
    let args = r#"{"path":"a.txt","deep":[{"k":"say hunter7"},"-----begin private key-----"],"hunter1":1,"hunter2":2}"#;
    // What the policy denies is in the log all the same, with its body.
    call(&run, tool("read_file", args), &ok("null")).unwrap();
    call(&run, tool("read_file", r#"{"path":"a.txt"}"#), &ok(r#"{"text":"the password is hunter2"}"#));
    let resource = Action { kind: ActionKind::ResourceRead, ..Run::tool_call("file:///home/%68unter2") };
    call(&run, resource, &ok("null")).unwrap();
    let told = [
        place.shown(&["--bodies"]),
        place.told(&["--json", "log", "show", "--bodies"]).replace("hunter2\",\"tool_hash", ""),
        place.page(&["--bodies"]),
    ];
    for (form, text) in ["text", "json", "page"].iter().zip(&told) {
        assert!(text.contains("a.txt"), "{form}: {text}");
        assert!(
            text.contains("[redacted: no-keys]") && text.contains("[redacted: blocked_patterns 2]"),
            "{form}: {text}"
        );
        assert!(text.contains("[redacted: blocked_patterns 2] (2)") || *form != "json", "{form}: {text}");
        for secret in ["hunter1", "hunter2", "hunter7", "begin private"] {
            assert!(!text.contains(secret), "{secret} in {form}: {text}");
        }
    }
    assert!(!told[0].contains("%68unter2") && !told[2].contains("%68unter2"));
    let plain = place.shown(&[]);
    assert!(!plain.contains("a.txt"), "{plain}");
}

#[test]
fn another_policy_can_be_named_and_a_broken_one_shows_nothing() {
    let place = Place::new();
    let run = place.open("ada");
    call(&run, tool("read_file", r#"{"path":"bronze.txt"}"#), &ok("null"));
    run.close().unwrap();
    let other = place.path("other.yaml");
    let named = other.display().to_string();
    let show = ["log", "show", "--bodies", "--policy", &named];
    std::fs::write(&other, "id: other\nredact: [{id: metals, kind: substring, pattern: bronze}]\n").unwrap();
    assert!(place.told(&show).contains("\"path\": [redacted: metals]"));
    // The policy that decided may hide more than this one.
    assert!(place.told(&show).contains("  NOTE    Another policy than the one that redacts"));
    assert!(!place.shown(&["--bodies"]).contains("NOTE"));
    for broken in ["id: other\nredact: [{kind: regex, pattern: \"(\"}]\n", "id: other\nredacted: []\n"] {
        std::fs::write(&other, broken).unwrap();
        for args in [&show[..], &["--json", "log", "show", "--bodies", "--policy", &named]] {
            let refused = place.talos(args);
            let told = String::from_utf8_lossy(&refused.stdout);
            assert!(!refused.status.success() && !told.contains("bronze"), "{told}");
        }
    }
    std::fs::write(place.path("policy.yaml"), "id: [\n").unwrap();
    assert!(!place.talos(&["log", "show"]).status.success());
    assert_eq!(indexes(&place, &[]), [0, 1, 2, 3], "receipts as they were signed need no policy");
}

#[test]
fn bodies_that_are_not_kept_are_said_to_be_not_kept() {
    let place = Place::with("");
    let run = place.open("ada");
    call(&run, tool("read_file", r#"{"path":"a.txt"}"#), &ok("null"));
    run.close().unwrap();
    let story = place.shown(&["--bodies"]);
    assert!(story.contains("arguments: not kept") && story.contains("result: not kept"), "{story}");
    let told = json(&place.told(&["--json", "log", "show", "--bodies"]));
    let entry = &told.as_array().unwrap()[1];
    assert_eq!(entry.get("body").unwrap().get("state").and_then(Value::as_str), Some("absent"));
}

#[test]
fn long_texts_and_long_bodies_are_clipped_with_a_note() {
    let place = Place::new();
    let run = place.open("ada");
    let long = format!(r#"{{"a":"{}","list":[{}0]}}"#, "x".repeat(5000), "0,".repeat(5000));
    call(&run, tool("read_file", &long), &ok("null"));
    run.close().unwrap();
    let story = place.shown(&["--bodies"]);
    assert!(story.lines().count() < 300 && story.len() < 10_000, "{} bytes", story.len());
    assert!(story.contains("characters in all]"), "{story}");
    assert!(story.contains("[... clipped: 15019 bytes in all]"), "{story}");
}

#[test]
fn json_keeps_each_receipt_as_it_was_signed_beside_what_the_checks_say() {
    let place = Place::new();
    two_runs(&place);
    let told = json(&place.told(&["--json", "log", "show", "--tool", "pay"]));
    let [decision, outcome] = told.as_array().unwrap() else { panic!("{told:?}") };
    let names = |value: &Value| -> Vec<String> {
        value.as_object().unwrap().iter().map(|member| member.name.clone()).collect()
    };
    assert_eq!(names(decision), ["index", "proof", "receipt", "receipt_id"]);
    assert_eq!(decision.get("proof").unwrap().get("state").and_then(Value::as_str), Some("included"));
    let receipt = outcome.get("receipt").unwrap();
    assert_eq!(receipt.get("ref"), decision.get("receipt_id"));
    let budget = receipt.get("budget").unwrap();
    assert_eq!(budget.get("amount_micro").and_then(Value::as_i64), Some(12_500_000));
}
