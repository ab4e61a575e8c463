//! Ports that fail where a plan says so.

#![allow(dead_code, clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use talos_audit::receipt;
use talos_audit::tree::Frontier;
use talos_budget::{Actual, Request, Span, Unit};
use talos_contracts::scalar::{Hash, Salt};
use talos_contracts::{Budget, BudgetAccount, Durability, Error, ErrorCode, Scope, Verdict};
use talos_kernel::ports::{
    Answer, Approval, Begun, Budgets, Clock, Committed, Damaged, Entropy, Entry, HeadKeeper, KeptCode, KeptHead,
    NextHead, Notice, Notify, Record, Standing, Store, Turn,
};
use talos_kernel::{Facts, Finding, Stage};
use talos_policy::RealPaths;

/// Whose calls a plan counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Port {
    Clock,
    Entropy,
    Store,
    Budgets,
    Heads,
    Files,
    Stages,
    Notify,
}

/// How the chosen call fails.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum How {
    /// Nothing is done, and an error is returned.
    Refuses,
    /// Everything is done, and an error is returned all the same.
    ActsAndErrs,
    Panics,
}

pub const HOWS: [How; 3] = [How::Refuses, How::ActsAndErrs, How::Panics];

/// What each panic says that a plan wants.
pub const WANTED: &str = "as the test wants it";

/// Which call of a whole round fails, and how.
pub struct Plan {
    /// The port whose calls are counted; absent: of all ports.
    port: Option<Port>,
    /// From 1; 0 is never.
    fails_at: u64,
    /// From then on every call fails, not only that one.
    for_good: bool,
    how: How,
    calls: AtomicU64,
    failed: Mutex<Vec<&'static str>>,
    is_over: AtomicBool,
    /// Whether decisions on reads, for which nobody waits, are kept from the disk.
    holds_reads: Mutex<bool>,
    let_go: Condvar,
}

/// As long as this lives, decisions on reads are on their way.
pub struct ReadsHeld<'p>(&'p Plan);

impl Drop for ReadsHeld<'_> {
    fn drop(&mut self) {
        *self.0.holds_reads.lock().unwrap() = false;
        self.0.let_go.notify_all();
    }
}

impl Plan {
    pub fn new(port: Option<Port>, fails_at: u64, for_good: bool, how: How) -> Self {
        let (calls, failed, is_over, holds_reads, let_go) = Default::default();
        Plan { port, fails_at, for_good, how, calls, failed, is_over, holds_reads, let_go }
    }

    pub fn never() -> Self {
        Plan::new(None, 0, false, How::Refuses)
    }

    fn call<T>(&self, port: Port, name: &'static str, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        if !self.hits(port) {
            return work();
        }
        self.failed.lock().unwrap().push(name);
        match self.how {
            How::Refuses => {}
            How::ActsAndErrs => drop(work()),
            How::Panics => panic!("{WANTED}: {name}"),
        }
        Err(Error::new(ErrorCode::StoreIo, format!("{WANTED}: {name}")))
    }

    fn hits(&self, port: Port) -> bool {
        if self.fails_at == 0 || self.port.is_some_and(|own| own != port) || self.is_over.load(Ordering::SeqCst) {
            return false;
        }
        let n = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        n == self.fails_at || (self.for_good && n > self.fails_at)
    }

    /// Keeps decisions on reads from the disk.
    pub fn hold_reads(&self) -> ReadsHeld<'_> {
        *self.holds_reads.lock().unwrap() = true;
        ReadsHeld(self)
    }

    fn wait_for_reads(&self, batch: &[&Entry]) {
        let dur = |entry: &Entry| receipt::parse_body(&entry.sealed.body).unwrap().dur;
        if batch.iter().any(|entry| entry.opens.is_some() && dur(entry) == Durability::AfterRelease) {
            let held = self.holds_reads.lock().unwrap();
            drop(self.let_go.wait_while(held, |held| *held).unwrap());
        }
    }

    /// The calls that have failed.
    pub fn failed(&self) -> Vec<&'static str> {
        self.failed.lock().unwrap().clone()
    }

    pub fn has_failed(&self) -> bool {
        !self.failed.lock().unwrap().is_empty()
    }

    pub fn how(&self) -> How {
        self.how
    }

    /// Nothing fails any more.
    pub fn ends(&self) {
        self.is_over.store(true, Ordering::SeqCst);
    }
}

