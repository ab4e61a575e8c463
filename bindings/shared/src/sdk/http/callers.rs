//! Who calls: by a key that is a secret, or by a name that a proxy vouches for.

use talos_contracts::scalar::Hash;
use talos_contracts::{Error, ErrorCode};
use talos_crypto::hash;

/// Least length of a key: 22 characters of base64 hold 128 bits.
const KEY_MIN: usize = 22;
/// Largest length of a key; what is longer is not looked at.
const KEY_MAX: usize = 512;
/// Longest name of a caller, as the contracts bound a principal.
const NAME_MAX: usize = 512;
/// Separates digests of keys from every other digest. They never leave the process.
const KEY_DOMAIN: &str = "talos/caller-key/1";

/// How callers are told apart by one header of their requests.
pub struct Callers {
    header: String,
    proof: Proof,
}

enum Proof {
    /// Digests of the keys, and whose they are. Of the same length whatever the keys', so that a
    /// comparison says nothing about them.
    Keys(Vec<(Hash, String)>),
    /// The header holds the name itself: a proxy has set it, and has removed what clients sent.
    Proxy,
}

fn wrong(why: impl Into<String>) -> Error {
    Error::new(ErrorCode::ConfigMalformed, why)
}

impl Callers {
    /// Callers that show a key in this header; in `Authorization` as `Bearer KEY`. A caller may
    /// have several keys, so that one can be replaced while the other is still in use.
    pub fn with_keys<'a>(header: &str, keys: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Result<Self, Error> {
        let mut known: Vec<(Hash, String)> = Vec::new();
        for (name, key) in keys {
            // Messages never hold a key.
            if !is_name(name) {
                return Err(wrong("a caller's name has 1 to 512 characters, no comma and no control"));
            }
            if !is_key(key) {
                return Err(wrong(format!(
                    "a key of {name:?} is not {KEY_MIN} to {KEY_MAX} characters of visible ASCII; make keys of at least 128 random bits"
                )));
            }
            let digest = digest(key);
            if let Some((_, other)) = known.iter().find(|(known, _)| hash::equal(known, &digest)) {
                return Err(wrong(format!("{name:?} and {other:?} have the same key")));
            }
            known.push((digest, name.to_owned()));
        }
        if known.is_empty() {
            return Err(wrong("no caller has a key"));
        }
        Ok(Callers { header: header_name(header)?, proof: Proof::Keys(known) })
    }

    /// Callers whose names a trusted proxy writes into this header.
    pub fn behind_proxy(header: &str) -> Result<Self, Error> {
        Ok(Callers { header: header_name(header)?, proof: Proof::Proxy })
    }

    /// The header, in lower case.
    pub fn header(&self) -> &str {
        &self.header
    }

    /// The caller, from all values of the header: a request with two has none.
    ///
    /// Every key is compared, each in time that does not depend on where it differs.
    pub fn identify<'a>(&'a self, values: &[&'a [u8]]) -> Option<&'a str> {
        let [value] = values else { return None };
        match &self.proof {
            Proof::Proxy => std::str::from_utf8(value).ok().filter(|name| is_name(name)),
            Proof::Keys(known) => {
                let presented = digest(self.credential(value)?);
                let same = |found, (key, name): &'a (Hash, String)| {
                    if hash::equal(key, &presented) { Some(name.as_str()) } else { found }
                };
                known.iter().fold(None, same)
            }
        }
    }

    /// What RFC 9110 wants a 401 to say about how to do better.
    pub fn challenge(&self) -> Option<String> {
        match &self.proof {
            Proof::Proxy => None,
            Proof::Keys(_) if self.is_bearer() => Some("Bearer".to_owned()),
            Proof::Keys(_) => Some(format!("ApiKey header=\"{}\"", self.header)),
        }
    }

    fn is_bearer(&self) -> bool {
        self.header == "authorization"
    }

    fn credential<'a>(&self, value: &'a [u8]) -> Option<&'a [u8]> {
        if !self.is_bearer() {
            return Some(value).filter(|key| is_key(key));
        }
        let (scheme, key) = value.split_at_checked("Bearer ".len())?;
        Some(key).filter(|key| scheme.eq_ignore_ascii_case(b"Bearer ") && is_key(key))
    }
}

/// Whether this can be the name of a caller. No comma: proxies join the values of two headers with one.
pub fn is_name(name: &str) -> bool {
    (1..=NAME_MAX).contains(&name.chars().count())
        && name.trim() == name
        && !name.chars().any(|c| c.is_control() || c == ',')
}

fn is_key(key: &[u8]) -> bool {
    (KEY_MIN..=KEY_MAX).contains(&key.len()) && key.iter().all(u8::is_ascii_graphic)
}

fn digest(key: &[u8]) -> Hash {
    hash::tagged(KEY_DOMAIN, &[key])
}

/// A field name of RFC 9110, in lower case.
fn header_name(header: &str) -> Result<String, Error> {
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if header.is_empty() || header.len() > 64 || !header.bytes().all(is_token) {
        return Err(wrong(format!("{header:?} is not the name of a header")));
    }
    Ok(header.to_ascii_lowercase())
}
