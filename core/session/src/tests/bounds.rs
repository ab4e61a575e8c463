//! Every limit of section 13: what is still allowed, and what is not.

use super::*;
use crate::records::Kept;
use ErrorCode::*;
use talos_contracts::scalar::B64;

type Outcome = Result<(), ErrorCode>;

/// A limit, what happens at it, and what beyond it.
struct Case {
    what: &'static str,
    at: fn() -> Outcome,
    beyond: fn() -> Outcome,
    code: ErrorCode,
}

/// Opens without a store, which for so many frames would take its time.
fn opened(host: &mut Host, bytes: &[u8]) -> Outcome {
    host.agent.receive(bytes, NOW).map(|step| drop(step.commit())).map_err(|refused| refused.code())
}

/// The frame that skips so many in the running chain.
fn skipping(count: u32) -> Outcome {
    let (mut a, mut b, sid) = answered();
    let turn = a.seal(sid, b"a chain");
    opened(&mut b, &turn).unwrap();
    (0..count).for_each(|_| drop(a.agent.seal(&sid, b"x", NOW, &mut a.random).unwrap().commit()));
    let frame = a.agent.seal(&sid, b"y", NOW, &mut a.random).unwrap().commit().bytes;
    opened(&mut b, &frame)
}

/// The frame of a new chain that skips so many in the chain before and in its own.
fn skipping_two(before: u32, own: u32) -> Outcome {
    let (mut a, mut b, sid) = answered();
    let turn = a.seal(sid, b"a chain");
    opened(&mut b, &turn).unwrap();
    let skip = |a: &mut Host, count: u32| {
        (0..count).for_each(|_| drop(a.agent.seal(&sid, b"x", NOW, &mut Random(9)).unwrap().commit()));
    };
    skip(&mut a, before);
    let turn = b.agent.seal(&sid, b"turn", NOW, &mut b.random).unwrap().commit().bytes;
    a.agent.receive(&turn, NOW).unwrap().commit();
    skip(&mut a, own);
    let frame = a.agent.seal(&sid, b"y", NOW, &mut a.random).unwrap().commit().bytes;
    opened(&mut b, &frame)
}

fn unanswered(change: fn(&mut Session), at: u64) -> Outcome {
    let (mut a, mut b) = (Host::new(1), Host::new(2));
    let envelope = b.bundle_of(Suite::ALL, Validity { iat: NOW, exp: NOW + 14 * limits::DAY_MS });
    let bundle = published::verify_bundle(&envelope, &did(2), NOW).unwrap();
    let sid = a.begin_with(&bundle, NOW);
    a.change(sid, change);
    a.try_seal(sid, b"x", at).map(drop)
}

fn renewing(change: fn(&mut Session), at: u64) -> Outcome {
    let (mut a, _, sid) = answered();
    a.change(sid, change);
    // A session that is used is not idle.
    a.change(sid, |session| session.used = at);
    a.try_seal(sid, b"x", at).map(drop)
}

fn remembered(count: usize) -> Outcome {
    let (mut a, mut b) = (Host::new(1), Host::new(2));
    let bundle = b.bundle(NOW);
    for n in 0..count as u64 {
        let mut th = [0; 32];
        th[..8].copy_from_slice(&n.to_be_bytes());
        b.agent.handshakes.insert(B64(th), Kept { revision: 0, value: *bundle.hash() });
    }
    let sid = a.begin_with(&bundle, NOW);
    let first = a.seal(sid, b"x");
    opened(&mut b, &first)
}

fn skipped_kept(count: u64) -> Outcome {
    // Two thousand are skipped, then so many more; the first of all is asked for.
    let (mut a, mut b, sid) = answered();
    let first = a.agent.seal(&sid, b"x", NOW, &mut a.random).unwrap().commit().bytes;
    for many in [999, 999, count] {
        (0..many).for_each(|_| drop(a.agent.seal(&sid, b"x", NOW, &mut a.random).unwrap().commit()));
        let frame = a.agent.seal(&sid, b"y", NOW, &mut a.random).unwrap().commit().bytes;
        b.agent.receive(&frame, NOW).unwrap().commit();
    }
    assert!(b.session(sid).missing() <= limits::SKIPPED);
    opened(&mut b, &first)
}