/// A port that fails where the plan says so.
pub struct Faulty<T> {
    pub plan: Arc<Plan>,
    pub inner: T,
}

impl<T> Faulty<T> {
    pub fn new(plan: &Arc<Plan>, inner: T) -> Self {
        Faulty { plan: Arc::clone(plan), inner }
    }
}

impl<T: Clock> Clock for Faulty<Arc<T>> {
    fn wall_ms(&self) -> Result<u64, Error> {
        self.plan.call(Port::Clock, "wall_ms", || self.inner.wall_ms())
    }

    fn monotonic_ms(&self) -> Result<u64, Error> {
        self.plan.call(Port::Clock, "monotonic_ms", || self.inner.monotonic_ms())
    }
}

impl<T: Entropy> Entropy for Faulty<Arc<T>> {
    fn fill(&self, out: &mut [u8]) -> Result<(), Error> {
        self.plan.call(Port::Entropy, "fill", || self.inner.fill(out))
    }
}

impl<T: HeadKeeper> HeadKeeper for Faulty<Arc<T>> {
    fn load(&self) -> Result<Option<KeptHead>, Error> {
        self.plan.call(Port::Heads, "load", || self.inner.load())
    }

    fn exchange(&self, next: &mut NextHead<'_>) -> Result<(), Error> {
        self.plan.call(Port::Heads, "exchange", || self.inner.exchange(next))
    }
}

impl<T: Store> Store for Faulty<T> {
    fn begin(&self, boot: Salt, run: &str) -> Result<Begun, Error> {
        self.plan.call(Port::Store, "begin", || self.inner.begin(boot, run))
    }

    fn commit(&self, batch: &[&Entry]) -> Result<Committed, Error> {
        self.plan.wait_for_reads(batch);
        self.plan.call(Port::Store, "commit", || self.inner.commit(batch))
    }

    fn end(&self, boot: Salt, run: &str) -> Result<(), Error> {
        self.plan.call(Port::Store, "end", || self.inner.end(boot, run))
    }

    fn frontier(&self) -> Result<Frontier, Error> {
        self.plan.call(Port::Store, "frontier", || self.inner.frontier())
    }

    fn node(&self, level: u32, index: u64) -> Result<Hash, Error> {
        self.plan.call(Port::Store, "node", || self.inner.node(level, index))
    }

    fn record(&self, index: u64) -> Result<Option<Record>, Error> {
        self.plan.call(Port::Store, "record", || self.inner.record(index))
    }

    fn find(&self, id: &Hash) -> Result<Option<Record>, Error> {
        self.plan.call(Port::Store, "find", || self.inner.find(id))
    }

    fn standing(&self) -> Result<Arc<Standing>, Error> {
        self.plan.call(Port::Store, "standing", || self.inner.standing())
    }

    fn turn(&self, turn: &Turn) -> Result<(), Error> {
        self.plan.call(Port::Store, "turn", || self.inner.turn(turn))
    }

    fn approvals(&self, run: Option<&str>, limit: usize) -> Result<Vec<Result<Approval, Damaged>>, Error> {
        self.plan.call(Port::Store, "approvals", || self.inner.approvals(run, limit))
    }

    fn approval(&self, id: &Hash) -> Result<Option<Approval>, Error> {
        self.plan.call(Port::Store, "approval", || self.inner.approval(id))
    }

