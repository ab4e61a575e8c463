//! One agent, its sessions, and what waits on both sides of them (`docs/spec/client.md`).

use crate::delivery;
use crate::kept::{Item, Known, Opening, Vault};
use crate::payload::Payload;
use crate::queue::{Queue, Revised};
use crate::records::{self, Hot, Incoming, Kept, Own};
use crate::store::Store;
use crate::types::{Arrival, Arrived, Message, Outgoing, Sent, Settings, Waits};
use std::collections::BTreeMap;
use std::sync::Arc;
use talos_contracts::scalar::Hash;
use talos_contracts::{Error, ErrorCode};
use talos_crypto::dsse::Unverified;
use talos_crypto::{SigningKey, hash};
use talos_identity::Did;
use talos_session::limits::{BUNDLE_MS, ONE_TIME_KEY_MS, STATEMENT_MS};
use talos_session::published::{self, Validity, VerifiedBundle, VerifiedOneTimeKey};
use talos_session::state::Change;
use talos_session::{
    Agent, Begin, BundleTerms, Cause, Container, Content, Due, Entropy, Healing, MessageKey, OneTimeTerms, OurKey,
    Received, Refused, Rules, Sealed, Secret, Session, Sid, Step, Suite, is_container,
};
use zeroize::Zeroizing;

/// One agent with its sessions. One process at a time has it; another one that writes is `store.busy` to this one.
pub struct Client {
    agent: Agent,
    vault: Vault,
    own: Revised<Own>,
    outgoing: Queue<records::Outgoing>,
    incoming: Queue<Incoming>,
    /// The last place in either queue.
    last: u64,
    /// Peers with whom a session has to be begun anew, and why.
    heals: BTreeMap<String, Cause>,
    settings: Settings,
}

const OWN: &str = "own";
const OUTGOING: &str = "outgoing";
const INCOMING: &str = "incoming";
const MESSAGE: &str = "message";
const INDEX: &str = "index";

impl Client {
    /// Opens the client of the agent whose key this is, with what its store has, and sees to it that what it publishes is
    /// valid for a good while.
    pub fn open(
        sign: &SigningKey,
        store: Arc<dyn Store>,
        store_key: Secret,
        rules: Rules,
        settings: Settings,
        entropy: Box<dyn Entropy + Send>,
        now: u64,
    ) -> Result<Self, Error> {
        let did = Did::of(&sign.verifying_key());
        let mut vault = Vault::new(store, store_key, entropy);
        let (mut own, mut contents) = (None, Vec::new());
        let (mut outgoing, mut incoming, mut last) = (Queue::default(), Queue::default(), 0);
        for (stored, content) in vault.load()? {
            if !records::is_ours(&content) {
                contents.push((stored.revision, content));
                continue;
            }
            let revision = stored.revision;
            match Hot::read(&content)? {
                Hot::Own(value) => own = Some(Revised { revision, value }),
                Hot::Outgoing(frame) => {
                    last = last.max(frame.seq);
                    outgoing.add(frame.seq, frame.bytes.len(), revision, frame);
                }
                Hot::Incoming(message) => {
                    last = last.max(message.seq);
                    incoming.add(message.seq, message.data.len(), revision, message);
                }
            }
        }
        let own = match own {
            Some(own) => own,
            None if contents.is_empty() => fresh(sign, &mut vault, now)?,
            None => return Err(Error::new(ErrorCode::StoreCorrupt, "there are sessions, and no agent")),
        };
        let agree = OurKey::from_secret(Secret::from_bytes(own.value.agree.secret().expose()));
        let statement = Unverified::parse(&own.value.statement)?;
        let mut agent = Agent::new(did, agree, &statement, rules)?;
        for (revision, content) in &contents {
            agent.load(*revision, content)?;
        }
        let heals = BTreeMap::new();
        let mut client = Client { agent, vault, own, outgoing, incoming, last, heals, settings };
        client.refresh(sign, now)?;
        Ok(client)
    }

    /// Who it is.
    pub fn did(&self) -> &Did {
        self.agent.did()
    }

    /// The bundle to publish, an envelope.
    pub fn bundle(&self) -> Result<Unverified, Error> {
        Unverified::parse(&self.own.value.bundle)
    }

