//! Several sessions with one peer.

use super::*;
use ErrorCode::*;

/// A session that was begun, and its first container.
type Begun = (Sid, Vec<u8>);

/// Simultaneous initiation: Alice's and Bob's sessions, with what each sent on its own.
fn crossed() -> (Host, Host, Begun, Begun) {
    let (mut a, mut b) = (Host::new(1), Host::new(2));
    let (of_a, of_b) = (a.bundle(NOW), b.bundle(NOW));
    let (x, y) = (a.begin_with(&of_b, NOW), b.begin_with(&of_a, NOW));
    let (from_a, from_b) = (a.seal(x, b"from a"), b.seal(y, b"from b"));
    (a, b, (x, from_a), (y, from_b))
}

#[test]
fn of_two_sessions_that_cross_the_lower_one_sends_and_both_open() {
    let (mut a, mut b, (x, from_a), (y, from_b)) = crossed();
    assert_eq!(a.open(&from_b).unwrap(), b"from b");
    assert_eq!(b.open(&from_a).unwrap(), b"from a");
    let (lower, higher) = (x.min(y), x.max(y));
    for host in [&a, &b] {
        assert!(host.session(higher).is_retired() && !host.session(lower).is_retired());
    }
    assert_eq!((a.current(2), b.current(1)), (Some(lower), Some(lower)));
    for (host, sid) in [(&mut a, higher), (&mut b, higher)] {
        assert_eq!(host.try_seal(sid, b"x", NOW), Err(SessionClosed));
    }
    let ping = a.seal(lower, b"ping");
    assert_eq!(b.open(&ping).unwrap(), b"ping");
    let pong = b.seal(lower, b"pong");
    assert_eq!(a.open(&pong).unwrap(), b"pong");
}

#[test]
fn what_is_on_its_way_in_the_session_that_lost_still_opens() {
    let (mut a, mut b, (x, from_a), (y, from_b)) = crossed();
    let more_a = a.seal(x, b"more from a");
    let more_b = b.seal(y, b"more from b");
    b.open(&from_a).unwrap();
    a.open(&from_b).unwrap();
    assert_eq!(b.open(&more_a).unwrap(), b"more from a");
    assert_eq!(a.open(&more_b).unwrap(), b"more from b");
    assert_eq!((a.current(2), b.current(1)), (Some(x.min(y)), Some(x.min(y))));
}

#[test]
fn a_session_is_renewed_with_its_exporter_secret() {
    let (mut a, mut b, old) = answered();
    let bundle = b.bundle(NOW);
    let late = b.seal(old, b"on its way");
    let new = a.renew(&bundle, old, NOW);
    assert_eq!(a.current(2), Some(new));
    assert!(!a.session(old).is_retired());
    let first = a.seal(new, b"renewed");
    let received = b.receive(&first, NOW).unwrap();
    assert_eq!(received.accepted, Some(Accepted { one_time_key: false, known: Known::Renewed }));
    assert!(b.session(old).is_retired());
    assert_eq!(b.current(1), Some(new));
    // What was sent before on the old session does not make it current again.
    assert_eq!(a.open(&late).unwrap(), b"on its way");
    assert_eq!(a.current(2), Some(new));
    let answer = b.seal(new, b"answer");
    a.open(&answer).unwrap();
    assert!(a.session(old).is_retired());
    assert_eq!(a.try_seal(old, b"x", NOW), Err(SessionClosed));
    // Whoever has not had the secrets of the old session cannot renew it.
    let mut thief = Host::new(1);
    let bundle = b.bundle(NOW);
    let fake = thief.begin_with(&b.bundle(NOW), NOW);
    let head = thief.session(fake).copy();
    let side = crate::session::Side::Responder { head: talos_contracts::scalar::B64([0; 32]) };
    thief.agent.sessions.insert(new, crate::records::Kept { revision: 0, value: Session { sid: new, side, ..head } });
    let forged = thief.renew(&bundle, new, NOW);
    let forged = thief.seal(forged, b"x");
    let before = b.state();
    assert_eq!(b.open(&forged), Err(SessionAuthentication));
    assert_eq!(b.state(), before);
}

