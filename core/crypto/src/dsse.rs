//! DSSE 1.0.2 (`docs/spec/envelope.md`): what is signed, and the envelope that carries it.

use crate::SigningKey;
use talos_contracts::json::{self, Limits, Profile};
use talos_contracts::{Envelope, EnvelopeSignature, Error};

/// Bytes of an envelope's JSON text: a payload of 64 KiB in base64, and its signatures.
pub const ENVELOPE_BYTES: usize = 128 * 1024;

/// M = "DSSEv1" SP dec(len T) SP T SP dec(len B) SP B.
pub fn pre_authentication_encoding(payload_type: &str, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload_type.len() + body.len() + 32);
    out.extend_from_slice(b"DSSEv1 ");
    json::write_integer(payload_type.len() as i64, &mut out);
    out.push(b' ');
    out.extend_from_slice(payload_type.as_bytes());
    out.push(b' ');
    json::write_integer(body.len() as i64, &mut out);
    out.push(b' ');
    out.extend_from_slice(body);
    out
}

/// An envelope as it was received. Nothing in it is verified.
#[derive(Clone, Debug, PartialEq)]
pub struct Unverified {
    /// The media type of the body.
    pub payload_type: String,
    /// The body, as it was signed.
    pub body: Vec<u8>,
    /// Claimed signer and signature, in order; the signature may have any length.
    pub signatures: Vec<(String, Vec<u8>)>,
}

impl Unverified {
    /// Reads the JSON text of an envelope.
    pub fn parse(text: &[u8]) -> Result<Self, Error> {
        let limits = Limits { depth: 8, bytes: ENVELOPE_BYTES };
        let value = json::parse_with(text, Profile::Data, limits)?;
        Ok(Self::from_envelope(&Envelope::read(&value)?))
    }

    /// The parts of the contract.
    pub fn from_envelope(envelope: &Envelope) -> Self {
        let signatures = envelope.signatures.iter().map(|entry| (entry.keyid.clone(), entry.sig.clone())).collect();
        Unverified { payload_type: envelope.payload_type.clone(), body: envelope.payload.clone(), signatures }
    }

    /// The contract that is written.
    pub fn to_envelope(&self) -> Envelope {
        Envelope {
            payload: self.body.clone(),
            payload_type: self.payload_type.clone(),
            signatures: self
                .signatures
                .iter()
                .map(|(keyid, sig)| EnvelopeSignature { keyid: keyid.clone(), sig: sig.clone() })
                .collect(),
        }
    }

    /// What the signatures are over.
    pub fn message(&self) -> Vec<u8> {
        pre_authentication_encoding(&self.payload_type, &self.body)
    }
}

/// Signs a body under its payload type.
pub fn sign(key: &SigningKey, keyid: &str, payload_type: &str, body: &[u8]) -> Unverified {
    let signature = key.sign(&pre_authentication_encoding(payload_type, body));
    Unverified {
        payload_type: payload_type.to_owned(),
        body: body.to_vec(),
        signatures: vec![(keyid.to_owned(), signature.0.to_vec())],
    }
}