    /// Makes a new statement and a new bundle where half of the life of the old ones is over. Says whether there is a new bundle.
    pub fn refresh(&mut self, sign: &SigningKey, now: u64) -> Result<bool, Error> {
        if now.saturating_add(STATEMENT_MS / 2) >= self.own.value.statement_exp {
            let (statement, exp) = statement(sign, &self.own.value.agree, now)?;
            let own =
                Own { statement: statement.to_envelope().canonical(), statement_exp: exp, ..self.own.value.copy() };
            self.own = write_own(&mut self.vault, &self.own, own, Vec::new())?;
            self.agent.set_statement(&statement)?;
        }
        let half = self.own.value.bundle_iat.saturating_add(BUNDLE_MS / 2);
        if now < half && now >= self.own.value.bundle_iat && !self.own.value.bundle.is_empty() {
            return Ok(false);
        }
        let validity = Validity { iat: now, exp: now.saturating_add(BUNDLE_MS) };
        let ids = self.own.value.ids.saturating_add(1);
        let (spk_id, pq_id) = (format!("spk-{ids}"), format!("pq-{ids}"));
        let suites = self.agent.rules().suites.clone();
        let terms = BundleTerms { suites: &suites, spk_id: &spk_id, pq_id: &pq_id, validity };
        let step = self.agent.make_bundle(sign, terms, &mut *self.vault.entropy)?;
        let bundle = step.to_store().to_envelope().canonical();
        let own = Own { bundle, bundle_iat: validity.iat, ids, ..self.own.value.copy() };
        let next = write_own(&mut self.vault, &self.own, own, step.changes())?;
        step.commit();
        self.own = next;
        Ok(true)
    }

    /// Makes one-time keys to publish.
    pub fn one_time_keys(&mut self, sign: &SigningKey, count: usize, now: u64) -> Result<Vec<Unverified>, Error> {
        let validity = Validity { iat: now, exp: now.saturating_add(ONE_TIME_KEY_MS) };
        let hybrid = self.agent.rules().suites.contains(&Suite::Hybrid);
        let mut made = Vec::with_capacity(count);
        for _ in 0..count {
            let ids = self.own.value.ids.saturating_add(1);
            let id = format!("otk-{ids}");
            let terms = OneTimeTerms { id: &id, hybrid, validity };
            let step = self.agent.make_one_time_key(sign, terms, &mut *self.vault.entropy)?;
            let own = Own { ids, ..self.own.value.copy() };
            let next = write_own(&mut self.vault, &self.own, own, step.changes())?;
            made.push(step.commit());
            self.own = next;
        }
        Ok(made)
    }

    /// Begins a session with the owner of a bundle, or renews the one that is there. The first message carries it there.
    pub fn establish(
        &mut self,
        bundle: &VerifiedBundle,
        one_time_key: Option<&VerifiedOneTimeKey>,
        now: u64,
    ) -> Result<Sid, Error> {
        let peer = bundle.owner().to_string();
        let heals = self.healing(&peer, now);
        let begin = Begin { bundle, one_time_key, heals };
        let step = self.agent.begin(begin, now, &mut *self.vault.entropy)?;
        self.vault.write(step.changes().into_iter().map(Item::from))?;
        let begun = step.commit();
        self.heals.remove(&peer);
        Ok(begun.sid)
    }

    /// Why a handshake with a peer heals, if it does.
    fn healing(&self, peer: &str, now: u64) -> Option<Healing> {
        let cause = match self.heals.get(peer) {
            Some(cause) => *cause,
            None => match self.agent.due(peer, now)? {
                Due::Retry { .. } => Cause::Unanswered,
                Due::Renewal(_) => return None,
            },
        };
        Some(Healing { cause, afresh: false })
    }

    /// Peers with whom a session is to be renewed now, for whatever reason.
    pub fn due(&self, now: u64) -> Vec<String> {
        let mut peers: Vec<String> = self.heals.keys().cloned().collect();
        peers.extend(self.agent.peers().filter(|peer| self.agent.due(peer, now).is_some()).map(str::to_owned));
        peers.sort();
        peers.dedup();
        peers
    }

    /// Whether there is a session on which to send to a peer.
    pub fn has_session(&self, peer: &str, now: u64) -> bool {
        self.agent.current(peer, now).is_some()
    }

