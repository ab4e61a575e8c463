//! Whatever port fails, and whenever: no tool runs that was not allowed, and no write runs whose
//! decision is not in the log (`docs/spec/pipeline.md`, sections 2 and 3).
//!
//! One whole call is driven again and again; in the n-th round the n-th port call fails, until a
//! round is over without reaching it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use common::{ORIGIN, RUN, TOOLS, TestClock, TestEntropy, actor, json, keys, policy};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use talos_audit::receipt;
use talos_audit::tree::Frontier;
use talos_budget::{Actual, Request, Span, Unit};
use talos_contracts::scalar::{Hash, Salt};
use talos_contracts::{
    Budget, BudgetAccount, BudgetUnit, Error, ErrorCode, OutcomeStatus, Receipt, ReceiptKind, Scope, ScopeLevel,
    Verdict,
};
use talos_kernel::ports::{
    Answer, Approval, Begun, Budgets, Clock, Committed, Entropy, Entry, HeadKeeper, KeptCode, KeptHead, NextHead,
    Record, Standing, Store, Turn,
};
use talos_kernel::{Action, Config, Kernel, Log, Ports, Settlement};
use talos_memory::{MemoryHead, MemoryStore};

/// How the chosen call fails.
#[derive(Clone, Copy, Debug, PartialEq)]
enum How {
    /// Nothing is done, and an error is returned.
    Refuses,
    /// Everything is done, and an error is returned all the same.
    ActsAndErrs,
    Panics,
}

/// Which call of the whole round fails, and how.
struct Plan {
    fails_at: u64,
    /// From then on every call fails, not only that one.
    for_good: bool,
    how: How,
    calls: AtomicU64,
    failed: Mutex<Vec<&'static str>>,
}

impl Plan {
    fn call<T>(&self, name: &'static str, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let n = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        if n != self.fails_at && !(self.for_good && n > self.fails_at) {
            return work();
        }
        self.failed.lock().unwrap().push(name);
        match self.how {
            How::Refuses => {}
            How::ActsAndErrs => drop(work()),
            How::Panics => panic!("as the test wants it: {name}"),
        }
        Err(Error::new(ErrorCode::StoreIo, format!("as the test wants it: {name}")))
    }

    fn has_failed(&self) -> bool {
        !self.failed.lock().unwrap().is_empty()
    }
}

struct Faulty<T> {
    plan: Arc<Plan>,
    inner: T,
}

impl Clock for Faulty<TestClock> {
    fn wall_ms(&self) -> Result<u64, Error> {
        self.plan.call("wall_ms", || self.inner.wall_ms())
    }

    fn monotonic_ms(&self) -> Result<u64, Error> {
        self.plan.call("monotonic_ms", || self.inner.monotonic_ms())
    }
}

impl Entropy for Faulty<TestEntropy> {
    fn fill(&self, out: &mut [u8]) -> Result<(), Error> {
        self.plan.call("fill", || self.inner.fill(out))
    }
}

impl HeadKeeper for Faulty<Arc<MemoryHead>> {
    fn load(&self) -> Result<Option<KeptHead>, Error> {
        self.plan.call("load", || self.inner.load())
    }

    fn exchange(&self, next: &mut NextHead<'_>) -> Result<(), Error> {
        self.plan.call("exchange", || self.inner.exchange(next))
    }
}

impl Store for Faulty<MemoryStore> {
    fn begin(&self, boot: Salt, run: &str) -> Result<Begun, Error> {
        self.plan.call("begin", || self.inner.begin(boot, run))
    }

    fn commit(&self, batch: &[&Entry]) -> Result<Committed, Error> {
        self.plan.call("commit", || self.inner.commit(batch))
    }

    fn end(&self, boot: Salt, run: &str) -> Result<(), Error> {
        self.plan.call("end", || self.inner.end(boot, run))
    }

    fn frontier(&self) -> Result<Frontier, Error> {
        self.plan.call("frontier", || self.inner.frontier())
    }

