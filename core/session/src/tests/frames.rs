//! Sealing and receiving in one session.

use super::*;
use crate::frame::HEADER_BYTES;
use ErrorCode::*;

#[test]
fn both_sides_talk_in_turns_and_at_once() {
    let (mut a, mut b, sid) = answered();
    for round in 0..12u32 {
        let (x, y) = (a.seal(sid, &round.to_be_bytes()), b.seal(sid, b"at once"));
        assert_eq!(b.open(&x).unwrap(), round.to_be_bytes());
        assert_eq!(a.open(&y).unwrap(), b"at once");
        let many: Vec<_> = (0..round).map(|n| a.seal(sid, &[n as u8])).collect();
        for (n, frame) in many.iter().enumerate() {
            assert_eq!(b.open(frame).unwrap(), [n as u8]);
        }
    }
}

#[test]
fn data_of_every_length_comes_back_and_is_padded_to_the_bucket() {
    for bucket in [64, 128, 65_536] {
        let (mut a, mut b) = (Host::with(1, Rules { bucket, ..Rules::default() }), Host::new(2));
        let bundle = b.bundle(NOW);
        let sid = a.begin_with(&bundle, NOW);
        for len in [0, 1, 59, 60, 61, 123, 124, 125, 4_000] {
            let data = vec![0xff; len];
            let frame = frame_of(&a.seal(sid, &data));
            assert_eq!((frame.len() - HEADER_BYTES - 16) % bucket, 0);
            let sealed = a.seal(sid, &data);
            assert_eq!(b.open(&sealed).unwrap(), data);
        }
    }
    let wrong = |bucket| Rules { bucket, ..Rules::default() };
    for bucket in [0, 1, 63, 65, 65_600] {
        let statement = sign_static_key(
            &sign_key(1),
            &OurKey::from_secret(Secret::from_bytes(&[1; 32])),
            Validity { iat: 0, exp: 1 },
        );
        let agree = OurKey::from_secret(Secret::from_bytes(&[1; 32]));
        assert!(Agent::new(did(1), agree, &statement.unwrap(), wrong(bucket)).is_err());
    }
}

#[test]
fn the_largest_message_passes_and_one_byte_more_does_not() {
    let (mut a, mut b, sid) = answered();
    let data = vec![7; limits::DATA_BYTES];
    let frame = a.seal(sid, &data);
    assert_eq!(b.open(&frame).unwrap(), data);
    assert_eq!(a.try_seal(sid, &vec![7; limits::DATA_BYTES + 1], NOW), Err(MalformedSize));
    let mut long = vec![1, 2, 0, 1];
    long.resize(HEADER_BYTES + limits::PLAINTEXT_BYTES + 16, 0);
    assert!(Frame::parse(&long).is_ok());
    long.resize(long.len() + 64, 0);
    assert_eq!(Frame::parse(&long).unwrap_err().code, SessionMalformed);
}

#[test]
fn frames_open_in_any_order_across_chains() {
    let (mut a, mut b, sid) = answered();
    let mut late = Vec::new();
    for chain in 0..4u8 {
        late.extend((0..5u8).map(|n| ((chain, n), a.seal(sid, &[chain, n]))));
        let newest = a.seal(sid, b"newest");
        b.open(&newest).unwrap();
        let turn = b.seal(sid, b"turn");
        a.open(&turn).unwrap();
    }
    let newest = a.seal(sid, b"newest");
    b.open(&newest).unwrap();
    assert_eq!(b.session(sid).missing(), 20);
    for at in (0..late.len()).map(|at| at * 7 % late.len()) {
        let ((chain, n), frame) = &late[at];
        assert_eq!(b.open(frame).unwrap(), [*chain, *n]);
    }
    assert_eq!(b.session(sid).missing(), 0);
}

#[test]
fn a_chain_that_is_five_behind_is_gone() {
    let (mut a, mut b, sid) = answered();
    let (missed, opened) = (a.seal(sid, b"missed"), a.seal(sid, b"opened"));
    b.open(&opened).unwrap();
    let turn = |a: &mut Host, b: &mut Host| {
        let x = b.seal(sid, b"turn");
        a.open(&x).unwrap();
        let x = a.seal(sid, b"turn");
        b.open(&x).unwrap();
    };
    for _ in 0..4 {
        turn(&mut a, &mut b);
    }
    assert_eq!(b.session(sid).missing(), 1);
    assert_eq!(b.open(&opened), Err(SessionDuplicate));
    turn(&mut a, &mut b);
    assert_eq!(b.session(sid).missing(), 0);
    assert_eq!(b.session(sid).ratchet.receiving.len(), limits::CHAINS);
    assert_eq!(b.open(&missed), Err(SessionAuthentication));
    assert_eq!(b.open(&opened), Err(SessionAuthentication));
}

