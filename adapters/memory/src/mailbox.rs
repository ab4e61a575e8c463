//! What a mailbox keeps, in memory: for tests, and for a mailbox that may forget everything when it ends.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use talos_contracts::scalar::Hash;
use talos_contracts::{Error, ErrorCode, MailboxFrame, MailboxPosted};
use talos_mailbox::limits::{AGENT_MS, KEYS_WINDOW_MS, NONCE_MS};
use talos_mailbox::store::{Account, Change, Kept, Key, Made, NewFrame, Page, Store, Totals, View};

/// The store of a mailbox in memory.
#[derive(Default)]
pub struct MemoryMailbox(Mutex<Rows>);

#[derive(Clone, Default)]
struct Rows {
    agents: BTreeMap<String, Agent>,
    made: Vec<Made>,
}

#[derive(Clone)]
struct Agent {
    bundle: Kept,
    /// The last place that was given.
    place: u64,
    frames: BTreeMap<u64, MailboxFrame>,
    keys: BTreeMap<String, OneTime>,
    /// Who took a one-time key, and when.
    taken: Vec<(String, u64)>,
}

#[derive(Clone)]
struct OneTime {
    digest: Hash,
    exp: u64,
    envelope: Option<Vec<u8>>,
}

impl Agent {
    fn frame_bytes(&self) -> u64 {
        self.frames.values().map(|frame| frame.bytes.len() as u64).sum()
    }

    fn bytes(&self) -> u64 {
        let keys: usize = self.keys.values().filter_map(|key| key.envelope.as_ref()).map(Vec::len).sum();
        self.frame_bytes() + (self.bundle.envelope.len() + keys) as u64
    }
}

impl MemoryMailbox {
    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryMailbox {
    fn read(&self, work: &mut dyn FnMut(&dyn View) -> Result<(), Error>) -> Result<(), Error> {
        work(&*self.rows())
    }

    fn write(&self, work: &mut dyn FnMut(&mut dyn Change) -> Result<(), Error>) -> Result<(), Error> {
        let mut rows = self.rows();
        let mut changed = rows.clone();
        work(&mut changed)?;
        *rows = changed;
        Ok(())
    }
}

impl Rows {
    fn agent(&mut self, agent: &str) -> Result<&mut Agent, Error> {
        self.agents.get_mut(agent).ok_or_else(|| Error::new(ErrorCode::StoreCorrupt, "an agent that is not there"))
    }

    fn frames_of(&self, agent: &str) -> impl Iterator<Item = &MailboxFrame> {
        self.agents.get(agent).into_iter().flat_map(|agent| agent.frames.values())
    }
}

impl View for Rows {
    fn totals(&self) -> Result<Totals, Error> {
        let frames = self.agents.values().map(|agent| agent.frames.len() as u64).sum();
        let bytes = self.agents.values().map(Agent::bytes).sum();
        Ok(Totals { agents: self.agents.len() as u64, frames, bytes })
    }

    fn account(&self, agent: &str) -> Result<Option<Account>, Error> {
        Ok(self.agents.get(agent).map(|agent| Account {
            frames: agent.frames.len() as u64,
            frame_bytes: agent.frame_bytes(),
            keys: agent.keys.len() as u64,
            bundle_exp: agent.bundle.exp,
        }))
    }

    fn agents(&self, after: &str, most: u64) -> Result<Vec<String>, Error> {
        let names = self.agents.keys().filter(|name| name.as_str() > after);
        Ok(names.take(most as usize).cloned().collect())
    }

    fn bundle(&self, agent: &str) -> Result<Option<Kept>, Error> {
        Ok(self.agents.get(agent).map(|agent| agent.bundle.clone()))
    }

    fn keys_left(&self, agent: &str, now: u64) -> Result<u64, Error> {
        let keys = self.agents.get(agent).into_iter().flat_map(|agent| agent.keys.values());
        Ok(keys.filter(|key| key.envelope.is_some() && key.exp > now).count() as u64)
    }

    fn key(&self, agent: &str, id: &str) -> Result<Option<Hash>, Error> {
        Ok(self.agents.get(agent).and_then(|agent| agent.keys.get(id)).map(|key| key.digest))
    }

