//! The pure operations about sessions (`docs/spec/session.md`).

use crate::client::rules;
use crate::operations::{Output, verdict};
use std::collections::{BTreeMap, BTreeSet};
use talos_contracts::scalar::B64;
use talos_contracts::*;
use talos_crypto::dsse::Unverified;
use talos_crypto::{SigningKey, hash};
use talos_identity::Did;
use talos_session::published::{self, Validity, sign_static_key};
use talos_session::state::{Change, StoreKey};
use talos_session::{
    Agent, Begin, BundleTerms, Cause, Container, Content, Due, Frame, Given, Healing, Kind, Known, MessageKey,
    OneTimeTerms, OurKey, Received, Refused, Sealed, Secret, Sid, Step, Suite, is_container, opening,
};

/// Domain of the key under which a played agent keeps its state. It never leaves the call.
const STORE_DOMAIN: &str = "talos/session-play/1";
/// Bytes that the agents of a play may seal in all: a bucket turns an act of few bytes into 64 KiB.
const SEALED_BYTES: usize = 64 * 1024 * 1024;

pub(crate) fn verify_static_key(input: &SessionVerifyStaticKeyInput) -> Output {
    let check = || {
        let envelope = Unverified::from_envelope(&input.envelope);
        let verified = published::verify_static_key(&envelope, &Did::parse(&input.owner)?, input.now_ms)?;
        let agree = Some(B64(verified.agree().0));
        Ok(SessionVerifyStaticKeyOutput { valid: true, reason: None, agree }.canonical())
    };
    verdict(check())
}

pub(crate) fn verify_bundle(input: &SessionVerifyBundleInput) -> Output {
    let check = || {
        let envelope = Unverified::from_envelope(&input.envelope);
        let verified = published::verify_bundle(&envelope, &Did::parse(&input.owner)?, input.now_ms)?;
        let (hash, suites) = (Some(*verified.hash()), Some(verified.body().suites.clone()));
        Ok(SessionVerifyBundleOutput { valid: true, reason: None, hash, suites }.canonical())
    };
    verdict(check())
}

pub(crate) fn verify_one_time_key(input: &SessionVerifyOneTimeKeyInput) -> Output {
    let check = || {
        let envelope = Unverified::from_envelope(&input.envelope);
        let verified = published::verify_one_time_key(&envelope, &Did::parse(&input.owner)?, input.now_ms)?;
        let (id, hybrid) = (Some(verified.body().id.clone()), Some(verified.body().mlkem768.is_some()));
        Ok(SessionVerifyOneTimeKeyOutput { valid: true, reason: None, id, hybrid }.canonical())
    };
    verdict(check())
}

pub(crate) fn read_frame(input: &SessionReadFrameInput) -> Output {
    if !is_container(&input.bytes) {
        return Ok(shown(&Frame::parse(&input.bytes)?).canonical());
    }
    let container = Container::parse(&input.bytes)?;
    Ok(SessionReadFrameOutput {
        initiator: Some(container.initiator.as_str().to_owned()),
        responder: Some(container.responder.as_str().to_owned()),
        ..shown(&container.frame)
    }
    .canonical())
}

fn shown(frame: &Frame<'_>) -> SessionReadFrameOutput {
    let header = frame.header();
    SessionReadFrameOutput {
        kind: match header.kind {
            Kind::Message => SessionFrameKind::Message,
            Kind::Close => SessionFrameKind::Close,
            Kind::Reset => SessionFrameKind::Reset,
        },
        suite: header.suite.number().into(),
        sid: B64(header.sid.0),
        ratchet_key: B64(header.ratchet_key.0),
        previous: header.previous.into(),
        number: header.number.into(),
        frame_hash: frame.hash(),
        initiator: None,
        responder: None,
    }
}

pub(crate) fn open(input: &SessionOpenInput) -> Output {
    let check = || {
        let SessionOpening { frame, transcript_hash, message_key } = &input.opening;
        let key = MessageKey::from_bytes(message_key.expose());
        let data = opening::open(frame, &input.frame_hash, transcript_hash, &key)?;
        let frame = Frame::parse(frame)?;
        let data = (frame.header().kind == Kind::Message).then(|| data.to_vec());
        Ok(SessionOpenOutput { valid: true, reason: None, data, sid: Some(B64(frame.header().sid.0)) }.canonical())
    };
    verdict(check())
}

