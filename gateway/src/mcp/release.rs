//! To the server: in order, and an action only after its receipt allows it.

use crate::mcp::answer::Denial;
use crate::mcp::id::Id;
use crate::mcp::pending::Sending;
use crate::mcp::wish::Wish;
use crate::mcp::{EXIT_GRACE, Link, frame, guard, note};
use std::process::ChildStdin;
use talos_shared::contracts::{Error, ErrorCode, OutcomeStatus};
use talos_shared::kernel::{Decision, Settlement, Ticket};

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
    /// Whether it was held for people, and will not be again.
    pub waited: bool,
}

/// Empties the queue until the client has ended.
pub fn run(link: &Link, server: ChildStdin) {
    let mut out = Out { server, broken: false };
    loop {
        match link.queue.pop() {
            Item::Forward { line, id } => {
                if id.is_none_or(|id| guard(&link.pending).send(&id) == Sending::Go) {
                    out.write(&line);
                }
            }
            Item::Act(act) => release(link, act, &mut out),
            Item::End => break,
        }
    }
    drop(out);
    link.server.end_after(EXIT_GRACE);
}

fn release(link: &Link, act: Box<Act>, out: &mut Out) {
    if is_dropped(link, &act) {
        return;
    }
    let receipt = wait_for_receipt(link, &act);
    if receipt.is_ok() && is_dropped(link, &act) {
        return;
    }
    let asks = receipt.as_ref().is_err_and(|denial| denial.code == ErrorCode::ApprovalRequired);
    let act = &match if asks { link.holds.take(act) } else { Err(act) } {
        Ok(()) => return,
        Err(act) => act,
    };
    match receipt.and_then(|()| start(link, act)) {
        Ok(()) => {
            let sending = guard(&link.pending).send(&act.id);
            match sending {
                Sending::Go => out.write(&act.line),
                Sending::Cancelled => {
                    link.settle_call(&act.wish.call, &Settlement::new(OutcomeStatus::Cancelled, None))
                }
                Sending::Answered => {}
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

/// Whether the client has cancelled what was not sent: then it is not, and the permit is given back.
fn is_dropped(link: &Link, act: &Act) -> bool {
    let dropped = guard(&link.pending).drop_cancelled(&act.id);
    if dropped
        && act.decision.allowed()
        && let Err(error) = link.run.release(&act.wish.call)
    {
        note(&format!("{} was cancelled and is not released: {error}", act.wish.call));
    }
    dropped
}

/// Waits for the receipt where the decision demands it.
fn wait_for_receipt(link: &Link, act: &Act) -> Result<(), Denial> {
    let Act { decision, .. } = act;
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
        return Err(Denial::because(ErrorCode::McpServerGone, decision));
    }
    match decision.must_wait_for() {
        None => Ok(()),
        Some(ticket) => ticket.wait().map(|_| ()).map_err(|error| refuse(link, act, &error)),
    }
}

/// Starts the permit.
fn start(link: &Link, act: &Act) -> Result<(), Denial> {
    let action = act.wish.action(link.user.as_deref());
    link.run.start(&act.wish.call, &action).map_err(|error| refuse(link, act, &error))
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
