// Generated from contracts/schemas/receipt.json by `cargo run -p talos-codegen`; do not edit.
//! Signed evidence of one step of one action (docs/spec/receipt.md).

use super::reader::Path;
use super::{
    ActionKind, Effect, ErrorCode, OutcomeStatus, PolicyRef, Scope, SessionRef, SignMode, Verdict, reader, writer,
};
use crate::json::Value;
use crate::scalar::{Hash, Salt};
use crate::{Error, json, scalar};

/// Signed evidence of one step of one action (docs/spec/receipt.md).
#[derive(Clone, Debug, PartialEq)]
pub struct Receipt {
    /// DID URL of the signing key.
    pub iss: String,
    /// Origin of the log that holds the receipt.
    pub log: String,
    /// Id of the chain: sixteen random bytes.
    pub chain: Salt,
    /// Place in the chain, from zero.
    pub seq: u64,
    /// When the receipt was issued, in milliseconds since 1970; a claim of the issuer.
    pub iat: u64,
    /// What the receipt is evidence of.
    pub kind: ReceiptKind,
    /// The run that the chain belongs to.
    pub run: String,
    /// The agent.
    pub actor: String,
    /// Who vouches for a receipt.
    pub sign: SignMode,
    /// Whether the action was released before its receipt was durable.
    pub dur: Durability,
    /// Sixteen random bytes that blind the leaf.
    pub salt: Salt,
    /// Id of the receipt before; absent at seq 0.
    pub prev: Option<Hash>,
    /// Id of the writer's boot.
    pub boot: Option<Salt>,
    /// Last durable receipt of the run's chain before.
    pub predecessor: Option<Hash>,
    /// Whether the chain promises a heartbeat every 60 seconds.
    pub hb: Option<bool>,
    /// The id of a call within its run, made by the connector.
    pub call: Option<String>,
    /// Id of the decision's receipt.
    pub r#ref: Option<Hash>,
    /// On whose behalf the agent acts, as the host names it.
    pub principal: Option<String>,
    /// What was decided on.
    pub action: Option<ReceiptAction>,
    /// The answer to an action, in rising order of weight.
    pub verdict: Option<Verdict>,
    /// Reason codes, sorted by stage and code.
    pub reasons: Option<Vec<String>>,
    /// The rules of the policy, budgets and rates that gave the reasons, in their order, each once.
    pub rules: Option<Vec<String>>,
    /// Ids of the capabilities that were used.
    pub caps: Option<Vec<Hash>>,
    /// Which policy decided.
    pub policy: Option<PolicyRef>,
    /// Id of the request for approval that the decision is about: where it is allow, the one that it redeemed.
    pub approval: Option<Hash>,
    /// The verdict that the policy, in mode observe, would have given.
    pub observed: Option<Verdict>,
    /// What the policy in shadow mode would have decided.
    pub shadow: Option<ReceiptShadow>,
    /// The session that carried the action.
    pub session: Option<SessionRef>,
    /// How the action ended.
    pub outcome: Option<ReceiptOutcome>,
    /// What was reserved or spent.
    pub budget: Option<ReceiptBudget>,
    /// Whether the outcome came after the permit had expired.
    pub late: Option<bool>,
    /// seq of the last receipt of the chain.
    pub final_seq: Option<u64>,
    /// Permits without an outcome.
    pub permits: Option<Vec<ReceiptPermit>>,
    /// What was turned.
    pub standing: Option<ReceiptStanding>,
    /// The policy that was in force before.
    pub replaces: Option<PolicyRef>,
    /// Extensions: members that Talos carries and never interprets.
    pub ext: Option<Value>,
}

impl Receipt {
    /// Contract and major version.
    pub const TYP: &'static str = "talos.receipt/1";

