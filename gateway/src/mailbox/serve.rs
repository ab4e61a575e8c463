//! `talos mailbox serve`.

use super::body::Memory;
use super::desk::{Desk, Opening};
use super::writer::Writer;
use super::{Place, http, listen, unusable};
use crate::output::Output;
use clap::{ArgGroup, Args};
use std::collections::HashSet;
use std::fs::DirBuilder;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use talos_shared::contracts::json::Value;
use talos_shared::contracts::{Error, ErrorCode};
use talos_shared::identity::Did;
use talos_shared::kernel::ports::Clock;
use talos_shared::mailbox::limits::{EXPIRY_MS, QUEUE_FRAMES_MAX};
use talos_shared::mailbox::store::{Store, look};
use talos_shared::mailbox::{Gate, Limits, Rules, Service};
use talos_shared::{SqliteMailbox, SystemClock};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::time::sleep;

/// How often what has ended is erased.
const SWEEP: Duration = Duration::from_secs(10);
/// Rows that are erased in one transaction.
const SWEPT: u64 = 500;
/// Threads that look at the store.
const BLOCKING: usize = 8;
/// Characters of a base URL.
const URL_BYTES: usize = 512;

/// The command line.
#[derive(Args)]
#[command(group = ArgGroup::new("served").required(true).args(["open", "allow"]))]
pub struct Options {
    /// Where to listen. A port of 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
    #[command(flatten)]
    place: Place,
    /// The URL by which agents reach this mailbox, which their requests are signed for [default: http:// and the address].
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// A reverse proxy stands before it, which speaks TLS: the address need not be one of this machine alone.
    #[arg(long)]
    behind_proxy: bool,
    /// Serve every agent, also those that nobody knows.
    #[arg(long)]
    open: bool,
    /// Serve this agent; may be repeated.
    #[arg(long, value_name = "DID")]
    allow: Vec<String>,
    #[command(flatten)]
    limits: LimitOptions,
}

#[derive(Args)]
#[command(next_help_heading = "Limits")]
struct LimitOptions {
    /// Frames that wait for an agent. One sender has at most a quarter of them.
    #[arg(long, value_name = "FRAMES", default_value_t = Limits::default().queue_frames,
          value_parser = clap::value_parser!(u64).range(1..=QUEUE_FRAMES_MAX))]
    queue_frames: u64,
    /// Their bytes.
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().queue_bytes)]
    queue_bytes: u64,
    /// Bytes of all that is kept.
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().total_bytes)]
    total_bytes: u64,
    /// How long a frame waits; 14 days at most.
    #[arg(long, value_name = "SECONDS", default_value_t = EXPIRY_MS / 1_000,
          value_parser = clap::value_parser!(u64).range(1..=EXPIRY_MS / 1_000))]
    expiry: u64,
    /// One-time keys that wait of an agent.
    #[arg(long, value_name = "KEYS", default_value_t = Limits::default().one_time_keys)]
    one_time_keys: u64,
    /// Below so many an agent is told to publish more, and the operator that it has to.
    #[arg(long, value_name = "KEYS", default_value_t = Limits::default().low_water)]
    low_water: u64,
    /// Agents that publish.
    #[arg(long, value_name = "AGENTS", default_value_t = Limits::default().agents)]
    agents: u64,
    /// Requests of an agent in a second.
    #[arg(long, value_name = "REQUESTS", default_value_t = Rules::default().requests_a_second)]
    rate: u64,
    /// Requests of an agent at once.
    #[arg(long, value_name = "REQUESTS", default_value_t = Rules::default().burst)]
    burst: u64,
    /// Requests that are remembered, so that none is taken twice, each for two to three minutes.
    #[arg(long, value_name = "REQUESTS", default_value_t = Rules::default().nonces)]
    nonces: usize,
    /// Connections at a time.
    #[arg(long, value_name = "CONNECTIONS", default_value_t = 1_024,
          value_parser = clap::builder::RangedU64ValueParser::<u32>::new().range(1..=65_536))]
    connections: u32,
    /// Memory for bodies and answers that are under way.
    #[arg(long, value_name = "BYTES", default_value_t = 256 * 1024 * 1024)]
    memory: usize,
}

impl LimitOptions {
    fn limits(&self) -> Limits {
        Limits {
            queue_frames: self.queue_frames,
            queue_bytes: self.queue_bytes,
            total_bytes: self.total_bytes,
            expiry_ms: self.expiry * 1_000,
            one_time_keys: self.one_time_keys,
            low_water: self.low_water,
            agents: self.agents,
        }
    }

    fn rules(&self, served: Option<HashSet<[u8; 32]>>) -> Rules {
        Rules { served, requests_a_second: self.rate, burst: self.burst, nonces: self.nonces }
    }
}

