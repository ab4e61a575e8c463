//! Clients of two kernels, whose host carries the frames: what is sealed arrives, is decided on, leaves receipts, and is lost
//! by no end of a process.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::time::Duration;
use talos_shared::client::Client;
use talos_shared::contracts::{AuditProveInput, ClientOpenInput, ErrorCode, KernelOpenInput};
use talos_shared::sdk::Kernel;

const TALK: &str = "id: talk\nallowed_peers: ['*']\n";

fn in_memory(policy: &str) -> Kernel {
    let input = KernelOpenInput { memory: Some(true), policy: Some(policy.to_owned()), ..KernelOpenInput::default() };
    Kernel::open(&input).unwrap()
}

fn on_disk(directory: &Path) -> Kernel {
    let input = KernelOpenInput {
        directory: Some(directory.to_str().unwrap().to_owned()),
        policy: Some(TALK.to_owned()),
        ..KernelOpenInput::default()
    };
    Kernel::open(&input).unwrap()
}

fn input(agent: &str) -> ClientOpenInput {
    ClientOpenInput { agent: agent.to_owned(), mailbox: None, rules: None, keep_days: None }
}

fn open(kernel: &Kernel, agent: &str) -> Client {
    kernel.open_client(&input(agent)).unwrap()
}

fn send(client: &Client, peer: &Client, data: &[u8]) -> talos_shared::client::Posted {
    client.send(&peer.did(), data, Duration::ZERO).unwrap()
}

/// Carries what waits, both ways, until nothing does.
fn carry(a: &Client, b: &Client) {
    loop {
        let mut carried = 0;
        for (from, to) in [(a, b), (b, a)] {
            for frame in from.outgoing(100).unwrap() {
                assert_eq!(frame.peer, to.did());
                to.incoming(&frame.bytes).unwrap();
                carried += from.carried(&[frame.id]).unwrap();
            }
        }
        if carried == 0 {
            return;
        }
    }
}

fn texts(client: &Client) -> Vec<String> {
    let messages = client.receive(100, Duration::ZERO).unwrap();
    messages.iter().map(|message| String::from_utf8(message.data.to_vec()).unwrap()).collect()
}

fn pair(policy: &str) -> (Kernel, Client, Kernel, Client) {
    let (home, away) = (in_memory(policy), in_memory(policy));
    let (alice, bob) = (open(&home, "alice"), open(&away, "bob"));
    alice.establish(&bob.did(), Some(&bob.bundle().unwrap()), None).unwrap();
    (home, alice, away, bob)
}

#[test]
fn messages_go_both_ways_and_leave_receipts_that_name_their_frames() {
    let (home, alice, away, bob) = pair(TALK);
    let posted = send(&alice, &bob, b"Hello!");
    carry(&alice, &bob);
    let received = bob.receive(10, Duration::ZERO).unwrap();
    assert_eq!(&received[0].data[..], b"Hello!");
    assert_eq!(received[0].frame_hash, posted.sent.frame_hash);
    assert_eq!(received[0].message_hash, posted.sent.message_hash);
    send(&bob, &alice, b"Hi.");
    carry(&alice, &bob);
    assert_eq!(texts(&alice), ["Hi."]);

    for (kernel, client) in [(&home, &alice), (&away, &bob)] {
        for hash in [posted.sent.message_hash, posted.sent.frame_hash] {
            let receipt_id = client.known(&hash).unwrap().receipt.unwrap();
            let wanted = AuditProveInput { receipt_id: Some(receipt_id), ..AuditProveInput::default() };
            let bundle = String::from_utf8(kernel.prove(&wanted).unwrap()).unwrap();
            let about = kernel.describe().unwrap();
            let trust = talos_shared::verify::Trust::parse(&[about.log_key], &[about.issuer]).unwrap();
            let verified = talos_shared::verify::bundle(bundle.as_bytes(), &trust).unwrap();
            assert_eq!(verified.receipt.session.unwrap().frame_hash, Some(posted.sent.frame_hash));
        }
    }
    assert!(alice.known(&posted.sent.frame_hash).unwrap().delivery.is_some(), "Bob's receipt came back");
}

#[test]
fn a_message_is_given_once_and_kept_until_more_is_asked_for() {
    let (_home, alice, _away, bob) = pair(TALK);
    send(&alice, &bob, b"one");
    send(&alice, &bob, b"two");
    carry(&alice, &bob);
    assert_eq!(bob.receive(1, Duration::ZERO).unwrap().len(), 1);
    assert_eq!(bob.unconfirmed().unwrap().len(), 1);
    assert_eq!(texts(&bob), ["two"]);
    assert!(texts(&bob).is_empty());
    assert!(bob.unconfirmed().unwrap().is_empty());
}

