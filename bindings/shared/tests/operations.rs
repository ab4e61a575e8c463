//! Every operation of the table has code behind it, and its documented example is true.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests fail by panicking")]

use std::collections::BTreeSet;
use std::fs;
use talos_contracts::json::{self, Limits, Profile, Value};
use talos_contracts::{ErrorCode, OPERATIONS, Operation};
use talos_policy::{Format, read_document};
use talos_shared::sdk::Door;
use talos_shared::{call, call_line};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../contracts/operations");

/// Id and description of each operation, from the files that the table is generated from.
fn documented() -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(FOLDER).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read(&path).unwrap();
        let file = read_document(&text, Format::Yaml, &path.display().to_string()).unwrap();
        let members = file.as_object().unwrap().iter();
        all.extend(members.filter(|m| m.name.contains('.')).map(|m| (m.name.clone(), m.value.clone())));
    }
    all
}

#[test]
fn the_table_has_every_documented_operation() {
    let table: BTreeSet<&str> = OPERATIONS.iter().map(|o| o.id).collect();
    let documented = documented();
    let files: BTreeSet<&str> = documented.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(table, files);
    assert_eq!(table.len(), OPERATIONS.len());
}

fn has_input(operation: &Value) -> bool {
    operation.get("input").and_then(Value::as_object).is_some_and(|parts| !parts.is_empty())
}

#[test]
fn the_documented_examples_are_true() {
    for (id, operation) in documented() {
        // Without an input, the answer is a document that is its own example.
        if !Operation::find(&id).unwrap().pure || !has_input(&operation) {
            continue;
        }
        let example = operation.get("example").unwrap_or_else(|| panic!("{id} has no example"));
        let input = json::canonical(example.get("input").unwrap());
        let output = call(&id, &input).unwrap_or_else(|e| panic!("{id}: {e}"));
        let expected = json::canonical(example.get("output").unwrap());
        assert_eq!(String::from_utf8_lossy(&output), String::from_utf8_lossy(&expected), "{id}");
    }
}

#[test]
fn each_operation_reads_its_input_strictly() {
    let door = Door::new();
    let inputless = documented().into_iter().filter(|(_, operation)| !has_input(operation));
    let inputless: BTreeSet<String> = inputless.map(|(id, _)| id).collect();
    for operation in OPERATIONS {
        let code = |input: &[u8]| door.call(operation.id, input).unwrap_err().code;
        assert_eq!(code(b"{"), ErrorCode::MalformedSyntax, "{}", operation.id);
        assert_eq!(code(b"{\"x\":1,\"x\":1}"), ErrorCode::MalformedDuplicateName, "{}", operation.id);
        assert_eq!(code(b"{\"no_such_member\":1}"), ErrorCode::MalformedMemberUnknown, "{}", operation.id);
        if operation.pure && inputless.contains(operation.id) {
            assert!(call(operation.id, b"{}").is_ok(), "{}", operation.id);
        } else if operation.pure {
            assert_eq!(code(b"{}"), ErrorCode::MalformedMemberMissing, "{}", operation.id);
        } else {
            assert_eq!(call(operation.id, b"{}").unwrap_err().code, ErrorCode::KernelNotOpen, "{}", operation.id);
        }
    }
    assert_eq!(call("no.such", b"{}").unwrap_err().code, ErrorCode::OperationUnknown);
}

#[test]
fn each_line_gets_one_answer_and_none_panics() {
    let lines: [&[u8]; 6] = [b"", b"null", b"[]", b"\xff", b"{\"a\":[[[[]]]]}", &[b'['; 100_000]];
    for operation in OPERATIONS {
        for line in lines {
            let answer = call_line(operation.id, line);
            assert!(!answer.contains(&b'\n'));
            let value = json::parse_with(&answer, Profile::Data, Limits { depth: 64, bytes: 1 << 20 }).unwrap();
            let refused = value.get("code").is_some() || value.get("valid") == Some(&Value::from(false));
            assert!(refused, "{}: {}", operation.id, String::from_utf8_lossy(&answer));
        }
    }
}

/// A verifier answers, whatever the bytes are.
#[test]
fn verifiers_answer_false_for_bytes_that_are_none() {
    let answer = |operation: &str, input: &str| {
        let output = call(operation, input.as_bytes()).unwrap();
        let value = json::parse(&output, Profile::Data).unwrap();
        assert_eq!(value.get("valid"), Some(&Value::from(false)), "{operation} {input}");
        value.get("reason").and_then(Value::as_str).unwrap().to_owned()
    };
    let key = "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w";
    let inclusion = |size: &str, leaf: &str| {
        format!(r#"{{"leaf_hash":"{leaf}","index":0,"size":{size},"proof":[],"root":"{key}"}}"#)
    };
    assert_eq!(
        answer("ed25519.verify", &format!(r#"{{"public_key":"{key}","message":"","signature":"AA"}}"#)),
        "signature.invalid"
    );
    assert_eq!(
        answer("ed25519.verify", r#"{"public_key":"AA","message":"","signature":"AA"}"#),
        "signature.key_invalid"
    );
    assert_eq!(
        answer("ed25519.verify", &format!(r#"{{"public_key":"{key}","message":"","signature":"A"}}"#)),
        "malformed.base64"
    );
    assert_eq!(answer("audit.verify_inclusion", &inclusion("\"9223372036854775809\"", key)), "proof.size_out_of_range");
    assert_eq!(
        answer("audit.verify_inclusion", &inclusion("\"18446744073709551615\"", key)),
        "proof.size_out_of_range"
    );
    assert_eq!(answer("audit.verify_inclusion", &inclusion("\"18446744073709551616\"", key)), "malformed.value");
    assert_eq!(answer("audit.verify_inclusion", &inclusion("9223372036854775809", key)), "proof.size_out_of_range");
    assert_eq!(answer("audit.verify_inclusion", &inclusion("9007199254740993", key)), "proof.length");
    assert_eq!(answer("audit.verify_inclusion", &inclusion("18446744073709551616", key)), "malformed.value");
    assert_eq!(answer("audit.verify_inclusion", &inclusion("-1", key)), "malformed.value");
    assert_eq!(answer("audit.verify_inclusion", &inclusion("1", "AAAA")), "malformed.base64");
    assert_eq!(
        answer(
            "audit.verify_consistency",
            &format!(r#"{{"size1":0,"size2":1,"proof":[],"root1":"{key}","root2":"{key}"}}"#)
        ),
        "proof.from_empty"
    );
    assert_eq!(answer("bundle.verify", r#"{"bundle":"","log_keys":[],"issuers":[]}"#), "malformed.syntax");
    assert_eq!(answer("bundle.verify", r#"{"bundle":"{}"}"#), "malformed.member_missing");
    assert_eq!(answer("bundle.verify", r#"{"bundle":{},"log_keys":[],"issuers":[]}"#), "malformed.member_missing");
    assert_eq!(answer("receipt.verify", r#"{"envelope":"{"}"#), "malformed.syntax");
}
