//! Live sessions in a storm of frames that somebody on the way has altered, repeated, cut, mixed up and made, while genuine
//! traffic goes on both ways.
//!
//! A million with `TALOS_SESSION_FRAMES=1000000`.

use super::*;
use crate::container::wrap;
use crate::frame::HEADER_BYTES;
use crate::tests::work::Work;
use std::collections::BTreeMap;

/// How an agent takes what comes from the network: the genuine way, or one that is broken.
type Receive = fn(&mut Agent, &[u8], u64) -> Result<Received, Refused>;

fn receive(agent: &mut Agent, bytes: &[u8], now: u64) -> Result<Received, Refused> {
    agent.receive(bytes, now).map(Step::commit)
}

/// Takes the staged step although the frame was refused, as several implementations did.
fn receive_committing_early(agent: &mut Agent, bytes: &[u8], now: u64) -> Result<Received, Refused> {
    let received = receive(agent, bytes, now);
    if received.is_err() {
        let bytes = Container::parse(bytes).map_or(bytes, |container| container.frame.bytes());
        let Ok(frame) = Frame::parse(bytes) else { return received };
        agent.sessions.change(&frame.header().sid, |session| {
            if let Ok(located) = session.ratchet.locate(&frame, true) {
                session.ratchet = session.ratchet.advanced(located, frame.header(), frame.hash());
            }
        });
    }
    received
}

/// A genuine frame, as it goes out.
#[derive(Clone)]
struct Letter {
    bytes: Vec<u8>,
    data: Vec<u8>,
    to: usize,
    number: u64,
}

/// A session, what is on its way in it, and some of what was.
struct Line {
    ends: [usize; 2],
    sid: Sid,
    /// Whether both sides talk; else the responder keeps silent, and all that goes out is in containers.
    answered: bool,
    flying: Vec<Letter>,
    past: Vec<Letter>,
    sent: u64,
}

/// How many later frames of a line a genuine one lets pass: fewer than the chains that are kept.
const LATE: u64 = 4;
/// Frames of a line that were delivered, and are altered and repeated.
const PAST: usize = 64;
/// So many frames of the storm come for each genuine one.
const STORM: u64 = 32;
/// The line on which only the initiator talks, in one chain.
const UNANSWERED: usize = 2;

#[derive(Debug, Default)]
struct Report {
    /// Sessions in which no genuine message opens any more.
    lost: usize,
    /// Genuine messages that did not open.
    missed: usize,
    genuine: usize,
    /// Frames that opened although nobody sent them, or as another message than was sent.
    forged: usize,
    codes: BTreeMap<&'static str, u64>,
    most: Work,
    /// The most frames of a session and minute that were refused and cost more than those that are always tried.
    most_dear: u32,
}

struct Storm {
    hosts: Vec<Host>,
    lines: Vec<Line>,
    /// A handshake that does not arrive before the storm is over.
    held: Letter,
    receive: Receive,
    random: Random,
    now: u64,
    dear: BTreeMap<(usize, Sid, u64), u32>,
    report: Report,
}

impl Storm {
    fn new(receive: Receive) -> Self {
        let mut hosts: Vec<Host> = (1..=5).map(Host::new).collect();
        let mut line = |from: usize, to: usize, suites: &[Suite], answered: bool| {
            let bundle = hosts[to].bundle_at(suites, NOW);
            let sid = hosts[from].begin_with(&bundle, NOW);
            let line = Line { ends: [from, to], sid, answered, flying: Vec::new(), past: Vec::new(), sent: 0 };
            let first = hosts[from].seal(sid, b"first");
            hosts[to].open(&first).unwrap();
            if answered {
                let answer = hosts[to].seal(sid, b"answer");
                hosts[from].open(&answer).unwrap();
            }
            line
        };
        let lines = vec![
            line(0, 1, Suite::ALL, true),
            line(2, 1, &[Suite::X25519], true),
            line(3, 1, Suite::ALL, false),
            line(2, 0, Suite::ALL, true),
        ];
        let (bundle, key) = (hosts[1].bundle(NOW), hosts[1].one_time_key(true, NOW));
        let sid = hosts[4].begin(Begin { bundle: &bundle, one_time_key: Some(&key), heals: None }, NOW).unwrap();
        let held = Letter { bytes: hosts[4].seal(sid, b"held"), data: b"held".to_vec(), to: 1, number: 0 };
        let (random, report) = (Random(7), Report::default());
        let mut storm = Storm { hosts, lines, held, receive, random, now: NOW, dear: BTreeMap::new(), report };
        // One of which more has been opened than is remembered.
        for _ in 0..limits::OPENED + 100 {
            storm.send(UNANSWERED, 0);
            let letter = storm.lines[UNANSWERED].flying.remove(0);
            storm.deliver(UNANSWERED, letter);
        }
        storm
    }

    fn below(&mut self, end: usize) -> usize {
        (self.random.next() % end as u64) as usize
    }

