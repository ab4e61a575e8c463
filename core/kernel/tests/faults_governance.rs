//! Whatever port fails, and whenever, on the way through approvals, budgets, holds and policies: nothing runs that the
//! rules would not let run, a grant is used once, no budget is created or lost (`docs/spec/pipeline.md`, sections 4 to 8).
//!
//! Each test takes one port and plays each story again and again: in the n-th round the n-th call of that port fails,
//! until a round is over without reaching it. Whoever hears an error tries again, in every way that there is. What may
//! run is judged by what is on disk at that moment, never by what the kernel says.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;
mod faulty;

use common::{ORIGIN, RUN, TestClock, TestEntropy, actor, json, keys, policy, prices, sign_key};
use faulty::{Faulty, Further, HOWS, How, PlainFiles, Plan, Port, WANTED};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use talos_approval::{State, evaluate, grant, request};
use talos_audit::receipt;
use talos_budget::{Actual, Request, Span, Unit};
use talos_contracts::json::Value;
use talos_contracts::scalar::{Hash, Salt};
use talos_contracts::{
    Amount, ApprovalResponse, Budget, BudgetAccount, BudgetUnit, Error, ErrorCode, OutcomeStatus, PolicyRef, Receipt,
    ReceiptKind, Scope, ScopeLevel, Verdict,
};
use talos_crypto::SigningKey;
use talos_crypto::dsse::Unverified;
use talos_identity::Did;
use talos_kernel::ports::{Budgets, Hold, Notice, Notify, Store, Turn};
use talos_kernel::{Action, Config, Kernel, Log, LogReport, Policies, Ports, Run, Settlement, Ticket};
use talos_memory::{MemoryHead, MemoryStore};

// --- The rules --------------------------------------------------------------------------------------

const ADA: u8 = 11;
const BOB: u8 = 12;

/// A payment needs one of two people, a wipe two of three, of whom one answers by code; saving and looking need nobody. Each names
/// a file, so that the port of files is asked.
fn rules(id: &str, mode: &str) -> String {
    let did = |n| Did::of(&person(n).verifying_key());
    format!(
        "id: {id}
mode: {mode}
allowed_tools:
  - {{name: pay, effect: spend, args: [{{arg: /file, kind: path, under: [/srv]}}]}}
  - {{name: wipe, effect: irreversible, args: [{{arg: /file, kind: path, under: [/srv]}}]}}
  - {{name: save, effect: write, args: [{{arg: /file, kind: path, under: [/srv]}}]}}
  - {{name: look, effect: read, args: [{{arg: /file, kind: path, under: [/srv]}}]}}
rates: [{{id: often, calls: 100, per_seconds: 60}}]
approvers:
  - {{name: ada, key: '{}'}}
  - {{name: bob, key: '{}'}}
  - {{name: cy}}
approvals:
  - {{id: money, tools: [pay], approvers: [ada, bob], expires_seconds: 600}}
  - {{id: ruin, tools: [wipe], quorum: 2}}
",
        did(ADA),
        did(BOB)
    )
}

/// Allows what the rules above ask people for.
const LAX: &str = "id: lax
mode: MODE
allowed_tools: [{name: pay, effect: spend}, {name: wipe, effect: irreversible}, {name: save, effect: write}]
";

fn lax(mode: &str) -> String {
    LAX.replace("MODE", mode)
}

fn person(n: u8) -> SigningKey {
    SigningKey::from_seed(&[n; 32])
}

/// How many people a call of this tool needs by the rules.
fn needs(target: &str) -> usize {
    match target {
        "pay" => 1,
        "wipe" => 2,
        _ => 0,
    }
}

/// What a call of this tool may cost, and what it does cost, in millionths of a dollar. Saving asks a model, whose price
/// for 100 and for 40 tokens that is.
fn money(target: &str) -> (u64, u64) {
    if target == "save" { (300, 120) } else { (5_000_000, 3_000_000) }
}

fn usd(micro: u64) -> Amount {
    Amount { micro, currency: "USD".to_owned() }
}

fn calls_budget(cap: u64) -> Budget {
    let scope = Scope { level: ScopeLevel::All, name: None };
    Budget { scope, unit: BudgetUnit::Calls, currency: None, cap, window: None, mode: None, default_cost: None }
}

fn money_budget() -> Budget {
    let currency = Some("USD".to_owned());
    Budget { unit: BudgetUnit::Money, currency, ..calls_budget(100_000_000) }
}

fn hold(level: ScopeLevel, name: Option<&str>) -> Hold {
    Hold { scope: Scope { level, name: name.map(str::to_owned) }, why: None }
}

// --- What is seen from outside ----------------------------------------------------------------------

/// What became of a reservation, as the store was really told.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Held,
    /// Charged so much money; absent: all that was held.
    Charged(Option<u64>),
    Released,
}

/// The book that is kept beside the store's own: each step that took effect, whatever was answered to the kernel.
#[derive(Default)]
struct Book(Mutex<BTreeMap<String, (u32, Fate)>>);

