//! What a policy hides from a reader of the log.

#![allow(clippy::unwrap_used)]

mod common;

use common::yaml;
use talos_contracts::{ActionKind, ErrorCode};
use talos_policy::{CompiledPolicy, TextGlob};

fn policy() -> CompiledPolicy {
    yaml(
        "id: t\nredact: [{kind: regex, pattern: \"[0-9]{16}\"}]\nblocked_patterns: [{id: keys, kind: substring, pattern: PRIVATE KEY}, {kind: substring, pattern: hunter2, only_for: {teams: [red]}}]\n",
    )
}

#[test]
fn a_text_is_hidden_by_the_first_pattern_that_matches_in_any_view() {
    let policy = policy();
    let cases = [
        ("-----BEGIN private KEY-----", Some("keys")),
        ("ＰＲＩＶＡＴＥ ＫＥＹ", Some("keys")),
        ("card 4111111111111111", Some("redact 1")),
        ("4111111111111111 private key", Some("redact 1")),
        ("my private key is hunter2", Some("keys")),
        ("bronze", None),
    ];
    for (text, name) in cases {
        assert_eq!(policy.redaction(text).as_deref(), name, "{text}");
    }
    assert_eq!((policy.redactions(), CompiledPolicy::builtin().redactions()), (3, 0));
}

#[test]
fn the_name_of_a_pattern_never_says_what_it_matches() {
    assert_eq!(policy().redaction("it is Hunter2!").as_deref(), Some("blocked_patterns 2"));
}

#[test]
fn the_uri_of_a_resource_is_also_read_without_its_percent_encoding() {
    let (policy, uri) = (policy(), "file:///home/%68unter2");
    assert_eq!(policy.target_redaction(ActionKind::ResourceRead, uri).as_deref(), Some("blocked_patterns 2"));
    assert_eq!(policy.target_redaction(ActionKind::ToolCall, uri), None);
    assert_eq!(policy.redaction(uri), None);
}

#[test]
fn a_glob_is_the_whole_text_and_one_star_stops_at_a_slash() {
    for (glob, text, expected) in [
        ("read_*", "read_file", true),
        ("read_*", "thread_file", false),
        ("read_*", "READ_FILE", false),
        ("file:///*", "file:///a", true),
        ("file:///*", "file:///a/b", false),
        ("file:///**", "file:///a/b", true),
        ("?", "é", true),
    ] {
        assert_eq!(TextGlob::compile(glob).unwrap().matches(text), expected, "{glob} {text}");
    }
}

#[test]
fn what_is_no_glob_is_an_error() {
    assert_eq!(TextGlob::compile("a***").map(|_| ()).unwrap_err().code, ErrorCode::MalformedValue);
}
