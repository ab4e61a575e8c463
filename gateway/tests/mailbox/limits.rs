//! Quotas, floods, slow readers and writers, what is too much.

use crate::place::{Agent, OPEN, Server, call, mailbox, published};
use crate::place::{Call, DAY};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};
use talos_shared::contracts::{MailboxMethod, MailboxStatus};

fn with(limits: &[&str]) -> (tempfile::TempDir, Server) {
    mailbox(&[OPEN, limits].concat())
}

#[test]
fn a_queue_has_so_many_frames_and_a_sender_a_quarter_of_them() {
    let (_directory, server) = with(&["--queue-frames", "8"]);
    let recipient = published(&server);
    let senders: Vec<Agent> = (0..5).map(|_| Agent::new()).collect();
    for (n, sender) in senders.iter().take(4).enumerate() {
        for frame in 0..2 {
            sender.post(&server, &recipient.did, &[n as u8, frame]);
        }
        assert_eq!(sender.try_post(&server, &recipient.did, b"third").code(), "mailbox.quota");
    }
    let full = senders[4].try_post(&server, &recipient.did, b"ninth");
    assert_eq!((full.status, full.code().as_str()), (507, "mailbox.full"));
    assert!(full.retry_after.is_some());
    // What waits can be posted again; other queues are other queues; room that is made is used.
    senders[0].post(&server, &recipient.did, &[0, 0]);
    let other = published(&server);
    senders[0].post(&server, &other.did, b"frame");
    let first = recipient.frames(&server, "?max=1").frames[0].seq;
    assert_eq!(recipient.ack(&server, &[first]), 1);
    senders[4].post(&server, &recipient.did, b"ninth");
    assert_eq!(recipient.all_frames(&server).len(), 8);
}

#[test]
fn a_queue_and_the_mailbox_have_so_many_bytes() {
    let (_directory, server) = with(&["--queue-bytes", "1000", "--total-bytes", "20000"]);
    let (recipient, sender) = (published(&server), Agent::new());
    sender.post(&server, &recipient.did, &[1; 600]);
    assert_eq!(sender.try_post(&server, &recipient.did, &[2; 401]).code(), "mailbox.full");
    sender.post(&server, &recipient.did, &[2; 400]);
    // Bundles count, too: at last there is no room for another agent.
    let codes: Vec<String> = (0..20)
        .map(|_| {
            let mut agent = Agent::new();
            let bundle = agent.bundle("spk", DAY);
            agent.publish_bundle(&server, &bundle)
        })
        .map(|answer| if answer.status == 200 { String::new() } else { answer.code() })
        .collect();
    assert_eq!(codes.last().map(String::as_str), Some("mailbox.full"));
    assert!(codes[0].is_empty());
    server.warns("mailbox.full");
    assert_eq!(recipient.all_frames(&server).len(), 2);
}

#[test]
fn so_many_agents_publish() {
    let (_directory, server) = with(&["--agents", "2"]);
    let (first, _second, mut third) = (published(&server), published(&server), Agent::new());
    let bundle = third.bundle("spk", DAY);
    assert_eq!(third.publish_bundle(&server, &bundle).code(), "mailbox.full");
    assert_eq!(first.status(&server).frames, 0);
}

#[test]
fn an_agent_that_floods_is_slowed_down_and_nobody_else() {
    let (_directory, server) = mailbox(&["--open", "--rate", "5", "--burst", "10"]);
    let (flood, calm) = (Agent::new(), Agent::new());
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let start = Instant::now();
    for _ in 0..60 {
        let answer = flood.get(&server, "/v1/status");
        let code = if answer.status == 200 { "ok".to_owned() } else { answer.code() };
        *seen.entry(code).or_default() += 1;
    }
    let most = 11 + 5 * u32::try_from(start.elapsed().as_secs() + 1).unwrap();
    assert!((10..=most).contains(&seen["ok"]), "{seen:?}");
    assert_eq!(seen["ok"] + seen["mailbox.quota"], 60, "{seen:?}");
    assert_eq!(calm.get(&server, "/v1/status").status, 200);
    let answer = (0..60).map(|_| flood.get(&server, "/v1/status")).find(|answer| answer.status == 429).unwrap();
    thread::sleep(Duration::from_secs(answer.retry_after.unwrap().parse().unwrap()));
    flood.get(&server, "/v1/status").ok(200, MailboxStatus::read);
}

