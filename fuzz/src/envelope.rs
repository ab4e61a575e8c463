//! DSSE envelopes: `docs/spec/envelope.md`.

use crate::known;
use talos_contracts::Receipt;
use talos_contracts::json::{self, Limits, Profile};
use talos_contracts::scalar::encode_base64;
use talos_crypto::dsse::{self, ENVELOPE_BYTES, Unverified};
use talos_identity::envelope;

/// Bodies up to this size are also signed, which takes most of the time.
const SIGNED_BYTES: usize = 256;

/// An envelope has one reading; what verifies is what was signed; a flipped bit does not verify.
pub fn target(data: &[u8]) {
    if let Ok(read) = Unverified::parse(data) {
        check_reading(data, &read);
        check_verdict(read);
    }
    if data.len() <= SIGNED_BYTES {
        check_signing(data);
    }
}

fn check_reading(text: &[u8], read: &Unverified) {
    let mut written = Vec::new();
    read.to_envelope().write(&mut written);
    assert!(Unverified::parse(&written).is_ok_and(|again| again == *read), "an envelope does not read back");
    // One body, one spelling: base64 with spare bits or missing padding would be a second one.
    let value = json::parse_with(text, Profile::Data, Limits { depth: 8, bytes: ENVELOPE_BYTES });
    let payload = value.ok().and_then(|v| v.get("payload").and_then(|p| p.as_str().map(str::to_owned)));
    assert!(payload == Some(encode_base64(&read.body)), "the payload has a second spelling");
}

fn check_verdict(read: Unverified) {
    if let Ok(verified) = envelope::verify(read.clone()) {
        assert!(!verified.signers.is_empty() && verified.signers.len() == read.signatures.len());
        assert!(verified.message == read.message() && verified.body == read.body);
    }
    if let Ok(sound) = talos_verify::receipt(read.clone()) {
        let mut body = Vec::new();
        sound.receipt.write(&mut body);
        assert!(body == read.body, "a sound receipt is not its own canonical form");
        if sound.issuer == known::issuer() && !read.signatures.is_empty() {
            assert!(known::is_known_receipt(&sound.id), "a receipt that nobody signed is sound");
        }
    }
}

fn check_signing(body: &[u8]) {
    let issuer = known::issuer();
    let signed = dsse::sign(&known::sign_key(), &issuer.url(), Receipt::MEDIA_TYPE, body);
    let mut flipped = signed.clone();
    match flipped.body.last_mut() {
        Some(last) => *last ^= 1,
        None => flipped.payload_type.push('x'),
    }
    assert!(envelope::verify(flipped).is_err(), "a flipped bit verifies");
    let verified = envelope::verify(signed);
    assert!(verified.is_ok_and(|v| v.body == body && v.signers == [issuer]), "a signed body does not verify");
}
