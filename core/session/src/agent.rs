//! An agent and all of its sessions (`docs/spec/session.md`, sections 6 to 9).
//!
//! Each verb gives a [`Step`]: what has to be stored, and what may be released once it is.

use crate::container::{Container, is_container};
use crate::error::{Refused, unauthentic};
use crate::frame::{Frame, Kind};
use crate::keys::{OurKey, Sid};
use crate::limits::{
    ALL_SESSIONS, BUCKET, FAILED_CONTAINERS, FAILED_FRAMES, FAILED_IN_ROW, FAILED_RENEWALS, FORK_MS, GRACE_MS,
    HEALING_MS, HOUR_MS, MAX_BUCKET, MINUTE_MS, SESSIONS, STRANGERS_IN_HOUR,
};
use crate::published::OwnStatement;
use crate::random::Entropy;
use crate::records::{ByPeer, Kept, PerBundle, Records};
use crate::session::{Content, Opened, Sealed, Session, Side};
use crate::state::{self, KeptBundle, KeptOneTimeKey, Peer, Record};
use crate::step::{Delta, Step};
use crate::suite::Suite;
use std::collections::BTreeMap;
use talos_contracts::scalar::Hash;
use talos_contracts::{Error, ErrorCode};
use talos_crypto::dsse::Unverified;
use talos_identity::Did;
use zeroize::Zeroizing;

/// What the policy of an agent says of sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The suites that are allowed.
    pub suites: Vec<Suite>,
    /// Whether a peer with whom there is a session has to renew it rather than begin afresh.
    pub continuity: bool,
    /// What plaintexts are padded to a multiple of: a multiple of 64 up to 65,536.
    pub bucket: usize,
    /// How many sessions there may be before no handshake of a stranger is accepted.
    pub sessions: usize,
    /// How many handshakes of strangers are accepted in an hour.
    pub strangers: u32,
}

impl Default for Rules {
    fn default() -> Self {
        let suites = Suite::ALL.to_vec();
        Rules { suites, continuity: false, bucket: BUCKET, sessions: ALL_SESSIONS, strangers: STRANGERS_IN_HOUR }
    }
}

/// How many there were in a minute or an hour of now, counted from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Count<const MS: u64> {
    pub(crate) period: u64,
    pub(crate) count: u32,
}

pub(crate) type PerMinute = Count<MINUTE_MS>;
pub(crate) type PerHour = Count<HOUR_MS>;

impl<const MS: u64> Count<MS> {
    pub(crate) fn count(&mut self, now: u64) {
        let before = self.at(now);
        *self = Count { period: now / MS, count: before.saturating_add(1) };
    }

    pub(crate) fn at(&self, now: u64) -> u32 {
        if self.period == now / MS { self.count } else { 0 }
    }
}

/// Failures that concern a session, counted in memory.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Failures {
    /// Its frames.
    frames: PerMinute,
    /// Its frames since the last that opened.
    pub(crate) in_row: u32,
    /// Containers that name it as the session that they renew.
    renewals: PerMinute,
    /// When a second frame of one key was last called a fork.
    forked: Option<u64>,
}

impl Failures {
    /// Whether a second frame of one key is called a fork: once an hour (section 7.1).
    fn may_fork(&mut self, now: u64) -> bool {
        let may = self.forked.is_none_or(|last| is_past(last, FORK_MS, now));
        if may {
            self.forked = Some(now);
        }
        may
    }
}

/// Whether so much time has passed. One that lies in the future has passed: the clock was wrong then.
fn is_past(time: u64, ms: u64, now: u64) -> bool {
    now < time || now >= time.saturating_add(ms)
}

/// An agent, its published keys, and its sessions with all of its peers.
pub struct Agent {
    pub(crate) did: Did,
    pub(crate) agree: OurKey,
    pub(crate) statement: OwnStatement,
    pub(crate) rules: Rules,
    pub(crate) sessions: Records<Sid, Session, ByPeer>,
    pub(crate) peers: Records<String, Peer>,
    pub(crate) bundles: Records<Hash, KeptBundle>,
    pub(crate) one_time_keys: Records<String, KeptOneTimeKey>,
    pub(crate) handshakes: Records<Hash, Hash, PerBundle>,
    pub(crate) failures: BTreeMap<Sid, Failures>,
    /// Containers that failed and name no session.
    pub(crate) containers: PerMinute,
    /// Handshakes of strangers that were accepted.
    pub(crate) strangers: PerHour,
}