#[test]
fn a_renewal_does_not_cross_with_the_session_that_it_renews() {
    // In both orders of the names: the lower SID must not win.
    for seed in 0..8 {
        let (mut a, mut b, old) = begun();
        b.random = Random(seed);
        // Bob has it, and renews it before Alice has heard of him.
        let bundle = a.bundle(NOW);
        let new = b.renew(&bundle, old, NOW);
        let first = b.seal(new, b"renewed");
        assert_eq!(a.receive(&first, NOW).unwrap().accepted.unwrap().known, Known::Renewed);
        assert_eq!(a.current(2), Some(new));
        let answer = a.seal(new, b"answer");
        b.open(&answer).unwrap();
        assert!(b.session(old).is_retired() && a.session(old).is_retired());
    }
}

#[test]
fn a_close_that_crosses_leaves_the_session_that_it_crosses_with() {
    for seed in 0..8 {
        let (mut a, mut b) = (Host::new(1), Host::new(2));
        b.random = Random(seed);
        let (of_a, of_b) = (a.bundle(NOW), b.bundle(NOW));
        let (x, y) = (a.begin_with(&of_b, NOW), b.begin_with(&of_a, NOW));
        let (first, close) = (a.seal(x, b"from a"), b.close(y, NOW).unwrap());
        assert_eq!(b.current(1), None, "a retired session is nobody's current one");
        a.receive(&close, NOW).unwrap();
        assert!(a.session(y).is_retired() && !a.session(x).is_retired());
        assert_eq!(b.open(&first).unwrap(), b"from a");
        assert_eq!((a.current(2), b.current(1)), (Some(x), Some(x)));
    }
}

#[test]
fn a_renewal_that_was_closed_keeps_no_session_from_becoming_current() {
    let (mut a, mut b, old) = answered();
    let bundle = b.bundle(NOW);
    let new = a.renew(&bundle, old, NOW);
    a.close(new, NOW).unwrap();
    assert_eq!(a.current(2), None);
    let frame = b.seal(old, b"x");
    a.open(&frame).unwrap();
    assert_eq!(a.current(2), Some(old));
    assert!(a.try_seal(old, b"y", NOW).is_ok());
}

#[test]
fn a_peer_that_has_lost_its_state_is_reached_by_a_handshake_that_names_nothing() {
    let (mut a, mut b, old) = answered();
    b.store.0.retain(|_, (_, _, record)| !matches!(record, Record::Session(_) | Record::Peer(_)));
    let store = b.store.clone();
    b.restart(store);
    let bundle = b.bundle(NOW);
    let lost = a.renew(&bundle, old, NOW);
    let refused = a.seal(lost, b"x");
    assert_eq!(b.open(&refused), Err(SessionRenewalUnknown));
    let hour = NOW + limits::HOUR_MS;
    let heals = Some(Healing { cause: Cause::Unanswered, afresh: true });
    let begin = Begin { bundle: &bundle, one_time_key: None, heals };
    let new = a.begin(begin, hour).unwrap();
    assert_eq!(a.session(new).renews(), None);
    let first = a.try_seal(new, b"anew", hour).unwrap();
    assert_eq!(b.receive(&first, hour).unwrap().accepted.unwrap().known, Known::First);
}

#[test]
fn a_renewal_needs_its_session_and_a_replayed_one_changes_nothing() {
    let (mut a, mut b, old) = answered();
    let bundle = b.bundle(NOW);
    let new = a.renew(&bundle, old, NOW);
    let first = a.seal(new, b"renewed");
    let mut without = Host::new(2);
    without.store = b.store.clone();
    without.store.0.retain(|_, (_, _, record)| !matches!(record, Record::Session(_)));
    let store = without.store.clone();
    without.restart(store);
    assert_eq!(without.open(&first), Err(SessionRenewalUnknown));
    b.open(&first).unwrap();
    let before = b.state();
    assert_eq!(b.open(&first), Err(SessionDuplicate));
    assert_eq!(b.state(), before);
    b.close(new, NOW).unwrap();
    let later = NOW + limits::RETIRED_MS;
    b.sweep(later);
    assert_eq!(b.receive(&first, later).err(), Some(SessionInitReplayed));
}

