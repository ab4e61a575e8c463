//! A directory with everything that one writer needs.
//!
//! ```text
//! talos.toml     configuration            keys/sign.pem  signs receipts    (0600)
//! policy.yaml    the policy               keys/log.pem   signs checkpoints (0600)
//!                                         keys/agents/   keys of named agents (0600)
//! sessions/      what clients of named agents keep
//! prices.json    prices of models that go before those of this program
//! identity.did   the agent's did:key      log.vkey       what strangers verify with
//! talos.db       the log                  log.head       the last signed head
//! ```

use crate::{CedarFiles, HeadFile, SystemClock, SystemEntropy, SystemFiles};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use talos_audit::checkpoint::LogKey;
use talos_budget::Catalogue;
use talos_contracts::json::{self, Value};
use talos_contracts::scalar::is_agent;
use talos_contracts::{Configuration, Error, ErrorCode, PolicyFormat, PriceCatalogue, RunOpenInput, SignMode};
use talos_crypto::{SEED_BYTES, SigningKey};
use talos_identity::Did;
use talos_kernel::ports::{Entropy, Notify};
use talos_kernel::{Belongs, Config, Kernel, Keys, Policies, Ports};
use talos_notify::{Notifier, Report};
use talos_policy::{CompiledPolicy, Format, PolicyError, ReadFile};
use talos_sqlite::{SessionStore, SqliteStore};
use zeroize::Zeroizing;

/// Largest file that is read whole here.
const FILE_BYTES: u64 = 1 << 20;

/// The directory that is used if none is named: `$TALOS_DIR`, else `talos` in the user's data
/// directory.
pub fn default_directory() -> Result<PathBuf, Error> {
    let from = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    if let Some(directory) = from("TALOS_DIR") {
        return Ok(directory);
    }
    let data = if cfg!(target_os = "macos") {
        from("HOME").map(|h| h.join("Library/Application Support"))
    } else if cfg!(windows) {
        from("LOCALAPPDATA")
    } else {
        from("XDG_DATA_HOME").or_else(|| from("HOME").map(|h| h.join(".local/share")))
    };
    data.map(|d| d.join("talos"))
        .ok_or_else(|| Error::new(ErrorCode::ConfigMissing, "no home directory: name one with --dir or TALOS_DIR"))
}

/// Where the two keys lie, below the directory.
pub struct KeyNames;

impl KeyNames {
    /// Signs receipts.
    pub const SIGN: &str = "keys/sign.pem";
    /// Signs checkpoints.
    pub const LOG: &str = "keys/log.pem";
}

/// An initialised directory.
pub struct Home {
    directory: PathBuf,
    configuration: Configuration,
}

impl Home {
    /// Opens a directory that `init` has made.
    pub fn open(directory: &Path) -> Result<Self, Error> {
        Home::read(directory, |_| true)
    }

    /// [`Home::open`] for who tells nobody of anything: what the configuration says of notices need not be sound, so that
    /// people can answer, and stop, what they were not told of.
    pub fn open_silent(directory: &Path) -> Result<Self, Error> {
        Home::read(directory, |member| member != "notify")
    }

    /// Reads the members of the configuration that are wanted.
    fn read(directory: &Path, is_wanted: fn(&str) -> bool) -> Result<Self, Error> {
        let path = directory.join("talos.toml");
        if !path.exists() {
            return Err(Error::new(
                ErrorCode::ConfigMissing,
                format!("{} is not initialised: run `talos init --dir {}`", directory.display(), directory.display()),
            ));
        }
        let text = read_file(&path, ErrorCode::ConfigMalformed)?;
        let name = path.display().to_string();
        let value = talos_policy::read_document(text.as_bytes(), Format::Toml, &name).map_err(|errors| {
            let all: Vec<String> = errors.iter().map(PolicyError::to_string).collect();
            Error::new(ErrorCode::ConfigMalformed, all.join("; "))
        })?;
        let value = match value.as_object() {
            Some(members) if !members.iter().all(|member| is_wanted(&member.name)) => {
                let wanted = members.iter().filter(|member| is_wanted(&member.name));
                Value::object(wanted.map(|member| (member.name.clone(), member.value.clone())))
            }
            _ => value,
        };
        let configuration = Configuration::read(&value).map_err(|error| Error {
            detail: format!("{name}: {}", error.detail),
            code: ErrorCode::ConfigMalformed,
            ..error
        })?;
        Ok(Home { directory: directory.to_owned(), configuration })
    }

