//! Beginning and accepting sessions.

use super::*;
use ErrorCode::*;
use talos_contracts::scalar::B64;
use talos_contracts::{OneTimeKey, PrekeyBundle, StaticKey};
use talos_crypto::dsse;

#[test]
fn both_suites_begin_with_and_without_one_time_keys() {
    for suites in [&[Suite::X25519][..], &[Suite::Hybrid], Suite::ALL] {
        for one_time in [None, Some(false), Some(true)] {
            let (mut a, mut b) = (Host::new(1), Host::new(2));
            let bundle = b.bundle_at(suites, NOW);
            let key = one_time.map(|hybrid| b.one_time_key(hybrid, NOW));
            let begin = Begin { bundle: &bundle, one_time_key: key.as_ref(), heals: None };
            let sid = a.begin(begin, NOW).unwrap();
            assert_eq!(a.session(sid).suite(), suites[0]);
            let first = a.seal(sid, b"hello");
            let container = Container::parse(&first).unwrap();
            assert_eq!(container.suite, suites[0]);
            assert_eq!(container.ciphertext.len(), if suites[0] == Suite::Hybrid { KEM_CIPHERTEXT_BYTES } else { 0 });
            let expected = match (suites[0], one_time) {
                (Suite::X25519, _) => None,
                (Suite::Hybrid, Some(true)) => container.opk_id,
                (Suite::Hybrid, _) => Some("pq-1"),
            };
            assert_eq!(container.pq_id, expected);
            let received = b.receive(&first, NOW).unwrap();
            assert_eq!(received.data(), Some(&b"hello"[..]));
            assert_eq!(received.peer, a.did().as_str());
            let accepted = Accepted { one_time_key: key.is_some(), known: Known::First };
            assert_eq!(received.accepted, Some(accepted));
            assert_eq!(b.agent.one_time_keys.len(), 0);
            assert_eq!(b.agent.handshakes.len(), usize::from(key.is_none()));
            let answer = b.seal(sid, b"hi");
            assert!(!is_container(&answer));
            assert_eq!(a.open(&answer).unwrap(), b"hi");
            assert!(!is_container(&a.seal(sid, b"again")));
        }
    }
}

#[test]
fn any_container_of_a_session_may_begin_it_and_the_others_follow() {
    let (mut a, mut b) = (Host::new(1), Host::new(2));
    let bundle = b.bundle(NOW);
    let sid = a.begin_with(&bundle, NOW);
    let sealed: Vec<_> = (0..5u8).map(|n| a.seal(sid, &[n])).collect();
    assert!(sealed.iter().all(|bytes| head_of(bytes) == head_of(&sealed[0])));
    for at in [3, 1, 4, 0, 2] {
        assert_eq!(b.open(&sealed[at]).unwrap(), [at as u8]);
    }
    assert_eq!(b.open(&sealed[3]), Err(SessionDuplicate));
    // A frame of this session in the container of another is not taken.
    let other = a.begin_with(&bundle, NOW);
    let head = head_of(&a.seal(other, b"x"));
    let frame = frame_of(&a.seal(sid, b"y"));
    assert_eq!(b.open(&crate::container::wrap(&head, &frame)), Err(SessionAuthentication));
}

#[test]
fn a_container_that_is_forged_at_any_byte_changes_nothing_and_uses_no_one_time_key() {
    for suites in [&[Suite::X25519][..], &[Suite::Hybrid]] {
        let (mut a, mut b) = (Host::new(1), Host::new(2));
        let (bundle, key) = (b.bundle_at(suites, NOW), b.one_time_key(true, NOW));
        let begin = Begin { bundle: &bundle, one_time_key: Some(&key), heals: None };
        let sid = a.begin(begin, NOW).unwrap();
        let good = a.seal(sid, b"hello");
        let before = b.state();
        for at in 0..good.len() {
            b.receive(&flipped(&good, at, 1 << (at % 8)), NOW).err().unwrap();
        }
        for len in 0..good.len() {
            assert_eq!(b.receive(&good[..len], NOW).err(), Some(SessionMalformed), "{len}");
        }
        assert_eq!(b.receive(&[&good[..], &[0]].concat(), NOW).err(), Some(SessionMalformed));
        assert_eq!(b.state(), before);
        assert_eq!(b.open(&good).unwrap(), b"hello");
        // A session that is there is not changed by forged containers either.
        let next = a.seal(sid, b"next");
        let before = b.state();
        for at in 0..next.len() {
            b.agent.failures.clear();
            b.receive(&flipped(&next, at, 1 << (at % 8)), NOW).err().unwrap();
        }
        assert_eq!(b.state(), before);
        assert_eq!(b.open(&next).unwrap(), b"next");
    }
}

