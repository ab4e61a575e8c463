//! Frames as they come, over a WebSocket.

use crate::place::{Agent, Call, OPEN, Server, call, mailbox, published};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};
use talos_shared::contracts::json::{self, Profile};
use talos_shared::contracts::{MailboxAck, MailboxFrames, MailboxMethod};
use talos_shared::mailbox::request;
use tungstenite::client::IntoClientRequest;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::{Message, WebSocket};

struct Socket(WebSocket<TcpStream>);

impl Socket {
    fn open(agent: &Agent, server: &Server) -> Socket {
        let mut request = format!("ws://{}/v1/socket", server.address).into_client_request().unwrap();
        let header = agent.header(server, MailboxMethod::Get, "/v1/socket", b"");
        request.headers_mut().insert(request::HEADER, header.parse().unwrap());
        let stream = TcpStream::connect(server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        Socket(tungstenite::client::client(request, stream).unwrap().0)
    }

    fn next(&mut self) -> MailboxFrames {
        loop {
            if let Message::Text(text) = self.0.read().unwrap() {
                return MailboxFrames::read(&json::parse(text.as_bytes(), Profile::Data).unwrap()).unwrap();
            }
        }
    }

    /// So many frames, in as many messages as they come.
    fn take(&mut self, count: usize) -> Vec<(u64, Vec<u8>)> {
        let mut all = Vec::new();
        while all.len() < count {
            all.extend(self.next().frames.into_iter().map(|frame| (frame.seq, frame.bytes)));
        }
        all
    }

    fn ack(&mut self, seqs: &[u64]) {
        let text = String::from_utf8(MailboxAck { seqs: seqs.to_vec() }.canonical()).unwrap();
        self.0.send(Message::text(text)).unwrap();
    }

    /// Whether nothing comes for a while.
    fn is_silent(&mut self) -> bool {
        self.0.get_mut().set_read_timeout(Some(Duration::from_millis(600))).unwrap();
        let silent = self.0.read().is_err();
        self.0.get_mut().set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        silent
    }

    fn closed(&mut self) -> (CloseCode, String) {
        loop {
            match self.0.read().unwrap() {
                Message::Close(frame) => {
                    let frame = frame.unwrap();
                    return (frame.code, frame.reason.to_string());
                }
                _ => continue,
            }
        }
    }
}

fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(10), "{what}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn frames_come_as_they_are_posted_and_go_when_they_are_acknowledged() {
    let (_directory, server) = mailbox(OPEN);
    let (recipient, sender) = (published(&server), Agent::new());
    sender.post(&server, &recipient.did, b"before");
    let mut socket = Socket::open(&recipient, &server);
    let before = socket.take(1);
    assert_eq!(before[0].1, b"before");
    sender.post(&server, &recipient.did, b"after");
    let after = socket.take(1);
    assert_eq!(after[0].1, b"after");
    socket.ack(&[before[0].0]);
    eventually("it is erased", || recipient.status(&server).frames == 1);
    // What was not acknowledged comes again.
    drop(socket);
    let mut socket = Socket::open(&recipient, &server);
    assert_eq!(socket.take(1), after);
    socket.ack(&[after[0].0]);
    eventually("it is erased", || recipient.status(&server).frames == 0);
}

#[test]
fn so_many_frames_are_on_their_way_until_some_are_acknowledged() {
    let (_directory, server) = mailbox(OPEN);
    let (recipient, sender) = (published(&server), Agent::new());
    for n in 0..300_u32 {
        sender.post(&server, &recipient.did, &n.to_be_bytes());
    }
    let mut socket = Socket::open(&recipient, &server);
    let first = socket.take(256);
    assert_eq!(first.len(), 256);
    assert!(socket.is_silent());
    let seqs: Vec<u64> = first.iter().map(|(seq, _)| *seq).collect();
    socket.ack(&seqs[..40]);
    let more = socket.take(40);
    assert_eq!(more.len(), 40);
    assert!(socket.is_silent());
    socket.ack(&seqs[40..]);
    assert_eq!(socket.take(4).len(), 4);
    let all: Vec<u32> = first.iter().chain(&more).map(|(_, b)| u32::from_be_bytes(b[..].try_into().unwrap())).collect();
    assert!(all.iter().copied().eq(0..296));
}

#[test]
fn a_socket_is_for_whoever_signs_and_for_a_websocket() {
    let (_directory, server) = mailbox(OPEN);
    let agent = published(&server);
    assert_eq!(agent.get(&server, "/v1/socket").code(), "malformed.value");
    let header = agent.header(&server, MailboxMethod::Get, "/v1/frames", b"");
    let headers = vec![(request::HEADER, header)];
    let answer = call(&agent.http, &server, &Call { method: "GET", path: "/v1/socket", body: b"", headers });
    assert_eq!(answer.code(), "mailbox.request_mismatch");
}

#[test]
fn what_is_no_acknowledgement_closes_the_socket_with_its_code() {
    let (_directory, server) = mailbox(OPEN);
    let agent = published(&server);
    for (message, code) in [
        (Message::text("{}"), "malformed.member_missing"),
        (Message::text("x"), "malformed.syntax"),
        (Message::binary(vec![1]), "malformed.media_type"),
    ] {
        let mut socket = Socket::open(&agent, &server);
        socket.0.send(message).unwrap();
        assert_eq!(socket.closed(), (CloseCode::Policy, code.to_owned()));
    }
    // What is too large is not read at all.
    let mut socket = Socket::open(&agent, &server);
    let _ = socket.0.send(Message::text(" ".repeat(100_000)));
    assert!(socket.0.read().is_err() || socket.0.read().is_err());
    assert_eq!(agent.status(&server).frames, 0);
}

#[test]
fn a_socket_counts_as_a_connection() {
    let (_directory, server) = mailbox(&[OPEN, &["--connections", "8"]].concat());
    let agent = published(&server);
    let sockets: Vec<Socket> = (0..7).map(|_| Socket::open(&agent, &server)).collect();
    let other = Agent::new();
    let answers: Vec<u16> = (0..4).map(|_| other.get(&server, "/v1/status").status).collect();
    assert!(answers.contains(&503), "{answers:?}");
    drop(sockets);
}

#[test]
fn a_socket_is_closed_when_the_mailbox_ends() {
    let (_directory, mut server) = mailbox(OPEN);
    let agent = published(&server);
    let mut socket = Socket::open(&agent, &server);
    let waiting = thread::spawn(move || socket.closed().0);
    thread::sleep(Duration::from_millis(300));
    let start = Instant::now();
    assert!(server.stop("-TERM").success());
    assert_eq!(waiting.join().unwrap(), CloseCode::Away);
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
}
