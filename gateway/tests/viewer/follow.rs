//! `--follow`, while this process writes.

use crate::place::{HOSTILE, Place, call, json, ok, tool};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use talos_shared::contracts::json::Value;

/// Longer than any pause of a follower.
const PATIENCE: Duration = Duration::from_secs(20);

struct Follower {
    process: Child,
    lines: Receiver<String>,
}

impl Follower {
    fn start(place: &Place, args: &[&str]) -> Follower {
        let mut process = command(place, args).spawn().unwrap();
        let (sender, lines) = channel();
        let out = BufReader::new(process.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in out.lines() {
                if sender.send(line.unwrap()).is_err() {
                    return;
                }
            }
        });
        Follower { process, lines }
    }

    fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("a line of the follower")
    }

    /// Exit code, in time.
    fn ended(&mut self) -> Option<i32> {
        let begin = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status.code();
            }
            assert!(begin.elapsed() < PATIENCE, "the follower goes on");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn command(place: &Place, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_talos"));
    command.arg("--dir").arg(place.dir.path()).args(args).stdout(Stdio::piped());
    command
}

#[test]
fn what_another_process_appends_is_shown_as_it_comes() {
    let place = Place::new();
    let run = place.open("ada");
    let mut follower = Follower::start(&place, &["log", "show", "--follow", "--bodies"]);
    assert!(follower.line().starts_with(&format!("Run {}  agent did:key:", run.id())));
    assert!(follower.line().ends_with("  0  run opened"));
    call(&run, tool("read_file", r#"{"text":"hunter2"}"#), &ok("null")).unwrap();
    assert!(follower.line().contains("  1  DENY  read_file  (tool_call, read)  for ada  policy.blocked_pattern"));
    assert_eq!(follower.line(), "      arguments:");
    assert_eq!(follower.line(), "        {");
    assert_eq!(follower.line(), r#"          "text": [redacted: blocked_patterns 2]"#);
    assert_eq!(follower.line(), "        }");
    call(&run, tool("write_file", "{}"), &ok("1"));
    assert!(follower.line().contains("  2  ALLOW  write_file"));
    assert_eq!([follower.line(), follower.line()], ["      arguments:", "        {}"]);
    let ended = follower.line();
    assert!(ended.contains("  3  write_file  ended ok after "), "{ended}");
    let pid = Pid::from_raw(follower.process.id().cast_signed()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    assert_eq!(follower.ended(), Some(0));
}

#[test]
fn a_filter_holds_for_what_follows_a_call_too_and_json_is_a_line_a_receipt() {
    let place = Place::new();
    let run = place.open(HOSTILE);
    let follower = Follower::start(&place, &["--json", "log", "show", "--follow", "--tool", "write_*", "--all"]);
    for name in ["read_file", "write_file", "read_file", "write_file"] {
        call(&run, tool(name, "{}"), &ok("null"));
    }
    let index = |line: String| json(&line).get("index").and_then(Value::as_i64).unwrap();
    let found: Vec<i64> = (0..4).map(|_| index(follower.line())).collect();
    assert_eq!(found, [3, 4, 7, 8]);
}

#[test]
fn many_receipts_of_many_threads_come_once_and_in_order() {
    let place = Place::new();
    let follower = Follower::start(&place, &["--json", "log", "show", "--follow", "--all"]);
    std::thread::scope(|scope| {
        for name in ["a", "b", "c", "d"] {
            let place = &place;
            scope.spawn(move || {
                let run = place.open(name);
                for _ in 0..25 {
                    call(&run, tool("read_file", "{}"), &ok("null"));
                }
                run.close().unwrap();
            });
        }
    });
    for expected in 0..4 * (25 * 2 + 2) {
        assert_eq!(json(&follower.line()).get("index").and_then(Value::as_i64), Some(expected));
    }
}

#[test]
fn it_ends_when_nobody_reads_any_more_also_where_nothing_is_written() {
    let place = Place::new();
    let _run = place.open("ada");
    let mut process = command(&place, &["log", "show", "--follow"]).spawn().unwrap();
    let mut out = BufReader::new(process.stdout.take().unwrap());
    let mut line = String::new();
    while !line.ends_with("  0  run opened\n") {
        line.clear();
        assert!(out.read_line(&mut line).unwrap() > 0, "the follower has ended");
    }
    drop(out);
    let mut follower = Follower { process, lines: channel().1 };
    assert_eq!(follower.ended(), Some(0));
}
