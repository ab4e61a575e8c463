//! Frames: posted, fetched, waited for, acknowledged.

use crate::place::{Agent, OPEN, call, mailbox, now, published};
use crate::place::{Call, DAY};
use std::thread;
use std::time::{Duration, Instant};
use talos_shared::contracts::{MailboxFrames, MailboxMethod};
use talos_shared::crypto::hash;
use talos_shared::mailbox::limits::FRAME_BYTES;
use talos_shared::mailbox::request;

#[test]
fn a_frame_waits_until_it_is_acknowledged() {
    let (_directory, server) = mailbox(OPEN);
    let (recipient, sender) = (published(&server), Agent::new());
    let before = now();
    let posted: Vec<_> = [&b"one"[..], b"two", b"three"].map(|f| sender.post(&server, &recipient.did, f)).into();
    assert_eq!(posted[0].id, hash::sha256(&[b"one"]));
    assert!((before + 14 * DAY..=now() + 14 * DAY).contains(&posted[0].expires));

    for _ in 0..2 {
        let page = recipient.frames(&server, "");
        assert!(!page.more);
        let bytes: Vec<_> = page.frames.iter().map(|frame| frame.bytes.as_slice()).collect();
        assert_eq!(bytes, [&b"one"[..], b"two", b"three"]);
        for (frame, posted) in page.frames.iter().zip(&posted) {
            assert_eq!((frame.id, frame.expires, &*frame.sender), (posted.id, posted.expires, sender.did.as_str()));
            assert!((before..=now()).contains(&frame.received));
        }
    }
    let seqs: Vec<u64> = recipient.frames(&server, "").frames.iter().map(|frame| frame.seq).collect();
    assert!(seqs.is_sorted_by(|a, b| a < b));
    assert_eq!(recipient.ack(&server, &[seqs[1], seqs[1], 7]), 1);
    let left: Vec<u64> = recipient.all_frames(&server).iter().map(|frame| frame.seq).collect();
    assert_eq!(left, [seqs[0], seqs[2]]);
    let status = recipient.status(&server);
    assert_eq!((status.frames, status.bytes), (2, 8));
    // Nobody erases or sees what is another's.
    assert_eq!(sender.ack(&server, &seqs), 0);
    assert!(sender.frames(&server, "").frames.is_empty());
    assert_eq!(recipient.ack(&server, &seqs), 2);
    assert_eq!(recipient.ack(&server, &seqs), 0);
    let later = sender.post(&server, &recipient.did, b"one");
    let frame = recipient.frames(&server, "").frames.remove(0);
    assert_eq!(frame.id, later.id);
    assert!(frame.seq > seqs[2], "a place is never given twice");
}

#[test]
fn a_frame_that_is_posted_again_waits_once() {
    let (_directory, server) = mailbox(OPEN);
    let (recipient, sender, other) = (published(&server), Agent::new(), Agent::new());
    let first = sender.post(&server, &recipient.did, b"frame");
    thread::sleep(Duration::from_millis(5));
    assert_eq!(sender.post(&server, &recipient.did, b"frame"), first);
    assert_eq!(recipient.status(&server).frames, 1);
    other.post(&server, &recipient.did, b"frame");
    assert_eq!(recipient.status(&server).frames, 2, "of another sender it is another frame");
}

#[test]
fn pages_follow_each_other() {
    let (_directory, server) = mailbox(OPEN);
    let (recipient, sender) = (published(&server), Agent::new());
    for n in 0..5_u8 {
        sender.post(&server, &recipient.did, &[n]);
    }
    let page = recipient.frames(&server, "?max=2");
    assert_eq!((page.frames.len(), page.more), (2, true));
    let page = recipient.frames(&server, &format!("?after={}&max=3", page.frames[1].seq));
    assert_eq!((page.frames.iter().map(|frame| frame.bytes[0]).collect::<Vec<_>>(), page.more), (vec![2, 3, 4], false));
    // An answer stays small unless one frame alone is large.
    for n in 0..2_u8 {
        sender.post(&server, &recipient.did, &vec![n; 700_000]);
    }
    let page = recipient.frames(&server, "?max=256");
    assert_eq!((page.frames.len(), page.more), (6, true));
    assert_eq!(recipient.all_frames(&server).len(), 7);
}

#[test]
fn the_largest_frame_goes_through_and_one_byte_more_does_not() {
    let (_directory, server) = mailbox(OPEN);
    let (recipient, sender) = (published(&server), Agent::new());
    let mut frame = vec![0x5a; FRAME_BYTES];
    sender.post(&server, &recipient.did, &frame);
    let got = recipient.frames(&server, "");
    assert!(got.frames[0].bytes == frame && !got.more);
    frame.push(0);
    assert_eq!(sender.try_post(&server, &recipient.did, &frame).code(), "mailbox.too_large");
    assert_eq!(sender.try_post(&server, &recipient.did, b"").code(), "malformed.value");
}

