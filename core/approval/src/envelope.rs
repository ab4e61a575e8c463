//! The steps that requests and grants share (`docs/spec/envelope.md`, section 5).

use talos_contracts::json::{self, Profile, Value};
use talos_contracts::{Error, ErrorCode};
use talos_crypto::dsse::{self, Unverified};
use talos_crypto::{SigningKey, hash};
use talos_identity::envelope::{self, Verified};

/// A body that must be canonical talos-json, under its payload type.
pub(crate) fn body(envelope: &Unverified, media_type: &str) -> Result<Value, Error> {
    if envelope.payload_type != media_type {
        return Err(Error::new(ErrorCode::SignaturePayloadType, format!("the payload type is not {media_type}")));
    }
    json::parse_canonical(&envelope.body, Profile::Talos, Profile::Talos.limits())
}

/// Checks every signature; the first one has to be by the key that the body names.
pub(crate) fn signed_by(envelope: &Unverified, iss: &str) -> Result<Verified, Error> {
    if envelope.signatures.first().is_some_and(|(keyid, _)| keyid != iss) {
        return Err(Error::new(ErrorCode::SignatureKeyid, "the first keyid is not the body's iss"));
    }
    envelope::verify(envelope.clone())
}

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
