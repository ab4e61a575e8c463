//! Every limit of section 13: what is still allowed, and what is not.

use super::*;
use crate::step::Kept;
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
    change(a.session_mut(sid));
    a.try_seal(sid, b"x", at).map(drop)
}

fn renewing(change: fn(&mut Session), at: u64) -> Outcome {
    let (mut a, _, sid) = answered();
    change(a.session_mut(sid));
    // A session that is used is not idle.
    a.session_mut(sid).used = at;
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
    a.session_mut(sid).frames = 50_000;
    assert_eq!(a.try_seal(sid, b"x", NOW), Err(SessionRenewalRequired));
    assert!(a.close(sid, NOW).is_ok());
    let (mut a, mut b) = (Host::new(1), Host::new(2));
    let bundle = b.bundle(NOW);
    let sid = a.begin_with(&bundle, NOW);
    a.session_mut(sid).frames = 10_000;
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
}
