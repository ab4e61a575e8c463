//! From the client: parse, decide, queue.

use crate::mcp::answer;
use crate::mcp::frame::{Frame, Frames};
use crate::mcp::id::{Hint, Id};
use crate::mcp::message::{Message, Shape};
use crate::mcp::methods::{self, Class};
use crate::mcp::pending::{Cancelling, Waiting};
use crate::mcp::release::{Act, Item};
use crate::mcp::tools::{Knowledge, Page};
use crate::mcp::wish::Wish;
use crate::mcp::{Link, guard, note};
use std::fs::File;
use std::time::{Duration, Instant};
use talos_shared::contracts::json::Value;
use talos_shared::contracts::scalar::Hash;
use talos_shared::contracts::{ActionKind, Error, ErrorCode, OutcomeStatus};
use talos_shared::kernel::Settlement;

/// How long the server may take to list its tools for us.
const LIST_WAIT: Duration = Duration::from_secs(10);

/// Reads the client until it ends.
pub fn run(link: &Link, client: File) {
    let mut inbound = Inbound { link, calls: 0, lists: 0 };
    let mut frames = Frames::new(client);
    loop {
        match frames.read() {
            Ok(Some(Frame::Message(line))) => inbound.line(line),
            Ok(Some(Frame::TooLarge(_))) => inbound.refuse(None, ErrorCode::McpMessageTooLarge.into()),
            Ok(None) => break,
            Err(error) => {
                note(&format!("the client cannot be read: {error}"));
                break;
            }
        }
    }
    link.queue.push(0, Item::End);
}

struct Inbound<'a> {
    link: &'a Link,
    calls: u64,
    lists: u64,
}