    /// The sessions that are not over.
    pub fn sessions(&self, now: u64) -> impl Iterator<Item = (&Session, bool)> {
        self.agent.all_sessions(now).map(move |session| {
            let is_current = self.agent.current(session.peer(), now) == Some(session.sid());
            (session, is_current)
        })
    }

    /// How much waits.
    pub fn waits(&self) -> Waits {
        Waits { outgoing: self.outgoing.items.len(), incoming: self.incoming.items.len() }
    }

    /// Whether another frame may be sealed, or `client.backlog`.
    pub fn check_outgoing(&self) -> Result<(), Error> {
        self.outgoing.check(self.settings.outgoing)
    }

    /// Whether another message may arrive, or `client.backlog`.
    pub fn check_incoming(&self) -> Result<(), Error> {
        self.incoming.check(self.settings.incoming)
    }

    /// Seals a payload for a peer. It waits among the [outgoing](Client::outgoing) from then on, durably.
    pub fn seal(&mut self, peer: &str, payload: &Payload<'_>, now: u64) -> Result<Sent, Error> {
        self.check_outgoing()?;
        let sid = self.current(peer, now)?;
        let bytes = Zeroizing::new(payload.write());
        let step = self.agent.seal(&sid, &bytes, now, &mut *self.vault.entropy)?;
        let sealed = step.to_store();
        let message_hash = hash::sha256(&[bytes.get(1..).unwrap_or_default()]);
        let sent = Sent { sid, frame_hash: sealed.frame_hash, message_hash };
        let mut items = Vec::new();
        if let Payload::Data(_) = payload {
            let opening = opening(&self.settings, &sealed.bytes, sealed.transcript_hash, &sealed.message_key)?;
            let kept = Kept { peer: peer.to_owned(), receipt: None, delivery: None, opening };
            items.extend(remember(&self.vault, &self.settings, &sent.frame_hash, &message_hash, &kept, now)?);
        }
        self.last = put_off(&mut self.vault, &mut self.outgoing, self.last, peer, step, items)?;
        Ok(sent)
    }

    /// Tells a peer that this side is done, and retires the session.
    pub fn end(&mut self, peer: &str, now: u64) -> Result<Sent, Error> {
        self.check_outgoing()?;
        let sid = self.current(peer, now)?;
        let step = self.agent.close(&sid, now, &mut *self.vault.entropy)?;
        let sent = Sent { sid, frame_hash: step.to_store().frame_hash, message_hash: hash::sha256(&[]) };
        self.last = put_off(&mut self.vault, &mut self.outgoing, self.last, peer, step, Vec::new())?;
        Ok(sent)
    }

    fn current(&self, peer: &str, now: u64) -> Result<Sid, Error> {
        let none = || Error::new(ErrorCode::SessionUnknown, format!("there is no session with {peer}: establish one"));
        self.agent.current(peer, now).ok_or_else(none)
    }

    /// Frames that wait to go out, oldest first.
    pub fn outgoing(&self, max: usize) -> Vec<Outgoing> {
        let frame = |kept: &Revised<records::Outgoing>| {
            let records::Outgoing { id, peer, bytes, .. } = &kept.value;
            Outgoing { id: *id, peer: peer.clone(), bytes: bytes.clone() }
        };
        self.outgoing.items.values().take(max).map(frame).collect()
    }

    /// Erases frames that were carried to their peers, and says how many of them there were.
    pub fn carried(&mut self, ids: &[Hash]) -> Result<usize, Error> {
        let carried: Vec<(u64, u64)> = self
            .outgoing
            .items
            .iter()
            .filter(|(_, kept)| ids.contains(&kept.value.id))
            .map(|(seq, kept)| (*seq, kept.revision))
            .collect();
        let erase =
            |(seq, revision): &(u64, u64)| Item::erase(self.vault.name(OUTGOING, &seq.to_be_bytes()), *revision);
        let items: Vec<Item> = carried.iter().map(erase).collect();
        self.vault.write(items)?;
        for (seq, _) in &carried {
            self.outgoing.remove(*seq, |frame| frame.bytes.len());
        }
        Ok(carried.len())
    }

