//! The power goes at any moment: what was acknowledged is there (`docs/spec/pipeline.md`, section 5).

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use talos_contracts::BudgetUnit;
use talos_crash_test::{
    Kill, Moment, Random, Shim, Survival, Template, Told, Traced, Worker, check, copy_tree, rebuild,
};

const WORKER: &str = env!("CARGO_BIN_EXE_talos-crash-worker");
/// Crashes of one directory, one after the other.
const CRASHES_OF_A_DIRECTORY: u64 = 8;

/// One worker on a directory, and the disk that it leaves. `image` is what was on the disk before.
struct Crash {
    told: Told,
    traced: Traced,
}

struct Scene<'a> {
    template: &'a Template,
    name: String,
    store: &'a str,
    large: u64,
    checkpoints: u64,
}

impl Scene<'_> {
    fn path(&self, what: &str) -> std::path::PathBuf {
        self.template.path(&format!("{}-{what}", self.name))
    }

    /// Runs a worker on a copy of `image`, and builds `left` from its trace.
    fn crash(&self, image: &Path, seed: u64, kill: Option<Kill>, survival: Survival, left: &Path) -> Crash {
        let (work, trace) = (self.path("work"), self.path("trace"));
        copy_tree(image, &work);
        let _ = std::fs::remove_file(&trace);
        let options = [format!("seed={seed}"), format!("store={}", self.store), format!("large={}", self.large)];
        let checkpoints = format!("checkpoints={}", self.checkpoints);
        let arguments = ["load", "threads=4", "calls=24", &checkpoints, &options[0], &options[1], &options[2]];
        let shim = Shim { trace: trace.clone(), kill };
        let told = Worker::start(Path::new(WORKER), &work, &arguments, Some(&shim)).finish();
        let _ = std::fs::remove_dir_all(left);
        let traced = rebuild(image, &work, &trace, survival, left);
        Crash { told, traced }
    }
}

fn at_write(random: &mut Random, whole: &Traced) -> Kill {
    Kill { moment: Moment::Write, nth: 1 + random.below(whole.writes), file: None }
}

/// At a sync: each of them alike, or first a file and then one of its syncs, so that rare ones are met too.
fn at_sync(random: &mut Random, whole: &Traced, moment: Moment) -> Kill {
    if random.one_in(3) {
        let (file, syncs) = whole.syncs.iter().nth(random.below(whole.syncs.len() as u64) as usize).unwrap();
        return Kill { moment, nth: 1 + random.below(*syncs), file: Some(file.clone()) };
    }
    Kill { moment, nth: 1 + random.below(whole.syncs.values().sum()), file: None }
}

fn choose_kill(random: &mut Random, whole: &Traced) -> Kill {
    match random.below(5) {
        0 | 1 => at_sync(random, whole, Moment::BeforeSync),
        2 | 3 => at_sync(random, whole, Moment::AfterSync),
        _ => at_write(random, whole),
    }
}

fn choose_survival(random: &mut Random) -> Survival {
    if random.one_in(2) { Survival::OnlySynced } else { Survival::Some(random.draw()) }
}

fn rounds() -> u64 {
    std::env::var("TALOS_CRASH_ROUNDS").ok().map_or(200, |n| n.parse().unwrap())
}

#[test]
fn every_acknowledged_receipt_survives_the_loss_of_power() {
    let rounds = rounds();
    let (counted, next) = (AtomicU64::new(0), AtomicU64::new(0));
    let places: Mutex<BTreeMap<String, u64>> = Mutex::default();
    let lane = || {
        while counted.load(Ordering::SeqCst) < rounds {
            let number = next.fetch_add(1, Ordering::SeqCst);
            assert!(number < rounds, "crashes do not count: {:?}", places.lock().unwrap());
            for (told, traced) in crash_one_directory(number) {
                if told.was_cut_off() && counted.fetch_add(1, Ordering::SeqCst) < rounds {
                    *places.lock().unwrap().entry(traced.killed_at.unwrap()).or_default() += 1;
                }
            }
        }
    };
    std::thread::scope(|scope| {
        let lanes = [scope.spawn(lane), scope.spawn(lane)];
        lanes.into_iter().for_each(|l| l.join().unwrap());
    });
    let places = places.into_inner().unwrap();
    println!("{rounds} crashes, at {places:?}");
    if rounds >= 200 {
        for place in ["talos.db-wal", "talos.db", "log.head.new"] {
            assert!(places.get(place).is_some_and(|n| *n >= 3), "hardly a crash at {place}: {places:?}");
        }
    }
}

