//! The receipt of a peer's kernel for a message that has arrived there.

use crate::error::payload as refused;
use talos_audit::receipt;
use talos_contracts::scalar::Hash;
use talos_contracts::{Error, OutcomeStatus, Receipt};
use talos_crypto::dsse::Unverified;
use talos_identity::envelope;

/// The frame that a receipt says has arrived: the receipt has a signature of its own, and is the outcome of a message that
/// was taken. Whose kernel it is the session says: the receipt came by it.
pub(crate) fn verify(envelope: &[u8]) -> Result<Hash, Error> {
    let envelope = Unverified::parse(envelope)?;
    if envelope.payload_type != Receipt::MEDIA_TYPE {
        return Err(refused("a delivery that is no receipt"));
    }
    let receipt = receipt::parse_body(&envelope.body)?;
    envelope::signed_by(&envelope, &receipt.iss)?;
    let is_ok = receipt.outcome.is_some_and(|outcome| outcome.status == OutcomeStatus::Ok);
    let frame_hash = receipt.session.and_then(|session| session.frame_hash);
    frame_hash.filter(|_| is_ok).ok_or_else(|| refused("a delivery without the frame that has arrived"))
}
