//! `talos mcp` over a trivial server against the bare server: latency, start-up, memory, size.
//!
//! Needs the release binary: `cargo build --release --package talos-gateway`, or `TALOS_BIN`.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};
use talos_benches as b;

const SERVER: &str = env!("CARGO_BIN_EXE_bench-mcp-server");
const POLICY: &str =
    "id: bench\nallowed_tools:\n  - {name: read_it, effect: read}\n  - {name: write_it, effect: write}\n";
/// Calls of one kind in a row; the servers take turns, so that noise hits all of them.
const BLOCK: usize = 100;
const ROUNDS: usize = 10;
const STARTS: usize = 15;
const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"0"}}}"#;

struct Session {
    name: &'static str,
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    id: u64,
    start: Duration,
    reads: Vec<Duration>,
    writes: Vec<Duration>,
}

impl Session {
    fn start(name: &'static str, mut command: Command) -> Session {
        let begun = Instant::now();
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let stdin = child.stdin.take().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (reads, writes) = (Vec::new(), Vec::new());
        let mut session = Session { name, child, stdin, stdout, id: 0, start: Duration::ZERO, reads, writes };
        session.ask(INITIALIZE);
        session.start = begun.elapsed();
        session.send(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
        session.request("tools/list", "{}");
        session
    }

    fn send(&mut self, line: &str) {
        self.stdin.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    fn ask(&mut self, line: &str) -> String {
        self.send(line);
        let mut answer = String::new();
        self.stdout.read_line(&mut answer).unwrap();
        answer
    }

    fn request(&mut self, method: &str, params: &str) -> String {
        self.id += 1;
        self.ask(&format!(r#"{{"jsonrpc":"2.0","id":{},"method":"{method}","params":{params}}}"#, self.id))
    }

    fn call(&mut self, tool: &str, text: &str) -> Duration {
        let params = format!(r#"{{"name":"{tool}","arguments":{{"path":"/data/a.txt","text":"{text}"}}}}"#);
        let begun = Instant::now();
        let answer = self.request("tools/call", &params);
        let elapsed = begun.elapsed();
        assert!(answer.contains("done"), "{}: {answer}", self.name);
        elapsed
    }

    fn end(mut self) {
        drop(self.stdin);
        self.child.wait().unwrap();
    }
}

fn bare() -> Command {
    Command::new(SERVER)
}

fn talos(binary: &Path, directory: &Path) -> Command {
    let mut command = Command::new(binary);
    command.arg("--dir").arg(directory).arg("mcp").arg("--").arg(SERVER);
    command
}

/// A directory with a policy; the reads of `log` are signed by the log.
fn directory(scratch: &b::Scratch, binary: &Path, name: &str, sign_reads: &str) -> PathBuf {
    let path = scratch.path().join(name);
    fs::create_dir_all(&path).unwrap();
    fs::write(path.join("policy.yaml"), POLICY).unwrap();
    let made = Command::new(binary).arg("--dir").arg(&path).arg("init").output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let configuration = fs::read_to_string(path.join("talos.toml")).unwrap();
    fs::write(path.join("talos.toml"), format!("{configuration}sign_reads = \"{sign_reads}\"\n")).unwrap();
    path
}

/// Peak resident memory of a process and of those of its children that run the same program, in KiB.
fn memory(pid: u32, program: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let field = |name: &str| status.lines().find_map(|l| l.strip_prefix(name)).unwrap_or_default().trim().to_owned();
    if field("Name:") != program {
        return 0;
    }
    let own: u64 = field("VmHWM:").trim_end_matches(" kB").parse().unwrap_or(0);
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    own + children.split_whitespace().filter_map(|c| c.parse().ok()).map(|c| memory(c, program)).sum::<u64>()
}

fn stripped_size(binary: &Path, scratch: &b::Scratch) -> String {
    let stripped = scratch.path().join("stripped");
    let done = Command::new("strip").arg("--strip-all").arg("-o").arg(&stripped).arg(binary).status();
    match done {
        Ok(status) if status.success() => format!("{:.1} MB", fs::metadata(&stripped).unwrap().len() as f64 / 1e6),
        _ => "unknown (no strip)".to_owned(),
    }
}

fn main() {
    if !env::args().any(|a| a == "--bench") {
        return;
    }
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/release/talos");
    let binary = env::var_os("TALOS_BIN").map_or(built, PathBuf::from);
    let Ok(binary) = binary.canonicalize() else {
        println!("mcp: not measured, there is no release binary: cargo build --release --package talos-gateway");
        return;
    };
    let scratch = b::Scratch::new("mcp");
    println!("machine: {}", b::machine());
    println!("mcp: stdio, one call at a time, 3 stages, 2 tool rules, 256 B of arguments");
    println!("disk: one 4 KiB append + fdatasync: {}", b::commit_baseline(scratch.path()).summary());
    latencies(&binary, &scratch);
    starts(&binary, &scratch);
    println!("mcp/size of the stripped binary: {}", stripped_size(&binary, &scratch));
}

fn latencies(binary: &Path, scratch: &b::Scratch) {
    let own = directory(scratch, binary, "self", "self");
    let log = directory(scratch, binary, "log", "log");
    let mut sessions = [
        Session::start("bare server", bare()),
        Session::start("talos mcp, reads self-signed", talos(binary, &own)),
        Session::start("talos mcp, reads log-signed", talos(binary, &log)),
    ];
    let text = b::prose(256, true);
    for _ in 0..ROUNDS {
        for session in &mut sessions {
            let reads = (0..BLOCK).map(|_| session.call("read_it", &text)).collect::<Vec<_>>();
            let writes = (0..BLOCK).map(|_| session.call("write_it", &text)).collect::<Vec<_>>();
            session.reads.extend(reads);
            session.writes.extend(writes);
        }
    }
    for session in &mut sessions {
        let (reads, writes) = (b::Times::new(session.reads.clone()), b::Times::new(session.writes.clone()));
        println!("mcp/{:30} reads  {}", session.name, reads.summary());
        println!("mcp/{:30} writes {}", session.name, writes.summary());
    }
    let kib = memory(sessions[1].child.id(), "talos");
    println!(
        "mcp/peak resident memory after {} calls, with the supervisor: {:.1} MB",
        2 * BLOCK * ROUNDS,
        kib as f64 / 1e3
    );
    sessions.into_iter().for_each(Session::end);
}

fn starts(binary: &Path, scratch: &b::Scratch) {
    let home = directory(scratch, binary, "starts", "self");
    let (mut bare_times, mut talos_times) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let session = Session::start("bare", bare());
        bare_times.push(session.start);
        session.end();
        let session = Session::start("talos", talos(binary, &home));
        talos_times.push(session.start);
        session.end();
    }
    println!("mcp/start to the answer of initialize, bare server: {}", b::Times::new(bare_times).summary());
    println!("mcp/start to the answer of initialize, talos mcp:   {}", b::Times::new(talos_times).summary());
}
