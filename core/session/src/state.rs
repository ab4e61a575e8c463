//! What a store keeps, as bytes (`docs/spec/session.md`, section 11).
//!
//! Each [`Record`] lies in the store under a name of 16 bytes, encrypted, with a revision beside it. Content is in a form of
//! its own: a byte that says what it is, then members in a fixed order; the reader takes nothing that the writer does not
//! write, and bounds every list.
//!
//! One [`StoreKey`] is of one agent. A row that is put back with the revision that it had is not seen, nor is a whole store.

use crate::aead;
use crate::agent::PerHour;
use crate::codec::{Reader, Writer, corrupt};
use crate::kdf::{ChainKey, ExporterSecret, MessageKey, RootKey, expand};
use crate::keys::{OurKem, OurKey, Secret, Sid, TheirKey};
use crate::limits::{CHAINS, FRESH_IN_HOUR, OPENED, SKIPPED, STATEMENT_BYTES};
use crate::ratchet::{OpenedFrame, Ratchet, ReceivingChain, SendingChain, Skipped};
use crate::session::{Retirement, Session, Side};
use crate::suite::Suite;
use std::collections::VecDeque;
use std::sync::Arc;
use talos_contracts::scalar::{B64, Hash};
use talos_contracts::{Error, ErrorCode};
use talos_crypto::hash;
use zeroize::Zeroizing;

/// The version of the content.
const VERSION: u8 = 0x01;
/// Bytes of a head: its fixed parts, two DIDs, three ids, a ciphertext, a SID and a statement, with room.
const HEAD_BYTES: usize = STATEMENT_BYTES + 2_048;

/// What is kept, and what names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Record {
    /// A session.
    Session(Sid),
    /// What is known of a peer, by its DID.
    Peer(String),
    /// A bundle with its private keys, by H(M_B).
    Bundle(Hash),
    /// A one-time key with its private keys, by its id.
    OneTimeKey(String),
    /// A handshake that was accepted without a one-time key, by th.
    Handshake(Hash),
}

impl Record {
    fn kind(&self) -> u8 {
        match self {
            Record::Session(_) => 1,
            Record::Peer(_) => 2,
            Record::Bundle(_) => 3,
            Record::OneTimeKey(_) => 4,
            Record::Handshake(_) => 5,
        }
    }

    /// The sixteen bytes under which it lies in a store: SID of a session.
    pub fn name(&self) -> [u8; 16] {
        let text = match self {
            Record::Session(sid) => return sid.0,
            Record::Peer(text) | Record::OneTimeKey(text) => text.as_bytes(),
            Record::Bundle(hash) | Record::Handshake(hash) => &hash.0,
        };
        let B64(hash) = hash::tagged("talos/session/1 record", &[&[self.kind()], text]);
        let mut name = [0; 16];
        name.copy_from_slice(&hash[..16]);
        name
    }
}

/// A write that belongs to a step. All writes of a step are one transaction.
pub struct Change {
    /// What is written.
    pub record: Record,
    /// The revision that must be the one in the store now; none where there must be nothing.
    pub replaces: Option<u64>,
    /// What to write, as revision [`Change::revision`]; none to erase.
    pub content: Option<Zeroizing<Vec<u8>>>,
}

impl Change {
    /// The revision that is written: 0 at first, then one more each time.
    pub fn revision(&self) -> u64 {
        self.replaces.map_or(0, |revision| revision.saturating_add(1))
    }
}

/// The key under which a store keeps its records.
pub struct StoreKey(Secret);

impl StoreKey {
    /// The key of 32 random bytes.
    pub fn new(secret: Secret) -> Self {
        StoreKey(secret)
    }

    /// K = HKDF-Expand(store key, "talos/session/1 state" || SID, 32).
    fn of(&self, name: &[u8; 16]) -> Secret {
        let mut key = Secret::zero();
        expand(&self.0, &[b"talos/session/1 state", name], key.bytes_mut());
        key
    }

