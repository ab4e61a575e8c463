//! The port to what a mailbox keeps. A store counts as it writes, so that no limit costs a scan.

use talos_contracts::scalar::Hash;
use talos_contracts::{Error, ErrorCode, MailboxFrame, MailboxPosted};

pub use crate::gate::Made;

/// A bundle or a one-time key that was verified, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The canonical form of its envelope.
    pub envelope: Vec<u8>,
    /// When it ends.
    pub exp: u64,
}

/// A one-time key that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The id that its owner gave it.
    pub id: String,
    /// SHA-256 of its envelope.
    pub digest: Hash,
    /// What is kept.
    pub kept: Kept,
}

/// A frame to be queued.
#[derive(Clone, Copy, Debug)]
pub struct NewFrame<'a> {
    /// Who posts it.
    pub sender: &'a str,
    /// What the mailbox says of it.
    pub posted: &'a MailboxPosted,
    /// When it came.
    pub received: u64,
    /// The frame.
    pub bytes: &'a [u8],
}

/// What is kept altogether.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Agents that have published.
    pub agents: u64,
    /// Frames that wait.
    pub frames: u64,
    /// Bytes of frames, bundles and one-time keys.
    pub bytes: u64,
}

/// What is kept of an agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Frames that wait.
    pub frames: u64,
    /// Their bytes.
    pub frame_bytes: u64,
    /// One-time keys that are known, given away or not.
    pub keys: u64,
    /// When its bundle ends.
    pub bundle_exp: u64,
}

/// Which frames are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Those behind this place.
    pub after: u64,
    /// At most so many.
    pub frames: u64,
    /// At most so many bytes, unless the first alone has more.
    pub bytes: u64,
    /// Those that have not expired at this time.
    pub now: u64,
}

/// What can be seen of a mailbox.
pub trait View {
    /// What is kept altogether.
    fn totals(&self) -> Result<Totals, Error>;
    /// What is kept of an agent that has published.
    fn account(&self, agent: &str) -> Result<Option<Account>, Error>;
    /// Every agent that has published behind this one in order, at most so many.
    fn agents(&self, after: &str, most: u64) -> Result<Vec<String>, Error>;
    /// The bundle of an agent.
    fn bundle(&self, agent: &str) -> Result<Option<Kept>, Error>;
    /// How many one-time keys of an agent wait that have not ended.
    fn keys_left(&self, agent: &str, now: u64) -> Result<u64, Error>;
    /// The digest of the one-time key that has this id, also if it was given away.
    fn key(&self, agent: &str, id: &str) -> Result<Option<Hash>, Error>;
    /// How many one-time keys of an agent somebody got after this time.
    fn taken(&self, agent: &str, requester: &str, after: u64) -> Result<u64, Error>;
    /// The frame of these bytes that a sender has in the queue of an agent: its place, and what its sender was told.
    fn queued(&self, agent: &str, sender: &str, id: &Hash) -> Result<Option<(u64, MailboxPosted)>, Error>;
    /// How many frames a sender has in the queue of an agent.
    fn queued_by(&self, agent: &str, sender: &str) -> Result<u64, Error>;
    /// Frames in the queue of an agent, oldest first, and whether there are more.
    fn frames(&self, agent: &str, page: Page) -> Result<(Vec<MailboxFrame>, bool), Error>;
    /// Requests that are remembered beyond a restart.
    fn made(&self) -> Result<Vec<Made>, Error>;
}

/// What can be changed. All that one [`Store::write`] does is durable together or not at all.
pub trait Change: View {
    /// Keeps the bundle of an agent in place of the one before. The queue of a new agent begins behind `first`.
    fn put_bundle(&mut self, agent: &str, bundle: &Kept, first: u64) -> Result<(), Error>;
    /// Keeps a one-time key of an agent that has published, under an id that is not known.
    fn add_key(&mut self, agent: &str, key: &Key) -> Result<(), Error>;
    /// Takes the one-time key that ends first of those that have not ended, for this requester. Its id stays known.
    fn take_key(&mut self, agent: &str, requester: &str, now: u64) -> Result<Option<Vec<u8>>, Error>;
    /// Queues a frame for an agent that has published.
    fn add_frame(&mut self, agent: &str, frame: NewFrame<'_>) -> Result<(), Error>;
    /// Erases frames in the queue of an agent, and says how many there were.
    fn erase(&mut self, agent: &str, places: &[u64]) -> Result<u64, Error>;
    /// Remembers a request beyond a restart.
    fn remember(&mut self, made: &Made) -> Result<(), Error>;
    /// Erases what has ended, at most about so many rows; says whether that may have been all.
    fn sweep(&mut self, now: u64, most: u64) -> Result<bool, Error>;
}

/// What a mailbox keeps.
pub trait Store: Send + Sync {
    /// Looks at one moment of what is durable.
    fn read(&self, work: &mut dyn FnMut(&dyn View) -> Result<(), Error>) -> Result<(), Error>;
    /// Changes, in one transaction that is durable when this returns. If the work fails, nothing has changed.
    fn write(&self, work: &mut dyn FnMut(&mut dyn Change) -> Result<(), Error>) -> Result<(), Error>;
}

/// What the work finds.
pub fn look<T>(store: &dyn Store, work: impl Fn(&dyn View) -> Result<T, Error>) -> Result<T, Error> {
    let mut found = None;
    store.read(&mut |view| {
        found = Some(work(view)?);
        Ok(())
    })?;
    found.ok_or_else(unasked)
}

/// What the work gives, once it is durable.
pub fn change<T>(store: &dyn Store, work: impl Fn(&mut dyn Change) -> Result<T, Error>) -> Result<T, Error> {
    let mut made = None;
    store.write(&mut |change| {
        made = Some(work(change)?);
        Ok(())
    })?;
    made.ok_or_else(unasked)
}

fn unasked() -> Error {
    Error::new(ErrorCode::InternalFault, "the store did no work")
}
