//! Fixed-size binary values, identifiers, and their textual forms.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use std::fmt;

/// N bytes whose textual form is base64url without padding.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct B64<const N: usize>(pub [u8; N]);

/// A SHA-256 value.
pub type Hash = B64<32>;
/// Sixteen random bytes.
pub type Salt = B64<16>;
/// An ML-KEM-768 encapsulation key.
pub type KemKey = B64<1184>;
/// An Ed25519 signature.
pub type Signature = B64<64>;

impl<const N: usize> B64<N> {
    /// Parses the canonical textual form: the alphabet of base64url, no padding, unused bits zero.
    pub fn from_b64(text: &str) -> Option<Self> {
        decode_b64url(text)?.try_into().ok().map(B64)
    }

    /// The textual form.
    pub fn to_b64(&self) -> String {
        encode_b64url(&self.0)
    }

    /// Appends the textual form.
    pub fn write(&self, out: &mut Vec<u8>) {
        // Large enough for signatures (64 bytes are 86 characters) and all that is smaller.
        let mut text = [0; 96];
        match URL_SAFE_NO_PAD.encode_slice(self.0, &mut text) {
            Ok(len) => out.extend_from_slice(&text[..len]),
            Err(_) => out.extend_from_slice(self.to_b64().as_bytes()),
        }
    }
}

impl<const N: usize> fmt::Debug for B64<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_b64())
    }
}

impl<const N: usize> fmt::Display for B64<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_b64())
    }
}

/// base64url without padding.
pub fn encode_b64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Canonical base64url without padding, or nothing.
pub fn decode_b64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// base64 of RFC 4648 section 4, padded: the encoding of DSSE and of C2SP notes.
pub fn encode_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Canonical padded base64, or nothing.
pub fn decode_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// A UUID in its lower-case textual form (RFC 9562), any version.
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => matches!(b, b'0'..=b'9' | b'a'..=b'f'),
        })
}

/// A did:key in its textual form. Whether it holds a valid key is for `identity` to say.
pub fn is_did_key(text: &str) -> bool {
    text.strip_prefix("did:key:z").is_some_and(|tail| (1..=120).contains(&tail.len()) && is_base58(tail))
}

/// A did:key URL with the fragment that names its one key.
pub fn is_did_url(text: &str) -> bool {
    text.split_once('#').is_some_and(|(did, fragment)| is_did_key(did) && did["did:key:".len()..] == *fragment)
}

fn is_base58(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() && !matches!(b, b'0' | b'O' | b'I' | b'l'))
}

/// The name of a log: what stands on the first line of its checkpoints.
pub fn is_origin(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'/' | b'-'))
}

/// The name of an agent: a file's name on every system, and the same text in every case-folding one.
pub fn is_agent(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (1..=64).contains(&text.len())
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|b| word(b) || matches!(b, b'_' | b'-'))
}

/// An error or reason code: words of `[a-z0-9_]` joined by dots.
pub fn is_code(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .split('.')
            .all(|word| !word.is_empty() && word.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_')))
}

/// A day as `YYYY-MM-DD`, by its form.
pub fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| if matches!(i, 4 | 7) { b == b'-' } else { b.is_ascii_digit() })
}

/// An ISO 4217 alphabetic currency code, by its form.
pub fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase())
}