#[test]
fn renewal_is_due_by_age_frames_and_bytes_and_ends_at_twice_that() {
    let (mut a, b, sid) = answered();
    let due = |host: &Host, now| host.agent.due(did(2).as_str(), now);
    assert_eq!(due(&a, NOW + limits::RENEWAL_MS - 1), None);
    assert_eq!(due(&a, NOW + limits::RENEWAL_MS), Some(Due::Renewal(sid)));
    let (frames, bytes) = (a.session(sid).frames, a.session(sid).bytes);
    assert_eq!((frames, b.session(sid).frames, b.session(sid).bytes), (2, 2, bytes));
    for (times, expected) in [(1, Some(Due::Renewal(sid))), (2, Some(Due::Renewal(sid)))] {
        a.change(sid, |session| session.frames = times * limits::RENEWAL_FRAMES);
        assert_eq!(due(&a, NOW), expected);
        a.change(sid, |session| session.frames = frames);
        a.change(sid, |session| session.bytes = times * limits::RENEWAL_BYTES);
        assert_eq!(due(&a, NOW), expected);
        a.change(sid, |session| session.bytes = bytes);
    }
    assert_eq!(due(&a, NOW), None);
}

#[test]
fn a_renewal_that_is_not_answered_may_be_tried_again_after_an_hour() {
    let (mut a, mut b, old) = answered();
    let bundle = b.bundle(NOW);
    let lost = a.renew(&bundle, old, NOW);
    let hour = NOW + limits::HOUR_MS;
    let due = |host: &Host, now| host.agent.due(did(2).as_str(), now);
    assert_eq!((due(&a, hour - 1), due(&a, hour)), (None, Some(Due::Retry { waiting: lost, renews: old })));
    let retry =
        Begin { bundle: &bundle, one_time_key: None, heals: Some(Healing { cause: Cause::Unanswered, afresh: false }) };
    assert_eq!(a.begin(retry, hour - 1), Err(SessionLimit));
    let again = a.begin(retry, hour).unwrap();
    assert_eq!(a.agent.current(did(2).as_str(), hour), Some(again));
    assert_eq!(a.begin(retry, 2 * hour - NOW - 1), Err(SessionLimit));
    assert_eq!(due(&a, 2 * hour - NOW), Some(Due::Retry { waiting: again, renews: old }));
    // Both arrive; the peer takes both, and the retry in the end.
    let (x, y) = (a.seal(lost, b"x"), a.seal(again, b"y"));
    b.open(&x).unwrap();
    b.open(&y).unwrap();
    let answer = b.seal(again, b"answer");
    a.open(&answer).unwrap();
    assert!(a.session(old).is_retired());
}

#[test]
fn continuity_and_the_hourly_limit_hold_against_fresh_handshakes() {
    let (mut a, mut b, _) = answered();
    let bundle = b.bundle(NOW);
    let fresh = |a: &mut Host, now| {
        let mut copy = Host::new(1);
        copy.random = Random(a.random.next());
        let sid = copy.begin_with(&bundle, now);
        copy.try_seal(sid, b"x", now).unwrap()
    };
    let strict = Rules { continuity: true, ..Rules::default() };
    let rules = std::mem::replace(&mut b.agent.rules, strict);
    let first = fresh(&mut a, NOW);
    assert_eq!(b.open(&first), Err(SessionRenewalRequired));
    b.agent.rules = rules;
    for at in 0..4 {
        let container = fresh(&mut a, NOW + at);
        let received = b.receive(&container, NOW + at).unwrap();
        assert_eq!(received.accepted.unwrap().known, Known::Fresh);
    }
    let container = fresh(&mut a, NOW + 5);
    assert_eq!(b.receive(&container, NOW + 5).err(), Some(SessionLimit));
    assert_eq!(b.receive(&container, NOW + limits::HOUR_MS - 1).err(), Some(SessionLimit));
    assert!(b.receive(&container, NOW + limits::HOUR_MS).is_ok());
}

