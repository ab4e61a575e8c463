//! The MCP connector: a stdio server that wraps a stdio server, revision 2025-11-25.
//!
//! ```text
//! client -> inbound: parse, decide -> queue -> release: wait, start, forward -> server
//! client <- one writer             <- outbound: parse, settle, cut            <- server
//! ```
//!
//! The bytes that were decided on are the bytes that are forwarded. What calls, reads, gets,
//! subscribes or completes is an action; everything else that is on the list passes.

mod answer;
mod child;
mod frame;
mod hold;
mod id;
mod inbound;
mod message;
mod methods;
mod outbound;
mod pending;
pub mod probe;
mod queue;
mod release;
mod reload;
mod supervise;
mod tools;
mod who;
mod wish;

pub use supervise::supervise;
pub use who::Who;

use child::{Remote, Server};
use hold::Holds;
use id::Id;
use pending::{Pending, Request, Waiting};
use queue::Queue;
use release::Item;
use reload::Watched;
use rustix::process::Signal;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::process::{ChildStdin, ChildStdout};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use talos_shared::Home;
use talos_shared::contracts::{Error, ErrorCode, OutcomeStatus};
use talos_shared::kernel::{Kernel, Run, Settlement};
use tools::Tools;

/// How long a server may go on after its client has left, or after it was told to stop.
const EXIT_GRACE: Duration = Duration::from_secs(5);

/// After a signal everything is over by then, also if the client does not read.
const LAST_RESORT: Duration = Duration::from_secs(12);

/// What `talos mcp` is told.
pub struct Options {
    /// The directory with keys, policy and log.
    pub dir: PathBuf,
    /// Another policy than the directory's.
    pub policy: Option<PathBuf>,
    /// Other Cedar policies than the directory's.
    pub cedar: Vec<PathBuf>,
    /// Another list of tools for them.
    pub tools: Option<PathBuf>,
    /// A policy that is decided on beside it, and recorded.
    pub shadow: Option<PathBuf>,
    /// Whose calls they are.
    pub who: Who,
    /// How long a call that needs approval is held.
    pub approval_wait: Duration,
    /// The server.
    pub command: Vec<OsString>,
}

/// Runs a server behind the kernel, until it ends: its exit code, 128+n for signal n.
pub fn run(options: &Options) -> Result<i32, Error> {
    let home = Home::init(&options.dir)?;
    let named = (!options.cedar.is_empty()).then(|| options.cedar.clone());
    let cedar = home.cedar().or_given(named, options.tools.clone(), options.policy.as_deref());
    let has_cedar = !cedar.policies.is_empty();
    let who = options.who.input()?;
    let actor = home.actor(&who)?;
    let again = Home::open(&options.dir)?;
    let mut watched = Watched::new(again, options.policy.clone(), options.shadow.clone(), cedar.clone());
    let kernel = home.kernel_with(watched.load()?, &cedar)?;
    let fault = |e: io::Error| Error::new(ErrorCode::InternalFault, format!("the connector does not start: {e}"));
    let signals = Signals::new([SIGHUP, SIGINT, SIGTERM]).map_err(fault)?;
    let client_in = File::from(io::stdin().as_fd().try_clone_to_owned().map_err(fault)?);
    let client_out = File::from(io::stdout().as_fd().try_clone_to_owned().map_err(fault)?);
    let run = kernel.open_run_of(&kernel.new_id()?, &actor, home.belongs(&who))?;
    let (mut server, server_in, server_out) = Server::spawn(&options.command).inspect_err(|_| close(&run))?;

    let link = Arc::new(Link {
        kernel,
        run,
        user: who.principal,
        out: Mutex::new(client_out),
        client_gone: AtomicBool::new(false),
        queue: Queue::default(),
        pending: Mutex::new(Pending::default()),
        tools: Tools::default(),
        has_cedar,
        holds: Holds::new(options.approval_wait),
        server: server.remote(),
    });
    let ended = serve(&link, signals, client_in, &mut server, server_in, server_out, watched);
    link.finish();
    ended
}

/// Passes messages until the server ends; its exit code.
fn serve(
    link: &Arc<Link>,
    signals: Signals,
    client: File,
    server: &mut Server,
    server_in: ChildStdin,
    server_out: ChildStdout,
    watched: Watched,
) -> Result<i32, Error> {
    let fault = |e: io::Error| Error::new(ErrorCode::InternalFault, format!("the connector does not start: {e}"));
    link.thread("signals", move |link| pass_on(link, signals)).map_err(fault)?;
    link.thread("holds", hold::run).map_err(fault)?;
    link.thread("policy", move |link| watched.run(link)).map_err(fault)?;
    link.thread("release", move |link| release::run(link, server_in)).map_err(fault)?;
    link.thread("inbound", move |link| inbound::run(link, client)).map_err(fault)?;
    let outbound = link.thread("outbound", move |link| outbound::run(link, server_out)).map_err(fault)?;
    let code = server.wait()?;
    // All that the server has written is read: nobody else holds its stdout any more. A panic is
    // noted by the thread itself.
    let _ = outbound.join();
    Ok(code)
}