/// Crashes a directory again and again; what is left of it is checked each time.
fn crash_one_directory(number: u64) -> Vec<(Told, Traced)> {
    let template = Template::new();
    // Every third directory writes so much that the store moves its write-ahead log into the database as it goes.
    let large = if number % 3 == 2 { 60_000 } else { 10_000 };
    let scene = Scene { template: &template, name: "scene".into(), store: "full", large, checkpoints: 3 };
    let mut random = Random::new(number + 1);
    // What is reserved does not wait for the disk; that it is there when its receipt is, is checked as well.
    let image = template.home_with_budget("image", BudgetUnit::Calls, 1_000_000);
    let left = template.path("left");
    let mut seen = Vec::new();
    let whole = scene.crash(&image, number, None, Survival::OnlySynced, &left);
    assert!(whole.told.is_done(), "{:?}", whole.told.lines);
    check(&left, &whole.told.acknowledged).unwrap();
    for round in 0..CRASHES_OF_A_DIRECTORY {
        let (kill, survival) = (choose_kill(&mut random, &whole.traced), choose_survival(&mut random));
        let crash = scene.crash(&image, number * 100 + round, Some(kill.clone()), survival, &left);
        assert!(crash.told.was_killed() || crash.told.is_done(), "{:?}", crash.told.lines);
        let opened = template.path("opened");
        copy_tree(&left, &opened);
        if let Err(why) = check(&opened, &crash.told.acknowledged) {
            panic!("directory {number}, round {round}, {kill:?}, {survival:?}: {why}");
        }
        // The next worker finds the disk as the crash left it, or as its successor has put it in order.
        copy_tree(if random.one_in(2) { &left } else { &opened }, &image);
        seen.push((crash.told, crash.traced));
    }
    seen
}

/// How many of these crashes count, and what is wrong after them.
fn faults(store: &str, kills: impl Fn(&mut Random, &Traced) -> Kill) -> (usize, Vec<String>) {
    let template = Template::new();
    let scene = Scene { template: &template, name: store.into(), store, large: 10_000, checkpoints: 0 };
    let image = template.home("image");
    let left = template.path("left");
    let whole = scene.crash(&image, 1, None, Survival::OnlySynced, &left);
    assert!(whole.traced.writes > 0);
    let (mut counted, mut faults) = (0, Vec::new());
    let mut random = Random::new(7);
    for round in 0..40 {
        if counted == 10 {
            break;
        }
        let kill = kills(&mut random, &whole.traced);
        let crash = scene.crash(&image, round, Some(kill), Survival::OnlySynced, &left);
        if crash.told.was_cut_off() {
            counted += 1;
            faults.extend(check(&left, &crash.told.acknowledged).err());
        }
    }
    assert!(counted >= 5, "only {counted} crashes count");
    (counted, faults)
}

fn is_a_loss(fault: &str) -> bool {
    fault.starts_with("an acknowledged receipt is lost")
}

#[test]
fn a_store_that_does_not_sync_is_found_out() {
    let (counted, faults) = faults("off", at_write);
    // The head beside the key was synced: mostly it is newer than what is left of the database.
    let found = |fault: &&String| is_a_loss(fault) || fault.contains("log.rolled_back");
    assert_eq!(faults.iter().filter(found).count(), counted, "{faults:?}");
}

#[test]
fn a_store_that_acknowledges_before_the_commit_is_found_out() {
    let (counted, faults) = faults("early", |random, whole| at_sync(random, whole, Moment::BeforeSync));
    assert!(faults.iter().filter(|f| is_a_loss(f)).count() * 2 > counted, "{counted} crashes: {faults:?}");
}

#[test]
fn the_same_crashes_find_no_fault_in_an_honest_store() {
    let none: [String; 0] = [];
    assert_eq!(faults("full", at_write).1, none);
    assert_eq!(faults("full", |random, whole| at_sync(random, whole, Moment::BeforeSync)).1, none);
}
