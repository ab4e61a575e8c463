//! How often something may happen: the generic cell rate algorithm (`docs/spec/budget.md`, section 2).
//!
//! The state of a rate is one number, when the next call would be due if all came evenly (TAT, the
//! theoretical arrival time).

/// No time counts as later than this, in microseconds, and no burst lasts longer: their sum stays
/// below 2^53.
const TIME_MAX: u64 = 1 << 52;

/// A rate: how far apart calls are, and how far ahead of that they may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    interval_us: u64,
    tolerance_us: u64,
}

/// What a rate says to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The call keeps the rate.
    Allow {
        /// The next state.
        tat_us: u64,
    },
    /// It does not, and has used nothing.
    Deny {
        /// The state: another one only where it was beyond what it can be.
        tat_us: u64,
        /// After so many milliseconds it would; absent: never, because the cost is above the burst.
        retry_after_ms: Option<u64>,
    },
}

impl Rate {
    /// So many calls in so many seconds, so many at once. What is 0 counts as 1. The interval is
    /// rounded up, so that no rounding adds a call.
    pub fn new(calls: u64, per_seconds: u64, burst: u64) -> Self {
        let span = u128::from(per_seconds.max(1)) * 1_000_000;
        let interval = bounded(span.div_ceil(u128::from(calls.max(1))));
        let tolerance = bounded(u128::from(interval) * u128::from(burst.max(1)));
        Rate { interval_us: interval, tolerance_us: tolerance }
    }

    /// Checks a call of this cost at this time. `tat_us` is the state, 0 if there is none yet.
    ///
    /// A state beyond what any allowed call can have left is from a clock that has gone back since:
    /// it counts as the latest that it can be, from then on, so that nobody waits for the old time.
    pub fn check(&self, tat_us: u64, cost: u64, now_ms: u64) -> Verdict {
        let now = bounded(u128::from(now_ms) * 1_000);
        let tat = tat_us.min(now + self.tolerance_us);
        let price = u128::from(cost) * u128::from(self.interval_us);
        if price > u128::from(self.tolerance_us) {
            return Verdict::Deny { tat_us: tat, retry_after_ms: None };
        }
        let next = u128::from(tat.max(now)) + price;
        let over = next.saturating_sub(u128::from(now) + u128::from(self.tolerance_us));
        if over > 0 {
            return Verdict::Deny { tat_us: tat, retry_after_ms: Some(bounded(over.div_ceil(1_000))) };
        }
        Verdict::Allow { tat_us: u64::try_from(next).unwrap_or(u64::MAX) }
    }
}

fn bounded(n: u128) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX).min(TIME_MAX - 1)
}
