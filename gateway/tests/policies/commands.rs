//! What the commands print, and what they end with.

use crate::{out, policy, write};
use talos_shared::contracts::json::{self, Profile, Value};

const BASE: &str = "id: base\nallowed_tools: [{name: read_file, effect: read}]\n";
const CASES: &str = "cases:
  - {name: reading, action: {kind: tool_call, target: read_file}, expect: {verdict: allow, reasons: []}}
  - {name: writing, action: {kind: tool_call, target: write_file}, expect: {verdict: deny}}
";

fn json(text: &str) -> Value {
    json::parse(text.as_bytes(), Profile::Data).unwrap()
}

#[test]
fn a_policy_with_includes_is_checked_from_its_files() {
    let dir = tempfile::tempdir().unwrap();
    let base = write(dir.path(), "base.yaml", BASE);
    let checked = out(&policy(&["check", &base]));
    let hash = checked.trim().rsplit(' ').next().unwrap();
    let main = write(dir.path(), "main.yaml", &format!("id: main\nincludes: [{{file: base.yaml, hash: {hash}}}]\n"));
    let output = policy(&["check", &main]);
    assert!(output.status.success(), "{}", out(&output));
    assert!(out(&output).contains("1 tools"));
    write(dir.path(), "base.yaml", &BASE.replace("read_file", "delete_file"));
    let output = policy(&["check", &main]);
    assert_eq!(output.status.code(), Some(3));
    assert!(out(&output).contains("main.yaml:2:36: \"base.yaml\" is not what was pinned"), "{}", out(&output));
    std::fs::remove_file(&base).unwrap();
    let output = policy(&["check", &main]);
    assert_eq!(output.status.code(), Some(3));
    assert!(out(&output).contains("main.yaml:2:19: "), "{}", out(&output));
}

#[test]
fn cases_are_reported_one_a_line_and_a_failure_ends_with_1() {
    let dir = tempfile::tempdir().unwrap();
    let (base, cases) = (write(dir.path(), "base.yaml", BASE), write(dir.path(), "cases.yaml", CASES));
    let output = policy(&["test", &base, &cases]);
    assert!(output.status.success());
    assert_eq!(out(&output), "TAP version 14\n1..2\nok 1 - reading\nok 2 - writing\n# 2 passed, 0 failed\n");
    let wrong = write(dir.path(), "wrong.yaml", &CASES.replace("verdict: deny", "verdict: allow"));
    let output = policy(&["test", &base, &cases, &wrong]);
    assert_eq!(output.status.code(), Some(1));
    let text = out(&output);
    assert!(text.contains("not ok 4 - writing\n  # verdict: expected allow, found deny\n"), "{text}");
    assert!(text.contains("  # policy.tool_not_allowed: tool \"write_file\" is not in allowed_tools\n"), "{text}");
    let value = json(&out(&policy(&["test", "--json", &base, &wrong])));
    assert_eq!(value.get("failed").and_then(Value::as_i64), Some(1));
}

#[test]
fn a_file_of_cases_that_cannot_be_read_says_where() {
    let dir = tempfile::tempdir().unwrap();
    let base = write(dir.path(), "base.yaml", BASE);
    let cases = write(dir.path(), "cases.yaml", &CASES.replace("verdict: deny", "verdict: denied"));
    let output = policy(&["test", &base, &cases]);
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("cases.yaml:3:"), "{text}");
}

#[test]
fn two_policies_are_compared_rule_by_rule() {
    let dir = tempfile::tempdir().unwrap();
    let before = write(dir.path(), "a.yaml", &format!("{BASE}max_tool_calls_per_request: 5\n"));
    let after =
        "id: base\nallowed_tools: [read_file, write_file]\nconsent_required: true\nmax_tool_calls_per_request: 4\n";
    let after = write(dir.path(), "b.yaml", after);
    assert_eq!(out(&policy(&["diff", &before, &before])), "no difference\n");
    let text = out(&policy(&["diff", &before, &after]));
    for line in [
        "changed allowed_tools \"read_file\": wider or narrower\n    effect: \"read\" -> none\n",
        "added allowed_tools \"write_file\": wider\n",
        "added consent_required: narrower\n",
        "changed max_tool_calls_per_request: narrower\n    5 -> 4\n",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn a_layout_keeps_comments_and_meaning_and_is_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let text = "# Of everything.\nallowed_tools:  # by name\n- {effect: read, name: 'a b'}\n# The second.\n- name: \"no\"\nid: x\n";
    let file = write(dir.path(), "p.yaml", text);
    assert_eq!(policy(&["fmt", "--check", &file]).status.code(), Some(1));
    let laid_out = out(&policy(&["fmt", &file]));
    assert_eq!(
        laid_out,
        "id: x\n# Of everything.\nallowed_tools:  # by name\n  - {name: a b, effect: read}\n  # The second.\n  - {name: \"no\"}\n"
    );
    assert!(policy(&["fmt", "--write", &file]).status.success());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), laid_out);
    assert!(policy(&["fmt", "--check", &file]).status.success());
    let toml = write(dir.path(), "p.toml", "id = 'x' # here\n");
    let output = policy(&["fmt", &toml]);
    assert_eq!(output.status.code(), Some(3));
    assert!(out(&output).contains("p.toml:1:10: this file has comments"), "{}", out(&output));
}

#[cfg(unix)]
#[test]
fn a_layout_is_written_in_one_step_and_the_file_stays_what_it_was() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let dir = tempfile::tempdir().unwrap();
    let text = "allowed_tools: []\nid: x\n";
    let file = write(dir.path(), "p.yaml", text);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    // Who has the old file open goes on to read the old text, whole.
    let old = dir.path().join("old");
    std::fs::hard_link(&file, &old).unwrap();
    let link = dir.path().join("link.yaml");
    symlink(&file, &link).unwrap();
    assert!(policy(&["fmt", "--write", &link.display().to_string()]).status.success());
    assert_eq!(std::fs::read_to_string(&old).unwrap(), text);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "id: x\nallowed_tools: []\n");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 3, "nothing is left beside it");
}

#[test]
fn the_schema_is_one_document_that_needs_no_other() {
    let text = out(&policy(&["schema"]));
    let schema = json(&text);
    assert_eq!(schema.get("$schema").and_then(Value::as_str), Some("https://json-schema.org/draft/2020-12/schema"));
    let reference = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/reference/policy.schema.json");
    assert_eq!(text.trim_end(), std::fs::read_to_string(reference).unwrap().trim_end());
    let outside: Vec<&str> =
        text.lines().filter(|line| line.contains("\"$ref\"") && !line.contains("\"#/$defs/")).collect();
    assert!(outside.is_empty(), "{outside:?}");
    let definitions = schema.get("$defs").unwrap();
    for line in text.lines().filter(|line| line.contains("\"$ref\"")) {
        let name = line.split("#/$defs/").nth(1).unwrap().split('"').next().unwrap();
        assert!(definitions.get(name).is_some(), "{name}");
    }
}
