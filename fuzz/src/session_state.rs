//! Records of sessions as a store keeps them: `docs/spec/session.md`, section 11.

use crate::session_world::{NOW, Random, World, agent, world};
use talos_session::state::Record;

/// What loads goes on, and what it writes then loads again; no blob opens but those that were written.
pub fn target(data: &[u8]) {
    let Some(world) = world() else { return };
    check_blob(world, data);
    check_content(world, data);
}

fn check_blob(world: &World, data: &[u8]) {
    for (record, revision, content) in &world.records {
        if let Ok(opened) = World::store_key().decrypt(&record.name(), *revision, data) {
            assert!(opened[..] == content[..], "a blob opens as what was not written");
        }
    }
}

fn check_content(world: &World, data: &[u8]) {
    let made = agent(2);
    assert!(made.is_ok(), "there is no agent");
    let Ok(mut bob) = made else { return };
    let Ok(record) = bob.load(3, data) else { return };
    for frame in world.waiting.iter().chain(&world.handshakes) {
        drop(bob.receive(&frame.bytes, NOW));
    }
    let (Record::Session(sid), Ok(mut other)) = (&record, agent(2)) else { return };
    let Ok(step) = bob.seal(sid, b"on", NOW, &mut Random(3)) else { return };
    for change in step.changes() {
        assert!(change.record == record && change.replaces == Some(3) && change.revision() == 4);
        let loaded = change.content.as_ref().map(|content| other.load(4, content));
        assert!(loaded.is_some_and(|read| read.is_ok_and(|read| read == record)), "what is written does not load");
    }
    step.commit();
}
