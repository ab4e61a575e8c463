//! A mailbox as its client sees it: signed requests over HTTP (`docs/spec/mailbox.md`).

use crate::SystemEntropy;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;
use talos_contracts::json::{self, Profile, Value};
use talos_contracts::scalar::B64;
use talos_contracts::{
    Envelope, Error, ErrorCode, MailboxAck, MailboxBundle, MailboxFrames, MailboxKeys, MailboxMethod, MailboxStatus,
};
use talos_crypto::SigningKey;
use talos_kernel::ports::Entropy;
use talos_mailbox::request;
use ureq::http::Uri;
use ureq::{Agent, Body, http};

/// How long a request may take beside the time that it waits for frames.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of an answer that are read: a frame of the largest size as base64, and then some.
const ANSWER_BYTES: u64 = 64 << 20;

/// A mailbox, and who asks it.
pub(crate) struct Mailbox {
    url: String,
    sign: Arc<SigningKey>,
    agent: Agent,
}

impl Mailbox {
    /// The mailbox at a base URL: https, or http on this machine.
    pub(crate) fn new(url: &str, sign: Arc<SigningKey>) -> Result<Self, Error> {
        let refuse = |why: &str| Err(Error::new(ErrorCode::ConfigMalformed, format!("mailbox {url:?}: {why}")));
        let Ok(parsed) = url.parse::<Uri>() else { return refuse("this is no URL") };
        let is_local = matches!(parsed.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
        match parsed.scheme_str() {
            Some("https") => {}
            Some("http") if is_local => {}
            _ => return refuse("https is needed, or http on this machine"),
        }
        if url.ends_with('/') || parsed.query().is_some() || url.contains('@') {
            return refuse("a base URL has no slash at its end, no query and no user");
        }
        let config = Agent::config_builder().max_redirects(0).http_status_as_error(false).user_agent("talos").build();
        Ok(Mailbox { url: url.to_owned(), sign, agent: Agent::new_with_config(config) })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Publishes the agent's bundle.
    pub(crate) fn publish(&self, bundle: &Envelope, now: u64) -> Result<(), Error> {
        self.ask(MailboxMethod::Put, "/v1/bundle", Some(&bundle.canonical()), Duration::ZERO, now).map(drop)
    }

    /// Publishes one-time keys.
    pub(crate) fn add_keys(&self, keys: Vec<Envelope>, now: u64) -> Result<(), Error> {
        let body = MailboxKeys { keys }.canonical();
        self.ask(MailboxMethod::Post, "/v1/one-time-keys", Some(&body), Duration::ZERO, now).map(drop)
    }

    /// What the mailbox has of the agent.
    pub(crate) fn status(&self, now: u64) -> Result<MailboxStatus, Error> {
        let answer = self.ask(MailboxMethod::Get, "/v1/status", None, Duration::ZERO, now)?;
        read(&answer, MailboxStatus::read)
    }

    /// What is needed to begin a session with an agent.
    pub(crate) fn bundle(&self, agent: &str, now: u64) -> Result<MailboxBundle, Error> {
        let path = format!("/v1/agents/{agent}/bundle");
        read(&self.ask(MailboxMethod::Get, &path, None, Duration::ZERO, now)?, MailboxBundle::read)
    }

    /// Has a frame kept for an agent.
    pub(crate) fn post(&self, agent: &str, frame: &[u8], now: u64) -> Result<(), Error> {
        let path = format!("/v1/agents/{agent}/frames");
        self.ask(MailboxMethod::Post, &path, Some(frame), Duration::ZERO, now).map(drop)
    }

    /// Frames that wait for the agent; waits so long for the first.
    pub(crate) fn frames(&self, max: usize, wait: Duration, now: u64) -> Result<MailboxFrames, Error> {
        let path = format!("/v1/frames?after=0&max={max}&wait={}", wait.as_secs());
        read(&self.ask(MailboxMethod::Get, &path, None, wait, now)?, MailboxFrames::read)
    }

    /// Has frames erased that are kept here.
    pub(crate) fn acknowledge(&self, seqs: Vec<u64>, now: u64) -> Result<(), Error> {
        let body = MailboxAck { seqs }.canonical();
        self.ask(MailboxMethod::Post, "/v1/frames/ack", Some(&body), Duration::ZERO, now).map(drop)
    }

    fn ask(
        &self,
        method: MailboxMethod,
        path: &str,
        body: Option<&[u8]>,
        wait: Duration,
        now: u64,
    ) -> Result<Vec<u8>, Error> {
        let mut nonce = [0; 16];
        SystemEntropy.fill(&mut nonce)?;
        let sent = body.unwrap_or_default();
        let signed = request::sign(&self.sign, &self.url, method, path, sent, now, B64(nonce))?;
        let request = http::Request::builder()
            .method(method.as_str())
            .uri(format!("{}{path}", self.url))
            .header(request::HEADER, signed)
            .header(
                "content-type",
                if path.ends_with("/frames") { "application/octet-stream" } else { "application/json" },
            );
        let request = match body {
            Some(body) => request.body(body.to_vec()),
            None => request.body(Vec::new()),
        };
        let request = request.map_err(|error| unreachable(&error))?;
        let request = self.agent.configure_request(request).timeout_global(Some(wait + TIMEOUT)).build();
        let mut response = self.agent.run(request).map_err(|error| unreachable(&error))?;
        let mut answer = Vec::new();
        let mut reader = response.body_mut().as_reader().take(ANSWER_BYTES + 1);
        reader.read_to_end(&mut answer).map_err(|error| unreachable(&error))?;
        if answer.len() as u64 > ANSWER_BYTES {
            return Err(Error::new(ErrorCode::MailboxUnreachable, "the answer is too large"));
        }
        if response.status().is_success() { Ok(answer) } else { Err(problem(&response, &answer)) }
    }
}

fn unreachable(error: &dyn std::fmt::Display) -> Error {
    Error::new(ErrorCode::MailboxUnreachable, error.to_string())
}

/// What a mailbox refuses, by the code in its problem document.
fn problem(response: &http::Response<Body>, answer: &[u8]) -> Error {
    let document = json::parse(answer, Profile::Data).ok();
    let member = |name: &str| document.as_ref().and_then(|value| value.get(name)).and_then(Value::as_str);
    match member("code").and_then(ErrorCode::parse) {
        Some(code) => Error::new(code, member("detail").unwrap_or_else(|| code.public())),
        None => Error::new(ErrorCode::MailboxUnreachable, format!("http status {}", response.status())),
    }
}

fn read<T>(answer: &[u8], read: impl FnOnce(&Value) -> Result<T, Error>) -> Result<T, Error> {
    let parsed = json::parse(answer, Profile::Data).and_then(|value| read(&value));
    parsed.map_err(|error| Error::new(ErrorCode::MailboxUnreachable, format!("an answer of another kind: {error}")))
}