#[test]
fn a_container_for_another_and_ones_own_are_refused() {
    let (mut a, mut b) = (Host::new(1), Host::new(2));
    let bundle = b.bundle(NOW);
    let sid = a.begin_with(&bundle, NOW);
    let first = a.seal(sid, b"x");
    assert_eq!(a.open(&first), Err(SessionRecipient));
    assert_eq!(Host::new(3).open(&first), Err(SessionRecipient));
    assert_eq!(Host::new(2).open(&first), Err(SessionPrekeyUnknown));
    let mut alone = Host::new(1);
    let own = alone.bundle(NOW);
    let begin = Begin { bundle: &own, one_time_key: None, heals: None };
    assert_eq!(alone.begin(begin, NOW), Err(SessionPeer));
}

#[test]
fn a_handshake_is_accepted_once_even_after_its_session_is_erased() {
    for with_key in [false, true] {
        let (mut a, mut b) = (Host::new(1), Host::new(2));
        let (bundle, key) = (b.bundle(NOW), b.one_time_key(true, NOW));
        let key = with_key.then_some(&key);
        let sid = a.begin(Begin { bundle: &bundle, one_time_key: key, heals: None }, NOW).unwrap();
        let first = a.seal(sid, b"x");
        let kept = b.agent.one_time_keys.len();
        b.open(&first).unwrap();
        assert_eq!(kept - b.agent.one_time_keys.len(), usize::from(with_key));
        assert_eq!(b.open(&first), Err(SessionDuplicate));
        b.close(sid, NOW).unwrap();
        let later = NOW + limits::RETIRED_MS;
        // Over, whether it was swept or not.
        let code = if with_key { SessionPrekeyUnknown } else { SessionInitReplayed };
        assert_eq!(b.receive(&first, later).err(), Some(code));
        b.sweep(later);
        let store = b.store.clone();
        b.restart(store);
        assert_eq!(b.receive(&first, later).err(), Some(code));
    }
}

#[test]
fn private_prekeys_are_kept_for_their_grace_and_then_erased() {
    let (mut a, mut b) = (Host::new(1), Host::new(2));
    let (bundle, key) = (b.bundle(NOW), b.one_time_key(false, NOW));
    let begin = Begin { bundle: &bundle, one_time_key: Some(&key), heals: None };
    let sid = a.begin(begin, NOW).unwrap();
    let first = a.seal(sid, b"x");
    let other = a.begin_with(&bundle, NOW);
    let second = a.seal(other, b"y");
    let end = NOW + WEEK + limits::GRACE_MS;
    b.sweep(end - 1);
    assert_eq!(b.receive(&first, end - 1).unwrap().data(), Some(&b"x"[..]));
    assert_eq!(b.receive(&second, end).err(), Some(SessionPrekeyUnknown));
    b.sweep(end);
    assert!(b.agent.bundles.is_empty() && b.agent.one_time_keys.is_empty() && b.agent.handshakes.is_empty());
    // The initiator does not send that late either.
    assert!(a.try_seal(other, b"z", end - 1).is_ok());
    assert_eq!(a.try_seal(other, b"z", end), Err(SessionUnanswered));
}

