//! Two clients, a network that the test is, and stores that fail at every write.

use crate::payload::Payload;
use crate::{Arrived, Client, MemoryStore, Message, Settings, Store, Stored, Write};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use talos_contracts::scalar::Hash;
use talos_contracts::{Error, ErrorCode};
use talos_crypto::SigningKey;
use talos_session::limits::DAY_MS;
use talos_session::{Rules, Secret, published};

const NOW: u64 = 1_763_625_600_000;

/// A store whose n-th write is its last: it comes to pass or not, and the process ends.
#[derive(Default)]
struct Fragile {
    kept: MemoryStore,
    writes: AtomicU64,
    /// The write at which it ends, and whether that one still comes to pass; u64::MAX for never.
    ends_at: AtomicU64,
    applied: AtomicBool,
    is_dead: AtomicBool,
}

impl Fragile {
    fn new(ends_at: u64, applied: bool) -> Arc<Self> {
        Arc::new(Fragile { ends_at: ends_at.into(), applied: applied.into(), ..Fragile::default() })
    }

    /// As the next process finds it.
    fn revive(&self) {
        self.ends_at.store(u64::MAX, Ordering::Relaxed);
        self.is_dead.store(false, Ordering::Relaxed);
    }

    fn check(&self) -> Result<(), Error> {
        if self.is_dead.load(Ordering::Relaxed) { Err(ErrorCode::StoreIo.into()) } else { Ok(()) }
    }
}

impl Store for Fragile {
    fn load(&self) -> Result<Vec<Stored>, Error> {
        self.check()?;
        self.kept.load()
    }

    fn read(&self, name: &[u8; 16]) -> Result<Option<Stored>, Error> {
        self.check()?;
        self.kept.read(name)
    }

    fn write(&self, writes: &[Write]) -> Result<(), Error> {
        self.check()?;
        if self.writes.fetch_add(1, Ordering::Relaxed) != self.ends_at.load(Ordering::Relaxed) {
            return self.kept.write(writes);
        }
        self.is_dead.store(true, Ordering::Relaxed);
        if self.applied.load(Ordering::Relaxed) {
            self.kept.write(writes)?;
        }
        Err(ErrorCode::StoreIo.into())
    }

    fn sweep(&self, now: u64) -> Result<u64, Error> {
        self.check()?;
        self.kept.sweep(now)
    }
}

/// One side, with the host that it belongs to.
struct Party {
    seed: u8,
    store: Arc<Fragile>,
    client: Option<Client>,
    /// What the host was told is sent.
    sent: Vec<Vec<u8>>,
    /// What `take` gave, in order.
    given: Vec<(Hash, Vec<u8>)>,
    /// What only `unconfirmed` gave, after an end of the process.
    recovered: Vec<(Hash, Vec<u8>)>,
    ends: usize,
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

/// Random bytes that no two openings share.
fn entropy(seed: u8, opening: usize) -> Box<dyn talos_session::Entropy + Send> {
    let mut count = 0u64;
    Box::new(move |out: &mut [u8]| {
        for chunk in out.chunks_mut(32) {
            count += 1;
            let block = talos_crypto::hash::sha256(&[&[seed], &(opening as u64).to_be_bytes(), &count.to_be_bytes()]);
            chunk.copy_from_slice(&block.0[..chunk.len()]);
        }
        Ok(())
    })
}

fn open_with(seed: u8, store: Arc<dyn Store>, settings: Settings, opening: usize) -> Result<Client, Error> {
    let secret = Secret::from_bytes(&[seed ^ 0xff; 32]);
    Client::open(&key(seed), store, secret, Rules::default(), settings, entropy(seed, opening), NOW)
}

impl Party {
    fn new(seed: u8, ends_at: u64, applied: bool) -> Self {
        let store = Fragile::new(ends_at, applied);
        Party { seed, store, client: None, sent: Vec::new(), given: Vec::new(), recovered: Vec::new(), ends: 0 }
    }

