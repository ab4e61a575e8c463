//! The pure operations, by id. Each reads its generated input type, calls the core, and writes
//! its generated output type; there is no logic here.

use crate::door::refusal;
use crate::{approvals, budgets, mailboxes, policies, sessions};
use talos_audit::checkpoint::{self, Checkpoint, LogKey, SignedNote};
use talos_audit::tree::{self, MemoryTree};
use talos_contracts::json::{self, Profile, Value};
use talos_contracts::scalar::{B64, Hash};
use talos_contracts::*;
use talos_crypto::dsse::{self, Unverified};
use talos_crypto::{SigningKey, VerifyingKey};
use talos_identity::{Did, document, encode, envelope, resolve};
use talos_verify::Trust;

pub(crate) type Output = Result<Vec<u8>, Error>;

pub(crate) fn run(id: &str, input: &Value) -> Output {
    match id {
        "json.canonicalize" => json_canonicalize(&JsonCanonicalizeInput::read(input)?),
        "json.parse_strict" => json_parse_strict(&JsonParseStrictInput::read(input)?),
        "ed25519.sign" => ed25519_sign(&Ed25519SignInput::read(input)?),
        "ed25519.verify" => ed25519_verify(&Ed25519VerifyInput::read(input)?),
        "envelope.sign" => envelope_sign(EnvelopeSignInput::read(input)?),
        "envelope.verify" => envelope_verify(&EnvelopeVerifyInput::read(input)?),
        "did.key_encode" => did_key_encode(&DidKeyEncodeInput::read(input)?),
        "did.resolve" => did_resolve(&DidResolveInput::read(input)?),
        "audit.leaf_hash" => audit_leaf_hash(&AuditLeafHashInput::read(input)?),
        "audit.root" => audit_root(AuditRootInput::read(input)?),
        "audit.prove_inclusion" => audit_prove_inclusion(AuditProveInclusionInput::read(input)?),
        "audit.verify_inclusion" => audit_verify_inclusion(&AuditVerifyInclusionInput::read(input)?),
        "audit.verify_consistency" => audit_verify_consistency(&AuditVerifyConsistencyInput::read(input)?),
        "checkpoint.sign" => checkpoint_sign(CheckpointSignInput::read(input)?),
        "checkpoint.verify" => checkpoint_verify(&CheckpointVerifyInput::read(input)?),
        "receipt.verify" => receipt_verify(&ReceiptVerifyInput::read(input)?),
        "bundle.verify" => bundle_verify(&BundleVerifyInput::read(input)?),
        "approval.id" => approvals::id(&ApprovalIdInput::read(input)?),
        "approval.sign" => approvals::sign(&ApprovalSignInput::read(input)?),
        "approval.verify" => approvals::verify(&ApprovalVerifyInput::read(input)?),
        "approval.make_code" => approvals::make_code(&ApprovalMakeCodeInput::read(input)?),
        "approval.check_code" => approvals::check_code(&ApprovalCheckCodeInput::read(input)?),
        "approval.render" => approvals::render(&ApprovalRenderInput::read(input)?),
        "budget.gcra" => budgets::gcra(&BudgetGcraInput::read(input)?),
        "budget.simulate" => budgets::simulate(&BudgetSimulateInput::read(input)?),
        "budget.price" => budgets::price(&BudgetPriceInput::read(input)?),
        "budget.count_tokens" => budgets::count_tokens(&BudgetCountTokensInput::read(input)?),
        "mailbox.sign_request" => mailboxes::sign_request(&MailboxSignRequestInput::read(input)?),
        "mailbox.verify_request" => mailboxes::verify_request(&MailboxVerifyRequestInput::read(input)?),
        "policy.check" => policies::check(&PolicyCheckInput::read(input)?),
        "policy.decide" => policies::decide(&PolicyDecideInput::read(input)?),
        "policy.explain" => policies::explain(&PolicyExplainInput::read(input)?),
        "policy.test" => policies::test(&PolicyTestInput::read(input)?),
        "policy.diff" => policies::diff(&PolicyDiffInput::read(input)?),
        "policy.format" => policies::format_text(&PolicyFormatInput::read(input)?),
        "session.verify_static_key" => sessions::verify_static_key(&SessionVerifyStaticKeyInput::read(input)?),
        "session.verify_bundle" => sessions::verify_bundle(&SessionVerifyBundleInput::read(input)?),
        "session.verify_one_time_key" => sessions::verify_one_time_key(&SessionVerifyOneTimeKeyInput::read(input)?),
        "session.read_frame" => sessions::read_frame(&SessionReadFrameInput::read(input)?),
        "session.open" => sessions::open(&SessionOpenInput::read(input)?),
        "session.play" => sessions::play(&SessionPlayInput::read(input)?),
        "policy.schema" => PolicySchemaInput::read(input).map(|_| policies::schema()),
        _ => Err(Error::new(ErrorCode::OperationUnknown, format!("no operation {id:?}"))),
    }
}

