//! Calls that need approval: held and resumed, or pending and found by the retry; and policies that change meanwhile.

use crate::actions::pin;
use crate::session::{Place, Session, code, eventually, text};
use std::path::Path;
use talos_shared::Home;
use talos_shared::approval::grant;
use talos_shared::contracts::json::Value;
use talos_shared::contracts::{ApprovalResponse, ErrorCode};
use talos_shared::crypto::SigningKey;
use talos_shared::identity::Did;
use talos_shared::kernel::Kernel;

fn ada() -> SigningKey {
    SigningKey::from_seed(&[21; 32])
}

fn policy() -> String {
    format!(
        "id: p
allowed_tools: [{{name: echo, effect: read}}, {{name: write, effect: write}}]
approvers: [{{name: ada, key: '{}'}}]
approvals: [{{id: writes, tools: [write]}}]
",
        Did::of(&ada().verifying_key())
    )
}

/// A connector that holds calls for so many seconds.
fn connect(place: &Place, wait: u64) -> Session {
    let mut command = place.talos();
    let policy = place.dir.join("policy.yaml");
    command
        .arg("mcp")
        .arg("--policy")
        .arg(policy)
        .args(["--approval-wait", &wait.to_string(), "--"])
        .args(Place::server());
    let mut session = Session::spawn(command);
    session.send(r#"{"jsonrpc":"2.0","id":"hello","method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}"#);
    assert!(session.receive().get("result").is_some());
    session.send(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
    session
}

/// Another process on the same directory, as `talos approvals` is.
fn office(state: &Path) -> Kernel {
    let home = Home::open(state).unwrap();
    let policy = home.policy().unwrap();
    home.kernel(policy).unwrap()
}

fn answer_the_newest(place: &Place, response: ApprovalResponse) {
    let kernel = office(&place.state());
    let mut id = None;
    eventually("a request waits", || {
        id = kernel
            .approvals(1)
            .unwrap()
            .sound
            .first()
            .filter(|case| case.answers.is_empty())
            .map(|case| *case.request.id());
        id.is_some()
    });
    let id = id.unwrap();
    let iat = kernel.approval(&id).unwrap().request.request().iat;
    let grant = grant::sign(&grant::Answer { approval: &id, name: "ada", response, iat, note: None }, &ada()).unwrap();
    kernel.respond(&id, &grant.to_envelope()).unwrap();
}

#[test]
fn a_call_is_held_until_it_is_granted_and_others_go_on() {
    let place = Place::new(&policy());
    let mut session = connect(&place, 60);
    session.call(1, "write", r#"{"path":"a"}"#);
    session.call(2, "echo", "{}");
    assert_eq!(session.receive().get("id").and_then(Value::as_i64), Some(2), "the held call holds nobody up");
    assert_eq!(place.effects().len(), 1);
    answer_the_newest(&place, ApprovalResponse::Grant);
    let answer = session.receive();
    assert_eq!((answer.get("id").and_then(Value::as_i64), code(&answer)), (Some(1), "none"));
    assert_eq!(place.effects().len(), 2);
    session.call(3, "write", r#"{"path":"b"}"#);
    answer_the_newest(&place, ApprovalResponse::Deny);
    assert_eq!(code(&session.receive()), "approval.rejected");
    assert_eq!(place.effects().len(), 2);
}

#[test]
fn a_call_that_waited_long_enough_is_pending_and_its_retry_runs_once_granted() {
    let place = Place::new(&policy());
    let mut session = connect(&place, 0);
    session.call(1, "write", r#"{"path":"a"}"#);
    let answer = session.receive();
    assert_eq!(code(&answer), "approval.required");
    assert!(text(&answer).contains(ErrorCode::ApprovalRequired.help()));
    session.call(2, "write", r#"{"path":"a"}"#);
    assert_eq!(code(&session.receive()), "approval.required");
    assert_eq!(office(&place.state()).approvals(10).unwrap().sound.len(), 1, "the retry asks nobody again");
    answer_the_newest(&place, ApprovalResponse::Grant);
    session.call(3, "write", r#"{"path":"other"}"#);
    assert_eq!(code(&session.receive()), "approval.required");
    assert!(place.effects().is_empty());
    session.call(4, "write", r#"{"path":"a"}"#);
    assert_eq!(code(&session.receive()), "none");
    session.call(5, "write", r#"{"path":"a"}"#);
    assert_eq!(code(&session.receive()), "approval.required", "one grant is for one call");
    assert_eq!(place.effects().len(), 1);
}

#[test]
fn the_retry_of_a_client_that_traces_its_calls_finds_the_grant() {
    let place = Place::new(&policy());
    let mut session = connect(&place, 0);
    let mut call = |id: i64, state: &str, other: &str| {
        session.send(format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"write","arguments":{{}},"_meta":{{"progressToken":{id},"traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba90{id:03}-01","tracestate":"{state}","baggage":"step={id}","x/other":"{other}"}}}}}}"#
        ));
        code(&session.receive()).to_owned()
    };
    assert_eq!(call(1, "a=1", "same"), "approval.required");
    answer_the_newest(&place, ApprovalResponse::Grant);
    assert_eq!(call(2, "a=2", "another"), "approval.required", "everything else of the metadata was approved, too");
    assert_eq!(call(3, "a=3", "same"), "none");
    assert_eq!(place.effects().len(), 1);
}

#[test]
fn a_client_that_asks_for_progress_hears_that_its_call_waits() {
    let place = Place::new(&policy());
    let mut session = connect(&place, 60);
    session.send(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"write","arguments":{},"_meta":{"progressToken":"t"}}}"#);
    let notice = session.receive();
    assert_eq!(notice.get("method").and_then(Value::as_str), Some("notifications/progress"));
    let params = notice.get("params").unwrap();
    assert_eq!(params.get("progressToken").and_then(Value::as_str), Some("t"));
    session.send(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#);
    session.call(2, "echo", "{}");
    assert_eq!(session.receive().get("id").and_then(Value::as_i64), Some(2));
    answer_the_newest(&place, ApprovalResponse::Grant);
    session.call(3, "echo", "{}");
    assert_eq!(session.receive().get("id").and_then(Value::as_i64), Some(3), "what was cancelled does not run");
    assert!(!place.effects().iter().any(|effect| effect.contains("write")));
    assert_eq!(place.effects().len(), 2);
}

#[test]
fn a_tool_that_changes_while_its_call_is_held_does_not_run_under_its_old_pin() {
    let pinned = format!("{{name: write, effect: write, tool_hash: {}}}", pin(1));
    let policy = policy().replace("{name: write, effect: write}", &format!("{pinned}, {{name: change, effect: read}}"));
    let place = Place::new(&policy);
    let mut session = connect(&place, 60);
    session.call(1, "write", "{}");
    session.call(2, "change", "{}");
    // The notice that the list has changed, and both answers.
    let heard = [session.receive(), session.receive(), session.receive()];
    let answer = |id| heard.iter().find(|message| message.get("id").and_then(Value::as_i64) == Some(id)).unwrap();
    assert_eq!(text(answer(2)), "changed");
    // Nobody has listed the tools since: what the tool is now is not known.
    assert_eq!(code(answer(1)), "policy.tool_hash_unknown");
    assert_eq!(place.effects(), ["tools/call"], "the change alone");
    let asked = office(&place.state()).approvals(10).unwrap().sound;
    assert!(asked.len() == 1 && !asked[0].redeemed);
}

#[test]
fn a_policy_is_put_in_force_while_the_connector_runs_and_a_broken_one_is_not() {
    let place = Place::new(&policy());
    let file = place.dir.join("policy.yaml");
    let mut session = connect(&place, 0);
    session.call(1, "write", "{}");
    assert_eq!(code(&session.receive()), "approval.required");
    let mut id = 1;
    let mut until = |expected: &str| {
        eventually("the policy is in force", || {
            id += 1;
            session.call(id, "write", "{}");
            code(&session.receive()) == expected
        });
    };
    std::fs::write(&file, "id: q\nallowed_tools: [echo]\n").unwrap();
    until("policy.tool_not_allowed");
    std::fs::write(&file, "id: r\nallowed_tools: [{name: write, effect: read}]\n").unwrap();
    until("none");
    for broken in ["id: s\nallowed_tool: [write]\n", ""] {
        std::fs::write(&file, broken).unwrap();
        std::thread::sleep(std::time::Duration::from_secs(3));
        until("none");
    }
    std::fs::remove_file(&file).unwrap();
    std::thread::sleep(std::time::Duration::from_secs(3));
    until("none");
    let (_, errors) = session.finish();
    assert!(errors.contains("is not put in force") && errors.contains("allowed_tool"), "{errors}");
}
