//! Wakes who waits for frames.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use talos_shared::contracts::{Error, ErrorCode};
use tokio::sync::watch;

/// Requests and sockets of one agent that may wait at a time.
const WAITING: usize = 8;

/// One bell for each agent that waits.
#[derive(Default)]
pub struct Bells(Mutex<HashMap<String, watch::Sender<()>>>);

/// Rings when a frame has come for its agent.
pub struct Bell {
    agent: String,
    rung: watch::Receiver<()>,
    bells: Arc<Bells>,
}

impl Bells {
    fn all(&self) -> MutexGuard<'_, HashMap<String, watch::Sender<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A bell for this agent. Hold it before you look, so that no frame comes unheard in between.
    pub fn of(self: &Arc<Self>, agent: &str) -> Result<Bell, Error> {
        let mut all = self.all();
        let bell = all.entry(agent.to_owned()).or_insert_with(|| watch::Sender::new(()));
        if bell.receiver_count() >= WAITING {
            return Err(Error::new(ErrorCode::MailboxQuota, format!("{WAITING} requests of this agent wait already")));
        }
        Ok(Bell { agent: agent.to_owned(), rung: bell.subscribe(), bells: self.clone() })
    }

    /// A frame has come for this agent.
    pub fn ring(&self, agent: &str) {
        if let Some(bell) = self.all().get(agent) {
            bell.send_replace(());
        }
    }
}

impl Bell {
    /// From now on only what comes later rings.
    pub fn silence(&mut self) {
        self.rung.mark_unchanged();
    }

    /// Waits until it rings.
    pub async fn wait(&mut self) {
        // The sender lives as long as this: see Drop.
        let _ = self.rung.changed().await;
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        let mut all = self.bells.all();
        if all.get(&self.agent).is_some_and(|bell| bell.receiver_count() <= 1) {
            all.remove(&self.agent);
        }
    }
}