pub(crate) fn play(input: &SessionPlayInput) -> Output {
    let SessionPlay { agents, acts } = &input.play;
    let mut players = BTreeMap::new();
    for agent in agents {
        if players.insert(agent.name.as_str(), Player::new(agent)?).is_some() {
            return Err(value(format!("two agents are called {:?}", agent.name)));
        }
    }
    let (mut results, mut sealed) = (Vec::with_capacity(acts.len()), 0);
    for act in acts {
        let player = players.get_mut(act.agent.as_str());
        let player = player.ok_or_else(|| value(format!("no agent is called {:?}", act.agent)))?;
        let result = player.play(act)?;
        sealed += result.bytes.as_ref().map_or(0, Vec::len);
        if sealed > SEALED_BYTES {
            return Err(Error::new(ErrorCode::MalformedSize, "the agents seal more than 64 MiB"));
        }
        results.push(result);
    }
    let now = acts.last().map_or(0, |act| act.now_ms);
    let sessions = players.values().flat_map(|player| player.sessions(now)).collect();
    Ok(SessionPlayOutput { results, sessions }.canonical())
}

/// An agent of a play.
struct Player<'a> {
    about: &'a SessionAgent,
    agent: Agent,
    store: Store,
    /// The rows of the store, as they were when the agent saved them.
    saved: Option<Rows>,
    /// With whom it has dealt.
    peers: BTreeSet<String>,
}

impl<'a> Player<'a> {
    fn new(about: &'a SessionAgent) -> Result<Self, Error> {
        Ok(Player { about, agent: agent(about)?, store: Store::new(about), saved: None, peers: BTreeSet::new() })
    }

    /// One act. What the agent refuses is a result; an act that lacks what it needs is an error.
    fn play(&mut self, act: &SessionAct) -> Result<SessionResult, Error> {
        let mut entropy = Given(act.entropy.as_deref().unwrap_or_default());
        let (now, sid) = (act.now_ms, act.sid.map(|B64(sid)| Sid(sid)));
        let played = match act.act {
            SessionActKind::Bundle => {
                let suites = needed(act.suites.as_deref(), "suites")?;
                let pq_id = if suites.contains(&2) { needed(act.pq_id.as_deref(), "pq_id")? } else { "" };
                self.bundle(suites, needed(act.id.as_deref(), "id")?, pq_id, validity(act)?, &mut entropy)
            }
            SessionActKind::OneTimeKey => {
                let (id, hybrid) = (needed(act.id.as_deref(), "id")?, act.hybrid.unwrap_or(false));
                self.one_time_key(OneTimeTerms { id, hybrid, validity: validity(act)? }, &mut entropy)
            }
            SessionActKind::Begin => {
                let (peer, bundle) = (needed(act.peer.as_deref(), "peer")?, needed(act.bundle.as_ref(), "bundle")?);
                self.begin(peer, bundle, act, &mut entropy)
            }
            SessionActKind::Seal => {
                let (sid, data) = (needed(sid, "sid")?, needed(act.data.as_deref(), "data")?);
                self.seal(|agent, entropy| agent.seal(&sid, data, now, entropy), &mut entropy)
            }
            SessionActKind::Close => {
                let sid = needed(sid, "sid")?;
                self.seal(|agent, entropy| agent.close(&sid, now, entropy), &mut entropy)
            }
            SessionActKind::Reset => {
                let sid = needed(sid, "sid")?;
                self.seal(|agent, entropy| agent.reset(&sid, now, entropy), &mut entropy)
            }
            SessionActKind::Receive => self.receive(needed(act.bytes.as_deref(), "bytes")?, now),
            SessionActKind::Export => {
                let (label, length) = (needed(act.label.as_deref(), "label")?, needed(act.length, "length")?);
                self.export(&needed(sid, "sid")?, label, length, now)
            }
            SessionActKind::Due => Ok(self.due(needed(act.peer.as_deref(), "peer")?, now)),
            SessionActKind::Sweep => self.sweep(now),
            SessionActKind::Save => {
                self.saved = Some(self.store.rows.clone());
                Ok(done())
            }
            SessionActKind::Restore => {
                let saved = self.saved.clone();
                self.restore(saved.ok_or_else(|| value("the agent has saved nothing"))?)?;
                Ok(done())
            }
        };
        match played {
            Err(refused) if refused.code() == ErrorCode::InternalFault => Err(value(refused.error.detail)),
            Ok(_) if !entropy.0.is_empty() => Err(value("the act draws fewer random bytes than it is given")),
            Ok(result) => Ok(result),
            Err(refused) => Ok(told(refused)),
        }
    }

    fn bundle(
        &mut self,
        suites: &[u64],
        spk_id: &str,
        pq_id: &str,
        validity: Validity,
        entropy: &mut Given<'_>,
    ) -> Result<SessionResult, Refused> {
        let terms = BundleTerms { suites: &known(suites)?, spk_id, pq_id, validity };
        let envelope = self.store.take(self.agent.make_bundle(&sign_key(self.about), terms, entropy))?;
        Ok(SessionResult { envelope: Some(envelope.to_envelope()), ..done() })
    }

