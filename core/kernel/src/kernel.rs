//! The kernel: ports, keys and policy under one roof. It opens runs.

use crate::log::{self, Log};
use crate::ports::{Clock, Entropy, HeadKeeper, Standing, Store, Turn};
use crate::run::{Belongs, Run};
use crate::stage::{Limits, PolicyStage, Stage};
use crate::standing::{self, StandingStage, Turned};
use crate::writer::Writer;
use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use talos_audit::checkpoint::LogKey;
use talos_contracts::scalar::{B64, Hash, Salt};
use talos_contracts::{Error, PolicyRef, SignMode};
use talos_crypto::{SigningKey, hash};
use talos_identity::Did;
use talos_policy::{CompiledPolicy, RealPaths};

/// Domain of the hash of a policy and of what further stages decide by.
const RULES_DOMAIN: &str = "talos/rules/1";
/// How long a permit may wait to be started and settled, in milliseconds.
pub const PERMIT_MS: u64 = 60_000;

/// How far the wall clock may be behind the newest receipt before whatever depends on a wall-clock
/// expiry is denied, in milliseconds. Permits expire on the monotonic clock.
pub const CLOCK_BEHIND_MS: u64 = 60_000;

/// The hash of all rules in force: of the policy, and of what further stages decide by, where there are any.
fn rules_hash(policy: &CompiledPolicy, stages: &[Box<dyn Stage>]) -> Hash {
    let mut parts = policy.hash().0.to_vec();
    let own = parts.len();
    for stage in stages {
        if let Some(hash) = stage.hash() {
            parts.push(stage.number());
            parts.extend(hash.0);
        }
    }
    if parts.len() == own { policy.hash() } else { hash::tagged(RULES_DOMAIN, &[&parts]) }
}

/// The kernel's own stages and further ones, by their numbers.
fn in_order(policy: &Arc<CompiledPolicy>, further: Vec<Box<dyn Stage>>) -> Vec<Box<dyn Stage>> {
    let mut stages: Vec<Box<dyn Stage>> =
        vec![Box::new(Limits), Box::new(StandingStage), Box::new(PolicyStage(Arc::clone(policy)))];
    stages.extend(further);
    stages.sort_by_key(|stage| stage.number());
    stages
}

/// What a host chooses.
#[derive(Clone, Debug)]
pub struct Config {
    /// The name of the log.
    pub origin: String,
    /// Who signs the receipts of allowed reads; everything else is always self-signed.
    pub sign_reads: SignMode,
    /// Life of a permit in milliseconds.
    pub permit_ms: u64,
    /// Whether the bodies behind the commitments are kept, up to [`crate::BODY_MAX`] each.
    pub store_bodies: bool,
}

impl Config {
    /// The defaults, for this log.
    pub fn new(origin: &str) -> Self {
        Config { origin: origin.to_owned(), sign_reads: SignMode::Self_, permit_ms: PERMIT_MS, store_bodies: false }
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
    pub(crate) heads: Arc<dyn HeadKeeper>,
    pub(crate) files: Option<Arc<dyn RealPaths>>,
    pub(crate) keys: Keys,
    pub(crate) keyid: String,
    pub(crate) config: Config,
    pub(crate) policy: Arc<CompiledPolicy>,
    pub(crate) policy_hash: Hash,
    pub(crate) stages: Vec<Box<dyn Stage>>,
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

    pub(crate) fn policy_ref(&self) -> PolicyRef {
        PolicyRef { id: self.policy.policy().id.clone(), hash: self.policy_hash }
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
    core: Arc<Core>,
}

/// What a kernel is made of.
pub struct Ports {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The log and the state.
    pub store: Arc<dyn Store>,
    /// The last signed head.
    pub heads: Arc<dyn HeadKeeper>,
    /// Who follows symbolic links, where the host sees the files that tools work on.
    pub files: Option<Arc<dyn RealPaths>>,
    /// Checks beside the kernel's own, each at the place that its number says.
    pub stages: Vec<Box<dyn Stage>>,
}

impl Kernel {
    /// Opens the kernel. A store that is older than the head beside the log key is refused.
    pub fn open(ports: Ports, keys: Keys, config: Config, policy: CompiledPolicy) -> Result<Self, Error> {
        let newest_iat = Arc::new(AtomicU64::new(0));
        log::check_head(ports.store.as_ref(), ports.heads.as_ref())?;
        LogKey::new(&config.origin, keys.log.verifying_key())?;
        let mut boot = [0; 16];
        ports.entropy.fill(&mut boot)?;
        let policy = Arc::new(policy);
        let core = Core {
            writer: Writer::start(Arc::clone(&ports.store), Arc::clone(&newest_iat))?,
            keyid: Did::of(&keys.sign.verifying_key()).url(),
            policy_hash: rules_hash(&policy, &ports.stages),
            stages: in_order(&policy, ports.stages),
            clock: ports.clock,
            entropy: ports.entropy,
            store: ports.store,
            heads: ports.heads,
            files: ports.files,
            boot: B64(boot),
            keys,
            config,
            policy,
            open_runs: Mutex::default(),
            newest_iat,
        };
        Ok(Kernel { core: Arc::new(core) })
    }

    /// The DID that issues this kernel's receipts.
    pub fn issuer(&self) -> Did {
        Did::of(&self.core.keys.sign.verifying_key())
    }

    /// The policy in force.
    pub fn policy(&self) -> &CompiledPolicy {
        &self.core.policy
    }

    /// Name and hash of the policy in force, as receipts give them.
    pub fn policy_ref(&self) -> PolicyRef {
        self.core.policy_ref()
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

    /// Checkpoints, proofs and bundles.
    pub fn log(&self) -> Log<'_> {
        self.core.log()
    }
}