#[test]
fn a_fifth_session_erases_a_retired_one_and_then_one_that_was_not_answered() {
    let (mut a, mut b) = (Host::new(1), Host::new(2));
    let bundle = b.bundle(NOW);
    let sids: Vec<Sid> = (0..4).map(|at| a.begin_with(&bundle, NOW + at)).collect();
    let first = a.seal(sids[0], b"x");
    b.open(&first).unwrap();
    let answer = b.seal(sids[0], b"y");
    a.receive(&answer, NOW + 10).unwrap();
    assert_eq!(a.current(2), Some(sids[0]));
    a.close(sids[2], NOW + 10).unwrap();
    let fifth = a.begin_with(&bundle, NOW + 20);
    let left: Vec<bool> = sids.iter().map(|sid| a.agent.session(sid, NOW + 20).is_some()).collect();
    assert_eq!(left, [true, true, false, true], "the retired one goes first");
    a.begin_with(&bundle, NOW + 30);
    let left: Vec<bool> = sids.iter().map(|sid| a.agent.session(sid, NOW + 30).is_some()).collect();
    assert_eq!(left, [true, false, false, true], "then the oldest that has opened nothing");
    a.begin_with(&bundle, NOW + 40);
    a.begin_with(&bundle, NOW + 50);
    assert!(a.agent.session(&fifth, NOW + 50).is_none() && a.agent.session(&sids[0], NOW + 50).is_some());
}

#[test]
fn what_is_renewed_stays_however_many_renewals_are_not_answered() {
    let (mut a, mut b, old) = answered();
    let bundle = b.bundle(NOW);
    for at in 1..=9 {
        let waiting = a.begin_with(&bundle, NOW + at);
        assert_eq!(a.session(waiting).renews(), Some(old));
    }
    // Not even where it is retired: the next one still renews it.
    a.close(old, NOW + 9).unwrap();
    let last = a.begin_with(&bundle, NOW + 10);
    assert_eq!(a.session(last).renews(), Some(old));
    let first = a.seal(last, b"x");
    assert_eq!(b.receive(&first, NOW + 10).unwrap().accepted.unwrap().known, Known::Renewed);
}

#[test]
fn of_sessions_that_are_answered_the_one_that_is_silent_for_longest_goes_first() {
    let (mut a, mut b) = (Host::new(1), Host::new(2));
    let bundle = b.bundle(NOW);
    let mut sids = Vec::new();
    for at in 0..4 {
        // Another agent of the same keys, so that nothing is renewed.
        let mut copy = Host::new(1);
        copy.random = Random(100 + at);
        let sid = copy.begin_with(&bundle, NOW + at);
        let first = copy.try_seal(sid, b"x", NOW + at).unwrap();
        b.receive(&first, NOW + at).unwrap();
        sids.push((sid, copy));
    }
    let (sid, of_first) = &mut sids[0];
    let heard = of_first.try_seal(*sid, b"y", NOW + 9).unwrap();
    b.receive(&heard, NOW + 9).unwrap();
    let of_a = a.bundle(NOW);
    b.begin_with(&of_a, NOW + 10);
    let left: Vec<bool> = sids.iter().map(|(sid, _)| b.agent.session(sid, NOW + 10).is_some()).collect();
    assert_eq!(left, [true, false, true, true]);
}

#[test]
fn a_close_retires_on_both_sides_and_says_what_is_missing() {
    let (mut a, mut b, sid) = answered();
    let lost: Vec<_> = (0..3).map(|_| a.seal(sid, b"lost")).collect();
    let on_its_way = b.seal(sid, b"on its way");
    let close = a.close(sid, NOW).unwrap();
    assert_eq!(a.close(sid, NOW), Err(SessionClosed));
    assert_eq!(a.try_seal(sid, b"x", NOW), Err(SessionClosed));
    let received = b.receive(&close, NOW).unwrap();
    assert!(matches!(received.opened.content, Content::Close { missing: 3 }));
    assert_eq!(b.try_seal(sid, b"x", NOW), Err(SessionClosed));
    assert_eq!(b.open(&lost[1]).unwrap(), b"lost");
    assert_eq!(a.open(&on_its_way).unwrap(), b"on its way");
    assert_eq!(b.open(&close).err(), Some(SessionDuplicate));
    assert!(b.session(sid).is_retired());
}

