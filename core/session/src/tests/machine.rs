//! Two and three agents on a network that loses, repeats and reorders, and hosts that crash between any two steps.

use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug)]
enum Act {
    Begin {
        from: usize,
        to: usize,
        one_time: bool,
    },
    Send {
        from: usize,
        to: usize,
    },
    Deliver {
        at: usize,
    },
    Repeat {
        at: usize,
    },
    Lose {
        at: usize,
    },
    Forge {
        at: usize,
        byte: usize,
    },
    Restart {
        who: usize,
    },
    /// The next step of the host is stored, and the host dies before it releases.
    DieAfterStoring {
        who: usize,
    },
    /// The next step of the host is not stored.
    DieBeforeStoring {
        who: usize,
    },
    /// The host comes back with a state from the past.
    RollBack {
        who: usize,
        to: usize,
    },
    Wait {
        ms: u64,
    },
}

fn acts(agents: usize, roll_back: bool) -> impl Strategy<Value = Vec<Act>> {
    let pair = move || (0..agents, 0..agents);
    let at = || any::<prop::sample::Index>().prop_map(|at| at.index(64));
    let act = prop_oneof![
        3 => (pair(), any::<bool>()).prop_map(|((from, to), one_time)| Act::Begin { from, to, one_time }),
        10 => pair().prop_map(|(from, to)| Act::Send { from, to }),
        12 => at().prop_map(|at| Act::Deliver { at }),
        2 => at().prop_map(|at| Act::Repeat { at }),
        2 => at().prop_map(|at| Act::Lose { at }),
        1 => (at(), any::<usize>()).prop_map(|(at, byte)| Act::Forge { at, byte }),
        1 => (0..agents).prop_map(|who| Act::Restart { who }),
        1 => (0..agents).prop_map(|who| Act::DieAfterStoring { who }),
        1 => (0..agents).prop_map(|who| Act::DieBeforeStoring { who }),
        2 => ((0..agents), at()).prop_map(move |(who, to)| match roll_back {
            true => Act::RollBack { who, to },
            false => Act::Restart { who },
        }),
        1 => (0..600_000u64).prop_map(|ms| Act::Wait { ms }),
    ];
    prop::collection::vec(act, 1..120)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Live,
    AfterStoring,
    BeforeStoring,
}

struct Packet {
    from: usize,
    to: usize,
    bytes: Vec<u8>,
}

struct World {
    hosts: Vec<Host>,
    fates: Vec<Fate>,
    past: Vec<Vec<Store>>,
    network: Vec<Packet>,
    now: u64,
    /// What was sealed, whether it went out or not: data, from, to.
    sealed: BTreeSet<(Vec<u8>, usize, usize)>,
    /// What was released, to whom.
    released: BTreeMap<Vec<u8>, usize>,
    /// Commitment and nonce of every frame that was sealed: a pair that comes twice is a nonce used twice under one key.
    nonces: BTreeSet<([u8; 32], [u8; 12])>,
    commitments: BTreeSet<[u8; 32]>,
    reused: bool,
    begun: BTreeMap<(usize, usize), u32>,
    forks: usize,
    count: u32,
}

impl World {
    fn new(agents: usize) -> Self {
        let hosts = (0..agents).map(|at| Host::new(at as u8 + 1)).collect();
        World {
            hosts,
            fates: vec![Fate::Live; agents],
            past: vec![Vec::new(); agents],
            network: Vec::new(),
            now: NOW,
            sealed: BTreeSet::new(),
            released: BTreeMap::new(),
            nonces: BTreeSet::new(),
            commitments: BTreeSet::new(),
            reused: false,
            begun: BTreeMap::new(),
            forks: 0,
            count: 0,
        }
    }

    fn did(&self, who: usize) -> String {
        self.hosts[who].did().to_string()
    }

    fn remember(&mut self, who: usize) {
        let store = self.hosts[who].store.clone();
        if self.past[who].last().is_none_or(|last| last.0 != store.0) {
            self.past[who].push(store);
        }
    }

    fn restart(&mut self, who: usize) {
        self.fates[who] = Fate::Live;
        let store = self.hosts[who].store.clone();
        self.hosts[who].restart(store);
    }