impl Inbound<'_> {
    fn line(&mut self, line: Vec<u8>) {
        match Message::parse(&line) {
            Ok(Message { value, shape: Shape::Request { id, method } }) => self.request(line, value, id, &method),
            Ok(Message { value, shape: Shape::Notification { method } }) => self.notification(line, &value, &method),
            Ok(Message { shape: Shape::Response { id }, .. }) => self.response(line, &id),
            Err(error) => self.malformed(&line, error),
        }
    }

    fn request(&mut self, line: Vec<u8>, value: Value, id: Id, method: &str) {
        let taken = match methods::request(method) {
            None => Err(Error::new(ErrorCode::McpMethodUnknown, format!("the method {method:?} is not passed on"))),
            Some(Class::Forward) => self.forward(line, &id, Waiting::Client),
            Some(Class::ListTools) => {
                let generation = self.link.tools.generation();
                self.forward(line, &id, Waiting::Tools { generation })
            }
            Some(Class::Act(kind)) => self.act(line, &id, |call| Wish::read(kind, call, value)),
            Some(Class::Complete) => self.act(line, &id, |call| Wish::complete(call, value)),
        };
        if let Err(error) = taken {
            // The id belongs to the request that is open.
            let in_use = error.code == ErrorCode::McpIdInUse;
            self.refuse(Some(id).filter(|_| !in_use), error);
        }
    }

    fn forward(&self, line: Vec<u8>, id: &Id, waiting: Waiting) -> Result<(), Error> {
        guard(&self.link.pending).open(id, waiting)?;
        self.link.queue.push(line.len(), Item::Forward { line, id: Some(id.clone()) });
        Ok(())
    }

    fn act(&mut self, line: Vec<u8>, id: &Id, read: impl FnOnce(String) -> Result<Wish, Error>) -> Result<(), Error> {
        let call = self.next_call();
        let mut wish = read(call.clone())?;
        guard(&self.link.pending).open(id, Waiting::Call { call })?;
        self.calls += 1;
        if wish.kind == ActionKind::ToolCall {
            wish.tool_hash = self.tool_hash(&wish.target);
        }
        let decision = self.link.run.decide(&wish.action());
        self.link.queue.push(line.len(), Item::Act(Box::new(Act { line, id: id.clone(), wish, decision })));
        Ok(())
    }

    /// The id of the next call; it is taken when `calls` moves on.
    fn next_call(&self) -> String {
        format!("m{}", self.calls + 1)
    }

    /// The hash of a tool; where the server's list was never seen, it is asked for.
    fn tool_hash(&mut self, name: &str) -> Option<Hash> {
        if self.link.tools.find(name) == Knowledge::Unknown {
            self.list_tools();
        }
        match self.link.tools.find(name) {
            Knowledge::Known(hash) => hash,
            Knowledge::Unknown => None,
        }
    }

    fn list_tools(&mut self) {
        let generation = self.link.tools.generation();
        let deadline = Instant::now() + LIST_WAIT;
        let mut cursor: Option<String> = None;
        while let Ok(id) = self.ask_for_page(generation, cursor.as_deref()) {
            match self.link.tools.take_page(deadline) {
                Some(Page::More(next)) => cursor = Some(next),
                Some(Page::Last) => break,
                None => {
                    note("the server does not list its tools; calls are decided without their hashes");
                    guard(&self.link.pending).cancel(&id);
                    break;
                }
            }
        }
        self.link.tools.give_up(generation);
    }

    fn ask_for_page(&mut self, generation: u64, cursor: Option<&str>) -> Result<Id, Error> {
        let id = loop {
            self.lists += 1;
            let id = Id::Text(format!("talos-list-{}", self.lists));
            match guard(&self.link.pending).open(&id, Waiting::OwnTools { generation }) {
                Ok(()) => break id,
                // The client has taken this very id.
                Err(error) if error.code == ErrorCode::McpIdInUse => {}
                Err(error) => return Err(error),
            }
        };
        self.link.tools.ask(&id);
        let params = Value::object(cursor.map(|cursor| ("cursor", cursor.into())));
        let line = answer::request(&id, "tools/list", params);
        self.link.queue.push(line.len(), Item::Forward { line, id: Some(id.clone()) });
        Ok(id)
    }

    fn notification(&mut self, line: Vec<u8>, value: &Value, method: &str) {
        if !methods::notification(method) {
            let code = match methods::request(method) {
                Some(Class::Act(_) | Class::Complete) => ErrorCode::McpIdInvalid,
                _ => ErrorCode::McpMethodUnknown,
            };
            let error = Error::new(code, format!("the notification {method:?} is not passed on"));
            // Nobody waits for an answer to a notification, but an action without an id is none.
            if code == ErrorCode::McpIdInvalid {
                return self.refuse(None, error);
            }
            return note(&error.to_string());
        }
        if method == "notifications/cancelled" {
            let id = value.get("params").and_then(|params| params.get("requestId")).and_then(Id::of);
            match id.map(|id| guard(&self.link.pending).cancel(&id)) {
                Some(Cancelling::Unsent) => return,
                Some(Cancelling::Tell(Some(request))) => {
                    self.link.settle(&request, &Settlement::new(OutcomeStatus::Cancelled, None));
                }
                Some(Cancelling::Tell(None)) | None => {}
            }
        }
        self.link.queue.push(line.len(), Item::Forward { line, id: None });
    }

    fn response(&self, line: Vec<u8>, id: &Id) {
        if guard(&self.link.pending).close_server(id) {
            self.link.queue.push(line.len(), Item::Forward { line, id: None });
        } else {
            note(&format!("dropped the client's response {id:?}: the server has no such request"));
        }
    }

    fn malformed(&self, line: &[u8], error: Error) {
        let hint = Hint::of(line);
        if let (Some(id), false) = (&hint.id, hint.method) {
            // The server must not wait for ever for a response that is not passed on.
            if guard(&self.link.pending).close_server(id) {
                note(&format!("the client's response {id:?} is not passed on: {error}"));
                let line = answer::error(Some(id), error.code);
                return self.link.queue.push(line.len(), Item::Forward { line, id: None });
            }
        }
        let free = |id: &Id| hint.method && !guard(&self.link.pending).is_open(id);
        self.refuse(hint.id.clone().filter(free), error);
    }

    /// Nothing is forwarded; the client hears the code, the operator hears why.
    fn refuse(&self, id: Option<Id>, error: Error) {
        note(&format!("refused a message of the client: {error}"));
        self.link.to_client(&answer::error(id.as_ref(), error.code));
    }
}
