//! Keys of the agreement: ours and theirs are different types.
//!
//! Secrets do not print, are not cloned, and are erased when dropped. They live in boxes, so that moving one moves a
//! pointer and leaves no bytes behind. The crates below erase their own copies by their `zeroize` features.

use crate::random::{self, Entropy};
use ml_kem::kem::{Decapsulate, KeyExport};
use ml_kem::ml_kem_768::{Ciphertext, DecapsulationKey, EncapsulationKey};
use std::fmt;
use talos_contracts::scalar::{B64, encode_b64url};
use talos_contracts::{Error, ErrorCode};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Bytes of an ML-KEM-768 encapsulation key.
pub const KEM_KEY_BYTES: usize = 1_184;
/// Bytes of an ML-KEM-768 ciphertext.
pub const KEM_CIPHERTEXT_BYTES: usize = 1_088;

/// The name of a session.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sid(pub [u8; 16]);

impl Sid {
    /// As contracts have it.
    pub fn to_contract(self) -> B64<16> {
        B64(self.0)
    }
}

impl fmt::Debug for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode_b64url(&self.0))
    }
}

/// Thirty-two bytes that nobody else may know.
pub struct Secret(Box<[u8; 32]>);

impl Secret {
    /// A copy of bytes whose erasure is the caller's affair.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        let mut secret = Self::zero();
        secret.0.copy_from_slice(bytes);
        secret
    }

    pub(crate) fn zero() -> Self {
        Secret(Box::new([0; 32]))
    }

    /// The bytes, for a store or an auditor, and for nothing else.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8; 32] {
        &mut self.0
    }

    /// A second copy, for a state that is staged beside the one in force.
    pub(crate) fn copy(&self) -> Self {
        Self::from_bytes(&self.0)
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for Secret {}

/// A public X25519 key of somebody: any 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TheirKey(pub [u8; 32]);

impl TheirKey {
    pub(crate) fn to_contract(self) -> B64<32> {
        B64(self.0)
    }
}

impl fmt::Debug for TheirKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TheirKey({})", encode_b64url(&self.0))
    }
}

/// A private X25519 key with its public half.
pub struct OurKey {
    secret: Secret,
    public: TheirKey,
}

impl OurKey {
    /// The key of 32 random bytes; they are clamped where they are used (RFC 7748).
    pub fn from_secret(secret: Secret) -> Self {
        let public = TheirKey(PublicKey::from(&StaticSecret::from(*secret.expose())).to_bytes());
        OurKey { secret, public }
    }

    /// A fresh key.
    pub fn draw(entropy: &mut dyn Entropy) -> Result<Self, Error> {
        Ok(Self::from_secret(random::secret(entropy)?))
    }

    /// The public half.
    pub fn public(&self) -> TheirKey {
        self.public
    }

    /// The private half, for a store.
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    pub(crate) fn copy(&self) -> Self {
        OurKey { secret: self.secret.copy(), public: self.public }
    }

    /// X25519, or `session.key_invalid` where the result is 32 zero bytes.
    pub(crate) fn agree(&self, their: &TheirKey) -> Result<Secret, Error> {
        #[cfg(test)]
        crate::tests::work::agreement();
        let shared = StaticSecret::from(*self.secret.expose()).diffie_hellman(&PublicKey::from(their.0));
        // In constant time; the identity is the only point whose bytes are all zero.
        if !shared.was_contributory() {
            return Err(Error::new(ErrorCode::SessionKeyInvalid, "an X25519 key gives a result of zeros"));
        }
        Ok(Secret::from_bytes(shared.as_bytes()))
    }
}

/// A private ML-KEM-768 key: d and z, from which the rest is made when it is used.
pub struct OurKem {
    seed: Box<[u8; 64]>,
    public: Box<[u8; KEM_KEY_BYTES]>,
}

impl OurKem {
    /// The key of d || z (FIPS 203, ML-KEM.KeyGen_internal).
    pub fn from_seed(seed: &[u8; 64]) -> Self {
        let mut boxed = Box::new([0; 64]);
        boxed.copy_from_slice(seed);
        let mut public = Box::new([0; KEM_KEY_BYTES]);
        public.copy_from_slice(&DecapsulationKey::from_seed((*boxed).into()).encapsulation_key().to_bytes());
        OurKem { seed: boxed, public }
    }

    /// A fresh key: d, then z.
    pub fn draw(entropy: &mut dyn Entropy) -> Result<Self, Error> {
        let mut seed = zeroize::Zeroizing::new([0; 64]);
        let (d, z) = seed.split_at_mut(32);
        entropy.fill(d)?;
        entropy.fill(z)?;
        Ok(Self::from_seed(&seed))
    }

    /// The encapsulation key.
    pub fn public(&self) -> &[u8; KEM_KEY_BYTES] {
        &self.public
    }

    pub(crate) fn seed(&self) -> &[u8; 64] {
        &self.seed
    }

    /// The shared secret in a ciphertext. One that was altered gives another secret, not an error.
    pub(crate) fn decapsulate(&self, ciphertext: &[u8]) -> Result<Secret, Error> {
        let ciphertext = Ciphertext::try_from(ciphertext)
            .map_err(|_| Error::new(ErrorCode::SessionMalformed, "an ML-KEM-768 ciphertext has 1,088 bytes"))?;
        let mut shared = DecapsulationKey::from_seed((*self.seed).into()).decapsulate(&ciphertext);
        Ok(taken(shared.as_mut_slice()))
    }
}

impl Drop for OurKem {
    fn drop(&mut self) {
        self.seed.zeroize();
    }
}

impl ZeroizeOnDrop for OurKem {}

/// An ML-KEM-768 encapsulation key of somebody, which has passed the modulus check of FIPS 203, section 7.2.
pub struct TheirKem(Box<EncapsulationKey>);

impl TheirKem {
    /// Checks a key, or says `session.key_invalid`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let refuse = || Error::new(ErrorCode::SessionKeyInvalid, "an ML-KEM-768 key fails the modulus check");
        let bytes = ml_kem::Key::<EncapsulationKey>::try_from(bytes).map_err(|_| refuse())?;
        EncapsulationKey::new(&bytes).map(Box::new).map(TheirKem).map_err(|_| refuse())
    }

    /// ML-KEM.Encaps_internal with the randomness m: ciphertext and shared secret.
    pub(crate) fn encapsulate(&self, m: &Secret) -> (Vec<u8>, Secret) {
        let mut randomness = ml_kem::B32::from(*m.expose());
        let (ciphertext, mut shared) = self.0.encapsulate_deterministic(&randomness);
        randomness.as_mut_slice().zeroize();
        (ciphertext.as_slice().to_vec(), taken(shared.as_mut_slice()))
    }
}

/// Moves 32 bytes into a secret and erases where they came from.
pub(crate) fn taken(bytes: &mut [u8]) -> Secret {
    let mut secret = Secret::zero();
    // INVARIANT: every caller has 32 bytes: a shared secret of ML-KEM-768 or an output of SHA-256.
    secret.0.iter_mut().zip(bytes.iter()).for_each(|(to, from)| *to = *from);
    bytes.zeroize();
    secret
}
