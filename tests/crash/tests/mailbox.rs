//! A mailbox whose power goes or whose disk is full: what was acknowledged is there (`docs/spec/mailbox.md`, section 6).

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use talos_contracts::ErrorCode;
use talos_contracts::scalar::Hash;
use talos_crash_test::{Kill, Moment, Random, Shim, Survival, Told, Traced, Worker, copy_tree, rebuild};
use talos_mailbox::store::{Kept, change, look};
use talos_mailbox::{Limits, Service};
use talos_shared::crypto::{SigningKey, hash};
use talos_shared::identity::Did;
use talos_sqlite::{MAILBOX_FILE, SqliteMailbox};
use tempfile::TempDir;

const WORKER: &str = env!("CARGO_BIN_EXE_talos-crash-worker");

fn did(n: u8) -> Did {
    Did::of(&SigningKey::from_seed(&[n; 32]).verifying_key())
}

/// All frames that wait, each of them whole; every count is that of the rows.
fn waiting(store: &SqliteMailbox) -> HashSet<Hash> {
    let service = Service::new(Limits::default());
    let (mut all, mut after, mut bytes) = (HashSet::new(), 0, 0);
    loop {
        let page = look(store, |s| service.frames(s, &did(2), after, 256, 0)).unwrap();
        for frame in &page.frames {
            assert_eq!(hash::sha256(&[&frame.bytes]), frame.id);
            assert!(frame.seq > after && all.insert(frame.id));
            (after, bytes) = (frame.seq, bytes + frame.bytes.len() as u64);
        }
        if !page.more {
            break;
        }
    }
    let (totals, account) = look(store, |s| Ok((s.totals()?, s.account(did(2).as_str())?))).unwrap();
    let account = account.unwrap_or_default();
    assert_eq!((account.frames, account.frame_bytes), (all.len() as u64, bytes));
    assert_eq!((totals.frames, totals.bytes), (account.frames, bytes + 2 * totals.agents));
    let by_sender = look(store, |s| s.queued_by(did(2).as_str(), did(1).as_str())).unwrap();
    assert_eq!(by_sender, account.frames);
    all
}

/// How many frames are lost that were acknowledged to their sender and were not being erased when the power went.
fn lost(crash: &Crash) -> usize {
    let there = waiting(&SqliteMailbox::open(&crash.left).unwrap());
    let erased: HashSet<&str> = crash.told.lines.iter().filter_map(|line| line.strip_prefix("erase ")).collect();
    let is_kept = |id: &Hash| there.contains(id) || erased.contains(id.to_string().as_str());
    crash.told.acknowledged.iter().filter(|(id, _)| !is_kept(id)).count()
}

struct Crash {
    told: Told,
    traced: Traced,
    left: std::path::PathBuf,
}

fn crash(room: &TempDir, options: &[&str], kill: Option<Kill>, survival: Survival) -> Crash {
    let [image, work, trace, left] = ["image", "work", "trace", "left"].map(|name| room.path().join(name));
    fs::create_dir_all(&image).unwrap();
    copy_tree(&image, &work);
    let _ = fs::remove_file(&trace);
    let _ = fs::remove_dir_all(&left);
    let shim = Shim { trace: trace.clone(), kill };
    let told = Worker::start(Path::new(WORKER), &work, &[&["post"], options].concat(), Some(&shim)).finish();
    let traced = rebuild(&image, &work, &trace, survival, &left);
    fs::create_dir_all(&left).unwrap();
    Crash { told, traced, left }
}

fn rounds() -> u64 {
    std::env::var("TALOS_CRASH_ROUNDS").ok().map_or(200, |n| n.parse().unwrap()) / 4
}

/// In so many crashes frames were lost.
fn losses(early: &str) -> u64 {
    let room = TempDir::new().unwrap();
    let whole = crash(&room, &[early, "seed=1"], None, Survival::OnlySynced);
    assert!(whole.told.is_done(), "{:?}", whole.told.lines);
    assert_eq!(lost(&whole), 0);
    let (syncs, writes) = (whole.traced.syncs.values().sum(), whole.traced.writes);
    let (mut random, mut counted, mut losses) = (Random::new(3), 0, 0);
    for round in 0..rounds() {
        let (moment, most) = match random.below(3) {
            0 => (Moment::BeforeSync, syncs),
            1 => (Moment::AfterSync, syncs),
            _ => (Moment::Write, writes),
        };
        let kill = Kill { moment, nth: 1 + random.below(most), file: None };
        let survival = if random.one_in(2) { Survival::OnlySynced } else { Survival::Some(random.draw()) };
        let crash = crash(&room, &[early, &format!("seed={}", 100 + round)], Some(kill), survival);
        assert!(crash.told.was_killed() || crash.told.is_done(), "{:?}", crash.told.lines);
        losses += u64::from(lost(&crash) > 0);
        counted += u64::from(crash.told.was_killed() && !crash.told.acknowledged.is_empty());
    }
    assert!(counted * 2 > rounds(), "{counted} crashes count");
    losses
}

#[test]
fn every_acknowledged_frame_survives_the_loss_of_power() {
    assert_eq!(losses("early=0"), 0);
}

#[test]
fn a_mailbox_that_acknowledges_before_the_commit_is_found_out() {
    let losses = losses("early=1");
    assert!(losses * 4 > rounds(), "{losses}");
}

#[test]
fn a_full_disk_is_a_code_and_loses_nothing() {
    let room = TempDir::new().unwrap();
    let store = SqliteMailbox::open(room.path()).unwrap();
    let service = Service::new(Limits::default());
    let post = |n: u16, size: usize| {
        let frame = n.to_be_bytes().repeat(size / 2);
        let id = hash::sha256(&[&frame]);
        change(&store, |s| service.post(s, &did(1), &did(2), (&id, &frame), 0)).map(|posted| posted.id)
    };
    let bundle = Kept { envelope: b"{}".to_vec(), exp: 1 };
    change(&store, |s| s.put_bundle(did(2).as_str(), &bundle, 0)).unwrap();
    store.set_max_pages(200).unwrap();
    let mut told = HashSet::new();
    let refused = (0..1_000).find_map(|n| match post(n, 9_000) {
        Ok(id) => {
            told.insert(id);
            None
        }
        Err(error) => Some(error.code),
    });
    assert_eq!(refused, Some(ErrorCode::StoreFull));
    assert!(told.len() > 20);
    assert_eq!(waiting(&store), told);
    // A smaller frame may still fit, and at last none does; what waits can be fetched and erased, which makes room.
    while let Ok(id) = post(told.len() as u16 + 2_000, 500) {
        told.insert(id);
    }
    assert_eq!(waiting(&store), told);
    let oldest = look(&store, |s| service.frames(s, &did(2), 0, 8, 0)).unwrap();
    let places: Vec<u64> = oldest.frames.iter().map(|frame| frame.seq).collect();
    assert_eq!(change(&store, |s| service.acknowledge(s, &did(2), &places)).unwrap().erased, places.len() as u64);
    oldest.frames.iter().for_each(|frame| assert!(told.remove(&frame.id)));
    told.insert(post(60_000, 9_000).unwrap());
    assert_eq!(waiting(&store), told);
    drop(store);
    assert!(room.path().join(MAILBOX_FILE).exists());
    assert_eq!(waiting(&SqliteMailbox::open(room.path()).unwrap()), told);
}
