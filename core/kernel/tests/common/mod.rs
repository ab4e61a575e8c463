//! A kernel over memory, with a clock that tests turn and a store that tests hold back or break.

#![allow(dead_code, clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use talos_audit::receipt;
use talos_audit::tree::Frontier;
use talos_budget::{Actual, Catalogue, Request, Span, Unit};
use talos_contracts::json::{Profile, Value, parse};
use talos_contracts::scalar::{Hash, Salt};
use talos_contracts::{
    Budget, BudgetAccount, Error, ErrorCode, OutcomeStatus, Price, PriceCatalogue, Receipt, ReceiptKind, Scope, Verdict,
};
use talos_crypto::{SigningKey, hash};
use talos_identity::Did;
use talos_kernel::ports::{
    Answer, Approval, Begun, Budgets, Clock, Committed, Damaged, Entropy, Entry, HeadKeeper, KeptCode, KeptHead,
    Notice, Notify, Record, Standing, Store, Turn,
};
use talos_kernel::{Action, Config, Decision, Kernel, Keys, Log, LogReport, Ports, Run, Settlement, Stage};
use talos_memory::{MemoryHead, MemoryStore};
use talos_policy::{CompiledPolicy, Format};

pub const ORIGIN: &str = "test.example/log";
pub const RUN: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
pub const OTHER_RUN: &str = "01890a5d-ac96-774b-bcce-b302099a8058";
/// When the tests begin.
pub const EPOCH_MS: u64 = 1_763_625_600_000;

/// One tool of each effect, and nothing limited.
pub const TOOLS: &str = "id: test
allowed_tools:
  - {name: read_file, effect: read}
  - {name: write_file, effect: write}
  - {name: pay, effect: spend}
  - {name: wipe, effect: irreversible}
allowed_resources: ['file:///*']
";

pub fn policy(text: &str) -> CompiledPolicy {
    CompiledPolicy::load(text.as_bytes(), Format::Yaml, "policy.yaml").unwrap()
}

/// One model, `demo`, whose answers cost three times what it is asked.
pub fn prices() -> Catalogue {
    let price = Price {
        model: "demo".to_owned(),
        currency: "USD".to_owned(),
        input_micro: 1_000_000,
        output_micro: 3_000_000,
        max_output: None,
        encoding: None,
        source: "https://example.org".to_owned(),
        date: "2026-01-01".to_owned(),
    };
    Catalogue::new(&PriceCatalogue { prices: vec![price] })
}

pub fn json(text: &str) -> Value {
    parse(text.as_bytes(), Profile::Data).unwrap()
}

pub fn sign_key() -> SigningKey {
    SigningKey::from_seed(&[1; 32])
}

pub fn log_key() -> SigningKey {
    SigningKey::from_seed(&[2; 32])
}

pub fn keys() -> Keys {
    Keys { sign: sign_key(), log: log_key() }
}

pub fn actor() -> Did {
    Did::of(&sign_key().verifying_key())
}

pub struct TestClock {
    pub wall: AtomicU64,
    pub monotonic: AtomicU64,
}

impl Default for TestClock {
    fn default() -> Self {
        TestClock { wall: AtomicU64::new(EPOCH_MS), monotonic: AtomicU64::new(0) }
    }
}