/// What was received, once it is committed.
pub struct Received {
    /// The session.
    pub sid: Sid,
    /// Who sent it.
    pub peer: String,
    /// What was in the frame, its hash and its key.
    pub opened: Opened,
    /// Whether the frame began the session, and what is known of the peer; for the receipt.
    pub accepted: Option<Accepted>,
}

/// How a session began at the responder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Whether a one-time key was used: if not, its first messages depend on the bundle's keys until their grace is over.
    pub one_time_key: bool,
    /// What is known of the peer.
    pub known: Known,
}

/// What is known of a peer that began a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// There was no answered session with it.
    First,
    /// It renewed a session, so it is whom that session was with.
    Renewed,
    /// There was an answered session with it, and this one does not follow from it.
    Fresh,
}

/// What was begun, once it is committed. Nothing goes out before the first frame is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begun {
    /// The session.
    pub sid: Sid,
    /// Its suite.
    pub suite: Suite,
}

/// What a peer needs from this side now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// The current session is to be renewed (section 8.3).
    Renewal(Sid),
    /// A renewal has waited an hour for its answer, and may be tried again or replaced (section 8.5).
    Retry {
        /// The renewal that was not answered.
        waiting: Sid,
        /// The session that it renews.
        renews: Sid,
    },
}

impl Agent {
    /// An agent without sessions. The statement is of this agreement key, which [`Agent::begin`] checks; it goes out in containers.
    pub fn new(did: Did, agree: OurKey, statement: &Unverified, rules: Rules) -> Result<Self, Error> {
        let statement = OwnStatement::read(statement)?;
        let bucket = rules.bucket;
        if bucket == 0 || bucket > MAX_BUCKET || !bucket.is_multiple_of(BUCKET) {
            return Err(Error::new(ErrorCode::MalformedValue, "a bucket is a multiple of 64, up to 65,536"));
        }
        Ok(Agent {
            did,
            agree,
            statement,
            rules,
            sessions: Records::default(),
            peers: Records::default(),
            bundles: Records::default(),
            one_time_keys: Records::default(),
            handshakes: Records::default(),
            failures: BTreeMap::new(),
            containers: PerMinute::default(),
            strangers: PerHour::default(),
        })
    }

    /// Replaces the statement, before it ends. Containers of sessions that are begun keep the one they have.
    pub fn set_statement(&mut self, statement: &Unverified) -> Result<(), Error> {
        self.statement = OwnStatement::read(statement)?;
        Ok(())
    }

    /// Takes a record from the store: all of them when the agent starts, and those that another process has written.
    pub fn load(&mut self, revision: u64, content: &[u8]) -> Result<Record, Error> {
        let content = state::Content::read(content)?;
        let record = content.record();
        match content {
            state::Content::Session(session) => {
                self.sessions.insert(session.sid, Kept { revision, value: *session });
            }
            state::Content::Peer(did, value) => {
                self.peers.insert(did, Kept { revision, value });
            }
            state::Content::Bundle(value) => {
                self.bundles.insert(value.hash, Kept { revision, value });
            }
            state::Content::OneTimeKey(value) => {
                self.one_time_keys.insert(value.id.clone(), Kept { revision, value });
            }
            state::Content::Handshake { th, bundle } => {
                self.handshakes.insert(th, Kept { revision, value: bundle });
            }
        }
        Ok(record)
    }

    /// Forgets a record that another process has erased from the store.
    pub fn forget(&mut self, record: &Record) {
        match record {
            Record::Session(sid) => {
                self.sessions.remove(sid);
                self.failures.remove(sid);
            }
            Record::Peer(did) => drop(self.peers.remove(did)),
            Record::Bundle(hash) => drop(self.bundles.remove(hash)),
            Record::OneTimeKey(id) => drop(self.one_time_keys.remove(id)),
            Record::Handshake(th) => drop(self.handshakes.remove(th)),
        }
    }

    /// Who it is.
    pub fn did(&self) -> &Did {
        &self.did
    }

    /// The session on which it sends to a peer.
    pub fn current(&self, peer: &str, now: u64) -> Option<Sid> {
        let sid = self.peers.get(peer)?.value.current?;
        self.session(&sid, now).filter(|session| !session.is_retired()).map(|session| session.sid)
    }

