//! Notices of requests for approval, by a command and a web hook (`docs/spec/approval.md`, section 8).
//!
//! [`Notifier::start`] checks the settings and starts a thread; [`Notifier::send`] never waits. A notice that fails is
//! retried by nobody: the request is in the store, and `talos approvals` shows it.

mod address;
mod command;
mod notice;
mod report;
mod webhook;

pub use address::is_public;
pub use report::{REPORT_FILE, Report};

use command::Program;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use talos_contracts::{ConfigurationNotify, Error, ErrorCode};
use talos_kernel::ports::{Notice, Notify};
use webhook::Hook;

/// How long a command may run and a web hook may take.
pub const TIMEOUT: Duration = Duration::from_secs(10);
/// Notices that may wait; more are dropped, and the report says so.
pub const QUEUE: usize = 64;
/// How long [`Notifier`] waits for its thread when it is dropped: a process that asks and ends has still told somebody.
const LINGER: Duration = Duration::from_secs(25);

/// Whom to tell, checked.
struct Ways {
    program: Option<Program>,
    hook: Option<Hook>,
}

impl Ways {
    fn new(settings: &ConfigurationNotify, directory: &Path) -> Result<Self, Error> {
        let program = settings.command.as_deref().map(|argv| Program::new(argv, directory)).transpose()?;
        let hook = settings.webhook.as_ref().map(|hook| Hook::new(hook, directory)).transpose()?;
        Ok(Ways { program, hook })
    }

    /// Tells everybody, whoever fails.
    fn tell(&self, notice: &Notice) -> Result<(), Error> {
        let mut failures = Vec::new();
        if let Some(program) = &self.program {
            failures.extend(program.tell(notice).err().map(|error| error.detail));
        }
        if let Some(hook) = &self.hook {
            failures.extend(hook.tell(notice, now_ms() / 1000).err().map(|error| error.detail));
        }
        if failures.is_empty() { Ok(()) } else { Err(Error::new(ErrorCode::NotifyFailed, failures.join("; "))) }
    }
}

/// Whether these settings can work, without telling anybody.
pub fn check(settings: &ConfigurationNotify, directory: &Path) -> Result<(), Error> {
    Ways::new(settings, directory).map(drop)
}

/// The thread that tells people.
pub struct Notifier {
    sender: Option<SyncSender<Box<Notice>>>,
    thread: Option<JoinHandle<()>>,
    report: Arc<Mutex<Report>>,
    directory: PathBuf,
}

impl Notifier {
    /// Checks the settings and starts the thread. Paths are relative to the directory, where the report goes, too.
    pub fn start(settings: &ConfigurationNotify, directory: &Path) -> Result<Self, Error> {
        let ways = Ways::new(settings, directory)?;
        let (sender, receiver) = sync_channel(QUEUE);
        let report = Arc::new(Mutex::new(Report::default()));
        let (shared, place) = (report.clone(), directory.to_owned());
        let thread = std::thread::Builder::new()
            .name("talos-notify".to_owned())
            .spawn(move || run(&ways, &receiver, &shared, &place))
            .map_err(|e| Error::new(ErrorCode::NotifyFailed, format!("no thread: {e}")))?;
        Ok(Notifier { sender: Some(sender), thread: Some(thread), report, directory: directory.to_owned() })
    }

    /// Queues a notice and returns at once: whether there was room for it.
    pub fn send(&self, notice: Notice) -> bool {
        let sent = self.sender.as_ref().map(|sender| sender.try_send(Box::new(notice)));
        let why = match sent {
            Some(Ok(())) => return true,
            Some(Err(TrySendError::Full(_))) => "too many notices wait",
            Some(Err(TrySendError::Disconnected(_))) | None => "the thread has ended",
        };
        update(&self.report, &self.directory, |report| report.failed(now_ms(), why));
        false
    }

    /// What became of the notices of this process.
    pub fn report(&self) -> Report {
        self.report.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Notify for Notifier {
    fn notify(&self, notice: Notice) {
        self.send(notice);
    }
}

impl Drop for Notifier {
    fn drop(&mut self) {
        drop(self.sender.take());
        let Some(thread) = self.thread.take() else { return };
        let (done, waiter) = sync_channel(1);
        let joiner = std::thread::Builder::new().name("talos-notify-end".to_owned());
        let joined = joiner.spawn(move || {
            let _ = thread.join();
            let _ = done.send(());
        });
        if joined.is_ok() {
            let _ = waiter.recv_timeout(LINGER);
        }
    }
}

fn run(ways: &Ways, notices: &Receiver<Box<Notice>>, report: &Mutex<Report>, directory: &Path) {
    for notice in notices {
        let result = ways.tell(&notice);
        update(report, directory, |report| match &result {
            Ok(()) => report.delivered(now_ms()),
            Err(error) => report.failed(now_ms(), &error.detail),
        });
    }
}

/// Changes the report and writes it down. That it cannot be written is no reason to stop.
fn update(report: &Mutex<Report>, directory: &Path, change: impl FnOnce(&mut Report)) {
    let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
    change(&mut report);
    let _ = report.save(directory);
}

fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX))
}