    fn node(&self, level: u32, index: u64) -> Result<Hash, Error> {
        self.plan.call("node", || self.inner.node(level, index))
    }

    fn record(&self, index: u64) -> Result<Option<Record>, Error> {
        self.plan.call("record", || self.inner.record(index))
    }

    fn find(&self, id: &Hash) -> Result<Option<Record>, Error> {
        self.plan.call("find", || self.inner.find(id))
    }

    fn standing(&self) -> Result<Arc<Standing>, Error> {
        self.plan.call("standing", || self.inner.standing())
    }

    fn turn(&self, turn: &Turn) -> Result<(), Error> {
        self.plan.call("turn", || self.inner.turn(turn))
    }

    fn approvals(&self, run: Option<&str>, limit: usize) -> Result<Vec<Approval>, Error> {
        self.plan.call("approvals", || self.inner.approvals(run, limit))
    }

    fn approval(&self, id: &Hash) -> Result<Option<Approval>, Error> {
        self.plan.call("approval", || self.inner.approval(id))
    }

    fn answer(&self, id: &Hash, answer: &Answer) -> Result<(), Error> {
        self.plan.call("answer", || self.inner.answer(id, answer))
    }

    fn erase_args(&self, id: &Hash) -> Result<(), Error> {
        self.plan.call("erase_args", || self.inner.erase_args(id))
    }

    fn try_code(&self, id: &Hash, name: &str) -> Result<Option<KeptCode>, Error> {
        self.plan.call("try_code", || self.inner.try_code(id, name))
    }

    fn checkpoint(&self) -> Result<Option<(u64, String)>, Error> {
        self.plan.call("checkpoint", || self.inner.checkpoint())
    }

    fn set_checkpoint(&self, size: u64, note: &str) -> Result<(), Error> {
        self.plan.call("set_checkpoint", || self.inner.set_checkpoint(size, note))
    }
}

impl Budgets for Faulty<MemoryStore> {
    fn any(&self) -> Result<bool, Error> {
        self.plan.call("any", || self.inner.any())
    }

    fn reserve(&self, boot: Salt, now_ms: u64, request: &Request<'_>) -> Result<talos_budget::Answer, Error> {
        self.plan.call("reserve", || self.inner.reserve(boot, now_ms, request))
    }

    fn settle(&self, now_ms: u64, id: &str, actual: &Actual) -> Result<(), Error> {
        self.plan.call("settle", || self.inner.settle(now_ms, id, actual))
    }

    fn expire(&self, now_ms: u64, id: &str) -> Result<(), Error> {
        self.plan.call("expire", || self.inner.expire(now_ms, id))
    }

    fn expire_dead(&self, now_ms: u64) -> Result<u64, Error> {
        self.plan.call("expire_dead", || self.inner.expire_dead(now_ms))
    }

    fn release(&self, now_ms: u64, id: &str) -> Result<(), Error> {
        self.plan.call("release", || self.inner.release(now_ms, id))
    }

    fn set(&self, budget: &Budget) -> Result<Budget, Error> {
        self.plan.call("set", || self.inner.set(budget))
    }

    fn remove(&self, scope: &Scope, unit: Unit, span: Span) -> Result<(), Error> {
        self.plan.call("remove", || self.inner.remove(scope, unit, span))
    }

    fn accounts(&self, now_ms: u64, scope: Option<&Scope>) -> Result<Vec<BudgetAccount>, Error> {
        self.plan.call("accounts", || self.inner.accounts(now_ms, scope))
    }
}

/// Who stands between the agent and the tool.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Host {
    /// Executes after an allow and an `Ok` from start.
    Obeys,
    /// Asks, and executes whatever the answer.
    Bypasses,
}

/// What was true at the moment when the tool ran.
struct SideEffect {
    a_port_had_failed: bool,
    allowed_in_the_log: bool,
    started_in_the_log: bool,
}

