//! Init containers of sessions: `docs/spec/session.md`, sections 3.4 and 3.5.

use crate::session_world::{NOW, World, world};
use talos_session::{Container, Frame, is_container};

/// Only genuine containers begin a session, with their own data; what is refused changes nothing and uses up no key.
pub fn target(data: &[u8]) {
    let Some(world) = world() else { return };
    check_reading(data);
    check_receiving(world, data);
}

fn check_reading(data: &[u8]) {
    let Ok(container) = Container::parse(data) else { return };
    let frame = container.frame.bytes();
    assert!(is_container(data) && Frame::parse(data).is_err() && data.ends_with(frame));
    assert!(container.frame.header().suite == container.suite);
}

fn check_receiving(world: &World, data: &[u8]) {
    let made = world.bob();
    assert!(made.is_ok(), "the records do not load");
    let Ok(mut bob) = made else { return };
    let genuine = world.waiting.iter().chain(&world.handshakes).find(|genuine| genuine.bytes == data);
    match bob.receive(data, NOW) {
        Ok(step) => {
            let received = step.commit();
            assert!(genuine.is_some_and(|genuine| received.data() == genuine.data.as_deref()), "a forgery opens");
        }
        Err(refused) => {
            assert!(genuine.is_none(), "a genuine container is refused: {refused}");
            for handshake in &world.handshakes {
                let opened = bob.receive(&handshake.bytes, NOW);
                assert!(opened.is_ok_and(|step| step.commit().data() == handshake.data.as_deref()), "a key is used up");
            }
        }
    }
}
