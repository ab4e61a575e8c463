//! Receipt body v1: commitments, ids and signing.

use talos_contracts::json::{self, Limits, Profile, Value};
use talos_contracts::scalar::{B64, Hash, Signature};
use talos_contracts::{
    Durability, Effect, Error, ErrorCode, Receipt, ReceiptKind, Scope, ScopeLevel, SignMode, Verdict,
};
use talos_crypto::dsse::{Unverified, pre_authentication_encoding};
use talos_crypto::{SigningKey, hash};

/// Domain of a receipt id.
pub const RECEIPT_DOMAIN: &str = "talos/receipt/1";
/// Domain of the digest of an action's arguments. The digest stays inside the kernel.
pub const ARGS_DOMAIN: &str = "talos/args/1";
/// Domain of the digest of an action's result. The digest stays inside the kernel.
pub const RESULT_DOMAIN: &str = "talos/result/1";
/// Domain of the commitment to the arguments.
pub const ARGS_COMMIT_DOMAIN: &str = "talos/args-commit/1";
/// Domain of the commitment to the result.
pub const RESULT_COMMIT_DOMAIN: &str = "talos/result-commit/1";

/// H("talos/args/1" || 0x00 || canonical(args)).
pub fn args_digest(args: &Value) -> Hash {
    hash::tagged(ARGS_DOMAIN, &[&json::canonical(args)])
}

/// H("talos/result/1" || 0x00 || canonical(result)).
pub fn result_digest(result: &Value) -> Hash {
    hash::tagged(RESULT_DOMAIN, &[&json::canonical(result)])
}

/// The commitment to arguments, under the erasable key of the body.
pub fn args_commit(key: &[u8; 32], digest: &Hash) -> Hash {
    hash::commit(key, ARGS_COMMIT_DOMAIN, digest)
}

/// The commitment to a result, under the erasable key of the body.
pub fn result_commit(key: &[u8; 32], digest: &Hash) -> Hash {
    hash::commit(key, RESULT_COMMIT_DOMAIN, digest)
}

/// receipt_id = H("talos/receipt/1" || 0x00 || M || sig64); a log-signed receipt has no sig64.
pub fn receipt_id(message: &[u8], signature: Option<&Signature>) -> Hash {
    let signature: &[u8] = signature.map_or(&[], |s| &s.0);
    hash::tagged(RECEIPT_DOMAIN, &[message, signature])
}

/// A receipt without any optional member, to be filled in with struct update syntax.
pub fn blank() -> Receipt {
    Receipt {
        iss: String::new(),
        log: String::new(),
        chain: B64([0; 16]),
        seq: 0,
        iat: 0,
        kind: ReceiptKind::Open,
        run: String::new(),
        actor: String::new(),
        sign: SignMode::Self_,
        dur: Durability::BeforeRelease,
        salt: B64([0; 16]),
        prev: None,
        boot: None,
        predecessor: None,
        hb: None,
        call: None,
        r#ref: None,
        principal: None,
        action: None,
        verdict: None,
        reasons: None,
        caps: None,
        policy: None,
        approval: None,
        observed: None,
        shadow: None,
        rules: None,
        session: None,
        outcome: None,
        budget: None,
        late: None,
        final_seq: None,
        permits: None,
        standing: None,
        replaces: None,
        ext: None,
    }
}

/// A receipt as it goes into the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Sealed {
    /// Its id.
    pub id: Hash,
    /// The canonical body.
    pub body: Vec<u8>,
    /// The issuer's signature; absent where the log signs.
    pub signature: Option<Signature>,
}

/// Writes the canonical body and signs it, unless the body says that the log does.
pub fn seal(receipt: &Receipt, key: &SigningKey) -> Result<Sealed, Error> {
    let mut body = Vec::with_capacity(1024);
    receipt.write(&mut body);
    if body.len() > json::TALOS_BYTES {
        return Err(Error::new(ErrorCode::MalformedSize, "the receipt is larger than a signed object may be"));
    }
    let message = pre_authentication_encoding(Receipt::MEDIA_TYPE, &body);
    let signature = match receipt.sign {
        SignMode::Self_ => Some(key.sign(&message)),
        SignMode::Log => None,
    };
    Ok(Sealed { id: receipt_id(&message, signature.as_ref()), body, signature })
}

impl Sealed {
    /// The receipt's DSSE envelope.
    pub fn envelope(&self, keyid: &str) -> Unverified {
        Unverified {
            payload_type: Receipt::MEDIA_TYPE.to_owned(),
            body: self.body.clone(),
            signatures: self.signature.iter().map(|s| (keyid.to_owned(), s.0.to_vec())).collect(),
        }
    }
}

/// The rules between members that the contract's schema cannot say (`docs/spec/receipt.md`, 1.3).
pub fn check_rules(receipt: &Receipt) -> Result<(), Error> {
    let fail = |code, why: &str| Err(Error::new(code, why));
    receipt.check_variant()?;
    if (receipt.seq == 0) != (receipt.kind == ReceiptKind::Open) {
        return fail(ErrorCode::ReceiptSeq, "seq is 0 in the open receipt and in no other");
    }
    if receipt.prev.is_some() != (receipt.seq > 0) {
        return fail(ErrorCode::ReceiptKindMembers, "prev is present from seq 1 on");
    }
    if receipt.final_seq.is_some_and(|last| last != receipt.seq) {
        return fail(ErrorCode::ReceiptSeq, "final_seq is the seq of the close receipt");
    }
    let weak = receipt.sign == SignMode::Log || receipt.dur == Durability::AfterRelease;
    let read = receipt.action.as_ref().is_none_or(|a| a.effect == Effect::Read);
    if receipt.kind == ReceiptKind::Decision && weak && !(read && receipt.verdict == Some(Verdict::Allow)) {
        return fail(ErrorCode::ReceiptMalformed, "only an allowed read may be log-signed or logged after its release");
    }
    if let Some(observed) = receipt.observed
        && (receipt.verdict != Some(Verdict::Allow) || observed < Verdict::NeedsApproval)
    {
        return fail(ErrorCode::ReceiptMalformed, "observed is what would have kept an allowed action from running");
    }
    let whole = |scope: &Scope| scope.name.is_some() != (scope.level == ScopeLevel::All);
    if receipt.standing.as_ref().is_some_and(|standing| !whole(&standing.scope)) {
        return fail(ErrorCode::ReceiptMalformed, "a scope has a name, unless it is everything");
    }
    Ok(())
}

/// Parses a body that must be canonical talos-json and a whole receipt.
pub fn parse_body(body: &[u8]) -> Result<Receipt, Error> {
    let limits: Limits = Profile::Talos.limits();
    Receipt::read(&json::parse_canonical(body, Profile::Talos, limits)?)
}
