//! `talos init` and `talos install`: the way to a first governed call.

use crate::session::Place;
use std::fs;
use std::path::Path;
use std::process::Output;

fn run(place: &Place, args: &[&str]) -> Output {
    place.talos().args(args).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn init_writes_a_policy_to_review_and_never_writes_it_twice() {
    let place = Place::new("").env("FIXTURE_PAGES", "1");
    let [python, script] = Place::server();
    let init = ["init", "--", python.as_str(), script.as_str()];
    let made = run(&place, &init);
    assert!(made.status.success(), "{}", stderr(&made));
    assert!(stdout(&made).contains("did:key:"));
    let path = place.state().join("policy.yaml");
    let policy = fs::read_to_string(&path).unwrap();
    assert!(policy.contains("#   - name: \"write\"\n#     effect: irreversible"), "{policy}");
    assert_eq!(policy.matches("tool_hash: ").count(), 12);
    let checked = run(&place, &["policy", "check", &path.display().to_string()]);
    assert!(checked.status.success(), "{}", stderr(&checked));

    let again = run(&place, &init);
    assert_eq!(again.status.code(), Some(1));
    assert!(stderr(&again).contains("--policy"), "{}", stderr(&again));
    assert_eq!(fs::read_to_string(&path).unwrap(), policy);
    assert!(place.effects().is_empty(), "nothing is called");
}

#[test]
fn what_init_wrote_pins_the_tool_that_is_allowed() {
    let place = Place::new("");
    let [python, script] = Place::server();
    assert!(run(&place, &["init", "--", &python, &script]).status.success());
    let path = place.state().join("policy.yaml");
    let policy = fs::read_to_string(&path).unwrap().replace(" []", "");
    let mut lines: Vec<String> = policy.lines().map(ToOwned::to_owned).collect();
    let at = lines.iter().position(|line| line.contains("\"write\"")).unwrap();
    lines[at..at + 3].iter_mut().for_each(|line| *line = line[2..].to_owned());
    fs::write(place.dir.join("policy.yaml"), lines.join("\n")).unwrap();
    let mut session = place.connect();
    session.call(1, "write", "{}");
    session.receive();
    assert_eq!(place.effects(), ["tools/call"]);
}

#[test]
fn init_with_a_server_that_fails_leaves_no_policy() {
    let place = Place::new("");
    let failed = run(&place, &["init", "--", "false"]);
    assert_eq!(failed.status.code(), Some(1));
    assert!(stderr(&failed).contains("mcp.server_gone"), "{}", stderr(&failed));
    assert!(stderr(&failed).contains("keys are there, but no policy was written"), "{}", stderr(&failed));
    assert!(!place.state().join("policy.yaml").exists());
}

const CONFIG: &str =
    "{\n  \"mcpServers\": {\n    \"files\": {\"command\": \"npx\", \"args\": [\"-y\", \"s\"]}\n  }\n}\n";

fn backups(dir: &Path) -> Vec<String> {
    let names = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let backups = names.filter(|path| path.to_string_lossy().contains("talos-backup"));
    backups.map(|path| fs::read_to_string(path).unwrap()).collect()
}

#[test]
fn install_keeps_a_copy_and_undo_restores_every_byte() {
    let place = Place::new("");
    let config = place.dir.join("config.json");
    fs::write(&config, CONFIG).unwrap();
    let name = config.display().to_string();

    let dry = run(&place, &["install", "--config", &name, "--dry-run"]);
    assert!(dry.status.success() && stdout(&dry).contains("files: goes through Talos"), "{}", stderr(&dry));
    assert_eq!(fs::read_to_string(&config).unwrap(), CONFIG);
    assert!(backups(&place.dir).is_empty());

    assert!(run(&place, &["install", "--config", &name]).status.success());
    let wrapped = fs::read_to_string(&config).unwrap();
    assert!(wrapped.contains(&format!("\"mcp\", \"--dir\", \"{}\", \"--\", \"npx\"", place.state().display())));
    assert_eq!(backups(&place.dir), [CONFIG]);

    let again = run(&place, &["install", "--config", &name]);
    assert!(stdout(&again).contains("already"));
    assert_eq!(fs::read_to_string(&config).unwrap(), wrapped);
    assert_eq!(backups(&place.dir).len(), 1);

    assert!(run(&place, &["install", "--config", &name, "--undo"]).status.success());
    assert_eq!(fs::read_to_string(&config).unwrap(), CONFIG);
}

#[cfg(unix)]
#[test]
fn install_keeps_links_and_permissions() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let place = Place::new("");
    let (config, link) = (place.dir.join("real.json"), place.dir.join("link.json"));
    fs::write(&config, CONFIG).unwrap();
    fs::set_permissions(&config, fs::Permissions::from_mode(0o600)).unwrap();
    symlink(&config, &link).unwrap();
    assert!(run(&place, &["install", "--config", &link.display().to_string()]).status.success());
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&config).unwrap().contains("\"mcp\""));
    for entry in fs::read_dir(&place.dir).unwrap() {
        let path = entry.unwrap().path();
        if path.to_string_lossy().contains("real.json") {
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}

#[test]
fn install_says_what_to_do_where_it_cannot_help() {
    let place = Place::new("");
    let config = place.dir.join("config.json");
    let name = config.display().to_string();
    let missing = run(&place, &["install", "--config", &name]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(stderr(&missing).contains("no configuration at") && stderr(&missing).contains("--config"));
    let home = place.talos().args(["install", "--client", "cursor"]).env("HOME", &place.dir).output().unwrap();
    assert!(stderr(&home).contains("start cursor once"), "{}", stderr(&home));
    for (text, expected) in [("{ // x\n}", "comments"), ("{}", "mcpServers")] {
        fs::write(&config, text).unwrap();
        let refused = run(&place, &["install", "--config", &name]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(stderr(&refused).contains(expected), "{}", stderr(&refused));
        assert_eq!(fs::read_to_string(&config).unwrap(), text);
    }
}
