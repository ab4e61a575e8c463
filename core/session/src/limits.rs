//! The limits of `docs/spec/session.md`, section 13, in one place.

/// A minute in milliseconds.
pub const MINUTE_MS: u64 = 60_000;
/// An hour in milliseconds.
pub const HOUR_MS: u64 = 60 * MINUTE_MS;
/// A day in milliseconds.
pub const DAY_MS: u64 = 24 * HOUR_MS;

/// The longest life of a static key statement.
pub const STATEMENT_MS: u64 = 90 * DAY_MS;
/// The longest life of a prekey bundle.
pub const BUNDLE_MS: u64 = 14 * DAY_MS;
/// The longest life of a one-time key.
pub const ONE_TIME_KEY_MS: u64 = 30 * DAY_MS;
/// How long private prekeys are kept after their `exp`, for what is on its way.
pub const GRACE_MS: u64 = 7 * DAY_MS;
/// How far ahead of now an `iat` may be.
pub const SKEW_MS: u64 = MINUTE_MS;

/// Bytes of a statement in a container.
pub const STATEMENT_BYTES: usize = 4_096;
/// Bytes of a DID in a container.
pub const DID_BYTES: usize = 129;
/// Characters of the id of a prekey.
pub const ID_BYTES: usize = 64;
/// Bytes of the data of a frame.
pub const DATA_BYTES: usize = 16 * 1024 * 1024;
/// What a plaintext is padded to a multiple of, unless configured.
pub const BUCKET: usize = 64;
/// The largest bucket.
pub const MAX_BUCKET: usize = 65_536;
/// Bytes of the largest plaintext: data, its length, and padding.
pub const PLAINTEXT_BYTES: usize = DATA_BYTES + MAX_BUCKET;

/// Keys that one frame may skip in each of the two chains that it touches.
pub const SKIPPED_BY_FRAME: u64 = 1_000;
/// Keys that a frame may skip in its two chains together, however many frames failed.
pub const SKIPPED_FREELY: u64 = 16;
/// Skipped keys of a session.
pub const SKIPPED: usize = 2_000;
/// Receiving chains that are kept.
pub const CHAINS: usize = 5;
/// Opened frames that are remembered.
pub const OPENED: usize = 1_000;
/// Failed frames of a session in a minute, after which no frame may skip many keys.
pub const FAILED_FRAMES: u32 = 60;
/// Failed containers in a minute that name one session, after which no more renewal of it is tried.
pub const FAILED_RENEWALS: u32 = 60;
/// Failed containers in a minute that name no session, after which none of these is tried.
pub const FAILED_CONTAINERS: u32 = 6_000;
/// Failed frames in a row that a reset notice or a healing handshake needs.
pub const FAILED_IN_ROW: u32 = 20;

/// How long an agent has to wait between two healing handshakes, or reset notices, with a peer.
pub const HEALING_MS: u64 = HOUR_MS;
/// How long a session says nothing of a second frame of one key after it has said so.
pub const FORK_MS: u64 = HOUR_MS;
/// Handshakes without a renewal that are accepted of a peer in an hour, while there is a session.
pub const FRESH_IN_HOUR: usize = 4;
/// Renewals that are accepted of a peer in an hour.
pub const RENEWALS_IN_HOUR: u32 = 60;
/// Handshakes of strangers, peers with whom there is no session, that are accepted in an hour, unless configured.
pub const STRANGERS_IN_HOUR: u32 = 1_000;
/// Sessions that there may be before no handshake of a stranger is accepted, unless configured.
pub const ALL_SESSIONS: usize = 10_000;
/// Sessions with a peer.
pub const SESSIONS: usize = 4;
/// Handshakes without a one-time key that are remembered for a bundle.
pub const REMEMBERED: usize = 100_000;

/// When a session is due for renewal: its age.
pub const RENEWAL_MS: u64 = DAY_MS;
/// When a session is due for renewal: frames sealed and opened.
pub const RENEWAL_FRAMES: u64 = 10_000;
/// When a session is due for renewal: bytes of these frames.
pub const RENEWAL_BYTES: u64 = 1 << 30;
/// How many frames an initiator sends without an answer.
pub const UNANSWERED_FRAMES: u64 = 10_000;
/// How long a retired session opens what is on its way.
pub const RETIRED_MS: u64 = DAY_MS;
/// After how long an idle session is erased.
pub const IDLE_MS: u64 = 30 * DAY_MS;

/// Characters of an exporter label.
pub const LABEL_BYTES: usize = 64;
/// Bytes that an exporter gives.
pub const EXPORT_BYTES: std::ops::RangeInclusive<usize> = 16..=64;
