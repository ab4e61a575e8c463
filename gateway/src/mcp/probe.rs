//! Asks a server for its tools.

use crate::mcp::answer;
use crate::mcp::child::Server;
use crate::mcp::frame::{self, Frame, Frames};
use crate::mcp::id::Id;
use crate::mcp::message::{Message, Shape};
use crate::mcp::tools::{Page, next_page};
use std::ffi::OsString;
use std::process::ChildStdin;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};
use talos_shared::contracts::json::Value;
use talos_shared::contracts::{Error, ErrorCode};

/// How long the server may take for all of it; the first start of a package may download it.
const PROBE_WAIT: Duration = Duration::from_secs(120);
/// The revision that is asked for.
const REVISION: &str = "2025-11-25";
/// Tools that are read at the most.
const TOOLS_MAX: usize = 4_096;

/// The definitions of a server's tools, in its order.
pub fn list_tools(command: &[OsString]) -> Result<Vec<Value>, Error> {
    let (server, stdin, stdout) = Server::spawn(command)?;
    let (sender, lines) = sync_channel(16);
    let reader = std::thread::Builder::new().name("probe".into()).spawn(move || read(Frames::new(stdout), &sender));
    reader.map_err(|error| Error::new(ErrorCode::InternalFault, format!("no thread: {error}")))?;
    let mut probe = Probe { stdin, lines, deadline: Instant::now() + PROBE_WAIT, requests: 0 };
    let tools = probe.tools();
    // Dropping the server ends it, whatever came of it.
    drop(server);
    tools
}

fn read(mut frames: Frames<std::process::ChildStdout>, sender: &SyncSender<Result<Message, Error>>) {
    while let Ok(Some(frame)) = frames.read() {
        let message = match frame {
            Frame::Message(line) => Message::parse(&line),
            Frame::TooLarge(_) => Err(ErrorCode::McpMessageTooLarge.into()),
        };
        if sender.send(message).is_err() {
            return;
        }
    }
}

struct Probe {
    stdin: ChildStdin,
    lines: Receiver<Result<Message, Error>>,
    deadline: Instant,
    requests: i64,
}

impl Probe {
    fn tools(&mut self) -> Result<Vec<Value>, Error> {
        let client = Value::object([("name", "talos".into()), ("version", env!("CARGO_PKG_VERSION").into())]);
        let params = [
            ("protocolVersion", Value::from(REVISION)),
            ("capabilities", Value::object::<String>([])),
            ("clientInfo", client),
        ];
        self.request("initialize", Value::object(params))?;
        self.send(&answer::message([("method", "notifications/initialized".into())]))?;
        let mut tools = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let params = Value::object(cursor.iter().map(|cursor| ("cursor", Value::from(cursor.as_str()))));
            let result = self.request("tools/list", params)?;
            tools.extend_from_slice(result.get("tools").and_then(Value::as_array).unwrap_or_default());
            match next_page(&result) {
                Page::More(next) if tools.len() < TOOLS_MAX => cursor = Some(next),
                _ => break,
            }
        }
        tools.truncate(TOOLS_MAX);
        Ok(tools)
    }

    fn send(&mut self, line: &[u8]) -> Result<(), Error> {
        frame::write_all(&mut self.stdin, line).map_err(|_| ErrorCode::McpServerGone.into())
    }

    /// Sends a request and gives its result back. What else the server asks is refused, but for pings.
    fn request(&mut self, method: &str, params: Value) -> Result<Value, Error> {
        self.requests += 1;
        let own = Id::Number(self.requests);
        self.send(&answer::request(&own, method, params))?;
        loop {
            let message = self.next()??;
            match message.shape {
                Shape::Response { id } if id == own => {
                    return message.value.get("result").cloned().ok_or_else(|| {
                        Error::new(ErrorCode::McpServerResponse, format!("the server answers {method} with an error"))
                    });
                }
                Shape::Request { id, method } => {
                    let line = match method.as_str() {
                        "ping" => answer::line(Some(&id), "result", Value::object::<String>([])),
                        _ => answer::error(Some(&id), ErrorCode::McpMethodUnknown),
                    };
                    self.send(&line)?;
                }
                _ => {}
            }
        }
    }

    fn next(&self) -> Result<Result<Message, Error>, Error> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        self.lines.recv_timeout(left).map_err(|error| match error {
            RecvTimeoutError::Timeout => {
                let detail = format!("no answer within {} seconds", PROBE_WAIT.as_secs());
                Error::new(ErrorCode::McpServerResponse, detail)
            }
            RecvTimeoutError::Disconnected => {
                Error::new(ErrorCode::McpServerGone, "the server ended before it listed its tools")
            }
        })
    }
}
