//! The writer: one thread that turns the queue into batches.
//!
//! A batch commits when the commit before it has finished. There is no timer: alone a receipt
//! costs one commit, under load commits group by themselves.

use crate::ports::{Entry, Store};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use talos_contracts::scalar::Hash;
use talos_contracts::{Error, ErrorCode};

/// Receipts in one transaction.
const BATCH_MAX: usize = 1_024;
/// Receipts that may wait; more are refused, so that a slow disk cannot eat the memory.
const QUEUE_MAX: usize = 16_384;

/// Locks that a panic elsewhere may have poisoned still guard consistent data: each critical
/// section here leaves its data whole before it can panic.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A panic of a port is an error like any other, on whatever thread it happens.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(Error::new(ErrorCode::InternalPanic, "the kernel or one of its ports panicked")))
}

/// A receipt that is on disk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Durable {
    /// The receipt's id. It exists outside the kernel from now on only.
    pub receipt_id: Hash,
    /// Index of its leaf.
    pub index: u64,
}

/// The promise of a receipt.
#[derive(Clone)]
pub struct Ticket(Arc<Slot>);

struct Slot {
    /// INVARIANT: leaves the kernel only in a [`Durable`].
    receipt_id: Hash,
    state: Mutex<Waiting>,
    done: Condvar,
}

#[derive(Default)]
struct Waiting {
    result: Option<Result<Durable, Error>>,
    callbacks: Vec<Callback>,
}

type Callback = Box<dyn FnOnce(Result<Durable, Error>) + Send>;

impl Ticket {
    fn new(receipt_id: Hash) -> Self {
        Ticket(Arc::new(Slot { receipt_id, state: Mutex::default(), done: Condvar::new() }))
    }

    /// The id, for the receipts that refer to this one.
    pub(crate) fn receipt_id(&self) -> Hash {
        self.0.receipt_id
    }

    /// Waits until the receipt's batch is on disk, or has failed.
    pub fn wait(&self) -> Result<Durable, Error> {
        let mut state = lock(&self.0.state);
        loop {
            if let Some(result) = &state.result {
                return result.clone();
            }
            state = self.0.done.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// What is known now.
    pub fn poll(&self) -> Option<Result<Durable, Error>> {
        lock(&self.0.state).result.clone()
    }

    /// Calls back once: now, if the result is known, else from the writer's thread, which may
    /// neither block nor call the kernel.
    pub fn on_done(&self, callback: impl FnOnce(Result<Durable, Error>) + Send + 'static) {
        let mut state = lock(&self.0.state);
        match state.result.clone() {
            None => state.callbacks.push(Box::new(callback)),
            Some(result) => {
                drop(state);
                callback(result);
            }
        }
    }

    fn resolve(&self, result: Result<Durable, Error>) {
        let callbacks = {
            let mut state = lock(&self.0.state);
            state.result = Some(result.clone());
            std::mem::take(&mut state.callbacks)
        };
        self.0.done.notify_all();
        for callback in callbacks {
            // A callback that panics has lost its own answer and nobody else's.
            let _ = guarded(|| {
                callback(result.clone());
                Ok(())
            });
        }
    }
}

impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ticket")
    }
}

/// Whether a chain may still grow. A failed batch ends it.
#[derive(Default)]
pub(crate) struct ChainHealth(AtomicBool);

impl ChainHealth {
    pub(crate) fn is_dead(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    fn kill(&self) {
        self.0.store(true, Ordering::Release);
    }
}

struct Pending {
    entry: Entry,
    health: Arc<ChainHealth>,
    ticket: Ticket,
}

#[derive(Default)]
struct Queue {
    pending: Vec<Pending>,
    stopping: bool,
}

struct Shared {
    store: Arc<dyn Store>,
    queue: Mutex<Queue>,
    ready: Condvar,
    newest_iat: Arc<AtomicU64>,
}

/// The queue and its thread.
pub(crate) struct Writer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(store: Arc<dyn Store>, newest_iat: Arc<AtomicU64>) -> Result<Self, Error> {
        let shared = Arc::new(Shared { store, queue: Mutex::new(Queue::default()), ready: Condvar::new(), newest_iat });
        let for_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("talos-writer".into())
            .spawn(move || for_thread.run())
            .map_err(|e| Error::new(ErrorCode::InternalFault, format!("no writer thread: {e}")))?;
        Ok(Writer { shared, thread: Some(thread) })
    }

    /// Whether there is room for another receipt; asked before the chain moves on.
    pub(crate) fn check_room(&self) -> Result<(), Error> {
        let queue = lock(&self.shared.queue);
        if queue.stopping || queue.pending.len() >= QUEUE_MAX {
            return Err(Error::new(ErrorCode::StoreBusy, "too many receipts wait for the disk"));
        }
        Ok(())
    }

    pub(crate) fn push(&self, entry: Entry, health: &Arc<ChainHealth>) -> Ticket {
        let ticket = Ticket::new(entry.sealed.id);
        let pending = Pending { entry, health: Arc::clone(health), ticket: ticket.clone() };
        lock(&self.shared.queue).pending.push(pending);
        self.shared.ready.notify_one();
        ticket
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        lock(&self.shared.queue).stopping = true;
        self.shared.ready.notify_one();
        if let Some(thread) = self.thread.take() {
            // The thread catches panics of the store; there is nothing to pass on.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn run(&self) {
        while let Some(batch) = self.next_batch() {
            self.commit(batch);
        }
    }

    /// Waits for work; none is left when the writer stops.
    fn next_batch(&self) -> Option<Vec<Pending>> {
        let mut queue = lock(&self.queue);
        while queue.pending.is_empty() {
            if queue.stopping {
                return None;
            }
            queue = self.ready.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        if queue.pending.len() <= BATCH_MAX {
            // Nobody waits for a copy.
            return Some(std::mem::take(&mut queue.pending));
        }
        Some(queue.pending.drain(..BATCH_MAX).collect())
    }

    fn commit(&self, batch: Vec<Pending>) {
        let (alive, dead): (Vec<Pending>, Vec<Pending>) = batch.into_iter().partition(|p| !p.health.is_dead());
        for pending in dead {
            pending
                .ticket
                .resolve(Err(Error::new(ErrorCode::RunDead, "an earlier receipt of the chain was not written")));
        }
        if alive.is_empty() {
            return;
        }
        let entries: Vec<&Entry> = alive.iter().map(|p| &p.entry).collect();
        match guarded(|| self.store.commit(&entries)) {
            Ok(committed) => {
                self.newest_iat.fetch_max(committed.newest_iat, Ordering::AcqRel);
                for (pending, index) in alive.iter().zip(committed.first_index..) {
                    pending.ticket.resolve(Ok(Durable { receipt_id: pending.entry.sealed.id, index }));
                }
            }
            Err(error) => {
                // Chains die before anybody hears of the failure, so that nothing is added to them.
                alive.iter().for_each(|p| p.health.kill());
                alive.iter().for_each(|p| p.ticket.resolve(Err(error.clone())));
            }
        }
    }
}