    /// A genuine message goes out, and one or none arrives.
    fn talk(&mut self) {
        let at = self.below(self.lines.len());
        let from = if self.lines[at].answered { self.below(2) } else { 0 };
        self.send(at, from);
        let line = &self.lines[at];
        let late = line.flying.iter().position(|letter| line.sent - letter.number >= LATE);
        let some = self.below(2 * line.flying.len());
        let arrives = late.or((some < self.lines[at].flying.len()).then_some(some));
        if let Some(letter) = arrives.map(|place| self.lines[at].flying.remove(place)) {
            self.deliver(at, letter);
        }
    }

    fn send(&mut self, at: usize, from: usize) {
        let line = &mut self.lines[at];
        line.sent += 1;
        let data = [&[at as u8][..], &line.sent.to_be_bytes()].concat();
        let (from, to) = (line.ends[from], line.ends[1 - from]);
        let host = &mut self.hosts[from];
        let sealed = host.agent.seal(&line.sid, &data, self.now, &mut host.random);
        match sealed.map(Step::commit) {
            Ok(sealed) => line.flying.push(Letter { bytes: sealed.bytes, data, to, number: line.sent }),
            // Where the broken way has lost it.
            Err(_) => self.report.missed += 1,
        }
    }

    fn deliver(&mut self, at: usize, letter: Letter) -> bool {
        self.report.genuine += 1;
        let received = (self.receive)(&mut self.hosts[letter.to].agent, &letter.bytes, self.now);
        let opened = received.is_ok_and(|received| received.data() == Some(&letter.data));
        self.report.missed += usize::from(!opened);
        self.keep(at, letter);
        opened
    }

    fn keep(&mut self, at: usize, letter: Letter) {
        let place = self.below(PAST);
        let past = &mut self.lines[at].past;
        if past.len() < PAST { past.push(letter) } else { past[place] = letter }
    }

    /// A frame that is or was on its way.
    fn any_letter(&mut self) -> Letter {
        if self.below(16) == 0 {
            return self.held.clone();
        }
        let at = self.below(self.lines.len());
        let line = &self.lines[at];
        let (flying, past) = (line.flying.len(), line.past.len());
        if flying + past == 0 {
            return self.held.clone();
        }
        // Those on their way are few, and most of what is altered is altered on the way.
        let place = if flying > 0 && self.below(2) == 0 { self.below(flying) } else { self.below(flying + past) };
        let line = &self.lines[at];
        line.flying.iter().chain(&line.past).nth(place).unwrap().clone()
    }

    /// One frame of the storm.
    fn blow(&mut self) {
        let letter = self.any_letter();
        let bytes = self.altered(&letter.bytes);
        if bytes == self.held.bytes {
            return;
        }
        // To whom it is sent, mostly; its sender; anybody.
        let to = if self.below(8) == 0 { self.below(self.hosts.len()) } else { letter.to };
        work::taken();
        let received = (self.receive)(&mut self.hosts[to].agent, &bytes, self.now);
        let work = work::taken();
        self.report.most.steps = self.report.most.steps.max(work.steps);
        self.report.most.agreements = self.report.most.agreements.max(work.agreements);
        match received {
            Ok(received) => self.arrived(to, &bytes, &received),
            Err(refused) => {
                *self.report.codes.entry(refused.code().as_str()).or_default() += 1;
                if work.steps > limits::SKIPPED_FREELY + 1 {
                    self.count_dear(to, &frame_of(&bytes));
                }
            }
        }
    }

    fn count_dear(&mut self, to: usize, frame: &[u8]) {
        let sid = Frame::parse(frame).unwrap().header().sid;
        if self.hosts[to].agent.session(&sid, self.now).is_some() {
            let dear = self.dear.entry((to, sid, self.now / limits::MINUTE_MS)).or_default();
            *dear += 1;
            self.report.most_dear = self.report.most_dear.max(*dear);
        }
    }

    /// What opens is one that was on its way, with or without its container, and is the message that was sent.
    fn arrived(&mut self, to: usize, bytes: &[u8], received: &Received) {
        let frame = frame_of(bytes);
        for at in 0..self.lines.len() {
            let same = |letter: &Letter| letter.to == to && frame_of(&letter.bytes) == frame;
            if let Some(place) = self.lines[at].flying.iter().position(same) {
                let letter = self.lines[at].flying.remove(place);
                self.report.genuine += 1;
                self.report.forged += usize::from(received.data() != Some(&letter.data));
                self.keep(at, letter);
                return;
            }
        }
        self.report.forged += 1;
    }

    fn altered(&mut self, good: &[u8]) -> Vec<u8> {
        if !is_container(good) {
            return self.altered_frame(good);
        }
        let (head, frame) = (head_of(good), frame_of(good));
        match self.below(8) {
            0 => frame,
            1 => good.to_vec(),
            2 => flipped(good, self.below(good.len()), 1 << self.below(8)),
            3 => good[..self.below(good.len())].to_vec(),
            4 => [good, &vec![0; 1 + self.below(200)]].concat(),
            5 => {
                let other = self.any_letter();
                wrap(&head, &frame_of(&other.bytes))
            }
            6 => {
                let at = self.below(head.len());
                wrap(&flipped(&head, at, 1 << self.below(8)), &frame)
            }
            _ => wrap(&head, &self.altered_frame(&frame)),
        }
    }

