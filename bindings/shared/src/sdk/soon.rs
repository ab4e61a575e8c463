//! Answers that may have to wait for the disk.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Sender};
use std::thread;
use talos_contracts::{Error, ErrorCode};
use talos_kernel::{Durable, Ticket};

/// An answer, now or when a receipt is on disk.
///
/// A host that may block calls [`Soon::wait`]. One that may not takes what is there now, and is
/// called back otherwise.
pub enum Soon<T> {
    /// There is nothing to wait for.
    Now(T),
    /// The answer waits for the disk.
    Later(Later<T>),
}

/// An answer that waits for a receipt.
pub struct Later<T> {
    ticket: Ticket,
    notifier: Notifier,
    next: Box<dyn FnOnce(Result<Durable, Error>) -> Soon<T> + Send>,
}

impl<T: 'static> Soon<T> {
    /// Goes on with `next` when the ticket has resolved; at once, if it has.
    pub(crate) fn after(
        ticket: Ticket,
        notifier: &Notifier,
        next: impl FnOnce(Result<Durable, Error>) -> Soon<T> + Send + 'static,
    ) -> Self {
        match ticket.poll() {
            Some(result) => next(result),
            None => Soon::Later(Later { ticket, notifier: notifier.clone(), next: Box::new(next) }),
        }
    }

    /// The same answer, in another form.
    pub fn map<U: 'static>(self, form: impl FnOnce(T) -> U + Send + 'static) -> Soon<U> {
        match self {
            Soon::Now(answer) => Soon::Now(form(answer)),
            Soon::Later(Later { ticket, notifier, next }) => {
                Soon::Later(Later { ticket, notifier, next: Box::new(move |durable| next(durable).map(form)) })
            }
        }
    }

    /// Blocks until the answer is there.
    pub fn wait(mut self) -> T {
        loop {
            match self {
                Soon::Now(answer) => return answer,
                Soon::Later(later) => self = (later.next)(later.ticket.wait()),
            }
        }
    }

    /// Never blocks: calls back at once if the answer is there, else later, from another thread.
    pub fn then(self, callback: impl FnOnce(T) + Send + 'static) {
        match self {
            Soon::Now(answer) => callback(answer),
            Soon::Later(Later { ticket, notifier, next }) => {
                ticket.on_done(move |result| notifier.send(Box::new(move || next(result).then(callback))));
            }
        }
    }
}

type Job = Box<dyn FnOnce() + Send>;

/// The thread that calls hosts back. The writer's own thread may not: a host can be slow, and what
/// comes next may need the writer.
#[derive(Clone)]
pub(crate) struct Notifier(Sender<Job>);

impl Notifier {
    pub(crate) fn start() -> Result<Self, Error> {
        let (sender, jobs) = mpsc::channel::<Job>();
        // It ends when the last sender is gone; nobody joins it, because that may be itself.
        thread::Builder::new()
            .name("talos-notifier".into())
            .spawn(move || {
                for job in jobs {
                    // A callback that panics has lost its own answer and nobody else's.
                    let _ = catch_unwind(AssertUnwindSafe(job));
                }
            })
            .map_err(|e| Error::new(ErrorCode::InternalFault, format!("no notifier thread: {e}")))?;
        Ok(Notifier(sender))
    }

    fn send(&self, job: Job) {
        // INVARIANT: the thread lives as long as a sender does.
        let _ = self.0.send(job);
    }
}
