//! Decisions: what is denied has no side effect, and says why in the protocol's own words.

use crate::session::{ALL, Place, Session, code, eventually, text};
use talos_shared::Home;
use talos_shared::audit::receipt::parse_body;
use talos_shared::contracts::json::{self, Profile, Value};
use talos_shared::contracts::{ErrorCode, Receipt, ReceiptKind, Scope, ScopeLevel};
use talos_shared::kernel::ports::{Hold, Store, Turn};

fn names(session: &mut Session, id: i64) -> Vec<String> {
    session.send(format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/list"}}"#));
    let answer = session.receive();
    let tools = answer.get("result").and_then(|r| r.get("tools")).and_then(Value::as_array).unwrap().to_vec();
    tools.iter().map(|tool| tool.get("name").and_then(Value::as_str).unwrap().to_owned()).collect()
}

#[test]
fn a_denied_call_is_a_native_result_with_its_receipt() {
    let place = Place::new("id: p\nallowed_tools: [echo]\n");
    let mut session = place.connect();
    session.call(1, "write", "{}");
    let answer = session.receive();
    let result = answer.get("result").unwrap();
    assert_eq!(result.get("isError").and_then(Value::as_bool), Some(true));
    let public = ErrorCode::PolicyToolNotAllowed.public();
    assert_eq!(text(&answer), format!("{public} (policy.tool_not_allowed)"));
    let decision = result.get("_meta").and_then(|meta| meta.get("talos/decision")).unwrap();
    assert_eq!(decision.get("verdict").and_then(Value::as_str), Some("deny"));
    let id = decision.get("receipt_id").and_then(Value::as_str).unwrap();
    assert_eq!(session.finish().0, Some(0));
    assert!(place.effects().is_empty());
    let store = Home::open(&place.state()).unwrap().store().unwrap();
    let id = talos_shared::contracts::scalar::B64::from_b64(id).unwrap();
    assert!(store.find(&id).unwrap().is_some(), "the receipt that the answer names is in the log");
}

#[test]
fn denied_resources_and_prompts_are_errors() {
    let place = Place::new("id: p\nallowed_tools: []\n");
    let mut session = place.connect();
    for (id, request) in [
        (1, r#""method":"resources/read","params":{"uri":"file:///etc/shadow"}"#),
        (2, r#""method":"prompts/get","params":{"name":"p"}"#),
    ] {
        session.send(format!(r#"{{"jsonrpc":"2.0","id":{id},{request}}}"#));
        let answer = session.receive();
        assert_eq!(code(&answer), "policy.tool_not_allowed");
        let error = answer.get("error").unwrap();
        let expected = i64::from(ErrorCode::PolicyToolNotAllowed.jsonrpc());
        assert_eq!(error.get("code").and_then(Value::as_i64), Some(expected));
        assert_eq!(error.get("data").and_then(|d| d.get("retryable")).and_then(Value::as_bool), Some(false));
    }
    assert!(place.effects().is_empty());
}

#[test]
fn allowed_resources_and_prompts_pass() {
    let place = Place::new("id: p\nallowed_resources: ['file:///ok/*']\nallowed_prompts: [p]\n");
    let mut session = place.connect();
    session.send(r#"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"file:///ok/a"}}"#);
    assert!(session.receive().get("result").is_some());
    session.send(r#"{"jsonrpc":"2.0","id":2,"method":"prompts/get","params":{"name":"p"}}"#);
    assert!(session.receive().get("result").is_some());
    assert_eq!(place.effects(), ["resources/read", "prompts/get"]);
}

#[test]
fn subscriptions_and_completions_are_decided_like_what_they_are_about() {
    let place = Place::new(
        "id: p\nallowed_resources: ['file:///ok/*']\nallowed_prompts: [p]\nblocked_patterns: [{kind: substring, pattern: hunter2}]\n",
    );
    let mut session = place.connect();
    let about = |kind: &str, target: &str, value: &str| {
        format!(
            r#""method":"completion/complete","params":{{"ref":{{"type":"ref/{kind},{target}}},"argument":{{"name":"a","value":"{value}"}}}}"#
        )
    };
    let subscribe = |uri: &str| format!(r#""method":"resources/subscribe","params":{{"uri":"{uri}"}}"#);
    for (id, (request, expected)) in [
        (subscribe("file:///ok/a"), "none"),
        (subscribe("file:///etc/shadow"), "policy.tool_not_allowed"),
        (about(r#"prompt""#, r#""name":"p""#, "x"), "none"),
        (about(r#"prompt""#, r#""name":"p""#, "hunter2"), "policy.blocked_pattern"),
        (about(r#"prompt""#, r#""name":"q""#, "x"), "policy.tool_not_allowed"),
        (about(r#"resource""#, r#""uri":"file:///ok/{a}""#, "x"), "none"),
        (about(r#"resource""#, r#""uri":"file:///etc/{a}""#, "x"), "policy.tool_not_allowed"),
        (about(r#"other""#, r#""uri":"file:///ok/{a}""#, "x"), "malformed.value"),
    ]
    .into_iter()
    .enumerate()
    {
        session.send(format!(r#"{{"jsonrpc":"2.0","id":{id},{request}}}"#));
        assert_eq!(code(&session.receive()), expected, "{request}");
    }
    assert_eq!(place.effects(), ["resources/subscribe", "completion/complete", "completion/complete"]);
}

#[test]
fn what_meta_holds_is_decided_too() {
    let place = Place::new(
        "id: p\nallowed_tools: ['*']\nallowed_prompts: ['*']\nblocked_patterns: [{kind: substring, pattern: hunter2}]\n",
    );
    let mut session = place.connect();
    for (id, method, word, expected) in [
        (1, "tools/call", "harmless", "none"),
        (2, "tools/call", "hunter2", "policy.blocked_pattern"),
        (3, "prompts/get", "hunter2", "policy.blocked_pattern"),
    ] {
        session.send(format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{{"name":"write","_meta":{{"x/y":["{word}"]}}}}}}"#
        ));
        assert_eq!(code(&session.receive()), expected);
    }
    session.send(
        r#"{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"write","_meta":{"baggage":"k=hunter2"}}}"#,
    );
    assert_eq!(code(&session.receive()), "policy.blocked_pattern", "the trace context is searched, too");
    assert_eq!(place.effects(), ["tools/call"]);
}

#[test]
fn a_limit_denies_the_call_after_the_last() {
    let place = Place::new("id: p\nallowed_tools: ['*']\nmax_tool_calls_per_request: 2\n");
    let mut session = place.connect();
    for (id, expected) in [(1, "none"), (2, "none"), (3, "limit.tool_calls")] {
        session.call(id, "write", "{}");
        assert_eq!(code(&session.receive()), expected);
    }
    assert_eq!(place.effects(), ["tools/call", "tools/call"]);
}

#[test]
fn the_message_for_the_model_holds_no_arguments() {
    let policy = "id: p\nallowed_tools: ['*']\nblocked_patterns: [{kind: substring, pattern: hunter2}]\n";
    let place = Place::new(policy);
    let mut session = place.connect();
    session.call(1, "write", r#"{"password":"hunter2-s3cret"}"#);
    let line = String::from_utf8(session.receive_line()).unwrap();
    assert!(line.contains("policy.blocked_pattern"));
    assert!(!line.contains("hunter2") && !line.contains("password"), "{line}");
    let (_, errors) = session.finish();
    assert!(errors.contains("policy.blocked_pattern") && !errors.contains("s3cret"), "{errors}");
    assert!(place.effects().is_empty());
}

#[test]
fn without_a_policy_a_call_needs_an_approval_that_nobody_can_give() {
    let place = Place::new("");
    std::fs::remove_file(place.dir.join("policy.yaml")).unwrap();
    let mut command = place.talos();
    command.arg("mcp").arg("--").args(Place::server());
    let mut session = Session::spawn(command);
    session.send(r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}"#);
    session.receive();
    assert!(names(&mut session, 1).contains(&"write".to_owned()), "what needs approval is shown");
    session.call(2, "write", "{}");
    let answer = session.receive();
    assert_eq!(code(&answer), "approval.unavailable");
    assert!(text(&answer).contains(ErrorCode::ApprovalUnavailable.help()));
    assert!(session.finish().1.contains("talos init"));
    assert!(place.effects().is_empty());
}

#[test]
fn tools_that_the_policy_refuses_are_not_listed() {
    let place = Place::new("id: p\nallowed_tools: [echo, raw]\n").env("FIXTURE_PAGES", "1");
    let mut session = place.connect();
    assert_eq!(names(&mut session, 1), ["echo"]);
    session.send(r#"{"jsonrpc":"2.0","id":2,"method":"tools/list","params":{"cursor":"1"}}"#);
    let line = session.receive_line();
    let page = json::parse(&line, Profile::Data).unwrap();
    assert_eq!(page.get("result").and_then(|r| r.get("nextCursor")).and_then(Value::as_str), Some("2"));
    assert!(!String::from_utf8(line).unwrap().contains("write"));
}

/// The hash of a fixture tool, as the policy file has it.
pub fn pin(revision: u32) -> String {
    let text =
        format!(r#"{{"name":"write","description":"write, revision {revision}","inputSchema":{{"type":"object"}}}}"#);
    let definition = json::parse(text.as_bytes(), Profile::Data).unwrap();
    talos_shared::crypto::hash::tagged("talos/tool/1", &[&json::canonical(&definition)]).to_b64()
}

fn pinned(revision: u32) -> Place {
    let rule = format!("{{name: write, effect: write, tool_hash: {}}}", pin(revision));
    Place::new(&format!("id: p\nallowed_tools: [{rule}, change]\n"))
}

#[test]
fn a_pinned_tool_is_recognised_without_the_client_listing_it() {
    for pages in [false, true] {
        let place = if pages { pinned(1).env("FIXTURE_PAGES", "1") } else { pinned(1) };
        let mut session = place.connect();
        session.call(1, "write", "{}");
        assert_eq!(code(&session.receive()), "none");
        assert!(session.is_quiet(), "the answers to Talos' own requests stay with Talos");
        assert_eq!(place.effects(), ["tools/call", "ping"]);
    }
}

#[test]
fn without_a_pin_or_a_handshake_nobody_asks_for_the_tools() {
    let asked =
        |place: &Place| place.recorded().iter().any(|line| String::from_utf8_lossy(line).contains("tools/list"));
    let place = Place::new(ALL);
    let mut session = place.connect();
    session.call(1, "write", "{}");
    assert_eq!(code(&session.receive()), "none");
    assert!(!asked(&place));

    let place = pinned(1);
    let mut session = place.start();
    session.call(1, "write", "{}");
    assert_eq!(code(&session.receive()), "policy.tool_hash_unknown");
    assert!(!asked(&place));
    session.send(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
    session.call(2, "write", "{}");
    assert_eq!(code(&session.receive()), "none");
    assert!(asked(&place));
}

#[test]
fn a_pinned_tool_that_changes_is_hidden_and_denied() {
    let place = pinned(1);
    let mut session = place.connect();
    assert_eq!(names(&mut session, 1), ["write", "change"]);
    session.call(2, "write", "{}");
    assert_eq!(code(&session.receive()), "none");
    session.call(3, "change", "{}");
    session.receive();
    assert_eq!(text(&session.receive()), "changed");
    session.call(4, "write", "{}");
    assert_eq!(code(&session.receive()), "policy.tool_hash_mismatch");
    assert_eq!(names(&mut session, 5), ["change"]);
    assert_eq!(place.effects(), ["tools/call", "tools/call"]);
}

fn lockdown(home: &Home, held: bool) {
    let hold = Hold { scope: Scope { level: ScopeLevel::All, name: None }, why: None };
    home.kernel(home.policy().unwrap()).unwrap().turn(Turn { held, hold }).unwrap().receipt.unwrap();
}

#[test]
fn the_kill_switch_between_decide_and_start_stops_the_call() {
    let place = Place::new(ALL);
    let gate = place.dir.join("gate");
    let place = place.env("FIXTURE_GATE", gate.display().to_string());
    let mut session = place.connect();
    // The server does not read: what is decided waits behind a message that fills the pipe.
    let pad = "x".repeat(1 << 20);
    session.send(format!(r#"{{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{{"p":"{pad}"}}}}"#));
    session.send(r#"{"jsonrpc":"2.0","id":2,"method":"resources/read","params":{"uri":"a:b"}}"#);
    let home = Home::open(&place.state()).unwrap();
    let store = home.store().unwrap();
    eventually("the call is decided", || store.frontier().unwrap().size() >= 2);
    lockdown(&home, true);
    std::fs::write(gate, "").unwrap();
    for answer in [session.receive(), session.receive()] {
        let killed = answer.get("id").and_then(Value::as_i64) == Some(2);
        assert_eq!(code(&answer), if killed { "standing.killed" } else { "none" });
    }
    assert_eq!(place.effects(), ["logging/setLevel"]);
    session.call(3, "write", "{}");
    assert_eq!(code(&session.receive()), "standing.killed");
    lockdown(&home, false);
    session.call(4, "write", "{}");
    assert_eq!(code(&session.receive()), "none");
    assert_eq!(place.effects(), ["logging/setLevel", "tools/call"]);
}

#[test]
fn what_is_cancelled_before_it_is_sent_never_happens() {
    let place = Place::new("id: p\nallowed_tools: [write]\n");
    let gate = place.dir.join("gate");
    let place = place.env("FIXTURE_GATE", gate.display().to_string());
    let mut session = place.connect();
    let pad = "x".repeat(1 << 20);
    session.send(format!(r#"{{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{{"p":"{pad}"}}}}"#));
    session.call(2, "write", "{}");
    session.call(3, "fail", "{}");
    session.call(4, "write", "{}");
    for id in [2, 3] {
        session
            .send(format!(r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id}}}}}"#));
    }
    // The answer says that the cancellations were read.
    session.send(r#"{"jsonrpc":"2.0","id":5,"method":"no/such"}"#);
    assert_eq!(code(&session.receive()), "mcp.method_unknown");
    std::fs::write(gate, "").unwrap();
    for id in [1, 4] {
        assert_eq!(session.receive().get("id").and_then(Value::as_i64), Some(id));
    }
    assert!(session.is_quiet(), "a cancelled request has no answer");
    assert_eq!(place.effects(), ["logging/setLevel", "tools/call", "ping"]);
    assert_eq!(session.finish().0, Some(0));
    let released: Vec<String> = receipts(&place)
        .into_iter()
        .filter(|receipt| receipt.kind == ReceiptKind::Release)
        .map(|receipt| ordinal(&receipt.call.unwrap()))
        .collect();
    assert_eq!(released, ["1"]);
}

/// The number of a call within its run.
fn ordinal(call: &str) -> String {
    call.rsplit('.').next().unwrap().to_owned()
}

#[test]
fn what_is_refused_is_in_the_log() {
    let place = Place::new(ALL);
    let mut session = place.connect();
    session.send(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"write","task":{}}}"#);
    session.send(r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","method":"tools/call","params":{"name":"write"}}"#);
    session.send(r#"{"jsonrpc":"2.0","method":"resources/read","params":{"uri":"a:b"}}"#);
    for _ in 0..3 {
        session.receive();
    }
    session.call(4, "write", "{}");
    session.receive();
    assert_eq!(session.finish().0, Some(0));
    let decisions: Vec<(String, String, Option<String>)> = receipts(&place)
        .into_iter()
        .filter(|receipt| receipt.kind == ReceiptKind::Decision)
        .map(|r| (ordinal(&r.call.unwrap()), r.action.unwrap().target, r.reasons.unwrap().first().cloned()))
        .collect();
    let expected = [
        ("1", "tools/call write", Some("malformed.member_unknown")),
        ("2", "unreadable", Some("malformed.duplicate_name")),
        ("3", "resources/read a:b", Some("mcp.id_invalid")),
        ("4", "write", None),
    ];
    assert_eq!(decisions, expected.map(|(call, to, why)| (call.into(), to.into(), why.map(ToOwned::to_owned))));
}

#[test]
fn a_flood_of_nonsense_does_not_fill_the_log() {
    let place = Place::new(ALL);
    let mut session = place.connect();
    for _ in 0..1_010 {
        session.send("nonsense");
        session.receive();
    }
    let (status, errors) = session.finish();
    assert_eq!(status, Some(0));
    assert_eq!(errors.matches("further refusals").count(), 1);
    let refused = receipts(&place).into_iter().filter(|receipt| receipt.kind == ReceiptKind::Decision);
    assert_eq!(refused.count(), 1_000);
}

/// What stands in the log.
fn receipts(place: &Place) -> Vec<Receipt> {
    let store = Home::open(&place.state()).unwrap().store().unwrap();
    let size = store.frontier().unwrap().size();
    (0..size).map(|index| parse_body(&store.record(index).unwrap().unwrap().sealed.body).unwrap()).collect()
}

#[test]
fn two_connectors_share_a_directory() {
    let place = Place::new(ALL);
    let mut sessions = [place.connect(), place.connect()];
    for id in 0..20 {
        for session in &mut sessions {
            session.call(id, "write", "{}");
        }
    }
    for session in &mut sessions {
        for _ in 0..20 {
            assert_eq!(code(&session.receive()), "none");
        }
    }
    for session in sessions {
        assert_eq!(session.finish().0, Some(0));
    }
    let home = Home::open(&place.state()).unwrap();
    assert!(home.kernel(home.policy().unwrap()).unwrap().log().verify().is_ok());
    assert_eq!(place.effects().len(), 40);
}
