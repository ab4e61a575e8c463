//! The kernel: ports, keys and policy under one roof. It opens runs.

use crate::log::{self, Log};
use crate::ports::{Budgets, Clock, Entropy, HeadKeeper, Notify, Standing, Store, Turn};
use crate::rules::{Policies, Rules};
use crate::run::{Belongs, Run};
use crate::stage::Stage;
use crate::standing::{self, Turned};
use crate::writer::Writer;
use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use talos_audit::checkpoint::LogKey;
use talos_budget::{Catalogue, Span, Unit};
use talos_contracts::scalar::{B64, Salt};
use talos_contracts::{Budget, BudgetAccount, Error, PolicyRef, Scope, SignMode};
use talos_crypto::SigningKey;
use talos_identity::Did;
use talos_policy::{CompiledPolicy, RealPaths};
use talos_text::nfc;

/// How long a permit may wait to be started and settled, in milliseconds.
pub const PERMIT_MS: u64 = 60_000;

/// How far the wall clock may be behind the newest receipt before whatever depends on a wall-clock
/// expiry is denied, in milliseconds. Permits expire on the monotonic clock.
pub const CLOCK_BEHIND_MS: u64 = 60_000;

/// What a host chooses.
#[derive(Clone, Debug)]
pub struct Config {
    /// The name of the log.
    pub origin: String,
    /// Who signs the receipts of allowed reads; everything else is always self-signed.
    pub sign_reads: SignMode,
    /// Life of a permit in milliseconds.
    pub permit_ms: u64,
    /// What models cost, for budgets of money; absent: nothing is known.
    pub prices: Option<Arc<Catalogue>>,
    /// Whether the bodies behind the commitments are kept, up to [`crate::BODY_MAX`] each.
    pub store_bodies: bool,
}

impl Config {
    /// The defaults, for this log.
    pub fn new(origin: &str) -> Self {
        Config {
            origin: origin.to_owned(),
            sign_reads: SignMode::Self_,
            permit_ms: PERMIT_MS,
            store_bodies: false,
            prices: None,
        }
    }
}

/// The keys of a writer. Roles are never shared.
pub struct Keys {
    /// Signs receipts.
    pub sign: SigningKey,
    /// Signs checkpoints.
    pub log: SigningKey,
}

/// What all runs of a kernel share.
pub(crate) struct Core {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) budgets: Arc<dyn Budgets>,
    /// One moment on the wall clock and on the monotonic clock.
    pub(crate) budget_epoch: (u64, u64),
    pub(crate) heads: Arc<dyn HeadKeeper>,
    pub(crate) files: Option<Arc<dyn RealPaths>>,
    pub(crate) keys: Keys,
    pub(crate) keyid: String,
    pub(crate) config: Config,
    pub(crate) notify: Option<Arc<dyn Notify>>,
    rules: RwLock<Arc<Rules>>,
    pub(crate) boot: Salt,
    pub(crate) writer: Writer,
    /// Runs that are open in this process: the store only tells processes apart.
    pub(crate) open_runs: Mutex<HashSet<String>>,
    newest_iat: Arc<AtomicU64>,
}

impl Core {
    pub(crate) fn random<const N: usize>(&self) -> Result<[u8; N], Error> {
        let mut out = [0; N];
        self.entropy.fill(&mut out)?;
        Ok(out)
    }

    /// max(wall clock, newest time issued or logged): receipts never go back in time.
    pub(crate) fn iat(&self) -> Result<u64, Error> {
        let wall = self.clock.wall_ms()?;
        Ok(self.newest_iat.fetch_max(wall, Ordering::AcqRel).max(wall))
    }

    pub(crate) fn saw_iat(&self, iat: u64) {
        self.newest_iat.fetch_max(iat, Ordering::AcqRel);
    }

    /// The rules in force at this moment.
    pub(crate) fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The DID that signs receipts and requests for approval.
    pub(crate) fn issuer(&self) -> Did {
        Did::of(&self.keys.sign.verifying_key())
    }

    pub(crate) fn log(&self) -> Log<'_> {
        Log::new(self.store.as_ref(), self.heads.as_ref(), &self.keys, &self.config.origin)
    }

    /// A UUIDv7 (RFC 9562) of this moment.
    pub(crate) fn uuid(&self) -> Result<String, Error> {
        let mut bytes: [u8; 16] = self.random()?;
        bytes[..6].copy_from_slice(&self.clock.wall_ms()?.to_be_bytes()[2..]);
        bytes[6] = bytes[6] & 0x0f | 0x70;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let mut text = String::with_capacity(36);
        for (at, byte) in bytes.into_iter().enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            text.extend([byte >> 4, byte & 15].map(|half| char::from(b"0123456789abcdef"[usize::from(half)])));
        }
        Ok(text)
    }
}

/// The kernel of one process.
#[derive(Clone)]
pub struct Kernel {
    pub(crate) core: Arc<Core>,
}

