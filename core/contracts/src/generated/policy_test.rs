// Generated from contracts/schemas/policy_test.json by `cargo run -p talos-codegen`; do not edit.
//! What a policy is expected to say, case by case.

use super::reader::Path;
use super::{Action, Effect, ErrorCode, Verdict, reader, writer};
use crate::json::Value;
use crate::{Error, json, scalar};

/// What a policy is expected to say, case by case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyTest {
    /// What the cases are about.
    pub description: Option<String>,
    /// The cases.
    pub cases: Vec<PolicyCase>,
}

impl PolicyTest {
    /// Contract and major version.
    pub const TYP: &'static str = "talos.policy_test/1";

    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        reader::typ(this, here, Self::TYP)?;
        let [cases, description, _, version] =
            reader::members(this, here, &["cases", "description", "typ", "version"])?;
        reader::optional(version, here, "version", |value, path| reader::constant(value, path, Value::from(1i64)))?;
        Ok(Self {
            description: reader::optional(description, here, "description", |value, path| {
                reader::text(value, path, 0, 4096)
            })?,
            cases: reader::required(this, cases, here, "cases", |value, path| {
                reader::list(value, path, 1, 4096, PolicyCase::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"cases":"#);
        writer::list(&self.cases, out, |x, out| {
            x.write(out);
        });
        if let Some(x) = &self.description {
            out.extend_from_slice(br#","description":"#);
            json::write_string(x, out);
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

/// An action, and what the policy is expected to say to it.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyCase {
    /// What the case shows.
    pub name: String,
    /// The action.
    pub action: Action,
    /// What the run has used so far; absent: nothing.
    pub state: Option<PolicyState>,
    /// Whose action it is; absent: not known.
    pub subject: Option<PolicySubject>,
    /// What is expected; what is absent may be anything.
    pub expect: PolicyExpectation,
}

impl PolicyCase {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [action, expect, name, state, subject] =
            reader::members(this, here, &["action", "expect", "name", "state", "subject"])?;
        Ok(Self {
            name: reader::required(this, name, here, "name", |value, path| reader::text(value, path, 1, 256))?,
            action: reader::required(this, action, here, "action", Action::read_at)?,
            state: reader::optional(state, here, "state", PolicyState::read_at)?,
            subject: reader::optional(subject, here, "subject", PolicySubject::read_at)?,
            expect: reader::required(this, expect, here, "expect", PolicyExpectation::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(224);
        out.extend_from_slice(br#"{"action":"#);
        self.action.write(out);
        out.extend_from_slice(br#","expect":"#);
        self.expect.write(out);
        out.extend_from_slice(br#","name":"#);
        json::write_string(&self.name, out);
        if let Some(x) = &self.state {
            out.extend_from_slice(br#","state":"#);
            x.write(out);
        }
        if let Some(x) = &self.subject {
            out.extend_from_slice(br#","subject":"#);
            x.write(out);
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

/// What is expected; what is absent may be anything.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyExpectation {
    /// The answer to an action, in rising order of weight.
    pub verdict: Verdict,
    /// The effect that is decided on.
    pub effect: Option<Effect>,
    /// The codes of all reasons, each once, in any order.
    pub reasons: Option<Vec<ErrorCode>>,
    /// The approval rules that ask, in any order.
    pub asks: Option<Vec<String>>,
    /// The rates that have to be kept, in any order.
    pub rates: Option<Vec<String>>,
}

impl PolicyExpectation {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [asks, effect, rates, reasons, verdict] =
            reader::members(this, here, &["asks", "effect", "rates", "reasons", "verdict"])?;
        Ok(Self {
            verdict: reader::required(this, verdict, here, "verdict", Verdict::read_at)?,
            effect: reader::optional(effect, here, "effect", Effect::read_at)?,
            reasons: reader::optional(reasons, here, "reasons", |value, path| {
                reader::list(value, path, 0, 16, reader::error_code)
            })?,
            asks: reader::optional(asks, here, "asks", |value, path| {
                reader::list(value, path, 0, 256, |value, path| reader::text(value, path, 1, 64))
            })?,
            rates: reader::optional(rates, here, "rates", |value, path| {
                reader::list(value, path, 0, 256, |value, path| reader::text(value, path, 1, 64))
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(192);
        out.push(b'{');
        if let Some(x) = &self.asks {
            out.extend_from_slice(br#""asks":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
            out.push(b',');
        }
        if let Some(x) = self.effect {
            out.extend_from_slice(br#""effect":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = &self.rates {
            out.extend_from_slice(br#""rates":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
            out.push(b',');
        }
        if let Some(x) = &self.reasons {
            out.extend_from_slice(br#""reasons":"#);
            writer::list(x, out, |x, out| {
                out.push(b'"');
                out.extend_from_slice(x.as_str().as_bytes());
                out.push(b'"');
            });
            out.push(b',');
        }
        out.extend_from_slice(br#""verdict":""#);
        out.extend_from_slice(self.verdict.as_str().as_bytes());
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// What a run has used so far, and what its host knows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyState {
    /// Calls that ended or expired.
    pub tool_calls_admitted: Option<u64>,
    /// Calls whose permit is open.
    pub tool_calls_in_flight: Option<u64>,
    /// Tokens that are reserved or used.
    pub tokens_reserved: Option<u64>,
    /// Money that is reserved or spent.
    pub spent_micro: Option<u64>,
    /// The time in milliseconds since 1970; absent: not known.
    pub now_ms: Option<u64>,
    /// The symbolic links that there are; absent: nobody can follow links.
    pub real_paths: Option<Vec<PolicyLink>>,
}

impl PolicyState {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [now_ms, real_paths, spent_micro, tokens_reserved, tool_calls_admitted, tool_calls_in_flight] =
            reader::members(
                this,
                here,
                &[
                    "now_ms",
                    "real_paths",
                    "spent_micro",
                    "tokens_reserved",
                    "tool_calls_admitted",
                    "tool_calls_in_flight",
                ],
            )?;
        Ok(Self {
            tool_calls_admitted: reader::optional(tool_calls_admitted, here, "tool_calls_admitted", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            tool_calls_in_flight: reader::optional(
                tool_calls_in_flight,
                here,
                "tool_calls_in_flight",
                |value, path| reader::unsigned(value, path, 0, 9007199254740991),
            )?,
            tokens_reserved: reader::optional(tokens_reserved, here, "tokens_reserved", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            spent_micro: reader::optional(spent_micro, here, "spent_micro", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            now_ms: reader::optional(now_ms, here, "now_ms", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            real_paths: reader::optional(real_paths, here, "real_paths", |value, path| {
                reader::list(value, path, 0, 256, PolicyLink::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(224);
        let start = out.len();
        if let Some(x) = self.now_ms {
            out.extend_from_slice(br#","now_ms":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = &self.real_paths {
            out.extend_from_slice(br#","real_paths":"#);
            writer::list(x, out, |x, out| {
                x.write(out);
            });
        }
        if let Some(x) = self.spent_micro {
            out.extend_from_slice(br#","spent_micro":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = self.tokens_reserved {
            out.extend_from_slice(br#","tokens_reserved":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = self.tool_calls_admitted {
            out.extend_from_slice(br#","tool_calls_admitted":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = self.tool_calls_in_flight {
            out.extend_from_slice(br#","tool_calls_in_flight":"#);
            writer::unsigned(x, out);
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

/// A symbolic link.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyLink {
    /// Where the link is.
    pub path: String,
    /// Where it leads, as an absolute path; absent: it cannot be followed.
    pub real: Option<String>,
}

impl PolicyLink {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [path, real] = reader::members(this, here, &["path", "real"])?;
        Ok(Self {
            path: reader::required(this, path, here, "path", |value, path| reader::text(value, path, 1, 4096))?,
            real: reader::optional(real, here, "real", |value, path| reader::text(value, path, 1, 4096))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"path":"#);
        json::write_string(&self.path, out);
        if let Some(x) = &self.real {
            out.extend_from_slice(br#","real":"#);
            json::write_string(x, out);
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

/// Whose action it is; what is absent is not known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicySubject {
    /// The name of the organisation that the agent belongs to.
    pub organisation: Option<String>,
    /// The name of the team that the agent belongs to.
    pub team: Option<String>,
    /// The name of the agent.
    pub agent: Option<String>,
    /// The DID that acts.
    pub actor: Option<String>,
    /// The run.
    pub run: Option<String>,
}

impl PolicySubject {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [actor, agent, organisation, run, team] =
            reader::members(this, here, &["actor", "agent", "organisation", "run", "team"])?;
        Ok(Self {
            organisation: reader::optional(organisation, here, "organisation", |value, path| {
                reader::text(value, path, 1, 128)
            })?,
            team: reader::optional(team, here, "team", |value, path| reader::text(value, path, 1, 128))?,
            agent: reader::optional(agent, here, "agent", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            actor: reader::optional(actor, here, "actor", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
            run: reader::optional(run, here, "run", |value, path| {
                reader::checked(value, path, scalar::is_uuid, "A UUID in lower case.")
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(256);
        let start = out.len();
        if let Some(x) = &self.actor {
            out.extend_from_slice(br#","actor":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.agent {
            out.extend_from_slice(br#","agent":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.organisation {
            out.extend_from_slice(br#","organisation":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.run {
            out.extend_from_slice(br#","run":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.team {
            out.extend_from_slice(br#","team":"#);
            json::write_string(x, out);
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
