//! The records of a client beside those of its sessions, as bytes. Kinds go on where `talos_session::state` ends.

use crate::error::corrupt;
use crate::kept::Opening;
use talos_contracts::Error;
use talos_contracts::scalar::{B64, Hash};
use talos_crypto::hash;
use talos_session::codec::{Reader, Writer};
use talos_session::{Known, MessageKey, OurKey, Secret, Sid};
use zeroize::Zeroizing;

const OWN: u8 = 0x10;
const OUTGOING: u8 = 0x11;
const INCOMING: u8 = 0x12;
const KEPT: u8 = 0x20;
const INDEX: u8 = 0x21;

/// Bytes of an envelope: a bundle with an ML-KEM key has about 3,000.
const ENVELOPE_BYTES: usize = 16 * 1024;
/// Bytes of what travels: the data of a frame, its padding and its container, with room.
pub(crate) const TRAVEL_BYTES: usize = 17 * 1024 * 1024;

/// Whether a record is one of these, by its first byte.
pub(crate) fn is_ours(content: &[u8]) -> bool {
    content.first().is_some_and(|kind| *kind >= OWN)
}

/// What an agent says of itself.
pub(crate) struct Own {
    pub(crate) agree: OurKey,
    /// The statement's envelope, and when it ends.
    pub(crate) statement: Vec<u8>,
    pub(crate) statement_exp: u64,
    /// The newest bundle's envelope, and when it was made; empty before the first.
    pub(crate) bundle: Vec<u8>,
    pub(crate) bundle_iat: u64,
    /// How many ids were given to prekeys.
    pub(crate) ids: u64,
}

/// A frame that waits to go out.
pub(crate) struct Outgoing {
    pub(crate) seq: u64,
    /// SHA-256 of the bytes, which the record does not repeat.
    pub(crate) id: Hash,
    pub(crate) peer: String,
    pub(crate) bytes: Vec<u8>,
}

/// A message that waits for the host, or for the host to be done with it.
pub(crate) struct Incoming {
    pub(crate) seq: u64,
    pub(crate) peer: String,
    pub(crate) sid: Sid,
    pub(crate) frame_hash: Hash,
    pub(crate) received: u64,
    /// What is known of the peer, where it began its session.
    pub(crate) began: Option<Known>,
    pub(crate) given: bool,
    pub(crate) data: Zeroizing<Vec<u8>>,
}

/// A record that is read at opening.
pub(crate) enum Hot {
    Own(Own),
    Outgoing(Outgoing),
    Incoming(Incoming),
}

/// What is remembered of a message, by its frame.
pub(crate) struct Kept {
    pub(crate) peer: String,
    pub(crate) receipt: Option<Hash>,
    /// The peer's receipt.
    pub(crate) delivery: Option<Vec<u8>>,
    /// What opens it to an auditor, where that is kept.
    pub(crate) opening: Option<Opening>,
}

impl Hot {
    pub(crate) fn read(content: &[u8]) -> Result<Self, Error> {
        let mut r = Reader::new(content);
        let hot = match r.u8()? {
            OWN => Hot::Own(Own {
                agree: OurKey::from_secret(r.secret()?),
                statement: r.lp(ENVELOPE_BYTES)?.to_vec(),
                statement_exp: r.u64()?,
                bundle: r.lp(ENVELOPE_BYTES)?.to_vec(),
                bundle_iat: r.u64()?,
                ids: r.u64()?,
            }),
            OUTGOING => Hot::Outgoing(Outgoing::new(r.u64()?, r.did()?, r.lp(TRAVEL_BYTES)?.to_vec())),
            INCOMING => Hot::Incoming(Incoming {
                seq: r.u64()?,
                peer: r.did()?,
                sid: Sid(r.array()?),
                frame_hash: B64(r.array()?),
                received: r.u64()?,
                began: r.option(read_known)?,
                given: r.flag()?,
                data: Zeroizing::new(r.lp(TRAVEL_BYTES)?.to_vec()),
            }),
            _ => return Err(corrupt("not a kind of record")),
        };
        r.done(hot)
    }
}

