//! What was used in a stretch of time (`docs/spec/budget.md`, section 3).
//!
//! A window is made of slots. A fixed window is one slot, which starts anew at each multiple of its
//! length. A sliding window is sixteen slots and the one that is filling: what was used at any
//! moment of the window is in one of them, so that nothing is ever counted too low, and at most a
//! sixteenth of the window too long.

use crate::terms::Span;

/// Parts of a sliding window.
const PARTS: u64 = 16;

impl Span {
    /// Length of a slot in milliseconds. For good is one slot without an end.
    pub fn slot_ms(self) -> u64 {
        match self {
            Span::Lifetime => u64::MAX,
            Span::Fixed(seconds) => seconds.saturating_mul(1_000).max(1),
            Span::Sliding(seconds) => seconds.saturating_mul(1_000).div_ceil(PARTS).max(1),
        }
    }

    /// How many slots count.
    pub fn slots(self) -> u64 {
        match self {
            Span::Lifetime | Span::Fixed(_) => 1,
            Span::Sliding(_) => PARTS + 1,
        }
    }
}

/// What was used, by slots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// The number of the newest slot.
    newest: u64,
    /// The newest slot first; empty where there is one slot only.
    slots: Vec<u64>,
    total: u64,
}

impl Spent {
    /// Nothing used yet.
    pub fn new(span: Span) -> Self {
        let slots = if span.slots() > 1 { vec![0; span.slots() as usize] } else { Vec::new() };
        Spent { newest: 0, slots, total: 0 }
    }

    /// The number of the newest slot and what was used in each, the newest first: as stores keep it.
    pub fn parts(&self) -> (u64, &[u64]) {
        (self.newest, if self.slots.is_empty() { std::slice::from_ref(&self.total) } else { &self.slots })
    }

    /// From what a store has kept; missing slots are empty, and those that are too many count into the oldest.
    pub fn from_parts(span: Span, newest: u64, amounts: &[u64]) -> Self {
        let mut spent = Spent::new(span);
        (spent.newest, spent.total) = (newest, amounts.iter().fold(0, |sum: u64, n| sum.saturating_add(*n)));
        let last = spent.slots.len().saturating_sub(1);
        for (at, amount) in amounts.iter().enumerate() {
            if let Some(slot) = spent.slots.get_mut(at.min(last)) {
                *slot = slot.saturating_add(*amount);
            }
        }
        spent
    }

    /// What was used in the window, as of the last [`Spent::advance`].
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Whether the window stands where it has to at this time.
    pub(crate) fn is_at(&self, span: Span, now_ms: u64) -> bool {
        now_ms / span.slot_ms() == self.newest
    }

    /// Moves the window to this time. A clock that went back leaves it where it is; one that went
    /// back by more than the window takes along what was used, so that it leaves in time.
    pub fn advance(&mut self, span: Span, now_ms: u64) {
        let now = now_ms / span.slot_ms();
        if now == self.newest {
            return;
        }
        if now < self.newest {
            self.follow_back(span, now_ms);
            return;
        }
        let steps = now - self.newest;
        self.newest = now;
        if self.slots.is_empty() {
            self.total = 0;
            return;
        }
        let steps = usize::try_from(steps).unwrap_or(usize::MAX).min(self.slots.len());
        self.slots.rotate_right(steps);
        self.slots[..steps].fill(0);
        self.total = self.slots.iter().fold(0, |sum: u64, n| sum.saturating_add(*n));
    }

    /// The part of [`Spent::advance`] for a clock that went back by more than the window.
    pub(crate) fn follow_back(&mut self, span: Span, now_ms: u64) {
        let now = now_ms / span.slot_ms();
        if self.newest.saturating_sub(now) > span.slots() {
            self.newest = now;
        }
    }

    /// Counts in the newest slot.
    pub fn add(&mut self, amount: u64) {
        self.total = self.total.saturating_add(amount);
        if let Some(newest) = self.slots.first_mut() {
            *newest = newest.saturating_add(amount);
        }
    }

    /// Milliseconds until so much has left the window; absent: it never does.
    pub fn leaves_in(&self, span: Span, now_ms: u64, amount: u64) -> Option<u64> {
        if span == Span::Lifetime || amount > self.total {
            return None;
        }
        let (newest, slots) = self.parts();
        let mut left = 0_u64;
        for (age, used) in slots.iter().enumerate().rev() {
            left = left.saturating_add(*used);
            if left >= amount {
                let slot = newest.saturating_sub(age as u64);
                let gone = slot.saturating_add(span.slots()).saturating_mul(span.slot_ms());
                return Some(gone.saturating_sub(now_ms));
            }
        }
        None
    }
}
