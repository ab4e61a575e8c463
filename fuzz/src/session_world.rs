//! Two agents with a session (`docs/spec/session.md`), the same in each run: the only genuine frames, containers and records that
//! a fuzzer has, since it cannot forge a key.

use std::sync::OnceLock;
use talos_contracts::Error;
use talos_crypto::SigningKey;
use talos_crypto::dsse::Unverified;
use talos_identity::Did;
use talos_session::published::{self, Validity, VerifiedBundle};
use talos_session::state::{Record, StoreKey};
use talos_session::{
    Agent, Begin, BundleTerms, Entropy, OneTimeTerms, OurKey, Rules, Secret, Sid, Step, Suite, frame_hash,
};

/// When everything happens.
pub const NOW: u64 = 1_763_625_600_000;
const VALIDITY: Validity = Validity { iat: NOW, exp: NOW + 7 * 24 * 3_600_000 };

/// Random bytes that are the same in each run (SplitMix64).
pub struct Random(pub u64);

impl Entropy for Random {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), Error> {
        out.fill_with(|| {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            (x ^ (x >> 27)) as u8
        });
        Ok(())
    }
}

/// Signs what an agent publishes.
pub fn sign_key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

/// Who has this seed.
pub fn did(seed: u8) -> Did {
    Did::of(&sign_key(seed).verifying_key())
}

fn agree(seed: u8) -> OurKey {
    OurKey::from_secret(Secret::from_bytes(&[seed | 0x80; 32]))
}

/// An agent without sessions.
pub fn agent(seed: u8) -> Result<Agent, Error> {
    let statement = published::sign_static_key(&sign_key(seed), &agree(seed), VALIDITY)?;
    Agent::new(did(seed), agree(seed), &statement, Rules::default())
}

/// A genuine frame or container, and its data.
pub struct Genuine {
    /// As it goes out.
    pub bytes: Vec<u8>,
    /// What is in it; none in a close.
    pub data: Option<Vec<u8>>,
    /// Its message key.
    pub key: [u8; 32],
}

/// What there is.
pub struct World {
    /// The session of Alice and Bob.
    pub sid: Sid,
    /// Its transcript hash.
    pub th: talos_contracts::scalar::Hash,
    /// The records of Bob: revision and content.
    pub records: Vec<(Record, u64, Vec<u8>)>,
    /// Frames of Alice that have not come to Bob, any of which opens; the last closes the session.
    pub waiting: Vec<Genuine>,
    /// Containers of Carol that have not come to Bob; each begins a session of its own.
    pub handshakes: Vec<Genuine>,
    /// The record of one of Carol's sessions, that of an initiator without an answer.
    pub initiator: Vec<u8>,
    /// Frames and containers that Bob has opened.
    pub opened: Vec<Vec<u8>>,
    /// What Bob has published: statement, bundle, one-time key.
    pub published: Vec<Unverified>,
}

/// The world, made once. That there is one, the replay says.
pub fn world() -> Option<&'static World> {
    static WORLD: OnceLock<Option<World>> = OnceLock::new();
    WORLD.get_or_init(|| make().ok()).as_ref()
}

impl World {
    /// Bob with his sessions and his published keys.
    pub fn bob(&self) -> Result<Agent, Error> {
        let mut bob = agent(2)?;
        for (_, revision, content) in &self.records {
            bob.load(*revision, content)?;
        }
        Ok(bob)
    }

    /// Bob with his session alone.
    pub fn bob_in_session(&self) -> Result<Agent, Error> {
        let mut bob = agent(2)?;
        for (record, revision, content) in &self.records {
            if matches!(record, Record::Session(_) | Record::Peer(_)) {
                bob.load(*revision, content)?;
            }
        }
        Ok(bob)
    }

    /// The key of Bob's store.
    pub fn store_key() -> StoreKey {
        StoreKey::new(Secret::from_bytes(&[0x5c; 32]))
    }
}

/// Bob's records as his store has them.
#[derive(Default)]
struct Records(Vec<(Record, u64, Vec<u8>)>);

impl Records {
    fn commit<T>(&mut self, step: Step<'_, T>) -> T {
        for change in step.changes() {
            self.0.retain(|(record, ..)| *record != change.record);
            if let Some(content) = &change.content {
                self.0.push((change.record.clone(), change.revision(), content.to_vec()));
            }
        }
        step.commit()
    }
}

fn seal(agent: &mut Agent, sid: &Sid, data: &[u8], random: &mut Random) -> Result<Genuine, Error> {
    let sealed = agent.seal(sid, data, NOW, random)?.commit();
    Ok(Genuine { bytes: sealed.bytes, data: Some(data.to_vec()), key: *sealed.message_key.expose() })
}

fn open(bob: &mut Agent, records: &mut Records, bytes: &[u8]) -> Result<(), Error> {
    records.commit(bob.receive(bytes, NOW).map_err(|refused| refused.error)?);
    Ok(())
}

fn bundle(bob: &mut Agent, records: &mut Records, name: &str, random: &mut Random) -> Result<Unverified, Error> {
    let (spk_id, pq_id) = (format!("spk-{name}"), format!("pq-{name}"));
    let suites = if name == "classic" { &[Suite::X25519][..] } else { Suite::ALL };
    let terms = BundleTerms { suites, spk_id: &spk_id, pq_id: &pq_id, validity: VALIDITY };
    Ok(records.commit(bob.make_bundle(&sign_key(2), terms, random)?))
}

