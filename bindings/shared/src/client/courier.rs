//! The two threads of a client with a mailbox: one carries frames there and sees to what is published, one fetches.
//!
//! Each holds the client only while it works, so that a client that nobody has any more ends. What fails is tried again, after
//! a time that doubles from half a second to a minute; what waits is on disk meanwhile.

use crate::client::Inner;
use crate::client::mailbox::Mailbox;
use crate::sdk::lock;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};
use talos_contracts::{Error, ErrorCode, MailboxFrame};
use talos_crypto::dsse::Unverified;

/// How long one request waits for frames.
const LONG_POLL: Duration = Duration::from_secs(20);
/// How long the other thread rests where nothing waits.
const REST: Duration = Duration::from_secs(1);
/// How often it looks after what is published, and what is due.
const ROUNDS: Duration = Duration::from_secs(300);
/// Frames that are fetched, or carried, at once.
const FRAMES: usize = 32;
/// One-time keys that are published at once.
const ONE_TIME_KEYS: usize = 50;
/// The first time of rest after a failure, and the last.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(60));

pub(super) fn start(client: &Arc<Inner>, mailbox: &Arc<Mailbox>) -> Result<(), Error> {
    let (carries, fetches, mailbox) = (Arc::downgrade(client), Arc::downgrade(client), Arc::clone(mailbox));
    spawn("talos-carry", move || carry(&carries))?;
    spawn("talos-fetch", move || fetch(&fetches, &mailbox))
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), Error> {
    let failed = |error: std::io::Error| Error::new(ErrorCode::InternalFault, format!("no courier: {error}"));
    thread::Builder::new().name(name.to_owned()).spawn(work).map(drop).map_err(failed)
}

/// How long to rest after so many failures in a row.
#[derive(Default)]
struct BackOff(u32);

impl BackOff {
    fn failed(&mut self) -> Duration {
        let rest = BACK_OFF.0.saturating_mul(1 << self.0.min(10)).min(BACK_OFF.1);
        self.0 = self.0.saturating_add(1);
        rest
    }
}

/// The client, unless it has ended.
fn live(client: &Weak<Inner>) -> Option<Arc<Inner>> {
    client.upgrade().filter(|client| !client.is_closed() && client.check().is_ok())
}

/// Rests, or less where something changes meanwhile and that matters.
fn rest(client: &Arc<Inner>, time: Duration, until_change: bool) {
    let deadline = Instant::now() + time;
    let mut core = client.core();
    while !client.is_closed() {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || (until_change && core.waits().outgoing > 0) {
            return;
        }
        core = client.changed.wait_timeout(core, left).unwrap_or_else(PoisonError::into_inner).0;
    }
}

/// Frames to the mailbox, and what is published.
fn carry(client: &Weak<Inner>) {
    let (mut publishing, mut next_round) = (BackOff::default(), Instant::now());
    let mut peers: HashMap<String, (BackOff, Instant)> = HashMap::new();
    while let Some(client) = live(client) {
        if Instant::now() >= next_round {
            next_round = Instant::now()
                + match look_after(&client) {
                    Ok(()) => {
                        publishing = BackOff::default();
                        ROUNDS
                    }
                    Err(_) => publishing.failed(),
                };
        }
        peers.retain(|_, (_, until)| Instant::now() < *until + BACK_OFF.1);
        let carried = carry_some(&client, &mut peers);
        if !carried {
            rest(&client, REST, peers.is_empty());
        }
    }
}

/// Carries frames that wait, in their order for each peer. Says whether any was.
fn carry_some(client: &Arc<Inner>, peers: &mut HashMap<String, (BackOff, Instant)>) -> bool {
    let Some(mailbox) = &client.mailbox else { return false };
    let frames = client.core().outgoing(FRAMES);
    let mut carried = Vec::new();
    for frame in frames {
        if peers.get(&frame.peer).is_some_and(|(_, until)| Instant::now() < *until) {
            continue;
        }
        let posted = client.now().and_then(|now| mailbox.post(&frame.peer, &frame.bytes, now));
        match posted {
            Ok(()) => {
                peers.remove(&frame.peer);
                carried.push(frame.id);
            }
            Err(_) => {
                let (back_off, until) = peers.entry(frame.peer).or_insert_with(|| (BackOff::default(), Instant::now()));
                *until = Instant::now() + back_off.failed();
            }
        }
    }
    if carried.is_empty() {
        return false;
    }
    // What cannot be erased is carried again, which the mailbox and the peer know how to take.
    let erased = client.core().carried(&carried).is_ok();
    client.changed.notify_all();
    erased
}

