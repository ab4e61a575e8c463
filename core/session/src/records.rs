//! Records of one kind in memory, with their revisions in the store, and what is looked up in them beside their names.

use crate::keys::Sid;
use crate::session::Session;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use talos_contracts::scalar::Hash;

/// A value with its revision in the store; none where it was never written.
pub(crate) struct Kept<T> {
    pub(crate) revision: u64,
    pub(crate) value: T,
}

/// What is looked up in records beside their names, so that no step has to look through all of them.
pub(crate) trait Index<K, V>: Default {
    fn add(&mut self, key: &K, value: &V);
    fn remove(&mut self, key: &K, value: &V);
}

impl<K, V> Index<K, V> for () {
    fn add(&mut self, _: &K, _: &V) {}
    fn remove(&mut self, _: &K, _: &V) {}
}

/// Records by their names. They are read as a map; what changes them changes the index with them.
pub(crate) struct Records<K, V, I = ()> {
    kept: BTreeMap<K, Kept<V>>,
    pub(crate) index: I,
}

impl<K, V, I: Default> Default for Records<K, V, I> {
    fn default() -> Self {
        Records { kept: BTreeMap::new(), index: I::default() }
    }
}

impl<K, V, I> Deref for Records<K, V, I> {
    type Target = BTreeMap<K, Kept<V>>;

    fn deref(&self) -> &Self::Target {
        &self.kept
    }
}

impl<K: Ord, V, I: Index<K, V>> Records<K, V, I> {
    pub(crate) fn insert(&mut self, key: K, kept: Kept<V>) {
        self.remove(&key);
        self.index.add(&key, &kept.value);
        self.kept.insert(key, kept);
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<Kept<V>> {
        let before = self.kept.remove(key)?;
        self.index.remove(key, &before.value);
        Some(before)
    }

    #[cfg(test)]
    pub(crate) fn change(&mut self, key: &K, change: impl FnOnce(&mut V))
    where
        K: Clone,
    {
        if let Some(mut kept) = self.remove(key) {
            change(&mut kept.value);
            self.insert(key.clone(), kept);
        }
    }

    /// The index as it has to be.
    #[cfg(test)]
    pub(crate) fn indexed(&self) -> I {
        let mut index = I::default();
        self.kept.iter().for_each(|(key, kept)| index.add(key, &kept.value));
        index
    }

    pub(crate) fn revision(&self, key: &K) -> Option<u64> {
        self.kept.get(key).map(|kept| kept.revision)
    }

    /// Takes what a step has changed. A value that is absent is erased.
    pub(crate) fn apply(&mut self, changes: BTreeMap<K, Option<V>>) {
        for (key, value) in changes {
            match value {
                Some(value) => {
                    let revision = self.revision(&key).map_or(0, |revision| revision.saturating_add(1));
                    self.insert(key, Kept { revision, value });
                }
                None => drop(self.remove(&key)),
            }
        }
    }
}

/// Sessions by their peer, and in the order in which they are over.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct ByPeer {
    peers: BTreeMap<String, BTreeSet<Sid>>,
    ends: BTreeSet<(u64, Sid)>,
}

impl ByPeer {
    pub(crate) fn of(&self, peer: &str) -> impl Iterator<Item = &Sid> {
        self.peers.get(peer).into_iter().flatten()
    }

    /// Those that are over at a time.
    pub(crate) fn over(&self, now: u64) -> impl Iterator<Item = Sid> {
        self.ends.iter().take_while(move |(end, _)| now >= *end).map(|(_, sid)| *sid)
    }
}

impl Index<Sid, Session> for ByPeer {
    fn add(&mut self, sid: &Sid, session: &Session) {
        self.peers.entry(session.peer.clone()).or_default().insert(*sid);
        self.ends.insert((session.end(), *sid));
    }

    fn remove(&mut self, sid: &Sid, session: &Session) {
        self.ends.remove(&(session.end(), *sid));
        if let Some(of_peer) = self.peers.get_mut(&session.peer) {
            of_peer.remove(sid);
            if of_peer.is_empty() {
                self.peers.remove(&session.peer);
            }
        }
    }
}

/// How many handshakes are remembered for each bundle.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct PerBundle(BTreeMap<Hash, usize>);

impl PerBundle {
    pub(crate) fn of(&self, bundle: &Hash) -> usize {
        self.0.get(bundle).copied().unwrap_or_default()
    }
}

impl Index<Hash, Hash> for PerBundle {
    fn add(&mut self, _: &Hash, bundle: &Hash) {
        *self.0.entry(*bundle).or_default() += 1;
    }

    fn remove(&mut self, _: &Hash, bundle: &Hash) {
        if let Some(count) = self.0.get_mut(bundle) {
            *count -= 1;
            if *count == 0 {
                self.0.remove(bundle);
            }
        }
    }
}