/// The world outside the kernel: the log as a reader finds it, and the tool.
struct World {
    plan: Arc<Plan>,
    disk: MemoryStore,
    heads: Arc<MemoryHead>,
    effects: Mutex<Vec<SideEffect>>,
}

impl World {
    fn new(fails_at: u64, for_good: bool, how: How) -> Self {
        let plan = Plan { fails_at, for_good, how, calls: AtomicU64::new(0), failed: Mutex::default() };
        let disk = MemoryStore::default();
        disk.set(&Budget {
            scope: Scope { level: ScopeLevel::All, name: None },
            unit: BudgetUnit::Calls,
            currency: None,
            cap: 1,
            window: None,
            mode: None,
            default_cost: None,
        })
        .unwrap();
        World { plan: Arc::new(plan), disk, heads: Arc::default(), effects: Mutex::default() }
    }

    fn receipts(&self) -> Vec<Receipt> {
        let size = self.disk.frontier().unwrap().size();
        (0..size).map(|i| receipt::parse_body(&self.disk.record(i).unwrap().unwrap().sealed.body).unwrap()).collect()
    }

    fn tool(&self) {
        let receipts = self.receipts();
        let allow = |r: &Receipt| r.kind == ReceiptKind::Decision && r.verdict == Some(Verdict::Allow);
        self.effects.lock().unwrap().push(SideEffect {
            a_port_had_failed: self.plan.has_failed(),
            allowed_in_the_log: receipts.iter().any(allow),
            started_in_the_log: receipts.iter().any(|r| r.kind == ReceiptKind::Start),
        });
    }

    /// The whole of a host's work on one call. An error anywhere ends it.
    fn drive(&self, target: &str, host: Host) -> Result<(), Error> {
        let args = json(r#"{"path":"/a"}"#);
        let action = Action::tool_call("c1", target, &args);
        let attempt = || -> Result<(), Error> {
            let faulty_store = Faulty { plan: self.plan.clone(), inner: self.disk.another() };
            let ports = Ports {
                clock: Arc::new(Faulty { plan: self.plan.clone(), inner: TestClock::default() }),
                entropy: Arc::new(Faulty { plan: self.plan.clone(), inner: TestEntropy::default() }),
                store: Arc::new(faulty_store),
                budgets: Arc::new(Faulty { plan: self.plan.clone(), inner: self.disk.another() }),
                heads: Arc::new(Faulty { plan: self.plan.clone(), inner: self.heads.clone() }),
                files: None,
                stages: Vec::new(),
                notify: None,
            };
            let keys = keys();
            let kernel = Kernel::open(ports, keys, Config::new(ORIGIN), policy(TOOLS))?;
            let run = kernel.open_run(RUN, &actor())?;
            let decision = run.authorize(&action);
            if !decision.allowed() {
                return Err(Error::new(decision.code().unwrap(), "denied"));
            }
            run.start("c1", &action)?;
            if host == Host::Obeys {
                self.tool();
            }
            run.settle("c1", &Settlement::new(OutcomeStatus::Ok, Some(&json("true"))))?.wait()?;
            run.close()?;
            kernel.log().checkpoint().map(|_| ())
        };
        let result = attempt();
        if host == Host::Bypasses {
            self.tool();
        }
        result
    }

    /// What must never be, as far as it was.
    fn violation(&self, target: &str) -> Option<&'static str> {
        let effects = self.effects.lock().unwrap();
        let effect = match effects.as_slice() {
            [] => return None,
            [effect] => effect,
            _ => return Some("the tool ran twice"),
        };
        if effect.a_port_had_failed && !(target == "read_file" && self.plan.failed.lock().unwrap()[0] == "commit") {
            return Some("the tool ran after a port had failed");
        }
        if target != "read_file" && !effect.allowed_in_the_log {
            return Some("the tool ran before its decision was in the log");
        }
        if target == "wipe" && !effect.started_in_the_log {
            return Some("the tool ran before its start was in the log");
        }
        None
    }

