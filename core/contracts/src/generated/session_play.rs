// Generated from contracts/schemas/session_play.json by `cargo run -p talos-codegen`; do not edit.
//! Agents and what they do, with time and randomness given: for tests of implementations (docs/spec/session.md).

use super::reader::Path;
use super::{Envelope, ErrorCode, Seed, reader, writer};
use crate::json::Value;
use crate::scalar::{Hash, Salt};
use crate::{Error, json, scalar};

/// Agents and what they do, with time and randomness given: for tests of implementations (docs/spec/session.md).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionPlay {
    /// The agents, each name once.
    pub agents: Vec<SessionAgent>,
    /// What they do, in order.
    pub acts: Vec<SessionAct>,
}

impl SessionPlay {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [acts, agents] = reader::members(this, here, &["acts", "agents"])?;
        Ok(Self {
            agents: reader::required(this, agents, here, "agents", |value, path| {
                reader::list(value, path, 1, 8, SessionAgent::read_at)
            })?,
            acts: reader::required(this, acts, here, "acts", |value, path| {
                reader::list(value, path, 0, 4096, SessionAct::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"acts":"#);
        writer::list(&self.acts, out, |x, out| {
            x.write(out);
        });
        out.extend_from_slice(br#","agents":"#);
        writer::list(&self.agents, out, |x, out| {
            x.write(out);
        });
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// What the policy of an agent says of sessions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionRules {
    /// The suites that are allowed; absent: 2 and 1.
    pub suites: Option<Vec<u64>>,
    /// Whether a peer with whom there is a session has to renew it; absent: false.
    pub continuity: Option<bool>,
    /// What plaintexts are padded to a multiple of; absent: 64.
    pub bucket: Option<u64>,
}

impl SessionRules {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [bucket, continuity, suites] = reader::members(this, here, &["bucket", "continuity", "suites"])?;
        Ok(Self {
            suites: reader::optional(suites, here, "suites", |value, path| {
                reader::list(value, path, 1, 8, |value, path| reader::unsigned(value, path, 1, 65535))
            })?,
            continuity: reader::optional(continuity, here, "continuity", reader::boolean)?,
            bucket: reader::optional(bucket, here, "bucket", |value, path| reader::unsigned(value, path, 64, 65536))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        let start = out.len();
        if let Some(x) = self.bucket {
            out.extend_from_slice(br#","bucket":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = self.continuity {
            out.extend_from_slice(br#","continuity":"#);
            writer::boolean(x, out);
        }
        if let Some(x) = &self.suites {
            out.extend_from_slice(br#","suites":"#);
            writer::list(x, out, |x, out| {
                writer::unsigned(*x, out);
            });
        }
        writer::open(start, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// An agent, with all of its private keys: for tests.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionAgent {
    /// Its name in this play.
    pub name: String,
    /// The seed of its sign key.
    pub seed: Seed,
    /// Its private X25519 key.
    pub agree: Seed,
    /// From when its statement is valid.
    pub iat: u64,
    /// When its statement ends.
    pub exp: u64,
    /// What the policy of an agent says of sessions.
    pub rules: Option<SessionRules>,
}

impl SessionAgent {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [agree, exp, iat, name, rules, seed] =
            reader::members(this, here, &["agree", "exp", "iat", "name", "rules", "seed"])?;
        Ok(Self {
            name: reader::required(this, name, here, "name", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            seed: reader::required(this, seed, here, "seed", reader::seed)?,
            agree: reader::required(this, agree, here, "agree", reader::seed)?,
            iat: reader::required(this, iat, here, "iat", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            exp: reader::required(this, exp, here, "exp", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            rules: reader::optional(rules, here, "rules", SessionRules::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(256);
        out.extend_from_slice(br#"{"agree":""#);
        writer::bytes(self.agree.expose(), out);
        out.extend_from_slice(br#"","exp":"#);
        writer::unsigned(self.exp, out);
        out.extend_from_slice(br#","iat":"#);
        writer::unsigned(self.iat, out);
        out.extend_from_slice(br#","name":"#);
        json::write_string(&self.name, out);
        if let Some(x) = &self.rules {
            out.extend_from_slice(br#","rules":"#);
            x.write(out);
        }
        out.extend_from_slice(br#","seed":""#);
        writer::bytes(self.seed.expose(), out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// One thing that an agent does.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionAct {
    /// What an agent does.
    pub act: SessionActKind,
    /// Who.
    pub agent: String,
    /// When.
    pub now_ms: u64,
    /// The random bytes that it draws, in the order of section 12; absent: none.
    pub entropy: Option<Vec<u8>>,
    /// Of bundle: the id of spk; of one_time_key: its id.
    pub id: Option<String>,
    /// Of bundle: the id of pq, where suite 2 is offered.
    pub pq_id: Option<String>,
    /// Of bundle: the suites, best first.
    pub suites: Option<Vec<u64>>,
    /// Of one_time_key: whether it has an ML-KEM key; absent: false.
    pub hybrid: Option<bool>,
    /// Of bundle and one_time_key: from when it is valid.
    pub iat: Option<u64>,
    /// Of bundle and one_time_key: when it ends.
    pub exp: Option<u64>,
    /// Of begin: the bundle of the other side.
    pub bundle: Option<Envelope>,
    /// Of begin: a one-time key of the other side; absent: none.
    pub one_time_key: Option<Envelope>,
    /// Of begin and due: the other side.
    pub peer: Option<String>,
    /// Of begin: why it heals; absent: it does not.
    pub cause: Option<SessionCause>,
    /// Of begin with a cause: whether it names no old session; absent: false.
    pub afresh: Option<bool>,
    /// Of seal, close, reset and export: the session.
    pub sid: Option<Salt>,
    /// Of seal: the message.
    pub data: Option<Vec<u8>>,
    /// Of receive: a frame or a container.
    pub bytes: Option<Vec<u8>>,
    /// Of export: the label.
    pub label: Option<String>,
    /// Of export: how many bytes.
    pub length: Option<u64>,
}

impl SessionAct {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [
            act,
            afresh,
            agent,
            bundle,
            bytes,
            cause,
            data,
            entropy,
            exp,
            hybrid,
            iat,
            id,
            label,
            length,
            now_ms,
            one_time_key,
            peer,
            pq_id,
            sid,
            suites,
        ] = reader::members(
            this,
            here,
            &[
                "act",
                "afresh",
                "agent",
                "bundle",
                "bytes",
                "cause",
                "data",
                "entropy",
                "exp",
                "hybrid",
                "iat",
                "id",
                "label",
                "length",
                "now_ms",
                "one_time_key",
                "peer",
                "pq_id",
                "sid",
                "suites",
            ],
        )?;
        Ok(Self {
            act: reader::required(this, act, here, "act", SessionActKind::read_at)?,
            agent: reader::required(this, agent, here, "agent", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            now_ms: reader::required(this, now_ms, here, "now_ms", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            entropy: reader::optional(entropy, here, "entropy", |value, path| reader::bytes(value, path, 22369622))?,
            id: reader::optional(id, here, "id", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            pq_id: reader::optional(pq_id, here, "pq_id", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            suites: reader::optional(suites, here, "suites", |value, path| {
                reader::list(value, path, 1, 8, |value, path| reader::unsigned(value, path, 1, 65535))
            })?,
            hybrid: reader::optional(hybrid, here, "hybrid", reader::boolean)?,
            iat: reader::optional(iat, here, "iat", |value, path| reader::unsigned(value, path, 0, 9007199254740991))?,
            exp: reader::optional(exp, here, "exp", |value, path| reader::unsigned(value, path, 0, 9007199254740991))?,
            bundle: reader::optional(bundle, here, "bundle", Envelope::read_at)?,
            one_time_key: reader::optional(one_time_key, here, "one_time_key", Envelope::read_at)?,
            peer: reader::optional(peer, here, "peer", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
            cause: reader::optional(cause, here, "cause", SessionCause::read_at)?,
            afresh: reader::optional(afresh, here, "afresh", reader::boolean)?,
            sid: reader::optional(sid, here, "sid", reader::fixed)?,
            data: reader::optional(data, here, "data", |value, path| reader::bytes(value, path, 22369622))?,
            bytes: reader::optional(bytes, here, "bytes", |value, path| reader::bytes(value, path, 22369622))?,
            label: reader::optional(label, here, "label", |value, path| reader::text(value, path, 1, 128))?,
            length: reader::optional(length, here, "length", |value, path| reader::unsigned(value, path, 0, 65536))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(736);
        out.extend_from_slice(br#"{"act":""#);
        out.extend_from_slice(self.act.as_str().as_bytes());
        out.push(b'"');
        if let Some(x) = self.afresh {
            out.extend_from_slice(br#","afresh":"#);
            writer::boolean(x, out);
        }
        out.extend_from_slice(br#","agent":"#);
        json::write_string(&self.agent, out);
        if let Some(x) = &self.bundle {
            out.extend_from_slice(br#","bundle":"#);
            x.write(out);
        }
        if let Some(x) = &self.bytes {
            out.extend_from_slice(br#","bytes":""#);
            writer::bytes(x, out);
            out.push(b'"');
        }
        if let Some(x) = self.cause {
            out.extend_from_slice(br#","cause":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.push(b'"');
        }
        if let Some(x) = &self.data {
            out.extend_from_slice(br#","data":""#);
            writer::bytes(x, out);
            out.push(b'"');
        }
        if let Some(x) = &self.entropy {
            out.extend_from_slice(br#","entropy":""#);
            writer::bytes(x, out);
            out.push(b'"');
        }
        if let Some(x) = self.exp {
            out.extend_from_slice(br#","exp":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = self.hybrid {
            out.extend_from_slice(br#","hybrid":"#);
            writer::boolean(x, out);
        }
        if let Some(x) = self.iat {
            out.extend_from_slice(br#","iat":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = &self.id {
            out.extend_from_slice(br#","id":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.label {
            out.extend_from_slice(br#","label":"#);
            json::write_string(x, out);
        }
        if let Some(x) = self.length {
            out.extend_from_slice(br#","length":"#);
            writer::unsigned(x, out);
        }
        out.extend_from_slice(br#","now_ms":"#);
        writer::unsigned(self.now_ms, out);
        if let Some(x) = &self.one_time_key {
            out.extend_from_slice(br#","one_time_key":"#);
            x.write(out);
        }
        if let Some(x) = &self.peer {
            out.extend_from_slice(br#","peer":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.pq_id {
            out.extend_from_slice(br#","pq_id":"#);
            json::write_string(x, out);
        }
        if let Some(x) = self.sid {
            out.extend_from_slice(br#","sid":""#);
            x.write(out);
            out.push(b'"');
        }
        if let Some(x) = &self.suites {
            out.extend_from_slice(br#","suites":"#);
            writer::list(x, out, |x, out| {
                writer::unsigned(*x, out);
            });
        }
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// What an agent does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SessionActKind {
    /// Makes a prekey bundle.
    Bundle,
    /// Makes a one-time key.
    OneTimeKey,
    /// Begins a session.
    Begin,
    /// Seals a message.
    Seal,
    /// Seals a close.
    Close,
    /// Seals a reset notice.
    Reset,
    /// Takes what came from the network.
    Receive,
    /// Gives a value of the exporter.
    Export,
    /// Says what is due towards a peer.
    Due,
    /// Erases what is over.
    Sweep,
    /// Remembers its state, as a backup does.
    Save,
    /// Goes back to the state that was saved, as a backup does; failures are forgotten.
    Restore,
}

impl SessionActKind {
    /// Every value, in order.
    pub const ALL: &'static [SessionActKind] = &[
        SessionActKind::Bundle,
        SessionActKind::OneTimeKey,
        SessionActKind::Begin,
        SessionActKind::Seal,
        SessionActKind::Close,
        SessionActKind::Reset,
        SessionActKind::Receive,
        SessionActKind::Export,
        SessionActKind::Due,
        SessionActKind::Sweep,
        SessionActKind::Save,
        SessionActKind::Restore,
    ];

    const WORDS: &'static [&'static str] = &[
        "bundle",
        "one_time_key",
        "begin",
        "seal",
        "close",
        "reset",
        "receive",
        "export",
        "due",
        "sweep",
        "save",
        "restore",
    ];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            SessionActKind::Bundle => "bundle",
            SessionActKind::OneTimeKey => "one_time_key",
            SessionActKind::Begin => "begin",
            SessionActKind::Seal => "seal",
            SessionActKind::Close => "close",
            SessionActKind::Reset => "reset",
            SessionActKind::Receive => "receive",
            SessionActKind::Export => "export",
            SessionActKind::Due => "due",
            SessionActKind::Sweep => "sweep",
            SessionActKind::Save => "save",
            SessionActKind::Restore => "restore",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "bundle" => Some(SessionActKind::Bundle),
            "one_time_key" => Some(SessionActKind::OneTimeKey),
            "begin" => Some(SessionActKind::Begin),
            "seal" => Some(SessionActKind::Seal),
            "close" => Some(SessionActKind::Close),
            "reset" => Some(SessionActKind::Reset),
            "receive" => Some(SessionActKind::Receive),
            "export" => Some(SessionActKind::Export),
            "due" => Some(SessionActKind::Due),
            "sweep" => Some(SessionActKind::Sweep),
            "save" => Some(SessionActKind::Save),
            "restore" => Some(SessionActKind::Restore),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for SessionActKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Of begin: why it heals; absent: it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SessionCause {
    /// A fork.
    Fork,
    /// A reset notice was opened.
    Reset,
    /// Twenty frames failed in a row.
    Failures,
    /// A renewal has waited an hour for its answer.
    Unanswered,
}

impl SessionCause {
    /// Every value, in order.
    pub const ALL: &'static [SessionCause] =
        &[SessionCause::Fork, SessionCause::Reset, SessionCause::Failures, SessionCause::Unanswered];

    const WORDS: &'static [&'static str] = &["fork", "reset", "failures", "unanswered"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            SessionCause::Fork => "fork",
            SessionCause::Reset => "reset",
            SessionCause::Failures => "failures",
            SessionCause::Unanswered => "unanswered",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "fork" => Some(SessionCause::Fork),
            "reset" => Some(SessionCause::Reset),
            "failures" => Some(SessionCause::Failures),
            "unanswered" => Some(SessionCause::Unanswered),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for SessionCause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What came of an act.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionResult {
    /// Whether it was done.
    pub ok: bool,
    /// Why not.
    pub code: Option<ErrorCode>,
    /// Of bundle and one_time_key: what is published.
    pub envelope: Option<Envelope>,
    /// The session.
    pub sid: Option<Salt>,
    /// Of begin: its suite.
    pub suite: Option<u64>,
    /// Of seal, close and reset: what goes out.
    pub bytes: Option<Vec<u8>>,
    /// Of what was sealed or opened; with session.fork: of the frame that was refused.
    pub frame_hash: Option<Hash>,
    /// With session.fork: of the frame that was opened with the key.
    pub before: Option<Hash>,
    /// mk of what was sealed or opened.
    pub message_key: Option<Seed>,
    /// Of receive: who sent it.
    pub peer: Option<String>,
    /// Of receive: what is in the frame.
    pub content: Option<SessionContent>,
    /// Of receive: the message.
    pub data: Option<Vec<u8>>,
    /// Of receive of a close: how many messages have not come.
    pub missing: Option<u64>,
    /// Of a frame that began its session: what is known of the peer.
    pub known: Option<SessionKnown>,
    /// Of a frame that began its session: whether a one-time key was used.
    pub one_time_key: Option<bool>,
    /// Of export: the value.
    pub value: Option<Vec<u8>>,
    /// Of due: what is due; absent: nothing.
    pub due: Option<SessionDue>,
    /// Of sweep: how many sessions, bundles and one-time keys were over.
    pub erased: Option<u64>,
}

impl SessionResult {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [
            before,
            bytes,
            code,
            content,
            data,
            due,
            envelope,
            erased,
            frame_hash,
            known,
            message_key,
            missing,
            ok,
            one_time_key,
            peer,
            sid,
            suite,
            value,
        ] = reader::members(
            this,
            here,
            &[
                "before",
                "bytes",
                "code",
                "content",
                "data",
                "due",
                "envelope",
                "erased",
                "frame_hash",
                "known",
                "message_key",
                "missing",
                "ok",
                "one_time_key",
                "peer",
                "sid",
                "suite",
                "value",
            ],
        )?;
        Ok(Self {
            ok: reader::required(this, ok, here, "ok", reader::boolean)?,
            code: reader::optional(code, here, "code", reader::error_code)?,
            envelope: reader::optional(envelope, here, "envelope", Envelope::read_at)?,
            sid: reader::optional(sid, here, "sid", reader::fixed)?,
            suite: reader::optional(suite, here, "suite", |value, path| reader::unsigned(value, path, 1, 65535))?,
            bytes: reader::optional(bytes, here, "bytes", |value, path| reader::bytes(value, path, 22369622))?,
            frame_hash: reader::optional(frame_hash, here, "frame_hash", reader::fixed)?,
            before: reader::optional(before, here, "before", reader::fixed)?,
            message_key: reader::optional(message_key, here, "message_key", reader::seed)?,
            peer: reader::optional(peer, here, "peer", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
            content: reader::optional(content, here, "content", SessionContent::read_at)?,
            data: reader::optional(data, here, "data", |value, path| reader::bytes(value, path, 22369622))?,
            missing: reader::optional(missing, here, "missing", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            known: reader::optional(known, here, "known", SessionKnown::read_at)?,
            one_time_key: reader::optional(one_time_key, here, "one_time_key", reader::boolean)?,
            value: reader::optional(value, here, "value", |value, path| reader::bytes(value, path, 22369622))?,
            due: reader::optional(due, here, "due", SessionDue::read_at)?,
            erased: reader::optional(erased, here, "erased", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(704);
        out.push(b'{');
        if let Some(x) = self.before {
            out.extend_from_slice(br#""before":""#);
            x.write(out);
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = &self.bytes {
            out.extend_from_slice(br#""bytes":""#);
            writer::bytes(x, out);
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = self.code {
            out.extend_from_slice(br#""code":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = self.content {
            out.extend_from_slice(br#""content":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = &self.data {
            out.extend_from_slice(br#""data":""#);
            writer::bytes(x, out);
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = self.due {
            out.extend_from_slice(br#""due":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = &self.envelope {
            out.extend_from_slice(br#""envelope":"#);
            x.write(out);
            out.push(b',');
        }
        if let Some(x) = self.erased {
            out.extend_from_slice(br#""erased":"#);
            writer::unsigned(x, out);
            out.push(b',');
        }
        if let Some(x) = self.frame_hash {
            out.extend_from_slice(br#""frame_hash":""#);
            x.write(out);
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = self.known {
            out.extend_from_slice(br#""known":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = &self.message_key {
            out.extend_from_slice(br#""message_key":""#);
            writer::bytes(x.expose(), out);
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = self.missing {
            out.extend_from_slice(br#""missing":"#);
            writer::unsigned(x, out);
            out.push(b',');
        }
        out.extend_from_slice(br#""ok":"#);
        writer::boolean(self.ok, out);
        if let Some(x) = self.one_time_key {
            out.extend_from_slice(br#","one_time_key":"#);
            writer::boolean(x, out);
        }
        if let Some(x) = &self.peer {
            out.extend_from_slice(br#","peer":"#);
            json::write_string(x, out);
        }
        if let Some(x) = self.sid {
            out.extend_from_slice(br#","sid":""#);
            x.write(out);
            out.push(b'"');
        }
        if let Some(x) = self.suite {
            out.extend_from_slice(br#","suite":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = &self.value {
            out.extend_from_slice(br#","value":""#);
            writer::bytes(x, out);
            out.push(b'"');
        }
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Of receive: what is in the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SessionContent {
    /// Data.
    Message,
    /// The sender is done.
    Close,
    /// The sender cannot read what is sent to it.
    Reset,
}

impl SessionContent {
    /// Every value, in order.
    pub const ALL: &'static [SessionContent] = &[SessionContent::Message, SessionContent::Close, SessionContent::Reset];

    const WORDS: &'static [&'static str] = &["message", "close", "reset"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            SessionContent::Message => "message",
            SessionContent::Close => "close",
            SessionContent::Reset => "reset",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "message" => Some(SessionContent::Message),
            "close" => Some(SessionContent::Close),
            "reset" => Some(SessionContent::Reset),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for SessionContent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Of a frame that began its session: what is known of the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SessionKnown {
    /// There was no answered session with it.
    First,
    /// It renewed one.
    Renewed,
    /// There was one, and this does not follow from it.
    Fresh,
}

impl SessionKnown {
    /// Every value, in order.
    pub const ALL: &'static [SessionKnown] = &[SessionKnown::First, SessionKnown::Renewed, SessionKnown::Fresh];

    const WORDS: &'static [&'static str] = &["first", "renewed", "fresh"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            SessionKnown::First => "first",
            SessionKnown::Renewed => "renewed",
            SessionKnown::Fresh => "fresh",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "first" => Some(SessionKnown::First),
            "renewed" => Some(SessionKnown::Renewed),
            "fresh" => Some(SessionKnown::Fresh),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for SessionKnown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Of due: what is due; absent: nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SessionDue {
    /// The current session is to be renewed.
    Renewal,
    /// A renewal has waited an hour for its answer.
    Retry,
}

impl SessionDue {
    /// Every value, in order.
    pub const ALL: &'static [SessionDue] = &[SessionDue::Renewal, SessionDue::Retry];

    const WORDS: &'static [&'static str] = &["renewal", "retry"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            SessionDue::Renewal => "renewal",
            SessionDue::Retry => "retry",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "renewal" => Some(SessionDue::Renewal),
            "retry" => Some(SessionDue::Retry),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for SessionDue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A session at the end.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionSeen {
    /// Whose.
    pub agent: String,
    /// Its name.
    pub sid: Salt,
    /// The other side.
    pub peer: String,
    /// Its suite.
    pub suite: u64,
    /// Whether this side began it.
    pub initiator: bool,
    /// Whether the other side is known to have it.
    pub answered: bool,
    /// Whether it seals no more.
    pub retired: bool,
    /// Whether its agent sends on it.
    pub current: bool,
    /// Messages that were passed over.
    pub missing: u64,
    /// th.
    pub transcript_hash: Hash,
}

impl SessionSeen {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [agent, answered, current, initiator, missing, peer, retired, sid, suite, transcript_hash] =
            reader::members(
                this,
                here,
                &[
                    "agent",
                    "answered",
                    "current",
                    "initiator",
                    "missing",
                    "peer",
                    "retired",
                    "sid",
                    "suite",
                    "transcript_hash",
                ],
            )?;
        Ok(Self {
            agent: reader::required(this, agent, here, "agent", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            sid: reader::required(this, sid, here, "sid", reader::fixed)?,
            peer: reader::required(this, peer, here, "peer", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
            suite: reader::required(this, suite, here, "suite", |value, path| reader::unsigned(value, path, 1, 65535))?,
            initiator: reader::required(this, initiator, here, "initiator", reader::boolean)?,
            answered: reader::required(this, answered, here, "answered", reader::boolean)?,
            retired: reader::required(this, retired, here, "retired", reader::boolean)?,
            current: reader::required(this, current, here, "current", reader::boolean)?,
            missing: reader::required(this, missing, here, "missing", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            transcript_hash: reader::required(this, transcript_hash, here, "transcript_hash", reader::fixed)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(384);
        out.extend_from_slice(br#"{"agent":"#);
        json::write_string(&self.agent, out);
        out.extend_from_slice(br#","answered":"#);
        writer::boolean(self.answered, out);
        out.extend_from_slice(br#","current":"#);
        writer::boolean(self.current, out);
        out.extend_from_slice(br#","initiator":"#);
        writer::boolean(self.initiator, out);
        out.extend_from_slice(br#","missing":"#);
        writer::unsigned(self.missing, out);
        out.extend_from_slice(br#","peer":"#);
        json::write_string(&self.peer, out);
        out.extend_from_slice(br#","retired":"#);
        writer::boolean(self.retired, out);
        out.extend_from_slice(br#","sid":""#);
        self.sid.write(out);
        out.extend_from_slice(br#"","suite":"#);
        writer::unsigned(self.suite, out);
        out.extend_from_slice(br#","transcript_hash":""#);
        self.transcript_hash.write(out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}
