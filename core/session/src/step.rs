//! Steps of an agent: what has to be stored, and what is released after that.

use crate::agent::Agent;
use crate::keys::Sid;
use crate::session::Session;
use crate::state::{self, Change, KeptBundle, KeptOneTimeKey, Peer, Record};
use std::collections::BTreeMap;
use talos_contracts::scalar::Hash;

/// What a step changes. A value that is absent is erased.
#[derive(Default)]
pub(crate) struct Delta {
    pub(crate) sessions: BTreeMap<Sid, Option<Session>>,
    pub(crate) peers: BTreeMap<String, Option<Peer>>,
    pub(crate) bundles: BTreeMap<Hash, Option<KeptBundle>>,
    pub(crate) one_time_keys: BTreeMap<String, Option<KeptOneTimeKey>>,
    /// th, and the bundle with which it goes.
    pub(crate) handshakes: BTreeMap<Hash, Option<Hash>>,
    /// The session of which a frame was opened: its failures in a row are over.
    pub(crate) opened: Option<Sid>,
    /// When a stranger's handshake was accepted.
    pub(crate) stranger: Option<u64>,
}

/// A step that has not happened yet.
///
/// A host writes [`Step::changes`] in one transaction and then commits; only that gives what the step releases: bytes to
/// send, data of a peer. A step that is dropped, because the store refused the transaction, never was. While it lives, the
/// agent takes no other step.
#[must_use = "nothing happens, and nothing is released, before commit"]
pub struct Step<'a, T> {
    pub(crate) agent: &'a mut Agent,
    pub(crate) delta: Delta,
    pub(crate) released: T,
}

impl<T> Step<'_, T> {
    /// What has to be durable before the step is taken.
    pub fn changes(&self) -> Vec<Change> {
        let agent = &*self.agent;
        let mut changes = Vec::new();
        let mut add = |record, replaces: Option<u64>, content: Option<_>| {
            // What was never written has not to be erased.
            if content.is_some() || replaces.is_some() {
                changes.push(Change { record, replaces, content });
            }
        };
        let delta = &self.delta;
        for (sid, session) in &delta.sessions {
            let content = session.as_ref().map(state::write_session);
            add(Record::Session(*sid), agent.sessions.revision(sid), content);
        }
        for (did, peer) in &delta.peers {
            let content = peer.as_ref().map(|peer| state::write_peer(did, peer));
            add(Record::Peer(did.clone()), agent.peers.revision(did), content);
        }
        for (hash, bundle) in &delta.bundles {
            let content = bundle.as_ref().map(state::write_bundle);
            add(Record::Bundle(*hash), agent.bundles.revision(hash), content);
        }
        for (id, key) in &delta.one_time_keys {
            let content = key.as_ref().map(state::write_one_time_key);
            add(Record::OneTimeKey(id.clone()), agent.one_time_keys.revision(id), content);
        }
        for (th, bundle) in &delta.handshakes {
            let content = bundle.as_ref().map(|bundle| state::write_handshake(th, bundle));
            add(Record::Handshake(*th), agent.handshakes.revision(th), content);
        }
        changes
    }

    /// What [`Step::commit`] will release, for what a host has to write in the same transaction: a frame that waits to go
    /// out, a message that waits to be read. Nothing of it may leave the host before the commit.
    pub fn to_store(&self) -> &T {
        &self.released
    }

    /// Takes the step, once its changes are durable, and gives what it releases.
    pub fn commit(self) -> T {
        let (agent, delta) = (self.agent, self.delta);
        if let Some(sid) = delta.opened {
            agent.failures.entry(sid).or_default().in_row = 0;
        }
        if let Some(now) = delta.stranger {
            agent.strangers.count(now);
        }
        for (sid, session) in &delta.sessions {
            if session.is_none() {
                agent.failures.remove(sid);
            }
        }
        agent.sessions.apply(delta.sessions);
        agent.peers.apply(delta.peers);
        agent.bundles.apply(delta.bundles);
        agent.one_time_keys.apply(delta.one_time_keys);
        agent.handshakes.apply(delta.handshakes);
        self.released
    }
}
