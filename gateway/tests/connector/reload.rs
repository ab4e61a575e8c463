//! Files that decide, changed while the connector runs: each is put in force whole, or nothing is.

use crate::session::{ALL, Place, Session, code, eventually};
use std::fs;
use std::path::Path;
use std::time::Duration;
use talos_shared::load_policy;

/// Longer than the pause between two looks.
const TWO_LOOKS: Duration = Duration::from_secs(2);

/// A policy that is nothing but what another file says, as that is now.
fn root(included: &Path) -> String {
    let hash = load_policy(included).unwrap().hash().to_b64();
    format!("id: root\nincludes: [{{file: base.yaml, hash: {hash}}}]\n")
}

/// Another text in one step: a file that is half written would be seen and told of.
fn replace(path: &Path, text: &str) {
    let new = path.with_extension("new");
    fs::write(&new, text).unwrap();
    fs::rename(&new, path).unwrap();
}

/// Calls until the answer is this one.
fn until(session: &mut Session, next: &mut i64, tool: &str, expected: &str) {
    eventually("the files are in force", || {
        *next += 1;
        session.call(*next, tool, "{}");
        code(&session.receive()) == expected
    });
}

#[test]
fn an_included_file_that_comes_after_its_pin_is_put_in_force() {
    let place = Place::new("");
    let (policy, base) = (place.dir.join("policy.yaml"), place.dir.join("base.yaml"));
    fs::write(&base, "id: base\nallowed_tools: [echo]\n").unwrap();
    fs::write(&policy, root(&base)).unwrap();
    let (mut session, mut next) = (place.connect(), 0);
    until(&mut session, &mut next, "write", "policy.tool_not_allowed");

    let other = place.dir.join("other.yaml");
    fs::write(&other, "id: base\nallowed_tools: [write]\n").unwrap();
    replace(&policy, &root(&other));
    std::thread::sleep(TWO_LOOKS);
    session.call(1_000, "echo", "{}");
    assert_eq!(code(&session.receive()), "none", "the old files stay in force until the new ones are whole");
    fs::rename(&other, &base).unwrap();
    until(&mut session, &mut next, "write", "none");
    session.call(1_001, "echo", "{}");
    assert_eq!(code(&session.receive()), "policy.tool_not_allowed");
}

#[test]
fn cedar_policies_are_put_in_force_and_broken_ones_are_not() {
    let place = Place::new(ALL);
    let [policies, list] = ["p.cedar", "list.json"].map(|name| place.dir.join(name));
    let permit = "permit(principal, action in Action::\"tool_call\", resource);\n";
    let forbid = |tool: &str| format!("{permit}forbid(principal, action == Action::\"tool_call:{tool}\", resource);\n");
    let tools = |names: &[&str]| {
        let tools: Vec<String> =
            names.iter().map(|name| format!(r#"{{"name":"{name}","inputSchema":{{"type":"object"}}}}"#)).collect();
        format!("[{}]", tools.join(","))
    };
    fs::write(&policies, forbid("write")).unwrap();
    fs::write(&list, tools(&["write"])).unwrap();
    let options = ["--cedar", policies.to_str().unwrap(), "--tools", list.to_str().unwrap()];
    let (mut session, mut next) = (place.connect_with(&options), 0);
    until(&mut session, &mut next, "write", "policy.cedar_denied");
    replace(&policies, permit);
    until(&mut session, &mut next, "write", "none");
    // A tool that is not in the list yet.
    replace(&policies, &forbid("echo"));
    std::thread::sleep(TWO_LOOKS);
    session.call(1_000, "echo", "{}");
    assert_eq!(code(&session.receive()), "none", "what does not fit the tools is not put in force");
    replace(&list, &tools(&["write", "echo"]));
    until(&mut session, &mut next, "echo", "policy.cedar_denied");
    let (_, errors) = session.finish();
    assert_eq!(errors.matches("is not put in force").count(), 1, "said once: {errors}");
}
