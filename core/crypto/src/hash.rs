//! SHA-256 with domain separation, and HMAC-SHA-256 commitments.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use talos_contracts::scalar::{B64, Hash};
use zeroize::Zeroizing;

/// H(part1 || part2 || ...).
pub fn sha256(parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    B64(hasher.finalize().into())
}

/// H(domain || 0x00 || data).
pub fn tagged(domain: &str, data: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(domain.as_bytes());
    hasher.update([0]);
    for part in data {
        hasher.update(part);
    }
    B64(hasher.finalize().into())
}

/// HMAC-SHA-256(key, domain || 0x00 || digest): hides the digest from all who lack the key.
pub fn commit(key: &[u8; 32], domain: &str, digest: &Hash) -> Hash {
    let mut mac = keyed(key);
    mac.update(domain.as_bytes());
    mac.update(&[0]);
    mac.update(&digest.0);
    B64(mac.finalize().into_bytes().into())
}

/// HMAC-SHA-256 under a key of any length, over the parts one after the other: for other people's formats.
pub fn mac(key: &[u8], parts: &[&[u8]]) -> Hash {
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    // RFC 2104: a key that is longer than a block is hashed first.
    let hashed = sha256(&[key]);
    let short = if key.len() <= block.len() { key } else { &hashed.0 };
    block[..short.len()].copy_from_slice(short);
    let mut mac = Hmac::<Sha256>::new(&block);
    parts.iter().for_each(|part| mac.update(part));
    B64(mac.finalize().into_bytes().into())
}

/// HMAC-SHA-256(key, domain || 0x00).
pub(crate) fn derived(key: &[u8; 32], domain: &str) -> Zeroizing<[u8; 32]> {
    let mut mac = keyed(key);
    mac.update(domain.as_bytes());
    mac.update(&[0]);
    Zeroizing::new(mac.finalize().into_bytes().into())
}

fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    // INVARIANT: 32 bytes is within the block size, so the padded block is the key and zeros.
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    block[..32].copy_from_slice(key);
    Hmac::new(&block)
}

/// Whether two hashes are equal, in time that does not depend on where they differ.
pub fn equal(a: &Hash, b: &Hash) -> bool {
    a.0.ct_eq(&b.0).into()
}