#[test]
fn suites_come_from_the_bundle_and_the_rules_of_both() {
    let only = |suite| Rules { suites: vec![suite], ..Rules::default() };
    let (mut a, mut b) = (Host::with(1, only(Suite::X25519)), Host::with(2, only(Suite::Hybrid)));
    let bundle = b.bundle(NOW);
    let sid = a.begin_with(&bundle, NOW);
    assert_eq!(a.session(sid).suite(), Suite::X25519);
    let first = a.seal(sid, b"x");
    assert_eq!(b.open(&first), Err(SessionSuite));
    let hybrid = b.bundle_at(&[Suite::Hybrid], NOW);
    let begin = Begin { bundle: &hybrid, one_time_key: None, heals: None };
    assert_eq!(a.begin(begin, NOW), Err(SessionSuite));
    // A container that names another suite than its bundle offers.
    let (mut a, mut b) = (Host::new(1), Host::new(2));
    let bundle = b.bundle_at(&[Suite::X25519], NOW);
    let sid = a.begin_with(&bundle, NOW);
    let good = a.seal(sid, b"x");
    let parsed = Container::parse(&good).unwrap();
    let head = crate::container::Head {
        suite: Suite::Hybrid,
        initiator: &parsed.initiator,
        responder: &parsed.responder,
        agree: parsed.agree,
        ephemeral: parsed.ephemeral,
        spk_id: parsed.spk_id,
        opk_id: "",
        pq_id: "pq-1",
        ciphertext: &[0; KEM_CIPHERTEXT_BYTES],
        bundle: &parsed.bundle,
        renews: None,

        statement: parsed.statement,
    };
    let frame = flipped(parsed.frame.bytes(), 3, 3);
    assert_eq!(b.open(&crate::container::wrap(&head.to_bytes(), &frame)), Err(SessionSuite));
    // One that is unknown, and frames of another suite than their container.
    assert_eq!(b.open(&flipped(&good, 3, 8)), Err(SessionSuite));
    assert_eq!(b.open(&crate::container::wrap(parsed.head, &frame)), Err(SessionMalformed));
    let at = good.len() - parsed.frame.bytes().len();
    assert_eq!(b.open(&flipped(&good, at + 3, 8)), Err(SessionMalformed));
    // What does not depend on the suite is said before.
    assert_eq!(b.open(&flipped(&flipped(&good, 3, 8), at + 3, 8)), Err(SessionSuite));
    assert_eq!(b.open(&flipped(&flipped(&good, 3, 8), at + 1, 8)), Err(SessionMalformed));
}

#[test]
fn the_head_of_a_session_that_is_there_counts_no_failure_where_it_is_another() {
    let (mut a, mut b, sid) = begun();
    let container = a.seal(sid, b"x");
    // The statement comes last in the head.
    let wrong = flipped(&container, head_of(&container).len() - 1, 1);
    for _ in 0..60 {
        assert_eq!(b.open(&wrong), Err(SessionAuthentication));
    }
    assert!(b.agent.failures.get(&sid).is_none_or(|failures| failures.in_row == 0));
}

/// What an agent would say if it made other bundles, one-time keys or statements than this crate makes.
fn bundle_body() -> PrekeyBundle {
    let mut b = Host::new(2);
    b.bundle(NOW).body().clone()
}

fn signed(seed: u8, media_type: &str, body: &[u8]) -> Unverified {
    dsse::sign(&sign_key(seed), &did(seed).url(), media_type, body)
}

fn bundle_code(body: &PrekeyBundle, now: u64) -> Result<(), ErrorCode> {
    let envelope = signed(2, PrekeyBundle::MEDIA_TYPE, &body.canonical());
    published::verify_bundle(&envelope, &did(2), now).map(|_| ()).map_err(|error| error.code)
}

