//! ChaCha20-Poly1305 (RFC 8439), the tag behind the ciphertext.

use crate::keys::Secret;
use chacha20poly1305::aead::inout::InOutBuf;
use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, KeyInit, Tag};
use talos_contracts::{Error, ErrorCode};
use zeroize::Zeroizing;

/// Bytes of the tag.
pub(crate) const TAG_BYTES: usize = 16;

/// Encrypts what follows the first `from` bytes of the buffer in place, and appends the tag.
pub(crate) fn seal(key: &Secret, nonce: &[u8; 12], aad: &[u8], buffer: &mut Vec<u8>, from: usize) -> Result<(), Error> {
    let cipher = ChaCha20Poly1305::new(key.expose().into());
    let tag = cipher
        .encrypt_inout_detached(nonce.into(), aad, InOutBuf::from(&mut buffer[from..]))
        // Only above 256 GiB.
        .map_err(|_| Error::new(ErrorCode::MalformedSize, "too large to encrypt"))?;
    buffer.extend_from_slice(&tag);
    Ok(())
}

/// Decrypts ciphertext || tag, or nothing where it does not authenticate.
pub(crate) fn open(key: &Secret, nonce: &[u8; 12], aad: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (ciphertext, tag) = sealed.split_at_checked(sealed.len().checked_sub(TAG_BYTES)?)?;
    let tag = Tag::try_from(tag).ok()?;
    let mut plaintext = Zeroizing::new(ciphertext.to_vec());
    let cipher = ChaCha20Poly1305::new(key.expose().into());
    cipher.decrypt_inout_detached(nonce.into(), aad, InOutBuf::from(&mut plaintext[..]), &tag).ok()?;
    Some(plaintext)
}
