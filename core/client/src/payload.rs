//! What a message of a session holds (`docs/spec/client.md`, section 2): a byte that says what it is, then that.

use crate::error::payload as refused;
use talos_contracts::Error;

/// Bytes of the longest name of a file.
pub const NAME_BYTES: usize = 255;

/// What a message holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload<'a> {
    /// What the host of the peer said.
    Data(&'a [u8]),
    /// The receipt of the peer's kernel for a message that arrived there: its envelope as JSON text.
    Delivery(&'a [u8]),
    /// A file begins.
    Offer(Offer<'a>),
    /// A part of a file.
    Piece {
        /// The file.
        id: [u8; 16],
        /// Where in the file.
        offset: u64,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// So much of a file has arrived without a gap.
    Have {
        /// The file.
        id: [u8; 16],
        /// Bytes from its beginning.
        bytes: u64,
    },
    /// A side gives a file up.
    Stop {
        /// The file.
        id: [u8; 16],
    },
}

/// What is said of a file before it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer<'a> {
    /// Its id.
    pub id: [u8; 16],
    /// Its bytes.
    pub size: u64,
    /// SHA-256 of the whole.
    pub hash: [u8; 32],
    /// One file name.
    pub name: &'a str,
}

impl<'a> Payload<'a> {
    /// The bytes to seal.
    pub fn write(&self) -> Vec<u8> {
        match self {
            Payload::Data(data) => [&[1], *data].concat(),
            Payload::Delivery(envelope) => [&[2], *envelope].concat(),
            Payload::Offer(Offer { id, size, hash, name }) => {
                [&[3], &id[..], &size.to_be_bytes(), &hash[..], name.as_bytes()].concat()
            }
            Payload::Piece { id, offset, bytes } => [&[4], &id[..], &offset.to_be_bytes(), bytes].concat(),
            Payload::Have { id, bytes } => [&[5], &id[..], &bytes.to_be_bytes()].concat(),
            Payload::Stop { id } => [&[6], &id[..]].concat(),
        }
    }

    /// Reads strictly; a kind of a later version is `session.malformed`.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        let (kind, rest) = bytes.split_first().ok_or_else(|| refused("a message without a kind"))?;
        match kind {
            1 => Ok(Payload::Data(rest)),
            2 => Ok(Payload::Delivery(rest)),
            3 => {
                let (id, rest) = split(rest)?;
                let (size, rest) = split(rest)?;
                let (hash, rest) = split(rest)?;
                let name = std::str::from_utf8(rest).ok().filter(|name| is_file_name(name));
                let name = name.ok_or_else(|| refused("not one file name"))?;
                Ok(Payload::Offer(Offer { id, size: u64::from_be_bytes(size), hash, name }))
            }
            4 => {
                let (id, rest) = split(rest)?;
                let (offset, bytes) = split(rest)?;
                Ok(Payload::Piece { id, offset: u64::from_be_bytes(offset), bytes })
            }
            5 => {
                let (id, rest) = split(rest)?;
                let (bytes, rest) = split(rest)?;
                ended(rest, Payload::Have { id, bytes: u64::from_be_bytes(bytes) })
            }
            6 => {
                let (id, rest) = split(rest)?;
                ended(rest, Payload::Stop { id })
            }
            _ => Err(refused("a kind of message that this version does not know")),
        }
    }
}

/// Whether it names a file and no directory, in any file system: no separators, no dots alone, no control characters.
pub fn is_file_name(name: &str) -> bool {
    let plain =
        |c: char| !c.is_control() && !matches!(c, '/' | '\\' | ':' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    (1..=NAME_BYTES).contains(&name.len()) && name != "." && name != ".." && name.chars().all(plain)
}

fn split<const N: usize>(bytes: &[u8]) -> Result<([u8; N], &[u8]), Error> {
    let (first, rest) = bytes.split_first_chunk().ok_or_else(|| refused("a message that ends too early"))?;
    Ok((*first, rest))
}

fn ended<T>(rest: &[u8], read: T) -> Result<T, Error> {
    if rest.is_empty() { Ok(read) } else { Err(refused("a message that goes on after its end")) }
}