    fn one_time_key(&mut self, terms: OneTimeTerms<'_>, entropy: &mut Given<'_>) -> Result<SessionResult, Refused> {
        let envelope = self.store.take(self.agent.make_one_time_key(&sign_key(self.about), terms, entropy))?;
        Ok(SessionResult { envelope: Some(envelope.to_envelope()), ..done() })
    }

    fn begin(
        &mut self,
        peer: &str,
        bundle: &Envelope,
        act: &SessionAct,
        entropy: &mut Given<'_>,
    ) -> Result<SessionResult, Refused> {
        let (owner, now) = (Did::parse(peer)?, act.now_ms);
        let bundle = published::verify_bundle(&Unverified::from_envelope(bundle), &owner, now)?;
        let one_time_key = act.one_time_key.as_ref().map(Unverified::from_envelope);
        let one_time_key = one_time_key.map(|key| published::verify_one_time_key(&key, &owner, now)).transpose()?;
        let heals = act.cause.map(|cause| Healing { cause: cause_of(cause), afresh: act.afresh.unwrap_or(false) });
        let begin = Begin { bundle: &bundle, one_time_key: one_time_key.as_ref(), heals };
        let begun = self.store.take(self.agent.begin(begin, now, entropy))?;
        self.peers.insert(peer.to_owned());
        Ok(SessionResult { sid: Some(B64(begun.sid.0)), suite: Some(begun.suite.number().into()), ..done() })
    }

    fn seal(
        &mut self,
        seal: impl for<'s, 'e> FnOnce(&'s mut Agent, &'s mut Given<'e>) -> Result<Step<'s, Sealed>, Error>,
        entropy: &mut Given<'_>,
    ) -> Result<SessionResult, Refused> {
        let sealed = self.store.take(seal(&mut self.agent, entropy))?;
        Ok(SessionResult {
            sid: Some(B64(sealed.sid.0)),
            bytes: Some(sealed.bytes),
            frame_hash: Some(sealed.frame_hash),
            message_key: Some(Seed::new(*sealed.message_key.expose())),
            ..done()
        })
    }

    fn receive(&mut self, bytes: &[u8], now: u64) -> Result<SessionResult, Refused> {
        let Received { sid, peer, opened, accepted } = self.store.take(self.agent.receive(bytes, now))?;
        self.peers.insert(peer.clone());
        let (content, data, missing) = match opened.content {
            Content::Message(data) => (SessionContent::Message, Some(data.to_vec()), None),
            Content::Close { missing } => (SessionContent::Close, None, Some(missing as u64)),
            Content::Reset => (SessionContent::Reset, None, None),
        };
        Ok(SessionResult {
            sid: Some(B64(sid.0)),
            frame_hash: Some(opened.frame_hash),
            message_key: Some(Seed::new(*opened.message_key.expose())),
            peer: Some(peer),
            content: Some(content),
            data,
            missing,
            known: accepted.map(|accepted| match accepted.known {
                Known::First => SessionKnown::First,
                Known::Renewed => SessionKnown::Renewed,
                Known::Fresh => SessionKnown::Fresh,
            }),
            one_time_key: accepted.map(|accepted| accepted.one_time_key),
            ..done()
        })
    }

    fn export(&self, sid: &Sid, label: &str, length: u64, now: u64) -> Result<SessionResult, Refused> {
        // A length that is too large for this machine is too large for an exporter.
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let exported = self.agent.export(sid, label, length, now)?;
        Ok(SessionResult { value: Some(exported.to_vec()), ..done() })
    }

    fn due(&self, peer: &str, now: u64) -> SessionResult {
        let (due, sid) = match self.agent.due(peer, now) {
            Some(Due::Renewal(sid)) => (Some(SessionDue::Renewal), Some(sid)),
            Some(Due::Retry { waiting, .. }) => (Some(SessionDue::Retry), Some(waiting)),
            None => (None, None),
        };
        SessionResult { due, sid: sid.map(|sid| B64(sid.0)), ..done() }
    }

    fn sweep(&mut self, now: u64) -> Result<SessionResult, Refused> {
        let step: Result<_, Error> = Ok(self.agent.sweep(now));
        let erased = self.store.take(step)?;
        Ok(SessionResult { erased: Some(erased.len() as u64), ..done() })
    }

    /// The agent as it starts again on rows of a backup.
    fn restore(&mut self, rows: Rows) -> Result<(), Error> {
        self.agent = agent(self.about)?;
        self.store.rows = rows;
        for (name, row) in &self.store.rows {
            self.agent.load(row.revision, &self.store.key.decrypt(name, row.revision, &row.blob)?)?;
        }
        Ok(())
    }

    fn sessions(&self, now: u64) -> Vec<SessionSeen> {
        let of_peer = |peer: &String| {
            let current = self.agent.current(peer, now);
            let seen = move |session: &talos_session::Session| SessionSeen {
                agent: self.about.name.clone(),
                sid: B64(session.sid().0),
                peer: session.peer().to_owned(),
                suite: session.suite().number().into(),
                initiator: session.is_initiator(),
                answered: session.is_answered(),
                retired: session.is_retired(),
                current: current == Some(session.sid()),
                missing: session.missing() as u64,
                transcript_hash: session.transcript_hash(),
            };
            self.agent.sessions(peer, now).map(seen).collect::<Vec<_>>()
        };
        let mut seen: Vec<SessionSeen> = self.peers.iter().flat_map(of_peer).collect();
        seen.sort_by_key(|session| session.sid);
        seen
    }
}

/// What a store keeps of an agent, by the name of the record.
type Rows = BTreeMap<[u8; 16], Row>;

#[derive(Clone)]
struct Row {
    revision: u64,
    blob: Vec<u8>,
}

/// The store of a played agent: in memory, in the form of section 11.
struct Store {
    key: StoreKey,
    rows: Rows,
    /// How many blobs were written: their nonces.
    written: u64,
}

impl Store {
    fn new(about: &SessionAgent) -> Self {
        let B64(key) = hash::tagged(STORE_DOMAIN, &[about.seed.expose()]);
        Store { key: StoreKey::new(Secret::from_bytes(&key)), rows: Rows::new(), written: 0 }
    }