    /// Begins or renews. At most three sessions a pair, so that none is pushed out.
    fn begin(&mut self, from: usize, to: usize, one_time: bool) {
        if from == to {
            return;
        }
        let begun = self.begun.entry((from.min(to), from.max(to))).or_default();
        if *begun >= 3 {
            return;
        }
        *begun += 1;
        let bundle = self.hosts[to].bundle(self.now);
        let key = one_time.then(|| self.hosts[to].one_time_key(true, self.now));
        self.remember(to);
        let begin = Begin { bundle: &bundle, one_time_key: key.as_ref(), heals: None };
        self.hosts[from].begin(begin, self.now).unwrap();
        self.remember(from);
    }

    fn send(&mut self, from: usize, to: usize) {
        let Some(sid) = self.hosts[from].agent.current(&self.did(to), self.now) else { return };
        self.count += 1;
        let data = self.count.to_be_bytes().to_vec();
        let fate = self.fates[from];
        let host = &mut self.hosts[from];
        let Ok(step) = host.agent.seal(&sid, &data, self.now, &mut host.random) else { return };
        if fate != Fate::BeforeStoring {
            host.store.write(step.changes(), &mut Random(6));
            // What is not stored is not seen by anybody, and neither is its key used.
            let bytes = step.commit().bytes;
            let frame = frame_of(&bytes);
            let header = *Frame::parse(&frame).unwrap().header();
            assert!(self.nonces.insert((header.commitment, header.nonce)), "a nonce twice under one key");
            self.reused |= !self.commitments.insert(header.commitment);
            self.sealed.insert((data, from, to));
            if fate == Fate::Live {
                self.network.push(Packet { from, to, bytes });
            }
            self.remember(from);
        }
        if fate != Fate::Live {
            self.restart(from);
        }
    }

    fn deliver(&mut self, packet: &Packet, genuine: bool) -> Option<Vec<u8>> {
        let (to, fate) = (packet.to, self.fates[packet.to]);
        let before = self.hosts[to].state();
        let host = &mut self.hosts[to];
        let step = match host.agent.receive(&packet.bytes, self.now) {
            Ok(step) => step,
            Err(refused) => {
                // One that is altered after it was delivered looks like a fork (section 7.1).
                self.forks += usize::from(genuine && refused.code() == ErrorCode::SessionFork);
                assert_eq!(host.state(), before, "{refused}");
                return None;
            }
        };
        assert!(genuine, "a forged frame opened");
        let mut data = None;
        if fate != Fate::BeforeStoring {
            host.store.write(step.changes(), &mut Random(7));
            let received = step.commit();
            if fate == Fate::Live {
                assert_eq!(received.peer, did(packet.from as u8 + 1).as_str());
                data = received.data().map(<[u8]>::to_vec);
            }
            self.remember(to);
        }
        if fate != Fate::Live {
            self.restart(to);
        }
        data
    }

    /// Takes a delivery, and checks that what is released was sent by its sender to its receiver.
    fn release(&mut self, packet: &Packet, genuine: bool, once: bool) -> bool {
        let Some(data) = self.deliver(packet, genuine) else { return false };
        assert!(self.sealed.contains(&(data.clone(), packet.from, packet.to)));
        let times = self.released.entry(data).or_default();
        *times += 1;
        assert!(!once || *times == 1, "a message was released twice");
        true
    }