    /// The blob of a content; the nonce is 12 random bytes that the store draws for itself.
    pub fn encrypt(&self, name: &[u8; 16], revision: u64, nonce: &[u8; 12], content: &[u8]) -> Result<Vec<u8>, Error> {
        let mut blob = Vec::with_capacity(13 + content.len() + aead::TAG_BYTES);
        blob.push(VERSION);
        blob.extend_from_slice(nonce);
        blob.extend_from_slice(content);
        aead::seal(&self.of(name), nonce, &aad(name, revision), &mut blob, 13)?;
        Ok(blob)
    }

    /// The content of a blob, or `store.version`, or `store.corrupt`.
    pub fn decrypt(&self, name: &[u8; 16], revision: u64, blob: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let corrupt = || corrupt("a blob does not open");
        let (version, rest) = blob.split_first().ok_or_else(corrupt)?;
        if *version != VERSION {
            return Err(Error::new(ErrorCode::StoreVersion, "a session was written by another version"));
        }
        let (nonce, sealed) = rest.split_first_chunk::<12>().ok_or_else(corrupt)?;
        aead::open(&self.of(name), nonce, &aad(name, revision), sealed).ok_or_else(corrupt)
    }
}

/// "talos/session/1 state" || 0x00 || 0x01 || SID || u64(revision).
fn aad(name: &[u8; 16], revision: u64) -> Vec<u8> {
    [&b"talos/session/1 state\0"[..], &[VERSION], name, &revision.to_be_bytes()].concat()
}

/// What is remembered of a peer beside its sessions.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Peer {
    /// Which session sends.
    pub(crate) current: Option<Sid>,
    /// When handshakes were accepted that renewed nothing although there was a session, the last four.
    pub(crate) fresh: Vec<u64>,
    /// When this side last began a handshake that heals, or sealed a reset notice.
    pub(crate) healed: Option<u64>,
    /// Renewals that were accepted.
    pub(crate) renewals: PerHour,
}

/// A bundle that was published, with its private keys.
pub(crate) struct KeptBundle {
    pub(crate) hash: Hash,
    pub(crate) agree: TheirKey,
    pub(crate) suites: Vec<Suite>,
    pub(crate) spk: (String, OurKey),
    pub(crate) pq: Option<(String, OurKem)>,
    pub(crate) exp: u64,
}

/// A one-time key that was published, with its private keys.
pub(crate) struct KeptOneTimeKey {
    pub(crate) id: String,
    pub(crate) x25519: OurKey,
    pub(crate) kem: Option<OurKem>,
    pub(crate) exp: u64,
}

/// A record that was read.
pub(crate) enum Content {
    Session(Box<Session>),
    Peer(String, Peer),
    Bundle(KeptBundle),
    OneTimeKey(KeptOneTimeKey),
    Handshake { th: Hash, bundle: Hash },
}

impl Content {
    /// What names it.
    pub(crate) fn record(&self) -> Record {
        match self {
            Content::Session(session) => Record::Session(session.sid),
            Content::Peer(did, _) => Record::Peer(did.clone()),
            Content::Bundle(bundle) => Record::Bundle(bundle.hash),
            Content::OneTimeKey(key) => Record::OneTimeKey(key.id.clone()),
            Content::Handshake { th, .. } => Record::Handshake(*th),
        }
    }

    /// Reads strictly, or says `store.corrupt`.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(bytes);
        let content = match reader.u8()? {
            1 => Content::Session(Box::new(read_session(&mut reader)?)),
            2 => read_peer(&mut reader)?,
            3 => Content::Bundle(read_bundle(&mut reader)?),
            4 => Content::OneTimeKey(read_one_time_key(&mut reader)?),
            5 => Content::Handshake { th: B64(reader.array()?), bundle: B64(reader.array()?) },
            _ => return Err(corrupt("not a kind of record")),
        };
        reader.done(content)
    }
}