/// Closes the run; called once, when nothing can start any more.
fn close(run: &Run) {
    if let Err(error) = run.close() {
        note(&format!("the run is not closed: {error}"));
    }
}

/// Passes signals on to the server. Whoever was told to stop, stops.
fn pass_on(link: &Link, mut signals: Signals) {
    for signal in signals.forever() {
        link.server.signal(match signal {
            SIGHUP => Signal::HUP,
            SIGINT => Signal::INT,
            _ => Signal::TERM,
        });
        link.server.end_after(EXIT_GRACE);
        let stop = move || {
            std::thread::sleep(LAST_RESORT);
            std::process::exit(128 + signal);
        };
        // Without a thread there is no last resort; the server is ended all the same.
        let _ = std::thread::Builder::new().spawn(stop);
    }
}

/// What the threads share.
struct Link {
    kernel: Kernel,
    run: Run,
    /// On whose behalf all calls are.
    user: Option<String>,
    out: Mutex<File>,
    client_gone: AtomicBool,
    queue: Queue<Item>,
    pending: Mutex<Pending>,
    tools: Tools,
    /// Whether there are Cedar policies: they may ask whether a tool is the one that was reviewed.
    has_cedar: bool,
    holds: Holds,
    server: Remote,
}

impl Link {
    fn thread(
        self: &Arc<Self>,
        name: &str,
        work: impl FnOnce(&Link) + Send + 'static,
    ) -> io::Result<std::thread::JoinHandle<()>> {
        let link = Arc::clone(self);
        std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            let guard = EndOnPanic(&link.server);
            work(&link);
            drop(guard);
        })
    }

    /// Writes one line to the client. A client that is gone ends the server.
    fn to_client(&self, line: &[u8]) {
        if self.client_gone.load(Ordering::Acquire) {
            return;
        }
        let written = frame::write_all(&mut *guard(&self.out), line);
        if written.is_err() && !self.client_gone.swap(true, Ordering::AcqRel) {
            note("the client does not read any more");
            self.server.end();
        }
    }

    /// Answers a request of the client, unless somebody else has.
    fn answer(&self, id: &Id, line: &[u8]) {
        if guard(&self.pending).take(id).is_some() {
            self.to_client(line);
        }
    }

    /// Settles a call that the server has answered, or never will.
    fn settle(&self, request: &Request, settlement: &Settlement<'_>) {
        let Waiting::Call { call } = &request.waiting else { return };
        let cancelled = Settlement::new(OutcomeStatus::Cancelled, settlement.result);
        self.settle_call(call, if request.cancelled { &cancelled } else { settlement });
    }

    fn settle_call(&self, call: &str, settlement: &Settlement<'_>) {
        if let Err(error) = self.run.settle(call, settlement) {
            note(&format!("the outcome of {call} is not recorded: {error}"));
        }
    }

    /// The server is gone: everybody gets an answer, and the run ends.
    fn finish(&self) {
        let open = guard(&self.pending).close();
        for (id, request) in open {
            if request.cancelled {
                if !request.sent {
                    // Closing the run releases it.
                    continue;
                }
                self.settle(&request, &Settlement::new(OutcomeStatus::Cancelled, None));
            } else if !matches!(request.waiting, Waiting::OwnTools { .. }) {
                self.to_client(&answer::error(Some(&id), ErrorCode::McpServerGone));
            }
        }
        close(&self.run);
    }
}

/// A thread that panics leaves nobody to decide: the server ends.
struct EndOnPanic<'a>(&'a Remote);

impl Drop for EndOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.end();
        }
    }
}

/// A line for the operator.
fn note(text: &str) {
    // A closed stderr is no reason to stop.
    let _ = writeln!(io::stderr().lock(), "talos: {text}");
}

/// Data behind a poisoned lock is whole: no critical section here can panic half-way.
fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn wait<'a, T>(condition: &Condvar, guard: MutexGuard<'a, T>, time: Duration) -> MutexGuard<'a, T> {
    condition.wait_timeout(guard, time).unwrap_or_else(PoisonError::into_inner).0
}
