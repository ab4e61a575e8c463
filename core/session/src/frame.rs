//! Frames: layout and parsing (`docs/spec/session.md`, section 5).

use crate::aead::{self, TAG_BYTES};
use crate::error::{malformed, unauthentic};
use crate::kdf::MessageKey;
use crate::keys::{Sid, TheirKey};
use crate::limits::{BUCKET, DATA_BYTES, PLAINTEXT_BYTES};
use crate::suite::Suite;
use talos_contracts::scalar::Hash;
use talos_contracts::{Error, ErrorCode};
use talos_crypto::hash;
use zeroize::Zeroizing;

/// The version of this page, the first byte of frames and containers.
pub(crate) const VERSION: u8 = 0x01;
/// Bytes before the ciphertext.
pub(crate) const HEADER_BYTES: usize = 104;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A message.
    Message,
    /// The sender is done.
    Close,
    /// The sender cannot read what the other side sends.
    Reset,
}

impl Kind {
    fn byte(self) -> u8 {
        match self {
            Kind::Message => 0x02,
            Kind::Close => 0x03,
            Kind::Reset => 0x04,
        }
    }
}

/// The clear part of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its kind.
    pub kind: Kind,
    /// Its suite.
    pub suite: Suite,
    /// Its session.
    pub sid: Sid,
    /// DHs, the sender's public ratchet key.
    pub ratchet_key: TheirKey,
    /// PN: how many messages the chain before this one had.
    pub previous: u32,
    /// N: the number of this message in its chain.
    pub number: u32,
    /// The random nonce.
    pub nonce: [u8; 12],
    /// com, the commitment to the message key.
    pub commitment: [u8; 32],
}

impl Header {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[VERSION, self.kind.byte()]);
        out.extend_from_slice(&self.suite.number().to_be_bytes());
        out.extend_from_slice(&self.sid.0);
        out.extend_from_slice(&self.ratchet_key.0);
        out.extend_from_slice(&self.previous.to_be_bytes());
        out.extend_from_slice(&self.number.to_be_bytes());
        out.extend_from_slice(&self.nonce);
        out.extend_from_slice(&self.commitment);
    }
}

/// A frame that has the form of one. Nothing in it is authenticated.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    header: Header,
    bytes: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Parses a frame (section 5.2).
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let (kind, suite, head) = form(bytes)?;
        let header = Header {
            kind,
            suite: Suite::from_number(suite)?,
            sid: Sid(array(head, 4)),
            ratchet_key: TheirKey(array(head, 20)),
            previous: u32::from_be_bytes(array(head, 52)),
            number: u32::from_be_bytes(array(head, 56)),
            nonce: array(head, 60),
            commitment: array(head, 72),
        };
        Ok(Frame { header, bytes })
    }

    /// The clear part.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The whole frame.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// frame_hash = H("talos/session/1 frame" || 0x00 || frame).
    pub fn hash(&self) -> Hash {
        frame_hash(self.bytes)
    }

    /// Section 7, step 4: com, and then the AEAD. Gives the padded plaintext.
    pub(crate) fn authenticate(&self, key: &MessageKey, th: &[u8; 32]) -> Result<Zeroizing<Vec<u8>>, Error> {
        if !key.commits_to(&self.header.commitment) {
            return Err(unauthentic("the commitment is not to the key of this message"));
        }
        let (head, sealed) = self.bytes.split_at(HEADER_BYTES);
        aead::open(&key.cipher_key(), &self.header.nonce, &aad(th, head), sealed)
            .ok_or_else(|| unauthentic("the frame does not authenticate"))
    }
}

/// What is a frame whatever its suite: its kind, the number of the suite, and its clear part.
pub(crate) fn form(bytes: &[u8]) -> Result<(Kind, u16, &[u8; HEADER_BYTES]), Error> {
    let (head, sealed) =
        bytes.split_first_chunk::<HEADER_BYTES>().ok_or_else(|| malformed("a frame has at least 184 bytes"))?;
    if head[0] != VERSION {
        return Err(malformed("not a frame of version 1"));
    }
    let kind = [Kind::Message, Kind::Close, Kind::Reset].into_iter().find(|kind| kind.byte() == head[1]);
    let kind = kind.ok_or_else(|| malformed("not a type of frame"))?;
    let plaintext = sealed.len().saturating_sub(TAG_BYTES);
    if plaintext == 0 || !plaintext.is_multiple_of(BUCKET) || plaintext > PLAINTEXT_BYTES {
        return Err(malformed("the plaintext of a frame has 64 to 16,842,752 bytes, a multiple of 64"));
    }
    Ok((kind, u16::from_be_bytes(array(head, 2)), head))
}

fn array<const N: usize>(head: &[u8; HEADER_BYTES], from: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&head[from..from + N]);
    out
}

/// H("talos/session/1 frame" || 0x00 || frame).
pub fn frame_hash(frame: &[u8]) -> Hash {
    hash::tagged("talos/session/1 frame", &[frame])
}

/// "talos/session/1 aad" || 0x00 || th || frame[0..104].
fn aad(th: &[u8; 32], head: &[u8]) -> Vec<u8> {
    [b"talos/session/1 aad\0", &th[..], head].concat()
}

/// Seals data that is not too large under a header.
pub(crate) fn seal(
    header: &Header,
    key: &MessageKey,
    th: &[u8; 32],
    data: &[u8],
    bucket: usize,
) -> Result<Vec<u8>, Error> {
    let length = u32::try_from(data.len()).ok().filter(|_| data.len() <= DATA_BYTES);
    let length = length.ok_or_else(|| Error::new(ErrorCode::MalformedSize, "a frame has at most 16 MiB of data"))?;
    let padded = (4 + data.len()).next_multiple_of(bucket);
    let mut frame = Vec::with_capacity(HEADER_BYTES + padded + TAG_BYTES);
    header.write(&mut frame);
    let aad = aad(th, &frame);
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(data);
    frame.resize(HEADER_BYTES + padded, 0);
    aead::seal(&key.cipher_key(), &header.nonce, &aad, &mut frame, HEADER_BYTES)?;
    Ok(frame)
}

/// Section 7, step 6: the data in a plaintext that has its form. What is cut off stays in the buffer, and is erased with it.
pub(crate) fn unpad(kind: Kind, mut plaintext: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, Error> {
    let form = || malformed("the plaintext does not have its form");
    let (length, rest) = plaintext.split_first_chunk::<4>().ok_or_else(form)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| form())?;
    let (_, padding) = rest.split_at_checked(length).ok_or_else(form)?;
    let padded = padding.iter().fold(0, |all, byte| all | byte) == 0;
    if !padded || length > DATA_BYTES || (kind != Kind::Message && length > 0) {
        return Err(form());
    }
    plaintext.copy_within(4..4 + length, 0);
    plaintext.truncate(length);
    Ok(plaintext)
}