impl Book {
    fn end(&self, id: &str, fate: Fate) {
        if let Some((_, known)) = self.0.lock().unwrap().get_mut(id)
            && *known == Fate::Held
        {
            *known = fate;
        }
    }

    fn of(&self, call: &str) -> Option<Fate> {
        self.0.lock().unwrap().get(&format!("{RUN}/{call}")).map(|(_, fate)| *fate)
    }
}

/// The budgets of a process, with the book beside them.
struct Booked {
    inner: MemoryStore,
    book: Arc<Book>,
    process: u32,
}

impl Budgets for Booked {
    fn any(&self) -> Result<bool, Error> {
        self.inner.any()
    }

    fn reserve(&self, boot: Salt, now_ms: u64, request: &Request<'_>) -> Result<talos_budget::Answer, Error> {
        let answer = self.inner.reserve(boot, now_ms, request)?;
        if matches!(&answer, talos_budget::Answer::Held(held) if held.fresh) {
            self.book.0.lock().unwrap().insert(request.id.to_owned(), (self.process, Fate::Held));
        }
        Ok(answer)
    }

    fn settle(&self, now_ms: u64, id: &str, actual: &Actual) -> Result<(), Error> {
        self.inner.settle(now_ms, id, actual)?;
        self.book.end(id, Fate::Charged(actual.money.map(|(_, micro)| micro)));
        Ok(())
    }

    fn expire(&self, now_ms: u64, id: &str) -> Result<(), Error> {
        self.inner.expire(now_ms, id)?;
        self.book.end(id, Fate::Charged(None));
        Ok(())
    }

    fn expire_dead(&self, now_ms: u64) -> Result<u64, Error> {
        let count = self.inner.expire_dead(now_ms)?;
        let mut book = self.book.0.lock().unwrap();
        let of_the_dead = book.values_mut().filter(|(process, fate)| *process != self.process && *fate == Fate::Held);
        of_the_dead.for_each(|(_, fate)| *fate = Fate::Charged(None));
        Ok(count)
    }

    fn release(&self, now_ms: u64, id: &str) -> Result<(), Error> {
        self.inner.release(now_ms, id)?;
        self.book.end(id, Fate::Released);
        Ok(())
    }

    fn set(&self, budget: &Budget) -> Result<Budget, Error> {
        self.inner.set(budget)
    }

    fn remove(&self, scope: &Scope, unit: Unit, span: Span) -> Result<(), Error> {
        self.inner.remove(scope, unit, span)
    }

    fn accounts(&self, now_ms: u64, scope: Option<&Scope>) -> Result<Vec<BudgetAccount>, Error> {
        self.inner.accounts(now_ms, scope)
    }
}

/// What people were told.
#[derive(Default)]
struct Inbox(Mutex<Vec<Notice>>);

impl Notify for Inbox {
    fn notify(&self, notice: Notice) {
        self.0.lock().unwrap().push(notice);
    }
}

impl Inbox {
    fn code(&self, id: &Hash, name: &str) -> Option<String> {
        let notices = self.0.lock().unwrap();
        let notice = notices.iter().find(|notice| notice.id == *id)?;
        notice.codes.iter().find(|(own, _)| own == name).map(|(_, code)| code.expose().to_owned())
    }
}

/// The world outside the kernel: the disk as a reader finds it, the people, and the tool.
struct World {
    plan: Arc<Plan>,
    disk: MemoryStore,
    heads: Arc<MemoryHead>,
    clock: Arc<TestClock>,
    entropy: Arc<TestEntropy>,
    inbox: Arc<Inbox>,
    book: Arc<Book>,
    processes: RefCell<u32>,
    /// The policy in force: whether it asks people, and its text.
    policy: RefCell<(bool, String)>,
    shadow: RefCell<Option<String>>,
    /// The tool of each call that was asked about.
    targets: RefCell<BTreeMap<String, &'static str>>,
    /// The calls that ran, and the approvals that they used.
    ran: RefCell<Vec<String>>,
    used: RefCell<Vec<Hash>>,
    /// Whether the host has begun to close its run.
    closes: Cell<bool>,
    codes: RefCell<BTreeSet<ErrorCode>>,
    heard: RefCell<Vec<String>>,
    violations: RefCell<Vec<String>>,
}

impl World {
    fn new(plan: Plan, story: &Story) -> Self {
        let disk = MemoryStore::default();
        disk.set(&calls_budget(story.calls)).unwrap();
        disk.set(&money_budget()).unwrap();
        World {
            plan: Arc::new(plan),
            disk,
            heads: Arc::default(),
            clock: Arc::default(),
            entropy: Arc::default(),
            inbox: Arc::default(),
            book: Arc::default(),
            processes: RefCell::default(),
            policy: RefCell::new((story.asks, (story.policy)())),
            shadow: RefCell::new(story.shadow.map(|text| text())),
            targets: RefCell::default(),
            ran: RefCell::default(),
            used: RefCell::default(),
            closes: Cell::default(),
            codes: RefCell::default(),
            heard: RefCell::default(),
            violations: RefCell::default(),
        }
    }

    fn must(&self, holds: bool, what: &str) {
        if !holds {
            self.violations.borrow_mut().push(what.to_owned());
        }
    }

