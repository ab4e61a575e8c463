//! The offline verifier: the only crate that an auditor or a browser links.
//!
//! A bundle carries evidence, never trust. [`Trust`] comes from the verifier's own user; without
//! it nothing verifies (`docs/spec/bundle.md`). Each function returns the verified type, so that
//! forgetting to verify does not compile.

use talos_audit::checkpoint::{Checkpoint, LogKey};
use talos_audit::proof::TlogProof;
use talos_audit::{bundle, receipt, tree};
use talos_contracts::scalar::Hash;
use talos_contracts::{Bundle, Error, ErrorCode, Receipt, SignMode};
use talos_crypto::dsse::Unverified;
use talos_crypto::hash;
use talos_identity::{Did, envelope};

/// Whom the user of the verifier believes.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Keys of logs.
    pub log_keys: Vec<LogKey>,
    /// Issuers of receipts.
    pub issuers: Vec<Did>,
}

impl Trust {
    /// Trust in logs and issuers by their texts.
    pub fn parse<S: AsRef<str>>(log_keys: &[S], issuers: &[S]) -> Result<Self, Error> {
        Ok(Trust {
            log_keys: log_keys.iter().map(|k| LogKey::parse(k.as_ref())).collect::<Result<_, _>>()?,
            issuers: issuers.iter().map(|d| Did::parse(d.as_ref())).collect::<Result<_, _>>()?,
        })
    }

    fn is_empty(&self) -> bool {
        self.log_keys.is_empty() && self.issuers.is_empty()
    }

    /// Whether this issuer is believed, or `trust.issuer_unknown`.
    pub fn check_issuer(&self, issuer: &Did) -> Result<(), Error> {
        if self.issuers.contains(issuer) {
            return Ok(());
        }
        Err(Error::new(ErrorCode::TrustIssuerUnknown, format!("{issuer} is not among the trusted issuers")))
    }
}

/// A receipt that is sound in itself: canonical, whole, and signed as it says.
///
/// One with `sign` = `log` is evidence only together with its inclusion in a checkpoint.
#[derive(Clone, Debug)]
pub struct SoundReceipt {
    /// Its id.
    pub id: Hash,
    /// The body.
    pub receipt: Receipt,
    /// Who issued it: the DID of `iss`.
    pub issuer: Did,
}

/// Checks an envelope that should hold a receipt. Says nothing about trust.
pub fn receipt(envelope: Unverified) -> Result<SoundReceipt, Error> {
    if envelope.payload_type != Receipt::MEDIA_TYPE {
        return Err(Error::new(ErrorCode::SignaturePayloadType, "the payload type is not that of a receipt"));
    }
    let receipt = receipt::parse_body(&envelope.body)?;
    // INVARIANT: parse_body has checked that iss is the URL of an Ed25519 did:key by its form.
    let issuer = Did::parse_url(&receipt.iss)
        .map_err(|e| Error::new(ErrorCode::MalformedValue, format!("/iss: {}", e.detail)))?;
    if receipt.actor != issuer.as_str() {
        Did::parse(&receipt.actor)
            .map_err(|e| Error::new(ErrorCode::MalformedValue, format!("/actor: {}", e.detail)))?;
    }
    receipt::check_rules(&receipt)?;
    let id = match receipt.sign {
        SignMode::Log if envelope.signatures.is_empty() => receipt::receipt_id(&envelope.message(), None),
        SignMode::Log => {
            return Err(Error::new(
                ErrorCode::SignatureInvalid,
                "a log-signed receipt carries no signature of its own",
            ));
        }
        SignMode::Self_ => {
            if envelope.signatures.first().is_some_and(|(keyid, _)| *keyid != receipt.iss) {
                return Err(Error::new(ErrorCode::SignatureKeyid, "the first keyid is not the receipt's iss"));
            }
            let verified = envelope::verify(envelope)?;
            receipt::receipt_id(&verified.message, Some(&verified.signature))
        }
    };
    Ok(SoundReceipt { id, receipt, issuer })
}

