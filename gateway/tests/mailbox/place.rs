//! A mailbox that runs, and agents that talk to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use talos_session::published::{Validity, sign_static_key};
use talos_session::{BundleTerms, Entropy, OneTimeTerms, OurKey, Rules, Suite};
use talos_shared::SystemEntropy;
use talos_shared::contracts::json::{self, Limits, Profile, Value};
use talos_shared::contracts::scalar::{B64, Salt};
use talos_shared::contracts::{
    Error, MailboxAck, MailboxAcked, MailboxBundle, MailboxFrame, MailboxFrames, MailboxMethod, MailboxPosted,
    MailboxStatus,
};
use talos_shared::crypto::SigningKey;
use talos_shared::crypto::dsse::Unverified;
use talos_shared::identity::Did;
use talos_shared::kernel::ports::Entropy as _;
use talos_shared::mailbox::request;
use tempfile::TempDir;

pub const HOUR: u64 = 3_600_000;
pub const DAY: u64 = 24 * HOUR;

pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64
}

/// A running mailbox. It is killed when dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    pub url: String,
    warnings: Mutex<Receiver<String>>,
}

/// What follows `talos mailbox serve` where nothing else is wanted.
pub const OPEN: &[&str] = &["--open", "--rate", "100000", "--burst", "100000"];

pub fn command(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_talos"));
    command.args(["--json", "mailbox", "serve", "--data"]).arg(directory);
    command
}

impl Server {
    pub fn start(directory: &Path, options: &[&str]) -> Server {
        Server::run(command(directory).args(["--listen", "127.0.0.1:0"]).args(options))
    }

    pub fn run(command: &mut Command) -> Server {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said = json::parse(line.as_bytes(), Profile::Data).unwrap_or_else(|_| panic!("it does not listen: {line}"));
        let text = |name: &str| said.get(name).and_then(Value::as_str).unwrap().to_owned();
        let (tell, warnings) = channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).for_each(|line| drop(tell.send(line))));
        Server { child, address: text("listening").parse().unwrap(), url: text("url"), warnings: Mutex::new(warnings) }
    }

    /// Ends it as a loss of power to its process: nothing is put in order.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end, and says how it did.
    pub fn stop(&mut self, signal: &str) -> ExitStatus {
        let kill = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        self.child.wait().unwrap()
    }

    /// Waits for a line on stderr that has this text.
    pub fn warns(&self, text: &str) {
        let warnings = self.warnings.lock().unwrap();
        loop {
            let line = warnings.recv_timeout(Duration::from_secs(20));
            if line.unwrap_or_else(|_| panic!("no line says {text:?}")).contains(text) {
                return;
            }
        }
    }

    /// Resident memory, in KiB.
    pub fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// What it answers to bytes as they are, until it closes or is silent for long.
    pub fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A directory with a mailbox in it that runs.
pub fn mailbox(options: &[&str]) -> (TempDir, Server) {
    let directory = TempDir::new().unwrap();
    let server = Server::start(directory.path(), options);
    (directory, server)
}

/// An answer.
pub struct Answer {
    pub status: u16,
    pub retry_after: Option<String>,
    pub content_type: String,
    pub text: Vec<u8>,
}

impl Answer {
    pub fn value(&self) -> Value {
        let limits = Limits { depth: 64, bytes: 64 * 1024 * 1024 };
        json::parse_with(&self.text, Profile::Data, limits)
            .unwrap_or_else(|_| panic!("{}: {}", self.status, String::from_utf8_lossy(&self.text)))
    }

    /// What a success says.
    #[track_caller]
    pub fn ok<T>(&self, status: u16, read: impl FnOnce(&Value) -> Result<T, Error>) -> T {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.text));
        assert_eq!(self.content_type, "application/json");
        read(&self.value()).unwrap()
    }

    /// The code of a refusal, whose form is checked.
    #[track_caller]
    pub fn code(&self) -> String {
        assert_eq!(self.content_type, "application/problem+json", "{}", String::from_utf8_lossy(&self.text));
        let problem = self.value();
        assert_eq!(problem.get("status").and_then(Value::as_i64), Some(self.status.into()));
        let retryable = problem.get("retryable").and_then(Value::as_bool).unwrap();
        assert_eq!(retryable, self.retry_after.is_some());
        problem.get("code").and_then(Value::as_str).unwrap().to_owned()
    }
}

/// One HTTP request, which may be anything.
#[derive(Clone)]
pub struct Call<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub body: &'a [u8],
    pub headers: Vec<(&'a str, String)>,
}

pub fn http() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(90)))
        .build()
        .new_agent()
}

pub fn call(http: &ureq::Agent, server: &Server, call: &Call<'_>) -> Answer {
    let mut request = ureq::http::Request::builder().method(call.method).uri(format!("{}{}", server.url, call.path));
    for (name, value) in &call.headers {
        request = request.header(*name, value);
    }
    let mut response = match call.body {
        [] if call.method == "GET" => http.run(request.body(()).unwrap()),
        body => http.run(request.body(body).unwrap()),
    }
    .unwrap();
    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    Answer {
        status: response.status().as_u16(),
        retry_after: header("retry-after"),
        content_type: header("content-type").unwrap_or_default(),
        text: response.body_mut().with_config().limit(64 * 1024 * 1024).read_to_vec().unwrap(),
    }
}