    fn now(&self) -> u64 {
        self.clock.wall.load(Ordering::SeqCst)
    }

    fn policies(&self) -> Policies {
        Policies { policy: policy(&self.policy.borrow().1), shadow: self.shadow.borrow().as_deref().map(policy) }
    }

    fn in_force(&self) -> PolicyRef {
        let compiled = policy(&self.policy.borrow().1);
        PolicyRef { id: compiled.policy().id.clone(), hash: compiled.hash() }
    }

    fn ports(&self) -> Ports {
        *self.processes.borrow_mut() += 1;
        let process = *self.processes.borrow();
        let budgets = Booked { inner: self.disk.another(), book: self.book.clone(), process };
        Ports {
            clock: Arc::new(Faulty::new(&self.plan, self.clock.clone())),
            entropy: Arc::new(Faulty::new(&self.plan, self.entropy.clone())),
            store: Arc::new(Faulty::new(&self.plan, self.disk.another())),
            budgets: Arc::new(Faulty::new(&self.plan, budgets)),
            heads: Arc::new(Faulty::new(&self.plan, self.heads.clone())),
            files: Some(Arc::new(Faulty::new(&self.plan, PlainFiles))),
            stages: vec![Box::new(Faulty::new(&self.plan, Further))],
            notify: Some(Arc::new(Faulty::new(&self.plan, self.inbox.clone()))),
        }
    }

    fn receipts(&self) -> Vec<Receipt> {
        let size = self.disk.frontier().unwrap().size();
        (0..size).map(|i| receipt::parse_body(&self.disk.record(i).unwrap().unwrap().sealed.body).unwrap()).collect()
    }

    /// Whether a hold on disk covers a call of this tool.
    fn is_held(&self, target: &str) -> bool {
        let standing = self.disk.standing().unwrap();
        standing
            .holds
            .iter()
            .any(|hold| hold.scope.level == ScopeLevel::All || hold.scope.name.as_deref() == Some(target))
    }

    /// Where a stored request stands, by its signatures alone.
    fn state_of(&self, row: &talos_kernel::ports::Approval) -> (request::VerifiedRequest, State) {
        let issuer = Did::of(&sign_key().verifying_key());
        let request = request::verify(&Unverified::parse(&row.request).unwrap(), &issuer).unwrap();
        let grants: Vec<_> = row
            .answers
            .iter()
            .map(|answer| grant::verify(&Unverified::parse(&answer.grant).unwrap(), &request).unwrap())
            .collect();
        let state = evaluate(&request, &grants, self.now());
        let people: BTreeSet<&str> = grants.iter().map(|grant| grant.grant().name.as_str()).collect();
        let target = request.request().target.as_str();
        self.must(
            state != State::Granted || people.len() >= needs(target),
            "fewer people than the quorum have granted",
        );
        (request, state)
    }

    /// Whether the rules let a new call of this tool run, by what is on disk; budgets aside.
    fn may_run(&self, target: &str) -> bool {
        let rows: Vec<_> = self.disk.approvals(Some(RUN), 100).unwrap().into_iter().map(Result::unwrap).collect();
        let newest = rows.iter().filter(|row| !row.redeemed).map(|row| self.state_of(row)).find(|(request, _)| {
            let asked = request.request();
            asked.target == target && asked.policy == self.in_force() && self.now() < asked.expires
        });
        let is_granted = newest.is_some_and(|(_, state)| state == State::Granted);
        (is_granted || needs(target) == 0 || !self.policy.borrow().0) && !self.is_held(target)
    }

    /// Whether an action may be allowed though these calls of ports failed while it was decided on: what is told again
    /// later, and what a policy that lets everything pass does not look at.
    fn are_harmless(&self, failed: &[&str]) -> bool {
        let lax = if self.policy.borrow().0 { &[] as &[&str] } else { &["real_path", "check"] };
        failed.iter().all(|name| ["release", "expire", "notify"].contains(name) || lax.contains(name))
    }

    /// The tool runs. This is the moment at which everything has to be right.
    fn tool(&self, call: &str, action: &Action<'_>) {
        self.must(!self.ran.borrow().iter().any(|known| known == call), "a call ran twice");
        self.ran.borrow_mut().push(call.to_owned());
        self.must(!self.is_held(action.target), "a call ran that is held");
        self.must(self.book.of(call) == Some(Fate::Held), "a call ran for which nothing is reserved");
        let receipts = self.receipts();
        let own = |kind| receipts.iter().filter(move |r| r.kind == kind && r.call.as_deref() == Some(call));
        let allows: Vec<&Receipt> = own(ReceiptKind::Decision).filter(|r| r.verdict == Some(Verdict::Allow)).collect();
        let [allow] = allows.as_slice() else {
            // A read may run before its decision is on disk.
            let may_be_early = action.target == "look" && allows.is_empty();
            return self.must(may_be_early, "a call ran without one decision for it in the log");
        };
        self.must(allow.policy == Some(self.in_force()), "a call ran by a policy that is not in force");
        let starts = own(ReceiptKind::Start).count();
        self.must(action.target != "wipe" || starts == 1, "an irreversible call ran without its start in the log");
        let asks = self.policy.borrow().0;
        match allow.approval {
            Some(id) => self.granted(&id, action),
            None => self.must(!asks || needs(action.target) == 0, "a call ran that nobody has approved"),
        }
    }

