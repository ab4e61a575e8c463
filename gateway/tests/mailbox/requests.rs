//! Who asks: signed requests, and everything that is none.

use crate::place::{Agent, Answer, Call, HOUR, OPEN, Server, call, mailbox, nonce, now, published};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;
use talos_shared::contracts::scalar::encode_b64url;
use talos_shared::contracts::{MailboxMethod, MailboxStatus};
use talos_shared::crypto::dsse;
use talos_shared::mailbox::request::{self, Asked};

fn with(agent: &Agent, server: &Server, path: &str, header: &str) -> Answer {
    let headers = vec![(request::HEADER, header.to_owned())];
    call(&agent.http, server, &Call { method: "GET", path, body: b"", headers })
}

fn signed_at(agent: &Agent, server: &Server, iat: u64) -> String {
    request::sign(&agent.key, &server.url, MailboxMethod::Get, "/v1/status", b"", iat, nonce()).unwrap()
}

#[test]
fn every_endpoint_but_health_wants_a_signature() {
    let (_directory, server) = mailbox(OPEN);
    let http = crate::place::http();
    let agents = "/v1/agents/did:key:z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX";
    let (bundle, frames) = (format!("{agents}/bundle"), format!("{agents}/frames"));
    for (method, path) in [
        ("PUT", "/v1/bundle"),
        ("POST", "/v1/one-time-keys"),
        ("GET", &*bundle),
        ("POST", &*frames),
        ("GET", "/v1/status"),
        ("GET", "/v1/frames"),
        ("POST", "/v1/frames/ack"),
        ("GET", "/v1/socket"),
    ] {
        let answer = call(&http, &server, &Call { method, path, body: b"", headers: Vec::new() });
        assert_eq!((answer.status, &*answer.code()), (401, "signature.missing"), "{method} {path}");
    }
    let health = call(&http, &server, &Call { method: "GET", path: "/v1/health", body: b"", headers: Vec::new() });
    assert_eq!((health.status, &*health.text), (200, &b"ok"[..]));
    for (method, path) in [("GET", "/"), ("GET", "/v2/status"), ("DELETE", "/v1/bundle"), ("PATCH", "/v1/frames")] {
        let answer = call(&http, &server, &Call { method, path, body: b"", headers: Vec::new() });
        assert_eq!((answer.status, &*answer.code()), (404, "mailbox.unknown"), "{method} {path}");
    }
}

#[test]
fn what_is_no_signed_request_is_refused_with_its_code() {
    let (_directory, server) = mailbox(OPEN);
    let agent = Agent::new();
    let good = signed_at(&agent, &server, now());
    let asked = Asked { mailbox: &server.url, method: MailboxMethod::Get, path: "/v1/status" };
    let mut flipped = request::make(&agent.key, asked, b"", now(), nonce());
    flipped.signatures[0].1[0] ^= 1;
    for (header, code) in [
        ("", "malformed.syntax"),
        ("====", "malformed.base64"),
        ("e30", "malformed.member_missing"),
        (&encode_b64url(b"[]"), "malformed.type"),
        (&encode_b64url(&[0xff; 9]), "malformed.utf8"),
        (&"A".repeat(8_193), "malformed.size"),
        (&request::header(&flipped).unwrap(), "signature.invalid"),
    ] {
        assert_eq!(with(&agent, &server, "/v1/status", header).code(), code, "{header}");
    }
    let other = dsse::sign(&agent.key, &agent.did.url(), "text/plain", b"{}");
    let answer = with(&agent, &server, "/v1/status", &request::header(&other).unwrap());
    assert_eq!(answer.code(), "signature.payload_type");
    let twice = vec![(request::HEADER, good.clone()), (request::HEADER, good)];
    let asked = Call { method: "GET", path: "/v1/status", body: b"", headers: twice };
    assert_eq!(call(&agent.http, &server, &asked).code(), "malformed.duplicate_name");
}

#[test]
fn a_request_is_for_one_mailbox_method_path_and_body() {
    let (_directory, server) = mailbox(OPEN);
    let agent = published(&server);
    let sign = |mailbox: &str, method, path: &str, body: &[u8]| {
        request::sign(&agent.key, mailbox, method, path, body, now(), nonce()).unwrap()
    };
    for header in [
        sign("https://other.example", MailboxMethod::Get, "/v1/status", b""),
        sign(&server.url, MailboxMethod::Post, "/v1/status", b""),
        sign(&server.url, MailboxMethod::Get, "/v1/frames", b""),
        sign(&server.url, MailboxMethod::Get, "/v1/status?", b""),
        sign(&server.url, MailboxMethod::Get, "/v1/status", b"body"),
    ] {
        assert_eq!(with(&agent, &server, "/v1/status", &header).code(), "mailbox.request_mismatch");
    }
    let path = format!("/v1/agents/{}/frames", agent.did);
    let header = sign(&server.url, MailboxMethod::Post, &path, b"frame");
    let headers = vec![(request::HEADER, header), ("content-type", "application/octet-stream".to_owned())];
    let answer = call(&agent.http, &server, &Call { method: "POST", path: &path, body: b"other", headers });
    assert_eq!(answer.code(), "mailbox.request_mismatch");
    assert_eq!(agent.status(&server).frames, 0);
}

