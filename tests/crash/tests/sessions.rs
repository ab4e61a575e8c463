//! Two agents whose power goes: no message that was sent is lost, none is given twice (`docs/spec/client.md`, sections 3 and 4).

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use talos_crash_test::{Kill, Moment, Random, Shim, Survival, Talk, Told, Traced, Worker, copy_tree, rebuild};
use tempfile::TempDir;

const WORKER: &str = env!("CARGO_BIN_EXE_talos-crash-worker");

fn numbers(told: &Told, word: &str) -> HashSet<u64> {
    let lines = told.lines.iter().filter_map(|line| line.strip_prefix(word));
    lines.map(|number| number.trim().parse().unwrap()).collect()
}

/// Opens what is left and goes on. Gives how many messages the worker was told are sent.
fn check(directory: &Path, told: &Told) -> usize {
    let (sent, given) = (numbers(told, "sent "), numbers(told, "given "));
    let mut talk = Talk::open(directory);
    talk.establish();
    let unconfirmed = talk.unconfirmed();
    let mut known: HashSet<u64> = given.union(&unconfirmed.into_iter().collect()).copied().collect();
    talk.say(1_000_000);
    talk.carry();
    loop {
        let taken = talk.take();
        if taken.is_empty() {
            break;
        }
        for number in taken {
            assert!(known.insert(number), "{number} is given twice");
        }
    }
    assert!(known.contains(&1_000_000), "the session does not go on");
    let lost: Vec<&u64> = sent.difference(&known).collect();
    assert!(lost.is_empty(), "{lost:?} are lost");
    sent.len()
}

struct Crash {
    told: Told,
    traced: Traced,
    left: PathBuf,
}

fn crash(room: &TempDir, seed: u64, kill: Option<Kill>, survival: Survival) -> Crash {
    let [image, work, trace, left] = ["image", "work", "trace", "left"].map(|name| room.path().join(name));
    fs::create_dir_all(&image).unwrap();
    let _ = fs::remove_dir_all(&work);
    copy_tree(&image, &work);
    let _ = fs::remove_file(&trace);
    let _ = fs::remove_dir_all(&left);
    let shim = Shim { trace: trace.clone(), kill };
    let told = Worker::start(Path::new(WORKER), &work, &["talk", &format!("seed={seed}")], Some(&shim)).finish();
    let traced = rebuild(&image, &work, &trace, survival, &left);
    fs::create_dir_all(&left).unwrap();
    Crash { told, traced, left }
}

#[test]
fn the_loss_of_power_at_any_write_and_sync_loses_no_message_and_gives_none_twice() {
    let rounds = std::env::var("TALOS_CRASH_ROUNDS").ok().map_or(200, |n| n.parse().unwrap()) / 4;
    let room = TempDir::new().unwrap();
    let whole = crash(&room, 1, None, Survival::OnlySynced);
    assert!(whole.told.is_done(), "{:?}", whole.told.lines);
    assert!(check(&whole.left, &whole.told) > 10);
    let (syncs, writes) = (whole.traced.syncs.values().sum(), whole.traced.writes);
    let (mut random, mut counted) = (Random::new(7), 0);
    for round in 0..rounds {
        let (moment, most) = match random.below(3) {
            0 => (Moment::BeforeSync, syncs),
            1 => (Moment::AfterSync, syncs),
            _ => (Moment::Write, writes),
        };
        let kill = Kill { moment, nth: 1 + random.below(most), file: None };
        let survival = if random.one_in(2) { Survival::OnlySynced } else { Survival::Some(random.draw()) };
        let crash = crash(&room, 100 + round, Some(kill), survival);
        assert!(crash.told.was_killed() || crash.told.is_done(), "{:?}", crash.told.lines);
        let sent = check(&crash.left, &crash.told);
        counted += usize::from(crash.told.was_killed() && sent > 0);
    }
    assert!(counted as u64 * 2 > rounds, "{counted} of {rounds} crashes count");
}
