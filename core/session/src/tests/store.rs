//! State as bytes.

use super::*;
use crate::state::Content as Stored;
use ErrorCode::*;

/// A session with everything in it: chains, skipped keys, opened frames, on both sides.
fn rich() -> (Host, Host, Sid) {
    let (mut a, mut b, sid) = answered();
    for _ in 0..6 {
        let (_, x) = (a.seal(sid, b"lost"), a.seal(sid, b"x"));
        b.open(&x).unwrap();
        let (_, y) = (b.seal(sid, b"lost"), b.seal(sid, b"y"));
        a.open(&y).unwrap();
    }
    let bundle = b.bundle(NOW);
    b.one_time_key(true, NOW);
    let new = a.renew(&bundle, sid, NOW);
    let first = a.seal(new, b"z");
    b.open(&first).unwrap();
    (a, b, sid)
}

#[test]
fn everything_that_is_stored_reads_back_the_same() {
    let (a, b, _) = rich();
    for mut host in [a, b] {
        let (state, store) = (host.state(), host.store.clone());
        host.restart(store);
        assert_eq!(host.state(), state);
    }
}

#[test]
fn a_blob_with_any_bit_flipped_another_name_or_another_revision_is_refused() {
    let (a, b, sid) = rich();
    for (host, kinds) in [(a, 2), (b, 5)] {
        let mut kinds_seen = std::collections::HashSet::new();
        for (name, (revision, blob, record)) in &host.store.0 {
            kinds_seen.insert(std::mem::discriminant(record));
            let key = Store::key();
            let content = key.decrypt(name, *revision, blob).unwrap();
            for at in (0..blob.len()).step_by(1 + blob.len() / 400) {
                let code = key.decrypt(name, *revision, &flipped(blob, at, 1 << (at % 8))).unwrap_err().code;
                assert_eq!(code, if at == 0 { StoreVersion } else { StoreCorrupt });
            }
            assert_eq!(key.decrypt(name, revision + 1, blob).unwrap_err().code, StoreCorrupt);
            assert_eq!(key.decrypt(&[1; 16], *revision, blob).unwrap_err().code, StoreCorrupt);
            let other = StoreKey::new(Secret::from_bytes(&[0; 32]));
            assert_eq!(other.decrypt(name, *revision, blob).unwrap_err().code, StoreCorrupt);
            for len in (0..blob.len()).step_by(1 + blob.len() / 100) {
                assert_eq!(key.decrypt(name, *revision, &blob[..len]).unwrap_err().code, StoreCorrupt);
            }
            // The reader takes nothing that the writer does not write.
            for len in 0..content.len() {
                assert_eq!(Stored::read(&content[..len]).err().unwrap().code, StoreCorrupt);
            }
            assert_eq!(Stored::read(&[&content[..], &[0]].concat()).err().unwrap().code, StoreCorrupt);
        }
        assert!(kinds_seen.len() >= kinds);
        assert!(host.store.0.contains_key(&sid.0));
    }
}

#[test]
fn a_content_that_was_altered_is_refused_or_reads_as_what_it_says() {
    let (_, b, _) = rich();
    for content in b.state().values() {
        for at in 0..content.len() {
            for bit in [1, 0x80] {
                let altered = flipped(content, at, bit);
                if let Ok(Stored::Session(session)) = Stored::read(&altered) {
                    assert_eq!(session.to_bytes()[..], altered[..], "byte {at}");
                }
            }
        }
    }
}

#[test]
fn two_writers_cannot_both_replace_one_revision() {
    let (mut a, _, sid) = answered();
    let revision = a.store.0[&sid.0].0;
    let step = a.agent.seal(&sid, b"x", NOW, &mut a.random).unwrap();
    let change = step.changes().remove(0);
    assert_eq!((change.replaces, change.revision()), (Some(revision), revision + 1));
    assert_eq!(change.record, Record::Session(sid));
    drop(step);
    // Another process was faster: this one reads its state and goes on from there.
    let mut other = Host::new(1);
    other.restart(a.store.clone());
    other.seal(sid, b"faster");
    let (revision, blob, _) = other.store.0[&sid.0].clone();
    let content = Store::key().decrypt(&sid.0, revision, &blob).unwrap();
    a.agent.load(revision, &content).unwrap();
    assert_eq!(a.state(), other.state());
    let _ = a.open(&flipped(&frame_of(&other.seal(sid, b"x")), 130, 1));
    assert!(a.agent.failures.contains_key(&sid));
    a.agent.forget(&Record::Session(sid));
    assert!(a.agent.failures.is_empty());
    assert_eq!(a.try_seal(sid, b"x", NOW), Err(SessionUnknown));
}

#[test]
fn the_blob_is_bound_as_the_page_says() {
    let key = StoreKey::new(Secret::from_bytes(&[1; 32]));
    let blob = key.encrypt(&[2; 16], 3, &[4; 12], b"content").unwrap();
    assert_eq!((blob[0], &blob[1..13], blob.len()), (1, &[4; 12][..], 13 + 7 + 16));
    let mut derived = Secret::zero();
    crate::kdf::expand(&Secret::from_bytes(&[1; 32]), &[b"talos/session/1 state", &[2; 16]], derived.bytes_mut());
    let aad = [&b"talos/session/1 state\0\x01"[..], &[2; 16], &[0, 0, 0, 0, 0, 0, 0, 3]].concat();
    assert_eq!(crate::aead::open(&derived, &[4; 12], &aad, &blob[13..]).unwrap()[..], *b"content");
}

#[test]
fn a_state_with_more_than_its_bounds_is_refused() {
    let (_, b, sid) = rich();
    let mut session = b.session(sid).copy();
    let newest = session.ratchet.receiving.last().unwrap().ratchet_key;
    let skipped = |ratchet_key| {
        std::sync::Arc::new(crate::ratchet::Skipped { ratchet_key, number: 7, key: MessageKey::from_bytes(&[1; 32]) })
    };
    while session.ratchet.skipped.len() < limits::SKIPPED {
        session.ratchet.skipped.push_back(skipped(newest));
    }
    assert!(Session::from_bytes(&session.to_bytes()).is_ok());
    session.ratchet.skipped.push_back(skipped(newest));
    assert_eq!(Session::from_bytes(&session.to_bytes()).err().unwrap().code, StoreCorrupt);
    session.ratchet.skipped.pop_back();
    session.ratchet.skipped[0] = skipped(TheirKey([0xee; 32]));
    assert_eq!(Session::from_bytes(&session.to_bytes()).err().unwrap().code, StoreCorrupt);
}