    /// A call runs under this approval.
    fn granted(&self, id: &Hash, action: &Action<'_>) {
        self.must(!self.used.borrow().contains(id), "two calls ran under one approval");
        self.used.borrow_mut().push(*id);
        let row = self.disk.approval(id).unwrap().unwrap();
        self.must(row.redeemed, "a call ran, and its approval can be used again");
        let (request, state) = self.state_of(&row);
        self.must(state == State::Granted, "a call ran whose approval is not granted");
        let asked = request.request();
        let same = (asked.run.as_str(), asked.target.as_str(), asked.args_digest, &asked.policy);
        let wanted = (RUN, action.target, receipt::args_digest(action.args), &self.in_force());
        self.must(same == wanted, "a call ran under the approval of another one");
    }

    fn account(&self, unit: BudgetUnit) -> BudgetAccount {
        let accounts = self.disk.accounts(self.now(), None).unwrap();
        accounts.into_iter().find(|account| account.budget.unit == unit).unwrap()
    }

    /// What the store counts is what was reserved, charged and given back, and nothing else.
    fn check_budgets(&self) {
        let (mut calls, mut micro) = ([0, 0], [0, 0]);
        for (id, (_, fate)) in self.book.0.lock().unwrap().iter() {
            let most = money(self.targets.borrow()[id.rsplit('/').next().unwrap()]).0;
            match fate {
                Fate::Held => (calls[0], micro[0]) = (calls[0] + 1, micro[0] + most),
                Fate::Charged(known) => (calls[1], micro[1]) = (calls[1] + 1, micro[1] + known.unwrap_or(most)),
                Fate::Released => {}
            }
        }
        for (unit, counted) in [(BudgetUnit::Calls, calls), (BudgetUnit::Money, micro)] {
            let account = self.account(unit);
            self.must([account.held, account.spent] == counted, "a budget is not the sum of what was admitted");
            self.must(account.held + account.spent <= account.budget.cap, "a budget is overspent");
        }
        let receipts = self.receipts();
        let of_kind = |kind| receipts.iter().filter(move |r| r.kind == kind);
        let released: BTreeSet<&str> = of_kind(ReceiptKind::Release).filter_map(|r| r.call.as_deref()).collect();
        for allow in of_kind(ReceiptKind::Decision).filter(|r| r.verdict == Some(Verdict::Allow)) {
            let call = allow.call.as_deref().unwrap();
            let is_charged = matches!(self.book.of(call), Some(Fate::Held | Fate::Charged(_)));
            // What a closing run releases has not started and cannot, also where the disk loses the receipt that says so.
            let is_lost = self.closes.get() && self.plan.failed().contains(&"commit");
            let is_released = released.contains(call) || (is_lost && !self.ran.borrow().iter().any(|ran| ran == call));
            self.must(is_charged || is_released, "an admitted call was given back without a release");
        }
        for call in self.ran.borrow().iter() {
            self.must(self.book.of(call) != Some(Fate::Released), "a call ran, and its reservation was given back");
        }
    }

    fn verify_log(&self) -> Option<LogReport> {
        let keys = keys();
        let verified = Log::new(&self.disk, self.heads.as_ref(), &keys, ORIGIN).verify();
        verified.inspect_err(|error| self.must(false, &format!("the log does not verify: {error}"))).ok()
    }

    /// Codes are those of the registry, and say what happened.
    fn check_codes(&self) {
        for receipt in self.receipts() {
            let known = receipt.reasons.iter().flatten().all(|code| ErrorCode::parse(code).is_some());
            self.must(known, "a receipt has a code that no registry has");
        }
        let panics = self.codes.borrow().contains(&ErrorCode::InternalPanic);
        self.must(!panics || self.plan.how() == How::Panics, "an error of a port was told as a panic");
        self.must(!self.codes.borrow().contains(&ErrorCode::InternalFault), "an error of a port was told as a fault");
    }
}

// --- The host and the people ------------------------------------------------------------------------

/// A panic that a plan wants is an error of the host's; any other is a failure of the test.
fn survive<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| match payload.downcast_ref::<String>() {
        Some(text) if text.starts_with(WANTED) => Err(ErrorCode::InternalPanic.into()),
        _ => resume_unwind(payload),
    })
}

/// A process with one run, and everybody who has to do with it. Each tries again when a port has failed.
struct Host<'w> {
    world: &'w World,
    run: Run,
    kernel: Kernel,
}

impl<'w> Host<'w> {
    fn open(world: &'w World) -> Result<Self, Error> {
        let open = || {
            let config = Config { prices: Some(Arc::new(prices())), ..Config::new(ORIGIN) };
            let kernel = Kernel::open(world.ports(), keys(), config, world.policies())?;
            let run = kernel.open_run(RUN, &actor())?;
            Ok(Host { world, run, kernel })
        };
        insist(world, open)
    }

