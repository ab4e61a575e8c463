//! Envelopes whose signers are known.

use crate::Did;
use talos_contracts::json::{self, Profile, Value};
use talos_contracts::scalar::{B64, Signature};
use talos_contracts::{Error, ErrorCode};
use talos_crypto::dsse::Unverified;

/// An envelope of which every signature verifies under the did:key that its keyid names.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The media type of the body.
    pub payload_type: String,
    /// The body, as it was signed.
    pub body: Vec<u8>,
    /// What the signatures are over.
    pub message: Vec<u8>,
    /// The signers, in order. The first one is the issuer.
    pub signers: Vec<Did>,
    /// The signature of the issuer.
    pub signature: Signature,
}

/// A body that must be canonical talos-json, under its payload type.
pub fn body(envelope: &Unverified, media_type: &str) -> Result<Value, Error> {
    if envelope.payload_type != media_type {
        return Err(Error::new(ErrorCode::SignaturePayloadType, format!("the payload type is not {media_type}")));
    }
    json::parse_canonical(&envelope.body, Profile::Talos, Profile::Talos.limits())
}

/// Checks every signature; the first one has to be by the key that the body names.
pub fn signed_by(envelope: &Unverified, iss: &str) -> Result<Verified, Error> {
    if envelope.signatures.first().is_some_and(|(keyid, _)| keyid != iss) {
        return Err(Error::new(ErrorCode::SignatureKeyid, "the first keyid is not the body's iss"));
    }
    verify(envelope.clone())
}

/// Checks every signature. There is no laxer class: one bad entry spoils the envelope, since an
/// entry that nobody checks could be altered unseen.
pub fn verify(envelope: Unverified) -> Result<Verified, Error> {
    let message = envelope.message();
    let signers = signers(&envelope)?;
    for (did, (_, signature)) in signers.iter().zip(&envelope.signatures) {
        did.key().verify(&message, signature)?;
    }
    let signature = envelope.signatures.first().and_then(|(_, first)| first.as_slice().try_into().ok()).map(B64);
    let signature =
        signature.ok_or_else(|| Error::new(ErrorCode::SignatureMissing, "the envelope has no signature"))?;
    Ok(Verified { payload_type: envelope.payload_type, body: envelope.body, message, signers, signature })
}

/// The keys that the key ids name, each once.
fn signers(envelope: &Unverified) -> Result<Vec<Did>, Error> {
    let mut signers: Vec<Did> = Vec::with_capacity(envelope.signatures.len());
    for (keyid, _) in &envelope.signatures {
        let did =
            Did::parse_url(keyid).map_err(|e| Error::new(ErrorCode::SignatureKeyid, format!("keyid: {}", e.detail)))?;
        if signers.contains(&did) {
            return Err(Error::new(ErrorCode::SignatureKeyid, "two signatures by one key"));
        }
        signers.push(did);
    }
    Ok(signers)
}
