//! C2SP tlog-checkpoint in a C2SP signed note.

use std::fmt;
use talos_contracts::scalar::{B64, Hash, decode_base64, encode_base64};
use talos_contracts::{Error, ErrorCode};
use talos_crypto::{SigningKey, VerifyingKey, hash};

/// Bytes of a note with its signatures.
pub const NOTE_BYTES: usize = 16 * 1024;
/// Signature lines of a note.
pub const SIGNATURES_MAX: usize = 32;

/// The algorithm byte of an Ed25519 key in a verifier key.
const ALGORITHM_ED25519: u8 = 0x01;
/// How a signature line starts: an em dash and a space.
const SIGNATURE_MARK: &str = "\u{2014} ";

fn malformed(why: impl Into<String>) -> Error {
    Error::new(ErrorCode::CheckpointMalformed, why)
}

/// What a log commits to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The name of the log.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

impl fmt::Display for Checkpoint {
    /// The note text, with its final newline.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.size, encode_base64(&self.root.0))
    }
}

impl Checkpoint {
    fn parse(text: &str) -> Result<Self, Error> {
        let lines: Vec<&str> = text.split_terminator('\n').collect();
        let [origin, size, root] = lines[..] else {
            return Err(malformed("a checkpoint has three lines: origin, size, root"));
        };
        if !is_key_name(origin) {
            return Err(malformed("the origin is empty or has spaces"));
        }
        let root = decode_base64(root).and_then(|bytes| bytes.try_into().ok());
        Ok(Checkpoint {
            origin: origin.to_owned(),
            size: parse_decimal(size)
                .ok_or_else(|| malformed("the size is no decimal number without leading zeros"))?,
            root: B64(root.ok_or_else(|| malformed("the root is not 32 bytes in base64"))?),
        })
    }
}

/// A decimal number without sign and leading zeros.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let canonical = text == "0" || (!text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit()));
    if canonical { text.parse().ok() } else { None }
}

/// A key name of a signed note: not empty, no white space, no plus sign.
fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

/// The public key of a log, under its name. Its text is a C2SP verifier key ("vkey").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogKey {
    name: String,
    key: VerifyingKey,
}

impl LogKey {
    /// A key under a name.
    pub fn new(name: &str, key: VerifyingKey) -> Result<Self, Error> {
        if !is_key_name(name) {
            return Err(malformed("a log name is not empty and has no spaces and no \"+\""));
        }
        Ok(LogKey { name: name.to_owned(), key })
    }

    /// Parses name "+" hex(key id) "+" base64(0x01 || public key).
    pub fn parse(vkey: &str) -> Result<Self, Error> {
        let refuse = |why: &str| Error::new(ErrorCode::KeyMalformed, format!("not a verifier key: {why}"));
        let mut parts = vkey.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(refuse("expected NAME+KEYID+KEY"));
        };
        let bytes = decode_base64(key).ok_or_else(|| refuse("the key is not base64"))?;
        let [ALGORITHM_ED25519, public @ ..] = &bytes[..] else {
            return Err(refuse("the algorithm is not Ed25519"));
        };
        let public: &[u8; 32] = public.try_into().map_err(|_| refuse("the key has not 32 bytes"))?;
        if !is_key_name(name) {
            return Err(refuse("a log name is not empty and has no spaces and no \"+\""));
        }
        if id != hex(&key_id(name, public)) {
            return Err(refuse("the key id does not belong to name and key"));
        }
        LogKey::new(name, VerifyingKey::from_bytes(public)?)
    }

    /// The name of the log.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// H(name || 0x0A || 0x01 || pk)[0..4].
    pub fn key_id(&self) -> [u8; 4] {
        key_id(&self.name, self.key.as_bytes())
    }
}

fn key_id(name: &str, key: &[u8; 32]) -> [u8; 4] {
    let digest = hash::sha256(&[name.as_bytes(), b"\n", &[ALGORITHM_ED25519], key]);
    [digest.0[0], digest.0[1], digest.0[2], digest.0[3]]
}

impl fmt::Display for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![ALGORITHM_ED25519];
        key.extend_from_slice(self.key.as_bytes());
        write!(f, "{}+{}+{}", self.name, hex(&self.key_id()), encode_base64(&key))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// A parsed note. Nothing in it is verified.