/// What a kernel is made of.
pub struct Ports {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The log and the state.
    pub store: Arc<dyn Store>,
    /// Budgets and rates.
    pub budgets: Arc<dyn Budgets>,
    /// The last signed head.
    pub heads: Arc<dyn HeadKeeper>,
    /// Who follows symbolic links, where the host sees the files that tools work on.
    pub files: Option<Arc<dyn RealPaths>>,
    /// Checks beside the kernel's own, each at the place that its number says.
    pub stages: Vec<Box<dyn Stage>>,
    /// Who tells people of requests for approval; absent: they have to look, and nobody can answer by a one-time code.
    pub notify: Option<Arc<dyn Notify>>,
}

impl Kernel {
    /// Opens the kernel. A store that is older than the head beside the log key is refused.
    pub fn open(ports: Ports, keys: Keys, config: Config, policies: impl Into<Policies>) -> Result<Self, Error> {
        let newest_iat = Arc::new(AtomicU64::new(0));
        log::check_head(ports.store.as_ref(), ports.heads.as_ref())?;
        LogKey::new(&config.origin, keys.log.verifying_key())?;
        let mut boot = [0; 16];
        ports.entropy.fill(&mut boot)?;
        let rules = Rules::new(policies.into(), ports.stages.into_iter().map(Arc::from).collect())?;
        let core = Core {
            writer: Writer::start(Arc::clone(&ports.store), Arc::clone(&newest_iat))?,
            keyid: Did::of(&keys.sign.verifying_key()).url(),
            budget_epoch: (ports.clock.wall_ms()?, ports.clock.monotonic_ms()?),
            clock: ports.clock,
            entropy: ports.entropy,
            store: ports.store,
            budgets: ports.budgets,
            heads: ports.heads,
            files: ports.files,
            notify: ports.notify,
            rules: RwLock::new(Arc::new(rules)),
            boot: B64(boot),
            keys,
            config,
            open_runs: Mutex::default(),
            newest_iat,
        };
        Ok(Kernel { core: Arc::new(core) })
    }

    /// The DID that issues this kernel's receipts.
    pub fn issuer(&self) -> Did {
        self.core.issuer()
    }

    /// The policy in force.
    pub fn policy(&self) -> Arc<CompiledPolicy> {
        Arc::clone(&self.core.rules().policy)
    }

    /// Puts other policies in force, for decisions from now on; every run receipts the change before its next decision.
    /// What waits for approval is evaluated again. An error changes nothing.
    pub fn reload(&self, policies: impl Into<Policies>) -> Result<(), Error> {
        self.put_in_force(self.core.rules().with(policies.into())?);
        Ok(())
    }

    /// [`Kernel::reload`] with other further stages, too: both come into force together, or neither.
    pub fn reload_with(&self, policies: impl Into<Policies>, stages: Vec<Box<dyn Stage>>) -> Result<(), Error> {
        self.put_in_force(Rules::new(policies.into(), stages.into_iter().map(Arc::from).collect())?);
        Ok(())
    }

    fn put_in_force(&self, rules: Rules) {
        *self.core.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
    }

    /// Name and hash of the policy in force, as receipts give them.
    pub fn policy_ref(&self) -> PolicyRef {
        self.core.rules().reference.clone()
    }

    /// A fresh id for a run or a call.
    pub fn new_id(&self) -> Result<String, Error> {
        self.core.uuid()
    }

    /// Opens a run: its chain begins, and calls that dead writers left open are named in a gap.
    pub fn open_run(&self, run: &str, actor: &Did) -> Result<Run, Error> {
        self.open_run_of(run, actor, Belongs::default())
    }

    /// [`Kernel::open_run`] where it is known what the agent belongs to.
    pub fn open_run_of(&self, run: &str, actor: &Did, of: Belongs) -> Result<Run, Error> {
        Run::open(&self.core, run, actor, of)
    }

    /// Holds a scope or lets it go, with a receipt, for this and every other process on the same store. A hold is in
    /// force at the next decision and the next start, and outlives every restart. Where no receipt can be written, a
    /// hold begins without one, and none ends.
    pub fn turn(&self, turn: Turn) -> Result<Turned, Error> {
        standing::turn(&self.core, &self.issuer(), turn)
    }

    /// What is held.
    pub fn standing(&self) -> Result<Arc<Standing>, Error> {
        self.core.store.standing()
    }

    /// Sets a budget, or other terms for the one of the same scope, unit and window.
    pub fn set_budget(&self, budget: &Budget) -> Result<Budget, Error> {
        self.core.budgets.set(budget)
    }

    /// Removes a budget and what was counted against it.
    pub fn remove_budget(&self, scope: &Scope, unit: Unit, span: Span) -> Result<(), Error> {
        self.core.budgets.remove(scope, unit, span)
    }

    /// Where the budgets stand that are of this scope; of its level, if it has no name.
    pub fn budgets(&self, scope: Option<&Scope>) -> Result<Vec<BudgetAccount>, Error> {
        // Budgets have their names in NFC.
        let name = |scope: &Scope| scope.name.as_deref().map(|name| nfc(name).into_owned());
        let scope = scope.map(|scope| Scope { level: scope.level, name: name(scope) });
        self.core.budgets.accounts(self.core.budget_ms()?, scope.as_ref())
    }

    /// Checkpoints, proofs and bundles.
    pub fn log(&self) -> Log<'_> {
        self.core.log()
    }
}
