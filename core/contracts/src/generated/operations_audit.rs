// Generated from contracts/operations/audit.yaml by `cargo run -p talos-codegen`; do not edit.
//! Inputs and outputs of audit.leaf_hash, audit.root, audit.prove_inclusion, audit.verify_inclusion, audit.verify_consistency, checkpoint.sign, checkpoint.verify.

use super::reader::Path;
use super::{ErrorCode, Seed, reader, writer};
use crate::json::Value;
use crate::scalar::Hash;
use crate::{Error, json, scalar};

/// Input of `audit.leaf_hash`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditLeafHashInput {
    /// The entry; either this or receipt_id.
    pub entry: Option<Vec<u8>>,
    /// The id of the receipt, whose entry is 0x01 and the id.
    pub receipt_id: Option<Hash>,
}

impl AuditLeafHashInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [entry, receipt_id] = reader::members(this, here, &["entry", "receipt_id"])?;
        Ok(Self {
            entry: reader::optional(entry, here, "entry", |value, path| reader::bytes(value, path, 22369622))?,
            receipt_id: reader::optional(receipt_id, here, "receipt_id", reader::fixed)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(128);
        let start = out.len();
        if let Some(x) = &self.entry {
            out.extend_from_slice(br#","entry":""#);
            writer::bytes(x, out);
            out.push(b'"');
        }
        if let Some(x) = self.receipt_id {
            out.extend_from_slice(br#","receipt_id":""#);
            x.write(out);
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

/// Output of `audit.leaf_hash`.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditLeafHashOutput {
    /// The leaf hash.
    pub leaf_hash: Hash,
}

impl AuditLeafHashOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [leaf_hash] = reader::members(this, here, &["leaf_hash"])?;
        Ok(Self { leaf_hash: reader::required(this, leaf_hash, here, "leaf_hash", reader::fixed)? })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"leaf_hash":""#);
        self.leaf_hash.write(out);
        out.extend_from_slice(br#""}"#);
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `audit.root`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditRootInput {
    /// The leaf hashes in order.
    pub leaves: Vec<Hash>,
}

impl AuditRootInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [leaves] = reader::members(this, here, &["leaves"])?;
        Ok(Self {
            leaves: reader::required(this, leaves, here, "leaves", |value, path| {
                reader::list(value, path, 0, 500000, reader::fixed)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"leaves":"#);
        writer::list(&self.leaves, out, |x, out| {
            out.push(b'"');
            x.write(out);
            out.push(b'"');
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

/// Output of `audit.root`.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditRootOutput {
    /// The root.
    pub root: Hash,
    /// A number of leaves: an integer, or in decimal digits up to 2^64-1.
    pub size: u64,
}

impl AuditRootOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [root, size] = reader::members(this, here, &["root", "size"])?;
        Ok(Self {
            root: reader::required(this, root, here, "root", reader::fixed)?,
            size: reader::required(this, size, here, "size", reader::size)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"root":""#);
        self.root.write(out);
        out.extend_from_slice(br#"","size":"#);
        writer::size(self.size, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `audit.prove_inclusion`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditProveInclusionInput {
    /// The leaf hashes in order.
    pub leaves: Vec<Hash>,
    /// Index of the leaf, from zero.
    pub index: u64,
    /// Size of the tree to prove in; absent: all leaves.
    pub size: Option<u64>,
}

impl AuditProveInclusionInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [index, leaves, size] = reader::members(this, here, &["index", "leaves", "size"])?;
        Ok(Self {
            leaves: reader::required(this, leaves, here, "leaves", |value, path| {
                reader::list(value, path, 0, 500000, reader::fixed)
            })?,
            index: reader::required(this, index, here, "index", reader::size)?,
            size: reader::optional(size, here, "size", reader::size)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"index":"#);
        writer::size(self.index, out);
        out.extend_from_slice(br#","leaves":"#);
        writer::list(&self.leaves, out, |x, out| {
            out.push(b'"');
            x.write(out);
            out.push(b'"');
        });
        if let Some(x) = self.size {
            out.extend_from_slice(br#","size":"#);
            writer::size(x, out);
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

/// Output of `audit.prove_inclusion`.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditProveInclusionOutput {
    /// The leaf hash.
    pub leaf_hash: Hash,
    /// The hashes from leaf to root.
    pub proof: Vec<Hash>,
    /// The root.
    pub root: Hash,
    /// A number of leaves: an integer, or in decimal digits up to 2^64-1.
    pub size: u64,
}

impl AuditProveInclusionOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [leaf_hash, proof, root, size] = reader::members(this, here, &["leaf_hash", "proof", "root", "size"])?;
        Ok(Self {
            leaf_hash: reader::required(this, leaf_hash, here, "leaf_hash", reader::fixed)?,
            proof: reader::required(this, proof, here, "proof", |value, path| {
                reader::list(value, path, 0, 64, reader::fixed)
            })?,
            root: reader::required(this, root, here, "root", reader::fixed)?,
            size: reader::required(this, size, here, "size", reader::size)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(192);
        out.extend_from_slice(br#"{"leaf_hash":""#);
        self.leaf_hash.write(out);
        out.extend_from_slice(br#"","proof":"#);
        writer::list(&self.proof, out, |x, out| {
            out.push(b'"');
            x.write(out);
            out.push(b'"');
        });
        out.extend_from_slice(br#","root":""#);
        self.root.write(out);
        out.extend_from_slice(br#"","size":"#);
        writer::size(self.size, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `audit.verify_inclusion`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditVerifyInclusionInput {
    /// The leaf hash, 32 bytes.
    pub leaf_hash: Vec<u8>,
    /// Index of the leaf, from zero.
    pub index: u64,
    /// Size of the tree.
    pub size: u64,
    /// The hashes from leaf to root.
    pub proof: Vec<Vec<u8>>,
    /// The root, 32 bytes.
    pub root: Vec<u8>,
}

impl AuditVerifyInclusionInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [index, leaf_hash, proof, root, size] =
            reader::members(this, here, &["index", "leaf_hash", "proof", "root", "size"])?;
        Ok(Self {
            leaf_hash: reader::required(this, leaf_hash, here, "leaf_hash", |value, path| {
                reader::bytes(value, path, 22369622)
            })?,
            index: reader::required(this, index, here, "index", reader::size)?,
            size: reader::required(this, size, here, "size", reader::size)?,
            proof: reader::required(this, proof, here, "proof", |value, path| {
                reader::list(value, path, 0, 1024, |value, path| reader::bytes(value, path, 22369622))
            })?,
            root: reader::required(this, root, here, "root", |value, path| reader::bytes(value, path, 22369622))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(192);
        out.extend_from_slice(br#"{"index":"#);
        writer::size(self.index, out);
        out.extend_from_slice(br#","leaf_hash":""#);
        writer::bytes(&self.leaf_hash, out);
        out.extend_from_slice(br#"","proof":"#);
        writer::list(&self.proof, out, |x, out| {
            out.push(b'"');
            writer::bytes(x, out);
            out.push(b'"');
        });
        out.extend_from_slice(br#","root":""#);
        writer::bytes(&self.root, out);
        out.extend_from_slice(br#"","size":"#);
        writer::size(self.size, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `audit.verify_inclusion`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditVerifyInclusionOutput {
    /// Whether the leaf is in the tree.
    pub valid: bool,
    /// Why the answer is false.
    pub reason: Option<ErrorCode>,
}

impl AuditVerifyInclusionOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [reason, valid] = reader::members(this, here, &["reason", "valid"])?;
        Ok(Self {
            valid: reader::required(this, valid, here, "valid", reader::boolean)?,
            reason: reader::optional(reason, here, "reason", reader::error_code)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.push(b'{');
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

/// Input of `audit.verify_consistency`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditVerifyConsistencyInput {
    /// Size of the smaller tree.
    pub size1: u64,
    /// Size of the larger tree.
    pub size2: u64,
    /// The hashes of the proof.
    pub proof: Vec<Vec<u8>>,
    /// Root of the smaller tree, 32 bytes.
    pub root1: Vec<u8>,
    /// Root of the larger tree, 32 bytes.
    pub root2: Vec<u8>,
}

impl AuditVerifyConsistencyInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [proof, root1, root2, size1, size2] =
            reader::members(this, here, &["proof", "root1", "root2", "size1", "size2"])?;
        Ok(Self {
            size1: reader::required(this, size1, here, "size1", reader::size)?,
            size2: reader::required(this, size2, here, "size2", reader::size)?,
            proof: reader::required(this, proof, here, "proof", |value, path| {
                reader::list(value, path, 0, 1024, |value, path| reader::bytes(value, path, 22369622))
            })?,
            root1: reader::required(this, root1, here, "root1", |value, path| reader::bytes(value, path, 22369622))?,
            root2: reader::required(this, root2, here, "root2", |value, path| reader::bytes(value, path, 22369622))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(192);
        out.extend_from_slice(br#"{"proof":"#);
        writer::list(&self.proof, out, |x, out| {
            out.push(b'"');
            writer::bytes(x, out);
            out.push(b'"');
        });
        out.extend_from_slice(br#","root1":""#);
        writer::bytes(&self.root1, out);
        out.extend_from_slice(br#"","root2":""#);
        writer::bytes(&self.root2, out);
        out.extend_from_slice(br#"","size1":"#);
        writer::size(self.size1, out);
        out.extend_from_slice(br#","size2":"#);
        writer::size(self.size2, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `audit.verify_consistency`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditVerifyConsistencyOutput {
    /// Whether the larger tree continues the smaller one.
    pub valid: bool,
    /// Why the answer is false.
    pub reason: Option<ErrorCode>,
}

impl AuditVerifyConsistencyOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [reason, valid] = reader::members(this, here, &["reason", "valid"])?;
        Ok(Self {
            valid: reader::required(this, valid, here, "valid", reader::boolean)?,
            reason: reader::optional(reason, here, "reason", reader::error_code)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.push(b'{');
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

/// Input of `checkpoint.sign`.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckpointSignInput {
    /// The 32-byte seed of an Ed25519 key: base64url without padding. A secret.
    pub seed: Seed,
    /// The name of a log: the first line of its checkpoints.
    pub origin: String,
    /// A number of leaves: an integer, or in decimal digits up to 2^64-1.
    pub size: u64,
    /// The root of the tree of that size.
    pub root: Hash,
}

impl CheckpointSignInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [origin, root, seed, size] = reader::members(this, here, &["origin", "root", "seed", "size"])?;
        Ok(Self {
            seed: reader::required(this, seed, here, "seed", reader::seed)?,
            origin: reader::required(this, origin, here, "origin", |value, path| {
                reader::checked(value, path, scalar::is_origin, "The name of a log: the first line of its checkpoints.")
            })?,
            size: reader::required(this, size, here, "size", reader::size)?,
            root: reader::required(this, root, here, "root", reader::fixed)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(224);
        out.extend_from_slice(br#"{"origin":"#);
        json::write_string(&self.origin, out);
        out.extend_from_slice(br#","root":""#);
        self.root.write(out);
        out.extend_from_slice(br#"","seed":""#);
        writer::bytes(self.seed.expose(), out);
        out.extend_from_slice(br#"","size":"#);
        writer::size(self.size, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `checkpoint.sign`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CheckpointSignOutput {
    /// The signed note.
    pub note: String,
    /// Verifier key of a log (C2SP signed-note): name, key id and key.
    pub vkey: String,
}

impl CheckpointSignOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [note, vkey] = reader::members(this, here, &["note", "vkey"])?;
        Ok(Self {
            note: reader::required(this, note, here, "note", |value, path| reader::text(value, path, 1, 65536))?,
            vkey: reader::required(this, vkey, here, "vkey", |value, path| reader::text(value, path, 1, 512))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"note":"#);
        json::write_string(&self.note, out);
        out.extend_from_slice(br#","vkey":"#);
        json::write_string(&self.vkey, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Input of `checkpoint.verify`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CheckpointVerifyInput {
    /// The signed note.
    pub note: String,
    /// The verifier key of the log.
    pub vkey: String,
}

impl CheckpointVerifyInput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [note, vkey] = reader::members(this, here, &["note", "vkey"])?;
        Ok(Self {
            note: reader::required(this, note, here, "note", |value, path| reader::text(value, path, 0, 16777216))?,
            vkey: reader::required(this, vkey, here, "vkey", |value, path| reader::text(value, path, 0, 16777216))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        out.extend_from_slice(br#"{"note":"#);
        json::write_string(&self.note, out);
        out.extend_from_slice(br#","vkey":"#);
        json::write_string(&self.vkey, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Output of `checkpoint.verify`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CheckpointVerifyOutput {
    /// Whether the checkpoint verifies.
    pub valid: bool,
    /// Why the answer is false.
    pub reason: Option<ErrorCode>,
    /// The name of a log: the first line of its checkpoints.
    pub origin: Option<String>,
    /// A number of leaves: an integer, or in decimal digits up to 2^64-1.
    pub size: Option<u64>,
    /// The root of the tree of that size.
    pub root: Option<Hash>,
}

impl CheckpointVerifyOutput {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [origin, reason, root, size, valid] =
            reader::members(this, here, &["origin", "reason", "root", "size", "valid"])?;
        Ok(Self {
            valid: reader::required(this, valid, here, "valid", reader::boolean)?,
            reason: reader::optional(reason, here, "reason", reader::error_code)?,
            origin: reader::optional(origin, here, "origin", |value, path| {
                reader::checked(value, path, scalar::is_origin, "The name of a log: the first line of its checkpoints.")
            })?,
            size: reader::optional(size, here, "size", reader::size)?,
            root: reader::optional(root, here, "root", reader::fixed)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(224);
        out.push(b'{');
        if let Some(x) = &self.origin {
            out.extend_from_slice(br#""origin":"#);
            json::write_string(x, out);
            out.push(b',');
        }
        if let Some(x) = self.reason {
            out.extend_from_slice(br#""reason":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = self.root {
            out.extend_from_slice(br#""root":""#);
            x.write(out);
            out.extend_from_slice(br#"","#);
        }
        if let Some(x) = self.size {
            out.extend_from_slice(br#""size":"#);
            writer::size(x, out);
            out.push(b',');
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
