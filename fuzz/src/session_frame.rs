//! Frames of sessions: `docs/spec/session.md`, sections 5, 7 and 10.

use crate::session_world::{NOW, World, world};
use talos_session::{Frame, MessageKey, frame_hash, is_container, opening};

/// Only genuine frames open, with their own data, to their receiver and to an auditor; what is refused changes nothing.
pub fn target(data: &[u8]) {
    let Some(world) = world() else { return };
    check_reading(data);
    check_receiving(world, data);
    check_opening(world, data);
}

fn check_reading(data: &[u8]) {
    let Ok(frame) = Frame::parse(data) else { return };
    assert!(!is_container(data) && frame.bytes() == data && frame.hash() == frame_hash(data));
    let header = frame.header();
    let suite = header.suite.number().to_be_bytes();
    let numbers = [header.previous.to_be_bytes(), header.number.to_be_bytes()].concat();
    let read = [&suite[..], &header.sid.0, &header.ratchet_key.0, &numbers, &header.nonce, &header.commitment].concat();
    assert!(data[2..104] == read, "a header is read as another");
}

fn check_receiving(world: &World, data: &[u8]) {
    let made = world.bob_in_session();
    assert!(made.is_ok(), "the records do not load");
    let Ok(mut bob) = made else { return };
    let genuine = world.waiting.iter().find(|frame| frame.bytes == data);
    match bob.receive(data, NOW) {
        Ok(step) => {
            let received = step.commit();
            assert!(genuine.is_some_and(|genuine| received.data() == genuine.data.as_deref()), "a forged frame opens");
        }
        Err(refused) => {
            assert!(genuine.is_none(), "a genuine frame does not open: {refused}");
            for frame in &world.waiting {
                let opened = bob.receive(&frame.bytes, NOW);
                assert!(opened.is_ok_and(|step| step.commit().data() == frame.data.as_deref()), "a session is lost");
            }
        }
    }
}

fn check_opening(world: &World, data: &[u8]) {
    for frame in &world.waiting {
        let opened = opening::open(data, &frame_hash(data), &world.th, &MessageKey::from_bytes(&frame.key));
        assert!(opened.is_ok() == (frame.bytes == data), "an auditor is shown what was not sent");
    }
}
