//! A disk that is full, read-only or damaged: denied with a code of the store, and no tool runs
//! (`docs/spec/pipeline.md`, section 3).

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use talos_contracts::json::Value;
use talos_contracts::{ErrorCode, OutcomeStatus};
use talos_crash_test::{Template, Worker, copy_tree, is_of_the_store, kernel_on, ports};
use talos_kernel::{Action, Kernel, Run, Settlement};
use talos_shared::Home;
use talos_sqlite::{FILE, SqliteStore};

const WORKER: &str = env!("CARGO_BIN_EXE_talos-crash-worker");
const PAGE: usize = 4096;

/// A directory with a log of some size, at rest: no write-ahead log beside the database.
fn written(template: &Template, calls: &str) -> PathBuf {
    let home = template.home("home");
    let told = Worker::start(Path::new(WORKER), &home, &["load", calls, "large=3000"], None).finish();
    assert!(told.is_done(), "{:?}", told.lines);
    assert!(!home.join(format!("{FILE}-wal")).exists());
    home
}

fn open_run(kernel: &Kernel, home: &Home) -> Result<Run, talos_contracts::Error> {
    kernel.open_run(&kernel.new_id()?, &home.did()?)
}

/// What a host does with one call: the code of its denial, or nothing if the tool ran.
fn attempt(run: &Run, call: &str, target: &str, size: usize) -> Option<ErrorCode> {
    let args = Value::object([("text", Value::from("x".repeat(size)))]);
    let action = Action::tool_call(call, target, &args);
    let decision = run.authorize(&action);
    if !decision.allowed() {
        return Some(decision.code().unwrap());
    }
    if let Err(error) = run.start(call, &action) {
        return Some(error.code);
    }
    let _ = run.settle(call, &Settlement::new(OutcomeStatus::Ok, None)).and_then(|t| t.wait());
    None
}

#[test]
fn a_full_disk_denies_and_what_is_there_can_be_read_and_verified() {
    let template = Template::new();
    let directory = written(&template, "calls=20");
    let home = Home::open(&directory).unwrap();
    let store = Arc::new(home.store().unwrap());
    let pages = fs::metadata(directory.join(FILE)).unwrap().len() / PAGE as u64;
    store.set_max_pages(u32::try_from(pages).unwrap() + 40).unwrap();
    let keys = home.keys().unwrap();
    let kernel = Kernel::open(ports(&home, store.clone()), keys, home.config(), home.policy().unwrap()).unwrap();
    let run = open_run(&kernel, &home).unwrap();
    let mut calls = (0..1_000).map(|n| format!("c{n}"));
    let executed = calls.by_ref().take_while(|c| attempt(&run, c, "write_file", 9_000).is_none()).count();
    assert!((1..200).contains(&executed), "{executed}");

    // Small receipts may still fit; what does not is denied, write or read.
    for target in ["write_file", "wipe"] {
        let code = attempt(&run, &calls.next().unwrap(), target, 60_000);
        assert_eq!(code, Some(ErrorCode::StoreFull), "{target}");
    }
    let fits = (0..200).find_map(|_| attempt(&run, &calls.next().unwrap(), "write_file", 3_000));
    assert_eq!(fits, Some(ErrorCode::StoreFull));
    let before = kernel.log().verify().unwrap();
    assert!(before.size > executed as u64 * 2);
    let last = kernel.log().at(before.size - 1).unwrap();
    kernel.log().find(&last.sealed.id).unwrap();

    // Room again: the run goes on, and names what it left open.
    store.set_max_pages(1_000_000).unwrap();
    assert_eq!(attempt(&run, "after", "write_file", 60_000), None);
    run.close().unwrap();
    assert_eq!(kernel.log().verify().unwrap().summary.open, []);
}

#[test]
fn a_disk_without_room_for_anything_allows_not_even_reads() {
    let template = Template::new();
    let directory = written(&template, "calls=20");
    let home = Home::open(&directory).unwrap();
    let store = Arc::new(home.store().unwrap());
    let keys = home.keys().unwrap();
    let kernel = Kernel::open(ports(&home, store.clone()), keys, home.config(), home.policy().unwrap()).unwrap();
    let run = open_run(&kernel, &home).unwrap();
    store.set_max_pages(1).unwrap();
    let mut executed = BTreeSet::new();
    for n in 0..60 {
        let target = ["write_file", "read_file", "wipe"][n % 3];
        if attempt(&run, &format!("c{n}"), target, 2_000).is_none() {
            executed.insert(n);
        }
    }
    assert!(executed.iter().all(|n| *n < 10), "{executed:?}");
    assert_eq!(attempt(&run, "read", "read_file", 2_000), Some(ErrorCode::StoreFull));
    kernel.log().verify().unwrap();
}

