//! Records on their way to the store and back.

use crate::error::corrupt;
use crate::store::{Lifetime, Store, Stored, Write};
use std::sync::Arc;
use talos_contracts::Error;
use talos_contracts::scalar::{B64, Hash};
use talos_crypto::hash;
use talos_session::state::{Change, StoreKey};
use talos_session::{Entropy, MessageKey, Secret};
use zeroize::Zeroizing;

/// What is known of a message beside its data.
pub struct Known {
    /// The hash of its frame.
    pub frame_hash: Hash,
    /// The other side.
    pub peer: String,
    /// The receipt of this side.
    pub receipt: Option<Hash>,
    /// The receipt of the other side, an envelope as JSON text.
    pub delivery: Option<Vec<u8>>,
    /// What opens it to an auditor, where it is kept.
    pub opening: Option<Opening>,
}

/// What opens one message to an auditor (`docs/spec/session.md`, section 10).
pub struct Opening {
    /// The frame.
    pub frame: Vec<u8>,
    /// th of its session.
    pub transcript_hash: Hash,
    /// mk.
    pub message_key: MessageKey,
}

/// What a record holds, opened, and erased when dropped.
type Content = Zeroizing<Vec<u8>>;

/// What is to be written.
pub(crate) struct Item {
    name: [u8; 16],
    replaces: Option<u64>,
    content: Option<Content>,
    lifetime: Lifetime,
}

impl Item {
    pub(crate) fn write(name: [u8; 16], replaces: Option<u64>, content: Content) -> Self {
        Item { name, replaces, content: Some(content), lifetime: Lifetime::Loaded }
    }

    pub(crate) fn until(end: u64, name: [u8; 16], replaces: Option<u64>, content: Content) -> Self {
        Item { name, replaces, content: Some(content), lifetime: Lifetime::Until(end) }
    }

    pub(crate) fn erase(name: [u8; 16], replaces: u64) -> Self {
        Item { name, replaces: Some(replaces), content: None, lifetime: Lifetime::Loaded }
    }
}

impl From<Change> for Item {
    fn from(change: Change) -> Self {
        let (name, replaces) = (change.record.name(), change.replaces);
        Item { name, replaces, content: change.content, lifetime: Lifetime::Loaded }
    }
}

/// The store with its keys.
pub(crate) struct Vault {
    store: Arc<dyn Store>,
    key: StoreKey,
    /// Names of records come from this key, so that whoever has the store alone cannot try what a message was.
    names: Zeroizing<[u8; 32]>,
    pub(crate) entropy: Box<dyn Entropy + Send>,
}

impl Vault {
    pub(crate) fn new(store: Arc<dyn Store>, secret: Secret, entropy: Box<dyn Entropy + Send>) -> Self {
        let names = Zeroizing::new(hash::mac(secret.expose(), &[b"talos/client/1 names"]).0);
        Vault { store, key: StoreKey::new(secret), names, entropy }
    }

    /// The name of a record.
    pub(crate) fn name(&self, kind: &str, key: &[u8]) -> [u8; 16] {
        let B64(mac) = hash::mac(&*self.names, &[kind.as_bytes(), &[0], key]);
        let mut name = [0; 16];
        name.copy_from_slice(&mac[..16]);
        name
    }

    pub(crate) fn load(&self) -> Result<Vec<(Stored, Content)>, Error> {
        let open = |stored: Stored| self.open(&stored).map(|content| (stored, content));
        self.store.load()?.into_iter().map(open).collect()
    }

    pub(crate) fn read(&self, name: &[u8; 16]) -> Result<Option<(u64, Content)>, Error> {
        match self.store.read(name)? {
            None => Ok(None),
            Some(stored) if stored.name != *name => Err(corrupt("a record under another name")),
            Some(stored) => Ok(Some((stored.revision, self.open(&stored)?))),
        }
    }

    fn open(&self, stored: &Stored) -> Result<Content, Error> {
        self.key.decrypt(&stored.name, stored.revision, &stored.blob)
    }

    /// Writes all or nothing, durably.
    pub(crate) fn write(&mut self, items: impl IntoIterator<Item = Item>) -> Result<(), Error> {
        let mut writes = Vec::new();
        for Item { name, replaces, content, lifetime } in items {
            let mut write = Write { name, replaces, blob: None, lifetime };
            if let Some(content) = content {
                let mut nonce = [0; 12];
                self.entropy.fill(&mut nonce)?;
                write.blob = Some(self.key.encrypt(&name, write.revision(), &nonce, &content)?);
            }
            writes.push(write);
        }
        if writes.is_empty() { Ok(()) } else { self.store.write(&writes) }
    }

    pub(crate) fn sweep(&self, now: u64) -> Result<u64, Error> {
        self.store.sweep(now)
    }
}
