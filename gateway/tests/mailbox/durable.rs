//! What was acknowledged is there, whatever ends the mailbox.

use crate::place::{Agent, OPEN, Server, command, mailbox, nonce, now, published};
use std::collections::{BTreeMap, HashSet};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use talos_shared::contracts::MailboxMethod;
use talos_shared::identity::Did;
use talos_shared::mailbox::request;
use tempfile::TempDir;

/// Posts to a mailbox that may end at any time, and says with which status.
fn status_of_post(agent: &Agent, url: &str, to: &Did, frame: &[u8]) -> Result<u16, ureq::Error> {
    let path = format!("/v1/agents/{to}/frames");
    let header = request::sign(&agent.key, url, MailboxMethod::Post, &path, frame, now(), nonce()).unwrap();
    let request = agent.http.post(format!("{url}{path}")).header(request::HEADER, header);
    let answer = request.header("content-type", "application/octet-stream").send(frame)?;
    Ok(answer.status().as_u16())
}

#[test]
fn nothing_acknowledged_is_lost_when_the_mailbox_is_killed() {
    let (directory, mut server) = mailbox(OPEN);
    let recipient = published(&server);
    let (told, number) = (Mutex::new(Vec::new()), AtomicU64::new(0));
    for _round in 0..4 {
        let stop = AtomicBool::new(false);
        let url = server.url.clone();
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    let sender = Agent::new();
                    while !stop.load(Ordering::SeqCst) {
                        let frame = number.fetch_add(1, Ordering::SeqCst).to_be_bytes();
                        if status_of_post(&sender, &url, &recipient.did, &frame).is_ok_and(|status| status == 202) {
                            told.lock().unwrap().push(frame.to_vec());
                        }
                    }
                });
            }
            thread::sleep(Duration::from_millis(400));
            server.kill();
            stop.store(true, Ordering::SeqCst);
        });
        server = Server::start(directory.path(), OPEN);
        let there: HashSet<Vec<u8>> = recipient.all_frames(&server).into_iter().map(|frame| frame.bytes).collect();
        let told = told.lock().unwrap();
        assert!(told.iter().all(|frame| there.contains(frame)), "{} told, {} there", told.len(), there.len());
        assert_eq!(recipient.status(&server).frames, there.len() as u64);
    }
    assert!(told.lock().unwrap().len() > 100, "{}", told.lock().unwrap().len());
}

#[test]
fn what_is_on_its_way_is_finished_when_the_mailbox_ends() {
    for signal in ["-TERM", "-INT"] {
        let (directory, mut server) = mailbox(OPEN);
        let (recipient, sender) = (published(&server), Agent::new());
        sender.post(&server, &recipient.did, b"frame");
        let after = recipient.frames(&server, "").frames[0].seq;
        let path = format!("/v1/frames?after={after}&wait=60");
        let (url, header) = (server.url.clone(), recipient.header(&server, MailboxMethod::Get, &path, b""));
        let http = recipient.http.clone();
        let waiting = thread::spawn(move || {
            http.get(format!("{url}{path}")).header(request::HEADER, header).call().unwrap().status().as_u16()
        });
        thread::sleep(Duration::from_millis(300));
        let start = Instant::now();
        assert!(server.stop(signal).success());
        assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
        assert_eq!(waiting.join().unwrap(), 200);
        assert!(!directory.path().join("mailbox.db-wal").exists(), "all is in the one file");
        let server = Server::start(directory.path(), OPEN);
        assert_eq!(recipient.frames(&server, "").frames.len(), 1);
    }
}

#[test]
fn a_disk_without_room_is_a_code_and_loses_nothing() {
    let directory = TempDir::new().unwrap();
    let serve = command(directory.path());
    // Files may grow to so many blocks of 512 bytes, and a write beyond is an error instead of a signal.
    let mut limited = Command::new("sh");
    limited
        .args(["-c", "trap '' XFSZ; ulimit -f 2000; exec \"$@\"", "sh"])
        .arg(serve.get_program())
        .args(serve.get_args());
    let mut server = Server::run(limited.args(["--listen", "127.0.0.1:0"]).args(OPEN));
    let (recipient, sender) = (published(&server), Agent::new());
    let mut told = Vec::new();
    let code = (0..100_u8).find_map(|n| {
        let answer = sender.try_post(&server, &recipient.did, &vec![n; 60_000]);
        if answer.status == 202 {
            told.push(n);
            return None;
        }
        assert_eq!(answer.status, 503);
        Some(answer.code())
    });
    assert!(["store.full", "store.io"].contains(&code.as_deref().unwrap()), "{code:?}");
    assert!(told.len() > 2);
    server.warns("store.");
    let there = |server: &Server| -> Vec<u8> { recipient.all_frames(server).iter().map(|f| f.bytes[0]).collect() };
    assert_eq!(there(&server), told);
    server.kill();
    // With room again it goes on.
    let server = Server::start(directory.path(), OPEN);
    assert_eq!(there(&server), told);
    sender.post(&server, &recipient.did, &vec![200; 60_000]);
    assert_eq!(recipient.status(&server).frames, told.len() as u64 + 1);
}

/// 100,000 frames through one queue, with a kill in the middle. Prints what it took.
#[test]
#[ignore = "takes minutes: scripts/soak.sh"]
fn a_hundred_thousand_frames_wait_and_none_is_lost() {
    const FRAMES: u64 = 100_000;
    const THREADS: u64 = 32;
    let directory = TempDir::new().unwrap();
    let options = [OPEN, &["--queue-frames", "1000000", "--nonces", "10000000"]].concat();
    let mut server = Server::start(directory.path(), &options);
    let recipient = published(&server);
    let frame = |n: u64| n.to_be_bytes().repeat(94);
    for half in 0..2 {
        let start = Instant::now();
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let (url, to) = (&server.url, &recipient.did);
                scope.spawn(move || {
                    let sender = Agent::new();
                    let numbers = (half * FRAMES / 2..(half + 1) * FRAMES / 2).filter(|n| n % THREADS == thread);
                    for n in numbers {
                        assert_eq!(status_of_post(&sender, url, to, &frame(n)).unwrap(), 202, "frame {n}");
                    }
                });
            }
        });
        let rate = FRAMES as f64 / 2.0 / start.elapsed().as_secs_f64();
        println!("posted: {rate:.0} frames a second, {} KiB resident", server.resident());
        server.kill();
        server = Server::start(directory.path(), &options);
    }
    let start = Instant::now();
    let mut seen: BTreeMap<u64, u64> = BTreeMap::new();
    for waiting in recipient.all_frames(&server) {
        let n = u64::from_be_bytes(waiting.bytes[..8].try_into().unwrap());
        assert_eq!(waiting.bytes, frame(n));
        assert!(seen.insert(n, waiting.seq).is_none(), "frame {n} twice");
    }
    assert_eq!(seen.len() as u64, FRAMES);
    let rate = FRAMES as f64 / start.elapsed().as_secs_f64();
    println!("fetched: {rate:.0} frames a second, {} KiB resident", server.resident());
    let start = Instant::now();
    let seqs: Vec<u64> = seen.into_values().collect();
    let erased: u64 = seqs.chunks(1_024).map(|chunk| recipient.ack(&server, chunk)).sum();
    assert_eq!(erased, FRAMES);
    println!("acknowledged: {:.0} frames a second", FRAMES as f64 / start.elapsed().as_secs_f64());
    let status = recipient.status(&server);
    assert_eq!((status.frames, status.bytes), (0, 0));
}