fn statement(extra: usize) -> Outcome {
    let (mut a, mut b) = (Host::new(1), Host::new(2));
    let bundle = b.bundle(NOW);
    // White space around the envelope is still JSON.
    a.agent.statement.text.resize(extra, b' ');
    let sid = a.begin_with(&bundle, NOW);
    let first = a.seal(sid, b"x");
    opened(&mut b, &first)
}

const DAY: u64 = limits::DAY_MS;

#[test]
fn each_limit_holds_at_its_value_and_not_beyond() {
    let cases = [
        Case { what: "skipped by a frame", at: || skipping(1_000), beyond: || skipping(1_001), code: SessionSkipLimit },
        Case {
            what: "skipped in both chains",
            at: || skipping_two(1_000, 1_000),
            beyond: || skipping_two(1_001, 0),
            code: SessionSkipLimit,
        },
        Case {
            what: "skipped in the new chain",
            at: || skipping_two(0, 1_000),
            beyond: || skipping_two(0, 1_001),
            code: SessionSkipLimit,
        },
        Case { what: "skipped keys kept", at: || skipped_kept(1), beyond: || skipped_kept(2), code: SessionKeyGone },
        Case {
            what: "frames without an answer",
            at: || unanswered(|session| session.frames = 9_999, NOW),
            beyond: || unanswered(|session| session.frames = 10_000, NOW),
            code: SessionUnanswered,
        },
        Case {
            what: "time without an answer: the bundle's grace",
            at: || unanswered(|_| (), NOW + 21 * DAY - 1),
            beyond: || unanswered(|_| (), NOW + 21 * DAY),
            code: SessionUnanswered,
        },
        Case {
            what: "frames before renewal ends sealing",
            at: || renewing(|session| session.frames = 19_999, NOW),
            beyond: || renewing(|session| session.frames = 20_000, NOW),
            code: SessionRenewalRequired,
        },
        Case {
            what: "bytes before renewal ends sealing",
            at: || renewing(|session| session.bytes = (1 << 31) - 1, NOW),
            beyond: || renewing(|session| session.bytes = 1 << 31, NOW),
            code: SessionRenewalRequired,
        },
        Case {
            what: "age before renewal ends sealing",
            at: || renewing(|_| (), NOW + 2 * DAY - 1),
            beyond: || renewing(|_| (), NOW + 2 * DAY),
            code: SessionRenewalRequired,
        },
        Case {
            what: "handshakes remembered for a bundle",
            at: || remembered(99_999),
            beyond: || remembered(100_000),
            code: SessionLimit,
        },
        Case { what: "statement", at: || statement(4_096), beyond: || statement(4_097), code: SessionMalformed },
    ];
    for case in cases {
        assert_eq!((case.at)(), Ok(()), "at: {}", case.what);
        assert_eq!((case.beyond)(), Err(case.code), "beyond: {}", case.what);
    }
}

#[test]
fn closing_is_not_subject_to_the_limits_of_messages() {
    let (mut a, _, sid) = answered();
    a.change(sid, |session| session.frames = 50_000);
    assert_eq!(a.try_seal(sid, b"x", NOW), Err(SessionRenewalRequired));
    assert!(a.close(sid, NOW).is_ok());
    let (mut a, mut b) = (Host::new(1), Host::new(2));
    let bundle = b.bundle(NOW);
    let sid = a.begin_with(&bundle, NOW);
    a.change(sid, |session| session.frames = 10_000);
    assert_eq!(a.try_seal(sid, b"x", NOW), Err(SessionUnanswered));
    assert!(a.close(sid, NOW).is_ok());
}