impl TestClock {
    /// Both clocks go on.
    pub fn advance(&self, ms: u64) {
        self.wall.fetch_add(ms, Ordering::SeqCst);
        self.monotonic.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn wall_ms(&self) -> Result<u64, Error> {
        Ok(self.wall.load(Ordering::SeqCst))
    }

    fn monotonic_ms(&self) -> Result<u64, Error> {
        Ok(self.monotonic.load(Ordering::SeqCst))
    }
}

/// Never the same bytes twice, the same bytes in each run of the tests.
#[derive(Default)]
pub struct TestEntropy(AtomicU64);

impl TestEntropy {
    pub fn starting_at(n: u64) -> Self {
        TestEntropy(AtomicU64::new(n))
    }
}

impl Entropy for TestEntropy {
    fn fill(&self, out: &mut [u8]) -> Result<(), Error> {
        for chunk in out.chunks_mut(32) {
            let next = self.0.fetch_add(1, Ordering::SeqCst);
            chunk.copy_from_slice(&hash::sha256(&[&next.to_be_bytes()]).0[..chunk.len()]);
        }
        Ok(())
    }
}

/// What becomes of a commit.
#[derive(Clone, Copy, PartialEq)]
pub enum Mode {
    Works,
    /// Waits until the mode is another one.
    Blocks,
    Fails(ErrorCode),
    /// Writes the batch, and then says that it has not.
    WritesAndFails(ErrorCode),
    Panics,
}

/// What tests do to a store, from outside.
pub struct Switch {
    mode: Mutex<Mode>,
    changed: Condvar,
    /// What somebody who can write the database has made of each request for approval.
    pub forge: Mutex<Option<fn(&mut Approval)>>,
    pub standing_panics: AtomicU64,
    damaged: Mutex<Option<Hash>>,
    /// Whether no reservation can be ended.
    pub holds_stay: AtomicBool,
}

impl Default for Switch {
    fn default() -> Self {
        Switch {
            mode: Mutex::new(Mode::Works),
            changed: Condvar::new(),
            forge: Mutex::default(),
            standing_panics: AtomicU64::new(0),
            damaged: Mutex::default(),
            holds_stay: AtomicBool::new(false),
        }
    }
}

impl Switch {
    fn end_hold(&self, end: impl FnOnce() -> Result<(), Error>) -> Result<(), Error> {
        if self.holds_stay.load(Ordering::SeqCst) {
            return Err(Error::new(ErrorCode::StoreIo, "as the test wants it"));
        }
        end()
    }

    pub fn set(&self, mode: Mode) {
        *self.mode.lock().unwrap() = mode;
        self.changed.notify_all();
    }

    /// From now on the request of this id reads back with a bit turned.
    pub fn damage(&self, approval: Hash) {
        *self.damaged.lock().unwrap() = Some(approval);
    }

    fn as_read(&self, mut row: Approval) -> Approval {
        if *self.damaged.lock().unwrap() == Some(row.id) {
            row.request[40] ^= 1;
        }
        row
    }

    fn mode(&self) -> Mode {
        let mut mode = self.mode.lock().unwrap();
        while *mode == Mode::Blocks {
            mode = self.changed.wait(mode).unwrap();
        }
        *mode
    }
}

struct Switched {
    inner: MemoryStore,
    switch: Arc<Switch>,
}

/// Of budgets, what ends a reservation fails where the test wants it.
impl Budgets for Switched {
    fn any(&self) -> Result<bool, Error> {
        self.inner.any()
    }

    fn reserve(&self, boot: Salt, now_ms: u64, request: &Request<'_>) -> Result<talos_budget::Answer, Error> {
        self.inner.reserve(boot, now_ms, request)
    }

    fn settle(&self, now_ms: u64, id: &str, actual: &Actual) -> Result<(), Error> {
        self.switch.end_hold(|| self.inner.settle(now_ms, id, actual))
    }

    fn expire(&self, now_ms: u64, id: &str) -> Result<(), Error> {
        self.switch.end_hold(|| self.inner.expire(now_ms, id))
    }

    fn expire_dead(&self, now_ms: u64) -> Result<u64, Error> {
        self.inner.expire_dead(now_ms)
    }

