//! Cedar policies of a kernel that an SDK opens (`docs/spec/cedar.md`).

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use talos_contracts::{Action, ErrorCode, KernelOpenInput, RunOpenInput, Verdict};
use talos_shared::sdk::{Kernel, Run};

const POLICY: &str = "id: t\nallowed_tools: [{name: pay, effect: spend}]\n";
const TOOLS: &str = r#"{"tools":[{"name":"pay","inputSchema":{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}}]}"#;
const CEDAR: &str = "permit(principal, action == Action::\"tool_call:pay\", resource) when { context.args.n < 10 };";

fn verdict(kernel: &Kernel, n: i64) -> (Verdict, Option<ErrorCode>) {
    let run = kernel.open_run(&RunOpenInput::default()).unwrap();
    let args = talos_contracts::json::Value::object([("n", n.into())]);
    let asked = run.authorize(Action { args: Some(args), ..Run::tool_call("pay") }).unwrap();
    let decision = asked.wait().unwrap().decision;
    (decision.verdict, decision.reasons.first().map(|reason| reason.code))
}

#[test]
fn a_kernel_decides_by_the_cedar_files_that_it_is_given() {
    let place = tempfile::tempdir().unwrap();
    let path = |name: &str| place.path().join(name).display().to_string();
    fs::write(path("p.cedar"), CEDAR).unwrap();
    fs::write(path("t.json"), TOOLS).unwrap();
    for memory in [true, false] {
        let input = KernelOpenInput {
            memory: Some(memory),
            directory: (!memory).then(|| path("home")),
            policy: Some(POLICY.to_owned()),
            cedar_paths: Some(vec![path("p.cedar")]),
            tools_path: Some(path("t.json")),
            ..Default::default()
        };
        let kernel = Kernel::open(&input).unwrap();
        assert_eq!(verdict(&kernel, 9), (Verdict::Allow, None));
        assert_eq!(verdict(&kernel, 10), (Verdict::Deny, Some(ErrorCode::PolicyCedarDenied)));
        kernel.close().unwrap();
    }
}

#[test]
fn a_directory_names_its_cedar_files_and_its_tools_lie_beside_the_policy() {
    let place = tempfile::tempdir().unwrap();
    let home = place.path().join("home");
    let input = KernelOpenInput { directory: Some(home.display().to_string()), ..Default::default() };
    Kernel::open(&input).unwrap().close().unwrap();
    fs::write(home.join("policy.yaml"), POLICY).unwrap();
    let configuration = fs::read_to_string(home.join("talos.toml")).unwrap();
    fs::write(home.join("talos.toml"), format!("{configuration}cedar = [\"p.cedar\"]\n")).unwrap();

    fs::write(home.join("p.cedar"), CEDAR).unwrap();
    let error = Kernel::open(&input).map(drop).unwrap_err();
    assert_eq!(error.code, ErrorCode::PolicyInvalid, "{error}");
    fs::write(home.join("policy.tools.json"), TOOLS).unwrap();
    let kernel = Kernel::open(&input).unwrap();
    assert_eq!(verdict(&kernel, 9), (Verdict::Allow, None));
    assert_eq!(verdict(&kernel, 10).0, Verdict::Deny);
    kernel.close().unwrap();

    fs::remove_file(home.join("p.cedar")).unwrap();
    assert_eq!(Kernel::open(&input).map(drop).unwrap_err().code, ErrorCode::PolicyNoPolicy);
    let none = KernelOpenInput { cedar_paths: Some(Vec::new()), ..input };
    assert_eq!(verdict(&Kernel::open(&none).unwrap(), 10), (Verdict::Allow, None));
}

#[test]
fn a_list_of_tools_that_is_none_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let path = |name: &str| place.path().join(name).display().to_string();
    fs::write(path("p.cedar"), "permit(principal, action, resource);").unwrap();
    for (text, words) in [
        ("{}", "neither an array of tools"),
        ("[1]", "tool 0 is no object with a name"),
        ("[{\"name\":\"a\"},{}]", "tool 1 is no object with a name"),
        ("[{\"name\":\"a\",\"name\":\"b\"}]", "name"),
        ("[{\"name\":\"a\"},{\"name\":\"a\"}]", "has \"a\" twice"),
    ] {
        fs::write(path("t.json"), text).unwrap();
        let input = KernelOpenInput {
            memory: Some(true),
            cedar_paths: Some(vec![path("p.cedar")]),
            tools_path: Some(path("t.json")),
            ..Default::default()
        };
        let error = Kernel::open(&input).map(drop).unwrap_err();
        assert!(error.detail.contains(words), "{text}: {error}");
    }
}