#[test]
fn bundles_are_verified_in_the_order_of_the_page() {
    let good = bundle_body();
    let with = |change: &dyn Fn(&mut PrekeyBundle)| {
        let mut body = good.clone();
        change(&mut body);
        body
    };
    let day = limits::DAY_MS;
    assert_eq!(bundle_code(&good, NOW), Ok(()));
    assert_eq!(bundle_code(&with(&|b| b.suites = vec![2, 7, 1]), NOW), Ok(()));
    assert_eq!(bundle_code(&with(&|b| b.suites = vec![2, 2]), NOW), Err(MalformedValue));
    assert_eq!(bundle_code(&with(&|b| b.suites = vec![1]), NOW), Err(MalformedValue));
    assert_eq!(bundle_code(&with(&|b| b.suites = vec![]), NOW), Err(MalformedValue));
    assert_eq!(bundle_code(&with(&|b| b.suites = (2..10).collect()), NOW), Ok(()));
    assert_eq!(bundle_code(&with(&|b| b.suites = (2..11).collect()), NOW), Err(MalformedValue));
    assert_eq!(bundle_code(&with(&|b| b.pq = None), NOW), Err(MalformedValue));
    assert_eq!(bundle_code(&with(&|b| b.spk.id = "Spk".into()), NOW), Err(MalformedValue));
    assert_eq!(bundle_code(&with(&|b| b.exp = b.iat), NOW), Err(MalformedValue));
    assert_eq!(bundle_code(&with(&|b| b.exp = b.iat + 14 * day), NOW), Ok(()));
    assert_eq!(bundle_code(&with(&|b| b.exp = b.iat + 14 * day + 1), NOW), Err(MalformedValue));
    assert_eq!(bundle_code(&with(&|b| b.iss = did(3).url()), NOW), Err(SignatureKeyid));
    assert_eq!(bundle_code(&good, good.exp - 1), Ok(()));
    assert_eq!(bundle_code(&good, good.exp), Err(SessionExpired));
    assert_eq!(bundle_code(&good, good.iat - 60_000), Ok(()));
    assert_eq!(bundle_code(&good, good.iat - 60_001), Err(SessionExpired));
    let of_two = signed(2, PrekeyBundle::MEDIA_TYPE, &good.canonical());
    assert_eq!(published::verify_bundle(&of_two, &did(3), NOW).unwrap_err().code, SessionPeer);
    let mut forged = of_two.clone();
    forged.signatures[0].1[40] ^= 1;
    assert_eq!(published::verify_bundle(&forged, &did(2), NOW).unwrap_err().code, SignatureInvalid);
    let other = signed(2, OneTimeKey::MEDIA_TYPE, &good.canonical());
    assert_eq!(published::verify_bundle(&other, &did(2), NOW).unwrap_err().code, SignaturePayloadType);
    // Keys of another length, shorter or longer.
    let text = String::from_utf8(good.canonical()).unwrap();
    let key = good.pq.as_ref().unwrap().key.to_b64();
    for wrong in [key[..key.len() - 4].to_owned(), format!("AAAA{key}"), String::new()] {
        let envelope = signed(2, PrekeyBundle::MEDIA_TYPE, text.replace(&key, &wrong).as_bytes());
        assert_eq!(published::verify_bundle(&envelope, &did(2), NOW).unwrap_err().code, MalformedBase64);
    }
}

#[test]
fn the_lives_of_statements_and_one_time_keys_are_bounded() {
    let day = limits::DAY_MS;
    let one_time = |life| {
        let mut b = Host::new(2);
        let body = OneTimeKey { exp: NOW + life, ..b.one_time_key(true, NOW).body().clone() };
        let envelope = signed(2, OneTimeKey::MEDIA_TYPE, &body.canonical());
        published::verify_one_time_key(&envelope, &did(2), NOW).map(|_| ()).map_err(|error| error.code)
    };
    let statement = |life| {
        let body = StaticKey { iss: did(2).url(), agree: B64([9; 32]), iat: NOW, exp: NOW + life };
        let envelope = signed(2, StaticKey::MEDIA_TYPE, &body.canonical());
        published::verify_static_key(&envelope, &did(2), NOW).map(|_| ()).map_err(|error| error.code)
    };
    assert_eq!((one_time(30 * day), one_time(30 * day + 1)), (Ok(()), Err(MalformedValue)));
    assert_eq!((statement(90 * day), statement(90 * day + 1)), (Ok(()), Err(MalformedValue)));
    let agree = OurKey::from_secret(Secret::from_bytes(&[1; 32]));
    assert!(sign_static_key(&sign_key(1), &agree, Validity { iat: 0, exp: 90 * day + 1 }).is_err());
}