/// The answer of a verifier.
pub(crate) fn verdict(result: Result<Vec<u8>, Error>) -> Output {
    Ok(result.unwrap_or_else(|error| refusal(&error)))
}

/// The bytes of a text that may be given either way.
fn one_of<'a>(text: Option<&'a String>, bytes: Option<&'a Vec<u8>>) -> Result<&'a [u8], Error> {
    match (text, bytes) {
        (Some(text), None) => Ok(text.as_bytes()),
        (None, Some(bytes)) => Ok(bytes),
        _ => Err(Error::new(ErrorCode::MalformedMemberMissing, "give one of text and bytes")),
    }
}

/// An object, or the text of one, as the bytes to verify.
pub(crate) fn object_or_text(value: &Value) -> Vec<u8> {
    value.as_str().map_or_else(|| json::canonical(value), |text| text.as_bytes().to_vec())
}

fn profile(profile: JsonProfile) -> Profile {
    match profile {
        JsonProfile::Talos => Profile::Talos,
        JsonProfile::TalosData => Profile::Data,
        JsonProfile::Rfc8785 => Profile::Rfc8785,
    }
}

fn json_canonicalize(input: &JsonCanonicalizeInput) -> Output {
    let value = json::parse(one_of(input.text.as_ref(), input.bytes.as_ref())?, profile(input.profile))?;
    // INVARIANT: the canonical form of text that was UTF-8 is UTF-8.
    let canonical = String::from_utf8_lossy(&json::canonical(&value)).into_owned();
    Ok(JsonCanonicalizeOutput { canonical }.canonical())
}

fn json_parse_strict(input: &JsonParseStrictInput) -> Output {
    let value = json::parse(one_of(input.text.as_ref(), input.bytes.as_ref())?, profile(input.profile))?;
    Ok(JsonParseStrictOutput { value }.canonical())
}

fn ed25519_sign(input: &Ed25519SignInput) -> Output {
    let key = SigningKey::from_seed(input.seed.expose());
    let public_key = B64(*key.verifying_key().as_bytes());
    Ok(Ed25519SignOutput { public_key, signature: key.sign(&input.message) }.canonical())
}

fn ed25519_verify(input: &Ed25519VerifyInput) -> Output {
    verdict(
        VerifyingKey::from_bytes(&input.public_key)
            .and_then(|key| key.verify(&input.message, &input.signature))
            .map(|()| Ed25519VerifyOutput { valid: true, reason: None }.canonical()),
    )
}

fn envelope_sign(input: EnvelopeSignInput) -> Output {
    let key = SigningKey::from_seed(input.seed.expose());
    let keyid = input.keyid.unwrap_or_else(|| Did::of(&key.verifying_key()).url());
    let envelope = dsse::sign(&key, &keyid, &input.payload_type, &input.payload).to_envelope();
    Ok(EnvelopeSignOutput { envelope }.canonical())
}

fn envelope_verify(input: &EnvelopeVerifyInput) -> Output {
    let check = || {
        let verified = envelope::verify(Unverified::parse(&object_or_text(&input.envelope))?)?;
        let signer = &verified.signers[0];
        if let Some(key) = &input.public_key
            && VerifyingKey::from_bytes(key)? != *signer.key()
        {
            return Err(Error::new(ErrorCode::SignatureKeyid, "the first signature is by another key"));
        }
        let keyid = Some(signer.url());
        Ok(EnvelopeVerifyOutput {
            valid: true,
            reason: None,
            payload: Some(verified.body),
            payload_type: Some(verified.payload_type),
            keyid,
        }
        .canonical())
    };
    verdict(check())
}

fn did_key_encode(input: &DidKeyEncodeInput) -> Output {
    let did = encode(input.key_type.unwrap_or(KeyType::Ed25519), &input.public_key)?;
    Ok(DidKeyEncodeOutput { did }.canonical())
}

fn did_resolve(input: &DidResolveInput) -> Output {
    let (key_type, key) = resolve(&input.did)?;
    let document = document(&input.did, key_type);
    Ok(DidResolveOutput { key_type, public_key: B64(key), document }.canonical())
}

fn audit_leaf_hash(input: &AuditLeafHashInput) -> Output {
    let leaf_hash = match (&input.entry, &input.receipt_id) {
        (Some(entry), None) => tree::leaf_hash(entry),
        (None, Some(id)) => tree::leaf_hash(&tree::entry(id)),
        _ => return Err(Error::new(ErrorCode::MalformedMemberMissing, "give one of entry and receipt_id")),
    };
    Ok(AuditLeafHashOutput { leaf_hash }.canonical())
}

