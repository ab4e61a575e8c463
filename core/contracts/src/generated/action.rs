// Generated from contracts/schemas/action.json by `cargo run -p talos-codegen`; do not edit.
//! What an agent wants to do: the input of a decision.

use super::reader::Path;
use super::{ActionKind, Amount, Effect, SessionRef, reader, writer};
use crate::json::Value;
use crate::scalar::Hash;
use crate::{Error, json, scalar};

/// What an agent wants to do: the input of a decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// The run that the action belongs to; absent: the kernel's own.
    pub run: Option<String>,
    /// The id of the call; absent: the kernel makes one.
    pub call: Option<String>,
    /// What kind of thing the agent wants to do.
    pub kind: ActionKind,
    /// What the action is aimed at: a tool's name, a resource's URI, a URL.
    pub target: String,
    /// The effect that the operator declared; absent: taken from the policy, else irreversible.
    pub effect: Option<Effect>,
    /// Hash of the tool's description and schema as it is now.
    pub tool_hash: Option<Hash>,
    /// The arguments, any JSON value of profile talos-data; absent: an empty object.
    pub args: Option<Value>,
    /// Tokens that the action asks for.
    pub tokens: Option<u64>,
    /// Money that the action would spend.
    pub amount: Option<Amount>,
    /// On whose behalf the agent acts, as the host names it.
    pub principal: Option<String>,
    /// The model that is asked.
    pub model: Option<String>,
    /// The public id of a caller's key; never the key.
    pub key_id: Option<String>,
    /// Whether the principal consented to this action, as the host knows it; absent: not known.
    pub consent: Option<bool>,
    /// Whether the principal's identity was checked, as the host knows it; absent: not known.
    pub kyc: Option<bool>,
    /// The session and the frame that carried it.
    pub session: Option<SessionRef>,
}

impl Action {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [
            amount,
            args,
            call,
            consent,
            effect,
            key_id,
            kind,
            kyc,
            model,
            principal,
            run,
            session,
            target,
            tokens,
            tool_hash,
        ] = reader::members(
            this,
            here,
            &[
                "amount",
                "args",
                "call",
                "consent",
                "effect",
                "key_id",
                "kind",
                "kyc",
                "model",
                "principal",
                "run",
                "session",
                "target",
                "tokens",
                "tool_hash",
            ],
        )?;
        Ok(Self {
            run: reader::optional(run, here, "run", |value, path| {
                reader::checked(value, path, scalar::is_uuid, "A UUID in lower case.")
            })?,
            call: reader::optional(call, here, "call", |value, path| reader::text(value, path, 1, 128))?,
            kind: reader::required(this, kind, here, "kind", ActionKind::read_at)?,
            target: reader::required(this, target, here, "target", |value, path| reader::text(value, path, 1, 512))?,
            effect: reader::optional(effect, here, "effect", Effect::read_at)?,
            tool_hash: reader::optional(tool_hash, here, "tool_hash", reader::fixed)?,
            args: reader::optional(args, here, "args", reader::any)?,
            tokens: reader::optional(tokens, here, "tokens", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            amount: reader::optional(amount, here, "amount", Amount::read_at)?,
            principal: reader::optional(principal, here, "principal", |value, path| reader::text(value, path, 1, 512))?,
            model: reader::optional(model, here, "model", |value, path| reader::text(value, path, 1, 128))?,
            key_id: reader::optional(key_id, here, "key_id", |value, path| reader::text(value, path, 1, 128))?,
            consent: reader::optional(consent, here, "consent", reader::boolean)?,
            kyc: reader::optional(kyc, here, "kyc", reader::boolean)?,
            session: reader::optional(session, here, "session", SessionRef::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(544);
        out.push(b'{');
        if let Some(x) = &self.amount {
            out.extend_from_slice(br#""amount":"#);
            x.write(out);
            out.push(b',');
        }
        if let Some(x) = &self.args {
            out.extend_from_slice(br#""args":"#);
            json::write_canonical(x, out);
            out.push(b',');
        }
        if let Some(x) = &self.call {
            out.extend_from_slice(br#""call":"#);
            json::write_string(x, out);
            out.push(b',');
        }
        if let Some(x) = self.consent {
            out.extend_from_slice(br#""consent":"#);
            writer::boolean(x, out);
            out.push(b',');
        }
        if let Some(x) = self.effect {
            out.extend_from_slice(br#""effect":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = &self.key_id {
            out.extend_from_slice(br#""key_id":"#);
            json::write_string(x, out);
            out.push(b',');
        }
        out.extend_from_slice(br#""kind":""#);
        out.extend_from_slice(self.kind.as_str().as_bytes());
        out.push(b'"');
        if let Some(x) = self.kyc {
            out.extend_from_slice(br#","kyc":"#);
            writer::boolean(x, out);
        }
        if let Some(x) = &self.model {
            out.extend_from_slice(br#","model":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.principal {
            out.extend_from_slice(br#","principal":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.run {
            out.extend_from_slice(br#","run":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.session {
            out.extend_from_slice(br#","session":"#);
            x.write(out);
        }
        out.extend_from_slice(br#","target":"#);
        json::write_string(&self.target, out);
        if let Some(x) = self.tokens {
            out.extend_from_slice(br#","tokens":"#);
            writer::unsigned(x, out);
        }
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