    fn act(&mut self, act: Act, once: bool) {
        let slot = |at: usize, len: usize| if len == 0 { None } else { Some(at % len) };
        match act {
            Act::Begin { from, to, one_time } => self.begin(from, to, one_time),
            Act::Send { from, to } => self.send(from, to),
            Act::Deliver { at } => {
                if let Some(at) = slot(at, self.network.len()) {
                    let packet = self.network.remove(at);
                    self.release(&packet, true, once);
                }
            }
            Act::Repeat { at } => {
                if let Some(at) = slot(at, self.network.len()) {
                    let Packet { from, to, bytes } = &self.network[at];
                    let packet = Packet { from: *from, to: *to, bytes: bytes.clone() };
                    self.release(&packet, true, once);
                }
            }
            Act::Lose { at } => {
                if let Some(at) = slot(at, self.network.len()) {
                    self.network.remove(at);
                }
            }
            Act::Forge { at, byte } => {
                if let Some(at) = slot(at, self.network.len()) {
                    let Packet { from, to, bytes } = &self.network[at];
                    let bytes = flipped(bytes, byte % bytes.len(), 0x10);
                    let packet = Packet { from: *from, to: *to, bytes };
                    self.release(&packet, false, once);
                }
            }
            Act::Restart { who } => self.restart(who),
            Act::DieAfterStoring { who } => self.fates[who] = Fate::AfterStoring,
            Act::DieBeforeStoring { who } => self.fates[who] = Fate::BeforeStoring,
            Act::RollBack { who, to } => {
                if let Some(to) = slot(to, self.past[who].len()) {
                    let store = self.past[who][to].clone();
                    self.hosts[who].restart(store);
                }
            }
            Act::Wait { ms } => self.now += ms,
        }
    }

    /// Whether all pairs that have a session talk in both directions, after what is on its way has arrived.
    fn converges(&mut self) {
        for who in 0..self.hosts.len() {
            self.restart(who);
        }
        let mut heard = BTreeSet::new();
        for _ in 0..6 {
            for packet in std::mem::take(&mut self.network) {
                self.release(&packet, true, true);
            }
            heard.clear();
            for from in 0..self.hosts.len() {
                for to in 0..self.hosts.len() {
                    // Who has heard of nobody does not talk first.
                    if from != to {
                        self.send(from, to);
                    }
                    for packet in std::mem::take(&mut self.network) {
                        if self.release(&packet, true, true) {
                            heard.insert((packet.from, packet.to));
                        }
                    }
                }
            }
        }
        for pair in self.begun.keys() {
            for (from, to) in [*pair, (pair.1, pair.0)] {
                assert!(heard.contains(&(from, to)), "{from} is not heard by {to}");
            }
        }
    }
}

/// More with PROPTEST_CASES.
fn config(cases: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { cases };
    ProptestConfig { cases, failure_persistence: None, ..default }
}

proptest! {
    #![proptest_config(config(100))]

    #[test]
    fn two_agents_converge_whatever_the_network_does_and_wherever_they_crash(acts in acts(2, false)) {
        let mut world = World::new(2);
        acts.into_iter().for_each(|act| world.act(act, true));
        prop_assert!(!world.reused && world.forks == 0);
        world.converges();
        prop_assert!(!world.reused && world.forks == 0);
    }

    #[test]
    fn three_agents_converge_too(acts in acts(3, false)) {
        let mut world = World::new(3);
        acts.into_iter().for_each(|act| world.act(act, true));
        world.converges();
        prop_assert!(!world.reused && world.forks == 0);
    }

    #[test]
    fn agents_that_are_restored_from_the_past_use_no_nonce_twice_and_release_nothing_forged(acts in acts(3, true)) {
        let mut world = World::new(3);
        // Nonces and origins are checked at each act.
        acts.into_iter().for_each(|act| world.act(act, false));
    }
}

#[test]
fn the_restored_agents_of_these_tests_really_use_keys_twice_and_are_seen() {
    let mut world = World::new(2);
    world.begin(0, 1, false);
    for _ in 0..3 {
        world.act(Act::Send { from: 0, to: 1 }, true);
        world.act(Act::Deliver { at: 0 }, true);
        world.act(Act::Send { from: 1, to: 0 }, true);
        world.act(Act::Deliver { at: 0 }, true);
    }
    for _ in 0..2 {
        world.act(Act::Send { from: 0, to: 1 }, true);
        world.act(Act::Deliver { at: 0 }, true);
    }
    let back = world.past[0].len() - 2;
    world.act(Act::RollBack { who: 0, to: back }, false);
    world.act(Act::Send { from: 0, to: 1 }, false);
    assert!(world.reused);
    world.act(Act::Deliver { at: 0 }, false);
    assert_eq!(world.forks, 1);
}
