//! What two parsers could read in two ways reaches no server.

use crate::session::{ALL, Place, code};
use talos_shared::contracts::json::{Kind, Value};

/// A call that would be allowed, if it were not for what is put into its arguments.
fn call_with(arguments: &str) -> Vec<u8> {
    format!(r#"{{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{{"name":"write","arguments":{arguments}}}}}"#)
        .into_bytes()
}

/// Sends one line; what is refused has a code and no side effect, and the session goes on.
fn refused(line: impl AsRef<[u8]>, expected: &str, id: Option<i64>) {
    let place = Place::new(ALL);
    let mut session = place.connect();
    session.send(line.as_ref());
    let answer = session.receive();
    assert_eq!(code(&answer), expected);
    assert_eq!(answer.get("id").and_then(Value::as_i64), id, "{answer:?}");
    session.call(77, "write", "{}");
    assert_eq!(session.receive().get("id").and_then(Value::as_i64), Some(77));
    assert_eq!(place.effects(), ["tools/call"], "only the call that was sent to see that the session goes on");
    let (status, errors) = session.finish();
    assert_eq!(status, Some(0), "{errors}");
    assert!(!errors.contains("panicked"), "{errors}");
}

#[test]
fn the_sibling_without_a_defect_reaches_the_server() {
    let place = Place::new(ALL);
    let mut session = place.connect();
    session.send(call_with(r#"{"a":{"b":[{"c":1,"d":2}]},"s":"\ud83d\ude00","n":9007199254740991}"#));
    assert_eq!(code(&session.receive()), "none");
    assert_eq!(place.effects(), ["tools/call"]);
}

#[test]
fn a_duplicate_method_is_refused() {
    refused(
        r#"{"jsonrpc":"2.0","id":5,"method":"ping","method":"tools/call","params":{"name":"write"}}"#,
        "malformed.duplicate_name",
        Some(5),
    );
}

#[test]
fn a_duplicate_name_of_the_tool_is_refused() {
    refused(
        r#"{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"echo","n\u0061me":"write"}}"#,
        "malformed.duplicate_name",
        Some(5),
    );
}

#[test]
fn a_duplicate_deep_in_the_arguments_is_refused() {
    refused(call_with(r#"{"a":{"b":[{"c":1,"d":2,"c":3}]}}"#), "malformed.duplicate_name", Some(5));
}

#[test]
fn a_duplicate_id_is_refused_and_answered_to_nobody() {
    refused(
        r#"{"jsonrpc":"2.0","id":5,"id":6,"method":"tools/call","params":{"name":"write"}}"#,
        "malformed.duplicate_name",
        None,
    );
}

#[test]
fn members_in_other_cases_are_refused() {
    for line in [
        r#"{"jsonrpc":"2.0","id":5,"method":"ping","Method":"tools/call","params":{"name":"write"}}"#,
        r#"{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"echo","Name":"write"}}"#,
        r#"{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"echo","inputResponses":{}}}"#,
        r#"{"jsonrpc":"2.0","id":5,"method":"resources/read","params":{"uri":"a:b","URI":"c:d"}}"#,
        r#"{"jsonrpc":"2.0","id":5,"method":"prompts/get","params":{"name":"a","task":{}}}"#,
        r#"{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"echo","task":{}}}"#,
    ] {
        refused(line, "malformed.member_unknown", Some(5));
    }
}

#[test]
fn batches_are_refused() {
    let call = String::from_utf8(call_with("{}")).unwrap();
    refused(format!("[{call}]"), "malformed.batch", None);
    refused("[]", "malformed.batch", None);
}

#[test]
fn a_carriage_return_inside_a_message_is_refused() {
    // A reader with universal newlines would see the inner call as a line of its own.
    let inner = String::from_utf8(call_with("{}")).unwrap();
    refused(
        format!("{{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"ping\",\"params\":{{\"x\":\r{inner}\r}}}}"),
        "malformed.syntax",
        Some(5),
    );
}

#[test]
fn invalid_utf8_is_refused() {
    let mut line = call_with(r#"{"a":"?"}"#);
    let at = line.iter().position(|byte| *byte == b'?').unwrap();
    line[at] = 0xff;
    refused(line, "malformed.utf8", Some(5));
}

#[test]
fn lone_surrogates_are_refused() {
    refused(call_with(r#"{"a":"\ud800"}"#), "malformed.surrogate", Some(5));
    refused(call_with(r#"{"\udc00":1}"#), "malformed.surrogate", Some(5));
}

#[test]
fn huge_numbers_are_refused() {
    for number in ["9007199254740993", "1e400", "-0", "123456789012345678901234567890"] {
        refused(call_with(&format!(r#"{{"n":{number}}}"#)), "malformed.number", Some(5));
    }
}

#[test]
fn a_hundred_thousand_levels_are_refused() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    refused(call_with(&format!(r#"{{"a":{deep}}}"#)), "malformed.depth", Some(5));
    refused("[".repeat(100_000), "malformed.depth", None);
    refused(r#"{"a":"#.repeat(100_000), "malformed.depth", None);
}

#[test]
fn a_message_of_seventeen_mebibytes_is_refused() {
    let line = call_with(&format!(r#"{{"a":"{}"}}"#, "x".repeat(17 << 20)));
    refused(line, "mcp.message_too_large", None);
}

#[test]
fn what_is_no_message_is_refused() {
    for (line, expected, id) in [
        ("hello", "malformed.syntax", None),
        (r#"{"jsonrpc":"2.0","id":5,"method":"ping"} x"#, "malformed.syntax", Some(5)),
        (r#"{"jsonrpc":"1.0","id":5,"method":"ping"}"#, "malformed.value", Some(5)),
        (r#"{"jsonrpc":"2.0","id":5,"method":7}"#, "malformed.type", Some(5)),
        (r#"{"jsonrpc":"2.0","id":5,"method":"ping","params":[1]}"#, "malformed.type", Some(5)),
        ("\u{feff}{}", "malformed.bom", None),
        (r#"{"jsonrpc":"2.0","id":5,"method":"tools/call"}"#, "malformed.member_missing", Some(5)),
        (r#"{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":7}}"#, "malformed.type", Some(5)),
        (
            r#"{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"echo","arguments":[]}}"#,
            "malformed.type",
            Some(5),
        ),
    ] {
        refused(line, expected, id);
    }
}

#[test]
fn methods_that_the_revision_does_not_have_are_refused() {
    for method in [
        "tools/Call",
        "server/discover",
        "tasks/get",
        "tasks/result",
        "tasks/list",
        "tasks/cancel",
        "roots/list",
        "",
        "tools/call ",
    ] {
        let line = format!(r#"{{"jsonrpc":"2.0","id":5,"method":"{method}","params":{{"name":"write"}}}}"#);
        refused(line, "mcp.method_unknown", Some(5));
    }
}

#[test]
fn an_action_needs_an_id() {
    for method in ["tools/call", "resources/read", "resources/subscribe", "prompts/get", "completion/complete"] {
        let line = format!(r#"{{"jsonrpc":"2.0","method":"{method}","params":{{"name":"write","uri":"a:b"}}}}"#);
        refused(line, "mcp.id_invalid", None);
    }
    for id in ["null", "1.5", "[]", "true"] {
        let line = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"write"}}}}"#);
        refused(line, "mcp.id_invalid", None);
    }
}

#[test]
fn an_id_in_flight_is_not_taken_twice() {
    let place = Place::new(ALL);
    let mut session = place.connect();
    session.call(5, "silent", "{}");
    session.call(5, "write", "{}");
    let answer = session.receive();
    assert_eq!(code(&answer), "mcp.id_in_use");
    // The id belongs to the call that is open: an answer under it would be taken for its answer.
    assert_eq!(answer.get("id"), Some(&Kind::Null.into()));
    assert!(session.is_quiet());
    assert_eq!(place.effects(), ["tools/call", "ping"]);
}

#[test]
fn unknown_notifications_and_responses_go_nowhere() {
    let place = Place::new(ALL);
    let mut session = place.connect();
    session.send(r#"{"jsonrpc":"2.0","method":"notifications/other"}"#);
    session.send(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#);
    session.send(r#"{"jsonrpc":"2.0","id":"x","error":{"code":1,"message":"x"}}"#);
    assert!(session.is_quiet());
    assert_eq!(place.effects(), ["ping"]);
}