#[test]
fn requests_beyond_what_can_be_remembered_are_refused() {
    let (_directory, server) = with(&["--nonces", "3"]);
    let agent = Agent::new();
    let codes: Vec<u16> = (0..5).map(|_| agent.get(&server, "/v1/status").status).collect();
    assert_eq!(codes, [200, 200, 200, 503, 503]);
    assert_eq!(agent.get(&server, "/v1/status").code(), "mailbox.busy");
}

#[test]
fn connections_beyond_the_limit_are_told_so() {
    let (_directory, server) = with(&["--connections", "8"]);
    let idle: Vec<TcpStream> = (0..8).map(|_| TcpStream::connect(server.address).unwrap()).collect();
    let http = crate::place::http();
    let asked = Call { method: "GET", path: "/v1/health", body: b"", headers: Vec::new() };
    let busy = (0..50).map(|_| call(&http, &server, &asked)).find(|answer| answer.status == 503).unwrap();
    assert_eq!(busy.code(), "mailbox.busy");
    drop(idle);
    let free = (0..200).any(|_| {
        thread::sleep(Duration::from_millis(20));
        call(&http, &server, &asked).status == 200
    });
    assert!(free);
}

/// The head of a signed request that promises a body.
fn head(agent: &Agent, server: &Server, path: &str, body: &[u8]) -> String {
    let header = agent.header(server, MailboxMethod::Post, path, body);
    format!(
        "POST {path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/octet-stream\r\ntalos-request: {header}\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    )
}

#[test]
fn bodies_that_do_not_come_hold_memory_and_nothing_else() {
    // Room for four frames of 17 MiB.
    let (_directory, server) = with(&["--memory", "71303168"]);
    let (recipient, sender) = (published(&server), Agent::new());
    let path = format!("/v1/agents/{}/frames", recipient.did);
    let frame = vec![7; 17 * 1024 * 1024];
    let stuck: Vec<TcpStream> = (0..4)
        .map(|_| {
            let mut stream = TcpStream::connect(server.address).unwrap();
            stream.write_all(head(&sender, &server, &path, &frame).as_bytes()).unwrap();
            stream.write_all(&frame[..100_000]).unwrap();
            stream
        })
        .collect();
    thread::sleep(Duration::from_millis(500));
    assert_eq!(sender.try_post(&server, &recipient.did, &frame).code(), "mailbox.busy");
    assert_eq!(recipient.status(&server).frames, 0, "requests without a body go on");
    drop(stuck);
    thread::sleep(Duration::from_millis(500));
    sender.post(&server, &recipient.did, &frame);
    // Half a body is no frame.
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.write_all(head(&sender, &server, &path, b"half").as_bytes()).unwrap();
    stream.write_all(b"ha").unwrap();
    drop(stream);
    assert_eq!(recipient.status(&server).frames, 1);
}

#[test]
fn readers_that_do_not_read_leave_others_alone() {
    let (_directory, server) = with(&["--memory", "71303168"]);
    let (recipient, sender) = (published(&server), Agent::new());
    sender.post(&server, &recipient.did, &vec![7; 16 * 1024 * 1024]);
    let slow: Vec<TcpStream> = (0..3)
        .map(|_| {
            let header = recipient.header(&server, MailboxMethod::Get, "/v1/frames", b"");
            let request = format!("GET /v1/frames HTTP/1.1\r\nhost: a\r\ntalos-request: {header}\r\n\r\n");
            let mut stream = TcpStream::connect(server.address).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            let mut first = [0; 15];
            stream.read_exact(&mut first).unwrap();
            assert_eq!(&first, b"HTTP/1.1 200 OK");
            stream
        })
        .collect();
    let start = Instant::now();
    for n in 0..20_u8 {
        sender.post(&server, &recipient.did, &[n; 100]);
        assert_eq!(recipient.status(&server).frames, u64::from(n) + 2);
    }
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    // The memory for answers is taken: who asks for more waits, and is told.
    let answer = recipient.get(&server, "/v1/frames");
    assert_eq!(answer.code(), "mailbox.busy");
    drop(slow);
    let free = (0..100).any(|_| {
        thread::sleep(Duration::from_millis(100));
        recipient.get(&server, "/v1/frames").status == 200
    });
    assert!(free);
}
