//! Two agents, their stores, and a world between them.

mod bounds;
mod early;
mod example;
mod frames;
mod handshakes;
mod machine;
mod peers;
mod primitives;
mod secrets;
mod store;
mod storm;
pub mod work;

use crate::published::{self, Validity, VerifiedBundle, VerifiedOneTimeKey, sign_static_key};
use crate::state::{Change, Record, StoreKey};
use crate::*;
use std::collections::BTreeMap;
use talos_contracts::{Error, ErrorCode};
use talos_crypto::SigningKey;
use talos_crypto::dsse::Unverified;
use talos_identity::Did;

pub const NOW: u64 = 1_763_625_600_000;
pub const WEEK: u64 = 7 * limits::DAY_MS;

/// Random bytes that are the same in each run (SplitMix64).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }
}

impl Entropy for Random {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), Error> {
        out.fill_with(|| self.next() as u8);
        Ok(())
    }
}

/// A durable store with one conformance rule: a write names the revision that it replaces.
#[derive(Clone, Default)]
pub struct Store(pub BTreeMap<[u8; 16], (u64, Vec<u8>, Record)>);

impl Store {
    fn key() -> StoreKey {
        StoreKey::new(Secret::from_bytes(&[0x5c; 32]))
    }

    pub fn write(&mut self, changes: Vec<Change>, random: &mut Random) {
        for change in changes {
            let name = change.record.name();
            assert_eq!(self.0.get(&name).map(|(revision, ..)| *revision), change.replaces, "{:?}", change.record);
            match &change.content {
                Some(content) => {
                    let mut nonce = [0; 12];
                    random.fill(&mut nonce).unwrap();
                    let blob = Self::key().encrypt(&name, change.revision(), &nonce, content).unwrap();
                    self.0.insert(name, (change.revision(), blob, change.record));
                }
                None => drop(self.0.remove(&name)),
            }
        }
    }
}

/// An agent with its store.
pub struct Host {
    pub seed: u8,
    pub agent: Agent,
    pub store: Store,
    pub random: Random,
    pub rules: Rules,
    ids: u32,
}

pub fn sign_key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

pub fn did(seed: u8) -> Did {
    Did::of(&sign_key(seed).verifying_key())
}

fn agent(seed: u8, rules: &Rules) -> Agent {
    let agree = || OurKey::from_secret(Secret::from_bytes(&[seed | 0x80; 32]));
    let validity = Validity { iat: NOW, exp: NOW + 90 * limits::DAY_MS };
    let statement = sign_static_key(&sign_key(seed), &agree(), validity).unwrap();
    Agent::new(did(seed), agree(), &statement, rules.clone()).unwrap()
}

impl Host {
    pub fn with(seed: u8, rules: Rules) -> Self {
        let (agent, random) = (agent(seed, &rules), Random(u64::from(seed)));
        Host { seed, agent, store: Store::default(), random, rules, ids: 0 }
    }

    pub fn new(seed: u8) -> Self {
        Self::with(seed, Rules::default())
    }

    pub fn did(&self) -> Did {
        did(self.seed)
    }

    pub fn bundle_of(&mut self, suites: &[Suite], validity: Validity) -> Unverified {
        self.ids += 1;
        let (spk_id, pq_id) = (format!("spk-{}", self.ids), format!("pq-{}", self.ids));
        let terms = BundleTerms { suites, spk_id: &spk_id, pq_id: &pq_id, validity };
        let step = self.agent.make_bundle(&sign_key(self.seed), terms, &mut self.random).unwrap();
        self.store.write(step.changes(), &mut Random(1));
        step.commit()
    }

    pub fn bundle_at(&mut self, suites: &[Suite], now: u64) -> VerifiedBundle {
        let envelope = self.bundle_of(suites, Validity { iat: now, exp: now + WEEK });
        published::verify_bundle(&envelope, &self.did(), now).unwrap()
    }

    pub fn bundle(&mut self, now: u64) -> VerifiedBundle {
        self.bundle_at(Suite::ALL, now)
    }

    pub fn one_time_key(&mut self, hybrid: bool, now: u64) -> VerifiedOneTimeKey {
        self.ids += 1;
        let id = format!("opk-{}", self.ids);
        let terms = OneTimeTerms { id: &id, hybrid, validity: Validity { iat: now, exp: now + WEEK } };
        let step = self.agent.make_one_time_key(&sign_key(self.seed), terms, &mut self.random).unwrap();
        self.store.write(step.changes(), &mut Random(1));
        published::verify_one_time_key(&step.commit(), &did(self.seed), now).unwrap()
    }

    pub fn begin(&mut self, begin: Begin<'_>, now: u64) -> Result<Sid, ErrorCode> {
        let step = self.agent.begin(begin, now, &mut self.random).map_err(|error| error.code)?;
        self.store.write(step.changes(), &mut Random(2));
        Ok(step.commit().sid)
    }

    pub fn begin_with(&mut self, bundle: &VerifiedBundle, now: u64) -> Sid {
        self.begin(Begin { bundle, one_time_key: None, heals: None }, now).unwrap()
    }

