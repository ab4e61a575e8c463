//! An open kernel.

use crate::budgets::ACCOUNTS_MAX;
use crate::client::{self, Client, Terms};
use crate::home::{actor_of, belongs_of, check_agent};
use crate::sdk::guard::{Guard, Owned};
use crate::sdk::run::{Run, RunInner};
use crate::sdk::soon::Notifier;
use crate::{
    CedarFiles, Home, SystemClock, SystemEntropy, SystemFiles, default_directory, format, load_policy, policy_error,
    random_key,
};
use std::collections::HashMap;
use std::env;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use talos_audit::receipt::parse_body;
use talos_budget::{Catalogue, Span, Unit};
use talos_contracts::scalar::Hash;
use talos_contracts::{
    AuditProveInput, AuditVerifyLogOutput, Budget, BudgetRemoveInput, BudgetSetOutput, BudgetShowInput,
    BudgetShowOutput, BudgetTopInput, BudgetTopOutput, ClientOpenInput, Configuration, Error, ErrorCode,
    KernelDescribeOutput, KernelIdentityOutput, KernelOpenInput, KernelReloadInput, PolicyFormat, PolicyRef,
    ReceiptGetInput, ReceiptGetOutput, RunOpenInput, StandingHold, StandingSetInput, StandingSetOutput,
};
use talos_crypto::SigningKey;
use talos_identity::Did;
use talos_kernel::ports::{Hold, Record, Turn};
use talos_kernel::{Config, Keys, Log, Policies, Ports};
use talos_memory::{MemoryHead, MemoryStore};
use talos_policy::CompiledPolicy;
use talos_verify::Trust;

/// An open kernel: cheap to clone, and safe to use from any thread of its process.
#[derive(Clone)]
pub struct Kernel(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) guard: Guard,
    pub(crate) kernel: Owned<talos_kernel::Kernel>,
    pub(crate) notifier: Notifier,
    /// The Cedar policies; absent where the host has put the stages together.
    cedar: Option<CedarFiles>,
    place: Place,
    runs: Mutex<Vec<Weak<RunInner>>>,
    /// The clients that are open, by their agents.
    clients: Mutex<HashMap<String, Weak<client::Inner>>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        let Some(kernel) = self.kernel.take() else { return };
        // The end of a kernel waits for its writer, and a collector of garbage or a loop must not. A
        // host that wants to know that all is written closes it.
        let _ = thread::Builder::new().name("talos-end".into()).spawn(move || drop(kernel));
    }
}

/// How many budgets are the fullest.
const TOP: u64 = 10;