    fn answer(&self, id: &Hash, answer: &Answer) -> Result<(), Error> {
        self.plan.call(Port::Store, "answer", || self.inner.answer(id, answer))
    }

    fn erase_args(&self, id: &Hash) -> Result<(), Error> {
        self.plan.call(Port::Store, "erase_args", || self.inner.erase_args(id))
    }

    fn try_code(&self, id: &Hash, name: &str) -> Result<Option<KeptCode>, Error> {
        self.plan.call(Port::Store, "try_code", || self.inner.try_code(id, name))
    }

    fn checkpoint(&self) -> Result<Option<(u64, String)>, Error> {
        self.plan.call(Port::Store, "checkpoint", || self.inner.checkpoint())
    }

    fn set_checkpoint(&self, size: u64, note: &str) -> Result<(), Error> {
        self.plan.call(Port::Store, "set_checkpoint", || self.inner.set_checkpoint(size, note))
    }
}

impl<T: Budgets> Budgets for Faulty<T> {
    fn any(&self) -> Result<bool, Error> {
        self.plan.call(Port::Budgets, "any", || self.inner.any())
    }

    fn reserve(&self, boot: Salt, now_ms: u64, request: &Request<'_>) -> Result<talos_budget::Answer, Error> {
        self.plan.call(Port::Budgets, "reserve", || self.inner.reserve(boot, now_ms, request))
    }

    fn settle(&self, now_ms: u64, id: &str, actual: &Actual) -> Result<(), Error> {
        self.plan.call(Port::Budgets, "settle", || self.inner.settle(now_ms, id, actual))
    }

    fn expire(&self, now_ms: u64, id: &str) -> Result<(), Error> {
        self.plan.call(Port::Budgets, "expire", || self.inner.expire(now_ms, id))
    }

    fn expire_dead(&self, now_ms: u64) -> Result<u64, Error> {
        self.plan.call(Port::Budgets, "expire_dead", || self.inner.expire_dead(now_ms))
    }

    fn release(&self, now_ms: u64, id: &str) -> Result<(), Error> {
        self.plan.call(Port::Budgets, "release", || self.inner.release(now_ms, id))
    }

    fn set(&self, budget: &Budget) -> Result<Budget, Error> {
        self.plan.call(Port::Budgets, "set", || self.inner.set(budget))
    }

    fn remove(&self, scope: &Scope, unit: Unit, span: Span) -> Result<(), Error> {
        self.plan.call(Port::Budgets, "remove", || self.inner.remove(scope, unit, span))
    }

    fn accounts(&self, now_ms: u64, scope: Option<&Scope>) -> Result<Vec<BudgetAccount>, Error> {
        self.plan.call(Port::Budgets, "accounts", || self.inner.accounts(now_ms, scope))
    }
}

/// Files without links.
#[derive(Debug)]
pub struct PlainFiles;

impl std::fmt::Debug for Faulty<PlainFiles> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Faulty<PlainFiles>")
    }
}

impl RealPaths for Faulty<PlainFiles> {
    fn real_path(&self, path: &str) -> Result<String, Error> {
        self.plan.call(Port::Files, "real_path", || Ok(path.to_owned()))
    }
}

/// A further stage, beside the kernel's own, that has nothing against anything. It has no error to return: it denies.
pub struct Further;

impl Stage for Faulty<Further> {
    fn number(&self) -> u8 {
        7
    }

    fn check(&self, _: &Facts<'_>) -> Finding {
        let found = self.plan.call(Port::Stages, "check", || Ok(Finding::allow()));
        found.unwrap_or_else(|error| Finding::with(Verdict::Deny, error.code, &error.detail))
    }
}

impl<T: Notify> Notify for Faulty<Arc<T>> {
    /// It has no error to return either: what is refused is lost.
    fn notify(&self, notice: Notice) {
        let _ = self.plan.call(Port::Notify, "notify", || {
            self.inner.notify(notice);
            Ok(())
        });
    }
}