#[test]
fn a_duplicate_is_harmless_until_it_is_forgotten() {
    let (mut a, mut b, sid) = answered();
    let frame = a.seal(sid, b"once");
    assert_eq!(b.open(&frame).unwrap(), b"once");
    let before = b.state();
    assert_eq!(b.open(&frame), Err(SessionDuplicate));
    for _ in 0..999 {
        let next = a.seal(sid, b"x");
        b.open(&next).unwrap();
    }
    assert_eq!(b.open(&frame), Err(SessionDuplicate));
    let next = a.seal(sid, b"x");
    b.open(&next).unwrap();
    assert_eq!(b.open(&frame), Err(SessionKeyGone));
    assert_ne!(b.state(), before);
}

#[test]
fn a_restored_sender_is_a_fork_and_reuses_no_nonce() {
    let (mut a, mut b, sid) = answered();
    let chain = a.seal(sid, b"so that a chain is there");
    b.open(&chain).unwrap();
    let old = a.store.clone();
    let first = a.seal(sid, b"pay 1");
    b.open(&first).unwrap();
    a.restart(old);
    let second = a.seal(sid, b"pay 2");
    let (x, y) = (*Frame::parse(&first).unwrap().header(), *Frame::parse(&second).unwrap().header());
    assert_eq!((x.ratchet_key, x.number, x.commitment), (y.ratchet_key, y.number, y.commitment));
    assert_ne!(x.nonce, y.nonce);
    let before = b.state();
    let refused = b.try_receive(&second, NOW).err().unwrap();
    assert_eq!(refused.code(), SessionFork);
    let fork = Fork { sid, frame_hash: frame_hash(&second), before: Some(frame_hash(&first)) };
    assert_eq!(refused.fork, Some(Box::new(fork)));
    assert_eq!(b.state(), before);
    // What is neither the frame nor of its key is not a fork: nobody gets that code who has not seen the frame.
    let forged = flipped(&second, 72, 1);
    assert_eq!(b.open(&forged), Err(SessionAuthentication));
    // It is said once an hour, or after a restart: what was seen by this process.
    assert_eq!(b.open(&second), Err(SessionAuthentication));
    let hour = NOW + limits::FORK_MS;
    assert_eq!(b.receive(&flipped(&second, 130, 1), hour - 1).err(), Some(SessionAuthentication));
    assert_eq!(b.receive(&second, hour).err(), Some(SessionFork));
    assert_eq!(b.receive(&second, hour).err(), Some(SessionAuthentication));
    let store = b.store.clone();
    b.restart(store);
    assert_eq!(b.open(&second), Err(SessionFork));
}

#[test]
fn numbers_that_go_backwards_in_a_new_chain_are_a_fork() {
    let (mut a, mut b, sid) = answered();
    let chain = a.seal(sid, b"one");
    b.open(&chain).unwrap();
    let old = a.store.clone();
    for _ in 0..3 {
        let frame = a.seal(sid, b"sent and then forgotten");
        b.open(&frame).unwrap();
    }
    let turn = b.seal(sid, b"turn");
    // The restored sender has sent one in this chain as far as it knows, and starts the next one.
    a.restart(old);
    a.open(&turn).unwrap();
    let next = a.seal(sid, b"from old state");
    let before = b.state();
    let refused = b.try_receive(&next, NOW).err().unwrap();
    assert_eq!((refused.code(), refused.fork.unwrap().before), (SessionFork, None));
    // This one is certain, and is said each time.
    assert_eq!(b.open(&next), Err(SessionFork));
    assert_eq!(b.state(), before);
}

#[test]
fn a_restored_sender_that_starts_a_chain_cannot_be_told_from_a_forger() {
    let (mut a, mut b, sid) = answered();
    let old = a.store.clone();
    let first = a.seal(sid, b"x");
    b.open(&first).unwrap();
    a.restart(old);
    let second = a.seal(sid, b"y");
    assert_eq!(b.open(&second), Err(SessionAuthentication));
}

#[test]
fn a_frame_that_is_forged_at_any_byte_changes_nothing() {
    let (mut a, mut b, sid) = answered();
    let skipped = a.seal(sid, b"skipped");
    let behind = a.seal(sid, b"behind");
    b.open(&behind).unwrap();
    let ahead = a.seal(sid, b"ahead");
    let turn = b.seal(sid, b"turn");
    a.open(&turn).unwrap();
    let newer = a.seal(sid, b"a new chain");
    for good in [&skipped, &ahead, &newer] {
        let before = b.state();
        for at in 0..good.len() {
            for bit in [1, 0x80] {
                b.agent.failures.clear();
                let code = b.receive(&flipped(good, at, bit), NOW).err().unwrap();
                let expected =
                    [SessionMalformed, SessionSuite, SessionUnknown, SessionAuthentication, SessionSkipLimit];
                let of_number = [SessionKeyGone, SessionThrottled];
                assert!(expected.contains(&code) || of_number.contains(&code), "{code:?} at {at}");
            }
        }
        for len in 0..good.len() {
            b.agent.failures.clear();
            let code = b.receive(&good[..len], NOW).err().unwrap();
            assert!(code == SessionMalformed || code == SessionAuthentication, "{code:?} of {len}");
        }
        assert_eq!(b.state(), before);
    }
    for (good, data) in [(skipped, &b"skipped"[..]), (ahead, b"ahead"), (newer, b"a new chain")] {
        assert_eq!(b.open(&good).unwrap(), data);
    }
}

