//! What is allowed passes as it is.

use crate::session::{ALL, Place, Session, code, eventually, text};
use talos_shared::Home;
use talos_shared::audit::receipt::parse_body;
use talos_shared::contracts::json::{self, Profile, Value};
use talos_shared::kernel::ports::Store;

fn method(message: &Value) -> &str {
    message.get("method").and_then(Value::as_str).unwrap_or("none")
}

/// What a call of `raw` makes the server send.
fn raw(session: &mut Session, id: i64, line: &str) -> Vec<u8> {
    let quoted = String::from_utf8(json::canonical(&Value::from(line))).unwrap();
    session.call(id, "raw", &format!(r#"{{"lines":[{quoted}]}}"#));
    session.receive_line()
}

#[test]
fn requests_arrive_byte_for_byte() {
    let place = Place::new(ALL);
    let mut session = place.connect();
    let large = "é\\u00e9\\/".repeat(1 << 17);
    for line in [
        r#" { "params" : {"arguments":{"f":1.50,"e":1E3,"t":0.1,"z":1.0,"n":[ -1.5e-7 ]},"name":"\u0077rite"}, "method":"tools/call","id":1.0, "jsonrpc":"2.0"} "#.to_owned(),
        format!(r#"{{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{{"name":"write","arguments":{{"content":"{large}"}}}}}}"#),
        "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"logging/setLevel\",\"params\":{\"é\":[1e2,{}]}}\r".to_owned(),
    ] {
        session.send(&line);
        session.receive();
        assert!(place.recorded().last().is_some_and(|last| *last == format!("{line}\n").into_bytes()));
    }
}

#[test]
fn responses_arrive_byte_for_byte() {
    let place = Place::new(ALL);
    let mut session = place.connect();
    let line = r#" {"result" : {"content":[], "f":1.50, "s":"\u00e9\/", "isError":false},"id":ID , "jsonrpc":"2.0"}"#;
    assert_eq!(raw(&mut session, 4, line), format!("{line}\n").replace("ID", "4").into_bytes());
}

#[test]
fn progress_and_log_messages_reach_the_client() {
    let place = Place::new(ALL);
    let mut session = place.connect();
    session.send(
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"progress","_meta":{"progressToken":"t"}}}"#,
    );
    for _ in 0..3 {
        assert_eq!(method(&session.receive()), "notifications/progress");
    }
    assert_eq!(method(&session.receive()), "notifications/message");
    assert_eq!(text(&session.receive()), "done");
}

#[test]
fn the_server_asks_and_the_client_answers() {
    let place = Place::new(ALL);
    let mut session = place.connect();
    for (id, asked) in [(1, "sampling/createMessage"), (2, "elicitation/create"), (3, "roots/list"), (4, "ping")] {
        session.call(id, "ask", &format!(r#"{{"method":"{asked}"}}"#));
        assert_eq!(method(&session.receive()), asked);
        session.send(r#"{"jsonrpc":"2.0","id":"from-server","result":{"answer":42}}"#);
        assert_eq!(text(&session.receive()), r#"{"answer": 42}"#);
        // A second answer has no request.
        session.send(r#"{"jsonrpc":"2.0","id":"from-server","result":{}}"#);
    }
    assert!(session.is_quiet());
    assert_eq!(place.effects().iter().filter(|method| *method == "response").count(), 4);
}

#[test]
fn a_malformed_response_of_the_client_becomes_an_error_for_the_server() {
    let place = Place::new(ALL);
    let mut session = place.connect();
    session.call(1, "ask", r#"{"method":"sampling/createMessage"}"#);
    session.receive();
    session.send(r#"{"jsonrpc":"2.0","id":"from-server","result":{"a":1,"a":2}}"#);
    assert!(text(&session.receive()).contains("malformed.duplicate_name"));
}

#[test]
fn a_cancellation_reaches_the_server() {
    let place = Place::new(ALL);
    let mut session = place.connect();
    session.call(1, "silent", "{}");
    eventually("the call is sent", || place.effects().len() == 1);
    session.send(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#);
    assert!(session.is_quiet());
    assert_eq!(place.effects(), ["tools/call", "notifications/cancelled", "ping"]);
    assert_eq!(session.finish().0, Some(0));
    assert_eq!(outcomes(&place), ["cancelled"]);
}

#[test]
fn a_cancelled_call_that_is_answered_all_the_same_was_cancelled() {
    let place = Place::new(ALL);
    let mut session = place.connect();
    session.call(1, "ask", r#"{"method":"roots/list"}"#);
    session.receive();
    session.send(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#);
    session.send(r#"{"jsonrpc":"2.0","id":"from-server","result":{}}"#);
    assert_eq!(text(&session.receive()), "{}");
    assert_eq!(session.finish().0, Some(0));
    assert_eq!(outcomes(&place), ["cancelled"]);
}

#[test]
fn outcomes_say_how_calls_ended() {
    let place = Place::new(ALL);
    let mut session = place.connect();
    for (id, tool) in [(1, "echo"), (2, "fail"), (3, "refuse"), (4, "silent")] {
        session.call(id, tool, "{}");
        if tool != "silent" {
            session.receive();
        }
    }
    let (status, errors) = session.finish();
    assert_eq!(status, Some(0), "{errors}");
    assert_eq!(outcomes(&place), ["ok", "error", "error", "unknown"]);
}

/// The outcomes in the log, in its order.
fn outcomes(place: &Place) -> Vec<&'static str> {
    let store = Home::open(&place.state()).unwrap().store().unwrap();
    let size = store.frontier().unwrap().size();
    (0..size)
        .filter_map(|index| parse_body(&store.record(index).unwrap().unwrap().sealed.body).unwrap().outcome)
        .map(|outcome| outcome.status.as_str())
        .collect()
}

#[test]
fn a_malformed_response_of_the_server_is_answered_with_an_error() {
    let place = Place::new(ALL);
    let mut session = place.connect();
    let mut answer = |id: i64, line: &str| {
        let line = raw(&mut session, id, line);
        let value = json::parse(&line, Profile::Data).unwrap();
        assert_eq!(value.get("id").and_then(Value::as_i64), Some(id), "{value:?}");
        code(&value).to_owned()
    };
    assert_eq!(answer(1, r#"{"jsonrpc":"2.0","id":ID,"result":{"n":12345678901234567890}}"#), "malformed.number");
    assert_eq!(answer(2, r#"{"jsonrpc":"2.0","id":ID,"result":{"a":1,"a":2}}"#), "mcp.server_response");
    assert_eq!(answer(3, r#"{"jsonrpc":"2.0","id":ID,"result":{"s":"\ud800"}}"#), "mcp.server_response");
    assert_eq!(answer(4, r#"{"jsonrpc":"2.0","id":ID,"result":{},"Result":{}}"#), "mcp.server_response");
    assert_eq!(answer(5, r#"{"jsonrpc":"2.0","id":ID,"result":{}} {"#), "mcp.server_response");
    session.call(6, "raw", r#"{"lines":[],"pad":17000000}"#);
    assert_eq!(code(&session.receive()), "mcp.message_too_large");
    assert_eq!(session.finish().0, Some(0));
    assert_eq!(outcomes(&place), ["error"; 6]);
}

#[test]
fn garbage_of_the_server_is_not_passed_on() {
    let place = Place::new(ALL);
    let mut session = place.connect();
    let lines = [
        "Listening on stdio",
        "",
        "{",
        r#"{\"jsonrpc\":\"2.0\",\"id\":999,\"result\":{}}"#,
        r#"{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"method\":\"b\"}"#,
        r#"[{\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":{}}]"#,
        r#"{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":1,\"message\":\"x\"}}"#,
        r#"{\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"at last\"}]}}"#,
    ];
    session.call(1, "raw", &format!(r#"{{"lines":["{}"]}}"#, lines.join(r#"",""#)));
    assert_eq!(text(&session.receive()), "at last");
    assert!(session.is_quiet());
}

#[test]
fn calls_that_wait_for_a_slow_server_keep_their_order() {
    let place = Place::new(ALL);
    let gate = place.dir.join("gate");
    let place = place.env("FIXTURE_GATE", gate.display().to_string());
    let mut session = place.connect();
    for id in 0..200 {
        session.call(id, if id % 3 == 0 { "write" } else { "echo" }, "{}");
    }
    std::fs::write(gate, "").unwrap();
    let ids: Vec<i64> = (0..200).map(|_| session.receive().get("id").and_then(Value::as_i64).unwrap()).collect();
    assert_eq!(ids, (0..200).collect::<Vec<i64>>());
}
