//! One session: sealing and receiving (`docs/spec/session.md`, sections 6 and 7).
//!
//! Both give the session as it is after them, and change nothing: an [`Agent`](crate::Agent) has the next state stored before
//! it takes it and releases anything, so that no session lives twice.

use crate::container;
use crate::error::Refused;
use crate::frame::{self, Frame, Header, Kind};
use crate::kdf::{ExporterSecret, MessageKey};
use crate::keys::Sid;
use crate::limits::{IDLE_MS, RENEWAL_BYTES, RENEWAL_FRAMES, RENEWAL_MS, RETIRED_MS, UNANSWERED_FRAMES};
use crate::random::{self, Entropy};
use crate::ratchet::Ratchet;
use crate::suite::Suite;
use talos_contracts::scalar::{B64, Hash};
use talos_contracts::{Error, ErrorCode};
use zeroize::Zeroizing;

/// Which side of the handshake this one was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Initiator {
        /// SID_old.
        renews: Option<Sid>,
        /// Until when it sends without an answer.
        until: u64,
        /// The head of the containers, until it is answered.
        head: Option<Vec<u8>>,
    },
    Responder {
        /// H(head) of the container that began the session.
        head: Hash,
    },
}

/// The end of sealing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Retirement {
    pub(crate) at: u64,
    /// By renewal: what opens later does not lengthen its time.
    pub(crate) renewed: bool,
}

/// A session with one peer, of its [`Agent`](crate::Agent), which alone seals and opens. It does not print, is not cloned,
/// and its secrets are erased when it is dropped.
pub struct Session {
    pub(crate) suite: Suite,
    pub(crate) sid: Sid,
    pub(crate) th: [u8; 32],
    pub(crate) exporter: ExporterSecret,
    pub(crate) peer: String,
    pub(crate) side: Side,
    /// When it began; when it last sealed or opened; when it last opened; when it was retired.
    pub(crate) created: u64,
    pub(crate) used: u64,
    pub(crate) opened: Option<u64>,
    pub(crate) retired: Option<Retirement>,
    /// Frames sealed and opened, and the bytes of these frames without their containers.
    pub(crate) frames: u64,
    pub(crate) bytes: u64,
    pub(crate) ratchet: Ratchet,
}

/// A frame that was sealed.
pub struct Sealed {
    /// What goes out: the frame, in a container where the peer has not answered yet.
    pub bytes: Vec<u8>,
    /// The session.
    pub sid: Sid,
    /// The hash of the frame, for the receipt.
    pub frame_hash: Hash,
    /// th, which goes with the key to an auditor.
    pub transcript_hash: Hash,
    /// mk. Kept only where the body is kept, and erased with it.
    pub message_key: MessageKey,
}

/// A frame that was opened.
pub struct Opened {
    /// What was in it.
    pub content: Content,
    /// The hash of the frame, for the receipt.
    pub frame_hash: Hash,
    /// th, which goes with the key to an auditor.
    pub transcript_hash: Hash,
    /// mk. Kept only where the body is kept, and erased with it.
    pub message_key: MessageKey,
}

/// What is in a frame.
pub enum Content {
    /// Data of the peer.
    Message(Zeroizing<Vec<u8>>),
    /// The peer is done.
    Close {
        /// How many messages of the peer were passed over and have not come.
        missing: usize,
    },
    /// The peer cannot read what is sent to it.
    Reset,
}

impl Session {
    /// Its name.
    pub fn sid(&self) -> Sid {
        self.sid
    }

    /// Its suite.
    pub fn suite(&self) -> Suite {
        self.suite
    }

    /// The DID of the other side.
    pub fn peer(&self) -> &str {
        &self.peer
    }

    /// th, which an auditor is given with a message key.
    pub fn transcript_hash(&self) -> Hash {
        B64(self.th)
    }

    /// Whether this side began it.
    pub fn is_initiator(&self) -> bool {
        matches!(self.side, Side::Initiator { .. })
    }

    /// Whether the other side is known to have it: always at the responder, at the initiator once a frame was opened.
    pub fn is_answered(&self) -> bool {
        !matches!(self.side, Side::Initiator { head: Some(_), .. })
    }

    /// Whether it seals no more.
    pub fn is_retired(&self) -> bool {
        self.retired.is_some()
    }

    /// The session that this one renews, at its initiator.
    pub fn renews(&self) -> Option<Sid> {
        match self.side {
            Side::Initiator { renews, .. } => renews,
            Side::Responder { .. } => None,
        }
    }

    /// How many messages of the peer were passed over and have not come.
    pub fn missing(&self) -> usize {
        self.ratchet.skipped.len()
    }

