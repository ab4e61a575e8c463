//! Calls that wait for people.
//!
//! A call that needs approval is held while its client waits, with progress if the client has asked for it, and goes back into
//! the queue when it was answered. After a while the client is told that the call is pending; the same call again finds the
//! answer.

use crate::mcp::release::{Act, Item};
use crate::mcp::tools::Knowledge;
use crate::mcp::{Link, answer, guard, note};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use talos_shared::contracts::json::Value;
use talos_shared::contracts::{ActionKind, Verdict};

/// How often answers are looked for.
const POLL: Duration = Duration::from_millis(200);
/// How often a client hears that its call waits.
const PROGRESS: Duration = Duration::from_secs(5);
/// Calls that are held at a time; more are answered at once.
const HELD_MAX: usize = 256;

/// The calls that are held.
pub struct Holds {
    held: Mutex<Vec<Held>>,
    wait: Duration,
}

struct Held {
    act: Box<Act>,
    since: Instant,
    told: u64,
}

impl Holds {
    /// Holds each call for so long at most.
    pub fn new(wait: Duration) -> Self {
        Holds { held: Mutex::default(), wait }
    }

    /// Takes a call on, or gives it back: it has waited, or there is no room.
    pub fn take(&self, act: Box<Act>) -> Result<(), Box<Act>> {
        let mut held = guard(&self.held);
        if act.waited || self.wait.is_zero() || held.len() >= HELD_MAX {
            return Err(act);
        }
        held.push(Held { act, since: Instant::now(), told: 0 });
        Ok(())
    }
}

/// Looks for answers for as long as the process lives.
pub fn run(link: &Link) {
    loop {
        std::thread::sleep(POLL);
        let held = std::mem::take(&mut *guard(&link.holds.held));
        let waits: Vec<Held> = held.into_iter().filter_map(|held| step(link, held)).collect();
        guard(&link.holds.held).extend(waits);
    }
}

/// Looks at one call; it is given back if it goes on waiting.
fn step(link: &Link, mut held: Held) -> Option<Held> {
    let Act { id, wish, .. } = &*held.act;
    if guard(&link.pending).drop_cancelled(id) || !guard(&link.pending).is_open(id) {
        give_up(link, &wish.call);
        return None;
    }
    if wish.kind == ActionKind::ToolCall && wish.tool_hash.is_some() {
        follow_tool(link, &mut held.act);
    }
    let Act { wish, .. } = &*held.act;
    let decision = link.run.decide(&wish.action(link.user.as_deref()));
    if decision.verdict == Verdict::NeedsApproval && held.since.elapsed() < link.holds.wait {
        let due = held.since.elapsed().as_secs() / PROGRESS.as_secs();
        if due > held.told {
            held.told = due;
            tell(link, &held);
        }
        return Some(held);
    }
    if decision.verdict == Verdict::NeedsApproval {
        // The same call again asks under another id, and finds the answer.
        give_up(link, &wish.call);
    }
    (held.act.decision, held.act.waited) = (decision, true);
    link.queue.push(held.act.line.len(), Item::Act(held.act));
    None
}

/// A tool that is not what people were asked about any more is another call's: it is decided on from the start.
fn follow_tool(link: &Link, act: &mut Act) {
    let now = match link.tools.find(&act.wish.target) {
        Knowledge::Known(hash) => hash,
        Knowledge::Unknown => None,
    };
    if act.wish.tool_hash == now {
        return;
    }
    act.wish.tool_hash = now;
    // Under the old id the kernel refuses what was not asked for.
    if let Ok(call) = link.run.new_call() {
        give_up(link, &act.wish.call);
        guard(&link.pending).renew(&act.id, &call);
        act.wish.call = call;
    }
}

fn give_up(link: &Link, call: &str) {
    if let Err(error) = link.run.release(call) {
        note(&format!("{call} waits for nobody any more, and is not given up: {error}"));
    }
}

fn tell(link: &Link, held: &Held) {
    let Some(token) = &held.act.wish.progress else { return };
    let params = Value::object([
        ("progressToken", token.clone()),
        ("progress", Value::from(i64::try_from(held.told).unwrap_or(i64::MAX))),
        ("message", Value::from("Waiting for a person to approve this call.")),
    ]);
    link.to_client(&answer::message([("method", Value::from("notifications/progress")), ("params", params)]));
}
