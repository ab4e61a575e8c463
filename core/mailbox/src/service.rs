//! What a mailbox does for agents (`docs/spec/mailbox.md`, sections 3 to 6).
//!
//! Everything is checked before anything is changed: a refusal leaves no trace, also inside a larger transaction.

use crate::limits::{self, EXPIRY_MS, FRAME_BYTES, KEYS_A_REQUESTER, KEYS_WINDOW_MS, Limits, PAGE_BYTES};
use crate::store::{Account, Change, Kept, Key, NewFrame, Page, View};
use std::collections::HashMap;
use talos_contracts::json::{self, DATA_DEPTH, Profile};
use talos_contracts::scalar::Hash;
use talos_contracts::{
    Envelope, Error, ErrorCode, MailboxAcked, MailboxBundle, MailboxFrames, MailboxKeys, MailboxPosted, MailboxStatus,
};
use talos_crypto::dsse::Unverified;
use talos_crypto::hash;
use talos_identity::Did;
use talos_session::published;

/// One-time keys that were verified, to be published together.
pub type Keys = Vec<Key>;

/// What somebody gets of an agent.
#[derive(Clone, Debug)]
pub struct Given {
    /// The answer.
    pub bundle: MailboxBundle,
    /// How many one-time keys are left, if one was given.
    pub left: Option<u64>,
}

/// The rules of a mailbox over what it keeps.
#[derive(Clone, Debug)]
pub struct Service {
    limits: Limits,
}

impl Service {
    /// A mailbox with these limits; no frame waits longer than 14 days, and no queue has more than 1,000,000.
    pub fn new(limits: Limits) -> Self {
        let (expiry_ms, queue_frames) =
            (limits.expiry_ms.min(EXPIRY_MS), limits.queue_frames.min(limits::QUEUE_FRAMES_MAX));
        Service { limits: Limits { expiry_ms, queue_frames, ..limits } }
    }

    /// The limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Keeps a bundle of an agent, in place of the one before.
    pub fn publish_bundle(
        &self,
        store: &mut dyn Change,
        agent: &Did,
        bundle: &Kept,
        now: u64,
    ) -> Result<MailboxStatus, Error> {
        let totals = store.totals()?;
        let before = store.bundle(agent.as_str())?;
        if before.is_none() && totals.agents >= self.limits.agents {
            return Err(full("the mailbox has as many agents as it takes"));
        }
        let replaced = before.map_or(0, |before| before.envelope.len());
        self.check_room(totals.bytes, bundle.envelope.len().saturating_sub(replaced))?;
        store.put_bundle(agent.as_str(), bundle, now)?;
        self.status(store, agent, now)
    }

    /// Keeps one-time keys of an agent. One that is known already is passed over, so that a request can be tried again.
    pub fn publish_keys(
        &self,
        store: &mut dyn Change,
        agent: &Did,
        keys: &[Key],
        now: u64,
    ) -> Result<MailboxStatus, Error> {
        let account = known(store, agent)?;
        let mut new = Vec::new();
        for (index, key) in keys.iter().enumerate() {
            match store.key(agent.as_str(), &key.id)? {
                None => new.push(key),
                Some(digest) if digest == key.digest => {}
                Some(_) => return Err(twice(index)),
            }
        }
        let left = store.keys_left(agent.as_str(), now)?;
        let most = self.limits.one_time_keys;
        if left.saturating_add(new.len() as u64) > most
            || account.keys.saturating_add(new.len() as u64) > most.saturating_mul(limits::REMEMBERED_KEYS)
        {
            return Err(quota("so many one-time keys are not kept of one agent"));
        }
        let bytes = new.iter().map(|key| key.kept.envelope.len()).sum();
        self.check_room(store.totals()?.bytes, bytes)?;
        for key in new {
            store.add_key(agent.as_str(), key)?;
        }
        self.status(store, agent, now)
    }

    /// Gives the bundle of an agent, with a one-time key that nobody else gets while there is one and the requester has not had its
    /// share. Its owner gets the bundle alone.
    pub fn give_bundle(&self, store: &mut dyn Change, requester: &Did, owner: &Did, now: u64) -> Result<Given, Error> {
        let bundle = store.bundle(owner.as_str())?.filter(|bundle| now < bundle.exp).ok_or_else(unknown)?;
        let bundle = read_envelope(&bundle.envelope)?;
        let since = now.saturating_sub(KEYS_WINDOW_MS);
        let may = requester != owner && store.taken(owner.as_str(), requester.as_str(), since)? < KEYS_A_REQUESTER;
        let key = if may { store.take_key(owner.as_str(), requester.as_str(), now)? } else { None };
        let left = key.as_ref().map(|_| store.keys_left(owner.as_str(), now)).transpose()?;
        let one_time_key = key.map(|key| read_envelope(&key)).transpose()?;
        Ok(Given { bundle: MailboxBundle { bundle, one_time_key }, left })
    }

    /// What a mailbox tells an agent of its own; nothing is there of one that has not published.
    pub fn status(&self, store: &dyn View, agent: &Did, now: u64) -> Result<MailboxStatus, Error> {
        let account = store.account(agent.as_str())?;
        let left = store.keys_left(agent.as_str(), now)?;
        let Account { frames, frame_bytes, .. } = account.unwrap_or_default();
        Ok(MailboxStatus {
            one_time_keys: left,
            low: left < self.limits.low_water,
            frames,
            bytes: frame_bytes,
            bundle_expires: account.map(|account| account.bundle_exp),
        })
    }