    /// Takes a frame that was carried here. Whoever decides is asked before anything changes: its inner error drops the message,
    /// its outer one leaves everything as it was.
    /// Where this fails with `client.backlog`, `session.throttled` or a code of the store, the frame is to be offered again
    /// later; every other refusal is for good.
    pub fn receive(
        &mut self,
        bytes: &[u8],
        now: u64,
        admit: impl FnOnce(&Arrival<'_>) -> Result<Result<(), Error>, Error>,
    ) -> Result<Arrived, Refused> {
        self.check_incoming()?;
        let step = match self.agent.receive(bytes, now) {
            Ok(step) => step,
            Err(refused) => {
                self.note_fork(&refused, now);
                return Err(refused);
            }
        };
        let opened = Frames { vault: &self.vault, settings: &self.settings, bytes, received: step.to_store(), now };
        let is_reset = matches!(opened.received.opened.content, Content::Reset);
        let (arrived, message, items) = opened.arrived(self.last.saturating_add(1), admit)?;
        self.vault.write(step.changes().into_iter().map(Item::from).chain(items))?;
        step.commit();
        if let (true, Arrived::Other { peer, .. }) = (is_reset, &arrived) {
            self.heals.insert(peer.clone(), Cause::Reset);
        }
        if let Some(message) = message {
            self.last = message.seq;
            self.incoming.add(message.seq, message.data.len(), 0, message);
        }
        Ok(arrived)
    }

    /// A fork is healed by a renewal (section 7.1 of sessions).
    fn note_fork(&mut self, refused: &Refused, now: u64) {
        let session = refused.fork.as_ref().and_then(|fork| self.agent.session(&fork.sid, now));
        if let Some(peer) = session.map(|session| session.peer().to_owned()) {
            self.heals.insert(peer, Cause::Fork);
        }
    }

    /// Gives messages, each once, in the order in which they were opened, and erases those that were given before.
    pub fn take(&mut self, max: usize) -> Result<Vec<Message>, Error> {
        let (mut items, mut done, mut given) = (Vec::new(), Vec::new(), Vec::new());
        for (seq, message) in &self.incoming.items {
            let name = self.vault.name(INCOMING, &seq.to_be_bytes());
            if message.value.given {
                items.push(Item::erase(name, message.revision));
                done.push(*seq);
            } else if given.len() < max {
                let content = message.value.write_as(true);
                items.push(Item::write(name, Some(message.revision), content));
                given.push(*seq);
            }
        }
        self.vault.write(items)?;
        for seq in done {
            self.incoming.remove(seq, |message| message.data.len());
        }
        for seq in &given {
            if let Some(message) = self.incoming.items.get_mut(seq) {
                message.value.given = true;
                message.revision = message.revision.saturating_add(1);
            }
        }
        given
            .iter()
            .filter_map(|seq| self.incoming.items.get(seq))
            .map(|message| self.message(&message.value))
            .collect()
    }

    /// Messages that were given, and of which the host has not said, by asking for more, that it is done with them.
    pub fn unconfirmed(&self) -> Result<Vec<Message>, Error> {
        let given = self.incoming.items.values().filter(|message| message.value.given);
        given.map(|message| self.message(&message.value)).collect()
    }

    fn message(&self, message: &Incoming) -> Result<Message, Error> {
        let known = self.kept(&message.frame_hash)?;
        Ok(Message {
            peer: message.peer.clone(),
            data: message.data.clone(),
            message_hash: hash::sha256(&[&message.data]),
            frame_hash: message.frame_hash,
            sid: message.sid,
            received: message.received,
            began: message.began,
            receipt: known.and_then(|(_, kept)| kept.receipt),
        })
    }

    /// Remembers the receipt of a message.
    pub fn set_receipt(&mut self, frame_hash: &Hash, receipt: Hash, now: u64) -> Result<(), Error> {
        let (revision, kept) = self.kept(frame_hash)?.ok_or_else(unknown)?;
        let kept = Kept { receipt: Some(receipt), ..kept };
        let name = self.vault.name(MESSAGE, &frame_hash.0);
        let end = lifetime(&self.settings, &kept, now);
        self.vault.write([Item::until(end, name, Some(revision), kept.write())])
    }

    /// What is known of a message, by the hash of its frame or its own: of several the newest.
    pub fn known(&self, hash: &Hash) -> Result<Known, Error> {
        let known = |frame_hash: Hash, kept: Kept| {
            let Kept { peer, receipt, delivery, opening } = kept;
            Known { frame_hash, peer, receipt, delivery, opening }
        };
        if let Some((_, kept)) = self.kept(hash)? {
            return Ok(known(*hash, kept));
        }
        let name = self.vault.name(INDEX, &hash.0);
        let (_, entry) = self.vault.read(&name)?.ok_or_else(unknown)?;
        let frame_hash = records::read_index(&entry)?;
        let (_, kept) = self.kept(&frame_hash)?.ok_or_else(unknown)?;
        Ok(known(frame_hash, kept))
    }

    fn kept(&self, frame_hash: &Hash) -> Result<Option<(u64, Kept)>, Error> {
        read_kept(&self.vault, frame_hash)
    }

    /// Erases what is over. A host calls it now and then.
    pub fn sweep(&mut self, now: u64) -> Result<(), Error> {
        let step = self.agent.sweep(now);
        self.vault.write(step.changes().into_iter().map(Item::from))?;
        step.commit();
        self.vault.sweep(now)?;
        Ok(())
    }
}

/// A frame that was opened, on its way to what comes of it.
struct Frames<'a> {
    vault: &'a Vault,
    settings: &'a Settings,
    bytes: &'a [u8],
    received: &'a Received,
    now: u64,
}

