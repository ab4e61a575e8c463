//! Beginning a session: the initiator's side and the responder's (`docs/spec/session.md`, sections 3.1 and 3.5).

use crate::agent::{Accepted, Agent, Begun, Known, Received, is_past_grace, renewed, retired};
use crate::container::{Container, Head, head_hash};
use crate::error::{Refused, unauthentic};
use crate::handshake::{Agreement, Transcript};
use crate::keys::{OurKem, OurKey, TheirKem, TheirKey};
use crate::limits::{FRESH_IN_HOUR, GRACE_MS, HOUR_MS, REMEMBERED, RENEWALS_IN_HOUR};
use crate::published::{self, VerifiedBundle, VerifiedOneTimeKey};
use crate::random::{self, Entropy};
use crate::ratchet::Ratchet;
use crate::session::{Session, Side};
use crate::state::{KeptBundle, KeptOneTimeKey};
use crate::step::{Delta, Step};
use crate::suite::Suite;
use subtle::ConstantTimeEq;
use talos_contracts::scalar::B64;
use talos_contracts::{Error, ErrorCode};
use talos_crypto::dsse::Unverified;

/// With what a handshake begins.
#[derive(Clone, Copy)]
pub struct Begin<'a> {
    /// The bundle of the peer.
    pub bundle: &'a VerifiedBundle,
    /// A one-time key of the peer, if the directory had one.
    pub one_time_key: Option<&'a VerifiedOneTimeKey>,
    /// Where the handshake heals (section 8.5): at most one an hour.
    pub heals: Option<Healing>,
}

/// A handshake that heals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Healing {
    /// Why.
    pub cause: Cause,
    /// Whether it names no session that it renews, although there is one: for a peer that has lost its own.
    pub afresh: bool,
}

/// Why a handshake heals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A frame was `session.fork`.
    Fork,
    /// A reset notice was opened.
    Reset,
    /// The last 20 frames of a session that has opened some have failed.
    Failures,
    /// A renewal has waited an hour for its answer.
    Unanswered,
}

/// What the handshake takes from the bundle and the one-time key.
struct Prekeys<'a> {
    spk: TheirKey,
    opk: Option<TheirKey>,
    opk_id: &'a str,
    pq: Option<(&'a str, &'a [u8], TheirKem)>,
}

impl<'a> Prekeys<'a> {
    fn choose(suite: Suite, begin: &Begin<'a>) -> Result<Self, Error> {
        let body = begin.bundle.body();
        let one_time = begin.one_time_key.map(VerifiedOneTimeKey::body);
        let last_resort = || body.pq.as_ref().map(|pq| (pq.id.as_str(), &pq.key.0[..]));
        let own = one_time.and_then(|key| key.mlkem768.as_ref().map(|kem| (key.id.as_str(), &kem.0[..])));
        let pq = match suite {
            Suite::X25519 => None,
            Suite::Hybrid => {
                // INVARIANT: a bundle that offers suite 2 has a key of last resort (published::check_bundle).
                let (id, bytes) = own.or_else(last_resort).ok_or(ErrorCode::InternalFault)?;
                Some((id, bytes, TheirKem::from_bytes(bytes)?))
            }
        };
        Ok(Prekeys {
            spk: TheirKey(body.spk.key.0),
            opk: one_time.map(|key| TheirKey(key.x25519.0)),
            opk_id: one_time.map_or("", |key| key.id.as_str()),
            pq,
        })
    }
}

