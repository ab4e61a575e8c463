//! A database that is not the one whose head was signed (`docs/spec/log.md`).

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};
use talos_contracts::ErrorCode;
use talos_crash_test::{Template, Worker, copy_tree, kernel_on};
use talos_kernel::Log;
use talos_shared::Home;
use talos_sqlite::FILE;

const WORKER: &str = env!("CARGO_BIN_EXE_talos-crash-worker");
const HEAD: &str = "log.head";

fn write(home: &Path, seed: u64) {
    let told = Worker::start(Path::new(WORKER), home, &["load", "calls=8", &format!("seed={seed}")], None).finish();
    assert!(told.is_done(), "{:?}", told.lines);
}

fn sign(home: &Path) {
    kernel_on(home).unwrap().log().checkpoint().unwrap();
}

/// A directory with a signed head, and a copy of it from before its last receipts.
fn with_backup(template: &Template) -> (PathBuf, PathBuf) {
    let (home, backup) = (template.home("home"), template.path("backup"));
    write(&home, 1);
    sign(&home);
    copy_tree(&home, &backup);
    write(&home, 2);
    sign(&home);
    (home, backup)
}

fn restore(backup: &Path, home: &Path, name: &str) {
    for file in [name.to_owned(), format!("{name}-wal"), format!("{name}-shm")] {
        let _ = fs::remove_file(home.join(&file));
        if backup.join(&file).exists() {
            fs::copy(backup.join(&file), home.join(&file)).unwrap();
        }
    }
}

/// Neither the kernel opens, nor does the log sign or verify.
fn assert_refused(directory: &Path, expected: ErrorCode) {
    assert_eq!(kernel_on(directory).map(|_| ()).unwrap_err().code, expected);
    let home = Home::open(directory).unwrap();
    let (store, heads, keys) = (home.store().unwrap(), home.heads(), home.keys().unwrap());
    let log = Log::new(&store, &heads, &keys, &home.configuration().origin);
    let before = fs::read(directory.join(HEAD)).ok();
    assert_eq!(log.checkpoint().unwrap_err().code, expected);
    assert_eq!(log.verify().unwrap_err().code, expected);
    assert_eq!(fs::read(directory.join(HEAD)).ok(), before, "the head stays");
}

#[test]
fn an_older_database_beside_its_key_is_refused() {
    let template = Template::new();
    let (home, backup) = with_backup(&template);
    drop(kernel_on(&home).unwrap());
    restore(&backup, &home, FILE);
    assert_refused(&home, ErrorCode::LogRolledBack);
}

#[test]
fn an_older_database_that_was_written_on_is_refused_as_a_fork() {
    let template = Template::new();
    let (home, backup) = with_backup(&template);
    for seed in 3..6 {
        write(&backup, seed);
    }
    restore(&backup, &home, FILE);
    assert_refused(&home, ErrorCode::LogForked);
}

#[test]
fn an_empty_database_beside_a_signed_head_is_refused() {
    let template = Template::new();
    let (home, _) = with_backup(&template);
    for file in [FILE.to_owned(), format!("{FILE}-wal"), format!("{FILE}-shm")] {
        let _ = fs::remove_file(home.join(file));
    }
    assert_refused(&home, ErrorCode::LogRolledBack);
}

#[test]
fn a_missing_head_is_refused_where_checkpoints_were_signed() {
    let template = Template::new();
    let (home, _) = with_backup(&template);
    fs::remove_file(home.join(HEAD)).unwrap();
    assert_refused(&home, ErrorCode::LogHeadMissing);
}

#[test]
fn a_head_that_is_no_head_is_refused() {
    let template = Template::new();
    let (home, _) = with_backup(&template);
    let good = fs::read_to_string(home.join(HEAD)).unwrap();
    for bad in ["", "12", good.trim_end(), &good.replace(' ', ""), &format!("-{good}"), &"x".repeat(100)] {
        fs::write(home.join(HEAD), bad).unwrap();
        assert_refused(&home, ErrorCode::StoreCorrupt);
    }
    fs::write(home.join(HEAD), good).unwrap();
    sign(&home);
}

#[test]
fn an_older_head_is_only_a_shorter_promise() {
    let template = Template::new();
    let (home, backup) = with_backup(&template);
    fs::copy(backup.join(HEAD), home.join(HEAD)).unwrap();
    sign(&home);
    assert_ne!(fs::read(home.join(HEAD)).unwrap(), fs::read(backup.join(HEAD)).unwrap());
}