    /// Begins a session that renews this one, the newest that is answered.
    pub fn renew(&mut self, bundle: &VerifiedBundle, old: Sid, now: u64) -> Sid {
        let new = self.begin_with(bundle, now);
        assert_eq!(self.session(new).renews(), Some(old));
        new
    }

    fn out(store: &mut Store, step: Result<Step<'_, Sealed>, Error>) -> Result<Vec<u8>, ErrorCode> {
        let step = step.map_err(|error| error.code)?;
        store.write(step.changes(), &mut Random(3));
        Ok(step.commit().bytes)
    }

    pub fn try_seal(&mut self, sid: Sid, data: &[u8], now: u64) -> Result<Vec<u8>, ErrorCode> {
        Self::out(&mut self.store, self.agent.seal(&sid, data, now, &mut self.random))
    }

    pub fn seal(&mut self, sid: Sid, data: &[u8]) -> Vec<u8> {
        self.try_seal(sid, data, NOW).unwrap()
    }

    pub fn close(&mut self, sid: Sid, now: u64) -> Result<Vec<u8>, ErrorCode> {
        Self::out(&mut self.store, self.agent.close(&sid, now, &mut self.random))
    }

    pub fn reset(&mut self, sid: Sid, now: u64) -> Result<Vec<u8>, ErrorCode> {
        Self::out(&mut self.store, self.agent.reset(&sid, now, &mut self.random))
    }

    pub fn receive(&mut self, bytes: &[u8], now: u64) -> Result<Received, ErrorCode> {
        self.try_receive(bytes, now).map_err(|refused| refused.code())
    }

    pub fn try_receive(&mut self, bytes: &[u8], now: u64) -> Result<Received, Refused> {
        let step = self.agent.receive(bytes, now)?;
        self.store.write(step.changes(), &mut Random(4));
        Ok(step.commit())
    }

    pub fn open(&mut self, bytes: &[u8]) -> Result<Vec<u8>, ErrorCode> {
        self.receive(bytes, NOW).map(|received| received.data().unwrap().to_vec())
    }

    pub fn sweep(&mut self, now: u64) {
        let step = self.agent.sweep(now);
        self.store.write(step.changes(), &mut Random(5));
        step.commit();
    }

    pub fn current(&self, peer: u8) -> Option<Sid> {
        self.agent.current(did(peer).as_str(), NOW)
    }

    pub fn session(&self, sid: Sid) -> &Session {
        &self.agent.sessions[&sid].value
    }

    pub fn change(&mut self, sid: Sid, change: impl FnOnce(&mut Session)) {
        self.agent.sessions.change(&sid, change);
    }

    /// The process ends, and starts with what is durable: in this store, or in an older copy of it.
    pub fn restart(&mut self, store: Store) {
        self.agent = agent(self.seed, &self.rules);
        for (name, (revision, blob, record)) in &store.0 {
            let content = Store::key().decrypt(name, *revision, blob).unwrap();
            assert_eq!(self.agent.load(*revision, &content).unwrap(), *record);
        }
        self.store = store;
    }

    /// Everything that the agent would store, as bytes, without the failures that it counts in memory.
    pub fn state(&self) -> BTreeMap<Record, Vec<u8>> {
        let agent = &self.agent;
        let mut all = BTreeMap::new();
        for (sid, kept) in agent.sessions.iter() {
            all.insert(Record::Session(*sid), state::write_session(&kept.value).to_vec());
        }
        for (did, kept) in agent.peers.iter() {
            all.insert(Record::Peer(did.clone()), state::write_peer(did, &kept.value).to_vec());
        }
        for (hash, kept) in agent.bundles.iter() {
            all.insert(Record::Bundle(*hash), state::write_bundle(&kept.value).to_vec());
        }
        for (id, kept) in agent.one_time_keys.iter() {
            all.insert(Record::OneTimeKey(id.clone()), state::write_one_time_key(&kept.value).to_vec());
        }
        for (th, kept) in agent.handshakes.iter() {
            all.insert(Record::Handshake(*th), state::write_handshake(th, &kept.value).to_vec());
        }
        all
    }
}

/// Alice and Bob, with a session that Alice began and Bob has accepted; not yet answered.
pub fn begun() -> (Host, Host, Sid) {
    let (mut a, mut b) = (Host::new(1), Host::new(2));
    let bundle = b.bundle(NOW);
    let sid = a.begin_with(&bundle, NOW);
    let first = a.seal(sid, b"first");
    assert_eq!(b.open(&first).unwrap(), b"first");
    (a, b, sid)
}

/// The same, answered.
pub fn answered() -> (Host, Host, Sid) {
    let (mut a, mut b, sid) = begun();
    let answer = b.seal(sid, b"answer");
    assert_eq!(a.open(&answer).unwrap(), b"answer");
    (a, b, sid)
}

pub fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// The frame in what goes out, with or without its container.
pub fn frame_of(bytes: &[u8]) -> Vec<u8> {
    if is_container(bytes) { Container::parse(bytes).unwrap().frame.bytes().to_vec() } else { bytes.to_vec() }
}

pub fn head_of(bytes: &[u8]) -> Vec<u8> {
    Container::parse(bytes).unwrap().head.to_vec()
}

pub fn flipped(bytes: &[u8], at: usize, bit: u8) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= bit;
    bytes
}