    /// What the faults left behind is a sound log, on which a sound process can go on.
    fn check_log(&self, host: Host) {
        let heads: &dyn HeadKeeper = self.heads.as_ref();
        let report = Log::new(&self.disk, heads, &keys(), ORIGIN).verify().unwrap();
        let ports = Ports {
            clock: Arc::new(TestClock::default()),
            entropy: Arc::new(Faulty { plan: Arc::new(never()), inner: TestEntropy::starting_at(1 << 32) }),
            store: Arc::new(self.disk.another()),
            budgets: Arc::new(self.disk.another()),
            heads: self.heads.clone(),
            files: None,
            stages: Vec::new(),
            notify: None,
        };
        let keys = keys();
        let kernel = Kernel::open(ports, keys, Config::new(ORIGIN), policy(TOOLS)).unwrap();
        kernel.open_run(RUN, &actor()).unwrap().close().unwrap();
        // A call that ran was charged, and no fault has left anything held.
        let budget = &self.disk.accounts(0, None).unwrap()[0];
        let ran = !self.effects.lock().unwrap().is_empty();
        assert_eq!(budget.held, 0, "{:?} left a reservation behind", self.plan.failed.lock().unwrap());
        assert!(host == Host::Bypasses || !ran || budget.spent == 1, "a call ran that was not charged");
        let after = kernel.log().verify().unwrap();
        assert!(after.size > report.size);
        assert_eq!(after.summary.open, [], "an open call that no gap names");
    }
}

fn never() -> Plan {
    Plan { fails_at: 0, for_good: false, how: How::Refuses, calls: AtomicU64::new(0), failed: Mutex::default() }
}

/// Drives rounds until one is over without a fault; tells of each violation.
fn rounds(target: &str, host: Host, how: How, for_good: bool) -> Vec<String> {
    let mut violations = Vec::new();
    for n in 1..1_000 {
        let world = World::new(n, for_good, how);
        // A panic that leaves the kernel ends the host's thread, and nothing after it runs.
        let result = std::thread::scope(|scope| scope.spawn(|| world.drive(target, host)).join());
        if let Some(violation) = world.violation(target) {
            violations.push(format!("call {n} ({:?}): {violation}", world.plan.failed.lock().unwrap()));
        }
        world.check_log(host);
        if !world.plan.has_failed() {
            result.unwrap().unwrap();
            assert_eq!(world.effects.lock().unwrap().len(), 1, "without faults the tool runs");
            assert!(n > 20, "only {n} port calls in a whole call");
            return violations;
        }
    }
    panic!("a round never ends");
}

const HOWS: [How; 3] = [How::Refuses, How::ActsAndErrs, How::Panics];

fn check(target: &str, for_good: bool) {
    for how in HOWS {
        assert_eq!(rounds(target, Host::Obeys, how, for_good), [] as [String; 0], "{target}, {how:?}");
    }
}

#[test]
fn a_fault_at_any_port_call_never_lets_a_write_run_unrecorded() {
    check("write_file", false);
}

#[test]
fn a_fault_at_any_port_call_never_lets_an_irreversible_call_run_without_its_start() {
    check("wipe", false);
}

#[test]
fn a_fault_at_any_port_call_never_lets_a_read_run_that_was_not_allowed() {
    check("read_file", false);
}

#[test]
fn ports_that_fail_for_good_never_let_a_tool_run() {
    check("write_file", true);
    check("wipe", true);
    check("read_file", true);
}

#[test]
fn a_host_that_bypasses_the_kernel_is_seen_by_the_same_rounds() {
    for how in HOWS {
        for target in ["read_file", "write_file", "wipe"] {
            let seen = rounds(target, Host::Bypasses, how, false);
            assert!(seen.len() > 15, "{target}, {how:?}: {seen:?}");
        }
    }
}
