//! What is derived from what (`docs/spec/session.md`, sections 3.3, 4 and 9).
//!
//! HKDF is written out over HMAC (RFC 5869), so that every block between is erased.

use crate::keys::{Secret, Sid, taken};
use crate::limits::{EXPORT_BYTES, LABEL_BYTES};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use talos_contracts::{Error, ErrorCode};
use zeroize::Zeroizing;

type HmacSha256 = Hmac<Sha256>;

/// HMAC-SHA-256 under a key of at most a block; keys of this crate have 32 bytes.
fn keyed(key: &[u8]) -> HmacSha256 {
    let mut block = Zeroizing::new([0; 64]);
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    HmacSha256::new((&*block).into())
}

fn finish(mac: HmacSha256) -> Secret {
    taken(mac.finalize().into_bytes().as_mut_slice())
}

fn hmac(key: &Secret, text: &[u8]) -> Secret {
    let mut mac = keyed(key.expose());
    mac.update(text);
    finish(mac)
}

/// HKDF-Extract: the salt is at most a block.
fn extract(salt: &[u8], ikm: &[u8]) -> Secret {
    let mut mac = keyed(salt);
    mac.update(ikm);
    finish(mac)
}

/// HKDF-Expand into at most 255 blocks.
pub(crate) fn expand(prk: &Secret, info: &[&[u8]], out: &mut [u8]) {
    let state = keyed(prk.expose());
    let mut before: Option<Secret> = None;
    // INVARIANT: outputs of this crate have at most 80 bytes, three blocks; the counter is a byte.
    for (count, chunk) in (1u8..=255).zip(out.chunks_mut(32)) {
        let mut mac = state.clone();
        if let Some(before) = &before {
            mac.update(before.expose());
        }
        info.iter().for_each(|part| mac.update(part));
        mac.update(&[count]);
        let block = finish(mac);
        chunk.copy_from_slice(&block.expose()[..chunk.len()]);
        before = Some(block);
    }
}

/// HKDF(salt, ikm, info, length of out).
pub(crate) fn hkdf(salt: &[u8], ikm: &[u8], info: &[&[u8]], out: &mut [u8]) {
    expand(&extract(salt, ikm), info, out);
}

/// The root key RK. At the start it is SK.
pub(crate) struct RootKey(pub(crate) Secret);

impl RootKey {
    /// KDF_RK.
    pub(crate) fn step(&self, dh: &Secret) -> (RootKey, ChainKey) {
        let mut out = Zeroizing::new([0; 64]);
        hkdf(self.0.expose(), dh.expose(), &[b"talos/session/1 root"], &mut *out);
        let (root, chain) = out.split_at_mut(32);
        (RootKey(taken(root)), ChainKey(taken(chain)))
    }
}

/// A chain key.
pub(crate) struct ChainKey(pub(crate) Secret);

impl ChainKey {
    /// KDF_CK: the key of this message, and the chain key of the next.
    pub(crate) fn step(&self) -> (MessageKey, ChainKey) {
        #[cfg(test)]
        crate::tests::work::step();
        (MessageKey(hmac(&self.0, &[0x01])), ChainKey(hmac(&self.0, &[0x02])))
    }
}

/// The key mk of one frame. Whoever has it can read that frame and no other.
pub struct MessageKey(pub(crate) Secret);

impl MessageKey {
    /// The key that an opener disclosed, or a store kept beside a body.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        MessageKey(Secret::from_bytes(bytes))
    }

    /// The bytes, to be kept beside the body of the message or disclosed to an auditor.
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    pub(crate) fn copy(&self) -> Self {
        MessageKey(self.0.copy())
    }

    /// k, the key of the AEAD.
    pub(crate) fn cipher_key(&self) -> Secret {
        hmac(&self.0, b"talos/session/1 key")
    }

    /// com, the commitment.
    pub(crate) fn commitment(&self) -> [u8; 32] {
        *hmac(&self.0, b"talos/session/1 commit").expose()
    }

    /// Whether this is the commitment, in constant time.
    pub(crate) fn commits_to(&self, com: &[u8; 32]) -> bool {
        self.commitment().ct_eq(com).into()
    }
}

/// The exporter secret EXP.
pub(crate) struct ExporterSecret(pub(crate) Secret);

impl ExporterSecret {
    /// What a renewal mixes in.
    pub(crate) fn renewal(&self) -> Secret {
        let mut out = Secret::zero();
        expand(&self.0, &[b"talos/session/1 renew"], out.bytes_mut());
        out
    }

    /// exporter(label, L), section 9.
    pub(crate) fn export(&self, label: &str, len: usize) -> Result<Zeroizing<Vec<u8>>, Error> {
        let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
        if !(1..=LABEL_BYTES).contains(&label.len()) || !label.bytes().all(word) || !EXPORT_BYTES.contains(&len) {
            let why = "an exporter label has 1 to 64 characters of a-z, 0-9, - and _, its output 16 to 64 bytes";
            return Err(Error::new(ErrorCode::MalformedValue, why));
        }
        let mut out = Zeroizing::new(vec![0; len]);
        expand(&self.0, &[b"talos/session/1 export ", label.as_bytes()], &mut out);
        Ok(out)
    }
}

/// SK, SID and EXP.
pub(crate) struct SessionKeys {
    pub(crate) root: RootKey,
    pub(crate) sid: Sid,
    pub(crate) exporter: ExporterSecret,
}

impl SessionKeys {
    /// OKM of section 3.3.
    pub(crate) fn derive(ikm: &[u8], th: &[u8; 32]) -> Self {
        let mut okm = Zeroizing::new([0; 80]);
        hkdf(&[0; 32], ikm, &[b"talos/session/1 keys", th], &mut *okm);
        let mut sid = [0; 16];
        sid.copy_from_slice(&okm[32..48]);
        let root = RootKey(taken(&mut okm[..32]));
        SessionKeys { root, sid: Sid(sid), exporter: ExporterSecret(taken(&mut okm[48..])) }
    }
}