    /// Makes keys and configuration where they are missing, and opens the directory. What is there
    /// stays as it is.
    pub fn init(directory: &Path) -> Result<Self, Error> {
        make_private_directory(&directory.join("keys"))?;
        // Hosts start all their servers at once; one of them makes what the others find.
        let _alone = lock_directory(directory)?;
        // Keys that are lost beside a log are not replaced: its receipts are by the old ones.
        let fresh = !["talos.db", "log.head"].iter().any(|name| directory.join(name).exists());
        let sign = load_or_make_key(&directory.join(KeyNames::SIGN), fresh)?;
        let log = load_or_make_key(&directory.join(KeyNames::LOG), fresh)?;
        make_private_file(&directory.join(talos_sqlite::FILE))?;
        let did = Did::of(&sign.verifying_key());
        let configuration = directory.join("talos.toml");
        if !configuration.exists() {
            // The origin must be unlike every other log's; the tail of the issuer's key is.
            let tail = did.tail();
            let text = format!(
                "# Configuration of Talos: see docs/reference/contracts.md, configuration.\norigin = \"talos.local/{tail}\"\n"
            );
            write_new(&configuration, text.as_bytes(), 0o644)?;
        }
        let home = Home::open(directory)?;
        write_if_other(&directory.join("identity.did"), &format!("{did}\n"))?;
        let vkey = LogKey::new(&home.configuration.origin, log.verifying_key())?;
        write_if_other(&directory.join("log.vkey"), &format!("{vkey}\n"))?;
        Ok(home)
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The configuration.
    pub fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// The policy file: the one that the configuration names, else `policy.yaml`.
    pub fn policy_path(&self) -> PathBuf {
        self.directory.join(self.configuration.policy.as_deref().unwrap_or("policy.yaml"))
    }

    /// The policy of this directory, or the built-in one where there is no file.
    pub fn policy(&self) -> Result<CompiledPolicy, Error> {
        self.policy_with(&read_include)
    }

    /// [`Home::policy`] with another reader of the files that it includes.
    pub fn policy_with(&self, read: ReadFile<'_>) -> Result<CompiledPolicy, Error> {
        let path = self.policy_path();
        if self.configuration.policy.is_none() && !path.exists() {
            return Ok(CompiledPolicy::builtin());
        }
        load_policy_with(&path, read)
    }

    /// The Cedar policies of this directory, and the list of tools that they are about.
    pub fn cedar(&self) -> CedarFiles {
        let policies = self.configuration.cedar.iter().flatten().map(|path| self.directory.join(path)).collect();
        let tools = match &self.configuration.tools {
            Some(path) => Some(self.directory.join(path)),
            None => tools_beside(&self.policy_path()),
        };
        CedarFiles { policies, tools }
    }

    /// The keys of this directory.
    pub fn keys(&self) -> Result<Keys, Error> {
        Ok(Keys {
            sign: load_key(&self.directory.join(KeyNames::SIGN))?,
            log: load_key(&self.directory.join(KeyNames::LOG))?,
        })
    }

    /// The agent that this directory stands for.
    pub fn did(&self) -> Result<Did, Error> {
        Ok(Did::of(&self.keys()?.sign.verifying_key()))
    }

    /// A named agent, whose key is made on first use.
    pub(crate) fn agent(&self, name: &str) -> Result<Did, Error> {
        Ok(Did::of(&self.agent_key(name)?.verifying_key()))
    }

    /// The key of a named agent, made on first use.
    pub(crate) fn agent_key(&self, name: &str) -> Result<SigningKey, Error> {
        check_agent(name)?;
        let agents = self.directory.join("keys/agents");
        make_private_directory(&agents)?;
        let _alone = lock_directory(&self.directory)?;
        load_or_make_key(&agents.join(format!("{name}.pem")), true)
    }

    /// What the client of a named agent keeps.
    pub(crate) fn sessions(&self, name: &str) -> Result<SessionStore, Error> {
        let sessions = self.directory.join("sessions");
        make_private_directory(&sessions)?;
        let path = sessions.join(format!("{name}.db"));
        make_private_file(&path)?;
        SessionStore::open(&path)
    }

    /// Who acts in a run: the named agent or the DID that the host says, else the agent that this directory stands for.
    pub fn actor(&self, run: &RunOpenInput) -> Result<Did, Error> {
        actor_of(run, |name| self.agent(name), || self.did())
    }

    /// What the agent of a run belongs to: as the host says it, else as the configuration does.
    pub fn belongs(&self, run: &RunOpenInput) -> Belongs {
        belongs_of(run, Some(&self.configuration))
    }

    /// The public key of the log.
    pub fn log_key(&self) -> Result<LogKey, Error> {
        LogKey::new(&self.configuration.origin, self.keys()?.log.verifying_key())
    }

    /// The log and state of this directory.
    pub fn store(&self) -> Result<SqliteStore, Error> {
        SqliteStore::open(&self.directory)
    }

    /// The log and state for reading, also where the directory cannot be written.
    pub fn store_to_read(&self) -> Result<SqliteStore, Error> {
        match self.store() {
            Err(error) if matches!(error.code, ErrorCode::StoreReadOnly | ErrorCode::StoreUnavailable) => {
                SqliteStore::open_read_only(&self.directory)
            }
            other => other,
        }
    }

    /// The place of the last signed head.
    pub fn heads(&self) -> HeadFile {
        HeadFile::new(&self.directory)
    }

    /// What models cost: as this program knows it, and before that as `prices.json` says.
    pub fn prices(&self) -> Result<Catalogue, Error> {
        let mut catalogue = Catalogue::builtin()?;
        let path = self.directory.join("prices.json");
        if path.exists() {
            let name = |error: Error| Error::new(ErrorCode::ConfigMalformed, format!("{}: {error}", path.display()));
            let text = read_file(&path, ErrorCode::ConfigMalformed)?;
            let value = json::parse(text.as_bytes(), json::Profile::Data).map_err(name)?;
            catalogue.add(&PriceCatalogue::read(&value).map_err(name)?);
        }
        Ok(catalogue)
    }

    /// What the configuration says, for the kernel.
    pub fn config(&self) -> Config {
        let mut config = Config::new(&self.configuration.origin);
        config.sign_reads = self.configuration.sign_reads.unwrap_or(SignMode::Self_);
        if let Some(seconds) = self.configuration.permit_seconds {
            config.permit_ms = seconds.saturating_mul(1000);
        }
        config.store_bodies = self.configuration.store_bodies.unwrap_or(false);
        config
    }

    /// Who tells people of requests for approval, if the configuration names anybody. Starts a thread.
    pub fn notifier(&self) -> Result<Option<Notifier>, Error> {
        let settings = self.configuration.notify.as_ref();
        settings.map(|settings| Notifier::start(settings, &self.directory)).transpose()
    }

    /// Whether people can be told, and what became of the last notices: a sentence, or the trouble.
    pub fn notices(&self) -> Result<String, Error> {
        let Some(settings) = &self.configuration.notify else {
            return Ok("nobody is told of requests for approval: see notify in talos.toml".to_owned());
        };
        talos_notify::check(settings, &self.directory)?;
        let report = Report::load(&self.directory)?.unwrap_or_default();
        match report.trouble() {
            Some(why) => Err(Error::new(ErrorCode::NotifyFailed, why)),
            None => Ok(format!("{} notices delivered, {} failed", report.delivered, report.failed)),
        }
    }

    /// The kernel over this directory.
    pub fn kernel(&self, policies: impl Into<Policies>) -> Result<Kernel, Error> {
        self.kernel_with(policies, &self.cedar())
    }

    /// [`Home::kernel`] with other Cedar policies than the directory's.
    pub fn kernel_with(&self, policies: impl Into<Policies>, cedar: &CedarFiles) -> Result<Kernel, Error> {
        let store = Arc::new(self.store()?);
        let ports = Ports {
            clock: Arc::new(SystemClock::default()),
            entropy: Arc::new(SystemEntropy),
            budgets: store.clone(),
            store,
            heads: Arc::new(self.heads()),
            files: Some(Arc::new(SystemFiles)),
            stages: cedar.stages()?,
            notify: self.notifier()?.map(|notifier| Arc::new(notifier) as Arc<dyn Notify>),
        };
        let config = Config { prices: Some(Arc::new(self.prices()?)), ..self.config() };
        Kernel::open(ports, self.keys()?, config, policies)
    }
}

/// Who acts in a run.
pub(crate) fn actor_of(
    run: &RunOpenInput,
    named: impl FnOnce(&str) -> Result<Did, Error>,
    own: impl FnOnce() -> Result<Did, Error>,
) -> Result<Did, Error> {
    match (&run.agent, &run.actor) {
        (Some(_), Some(_)) => Err(Error::new(ErrorCode::MalformedValue, "give one of agent and actor")),
        (Some(name), None) => named(name),
        (None, Some(did)) => Did::parse(did),
        (None, None) => own(),
    }
}

/// What the agent of a run belongs to: as the host says it, else as the configuration does, where there is one.
pub(crate) fn belongs_of(run: &RunOpenInput, configured: Option<&Configuration>) -> Belongs {
    Belongs {
        organisation: run.organisation.clone().or_else(|| configured?.organisation.clone()),
        team: run.team.clone().or_else(|| configured?.team.clone()),
        agent: run.agent.clone(),
    }
}

/// The name of an agent becomes the name of a file.
pub(crate) fn check_agent(name: &str) -> Result<(), Error> {
    if is_agent(name) {
        return Ok(());
    }
    let why = "an agent's name has 1 to 64 of a-z, 0-9, \"_\" and \"-\", and begins with a letter or digit";
    Err(Error::new(ErrorCode::MalformedValue, why))
}

/// Where the list of tools lies that belongs to a policy: `policy.tools.json` beside `policy.yaml`.
pub fn tools_path(policy: &Path) -> PathBuf {
    policy.with_extension("tools.json")
}

/// The list of tools that belongs to a policy, if there is one.
pub fn tools_beside(policy: &Path) -> Option<PathBuf> {
    Some(tools_path(policy)).filter(|path| path.exists())
}

/// Loads a policy file. The error names every mistake with file, line and column.
pub fn load_policy(path: &Path) -> Result<CompiledPolicy, Error> {
    load_policy_with(path, &read_include)
}

/// [`load_policy`] with another reader of the files that it includes.
pub fn load_policy_with(path: &Path, read: ReadFile<'_>) -> Result<CompiledPolicy, Error> {
    let text = read_file(path, ErrorCode::PolicyNoPolicy)?;
    let name = path.display().to_string();
    let format = Format::from_path(&name).unwrap_or_else(|| Format::sniff(&text));
    CompiledPolicy::load_with(text.as_bytes(), format, &name, read).map_err(|errors| policy_error(&errors))
}

/// Reads a file that a policy includes.
pub fn read_include(path: &str) -> Result<Vec<u8>, Error> {
    let refused = |why: String| Error::new(ErrorCode::PolicyIncludeUnreadable, format!("{path}: {why}"));
    // What is no file, such as a pipe, could be waited for without end.
    if !fs::metadata(path).map_err(|e| refused(e.to_string()))?.is_file() {
        return Err(refused("no file".to_owned()));
    }
    let mut text = Vec::new();
    let file = File::open(path).map_err(|e| refused(e.to_string()))?;
    file.take(FILE_BYTES + 1).read_to_end(&mut text).map_err(|e| refused(e.to_string()))?;
    match text.len() as u64 > FILE_BYTES {
        true => Err(refused(format!("more than {FILE_BYTES} bytes"))),
        false => Ok(text),
    }
}

/// All mistakes of a policy as one error, with the code of the first.
pub(crate) fn policy_error(errors: &[PolicyError]) -> Error {
    let all: Vec<String> = errors.iter().map(PolicyError::to_string).collect();
    Error::new(errors.first().map_or(ErrorCode::PolicyInvalid, |first| first.code), all.join("\n"))
}

pub(crate) fn format(format: Option<PolicyFormat>) -> Format {
    match format {
        None | Some(PolicyFormat::Yaml) => Format::Yaml,
        Some(PolicyFormat::Toml) => Format::Toml,
        Some(PolicyFormat::Json) => Format::Json,
    }
}

pub(crate) fn read_file(path: &Path, missing: ErrorCode) -> Result<String, Error> {
    read_file_of(path, FILE_BYTES, missing)
}

pub(crate) fn read_file_of(path: &Path, most: u64, missing: ErrorCode) -> Result<String, Error> {
    let refused = |why: String| Error::new(missing, format!("{}: {why}", path.display()));
    let size = fs::metadata(path).map_err(|e| refused(e.to_string()))?.len();
    if size > most {
        return Err(refused(format!("{size} bytes, at most {most} are read")));
    }
    fs::read_to_string(path).map_err(|e| refused(e.to_string()))
}

pub(crate) fn load_key(path: &Path) -> Result<SigningKey, Error> {
    let fail = |code, why: String| Error::new(code, format!("{}: {why}", path.display()));
    let metadata = fs::metadata(path).map_err(|e| fail(ErrorCode::KeyMissing, e.to_string()))?;
    if is_readable_by_others(&metadata) {
        return Err(fail(ErrorCode::KeyPermissions, "others may read this key: run chmod 600 on it".into()));
    }
    if metadata.len() > FILE_BYTES {
        return Err(fail(ErrorCode::KeyMalformed, "too large for a key".into()));
    }
    let pem = Zeroizing::new(fs::read_to_string(path).map_err(|e| fail(ErrorCode::KeyMissing, e.to_string()))?);
    SigningKey::from_pem(&pem).map_err(|e| fail(e.code, e.detail))
}

pub(crate) fn load_or_make_key(path: &Path, may_make: bool) -> Result<SigningKey, Error> {
    if path.exists() || !may_make {
        return load_key(path);
    }
    let key = random_key()?;
    write_new(path, key.to_pem()?.as_bytes(), 0o600)?;
    Ok(key)
}

pub(crate) fn random_key() -> Result<SigningKey, Error> {
    let mut seed = Zeroizing::new([0; SEED_BYTES]);
    SystemEntropy.fill(seed.as_mut_slice())?;
    Ok(SigningKey::from_seed(&seed))
}

#[cfg(unix)]
fn is_readable_by_others(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn is_readable_by_others(_metadata: &fs::Metadata) -> bool {
    false
}

fn io_error(path: &Path, error: &io::Error) -> Error {
    Error::new(ErrorCode::StoreIo, format!("{}: {error}", path.display()))
}

pub(crate) fn make_private_directory(path: &Path) -> Result<(), Error> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path).map_err(|e| io_error(path, &e))
}

/// Held while a directory is initialised; the operating system releases it however that ends.
fn lock_directory(directory: &Path) -> Result<File, Error> {
    let path = directory.join("init.lock");
    let lock = || {
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path)?;
        file.lock()?;
        Ok(file)
    };
    lock().map_err(|e| io_error(&path, &e))
}

/// Makes an empty file that only its owner may read; SQLite gives its other files the same mode.
fn make_private_file(path: &Path) -> Result<(), Error> {
    if path.exists() { Ok(()) } else { write_new(path, b"", 0o600) }
}

/// Writes a file that must not exist yet, with its directory entry, durably.
fn write_new(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Error> {
    let write = || {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(mode);
        }
        #[cfg(not(unix))]
        let _ = mode;
        let mut file = options.open(path)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        match path.parent() {
            Some(parent) if cfg!(unix) => File::open(parent)?.sync_all(),
            _ => Ok(()),
        }
    };
    write().map_err(|e| io_error(path, &e))
}

fn write_if_other(path: &Path, text: &str) -> Result<(), Error> {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    fs::write(path, text).map_err(|e| io_error(path, &e))
}
