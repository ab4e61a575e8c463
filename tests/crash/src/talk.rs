//! Two agents on one disk who talk: a store each, and frames that are carried from one to the other.

use std::path::Path;
use std::sync::Arc;
use talos_client::payload::Payload;
use talos_client::{Client, Settings};
use talos_contracts::ErrorCode;
use talos_kernel::ports::{Clock, Entropy};
use talos_session::{Rules, Secret, published};
use talos_shared::crypto::SigningKey;
use talos_shared::{SystemClock, SystemEntropy};
use talos_sqlite::SessionStore;

/// Two agents, and the time.
pub struct Talk {
    /// Who speaks most.
    pub alice: Client,
    /// Who listens most.
    pub bob: Client,
    now: u64,
}

fn open(directory: &Path, name: &str, seed: u8, now: u64) -> Client {
    let store = Arc::new(SessionStore::open(&directory.join(format!("{name}.db"))).unwrap());
    let (sign, key) = (SigningKey::from_seed(&[seed; 32]), Secret::from_bytes(&[seed; 32]));
    let entropy = Box::new(|out: &mut [u8]| SystemEntropy.fill(out));
    Client::open(&sign, store, key, Rules::default(), Settings::default(), entropy, now).unwrap()
}

impl Talk {
    /// As the directory has it.
    pub fn open(directory: &Path) -> Self {
        let now = SystemClock::default().wall_ms().unwrap();
        Talk { alice: open(directory, "alice", 1, now), bob: open(directory, "bob", 2, now), now }
    }

    /// Begins the session, unless there is one.
    pub fn establish(&mut self) {
        let bob = self.bob.did().clone();
        if !self.alice.has_session(bob.as_str(), self.now) {
            let bundle = published::verify_bundle(&self.bob.bundle().unwrap(), &bob, self.now).unwrap();
            self.alice.establish(&bundle, None, self.now).unwrap();
        }
    }

    /// Alice says a number.
    pub fn say(&mut self, number: u64) {
        let text = number.to_string();
        let peer = self.bob.did().to_string();
        self.alice.seal(&peer, &Payload::Data(text.as_bytes()), self.now).unwrap();
    }

    /// Bob says something, which turns the ratchet.
    pub fn answer(&mut self) {
        let peer = self.alice.did().to_string();
        self.bob.seal(&peer, &Payload::Data(b"yes"), self.now).unwrap();
    }

    /// Whether Bob has heard of Alice.
    pub fn has_begun(&self) -> bool {
        self.bob.has_session(self.alice.did().as_str(), self.now)
    }

    /// Carries all that waits, both ways.
    pub fn carry(&mut self) {
        carry(&mut self.alice, &mut self.bob, self.now);
        carry(&mut self.bob, &mut self.alice, self.now);
    }

    /// What Bob is given now: numbers.
    pub fn take(&mut self) -> Vec<u64> {
        numbers(&self.bob.take(100).unwrap())
    }

    /// What Bob was given, and did not confirm.
    pub fn unconfirmed(&self) -> Vec<u64> {
        numbers(&self.bob.unconfirmed().unwrap())
    }
}

fn carry(from: &mut Client, to: &mut Client, now: u64) {
    for frame in from.outgoing(1_000) {
        match to.receive(&frame.bytes, now, |_| Ok(Ok(()))) {
            Ok(_) => {}
            // It arrived before the power went, and what says so did not.
            Err(refused) => assert_eq!(refused.code(), ErrorCode::SessionDuplicate, "{refused}"),
        }
        from.carried(&[frame.id]).unwrap();
    }
}

fn numbers(messages: &[talos_client::Message]) -> Vec<u64> {
    messages.iter().map(|message| std::str::from_utf8(&message.data).unwrap().parse().unwrap()).collect()
}
