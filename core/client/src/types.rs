//! What a client takes and gives.

use talos_contracts::Error;
use talos_contracts::scalar::Hash;
use talos_session::limits::DAY_MS;
use talos_session::{Accepted, Known, Sid};
use zeroize::Zeroizing;

/// How much a client keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Frames that wait to go out, and their bytes: more is `client.backlog`.
    pub outgoing: (usize, usize),
    /// Messages that wait for the host, and their bytes: more is `client.backlog`, and stays where it is.
    pub incoming: (usize, usize),
    /// How long the frame and the key of a message are kept, so that it can be opened to an auditor: 0 keeps neither, and
    /// whoever later has the store cannot read what went before.
    pub keep_ms: u64,
    /// How long is remembered which receipts a message has.
    pub remember_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        const MIB: usize = 1 << 20;
        Settings { outgoing: (1_000, 64 * MIB), incoming: (1_000, 64 * MIB), keep_ms: 0, remember_ms: 90 * DAY_MS }
    }
}

/// A message for the host.
pub struct Message {
    /// Who sealed it.
    pub peer: String,
    /// What it says.
    pub data: Zeroizing<Vec<u8>>,
    /// SHA-256 of that.
    pub message_hash: Hash,
    /// The hash of its frame.
    pub frame_hash: Hash,
    /// Its session.
    pub sid: Sid,
    /// When it was opened.
    pub received: u64,
    /// Where it began the session: what is known of the peer.
    pub began: Option<Known>,
    /// The receipt of its arrival, once there is one.
    pub receipt: Option<Hash>,
}

/// A message that was opened and not released: for who decides whether it is.
pub struct Arrival<'a> {
    /// Who sealed it.
    pub peer: &'a str,
    /// Its session.
    pub sid: Sid,
    /// The hash of its frame.
    pub frame_hash: Hash,
    /// What it says.
    pub data: &'a [u8],
    /// Where it began the session: how.
    pub accepted: Option<Accepted>,
}

/// What came of a frame.
pub enum Arrived {
    /// A message waits for the host.
    Message {
        /// Who sealed it.
        peer: String,
        /// Its session.
        sid: Sid,
        /// The hash of its frame.
        frame_hash: Hash,
    },
    /// It was opened, and whoever decides did not admit it: it is gone.
    Refused {
        /// Who sealed it.
        peer: String,
        /// Why.
        reason: Error,
    },
    /// The peer sealed what this version cannot read.
    Unreadable {
        /// Who.
        peer: String,
        /// Why.
        error: Error,
    },
    /// What concerns the client alone and is dealt with: a receipt of the peer, the end of a session, a reset notice.
    Other {
        /// Who sealed it.
        peer: String,
        /// The hash of its frame.
        frame_hash: Hash,
    },
}

/// What was sealed and waits to go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The session.
    pub sid: Sid,
    /// The hash of the frame.
    pub frame_hash: Hash,
    /// SHA-256 of the payload's data.
    pub message_hash: Hash,
}

/// A frame that waits to go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// SHA-256 of the bytes.
    pub id: Hash,
    /// To whom.
    pub peer: String,
    /// A frame or a container.
    pub bytes: Vec<u8>,
}

/// How much waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    /// Frames that wait to go out.
    pub outgoing: usize,
    /// Messages that wait for the host.
    pub incoming: usize,
}