#[derive(Clone, Debug, PartialEq)]
pub struct SignedNote {
    text: String,
    checkpoint: Checkpoint,
    signatures: Vec<NoteSignature>,
}

#[derive(Clone, Debug, PartialEq)]
struct NoteSignature {
    name: String,
    key_id: [u8; 4],
    signature: Vec<u8>,
}

impl SignedNote {
    /// Parses the note and the checkpoint in it.
    pub fn parse(note: &str) -> Result<Self, Error> {
        if note.len() > NOTE_BYTES {
            return Err(malformed(format!("larger than {NOTE_BYTES} bytes")));
        }
        if note.contains(|c: char| c.is_control() && c != '\n') {
            return Err(malformed("control characters"));
        }
        let (text, signatures) =
            note.split_once("\n\n").ok_or_else(|| malformed("no blank line before the signatures"))?;
        let text = format!("{text}\n");
        let signatures = signatures.strip_suffix('\n').ok_or_else(|| malformed("no newline at the end"))?;
        let signatures: Vec<NoteSignature> = signatures.split('\n').map(parse_signature).collect::<Result<_, _>>()?;
        if signatures.len() > SIGNATURES_MAX {
            return Err(malformed(format!("more than {SIGNATURES_MAX} signatures")));
        }
        Ok(SignedNote { checkpoint: Checkpoint::parse(&text)?, text, signatures })
    }

    /// What the note claims.
    pub fn unverified(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Whether a line claims to be by this key.
    pub fn names(&self, key: &LogKey) -> bool {
        self.lines_by(key).next().is_some()
    }

    fn lines_by<'a>(&'a self, key: &'a LogKey) -> impl Iterator<Item = &'a NoteSignature> {
        let id = key.key_id();
        self.signatures.iter().filter(move |s| s.key_id == id && s.name == key.name)
    }

    /// The checkpoint, if the log of this key signed it. Lines by other keys are ignored; a bad
    /// line by this key spoils the note.
    pub fn verify(&self, key: &LogKey) -> Result<&Checkpoint, Error> {
        if !self.names(key) {
            return Err(Error::new(ErrorCode::CheckpointKeyUnknown, "no signature line by this key"));
        }
        for line in self.lines_by(key) {
            key.key.verify(self.text.as_bytes(), &line.signature).map_err(|_| {
                Error::new(ErrorCode::CheckpointSignatureInvalid, "the log's signature does not verify")
            })?;
        }
        if self.checkpoint.origin != key.name {
            return Err(Error::new(ErrorCode::CheckpointOriginMismatch, "the origin is not the name of the key"));
        }
        Ok(&self.checkpoint)
    }
}

fn parse_signature(line: &str) -> Result<NoteSignature, Error> {
    let rest = line.strip_prefix(SIGNATURE_MARK).ok_or_else(|| malformed("a signature line starts with an em dash"))?;
    let (name, value) = rest.split_once(' ').ok_or_else(|| malformed("a signature line has a name and a value"))?;
    if !is_key_name(name) {
        return Err(malformed("a signature line without a key name"));
    }
    let bytes = decode_base64(value).ok_or_else(|| malformed("a signature is base64"))?;
    let Some((key_id, signature)) = bytes.split_first_chunk::<4>() else {
        return Err(malformed("a signature has a key id of four bytes"));
    };
    if signature.is_empty() {
        return Err(malformed("an empty signature"));
    }
    Ok(NoteSignature { name: name.to_owned(), key_id: *key_id, signature: signature.to_vec() })
}

/// Signs a checkpoint; the note carries the key's own name, which must be the origin.
pub fn sign(checkpoint: &Checkpoint, key: &SigningKey) -> Result<String, Error> {
    let log_key = LogKey::new(&checkpoint.origin, key.verifying_key())?;
    if checkpoint.size > crate::tree::SIZE_MAX {
        return Err(Error::new(ErrorCode::ProofSizeOutOfRange, "sizes above 2^63 do not verify"));
    }
    let text = checkpoint.to_string();
    let mut value = log_key.key_id().to_vec();
    value.extend_from_slice(&key.sign(text.as_bytes()).0);
    Ok(format!("{text}\n{SIGNATURE_MARK}{} {}\n", log_key.name, encode_base64(&value)))
}
