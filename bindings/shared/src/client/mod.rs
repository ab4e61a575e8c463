//! The client of an agent: sessions, decisions and receipts together (`docs/spec/client.md`).
//!
//! [`Client`] is what a host has. Below it, `talos_client` keeps sessions and what waits, the kernel decides on each message
//! and writes its receipts, and, where there is a mailbox, two threads carry frames to and from it.

mod courier;
mod door;
mod mailbox;

use crate::sdk::{Begun, Kernel, Permit, Run, Started};
use crate::{SystemClock, SystemEntropy};
use mailbox::Mailbox;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use talos_client::{Arrival, Arrived, Settings, Store};
use talos_contracts::json::Value;
use talos_contracts::scalar::Hash;
use talos_contracts::{
    Action, ActionKind, ClientOpenInput, Decision, Effect, Envelope, Error, ErrorCode, Outcome, OutcomeStatus,
    ReceiptGetInput, RunOpenInput, SessionRef, SessionRules, SignMode,
};
use talos_crypto::SigningKey;
use talos_crypto::dsse::Unverified;
use talos_kernel::Ticket;
use talos_kernel::ports::{Clock, Entropy};
use talos_session::limits::DAY_MS;
use talos_session::{Refused, Rules, Secret, Suite, published};

pub use talos_client::{Known, Message, Opening, Outgoing, Sent, Waits, payload};

/// Of what the key of an agent's records is derived, from the agent's own key.
const STORE_DOMAIN: &str = "talos/client/1 store";

/// The client of one agent: cheap to clone, and safe to use from any thread of its process. It ends with its last handle, or
/// when it, or its kernel, is closed.
#[derive(Clone)]
pub struct Client(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    agent: String,
    run: Run,
    sign: Arc<SigningKey>,
    core: Mutex<talos_client::Client>,
    /// Told whenever something came to wait, or waits no longer.
    changed: Condvar,
    mailbox: Option<Arc<Mailbox>>,
    /// One-time keys that no mailbox has taken yet.
    unpublished: Mutex<Vec<Envelope>>,
    clock: SystemClock,
    closed: AtomicBool,
}

/// With what a client opens.
pub(crate) struct Terms {
    pub(crate) agent: String,
    pub(crate) sign: Arc<SigningKey>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) rules: Rules,
    pub(crate) settings: Settings,
    /// The base URL of the mailbox.
    pub(crate) mailbox: Option<String>,
}

impl Terms {
    /// As the operation says them.
    pub(crate) fn new(
        agent: &str,
        sign: Arc<SigningKey>,
        store: Arc<dyn Store>,
        mailbox: Option<String>,
        input: &ClientOpenInput,
    ) -> Result<Self, Error> {
        let rules = input.rules.as_ref().map(rules).transpose()?.unwrap_or_default();
        let keep_ms = input.keep_days.unwrap_or(0).saturating_mul(DAY_MS);
        let settings = Settings { keep_ms, ..Settings::default() };
        Ok(Terms { agent: agent.to_owned(), sign, store, rules, settings, mailbox })
    }
}

/// The rules of sessions, as the contract has them.
pub(crate) fn rules(rules: &SessionRules) -> Result<Rules, Error> {
    let SessionRules { suites, continuity, bucket } = rules;
    let default = Rules::default();
    let suite = |number: &u64| Suite::from_number(u16::try_from(*number).unwrap_or_default());
    Ok(Rules {
        suites: match suites {
            Some(suites) => suites.iter().map(suite).collect::<Result<_, _>>()?,
            None => default.suites,
        },
        continuity: continuity.unwrap_or(default.continuity),
        bucket: bucket.map_or(default.bucket, |bucket| usize::try_from(bucket).unwrap_or(usize::MAX)),
        ..default
    })
}

/// A message that was sent, with its receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posted {
    /// What was sealed.
    pub sent: Sent,
    /// The receipt that names the frame.
    pub receipt_id: Hash,
}

/// A message that was admitted, whose receipt is on its way to the disk.
pub(crate) struct Admitted {
    peer: String,
    frame_hash: Hash,
    receipt: Ticket,
}

