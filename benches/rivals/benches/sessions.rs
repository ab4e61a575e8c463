//! Sessions beside Olm of vodozemac, in one run: the same plaintexts, and each of them is opened and compared.
//!
//! Talos runs suite 0x0002, which adds ML-KEM-768 to the set-up. Messages travel as bytes in both. A commit in Talos waits
//! for the store; "stored" means that both sides write their session as it lies in a store, encrypted, with each message.

use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::time::{Duration, Instant};
use talos_benches as b;
use talos_crypto::SigningKey;
use talos_crypto::dsse::Unverified;
use talos_identity::Did;
use talos_session::published::{self, Validity, sign_static_key};
use talos_session::state::StoreKey;
use talos_session::{Agent, Begin, BundleTerms, OneTimeTerms, OurKey, Rules, Secret, Sid, Step, Suite};
use vodozemac::olm::{Account, OlmMessage, Session, SessionConfig, SessionPickle};

const NOW: u64 = 1_763_625_600_000;
const VALIDITY: Validity = Validity { iat: NOW, exp: NOW + 7 * 24 * 3_600_000 };
/// Frames of a session of Talos before another takes its place; at 20,000 it seals no more.
const FRAMES: u64 = 9_000;
/// Frames that were opened before.
const OPENED: u64 = 1_000;

fn entropy(out: &mut [u8]) -> Result<(), talos_contracts::Error> {
    getrandom::fill(out).unwrap();
    Ok(())
}

/// A conversation of two: whoever has the number sends, the other opens.
trait Conversation {
    /// Both sides, each of which has heard the other.
    fn new() -> Self;
    fn say(&mut self, from: usize, data: &[u8], stored: bool) -> Vec<u8>;
}

struct Talos {
    agents: [Agent; 2],
    sid: Sid,
    key: StoreKey,
}

fn agent(seed: u8) -> Agent {
    let sign = SigningKey::from_seed(&[seed; 32]);
    let agree = OurKey::draw(&mut entropy).unwrap();
    let statement = sign_static_key(&sign, &agree, VALIDITY).unwrap();
    Agent::new(Did::of(&sign.verifying_key()), agree, &statement, Rules::default()).unwrap()
}

/// A bundle and a one-time key of the agent of seed 2.
fn publish(bob: &mut Agent) -> (Unverified, Unverified) {
    let sign = SigningKey::from_seed(&[2; 32]);
    let terms = BundleTerms { suites: &[Suite::Hybrid], spk_id: "spk", pq_id: "pq", validity: VALIDITY };
    let bundle = bob.make_bundle(&sign, terms, &mut entropy).unwrap().commit();
    let terms = OneTimeTerms { id: "opk", hybrid: true, validity: VALIDITY };
    (bundle, bob.make_one_time_key(&sign, terms, &mut entropy).unwrap().commit())
}

/// The initiator: what was published is verified, a session begun, a message sealed in it.
fn initiate(alice: &mut Agent, bob: &Did, published: &(Unverified, Unverified), data: &[u8]) -> (Sid, Vec<u8>) {
    let bundle = published::verify_bundle(&published.0, bob, NOW).unwrap();
    let one_time_key = published::verify_one_time_key(&published.1, bob, NOW).unwrap();
    let begin = Begin { bundle: &bundle, one_time_key: Some(&one_time_key), heals: None };
    let sid = alice.begin(begin, NOW, &mut entropy).unwrap().commit().sid;
    (sid, alice.seal(&sid, data, NOW, &mut entropy).unwrap().commit().bytes)
}

fn store<T>(step: &Step<'_, T>, key: &StoreKey) {
    for change in step.changes() {
        let mut nonce = [0; 12];
        entropy(&mut nonce).unwrap();
        let content = change.content.as_ref().unwrap();
        black_box(key.encrypt(&change.record.name(), change.revision(), &nonce, content).unwrap());
    }
}

impl Conversation for Talos {
    fn new() -> Self {
        let (mut alice, mut bob) = (agent(1), agent(2));
        let published = publish(&mut bob);
        let (sid, first) = initiate(&mut alice, bob.did(), &published, b"first");
        bob.receive(&first, NOW).unwrap().commit();
        let mut talos = Talos { agents: [alice, bob], sid, key: StoreKey::new(Secret::from_bytes(&[7; 32])) };
        talos.say(1, b"answer", false);
        talos
    }

