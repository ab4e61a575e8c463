//! The steps that requests and grants share (`docs/spec/envelope.md`, section 5).

use talos_contracts::json;
use talos_contracts::{Error, ErrorCode};
use talos_crypto::dsse::{self, Unverified};
use talos_crypto::{SigningKey, hash};

pub(crate) use talos_identity::envelope::{body, signed_by};

/// Signs a body that `check` accepts.
pub(crate) fn seal(key: &SigningKey, iss: &str, media_type: &str, body: &[u8]) -> Result<Unverified, Error> {
    if body.len() > json::TALOS_BYTES {
        return Err(Error::new(ErrorCode::MalformedSize, "the body is larger than a signed object may be"));
    }
    Ok(dsse::sign(key, iss, media_type, body))
}

/// The id of a request: H("talos/approval/1" || 0x00 || M).
pub(crate) fn id(envelope: &Unverified) -> talos_contracts::scalar::Hash {
    hash::tagged(crate::request::APPROVAL_DOMAIN, &[&envelope.message()])
}
