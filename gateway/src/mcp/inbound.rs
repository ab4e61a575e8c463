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
use talos_shared::contracts::{ActionKind, Error, ErrorCode, OutcomeStatus, PolicyMode, PolicyToolItem};
use talos_shared::kernel::Settlement;
use talos_shared::policy::{CompiledPolicy, PolicyFacts};

/// How long the server may take to list its tools for us.
const LIST_WAIT: Duration = Duration::from_secs(5);
/// Refused messages of a run that have a receipt: a client must not fill the disk with nonsense.
const REFUSALS_MAX: u64 = 1_000;
/// What a refused message attempted, if nobody can say.
const UNREADABLE: &str = "unreadable";
/// Characters of a target that are kept for a refusal.
const TARGET_CHARS: usize = 256;

/// Reads the client until it ends.
pub fn run(link: &Link, client: File) {
    let mut inbound = Inbound { link, next_call: None, refusals: 0, lists: 0, initialized: false };
    let mut frames = Frames::new(client);
    loop {
        match frames.read() {
            Ok(Some(Frame::Message(line))) => inbound.line(line),
            Ok(Some(Frame::TooLarge(_))) => inbound.refuse(None, UNREADABLE, ErrorCode::McpMessageTooLarge.into()),
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
    /// The id of the next call, once it was asked for.
    next_call: Option<String>,
    refusals: u64,
    lists: u64,
    /// Whether the handshake is over, as far as the client says.
    initialized: bool,
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
        let target = attempted(method, &value);
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
            self.refuse(Some(id).filter(|_| !in_use), &target, error);
        }
    }

    fn forward(&self, line: Vec<u8>, id: &Id, waiting: Waiting) -> Result<(), Error> {
        guard(&self.link.pending).open(id, waiting)?;
        self.link.queue.push(line.len(), Item::Forward { line, id: Some(id.clone()) });
        Ok(())
    }

    fn act(&mut self, line: Vec<u8>, id: &Id, read: impl FnOnce(String) -> Result<Wish, Error>) -> Result<(), Error> {
        let call = self.next_call()?;
        let mut wish = read(call.clone())?;
        self.check_trace(&wish)?;
        guard(&self.link.pending).open(id, Waiting::Call { call })?;
        self.next_call = None;
        if wish.kind == ActionKind::ToolCall {
            wish.tool_hash = self.tool_hash(&wish.target);
        }
        let decision = self.link.run.decide(&wish.action(self.link.user.as_deref()));
        self.link
            .queue
            .push(line.len(), Item::Act(Box::new(Act { line, id: id.clone(), wish, decision, waited: false })));
        Ok(())
    }

    /// Patterns search the trace context, too: it is no part of the arguments, and reaches the server all the same.
    fn check_trace(&self, wish: &Wish) -> Result<(), Error> {
        let Some(trace) = &wish.trace else { return Ok(()) };
        let policy = self.link.kernel.policy();
        let (subject, principal) = (self.link.run.subject(), self.link.user.as_deref());
        let facts = PolicyFacts { subject, principal, ..PolicyFacts::new(ActionKind::Message, "", trace) };
        let mut reasons = policy.decide(&facts).reasons.into_iter();
        match reasons.find(|reason| reason.code == ErrorCode::PolicyBlockedPattern) {
            Some(found) if policy.mode() == PolicyMode::Enforce => {
                Err(Error::new(found.code, format!("the trace context: {}", found.message)))
            }
            _ => Ok(()),
        }
    }

    /// The id of the next call; it stays the same until it is taken out of `next_call`.
    fn next_call(&mut self) -> Result<String, Error> {
        let call = self.next_call.take().map_or_else(|| self.link.run.new_call(), Ok)?;
        Ok(self.next_call.insert(call).clone())
    }

    /// The hash of a tool. Where the server's list was never seen, it is asked for if the policy
    /// pins any or Cedar may ask: else no decision depends on it.
    fn tool_hash(&mut self, name: &str) -> Option<Hash> {
        let is_wanted = self.initialized && (self.link.has_cedar || pins_tools(&self.link.kernel.policy()));
        if is_wanted && self.link.tools.find(name) == Knowledge::Unknown {
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
                return self.refuse(None, &attempted(method, value), error);
            }
            return note(&error.to_string());
        }
        self.initialized |= method == "notifications/initialized";
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

    fn malformed(&mut self, line: &[u8], error: Error) {
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
        self.refuse(hint.id.clone().filter(free), UNREADABLE, error);
    }

    /// There is nothing to hold back, so nobody waits for the disk.
    fn record_refusal(&mut self, target: &str, error: &Error) {
        let refused = self.next_call().map(|call| self.link.run.refuse(&call, target, error));
        self.next_call = None;
        match refused {
            Err(why) => note(&format!("the refusal has no receipt: {why}")),
            Ok(decision) if decision.ticket.is_none() => {
                let why: Vec<String> = decision.reasons.iter().map(|r| format!("{}: {}", r.code, r.message)).collect();
                note(&format!("the refusal has no receipt: {}", why.join("; ")));
            }
            Ok(_) => {}
        }
    }

    /// Nothing is forwarded; the client hears the code, the operator hears why, the log keeps it.
    fn refuse(&mut self, id: Option<Id>, target: &str, error: Error) {
        note(&format!("refused a message of the client: {error}"));
        self.refusals += 1;
        if self.refusals <= REFUSALS_MAX {
            self.record_refusal(target, &error);
        } else if self.refusals == REFUSALS_MAX + 1 {
            note(&format!("{REFUSALS_MAX} messages were refused: further refusals in this run have no receipts"));
        }
        self.link.to_client(&answer::error(id.as_ref(), error.code));
    }
}

/// Whether a rule of the policy pins what a tool's definition is.
fn pins_tools(policy: &CompiledPolicy) -> bool {
    let items = policy.policy().allowed_tools.as_deref().unwrap_or_default();
    items.iter().any(|item| matches!(item, PolicyToolItem::Rule(rule) if rule.tool_hash.is_some()))
}

/// What a request that is refused was for: its method, and the name or the URI in it.
fn attempted(method: &str, message: &Value) -> String {
    let params = message.get("params");
    let target = params.and_then(|params| params.get("name").or_else(|| params.get("uri"))).and_then(Value::as_str);
    let words = [Some(method), target].into_iter().flatten().filter(|word| !word.is_empty());
    let text: String = words.collect::<Vec<_>>().join(" ").chars().take(TARGET_CHARS).collect();
    if text.is_empty() { UNREADABLE.into() } else { text }
}
