//! What a frame costs, counted where it is spent: so that tests bound work and not time.

use std::cell::Cell;

/// Steps of chains, and X25519.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Work {
    pub steps: u64,
    pub agreements: u64,
}

thread_local! {
    static WORK: Cell<Work> = const { Cell::new(Work { steps: 0, agreements: 0 }) };
}

pub fn step() {
    WORK.with(|work| work.set(Work { steps: work.get().steps + 1, ..work.get() }));
}

pub fn agreement() {
    WORK.with(|work| work.set(Work { agreements: work.get().agreements + 1, ..work.get() }));
}

/// What this thread has spent since it was last asked.
pub fn taken() -> Work {
    WORK.with(Cell::take)
}
