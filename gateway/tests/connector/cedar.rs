//! Cedar policies beside the policy: `talos mcp --cedar`, `talos policy check` and `talos policy cedar`.

use crate::session::{ALL, Place, code};
use std::fs;

const POLICIES: &str = r#"
permit(principal, action in Action::"tool_call", resource);
@id("no-write") forbid(principal, action == Action::"tool_call:write", resource) when { context.args has path && context.args.path like "/etc/*" };
forbid(principal, action == Action::"tool_call:echo", resource) unless { context.tool_hash_ok };
"#;

/// The fixture's tools; `write` has a path here, so it is not the tool that the fixture lists.
fn tools(echo: &str) -> String {
    format!(
        r#"[{{"name":"write","inputSchema":{{"type":"object","properties":{{"path":{{"type":"string"}}}}}}}},
            {{"name":"echo","description":"{echo}","inputSchema":{{"type":"object"}}}}]"#
    )
}

/// A place with these policies and tools, and the options for them.
fn place(tools: &str) -> (Place, [String; 4]) {
    let place = Place::new(ALL);
    let [policies, list] = ["p.cedar", "list.json"].map(|name| place.dir.join(name));
    fs::write(&policies, POLICIES).unwrap();
    fs::write(&list, tools).unwrap();
    let options = ["--cedar", &policies.display().to_string(), "--tools", &list.display().to_string()];
    let options = options.map(ToOwned::to_owned);
    (place, options)
}

#[test]
fn a_call_that_cedar_forbids_does_not_reach_the_server() {
    let (place, options) = place(&tools("echo, revision 1"));
    let mut session = place.connect_with(&options.each_ref().map(String::as_str));
    session.call(1, "write", r#"{"path":"/etc/passwd"}"#);
    assert_eq!(code(&session.receive()), "policy.cedar_denied");
    session.call(2, "write", r#"{"path":["/etc/passwd"]}"#);
    assert_eq!(code(&session.receive()), "policy.cedar_error");
    session.call(3, "write", r#"{"path":"/tmp/x"}"#);
    assert_eq!(code(&session.receive()), "none");
    assert_eq!(place.effects(), ["tools/call"]);
}

#[test]
fn cedar_knows_whether_a_tool_is_the_one_that_was_reviewed() {
    for (description, expected) in [("echo, revision 1", "none"), ("echo, revision 0", "policy.cedar_denied")] {
        let (place, options) = place(&tools(description));
        let mut session = place.connect_with(&options.each_ref().map(String::as_str));
        session.call(1, "echo", "{}");
        assert_eq!(code(&session.receive()), expected);
    }
}

#[test]
fn policies_that_do_not_fit_the_tools_stop_the_start() {
    let (place, options) = place("[]");
    let mut command = place.talos();
    command.arg("mcp").args(&options).arg("--").args(Place::server());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("p.cedar:3:"), "{errors}");
    assert!(errors.contains("unrecognized action"), "{errors}");
    assert!(place.recorded().is_empty());
}

#[test]
fn what_init_wrote_is_what_policies_are_checked_against() {
    let place = Place::new("");
    let mut command = place.talos();
    assert!(command.arg("init").arg("--").args(Place::server()).output().unwrap().status.success());
    let list = place.state().join("policy.tools.json");
    let policies = place.dir.join("p.cedar");
    let check = |text: &str| {
        fs::write(&policies, text).unwrap();
        let mut command = place.talos();
        command.args(["policy", "check"]).arg(&policies).arg("--tools").arg(&list);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    let (status, said) = check("permit(principal, action == Action::\"tool_call:write\", resource);");
    assert_eq!((status, said.lines().next()), (Some(0), Some("1 policies")));
    let (status, said) = check("permit(principal, action == Action::\"tool_call:wirte\", resource);");
    assert_eq!(status, Some(3));
    assert!(said.contains("p.cedar:1:29: unrecognized action"), "{said}");
}

#[test]
fn a_policy_is_shown_as_cedar_with_what_cedar_cannot_say() {
    let place =
        Place::new("id: p\nallowed_tools: [echo]\nallowed_resources: ['file:///**']\nmax_tool_calls_per_request: 3\n");
    let output = place.talos().args(["policy", "cedar"]).arg(place.dir.join("policy.yaml")).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let expected = "// Policy \"p\" of Talos, projected to Cedar: for analysis, not to replace it.
// Not projected: allowed_resources: its globs read URIs; here every resource is denied.

@id(\"allowed_tools/0\")
permit (principal, action in Action::\"tool_call\", resource == Tool::\"echo\");

@id(\"max_tool_calls_per_request\")
forbid (principal, action in Action::\"tool_call\", resource)
  when { context.calls_admitted + context.calls_in_flight >= 3 };
";
    assert_eq!(text.trim_end(), expected.trim_end());
}
