//! Whatever port fails, and whenever: no tool runs that was not allowed, and no write runs whose
//! decision is not in the log (`docs/spec/pipeline.md`, sections 2 and 3).
//!
//! One whole call is driven again and again; in the n-th round the n-th port call fails, until a
//! round is over without reaching it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;
mod faulty;

use common::{ORIGIN, RUN, TOOLS, TestClock, TestEntropy, actor, json, keys, policy};
use faulty::{Faulty, HOWS, How, Plan};
use std::sync::{Arc, Mutex};
use talos_audit::receipt;
use talos_contracts::{Budget, BudgetUnit, Error, OutcomeStatus, Receipt, ReceiptKind, Scope, ScopeLevel, Verdict};
use talos_kernel::ports::{Budgets, HeadKeeper, Store};
use talos_kernel::{Action, Config, Kernel, Log, Ports, Settlement};
use talos_memory::{MemoryHead, MemoryStore};

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
        let plan = Plan::new(None, fails_at, for_good, how);
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
            let ports = Ports {
                clock: Arc::new(Faulty::new(&self.plan, Arc::<TestClock>::default())),
                entropy: Arc::new(Faulty::new(&self.plan, Arc::<TestEntropy>::default())),
                store: Arc::new(Faulty::new(&self.plan, self.disk.another())),
                budgets: Arc::new(Faulty::new(&self.plan, self.disk.another())),
                heads: Arc::new(Faulty::new(&self.plan, self.heads.clone())),
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
        if effect.a_port_had_failed && !(target == "read_file" && self.plan.failed()[0] == "commit") {
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
            entropy: Arc::new(TestEntropy::starting_at(1 << 32)),
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
        assert_eq!(budget.held, 0, "{:?} left a reservation behind", self.plan.failed());
        assert!(host == Host::Bypasses || !ran || budget.spent == 1, "a call ran that was not charged");
        let after = kernel.log().verify().unwrap();
        assert!(after.size > report.size);
        assert_eq!(after.summary.open, [], "an open call that no gap names");
    }
}

/// Drives rounds until one is over without a fault; tells of each violation.
fn rounds(target: &str, host: Host, how: How, for_good: bool) -> Vec<String> {
    let mut violations = Vec::new();
    for n in 1..1_000 {
        let world = World::new(n, for_good, how);
        // A panic that leaves the kernel ends the host's thread, and nothing after it runs.
        let result = std::thread::scope(|scope| scope.spawn(|| world.drive(target, host)).join());
        if let Some(violation) = world.violation(target) {
            violations.push(format!("call {n} ({:?}): {violation}", world.plan.failed()));
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