    fn say(&mut self, from: usize, data: &[u8], stored: bool) -> Vec<u8> {
        let step = self.agents[from].seal(&self.sid, data, NOW, &mut entropy).unwrap();
        if stored {
            store(&step, &self.key);
        }
        let bytes = step.commit().bytes;
        let step = self.agents[1 - from].receive(&bytes, NOW).unwrap();
        if stored {
            store(&step, &self.key);
        }
        step.commit().data().unwrap().to_vec()
    }
}

struct Olm([Session; 2]);

fn inbound(bob: &mut Account, alice: &Account, bytes: &(usize, Vec<u8>)) -> (Session, Vec<u8>) {
    let OlmMessage::PreKey(message) = OlmMessage::from_parts(bytes.0, &bytes.1).unwrap() else {
        panic!("not a first message")
    };
    let config = SessionConfig::version_1();
    let created = bob.create_inbound_session(config, alice.curve25519_key(), &message).unwrap();
    (created.session, created.plaintext)
}

fn outbound(alice: &Account, bob: &Account, data: &[u8]) -> (Session, (usize, Vec<u8>)) {
    let one_time_key = *bob.one_time_keys().values().next().unwrap();
    let config = SessionConfig::version_1();
    let mut session = alice.create_outbound_session(config, bob.curve25519_key(), one_time_key).unwrap();
    let parts = session.encrypt(data).unwrap().to_parts();
    (session, parts)
}

fn account() -> Account {
    let mut account = Account::new();
    account.generate_one_time_keys(1);
    account
}

impl Conversation for Olm {
    fn new() -> Self {
        let (alice, mut bob) = (Account::new(), account());
        let (session, parts) = outbound(&alice, &bob, b"first");
        let (other, _) = inbound(&mut bob, &alice, &parts);
        let mut olm = Olm([session, other]);
        olm.say(1, b"answer", false);
        olm
    }

    fn say(&mut self, from: usize, data: &[u8], stored: bool) -> Vec<u8> {
        let (kind, bytes) = self.0[from].encrypt(data).unwrap().to_parts();
        let message = OlmMessage::from_parts(kind, &bytes).unwrap();
        let data = self.0[1 - from].decrypt(&message).unwrap();
        if stored {
            self.0.iter().for_each(|session| drop(black_box(session.pickle().encrypt(&[7; 32]))));
        }
        data
    }
}

/// Times messages, always from one side or from each in turn.
fn messages<C: Conversation>(
    group: &mut BenchmarkGroup<'_, impl criterion::measurement::Measurement<Value = Duration>>,
    name: &str,
    data: &[u8],
    turns: bool,
    stored: bool,
) {
    group.bench_function(name, |t| {
        t.iter_custom(|iterations| {
            let mut spent = Duration::ZERO;
            let mut left = iterations;
            while left > 0 {
                let mut conversation = C::new();
                // A long one: Talos remembers the last thousand frames of one chain, and a few where it turns.
                (0..OPENED).for_each(|_| drop(conversation.say(0, b"x", false)));
                let now = left.min(FRAMES);
                let begun = Instant::now();
                for count in 0..now {
                    let from = if turns { count as usize % 2 } else { 0 };
                    assert!(conversation.say(from, black_box(data), stored) == data);
                }
                spent += begun.elapsed();
                left -= now;
            }
            spent
        });
    });
}

fn data(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|at| (at * 7) as u8).collect()
}

fn talk(c: &mut Criterion) {
    for (what, bytes, turns) in [
        ("message of 1 KiB, sealed and opened", 1 << 10, false),
        ("message of 1 KiB that turns the ratchet", 1 << 10, true),
        ("message of 64 KiB, sealed and opened", 1 << 16, false),
    ] {
        let mut group = c.benchmark_group(what);
        group.throughput(Throughput::Bytes(bytes as u64));
        let data = data(bytes);
        messages::<Talos>(&mut group, "talos, suite 2", &data, turns, false);
        messages::<Olm>(&mut group, "vodozemac, Olm", &data, turns, false);
        if bytes == 1 << 10 {
            messages::<Talos>(&mut group, "talos, suite 2, stored", &data, turns, true);
            messages::<Olm>(&mut group, "vodozemac, Olm, stored", &data, turns, true);
        }
        group.finish();
    }
}