    /// A session that is not over.
    pub fn session(&self, sid: &Sid, now: u64) -> Option<&Session> {
        self.sessions.get(sid).map(|kept| &kept.value).filter(|session| !session.is_over(now))
    }

    /// What its policy says of sessions.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The peers of whom something is known.
    pub fn peers(&self) -> impl Iterator<Item = &str> {
        self.peers.keys().map(String::as_str)
    }

    /// All sessions that are not over.
    pub fn all_sessions(&self, now: u64) -> impl Iterator<Item = &Session> {
        self.sessions.values().map(|kept| &kept.value).filter(move |session| !session.is_over(now))
    }

    /// The sessions with a peer that are not over.
    pub fn sessions(&self, peer: &str, now: u64) -> impl Iterator<Item = &Session> {
        self.kept_with(peer).filter(move |session| !session.is_over(now))
    }

    fn kept_with(&self, peer: &str) -> impl Iterator<Item = &Session> {
        self.sessions.index.of(peer).filter_map(|sid| self.sessions.get(sid)).map(|kept| &kept.value)
    }

    pub(crate) fn known(&self, sid: &Sid, now: u64) -> Result<&Session, Error> {
        self.session(sid, now).ok_or_else(|| ErrorCode::SessionUnknown.into())
    }

    pub(crate) fn peer(&self, did: &str) -> Peer {
        self.peers.get(did).map(|kept| kept.value.clone()).unwrap_or_default()
    }