    /// exporter(label, L), section 9.
    pub(crate) fn export(&self, label: &str, len: usize) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.exporter.export(label, len)
    }

    /// When its time is over, so that it is to be erased (section 8.2).
    pub(crate) fn end(&self) -> u64 {
        match self.retired {
            Some(Retirement { at, renewed: true }) => at.saturating_add(RETIRED_MS),
            Some(Retirement { at, renewed: false }) => at.max(self.opened.unwrap_or(0)).saturating_add(RETIRED_MS),
            None => self.used.saturating_add(IDLE_MS),
        }
    }

    pub(crate) fn is_over(&self, now: u64) -> bool {
        now >= self.end()
    }

    /// Whether it has reached `times` each of the limits of renewal (section 8.3).
    pub(crate) fn has_reached(&self, times: u64, now: u64) -> bool {
        now >= self.created.saturating_add(times * RENEWAL_MS)
            || self.frames >= times * RENEWAL_FRAMES
            || self.bytes >= times * RENEWAL_BYTES
    }

    pub(crate) fn copy(&self) -> Session {
        self.with(self.ratchet.copy())
    }

    /// The same session with another ratchet.
    fn with(&self, ratchet: Ratchet) -> Session {
        Session {
            suite: self.suite,
            sid: self.sid,
            th: self.th,
            exporter: ExporterSecret(self.exporter.0.copy()),
            peer: self.peer.clone(),
            side: self.side.clone(),
            created: self.created,
            used: self.used,
            opened: self.opened,
            retired: self.retired,
            frames: self.frames,
            bytes: self.bytes,
            ratchet,
        }
    }

    pub(crate) fn retire(&mut self, now: u64) {
        self.retired.get_or_insert(Retirement { at: now, renewed: false });
    }

    /// Retires it by renewal, which one that is retired already may be once.
    pub(crate) fn retire_renewed(&mut self, now: u64) {
        if !self.retired.is_some_and(|retired| retired.renewed) {
            self.retired = Some(Retirement { at: now, renewed: true });
        }
    }

    fn may_seal(&self, kind: Kind, data: &[u8], now: u64) -> Result<(), Error> {
        if self.is_retired() {
            return Err(ErrorCode::SessionClosed.into());
        }
        if data.len() > crate::limits::DATA_BYTES {
            return Err(Error::new(ErrorCode::MalformedSize, "a frame has at most 16 MiB of data"));
        }
        if kind != Kind::Message {
            return Ok(());
        }
        match &self.side {
            // What has not been answered has opened nothing, so that all of its frames were sealed.
            Side::Initiator { head: Some(_), until, .. } if self.frames >= UNANSWERED_FRAMES || now >= *until => {
                Err(ErrorCode::SessionUnanswered.into())
            }
            Side::Initiator { head: Some(_), .. } => Ok(()),
            _ if self.has_reached(2, now) => Err(ErrorCode::SessionRenewalRequired.into()),
            _ => Ok(()),
        }
    }

    /// Seals data at time now (section 6). INVARIANT: the bucket, what the plaintext is padded to a multiple of, has been
    /// checked by [`Agent::new`](crate::Agent::new).
    pub(crate) fn sealed(
        &self,
        kind: Kind,
        data: &[u8],
        bucket: usize,
        now: u64,
        entropy: &mut dyn Entropy,
    ) -> Result<(Session, Sealed), Error> {
        self.may_seal(kind, data, now)?;
        let sending = self.ratchet.send(entropy)?;
        let header = Header {
            kind,
            suite: self.suite,
            sid: self.sid,
            ratchet_key: sending.ratchet_key,
            previous: sending.previous,
            number: sending.number,
            nonce: random::nonce(entropy)?,
            commitment: sending.key.commitment(),
        };
        let data = if kind == Kind::Message { data } else { &[] };
        let frame = frame::seal(&header, &sending.key, &self.th, data, bucket)?;
        let frame_hash = frame::frame_hash(&frame);
        let mut next = self.with(sending.next);
        next.count(frame.len(), now);
        if kind != Kind::Message {
            next.retire(now);
        }
        let bytes = match &self.side {
            Side::Initiator { head: Some(head), .. } => container::wrap(head, &frame),
            _ => frame,
        };
        Ok((
            next,
            Sealed {
                bytes,
                sid: self.sid,
                frame_hash,
                transcript_hash: self.transcript_hash(),
                message_key: sending.key,
            },
        ))
    }

    /// Opens a frame of this session at time now (section 7). `may_skip` is false where too many frames failed in this
    /// minute: then only frames that skip few keys, or none, are tried.
    pub(crate) fn opened(&self, frame: &Frame<'_>, may_skip: bool, now: u64) -> Result<(Session, Opened), Refused> {
        let header = frame.header();
        if header.sid != self.sid {
            return Err(ErrorCode::SessionUnknown.into());
        }
        if header.suite != self.suite {
            return Err(Error::new(ErrorCode::SessionSuite, "the frame is of another suite than its session").into());
        }
        let located = self.ratchet.locate(frame, may_skip)?;
        let plaintext = frame.authenticate(located.key(), &self.th)?;
        let frame_hash = frame.hash();
        if located.is_backwards() {
            let why = "the sender has counted fewer messages than it sent";
            return Err(Refused::fork(self.sid, frame_hash, None, why));
        }
        let data = frame::unpad(header.kind, plaintext)?;
        let message_key = located.key().copy();
        let mut next = self.with(self.ratchet.advanced(located, header, frame_hash));
        next.count(frame.bytes().len(), now);
        next.opened = Some(now.max(self.opened.unwrap_or(0)));
        if let Side::Initiator { head, .. } = &mut next.side {
            *head = None;
        }
        let content = match header.kind {
            Kind::Message => Content::Message(data),
            Kind::Close => Content::Close { missing: next.missing() },
            Kind::Reset => Content::Reset,
        };
        if header.kind != Kind::Message {
            next.retire(now);
        }
        Ok((next, Opened { content, frame_hash, transcript_hash: self.transcript_hash(), message_key }))
    }

    fn count(&mut self, bytes: usize, now: u64) {
        self.frames = self.frames.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes as u64);
        // A clock that goes back does not make a session older.
        self.used = self.used.max(now);
    }
}
