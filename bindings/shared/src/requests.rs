//! Requests for approval, looked for from the newest back.

use crate::approvals::state_name;
use talos_contracts::{ApprovalState, Error};
use talos_kernel::ports::Damaged;
use talos_kernel::{CLOCK_BEHIND_MS, Case, Cases, Kernel};

/// How many are looked at first; each further time it is four times as many.
const WINDOW: usize = 256;
/// The longest that a request waits (`expires_seconds` of a policy), with what two clocks may differ by.
const WAIT_MAX_MS: u64 = 2_592_000_000 + CLOCK_BEHIND_MS;

/// What a search found.
pub struct Requests {
    /// The requests that are wanted, the newest first.
    pub cases: Vec<Case>,
    /// What was come across that is stored as a request and is none.
    pub damaged: Vec<Damaged>,
    /// Whether more are wanted than were asked for.
    pub more: bool,
}

/// The requests that are wanted, at most so many. Nothing that is older than the first that `ends` says so of is wanted.
pub fn requests(
    kernel: &Kernel,
    most: usize,
    wanted: impl Fn(&Case) -> bool,
    ends: impl Fn(&Case) -> bool,
) -> Result<Requests, Error> {
    let mut window = WINDOW;
    loop {
        let Cases { sound, damaged } = kernel.approvals(window)?;
        let is_all = sound.len() + damaged.len() < window || sound.iter().any(&ends);
        let mut cases: Vec<Case> = sound.into_iter().filter(&wanted).collect();
        let more = cases.len() > most;
        if is_all || more {
            cases.truncate(most);
            return Ok(Requests { cases, damaged, more });
        }
        window = window.saturating_mul(4);
    }
}

/// Whether a request, and each before it, has ended by now, whatever was answered.
pub fn has_ended(case: &Case, now_ms: u64) -> bool {
    case.request.request().iat.saturating_add(WAIT_MAX_MS) < now_ms
}

/// The state of a request as contracts name it.
pub fn state_of(case: &Case) -> ApprovalState {
    if case.redeemed { ApprovalState::Redeemed } else { state_name(&case.state) }
}
