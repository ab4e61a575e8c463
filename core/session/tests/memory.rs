//! Secrets are gone from memory when what held them is dropped: a scan of every page of this process that can be written,
//! through /proc/self/mem.
//!
//! What it shows: after a life of two agents (prekeys, handshakes with and without a one-time key, messages in and out of
//! order, a renewal, records written, read and loaded), no half of any private key, seed, root, chain or message key, store
//! key, exporter value or plaintext is left in the heap or in statics, freed memory included. What it does not: stacks. A
//! value that was moved leaves its bytes where it was, until other calls overwrite them; so the life has a thread of its own,
//! whose stack is looked at apart and of which only the number of finds is printed. Nor registers, swap, or dumps made before.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "tests")]

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use talos_contracts::Error;
use talos_crypto::SigningKey;
use talos_identity::Did;
use talos_session::published::{self, Validity, sign_static_key};
use talos_session::state::{Change, Record, StoreKey};
use talos_session::*;
use zeroize::{Zeroize, Zeroizing};

const NOW: u64 = 1_763_625_600_000;
const HALF: usize = 16;
const PAGE: usize = 4_096;

/// Halves of secrets, each bit turned over, so that what is looked for is not found here. Halves, because a block that is
/// freed loses its first sixteen bytes to the allocator.
#[derive(Default)]
struct Needles {
    of: Vec<&'static str>,
    /// By the first eight bytes: the other eight, and which it is.
    halves: HashMap<u64, ([u8; 8], usize)>,
}

impl Needles {
    fn note(&mut self, what: &'static str, secret: &[u8]) {
        for half in secret.chunks_exact(HALF) {
            let first = !u64::from_ne_bytes(half[..8].try_into().unwrap());
            self.halves.insert(first, (std::array::from_fn(|at| !half[8 + at]), self.of.len()));
            self.of.push(what);
        }
    }

    fn find(&self, bytes: &[u8], found: &mut BTreeSet<usize>) {
        for window in bytes.windows(HALF) {
            let first = !u64::from_ne_bytes(window[..8].try_into().unwrap());
            if let Some((second, at)) = self.halves.get(&first)
                && second.iter().zip(&window[8..]).all(|(a, b)| *a == !*b)
            {
                found.insert(*at);
            }
        }
    }

    fn count(&self, found: &BTreeSet<usize>) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        found.iter().for_each(|at| *counts.entry(self.of[*at]).or_default() += 1);
        counts
    }
}

/// What was found on stacks, and elsewhere.
#[derive(Default)]
struct Found {
    stacks: BTreeSet<usize>,
    elsewhere: BTreeSet<usize>,
}

/// Looks through all memory that can be written. `stack` is an address on the stack of the life.
fn scan(needles: &Needles, stack: usize) -> Found {
    let memory = File::open("/proc/self/mem").unwrap();
    // So large that it is a mapping of its own: it holds what was read, and is not read.
    let mut buffer = vec![0; 1 << 20];
    let own = buffer.as_ptr() as usize..buffer.as_ptr() as usize + buffer.len();
    let mut found = Found::default();
    for line in std::fs::read_to_string("/proc/self/maps").unwrap().lines() {
        let (range, rest) = line.split_once(' ').unwrap();
        if !rest.starts_with("rw") {
            continue;
        }
        let (start, end) = range.split_once('-').unwrap();
        let map = usize::from_str_radix(start, 16).unwrap()..usize::from_str_radix(end, 16).unwrap();
        let is_stack = map.contains(&stack) || rest.ends_with("[stack]");
        let into = if is_stack { &mut found.stacks } else { &mut found.elsewhere };
        for page in map.clone().step_by(PAGE) {
            let end = (page + PAGE + HALF - 1).min(map.end);
            let overlaps = |other: &Range<usize>| page < other.end && other.start < end;
            let bytes = &mut buffer[..end - page];
            if !overlaps(&own) && memory.read_exact_at(bytes, page as u64).is_ok() {
                needles.find(bytes, into);
            }
        }
    }
    found
}

/// Random bytes that are the same in each run (SplitMix64), of which each draw of a key is noted.
struct Drawn<'a>(u64, &'a mut Needles);

impl Entropy for Drawn<'_> {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), Error> {
        out.fill_with(|| {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            (x ^ (x >> 27)) as u8
        });
        // Nonces are public, and shorter.
        self.1.note("drawn key", if out.len() >= 32 { out } else { &[] });
        Ok(())
    }
}