pub(crate) fn write_session(session: &Session) -> Zeroizing<Vec<u8>> {
    let ratchet = &session.ratchet;
    let head = match &session.side {
        Side::Initiator { head: Some(head), .. } => head.len(),
        _ => 0,
    };
    // All of it is erased in the end, so there is not more than is needed.
    let lists = 73 * ratchet.receiving.len() + 37 * ratchet.skipped.len() + 69 * ratchet.opened.len();
    let room = 512 + head + lists;
    let chain = |key: &TheirKey| {
        let at = ratchet.receiving.iter().position(|chain| chain.ratchet_key == *key);
        // INVARIANT: a chain that is kept; the reader refuses another.
        [at.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)]
    };
    let mut w = Writer::new(1, room);
    w.u16(session.suite.number());
    w.bytes(&session.sid.0);
    w.bytes(&session.th);
    w.bytes(session.exporter.0.expose());
    w.lp(session.peer.as_bytes());
    match &session.side {
        Side::Initiator { renews, until, head } => {
            w.bytes(&[1]);
            w.option(renews.as_ref(), |w, sid| w.bytes(&sid.0));
            w.u64(*until);
            w.option(head.as_ref(), |w, head| w.lp(head));
        }
        Side::Responder { head } => {
            w.bytes(&[2]);
            w.bytes(&head.0);
        }
    }
    w.u64(session.created);
    w.u64(session.used);
    w.option(session.opened, Writer::u64);
    w.option(session.retired, |w, retired| {
        w.u64(retired.at);
        w.flag(retired.renewed);
    });
    w.u64(session.frames);
    w.u64(session.bytes);
    w.bytes(ratchet.root.0.expose());
    w.bytes(ratchet.own.secret().expose());
    w.option(ratchet.sending.as_ref(), |w, chain| {
        w.bytes(chain.key.0.expose());
        w.u32(chain.next);
    });
    w.u32(ratchet.previous);
    w.list(ratchet.receiving.iter(), |w, chain| {
        w.bytes(&chain.ratchet_key.0);
        w.u64(chain.next);
        w.option(chain.key.as_ref(), |w, key| w.bytes(key.0.expose()));
    });
    w.list(ratchet.skipped.iter(), |w, skipped| {
        w.bytes(&chain(&skipped.ratchet_key));
        w.u32(skipped.number);
        w.bytes(skipped.key.expose());
    });
    w.list(ratchet.opened.iter(), |w, opened| {
        w.bytes(&chain(&opened.ratchet_key));
        w.u32(opened.number);
        w.bytes(&opened.commitment);
        w.bytes(&opened.frame_hash.0);
    });
    w.done()
}

fn read_session(r: &mut Reader<'_>) -> Result<Session, Error> {
    let session = Session {
        suite: r.suite()?,
        sid: Sid(r.array()?),
        th: r.array()?,
        exporter: ExporterSecret(r.secret()?),
        peer: r.did()?,
        side: match r.u8()? {
            1 => Side::Initiator {
                renews: r.option(|r| r.array().map(Sid))?,
                until: r.u64()?,
                head: r.option(|r| r.lp(HEAD_BYTES).map(<[u8]>::to_vec))?,
            },
            2 => Side::Responder { head: B64(r.array()?) },
            _ => return Err(corrupt("neither initiator nor responder")),
        },
        created: r.u64()?,
        used: r.u64()?,
        opened: r.option(Reader::u64)?,
        retired: r.option(|r| Ok(Retirement { at: r.u64()?, renewed: r.flag()? }))?,
        frames: r.u64()?,
        bytes: r.u64()?,
        ratchet: read_ratchet(r)?,
    };
    Ok(session)
}

fn read_ratchet(r: &mut Reader<'_>) -> Result<Ratchet, Error> {
    let mut ratchet = Ratchet {
        root: RootKey(r.secret()?),
        own: OurKey::from_secret(r.secret()?),
        sending: r.option(|r| Ok(SendingChain { key: ChainKey(r.secret()?), next: r.u32()? }))?,
        previous: r.u32()?,
        receiving: r.list(CHAINS, |r| {
            let key = |r: &mut Reader<'_>| r.secret().map(ChainKey);
            Ok(ReceivingChain { ratchet_key: r.key()?, next: r.u64()?, key: r.option(key)? })
        })?,
        skipped: VecDeque::new(),
        opened: Arc::default(),
    };
    let last = ratchet.receiving.len().saturating_sub(1);
    if ratchet.receiving.iter().enumerate().any(|(at, chain)| chain.key.is_some() != (at == last)) {
        return Err(corrupt("the chains of a session do not agree"));
    }
    let chain = |r: &mut Reader<'_>| {
        let chain = ratchet.receiving.get(usize::from(r.u8()?));
        chain.map(|chain| chain.ratchet_key).ok_or_else(|| corrupt("not a chain of the session"))
    };
    let skipped = r.list(SKIPPED, |r| {
        Ok(Arc::new(Skipped { ratchet_key: chain(r)?, number: r.u32()?, key: MessageKey(r.secret()?) }))
    })?;
    let opened = r.list(OPENED, |r| {
        Ok(OpenedFrame {
            ratchet_key: chain(r)?,
            number: r.u32()?,
            commitment: r.array()?,
            frame_hash: B64(r.array()?),
        })
    })?;
    (ratchet.skipped, ratchet.opened) = (skipped.into(), Arc::new(opened));
    Ok(ratchet)
}

