//! From the server: parse, settle, cut, pass on.

use crate::mcp::frame::{Frame, Frames};
use crate::mcp::id::{Hint, Id};
use crate::mcp::message::{Message, Shape};
use crate::mcp::pending::{Request, Waiting};
use crate::mcp::release::Item;
use crate::mcp::tools::{Page, cut, next_page};
use crate::mcp::{Link, answer, guard, note};
use std::process::ChildStdout;
use talos_shared::contracts::json::Value;
use talos_shared::contracts::{Error, ErrorCode, OutcomeStatus};
use talos_shared::kernel::Settlement;

/// Reads the server until it ends.
pub fn run(link: &Link, server: ChildStdout) {
    let mut frames = Frames::new(server);
    loop {
        match frames.read() {
            Ok(Some(Frame::Message(line))) => match Message::parse(&line) {
                Ok(message) => pass(link, &line, &message),
                Err(error) => malformed(link, &Hint::of(&line), &error),
            },
            Ok(Some(Frame::TooLarge(hint))) => malformed(link, &hint, &ErrorCode::McpMessageTooLarge.into()),
            Ok(None) => return,
            Err(error) => return note(&format!("the server cannot be read: {error}")),
        }
    }
}

fn pass(link: &Link, line: &[u8], message: &Message) {
    match &message.shape {
        Shape::Request { id, .. } => {
            if guard(&link.pending).open_server(id) {
                link.to_client(line);
            } else {
                note(&format!("dropped the server's request {id:?}: one with this id is open"));
            }
        }
        Shape::Notification { method } => {
            notice(link, method, &message.value);
            link.to_client(line);
        }
        Shape::Response { id } => {
            let request = guard(&link.pending).answered(id);
            match request {
                Some(request) => response(link, line, &message.value, id, &request),
                None => note(&format!("dropped the server's response {id:?}: no such request is open")),
            }
        }
    }
}

fn notice(link: &Link, method: &str, value: &Value) {
    match method {
        "notifications/tools/list_changed" => link.tools.forget(),
        "notifications/cancelled" => {
            if let Some(id) = value.get("params").and_then(|params| params.get("requestId")).and_then(Id::of) {
                guard(&link.pending).close_server(&id);
            }
        }
        _ => {}
    }
}

fn response(link: &Link, line: &[u8], value: &Value, id: &Id, request: &Request) {
    let result = value.get("result");
    match &request.waiting {
        Waiting::Client => link.to_client(line),
        Waiting::Tools { generation } => {
            if let Some(result) = result {
                link.tools.learn(*generation, result);
            }
            match cut(line, value, &link.kernel.policy(), link.run.subject(), link.user.as_deref()) {
                Some(cut) => link.to_client(&cut),
                None => link.to_client(line),
            }
        }
        Waiting::OwnTools { generation } => {
            if let Some(result) = result {
                link.tools.learn(*generation, result);
            }
            link.tools.put_page(id, result.map_or(Page::Last, next_page));
        }
        Waiting::Call { .. } => {
            let failed = result.is_none_or(|r| r.get("isError").and_then(Value::as_bool) == Some(true));
            let status = if failed { OutcomeStatus::Error } else { OutcomeStatus::Ok };
            link.settle(request, &Settlement::new(status, result));
            link.to_client(line);
        }
    }
}

/// Nothing is passed on. Whoever waits for it hears so.
fn malformed(link: &Link, hint: &Hint, error: &Error) {
    note(&format!("a message of the server is not passed on: {error}"));
    let Some(id) = &hint.id else { return };
    if hint.method {
        let line = answer::error(Some(id), error.code);
        // Whoever reads the server must never wait for it.
        if !link.queue.try_push(line.len(), Item::Forward { line, id: None }) {
            note("the server is not told, it is too busy");
        }
        return;
    }
    let request = guard(&link.pending).answered(id);
    let Some(request) = request else { return };
    match request.waiting {
        Waiting::OwnTools { .. } => link.tools.put_page(id, Page::Last),
        _ => {
            link.settle(&request, &Settlement::new(OutcomeStatus::Error, None));
            link.to_client(&answer::error(Some(id), code_of_server(error.code)));
        }
    }
}

/// A number that JSON readers disagree on keeps its own code, since servers really send such;
/// anything else is the server's response.
fn code_of_server(code: ErrorCode) -> ErrorCode {
    match code {
        ErrorCode::MalformedNumber | ErrorCode::McpMessageTooLarge => code,
        _ => ErrorCode::McpServerResponse,
    }
}