/// Where agents' keys lie.
enum Place {
    Directory(Box<Home>),
    Memory(Mutex<HashMap<String, Arc<SigningKey>>>),
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Kernel {
    /// Opens a kernel on a directory, which is initialised if it is new, or in memory.
    pub fn open(input: &KernelOpenInput) -> Result<Self, Error> {
        match (input.memory, &input.directory) {
            (Some(true), None) => Self::in_memory(input),
            (Some(true), Some(_)) => Err(Error::new(ErrorCode::MalformedValue, "give one of directory and memory")),
            (_, directory) => {
                let directory = directory.as_ref().map_or_else(default_directory, |path| Ok(path.into()))?;
                let home = Home::init(&directory)?;
                let policies = Given::from(input).policies(|| home.policy())?;
                let cedar = cedar(input, home.cedar());
                let kernel = home.kernel_with(policies, &cedar)?;
                Self::over(kernel, Some(cedar), Place::Directory(Box::new(home)))
            }
        }
    }

    fn in_memory(input: &KernelOpenInput) -> Result<Self, Error> {
        let keys = Keys { sign: random_key()?, log: random_key()? };
        let origin = format!("talos.memory/{}", Did::of(&keys.sign.verifying_key()).tail());
        let store = Arc::new(MemoryStore::default());
        let files = cedar(input, CedarFiles::default());
        let ports = Ports {
            clock: Arc::new(SystemClock::default()),
            entropy: Arc::new(SystemEntropy),
            budgets: store.clone(),
            store,
            heads: Arc::new(MemoryHead::default()),
            files: Some(Arc::new(SystemFiles)),
            stages: files.stages()?,
            notify: None,
        };
        let policies = Given::from(input).policies(|| Ok(CompiledPolicy::builtin()))?;
        let config = Config { prices: Some(Arc::new(Catalogue::builtin()?)), ..Config::new(&origin) };
        let kernel = talos_kernel::Kernel::open(ports, keys, config, policies)?;
        Self::over(kernel, Some(files), Place::Memory(Mutex::default()))
    }

    /// A kernel that the host has put together from ports of its own.
    pub fn from_parts(kernel: talos_kernel::Kernel) -> Result<Self, Error> {
        Self::over(kernel, None, Place::Memory(Mutex::default()))
    }

    fn over(kernel: talos_kernel::Kernel, cedar: Option<CedarFiles>, place: Place) -> Result<Self, Error> {
        Ok(Kernel(Arc::new(Inner {
            guard: Guard::new(),
            kernel: Owned::new(kernel),
            notifier: Notifier::start()?,
            cedar,
            place,
            runs: Mutex::default(),
            clients: Mutex::default(),
        })))
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    /// Runs the work behind the guard.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&talos_kernel::Kernel) -> Result<T, Error>) -> Result<T, Error> {
        self.0.guard.run(|| work(self.0.kernel.get()?))
    }

    /// Who issues the receipts, which log they go to, which policy is in force.
    pub fn describe(&self) -> Result<KernelDescribeOutput, Error> {
        self.with(|kernel| {
            let log_key = kernel.log().key()?;
            Ok(KernelDescribeOutput {
                issuer: kernel.issuer().to_string(),
                origin: log_key.name().to_owned(),
                log_key: log_key.to_string(),
                policy: kernel.policy_ref(),
                directory: match &self.0.place {
                    Place::Directory(home) => Some(home.directory().display().to_string()),
                    Place::Memory(_) => None,
                },
            })
        })
    }

    /// Puts another policy in force, for decisions from now on, and the Cedar policies as their files are now. An error changes
    /// nothing.
    pub fn reload(&self, input: &KernelReloadInput) -> Result<PolicyRef, Error> {
        self.with(|kernel| {
            let policies = Given::from(input).policies(|| match &self.0.place {
                Place::Directory(home) => home.policy(),
                Place::Memory(_) => Ok(CompiledPolicy::builtin()),
            })?;
            match &self.0.cedar {
                Some(cedar) => kernel.reload_with(policies, cedar.stages()?)?,
                None => kernel.reload(policies)?,
            }
            Ok(kernel.policy_ref())
        })
    }

    /// The DID of a named agent, whose key is made on first use and stays in the directory.
    pub fn identity(&self, name: &str) -> Result<KernelIdentityOutput, Error> {
        self.with(|_| {
            let did = self.agent(name)?.to_string();
            Ok(KernelIdentityOutput { name: name.to_owned(), did })
        })
    }

    fn agent(&self, name: &str) -> Result<Did, Error> {
        Ok(Did::of(&self.agent_key(name)?.verifying_key()))
    }

    fn agent_key(&self, name: &str) -> Result<Arc<SigningKey>, Error> {
        match &self.0.place {
            Place::Directory(home) => home.agent_key(name).map(Arc::new),
            Place::Memory(agents) => {
                check_agent(name)?;
                let mut agents = lock(agents);
                if let Some(key) = agents.get(name) {
                    return Ok(key.clone());
                }
                let key = Arc::new(random_key()?);
                agents.insert(name.to_owned(), key.clone());
                Ok(key)
            }
        }
    }

    /// Opens the client of a named agent: `client.already_open` where it is open here or in another process.
    pub fn open_client(&self, input: &ClientOpenInput) -> Result<Client, Error> {
        self.0.guard.check()?;
        let agent = &input.agent;
        let mut clients = lock(&self.0.clients);
        clients.retain(|_, client| client.upgrade().is_some_and(|client| !client.is_closed()));
        if clients.contains_key(agent) {
            return Err(ErrorCode::ClientAlreadyOpen.into());
        }
        let sign = self.agent_key(agent)?;
        let store: Arc<dyn talos_client::Store> = match &self.0.place {
            Place::Directory(home) => Arc::new(home.sessions(agent)?),
            Place::Memory(_) => Arc::new(talos_client::MemoryStore::default()),
        };
        let configured = || self.configuration().and_then(|configuration| configuration.mailbox.clone());
        let mailbox = input.mailbox.clone().or_else(|| env::var("TALOS_MAILBOX").ok()).or_else(configured);
        let terms = Terms::new(agent, sign, store, mailbox, input)?;
        let client = Client::open(self, terms)?;
        clients.insert(agent.clone(), Arc::downgrade(&client.0));
        Ok(client)
    }

    /// Verifies a bundle, trusting the keys of this kernel and no others. The inner error says why it does not.
    pub(crate) fn verify_bundle(&self, bundle: &[u8]) -> Result<Result<(), Error>, Error> {
        let about = self.describe()?;
        let trust = Trust::parse(&[about.log_key], &[about.issuer])?;
        Ok(talos_verify::bundle(bundle, &trust).map(drop))
    }

    fn configuration(&self) -> Option<&Configuration> {
        match &self.0.place {
            Place::Directory(home) => Some(home.configuration()),
            Place::Memory(_) => None,
        }
    }

    /// Opens a run: its chain begins, and calls that dead writers left open are named in a gap.
    /// Blocks for a commit.
    pub fn open_run(&self, input: &RunOpenInput) -> Result<Run, Error> {
        self.with(|kernel| {
            let actor = actor_of(input, |name| self.agent(name), || Ok(kernel.issuer()))?;
            let id = input.run.clone().map_or_else(|| kernel.new_id(), Ok)?;
            let run = kernel.open_run_of(&id, &actor, belongs_of(input, self.configuration()))?;
            let inner = Arc::new(RunInner::new(self.clone(), run, &actor, input.principal.clone()));
            let mut runs = lock(&self.0.runs);
            runs.retain(|run| run.strong_count() > 0);
            runs.push(Arc::downgrade(&inner));
            Ok(Run(inner))
        })
    }

    /// A receipt of the log; the last one if none is named.
    pub fn receipt(&self, input: &ReceiptGetInput) -> Result<ReceiptGetOutput, Error> {
        self.with(|kernel| {
            let record = find(&kernel.log(), input.receipt_id.as_ref(), input.index)?;
            let receipt = parse_body(&record.sealed.body)?;
            let envelope = record.sealed.envelope(&receipt.iss).to_envelope();
            Ok(ReceiptGetOutput { receipt_id: record.sealed.id, index: record.index, receipt, envelope })
        })
    }

    /// Sets a budget, or other terms for the one of the same scope, unit and window.
    pub fn set_budget(&self, budget: &Budget) -> Result<BudgetSetOutput, Error> {
        self.with(|kernel| Ok(BudgetSetOutput { budget: kernel.set_budget(budget)? }))
    }

    /// Removes a budget and what was counted against it.
    pub fn remove_budget(&self, input: &BudgetRemoveInput) -> Result<(), Error> {
        let unit = Unit::new(input.unit, input.currency.as_deref())?;
        self.with(|kernel| kernel.remove_budget(&input.scope, unit, Span::new(input.window.as_ref())))
    }

    /// Where budgets stand.
    pub fn show_budgets(&self, input: &BudgetShowInput) -> Result<BudgetShowOutput, Error> {
        self.with(|kernel| {
            let mut accounts = kernel.budgets(input.scope.as_ref())?;
            accounts.truncate(ACCOUNTS_MAX);
            Ok(BudgetShowOutput { accounts })
        })
    }

    /// The budgets that are used the most.
    pub fn top_budgets(&self, input: &BudgetTopInput) -> Result<BudgetTopOutput, Error> {
        self.with(|kernel| {
            let mut accounts = kernel.budgets(None)?;
            // Each of a level is no account; those that use it are listed.
            accounts.retain(|account| {
                account.budget.scope.name.as_deref() != Some("*")
                    && input.unit.is_none_or(|unit| unit == account.budget.unit)
            });
            talos_budget::fullest_first(&mut accounts);
            accounts.truncate(usize::try_from(input.limit.unwrap_or(TOP)).unwrap_or(ACCOUNTS_MAX));
            Ok(BudgetTopOutput { accounts })
        })
    }

    /// The bundle of a receipt, as its canonical text: what a stranger needs, except trust.
    pub fn prove(&self, input: &AuditProveInput) -> Result<Vec<u8>, Error> {
        self.with(|kernel| {
            let log = kernel.log();
            let record = find(&log, input.receipt_id.as_ref(), input.index)?;
            log.bundle(&record, input.disclose.unwrap_or(false))
        })
    }

    /// Holds a scope or lets it go, with a receipt. Blocks for its commits.
    pub fn hold(&self, input: StandingSetInput) -> Result<StandingSetOutput, Error> {
        self.with(|kernel| {
            let hold = Hold { scope: input.scope, why: input.why };
            let receipt = kernel.turn(Turn { held: input.held, hold })?.receipt.ok();
            let (receipt_id, index) = (receipt.map(|r| r.receipt_id), receipt.map(|r| r.index));
            Ok(StandingSetOutput { holds: told(&kernel.standing()?.holds), receipt_id, index })
        })
    }

    /// What is held.
    pub fn holds(&self) -> Result<Vec<StandingHold>, Error> {
        self.with(|kernel| kernel.standing().map(|standing| told(&standing.holds)))
    }

    /// Signs the head of the log.
    pub fn checkpoint(&self) -> Result<String, Error> {
        self.with(|kernel| kernel.log().checkpoint())
    }

    /// Verifies the log from leaf 0.
    pub fn verify_log(&self) -> Result<AuditVerifyLogOutput, Error> {
        self.with(|kernel| {
            let report = kernel.log().verify()?;
            Ok(AuditVerifyLogOutput {
                size: report.size,
                root: report.root,
                chains: report.summary.chains,
                closed: report.summary.closed,
                open: report.summary.open.len() as u64,
            })
        })
    }

    /// Closes the runs that are still open, then the kernel. Blocks for their commits.
    ///
    /// What is in doubt stays so: a run that cannot be closed is a gap of the next writer.
    pub fn close(&self) -> Result<(), Error> {
        // What clients keep waits for the next opening.
        lock(&self.0.clients).drain().filter_map(|(_, client)| client.upgrade()).for_each(|client| client.shut());
        let runs: Vec<_> = lock(&self.0.runs).iter().filter_map(Weak::upgrade).collect();
        self.0.guard.close(|| {
            let failures: Vec<_> = runs.iter().filter_map(|run| run.end().err()).collect();
            failures.into_iter().next().map_or(Ok(()), Err)
        })
    }

    /// Panics behind the guard: shows in a host's tests that a panic poisons, and no panic passes.
    #[cfg(debug_assertions)]
    #[allow(clippy::panic, reason = "it is what this is for, and release builds do not have it")]
    pub fn fault(&self) -> Result<(), Error> {
        self.with(|_| panic!("a fault, as asked for"))
    }
}

/// The policies that a host names.
struct Given<'a> {
    policy: Option<&'a String>,
    path: Option<&'a String>,
    shadow: Option<&'a String>,
    format: Option<PolicyFormat>,
}