    /// Queues a frame. The same frame of the same sender that still waits is queued once.
    pub fn post(
        &self,
        store: &mut dyn Change,
        sender: &Did,
        recipient: &Did,
        frame: (&Hash, &[u8]),
        now: u64,
    ) -> Result<MailboxPosted, Error> {
        let (id, bytes) = frame;
        check_frame(bytes.len())?;
        let account = known(store, recipient)?;
        match store.queued(recipient.as_str(), sender.as_str(), id)? {
            Some((_, posted)) if now < posted.expires => return Ok(posted),
            // It has expired and was not swept yet.
            Some((place, _)) => {
                store.erase(recipient.as_str(), &[place])?;
            }
            None => self.check_queue(store, (sender, recipient), account, bytes.len())?,
        }
        let posted = MailboxPosted { id: *id, expires: now.saturating_add(self.limits.expiry_ms) };
        let frame = NewFrame { sender: sender.as_str(), posted: &posted, received: now, bytes };
        store.add_frame(recipient.as_str(), frame)?;
        Ok(posted)
    }

    fn check_queue(
        &self,
        store: &dyn View,
        (sender, recipient): (&Did, &Did),
        account: Account,
        bytes: usize,
    ) -> Result<(), Error> {
        if store.queued_by(recipient.as_str(), sender.as_str())? >= (self.limits.queue_frames / 4).max(1) {
            return Err(quota("a quarter of the recipient's queue is of this sender"));
        }
        if account.frames >= self.limits.queue_frames
            || account.frame_bytes.saturating_add(bytes as u64) > self.limits.queue_bytes
        {
            return Err(full("the queue of the recipient is full"));
        }
        self.check_room(store.totals()?.bytes, bytes)
    }

    fn check_room(&self, there: u64, more: usize) -> Result<(), Error> {
        if more > 0 && there.saturating_add(more as u64) > self.limits.total_bytes {
            return Err(full("the mailbox is full"));
        }
        Ok(())
    }

    /// Frames that wait behind a place, oldest first.
    pub fn frames(
        &self,
        store: &dyn View,
        agent: &Did,
        after: u64,
        most: u64,
        now: u64,
    ) -> Result<MailboxFrames, Error> {
        let page = Page { after, frames: most.min(limits::PAGE_FRAMES), bytes: PAGE_BYTES, now };
        let (frames, more) = store.frames(agent.as_str(), page)?;
        Ok(MailboxFrames { frames, more })
    }

    /// Erases frames that their recipient keeps elsewhere now.
    pub fn acknowledge(&self, store: &mut dyn Change, agent: &Did, places: &[u64]) -> Result<MailboxAcked, Error> {
        Ok(MailboxAcked { erased: store.erase(agent.as_str(), places)? })
    }
}

/// Whether a frame may have so many bytes.
pub fn check_frame(bytes: usize) -> Result<(), Error> {
    match bytes {
        0 => Err(Error::new(ErrorCode::MalformedValue, "a frame has at least one byte")),
        1..=FRAME_BYTES => Ok(()),
        _ => Err(Error::new(ErrorCode::MailboxTooLarge, format!("a frame has at most {FRAME_BYTES} bytes"))),
    }
}

/// Reads a bundle that its owner publishes (`docs/spec/session.md`, section 2.4).
pub fn read_bundle(owner: &Did, body: &[u8], now: u64) -> Result<Kept, Error> {
    let envelope = Unverified::parse(body)?;
    let bundle = published::verify_bundle(&envelope, owner, now).map_err(of_another)?;
    Ok(Kept { envelope: envelope.to_envelope().canonical(), exp: bundle.body().exp })
}

/// Reads one-time keys that their owner publishes (`docs/spec/session.md`, section 2.4).
pub fn read_keys(owner: &Did, body: &[u8], now: u64) -> Result<Keys, Error> {
    let limits = json::Limits { depth: DATA_DEPTH, bytes: limits::KEYS_BYTES };
    let body = MailboxKeys::read(&json::parse_with(body, Profile::Data, limits)?)?;
    let mut ids = HashMap::new();
    let mut keys = Vec::with_capacity(body.keys.len());
    for (index, envelope) in body.keys.iter().enumerate() {
        let key = published::verify_one_time_key(&Unverified::from_envelope(envelope), owner, now);
        let key = key.map_err(of_another)?;
        let envelope = envelope.canonical();
        let (id, digest) = (key.body().id.clone(), hash::sha256(&[&envelope]));
        match ids.insert(id.clone(), digest) {
            None => keys.push(Key { id, digest, kept: Kept { envelope, exp: key.body().exp } }),
            Some(before) if before == digest => {}
            Some(_) => return Err(twice(index)),
        }
    }
    Ok(keys)
}

/// What is published belongs to whoever signs the request.
fn of_another(error: Error) -> Error {
    match error.code {
        ErrorCode::SessionPeer => Error::new(ErrorCode::MailboxForbidden, error.detail),
        _ => error,
    }
}

fn read_envelope(text: &[u8]) -> Result<Envelope, Error> {
    let damaged = |error: Error| Error::new(ErrorCode::StoreCorrupt, format!("what was published: {error}"));
    Unverified::parse(text).map(|envelope| envelope.to_envelope()).map_err(damaged)
}

fn known(store: &dyn View, agent: &Did) -> Result<Account, Error> {
    store.account(agent.as_str())?.ok_or_else(unknown)
}

fn unknown() -> Error {
    Error::new(ErrorCode::MailboxUnknown, "no bundle of this agent is published here")
}

fn twice(index: usize) -> Error {
    Error::new(ErrorCode::MalformedValue, format!("/keys/{index}: another one-time key has this id"))
}

fn full(what: &str) -> Error {
    Error::new(ErrorCode::MailboxFull, what)
}

fn quota(what: &str) -> Error {
    Error::new(ErrorCode::MailboxQuota, what)
}