#[test]
fn who_waits_is_woken_by_the_frame() {
    let (_directory, server) = mailbox(OPEN);
    let (recipient, sender) = (published(&server), Agent::new());
    thread::scope(|scope| {
        let waiting = scope.spawn(|| (recipient.frames(&server, "?wait=30"), Instant::now()));
        thread::sleep(Duration::from_millis(300));
        let posted = Instant::now();
        sender.post(&server, &recipient.did, b"frame");
        let (page, woken) = waiting.join().unwrap();
        assert_eq!(page.frames.len(), 1);
        assert!(woken - posted < Duration::from_secs(5), "{:?}", woken - posted);
    });
    let start = Instant::now();
    let after = recipient.frames(&server, "").frames[0].seq;
    assert!(recipient.frames(&server, &format!("?after={after}&wait=1")).frames.is_empty());
    assert!((1..5).contains(&start.elapsed().as_secs()));
}

#[test]
fn an_agent_waits_so_many_times_and_no_more() {
    let (_directory, server) = mailbox(OPEN);
    let recipient = published(&server);
    thread::scope(|scope| {
        let ask = || scope.spawn(|| recipient.get(&server, "/v1/frames?wait=3"));
        let waiting: Vec<_> = (0..9).map(|_| ask()).collect();
        let codes: Vec<_> = waiting.into_iter().map(|one| one.join().unwrap()).collect();
        let refused: Vec<_> = codes.iter().filter(|answer| answer.status != 200).map(|answer| answer.code()).collect();
        assert_eq!(refused, ["mailbox.quota"]);
    });
    recipient.get(&server, "/v1/frames?wait=0").ok(200, MailboxFrames::read);
}

#[test]
fn a_frame_ends_and_is_swept() {
    let (directory, server) = mailbox(&[OPEN, &["--expiry", "1"]].concat());
    let (recipient, sender) = (published(&server), Agent::new());
    let posted = sender.post(&server, &recipient.did, b"frame");
    assert_eq!(recipient.frames(&server, "").frames.len(), 1);
    thread::sleep(Duration::from_millis(1_100));
    assert!(now() > posted.expires);
    assert!(recipient.frames(&server, "").frames.is_empty());
    // The same bytes are a new frame now, swept or not.
    let again = sender.post(&server, &recipient.did, b"frame");
    assert!(again.expires > posted.expires);
    thread::sleep(Duration::from_secs(12));
    let database = rusqlite::Connection::open(directory.path().join("mailbox.db")).unwrap();
    let rows: i64 = database.query_row("SELECT count(*) FROM frames", [], |row| row.get(0)).unwrap();
    assert_eq!((rows, recipient.status(&server).frames), (0, 0));
}

#[test]
fn what_is_asked_wrongly_has_a_code() {
    let (_directory, server) = mailbox(OPEN);
    let agent = published(&server);
    for (query, code) in [
        ("after=x", "malformed.value"),
        ("after=-1", "malformed.value"),
        ("after=%2B1", "malformed.value"),
        ("after=9007199254740992", "malformed.value"),
        ("max=0", "malformed.value"),
        ("max=257", "malformed.value"),
        ("wait=61", "malformed.value"),
        ("wait", "malformed.value"),
        ("max=1&max=1", "malformed.duplicate_name"),
        ("limit=1", "malformed.member_unknown"),
    ] {
        assert_eq!(agent.get(&server, &format!("/v1/frames?{query}")).code(), code, "{query}");
    }
    let seqs = |n: usize| format!(r#"{{"seqs":[{}]}}"#, vec!["1"; n].join(","));
    for (body, code) in [
        ("", "malformed.syntax"),
        ("{}", "malformed.member_missing"),
        (r#"{"seqs":[]}"#, "malformed.value"),
        (r#"{"seqs":[0]}"#, "malformed.value"),
        (r#"{"seqs":["1"]}"#, "malformed.type"),
        (r#"{"seqs":[1],"x":1}"#, "malformed.member_unknown"),
        (&seqs(1_025), "malformed.value"),
        (&" ".repeat(40_000), "mailbox.too_large"),
    ] {
        let answer = agent.send(&server, MailboxMethod::Post, "/v1/frames/ack", body.as_bytes());
        assert_eq!(answer.code(), code, "{:.40}", body);
    }
    let path = format!("/v1/agents/{}/frames", agent.did);
    let headers = vec![(request::HEADER, agent.header(&server, MailboxMethod::Post, &path, b"x"))];
    let answer = call(&agent.http, &server, &Call { method: "POST", path: &path, body: b"x", headers });
    assert_eq!(answer.code(), "malformed.media_type");
}
