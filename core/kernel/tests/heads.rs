//! The last signed head, kept outside the store (`docs/spec/log.md`).

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{ORIGIN, Rig, execute, json, keys};
use std::sync::atomic::{AtomicBool, Ordering};
use talos_contracts::{Error, ErrorCode};
use talos_crypto::SigningKey;
use talos_kernel::ports::{HeadKeeper, KeptHead, NextHead, Store};
use talos_kernel::{Action, Keys, Log};
use talos_memory::{MemoryHead, MemoryStore};

/// A head beside which another process signs its first checkpoint, just after it has been looked at.
struct Overtaken<'a> {
    head: MemoryHead,
    store: &'a MemoryStore,
    overtaken: AtomicBool,
}

impl HeadKeeper for Overtaken<'_> {
    fn load(&self) -> Result<Option<KeptHead>, Error> {
        let seen = self.head.load();
        if !self.overtaken.swap(true, Ordering::SeqCst) {
            Log::new(self.store, &self.head, &keys(), ORIGIN).checkpoint()?;
        }
        seen
    }

    fn exchange(&self, next: &mut NextHead<'_>) -> Result<(), Error> {
        self.head.exchange(next)
    }
}

#[test]
fn a_first_checkpoint_elsewhere_is_not_taken_for_a_missing_head() {
    let store = MemoryStore::default();
    let heads = Overtaken { head: MemoryHead::default(), store: &store, overtaken: AtomicBool::new(false) };
    assert_eq!(Log::new(&store, &heads, &keys(), ORIGIN).verify().unwrap().size, 0);
    assert!(store.checkpoint().unwrap().is_some());
}

#[test]
fn a_head_that_is_gone_is_missed_by_who_signs_and_by_who_verifies() {
    let store = MemoryStore::default();
    let (key, heads, gone) = (keys(), MemoryHead::default(), MemoryHead::default());
    Log::new(&store, &heads, &key, ORIGIN).checkpoint().unwrap();
    let log = Log::new(&store, &gone, &key, ORIGIN);
    assert_eq!(log.checkpoint().unwrap_err().code, ErrorCode::LogHeadMissing);
    assert_eq!(log.verify().unwrap_err().code, ErrorCode::LogHeadMissing);
}

#[test]
fn a_head_is_kept_before_its_signature_leaves() {
    let rig = Rig::new();
    drop(rig.run());
    let note = rig.log().checkpoint().unwrap();
    let size = rig.log().size().unwrap();
    assert_eq!(note.lines().nth(1), Some(size.to_string().as_str()));
    assert_eq!(rig.log().checkpoint().unwrap().lines().nth(2), note.lines().nth(2), "the same head again");
}

/// Nobody signs by hand: a store from before the run ends short of the head.
#[test]
fn the_head_moves_when_a_run_opens_and_when_it_closes() {
    let rig = Rig::new();
    let run = rig.run();
    assert_eq!(rig.head().size, rig.verify().size);
    execute(&run, &Action::tool_call("c1", "write_file", &json("{}")));
    run.close().unwrap();
    let report = rig.verify();
    assert_eq!((rig.head().size, rig.head().root), (report.size, report.root));
}

#[test]
fn receipts_of_another_issuer_do_not_verify_as_ours() {
    let rig = Rig::new();
    drop(rig.run());
    rig.verify();
    let foreign = Keys { sign: SigningKey::from_seed(&[77; 32]), ..keys() };
    assert_eq!(rig.log_of(&foreign).verify().unwrap_err().code, ErrorCode::TrustIssuerUnknown);
}
