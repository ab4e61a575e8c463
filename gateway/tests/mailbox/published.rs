//! Bundles and one-time keys.

use crate::place::{Agent, DAY, OPEN, mailbox, now, published};
use std::time::Duration;
use talos_shared::contracts::{MailboxBundle, MailboxMethod, MailboxStatus};

#[test]
fn a_bundle_is_given_with_a_one_time_key_that_nobody_else_gets() {
    let (_directory, server) = mailbox(OPEN);
    let (mut owner, asker) = (Agent::new(), Agent::new());
    let bundle = owner.bundle("spk", 7 * DAY);
    let status = owner.publish_bundle(&server, &bundle).ok(200, MailboxStatus::read);
    assert_eq!((status.one_time_keys, status.low), (0, true));
    let keys = [owner.one_time_key("a", DAY), owner.one_time_key("b", 2 * DAY)];
    assert_eq!(owner.publish_keys(&server, &keys).ok(200, MailboxStatus::read).one_time_keys, 2);
    for expected in [Some(&keys[0]), Some(&keys[1]), None] {
        let given = asker.bundle_of(&server, &owner.did);
        assert_eq!(given.bundle, bundle.to_envelope());
        assert_eq!(given.one_time_key, expected.map(|key| key.to_envelope()));
    }
    // Published again, a key that was given is given to nobody.
    assert_eq!(owner.publish_keys(&server, &keys).ok(200, MailboxStatus::read).one_time_keys, 0);
    assert_eq!(Agent::new().bundle_of(&server, &owner.did).one_time_key, None);
}

#[test]
fn a_requester_has_its_share_and_the_owner_takes_none() {
    let (_directory, server) = mailbox(OPEN);
    let mut owner = published(&server);
    let keys: Vec<_> = (0..22).map(|n| owner.one_time_key(&format!("k{n}"), DAY)).collect();
    owner.publish_keys(&server, &keys).ok(200, MailboxStatus::read);
    assert_eq!(owner.bundle_of(&server, &owner.did).one_time_key, None);
    let (greedy, other) = (Agent::new(), Agent::new());
    let got = (0..12).filter(|_| greedy.bundle_of(&server, &owner.did).one_time_key.is_some()).count();
    assert_eq!(got, 10);
    assert!(other.bundle_of(&server, &owner.did).one_time_key.is_some());
    assert_eq!(owner.status(&server).one_time_keys, 11);
}

#[test]
fn the_newest_bundle_is_given_and_none_that_has_ended() {
    let (_directory, server) = mailbox(OPEN);
    let mut owner = published(&server);
    let newer = owner.bundle("newer", DAY);
    owner.publish_bundle(&server, &newer).ok(200, MailboxStatus::read);
    assert_eq!(Agent::new().bundle_of(&server, &owner.did).bundle, newer.to_envelope());
    let short = owner.bundle("short", 700);
    let status = owner.publish_bundle(&server, &short).ok(200, MailboxStatus::read);
    assert!(status.bundle_expires.unwrap() <= now() + 700);
    std::thread::sleep(Duration::from_millis(750));
    assert_eq!(Agent::new().ask_bundle(&server, &owner.did).code(), "mailbox.unknown");
    assert_eq!(owner.publish_bundle(&server, &short).code(), "session.expired");
}

#[test]
fn keys_of_others_and_what_does_not_verify_are_refused() {
    let (_directory, server) = mailbox(OPEN);
    let (mut owner, mut other) = (published(&server), published(&server));
    let bundle = other.bundle("spk-2", DAY);
    assert_eq!(owner.publish_bundle(&server, &bundle).code(), "mailbox.forbidden");
    let key = other.one_time_key("k", DAY);
    assert_eq!(owner.publish_keys(&server, std::slice::from_ref(&key)).code(), "mailbox.forbidden");
    let mut flipped = owner.one_time_key("k", DAY);
    flipped.signatures[0].1[0] ^= 1;
    assert_eq!(owner.publish_keys(&server, &[flipped]).code(), "signature.invalid");
    // The right contract in the wrong place.
    let bundle = owner.bundle("spk-3", DAY).to_envelope().canonical();
    let body = [br#"{"keys":["#, &bundle[..], b"]}"].concat();
    let answer = owner.send(&server, MailboxMethod::Post, "/v1/one-time-keys", &body);
    assert_eq!(answer.code(), "signature.payload_type");
    for (body, code) in [
        (&b"{}"[..], "malformed.member_missing"),
        (b"{\"keys\":[]}", "malformed.value"),
        (b"[", "malformed.syntax"),
        (b"\xff", "malformed.utf8"),
    ] {
        assert_eq!(owner.send(&server, MailboxMethod::Post, "/v1/one-time-keys", body).code(), code);
    }
    assert_eq!(owner.send(&server, MailboxMethod::Put, "/v1/bundle", b"").code(), "malformed.syntax");
}

#[test]
fn one_id_is_of_one_key() {
    let (_directory, server) = mailbox(OPEN);
    let mut owner = published(&server);
    // A second agent of the same keys, as one that was restored.
    let key = owner.one_time_key("k", DAY);
    owner.publish_keys(&server, &[key]).ok(200, MailboxStatus::read);
    let mut again = Agent::of(owner.key);
    let other = again.one_time_key("k", DAY);
    assert_eq!(again.publish_keys(&server, &[other]).code(), "malformed.value");
}

#[test]
fn who_has_not_published_a_bundle_has_no_place() {
    let (_directory, server) = mailbox(OPEN);
    let mut agent = Agent::new();
    let key = agent.one_time_key("k", DAY);
    assert_eq!(agent.publish_keys(&server, &[key]).code(), "mailbox.unknown");
    assert_eq!(agent.ask_bundle(&server, &agent.did).code(), "mailbox.unknown");
    assert_eq!(agent.try_post(&server, &agent.did, b"frame").code(), "mailbox.unknown");
    let status = agent.status(&server);
    assert_eq!((status.frames, status.bytes, status.bundle_expires), (0, 0, None));
    assert!(agent.frames(&server, "").frames.is_empty());
    assert_eq!(agent.ack(&server, &[1]), 0);
}

#[test]
fn a_name_that_is_no_agent_is_refused() {
    let (_directory, server) = mailbox(OPEN);
    let agent = Agent::new();
    assert_eq!(agent.get(&server, "/v1/agents/bob/bundle").code(), "did.malformed");
    assert_eq!(agent.get(&server, "/v1/agents/did:web:a/bundle").code(), "did.method_unsupported");
    assert_eq!(agent.get(&server, "/v1/agents/%ff/bundle").code(), "did.malformed");
}

#[test]
fn both_sides_hear_that_few_keys_are_left() {
    let (_directory, server) = mailbox(&[OPEN, &["--low-water", "3", "--one-time-keys", "4"]].concat());
    let mut owner = published(&server);
    let keys: Vec<_> = (0..5).map(|n| owner.one_time_key(&format!("k{n}"), DAY)).collect();
    assert_eq!(owner.publish_keys(&server, &keys).code(), "mailbox.quota");
    assert!(!owner.publish_keys(&server, &keys[..4]).ok(200, MailboxStatus::read).low);
    let asker = Agent::new();
    let given = || asker.ask_bundle(&server, &owner.did).ok(200, MailboxBundle::read).one_time_key.is_some();
    assert!(given());
    assert!(!owner.status(&server).low);
    assert!(given());
    assert!(owner.status(&server).low);
    server.warns(&format!("{} has 2 one-time keys left", owner.did));
}
