//! What a message of a session holds (`docs/spec/client.md`, section 2): a byte that says what it is, then that.

use crate::error::payload as refused;
use talos_contracts::Error;

/// What a message holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload<'a> {
    /// What the host of the peer said.
    Data(&'a [u8]),
    /// The receipt of the peer's kernel for a message that arrived there: its envelope as JSON text.
    Delivery(&'a [u8]),
}

impl<'a> Payload<'a> {
    /// The bytes to seal.
    pub fn write(&self) -> Vec<u8> {
        match self {
            Payload::Data(data) => [&[1], *data].concat(),
            Payload::Delivery(envelope) => [&[2], *envelope].concat(),
        }
    }

    /// Reads strictly; a kind of a later version is `session.malformed`.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        let (kind, rest) = bytes.split_first().ok_or_else(|| refused("a message without a kind"))?;
        match kind {
            1 => Ok(Payload::Data(rest)),
            2 => Ok(Payload::Delivery(rest)),
            _ => Err(refused("a kind of message that this version does not know")),
        }
    }
}
