//! What a mailbox relies on in its store: the service over it, and each count of it against the rows.

use std::collections::HashSet;
use talos_contracts::scalar::Hash;
use talos_contracts::{Error, ErrorCode, MailboxPosted};
use talos_crypto::{SigningKey, hash};
use talos_identity::Did;
use talos_mailbox::limits::{AGENT_MS, EXPIRY_MS, KEYS_WINDOW_MS, NONCE_MS};
use talos_mailbox::store::{Kept, Key, Made, Store, Totals, change, look};
use talos_mailbox::{Limits, Service};

/// A fresh, empty store.
pub type Fresh<'a> = &'a dyn Fn() -> Box<dyn Store>;

/// Writes one test for each behaviour; the argument makes a store.
#[macro_export]
macro_rules! mailbox_suite {
    ($fresh:expr) => {
        $crate::mailbox_suite!(@tests $fresh;
            a_frame_is_found_until_it_is_erased,
            a_frame_of_a_sender_waits_once,
            pages_follow_each_other_and_leave_out_what_has_ended,
            counts_follow_every_change,
            a_one_time_key_is_given_once_and_its_id_stays_known,
            the_share_of_a_requester_comes_back_with_time,
            a_refusal_changes_nothing,
            work_that_fails_changes_nothing,
            what_has_ended_is_swept,
            an_agent_for_whom_nothing_waits_is_forgotten,
            requests_of_the_future_are_remembered_until_they_are_past,
        );
    };
    (@tests $fresh:expr; $($name:ident,)*) => {
        $(
            #[test]
            fn $name() {
                $crate::mailbox::$name(&$fresh);
            }
        )*
    };
}

const NOW: u64 = 1_763_625_600_000;
const HOUR: u64 = 3_600_000;

/// The agent of a number.
fn did(number: u8) -> Did {
    Did::of(&SigningKey::from_seed(&[number; 32]).verifying_key())
}

fn key(id: &str, exp: u64) -> Key {
    Key { id: id.to_owned(), digest: hash::sha256(&[id.as_bytes()]), kept: envelope(id, exp) }
}