/// A receipt that trusted parties vouch for, with its place in the log.
#[derive(Clone, Debug)]
pub struct VerifiedBundle {
    /// The receipt's id.
    pub receipt_id: Hash,
    /// The body.
    pub receipt: Receipt,
    /// Index of its leaf.
    pub index: u64,
    /// The checkpoint that includes it.
    pub checkpoint: Checkpoint,
}

/// Verifies a bundle, in the order of `docs/spec/bundle.md`, section 4.
pub fn bundle(text: &[u8], trust: &Trust) -> Result<VerifiedBundle, Error> {
    let bundle = bundle::parse(text)?;
    let sound = receipt(Unverified::from_envelope(&bundle.envelope))?;
    let proof = TlogProof::parse(&bundle.tlog_proof)?;
    let checkpoint = proof.note.unverified();
    if checkpoint.origin != sound.receipt.log {
        return Err(Error::new(
            ErrorCode::CheckpointOriginMismatch,
            "the checkpoint is of another log than the receipt",
        ));
    }
    let leaf = tree::leaf_hash(&tree::entry(&sound.id));
    tree::verify_inclusion(&leaf, proof.index, checkpoint.size, &proof.path, &checkpoint.root)?;
    check_bodies(&bundle, &sound.receipt)?;
    let checkpoint = check_trust(&proof, trust)?;
    trust.check_issuer(&sound.issuer)?;
    Ok(VerifiedBundle { receipt_id: sound.id, receipt: sound.receipt, index: proof.index, checkpoint })
}

fn check_trust(proof: &TlogProof, trust: &Trust) -> Result<Checkpoint, Error> {
    if trust.is_empty() {
        return Err(Error::new(ErrorCode::TrustNone, "no log key and no issuer was given to trust"));
    }
    checkpoint(&proof.note, trust).cloned()
}

/// The checkpoint of a note that a trusted log signed; every line by a trusted key must be good.
pub fn checkpoint<'a>(note: &'a talos_audit::checkpoint::SignedNote, trust: &Trust) -> Result<&'a Checkpoint, Error> {
    let origin = &note.unverified().origin;
    let mut by_trusted = trust.log_keys.iter().filter(|key| key.name() == origin && note.names(key)).peekable();
    if by_trusted.peek().is_none() {
        return Err(Error::new(
            ErrorCode::TrustLogUnknown,
            format!("no trusted key of the log {origin:?} signed the checkpoint"),
        ));
    }
    by_trusted.try_for_each(|key| note.verify(key).map(|_| ()))?;
    Ok(note.unverified())
}

fn check_bodies(bundle: &Bundle, receipt: &Receipt) -> Result<(), Error> {
    let Some(bodies) = &bundle.bodies else { return Ok(()) };
    if let Some(body) = &bodies.args {
        let claimed = receipt.action.as_ref().map(|a| a.args_commit);
        let computed = receipt::args_commit(&body.key.0, &receipt::args_digest(&body.value));
        check_commit(computed, claimed, "arguments")?;
    }
    if let Some(body) = &bodies.result {
        let claimed = receipt.outcome.as_ref().and_then(|o| o.result_commit);
        let computed = receipt::result_commit(&body.key.0, &receipt::result_digest(&body.value));
        check_commit(computed, claimed, "result")?;
    }
    Ok(())
}

fn check_commit(computed: Hash, claimed: Option<Hash>, what: &str) -> Result<(), Error> {
    if claimed.is_some_and(|claimed| hash::equal(&claimed, &computed)) {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::ReceiptCommitMismatch,
        format!("the disclosed {what} are not what the receipt commits to"),
    ))
}

/// Whether a refusal says only that nobody whom the user trusts vouches for the evidence.
pub fn is_untrusted(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::TrustNone | ErrorCode::TrustLogUnknown | ErrorCode::TrustIssuerUnknown)
}
