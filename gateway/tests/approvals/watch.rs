//! watch: requests as they come, answered line by line.

use crate::place::*;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

pub struct Watch {
    child: Child,
    lines: Receiver<String>,
}

impl Watch {
    pub fn start(place: &Place, args: &[&str]) -> Watch {
        let mut command = command(place.path(), &[&["approvals", "watch"], args].concat());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let other = sender.clone();
        std::thread::spawn(move || {
            BufReader::new(stdout).lines().map_while(Result::ok).for_each(|l| drop(sender.send(l)))
        });
        std::thread::spawn(move || {
            BufReader::new(stderr).lines().map_while(Result::ok).for_each(|l| drop(other.send(l)))
        });
        Watch { child, lines }
    }

    pub fn type_line(&mut self, line: &str) {
        self.child.stdin.as_mut().unwrap().write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    pub fn wait_for(&self, part: &str) -> String {
        loop {
            let line =
                self.lines.recv_timeout(Duration::from_secs(20)).unwrap_or_else(|_| panic!("no line with {part:?}"));
            if line.contains(part) {
                return line;
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn requests_appear_and_are_answered_after_they_were_looked_at() {
    let place = Place::new("");
    let mut watch = Watch::start(&place, &["--as", "ada"]);
    let id = place.ask("c1", "write_file", r#"{"path":"a"}"#);
    assert!(watch.wait_for("write_file").trim_start().starts_with("1  "));
    watch.type_line("g 1");
    watch.wait_for("look at all of 1 first");
    assert_eq!(place.state(&id), "pending");
    watch.type_line("s 1");
    watch.wait_for("/path: \"a\"");
    watch.type_line("g 1");
    watch.wait_for("granted");
    assert_eq!(place.state(&id), "granted");
    let second = place.ask("c2", "write_file", r#"{"path":"b"}"#);
    watch.wait_for("  2  ");
    watch.type_line("nonsense 7");
    watch.wait_for("q quits");
    watch.type_line("d 2");
    watch.wait_for("denied");
    assert_eq!(place.state(&second), "denied");
    watch.type_line("q");
    assert!(watch.child.wait().unwrap().success());
}

#[test]
fn what_was_shown_in_part_is_not_granted() {
    let place = Place::new("");
    let mut watch = Watch::start(&place, &["--as", "ada"]);
    let to: Vec<String> = (0..33).map(|n| format!("\"u{n}@x.example\"")).collect();
    let id = place.ask("c1", "write_file", &format!(r#"{{"to":[{}]}}"#, to.join(",")));
    watch.wait_for("write_file");
    watch.type_line("s 1");
    watch.wait_for("this is not all of 1");
    watch.type_line("g 1");
    watch.wait_for("look at all of 1 first");
    assert_eq!(place.state(&id), "pending");
    watch.type_line("f 1");
    watch.wait_for("recipient: u32@x.example");
    watch.type_line("g 1");
    watch.wait_for("granted");
    assert_eq!(place.state(&id), "granted");
}

#[test]
fn a_store_that_fails_for_a_while_ends_nothing() {
    let place = Place::new("");
    place.ask("c1", "write_file", "{}");
    let mut watch = Watch::start(&place, &["--as", "ada"]);
    watch.wait_for("write_file");
    let store = rusqlite::Connection::open(place.path().join("talos.db")).unwrap();
    store.execute_batch("ALTER TABLE approvals RENAME TO gone").unwrap();
    watch.wait_for("store.");
    store.execute_batch("ALTER TABLE gone RENAME TO approvals").unwrap();
    watch.type_line("s 1");
    watch.wait_for("arguments, digest");
    watch.type_line("q");
    assert!(watch.child.wait().unwrap().success());
}

#[test]
fn under_json_each_change_is_one_line() {
    let place = Place::new("");
    let watch = Watch::start(&place, &["--json"]);
    let id = place.ask("c1", "write_file", "{}").to_b64();
    let line = watch.wait_for("\"pending\"");
    assert!(line.contains(&id) && line.starts_with('{'), "{line}");
    place.approvals(&["deny", &id, "--as", "ada"]);
    assert!(watch.wait_for("\"denied\"").contains(&id));
}