#[test]
fn clocks_may_differ_by_a_minute() {
    let (_directory, server) = mailbox(OPEN);
    let agent = Agent::new();
    thread::sleep(Duration::from_millis(20));
    for (iat, code) in [
        (now() + 65_000, Some("mailbox.request_expired")),
        (now() + HOUR, Some("mailbox.request_expired")),
        (now() - 65_000, Some("mailbox.request_expired")),
        (0, Some("mailbox.request_expired")),
        (now() + 50_000, None),
        (now() - 5, None),
    ] {
        let answer = with(&agent, &server, "/v1/status", &signed_at(&agent, &server, iat));
        match code {
            Some(code) => assert_eq!(answer.code(), code, "{iat}"),
            None => assert_eq!(answer.status, 200, "{iat}"),
        }
    }
}

#[test]
fn a_request_is_taken_once_also_across_a_restart() {
    let (directory, mut server) = mailbox(OPEN);
    let address = server.address.to_string();
    let agent = published(&server);
    // Of the past, and by a clock that goes ahead: the restart must forget neither.
    let made = [now(), now() + 50_000].map(|iat| signed_at(&agent, &server, iat));
    for header in &made {
        assert_eq!(with(&agent, &server, "/v1/status", header).status, 200);
        assert_eq!(with(&agent, &server, "/v1/status", header).code(), "mailbox.request_replayed");
    }
    let unused = signed_at(&agent, &server, now());
    server.kill();
    let options = ["--listen", &address, "--open"];
    let server = Server::run(crate::place::command(directory.path()).args(options));
    let codes = made.map(|header| with(&agent, &server, "/v1/status", &header).code());
    assert_eq!(codes, ["mailbox.request_expired", "mailbox.request_replayed"]);
    // What was signed before the start may have been taken before it.
    assert_eq!(with(&agent, &server, "/v1/status", &unused).code(), "mailbox.request_expired");
    agent.get(&server, "/v1/status").ok(200, MailboxStatus::read);
}

#[test]
fn only_those_on_the_list_are_served() {
    let (member, stranger) = (Agent::new(), Agent::new());
    let (_directory, server) = mailbox(&["--allow", member.did.as_str()]);
    assert_eq!(member.get(&server, "/v1/status").status, 200);
    let answer = stranger.get(&server, "/v1/status");
    assert_eq!((answer.status, &*answer.code()), (403, "mailbox.forbidden"));
}

#[test]
fn bytes_that_are_no_request_harm_nobody() {
    let (_directory, server) = mailbox(OPEN);
    let long = format!("GET /v1/health HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "a".repeat(200_000));
    let many = format!("GET /v1/health HTTP/1.1\r\nhost: a\r\n{}\r\n", "a: b\r\n".repeat(500));
    for (bytes, status) in [
        (&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], "400"),
        (b"hello\r\n\r\n", "400"),
        (b"GET /v1/status HTTP/1.1\r\n\r\n", "401"),
        (b"POST /v1/frames/ack HTTP/1.1\r\nhost: a\r\ncontent-length: x\r\n\r\n", "400"),
        (b"POST /v1/frames/ack HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", "401"),
        (long.as_bytes(), "431"),
        (many.as_bytes(), "431"),
    ] {
        let request = [bytes, b""].concat();
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(8))).unwrap();
        let _ = stream.write_all(&request);
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap_or_else(|error| panic!("{status}: {error}"));
        let answer = String::from_utf8_lossy(&answer);
        assert_eq!(&answer[9..], status, "{:?}", String::from_utf8_lossy(&request[..request.len().min(40)]));
    }
    // Headers that hyper takes and the mailbox does not.
    let agent = Agent::new();
    let headers = vec![
        (request::HEADER, agent.header(&server, MailboxMethod::Get, "/v1/status", b"")),
        ("x-large", "a".repeat(40_000)),
    ];
    let asked = Call { method: "GET", path: "/v1/status", body: b"", headers };
    assert_eq!(call(&agent.http, &server, &asked).code(), "mailbox.too_large");
    assert!(server.raw(b"GET /v1/health HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").ends_with("\r\n\r\nok"));
}
