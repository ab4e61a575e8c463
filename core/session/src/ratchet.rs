//! The Double Ratchet (`docs/spec/session.md`, sections 4 and 7).
//!
//! Nothing here changes in place: a step takes the ratchet by reference and gives the next one, so that the one in force
//! is untouched until a step is committed, whatever was received.

use crate::error::{Refused, malformed, unauthentic};
use crate::frame::{Frame, Header};
use crate::kdf::{ChainKey, MessageKey, RootKey};
use crate::keys::{OurKey, TheirKey};
use crate::limits::{CHAINS, OPENED, SKIPPED, SKIPPED_BY_FRAME, SKIPPED_FREELY};
use crate::random::Entropy;
use std::collections::VecDeque;
use std::sync::Arc;
use subtle::ConstantTimeEq;
use talos_contracts::scalar::Hash;
use talos_contracts::{Error, ErrorCode};

/// The chain of one's own ratchet key.
pub(crate) struct SendingChain {
    pub(crate) key: ChainKey,
    pub(crate) next: u32,
}

/// The chain of a ratchet key of the other side.
pub(crate) struct ReceivingChain {
    pub(crate) ratchet_key: TheirKey,
    /// The number of the next message. Wider than on the wire, so that it cannot overflow.
    pub(crate) next: u64,
    /// Absent where the chain has ended.
    pub(crate) key: Option<ChainKey>,
}

/// The key of a message that was passed over.
pub(crate) struct Skipped {
    pub(crate) ratchet_key: TheirKey,
    pub(crate) number: u32,
    pub(crate) key: MessageKey,
}

/// What is remembered of a frame that was opened.
#[derive(Clone, Copy)]
pub(crate) struct OpenedFrame {
    pub(crate) ratchet_key: TheirKey,
    pub(crate) number: u32,
    pub(crate) commitment: [u8; 32],
    pub(crate) frame_hash: Hash,
}

/// The ratchet of one side.
pub(crate) struct Ratchet {
    pub(crate) root: RootKey,
    pub(crate) own: OurKey,
    pub(crate) sending: Option<SendingChain>,
    /// PN: how many messages the sending chain had that ended last.
    pub(crate) previous: u32,
    /// From the oldest to the newest. INVARIANT: the newest has a chain key, the others have none.
    pub(crate) receiving: Vec<ReceivingChain>,
    /// In the order in which they were skipped. INVARIANT: of chains that are kept. A staged ratchet shares them with the one
    /// in force.
    pub(crate) skipped: VecDeque<Arc<Skipped>>,
    /// In the order in which they were opened. INVARIANT: of chains that are kept. Shared until another is opened.
    pub(crate) opened: Arc<Vec<OpenedFrame>>,
}

/// What sealing takes from the ratchet.
pub(crate) struct Sending {
    pub(crate) next: Ratchet,
    pub(crate) key: MessageKey,
    pub(crate) ratchet_key: TheirKey,
    pub(crate) previous: u32,
    pub(crate) number: u32,
}

/// Where the key of a frame was found, and what has to change if the frame authenticates.
pub(crate) enum Located {
    /// Among the skipped keys.
    Skipped { at: usize, key: MessageKey },
    /// Ahead, in the newest chain or in a new one.
    Ahead(Box<Advance>),
}

pub(crate) struct Advance {
    pub(crate) key: MessageKey,
    /// The chain key behind it.
    chain_key: ChainKey,
    /// Keys that are passed over, in order, of the chain that ends and of this one.
    passed: Vec<Skipped>,
    /// The root key, where a chain starts.
    started: Option<RootKey>,
    /// PN is below the number that the chain before has come to: a fork, if the frame authenticates.
    backwards: bool,
}

impl Located {
    pub(crate) fn key(&self) -> &MessageKey {
        match self {
            Located::Skipped { key, .. } => key,
            Located::Ahead(advance) => &advance.key,
        }
    }

    pub(crate) fn is_backwards(&self) -> bool {
        matches!(self, Located::Ahead(advance) if advance.backwards)
    }
}

impl Ratchet {
    /// The initiator's, which can send at once: (RK, CK) = KDF_RK(SK, X25519(DHs_A, SPK_B)).
    pub(crate) fn initiator(sk: &RootKey, own: OurKey, spk: &TheirKey) -> Result<Self, Error> {
        let (root, key) = sk.step(&own.agree(spk)?);
        let sending = Some(SendingChain { key, next: 0 });
        Ok(Ratchet { sending, ..Self::responder(root, own) })
    }

