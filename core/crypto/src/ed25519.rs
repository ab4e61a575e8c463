//! Strict Ed25519 (RFC 8032): one verdict on every input.
//!
//! A signature verifies iff S < L, A and R are canonical encodings of points that are not of small
//! order, and the cofactorless equation holds. Common verifiers disagree with one another on
//! hundreds of edge cases; this one is the strictest of them.

use curve25519_dalek::edwards::CompressedEdwardsY;
use ed25519_dalek::Signer;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey, spki::der::pem::LineEnding};
use std::fmt;
use subtle::ConstantTimeEq;
use talos_contracts::scalar::Signature;
use talos_contracts::{Error, ErrorCode};
use zeroize::Zeroizing;

/// Bytes of a private key seed.
pub const SEED_BYTES: usize = 32;

/// A private key. It does not print, is not cloned, and is erased when dropped.
pub struct SigningKey(ed25519_dalek::SigningKey);

impl SigningKey {
    /// The key of a seed of 32 bytes.
    pub fn from_seed(seed: &[u8; SEED_BYTES]) -> Self {
        SigningKey(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// Reads a PKCS#8 PEM file (RFC 8410).
    pub fn from_pem(pem: &str) -> Result<Self, Error> {
        ed25519_dalek::SigningKey::from_pkcs8_pem(pem)
            .map(SigningKey)
            .map_err(|_| Error::new(ErrorCode::KeyMalformed, "not an Ed25519 private key in PKCS#8 PEM"))
    }

    /// Writes a PKCS#8 PEM file (RFC 8410).
    pub fn to_pem(&self) -> Result<Zeroizing<String>, Error> {
        self.0
            .to_pkcs8_pem(LineEnding::LF)
            .map_err(|_| Error::new(ErrorCode::KeyMalformed, "the key cannot be written as PKCS#8 PEM"))
    }

    /// The public half.
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(self.0.verifying_key())
    }

    /// A secret of this key for another purpose: HMAC-SHA-256(seed, domain || 0x00).
    pub fn derive(&self, domain: &str) -> Zeroizing<[u8; 32]> {
        crate::hash::derived(self.0.as_bytes(), domain)
    }

    /// The RFC 8032 signature over the message.
    pub fn sign(&self, message: &[u8]) -> Signature {
        talos_contracts::scalar::B64(self.0.sign(message).to_bytes())
    }
}

/// A public key that has passed the import check: canonical, on the curve, not of small order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VerifyingKey(ed25519_dalek::VerifyingKey);

impl VerifyingKey {
    /// Imports 32 bytes, or says `signature.key_invalid`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let refuse = |why: &str| Error::new(ErrorCode::SignatureKeyInvalid, why);
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_| refuse("a public key has 32 bytes"))?;
        let point = CompressedEdwardsY(*bytes).decompress().ok_or_else(|| refuse("the public key is not a point"))?;
        let key = ed25519_dalek::VerifyingKey::from(point);
        if !bool::from(key.as_bytes().ct_eq(bytes)) {
            return Err(refuse("the public key is not canonically encoded"));
        }
        if point.is_small_order() {
            return Err(refuse("the public key is of small order"));
        }
        Ok(VerifyingKey(key))
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// Verifies strictly, or says `signature.invalid`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        let refuse = |why: &str| Error::new(ErrorCode::SignatureInvalid, why);
        let signature: &[u8; 64] = signature.try_into().map_err(|_| refuse("a signature has 64 bytes"))?;
        self.0
            .verify_strict(message, &ed25519_dalek::Signature::from_bytes(signature))
            .map_err(|_| refuse("the signature does not verify"))
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({})", talos_contracts::scalar::encode_b64url(self.as_bytes()))
    }
}