fn make() -> Result<World, Error> {
    let random = &mut Random(1);
    let (mut alice, mut bob, mut carol) = (agent(1)?, agent(2)?, agent(3)?);
    let mut records = Records::default();
    let verified =
        |envelope: &Unverified| -> Result<VerifiedBundle, Error> { published::verify_bundle(envelope, &did(2), NOW) };
    let hybrid = bundle(&mut bob, &mut records, "hybrid", random)?;
    let classic = bundle(&mut bob, &mut records, "classic", random)?;
    let terms = OneTimeTerms { id: "opk", hybrid: true, validity: VALIDITY };
    let one_time = records.commit(bob.make_one_time_key(&sign_key(2), terms, random)?);
    let one_time_key = published::verify_one_time_key(&one_time, &did(2), NOW)?;

    let (verified_hybrid, verified_classic) = (verified(&hybrid)?, verified(&classic)?);
    let begin = Begin { bundle: &verified_hybrid, one_time_key: None, heals: None };
    let sid = alice.begin(begin, NOW, random)?.commit().sid;
    let mut opened = Vec::new();
    for turn in 0..3u8 {
        // One of each chain stays on its way.
        let late = seal(&mut alice, &sid, &[turn, 0], random)?;
        let first = seal(&mut alice, &sid, &[turn, 1], random)?;
        open(&mut bob, &mut records, &first.bytes)?;
        let answer = records.commit(bob.seal(&sid, &[turn, 2], NOW, random)?).bytes;
        alice.receive(&answer, NOW).map_err(|refused| refused.error)?.commit();
        opened.extend([first.bytes, answer]);
        if turn == 0 {
            open(&mut bob, &mut records, &late.bytes)?;
            opened.push(late.bytes);
        }
    }
    // A new chain, some of it ahead, and its close.
    let mut waiting = Vec::new();
    for data in [&b""[..], b"new chain", &[7; 100]] {
        waiting.push(seal(&mut alice, &sid, data, random)?);
    }
    let closed = alice.close(&sid, NOW, random)?.commit();
    waiting.push(Genuine { bytes: closed.bytes, data: None, key: *closed.message_key.expose() });

    let (mut handshakes, mut initiator) = (Vec::new(), Vec::new());
    for begin in
        [Begin { one_time_key: Some(&one_time_key), ..begin }, begin, Begin { bundle: &verified_classic, ..begin }]
    {
        let sid = carol.begin(begin, NOW, random)?.commit().sid;
        handshakes.push(seal(&mut carol, &sid, b"hello", random)?);
        let step = carol.seal(&sid, b"never sent", NOW, random)?;
        initiator = step.changes().into_iter().find_map(|change| change.content).map_or(Vec::new(), |c| c.to_vec());
    }
    let th = bob.session(&sid, NOW).map(|session| session.transcript_hash()).unwrap_or_else(|| frame_hash(&[]));
    let statement = published::sign_static_key(&sign_key(2), &agree(2), VALIDITY)?;
    let published = vec![statement, hybrid, classic, one_time];
    Ok(World { sid, th, records: records.0, waiting, handshakes, initiator, opened, published })
}

/// The seeds of the four corpora: target, name, content.
pub fn seeds() -> Vec<(&'static str, String, Vec<u8>)> {
    let Some(world) = world() else { return Vec::new() };
    let mut seeds = Vec::new();
    let mut add = |target, name: String, content: &[u8]| seeds.push((target, name, content.to_vec()));
    for (at, frame) in world.waiting.iter().enumerate() {
        add("session_frame", format!("waiting-{at}"), &frame.bytes);
    }
    for (at, bytes) in world.opened.iter().enumerate() {
        let target = if talos_session::is_container(bytes) { "session_container" } else { "session_frame" };
        add(target, format!("opened-{at}"), bytes);
    }
    for (at, handshake) in world.handshakes.iter().enumerate() {
        add("session_container", format!("waiting-{at}"), &handshake.bytes);
    }
    add("session_state", "session-initiator".to_owned(), &world.initiator);
    let mut nonce = Random(2);
    for (record, revision, content) in &world.records {
        let kind = match record {
            Record::Session(_) => "session",
            Record::Peer(_) => "peer",
            Record::Bundle(_) => "bundle",
            Record::OneTimeKey(_) => "one-time-key",
            Record::Handshake(_) => "handshake",
        };
        let name = record.name();
        add("session_state", format!("{kind}-{:02x}{:02x}", name[0], name[1]), content);
        let mut drawn = [0; 12];
        let blob = nonce.fill(&mut drawn).and_then(|()| World::store_key().encrypt(&name, *revision, &drawn, content));
        if matches!(record, Record::Session(_))
            && let Ok(blob) = blob
        {
            add("session_state", "blob".to_owned(), &blob);
        }
    }
    for (envelope, name) in world.published.iter().zip(["statement", "bundle", "bundle-classic", "one-time-key"]) {
        add("session_published", name.to_owned(), &envelope.to_envelope().canonical());
        add("session_published", format!("{name}-body"), &envelope.body);
    }
    seeds
}