    fn did(&self) -> String {
        talos_identity::Did::of(&key(self.seed).verifying_key()).to_string()
    }

    /// The client, opened again as often as its process ends. A host that starts asks first for what was not confirmed.
    fn client(&mut self) -> &mut Client {
        while self.client.is_none() {
            match open_with(self.seed, self.store.clone(), Settings::default(), self.ends) {
                Ok(client) => {
                    for message in client.unconfirmed().unwrap() {
                        if self.given.iter().chain(&self.recovered).all(|(hash, _)| *hash != message.frame_hash) {
                            self.recovered.push(seen(&message));
                        }
                    }
                    self.client = Some(client);
                }
                Err(_) => self.end(),
            }
        }
        self.client.as_mut().unwrap()
    }

    fn end(&mut self) {
        self.client = None;
        self.ends += 1;
        self.store.revive();
    }

    /// Does it, and ends the process where the store did.
    fn attempt<T>(&mut self, work: impl FnOnce(&mut Client) -> Result<T, Error>) -> Result<T, Error> {
        let done = work(self.client());
        if self.store.is_dead.load(Ordering::Relaxed) {
            self.end();
        }
        done
    }

    fn establish(&mut self, peer: &mut Party) {
        let bundle = peer.client().bundle().unwrap();
        let owner = talos_identity::Did::of(&key(peer.seed).verifying_key());
        let verified = published::verify_bundle(&bundle, &owner, NOW).unwrap();
        while !self.client().has_session(&peer.did(), NOW) {
            let _ = self.attempt(|client| client.establish(&verified, None, NOW));
        }
    }

    /// Sends once. What failed is not sent again: nobody was told that it was.
    fn send(&mut self, peer: &Party, data: &[u8]) {
        let did = peer.did();
        if self.attempt(|client| client.seal(&did, &Payload::Data(data), NOW)).is_ok() {
            self.sent.push(data.to_vec());
        }
    }

