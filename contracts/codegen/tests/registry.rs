//! The registries say each thing once and completely.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use std::collections::BTreeSet;
use talos_contracts::{ErrorCode, Event, OPERATIONS, Operation};

const FAMILIES: &[&str] = &[
    "malformed",
    "signature",
    "did",
    "proof",
    "checkpoint",
    "trust",
    "receipt",
    "bundle",
    "policy",
    "preflight",
    "limit",
    "approval",
    "client",
    "mailbox",
    "budget",
    "drift",
    "standing",
    "clock",
    "call",
    "caller",
    "run",
    "store",
    "log",
    "key",
    "config",
    "session",
    "mcp",
    "notify",
    "operation",
    "context",
    "kernel",
    "input",
    "internal",
];

#[test]
fn every_code_is_unique_and_reads_back() {
    let texts: BTreeSet<&str> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(texts.len(), ErrorCode::ALL.len());
    for (i, code) in ErrorCode::ALL.iter().enumerate() {
        assert_eq!(*code as usize, i, "{code} has the row of another code");
        assert_eq!(ErrorCode::parse(code.as_str()), Some(*code));
        assert_eq!(code.as_str().parse(), Ok(*code));
    }
    assert_eq!(ErrorCode::parse("malformed.nothing"), None);
}

#[test]
fn the_registry_is_what_the_file_says() {
    let file = common::sources().errors.value;
    let file = file.as_object().unwrap();
    assert_eq!(file.len(), ErrorCode::ALL.len());
    for code in ErrorCode::ALL {
        let entry = &file[code.as_str()];
        assert_eq!(entry["status"], code.status());
        assert_eq!(entry["jsonrpc"], code.jsonrpc());
        assert_eq!(entry["retryable"], code.retryable());
        assert_eq!(entry["owasp"], code.owasp());
        assert_eq!(entry["stage"], code.stage());
        assert_eq!(entry["public"], code.public());
        assert_eq!(entry["help"], code.help());
        assert_eq!(entry.get("event").and_then(|event| event.as_str()), code.event().map(Event::as_str));
    }
}

#[test]
fn every_family_has_codes_and_every_code_a_family() {
    let used: BTreeSet<&str> = ErrorCode::ALL.iter().map(|code| code.as_str().split_once('.').unwrap().0).collect();
    assert_eq!(used, FAMILIES.iter().copied().collect());
}

#[test]
fn public_sentences_differ_and_hold_no_placeholders() {
    let sentences: BTreeSet<&str> = ErrorCode::ALL.iter().map(|code| code.public()).collect();
    assert_eq!(sentences.len(), ErrorCode::ALL.len());
    assert!(sentences.iter().all(|sentence| !sentence.contains(['{', '}', '%'])));
}

#[test]
fn every_operation_is_unique_and_verifiers_have_reasons() {
    let ids: BTreeSet<&str> = OPERATIONS.iter().map(|operation| operation.id).collect();
    assert_eq!(ids.len(), OPERATIONS.len());
    for operation in OPERATIONS {
        assert_eq!(Operation::find(operation.id), Some(operation));
        // Whoever verifies its own log gets an error; whoever verifies what others send gets an answer.
        let named = ["policy.check", "approval.check_code", "session.open"].contains(&operation.id)
            || operation.id.ends_with("verify")
            || operation.id.contains(".verify_");
        assert_eq!(operation.verifier, named && operation.pure, "{}", operation.id);
    }
    assert_eq!(Operation::find("audit.nothing"), None);
}
