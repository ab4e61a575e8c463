//! Each policy of `policies/` loads, is laid out, warns of nothing that matters, and passes its cases.

use crate::{out, policy};
use std::path::PathBuf;
use talos_shared::policies::read_cases;

const NAMES: [&str; 8] = ["filesystem", "git", "sql", "browser", "mail", "payments", "shell", "agents"];
/// Cases that each policy has at least, and how many of them it has to deny.
const CASES: usize = 15;
const DENIED: usize = 10;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../policies").join(name)
}

fn text(name: &str) -> String {
    path(name).display().to_string()
}

#[test]
fn every_ready_policy_passes_its_cases() {
    for name in NAMES {
        let output = policy(&["test", &text(&format!("{name}.yaml")), &text(&format!("{name}.test.yaml"))]);
        assert!(output.status.success(), "{name}\n{}{}", out(&output), String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn init_writes_a_ready_policy_with_its_cases_and_says_which_there_are() {
    let talos = |dir: &std::path::Path, args: &[&str]| {
        std::process::Command::new(env!("CARGO_BIN_EXE_talos")).arg("--dir").arg(dir).args(args).output().unwrap()
    };
    for name in NAMES {
        let dir = tempfile::tempdir().unwrap();
        let made = talos(dir.path(), &["init", "--policy", name]);
        assert!(made.status.success(), "{name}: {}", String::from_utf8_lossy(&made.stderr));
        let file = |end: &str| dir.path().join(format!("policy.{end}")).display().to_string();
        assert!(policy(&["test", &file("yaml"), &file("test.yaml")]).status.success(), "{name}");
        assert_eq!(
            std::fs::read_to_string(file("yaml")).unwrap(),
            std::fs::read_to_string(path(&format!("{name}.yaml"))).unwrap()
        );
        let again = talos(dir.path(), &["init", "--policy", name]);
        assert!(String::from_utf8_lossy(&again.stderr).contains("stays as it is"), "{name}");
    }
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(out(&talos(dir.path(), &["init", "--policy", "list"])).trim(), NAMES.join(", "));
    let unknown = talos(dir.path(), &["init", "--policy", "files"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("one of filesystem, git"));
    assert!(!dir.path().join("keys").exists(), "nothing was made");
}

#[test]
fn every_ready_policy_has_cases_of_both_kinds() {
    for name in NAMES {
        let cases = read_cases(&path(&format!("{name}.test.yaml"))).unwrap().cases;
        let denied = cases.iter().filter(|case| case.expect.verdict.as_str() == "deny").count();
        assert!(
            cases.len() >= CASES && denied >= DENIED && denied < cases.len(),
            "{name}: {denied} of {}",
            cases.len()
        );
        let names: std::collections::HashSet<&String> = cases.iter().map(|case| &case.name).collect();
        assert_eq!(names.len(), cases.len(), "{name}");
    }
}

#[test]
fn no_policy_lies_here_without_cases_and_none_is_missing() {
    let entries = std::fs::read_dir(path("")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut found: Vec<String> = entries.filter(|name| name.ends_with(".yaml")).collect();
    found.sort();
    let both = |name: &&str| [format!("{name}.test.yaml"), format!("{name}.yaml")];
    let mut expected: Vec<String> = NAMES.iter().flat_map(both).collect();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn a_rule_less_fails_a_case() {
    // The cases of a policy hold it: each of its denials is there because of something.
    let text_of = std::fs::read_to_string(path("shell.yaml")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let weaker = crate::write(dir.path(), "shell.yaml", &text_of.replace("          - \"-*\"\n", ""));
    let output = policy(&["test", &weaker, &text("shell.test.yaml")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(out(&output).contains("not ok"), "{}", out(&output));
}