/// Runs the worker's probe as somebody for whom permissions count.
fn probe(template: &Template, home: &Path) -> Vec<String> {
    const NOBODY: u32 = 65_534;
    let program = template.path("worker");
    fs::copy(WORKER, &program).unwrap();
    let mut command = Command::new(&program);
    command.arg("probe").arg(home);
    if fs::metadata(home).unwrap().uid() == 0 {
        fs::set_permissions(template.path(""), fs::Permissions::from_mode(0o755)).unwrap();
        for path in ["keys/sign.pem", "keys/log.pem", "keys"] {
            chown(home.join(path), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        command.uid(NOBODY).gid(NOBODY);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(ToOwned::to_owned).collect()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_database_that_cannot_be_written_runs_nothing() {
    let template = Template::new();
    let home = written(&template, "calls=20");
    for (file, directory) in [(0o444, 0o777), (0o444, 0o555), (0o666, 0o555)] {
        set_mode(&home.join(FILE), file);
        set_mode(&home, directory);
        let lines = probe(&template, &home);
        set_mode(&home, 0o755);
        let executed = lines.iter().any(|l| l.starts_with("executed"));
        assert!(!executed, "{file:o} in {directory:o}: {lines:?}");
        let codes = ["error store.read_only", "error store.unavailable", "error store.io"];
        assert!(lines.iter().any(|l| codes.contains(&l.as_str())), "{file:o} in {directory:o}: {lines:?}");
    }
    // The same probe on the same directory runs, where it may write.
    set_mode(&home.join(FILE), 0o666);
    set_mode(&home, 0o777);
    set_mode(&home.join("writers"), 0o777);
    for entry in fs::read_dir(&home).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            set_mode(&path, 0o666);
        }
    }
    let lines = probe(&template, &home);
    assert_eq!(lines, ["executed write_file", "executed read_file", "executed wipe", "done"]);
}

/// What became of a damaged directory.
#[derive(Debug, Default)]
struct Damage {
    opens: bool,
    executed: bool,
    codes: BTreeSet<&'static str>,
    readable: u64,
    verifies: Option<talos_contracts::scalar::Hash>,
}

impl Damage {
    fn note(&mut self, code: ErrorCode) {
        self.codes.insert(code.as_str());
    }
}

/// Does everything with it that a host does. Panics of the code under test would fail the test.
fn use_damaged(directory: &Path, size: u64) -> Damage {
    let mut damage = Damage::default();
    let home = Home::open(directory).unwrap();
    match home.store() {
        Err(error) => damage.note(error.code),
        Ok(store) => {
            let (heads, keys) = (home.heads(), home.keys().unwrap());
            let log = talos_kernel::Log::new(&store, &heads, &keys, &home.configuration().origin);
            damage.readable = (0..size).filter(|i| log.at(*i).is_ok()).count() as u64;
            match log.verify() {
                Ok(report) => damage.verifies = Some(report.root),
                Err(error) => damage.note(error.code),
            }
        }
    }
    match kernel_on(directory).and_then(|k| open_run(&k, &home).map(|run| (k, run))) {
        Err(error) => damage.note(error.code),
        Ok((_kernel, run)) => {
            damage.opens = true;
            match attempt(&run, "c", "write_file", 10) {
                None => damage.executed = true,
                Some(code) => damage.note(code),
            }
        }
    }
    damage
}

#[test]
fn a_damaged_page_is_found_and_the_rest_can_be_read() {
    let template = Template::new();
    let home = written(&template, "calls=60");
    let sound = kernel_on(&home).unwrap().log().verify().unwrap();
    let bytes = fs::read(home.join(FILE)).unwrap();
    let pages = bytes.len() / PAGE;
    assert!(pages > 40);
    let copy = template.path("damaged");
    let (mut noticed, mut partly) = (0, 0);
    for page in 0..pages {
        let mut damaged = bytes.clone();
        damaged[page * PAGE..(page + 1) * PAGE].fill(0xa5);
        copy_tree(&home, &copy);
        fs::write(copy.join(FILE), damaged).unwrap();
        let damage = use_damaged(&copy, sound.size);
        // A page of a table that evidence does not need may be gone; then all of the evidence is there.
        assert!(damage.verifies.is_none_or(|root| root == sound.root), "page {page}: {damage:?}");
        noticed += u64::from(damage.codes.contains("store.corrupt"));
        partly += u64::from(damage.verifies.is_none() && damage.readable > 0);
        if !damage.opens || !damage.executed {
            assert!(damage.codes.iter().any(|c| c.starts_with("store.")), "page {page}: {damage:?}");
        }
        assert!(damage.codes.iter().all(|c| c.starts_with("store.")), "page {page}: {damage:?}");
    }
    assert!(noticed as usize > pages / 2, "{noticed} of {pages} pages");
    assert!(partly > 5, "{partly} of {pages} pages leave other receipts readable");
}

#[test]
fn a_flipped_bit_in_a_receipt_is_found() {
    let template = Template::new();
    let home = written(&template, "calls=20");
    let kernel = kernel_on(&home).unwrap();
    let sound = kernel.log().verify().unwrap();
    let receipts: Vec<Vec<u8>> = (0..sound.size).map(|i| kernel.log().at(i).unwrap().sealed.body).collect();
    drop(kernel);
    let bytes = fs::read(home.join(FILE)).unwrap();
    let copy = template.path("damaged");
    let mut flipped = 0;
    for body in receipts.iter().step_by(5) {
        // A receipt that goes over to another page does not lie in the file in one piece, and one that was moved lies
        // there twice.
        let places: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(body)).collect();
        if places.is_empty() {
            continue;
        }
        let mut damaged = bytes.clone();
        places.iter().for_each(|at| damaged[at + body.len() / 2] ^= 1);
        copy_tree(&home, &copy);
        fs::write(copy.join(FILE), damaged).unwrap();
        let damage = use_damaged(&copy, sound.size);
        assert_eq!(damage.verifies, None);
        assert_eq!(damage.readable, sound.size);
        flipped += 1;
    }
    assert!(flipped > 3, "{flipped}");
}

#[test]
fn a_row_that_was_changed_by_hand_is_found() {
    let template = Template::new();
    let home = written(&template, "calls=20");
    let sound = kernel_on(&home).unwrap().log().verify().unwrap();
    let copy = template.path("damaged");
    // Each of them leaves a database that SQLite finds nothing wrong with.
    for change in [
        "UPDATE nodes SET hash = zeroblob(32) WHERE level = 1 AND idx = 0",
        "DELETE FROM nodes WHERE level = 2 AND idx = 1",
        "UPDATE nodes SET hash = (SELECT hash FROM nodes WHERE level = 1 AND idx = 1) WHERE level = 1 AND idx = 0",
        "UPDATE receipts SET id = zeroblob(32) WHERE idx = 3",
        "UPDATE receipts SET body = CAST(replace(body, 'read_file', 'rear_file') AS BLOB)",
        "UPDATE receipts SET body = (SELECT body FROM receipts WHERE idx = 4) WHERE idx = 3",
        "UPDATE receipts SET signature = zeroblob(64) WHERE idx = 3",
        "UPDATE receipts SET signature = NULL WHERE idx = 3",
        "DELETE FROM receipts WHERE idx = 3",
        "DELETE FROM receipts WHERE idx = (SELECT max(idx) FROM receipts)",
        "UPDATE head SET size = size - 1",
        "UPDATE head SET size = 0, peaks = x''",
        "UPDATE head SET peaks = zeroblob(length(peaks))",
    ] {
        copy_tree(&home, &copy);
        let connection = rusqlite::Connection::open(copy.join(FILE)).unwrap();
        assert!(connection.execute(change, []).unwrap() > 0, "{change}");
        drop(connection);
        let damage = use_damaged(&copy, sound.size);
        assert_eq!(damage.verifies, None, "{change}: {damage:?}");
    }
}

#[test]
fn a_truncated_database_is_refused() {
    let template = Template::new();
    let home = written(&template, "calls=60");
    let kernel = kernel_on(&home).unwrap();
    kernel.log().checkpoint().unwrap();
    let size = kernel.log().size().unwrap();
    drop(kernel);
    let bytes = fs::read(home.join(FILE)).unwrap();
    let copy = template.path("damaged");
    let pages = bytes.len() / PAGE;
    for keep in [1, 100, 2_000, PAGE - 1, PAGE, PAGE + 1, PAGE * 2, pages / 2 * PAGE, (pages - 1) * PAGE] {
        copy_tree(&home, &copy);
        fs::write(copy.join(FILE), &bytes[..keep]).unwrap();
        let damage = use_damaged(&copy, size);
        assert!(!damage.executed && damage.verifies.is_none(), "{keep} bytes: {damage:?}");
        // Less than a header is an empty database to SQLite; the head beside the key knows better.
        let expected = if keep < 100 { "log.rolled_back" } else { "store.corrupt" };
        assert!(damage.codes.contains(expected), "{keep} bytes: {damage:?}");
    }
    copy_tree(&home, &copy);
    fs::write(copy.join(FILE), b"").unwrap();
    let damage = use_damaged(&copy, size);
    assert!(!damage.executed, "{damage:?}");
    assert_eq!(damage.codes, BTreeSet::from([ErrorCode::LogRolledBack.as_str()]));
}

#[test]
fn a_database_of_another_version_is_refused() {
    let template = Template::new();
    let home = written(&template, "calls=4");
    let mut bytes = fs::read(home.join(FILE)).unwrap();
    // Big-endian at offset 60 of the header: user_version.
    bytes[63] = 200;
    fs::write(home.join(FILE), bytes).unwrap();
    let error = SqliteStore::open(&home).map(|_| ()).unwrap_err();
    assert_eq!(error.code, ErrorCode::StoreVersion);
    assert!(is_of_the_store(error.code));
}