    /// The responder's, whose first ratchet key is its signed prekey.
    pub(crate) fn responder(sk: RootKey, spk: OurKey) -> Self {
        Ratchet {
            root: sk,
            own: spk,
            sending: None,
            previous: 0,
            receiving: Vec::new(),
            skipped: VecDeque::new(),
            opened: Arc::default(),
        }
    }

    pub(crate) fn copy(&self) -> Self {
        let chain = |chain: &ReceivingChain| ReceivingChain {
            ratchet_key: chain.ratchet_key,
            next: chain.next,
            key: chain.key.as_ref().map(|key| ChainKey(key.0.copy())),
        };
        Ratchet {
            root: RootKey(self.root.0.copy()),
            own: self.own.copy(),
            sending: self.sending.as_ref().map(|c| SendingChain { key: ChainKey(c.key.0.copy()), next: c.next }),
            previous: self.previous,
            receiving: self.receiving.iter().map(chain).collect(),
            skipped: self.skipped.clone(),
            opened: Arc::clone(&self.opened),
        }
    }

    /// The next message key of the sending chain, which is started if there is none.
    pub(crate) fn send(&self, entropy: &mut dyn Entropy) -> Result<Sending, Error> {
        let mut next = self.copy();
        let chain = match next.sending.take() {
            Some(chain) => chain,
            None => {
                // INVARIANT: an initiator has a chain from the start, a responder has opened the frame that began the session.
                let newest = next.receiving.last().ok_or(ErrorCode::InternalFault)?;
                next.own = OurKey::draw(entropy)?;
                let (root, key) = next.root.step(&next.own.agree(&newest.ratchet_key)?);
                next.root = root;
                SendingChain { key, next: 0 }
            }
        };
        let (key, chain_key) = chain.key.step();
        let number = chain.next;
        let after = number.checked_add(1).ok_or(ErrorCode::SessionRenewalRequired)?;
        next.sending = Some(SendingChain { key: chain_key, next: after });
        let (ratchet_key, previous) = (next.own.public(), next.previous);
        Ok(Sending { next, key, ratchet_key, previous, number })
    }

    /// Section 7, step 3. `may_skip` says that not too many frames failed in this minute.
    pub(crate) fn locate(&self, frame: &Frame<'_>, may_skip: bool) -> Result<Located, Refused> {
        let header = frame.header();
        let number = u64::from(header.number);
        let newest = self.receiving.last();
        match self.receiving.iter().find(|chain| chain.ratchet_key == header.ratchet_key) {
            Some(chain) if number < chain.next => self.passed_over(frame),
            Some(ReceivingChain { next, key: Some(key), .. }) => {
                check_skips([0, number - next], may_skip)?;
                Ok(Located::Ahead(Box::new(ahead(key, *next, header, Vec::new(), None, false))))
            }
            Some(_) => Err(unauthentic("the chain has ended before this number").into()),
            None => self.new_chain(header, newest, may_skip),
        }
    }

    /// A number that the chain has passed: skipped, opened, or gone.
    fn passed_over(&self, frame: &Frame<'_>) -> Result<Located, Refused> {
        let header = frame.header();
        let same = |key: &TheirKey, number: u32| number == header.number && *key == header.ratchet_key;
        if let Some(at) = self.skipped.iter().position(|skipped| same(&skipped.ratchet_key, skipped.number)) {
            return Ok(Located::Skipped { at, key: self.skipped[at].key.copy() });
        }
        let Some(before) = self.opened.iter().find(|opened| same(&opened.ratchet_key, opened.number)) else {
            return Err(ErrorCode::SessionKeyGone.into());
        };
        // The hash is of all of the frame, and comes only where the commitment is right: both are the same or the frame differs.
        if !bool::from(before.commitment.ct_eq(&header.commitment)) {
            return Err(unauthentic("not of the message key of this number").into());
        }
        let hash = frame.hash();
        if talos_crypto::hash::equal(&hash, &before.frame_hash) {
            return Err(ErrorCode::SessionDuplicate.into());
        }
        let why = "a second frame of a message key that was used";
        Err(Refused::fork(header.sid, hash, Some(before.frame_hash), why))
    }