    /// Stores what a step changes, and then takes it.
    fn take<T>(&mut self, step: Result<Step<'_, T>, impl Into<Refused>>) -> Result<T, Refused> {
        let step = step.map_err(Into::into)?;
        for change in step.changes() {
            self.write(&change)?;
        }
        Ok(step.commit())
    }

    fn write(&mut self, change: &Change) -> Result<(), Error> {
        let name = change.record.name();
        if self.rows.get(&name).map(|row| row.revision) != change.replaces {
            return Err(Error::new(ErrorCode::StoreCorrupt, "the agent replaces another revision than the stored one"));
        }
        let Some(content) = &change.content else {
            self.rows.remove(&name);
            return Ok(());
        };
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&self.written.to_be_bytes());
        self.written += 1;
        let revision = change.revision();
        let blob = self.key.encrypt(&name, revision, &nonce, content)?;
        self.rows.insert(name, Row { revision, blob });
        Ok(())
    }
}

fn sign_key(about: &SessionAgent) -> SigningKey {
    SigningKey::from_seed(about.seed.expose())
}

/// An agent without sessions, and with a statement of its own.
fn agent(about: &SessionAgent) -> Result<Agent, Error> {
    let (sign, agree) = (sign_key(about), OurKey::from_secret(Secret::from_bytes(about.agree.expose())));
    let statement = sign_static_key(&sign, &agree, Validity { iat: about.iat, exp: about.exp })?;
    let rules = rules(&about.rules.clone().unwrap_or_default()).map_err(|error| value(error.detail))?;
    Agent::new(Did::of(&sign.verifying_key()), agree, &statement, rules)
}

fn known(suites: &[u64]) -> Result<Vec<Suite>, Error> {
    // INVARIANT: the contract has numbers of sixteen bits.
    suites.iter().map(|number| Suite::from_number(u16::try_from(*number).unwrap_or(u16::MAX))).collect()
}

fn cause_of(cause: SessionCause) -> Cause {
    match cause {
        SessionCause::Fork => Cause::Fork,
        SessionCause::Reset => Cause::Reset,
        SessionCause::Failures => Cause::Failures,
        SessionCause::Unanswered => Cause::Unanswered,
    }
}

fn validity(act: &SessionAct) -> Result<Validity, Error> {
    Ok(Validity { iat: needed(act.iat, "iat")?, exp: needed(act.exp, "exp")? })
}

fn done() -> SessionResult {
    SessionResult { ok: true, ..SessionResult::default() }
}

fn told(refused: Refused) -> SessionResult {
    let code = Some(refused.code());
    let Some(fork) = refused.fork else { return SessionResult { code, ..SessionResult::default() } };
    SessionResult {
        code,
        sid: Some(B64(fork.sid.0)),
        frame_hash: Some(fork.frame_hash),
        before: fork.before,
        ..SessionResult::default()
    }
}

fn value(why: impl Into<String>) -> Error {
    Error::new(ErrorCode::MalformedValue, why)
}

fn needed<T>(member: Option<T>, name: &str) -> Result<T, Error> {
    member.ok_or_else(|| Error::new(ErrorCode::MalformedMemberMissing, format!("the act needs {name}")))
}