#[test]
fn a_container_that_closes_leaves_a_retired_session_that_is_not_current() {
    let (mut a, mut b) = (Host::new(1), Host::new(2));
    let bundle = b.bundle(NOW);
    let sid = a.begin_with(&bundle, NOW);
    let close = a.close(sid, NOW).unwrap();
    b.receive(&close, NOW).unwrap();
    assert_eq!(b.current(1), None);
    assert!(b.session(sid).is_retired());
}

#[test]
fn a_reset_notice_needs_twenty_failures_in_a_session_that_has_opened_some() {
    let (mut a, mut b, sid) = answered();
    let good = a.seal(sid, b"x");
    let bad = flipped(&good, 130, 1);
    for _ in 0..19 {
        assert_eq!(b.open(&bad), Err(SessionAuthentication));
    }
    assert_eq!(b.reset(sid, NOW), Err(SessionLimit));
    b.open(&good).unwrap();
    for _ in 0..19 {
        let code = b.open(&flipped(&good, 72, 1));
        assert_eq!(code, Err(SessionAuthentication));
    }
    let heal =
        |bundle| Begin { bundle, one_time_key: None, heals: Some(Healing { cause: Cause::Failures, afresh: false }) };
    let bundle = a.bundle(NOW);
    assert_eq!(b.begin(heal(&bundle), NOW), Err(SessionLimit));
    assert_eq!(b.open(&flipped(&good, 72, 1)), Err(SessionAuthentication));
    let notice = b.reset(sid, NOW).unwrap();
    assert_eq!(b.reset(sid, NOW), Err(SessionClosed));
    assert!(b.session(sid).is_retired());
    let received = a.receive(&notice, NOW).unwrap();
    assert!(matches!(received.opened.content, Content::Reset));
    assert_eq!(a.try_seal(sid, b"x", NOW), Err(SessionClosed));
    // Who opened it may renew the session, once an hour.
    let bundle = b.bundle(NOW);
    let heal =
        Begin { bundle: &bundle, one_time_key: None, heals: Some(Healing { cause: Cause::Reset, afresh: false }) };
    let new = a.begin(heal, NOW).unwrap();
    assert_eq!(
        a.begin(Begin { heals: Some(Healing { cause: Cause::Fork, afresh: true }), ..heal }, NOW),
        Err(SessionLimit)
    );
    let first = a.seal(new, b"anew");
    assert_eq!(b.open(&first).unwrap(), b"anew");
    assert!(a.begin(heal, NOW + limits::HOUR_MS).is_ok());
    // A clock that was wrong by a year does not forbid it for a year.
    a.agent.peers.change(&did(2).to_string(), |peer| peer.healed = Some(NOW + 365 * limits::DAY_MS));
    assert!(a.begin(heal, NOW + 1).is_ok());
    assert_eq!(a.begin(heal, NOW + 2), Err(SessionLimit));
    // It counts as a handshake that heals, for who sends it.
    let heal =
        |bundle| Begin { bundle, one_time_key: None, heals: Some(Healing { cause: Cause::Reset, afresh: false }) };
    let bundle = a.bundle(NOW);
    assert_eq!(b.begin(heal(&bundle), NOW + limits::HOUR_MS - 1), Err(SessionLimit));
    let again = a.seal(new, b"x");
    b.open(&again).unwrap();
    for at in [0, 1] {
        let bad = flipped(&frame_of(&a.seal(new, b"x")), 130, 1);
        for _ in 0..20 {
            assert_eq!(b.open(&bad), Err(SessionAuthentication));
        }
        assert_eq!(b.reset(new, NOW + limits::HOUR_MS - 1 + at).err(), (at == 0).then_some(SessionLimit));
    }
    assert_eq!(b.begin(heal(&bundle), NOW + 2 * limits::HOUR_MS - 1), Err(SessionLimit));
    assert!(b.begin(heal(&bundle), NOW + 2 * limits::HOUR_MS).is_ok());
    // A session of which nothing was opened sends none.
    let (mut a, mut b, sid) = begun();
    let frame = b.seal(sid, b"x");
    for _ in 0..30 {
        let _ = a.open(&flipped(&frame, 130, 1));
    }
    assert_eq!(a.reset(sid, NOW), Err(SessionLimit));
}