/// An agent with its keys, and a connection.
pub struct Agent {
    pub key: SigningKey,
    pub did: Did,
    pub http: ureq::Agent,
    session: talos_session::Agent,
}

pub struct Random;

impl Entropy for Random {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), Error> {
        SystemEntropy.fill(out)
    }
}

pub fn nonce() -> Salt {
    let mut bytes = [0; 16];
    SystemEntropy.fill(&mut bytes).unwrap();
    B64(bytes)
}

impl Agent {
    pub fn new() -> Agent {
        let mut seed = [0; 32];
        SystemEntropy.fill(&mut seed).unwrap();
        Agent::of(SigningKey::from_seed(&seed))
    }

    /// A new start with an old key.
    pub fn of(key: SigningKey) -> Agent {
        let (did, agree) = (Did::of(&key.verifying_key()), OurKey::draw(&mut Random).unwrap());
        let statement = sign_static_key(&key, &agree, Validity { iat: now(), exp: now() + DAY }).unwrap();
        let session = talos_session::Agent::new(did.clone(), agree, &statement, Rules::default()).unwrap();
        Agent { key, did, http: http(), session }
    }

    pub fn bundle(&mut self, id: &str, life: u64) -> Unverified {
        let validity = Validity { iat: now(), exp: now() + life };
        let terms = BundleTerms { suites: Suite::ALL, spk_id: id, pq_id: &format!("{id}-pq"), validity };
        self.session.make_bundle(&self.key, terms, &mut Random).unwrap().commit()
    }

    pub fn one_time_key(&mut self, id: &str, life: u64) -> Unverified {
        let validity = Validity { iat: now(), exp: now() + life };
        let terms = OneTimeTerms { id, hybrid: true, validity };
        self.session.make_one_time_key(&self.key, terms, &mut Random).unwrap().commit()
    }

    /// The header for a request that is made now.
    pub fn header(&self, server: &Server, method: MailboxMethod, path: &str, body: &[u8]) -> String {
        request::sign(&self.key, &server.url, method, path, body, now(), nonce()).unwrap()
    }

    pub fn send(&self, server: &Server, method: MailboxMethod, path: &str, body: &[u8]) -> Answer {
        let mut headers = vec![(request::HEADER, self.header(server, method, path, body))];
        if path.ends_with("/frames") {
            headers.push(("content-type", "application/octet-stream".to_owned()));
        }
        call(&self.http, server, &Call { method: method.as_str(), path, body, headers })
    }

    pub fn get(&self, server: &Server, path: &str) -> Answer {
        self.send(server, MailboxMethod::Get, path, b"")
    }

    pub fn publish_bundle(&self, server: &Server, bundle: &Unverified) -> Answer {
        self.send(server, MailboxMethod::Put, "/v1/bundle", &bundle.to_envelope().canonical())
    }

    pub fn publish_keys(&self, server: &Server, keys: &[Unverified]) -> Answer {
        let keys = keys.iter().map(Unverified::to_envelope).collect();
        let body = talos_shared::contracts::MailboxKeys { keys }.canonical();
        self.send(server, MailboxMethod::Post, "/v1/one-time-keys", &body)
    }

    pub fn ask_bundle(&self, server: &Server, of: &Did) -> Answer {
        self.get(server, &format!("/v1/agents/{of}/bundle"))
    }

    pub fn bundle_of(&self, server: &Server, of: &Did) -> MailboxBundle {
        self.ask_bundle(server, of).ok(200, MailboxBundle::read)
    }

    pub fn status(&self, server: &Server) -> MailboxStatus {
        self.get(server, "/v1/status").ok(200, MailboxStatus::read)
    }

    pub fn try_post(&self, server: &Server, to: &Did, frame: &[u8]) -> Answer {
        self.send(server, MailboxMethod::Post, &format!("/v1/agents/{to}/frames"), frame)
    }

    #[track_caller]
    pub fn post(&self, server: &Server, to: &Did, frame: &[u8]) -> MailboxPosted {
        self.try_post(server, to, frame).ok(202, MailboxPosted::read)
    }

    pub fn frames(&self, server: &Server, query: &str) -> MailboxFrames {
        self.get(server, &format!("/v1/frames{query}")).ok(200, MailboxFrames::read)
    }

    /// All frames that wait, page after page.
    pub fn all_frames(&self, server: &Server) -> Vec<MailboxFrame> {
        let mut all: Vec<MailboxFrame> = Vec::new();
        loop {
            let after = all.last().map_or(0, |frame| frame.seq);
            let page = self.frames(server, &format!("?after={after}&max=256"));
            all.extend(page.frames);
            if !page.more {
                return all;
            }
        }
    }

    pub fn ack(&self, server: &Server, seqs: &[u64]) -> u64 {
        let body = MailboxAck { seqs: seqs.to_vec() }.canonical();
        self.send(server, MailboxMethod::Post, "/v1/frames/ack", &body).ok(200, MailboxAcked::read).erased
    }
}

/// An agent that has published a bundle.
pub fn published(server: &Server) -> Agent {
    let mut agent = Agent::new();
    let bundle = agent.bundle("spk", 7 * DAY);
    agent.publish_bundle(server, &bundle).ok(200, MailboxStatus::read);
    agent
}