/// Publishes what is due, renews sessions, erases what is over.
pub(super) fn look_after(client: &Arc<Inner>) -> Result<(), Error> {
    let Some(mailbox) = &client.mailbox else { return Ok(()) };
    let now = client.now()?;
    client.core().refresh(&client.sign, now)?;
    let status = mailbox.status(now)?;
    let bundle = client.core().bundle()?.to_envelope();
    // Publishing again what is there is nothing new to the mailbox.
    mailbox.publish(&bundle, now)?;
    publish_keys(client, mailbox, status.low, now)?;
    client.core().sweep(now)?;
    for peer in client.core().due(now) {
        // A peer that has published nothing is tried again in the next round.
        let _ = client.establish_by_mailbox(&peer);
    }
    Ok(())
}

/// Publishes one-time keys where few are left. Those that could not be published go first the next time: each that is made is
/// kept until it ends.
fn publish_keys(client: &Inner, mailbox: &Mailbox, low: bool, now: u64) -> Result<(), Error> {
    let mut waiting = lock(&client.unpublished);
    if low && waiting.is_empty() {
        let keys = client.core().one_time_keys(&client.sign, ONE_TIME_KEYS, now)?;
        waiting.extend(keys.iter().map(Unverified::to_envelope));
    }
    if !waiting.is_empty() {
        mailbox.add_keys(waiting.clone(), now)?;
        waiting.clear();
    }
    Ok(())
}

/// Frames from the mailbox. Nobody holds the client while the mailbox is waited for: it can end, and be opened again, meanwhile.
fn fetch(client: &Weak<Inner>, mailbox: &Mailbox) {
    let mut back_off = BackOff::default();
    while let Some(now) = ready(client) {
        let fetched = now.and_then(|now| mailbox.frames(FRAMES, LONG_POLL, now));
        let Some(client) = live(client) else { return };
        match fetched.and_then(|fetched| take_in(&client, mailbox, fetched.frames)) {
            Ok(()) => back_off = BackOff::default(),
            Err(_) => rest(&client, back_off.failed(), false),
        }
    }
}

/// The time, once there is room for what comes: until the host has taken some, the mailbox keeps it. None where the client ends.
fn ready(client: &Weak<Inner>) -> Option<Result<u64, Error>> {
    loop {
        let client = live(client)?;
        if client.core().check_incoming().is_ok() {
            return Some(client.now());
        }
        rest(&client, REST, false);
    }
}

fn take_in(client: &Inner, mailbox: &Mailbox, frames: Vec<MailboxFrame>) -> Result<(), Error> {
    let (mut done, mut admitted, mut failure) = (Vec::new(), Vec::new(), None);
    for frame in frames {
        match client.take_in(&frame.bytes) {
            Ok((_, receipt)) => {
                admitted.extend(receipt);
                done.push(frame.seq);
            }
            Err(refused) if is_for_good(refused.error.code) => done.push(frame.seq),
            Err(refused) => {
                failure = Some(refused.error);
                break;
            }
        }
    }
    if !done.is_empty() {
        mailbox.acknowledge(done, client.now()?)?;
    }
    for admitted in admitted {
        client.confirm(admitted)?;
    }
    failure.map_or(Ok(()), Err)
}

/// Whether a frame that was refused would be refused again: then nobody needs it.
fn is_for_good(code: ErrorCode) -> bool {
    let family = code.as_str().split('.').next();
    family == Some("session") && !code.retryable() || matches!(family, Some("malformed" | "signature"))
}