pub(crate) fn write_peer(did: &str, peer: &Peer) -> Zeroizing<Vec<u8>> {
    let mut w = Writer::new(2, 256);
    w.lp(did.as_bytes());
    w.option(peer.current.as_ref(), |w, sid| w.bytes(&sid.0));
    w.list(peer.fresh.iter(), |w, time| w.u64(*time));
    w.option(peer.healed, Writer::u64);
    w.u64(peer.renewals.period);
    w.u32(peer.renewals.count);
    w.done()
}

fn read_peer(r: &mut Reader<'_>) -> Result<Content, Error> {
    let did = r.did()?;
    let peer = Peer {
        current: r.option(|r| r.array().map(Sid))?,
        fresh: r.list(FRESH_IN_HOUR, Reader::u64)?,
        healed: r.option(Reader::u64)?,
        renewals: PerHour { period: r.u64()?, count: r.u32()? },
    };
    Ok(Content::Peer(did, peer))
}

pub(crate) fn write_bundle(bundle: &KeptBundle) -> Zeroizing<Vec<u8>> {
    let mut w = Writer::new(3, 512);
    w.bytes(&bundle.hash.0);
    w.bytes(&bundle.agree.0);
    w.list(bundle.suites.iter(), |w, suite| w.u16(suite.number()));
    w.lp(bundle.spk.0.as_bytes());
    w.bytes(bundle.spk.1.secret().expose());
    w.option(bundle.pq.as_ref(), |w, (id, kem)| {
        w.lp(id.as_bytes());
        w.bytes(kem.seed());
    });
    w.u64(bundle.exp);
    w.done()
}

fn read_bundle(r: &mut Reader<'_>) -> Result<KeptBundle, Error> {
    Ok(KeptBundle {
        hash: B64(r.array()?),
        agree: r.key()?,
        suites: r.list(Suite::ALL.len(), Reader::suite)?,
        spk: (r.id()?, OurKey::from_secret(r.secret()?)),
        pq: r.option(|r| Ok((r.id()?, r.kem()?)))?,
        exp: r.u64()?,
    })
}

pub(crate) fn write_one_time_key(key: &KeptOneTimeKey) -> Zeroizing<Vec<u8>> {
    let mut w = Writer::new(4, 256);
    w.lp(key.id.as_bytes());
    w.bytes(key.x25519.secret().expose());
    w.option(key.kem.as_ref(), |w, kem| w.bytes(kem.seed()));
    w.u64(key.exp);
    w.done()
}

fn read_one_time_key(r: &mut Reader<'_>) -> Result<KeptOneTimeKey, Error> {
    Ok(KeptOneTimeKey {
        id: r.id()?,
        x25519: OurKey::from_secret(r.secret()?),
        kem: r.option(Reader::kem)?,
        exp: r.u64()?,
    })
}

pub(crate) fn write_handshake(th: &Hash, bundle: &Hash) -> Zeroizing<Vec<u8>> {
    let mut w = Writer::new(5, 65);
    w.bytes(&th.0);
    w.bytes(&bundle.0);
    w.done()
}

#[cfg(test)]
impl Session {
    pub(crate) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        write_session(self)
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        match Content::read(bytes)? {
            Content::Session(session) => Ok(*session),
            _ => Err(corrupt("not a session")),
        }
    }
}