impl Client {
    pub(crate) fn open(kernel: &Kernel, terms: Terms) -> Result<Self, Error> {
        let Terms { agent, sign, store, rules, settings, mailbox } = terms;
        let run = kernel.open_run(&RunOpenInput { agent: Some(agent.clone()), ..RunOpenInput::default() })?;
        let key = Secret::from_bytes(&sign.derive(STORE_DOMAIN));
        let clock = SystemClock::default();
        let entropy = Box::new(|out: &mut [u8]| SystemEntropy.fill(out));
        let core = talos_client::Client::open(&sign, store, key, rules, settings, entropy, clock.wall_ms()?)?;
        let mailbox = mailbox.map(|url| Mailbox::new(&url, Arc::clone(&sign)).map(Arc::new)).transpose()?;
        let inner = Arc::new(Inner {
            agent,
            run,
            sign,
            core: Mutex::new(core),
            changed: Condvar::new(),
            mailbox,
            unpublished: Mutex::default(),
            clock,
            closed: AtomicBool::new(false),
        });
        if let Some(mailbox) = &inner.mailbox {
            // Whoever knows of an open client may want to reach it. A mailbox that is away now is tried again by the courier.
            let _ = courier::look_after(&inner);
            courier::start(&inner, mailbox)?;
        }
        Ok(Client(inner))
    }

    /// Who it is.
    pub fn did(&self) -> String {
        self.0.core().did().to_string()
    }

    /// The bundle to publish, an envelope.
    pub fn bundle(&self) -> Result<Envelope, Error> {
        self.0.check()?;
        Ok(self.0.core().bundle()?.to_envelope())
    }

    /// The mailbox, if there is one.
    pub fn mailbox(&self) -> Option<&str> {
        self.0.mailbox.as_ref().map(|mailbox| mailbox.url())
    }

    /// Begins a session with a peer, or renews the one that is there: with this bundle, or the one that the mailbox has.
    pub fn establish(
        &self,
        peer: &str,
        bundle: Option<&Envelope>,
        one_time_key: Option<&Envelope>,
    ) -> Result<(), Error> {
        self.0.check()?;
        match bundle {
            Some(bundle) => self.0.establish(peer, bundle, one_time_key),
            None => self.0.establish_by_mailbox(peer),
        }
    }

    /// Decides on a message, seals it, and keeps it until it is carried. Waits at most so long while too much is on its way.
    pub fn send(&self, peer: &str, data: &[u8], wait: Duration) -> Result<Posted, Error> {
        let inner = &self.0;
        inner.check()?;
        inner.wait_for_room(wait)?;
        let now = inner.now()?;
        if !inner.core().has_session(peer, now) {
            return Err(Error::new(
                ErrorCode::SessionUnknown,
                format!("there is no session with {peer}: establish one"),
            ));
        }
        let action = message(peer, Effect::External, data, "send", None);
        let permit = match inner.run.begin(action)?.wait()? {
            Begun::Started(Started { permit, .. }) => permit,
            Begun::Denied(decision) => return Err(denied(&decision)),
        };
        let sent = inner.core().seal(peer, &payload::Payload::Data(data), now);
        inner.changed.notify_all();
        let sent = sent.inspect_err(|_| drop(permit.settle(&outcome(OutcomeStatus::Error, None))))?;
        let session = SessionRef { sid: sent.sid.to_contract(), frame_hash: Some(sent.frame_hash) };
        let durable = permit.settle(&outcome(OutcomeStatus::Ok, Some(session)))?.wait()?;
        let receipt_id = durable.ok_or(ErrorCode::ReceiptUnknown)?.receipt_id;
        inner.core().set_receipt(&sent.frame_hash, receipt_id, now)?;
        Ok(Posted { sent, receipt_id })
    }

