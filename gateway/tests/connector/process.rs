//! Exit codes, signals, and nobody left behind.

use crate::session::{ALL, PATIENCE, Place, Session, code, eventually, text};
use rustix::process::Signal;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use talos_shared::contracts::json::Value;

#[test]
fn the_exit_code_of_the_server_is_the_connectors_and_open_requests_get_an_answer() {
    let place = Place::new(ALL);
    let mut session = place.connect();
    session.call(1, "silent", "{}");
    session.call(2, "exit", r#"{"code":7}"#);
    let mut answered = [session.receive(), session.receive()].map(|answer| {
        assert_eq!(code(&answer), "mcp.server_gone");
        answer.get("id").and_then(Value::as_i64)
    });
    answered.sort_unstable();
    assert_eq!(answered, [Some(1), Some(2)]);
    assert_eq!(session.wait().0, Some(7));
}

#[test]
fn the_signal_that_ends_the_server_is_told() {
    for number in [9, 15, 11] {
        let place = Place::new(ALL);
        let mut session = place.connect();
        session.call(1, "signal", &format!(r#"{{"number":{number}}}"#));
        assert_eq!(code(&session.receive()), "mcp.server_gone");
        assert_eq!(session.wait().0, Some(128 + number));
    }
}

#[test]
fn signals_are_passed_on() {
    for (signal, expected) in [(Signal::TERM, 143), (Signal::HUP, 129)] {
        let place = Place::new(ALL);
        let mut session = place.connect();
        session.signal(signal);
        assert_eq!(session.wait().0, Some(expected));
    }
    // Python turns SIGINT into an exception, and ends with it.
    let place = Place::new(ALL);
    let mut session = place.connect();
    session.signal(Signal::INT);
    assert_eq!(session.wait().0, Some(130));
}

#[test]
fn a_command_that_does_not_exist_ends_like_in_a_shell() {
    let place = Place::new(ALL);
    let mut command = place.talos();
    command.args(["mcp", "--", "/no/such/server"]);
    let (status, errors) = Session::spawn(command).finish();
    assert_eq!(status, Some(127));
    assert!(errors.contains("/no/such/server"), "{errors}");
    let mut command = place.talos();
    command.args(["mcp", "--", "/"]);
    assert_eq!(Session::spawn(command).finish().0, Some(126));
}

/// Starts descendants of all kinds; their process ids, and the server's.
fn spawn_family(session: &mut Session) -> Vec<String> {
    session.call(1, "spawn", "{}");
    let family: Vec<String> = text(&session.receive()).split(' ').map(ToOwned::to_owned).collect();
    assert_eq!(family.len(), 4);
    assert!(family.iter().all(|pid| is_alive(pid)));
    family
}

fn is_alive(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // Neither gone nor a zombie.
    stat.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.trim_start().starts_with(['Z', 'X']))
}

fn assert_nobody_is_left(family: &[String]) {
    if Path::new("/proc/self/stat").exists() {
        eventually("a descendant outlives the connector", || !family.iter().any(|pid| is_alive(pid)));
    }
}

#[test]
fn nobody_outlives_the_connector_that_ends() {
    let place = Place::new(ALL);
    let mut session = place.connect();
    let family = spawn_family(&mut session);
    assert_eq!(session.finish().0, Some(0));
    assert!(!family.iter().any(|pid| is_alive(pid)), "the connector has ended, so everybody has");
}

#[test]
fn nobody_outlives_the_connector_that_is_killed() {
    for stubborn in [false, true] {
        let place = Place::new(ALL);
        let place = if stubborn { place.env("FIXTURE_STUBBORN", "1") } else { place };
        let mut session = place.connect();
        let family = spawn_family(&mut session);
        session.signal(Signal::KILL);
        assert_eq!(session.wait_only(), None);
        assert_nobody_is_left(&family);
    }
}

#[test]
fn a_stubborn_server_is_ended_after_its_client() {
    let place = Place::new(ALL).env("FIXTURE_STUBBORN", "1");
    let mut session = place.connect();
    let family = spawn_family(&mut session);
    let began = Instant::now();
    session.close_stdin();
    assert_eq!(session.wait().0, Some(137));
    assert!(began.elapsed() >= Duration::from_secs(5), "a server has time to end by itself");
    assert!(began.elapsed() < PATIENCE);
    assert!(!family.iter().any(|pid| is_alive(pid)));
}

#[test]
fn a_client_that_does_not_read_ends_the_session_without_a_panic() {
    let place = Place::new(ALL);
    let mut command = place.talos();
    command.arg("mcp").arg("--policy").arg(place.dir.join("policy.yaml")).arg("--").args(Place::server());
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(process.stdout.take());
    use std::io::Write;
    let mut stdin = process.stdin.take().unwrap();
    stdin.write_all(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{}}\n").unwrap();
    eventually("the connector does not end", || !is_alive(&process.id().to_string()));
    let output = process.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(143), "{errors}");
    assert!(!errors.contains("panicked"), "{errors}");
    drop(stdin);
}

#[test]
fn a_signal_ends_the_connector_even_if_the_client_never_reads() {
    use std::io::Write;
    let place = Place::new(ALL);
    let mut command = place.talos();
    command.arg("mcp").arg("--policy").arg(place.dir.join("policy.yaml")).arg("--").args(Place::server());
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let pad = "x".repeat(1 << 20);
    let call = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"echo","arguments":{{"p":"{pad}"}}}}}}"#
    );
    process.stdin.as_mut().unwrap().write_all(format!("{call}\n").as_bytes()).unwrap();
    eventually("the call has reached the server", || place.effects() == ["tools/call"]);
    rustix::process::kill_process(rustix::process::Pid::from_child(&process), Signal::TERM).unwrap();
    let began = Instant::now();
    while process.try_wait().unwrap().is_none() {
        assert!(began.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(process.wait().unwrap().code(), Some(143));
}

#[test]
fn thousands_of_pipelined_calls_are_all_answered() {
    let place = Place::new(ALL);
    let mut session = place.connect();
    for id in 0..3_000 {
        session.call(id, if id % 2 == 0 { "echo" } else { "write" }, "{}");
    }
    let mut ids: Vec<i64> = (0..3_000)
        .map(|_| {
            let answer = session.receive();
            assert_eq!(code(&answer), "none");
            answer.get("id").and_then(Value::as_i64).unwrap()
        })
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, (0..3_000).collect::<Vec<i64>>());
    assert_eq!(session.finish().0, Some(0));
}

#[test]
fn the_environment_of_the_server_does_not_name_its_supervisor() {
    let output = Command::new(env!("CARGO_BIN_EXE_talos"))
        .args(["supervise", "--", "env"])
        .env("TALOS_SUPERVISED_BY", std::process::id().to_string())
        .output()
        .unwrap();
    assert!(output.status.success());
    assert!(!String::from_utf8_lossy(&output.stdout).contains("TALOS_SUPERVISED_BY"));
}