    fn hear(&self, who: &str, what: &str) {
        self.world.heard.borrow_mut().push(format!("{who}: {what}"));
    }

    /// The host wants a tool to run. Where a port fails it tries the same call again, and then another one.
    fn call(&self, call: &str, target: &'static str) {
        self.call_between(call, target, || {});
    }

    fn call_between(&self, call: &str, target: &'static str, between: impl Fn()) {
        let failures = self.world.plan.failed().len();
        let another = format!("{call}-again");
        let mut heard = String::new();
        for id in [call, call, &another] {
            heard = self.attempt(id, target, &between);
            if heard.starts_with("ran") || self.world.plan.failed().len() == failures {
                break;
            }
        }
        self.hear(target, &heard);
    }

    fn attempt(&self, call: &str, target: &'static str, between: impl Fn()) -> String {
        self.world.targets.borrow_mut().insert(call.to_owned(), target);
        let (args, most) = (arguments(target), usd(money(target).0));
        let mut action = Action { amount: Some(&most), ..Action::tool_call(call, target, &args) };
        if target == "save" {
            (action.amount, action.tokens, action.model) = (None, Some(100), Some("demo"));
        }
        let failures = self.world.plan.failed().len();
        let reads = (target == "look").then(|| self.world.plan.hold_reads());
        let decision = self.run.authorize(&action);
        let failed = &self.world.plan.failed()[failures..];
        self.world.must(!decision.allowed() || self.world.are_harmless(failed), "allowed, though a port failed");
        self.world.codes.borrow_mut().extend(decision.reasons.iter().map(|reason| reason.code));
        between();
        let mut heard = decision.code().map_or("allowed", ErrorCode::as_str).to_owned();
        // A host that does not understand an answer tries to start all the same, and twice.
        for _ in 0..2 {
            let failures = self.world.plan.failed().len();
            match survive(|| self.run.start(call, &action)) {
                Ok(()) => {
                    self.world.must(self.world.plan.failed().len() == failures, "started, though a port failed");
                    self.world.must(decision.allowed(), "a call started that was not allowed");
                    self.world.tool(call, &action);
                    // What became of the decision is known before the call ends, or the end could come first.
                    drop(reads);
                    let _ = decision.ticket.as_ref().map(Ticket::wait);
                    let settled = insist(self.world, || self.settle(call, target));
                    return settled.map_or_else(|_| "ran, and could not be settled".to_owned(), |()| "ran".to_owned());
                }
                Err(error) => {
                    self.world.codes.borrow_mut().insert(error.code);
                    if decision.allowed() {
                        heard = error.code.as_str().to_owned();
                    }
                }
            }
        }
        heard
    }

    fn settle(&self, call: &str, target: &str) -> Result<(), Error> {
        let (used, result) = (usd(money(target).1), json("true"));
        let mut settlement = Settlement::new(OutcomeStatus::Ok, Some(&result));
        match target {
            "save" => settlement.tokens = Some(40),
            _ => settlement.amount = Some(&used),
        }
        self.run.settle(call, &settlement)?.wait().map(|_| ())
    }

    /// The newest request for a tool, as a list shows it to people.
    fn request_for(&self, target: &str) -> Option<Hash> {
        let cases = insist(self.world, || self.kernel.approvals(100)).unwrap_or_default().sound;
        cases.iter().find(|case| case.request.request().target == target).map(|case| *case.request.id())
    }

    /// Somebody with a key answers the newest request for a tool.
    fn answers(&self, n: u8, response: ApprovalResponse, target: &str) {
        let name = if n == ADA { "ada" } else { "bob" };
        let Some(id) = self.request_for(target) else { return self.hear(name, "nothing to answer") };
        let answer = grant::Answer { approval: &id, name, response, iat: self.world.now(), note: None };
        let signed = grant::sign(&answer, &person(n)).unwrap().to_envelope();
        self.answered(&id, name, insist(self.world, || self.kernel.respond(&id, &signed).map(|_| ())));
    }

    /// Somebody with a one-time code does. Notices come a moment after their receipts, if they come.
    fn types_code(&self, target: &str) {
        let Some(id) = self.request_for(target) else { return self.hear("cy", "nothing to answer") };
        let waits = if self.world.plan.has_failed() { 20 } else { 2_000 };
        let code = (0..waits).find_map(|_| {
            let code = self.world.inbox.code(&id, "cy");
            code.is_none().then(|| std::thread::sleep(Duration::from_millis(5)));
            code
        });
        let Some(code) = code else { return self.hear("cy", "no code") };
        let redeem = || self.kernel.redeem_code(&id, "cy", &code, ApprovalResponse::Grant, None).map(|_| ());
        self.answered(&id, "cy", insist(self.world, redeem));
    }

    fn answered(&self, id: &Hash, name: &str, result: Result<(), Error>) {
        match result {
            Ok(()) => {
                let kept = self.world.disk.approval(id).unwrap().unwrap();
                self.world.must(kept.answers.iter().any(|a| a.name == name), "an answer was taken and not kept");
                self.hear(name, "answered");
            }
            Err(error) => self.hear(name, error.code.as_str()),
        }
    }