impl Agent {
    /// Begins a session (section 3.1). It renews the newest answered session with the peer, if there is one (section 8.3). It
    /// is current at once; the first frame that is sealed carries the handshake.
    pub fn begin(&mut self, begin: Begin<'_>, now: u64, entropy: &mut dyn Entropy) -> Result<Step<'_, Begun>, Error> {
        let owner = begin.bundle.owner();
        let of_another = begin.one_time_key.is_some_and(|key| key.owner() != owner);
        if *owner == self.did || of_another {
            return Err(Error::new(ErrorCode::SessionPeer, "the bundle or the one-time key is not of the peer"));
        }
        begin.bundle.validity().check_at(now)?;
        begin.one_time_key.map_or(Ok(()), |key| key.validity().check_at(now))?;
        self.statement.check(&self.did, self.agree.public(), now)?;
        let suite = self.choose_suite(begin.bundle)?;
        begin.heals.map_or(Ok(()), |healing| self.may_begin(healing.cause, owner.as_str(), now))?;
        let afresh = begin.heals.is_some_and(|healing| healing.afresh);
        let old = if afresh { None } else { self.newest_answered(owner.as_str(), now) };
        let renews = old.map(|old| old.sid);

        let body = begin.bundle.body();
        let prekeys = Prekeys::choose(suite, &begin)?;
        let ephemeral = OurKey::draw(entropy)?;
        let (ciphertext, shared) = match &prekeys.pq {
            Some((_, _, kem)) => Some(kem.encapsulate(&random::secret(entropy)?)).unzip(),
            None => (None, None),
        };
        let ciphertext = ciphertext.unwrap_or_default();
        let ratchet_key = OurKey::draw(entropy)?;
        let their_agree = TheirKey(body.agree.0);
        let (pq_id, pq) = prekeys.pq.as_ref().map_or(("", &[][..]), |(id, bytes, _)| (id, bytes));
        let th = Transcript {
            suite,
            initiator: &self.did,
            responder: owner,
            initiator_agree: self.agree.public(),
            responder_agree: their_agree,
            ephemeral: ephemeral.public(),
            spk_id: &body.spk.id,
            spk: prekeys.spk,
            opk_id: prekeys.opk_id,
            opk: prekeys.opk,
            pq_id,
            pq,
            ciphertext: &ciphertext,
            bundle: begin.bundle.hash(),
        }
        .hash();
        let (spk, opk) = (&prekeys.spk, prekeys.opk.as_ref());
        let agreement = Agreement::initiator(&self.agree, &ephemeral, &their_agree, spk, opk, shared)?;
        let keys = agreement.keys(&th, old.map(|old| &old.exporter));
        let head = Head {
            suite,
            initiator: &self.did,
            responder: owner,
            agree: self.agree.public(),
            ephemeral: ephemeral.public(),
            spk_id: &body.spk.id,
            opk_id: prekeys.opk_id,
            pq_id,
            ciphertext: &ciphertext,
            bundle: begin.bundle.hash(),
            renews,
            statement: &self.statement.text,
        };
        let prekeys_end = begin.one_time_key.map_or(body.exp, |key| key.body().exp.min(body.exp));
        let until = prekeys_end.saturating_add(GRACE_MS).min(self.statement.validity.exp);
        let session = Session {
            suite,
            sid: keys.sid,
            th,
            exporter: keys.exporter,
            peer: owner.as_str().to_owned(),
            side: Side::Initiator { renews, until, head: Some(head.to_bytes()) },
            created: now,
            used: now,
            opened: None,
            retired: None,
            frames: 0,
            bytes: 0,
            ratchet: Ratchet::initiator(&keys.root, ratchet_key, spk)?,
        };
        let mut delta = Delta::default();
        let mut peer = self.peer(&session.peer);
        peer.current = Some(session.sid);
        if begin.heals.is_some() {
            peer.healed = Some(now);
        }
        self.make_room(&session.peer, [peer.current, renews], now, &mut delta);
        delta.peers.insert(session.peer.clone(), Some(peer));
        let released = Begun { sid: session.sid, suite };
        delta.sessions.insert(session.sid, Some(session));
        Ok(Step { agent: self, delta, released })
    }

    /// The session that a handshake renews: the one that was created last; of two, the one of the higher SID.
    fn newest_answered(&self, peer: &str, now: u64) -> Option<&Session> {
        self.sessions(peer, now)
            .filter(|session| session.is_answered())
            .max_by_key(|session| (session.created, session.sid))
    }

    /// The first suite of the bundle that the rules allow; numbers that this page does not have are passed over.
    fn choose_suite(&self, bundle: &VerifiedBundle) -> Result<Suite, Error> {
        let known = |number: &u64| u16::try_from(*number).ok().and_then(|number| Suite::from_number(number).ok());
        let mut offered = bundle.body().suites.iter().filter_map(known);
        offered
            .find(|suite| self.rules.suites.contains(suite))
            .ok_or_else(|| Error::new(ErrorCode::SessionSuite, "the bundle offers no suite that is allowed"))
    }

    /// Section 8.5. That there was a fork or a reset notice is for the host to know.
    fn may_begin(&self, cause: Cause, peer: &str, now: u64) -> Result<(), Error> {
        let early = |why: &str| Err(Error::new(ErrorCode::SessionLimit, why));
        if !self.may_heal(peer, now) {
            return early("a handshake that heals was begun less than an hour ago");
        }
        let waits = |session: &Session| {
            !session.is_answered() && session.renews().is_some() && now >= session.created.saturating_add(HOUR_MS)
        };
        match cause {
            Cause::Fork | Cause::Reset => Ok(()),
            Cause::Failures if self.sessions(peer, now).any(|session| self.has_failed(session)) => Ok(()),
            Cause::Failures => early("fewer than 20 frames failed since the last that opened"),
            Cause::Unanswered if self.sessions(peer, now).any(waits) => Ok(()),
            Cause::Unanswered => early("no renewal has waited an hour for its answer"),
        }
    }

    /// Section 3.5, steps 4 to 9: what costs at most a signature.
    pub(crate) fn checked(&self, container: &Container<'_>, now: u64) -> Result<Checked<'_>, Error> {
        let did = container.initiator.as_str();
        if !self.rules.suites.contains(&container.suite) {
            return Err(Error::new(ErrorCode::SessionSuite, "the suite is not allowed here"));
        }
        let statement = Unverified::parse(container.statement)?;
        let statement = published::verify_static_key(&statement, &container.initiator, now)?;
        if statement.agree() != container.agree {
            return Err(Error::new(ErrorCode::SessionPeer, "the statement is of another agreement key"));
        }
        let prekeys = self.prekeys(container, now)?;
        let th = prekeys.transcript(self, container).hash();
        if self.handshakes.contains_key(&B64(th)) {
            return Err(ErrorCode::SessionInitReplayed.into());
        }
        let old = container.renews.map(|sid| self.session(&sid, now).filter(|old| old.peer == did));
        let old = match old {
            Some(None) => return Err(ErrorCode::SessionRenewalUnknown.into()),
            old => old.flatten(),
        };
        let known = self.check_limits(container, &prekeys, now)?;
        Ok(Checked { prekeys, th, old, known })
    }

    /// Steps 11 and 12, and what follows from them. Changes nothing.
    pub(crate) fn accepted(
        &self,
        container: &Container<'_>,
        checked: &Checked<'_>,
        now: u64,
    ) -> Result<(Delta, Received), Refused> {
        let did = container.initiator.as_str();
        let Checked { prekeys, th, old, known } = checked;
        let (th, old, known) = (*th, *old, *known);
        let kem = prekeys.pq.map(|key| (key, container.ciphertext));
        let agreement = Agreement::responder(
            &self.agree,
            &prekeys.bundle.spk.1,
            prekeys.one_time_key.map(|key| &key.x25519),
            &container.agree,
            &container.ephemeral,
            kem,
        )?;
        let keys = agreement.keys(&th, old.map(|old| &old.exporter));
        let named = container.frame.header().sid;
        if !bool::from(keys.sid.0.ct_eq(&named.0)) {
            return Err(unauthentic("the handshake does not give this session").into());
        }
        let session = Session {
            suite: container.suite,
            sid: keys.sid,
            th,
            exporter: keys.exporter,
            peer: did.to_owned(),
            side: Side::Responder { head: head_hash(container.head) },
            created: now,
            used: now,
            opened: None,
            retired: None,
            frames: 0,
            bytes: 0,
            ratchet: Ratchet::responder(keys.root, prekeys.bundle.spk.1.copy()),
        };
        let (session, opened) = session.opened(&container.frame, true, now)?;

        let accepted = Accepted { one_time_key: prekeys.one_time_key.is_some(), known };
        let released = Received { sid: session.sid, peer: did.to_owned(), opened, accepted: Some(accepted) };
        let mut delta = self.settled(session, old, known, now);
        match prekeys.one_time_key {
            Some(key) => drop(delta.one_time_keys.insert(key.id.clone(), None)),
            None => drop(delta.handshakes.insert(B64(th), Some(prekeys.bundle.hash))),
        }
        Ok((delta, released))
    }

    /// Step 6: the private keys that the handshake names.
    fn prekeys(&self, container: &Container<'_>, now: u64) -> Result<OurPrekeys<'_>, Error> {
        let unknown = |why: &str| Error::new(ErrorCode::SessionPrekeyUnknown, why);
        let bundle = self.bundles.get(&container.bundle).map(|kept| &kept.value);
        let bundle = bundle.filter(|bundle| !is_past_grace(bundle.exp, now) && bundle.agree == self.agree.public());
        let bundle = bundle.ok_or_else(|| unknown("the bundle is not kept"))?;
        if !bundle.suites.contains(&container.suite) {
            return Err(Error::new(ErrorCode::SessionSuite, "the bundle does not offer the suite"));
        }
        if bundle.spk.0 != container.spk_id {
            return Err(unknown("the signed prekey is not the bundle's"));
        }
        let one_time_key = match container.opk_id {
            None => None,
            Some(id) => {
                let key = self.one_time_keys.get(id).map(|kept| &kept.value);
                let key = key.filter(|key| !is_past_grace(key.exp, now));
                Some(key.ok_or_else(|| unknown("the one-time key is not kept"))?)
            }
        };
        let own = one_time_key.and_then(|key| key.kem.as_ref().map(|kem| (key.id.as_str(), kem)));
        let last_resort = || bundle.pq.as_ref().map(|(id, kem)| (id.as_str(), kem));
        let pq = match container.pq_id {
            None => None,
            Some(id) => {
                let kem = own.or_else(last_resort).filter(|(known, _)| *known == id);
                Some(kem.ok_or_else(|| unknown("the ML-KEM key is not the one to be used"))?.1)
            }
        };
        Ok(OurPrekeys { bundle, one_time_key, pq })
    }

    /// Step 9. Gives what is known of the peer.
    fn check_limits(&self, container: &Container<'_>, prekeys: &OurPrekeys<'_>, now: u64) -> Result<Known, Error> {
        let did = container.initiator.as_str();
        let limit = |why: &str| Err(Error::new(ErrorCode::SessionLimit, why));
        let peer = self.peer(did);
        let known = if container.renews.is_some() {
            Known::Renewed
        } else if self.sessions(did, now).any(Session::is_answered) {
            Known::Fresh
        } else {
            Known::First
        };
        match known {
            Known::Renewed if peer.renewals.at(now) >= RENEWALS_IN_HOUR => {
                return limit("too many renewals of this peer in an hour");
            }
            Known::Fresh if self.rules.continuity => {
                let why = "the session that is there is to be renewed";
                return Err(Error::new(ErrorCode::SessionRenewalRequired, why));
            }
            Known::Fresh => {
                let recent = peer.fresh.iter().filter(|time| now < time.saturating_add(HOUR_MS)).count();
                if recent >= FRESH_IN_HOUR {
                    return limit("too many handshakes of this peer in an hour");
                }
            }
            Known::First if self.is_stranger(did, now) => {
                if self.strangers.at(now) >= self.rules.strangers {
                    return limit("too many handshakes of strangers in an hour");
                }
                if self.place_for_stranger(now).is_none() {
                    return limit("there are as many sessions as there may be");
                }
            }
            Known::Renewed | Known::First => {}
        }
        if prekeys.one_time_key.is_none() && self.handshakes.index.of(&prekeys.bundle.hash) >= REMEMBERED {
            return limit("too many handshakes without a one-time key");
        }
        Ok(known)
    }

    /// Whether there is no session with this peer.
    fn is_stranger(&self, peer: &str, now: u64) -> bool {
        self.sessions(peer, now).next().is_none()
    }

    /// How the sessions with a peer change as one is accepted (sections 8.1 and 8.2).
    fn settled(&self, mut session: Session, old: Option<&Session>, known: Known, now: u64) -> Delta {
        let mut delta = Delta { opened: Some(session.sid), ..Delta::default() };
        let mut peer = self.peer(&session.peer);
        peer.current = self.current(&session.peer, now);
        match known {
            Known::First if self.is_stranger(&session.peer, now) => {
                delta.stranger = Some(now);
                // INVARIANT: there is a place, as step 9 has found.
                delta.sessions.extend(self.place_for_stranger(now).into_iter().flatten().map(|sid| (sid, None)));
            }
            Known::First => {}
            Known::Renewed => peer.renewals.count(now),
            Known::Fresh => {
                peer.fresh.retain(|time| now < time.saturating_add(HOUR_MS));
                peer.fresh.push(now);
            }
        }
        if let Some(old) = old {
            delta.sessions.insert(old.sid, Some(renewed(old, now)));
        }
        // A session that its first frame closes never becomes current.
        if !session.is_retired() {
            let current = peer.current.and_then(|sid| self.session(&sid, now));
            // One that the peer renews has arrived: were the lower SID to win there, both could end up retired.
            let crosses = |own: &&Session| !own.is_answered() && old.is_none_or(|old| old.sid != own.sid);
            match current.filter(crosses) {
                // Simultaneous initiation: the lower SID sends.
                Some(own) if own.sid < session.sid => session.retire(now),
                Some(own) => {
                    delta.sessions.insert(own.sid, Some(retired(own, now)));
                    peer.current = Some(session.sid);
                }
                None => peer.current = Some(session.sid),
            }
        }
        self.make_room(&session.peer, [peer.current, old.map(|old| old.sid)], now, &mut delta);
        delta.peers.insert(session.peer.clone(), Some(peer));
        delta.sessions.insert(session.sid, Some(session));
        delta
    }
}

/// A container that has passed the checks that come before any agreement.
pub(crate) struct Checked<'a> {
    prekeys: OurPrekeys<'a>,
    th: [u8; 32],
    /// The session that it renews.
    old: Option<&'a Session>,
    /// What is known of the peer.
    known: Known,
}

/// The responder's side of what a handshake uses.
struct OurPrekeys<'a> {
    bundle: &'a KeptBundle,
    one_time_key: Option<&'a KeptOneTimeKey>,
    pq: Option<&'a OurKem>,
}

impl OurPrekeys<'_> {
    fn transcript<'t>(&'t self, agent: &'t Agent, container: &'t Container<'_>) -> Transcript<'t> {
        Transcript {
            suite: container.suite,
            initiator: &container.initiator,
            responder: &agent.did,
            initiator_agree: container.agree,
            responder_agree: agent.agree.public(),
            ephemeral: container.ephemeral,
            spk_id: container.spk_id,
            spk: self.bundle.spk.1.public(),
            opk_id: container.opk_id.unwrap_or_default(),
            opk: self.one_time_key.map(|key| key.x25519.public()),
            pq_id: container.pq_id.unwrap_or_default(),
            pq: self.pq.map_or(&[], |kem| kem.public()),
            ciphertext: container.ciphertext,
            bundle: &container.bundle,
        }
    }
}
