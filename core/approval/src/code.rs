//! One-time codes, for people without a key (`docs/spec/approval.md`, section 6).

use crate::VerifiedRequest;
use talos_contracts::scalar::Hash;
use talos_contracts::{Error, ErrorCode};
use talos_crypto::{SigningKey, hash};
use zeroize::Zeroizing;

/// Random bytes in a code.
pub const ENTROPY_BYTES: usize = 5;
/// Characters of a code: five bits each.
pub const CODE_CHARS: usize = 8;
/// How often somebody may try, rightly or wrongly.
pub const MAX_ATTEMPTS: u64 = 5;
/// Domain of the digest of a code.
pub const CODE_DOMAIN: &str = "talos/approval-code/1";
/// Domain of what is stored of a code.
pub const LOCK_DOMAIN: &str = "talos/approval-code-lock/1";
/// Domain of the key under which codes are stored.
pub const KEY_DOMAIN: &str = "talos/approval-code-key/1";

/// Crockford's base32: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A one-time code. It does not print, is not cloned, and is erased when dropped.
pub struct Code(Zeroizing<String>);

impl Code {
    /// The code of five random bytes.
    pub fn from_entropy(entropy: &[u8; ENTROPY_BYTES]) -> Self {
        let bits = entropy.iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
        let symbol = |at: usize| char::from(ALPHABET[(bits >> (5 * (CODE_CHARS - 1 - at)) & 31) as usize]);
        Code(Zeroizing::new((0..CODE_CHARS).map(symbol).collect()))
    }

    /// Reads what a person typed: in any case, with spaces and hyphens, O for 0, I and L for 1.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let wrong = || Error::new(ErrorCode::ApprovalCodeWrong, "a one-time code has eight characters of base32");
        if text.len() > 4 * CODE_CHARS {
            return Err(wrong());
        }
        let mut code = Zeroizing::new(String::with_capacity(CODE_CHARS));
        for typed in text.chars().filter(|c| !matches!(c, ' ' | '-')) {
            let symbol = match typed.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            if code.len() == CODE_CHARS || !symbol.is_ascii() || !ALPHABET.contains(&(symbol as u8)) {
                return Err(wrong());
            }
            code.push(symbol);
        }
        if code.len() == CODE_CHARS { Ok(Code(code)) } else { Err(wrong()) }
    }

    /// The text, for the message to the person and for nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// The key under which a kernel keeps codes. It is derived from the kernel's own, so that who reads the store alone
/// cannot try all codes.
pub fn key(kernel: &SigningKey) -> Zeroizing<[u8; 32]> {
    kernel.derive(KEY_DOMAIN)
}

/// What a store keeps of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lock {
    /// The keyed hash of approval, person and code.
    pub hash: Hash,
    /// Attempts so far.
    pub attempts: u64,
}

impl Lock {
    /// The lock of a new code. The request's nonce makes its id, and so the hash, unlike any other.
    pub fn new(key: &[u8; 32], approval: &Hash, name: &str, code: &Code) -> Self {
        Lock { hash: locked(key, approval, name, code), attempts: 0 }
    }

    /// Tries a code. Every attempt counts, also a right one: the caller stores the lock durably before it acts on the answer.
    pub fn attempt(
        &mut self,
        key: &[u8; 32],
        request: &VerifiedRequest,
        name: &str,
        typed: &str,
        now_ms: u64,
    ) -> Result<(), Error> {
        if request.person(name) != Some(None) {
            return Err(Error::new(ErrorCode::ApprovalNotApprover, format!("{name:?} does not answer by a code")));
        }
        if now_ms >= request.request().expires {
            return Err(ErrorCode::ApprovalExpired.into());
        }
        if self.attempts >= MAX_ATTEMPTS {
            return Err(ErrorCode::ApprovalCodeLocked.into());
        }
        self.attempts += 1;
        let right =
            Code::parse(typed).is_ok_and(|code| hash::equal(&self.hash, &locked(key, request.id(), name, &code)));
        if right { Ok(()) } else { Err(ErrorCode::ApprovalCodeWrong.into()) }
    }
}

/// HMAC(key, "talos/approval-code-lock/1" || 0x00 || H("talos/approval-code/1" || 0x00 || id || name || 0x00 || code)).
fn locked(key: &[u8; 32], approval: &Hash, name: &str, code: &Code) -> Hash {
    let digest = hash::tagged(CODE_DOMAIN, &[&approval.0, name.as_bytes(), &[0], code.0.as_bytes()]);
    hash::commit(key, LOCK_DOMAIN, &digest)
}