impl Frames<'_> {
    /// What comes of it, what waits for the host, and what is to be written beside the session.
    fn arrived(
        &self,
        seq: u64,
        admit: impl FnOnce(&Arrival<'_>) -> Result<Result<(), Error>, Error>,
    ) -> Result<(Arrived, Option<Incoming>, Vec<Item>), Error> {
        let Received { sid, peer, opened, accepted } = self.received;
        let (peer, frame_hash) = (peer.clone(), opened.frame_hash);
        let other = |peer| Ok((Arrived::Other { peer, frame_hash }, None, Vec::new()));
        let Content::Message(data) = &opened.content else { return other(peer) };
        let unreadable = |peer, error| Ok((Arrived::Unreadable { peer, error }, None, Vec::new()));
        match Payload::read(data) {
            Err(error) => unreadable(peer, error),
            Ok(Payload::Data(data)) => {
                let arrival = Arrival { peer: &peer, sid: *sid, frame_hash, data, accepted: *accepted };
                if let Err(reason) = admit(&arrival)? {
                    return Ok((Arrived::Refused { peer, reason }, None, Vec::new()));
                }
                let message = Incoming {
                    seq,
                    peer: peer.clone(),
                    sid: *sid,
                    frame_hash,
                    received: self.now,
                    began: accepted.map(|accepted| accepted.known),
                    given: false,
                    data: Zeroizing::new(data.to_vec()),
                };
                let name = self.vault.name(INCOMING, &seq.to_be_bytes());
                let mut items = vec![Item::write(name, None, message.write_as(false))];
                let message_hash = hash::sha256(&[data]);
                let opening = opening(self.settings, self.bytes, opened.transcript_hash, &opened.message_key)?;
                let kept = Kept { peer: peer.clone(), receipt: None, delivery: None, opening };
                items.extend(remember(self.vault, self.settings, &frame_hash, &message_hash, &kept, self.now)?);
                Ok((Arrived::Message { peer, sid: *sid, frame_hash }, Some(message), items))
            }
            Ok(Payload::Delivery(envelope)) => match self.delivered(&peer, envelope)? {
                Ok(item) => Ok((Arrived::Other { peer, frame_hash }, None, vec![item])),
                Err(error) => unreadable(peer, error),
            },
        }
    }

    /// A receipt of the peer's kernel, if it verifies and is for a message that was sent to this peer. The outer error is of
    /// the store.
    fn delivered(&self, peer: &str, envelope: &[u8]) -> Result<Result<Item, Error>, Error> {
        let frame_hash = match delivery::verify(envelope) {
            Ok(frame_hash) => frame_hash,
            Err(error) => return Ok(Err(error)),
        };
        let name = self.vault.name(MESSAGE, &frame_hash.0);
        Ok(match read_kept(self.vault, &frame_hash)? {
            Some((revision, kept)) if kept.peer == peer => {
                let kept = Kept { delivery: Some(envelope.to_vec()), ..kept };
                let end = lifetime(self.settings, &kept, self.now);
                Ok(Item::until(end, name, Some(revision), kept.write()))
            }
            _ => Err(unknown()),
        })
    }
}