impl Own {
    pub(crate) fn copy(&self) -> Self {
        Own {
            agree: OurKey::from_secret(Secret::from_bytes(self.agree.secret().expose())),
            statement: self.statement.clone(),
            bundle: self.bundle.clone(),
            ..*self
        }
    }

    pub(crate) fn write(&self) -> Zeroizing<Vec<u8>> {
        let mut w = Writer::new(OWN, 8 * 1024);
        w.bytes(self.agree.secret().expose());
        w.lp(&self.statement);
        w.u64(self.statement_exp);
        w.lp(&self.bundle);
        w.u64(self.bundle_iat);
        w.u64(self.ids);
        w.done()
    }
}

impl Outgoing {
    pub(crate) fn new(seq: u64, peer: String, bytes: Vec<u8>) -> Self {
        Outgoing { seq, id: hash::sha256(&[&bytes]), peer, bytes }
    }

    pub(crate) fn write(&self) -> Zeroizing<Vec<u8>> {
        let mut w = Writer::new(OUTGOING, 256 + self.bytes.len());
        w.u64(self.seq);
        w.lp(self.peer.as_bytes());
        w.lp(&self.bytes);
        w.done()
    }
}

impl Incoming {
    /// Given or not.
    pub(crate) fn write_as(&self, given: bool) -> Zeroizing<Vec<u8>> {
        let mut w = Writer::new(INCOMING, 256 + self.data.len());
        w.u64(self.seq);
        w.lp(self.peer.as_bytes());
        w.bytes(&self.sid.0);
        w.bytes(&self.frame_hash.0);
        w.u64(self.received);
        w.option(self.began, |w, known| w.bytes(&[known_byte(known)]));
        w.flag(given);
        w.lp(&self.data);
        w.done()
    }
}

impl Kept {
    pub(crate) fn read(content: &[u8]) -> Result<Self, Error> {
        let mut r = Reader::new(content);
        if r.u8()? != KEPT {
            return Err(corrupt("not what is remembered of a message"));
        }
        let kept = Kept {
            peer: r.did()?,
            receipt: r.option(|r| r.array().map(B64))?,
            delivery: r.option(|r| r.lp(ENVELOPE_BYTES).map(<[u8]>::to_vec))?,
            opening: r.option(|r| {
                Ok(Opening {
                    frame: r.lp(TRAVEL_BYTES)?.to_vec(),
                    transcript_hash: B64(r.array()?),
                    message_key: MessageKey::from_bytes(r.secret()?.expose()),
                })
            })?,
        };
        r.done(kept)
    }

    pub(crate) fn write(&self) -> Zeroizing<Vec<u8>> {
        let mut w = Writer::new(KEPT, 1_024 + self.opening.as_ref().map_or(0, |opening| opening.frame.len()));
        w.lp(self.peer.as_bytes());
        w.option(self.receipt.as_ref(), |w, id| w.bytes(&id.0));
        w.option(self.delivery.as_ref(), |w, envelope| w.lp(envelope));
        w.option(self.opening.as_ref(), |w, opening| {
            w.lp(&opening.frame);
            w.bytes(&opening.transcript_hash.0);
            w.bytes(opening.message_key.expose());
        });
        w.done()
    }
}

fn known_byte(known: Known) -> u8 {
    match known {
        Known::First => 1,
        Known::Renewed => 2,
        Known::Fresh => 3,
    }
}

fn read_known(r: &mut Reader<'_>) -> Result<Known, Error> {
    match r.u8()? {
        1 => Ok(Known::First),
        2 => Ok(Known::Renewed),
        3 => Ok(Known::Fresh),
        _ => Err(corrupt("not what is known of a peer")),
    }
}

/// The newest frame that carried a message of this hash.
pub(crate) fn write_index(frame_hash: &Hash) -> Zeroizing<Vec<u8>> {
    let mut w = Writer::new(INDEX, 33);
    w.bytes(&frame_hash.0);
    w.done()
}

pub(crate) fn read_index(content: &[u8]) -> Result<Hash, Error> {
    let mut r = Reader::new(content);
    match r.u8()? {
        INDEX => {
            let hash = B64(r.array()?);
            r.done(hash)
        }
        _ => Err(corrupt("not an entry of the index")),
    }
}
