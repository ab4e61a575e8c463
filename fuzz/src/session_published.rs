//! Statements, bundles and one-time keys: `docs/spec/session.md`, section 2.

use crate::session_world::{NOW, Random, agent, did, sign_key, world};
use talos_contracts::{OneTimeKey, PrekeyBundle, StaticKey};
use talos_crypto::dsse::{self, Unverified};
use talos_session::Begin;
use talos_session::published::{verify_bundle, verify_one_time_key, verify_static_key};

/// Bodies up to this size are also signed, which takes most of the time.
const SIGNED_BYTES: usize = 4_096;

/// Nothing verifies but what its owner signed; with whatever a peer signs a session begins, or is refused.
pub fn target(data: &[u8]) {
    if let Ok(envelope) = Unverified::parse(data) {
        check_forgery(&envelope);
    }
    if data.len() <= SIGNED_BYTES {
        check_signed(data);
    }
}

fn check_forgery(envelope: &Unverified) {
    let Some(world) = world() else { return };
    let owner = did(2);
    let verifies = verify_static_key(envelope, &owner, NOW).is_ok()
        || verify_bundle(envelope, &owner, NOW).is_ok()
        || verify_one_time_key(envelope, &owner, NOW).is_ok();
    let genuine = world.published.iter().any(|genuine| genuine.message() == envelope.message());
    assert!(!verifies || genuine, "what nobody signed verifies");
}

/// The body as Bob could have signed it, who need not be honest.
fn check_signed(body: &[u8]) {
    let signed = |media_type| dsse::sign(&sign_key(2), &did(2).url(), media_type, body);
    if let Ok(statement) = verify_static_key(&signed(StaticKey::MEDIA_TYPE), &did(2), NOW) {
        assert!(
            *statement.owner() == did(2) && verify_static_key(&signed(StaticKey::MEDIA_TYPE), &did(1), NOW).is_err()
        );
    }
    let one_time_key = verify_one_time_key(&signed(OneTimeKey::MEDIA_TYPE), &did(2), NOW).ok();
    let bundle = verify_bundle(&signed(PrekeyBundle::MEDIA_TYPE), &did(2), NOW);
    let genuine = world().and_then(|world| verify_bundle(world.published.get(1)?, &did(2), NOW).ok());
    let Some(bundle) = bundle.ok().or_else(|| one_time_key.as_ref().and(genuine)) else { return };
    let made = agent(1);
    assert!(made.is_ok(), "there is no agent");
    let Ok(mut alice) = made else { return };
    let begin = Begin { bundle: &bundle, one_time_key: one_time_key.as_ref(), heals: None };
    if let Ok(step) = alice.begin(begin, NOW, &mut Random(4)) {
        let sid = step.commit().sid;
        assert!(alice.seal(&sid, b"hello", NOW, &mut Random(5)).is_ok(), "what was begun does not seal");
    }
}