#[test]
fn keys_that_agree_on_nothing_are_refused_by_both() {
    let low_order = [
        [0; 32],
        hex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800").try_into().unwrap(),
        hex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f").try_into().unwrap(),
    ];
    for point in low_order {
        for change in [&(|body: &mut PrekeyBundle| body.agree = B64(point)) as &dyn Fn(&mut PrekeyBundle), &|body| {
            body.spk.key = B64(point)
        }] {
            let mut body = bundle_body();
            change(&mut body);
            let envelope = signed(2, PrekeyBundle::MEDIA_TYPE, &body.canonical());
            let bundle = published::verify_bundle(&envelope, &did(2), NOW).unwrap();
            let begin = Begin { bundle: &bundle, one_time_key: None, heals: None };
            let mut a = Host::new(1);
            assert_eq!(a.begin(begin, NOW), Err(SessionKeyInvalid));
            assert!(a.state().is_empty());
        }
        // EK_A and, in a frame, DHs.
        let (mut a, mut b) = (Host::new(1), Host::new(2));
        let bundle = b.bundle(NOW);
        let sid = a.begin_with(&bundle, NOW);
        let mut first = a.seal(sid, b"x");
        let ephemeral = Container::parse(&first).unwrap().ephemeral.0;
        let at = first.windows(32).position(|window| window == ephemeral).unwrap();
        let before = b.state();
        let good = first.clone();
        first[at..at + 32].copy_from_slice(&point);
        assert_eq!(b.open(&first), Err(SessionKeyInvalid));
        assert_eq!(b.state(), before);
        b.open(&good).unwrap();
        let mut frame = frame_of(&a.seal(sid, b"y"));
        frame[20..52].copy_from_slice(&point);
        assert_eq!(b.open(&frame), Err(SessionKeyInvalid));
    }
    let mut body = bundle_body();
    body.pq.as_mut().unwrap().key.0[..3].copy_from_slice(&[0xff; 3]);
    let envelope = signed(2, PrekeyBundle::MEDIA_TYPE, &body.canonical());
    let bundle = published::verify_bundle(&envelope, &did(2), NOW).unwrap();
    let begin = Begin { bundle: &bundle, one_time_key: None, heals: None };
    assert_eq!(Host::new(1).begin(begin, NOW), Err(SessionKeyInvalid));
}

#[test]
fn the_statement_in_a_container_is_the_initiators_and_of_its_key() {
    let (mut a, mut b) = (Host::new(1), Host::new(2));
    let bundle = b.bundle(NOW);
    let agree = || OurKey::from_secret(Secret::from_bytes(&[1 | 0x80; 32]));
    let validity = Validity { iat: NOW, exp: NOW + 1_000 };
    let cases = [
        (sign_static_key(&sign_key(1), &OurKey::from_secret(Secret::from_bytes(&[5; 32])), validity), SessionPeer),
        (sign_static_key(&sign_key(3), &agree(), validity), SessionPeer),
        (sign_static_key(&sign_key(1), &agree(), Validity { iat: NOW - 2_000, exp: NOW }), SessionExpired),
    ];
    for (statement, code) in cases {
        let statement = statement.unwrap();
        // The responder sees it in the container, and the initiator does not even begin.
        let mut careless = Host::new(1);
        careless.agent.statement.text = statement.to_envelope().canonical();
        let sid = careless.begin_with(&bundle, NOW);
        let first = careless.seal(sid, b"x");
        assert_eq!(b.open(&first), Err(code));
        a.agent.set_statement(&statement).unwrap();
        assert_eq!(a.begin(Begin { bundle: &bundle, one_time_key: None, heals: None }, NOW), Err(code));
        assert!(a.state().is_empty());
    }
}

#[test]
fn a_bundle_is_checked_again_when_a_session_begins() {
    let (mut a, mut b) = (Host::new(1), Host::new(2));
    let (bundle, key) = (b.bundle(NOW), Host::new(3).one_time_key(true, NOW));
    let begin = Begin { bundle: &bundle, one_time_key: None, heals: None };
    assert_eq!(a.begin(begin, NOW + WEEK), Err(SessionExpired));
    assert_eq!(a.begin(Begin { one_time_key: Some(&key), ..begin }, NOW), Err(SessionPeer));
}

#[test]
fn no_id_is_given_to_two_keys() {
    let mut b = Host::new(2);
    let validity = Validity { iat: NOW, exp: NOW + 1 };
    let mut bundle = |spk_id, pq_id| {
        let terms = BundleTerms { suites: Suite::ALL, spk_id, pq_id, validity };
        b.agent.make_bundle(&sign_key(2), terms, &mut b.random).map(|step| drop(step.commit())).map_err(|e| e.code)
    };
    assert_eq!(bundle("a", "b"), Ok(()));
    for (spk, pq) in [("a", "c"), ("c", "b"), ("c", "c"), ("", "c"), ("c", "C")] {
        assert_eq!(bundle(spk, pq), Err(MalformedValue));
    }
    let terms = OneTimeTerms { id: "a", hybrid: true, validity };
    assert!(b.agent.make_one_time_key(&sign_key(2), terms, &mut b.random).is_err());
    assert!(b.agent.make_one_time_key(&sign_key(1), OneTimeTerms { id: "d", ..terms }, &mut b.random).is_err());
}