#[test]
fn failures_are_throttled_by_the_minute_and_what_costs_little_is_still_tried() {
    let (mut a, mut b, sid) = answered();
    let (skipped, next) = (a.seal(sid, b"skipped"), a.seal(sid, b"next"));
    b.open(&next).unwrap();
    let some = |a: &mut Host| (0..18u8).map(|n| a.seal(sid, &[n])).collect::<Vec<_>>();
    let first = some(&mut a);
    let turn = b.seal(sid, b"turn");
    a.open(&turn).unwrap();
    let second = some(&mut a);
    let bad = flipped(&first[0], 130, 1);
    for _ in 0..60 {
        assert_eq!(b.open(&bad), Err(SessionAuthentication));
    }
    assert_eq!(b.open(&first[17]), Err(SessionThrottled), "seventeen are skipped");
    assert_eq!(b.open(&second[0]), Err(SessionThrottled), "eighteen of the chain before");
    assert_eq!(b.open(&bad), Err(SessionAuthentication), "none is skipped");
    assert_eq!(b.open(&skipped).unwrap(), b"skipped");
    assert_eq!(b.open(&first[0]).unwrap(), [0]);
    assert_eq!(b.open(&first[17]).unwrap(), [17], "sixteen are skipped");
    // A turn opens, with as many in the two chains together.
    assert_eq!(b.open(&second[17]), Err(SessionThrottled));
    assert_eq!(b.open(&second[16]).unwrap(), [16]);
    let turn = b.seal(sid, b"another turn");
    a.open(&turn).unwrap();
    let third = some(&mut a);
    assert_eq!(b.open(&third[16]), Err(SessionThrottled), "one of the chain before and sixteen of this one");
    assert_eq!(b.open(&flipped(&third[15], 130, 1)), Err(SessionAuthentication), "what skips sixteen is tried");
    let minute = NOW - NOW % limits::MINUTE_MS + limits::MINUTE_MS;
    assert_eq!(b.receive(&third[17], minute - 1).err(), Some(SessionThrottled));
    assert!(b.receive(&third[17], minute).is_ok());
    // A restart forgets what failed.
    for _ in 0..60 {
        let _ = b.open(&bad);
    }
    let store = b.store.clone();
    b.restart(store);
    assert!(b.agent.failures.is_empty());
}

#[test]
fn containers_that_fail_are_throttled_by_the_session_that_they_name() {
    let (mut a, mut b, sid) = answered();
    let bundle = b.bundle(NOW);
    let new = a.renew(&bundle, sid, NOW);
    let good = a.seal(new, b"x");
    let bad = flipped(&good, good.len() - 1, 1);
    for _ in 0..60 {
        assert_eq!(b.open(&bad), Err(SessionAuthentication));
    }
    assert_eq!(b.open(&good), Err(SessionThrottled));
    // Sessions that are there go on, and so do handshakes of others.
    let frame = a.seal(sid, b"y");
    assert_eq!(b.open(&frame).unwrap(), b"y");
    let mut c = Host::new(3);
    let of_c = c.begin_with(&bundle, NOW);
    let first = c.seal(of_c, b"z");
    assert_eq!(b.open(&first).unwrap(), b"z");
    assert!(b.receive(&good, NOW + limits::MINUTE_MS).is_ok());
}

#[test]
fn junk_of_strangers_stops_no_handshake() {
    let (mut a, mut b) = (Host::new(1), Host::new(2));
    let (bundle, foreign) = (b.bundle(NOW), Host::new(2).bundle_at(&[Suite::X25519], NOW));
    let (good, junk) = (a.begin_with(&bundle, NOW), a.begin_with(&foreign, NOW));
    let (good, junk) = (a.seal(good, b"x"), a.seal(junk, b"junk"));
    for _ in 0..limits::FAILED_CONTAINERS / 20 {
        assert_eq!(b.open(&junk), Err(SessionPrekeyUnknown));
    }
    // What costs an agreement is bounded.
    let bad = flipped(&good, good.len() - 1, 1);
    for _ in 1..limits::FAILED_CONTAINERS {
        b.agent.containers.count(NOW);
    }
    assert_eq!(b.open(&bad), Err(SessionAuthentication));
    assert_eq!(b.open(&good), Err(SessionThrottled));
    assert_eq!(b.open(&junk), Err(SessionPrekeyUnknown), "which is said before");
    assert!(b.receive(&good, NOW + limits::MINUTE_MS).is_ok());
}