    fn taken(&self, agent: &str, requester: &str, after: u64) -> Result<u64, Error> {
        let taken = self.agents.get(agent).into_iter().flat_map(|agent| &agent.taken);
        Ok(taken.filter(|(who, at)| who == requester && *at > after).count() as u64)
    }

    fn queued(&self, agent: &str, sender: &str, id: &Hash) -> Result<Option<(u64, MailboxPosted)>, Error> {
        let found = self.frames_of(agent).find(|frame| frame.sender == sender && frame.id == *id);
        Ok(found.map(|frame| (frame.seq, MailboxPosted { id: *id, expires: frame.expires })))
    }

    fn queued_by(&self, agent: &str, sender: &str) -> Result<u64, Error> {
        Ok(self.frames_of(agent).filter(|frame| frame.sender == sender).count() as u64)
    }

    fn frames(&self, agent: &str, page: Page) -> Result<(Vec<MailboxFrame>, bool), Error> {
        let waiting = self.frames_of(agent).filter(|frame| frame.seq > page.after && frame.expires > page.now);
        let (mut frames, mut bytes) = (Vec::new(), 0);
        for frame in waiting {
            bytes += frame.bytes.len() as u64;
            let is_first = frames.is_empty() && page.frames > 0;
            if !is_first && (frames.len() as u64 >= page.frames || bytes > page.bytes) {
                return Ok((frames, true));
            }
            frames.push(frame.clone());
        }
        Ok((frames, false))
    }

    fn made(&self) -> Result<Vec<Made>, Error> {
        Ok(self.made.clone())
    }
}

impl Change for Rows {
    fn put_bundle(&mut self, agent: &str, bundle: &Kept, first: u64) -> Result<(), Error> {
        let new = || Agent {
            bundle: bundle.clone(),
            place: first,
            frames: BTreeMap::new(),
            keys: BTreeMap::new(),
            taken: Vec::new(),
        };
        self.agents.entry(agent.to_owned()).or_insert_with(new).bundle = bundle.clone();
        Ok(())
    }

    fn add_key(&mut self, agent: &str, key: &Key) -> Result<(), Error> {
        let kept = OneTime { digest: key.digest, exp: key.kept.exp, envelope: Some(key.kept.envelope.clone()) };
        self.agent(agent)?.keys.insert(key.id.clone(), kept);
        Ok(())
    }

    fn take_key(&mut self, agent: &str, requester: &str, now: u64) -> Result<Option<Vec<u8>>, Error> {
        let agent = self.agent(agent)?;
        let waiting = agent.keys.values_mut().filter(|key| key.envelope.is_some() && key.exp > now);
        let Some(key) = waiting.min_by_key(|key| key.exp) else { return Ok(None) };
        agent.taken.push((requester.to_owned(), now));
        Ok(key.envelope.take())
    }

    fn add_frame(&mut self, agent: &str, frame: NewFrame<'_>) -> Result<(), Error> {
        let agent = self.agent(agent)?;
        agent.place += 1;
        let kept = MailboxFrame {
            seq: agent.place,
            id: frame.posted.id,
            sender: frame.sender.to_owned(),
            received: frame.received,
            expires: frame.posted.expires,
            bytes: frame.bytes.to_vec(),
        };
        agent.frames.insert(agent.place, kept);
        Ok(())
    }

    fn erase(&mut self, agent: &str, places: &[u64]) -> Result<u64, Error> {
        let Some(agent) = self.agents.get_mut(agent) else { return Ok(0) };
        Ok(places.iter().filter(|place| agent.frames.remove(place).is_some()).count() as u64)
    }

    fn remember(&mut self, made: &Made) -> Result<(), Error> {
        self.made.push(*made);
        Ok(())
    }

    fn sweep(&mut self, now: u64, _most: u64) -> Result<bool, Error> {
        for agent in self.agents.values_mut() {
            agent.frames.retain(|_, frame| frame.expires > now);
            agent.keys.retain(|_, key| key.exp > now);
            agent.taken.retain(|(_, at)| *at > now.saturating_sub(KEYS_WINDOW_MS));
        }
        let has_ended = |agent: &Agent| agent.bundle.exp <= now.saturating_sub(AGENT_MS);
        self.agents.retain(|_, agent| !(has_ended(agent) && agent.frames.is_empty() && agent.keys.is_empty()));
        self.made.retain(|made| made.iat >= now.saturating_sub(NONCE_MS));
        Ok(true)
    }
}