#[test]
fn a_policy_without_peers_lets_no_message_out_or_in() {
    let (_home, alice, _away, bob) = pair("id: shut\nallowed_tools: ['*']\n");
    let refused = alice.send(&bob.did(), b"x", Duration::ZERO).unwrap_err();
    assert_eq!(refused.code, ErrorCode::PolicyToolNotAllowed);
    assert!(alice.outgoing(1).unwrap().is_empty());

    let elsewhere = in_memory(TALK);
    let eve = open(&elsewhere, "eve");
    eve.establish(&bob.did(), Some(&bob.bundle().unwrap()), None).unwrap();
    send(&eve, &bob, b"listen");
    let frame = eve.outgoing(1).unwrap().remove(0);
    assert_eq!(bob.incoming(&frame.bytes).unwrap_err().code, ErrorCode::PolicyToolNotAllowed);
    assert!(texts(&bob).is_empty());
}

#[test]
fn patterns_of_the_policy_see_what_a_message_says() {
    let policy = "id: p\nallowed_peers: ['*']\nblocked_patterns: [{kind: substring, pattern: hunter2}]\n";
    let (_home, alice, _away, bob) = pair(policy);
    let refused = alice.send(&bob.did(), b"the password is hunter2", Duration::ZERO).unwrap_err();
    assert_eq!(refused.code, ErrorCode::PolicyBlockedPattern);
    send(&alice, &bob, b"no password here");
}

#[test]
fn without_a_session_nothing_is_decided_on() {
    let (home, alice, _away, bob) = pair(TALK);
    let carol = open(&home, "carol");
    let refused = carol.send(&bob.did(), b"x", Duration::ZERO).unwrap_err();
    assert_eq!(refused.code, ErrorCode::SessionUnknown);
    let nobody = "did:key:z6MkwVDfCg9LbbY6xjH3EZk8YSFQZujV5Y4y1ZWeER9tDiN3";
    assert_eq!(alice.send(nobody, b"x", Duration::ZERO).unwrap_err().code, ErrorCode::SessionUnknown);
}

#[test]
fn an_agent_has_one_open_client() {
    let directory = tempfile::tempdir().unwrap();
    let kernel = on_disk(directory.path());
    let first = open(&kernel, "alice");
    let again = input("alice");
    assert_eq!(kernel.open_client(&again).err().unwrap().code, ErrorCode::ClientAlreadyOpen);
    // Another kernel on the directory is as another process.
    assert_eq!(on_disk(directory.path()).open_client(&again).err().unwrap().code, ErrorCode::ClientAlreadyOpen);
    first.close(Duration::ZERO).unwrap();
    drop(first);
    open(&kernel, "alice");
}

#[test]
fn a_client_that_was_ended_goes_on_where_it_was() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (did, bundle) = {
        let kernel = on_disk(there.path());
        let bob = open(&kernel, "bob");
        (bob.did(), bob.bundle().unwrap())
    };
    {
        let kernel = on_disk(here.path());
        let alice = open(&kernel, "alice");
        alice.establish(&did, Some(&bundle), None).unwrap();
        alice.send(&did, b"before", Duration::ZERO).unwrap();
        // Dropped, not closed: as if the process had been killed.
    }
    let (home, away) = (on_disk(here.path()), on_disk(there.path()));
    let (alice, bob) = (open(&home, "alice"), open(&away, "bob"));
    assert_eq!(bob.did(), did);
    send(&alice, &bob, b"after");
    carry(&alice, &bob);
    assert_eq!(texts(&bob), ["before", "after"]);
    drop((bob, away));
    let away = on_disk(there.path());
    let bob = open(&away, "bob");
    assert!(texts(&bob).is_empty(), "what was given is not given again");
    assert_eq!(bob.unconfirmed().unwrap().len(), 0, "asking for more confirmed them");
}

#[test]
fn too_much_that_waits_is_a_backlog() {
    let (_home, alice, _away, bob) = pair(TALK);
    for _ in 0..1_000 {
        send(&alice, &bob, b"x");
    }
    assert_eq!(alice.send(&bob.did(), b"x", Duration::from_millis(10)).unwrap_err().code, ErrorCode::ClientBacklog);
    let frame = alice.outgoing(1).unwrap().remove(0);
    alice.carried(&[frame.id]).unwrap();
    send(&alice, &bob, b"x");
}