#[test]
fn a_session_that_was_renewed_is_over_a_day_later_whoever_goes_on_sending() {
    let day = limits::RETIRED_MS;
    for closed in [false, true] {
        let (mut a, mut b, old) = answered();
        let close = if closed { vec![a.seal(old, b"x"), a.close(old, NOW).unwrap()] } else { Vec::new() };
        // A thief has the state of Alice in the old session.
        let mut thief = Host::new(1);
        thief.restart(a.store.clone());
        for host in [&mut a, &mut thief] {
            host.change(old, |session| session.retired = None);
        }
        close.iter().for_each(|bytes| drop(b.receive(bytes, NOW).unwrap()));
        let bundle = b.bundle(NOW);
        let new = a.renew(&bundle, old, NOW + 1);
        let first = a.try_seal(new, b"renewed", NOW + 1).unwrap();
        b.receive(&first, NOW + 1).unwrap();
        let answer = b.try_seal(new, b"answer", NOW + 2).unwrap();
        a.receive(&answer, NOW + 2).unwrap();
        let still = thief.try_seal(old, b"still", NOW + day).unwrap();
        assert!(b.receive(&still, NOW + day).is_ok());
        let no_more = thief.try_seal(old, b"no more", NOW + day).unwrap();
        assert_eq!(b.receive(&no_more, NOW + day + 1).err(), Some(SessionUnknown));
        assert!(a.agent.session(&old, NOW + day + 1).is_some() && a.agent.session(&old, NOW + day + 2).is_none());
        // Another renewal does not begin its day anew.
        let (mut a, mut b, old) = answered();
        let bundle = b.bundle(NOW);
        for at in [1, 2] {
            let new = a.renew(&bundle, old, NOW + at);
            let first = a.try_seal(new, b"renewed", NOW + at).unwrap();
            b.receive(&first, NOW + at).unwrap();
        }
        assert!(b.agent.session(&old, NOW + day).is_some() && b.agent.session(&old, NOW + day + 1).is_none());
    }
}

#[test]
fn sessions_are_over_a_day_after_they_retired_and_a_month_after_their_last_use() {
    let (mut a, mut b, sid) = answered();
    let (x, y, z) = (a.seal(sid, b"x"), a.seal(sid, b"y"), a.seal(sid, b"z"));
    b.close(sid, NOW + 5).unwrap();
    let day = limits::RETIRED_MS;
    // What opens keeps it for a day more.
    assert!(b.receive(&x, NOW + 4 + day).is_ok());
    assert!(b.receive(&y, NOW + 3 + 2 * day).is_ok());
    let end = NOW + 3 + 3 * day;
    b.sweep(end - 1);
    assert!(b.agent.session(&sid, end - 1).is_some());
    assert_eq!(b.receive(&z, end).err(), Some(SessionUnknown));
    b.sweep(end);
    assert!(b.agent.sessions.is_empty() && b.agent.peers.is_empty());
    assert!(!b.store.0.values().any(|(_, _, record)| matches!(record, Record::Session(_) | Record::Peer(_))));
    let idle = NOW + limits::IDLE_MS;
    assert!(a.agent.session(&sid, idle - 1).is_some());
    assert_eq!(a.try_seal(sid, b"x", idle), Err(SessionUnknown));
    assert_eq!(a.agent.export(&sid, "INV", 16, idle - 1).unwrap_err().code, MalformedValue);
    assert_eq!(a.agent.export(&sid, "INV", 16, idle).unwrap_err().code, SessionUnknown);
    a.sweep(idle);
    assert!(a.agent.sessions.is_empty());
}