    fn release(&self, now_ms: u64, id: &str) -> Result<(), Error> {
        self.switch.end_hold(|| self.inner.release(now_ms, id))
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

impl Store for Switched {
    fn begin(&self, boot: Salt, run: &str) -> Result<Begun, Error> {
        self.inner.begin(boot, run)
    }

    fn commit(&self, batch: &[&Entry]) -> Result<Committed, Error> {
        match self.switch.mode() {
            Mode::Works | Mode::Blocks => self.inner.commit(batch),
            Mode::Fails(code) => Err(Error::new(code, "as the test wants it")),
            Mode::WritesAndFails(code) => {
                self.inner.commit(batch)?;
                Err(Error::new(code, "as the test wants it"))
            }
            Mode::Panics => panic!("as the test wants it"),
        }
    }

    fn end(&self, boot: Salt, run: &str) -> Result<(), Error> {
        self.inner.end(boot, run)
    }

    fn frontier(&self) -> Result<Frontier, Error> {
        self.inner.frontier()
    }

    fn node(&self, level: u32, index: u64) -> Result<Hash, Error> {
        self.inner.node(level, index)
    }

    fn record(&self, index: u64) -> Result<Option<Record>, Error> {
        self.inner.record(index)
    }

    fn find(&self, id: &Hash) -> Result<Option<Record>, Error> {
        self.inner.find(id)
    }

    fn standing(&self) -> Result<Arc<Standing>, Error> {
        assert_eq!(self.switch.standing_panics.load(Ordering::SeqCst), 0, "as the test wants it");
        self.inner.standing()
    }

    fn turn(&self, turn: &Turn) -> Result<(), Error> {
        self.inner.turn(turn)
    }

    fn approvals(&self, run: Option<&str>, limit: usize) -> Result<Vec<Result<Approval, Damaged>>, Error> {
        let rows = self.inner.approvals(run, limit)?;
        Ok(rows.into_iter().map(|row| row.map(|row| self.switch.as_read(row))).collect())
    }

    fn approval(&self, id: &Hash) -> Result<Option<Approval>, Error> {
        let row = self.inner.approval(id)?.map(|row| self.switch.as_read(row));
        Ok(row.map(|mut row| {
            if let Some(forge) = *self.switch.forge.lock().unwrap() {
                forge(&mut row);
            }
            row
        }))
    }

    fn answer(&self, id: &Hash, answer: &Answer) -> Result<(), Error> {
        self.inner.answer(id, answer)
    }

    fn erase_args(&self, id: &Hash) -> Result<(), Error> {
        self.inner.erase_args(id)
    }

    fn try_code(&self, id: &Hash, name: &str) -> Result<Option<KeptCode>, Error> {
        self.inner.try_code(id, name)
    }

    fn checkpoint(&self) -> Result<Option<(u64, String)>, Error> {
        self.inner.checkpoint()
    }

    fn set_checkpoint(&self, size: u64, note: &str) -> Result<(), Error> {
        self.inner.set_checkpoint(size, note)
    }
}

/// One log, and a kernel on it. The log is verified from leaf 0 when the test is over.
pub struct Rig {
    kernel: Option<Kernel>,
    pub clock: Arc<TestClock>,
    pub switch: Arc<Switch>,
    pub config: Config,
    entropy: Arc<TestEntropy>,
    heads: Arc<MemoryHead>,
    store: MemoryStore,
    policy: String,
    stages: fn() -> Vec<Box<dyn Stage>>,
    inbox: Option<Arc<Inbox>>,
}

/// What people were told.
#[derive(Default)]
pub struct Inbox(Mutex<Vec<Notice>>);

impl Notify for Inbox {
    fn notify(&self, notice: Notice) {
        self.0.lock().unwrap().push(notice);
    }
}

impl Inbox {
    /// The next notices. They come a moment after their receipts: callbacks are called when whoever waits is woken.
    pub fn take(&self) -> Vec<Notice> {
        for _ in 0..1_000 {
            let notices = std::mem::take(&mut *self.0.lock().unwrap());
            if !notices.is_empty() {
                return notices;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        panic!("nobody was told");
    }
}

impl Rig {
    pub fn new() -> Self {
        Self::with(TOOLS, Config::new(ORIGIN))
    }

    pub fn with_policy(text: &str) -> Self {
        Self::with(text, Config::new(ORIGIN))
    }

    pub fn with(policy: &str, config: Config) -> Self {
        Self::of(policy, config, Vec::new)
    }

    /// With further stages.
    pub fn with_stages(policy: &str, stages: fn() -> Vec<Box<dyn Stage>>) -> Self {
        Self::of(policy, Config::new(ORIGIN), stages)
    }

    fn of(policy: &str, config: Config, stages: fn() -> Vec<Box<dyn Stage>>) -> Self {
        let mut rig = Rig {
            kernel: None,
            clock: Arc::default(),
            switch: Arc::default(),
            config,
            entropy: Arc::default(),
            heads: Arc::default(),
            store: MemoryStore::default(),
            policy: policy.to_owned(),
            stages,
            inbox: None,
        };
        rig.kernel = Some(rig.another_kernel());
        rig
    }

    /// With somebody who tells people of requests for approval.
    pub fn with_inbox(policy: &str) -> (Self, Arc<Inbox>) {
        let mut rig = Self::with_policy(policy);
        let inbox: Arc<Inbox> = Arc::default();
        rig.inbox = Some(Arc::clone(&inbox));
        rig.reopen();
        (rig, inbox)
    }

    /// What is on disk, behind the kernel's back.
    pub fn store(&self) -> &MemoryStore {
        &self.store
    }

    pub fn kernel(&self) -> &Kernel {
        self.kernel.as_ref().unwrap()
    }

    /// One more process on the same log.
    pub fn another_kernel(&self) -> Kernel {
        let ports = Ports {
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            store: Arc::new(Switched { inner: self.store.another(), switch: self.switch.clone() }),
            budgets: Arc::new(Switched { inner: self.store.another(), switch: self.switch.clone() }),
            heads: self.heads.clone(),
            files: None,
            stages: (self.stages)(),
            notify: self.inbox.clone().map(|inbox| inbox as Arc<dyn Notify>),
        };
        let policy = if self.policy.is_empty() { CompiledPolicy::builtin() } else { policy(&self.policy) };
        Kernel::open(ports, keys(), self.config.clone(), policy).unwrap()
    }

    /// The process ends, and another one begins. Runs of the old kernel must be gone.
    pub fn reopen(&mut self) {
        self.kernel = None;
        self.kernel = Some(self.another_kernel());
    }

    pub fn run(&self) -> Run {
        self.open(RUN)
    }

    pub fn open(&self, run: &str) -> Run {
        self.kernel().open_run(run, &actor()).unwrap()
    }

    pub fn log(&self) -> Log<'_> {
        self.kernel().log()
    }

    /// All receipts, in the order of the log.
    pub fn receipts(&self) -> Vec<Receipt> {
        let size = self.store.frontier().unwrap().size();
        (0..size).map(|i| receipt::parse_body(&self.store.record(i).unwrap().unwrap().sealed.body).unwrap()).collect()
    }

    pub fn kinds(&self) -> Vec<ReceiptKind> {
        self.receipts().iter().map(|r| r.kind).collect()
    }

    /// The receipts of one call.
    pub fn of_call(&self, call: &str) -> Vec<Receipt> {
        self.receipts().into_iter().filter(|r| r.call.as_deref() == Some(call)).collect()
    }

    pub fn verify(&self) -> LogReport {
        self.log_of(&keys()).verify().unwrap()
    }

    /// The log as somebody with these keys sees it.
    pub fn log_of<'a>(&'a self, keys: &'a Keys) -> Log<'a> {
        Log::new(&self.store, self.heads.as_ref() as &dyn HeadKeeper, keys, ORIGIN)
    }

    /// The head that was last signed.
    pub fn head(&self) -> KeptHead {
        self.heads.load().unwrap().unwrap()
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.switch.set(Mode::Works);
        self.kernel = None;
        if !std::thread::panicking() {
            self.verify();
        }
    }
}

/// Asks, and goes on only if everything says yes: what a host does.
pub fn start(run: &Run, action: &Action<'_>) -> Decision {
    let decision = run.authorize(action);
    assert_eq!(decision.verdict, Verdict::Allow, "{:?}", decision.reasons);
    run.start(action.call, action).unwrap();
    decision
}

pub fn settle(run: &Run, call: &str) {
    run.settle(call, &Settlement::new(OutcomeStatus::Ok, None)).unwrap().wait().unwrap();
}

/// A whole call.
pub fn execute(run: &Run, action: &Action<'_>) {
    start(run, action);
    settle(run, action.call);
}

pub fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorCode {
    result.unwrap_err().code
}

/// The codes of a denial.
pub fn denied(decision: &Decision) -> Vec<ErrorCode> {
    assert_eq!(decision.verdict, Verdict::Deny, "{:?}", decision.reasons);
    assert_eq!(decision.permit, None);
    decision.reasons.iter().map(|r| r.code).collect()
}
