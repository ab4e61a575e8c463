//! C2SP tlog-proof: an inclusion proof and the checkpoint that it leads to, as one text.

use crate::checkpoint::{SignedNote, parse_decimal};
use talos_contracts::scalar::{B64, Hash, decode_base64, encode_base64};
use talos_contracts::{Error, ErrorCode};

/// The first line.
pub const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// Bytes of the text: 63 hashes, an index, and a note.
pub const PROOF_BYTES: usize = 24 * 1024;
/// A path in a tree of at most 2^63 leaves.
const PATH_MAX: usize = 63;

/// A parsed proof. Nothing in it is verified.
#[derive(Clone, Debug, PartialEq)]
pub struct TlogProof {
    /// Index of the leaf.
    pub index: u64,
    /// Hashes from the leaf to the root.
    pub path: Vec<Hash>,
    /// The checkpoint.
    pub note: SignedNote,
}

impl TlogProof {
    /// Parses the text.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let malformed = |why: &str| Error::new(ErrorCode::ProofMalformed, why);
        if text.len() > PROOF_BYTES {
            return Err(malformed("the proof is too large"));
        }
        let (head, note) = text.split_once("\n\n").ok_or_else(|| malformed("no blank line before the checkpoint"))?;
        let mut lines = head.split('\n');
        if lines.next() != Some(HEADER) {
            return Err(malformed("the first line is not the header of tlog-proof v1"));
        }
        let index = lines
            .next()
            .and_then(|line| line.strip_prefix("index "))
            .and_then(parse_decimal)
            .ok_or_else(|| malformed("the second line is not an index"))?;
        let path = lines
            .map(|line| decode_base64(line)?.try_into().ok().map(B64))
            .collect::<Option<Vec<Hash>>>()
            .ok_or_else(|| malformed("a path line is not 32 bytes in base64"))?;
        if path.len() > PATH_MAX {
            return Err(malformed("the path is longer than any tree is high"));
        }
        Ok(TlogProof { index, path, note: SignedNote::parse(note)? })
    }
}

/// Writes the text of a proof.
pub fn write(index: u64, path: &[Hash], note: &str) -> String {
    let mut text = format!("{HEADER}\nindex {index}\n");
    for hash in path {
        text.push_str(&encode_base64(&hash.0));
        text.push('\n');
    }
    text.push('\n');
    text.push_str(note);
    text
}
