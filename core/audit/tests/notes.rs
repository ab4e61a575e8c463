//! Checkpoints and proof texts: the positive form, and everything one step away from it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests fail by panicking")]

use talos_audit::checkpoint::{self, Checkpoint, LogKey, SignedNote};
use talos_audit::proof::{self, TlogProof};
use talos_contracts::ErrorCode::{self, *};
use talos_contracts::scalar::B64;
use talos_crypto::SigningKey;

const ORIGIN: &str = "talos.example/log1";

fn key(n: u8) -> SigningKey {
    SigningKey::from_seed(&[n; 32])
}

fn log_key(n: u8) -> LogKey {
    LogKey::new(ORIGIN, key(n).verifying_key()).unwrap()
}

fn note() -> String {
    let checkpoint = Checkpoint { origin: ORIGIN.into(), size: 7, root: B64([3; 32]) };
    checkpoint::sign(&checkpoint, &key(2)).unwrap()
}

fn verify(note: &str) -> Result<(), ErrorCode> {
    let note = SignedNote::parse(note).map_err(|e| e.code)?;
    note.verify(&log_key(2)).map(|_| ()).map_err(|e| e.code)
}

#[test]
fn a_note_verifies_and_its_neighbours_do_not() {
    let note = note();
    assert_eq!(verify(&note), Ok(()));
    let neighbours: &[(&str, &str, ErrorCode)] = &[
        ("\n7\n", "\n8\n", CheckpointSignatureInvalid),
        ("\n7\n", "\n07\n", CheckpointMalformed),
        ("\n7\n", "\n+7\n", CheckpointMalformed),
        ("\n7\n", "\n7 \n", CheckpointMalformed),
        ("\n7\n", "\n18446744073709551616\n", CheckpointMalformed),
        ("\n7\n", "\n7\nextension\n", CheckpointMalformed),
        ("\n7\n", "\r\n7\n", CheckpointMalformed),
        ("talos.example/log1\n7", "talos.example/log2\n7", CheckpointSignatureInvalid),
        ("talos.example/log1\n7", "talos example/log1\n7", CheckpointMalformed),
        ("talos.example/log1\n7", "\n7", CheckpointMalformed),
        ("\u{2014} ", "- ", CheckpointMalformed),
        ("\u{2014} talos.example/log1", "\u{2014} talos.example/log2", CheckpointKeyUnknown),
        ("\u{2014} talos.example/log1", "\u{2014} ", CheckpointMalformed),
        ("=\n\n", "\n\n", CheckpointMalformed),
    ];
    for (from, to, code) in neighbours {
        assert!(note.contains(from), "{from:?}");
        assert_eq!(verify(&note.replacen(from, to, 1)), Err(*code), "{from:?} -> {to:?}");
    }
    assert_eq!(verify(note.trim_end()), Err(CheckpointMalformed));
    assert_eq!(verify(&format!("{note}\n")), Err(CheckpointMalformed));
    assert_eq!(verify(&"x".repeat(checkpoint::NOTE_BYTES + 1)), Err(CheckpointMalformed));
}

#[test]
fn lines_by_others_are_ignored_but_a_second_bad_line_by_the_key_spoils_the_note() {
    let note = note();
    let line = note.lines().last().unwrap();
    let (text, _) = note.rsplit_once(line).unwrap();
    let foreign =
        checkpoint::sign(&Checkpoint { origin: ORIGIN.into(), size: 8, root: B64([3; 32]) }, &key(4)).unwrap();
    let foreign = foreign.lines().last().unwrap();
    assert_eq!(verify(&format!("{text}{foreign}\n{line}\n")), Ok(()));
    assert_eq!(verify(&format!("{text}{foreign}\n")), Err(CheckpointKeyUnknown));
    let bad = checkpoint::sign(&Checkpoint { origin: ORIGIN.into(), size: 8, root: B64([3; 32]) }, &key(2)).unwrap();
    let bad = bad.lines().last().unwrap();
    assert_eq!(verify(&format!("{text}{line}\n{bad}\n")), Err(CheckpointSignatureInvalid));
    let many = format!("{foreign}\n").repeat(checkpoint::SIGNATURES_MAX);
    assert_eq!(verify(&format!("{text}{many}{line}\n")), Err(CheckpointMalformed));
}

#[test]
fn a_key_counts_for_its_own_origin_only() {
    let other = LogKey::new("talos.example/log2", key(2).verifying_key()).unwrap();
    let text = format!("{ORIGIN}\n7\n{}\n", talos_contracts::scalar::encode_base64(&[3; 32]));
    let mut value = other.key_id().to_vec();
    value.extend_from_slice(&key(2).sign(text.as_bytes()).0);
    let note = format!("{text}\n\u{2014} {} {}\n", other.name(), talos_contracts::scalar::encode_base64(&value));
    let code = SignedNote::parse(&note).unwrap().verify(&other).unwrap_err().code;
    assert_eq!(code, CheckpointOriginMismatch);
}

#[test]
fn verifier_keys_are_read_exactly() {
    let vkey = log_key(2).to_string();
    assert_eq!(LogKey::parse(&vkey).unwrap(), log_key(2));
    for (from, to, code) in [
        ("talos.example", "talos.Example", KeyMalformed),
        ("+fb4ce4a3+", "+fb4ce4a4+", KeyMalformed),
        ("+fb4ce4a3+", "+FB4CE4A3+", KeyMalformed),
        ("+A", "+B", KeyMalformed),
        ("+", "-", KeyMalformed),
    ] {
        assert!(vkey.contains(from));
        assert_eq!(LogKey::parse(&vkey.replacen(from, to, 1)).unwrap_err().code, code, "{from:?} -> {to:?}");
    }
}

#[test]
fn proof_texts_are_read_exactly() {
    let text = proof::write(2, &[B64([1; 32]), B64([2; 32])], &note());
    let parsed = TlogProof::parse(&text).unwrap();
    assert_eq!((parsed.index, parsed.path.len()), (2, 2));
    for (from, to, code) in [
        ("@v1", "@v2", ProofMalformed),
        ("index 2", "index 02", ProofMalformed),
        ("index 2", "index -2", ProofMalformed),
        ("index 2", "Index 2", ProofMalformed),
        ("AQEB", "AQE", ProofMalformed),
        ("AQE=\n", "AQE=\r\n", ProofMalformed),
        ("\n\ntalos", "\n\n\ntalos", CheckpointMalformed),
    ] {
        assert!(text.contains(from), "{from:?}");
        assert_eq!(TlogProof::parse(&text.replacen(from, to, 1)).unwrap_err().code, code, "{from:?} -> {to:?}");
    }
    let long = proof::write(2, &[B64([1; 32]); 64], &note());
    assert_eq!(TlogProof::parse(&long).unwrap_err().code, ProofMalformed);
}
