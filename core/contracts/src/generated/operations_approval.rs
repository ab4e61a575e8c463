// Generated from contracts/operations/approval.yaml by `cargo run -p talos-codegen`; do not edit.
//! Inputs and outputs of approval.id, approval.sign, approval.verify, approval.make_code, approval.check_code, approval.render, approval.list, approval.show, approval.respond, approval.redeem_code.

use super::reader::Path;
use super::{
    Action, ApprovalAbout, ApprovalCase, ApprovalDamaged, ApprovalFile, ApprovalMissing, ApprovalResponse,
    ApprovalState, ApprovalView, Envelope, ErrorCode, Seed, reader, writer,
};
use crate::json::Value;
use crate::scalar::Hash;
use crate::{Error, json, scalar};

/// Input of `approval.id`.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalIdInput {
    /// The request.
    pub request: Envelope,
}

impl ApprovalIdInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [request] = reader::members(this, here, &["request"])?;
        Ok(Self { request: reader::required(this, request, here, "request", Envelope::read_at)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"request":"#);
        self.request.write(out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `approval.id`.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalIdOutput {
    /// The id.
    pub approval: Hash,
}

impl ApprovalIdOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [approval] = reader::members(this, here, &["approval"])?;
        Ok(Self { approval: reader::required(this, approval, here, "approval", reader::fixed)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"approval":""#);
        self.approval.write(out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `approval.sign`.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalSignInput {
    /// The seed of the person's key.
    pub seed: Seed,
    /// Id of the request.
    pub approval: Hash,
    /// The person, as the request names them.
    pub name: String,
    /// What the person says.
    pub response: ApprovalResponse,
    /// When: at least the request's own iat.
    pub iat: u64,
    /// A sentence for the record.
    pub note: Option<String>,
}

impl ApprovalSignInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [approval, iat, name, note, response, seed] =
            reader::members(this, here, &["approval", "iat", "name", "note", "response", "seed"])?;
        Ok(Self {
            seed: reader::required(this, seed, here, "seed", reader::seed)?,
            approval: reader::required(this, approval, here, "approval", reader::fixed)?,
            name: reader::required(this, name, here, "name", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            response: reader::required(this, response, here, "response", ApprovalResponse::read_at)?,
            iat: reader::required(this, iat, here, "iat", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            note: reader::optional(note, here, "note", |value, path| reader::text(value, path, 1, 1024))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(256);
        out.extend_from_slice(br#"{"approval":""#);
        self.approval.write(out);
        out.extend_from_slice(br#"","iat":"#);
        writer::unsigned(self.iat, out);
        out.extend_from_slice(br#","name":"#);
        json::write_string(&self.name, out);
        if let Some(x) = &self.note {
            out.extend_from_slice(br#","note":"#);
            json::write_string(x, out);
        }
        out.extend_from_slice(br#","response":""#);
        out.extend_from_slice(self.response.as_str().as_bytes());
        out.extend_from_slice(br#"","seed":""#);
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

/// Output of `approval.sign`.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalSignOutput {
    /// The answer.
    pub grant: Envelope,
}

impl ApprovalSignOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [grant] = reader::members(this, here, &["grant"])?;
        Ok(Self { grant: reader::required(this, grant, here, "grant", Envelope::read_at)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"grant":"#);
        self.grant.write(out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `approval.verify`.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalVerifyInput {
    /// The request.
    pub request: Envelope,
    /// The kernel that is trusted to ask.
    pub issuer: String,
    /// The time.
    pub now_ms: u64,
    /// The answers, in any order; absent: none.
    pub grants: Option<Vec<Envelope>>,
    /// What is about to run; absent: not compared.
    pub about: Option<ApprovalAbout>,
}

impl ApprovalVerifyInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [about, grants, issuer, now_ms, request] =
            reader::members(this, here, &["about", "grants", "issuer", "now_ms", "request"])?;
        Ok(Self {
            request: reader::required(this, request, here, "request", Envelope::read_at)?,
            issuer: reader::required(this, issuer, here, "issuer", |value, path| {
                reader::checked(value, path, scalar::is_did_key, "A did:key.")
            })?,
            now_ms: reader::required(this, now_ms, here, "now_ms", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            grants: reader::optional(grants, here, "grants", |value, path| {
                reader::list(value, path, 0, 1024, Envelope::read_at)
            })?,
            about: reader::optional(about, here, "about", ApprovalAbout::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(256);
        out.push(b'{');
        if let Some(x) = &self.about {
            out.extend_from_slice(br#""about":"#);
            x.write(out);
            out.push(b',');
        }
        if let Some(x) = &self.grants {
            out.extend_from_slice(br#""grants":"#);
            writer::list(x, out, |x, out| {
                x.write(out);
            });
            out.push(b',');
        }
        out.extend_from_slice(br#""issuer":"#);
        json::write_string(&self.issuer, out);
        out.extend_from_slice(br#","now_ms":"#);
        writer::unsigned(self.now_ms, out);
        out.extend_from_slice(br#","request":"#);
        self.request.write(out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `approval.verify`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApprovalVerifyOutput {
    /// Whether request and answers verify, and the request is for what is about to run.
    pub valid: bool,
    /// Why the answer is false.
    pub reason: Option<ErrorCode>,
    /// Id of the request.
    pub approval: Option<Hash>,
    /// Where the request stands by the answers that verify.
    pub state: Option<ApprovalState>,
    /// What unfulfilled rules lack.
    pub missing: Option<Vec<ApprovalMissing>>,
    /// Who refused.
    pub denied_by: Option<String>,
    /// The answers that do not count.
    pub errors: Option<Vec<ApprovalGrantFault>>,
}

impl ApprovalVerifyOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [approval, denied_by, errors, missing, reason, state, valid] =
            reader::members(this, here, &["approval", "denied_by", "errors", "missing", "reason", "state", "valid"])?;
        Ok(Self {
            valid: reader::required(this, valid, here, "valid", reader::boolean)?,
            reason: reader::optional(reason, here, "reason", reader::error_code)?,
            approval: reader::optional(approval, here, "approval", reader::fixed)?,
            state: reader::optional(state, here, "state", ApprovalState::read_at)?,
            missing: reader::optional(missing, here, "missing", |value, path| {
                reader::list(value, path, 0, 16, ApprovalMissing::read_at)
            })?,
            denied_by: reader::optional(denied_by, here, "denied_by", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            errors: reader::optional(errors, here, "errors", |value, path| {
                reader::list(value, path, 0, 1024, ApprovalGrantFault::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(288);
        out.push(b'{');
        if let Some(x) = self.approval {
            out.extend_from_slice(br#""approval":""#);
            x.write(out);
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = &self.denied_by {
            out.extend_from_slice(br#""denied_by":"#);
            json::write_string(x, out);
            out.push(b',');
        }
        if let Some(x) = &self.errors {
            out.extend_from_slice(br#""errors":"#);
            writer::list(x, out, |x, out| {
                x.write(out);
            });
            out.push(b',');
        }
        if let Some(x) = &self.missing {
            out.extend_from_slice(br#""missing":"#);
            writer::list(x, out, |x, out| {
                x.write(out);
            });
            out.push(b',');
        }
        if let Some(x) = self.reason {
            out.extend_from_slice(br#""reason":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = self.state {
            out.extend_from_slice(br#""state":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.extend_from_slice(br#"","#);
        }
        out.extend_from_slice(br#""valid":"#);
        writer::boolean(self.valid, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// An answer that does not count.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalGrantFault {
    /// Its place, from zero.
    pub index: u64,
    /// A code of the error registry.
    pub code: ErrorCode,
}

impl ApprovalGrantFault {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [code, index] = reader::members(this, here, &["code", "index"])?;
        Ok(Self {
            index: reader::required(this, index, here, "index", |value, path| reader::unsigned(value, path, 0, 1023))?,
            code: reader::required(this, code, here, "code", reader::error_code)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"code":""#);
        out.extend_from_slice(self.code.as_str().as_bytes());
        out.extend_from_slice(br#"","index":"#);
        writer::unsigned(self.index, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `approval.make_code`.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalMakeCodeInput {
    /// The seed of the kernel's key.
    pub seed: Seed,
    /// Id of the request.
    pub approval: Hash,
    /// The person.
    pub name: String,
    /// Five random bytes.
    pub entropy: Vec<u8>,
}

impl ApprovalMakeCodeInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [approval, entropy, name, seed] = reader::members(this, here, &["approval", "entropy", "name", "seed"])?;
        Ok(Self {
            seed: reader::required(this, seed, here, "seed", reader::seed)?,
            approval: reader::required(this, approval, here, "approval", reader::fixed)?,
            name: reader::required(this, name, here, "name", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            entropy: reader::required(this, entropy, here, "entropy", |value, path| {
                reader::bytes(value, path, 22369622)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(224);
        out.extend_from_slice(br#"{"approval":""#);
        self.approval.write(out);
        out.extend_from_slice(br#"","entropy":""#);
        writer::bytes(&self.entropy, out);
        out.extend_from_slice(br#"","name":"#);
        json::write_string(&self.name, out);
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

/// Output of `approval.make_code`.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalMakeCodeOutput {
    /// The code. A secret.
    pub code: String,
    /// What a store keeps.
    pub lock: Hash,
}

impl ApprovalMakeCodeOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [code, lock] = reader::members(this, here, &["code", "lock"])?;
        Ok(Self {
            code: reader::required(this, code, here, "code", |value, path| reader::text(value, path, 8, 8))?,
            lock: reader::required(this, lock, here, "lock", reader::fixed)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"code":"#);
        json::write_string(&self.code, out);
        out.extend_from_slice(br#","lock":""#);
        self.lock.write(out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `approval.check_code`.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalCheckCodeInput {
    /// The seed of the kernel's key.
    pub seed: Seed,
    /// The request, by the same key.
    pub request: Envelope,
    /// The person.
    pub name: String,
    /// The code as it was typed. A secret.
    pub code: String,
    /// What the store kept.
    pub lock: Hash,
    /// Attempts before this one.
    pub attempts: u64,
    /// The time.
    pub now_ms: u64,
}

impl ApprovalCheckCodeInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [attempts, code, lock, name, now_ms, request, seed] =
            reader::members(this, here, &["attempts", "code", "lock", "name", "now_ms", "request", "seed"])?;
        Ok(Self {
            seed: reader::required(this, seed, here, "seed", reader::seed)?,
            request: reader::required(this, request, here, "request", Envelope::read_at)?,
            name: reader::required(this, name, here, "name", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            code: reader::required(this, code, here, "code", |value, path| reader::text(value, path, 0, 256))?,
            lock: reader::required(this, lock, here, "lock", reader::fixed)?,
            attempts: reader::required(this, attempts, here, "attempts", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            now_ms: reader::required(this, now_ms, here, "now_ms", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(288);
        out.extend_from_slice(br#"{"attempts":"#);
        writer::unsigned(self.attempts, out);
        out.extend_from_slice(br#","code":"#);
        json::write_string(&self.code, out);
        out.extend_from_slice(br#","lock":""#);
        self.lock.write(out);
        out.extend_from_slice(br#"","name":"#);
        json::write_string(&self.name, out);
        out.extend_from_slice(br#","now_ms":"#);
        writer::unsigned(self.now_ms, out);
        out.extend_from_slice(br#","request":"#);
        self.request.write(out);
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

/// Output of `approval.check_code`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApprovalCheckCodeOutput {
    /// Whether the code is right.
    pub valid: bool,
    /// Why the answer is false.
    pub reason: Option<ErrorCode>,
    /// Attempts with this one, which the store keeps before anything else happens.
    pub attempts: Option<u64>,
}

impl ApprovalCheckCodeOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [attempts, reason, valid] = reader::members(this, here, &["attempts", "reason", "valid"])?;
        Ok(Self {
            valid: reader::required(this, valid, here, "valid", reader::boolean)?,
            reason: reader::optional(reason, here, "reason", reader::error_code)?,
            attempts: reader::optional(attempts, here, "attempts", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.push(b'{');
        if let Some(x) = self.attempts {
            out.extend_from_slice(br#""attempts":"#);
            writer::unsigned(x, out);
            out.push(b',');
        }
        if let Some(x) = self.reason {
            out.extend_from_slice(br#""reason":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.extend_from_slice(br#"","#);
        }
        out.extend_from_slice(br#""valid":"#);
        writer::boolean(self.valid, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `approval.render`.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalRenderInput {
    /// The action.
    pub action: Action,
    /// What the files hold now that the arguments name; absent: not known.
    pub files: Option<Vec<ApprovalFile>>,
}

impl ApprovalRenderInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [action, files] = reader::members(this, here, &["action", "files"])?;
        Ok(Self {
            action: reader::required(this, action, here, "action", Action::read_at)?,
            files: reader::optional(files, here, "files", |value, path| {
                reader::list(value, path, 0, 8, ApprovalFile::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"action":"#);
        self.action.write(out);
        if let Some(x) = &self.files {
            out.extend_from_slice(br#","files":"#);
            writer::list(x, out, |x, out| {
                x.write(out);
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

/// Output of `approval.render`.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalRenderOutput {
    /// What would run, for people: every text in it is neutralised, bounded, and says where it was clipped.
    pub view: ApprovalView,
}

impl ApprovalRenderOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [view] = reader::members(this, here, &["view"])?;
        Ok(Self { view: reader::required(this, view, here, "view", ApprovalView::read_at)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"view":"#);
        self.view.write(out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `approval.list`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApprovalListInput {
    /// Only those in this state; absent: all.
    pub state: Option<ApprovalState>,
    /// How many are listed, at most; absent: 1000.
    pub limit: Option<u64>,
}

impl ApprovalListInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [limit, state] = reader::members(this, here, &["limit", "state"])?;
        Ok(Self {
            state: reader::optional(state, here, "state", ApprovalState::read_at)?,
            limit: reader::optional(limit, here, "limit", |value, path| reader::unsigned(value, path, 1, 10000))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        let start = out.len();
        if let Some(x) = self.limit {
            out.extend_from_slice(br#","limit":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = self.state {
            out.extend_from_slice(br#","state":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.push(b'"');
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

/// Output of `approval.list`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApprovalListOutput {
    /// The requests.
    pub approvals: Vec<ApprovalCase>,
    /// Whether there are more; absent: these are all.
    pub more: Option<bool>,
    /// Those looked at that are stored as requests and are none, whatever their state was; absent: nothing.
    pub damaged: Option<Vec<ApprovalDamaged>>,
}

impl ApprovalListOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [approvals, damaged, more] = reader::members(this, here, &["approvals", "damaged", "more"])?;
        Ok(Self {
            approvals: reader::required(this, approvals, here, "approvals", |value, path| {
                reader::list(value, path, 0, 10000, ApprovalCase::read_at)
            })?,
            more: reader::optional(more, here, "more", reader::boolean)?,
            damaged: reader::optional(damaged, here, "damaged", |value, path| {
                reader::list(value, path, 0, 10000, ApprovalDamaged::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.extend_from_slice(br#"{"approvals":"#);
        writer::list(&self.approvals, out, |x, out| {
            x.write(out);
        });
        if let Some(x) = &self.damaged {
            out.extend_from_slice(br#","damaged":"#);
            writer::list(x, out, |x, out| {
                x.write(out);
            });
        }
        if let Some(x) = self.more {
            out.extend_from_slice(br#","more":"#);
            writer::boolean(x, out);
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

/// Input of `approval.show`.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalShowInput {
    /// Id of the request.
    pub approval: Hash,
}

impl ApprovalShowInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [approval] = reader::members(this, here, &["approval"])?;
        Ok(Self { approval: reader::required(this, approval, here, "approval", reader::fixed)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"approval":""#);
        self.approval.write(out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `approval.show`.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalShowOutput {
    /// A request for approval with what has become of it.
    pub case: ApprovalCase,
}

impl ApprovalShowOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [case] = reader::members(this, here, &["case"])?;
        Ok(Self { case: reader::required(this, case, here, "case", ApprovalCase::read_at)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"case":"#);
        self.case.write(out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `approval.respond`.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalRespondInput {
    /// Id of the request.
    pub approval: Hash,
    /// The answer, as approval.sign makes it.
    pub grant: Envelope,
}

impl ApprovalRespondInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [approval, grant] = reader::members(this, here, &["approval", "grant"])?;
        Ok(Self {
            approval: reader::required(this, approval, here, "approval", reader::fixed)?,
            grant: reader::required(this, grant, here, "grant", Envelope::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        out.extend_from_slice(br#"{"approval":""#);
        self.approval.write(out);
        out.extend_from_slice(br#"","grant":"#);
        self.grant.write(out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `approval.respond`.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalRespondOutput {
    /// A request for approval with what has become of it.
    pub case: ApprovalCase,
}

impl ApprovalRespondOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [case] = reader::members(this, here, &["case"])?;
        Ok(Self { case: reader::required(this, case, here, "case", ApprovalCase::read_at)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"case":"#);
        self.case.write(out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `approval.redeem_code`.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalRedeemCodeInput {
    /// Id of the request.
    pub approval: Hash,
    /// The person, as the request names them.
    pub name: String,
    /// The code, as it was typed. A secret.
    pub code: String,
    /// What the person says.
    pub response: ApprovalResponse,
    /// A sentence for the record.
    pub note: Option<String>,
}

impl ApprovalRedeemCodeInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [approval, code, name, note, response] =
            reader::members(this, here, &["approval", "code", "name", "note", "response"])?;
        Ok(Self {
            approval: reader::required(this, approval, here, "approval", reader::fixed)?,
            name: reader::required(this, name, here, "name", |value, path| {
                reader::checked(
                    value,
                    path,
                    scalar::is_agent,
                    "A name: lower-case letters, digits, - and _, the first a letter or digit.",
                )
            })?,
            code: reader::required(this, code, here, "code", |value, path| reader::text(value, path, 1, 64))?,
            response: reader::required(this, response, here, "response", ApprovalResponse::read_at)?,
            note: reader::optional(note, here, "note", |value, path| reader::text(value, path, 1, 1024))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(224);
        out.extend_from_slice(br#"{"approval":""#);
        self.approval.write(out);
        out.extend_from_slice(br#"","code":"#);
        json::write_string(&self.code, out);
        out.extend_from_slice(br#","name":"#);
        json::write_string(&self.name, out);
        if let Some(x) = &self.note {
            out.extend_from_slice(br#","note":"#);
            json::write_string(x, out);
        }
        out.extend_from_slice(br#","response":""#);
        out.extend_from_slice(self.response.as_str().as_bytes());
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `approval.redeem_code`.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalRedeemCodeOutput {
    /// A request for approval with what has become of it.
    pub case: ApprovalCase,
}

impl ApprovalRedeemCodeOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [case] = reader::members(this, here, &["case"])?;
        Ok(Self { case: reader::required(this, case, here, "case", ApprovalCase::read_at)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"case":"#);
        self.case.write(out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}
