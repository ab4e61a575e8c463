//! Envelopes whose signers are known.

use crate::Did;
use talos_contracts::scalar::Signature;
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

/// Checks every signature. There is no laxer class: one bad entry spoils the envelope, since an
/// entry that nobody checks could be altered unseen.
pub fn verify(envelope: Unverified) -> Result<Verified, Error> {
    let message = envelope.message();
    let Some((_, signature)) = envelope.signatures.first().cloned() else {
        return Err(Error::new(ErrorCode::SignatureMissing, "the envelope carries no signature"));
    };
    let mut signers: Vec<Did> = Vec::with_capacity(envelope.signatures.len());
    for (keyid, signature) in &envelope.signatures {
        let did =
            Did::parse_url(keyid).map_err(|e| Error::new(ErrorCode::SignatureKeyid, format!("keyid: {}", e.detail)))?;
        if signers.contains(&did) {
            return Err(Error::new(ErrorCode::SignatureKeyid, "two signatures by one key"));
        }
        did.key().verify(&message, &signature.0)?;
        signers.push(did);
    }
    Ok(Verified { payload_type: envelope.payload_type, body: envelope.body, message, signers, signature })
}