struct Life<'a> {
    drawn: Drawn<'a>,
    store: BTreeMap<[u8; 16], (u64, Vec<u8>)>,
    key: StoreKey,
}

impl Life<'_> {
    fn agent(&mut self, seed: u8) -> Agent {
        let sign = SigningKey::from_seed(&[seed; 32]);
        let agree = OurKey::draw(&mut self.drawn).unwrap();
        let statement = sign_static_key(&sign, &agree, Validity { iat: NOW, exp: NOW + limits::DAY_MS }).unwrap();
        Agent::new(Did::of(&sign.verifying_key()), agree, &statement, Rules::default()).unwrap()
    }

    fn commit<T>(&mut self, step: Step<'_, T>) -> T {
        for Change { record, replaces, content } in step.changes() {
            let Some(content) = content else {
                self.store.remove(&record.name());
                continue;
            };
            if matches!(record, Record::Session(_)) {
                self.note_session(&content);
            }
            let revision = replaces.map_or(0, |revision| revision + 1);
            let blob = self.key.encrypt(&record.name(), revision, &[7; 12], &content).unwrap();
            self.store.insert(record.name(), (revision, blob));
        }
        step.commit()
    }

    /// The secrets in the record of a session, in the order in which they are written.
    fn note_session(&mut self, content: &[u8]) {
        let mut rest = &content[1 + 2 + 16 + 32..];
        let mut take = |len: usize| {
            let (now, later) = rest.split_at(len);
            rest = later;
            now
        };
        let u32_of = |bytes: &[u8]| u32::from_be_bytes(bytes.try_into().unwrap()) as usize;
        self.drawn.1.note("exporter secret", take(32));
        let peer = u32_of(take(4));
        take(peer);
        if take(1) == [1] {
            if take(1) == [1] {
                take(16);
            }
            take(8);
            if take(1) == [1] {
                let head = u32_of(take(4));
                take(head);
            }
        } else {
            take(32);
        }
        take(16);
        if take(1) == [1] {
            take(8);
        }
        if take(1) == [1] {
            take(9);
        }
        take(16);
        self.drawn.1.note("root key", take(32));
        self.drawn.1.note("ratchet key", take(32));
        if take(1) == [1] {
            self.drawn.1.note("chain key", take(32));
            take(4);
        }
        take(4);
        for _ in 0..u32_of(take(4)) {
            take(40);
            if take(1) == [1] {
                self.drawn.1.note("chain key", take(32));
            }
        }
        for _ in 0..u32_of(take(4)) {
            take(5);
            self.drawn.1.note("skipped key", take(32));
        }
    }

    fn note_key(&mut self, key: &MessageKey) {
        self.drawn.1.note("message key", key.expose());
        let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).unwrap();
        mac.update(b"talos/session/1 key");
        let mut cipher_key = mac.finalize().into_bytes();
        self.drawn.1.note("cipher key", &cipher_key);
        cipher_key.as_mut_slice().zeroize();
    }

    fn bundle(&mut self, of: &mut Agent, seed: u8, name: &str) -> published::VerifiedBundle {
        let validity = Validity { iat: NOW, exp: NOW + limits::DAY_MS };
        let (spk_id, pq_id) = (format!("spk-{name}"), format!("pq-{name}"));
        let terms = BundleTerms { suites: Suite::ALL, spk_id: &spk_id, pq_id: &pq_id, validity };
        let step = of.make_bundle(&SigningKey::from_seed(&[seed; 32]), terms, &mut self.drawn).unwrap();
        let envelope = self.commit(step);
        published::verify_bundle(&envelope, of.did(), NOW).unwrap()
    }

    fn one_time_key(&mut self, of: &mut Agent, seed: u8) -> published::VerifiedOneTimeKey {
        let terms =
            OneTimeTerms { id: "opk", hybrid: true, validity: Validity { iat: NOW, exp: NOW + limits::DAY_MS } };
        let step = of.make_one_time_key(&SigningKey::from_seed(&[seed; 32]), terms, &mut self.drawn).unwrap();
        let envelope = self.commit(step);
        published::verify_one_time_key(&envelope, of.did(), NOW).unwrap()
    }

    fn begin(&mut self, agent: &mut Agent, begin: Begin<'_>) -> Sid {
        let step = agent.begin(begin, NOW, &mut self.drawn).unwrap();
        self.commit(step).sid
    }

    /// A message of random bytes.
    fn seal(&mut self, agent: &mut Agent, sid: Sid) -> Vec<u8> {
        let mut data = Zeroizing::new(vec![0; 1_000]);
        self.drawn.fill(&mut data).unwrap();
        self.drawn.1.note("plaintext", &data);
        let step = agent.seal(&sid, &data, NOW, &mut self.drawn).unwrap();
        let sealed = self.commit(step);
        self.note_key(&sealed.message_key);
        sealed.bytes
    }

    fn open(&mut self, agent: &mut Agent, bytes: &[u8]) {
        let step = agent.receive(bytes, NOW).unwrap();
        let received = self.commit(step);
        assert_eq!(received.data().map(<[u8]>::len), Some(1_000));
        self.note_key(&received.opened.message_key);
    }

    /// Everything that an agent does with secrets.
    fn live(&mut self) -> [Agent; 3] {
        let (mut a, mut b) = (self.agent(1), self.agent(2));
        let (bundle, key) = (self.bundle(&mut b, 2, "1"), self.one_time_key(&mut b, 2));
        let sid = self.begin(&mut a, Begin { bundle: &bundle, one_time_key: Some(&key), heals: None });
        let first = self.seal(&mut a, sid);
        self.open(&mut b, &first);
        for _ in 0..4 {
            let (late, newest) = (self.seal(&mut b, sid), self.seal(&mut b, sid));
            self.open(&mut a, &newest);
            let (lost, turn) = (self.seal(&mut a, sid), self.seal(&mut a, sid));
            self.open(&mut b, &turn);
            self.open(&mut a, &late);
            // What is refused holds secrets, too, while it is looked at.
            let forged = [&lost[..lost.len() - 1], &[lost[lost.len() - 1] ^ 1]].concat();
            assert!(b.receive(&forged, NOW).is_err());
        }
        let bundle = self.bundle(&mut b, 2, "2");
        let renewed = self.begin(&mut a, Begin { bundle: &bundle, one_time_key: None, heals: None });
        let first = self.seal(&mut a, renewed);
        self.open(&mut b, &first);
        let answer = self.seal(&mut b, renewed);
        self.open(&mut a, &answer);
        let value = a.export(&renewed, "label", 32, NOW).unwrap();
        self.drawn.1.note("exporter value", &value);
        // A second process with all that is stored, of both.
        let mut copy = self.agent(1);
        for (name, (revision, blob)) in &self.store {
            let content = self.key.decrypt(name, *revision, blob).unwrap();
            copy.load(*revision, &content).unwrap();
        }
        [a, b, copy]
    }
}