    /// Media type: what an envelope with this contract names as its payload type.
    pub const MEDIA_TYPE: &'static str = "application/vnd.talos.receipt.v1+json";

    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        reader::typ(this, here, Self::TYP)?;
        let [
            action,
            actor,
            approval,
            boot,
            budget,
            call,
            caps,
            chain,
            dur,
            ext,
            final_seq,
            hb,
            iat,
            iss,
            kind,
            late,
            log,
            observed,
            outcome,
            permits,
            policy,
            predecessor,
            prev,
            principal,
            reasons,
            r#ref,
            replaces,
            rules,
            run,
            salt,
            seq,
            session,
            shadow,
            sign,
            standing,
            typ,
            verdict,
        ] = reader::members(
            this,
            here,
            &[
                "action",
                "actor",
                "approval",
                "boot",
                "budget",
                "call",
                "caps",
                "chain",
                "dur",
                "ext",
                "final_seq",
                "hb",
                "iat",
                "iss",
                "kind",
                "late",
                "log",
                "observed",
                "outcome",
                "permits",
                "policy",
                "predecessor",
                "prev",
                "principal",
                "reasons",
                "ref",
                "replaces",
                "rules",
                "run",
                "salt",
                "seq",
                "session",
                "shadow",
                "sign",
                "standing",
                "typ",
                "verdict",
            ],
        )?;
        reader::required(this, typ, here, "typ", |_, _| Ok(()))?;
        let body = Self {
            iss: reader::required(this, iss, here, "iss", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_did_url,
                    "The DID URL of a key: a did:key, '#', and its multibase part again.",
                )
            })?,
            log: reader::required(this, log, here, "log", |value, path| {
                reader::checked(value, path, scalar::is_origin, "The name of a log: the first line of its checkpoints.")
            })?,
            chain: reader::required(this, chain, here, "chain", reader::fixed)?,
            seq: reader::required(this, seq, here, "seq", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            iat: reader::required(this, iat, here, "iat", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            kind: reader::required(this, kind, here, "kind", ReceiptKind::read_at)?,
            run: reader::required(this, run, here, "run", |value, path| {
                reader::checked(value, path, scalar::is_uuid, "A UUID in lower case.")
            })?,
            actor: reader::required(this, actor, here, "actor", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
            sign: reader::required(this, sign, here, "sign", SignMode::read_at)?,
            dur: reader::required(this, dur, here, "dur", Durability::read_at)?,
            salt: reader::required(this, salt, here, "salt", reader::fixed)?,
            prev: reader::optional(prev, here, "prev", reader::fixed)?,
            boot: reader::optional(boot, here, "boot", reader::fixed)?,
            predecessor: reader::optional(predecessor, here, "predecessor", reader::fixed)?,
            hb: reader::optional(hb, here, "hb", reader::boolean)?,
            call: reader::optional(call, here, "call", |value, path| reader::text(value, path, 1, 128))?,
            r#ref: reader::optional(r#ref, here, "ref", reader::fixed)?,
            principal: reader::optional(principal, here, "principal", |value, path| reader::text(value, path, 1, 512))?,
            action: reader::optional(action, here, "action", ReceiptAction::read_at)?,
            verdict: reader::optional(verdict, here, "verdict", Verdict::read_at)?,
            reasons: reader::optional(reasons, here, "reasons", |value, path| {
                reader::list(value, path, 0, 16, |value, path| {
                    reader::checked(value, path, scalar::is_code, "A reason code: words joined by dots.")
                })
            })?,
            rules: reader::optional(rules, here, "rules", |value, path| {
                reader::list(value, path, 1, 16, |value, path| reader::text(value, path, 1, 256))
            })?,
            caps: reader::optional(caps, here, "caps", |value, path| reader::list(value, path, 0, 8, reader::fixed))?,
            policy: reader::optional(policy, here, "policy", PolicyRef::read_at)?,
            approval: reader::optional(approval, here, "approval", reader::fixed)?,
            observed: reader::optional(observed, here, "observed", Verdict::read_at)?,
            shadow: reader::optional(shadow, here, "shadow", ReceiptShadow::read_at)?,
            session: reader::optional(session, here, "session", SessionRef::read_at)?,
            outcome: reader::optional(outcome, here, "outcome", ReceiptOutcome::read_at)?,
            budget: reader::optional(budget, here, "budget", ReceiptBudget::read_at)?,
            late: reader::optional(late, here, "late", reader::boolean)?,
            final_seq: reader::optional(final_seq, here, "final_seq", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            permits: reader::optional(permits, here, "permits", |value, path| {
                reader::list(value, path, 0, 1000, ReceiptPermit::read_at)
            })?,
            standing: reader::optional(standing, here, "standing", ReceiptStanding::read_at)?,
            replaces: reader::optional(replaces, here, "replaces", PolicyRef::read_at)?,
            ext: reader::optional(ext, here, "ext", |value, path| reader::open(value, path, 64))?,
        };
        body.check_variant().map_err(|error| error.at(this.span))?;
        Ok(body)
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(1568);
        out.push(b'{');
        if let Some(x) = &self.action {
            out.extend_from_slice(br#""action":"#);
            x.write(out);
            out.push(b',');
        }
        out.extend_from_slice(br#""actor":"#);
        json::write_string(&self.actor, out);
        if let Some(x) = self.approval {
            out.extend_from_slice(br#","approval":""#);
            x.write(out);
            out.push(b'"');
        }
        if let Some(x) = self.boot {
            out.extend_from_slice(br#","boot":""#);
            x.write(out);
            out.push(b'"');
        }
        if let Some(x) = &self.budget {
            out.extend_from_slice(br#","budget":"#);
            x.write(out);
        }
        if let Some(x) = &self.call {
            out.extend_from_slice(br#","call":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.caps {
            out.extend_from_slice(br#","caps":"#);
            writer::list(x, out, |x, out| {
                out.push(b'"');
                x.write(out);
                out.push(b'"');
            });
        }
        out.extend_from_slice(br#","chain":""#);
        self.chain.write(out);
        out.extend_from_slice(br#"","dur":""#);
        out.extend_from_slice(self.dur.as_str().as_bytes());
        out.push(b'"');
        if let Some(x) = &self.ext {
            out.extend_from_slice(br#","ext":"#);
            json::write_canonical(x, out);
        }
        if let Some(x) = self.final_seq {
            out.extend_from_slice(br#","final_seq":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = self.hb {
            out.extend_from_slice(br#","hb":"#);
            writer::boolean(x, out);
        }
        out.extend_from_slice(br#","iat":"#);
        writer::unsigned(self.iat, out);
        out.extend_from_slice(br#","iss":"#);
        json::write_string(&self.iss, out);
        out.extend_from_slice(br#","kind":""#);
        out.extend_from_slice(self.kind.as_str().as_bytes());
        out.push(b'"');
        if let Some(x) = self.late {
            out.extend_from_slice(br#","late":"#);
            writer::boolean(x, out);
        }
        out.extend_from_slice(br#","log":"#);
        json::write_string(&self.log, out);
        if let Some(x) = self.observed {
            out.extend_from_slice(br#","observed":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.push(b'"');
        }
        if let Some(x) = &self.outcome {
            out.extend_from_slice(br#","outcome":"#);
            x.write(out);
        }
        if let Some(x) = &self.permits {
            out.extend_from_slice(br#","permits":"#);
            writer::list(x, out, |x, out| {
                x.write(out);
            });
        }
        if let Some(x) = &self.policy {
            out.extend_from_slice(br#","policy":"#);
            x.write(out);
        }
        if let Some(x) = self.predecessor {
            out.extend_from_slice(br#","predecessor":""#);
            x.write(out);
            out.push(b'"');
        }
        if let Some(x) = self.prev {
            out.extend_from_slice(br#","prev":""#);
            x.write(out);
            out.push(b'"');
        }
        if let Some(x) = &self.principal {
            out.extend_from_slice(br#","principal":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.reasons {
            out.extend_from_slice(br#","reasons":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
        }
        if let Some(x) = self.r#ref {
            out.extend_from_slice(br#","ref":""#);
            x.write(out);
            out.push(b'"');
        }
        if let Some(x) = &self.replaces {
            out.extend_from_slice(br#","replaces":"#);
            x.write(out);
        }
        if let Some(x) = &self.rules {
            out.extend_from_slice(br#","rules":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
        }
        out.extend_from_slice(br#","run":"#);
        json::write_string(&self.run, out);
        out.extend_from_slice(br#","salt":""#);
        self.salt.write(out);
        out.extend_from_slice(br#"","seq":"#);
        writer::unsigned(self.seq, out);
        if let Some(x) = &self.session {
            out.extend_from_slice(br#","session":"#);
            x.write(out);
        }
        if let Some(x) = &self.shadow {
            out.extend_from_slice(br#","shadow":"#);
            x.write(out);
        }
        out.extend_from_slice(br#","sign":""#);
        out.extend_from_slice(self.sign.as_str().as_bytes());
        out.push(b'"');
        if let Some(x) = &self.standing {
            out.extend_from_slice(br#","standing":"#);
            x.write(out);
        }
        out.extend_from_slice(br#","typ":"talos.receipt/1""#);
        if let Some(x) = self.verdict {
            out.extend_from_slice(br#","verdict":""#);
            out.extend_from_slice(x.as_str().as_bytes());
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

    /// Checks that the members are those that the value of `kind` requires and allows.
    pub fn check_variant(&self) -> Result<(), Error> {
        let present = [
            ("action", self.action.is_some()),
            ("approval", self.approval.is_some()),
            ("boot", self.boot.is_some()),
            ("budget", self.budget.is_some()),
            ("call", self.call.is_some()),
            ("caps", self.caps.is_some()),
            ("final_seq", self.final_seq.is_some()),
            ("hb", self.hb.is_some()),
            ("late", self.late.is_some()),
            ("observed", self.observed.is_some()),
            ("outcome", self.outcome.is_some()),
            ("permits", self.permits.is_some()),
            ("policy", self.policy.is_some()),
            ("predecessor", self.predecessor.is_some()),
            ("principal", self.principal.is_some()),
            ("reasons", self.reasons.is_some()),
            ("ref", self.r#ref.is_some()),
            ("replaces", self.replaces.is_some()),
            ("rules", self.rules.is_some()),
            ("session", self.session.is_some()),
            ("shadow", self.shadow.is_some()),
            ("standing", self.standing.is_some()),
            ("verdict", self.verdict.is_some()),
        ];
        let (required, optional): (&[&str], &[&str]) = match self.kind {
            ReceiptKind::Open => (&[], &["boot", "predecessor", "hb"]),
            ReceiptKind::Decision => (
                &["call", "action", "verdict", "reasons", "caps"],
                &["principal", "policy", "approval", "session", "budget", "observed", "shadow", "rules"],
            ),
            ReceiptKind::Start => (&["call", "ref"], &[]),
            ReceiptKind::Outcome => (&["call", "ref", "outcome"], &["late", "reasons", "budget", "session"]),
            ReceiptKind::Release => (&["call", "ref"], &[]),
            ReceiptKind::Gap => (&["permits"], &[]),
            ReceiptKind::Standing => (&["standing"], &[]),
            ReceiptKind::Policy => (&["policy"], &["replaces"]),
            ReceiptKind::Heartbeat => (&[], &[]),
            ReceiptKind::Close => (&["final_seq"], &[]),
        };
        reader::variant(&present, required, optional, self.kind.as_str(), ErrorCode::ReceiptKindMembers)
    }
}

/// What the receipt is evidence of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReceiptKind {
    /// A chain begins.
    Open,
    /// An action was decided on.
    Decision,
    /// An action was started.
    Start,
    /// An action ended.
    Outcome,
    /// A permit was given back unused.
    Release,
    /// Permits of an earlier chain whose outcome nobody knows.
    Gap,
    /// The kill switch or a suspension was turned.
    Standing,
    /// Another policy came into force.
    Policy,
    /// The chain is alive.
    Heartbeat,
    /// The chain ends.
    Close,
}

impl ReceiptKind {
    /// Every value, in order.
    pub const ALL: &'static [ReceiptKind] = &[
        ReceiptKind::Open,
        ReceiptKind::Decision,
        ReceiptKind::Start,
        ReceiptKind::Outcome,
        ReceiptKind::Release,
        ReceiptKind::Gap,
        ReceiptKind::Standing,
        ReceiptKind::Policy,
        ReceiptKind::Heartbeat,
        ReceiptKind::Close,
    ];

    const WORDS: &'static [&'static str] =
        &["open", "decision", "start", "outcome", "release", "gap", "standing", "policy", "heartbeat", "close"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            ReceiptKind::Open => "open",
            ReceiptKind::Decision => "decision",
            ReceiptKind::Start => "start",
            ReceiptKind::Outcome => "outcome",
            ReceiptKind::Release => "release",
            ReceiptKind::Gap => "gap",
            ReceiptKind::Standing => "standing",
            ReceiptKind::Policy => "policy",
            ReceiptKind::Heartbeat => "heartbeat",
            ReceiptKind::Close => "close",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "open" => Some(ReceiptKind::Open),
            "decision" => Some(ReceiptKind::Decision),
            "start" => Some(ReceiptKind::Start),
            "outcome" => Some(ReceiptKind::Outcome),
            "release" => Some(ReceiptKind::Release),
            "gap" => Some(ReceiptKind::Gap),
            "standing" => Some(ReceiptKind::Standing),
            "policy" => Some(ReceiptKind::Policy),
            "heartbeat" => Some(ReceiptKind::Heartbeat),
            "close" => Some(ReceiptKind::Close),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for ReceiptKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether the action was released before its receipt was durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Durability {
    /// Durable before the action was released.
    BeforeRelease,
    /// Released first; for reads only.
    AfterRelease,
}

impl Durability {
    /// Every value, in order.
    pub const ALL: &'static [Durability] = &[Durability::BeforeRelease, Durability::AfterRelease];

    const WORDS: &'static [&'static str] = &["before_release", "after_release"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Durability::BeforeRelease => "before_release",
            Durability::AfterRelease => "after_release",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "before_release" => Some(Durability::BeforeRelease),
            "after_release" => Some(Durability::AfterRelease),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for Durability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What was decided on.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceiptAction {
    /// What kind of thing the agent wants to do.
    pub kind: ActionKind,
    /// What the action is aimed at: a tool's name, a resource's URI, a URL.
    pub target: String,
    /// What an action does to the world, from harmless to final.
    pub effect: Effect,
    /// Hash of the tool's description and schema.
    pub tool_hash: Option<Hash>,
    /// Commitment to the arguments.
    pub args_commit: Hash,
}

impl ReceiptAction {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [args_commit, effect, kind, target, tool_hash] =
            reader::members(this, here, &["args_commit", "effect", "kind", "target", "tool_hash"])?;
        Ok(Self {
            kind: reader::required(this, kind, here, "kind", ActionKind::read_at)?,
            target: reader::required(this, target, here, "target", |value, path| reader::text(value, path, 1, 512))?,
            effect: reader::required(this, effect, here, "effect", Effect::read_at)?,
            tool_hash: reader::optional(tool_hash, here, "tool_hash", reader::fixed)?,
            args_commit: reader::required(this, args_commit, here, "args_commit", reader::fixed)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(224);
        out.extend_from_slice(br#"{"args_commit":""#);
        self.args_commit.write(out);
        out.extend_from_slice(br#"","effect":""#);
        out.extend_from_slice(self.effect.as_str().as_bytes());
        out.extend_from_slice(br#"","kind":""#);
        out.extend_from_slice(self.kind.as_str().as_bytes());
        out.extend_from_slice(br#"","target":"#);
        json::write_string(&self.target, out);
        if let Some(x) = self.tool_hash {
            out.extend_from_slice(br#","tool_hash":""#);
            x.write(out);
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

/// What the policy in shadow mode would have decided.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceiptShadow {
    /// Which policy decided.
    pub policy: PolicyRef,
    /// The answer to an action, in rising order of weight.
    pub verdict: Verdict,
    /// Reason codes, sorted by stage and code.
    pub reasons: Vec<String>,
}

impl ReceiptShadow {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [policy, reasons, verdict] = reader::members(this, here, &["policy", "reasons", "verdict"])?;
        Ok(Self {
            policy: reader::required(this, policy, here, "policy", PolicyRef::read_at)?,
            verdict: reader::required(this, verdict, here, "verdict", Verdict::read_at)?,
            reasons: reader::required(this, reasons, here, "reasons", |value, path| {
                reader::list(value, path, 0, 16, |value, path| {
                    reader::checked(value, path, scalar::is_code, "A reason code: words joined by dots.")
                })
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.extend_from_slice(br#"{"policy":"#);
        self.policy.write(out);
        out.extend_from_slice(br#","reasons":"#);
        writer::list(&self.reasons, out, |x, out| {
            json::write_string(x, out);
        });
        out.extend_from_slice(br#","verdict":""#);
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

/// How the action ended.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceiptOutcome {
    /// How an action ended.
    pub status: OutcomeStatus,
    /// Commitment to the result.
    pub result_commit: Option<Hash>,
}

impl ReceiptOutcome {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [result_commit, status] = reader::members(this, here, &["result_commit", "status"])?;
        Ok(Self {
            status: reader::required(this, status, here, "status", OutcomeStatus::read_at)?,
            result_commit: reader::optional(result_commit, here, "result_commit", reader::fixed)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.push(b'{');
        if let Some(x) = self.result_commit {
            out.extend_from_slice(br#""result_commit":""#);
            x.write(out);
            out.extend_from_slice(br#"","#);
        }
        out.extend_from_slice(br#""status":""#);
        out.extend_from_slice(self.status.as_str().as_bytes());
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// What was reserved or spent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReceiptBudget {
    /// A number of model tokens.
    pub tokens: Option<u64>,
    /// Money in millionths of the currency's unit.
    pub amount_micro: Option<u64>,
    /// ISO 4217 code of a currency.
    pub currency: Option<String>,
}

impl ReceiptBudget {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [amount_micro, currency, tokens] = reader::members(this, here, &["amount_micro", "currency", "tokens"])?;
        Ok(Self {
            tokens: reader::optional(tokens, here, "tokens", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            amount_micro: reader::optional(amount_micro, here, "amount_micro", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            currency: reader::optional(currency, here, "currency", |value, path| {
                reader::checked(value, path, scalar::is_currency, "ISO 4217 code of a currency.")
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        let start = out.len();
        if let Some(x) = self.amount_micro {
            out.extend_from_slice(br#","amount_micro":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = &self.currency {
            out.extend_from_slice(br#","currency":"#);
            json::write_string(x, out);
        }
        if let Some(x) = self.tokens {
            out.extend_from_slice(br#","tokens":"#);
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

/// A permit without an outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceiptPermit {
    /// The id of a call within its run, made by the connector.
    pub call: String,
    /// Id of the decision's receipt.
    pub r#ref: Hash,
}

impl ReceiptPermit {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [call, r#ref] = reader::members(this, here, &["call", "ref"])?;
        Ok(Self {
            call: reader::required(this, call, here, "call", |value, path| reader::text(value, path, 1, 128))?,
            r#ref: reader::required(this, r#ref, here, "ref", reader::fixed)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"call":"#);
        json::write_string(&self.call, out);
        out.extend_from_slice(br#","ref":""#);
        self.r#ref.write(out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// What was turned.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceiptStanding {
    /// A part of what the kernel decides on.
    pub scope: Scope,
    /// Whether the scope is held from now on: nothing is allowed in it, nothing starts.
    pub held: bool,
    /// A note of whoever turned it.
    pub why: Option<String>,
}

impl ReceiptStanding {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [held, scope, why] = reader::members(this, here, &["held", "scope", "why"])?;
        Ok(Self {
            scope: reader::required(this, scope, here, "scope", Scope::read_at)?,
            held: reader::required(this, held, here, "held", reader::boolean)?,
            why: reader::optional(why, here, "why", |value, path| reader::text(value, path, 1, 256))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.extend_from_slice(br#"{"held":"#);
        writer::boolean(self.held, out);
        out.extend_from_slice(br#","scope":"#);
        self.scope.write(out);
        if let Some(x) = &self.why {
            out.extend_from_slice(br#","why":"#);
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
