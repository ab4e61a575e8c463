//! What an auditor checks when a message is disclosed (`docs/spec/session.md`, section 10).

use crate::frame::{Frame, unpad};
use crate::kdf::MessageKey;
use talos_contracts::scalar::Hash;
use talos_contracts::{Error, ErrorCode};
use talos_crypto::hash;
use zeroize::Zeroizing;

/// The data of a frame that a receipt names, from the frame, th and mk that a party discloses.
pub fn open(frame: &[u8], frame_hash: &Hash, th: &Hash, message_key: &MessageKey) -> Result<Zeroizing<Vec<u8>>, Error> {
    let frame = Frame::parse(frame)?;
    let mismatch = |why: &str| Error::new(ErrorCode::SessionOpeningMismatch, why);
    if !hash::equal(&frame.hash(), frame_hash) {
        return Err(mismatch("the frame is not the one of the receipt"));
    }
    // The commitment first, then the AEAD: either failing is a mismatch.
    let plaintext = frame.authenticate(message_key, &th.0).map_err(|error| mismatch(&error.detail))?;
    unpad(frame.header().kind, plaintext)
}