/// What stands for something published; the service verifies before it keeps.
fn envelope(text: &str, exp: u64) -> Kept {
    let envelope = format!(r#"{{"payload":"","payloadType":"{text}","signatures":[]}}"#).into_bytes();
    Kept { envelope, exp }
}

/// A service over a store in which agent 1 has published.
struct Place {
    store: Box<dyn Store>,
    service: Service,
}

impl Place {
    fn new(fresh: Fresh<'_>) -> Place {
        Place::with(fresh, Limits::default())
    }

    fn with(fresh: Fresh<'_>, limits: Limits) -> Place {
        let place = Place { store: fresh(), service: Service::new(limits) };
        place.publish(1, NOW + HOUR);
        place
    }

    fn publish(&self, agent: u8, exp: u64) {
        change(&*self.store, |s| self.service.publish_bundle(s, &did(agent), &envelope("bundle", exp), NOW)).unwrap();
    }

    fn post(&self, sender: u8, bytes: &[u8], now: u64) -> Result<MailboxPosted, Error> {
        let id: Hash = hash::sha256(&[bytes]);
        change(&*self.store, |s| self.service.post(s, &did(sender), &did(1), (&id, bytes), now))
    }

    fn keys(&self, keys: &[Key]) -> Result<u64, Error> {
        change(&*self.store, |s| self.service.publish_keys(s, &did(1), keys, NOW)).map(|status| status.one_time_keys)
    }

    /// The type of the key's envelope, which is its id here.
    fn give(&self, requester: u8, now: u64) -> Option<String> {
        let given = change(&*self.store, |s| self.service.give_bundle(s, &did(requester), &did(1), now)).unwrap();
        given.bundle.one_time_key.map(|key| key.payload_type)
    }

    fn frames(&self, after: u64, most: u64, now: u64) -> (Vec<(u64, Vec<u8>)>, bool) {
        let page = look(&*self.store, |s| self.service.frames(s, &did(1), after, most, now)).unwrap();
        (page.frames.into_iter().map(|frame| (frame.seq, frame.bytes)).collect(), page.more)
    }

    fn erase(&self, places: &[u64]) -> u64 {
        change(&*self.store, |s| self.service.acknowledge(s, &did(1), places)).unwrap().erased
    }

    fn sweep(&self, now: u64) {
        while !change(&*self.store, |s| s.sweep(now, 2)).unwrap() {}
    }

    fn totals(&self) -> Totals {
        look(&*self.store, |s| s.totals()).unwrap()
    }

    /// The counts, which have to be those of what is found.
    fn checked(&self) -> Totals {
        let (totals, account) = look(&*self.store, |s| Ok((s.totals()?, s.account(did(1).as_str())?))).unwrap();
        let found = self.frames(0, 256, 0).0;
        let bytes = found.iter().map(|(_, bytes)| bytes.len() as u64).sum::<u64>();
        let account = account.unwrap();
        assert_eq!((account.frames, account.frame_bytes), (found.len() as u64, bytes));
        assert_eq!(totals.frames, account.frames);
        totals
    }
}

fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorCode {
    result.unwrap_err().code
}

/// A frame comes back as it was posted, at a place that no other has.
pub fn a_frame_is_found_until_it_is_erased(fresh: Fresh<'_>) {
    let place = Place::new(fresh);
    for bytes in [&b"one"[..], b"two", b"three"] {
        let posted = place.post(2, bytes, NOW).unwrap();
        assert_eq!((posted.id, posted.expires), (hash::sha256(&[bytes]), NOW + EXPIRY_MS));
    }
    let (frames, more) = place.frames(0, 256, NOW);
    assert_eq!(frames.iter().map(|(_, bytes)| bytes.as_slice()).collect::<Vec<_>>(), [&b"one"[..], b"two", b"three"]);
    assert!(!more && frames.is_sorted_by(|a, b| a.0 < b.0));
    let last = frames[2].0;
    assert_eq!((place.erase(&[frames[1].0, last, 7]), place.erase(&[last])), (2, 0));
    assert_eq!(place.frames(0, 256, NOW).0, [frames[0].clone()]);
    place.post(2, b"four", NOW).unwrap();
    assert!(place.frames(last, 256, NOW).0[0].0 > last, "a place is never given twice");
    assert_eq!(code(place.post(2, b"", NOW)), ErrorCode::MalformedValue);
}

/// Posting again changes nothing and gives the same answer; other senders and other times are apart.
pub fn a_frame_of_a_sender_waits_once(fresh: Fresh<'_>) {
    let place = Place::new(fresh);
    let first = place.post(2, b"frame", NOW).unwrap();
    assert_eq!(place.post(2, b"frame", NOW + 5).unwrap(), first);
    place.post(3, b"frame", NOW).unwrap();
    assert_eq!(place.checked().frames, 2);
    let again = place.post(2, b"frame", first.expires).unwrap();
    assert_eq!(again.expires, first.expires + EXPIRY_MS, "what has ended is posted anew, swept or not");
    assert_eq!(place.checked().frames, 2);
}

/// A page ends after so many frames or bytes.
pub fn pages_follow_each_other_and_leave_out_what_has_ended(fresh: Fresh<'_>) {
    let place = Place::new(fresh);
    let large = [vec![1; 700_000], vec![2; 700_000], vec![3; 2_000_000], vec![4]];
    for (n, bytes) in large.iter().enumerate() {
        place.post(2, bytes, NOW + n as u64).unwrap();
    }
    let (mut after, mut seen) = (0, Vec::new());
    loop {
        let (frames, more) = place.frames(after, 2, NOW);
        seen.push((frames.iter().map(|(_, bytes)| bytes[0]).collect::<Vec<_>>(), more));
        after = frames.last().unwrap().0;
        if !more {
            break;
        }
    }
    assert_eq!(seen, [(vec![1], true), (vec![2], true), (vec![3], true), (vec![4], false)]);
    assert_eq!(place.frames(0, 256, NOW + EXPIRY_MS + 2).0.len(), 1);
    assert_eq!(place.frames(after, 256, NOW), (vec![], false));
    assert_eq!(place.frames(0, 3, NOW).0.len(), 1);
}

/// Frames, bundles and keys count, each until it goes.
pub fn counts_follow_every_change(fresh: Fresh<'_>) {
    let place = Place::new(fresh);
    let empty = place.checked();
    assert_eq!((empty.agents, empty.frames), (1, 0));
    place.publish(1, NOW + 2 * HOUR);
    assert_eq!(place.checked(), empty);
    place.keys(&[key("a", NOW + HOUR), key("b", NOW + HOUR)]).unwrap();
    let with_keys = place.checked();
    assert!(with_keys.bytes > empty.bytes);
    place.give(2, NOW).unwrap();
    place.give(2, NOW).unwrap();
    assert_eq!(place.checked(), empty);
    for n in 0..10_u8 {
        place.post(2 + n % 2, &[n; 100], NOW).unwrap();
    }
    assert_eq!(place.checked(), Totals { frames: 10, bytes: empty.bytes + 1_000, ..empty });
    let frames = place.frames(0, 256, NOW).0;
    place.erase(&frames[..4].iter().map(|(place, _)| *place).collect::<Vec<_>>());
    assert_eq!(place.checked(), Totals { frames: 6, bytes: empty.bytes + 600, ..empty });
    let by = |sender: u8| look(&*place.store, |s| s.queued_by(did(1).as_str(), did(sender).as_str())).unwrap();
    assert_eq!((by(2), by(3), by(4)), (3, 3, 0));
    place.sweep(NOW + EXPIRY_MS);
    assert_eq!((place.checked(), by(2)), (empty, 0));
    place.publish(5, NOW + HOUR);
    assert_eq!(place.totals().agents, 2);
}

/// The key that ends first goes first, none goes twice, and one that has ended goes nowhere.
pub fn a_one_time_key_is_given_once_and_its_id_stays_known(fresh: Fresh<'_>) {
    let place = Place::new(fresh);
    let keys = [key("late", NOW + 3 * HOUR), key("soon", NOW + 2), key("next", NOW + HOUR)];
    assert_eq!(place.keys(&keys).unwrap(), 3);
    assert_eq!(place.give(1, NOW), None, "the owner takes none");
    assert_eq!(place.give(2, NOW).as_deref(), Some("soon"));
    assert_eq!(place.keys(&keys).unwrap(), 2, "what is known is passed over");
    assert_eq!(place.give(2, NOW + HOUR - 1).as_deref(), Some("next"));
    assert_eq!(place.give(3, NOW).as_deref(), Some("late"));
    assert_eq!(place.give(3, NOW), None);
    let other = Key { digest: hash::sha256(&[b"other"]), ..key("next", NOW + HOUR) };
    assert_eq!(code(place.keys(&[key("new", NOW + HOUR), other])), ErrorCode::MalformedValue);
    assert_eq!(place.give(3, NOW), None, "all of them or none");
}

/// Ten an hour.
pub fn the_share_of_a_requester_comes_back_with_time(fresh: Fresh<'_>) {
    let place = Place::new(fresh);
    let keys: Vec<Key> = (0..30).map(|n| key(&format!("k{n}"), NOW + 5 * HOUR)).collect();
    place.publish(1, NOW + 9 * HOUR);
    place.keys(&keys).unwrap();
    let mut seen = HashSet::new();
    let mut take = |requester, now| {
        (0..12).filter_map(|_| place.give(requester, now)).filter(|id| seen.insert(id.clone())).count()
    };
    assert_eq!(take(2, NOW), 10);
    assert_eq!(take(3, NOW + 1), 10);
    assert_eq!(take(2, NOW + KEYS_WINDOW_MS - 1), 0);
    place.sweep(NOW + KEYS_WINDOW_MS - 1);
    assert_eq!(take(2, NOW + KEYS_WINDOW_MS - 1), 0);
    assert_eq!(take(2, NOW + KEYS_WINDOW_MS), 10);
    assert_eq!(take(4, NOW + KEYS_WINDOW_MS), 0);
}

/// Every limit of the service.
pub fn a_refusal_changes_nothing(fresh: Fresh<'_>) {
    let limits = Limits { queue_frames: 8, queue_bytes: 1_000, one_time_keys: 2, agents: 2, ..Limits::default() };
    let place = Place::with(fresh, limits.clone());
    let empty = place.checked();
    assert_eq!(code(place.post(2, &[0; 1_001], NOW)), ErrorCode::MailboxFull);
    assert_eq!(code(place.keys(&[key("a", NOW + 1), key("b", NOW + 1), key("c", NOW + 1)])), ErrorCode::MailboxQuota);
    assert_eq!(place.checked(), empty);
    for n in 0..8 {
        place.post(2 + n / 2, &[n], NOW).unwrap();
    }
    assert_eq!(code(place.post(2, b"x", NOW)), ErrorCode::MailboxQuota);
    assert_eq!(code(place.post(9, b"x", NOW)), ErrorCode::MailboxFull);
    place.publish(2, NOW + HOUR);
    let full = change(&*place.store, |s| place.service.publish_bundle(s, &did(3), &envelope("b", NOW + 1), NOW));
    assert_eq!(code(full), ErrorCode::MailboxFull);
    let id = hash::sha256(&[b"x"]);
    let unknown = change(&*place.store, |s| place.service.post(s, &did(1), &did(3), (&id, b"x"), NOW));
    assert_eq!(code(unknown), ErrorCode::MailboxUnknown);
    assert_eq!(place.checked().frames, 8);

    let place = Place::with(fresh, Limits { total_bytes: empty.bytes + 10, ..limits });
    place.post(2, &[0; 10], NOW).unwrap();
    assert_eq!(code(place.post(2, &[1], NOW)), ErrorCode::MailboxFull);
    assert_eq!(code(place.keys(&[key("a", NOW + HOUR)])), ErrorCode::MailboxFull);
    assert_eq!(place.checked(), Totals { frames: 1, bytes: empty.bytes + 10, ..empty });
}

/// A transaction is whole or not at all.
pub fn work_that_fails_changes_nothing(fresh: Fresh<'_>) {
    let place = Place::new(fresh);
    let before = place.checked();
    let id = hash::sha256(&[b"frame"]);
    let failed: Result<(), Error> = change(&*place.store, |s| {
        place.service.post(s, &did(2), &did(1), (&id, b"frame"), NOW)?;
        s.add_key(did(1).as_str(), &key("a", NOW + HOUR))?;
        Err(ErrorCode::StoreFull.into())
    });
    assert_eq!(code(failed), ErrorCode::StoreFull);
    assert_eq!(place.checked(), before);
    assert_eq!(place.give(2, NOW), None);
}

/// Frames, keys and their ids go when they end, and not before.
pub fn what_has_ended_is_swept(fresh: Fresh<'_>) {
    let place = Place::new(fresh);
    let empty = place.checked();
    for n in 0..5_u8 {
        place.post(2, &[n], NOW + u64::from(n)).unwrap();
        place.keys(&[key(&format!("k{n}"), NOW + HOUR + u64::from(n))]).unwrap();
    }
    place.give(2, NOW);
    place.sweep(NOW + HOUR + 2);
    let known = |id: &str| look(&*place.store, |s| s.key(did(1).as_str(), id)).unwrap().is_some();
    assert_eq!(["k0", "k2", "k3", "k4"].map(known), [false, false, true, true]);
    place.sweep(NOW + EXPIRY_MS + 2);
    assert_eq!(place.frames(0, 256, 0).0.len(), 2);
    place.sweep(NOW + EXPIRY_MS + 4);
    assert_eq!(place.checked(), empty);
}

/// 30 days after its bundle has ended, and not while something waits for it.
pub fn an_agent_for_whom_nothing_waits_is_forgotten(fresh: Fresh<'_>) {
    let place = Place::new(fresh);
    let end = NOW + HOUR + AGENT_MS;
    place.publish(2, NOW + HOUR + 1);
    place.post(3, b"frame", end - 1).unwrap();
    place.sweep(end);
    assert_eq!(place.totals().agents, 2);
    let frame = place.frames(0, 1, end).0[0].0;
    place.erase(&[frame]);
    place.sweep(end);
    assert_eq!(place.totals().agents, 1);
    let names = |after: &str| look(&*place.store, |s| s.agents(after, 10)).unwrap();
    assert_eq!(names(""), [did(2).as_str()]);
    assert!(names(did(2).as_str()).is_empty());
    place.sweep(end + 1);
    assert_eq!(place.totals(), Totals::default());
    assert!(place.frames(0, 1, NOW).0.is_empty());
}

/// For a gate that opens again.
pub fn requests_of_the_future_are_remembered_until_they_are_past(fresh: Fresh<'_>) {
    let place = Place::new(fresh);
    let made =
        [1, 2].map(|n| Made { agent: [n; 32], nonce: talos_contracts::scalar::B64([n; 16]), iat: NOW + u64::from(n) });
    made.iter().for_each(|made| change(&*place.store, |s| s.remember(made)).unwrap());
    let kept = || look(&*place.store, |s| s.made()).unwrap().into_iter().collect::<HashSet<_>>();
    assert_eq!(kept(), HashSet::from(made));
    place.sweep(NOW + NONCE_MS + 1);
    assert_eq!(kept(), HashSet::from(made));
    place.sweep(NOW + NONCE_MS + 2);
    assert_eq!(kept(), HashSet::from([made[1]]));
}
