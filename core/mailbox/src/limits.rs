//! Every limit of a mailbox (`docs/spec/mailbox.md`, section 7).

/// Bytes of a frame or container: 16 MiB of data, and 1 MiB for what is around it.
pub const FRAME_BYTES: usize = 17 * 1024 * 1024;
/// Bytes of a body that publishes one-time keys, the largest body but for frames.
pub const KEYS_BYTES: usize = 1024 * 1024;
/// Frames in one answer.
pub const PAGE_FRAMES: u64 = 256;
/// Bytes of the frames in one answer, unless the first alone has more.
pub const PAGE_BYTES: u64 = 1024 * 1024;
/// How long a request for frames may wait for some, in seconds.
pub const WAIT_SECONDS: u64 = 60;
/// One-time keys of one owner that one requester gets in an hour.
pub const KEYS_A_REQUESTER: u64 = 10;
/// The hour, in milliseconds.
pub const KEYS_WINDOW_MS: u64 = 3_600_000;
/// One-time keys that are remembered after they were given, for each that may wait.
pub const REMEMBERED_KEYS: u64 = 64;
/// How long a nonce is remembered after the `iat` of its request, in milliseconds.
pub const NONCE_MS: u64 = 120_000;
/// How long an agent is remembered after its bundle has ended, in milliseconds: 30 days.
pub const AGENT_MS: u64 = 30 * 24 * 3_600_000;
/// The longest that a frame waits, in milliseconds: 14 days.
pub const EXPIRY_MS: u64 = 14 * 24 * 3_600_000;
/// The most frames that the queue of an agent can be set to have.
pub const QUEUE_FRAMES_MAX: u64 = 1_000_000;

/// What an operator may set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Frames in the queue of an agent.
    pub queue_frames: u64,
    /// Bytes in the queue of an agent.
    pub queue_bytes: u64,
    /// Bytes of all that is kept.
    pub total_bytes: u64,
    /// How long a frame waits, in milliseconds.
    pub expiry_ms: u64,
    /// One-time keys that wait of an agent.
    pub one_time_keys: u64,
    /// Below so many an agent is told to publish more.
    pub low_water: u64,
    /// Agents that have published.
    pub agents: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            queue_frames: 10_000,
            queue_bytes: 256 * 1024 * 1024,
            total_bytes: 8 * 1024 * 1024 * 1024,
            expiry_ms: EXPIRY_MS,
            one_time_keys: 1_000,
            low_water: 20,
            agents: 100_000,
        }
    }
}