    fn new_chain(&self, header: &Header, newest: Option<&ReceivingChain>, may_skip: bool) -> Result<Located, Refused> {
        let (before, previous) = (newest.map_or(0, |chain| chain.next), u64::from(header.previous));
        if newest.is_none() && previous != 0 {
            return Err(malformed("PN is 0 where there was no chain before").into());
        }
        check_skips([previous.saturating_sub(before), u64::from(header.number)], may_skip)?;
        let (root, key) = self.root.step(&self.own.agree(&header.ratchet_key)?);
        let mut passed = Vec::new();
        if let Some(ReceivingChain { ratchet_key, next, key: Some(key) }) = newest {
            pass(key, *ratchet_key, *next, previous, &mut passed);
        }
        Ok(Located::Ahead(Box::new(ahead(&key, 0, header, passed, Some(root), previous < before))))
    }

    /// The ratchet after a frame that was located here has authenticated.
    pub(crate) fn advanced(&self, located: Located, header: &Header, frame_hash: Hash) -> Ratchet {
        let mut next = self.copy();
        match located {
            Located::Skipped { at, .. } => {
                next.skipped.remove(at);
            }
            Located::Ahead(advance) => next.advance(*advance, header),
        }
        let over = (next.opened.len() + 1).saturating_sub(OPENED);
        let mut opened = Vec::with_capacity(next.opened.len() + 1 - over);
        opened.extend_from_slice(&next.opened[over..]);
        opened.push(OpenedFrame {
            ratchet_key: header.ratchet_key,
            number: header.number,
            commitment: header.commitment,
            frame_hash,
        });
        next.opened = Arc::new(opened);
        next
    }

    fn advance(&mut self, advance: Advance, header: &Header) {
        if let Some(root) = advance.started {
            if let Some(newest) = self.receiving.last_mut() {
                newest.next = u64::from(header.previous);
                newest.key = None;
            }
            self.root = root;
            self.previous = self.sending.take().map_or(self.previous, |chain| chain.next);
            self.receiving.push(ReceivingChain { ratchet_key: header.ratchet_key, next: 0, key: None });
        }
        if let Some(chain) = self.receiving.last_mut() {
            chain.next = u64::from(header.number) + 1;
            chain.key = Some(advance.chain_key);
        }
        self.skipped.extend(advance.passed.into_iter().map(Arc::new));
        if self.receiving.len() > CHAINS {
            let gone = self.receiving.remove(0).ratchet_key;
            self.skipped.retain(|skipped| skipped.ratchet_key != gone);
            Arc::make_mut(&mut self.opened).retain(|opened| opened.ratchet_key != gone);
        }
        let over = self.skipped.len().saturating_sub(SKIPPED);
        self.skipped.drain(..over);
    }
}

/// Whether so many keys may be skipped, in the chain that ends and in the one of the frame.
fn check_skips(skips: [u64; 2], may_skip: bool) -> Result<(), Error> {
    if !may_skip && skips.iter().sum::<u64>() > SKIPPED_FREELY {
        return Err(ErrorCode::SessionThrottled.into());
    }
    if skips.iter().any(|count| *count > SKIPPED_BY_FRAME) {
        return Err(Error::new(ErrorCode::SessionSkipLimit, "more than 1,000 messages of a chain are missing"));
    }
    Ok(())
}

/// Derives the keys from `next` on up to `end`, and gives the chain key at `end`.
fn pass(key: &ChainKey, chain: TheirKey, next: u64, end: u64, passed: &mut Vec<Skipped>) -> ChainKey {
    let mut chain_key = ChainKey(key.0.copy());
    for number in next..end {
        let (key, after) = chain_key.step();
        // INVARIANT: `end` comes from a u32 of the header.
        passed.push(Skipped { ratchet_key: chain, number: number as u32, key });
        chain_key = after;
    }
    chain_key
}

fn ahead(
    key: &ChainKey,
    next: u64,
    header: &Header,
    mut passed: Vec<Skipped>,
    started: Option<RootKey>,
    backwards: bool,
) -> Advance {
    let chain_key = pass(key, header.ratchet_key, next, u64::from(header.number), &mut passed);
    let (key, chain_key) = chain_key.step();
    Advance { key, chain_key, passed, started, backwards }
}