pub fn run(options: Options, home: impl FnOnce() -> Result<PathBuf, Error>, output: &Output) -> Result<i32, Error> {
    let served = served(&options)?;
    check_reach(&options)?;
    let directory = options.place.directory(home)?;
    make(&directory)?;
    let store: Arc<dyn Store> = Arc::new(SqliteMailbox::open(&directory)?);
    let clock = SystemClock::default();
    let gate = Gate::new(options.limits.rules(served), clock.wall_ms()?, look(&*store, |view| view.made())?);
    let (writer, written) = Writer::start(store.clone()).map_err(fault)?;
    let runtime = Builder::new_multi_thread().enable_all().max_blocking_threads(BLOCKING).build().map_err(fault)?;
    let (end, ending) = watch::channel(false);
    runtime.block_on(async {
        let listener = TcpListener::bind(options.listen).await.map_err(|error| unbound(options.listen, &error))?;
        let address = listener.local_addr().map_err(fault)?;
        let url = options.url.unwrap_or_else(|| format!("http://{address}"));
        let desk = Arc::new(Desk::open(Opening {
            url: url.clone(),
            gate,
            service: Service::new(options.limits.limits()),
            store,
            writer,
            memory: Memory::new(options.limits.memory),
            ending: ending.clone(),
            output: Output::new(output.is_json()),
        }));
        tokio::spawn(sweep(desk.clone()));
        tokio::spawn(end_at_signal(end, signals()?));
        say(output, address, &url, &directory);
        listen::listen(listener, http::router(desk), options.limits.connections, ending).await;
        Ok::<(), Error>(())
    })?;
    finish(runtime, written);
    Ok(0)
}

/// Once nobody holds a desk any more, all that was asked of the writer is written.
fn finish(runtime: Runtime, written: JoinHandle<()>) {
    runtime.shutdown_timeout(Duration::from_secs(5));
    let _ = written.join();
}

fn say(output: &Output, address: SocketAddr, url: &str, directory: &Path) {
    if output.is_json() {
        output
            .print("", || Value::object([("listening", Value::from(address.to_string())), ("url", Value::from(url))]));
    }
    output.say(&format!("talos: the mailbox {url} listens on {address}, and keeps all in {}", directory.display()));
}

/// Public keys of the agents that are served; none if all are.
fn served(options: &Options) -> Result<Option<HashSet<[u8; 32]>>, Error> {
    if options.open {
        return Ok(None);
    }
    options.allow.iter().map(|did| Ok(*Did::parse(did)?.key().as_bytes())).collect::<Result<_, _>>().map(Some)
}

/// Requests go in the clear from the proxy on: nobody else may be on that way.
fn check_reach(options: &Options) -> Result<(), Error> {
    let refused = |why: &str| Err(Error::new(ErrorCode::ConfigMalformed, why));
    if let Some(url) = &options.url {
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        if rest.is_none_or(|rest| rest.is_empty() || rest.ends_with('/')) || url.len() > URL_BYTES {
            return refused("--url: http:// or https://, a host, no slash at the end, at most 512 characters");
        }
    }
    let is_secure = options.url.as_ref().is_some_and(|url| url.starts_with("https://"));
    if !options.listen.ip().is_loopback() && !options.behind_proxy && !is_secure {
        return refused(
            "--listen: others reach this address, so say --url https://... or --behind-proxy; TLS is for a proxy",
        );
    }
    if options.listen.ip().is_unspecified() && options.url.is_none() {
        return refused("--url: say by which URL agents reach this mailbox");
    }
    Ok(())
}

fn make(directory: &Path) -> Result<(), Error> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory).map_err(|error| unusable(directory, &error))
}

fn unbound(address: SocketAddr, error: &io::Error) -> Error {
    Error::new(ErrorCode::ConfigMalformed, format!("--listen {address}: {error}"))
}

fn fault(error: io::Error) -> Error {
    Error::new(ErrorCode::InternalFault, error.to_string())
}

/// Erases what has ended, for ever.
async fn sweep(desk: Arc<Desk>) {
    loop {
        tokio::select! {
            () = sleep(SWEEP) => {}
            () = desk.ending() => return,
        }
        // What cannot be erased now is erased later; the operator has been told.
        while let Ok(now) = desk.now()
            && let Ok(false) = desk.change(move |store| store.sweep(now, SWEPT)).await
        {}
    }
}

async fn end_at_signal(end: watch::Sender<bool>, mut signals: Signals) {
    signals.next().await;
    end.send_replace(true);
}

/// What asks the mailbox to end.
#[cfg(unix)]
struct Signals(tokio::signal::unix::Signal, tokio::signal::unix::Signal);

#[cfg(unix)]
fn signals() -> Result<Signals, Error> {
    use tokio::signal::unix::{SignalKind, signal};
    Ok(Signals(signal(SignalKind::terminate()).map_err(fault)?, signal(SignalKind::interrupt()).map_err(fault)?))
}

#[cfg(unix)]
impl Signals {
    async fn next(&mut self) {
        tokio::select! {
            _ = self.0.recv() => {}
            _ = self.1.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
fn signals() -> Result<Signals, Error> {
    Ok(Signals)
}

#[cfg(not(unix))]
impl Signals {
    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