fn set_up(c: &mut Criterion) {
    let data = data(1 << 10);
    let mut group = c.benchmark_group("set-up of the initiator, with a first message of 1 KiB");
    let (mut alice, mut bob) = (agent(1), agent(2));
    let published = publish(&mut bob);
    let did = bob.did().clone();
    group.bench_function("talos, suite 2, bundle and one-time key verified", |t| {
        t.iter(|| initiate(&mut alice, &did, black_box(&published), &data));
    });
    let bundle = published::verify_bundle(&published.0, &did, NOW).unwrap();
    let one_time_key = published::verify_one_time_key(&published.1, &did, NOW).unwrap();
    let begin = Begin { bundle: &bundle, one_time_key: Some(&one_time_key), heals: None };
    group.bench_function("talos, suite 2, verified before", |t| {
        t.iter(|| {
            let sid = alice.begin(black_box(begin), NOW, &mut entropy).unwrap().commit().sid;
            alice.seal(&sid, &data, NOW, &mut entropy).unwrap().commit().bytes
        });
    });
    let (of_alice, of_bob) = (Account::new(), account());
    group.bench_function("vodozemac, Olm", |t| t.iter(|| outbound(&of_alice, black_box(&of_bob), &data)));
    group.finish();

    let mut group = c.benchmark_group("set-up of both sides, with a first message of 1 KiB");
    group.bench_function("talos, suite 2", |t| {
        t.iter_batched(
            || {
                let (alice, mut bob) = (agent(1), agent(2));
                let published = publish(&mut bob);
                (alice, bob, published)
            },
            |(mut alice, mut bob, published)| {
                let (_, first) = initiate(&mut alice, &did, &published, &data);
                assert!(bob.receive(&first, NOW).unwrap().commit().data() == Some(&data));
                (alice, bob)
            },
            criterion::BatchSize::SmallInput,
        );
    });
    group.bench_function("vodozemac, Olm", |t| {
        t.iter_batched(
            || (Account::new(), account()),
            |(alice, mut bob)| {
                let (session, first) = outbound(&alice, &bob, &data);
                let (other, plaintext) = inbound(&mut bob, &alice, &first);
                assert!(plaintext == data);
                (session, other)
            },
            criterion::BatchSize::SmallInput,
        );
    });
    group.finish();
}

/// The record of Bob's session, as it is written with an answer.
fn record(talos: &mut Talos) -> Vec<u8> {
    let step = talos.agents[1].seal(&talos.sid, b"x", NOW, &mut entropy).unwrap();
    step.changes()[0].content.as_ref().unwrap().to_vec()
}

fn state(c: &mut Criterion) {
    for (what, opened, skipped) in [("new", 0, 0), ("with 1,000 opened", 1_000, 0), ("with 2,000 skipped", 0, 2_000)] {
        let (mut talos, mut olm) = (Talos::new(), Olm::new());
        for _ in 0..opened {
            talos.say(0, b"x", false);
            olm.say(0, b"x", false);
        }
        for _ in 0..skipped / 1_000 {
            let mut last = Vec::new();
            for _ in 0..=1_000 {
                last = talos.agents[0].seal(&talos.sid, b"x", NOW, &mut entropy).unwrap().commit().bytes;
            }
            talos.agents[1].receive(&last, NOW).unwrap().commit();
        }
        let content = record(&mut talos);
        println!(
            "the record of a session {what} has {} bytes, and {} a pickle",
            content.len(),
            olm.0[1].pickle().encrypt(&[7; 32]).len()
        );
        let Talos { agents: [_, bob], sid, key } = &mut talos;
        let step = bob.seal(sid, b"x", NOW, &mut entropy).unwrap();
        let mut group = c.benchmark_group(format!("session {what}, saved encrypted"));
        group.bench_function("talos", |t| t.iter(|| store(black_box(&step), key)));
        group.bench_function("vodozemac, Olm", |t| t.iter(|| black_box(&olm.0[1]).pickle().encrypt(&[7; 32])));
        group.finish();
        drop(step);
        let blob = key.encrypt(&sid.0, 9, &[1; 12], &content).unwrap();
        let pickle = olm.0[1].pickle().encrypt(&[7; 32]);
        let mut group = c.benchmark_group(format!("session {what}, loaded"));
        group.bench_function("talos", |t| {
            t.iter(|| bob.load(9, &key.decrypt(&sid.0, 9, black_box(&blob)).unwrap()).unwrap());
        });
        group.bench_function("vodozemac, Olm", |t| {
            t.iter(|| Session::from_pickle(SessionPickle::from_encrypted(black_box(&pickle), &[7; 32]).unwrap()));
        });
        group.finish();
    }
}

fn config() -> Criterion {
    println!("machine: {}", b::machine());
    Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .sample_size(30)
}

criterion_group! { name = all; config = config(); targets = talk, set_up, state }
criterion_main!(all);
