//! The command line.

use crate::place::{Agent, OPEN, Server, command, mailbox, published};
use std::path::Path;
use std::process::{Command, Output};
use talos_shared::contracts::json::{self, Profile, Value};
use talos_shared::contracts::{MailboxMethod, MailboxStatus};
use talos_shared::mailbox::request;
use tempfile::TempDir;

fn refused(directory: &Path, options: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr, .. } = command(directory).args(options).output().unwrap();
    let code =
        json::parse(&stdout, Profile::Data).ok().and_then(|problem| Some(problem.get("code")?.as_str()?.to_owned()));
    (status.code(), code.unwrap_or_else(|| String::from_utf8(stderr).unwrap()))
}

#[test]
fn it_says_whom_it_serves_and_where() {
    let directory = TempDir::new().unwrap();
    let (exit, text) = refused(directory.path(), &[]);
    assert_eq!(exit, Some(2));
    assert!(text.contains("--open") && text.contains("--allow"), "{text}");
    for (options, code) in [
        (&["--allow", "bob"][..], "did.malformed"),
        (&["--open", "--listen", "0.0.0.0:0"], "config.malformed"),
        (&["--open", "--listen", "0.0.0.0:0", "--url", "http://mailbox.example"], "config.malformed"),
        (&["--open", "--listen", "0.0.0.0:0", "--behind-proxy"], "config.malformed"),
        (&["--open", "--listen", "[::]:0"], "config.malformed"),
        (&["--open", "--url", "mailbox.example"], "config.malformed"),
        (&["--open", "--url", "https://mailbox.example/"], "config.malformed"),
        (&["--open", "--url", "https://"], "config.malformed"),
        (&["--open", "--listen", "203.0.113.7:1", "--behind-proxy"], "config.malformed"),
    ] {
        assert_eq!(refused(directory.path(), options).1, code, "{options:?}");
    }
    assert_eq!(refused(directory.path(), &["--open", "--queue-frames", "1000001"]).0, Some(2));
    assert_eq!(refused(directory.path(), &["--open", "--expiry", "1209601"]).0, Some(2));
}

#[test]
fn agents_sign_for_the_url_that_it_was_given() {
    let directory = TempDir::new().unwrap();
    let url = "https://mailbox.example/talos";
    let server = Server::run(command(directory.path()).args(["--open", "--listen", "0.0.0.0:0", "--url", url]));
    assert_eq!(server.url, url);
    server.warns(url);
    let agent = Agent::new();
    let header = |mailbox: &str| {
        let (now, nonce) = (crate::place::now(), crate::place::nonce());
        request::sign(&agent.key, mailbox, MailboxMethod::Get, "/v1/status", b"", now, nonce).unwrap()
    };
    let get = |header: String| {
        let address = format!("http://127.0.0.1:{}/v1/status", server.address.port());
        agent.http.get(address).header(request::HEADER, header).call().unwrap().status().as_u16()
    };
    assert_eq!(get(header(url)), 200);
    assert_eq!(get(header(&format!("http://{}", server.address))), 401);
}

#[test]
fn one_process_serves_a_directory() {
    let (directory, mut server) = mailbox(OPEN);
    assert_eq!(refused(directory.path(), &["--open", "--listen", "127.0.0.1:0"]), (Some(1), "store.busy".to_owned()));
    server.kill();
    Server::start(directory.path(), OPEN);
}

fn status(directory: &Path, options: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_talos"));
    command.args(["mailbox", "status", "--data"]).arg(directory).args(options).output().unwrap()
}

#[test]
fn the_operator_sees_what_waits_and_who_is_low() {
    let (directory, server) = mailbox(OPEN);
    let (mut owner, sender) = (published(&server), Agent::new());
    let keys: Vec<_> = (0..3).map(|n| owner.one_time_key(&format!("k{n}"), crate::place::DAY)).collect();
    let published = owner.publish_keys(&server, &keys).ok(200, MailboxStatus::read);
    sender.post(&server, &owner.did, b"frame");

    let text = String::from_utf8(status(directory.path(), &[]).stdout).unwrap();
    assert!(text.contains(&format!("{}  1 frames, 5 bytes, 3 one-time keys, low", owner.did)), "{text}");
    let output = status(directory.path(), &["--json", "--low-water", "3"]);
    let value = json::parse(&output.stdout, Profile::Data).unwrap();
    assert_eq!(value.get("low").and_then(Value::as_i64), Some(0));
    assert_eq!(value.get("frames").and_then(Value::as_i64), Some(1));
    assert!(value.get("bytes").and_then(Value::as_i64).unwrap() > 5_000);
    let agent = &value.get("agents").and_then(Value::as_array).unwrap()[0];
    assert_eq!(agent.get("agent").and_then(Value::as_str), Some(owner.did.as_str()));
    assert_eq!(agent.get("one_time_keys").and_then(Value::as_i64), Some(3));
    assert_eq!(agent.get("low").and_then(Value::as_bool), Some(false));
    let expires = published.bundle_expires.and_then(|at| i64::try_from(at).ok());
    assert_eq!(agent.get("bundle_expires").and_then(Value::as_i64), expires);

    let nowhere = status(&directory.path().join("nowhere"), &["--json"]);
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(String::from_utf8(nowhere.stdout).unwrap().contains("input.unreadable"));
}

#[test]
fn a_database_of_another_version_is_left_alone() {
    let (directory, mut server) = mailbox(OPEN);
    assert!(server.stop("-TERM").success());
    let database = rusqlite::Connection::open(directory.path().join("mailbox.db")).unwrap();
    database.pragma_update(None, "user_version", 99).unwrap();
    drop(database);
    assert_eq!(refused(directory.path(), &["--open", "--listen", "127.0.0.1:0"]).1, "store.version");
    assert_eq!(status(directory.path(), &[]).status.code(), Some(1));
}