#[test]
fn a_session_that_is_not_answered_ends_with_the_first_of_bundle_one_time_key_and_statement() {
    let end = |bundle: u64, key: Option<u64>, statement: u64| {
        let (mut a, mut b) = (Host::new(1), Host::new(2));
        let until = |life: u64| Validity { iat: NOW, exp: NOW + life };
        let agree = OurKey::from_secret(Secret::from_bytes(&[0x81; 32]));
        a.agent.set_statement(&sign_static_key(&sign_key(1), &agree, until(statement)).unwrap()).unwrap();
        let bundle = published::verify_bundle(&b.bundle_of(Suite::ALL, until(bundle)), &did(2), NOW).unwrap();
        let key = key.map(|life| {
            let terms = OneTimeTerms { id: "opk", hybrid: true, validity: until(life) };
            let envelope = b.agent.make_one_time_key(&sign_key(2), terms, &mut b.random).unwrap().commit();
            published::verify_one_time_key(&envelope, &did(2), NOW).unwrap()
        });
        let sid = a.begin(Begin { bundle: &bundle, one_time_key: key.as_ref(), heals: None }, NOW).unwrap();
        let crate::session::Side::Initiator { until, .. } = a.session(sid).side else { panic!("not the initiator") };
        let last = a.try_seal(sid, b"x", until - 1).unwrap();
        assert_eq!(a.try_seal(sid, b"x", until), Err(SessionUnanswered));
        assert!(b.agent.receive(&last, until - 1).is_ok(), "what was sealed last still opens");
        until - NOW
    };
    let grace = limits::GRACE_MS;
    assert_eq!(end(14 * DAY, None, 90 * DAY), 14 * DAY + grace);
    assert_eq!(end(14 * DAY, Some(30 * DAY), 90 * DAY), 14 * DAY + grace);
    assert_eq!(end(14 * DAY, Some(2 * DAY), 90 * DAY), 2 * DAY + grace);
    assert_eq!(end(14 * DAY, Some(2 * DAY), DAY), DAY);
    assert_eq!(end(14 * DAY, None, DAY), DAY);
    // At most 21 days and a minute: a bundle may be that far ahead of now.
    let (mut a, mut b) = (Host::new(1), Host::new(2));
    let ahead = Validity { iat: NOW + limits::SKEW_MS, exp: NOW + limits::SKEW_MS + 14 * DAY };
    let bundle = published::verify_bundle(&b.bundle_of(Suite::ALL, ahead), &did(2), NOW).unwrap();
    let sid = a.begin_with(&bundle, NOW);
    assert!(a.try_seal(sid, b"x", NOW + 21 * DAY + limits::SKEW_MS - 1).is_ok());
    assert_eq!(a.try_seal(sid, b"x", NOW + 21 * DAY + limits::SKEW_MS), Err(SessionUnanswered));
}

/// The first container of one whom Bob does not know.
fn stranger(b: &mut Host, seed: u8, now: u64) -> Vec<u8> {
    let mut stranger = Host::new(seed);
    let bundle = b.bundle(now);
    let sid = stranger.begin_with(&bundle, now);
    stranger.try_seal(sid, b"x", now).unwrap()
}

#[test]
fn strangers_find_places_while_there_are_fewer_sessions_than_may_be() {
    let (mut a, mut b, sid) = answered();
    b.agent.rules.sessions = 2;
    let (first, second) = (stranger(&mut b, 3, NOW), stranger(&mut b, 4, NOW));
    assert_eq!(b.open(&first).unwrap(), b"x");
    let before = b.state();
    assert_eq!(b.open(&second), Err(SessionLimit));
    assert_eq!(b.state(), before);
    // Whom it knows may renew, and whom it calls is called.
    let bundle = b.bundle(NOW);
    let renewed = a.renew(&bundle, sid, NOW);
    let renewal = a.seal(renewed, b"renewed");
    assert_eq!(b.receive(&renewal, NOW).unwrap().accepted.unwrap().known, Known::Renewed);
    let called = Host::new(5).bundle(NOW);
    b.begin_with(&called, NOW);
    assert_eq!(b.agent.sessions.len(), 4);
    // When some are over there is a place again. They are erased with it, as many as are needed.
    b.close(renewed, NOW).unwrap();
    let later = NOW + limits::RETIRED_MS;
    assert_eq!(b.receive(&second, later).err(), Some(SessionLimit));
    b.agent.rules.sessions = 3;
    assert_eq!(b.receive(&second, later).unwrap().accepted.unwrap().known, Known::First);
    assert!(!b.agent.sessions.contains_key(&sid) && !b.agent.sessions.contains_key(&renewed));
    assert_eq!(b.agent.sessions.len(), 3);
    b.agent.rules.sessions = 0;
    let third = stranger(&mut b, 6, later);
    assert_eq!(b.receive(&third, later).err(), Some(SessionLimit));
}

