//! A client of `talos mcp` in front of the fixture server.

use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use talos_shared::contracts::json::{self, Profile, Value};

/// Longer than any grace period of the connector.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Everything that the fixture can do is allowed, as a read or as a write.
pub const ALL: &str = "id: all
allowed_tools: [\"*\", {name: echo, effect: read}, {name: write, effect: write}]
allowed_resources: [\"**\"]
allowed_prompts: [\"*\"]
";

pub struct Place {
    pub dir: PathBuf,
    env: Vec<(&'static str, String)>,
}

impl Place {
    pub fn new(policy: &str) -> Place {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("talos-connector-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let dir = std::env::temp_dir().join(name);
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("policy.yaml"), policy).unwrap();
        Place { dir, env: Vec::new() }
    }

    pub fn env(mut self, name: &'static str, value: impl Into<String>) -> Place {
        self.env.push((name, value.into()));
        self
    }

    pub fn state(&self) -> PathBuf {
        self.dir.join("state")
    }

    fn record(&self) -> PathBuf {
        self.dir.join("record")
    }

    /// The lines that have reached the server.
    pub fn recorded(&self) -> Vec<Vec<u8>> {
        let bytes = fs::read(self.record()).unwrap_or_default();
        let whole = |line: &&[u8]| line.ends_with(b"\n");
        bytes.split_inclusive(|byte| *byte == b'\n').filter(whole).map(<[u8]>::to_vec).collect()
    }

    /// The methods that have reached the server, but for what a session begins with.
    pub fn effects(&self) -> Vec<String> {
        let method = |line: &Vec<u8>| {
            let value = json::parse(line, Profile::Rfc8785).unwrap();
            value.get("method").and_then(Value::as_str).unwrap_or("response").to_owned()
        };
        let own = ["initialize", "notifications/initialized", "tools/list"];
        self.recorded().iter().map(method).filter(|method| !own.contains(&method.as_str())).collect()
    }

    /// The command of the fixture server.
    pub fn server() -> [String; 2] {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/mcp/fixture_server.py");
        let python = std::env::var("TALOS_PYTHON").unwrap_or_else(|_| "python3".into());
        [python, script.display().to_string()]
    }

    pub fn talos(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_talos"));
        command.arg("--dir").arg(self.state()).env("FIXTURE_RECORD", self.record());
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Starts the connector, without a handshake.
    pub fn start(&self) -> Session {
        self.start_with(&[])
    }

    fn start_with(&self, options: &[&str]) -> Session {
        let mut command = self.talos();
        command.arg("mcp").arg("--policy").arg(self.dir.join("policy.yaml")).args(options);
        command.arg("--").args(Place::server());
        Session::spawn(command)
    }

    /// Starts the connector and shakes hands.
    pub fn connect(&self) -> Session {
        self.connect_with(&[])
    }

    /// Starts the connector with further options and shakes hands.
    pub fn connect_with(&self, options: &[&str]) -> Session {
        let mut session = self.start_with(options);
        session.send(r#"{"jsonrpc":"2.0","id":"hello","method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}"#);
        assert!(session.receive().get("result").is_some());
        session.send(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
        session
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

pub struct Session {
    pub process: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<Vec<u8>>,
    errors: Option<JoinHandle<String>>,
}

impl Session {
    pub fn spawn(mut command: Command) -> Session {
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        std::thread::spawn(move || {
            let mut line = Vec::new();
            while out.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                if sender.send(std::mem::take(&mut line)).is_err() {
                    return;
                }
            }
        });
        let mut err = process.stderr.take().unwrap();
        let errors = std::thread::spawn(move || {
            let mut text = Vec::new();
            let _ = err.read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        });
        Session { stdin: process.stdin.take(), process, lines, errors: Some(errors) }
    }

    pub fn send(&mut self, line: impl AsRef<[u8]>) {
        let mut bytes = line.as_ref().to_vec();
        bytes.push(b'\n');
        self.stdin.as_mut().unwrap().write_all(&bytes).unwrap();
    }

    pub fn call(&mut self, id: i64, tool: &str, arguments: &str) {
        self.send(format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"{tool}","arguments":{arguments}}}}}"#
        ));
    }

    /// The bytes of the next message.
    pub fn receive_line(&mut self) -> Vec<u8> {
        self.lines.recv_timeout(PATIENCE).expect("a message from the connector")
    }

    /// The next message.
    pub fn receive(&mut self) -> Value {
        let line = self.receive_line();
        json::parse(&line, Profile::Data).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&line)))
    }

    /// Whether a round trip brings nothing but its own answer: nothing else was on its way.
    pub fn is_quiet(&mut self) -> bool {
        self.send(r#"{"jsonrpc":"2.0","id":"quiet?","method":"ping"}"#);
        self.receive().get("id").and_then(Value::as_str) == Some("quiet?")
    }

    pub fn close_stdin(&mut self) {
        self.stdin = None;
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).unwrap();
    }

    /// Waits for the end: the exit code, and what was said on stderr.
    pub fn wait(&mut self) -> (Option<i32>, String) {
        let code = self.wait_only();
        (code, self.errors.take().map(|errors| errors.join().unwrap()).unwrap_or_default())
    }

    /// Waits for the end of this process alone.
    pub fn wait_only(&mut self) -> Option<i32> {
        let began = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status.code();
            }
            assert!(began.elapsed() < PATIENCE, "the connector does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Closes stdin and waits for the end.
    pub fn finish(mut self) -> (Option<i32>, String) {
        self.close_stdin();
        self.wait()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Waits until something holds.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The Talos code of a JSON-RPC error or of a denied call.
pub fn code(message: &Value) -> &str {
    let data = match message.get("error") {
        Some(error) => error.get("data"),
        None => message.get("result").and_then(|r| r.get("_meta")).and_then(|m| m.get("talos/decision")),
    };
    data.and_then(|data| data.get("code")).and_then(Value::as_str).unwrap_or("none")
}

/// The text of a tool's result.
pub fn text(message: &Value) -> &str {
    let content = message.get("result").and_then(|r| r.get("content")).and_then(Value::as_array).unwrap_or_default();
    content.first().and_then(|c| c.get("text")).and_then(Value::as_str).unwrap_or("none")
}
