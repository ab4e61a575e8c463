//! Notices by real commands and to a real server.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]
#![cfg(unix)]

use std::fs;
use std::io::{Read, Write};
use std::net::{IpAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use talos_approval::code::Code;
use talos_contracts::json::{self, Profile, Value};
use talos_contracts::scalar::{B64, encode_base64};
use talos_contracts::*;
use talos_crypto::hash;
use talos_kernel::ports::Notice;
use talos_notify::{Notifier, QUEUE, Report, is_public};
use tempfile::TempDir;

const DID: &str = "did:key:z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX";
const SECRET: [u8; 24] = [7; 24];

const ARGS: &str = r#"{"to":"bob@example.com"}"#;

fn notice() -> Notice {
    let request = ApprovalRequest {
        iss: format!("{DID}#{}", &DID["did:key:".len()..]),
        run: "01890a5d-ac96-774b-bcce-b302099a8057".into(),
        actor: DID.into(),
        principal: None,
        kind: ActionKind::ToolCall,
        target: "pay".into(),
        effect: Effect::Spend,
        tool_hash: None,
        args_digest: B64([1; 32]),
        amount: None,
        tokens: None,
        model: None,
        key_id: None,
        consent: None,
        kyc: None,
        policy: PolicyRef { id: "p".into(), hash: B64([2; 32]) },
        rules: vec![ApprovalRule {
            id: "r".into(),
            quorum: 1,
            approvers: vec![ApprovalPerson { name: "dora".into(), key: None }],
        }],
        iat: 1,
        expires: 2,
        nonce: B64([3; 16]),
    };
    let codes =
        vec![("dora".to_owned(), Code::from_entropy(&[0; 5])), ("emil".to_owned(), Code::from_entropy(&[0xff; 5]))];
    Notice { id: B64([9; 32]), request, args: ARGS.into(), codes }
}

fn script(directory: &Path, text: &str) -> ConfigurationNotify {
    fs::write(directory.join("tell.sh"), text).unwrap();
    let command = Some(vec!["sh".to_owned(), "tell.sh".to_owned(), "an argument; touch pwned".to_owned()]);
    ConfigurationNotify { command, webhook: None }
}

fn hook(url: String) -> NotifyWebhook {
    NotifyWebhook { url, secret_file: None, allow_private: Some(true), codes: None }
}

fn by_hook(hook: NotifyWebhook) -> ConfigurationNotify {
    ConfigurationNotify { command: None, webhook: Some(hook) }
}

/// Sends notices one after the other, waits for the thread, and gives what is in the file.
fn tell(settings: &ConfigurationNotify, directory: &Path, notices: usize) -> Report {
    let notifier = Notifier::start(settings, directory).unwrap();
    for _ in 0..notices {
        assert!(notifier.send(notice()));
    }
    drop(notifier);
    Report::load(directory).unwrap().unwrap()
}

fn why(report: &Report) -> &str {
    assert_eq!((report.delivered, report.failed), (0, 1), "{report:?}");
    report.trouble().unwrap()
}

fn kept(directory: &Path, name: &str) -> String {
    fs::read_to_string(directory.join(name)).unwrap()
}

#[test]
fn a_command_reads_the_notice_with_the_codes_and_little_else() {
    let home = TempDir::new().unwrap();
    let settings = script(home.path(), "cat > in; env > env; printf %s \"$1\" > arg; echo noise\n");
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    let report = tell(&settings, home.path(), 1);
    assert_eq!((report.delivered, report.failed, report.trouble()), (1, 0, None));
    let said = json::parse(kept(home.path(), "in").trim().as_bytes(), Profile::Talos).unwrap();
    assert_eq!(said.get("approval").and_then(Value::as_str), Some(B64([9; 32]).to_b64().as_str()));
    let codes = said.get("codes").unwrap();
    assert_eq!(codes.get("dora").and_then(Value::as_str), Some("00000000"));
    assert_eq!(codes.get("emil").and_then(Value::as_str), Some("ZZZZZZZZ"));
    assert_eq!(ApprovalRequest::read(said.get("request").unwrap()).unwrap(), notice().request);
    let view = ApprovalView::read(said.get("view").unwrap()).unwrap();
    assert_eq!((view.heading.as_str(), view.recipients[0].as_str()), ("tool_call pay (spend)", "bob@example.com"));
    assert!(!kept(home.path(), "env").contains("CARGO"), "the environment is not passed on");
    assert!(!kept(home.path(), "env").contains("00000000"));
    assert_eq!(kept(home.path(), "arg"), "an argument; touch pwned");
    assert!(!home.path().join("pwned").exists());
}

#[test]
fn a_notice_that_does_not_hold_all_of_it_says_so_and_how_to_see_the_rest() {
    let home = TempDir::new().unwrap();
    let notifier = Notifier::start(&script(home.path(), "cat > in\n"), home.path()).unwrap();
    let to: Vec<String> = (0..33).map(|n| format!("\"u{n}@x.example\"")).collect();
    assert!(notifier.send(Notice { args: format!(r#"{{"to":[{}]}}"#, to.join(",")).into_bytes(), ..notice() }));
    drop(notifier);
    let said = json::parse(kept(home.path(), "in").trim().as_bytes(), Profile::Talos).unwrap();
    let view = ApprovalView::read(said.get("view").unwrap()).unwrap();
    assert!(view.clipped && view.lines.last().unwrap().contains("talos approvals show --full"), "{:?}", view.lines);
}

#[test]
fn a_command_that_fails_is_reported_with_the_beginning_of_what_it_says() {
    let home = TempDir::new().unwrap();
    let report =
        tell(&script(home.path(), "echo no mail server >&2; yes | head -c 1000000 >&2; exit 3\n"), home.path(), 1);
    assert!(why(&report).contains("exit status: 3: no mail server"), "{}", why(&report));
    assert!(why(&report).len() < 1500);
    let missing = ConfigurationNotify { command: Some(vec!["/no/such/program".into()]), webhook: None };
    assert!(why(&tell(&missing, home.path(), 1)).contains("/no/such/program"));
}

#[test]
fn a_command_that_does_not_read_or_floods_still_ends() {
    let home = TempDir::new().unwrap();
    let report = tell(
        &script(home.path(), "exec <&-; head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2\n"),
        home.path(),
        1,
    );
    assert_eq!(report.delivered, 1, "{report:?}");
}

#[test]
fn a_command_that_hangs_is_ended_with_all_that_it_started() {
    let home = TempDir::new().unwrap();
    let started = Instant::now();
    let report = tell(&script(home.path(), "sleep 60 & echo $! > child; sleep 60\n"), home.path(), 1);
    assert!(why(&report).contains("did not end in 10 s"), "{}", why(&report));
    assert!(started.elapsed() < Duration::from_secs(20));
    let child = kept(home.path(), "child");
    let status = fs::read_to_string(format!("/proc/{}/stat", child.trim())).unwrap_or_default();
    assert!(status.is_empty() || status.contains(") Z "), "still there: {status}");
}

#[test]
fn more_notices_than_the_queue_holds_are_dropped_and_reported() {
    let home = TempDir::new().unwrap();
    let notifier = Notifier::start(&script(home.path(), "sleep 1\n"), home.path()).unwrap();
    let sent = (0..QUEUE + 10).filter(|_| notifier.send(notice())).count();
    assert!((QUEUE..=QUEUE + 1).contains(&sent), "{sent}");
    let report = notifier.report();
    assert_eq!(report.failed as usize, QUEUE + 10 - sent);
    assert_eq!(report.trouble(), Some("too many notices wait"));
    // Not waited for: seventy seconds.
    std::mem::forget(notifier);
}

/// A server for one request: answers it, and hands out what was asked.
fn server(answer: &'static str) -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, asked) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
            let (mut text, mut chunk) = (Vec::new(), [0; 4096]);
            while let Ok(n @ 1..) = stream.read(&mut chunk) {
                text.extend_from_slice(&chunk[..n]);
            }
            let _ = stream.write_all(answer.as_bytes());
            let _ = sender.send(String::from_utf8(text).unwrap());
        }
    });
    (port, asked)
}

fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    request.split("\r\n").find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

const OK: &str = "HTTP/1.1 204 No Content\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

#[test]
fn a_web_hook_is_posted_signed_and_without_the_codes() {
    let home = TempDir::new().unwrap();
    let path = home.path().join("secret");
    fs::write(&path, format!("whsec_{}\n", encode_base64(&SECRET))).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let (port, asked) = server(OK);
    let settings =
        by_hook(NotifyWebhook { secret_file: Some("secret".into()), ..hook(format!("http://127.0.0.1:{port}/x?y=1")) });
    let report = tell(&settings, home.path(), 1);
    assert_eq!((report.delivered, report.failed), (1, 0), "{report:?}");
    let request = asked.recv_timeout(Duration::from_secs(5)).unwrap();
    assert!(request.starts_with("POST /x?y=1 HTTP/1.1\r\n"), "{request}");
    let body = request.split_once("\r\n\r\n").unwrap().1;
    assert!(json::parse(body.as_bytes(), Profile::Talos).unwrap().get("codes").is_none());
    assert!(!request.contains("00000000") && !request.contains("ZZZZZZZZ"));
    let id = header(&request, "webhook-id").unwrap();
    assert_eq!(id, B64([9; 32]).to_b64());
    let time = header(&request, "webhook-timestamp").unwrap();
    let mac = hash::mac(&SECRET, &[format!("{id}.{time}.{body}").as_bytes()]);
    assert_eq!(header(&request, "webhook-signature"), Some(format!("v1,{}", encode_base64(&mac.0)).as_str()));
    assert_eq!(header(&request, "content-type"), Some("application/json"));
}

#[test]
fn codes_go_to_a_web_hook_only_where_the_configuration_says_so() {
    let home = TempDir::new().unwrap();
    let (port, asked) = server(OK);
    let settings = by_hook(NotifyWebhook { codes: Some(true), ..hook(format!("http://127.0.0.1:{port}/")) });
    assert_eq!(tell(&settings, home.path(), 1).delivered, 1);
    let request = asked.recv_timeout(Duration::from_secs(5)).unwrap();
    assert!(request.contains(r#""codes":{"dora":"00000000","emil":"ZZZZZZZZ"}"#), "{request}");
    assert_eq!(header(&request, "webhook-signature"), None);
}

#[test]
fn errors_and_redirects_of_a_web_hook_are_failures() {
    let home = TempDir::new().unwrap();
    let (elsewhere, followed) = server(OK);
    let redirect: &'static str = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:{elsewhere}/\r\ncontent-length: 0\r\n\r\n"
    )
    .leak();
    for answer in [
        "HTTP/1.1 304 Not Modified\r\n\r\n",
        "HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n",
        redirect,
        "nonsense",
        "",
    ] {
        let (port, _asked) = server(answer);
        let report = tell(&by_hook(hook(format!("http://127.0.0.1:{port}/"))), home.path(), 1);
        assert!(why(&report).starts_with("the web hook: "), "{answer}: {report:?}");
    }
    assert!(followed.try_recv().is_err(), "a redirect was followed");
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    why(&tell(&by_hook(hook(format!("http://127.0.0.1:{closed}/"))), home.path(), 1));
}

#[test]
fn a_web_hook_that_never_answers_is_given_up() {
    let home = TempDir::new().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://127.0.0.1:{}/", listener.local_addr().unwrap().port());
    let started = Instant::now();
    assert!(why(&tell(&by_hook(hook(url)), home.path(), 1)).contains("timeout"));
    assert!((9..20).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
}

#[test]
fn a_private_address_is_refused_unless_it_is_allowed() {
    let home = TempDir::new().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"] {
        let settings = NotifyWebhook { allow_private: None, ..hook(format!("https://{host}:{port}/")) };
        let report = tell(&by_hook(settings), home.path(), 1);
        assert!(why(&report).contains("not public"), "{host}: {report:?}");
    }
    assert!(listener.accept().is_err(), "something connected");
}

#[test]
fn plain_http_goes_to_no_public_address() {
    let home = TempDir::new().unwrap();
    for host in ["1.1.1.1", "[2606:4700:4700::1111]"] {
        let report = tell(&by_hook(hook(format!("http://{host}:1/"))), home.path(), 1);
        assert!(why(&report).contains("http goes to private ones alone"), "{host}: {report:?}");
    }
}

#[test]
fn settings_that_cannot_work_are_refused_before_anything_is_asked() {
    let home = TempDir::new().unwrap();
    fs::write(home.path().join("short"), "whsec_AAAA").unwrap();
    fs::set_permissions(home.path().join("short"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(home.path().join("open"), format!("whsec_{}", encode_base64(&SECRET))).unwrap();
    fs::set_permissions(home.path().join("open"), fs::Permissions::from_mode(0o644)).unwrap();
    let public = |url: &str| by_hook(NotifyWebhook { allow_private: None, ..hook(url.into()) });
    let secret =
        |file: &str| by_hook(NotifyWebhook { secret_file: Some(file.into()), ..hook("https://example.com/".into()) });
    let codes = |url: &str| by_hook(NotifyWebhook { codes: Some(true), ..hook(url.into()) });
    let cases = [
        (ConfigurationNotify { command: Some(vec![String::new()]), webhook: None }, ErrorCode::ConfigMalformed),
        (ConfigurationNotify { command: Some(vec!["a\0b".into()]), webhook: None }, ErrorCode::ConfigMalformed),
        (public("http://example.com/"), ErrorCode::ConfigMalformed),
        (public("ftp://example.com/"), ErrorCode::ConfigMalformed),
        (public("example.com"), ErrorCode::ConfigMalformed),
        (public("https://user:pass@example.com/"), ErrorCode::ConfigMalformed),
        (public("https:///x"), ErrorCode::ConfigMalformed),
        (codes("http://10.0.0.1/"), ErrorCode::ConfigMalformed),
        (secret("missing"), ErrorCode::ConfigMalformed),
        (secret("short"), ErrorCode::ConfigMalformed),
        (secret("open"), ErrorCode::KeyPermissions),
    ];
    for (settings, code) in cases {
        assert_eq!(Notifier::start(&settings, home.path()).map(drop).unwrap_err().code, code, "{settings:?}");
        assert_eq!(talos_notify::check(&settings, home.path()).unwrap_err().code, code);
    }
    for good in [public("https://example.com/"), codes("https://example.com/"), codes("http://localhost:1/")] {
        talos_notify::check(&good, home.path()).unwrap();
    }
}

#[test]
fn only_addresses_of_the_public_internet_are_public() {
    let not = [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ];
    for address in not {
        assert!(!is_public(address.parse::<IpAddr>().unwrap()), "{address}");
    }
    let public = [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "198.17.0.1",
        "198.20.0.1",
        "223.255.255.255",
        "2606:4700::1111",
        "2001:4860::8888",
        "::ffff:1.1.1.1",
    ];
    for address in public {
        assert!(is_public(address.parse::<IpAddr>().unwrap()), "{address}");
    }
}

#[test]
fn a_report_of_yesterday_is_read_and_a_broken_one_is_said() {
    let home = TempDir::new().unwrap();
    assert_eq!(Report::load(home.path()).unwrap(), None);
    fs::write(home.path().join("notify.json"), "{").unwrap();
    assert_eq!(Report::load(home.path()).unwrap_err().code, ErrorCode::NotifyFailed);
    tell(&script(home.path(), "exit 1\n"), home.path(), 2);
    let report = tell(&script(home.path(), "exit 0\n"), home.path(), 1);
    assert_eq!((report.delivered, report.failed, report.trouble()), (1, 0, None));
}
