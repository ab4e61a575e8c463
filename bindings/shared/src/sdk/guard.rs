//! What stands between a host and a kernel: no panic passes, and nothing is called after the end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use talos_contracts::{Error, ErrorCode};

/// The state of one kernel's door.
pub(crate) struct Guard {
    pid: u32,
    poisoned: AtomicBool,
    closed: AtomicBool,
}

impl Guard {
    pub(crate) fn new() -> Self {
        Guard { pid: process::id(), poisoned: AtomicBool::new(false), closed: AtomicBool::new(false) }
    }

    /// Whether this is another process than the one that opened the kernel: its threads and its
    /// locks are not here.
    pub(crate) fn is_forked(&self) -> bool {
        process::id() != self.pid
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.is_forked() {
            return Err(ErrorCode::KernelForked.into());
        }
        if self.poisoned.load(Ordering::Acquire) {
            return Err(ErrorCode::KernelPoisoned.into());
        }
        if self.is_closed() {
            return Err(ErrorCode::KernelClosed.into());
        }
        Ok(())
    }

    /// Runs the work, unless the kernel is at its end.
    pub(crate) fn run<T>(&self, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        self.check()?;
        self.caught(work)
    }

    fn caught<T>(&self, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(ErrorCode::InternalPanic.into()));
        if let Err(error) = &result {
            self.saw(error.code);
        }
        result
    }

    /// The kernel catches the panics of its ports itself; they poison all the same.
    pub(crate) fn saw(&self, code: ErrorCode) {
        if code == ErrorCode::InternalPanic {
            self.poisoned.store(true, Ordering::Release);
        }
    }

    /// Closes, then runs the last work: nothing else passes from its beginning on. What is closed
    /// stays so, without an error.
    pub(crate) fn close(&self, work: impl FnOnce() -> Result<(), Error>) -> Result<(), Error> {
        if self.is_closed() && !self.is_forked() {
            return Ok(());
        }
        self.check()?;
        self.closed.store(true, Ordering::Release);
        self.caught(work)
    }
}

/// A value with threads and locks behind it: in another process than its own it is forgotten, not
/// dropped, because nothing of it is there to be joined or unlocked.
pub(crate) struct Owned<T> {
    pid: u32,
    /// INVARIANT: `None` only while what holds it is dropped.
    value: Option<T>,
}

impl<T> Owned<T> {
    pub(crate) fn new(value: T) -> Self {
        Owned { pid: process::id(), value: Some(value) }
    }

    /// Takes the value out, if it is of this process.
    pub(crate) fn take(&mut self) -> Option<T> {
        if process::id() == self.pid { self.value.take() } else { None }
    }

    pub(crate) fn get(&self) -> Result<&T, Error> {
        self.value.as_ref().ok_or_else(|| ErrorCode::KernelClosed.into())
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        if process::id() != self.pid {
            std::mem::forget(self.value.take());
        }
    }
}
