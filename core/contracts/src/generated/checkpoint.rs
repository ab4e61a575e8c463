// Generated from contracts/schemas/checkpoint.json by `cargo run -p talos-codegen`; do not edit.
//! A signed statement about the whole log (C2SP tlog-checkpoint).

use super::reader::Path;
use super::{reader, writer};
use crate::json::Value;
use crate::scalar::Hash;
use crate::{Error, json, scalar};

/// A signed statement about the whole log (C2SP tlog-checkpoint).
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// The name of a log: the first line of its checkpoints.
    pub origin: String,
    /// A number of leaves: an integer, or in decimal digits up to 2^64-1.
    pub size: u64,
    /// Root of the tree of that size.
    pub root: Hash,
    /// The signed note as text, signatures included.
    pub note: Option<String>,
}

impl Checkpoint {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [note, origin, root, size] = reader::members(this, here, &["note", "origin", "root", "size"])?;
        Ok(Self {
            origin: reader::required(this, origin, here, "origin", |value, path| {
                reader::checked(value, path, scalar::is_origin, "The name of a log: the first line of its checkpoints.")
            })?,
            size: reader::required(this, size, here, "size", reader::size)?,
            root: reader::required(this, root, here, "root", reader::fixed)?,
            note: reader::optional(note, here, "note", |value, path| reader::text(value, path, 1, 65536))?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(192);
        out.push(b'{');
        if let Some(x) = &self.note {
            out.extend_from_slice(br#""note":"#);
            json::write_string(x, out);
            out.push(b',');
        }
        out.extend_from_slice(br#""origin":"#);
        json::write_string(&self.origin, out);
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