    /// Somebody holds a scope, or lets it go.
    fn turn(&self, held: bool, hold: Hold) {
        let turn = Turn { held, hold: hold.clone() };
        let turned = insist(self.world, || self.kernel.turn(turn.clone()));
        let is_held = self.world.disk.standing().unwrap().holds.iter().any(|known| known.scope == hold.scope);
        self.world.must(turned.is_err() || is_held == held, "a turn was told that did not take place");
        self.hear("hold", turned.map_or_else(|e| e.code.as_str(), |_| if held { "on" } else { "off" }));
    }

    /// Somebody puts other policies in force.
    fn reload(&self, asks: bool, text: String, shadow: Option<String>) {
        *self.world.policy.borrow_mut() = (asks, text);
        *self.world.shadow.borrow_mut() = shadow;
        self.kernel.reload(self.world.policies()).unwrap();
    }

    fn close(self) {
        self.world.closes.set(true);
        let closed = insist(self.world, || self.run.close());
        self.hear("run", closed.map_or_else(|e| e.code.as_str(), |_| "closed"));
    }
}

/// Tries again, once, where a port has failed meanwhile.
fn insist<T>(world: &World, work: impl Fn() -> Result<T, Error>) -> Result<T, Error> {
    let failures = world.plan.failed().len();
    let first = survive(&work);
    let result = if first.is_err() && world.plan.failed().len() > failures { survive(&work) } else { first };
    result.inspect_err(|error| {
        world.codes.borrow_mut().insert(error.code);
    })
}

