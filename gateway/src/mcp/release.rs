//! To the server: in order, and an action only after its receipt allows it.

use crate::mcp::answer::Denial;
use crate::mcp::id::Id;
use crate::mcp::wish::Wish;
use crate::mcp::{EXIT_GRACE, Link, frame, guard, note};
use std::process::ChildStdin;
use talos_shared::contracts::{Effect, Error};
use talos_shared::kernel::{Decision, Ticket};

/// What waits in the queue.
pub enum Item {
    /// A line to pass on; with the id of a request that has to be open still.
    Forward { line: Vec<u8>, id: Option<Id> },
    /// An action, decided.
    Act(Box<Act>),
    /// The client has ended.
    End,
}

/// A decided action.
pub struct Act {
    pub line: Vec<u8>,
    pub id: Id,
    pub wish: Wish,
    pub decision: Decision,
}

/// Empties the queue until the client has ended.
pub fn run(link: &Link, server: ChildStdin) {
    let mut out = Out { server, broken: false };
    loop {
        match link.queue.pop() {
            Item::Forward { line, id } => {
                if id.is_none_or(|id| guard(&link.pending).sent(&id)) {
                    out.write(&line);
                }
            }
            Item::Act(act) => release(link, &act, &mut out),
            Item::End => break,
        }
    }
    drop(out);
    link.server.end_after(EXIT_GRACE);
}

fn release(link: &Link, act: &Act, out: &mut Out) {
    match permit(link, act) {
        Ok(()) => {
            if guard(&link.pending).sent(&act.id) {
                out.write(&act.line);
            }
        }
        Err(denial) => {
            let code = denial.code.as_str();
            let reasons: Vec<String> =
                act.decision.reasons.iter().map(|r| format!("{}: {}", r.code, r.message)).collect();
            let Wish { call, kind, target, .. } = &act.wish;
            note(&format!("{call} {} {target:?} is denied, {code}; {}", kind.as_str(), reasons.join("; ")));
            link.answer(&act.id, &denial.answer(&act.id, *kind));
        }
    }
}

/// Waits for the receipt where the effect demands it, and starts the permit.
fn permit(link: &Link, act: &Act) -> Result<(), Denial> {
    let Act { decision, wish, .. } = act;
    if !decision.allowed() {
        let receipt = match decision.ticket.as_ref().map(Ticket::wait) {
            Some(Err(error)) => return Err(Denial::because(error.code, decision)),
            Some(Ok(durable)) => Some(durable.receipt_id),
            None => None,
        };
        return Err(Denial { receipt, ..Denial::of(decision) });
    }
    if !guard(&link.pending).is_open(&act.id) {
        // The server is gone; the answer was given.
        return Err(Denial::because(talos_shared::contracts::ErrorCode::McpServerGone, decision));
    }
    let durable = match (&decision.ticket, decision.effect) {
        (_, Effect::Read) | (None, _) => Ok(()),
        (Some(ticket), _) => ticket.wait().map(|_| ()),
    };
    durable.and_then(|()| link.run.start(&wish.call, &wish.action())).map_err(|error| refuse(link, act, &error))
}

fn refuse(link: &Link, act: &Act, error: &Error) -> Denial {
    note(&format!("{} does not start: {error}", act.wish.call));
    // It did not start. Where the permit is spent already, there is nothing to give back.
    let _ = link.run.release(&act.wish.call);
    Denial::because(error.code, &act.decision)
}

/// The server's stdin.
struct Out {
    server: ChildStdin,
    broken: bool,
}

impl Out {
    fn write(&mut self, line: &[u8]) {
        if self.broken {
            return;
        }
        if let Err(error) = frame::write_all(&mut self.server, line) {
            note(&format!("the server does not read any more: {error}"));
            self.broken = true;
        }
    }
}
