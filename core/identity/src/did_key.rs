//! W3C did:key: "did:key:z" + base58btc(multicodec prefix || public key).

use std::fmt;
use talos_contracts::json::Value;
use talos_contracts::{Error, ErrorCode, KeyType};
use talos_crypto::VerifyingKey;

const SCHEME: &str = "did:key:";
/// The longest text behind the "z" that is decoded: a 32-byte key needs 47 characters.
const MULTIBASE_MAX: usize = 120;

/// The multicodec prefix of a key type, as an unsigned varint.
fn prefix(key_type: KeyType) -> [u8; 2] {
    match key_type {
        KeyType::Ed25519 => [0xed, 0x01],
        KeyType::X25519 => [0xec, 0x01],
    }
}

/// The did:key of 32 public key bytes. Ed25519 keys must pass the import check.
pub fn encode(key_type: KeyType, public_key: &[u8]) -> Result<String, Error> {
    let key: &[u8; 32] =
        public_key.try_into().map_err(|_| Error::new(ErrorCode::SignatureKeyInvalid, "a public key has 32 bytes"))?;
    if key_type == KeyType::Ed25519 {
        VerifyingKey::from_bytes(key)?;
    }
    Ok(text(key_type, key))
}

/// "did:key:z" + base58btc(prefix || key).
fn text(key_type: KeyType, key: &[u8; 32]) -> String {
    let bytes = [&prefix(key_type)[..], key].concat();
    format!("{SCHEME}z{}", bs58::encode(bytes).into_string())
}

/// Key type and public key of a did:key. Ed25519 keys must pass the import check.
pub fn resolve(did: &str) -> Result<(KeyType, [u8; 32]), Error> {
    let (key_type, key) = decode(did)?;
    if key_type == KeyType::Ed25519 {
        VerifyingKey::from_bytes(&key)?;
    }
    Ok((key_type, key))
}

/// Whether a text has the form of a DID (W3C DID Core, section 3.1).
fn is_did(text: &str) -> bool {
    let Some((method, id)) = text.strip_prefix("did:").and_then(|rest| rest.split_once(':')) else { return false };
    let lower = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    !method.is_empty() && method.bytes().all(lower) && !id.is_empty() && !id.ends_with(':') && is_id(id.as_bytes())
}

/// Letters, digits, ".", "-", "_", ":" and percent-encoded bytes.
fn is_id(mut id: &[u8]) -> bool {
    loop {
        id = match id {
            [] => return true,
            [b'%', a, b, rest @ ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => rest,
            [b, rest @ ..] if b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':') => rest,
            _ => return false,
        };
    }
}

/// What the text says; the key is not checked yet.
fn decode(did: &str) -> Result<(KeyType, [u8; 32]), Error> {
    let malformed = |why: &str| Error::new(ErrorCode::DidMalformed, why);
    let Some(multibase) = did.strip_prefix(SCHEME) else {
        return Err(match is_did(did) {
            true => Error::new(ErrorCode::DidMethodUnsupported, "only did:key is supported"),
            false => malformed("not of the form did:METHOD:ID"),
        });
    };
    let text = multibase.strip_prefix('z').ok_or_else(|| malformed("the key is not in base58btc (\"z\")"))?;
    if text.len() > MULTIBASE_MAX {
        return Err(malformed("the key is too long"));
    }
    let bytes = bs58::decode(text).into_vec().map_err(|_| malformed("the key is not base58btc"))?;
    if bytes.len() < 2 {
        return Err(malformed("there is no key"));
    }
    let key_type = [KeyType::Ed25519, KeyType::X25519]
        .into_iter()
        .find(|t| bytes.starts_with(&prefix(*t)))
        .ok_or_else(|| Error::new(ErrorCode::DidKeyTypeUnsupported, "neither Ed25519 nor X25519"))?;
    let key: [u8; 32] = bytes[2..].try_into().map_err(|_| malformed("the key has not 32 bytes"))?;
    Ok((key_type, key))
}

/// A did:key of an Ed25519 key, with the key.
#[derive(Clone, PartialEq, Eq)]
pub struct Did {
    text: String,
    key: VerifyingKey,
}

impl Did {
    /// Parses a DID.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match decode(text)? {
            (KeyType::Ed25519, key) => Ok(Did { text: text.to_owned(), key: VerifyingKey::from_bytes(&key)? }),
            (KeyType::X25519, _) => Err(Error::new(ErrorCode::DidKeyTypeUnsupported, "an X25519 key does not sign")),
        }
    }

    /// Parses the URL of the one key of a did:key: the DID, "#", and its multibase part.
    pub fn parse_url(url: &str) -> Result<Self, Error> {
        let malformed = || Error::new(ErrorCode::DidMalformed, "not the URL of a did:key's key");
        let (did, fragment) = url.split_once('#').ok_or_else(malformed)?;
        let did = Did::parse(did)?;
        if did.text[SCHEME.len()..] == *fragment { Ok(did) } else { Err(malformed()) }
    }

    /// The DID of a key.
    pub fn of(key: &VerifyingKey) -> Self {
        Did { text: text(KeyType::Ed25519, key.as_bytes()), key: *key }
    }

    /// A short text that hardly two keys share: the last twelve characters backwards, in lower case.
    pub fn tail(&self) -> String {
        self.text.chars().rev().take(12).collect::<String>().to_lowercase()
    }

    /// The DID itself.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The URL that names the key.
    pub fn url(&self) -> String {
        format!("{}#{}", self.text, &self.text[SCHEME.len()..])
    }

    /// The key.
    pub fn key(&self) -> &VerifyingKey {
        &self.key
    }
}

impl fmt::Debug for Did {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for Did {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The DID document of a did:key, as the method derives it.
pub fn document(did: &str, key_type: KeyType) -> Value {
    let multibase = did.strip_prefix(SCHEME).unwrap_or_default();
    let url = format!("{did}#{multibase}");
    let method = Value::object([
        ("id", Value::from(url.as_str())),
        ("type", Value::from("Multikey")),
        ("controller", Value::from(did)),
        ("publicKeyMultibase", Value::from(multibase)),
    ]);
    let purposes: &[&str] = match key_type {
        KeyType::Ed25519 => &["authentication", "assertionMethod", "capabilityInvocation", "capabilityDelegation"],
        KeyType::X25519 => &["keyAgreement"],
    };
    let mut members = vec![
        (
            "@context",
            Value::from(vec![
                Value::from("https://www.w3.org/ns/did/v1"),
                Value::from("https://w3id.org/security/multikey/v1"),
            ]),
        ),
        ("id", Value::from(did)),
        ("verificationMethod", Value::from(vec![method])),
    ];
    members.extend(purposes.iter().map(|p| (*p, Value::from(vec![Value::from(url.as_str())]))));
    Value::object(members)
}
