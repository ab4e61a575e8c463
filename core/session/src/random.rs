//! Randomness as an argument (`docs/spec/session.md`, section 12).

use crate::keys::Secret;
use talos_contracts::{Error, ErrorCode};

/// Where random bytes come from. Each item of section 12 is one call, in the order of that section.
pub trait Entropy {
    /// Fills the buffer with bytes that nobody can predict, or fails.
    fn fill(&mut self, out: &mut [u8]) -> Result<(), Error>;
}

impl<F: FnMut(&mut [u8]) -> Result<(), Error>> Entropy for F {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), Error> {
        self(out)
    }
}

/// Bytes that were drawn elsewhere, consumed from the front: for vectors, and for hosts that draw ahead.
pub struct Given<'a>(pub &'a [u8]);

impl Entropy for Given<'_> {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), Error> {
        let (now, later) = self
            .0
            .split_at_checked(out.len())
            .ok_or_else(|| Error::new(ErrorCode::InternalFault, "the random bytes that were given are used up"))?;
        out.copy_from_slice(now);
        self.0 = later;
        Ok(())
    }
}

/// Thirty-two random bytes that are a secret.
pub(crate) fn secret(entropy: &mut dyn Entropy) -> Result<Secret, Error> {
    let mut secret = Secret::zero();
    entropy.fill(secret.bytes_mut())?;
    Ok(secret)
}

/// Twelve random bytes of a nonce.
pub(crate) fn nonce(entropy: &mut dyn Entropy) -> Result<[u8; 12], Error> {
    let mut nonce = [0; 12];
    entropy.fill(&mut nonce)?;
    Ok(nonce)
}