    /// Seals a message in a session (section 6): usually the [current](Agent::current) one with a peer.
    pub fn seal(
        &mut self,
        sid: &Sid,
        data: &[u8],
        now: u64,
        entropy: &mut dyn Entropy,
    ) -> Result<Step<'_, Sealed>, Error> {
        self.sealing(sid, Kind::Message, data, now, entropy)
    }

    /// Says that this side is done, and retires the session (section 8.4).
    pub fn close(&mut self, sid: &Sid, now: u64, entropy: &mut dyn Entropy) -> Result<Step<'_, Sealed>, Error> {
        self.sealing(sid, Kind::Close, &[], now, entropy)
    }

    /// Says that this side cannot read what the peer sends, and retires the session (section 8.4).
    pub fn reset(&mut self, sid: &Sid, now: u64, entropy: &mut dyn Entropy) -> Result<Step<'_, Sealed>, Error> {
        let session = self.known(sid, now)?;
        if session.is_retired() {
            return Err(ErrorCode::SessionClosed.into());
        }
        if !self.has_failed(session) {
            return Err(Error::new(ErrorCode::SessionLimit, "fewer than 20 frames failed since the last that opened"));
        }
        if !self.may_heal(&session.peer, now) {
            return Err(Error::new(ErrorCode::SessionLimit, "a handshake that heals was begun less than an hour ago"));
        }
        let did = session.peer.clone();
        let peer = Peer { healed: Some(now), ..self.peer(&did) };
        let mut step = self.sealing(sid, Kind::Reset, &[], now, entropy)?;
        step.delta.peers.insert(did, Some(peer));
        Ok(step)
    }

    /// Whether a session that has opened some has failed to open the last 20.
    pub(crate) fn has_failed(&self, session: &Session) -> bool {
        let in_row = self.failures.get(&session.sid).map_or(0, |failures| failures.in_row);
        session.opened.is_some() && in_row >= FAILED_IN_ROW
    }

    fn sealing(
        &mut self,
        sid: &Sid,
        kind: Kind,
        data: &[u8],
        now: u64,
        entropy: &mut dyn Entropy,
    ) -> Result<Step<'_, Sealed>, Error> {
        let (next, sealed) = self.known(sid, now)?.sealed(kind, data, self.rules.bucket, now, entropy)?;
        let mut delta = Delta::default();
        delta.sessions.insert(*sid, Some(next));
        Ok(Step { agent: self, delta, released: sealed })
    }

    /// Takes what came from the network: a frame, or a container with the frame that may begin a session.
    pub fn receive(&mut self, bytes: &[u8], now: u64) -> Result<Step<'_, Received>, Refused> {
        if !is_container(bytes) {
            return self.route(&Frame::parse(bytes)?, now);
        }
        let container = Container::parse(bytes)?;
        if container.responder != self.did || container.initiator == self.did {
            return Err(Error::new(ErrorCode::SessionRecipient, "the container is for another agent").into());
        }
        if let Some(session) = self.session(&container.frame.header().sid, now) {
            let began = matches!(&session.side, Side::Responder { head } if *head == container.head_hash());
            if !began {
                // Not counted as a failed frame: the frame was not looked at.
                return Err(unauthentic("the head is not the one that began the session").into());
            }
            return self.route(&container.frame, now);
        }
        let checked = self.checked(&container, now)?;
        let throttled = match &container.renews {
            Some(old) => self.failures.get(old).is_some_and(|failures| failures.renewals.at(now) >= FAILED_RENEWALS),
            None => self.containers.at(now) >= FAILED_CONTAINERS,
        };
        if throttled {
            return Err(ErrorCode::SessionThrottled.into());
        }
        match self.accepted(&container, &checked, now) {
            Ok((delta, released)) => Ok(Step { agent: self, delta, released }),
            Err(refused) => {
                match container.renews {
                    Some(old) => self.failures.entry(old).or_default().renewals.count(now),
                    None => self.containers.count(now),
                }
                Err(refused)
            }
        }
    }

    /// Section 7, for a frame of a session that is there.
    fn route(&mut self, frame: &Frame<'_>, now: u64) -> Result<Step<'_, Received>, Refused> {
        let sid = frame.header().sid;
        let session = self.known(&sid, now)?;
        let may_skip = self.failures.get(&sid).is_none_or(|failures| failures.frames.at(now) < FAILED_FRAMES);
        match session.opened(frame, may_skip, now) {
            Ok((next, opened)) => {
                let received = Received { sid, peer: next.peer.clone(), opened, accepted: None };
                let delta = self.after_opening(next, now);
                Ok(Step { agent: self, delta, released: received })
            }
            Err(mut refused) => {
                if refused.is_second_frame() && !self.failures.entry(sid).or_default().may_fork(now) {
                    refused = unauthentic("a second frame of a message key, one of several in an hour").into();
                }
                if refused.is_failure() {
                    let failures = self.failures.entry(sid).or_default();
                    failures.frames.count(now);
                    failures.in_row = failures.in_row.saturating_add(1);
                }
                Err(refused)
            }
        }
    }

    /// What a frame that opened changes beside its session (sections 8.1 to 8.3).
    fn after_opening(&self, next: Session, now: u64) -> Delta {
        let mut delta = Delta { opened: Some(next.sid), ..Delta::default() };
        let before = self.sessions.get(&next.sid).is_none_or(|kept| kept.value.is_answered());
        if !before && let Some(old) = next.renews().and_then(|sid| self.session(&sid, now)) {
            // The renewal is answered.
            delta.sessions.insert(old.sid, Some(renewed(old, now)));
        }
        if !next.is_retired() {
            let mut peer = self.peer(&next.peer);
            let current = self.current(&next.peer, now).and_then(|sid| self.session(&sid, now));
            let waits = |current: &Session| !current.is_answered() && current.renews() == Some(next.sid);
            if peer.current != Some(next.sid) && !current.is_some_and(waits) {
                peer.current = Some(next.sid);
                delta.peers.insert(next.peer.clone(), Some(peer));
            }
        }
        delta.sessions.insert(next.sid, Some(next));
        delta
    }

    /// Makes room for one more session with a peer (section 8.1): erases those that are over, and one if there are too many.
    /// Those to keep are the current one and the one that is renewed.
    pub(crate) fn make_room(&self, peer: &str, keep: [Option<Sid>; 2], now: u64, delta: &mut Delta) {
        let mut kept: Vec<&Session> = Vec::new();
        for session in self.kept_with(peer) {
            if session.is_over(now) {
                delta.sessions.insert(session.sid, None);
            } else {
                kept.push(session);
            }
        }
        if kept.len() < SESSIONS {
            return;
        }
        // As they are after this step: what it retires counts as retired.
        let is_retired = |s: &Session| delta.sessions.get(&s.sid).and_then(Option::as_ref).unwrap_or(s).is_retired();
        let class = |session: &Session| match (is_retired(session), session.is_answered()) {
            (true, _) => 0,
            (false, false) => 1,
            (false, true) => 2,
        };
        let rank = |session: &&&Session| (class(session), session.opened.unwrap_or(session.created), session.sid);
        let first = kept.iter().filter(|session| !keep.contains(&Some(session.sid))).min_by_key(rank);
        if let Some(first) = first.map(|session| session.sid) {
            delta.sessions.insert(first, None);
        }
    }

    /// What is over and has to be erased before a stranger has a place; none where there is no place (section 8.1).
    pub(crate) fn place_for_stranger(&self, now: u64) -> Option<Vec<Sid>> {
        let too_many = (self.sessions.len() + 1).saturating_sub(self.rules.sessions);
        let over: Vec<Sid> = self.sessions.index.over(now).take(too_many).collect();
        (over.len() == too_many).then_some(over)
    }

    /// What is due towards a peer at a time.
    pub fn due(&self, peer: &str, now: u64) -> Option<Due> {
        let session = self.session(&self.current(peer, now)?, now)?;
        match session.side {
            Side::Initiator { renews: Some(renews), head: Some(_), .. }
                if now >= session.created.saturating_add(HOUR_MS) && self.may_heal(peer, now) =>
            {
                Some(Due::Retry { waiting: session.sid, renews })
            }
            _ if session.is_answered() && session.has_reached(1, now) => Some(Due::Renewal(session.sid)),
            _ => None,
        }
    }

    /// Whether an hour has passed since the last handshake that heals, or reset notice (section 8.5).
    pub(crate) fn may_heal(&self, peer: &str, now: u64) -> bool {
        let last = self.peers.get(peer).and_then(|kept| kept.value.healed);
        last.is_none_or(|last| is_past(last, HEALING_MS, now))
    }

    /// exporter(label, L) of a session (section 9).
    pub fn export(&self, sid: &Sid, label: &str, len: usize, now: u64) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.known(sid, now)?.export(label, len)
    }

    /// Erases what is over: sessions, prekeys after their grace, what was remembered for them, peers of whom nothing is left.
    /// A host calls it now and then; between two calls, what is over is treated as if it were gone.
    pub fn sweep(&mut self, now: u64) -> Step<'_, Vec<Record>> {
        let mut delta = Delta::default();
        delta.sessions.extend(self.sessions.index.over(now).map(|sid| (sid, None)));
        for (hash, kept) in self.bundles.iter() {
            if is_past_grace(kept.value.exp, now) {
                delta.bundles.insert(*hash, None);
            }
        }
        for (id, kept) in self.one_time_keys.iter() {
            if is_past_grace(kept.value.exp, now) {
                delta.one_time_keys.insert(id.clone(), None);
            }
        }
        for (th, kept) in self.handshakes.iter() {
            let bundle = self.bundles.get(&kept.value);
            if bundle.is_none_or(|bundle| is_past_grace(bundle.value.exp, now)) {
                delta.handshakes.insert(*th, None);
            }
        }
        for (did, kept) in self.peers.iter() {
            let recent = |time: &u64| now < time.saturating_add(HOUR_MS);
            let peer = &kept.value;
            let remembered = peer.fresh.iter().chain(&peer.healed).any(recent);
            if !remembered && self.sessions(did, now).next().is_none() {
                delta.peers.insert(did.clone(), None);
            } else if peer.current.is_some_and(|sid| self.session(&sid, now).is_none()) {
                delta.peers.insert(did.clone(), Some(Peer { current: None, ..peer.clone() }));
            }
        }
        let erased = delta.sessions.keys().map(|sid| Record::Session(*sid));
        let erased = erased.chain(delta.bundles.keys().map(|hash| Record::Bundle(*hash)));
        let erased = erased.chain(delta.one_time_keys.keys().map(|id| Record::OneTimeKey(id.clone()))).collect();
        Step { agent: self, delta, released: erased }
    }
}

/// Whether private prekeys that ended then are to be erased (section 2.5).
pub(crate) fn is_past_grace(exp: u64, now: u64) -> bool {
    now >= exp.saturating_add(GRACE_MS)
}

pub(crate) fn retired(session: &Session, now: u64) -> Session {
    let mut next = session.copy();
    next.retire(now);
    next
}

pub(crate) fn renewed(session: &Session, now: u64) -> Session {
    let mut next = session.copy();
    next.retire_renewed(now);
    next
}

impl Received {
    /// The data, where it is a message.
    pub fn data(&self) -> Option<&[u8]> {
        match &self.opened.content {
            Content::Message(data) => Some(data),
            _ => None,
        }
    }
}