    fn altered_frame(&mut self, good: &[u8]) -> Vec<u8> {
        let end = good.len() - 16;
        // Version, type, suite, SID, DHs, PN, N, nonce, com, ciphertext, tag.
        let fields =
            [0..1, 1..2, 2..4, 4..20, 20..52, 52..56, 56..60, 60..72, 72..104, HEADER_BYTES..end, end..good.len()];
        let field = fields[self.below(fields.len())].clone();
        let mut bytes = good.to_vec();
        match self.below(12) {
            // As it was: a repetition, or one that overtakes others.
            0 => {}
            1 => bytes.truncate(self.below(good.len())),
            2 => bytes.resize(good.len() + 1 + self.below(200), self.random.next() as u8),
            3 => bytes.resize(good.len() + 64, 0),
            4 | 5 => {
                let other = frame_of(&self.any_letter().bytes);
                let len = field.len().min(other.len().saturating_sub(field.start));
                bytes[field.start..field.start + len].copy_from_slice(&other[field.start..field.start + len]);
            }
            6 => {
                // Numbers that are near, and some that are not.
                let at = if self.below(2) == 0 { 52 } else { 56 };
                let number = u32::from_be_bytes(good[at..at + 4].try_into().unwrap());
                let ahead = [1, 2, 16, 17, 500, 1_000, 1_001, 1 << 31, u32::MAX][self.below(9)];
                bytes[at..at + 4].copy_from_slice(&number.wrapping_add(ahead).to_be_bytes());
            }
            7 => {
                // A chain that nobody has begun, with as much to skip as may be.
                bytes[20..52].fill_with(|| self.random.next() as u8);
                for at in [52, 56] {
                    bytes[at..at + 4].copy_from_slice(&(self.random.next() as u32 % 1_100).to_be_bytes());
                }
            }
            8 => bytes[20..52].fill((self.random.next() % 2) as u8),
            _ => bytes[field.start + self.below(field.len())] ^= 1 << self.below(8),
        }
        bytes
    }

    fn run(mut self, frames: u64) -> Report {
        for count in 0..frames {
            self.now += self.random.next() % 20;
            if count.is_multiple_of(STORM) {
                self.talk();
            }
            self.blow();
        }
        self.calm();
        self.report
    }

    /// The storm is over: what is on its way arrives, and then each side hears the other.
    fn calm(&mut self) {
        for at in 0..self.lines.len() {
            for letter in std::mem::take(&mut self.lines[at].flying) {
                self.deliver(at, letter);
            }
            let mut heard = true;
            for from in [0, 1, 0] {
                self.send(at, from);
                let letter = self.lines[at].flying.pop();
                heard &= letter.is_some_and(|letter| self.deliver(at, letter));
            }
            self.report.lost += usize::from(!heard);
        }
        self.now += limits::MINUTE_MS;
        let opened = (self.receive)(&mut self.hosts[1].agent, &self.held.bytes, self.now);
        self.report.lost += usize::from(opened.map_or(true, |received| received.data() != Some(&self.held.data)));
    }
}

fn frames() -> u64 {
    std::env::var("TALOS_SESSION_FRAMES").map_or(100_000, |frames| frames.parse().unwrap())
}

#[test]
fn no_session_is_lost_and_nothing_forged_opens_whatever_comes() {
    let frames = frames();
    let report = Storm::new(receive).run(frames);
    println!("{report:#?}");
    assert_eq!((report.lost, report.missed, report.forged), (0, 0, 0));
    assert!(report.genuine as u64 >= frames / STORM);
    // What a frame costs is bounded, and so is how often in a minute one may cost much.
    let by_frame = 2 * limits::SKIPPED_BY_FRAME + 1;
    assert!(report.most.steps > by_frame - 200 && report.most.steps <= by_frame, "{:?}", report.most);
    assert!(report.most.agreements <= 5, "{:?}", report.most);
    assert!((1..=limits::FAILED_FRAMES).contains(&report.most_dear));
    // The storm has come through every door.
    for code in
        ["malformed", "suite", "unknown", "recipient", "peer", "prekey_unknown", "authentication", "key_invalid"]
            .into_iter()
            .chain(["skip_limit", "throttled", "duplicate", "fork", "key_gone"])
    {
        assert!(report.codes.contains_key(&*format!("session.{code}")), "no frame was session.{code}");
    }
}

#[test]
fn a_receiver_that_commits_before_it_authenticates_does_not_survive_the_same() {
    let report = Storm::new(receive_committing_early).run(2_000);
    assert_eq!(report.lost, 4, "{report:?}");
    assert_eq!(report.forged, 0);
}