#[test]
fn a_skipped_key_survives_a_forgery_and_is_used_once() {
    let (mut a, mut b, sid) = answered();
    let (late, newest) = (a.seal(sid, b"late"), a.seal(sid, b"newest"));
    b.open(&newest).unwrap();
    assert_eq!(b.open(&flipped(&late, 150, 1)), Err(SessionAuthentication));
    assert_eq!(b.session(sid).missing(), 1);
    assert_eq!(b.open(&late).unwrap(), b"late");
    assert_eq!(b.open(&late), Err(SessionDuplicate));
}

/// A frame with a plaintext of the test's choosing, under the next key of the sender, whose state does not change.
fn crafted(host: &Host, sid: Sid, kind: Kind, plaintext: &[u8]) -> Vec<u8> {
    let session = host.session(sid);
    let sending = session.ratchet.send(&mut Random(99)).unwrap();
    let header = Header {
        kind,
        suite: session.suite,
        sid,
        ratchet_key: sending.ratchet_key,
        previous: sending.previous,
        number: sending.number,
        nonce: [3; 12],
        commitment: sending.key.commitment(),
    };
    let mut frame = crate::frame::seal(&header, &sending.key, &session.th, &[], 64).unwrap()[..HEADER_BYTES].to_vec();
    let aad = [b"talos/session/1 aad\0", &session.th[..], &frame[..]].concat();
    frame.extend_from_slice(plaintext);
    crate::aead::seal(&sending.key.cipher_key(), &[3; 12], &aad, &mut frame, HEADER_BYTES).unwrap();
    frame
}

#[test]
fn a_plaintext_without_its_form_is_malformed_although_it_authenticates() {
    let (mut a, mut b, sid) = answered();
    let _ = a.seal(sid, b"so that a chain is there");
    let before = b.state();
    let padded = |start: &[u8]| [start, &vec![0; 64 - start.len()]].concat();
    let cases: [(&str, Kind, Vec<u8>); 5] = [
        ("longer than there is", Kind::Message, padded(&[0, 0, 0, 61])),
        ("much longer", Kind::Message, padded(&[255; 4])),
        ("padding that is not zero", Kind::Message, padded(&[0, 0, 0, 1, 7, 1])),
        ("a close with data", Kind::Close, padded(&[0, 0, 0, 1, 7])),
        ("a reset notice with data", Kind::Reset, padded(&[0, 0, 0, 1, 7])),
    ];
    for (what, kind, plaintext) in cases {
        assert_eq!(b.receive(&crafted(&a, sid, kind, &plaintext), NOW).err(), Some(SessionMalformed), "{what}");
        assert_eq!(b.state(), before);
    }
    let good = crafted(&a, sid, Kind::Message, &padded(&[0, 0, 0, 60]));
    assert_eq!(b.open(&good).unwrap(), [0; 60]);
}

#[test]
fn the_first_chain_has_no_chain_before_it() {
    let (mut a, mut b) = (Host::new(1), Host::new(2));
    let bundle = b.bundle(NOW);
    let sid = a.begin_with(&bundle, NOW);
    let container = a.seal(sid, b"x");
    let frame = frame_of(&container);
    let at = container.len() - frame.len() + 55;
    assert_eq!(b.open(&flipped(&container, at, 1)), Err(SessionMalformed));
    assert_eq!(b.open(&container).unwrap(), b"x");
}

#[test]
fn other_versions_types_suites_and_sessions_are_told_apart() {
    let (mut a, mut b, sid) = answered();
    let good = a.seal(sid, b"x");
    let with = |at: usize, byte: u8| {
        let mut frame = good.clone();
        frame[at] = byte;
        frame
    };
    for (frame, code) in [
        (with(0, 2), SessionMalformed),
        (with(1, 5), SessionMalformed),
        (with(1, 1), SessionMalformed),
        (with(3, 3), SessionSuite),
        (with(2, 1), SessionSuite),
        (with(3, 1), SessionSuite),
        (with(4, !good[4]), SessionUnknown),
        (with(1, 3), SessionAuthentication),
        (vec![], SessionMalformed),
        (good[..good.len() - 1].to_vec(), SessionMalformed),
        (good[..HEADER_BYTES + 16].to_vec(), SessionMalformed),
    ] {
        assert_eq!(b.open(&frame), Err(code));
    }
    assert_eq!(b.open(&good).unwrap(), b"x");
    // One's own frames come back as nothing.
    let mine = a.seal(sid, b"mine");
    assert_eq!(a.open(&mine), Err(SessionAuthentication));
}