#[test]
fn ten_thousand_sessions_leave_no_place_for_a_stranger() {
    let (_, mut b, sid) = answered();
    for n in 1..limits::ALL_SESSIONS as u64 - 1 {
        let mut name = [0; 16];
        name[..8].copy_from_slice(&n.to_be_bytes());
        let copy = Session { sid: Sid(name), peer: format!("did:key:{n}"), ..b.session(sid).copy() };
        b.agent.sessions.insert(copy.sid, Kept { revision: 0, value: copy });
    }
    let (last, none) = (stranger(&mut b, 3, NOW), stranger(&mut b, 4, NOW));
    assert_eq!(b.open(&last).unwrap(), b"x");
    assert_eq!(b.agent.sessions.len(), limits::ALL_SESSIONS);
    assert_eq!(b.open(&none), Err(SessionLimit));
}

#[test]
fn a_thousand_handshakes_of_strangers_are_accepted_in_an_hour() {
    let (mut a, mut b, sid) = answered();
    let (first, second) = (stranger(&mut b, 3, NOW), stranger(&mut b, 4, NOW));
    for _ in 1..limits::STRANGERS_IN_HOUR - 1 {
        b.agent.strangers.count(NOW);
    }
    // What fails, and what is not committed, counts nowhere.
    assert_eq!(b.open(&flipped(&first, first.len() - 1, 1)), Err(SessionAuthentication));
    drop(b.agent.receive(&first, NOW).unwrap());
    assert_eq!(b.open(&first).unwrap(), b"x");
    assert_eq!(b.open(&second), Err(SessionLimit));
    let bundle = b.bundle(NOW);
    let renewed = a.renew(&bundle, sid, NOW);
    let renewal = a.seal(renewed, b"renewed");
    assert_eq!(b.open(&renewal).unwrap(), b"renewed");
    let hour = NOW - NOW % limits::HOUR_MS + limits::HOUR_MS;
    assert_eq!(b.receive(&second, hour - 1).err(), Some(SessionLimit));
    assert!(b.receive(&second, hour).is_ok());
}

#[test]
fn sixty_renewals_of_a_peer_are_accepted_in_an_hour() {
    let (mut a, mut b, mut sid) = answered();
    let bundle = b.bundle(NOW);
    for at in 1..=u64::from(limits::RENEWALS_IN_HOUR) {
        sid = a.renew(&bundle, sid, NOW + at);
        let renewal = a.try_seal(sid, b"renewed", NOW + at).unwrap();
        assert_eq!(b.receive(&renewal, NOW + at).unwrap().accepted.unwrap().known, Known::Renewed);
        let answer = b.try_seal(sid, b"answer", NOW + at).unwrap();
        a.receive(&answer, NOW + at).unwrap();
    }
    let late = a.begin_with(&bundle, NOW + 99);
    let late = a.seal(late, b"late");
    assert_eq!(b.open(&late), Err(SessionLimit));
    // Not after a restart either; what is there goes on.
    let store = b.store.clone();
    b.restart(store);
    assert_eq!(b.open(&late), Err(SessionLimit));
    let frame = a.seal(sid, b"x");
    assert_eq!(b.open(&frame).unwrap(), b"x");
    let hour = NOW - NOW % limits::HOUR_MS + limits::HOUR_MS;
    assert_eq!(b.receive(&late, hour - 1).err(), Some(SessionLimit));
    assert_eq!(b.receive(&late, hour).unwrap().accepted.unwrap().known, Known::Renewed);
}