/// What a program leaves behind that does not erase: the scan has to find it.
fn leave_behind(needles: &mut Needles) {
    let careless: Vec<u8> = (0..5_000u32).map(|at| (at * at / 3 + at) as u8 ^ 0x5a).collect();
    needles.note("left behind", &careless[2_000..2_032]);
}

#[test]
fn no_secret_is_left_in_memory_when_what_held_it_is_dropped() {
    let life = || {
        let stack = 0u8;
        let stack = std::ptr::from_ref(&stack) as usize;
        let mut needles = Needles::default();
        let mut bytes = Zeroizing::new([0; 32]);
        Drawn(1, &mut needles).fill(&mut *bytes).unwrap();
        let key = StoreKey::new(Secret::from_bytes(&bytes));
        drop(bytes);
        let mut life = Life { drawn: Drawn(2, &mut needles), store: BTreeMap::new(), key };
        let agents = life.live();
        drop(life);
        let alive = scan(&needles, stack);
        drop(agents);
        leave_behind(&mut needles);
        (needles, alive, stack)
    };
    let (needles, alive, stack) = std::thread::spawn(life).join().unwrap();
    let found = scan(&needles, stack);
    let alive = needles.count(&alive.elsewhere);
    println!("{} halves of secrets; in memory while agents live: {alive:?}", needles.of.len());
    println!("on stacks afterwards: {:?}", needles.count(&found.stacks));
    for what in ["drawn key", "exporter secret", "root key", "ratchet key", "chain key", "skipped key"] {
        assert!(alive.contains_key(what), "the scan does not see a {what} that is there");
    }
    assert_eq!(needles.count(&found.elsewhere), BTreeMap::from([("left behind", 2)]));
}