    /// Gives messages, each once; what was given before is confirmed. Waits at most so long for the first.
    pub fn receive(&self, max: usize, wait: Duration) -> Result<Vec<Message>, Error> {
        let deadline = Instant::now() + wait;
        let mut core = self.0.core();
        loop {
            self.0.check()?;
            let messages = core.take(max)?;
            if !messages.is_empty() {
                self.0.changed.notify_all();
                return Ok(messages);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Vec::new());
            }
            core = self.0.changed.wait_timeout(core, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Messages that were given, and that nobody confirmed by asking for more.
    pub fn unconfirmed(&self) -> Result<Vec<Message>, Error> {
        self.0.check()?;
        self.0.core().unconfirmed()
    }

    /// Frames that wait to be carried, oldest first, for a host without a mailbox.
    pub fn outgoing(&self, max: usize) -> Result<Vec<Outgoing>, Error> {
        self.0.check()?;
        Ok(self.0.core().outgoing(max))
    }

    /// Frames that were carried, and need not be kept.
    pub fn carried(&self, ids: &[Hash]) -> Result<usize, Error> {
        self.0.check()?;
        let erased = self.0.core().carried(ids)?;
        self.0.changed.notify_all();
        Ok(erased)
    }

    /// Takes a frame that the host has carried here. Gives its hash and its sender.
    pub fn incoming(&self, bytes: &[u8]) -> Result<(Hash, String), Error> {
        self.0.check()?;
        let (arrived, admitted) = self.0.take_in(bytes).map_err(|refused| refused.error)?;
        if let Some(admitted) = admitted {
            self.0.confirm(admitted)?;
        }
        match arrived {
            Arrived::Refused { reason, .. } => Err(reason),
            Arrived::Unreadable { error, .. } => Err(error),
            Arrived::Message { peer, frame_hash, .. } | Arrived::Other { peer, frame_hash } => Ok((frame_hash, peer)),
        }
    }

    /// The sessions that are not over, with whether they are the ones to send on, and how much waits.
    pub fn sessions<T>(&self, show: impl Fn(&talos_session::Session, bool) -> T) -> Result<(Vec<T>, Waits), Error> {
        self.0.check()?;
        let now = self.0.now()?;
        let core = self.0.core();
        let sessions = core.sessions(now).map(|(session, is_current)| show(session, is_current)).collect();
        Ok((sessions, core.waits()))
    }

    /// Tells a peer that this side is done.
    pub fn end(&self, peer: &str) -> Result<Sent, Error> {
        self.0.check()?;
        let sent = self.0.core().end(peer, self.0.now()?)?;
        self.0.changed.notify_all();
        Ok(sent)
    }

    /// What is known of a message, by its hash, of which the newest counts, or that of its frame.
    pub fn known(&self, hash: &Hash) -> Result<Known, Error> {
        self.0.check()?;
        self.0.core().known(hash)
    }

    /// Waits, at most so long, until nothing waits to go out; then closes. What waits is kept. Gives how much that is.
    pub fn close(&self, wait: Duration) -> Result<usize, Error> {
        let inner = &self.0;
        let deadline = Instant::now() + if inner.mailbox.is_some() { wait } else { Duration::ZERO };
        let mut core = inner.core();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let waiting = core.waits().outgoing;
            if waiting == 0 || left.is_zero() || inner.is_closed() {
                break;
            }
            core = inner.changed.wait_timeout(core, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        let waiting = core.waits().outgoing;
        drop(core);
        inner.shut();
        match inner.run.close() {
            Err(error) if error.code != ErrorCode::RunClosed => Err(error),
            _ => Ok(waiting),
        }
    }

    /// The agent's name.
    pub fn agent(&self) -> &str {
        &self.0.agent
    }
}

impl Inner {
    fn core(&self) -> MutexGuard<'_, talos_client::Client> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Result<u64, Error> {
        self.clock.wall_ms()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    fn check(&self) -> Result<(), Error> {
        self.run.kernel().inner().guard.check()?;
        if self.is_closed() { Err(ErrorCode::ClientNotOpen.into()) } else { Ok(()) }
    }

    /// Nothing passes any more, and the couriers end.
    pub(crate) fn shut(&self) {
        self.closed.store(true, Ordering::Release);
        self.changed.notify_all();
    }

    fn wait_for_room(&self, wait: Duration) -> Result<(), Error> {
        let deadline = Instant::now() + wait;
        let mut core = self.core();
        loop {
            let full = match core.check_outgoing() {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            self.check()?;
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(full);
            }
            core = self.changed.wait_timeout(core, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn establish(&self, peer: &str, bundle: &Envelope, one_time_key: Option<&Envelope>) -> Result<(), Error> {
        let now = self.now()?;
        let owner = talos_identity::Did::parse(peer)?;
        let bundle = published::verify_bundle(&Unverified::from_envelope(bundle), &owner, now)?;
        let one_time_key = one_time_key
            .map(|key| published::verify_one_time_key(&Unverified::from_envelope(key), &owner, now))
            .transpose()?;
        self.core().establish(&bundle, one_time_key.as_ref(), now).map(drop)
    }

    fn establish_by_mailbox(&self, peer: &str) -> Result<(), Error> {
        let mailbox = self.mailbox.as_ref().ok_or(ErrorCode::MailboxNotConfigured)?;
        let served = mailbox.bundle(peer, self.now()?)?;
        self.establish(peer, &served.bundle, served.one_time_key.as_ref())
    }

    /// Opens a frame and has the policy decide on what is in it, before anything of it is released.
    pub(crate) fn take_in(&self, bytes: &[u8]) -> Result<(Arrived, Option<Admitted>), Refused> {
        let now = self.now()?;
        let mut permit = None;
        let admit = |arrival: &Arrival<'_>| {
            let session = SessionRef { sid: arrival.sid.to_contract(), frame_hash: Some(arrival.frame_hash) };
            let action = message(arrival.peer, Effect::Read, arrival.data, "receive", Some(session));
            match self.run.begin(action)?.wait()? {
                Begun::Started(started) => {
                    permit = Some(started.permit);
                    Ok(Ok(()))
                }
                Begun::Denied(decision) => Ok(Err(denied(&decision))),
            }
        };
        let arrived = self.core().receive(bytes, now, admit)?;
        self.changed.notify_all();
        let admitted = match (&arrived, permit) {
            (Arrived::Message { peer, frame_hash, sid, .. }, Some(permit)) => {
                Some(self.admitted(peer, *frame_hash, *sid, &permit)?)
            }
            _ => None,
        };
        Ok((arrived, admitted))
    }

    fn admitted(
        &self,
        peer: &str,
        frame_hash: Hash,
        sid: talos_session::Sid,
        permit: &Permit,
    ) -> Result<Admitted, Error> {
        let session = SessionRef { sid: sid.to_contract(), frame_hash: Some(frame_hash) };
        let receipt = permit.settle_with_ticket(&outcome(OutcomeStatus::Ok, Some(session)))?;
        Ok(Admitted { peer: peer.to_owned(), frame_hash, receipt })
    }

    /// Waits for the receipt of a message, remembers it, and tells the peer that the message has arrived.
    pub(crate) fn confirm(&self, admitted: Admitted) -> Result<(), Error> {
        let Admitted { peer, frame_hash, receipt } = admitted;
        let durable = receipt.wait()?;
        let now = self.now()?;
        self.core().set_receipt(&frame_hash, durable.receipt_id, now)?;
        let wanted = ReceiptGetInput { receipt_id: Some(durable.receipt_id), ..ReceiptGetInput::default() };
        let record = self.run.kernel().receipt(&wanted)?;
        if record.receipt.sign == SignMode::Self_ {
            // That it cannot be told, because the session has ended or too much waits, takes nothing from the message.
            let _ = self.core().seal(&peer, &payload::Payload::Delivery(&record.envelope.canonical()), now);
            self.changed.notify_all();
        }
        Ok(())
    }
}

/// A message as an action. Text is shown to the rules as text, so that patterns find what is in it.
fn message(peer: &str, effect: Effect, data: &[u8], direction: &str, session: Option<SessionRef>) -> Action {
    let mut args = vec![("direction", Value::from(direction)), ("bytes", Value::from(data.len() as i64))];
    match std::str::from_utf8(data) {
        Ok(text) if !text.contains('\0') => args.push(("text", Value::from(text))),
        _ => args.push(("data", Value::from(talos_contracts::scalar::encode_b64url(data)))),
    }
    Action {
        kind: ActionKind::Message,
        effect: Some(effect),
        args: Some(Value::object(args)),
        session,
        ..Run::tool_call(peer)
    }
}

fn outcome(status: OutcomeStatus, session: Option<SessionRef>) -> Outcome {
    Outcome { status, result: None, tokens: None, amount: None, confidence_bp: None, session }
}

/// A decision that does not let a message pass, as an error.
fn denied(decision: &Decision) -> Error {
    let code = decision.reasons.first().map_or(ErrorCode::PolicyToolNotAllowed, |reason| reason.code);
    let mut why: Vec<&str> = decision.reasons.iter().map(|reason| reason.message.as_str()).collect();
    let approval = decision.approval.map(|id| format!("approval {}", id.to_b64()));
    why.extend(approval.as_deref());
    Error::new(code, why.join("; "))
}
