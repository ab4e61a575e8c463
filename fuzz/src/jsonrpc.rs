//! What a client of the connector may send: lines, messages, wishes (`docs/spec/pipeline.md`).

use crate::mcp::frame::{Frame, Frames, MESSAGE_BYTES};
use crate::mcp::id::{Hint, Id};
use crate::mcp::message::{Message, Shape};
use crate::mcp::methods::{self, Class};
use crate::mcp::wish::Wish;
use serde_json::Value as Theirs;

/// Lines keep their bytes, and what is decided on is what another parser would execute.
pub fn target(data: &[u8]) {
    let mut frames = Frames::new(data);
    let mut rest = data;
    while let Ok(Some(frame)) = frames.read() {
        match frame {
            Frame::Message(line) => {
                rest = skip_to(rest, &line);
                check_line(&line);
            }
            Frame::TooLarge(_) => assert!(data.len() > MESSAGE_BYTES, "a short line is too large"),
        }
    }
    assert!(data.len() > MESSAGE_BYTES || rest.trim_ascii().is_empty(), "bytes are lost");
}

/// The input after this line; only blank lines may come before it.
fn skip_to<'a>(rest: &'a [u8], line: &[u8]) -> &'a [u8] {
    let text = line.strip_suffix(b"\n").unwrap_or(line);
    assert!(!text.is_empty() && !text.contains(&b'\n'), "no line");
    let mut rest = rest;
    loop {
        let end = rest.iter().position(|b| *b == b'\n');
        let (first, tail) = (&rest[..end.unwrap_or(rest.len())], &rest[end.map_or(rest.len(), |at| at + 1)..]);
        if first == text {
            return tail;
        }
        assert!(first.trim_ascii().is_empty() && end.is_some(), "a line is not what was sent");
        rest = tail;
    }
}

fn check_line(line: &[u8]) {
    // A guess about any text at all; it must not fail, and about a sound message it must be right.
    let hint = Hint::of(line);
    let Ok(message) = Message::parse(line) else { return };
    let theirs: Result<Theirs, _> = serde_json::from_slice(line);
    let theirs = theirs.unwrap_or_default();
    let (id, method) = match &message.shape {
        Shape::Request { id, method } => (Some(id), Some(method.as_str())),
        Shape::Notification { method } => (None, Some(method.as_str())),
        Shape::Response { id } => (Some(id), None),
    };
    assert!(theirs.get("method").and_then(Theirs::as_str) == method, "another parser sees another method");
    match id {
        Some(Id::Number(number)) => assert!(theirs["id"].as_f64() == Some(*number as f64), "another id"),
        Some(Id::Text(text)) => assert!(theirs["id"].as_str() == Some(text), "another id"),
        None => assert!(theirs.get("id").is_none(), "an id that is not seen"),
    }
    assert!(hint.id.is_none_or(|guess| Some(&guess) == id), "a wrong guess of the id");
    assert!(!hint.method || method.is_some(), "a wrong guess of the method");
    if let Some(Class::Act(kind)) = method.and_then(methods::request)
        && id.is_some()
    {
        check_wish(kind, message, &theirs["params"]);
    }
}

fn check_wish(kind: talos_contracts::ActionKind, message: Message, theirs: &Theirs) {
    let Ok(wish) = Wish::read(kind, "m1".to_owned(), message.value) else { return };
    let target = if kind == talos_contracts::ActionKind::ResourceRead { "uri" } else { "name" };
    assert!(theirs[target].as_str() == Some(&wish.target), "another parser sees another target");
    assert!(wish.args.as_object().is_some(), "arguments that are no object");
    if kind != talos_contracts::ActionKind::ResourceRead {
        let seen = theirs.get("arguments").and_then(Theirs::as_object).map_or(0, |arguments| arguments.len());
        let meta = theirs.get("_meta").and_then(Theirs::as_object);
        let bound = meta.is_some_and(|meta| meta.keys().any(|name| name != "progressToken"));
        let expected = seen + usize::from(bound);
        assert!(wish.args.as_object().map(<[_]>::len) == Some(expected), "another parser sees other arguments");
    }
    assert!(wish.action(None).call == "m1" && wish.action(None).effect.is_none());
}