impl<'a> From<&'a KernelOpenInput> for Given<'a> {
    fn from(input: &'a KernelOpenInput) -> Self {
        let KernelOpenInput { policy, policy_path, shadow, policy_format, .. } = input;
        Given { policy: policy.as_ref(), path: policy_path.as_ref(), shadow: shadow.as_ref(), format: *policy_format }
    }
}

impl<'a> From<&'a KernelReloadInput> for Given<'a> {
    fn from(input: &'a KernelReloadInput) -> Self {
        let KernelReloadInput { policy, policy_path, shadow, policy_format } = input;
        Given { policy: policy.as_ref(), path: policy_path.as_ref(), shadow: shadow.as_ref(), format: *policy_format }
    }
}

impl Given<'_> {
    /// Loads them; where no policy is named, the other one.
    fn policies(&self, other: impl FnOnce() -> Result<CompiledPolicy, Error>) -> Result<Policies, Error> {
        let load = |text: &String| {
            CompiledPolicy::load(text.as_bytes(), format(self.format), "policy").map_err(|errors| policy_error(&errors))
        };
        let policy = match (self.policy, self.path) {
            (Some(_), Some(_)) => Err(Error::new(ErrorCode::MalformedValue, "give one of policy and policy_path")),
            (Some(text), None) => load(text),
            (None, Some(path)) => load_policy(Path::new(path)),
            (None, None) => other(),
        };
        Ok(Policies { policy: policy?, shadow: self.shadow.map(load).transpose()? })
    }
}

/// The Cedar policies that the host names, else those that are configured.
fn cedar(input: &KernelOpenInput, configured: CedarFiles) -> CedarFiles {
    let policies = input.cedar_paths.as_ref().map(|paths| paths.iter().map(PathBuf::from).collect());
    let tools = input.tools_path.as_ref().map(PathBuf::from);
    configured.or_given(policies, tools, input.policy_path.as_deref().map(Path::new))
}

fn find(log: &Log<'_>, id: Option<&Hash>, index: Option<u64>) -> Result<Record, Error> {
    match (id, index) {
        (Some(_), Some(_)) => Err(Error::new(ErrorCode::MalformedValue, "give one of receipt_id and index")),
        (Some(id), None) => log.find(id),
        (None, index) => {
            let size = log.size()?;
            match index.or(size.checked_sub(1)) {
                Some(index) if index < size => log.at(index),
                _ => Err(Error::new(ErrorCode::ReceiptUnknown, format!("the log has {size} receipts"))),
            }
        }
    }
}

fn told(holds: &[Hold]) -> Vec<StandingHold> {
    holds.iter().map(|hold| StandingHold { scope: hold.scope.clone(), why: hold.why.clone() }).collect()
}