/// Takes a sealing, with the frame among those that wait to go out and what else is to be written with it. Gives its place.
fn put_off(
    vault: &mut Vault,
    queue: &mut Queue<records::Outgoing>,
    last: u64,
    peer: &str,
    step: Step<'_, Sealed>,
    mut items: Vec<Item>,
) -> Result<u64, Error> {
    let seq = last.saturating_add(1);
    let frame = records::Outgoing::new(seq, peer.to_owned(), step.to_store().bytes.clone());
    items.push(Item::write(vault.name(OUTGOING, &seq.to_be_bytes()), None, frame.write()));
    vault.write(step.changes().into_iter().map(Item::from).chain(items))?;
    step.commit();
    queue.add(seq, frame.bytes.len(), 0, frame);
    Ok(seq)
}

fn unknown() -> Error {
    ErrorCode::ClientUnknownMessage.into()
}

fn read_kept(vault: &Vault, frame_hash: &Hash) -> Result<Option<(u64, Kept)>, Error> {
    let stored = vault.read(&vault.name(MESSAGE, &frame_hash.0))?;
    stored.map(|(revision, content)| Ok((revision, Kept::read(&content)?))).transpose()
}

/// What opens a message to an auditor, where that is kept.
fn opening(
    settings: &Settings,
    bytes: &[u8],
    transcript_hash: Hash,
    message_key: &MessageKey,
) -> Result<Option<Opening>, Error> {
    if settings.keep_ms == 0 {
        return Ok(None);
    }
    let frame = if is_container(bytes) { Container::parse(bytes)?.frame.bytes() } else { bytes };
    let message_key = MessageKey::from_bytes(message_key.expose());
    Ok(Some(Opening { frame: frame.to_vec(), transcript_hash, message_key }))
}

/// Until when what is remembered of a message is kept: with its opening no longer than that may be.
fn lifetime(settings: &Settings, kept: &Kept, now: u64) -> u64 {
    let ms = if kept.opening.is_some() { settings.keep_ms } else { settings.remember_ms };
    now.saturating_add(ms)
}

/// Remembers a message by its frame, and the frame by the message.
fn remember(
    vault: &Vault,
    settings: &Settings,
    frame_hash: &Hash,
    message_hash: &Hash,
    kept: &Kept,
    now: u64,
) -> Result<[Item; 2], Error> {
    let end = lifetime(settings, kept, now);
    let index = vault.name(INDEX, &message_hash.0);
    let replaces = vault.read(&index)?.map(|(revision, _)| revision);
    Ok([
        Item::until(end, vault.name(MESSAGE, &frame_hash.0), None, kept.write()),
        Item::until(end, index, replaces, records::write_index(frame_hash)),
    ])
}

/// What the agent says of itself, with the changes that go with it.
fn write_own(vault: &mut Vault, before: &Revised<Own>, own: Own, changes: Vec<Change>) -> Result<Revised<Own>, Error> {
    let item = Item::write(vault.name(OWN, &[]), Some(before.revision), own.write());
    vault.write(changes.into_iter().map(Item::from).chain([item]))?;
    Ok(Revised { revision: before.revision.saturating_add(1), value: own })
}

/// A statement, and when it ends.
fn statement(sign: &SigningKey, agree: &OurKey, now: u64) -> Result<(Unverified, u64), Error> {
    let validity = Validity { iat: now, exp: now.saturating_add(STATEMENT_MS) };
    Ok((published::sign_static_key(sign, agree, validity)?, validity.exp))
}

/// An agent that has never been: its agreement key, its statement, and no bundle yet.
fn fresh(sign: &SigningKey, vault: &mut Vault, now: u64) -> Result<Revised<Own>, Error> {
    let agree = OurKey::draw(&mut *vault.entropy)?;
    let (statement, statement_exp) = statement(sign, &agree, now)?;
    let statement = statement.to_envelope().canonical();
    let value = Own { agree, statement, statement_exp, bundle: Vec::new(), bundle_iat: 0, ids: 0 };
    vault.write([Item::write(vault.name(OWN, &[]), None, value.write())])?;
    Ok(Revised { revision: 0, value })
}