fn audit_root(input: AuditRootInput) -> Output {
    let tree = MemoryTree::from_leaves(input.leaves);
    Ok(AuditRootOutput { root: tree.frontier().root(), size: tree.frontier().size() }.canonical())
}

fn audit_prove_inclusion(input: AuditProveInclusionInput) -> Output {
    let tree = MemoryTree::from_leaves(input.leaves.iter().copied());
    let size = input.size.unwrap_or_else(|| tree.frontier().size());
    let proof = tree.prove_inclusion(input.index, size)?;
    let leaf_hash = usize::try_from(input.index)
        .ok()
        .and_then(|i| input.leaves.get(i).copied())
        .ok_or_else(|| Error::new(ErrorCode::ProofIndexOutOfRange, "no such leaf"))?;
    Ok(AuditProveInclusionOutput { leaf_hash, proof, root: tree.root_at(size)?, size }.canonical())
}

fn to_hash(bytes: &[u8]) -> Result<Hash, Error> {
    let bytes = bytes.try_into().map_err(|_| Error::new(ErrorCode::MalformedBase64, "a hash has 32 bytes"))?;
    Ok(B64(bytes))
}

fn to_hashes(list: &[Vec<u8>]) -> Result<Vec<Hash>, Error> {
    list.iter().map(|bytes| to_hash(bytes)).collect()
}

fn audit_verify_inclusion(input: &AuditVerifyInclusionInput) -> Output {
    let check = || {
        let (leaf, root) = (to_hash(&input.leaf_hash)?, to_hash(&input.root)?);
        tree::verify_inclusion(&leaf, input.index, input.size, &to_hashes(&input.proof)?, &root)?;
        Ok(AuditVerifyInclusionOutput { valid: true, reason: None }.canonical())
    };
    verdict(check())
}

fn audit_verify_consistency(input: &AuditVerifyConsistencyInput) -> Output {
    let check = || {
        let (root1, root2) = (to_hash(&input.root1)?, to_hash(&input.root2)?);
        tree::verify_consistency(input.size1, input.size2, &to_hashes(&input.proof)?, &root1, &root2)?;
        Ok(AuditVerifyConsistencyOutput { valid: true, reason: None }.canonical())
    };
    verdict(check())
}

fn checkpoint_sign(input: CheckpointSignInput) -> Output {
    let key = SigningKey::from_seed(input.seed.expose());
    let vkey = LogKey::new(&input.origin, key.verifying_key())?.to_string();
    let checkpoint = Checkpoint { origin: input.origin, size: input.size, root: input.root };
    Ok(CheckpointSignOutput { note: checkpoint::sign(&checkpoint, &key)?, vkey }.canonical())
}

fn checkpoint_verify(input: &CheckpointVerifyInput) -> Output {
    let check = || {
        let key = LogKey::parse(&input.vkey)?;
        let note = SignedNote::parse(&input.note)?;
        let checkpoint = note.verify(&key)?;
        Ok(CheckpointVerifyOutput {
            valid: true,
            reason: None,
            origin: Some(checkpoint.origin.clone()),
            size: Some(checkpoint.size),
            root: Some(checkpoint.root),
        }
        .canonical())
    };
    verdict(check())
}

fn receipt_verify(input: &ReceiptVerifyInput) -> Output {
    let issuers = input.issuers.as_ref().map(|list| Trust::parse::<String>(&[], list)).transpose()?;
    let check = || {
        let sound = talos_verify::receipt(Unverified::parse(&object_or_text(&input.envelope))?)?;
        if let Some(trust) = &issuers {
            trust.check_issuer(&sound.issuer)?;
        }
        Ok(ReceiptVerifyOutput { valid: true, reason: None, receipt_id: Some(sound.id), receipt: Some(sound.receipt) }
            .canonical())
    };
    verdict(check())
}

fn bundle_verify(input: &BundleVerifyInput) -> Output {
    let trust =
        Trust::parse(input.log_keys.as_deref().unwrap_or_default(), input.issuers.as_deref().unwrap_or_default())?;
    let answer = |valid, reason, trusted| BundleVerifyOutput {
        valid,
        reason,
        trusted,
        receipt_id: None,
        index: None,
        size: None,
        receipt: None,
    };
    Ok(match talos_verify::bundle(&object_or_text(&input.bundle), &trust) {
        Ok(verified) => BundleVerifyOutput {
            receipt_id: Some(verified.receipt_id),
            index: Some(verified.index),
            size: Some(verified.checkpoint.size),
            receipt: Some(verified.receipt),
            ..answer(true, None, Some(true))
        },
        Err(error) => answer(false, Some(error.code), talos_verify::is_untrusted(error.code).then_some(false)),
    }
    .canonical())
}