    fn take(&mut self) {
        if let Ok(messages) = self.attempt(|client| client.take(10)) {
            self.given.extend(messages.iter().map(seen));
        }
    }
}

fn seen(message: &Message) -> (Hash, Vec<u8>) {
    (message.frame_hash, message.data.to_vec())
}

/// Carries what waits from one to the other, each frame twice, until nothing does.
fn carry(from: &mut Party, to: &mut Party) {
    loop {
        let frames = from.client().outgoing(100);
        if frames.is_empty() {
            return;
        }
        for frame in frames {
            assert_eq!(frame.peer, to.did());
            for _ in 0..2 {
                let taken = to.attempt(|client| {
                    client.receive(&frame.bytes, NOW, |_| Ok(Ok(()))).map_err(|refused| refused.error)
                });
                match taken {
                    Ok(Arrived::Message { .. }) => {}
                    Ok(_) => panic!("not a message"),
                    // Its process ended, or it has it already.
                    Err(error) => assert!(
                        matches!(
                            error.code,
                            ErrorCode::StoreIo | ErrorCode::SessionDuplicate | ErrorCode::SessionKeyGone
                        ),
                        "{error}"
                    ),
                }
            }
            let _ = from.attempt(|client| client.carried(&[frame.id]));
        }
    }
}

/// A talk in which both send, receive and turn the ratchet, one of them ending at one of its writes. Gives their ends.
fn talk(alice: &mut Party, bob: &mut Party) {
    alice.establish(bob);
    for round in 0..3u8 {
        alice.send(bob, &[b'a', round]);
        alice.send(bob, &[b'b', round]);
        carry(alice, bob);
        bob.take();
        bob.send(alice, &[b'c', round]);
        carry(bob, alice);
        alice.take();
    }
    // Once more, so that what the last end left is fetched.
    for _ in 0..2 {
        carry(alice, bob);
        carry(bob, alice);
        alice.take();
        bob.take();
    }
}

fn check(sender: &Party, receiver: &Party, why: &str) {
    let hashes: BTreeSet<Vec<u8>> = receiver.given.iter().map(|(hash, _)| hash.0.to_vec()).collect();
    assert_eq!(hashes.len(), receiver.given.len(), "{why}: given twice");
    let all: Vec<&Vec<u8>> = receiver.given.iter().chain(&receiver.recovered).map(|(_, data)| data).collect();
    for data in &sender.sent {
        assert_eq!(all.iter().filter(|found| **found == data).count(), 1, "{why}: {data:?} was sent once");
    }
}

#[test]
fn an_end_at_any_write_loses_nothing_and_gives_nothing_twice() {
    let (mut alice, mut bob) = (Party::new(1, u64::MAX, false), Party::new(2, u64::MAX, false));
    talk(&mut alice, &mut bob);
    let writes = [&alice, &bob].map(|party| party.store.writes.load(Ordering::Relaxed));
    assert!(writes[0] > 15 && writes[1] > 15, "{writes:?}");
    assert_eq!((alice.sent.len(), bob.sent.len()), (6, 3));
    check(&alice, &bob, "no end");
    check(&bob, &alice, "no end");

    for (side, writes) in writes.into_iter().enumerate() {
        for end in 0..writes {
            for applied in [false, true] {
                let at = |party: usize| if party == side { end } else { u64::MAX };
                let (mut alice, mut bob) = (Party::new(1, at(0), applied), Party::new(2, at(1), applied));
                talk(&mut alice, &mut bob);
                let why = format!("side {side}, write {end}, applied {applied}");
                assert_eq!(alice.ends + bob.ends, 1, "{why}");
                // What the host of the side that ended was not told of may be missing; at most one message is.
                assert!(alice.sent.len() >= 5 && bob.sent.len() >= 2, "{why}");
                check(&alice, &bob, &why);
                check(&bob, &alice, &why);
            }
        }
    }
}

fn pair(settings: Settings) -> (Client, Client) {
    let open = |seed| open_with(seed, Arc::new(MemoryStore::default()), settings, 0).unwrap();
    let (mut alice, bob) = (open(1), open(2));
    let verified = published::verify_bundle(&bob.bundle().unwrap(), bob.did(), NOW).unwrap();
    alice.establish(&verified, None, NOW).unwrap();
    (alice, bob)
}

fn admit(_: &crate::Arrival<'_>) -> Result<Result<(), Error>, Error> {
    Ok(Ok(()))
}

#[test]
fn what_is_not_admitted_is_gone_and_the_session_goes_on() {
    let (mut alice, mut bob) = pair(Settings::default());
    let peer = bob.did().to_string();
    alice.seal(&peer, &Payload::Data(b"no"), NOW).unwrap();
    alice.seal(&peer, &Payload::Data(b"yes"), NOW).unwrap();
    let frames = alice.outgoing(2);
    let refuse = |_: &crate::Arrival<'_>| Ok(Err(ErrorCode::PolicyToolNotAllowed.into()));
    let arrived = bob.receive(&frames[0].bytes, NOW, refuse).unwrap();
    assert!(matches!(arrived, Arrived::Refused { .. }));
    bob.receive(&frames[1].bytes, NOW, admit).unwrap();
    let texts: Vec<Vec<u8>> = bob.take(10).unwrap().iter().map(|message| message.data.to_vec()).collect();
    assert_eq!(texts, [b"yes"]);
}

#[test]
fn where_nobody_can_decide_the_frame_may_come_again() {
    let (mut alice, mut bob) = pair(Settings::default());
    alice.seal(bob.did().as_str(), &Payload::Data(b"x"), NOW).unwrap();
    let frame = alice.outgoing(1).remove(0);
    let refused = bob.receive(&frame.bytes, NOW, |_| Err(ErrorCode::StoreFull.into())).err().unwrap();
    assert_eq!(refused.code(), ErrorCode::StoreFull);
    bob.receive(&frame.bytes, NOW, admit).unwrap();
    assert_eq!(bob.take(10).unwrap().len(), 1);
}

#[test]
fn another_writer_on_the_store_is_busy_and_nothing_goes_out() {
    let store = Arc::new(MemoryStore::default());
    let (mut first, mut bob) = (
        open_with(1, store.clone(), Settings::default(), 0).unwrap(),
        open_with(2, Arc::new(MemoryStore::default()), Settings::default(), 0).unwrap(),
    );
    let verified = published::verify_bundle(&bob.bundle().unwrap(), bob.did(), NOW).unwrap();
    first.establish(&verified, None, NOW).unwrap();
    let mut second = open_with(1, store, Settings::default(), 1).unwrap();
    let peer = bob.did().to_string();
    let sealed = second.seal(&peer, &Payload::Data(b"second"), NOW).unwrap();
    // The first would use the same message key.
    let refused = first.seal(&peer, &Payload::Data(b"first"), NOW).unwrap_err();
    assert_eq!(refused.code, ErrorCode::StoreBusy);
    assert!(first.outgoing(1).is_empty());
    bob.receive(&second.outgoing(1)[0].bytes, NOW, admit).unwrap();
    assert_eq!(bob.take(1).unwrap()[0].frame_hash, sealed.frame_hash);
}

#[test]
fn openings_are_kept_only_where_that_is_wanted() {
    for keep_ms in [0, DAY_MS] {
        let (mut alice, mut bob) = pair(Settings { keep_ms, ..Settings::default() });
        let sent = alice.seal(bob.did().as_str(), &Payload::Data(b"disclose me"), NOW).unwrap();
        bob.receive(&alice.outgoing(1)[0].bytes, NOW, admit).unwrap();
        for client in [&mut alice, &mut bob] {
            let known = client.known(&sent.message_hash).unwrap();
            assert_eq!(known.frame_hash, sent.frame_hash);
            assert_eq!(known.opening.is_some(), keep_ms > 0);
            if let Some(opening) = known.opening {
                let (th, key) = (&opening.transcript_hash, &opening.message_key);
                let data = talos_session::opening::open(&opening.frame, &sent.frame_hash, th, key).unwrap();
                assert_eq!(Payload::read(&data).unwrap(), Payload::Data(b"disclose me"));
            }
            client.sweep(NOW + keep_ms.max(90 * DAY_MS)).unwrap();
            assert_eq!(client.known(&sent.message_hash).err().unwrap().code, ErrorCode::ClientUnknownMessage);
        }
    }
}

#[test]
fn what_is_published_is_made_anew_when_half_of_its_life_is_over() {
    let mut alice = open_with(1, Arc::new(MemoryStore::default()), Settings::default(), 0).unwrap();
    let first = alice.bundle().unwrap();
    assert!(!alice.refresh(&key(1), NOW + 7 * DAY_MS - 1).unwrap());
    assert!(alice.refresh(&key(1), NOW + 7 * DAY_MS).unwrap());
    let second = alice.bundle().unwrap();
    assert_ne!(first, second);
    published::verify_bundle(&second, alice.did(), NOW + 20 * DAY_MS).unwrap();
    let keys = alice.one_time_keys(&key(1), 3, NOW).unwrap();
    let ids: BTreeSet<String> = keys
        .iter()
        .map(|key| published::verify_one_time_key(key, alice.did(), NOW).unwrap().body().id.clone())
        .collect();
    assert_eq!(ids.len(), 3);
}

#[test]
fn payloads_are_read_as_they_were_written() {
    for payload in [Payload::Data(b""), Payload::Data(b"x"), Payload::Delivery(b"{}")] {
        assert_eq!(Payload::read(&payload.write()).unwrap(), payload);
    }
    for bytes in [&[][..], &[0], &[3, 1], &[0xff]] {
        assert_eq!(Payload::read(bytes).unwrap_err().code, ErrorCode::SessionMalformed, "{bytes:?}");
    }
}