fn arguments(target: &str) -> Value {
    json(&format!(r#"{{"file":"/srv/{target}"}}"#))
}

// --- The stories ------------------------------------------------------------------------------------

/// What a host and people do, and what they hear where nothing fails.
struct Story {
    name: &'static str,
    /// Whether the policy that it begins with asks people.
    asks: bool,
    policy: fn() -> String,
    shadow: Option<fn() -> String>,
    /// The budget of calls.
    calls: u64,
    play: fn(Host<'_>),
    heard: &'static [&'static str],
}

const GOVERNED: Story = Story {
    name: "",
    asks: true,
    policy: || rules("governed", "enforce"),
    shadow: None,
    calls: 20,
    play: |host| host.close(),
    heard: &[],
};

use ApprovalResponse::{Deny, Grant};

const STORIES: &[Story] = &[
    Story {
        name: "one grants",
        play: |host| {
            host.call("c1", "pay");
            host.call("c1", "pay");
            host.answers(ADA, Grant, "pay");
            host.call("c1", "pay");
            host.call("c1", "pay");
            host.call("c2", "pay");
            host.close();
        },
        heard: &[
            "pay: approval.required",
            "pay: approval.required",
            "ada: answered",
            "pay: ran",
            "pay: call.state",
            "pay: approval.required",
            "run: closed",
        ],
        ..GOVERNED
    },
    Story {
        name: "two grant, one of them by code",
        play: |host| {
            host.call("c1", "wipe");
            host.answers(BOB, Grant, "wipe");
            host.call("c1", "wipe");
            host.answers(BOB, Grant, "wipe");
            host.call("c1", "wipe");
            host.types_code("wipe");
            host.call("c1", "wipe");
            host.call("c2", "wipe");
            host.close();
        },
        heard: &[
            "wipe: approval.required",
            "bob: answered",
            "wipe: approval.required",
            "bob: approval.duplicate",
            "wipe: approval.required",
            "cy: answered",
            "wipe: ran",
            "wipe: approval.required",
            "run: closed",
        ],
        ..GOVERNED
    },
    Story {
        name: "one refuses",
        play: |host| {
            host.call("c1", "wipe");
            host.answers(ADA, Grant, "wipe");
            host.answers(BOB, Deny, "wipe");
            host.types_code("wipe");
            host.call("c1", "wipe");
            host.call("c2", "wipe");
            host.close();
        },
        heard: &[
            "wipe: approval.required",
            "ada: answered",
            "bob: answered",
            "cy: approval.rejected",
            "wipe: approval.rejected",
            "wipe: approval.rejected",
            "run: closed",
        ],
        ..GOVERNED
    },
    Story {
        name: "the time is over",
        play: |host| {
            host.call("c1", "pay");
            host.answers(ADA, Grant, "pay");
            host.world.clock.advance(600_000);
            host.call("c1", "pay");
            host.call("c2", "pay");
            host.world.clock.advance(600_000);
            host.answers(ADA, Grant, "pay");
            host.call("c2", "pay");
            host.close();
        },
        heard: &[
            "pay: approval.required",
            "ada: answered",
            "pay: approval.expired",
            "pay: approval.required",
            "ada: approval.expired",
            "pay: approval.expired",
            "run: closed",
        ],
        ..GOVERNED
    },
    Story {
        name: "the clock goes back",
        play: |host| {
            host.call("c1", "pay");
            host.answers(ADA, Grant, "pay");
            host.world.clock.wall.fetch_sub(60_001, Ordering::SeqCst);
            host.call("c1", "pay");
            host.world.clock.wall.fetch_add(60_001, Ordering::SeqCst);
            host.call("c2", "pay");
            host.close();
        },
        heard: &["pay: approval.required", "ada: answered", "pay: clock.behind", "pay: ran", "run: closed"],
        ..GOVERNED
    },
    Story {
        name: "other rules come into force",
        play: |host| {
            host.call("c1", "pay");
            host.answers(ADA, Grant, "pay");
            host.reload(true, rules("other", "enforce"), None);
            host.call("c1", "pay");
            host.answers(BOB, Grant, "pay");
            host.call("c1", "pay");
            host.reload(true, rules("third", "enforce"), None);
            host.call("c2", "pay");
            host.close();
        },
        heard: &[
            "pay: approval.required",
            "ada: answered",
            "pay: approval.required",
            "bob: answered",
            "pay: ran",
            "pay: approval.required",
            "run: closed",
        ],
        ..GOVERNED
    },
    Story {
        name: "the process ends while people think",
        play: |host| {
            let world = host.world;
            host.call("c1", "pay");
            drop(host);
            let Ok(host) = Host::open(world) else { return };
            host.answers(ADA, Grant, "pay");
            drop(host);
            let Ok(host) = Host::open(world) else { return };
            host.call("c2", "pay");
            drop(host);
            let Ok(host) = Host::open(world) else { return };
            host.call("c2", "pay");
            host.call("c3", "pay");
            host.close();
        },
        heard: &[
            "pay: approval.required",
            "ada: answered",
            "pay: ran",
            "pay: call.state",
            "pay: approval.required",
            "run: closed",
        ],
        ..GOVERNED
    },
    Story {
        name: "reads run before their decisions are on disk",
        play: |host| {
            host.call("c1", "look");
            host.call("c2", "look");
            host.call("c3", "save");
            host.close();
        },
        heard: &["look: ran", "look: ran", "save: ran", "run: closed"],
        ..GOVERNED
    },
    Story {
        name: "a budget does not cover it",
        calls: 2,
        play: |host| {
            host.call("c1", "save");
            host.call("c2", "pay");
            host.answers(ADA, Grant, "pay");
            host.call("c3", "save");
            host.call("c2", "pay");
            host.call("c4", "pay");
            let _ = insist(host.world, || host.kernel.set_budget(&calls_budget(3)));
            host.call("c5", "pay");
            host.call("c6", "save");
            let _ = insist(host.world, || host.kernel.budgets(None));
            host.close();
        },
        heard: &[
            "save: ran",
            "pay: approval.required",
            "ada: answered",
            "save: ran",
            "pay: budget.exceeded",
            "pay: budget.exceeded",
            "pay: ran",
            "save: budget.exceeded",
            "run: closed",
        ],
        ..GOVERNED
    },
    Story {
        name: "the kill switch is turned on",
        play: |host| {
            let everything = || hold(ScopeLevel::All, None);
            host.call("c1", "pay");
            host.answers(ADA, Grant, "pay");
            host.turn(true, everything());
            host.call("c1", "pay");
            host.call("c2", "save");
            host.turn(false, everything());
            host.call_between("c3", "pay", || host.turn(true, everything()));
            host.turn(false, everything());
            host.call("c3", "pay");
            host.close();
        },
        heard: &[
            "pay: approval.required",
            "ada: answered",
            "hold: on",
            "pay: standing.killed",
            "save: standing.killed",
            "hold: off",
            "hold: on",
            "pay: standing.killed",
            "hold: off",
            "pay: ran",
            "run: closed",
        ],
        ..GOVERNED
    },
    Story {
        name: "a tool is suspended",
        play: |host| {
            let wiping = || hold(ScopeLevel::Tool, Some("wipe"));
            host.call("c1", "wipe");
            host.answers(ADA, Grant, "wipe");
            host.answers(BOB, Grant, "wipe");
            host.turn(true, wiping());
            host.call("c1", "wipe");
            host.call("c2", "save");
            host.turn(false, wiping());
            host.call("c3", "wipe");
            host.close();
        },
        heard: &[
            "wipe: approval.required",
            "ada: answered",
            "bob: answered",
            "hold: on",
            "wipe: standing.suspended",
            "save: ran",
            "hold: off",
            "wipe: ran",
            "run: closed",
        ],
        ..GOVERNED
    },
    Story {
        name: "a policy observes",
        asks: false,
        policy: || rules("observing", "observe"),
        play: |host| {
            let everything = || hold(ScopeLevel::All, None);
            host.call("c1", "pay");
            host.turn(true, everything());
            host.call("c2", "pay");
            host.turn(false, everything());
            host.reload(true, rules("enforced", "enforce"), None);
            host.call("c3", "wipe");
            host.close();
        },
        heard: &["pay: ran", "hold: on", "pay: standing.killed", "hold: off", "wipe: approval.required", "run: closed"],
        ..GOVERNED
    },
    Story {
        name: "a policy is in the shadow",
        shadow: Some(|| lax("shadow")),
        play: |host| {
            host.call("c1", "pay");
            host.answers(ADA, Grant, "pay");
            host.call("c1", "pay");
            host.reload(false, lax("enforce"), Some(rules("strict", "shadow")));
            host.call("c2", "wipe");
            host.close();
        },
        heard: &["pay: approval.required", "ada: answered", "pay: ran", "wipe: ran", "run: closed"],
        ..GOVERNED
    },
];

// --- The rounds -------------------------------------------------------------------------------------

/// A process that nothing fails any more goes on: what is granted and unused runs, once; nothing else does.
fn aftermath(world: &World) {
    world.plan.ends();
    world.verify_log();
    let host = match Host::open(world) {
        Ok(host) => host,
        Err(error) => return world.must(false, &format!("a sound process does not open: {error}")),
    };
    for target in ["pay", "wipe", "save"] {
        for call in [format!("{target}-after"), format!("{target}-after-that")] {
            let budget = world.account(BudgetUnit::Calls);
            world.must(budget.held == 0, "a reservation is held for nobody");
            let may = world.may_run(target) && budget.spent < budget.budget.cap;
            let heard = host.attempt(&call, target, || {});
            world.must((heard == "ran") == may, &format!("{call}: {heard}, and it may run: {may}"));
        }
    }
    host.close();
    world.check_budgets();
    let is_complete = world.verify_log().is_some_and(|report| report.summary.open.is_empty());
    world.must(is_complete, "an open call that no gap names");
}

/// Plays a story under a plan, and says what was wrong.
fn round(story: &Story, plan: Plan) -> World {
    let world = World::new(plan, story);
    if let Ok(host) = Host::open(&world) {
        (story.play)(host);
    }
    world.check_budgets();
    world.check_codes();
    let is_sound = !world.plan.has_failed();
    if is_sound {
        assert_eq!(*world.heard.borrow(), story.heard, "{}", story.name);
    }
    aftermath(&world);
    if is_sound {
        // What ran before its decision was on disk has it now.
        let receipts = world.receipts();
        let allows = |call: &String| {
            receipts.iter().filter(|r| r.call.as_ref() == Some(call) && r.verdict == Some(Verdict::Allow)).count()
        };
        world.ran.borrow().iter().for_each(|call| assert_eq!(allows(call), 1, "{}: {call}", story.name));
    }
    world
}

/// Every fault of one port, through all stories. The calls that failed, and the number of plans that really failed one.
fn every_fault(port: Port) -> (BTreeSet<&'static str>, usize) {
    let (mut names, mut plans) = (BTreeSet::new(), 0);
    let ways = HOWS.map(|how| (how, false)).into_iter().chain([(How::Refuses, true)]);
    for (how, for_good) in ways {
        for story in STORIES {
            for n in 1.. {
                let world = round(story, Plan::new(Some(port), n, for_good, how));
                let failed = world.plan.failed();
                let about = format!("{}, call {n} of {port:?} {how:?}, for good {for_good}: {failed:?}", story.name);
                assert_eq!(*world.violations.borrow(), [] as [String; 0], "{about}: {:?}", world.heard.borrow());
                if failed.is_empty() {
                    break;
                }
                plans += 1;
                names.extend(failed);
            }
        }
    }
    (names, plans)
}

#[track_caller]
fn check(port: Port, at_least: usize, names: &[&str]) {
    let (failed, plans) = every_fault(port);
    println!("{port:?}: {plans} plans: {failed:?}");
    assert_eq!(failed, names.iter().copied().collect(), "the calls of the port that stories reach");
    assert!(plans >= at_least, "only {plans} plans have failed a call");
}

#[test]
fn no_fault_of_the_clock_lets_anything_run_that_may_not() {
    check(Port::Clock, 2_000, &["monotonic_ms", "wall_ms"]);
}

#[test]
fn no_fault_of_the_entropy_lets_anything_run_that_may_not() {
    check(Port::Entropy, 1_000, &["fill"]);
}

#[test]
fn no_fault_of_the_store_lets_anything_run_that_may_not() {
    let names = [
        "answer",
        "approval",
        "approvals",
        "begin",
        "checkpoint",
        "commit",
        "end",
        "erase_args",
        "frontier",
        "node",
        "set_checkpoint",
        "standing",
        "try_code",
        "turn",
    ];
    check(Port::Store, 2_000, &names);
}

#[test]
fn no_fault_of_the_budgets_lets_anything_run_that_may_not() {
    check(Port::Budgets, 300, &["accounts", "any", "expire_dead", "release", "reserve", "set", "settle"]);
}

#[test]
fn no_fault_of_the_heads_lets_anything_run_that_may_not() {
    check(Port::Heads, 180, &["exchange", "load"]);
}

#[test]
fn no_fault_of_the_files_lets_anything_run_that_may_not() {
    check(Port::Files, 300, &["real_path"]);
}

#[test]
fn no_fault_of_a_further_stage_lets_anything_run_that_may_not() {
    check(Port::Stages, 150, &["check"]);
}

#[test]
fn no_fault_of_whoever_tells_people_lets_anything_run_that_may_not() {
    check(Port::Notify, 60, &["notify"]);
}
