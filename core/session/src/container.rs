//! Init containers (`docs/spec/session.md`, section 3.4).

use crate::error::malformed;
use crate::frame::{Frame, VERSION, form};
use crate::keys::{KEM_CIPHERTEXT_BYTES, Sid, TheirKey};
use crate::limits::{DID_BYTES, STATEMENT_BYTES};
use crate::published::is_id;
use crate::suite::Suite;
use talos_contracts::scalar::Hash;
use talos_contracts::{Error, ErrorCode};
use talos_crypto::hash;
use talos_identity::Did;

/// The type of a container.
const TYPE: u8 = 0x01;

/// Whether bytes are a container rather than a frame.
pub fn is_container(bytes: &[u8]) -> bool {
    bytes.starts_with(&[VERSION, TYPE])
}

/// u32(length of x) || x.
pub(crate) fn lp(x: &[u8], out: &mut Vec<u8>) {
    // INVARIANT: nothing of 4 GiB gets here; frames, the largest, have at most 16 MiB and a little.
    out.extend_from_slice(&(x.len() as u32).to_be_bytes());
    out.extend_from_slice(x);
}

/// What stands in a container before its frame, as the initiator knows it.
pub(crate) struct Head<'a> {
    pub(crate) suite: Suite,
    pub(crate) initiator: &'a Did,
    pub(crate) responder: &'a Did,
    pub(crate) agree: TheirKey,
    pub(crate) ephemeral: TheirKey,
    pub(crate) spk_id: &'a str,
    pub(crate) opk_id: &'a str,
    pub(crate) pq_id: &'a str,
    pub(crate) ciphertext: &'a [u8],
    pub(crate) bundle: &'a Hash,
    pub(crate) renews: Option<Sid>,
    pub(crate) statement: &'a [u8],
}

impl Head<'_> {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = vec![VERSION, TYPE];
        out.extend_from_slice(&self.suite.number().to_be_bytes());
        lp(self.initiator.as_str().as_bytes(), &mut out);
        lp(self.responder.as_str().as_bytes(), &mut out);
        out.extend_from_slice(self.initiator.key().as_bytes());
        out.extend_from_slice(&self.agree.0);
        out.extend_from_slice(&self.ephemeral.0);
        lp(self.spk_id.as_bytes(), &mut out);
        lp(self.opk_id.as_bytes(), &mut out);
        lp(self.pq_id.as_bytes(), &mut out);
        lp(self.ciphertext, &mut out);
        out.extend_from_slice(&self.bundle.0);
        lp(self.renews.as_ref().map_or(&[][..], |sid| &sid.0), &mut out);
        lp(self.statement, &mut out);
        out
    }
}

/// head || lp(frame).
pub(crate) fn wrap(head: &[u8], frame: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(head.len() + 4 + frame.len());
    out.extend_from_slice(head);
    lp(frame, &mut out);
    out
}

/// A container that has the form of one. Nothing in it is authenticated.
#[derive(Clone, Debug)]
pub struct Container<'a> {
    /// The bytes before the frame.
    pub(crate) head: &'a [u8],
    /// The suite.
    pub suite: Suite,
    /// did_A.
    pub initiator: Did,
    /// did_B.
    pub responder: Did,
    /// agree_A.
    pub agree: TheirKey,
    /// EK_A.
    pub ephemeral: TheirKey,
    /// spk_id.
    pub spk_id: &'a str,
    /// opk_id, if a one-time key was used.
    pub opk_id: Option<&'a str>,
    /// pq_id, in suite 0x0002.
    pub pq_id: Option<&'a str>,
    /// ct; empty in suite 0x0001.
    pub ciphertext: &'a [u8],
    /// H(M_B).
    pub bundle: Hash,
    /// SID_old.
    pub renews: Option<Sid>,
    /// The envelope of A's statement, as JSON text.
    pub statement: &'a [u8],
    /// The frame.
    pub frame: Frame<'a>,
}

impl<'a> Container<'a> {
    /// Parses a container (section 3.4).
    ///
    /// What does not depend on the suite is checked first (`session.malformed`), then that the suite is known
    /// (`session.suite`), then what depends on it. A frame of another suite, known or not, is `session.malformed`.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        if !is_container(bytes) {
            return Err(malformed("not a container of version 1"));
        }
        let mut rest = Reader(&bytes[2..]);
        let suite = u16::from_be_bytes(rest.array()?);
        let initiator = did(rest.lp()?)?;
        let responder = did(rest.lp()?)?;
        let sign: [u8; 32] = rest.array()?;
        if sign != *initiator.key().as_bytes() {
            return Err(malformed("sign_A is not the key in did_A"));
        }
        let (agree, ephemeral) = (TheirKey(rest.array()?), TheirKey(rest.array()?));
        let spk_id = id(rest.lp()?)?.ok_or_else(|| malformed("spk_id is empty"))?;
        let (opk_id, pq_id) = (id(rest.lp()?)?, id(rest.lp()?)?);
        let ciphertext = rest.lp()?;
        let bundle = talos_contracts::scalar::B64(rest.array()?);
        let renews = match rest.lp()? {
            [] => None,
            sid => Some(Sid(sid.try_into().map_err(|_| malformed("SID_old has 16 bytes or none"))?)),
        };
        let statement = rest.lp()?;
        if statement.len() > STATEMENT_BYTES {
            return Err(malformed("the statement has more than 4,096 bytes"));
        }
        let head = &bytes[..bytes.len() - rest.0.len()];
        let frame = rest.lp()?;
        let (_, of_frame, _) = form(frame)?;
        if !rest.0.is_empty() {
            return Err(malformed("the container goes on after its frame"));
        }
        let known = Suite::from_number(suite)?;
        let of_suite = match known {
            Suite::X25519 => pq_id.is_none() && ciphertext.is_empty(),
            Suite::Hybrid => pq_id.is_some() && ciphertext.len() == KEM_CIPHERTEXT_BYTES,
        };
        if !of_suite || of_frame != suite {
            return Err(malformed("pq_id, ct and the frame are not those of the suite"));
        }
        let frame = Frame::parse(frame)?;
        let suite = known;
        Ok(Container {
            head,
            suite,
            initiator,
            responder,
            agree,
            ephemeral,
            spk_id,
            opk_id,
            pq_id,
            ciphertext,
            bundle,
            renews,
            statement,
            frame,
        })
    }

    /// H(head), by which a responder knows the containers of a session.
    pub(crate) fn head_hash(&self) -> Hash {
        head_hash(self.head)
    }
}

pub(crate) fn head_hash(head: &[u8]) -> Hash {
    hash::sha256(&[head])
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or_else(|| malformed("the container is too short"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        self.take(N)?.try_into().map_err(|_| malformed("the container is too short"))
    }

    fn lp(&mut self) -> Result<&'a [u8], Error> {
        let len = usize::try_from(u32::from_be_bytes(self.array()?));
        self.take(len.map_err(|_| malformed("the container is too short"))?)
    }
}

fn text(bytes: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(bytes).map_err(|_| malformed("not UTF-8"))
}

fn did(bytes: &[u8]) -> Result<Did, Error> {
    if bytes.len() > DID_BYTES {
        return Err(malformed("a DID has at most 129 bytes"));
    }
    Did::parse(text(bytes)?).map_err(|error| Error::new(ErrorCode::SessionMalformed, error.detail))
}

fn id(bytes: &[u8]) -> Result<Option<&str>, Error> {
    match text(bytes)? {
        "" => Ok(None),
        id if is_id(id) => Ok(Some(id)),
        _ => Err(malformed("not the id of a prekey")),
    }
}
