//! The way from the client to the server: first in, first out, bounded.

use crate::mcp::guard;
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};

/// Messages that may wait.
const ITEMS_MAX: usize = 1_024;
/// Bytes of messages that may wait; one more message is let in below it.
const BYTES_MAX: usize = 32 * 1024 * 1024;

/// A queue that blocks whoever is too fast.
pub struct Queue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    items: VecDeque<(usize, T)>,
    bytes: usize,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Queue { state: Mutex::new(State { items: VecDeque::new(), bytes: 0 }), changed: Condvar::new() }
    }
}

impl<T> State<T> {
    fn is_full(&self) -> bool {
        self.items.len() >= ITEMS_MAX || self.bytes >= BYTES_MAX
    }

    fn push(&mut self, bytes: usize, item: T) {
        self.bytes += bytes;
        self.items.push_back((bytes, item));
    }
}

impl<T> Queue<T> {
    /// Appends, and waits for room.
    pub fn push(&self, bytes: usize, item: T) {
        let mut state = guard(&self.state);
        while state.is_full() {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.push(bytes, item);
        self.changed.notify_all();
    }

    /// Appends if there is room.
    pub fn try_push(&self, bytes: usize, item: T) -> bool {
        let mut state = guard(&self.state);
        if state.is_full() {
            return false;
        }
        state.push(bytes, item);
        self.changed.notify_all();
        true
    }

    /// Waits for the oldest.
    pub fn pop(&self) -> T {
        let mut state = guard(&self.state);
        loop {
            if let Some((bytes, item)) = state.items.pop_front() {
                state.bytes -= bytes;
                self.changed.notify_all();
                return item;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
