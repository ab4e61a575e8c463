//! What the tests of the generator share: the contracts, their validators, and the generated readers by name.

#![allow(dead_code, reason = "each test uses its part")]

pub mod instance;
pub mod mutate;

use jsonschema::{Registry, Validator};
use serde_json::{Value, json};
use std::path::PathBuf;
use talos_codegen::load::{Sources, load};
use talos_contracts::json::{self, Profile};
use talos_contracts::*;

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub fn sources() -> Sources {
    load(&root()).unwrap()
}

/// Reads a value with the generated reader and writes it with the generated writer.
pub type RoundTrip = fn(&json::Value) -> Result<Vec<u8>, Error>;

macro_rules! subjects {
    ($($name:literal => $type:ident,)*) => {
        /// Every contract and every side of every operation.
        pub fn subjects() -> Vec<(&'static str, RoundTrip)> {
            vec![$(($name, |value| $type::read(value).map(|read| read.canonical()))),*]
        }
    };
}

subjects! {
    "action" => Action,
    "bundle" => Bundle,
    "checkpoint" => Checkpoint,
    "configuration" => Configuration,
    "decision" => Decision,
    "envelope" => Envelope,
    "error" => Problem,
    "outcome" => Outcome,
    "permit" => Permit,
    "policy" => Policy,
    "policy_test" => PolicyTest,
    "receipt" => Receipt,
    "audit.leaf_hash/input" => AuditLeafHashInput,
    "audit.leaf_hash/output" => AuditLeafHashOutput,
    "audit.prove_inclusion/input" => AuditProveInclusionInput,
    "audit.prove_inclusion/output" => AuditProveInclusionOutput,
    "audit.root/input" => AuditRootInput,
    "audit.root/output" => AuditRootOutput,
    "audit.verify_consistency/input" => AuditVerifyConsistencyInput,
    "audit.verify_consistency/output" => AuditVerifyConsistencyOutput,
    "audit.verify_inclusion/input" => AuditVerifyInclusionInput,
    "audit.verify_inclusion/output" => AuditVerifyInclusionOutput,
    "bundle.verify/input" => BundleVerifyInput,
    "bundle.verify/output" => BundleVerifyOutput,
    "checkpoint.sign/input" => CheckpointSignInput,
    "checkpoint.sign/output" => CheckpointSignOutput,
    "checkpoint.verify/input" => CheckpointVerifyInput,
    "checkpoint.verify/output" => CheckpointVerifyOutput,
    "did.key_encode/input" => DidKeyEncodeInput,
    "did.key_encode/output" => DidKeyEncodeOutput,
    "did.resolve/input" => DidResolveInput,
    "did.resolve/output" => DidResolveOutput,
    "ed25519.sign/input" => Ed25519SignInput,
    "ed25519.sign/output" => Ed25519SignOutput,
    "ed25519.verify/input" => Ed25519VerifyInput,
    "ed25519.verify/output" => Ed25519VerifyOutput,
    "envelope.sign/input" => EnvelopeSignInput,
    "envelope.sign/output" => EnvelopeSignOutput,
    "envelope.verify/input" => EnvelopeVerifyInput,
    "envelope.verify/output" => EnvelopeVerifyOutput,
    "json.canonicalize/input" => JsonCanonicalizeInput,
    "json.canonicalize/output" => JsonCanonicalizeOutput,
    "json.parse_strict/input" => JsonParseStrictInput,
    "json.parse_strict/output" => JsonParseStrictOutput,
    "policy.check/input" => PolicyCheckInput,
    "policy.check/output" => PolicyCheckOutput,
    "policy.decide/input" => PolicyDecideInput,
    "policy.decide/output" => PolicyDecideOutput,
    "policy.explain/input" => PolicyExplainInput,
    "policy.explain/output" => PolicyExplainOutput,
    "policy.test/input" => PolicyTestInput,
    "policy.test/output" => PolicyTestOutput,
    "policy.diff/input" => PolicyDiffInput,
    "policy.diff/output" => PolicyDiffOutput,
    "policy.format/input" => PolicyFormatInput,
    "policy.format/output" => PolicyFormatOutput,
    "policy.schema/input" => PolicySchemaInput,
    "policy.schema/output" => PolicySchemaOutput,
    "receipt.verify/input" => ReceiptVerifyInput,
    "receipt.verify/output" => ReceiptVerifyOutput,
    "kernel.open/input" => KernelOpenInput,
    "kernel.open/output" => KernelOpenOutput,
    "kernel.describe/input" => KernelDescribeInput,
    "kernel.describe/output" => KernelDescribeOutput,
    "kernel.identity/input" => KernelIdentityInput,
    "kernel.identity/output" => KernelIdentityOutput,
    "kernel.close/input" => KernelCloseInput,
    "kernel.close/output" => KernelCloseOutput,
    "run.open/input" => RunOpenInput,
    "run.open/output" => RunOpenOutput,
    "run.decide/input" => RunDecideInput,
    "run.decide/output" => RunDecideOutput,
    "run.authorize/input" => RunAuthorizeInput,
    "run.authorize/output" => RunAuthorizeOutput,
    "run.refuse/input" => RunRefuseInput,
    "run.refuse/output" => RunRefuseOutput,
    "run.start/input" => RunStartInput,
    "run.start/output" => RunStartOutput,
    "run.settle/input" => RunSettleInput,
    "run.settle/output" => RunSettleOutput,
    "run.release/input" => RunReleaseInput,
    "run.release/output" => RunReleaseOutput,
    "run.permit/input" => RunPermitInput,
    "run.permit/output" => RunPermitOutput,
    "run.counters/input" => RunCountersInput,
    "run.counters/output" => RunCountersOutput,
    "run.close/input" => RunCloseInput,
    "run.close/output" => RunCloseOutput,
    "receipt.get/input" => ReceiptGetInput,
    "receipt.get/output" => ReceiptGetOutput,
    "audit.prove/input" => AuditProveInput,
    "audit.prove/output" => AuditProveOutput,
    "audit.checkpoint/input" => AuditCheckpointInput,
    "audit.checkpoint/output" => AuditCheckpointOutput,
    "audit.verify_log/input" => AuditVerifyLogInput,
    "audit.verify_log/output" => AuditVerifyLogOutput,
    "approval" => Approval,
    "approval_grant" => ApprovalGrant,
    "approval_request" => ApprovalRequest,
    "approval_resource" => ApprovalResource,
    "static_key" => StaticKey,
    "prekey_bundle" => PrekeyBundle,
    "one_time_key" => OneTimeKey,
    "budget" => Budget,
    "price_catalogue" => PriceCatalogue,
    "approval.id/input" => ApprovalIdInput,
    "approval.id/output" => ApprovalIdOutput,
    "approval.sign/input" => ApprovalSignInput,
    "approval.sign/output" => ApprovalSignOutput,
    "approval.verify/input" => ApprovalVerifyInput,
    "approval.verify/output" => ApprovalVerifyOutput,
    "approval.make_code/input" => ApprovalMakeCodeInput,
    "approval.make_code/output" => ApprovalMakeCodeOutput,
    "approval.check_code/input" => ApprovalCheckCodeInput,
    "approval.check_code/output" => ApprovalCheckCodeOutput,
    "approval.render/input" => ApprovalRenderInput,
    "approval.render/output" => ApprovalRenderOutput,
    "approval.list/input" => ApprovalListInput,
    "approval.list/output" => ApprovalListOutput,
    "approval.show/input" => ApprovalShowInput,
    "approval.show/output" => ApprovalShowOutput,
    "approval.respond/input" => ApprovalRespondInput,
    "approval.respond/output" => ApprovalRespondOutput,
    "approval.redeem_code/input" => ApprovalRedeemCodeInput,
    "approval.redeem_code/output" => ApprovalRedeemCodeOutput,
    "budget.gcra/input" => BudgetGcraInput,
    "budget.gcra/output" => BudgetGcraOutput,
    "budget.simulate/input" => BudgetSimulateInput,
    "budget.simulate/output" => BudgetSimulateOutput,
    "budget.price/input" => BudgetPriceInput,
    "budget.price/output" => BudgetPriceOutput,
    "budget.count_tokens/input" => BudgetCountTokensInput,
    "budget.count_tokens/output" => BudgetCountTokensOutput,
    "budget.set/input" => BudgetSetInput,
    "budget.set/output" => BudgetSetOutput,
    "budget.remove/input" => BudgetRemoveInput,
    "budget.remove/output" => BudgetRemoveOutput,
    "budget.show/input" => BudgetShowInput,
    "budget.show/output" => BudgetShowOutput,
    "budget.top/input" => BudgetTopInput,
    "budget.top/output" => BudgetTopOutput,
    "kernel.reload/input" => KernelReloadInput,
    "kernel.reload/output" => KernelReloadOutput,
    "standing.set/input" => StandingSetInput,
    "standing.set/output" => StandingSetOutput,
    "standing.show/input" => StandingShowInput,
    "standing.show/output" => StandingShowOutput,
    "session.verify_static_key/input" => SessionVerifyStaticKeyInput,
    "session.verify_static_key/output" => SessionVerifyStaticKeyOutput,
    "session.verify_bundle/input" => SessionVerifyBundleInput,
    "session.verify_bundle/output" => SessionVerifyBundleOutput,
    "session.verify_one_time_key/input" => SessionVerifyOneTimeKeyInput,
    "session.verify_one_time_key/output" => SessionVerifyOneTimeKeyOutput,
    "session.read_frame/input" => SessionReadFrameInput,
    "session.read_frame/output" => SessionReadFrameOutput,
    "session.open/input" => SessionOpenInput,
    "session.open/output" => SessionOpenOutput,
    "session.play/input" => SessionPlayInput,
    "session.play/output" => SessionPlayOutput,
    "mailbox.sign_request/input" => MailboxSignRequestInput,
    "mailbox.sign_request/output" => MailboxSignRequestOutput,
    "mailbox.verify_request/input" => MailboxVerifyRequestInput,
    "mailbox.verify_request/output" => MailboxVerifyRequestOutput,
    "client.open/input" => ClientOpenInput,
    "client.open/output" => ClientOpenOutput,
    "client.establish/input" => ClientEstablishInput,
    "client.establish/output" => ClientEstablishOutput,
    "client.send/input" => ClientSendInput,
    "client.send/output" => ClientSendOutput,
    "client.receive/input" => ClientReceiveInput,
    "client.receive/output" => ClientReceiveOutput,
    "client.unconfirmed/input" => ClientUnconfirmedInput,
    "client.unconfirmed/output" => ClientUnconfirmedOutput,
    "client.outgoing/input" => ClientOutgoingInput,
    "client.outgoing/output" => ClientOutgoingOutput,
    "client.carried/input" => ClientCarriedInput,
    "client.carried/output" => ClientCarriedOutput,
    "client.incoming/input" => ClientIncomingInput,
    "client.incoming/output" => ClientIncomingOutput,
    "client.sessions/input" => ClientSessionsInput,
    "client.sessions/output" => ClientSessionsOutput,
    "client.end/input" => ClientEndInput,
    "client.end/output" => ClientEndOutput,
    "client.prove/input" => ClientProveInput,
    "client.prove/output" => ClientProveOutput,
    "client.delivery/input" => ClientDeliveryInput,
    "client.delivery/output" => ClientDeliveryOutput,
    "client.verify_proof/input" => ClientVerifyProofInput,
    "client.verify_proof/output" => ClientVerifyProofOutput,
    "client.disclose/input" => ClientDiscloseInput,
    "client.disclose/output" => ClientDiscloseOutput,
    "client.close/input" => ClientCloseInput,
    "client.close/output" => ClientCloseOutput,
    "client_session" => ClientSession,
    "mailbox_status" => MailboxStatus,
    "mailbox_request" => MailboxRequest,
    "session_play" => SessionPlay,
}

/// The schemas of the subjects: name and schema. References lead into the contracts.
pub fn schemas(sources: &Sources) -> Vec<(String, Value)> {
    // What has only definitions is read as part of others.
    let contracts = sources.schemas.iter().filter(|source| source.value.get("type").is_some());
    let mut schemas: Vec<(String, Value)> =
        contracts.map(|source| (source.name.clone(), source.value.clone())).collect();
    for area in &sources.operations {
        for (id, operation) in area.value.as_object().unwrap() {
            for side in ["input", "output"] {
                schemas.push((format!("{id}/{side}"), operation[side].clone()));
            }
        }
    }
    schemas
}

/// The reader and the schema of each subject, which have to be the same set.
pub fn paired(sources: &Sources) -> Vec<(String, Value, RoundTrip)> {
    let mut subjects = subjects();
    let pair = |(name, schema): (String, Value)| {
        let at = subjects.iter().position(|(known, _)| *known == name);
        let at = at.unwrap_or_else(|| panic!("{name} has no reader in these tests"));
        (name, schema, subjects.swap_remove(at).1)
    };
    let pairs = schemas(sources).into_iter().map(pair).collect();
    assert!(subjects.is_empty(), "readers without a schema");
    pairs
}

/// The contracts as a registry, so that references resolve without a network.
pub fn registry(sources: &Sources) -> Registry<'static> {
    let mut registry = Registry::new();
    for source in &sources.schemas {
        let id = source.value["$id"].as_str().unwrap().to_owned();
        registry = registry.add(id, source.value.clone()).unwrap();
    }
    registry.prepare().unwrap()
}

pub fn validator(registry: &Registry<'static>, schema: &Value) -> Validator {
    let mut schema = schema.clone();
    if schema.get("$schema").is_none() {
        schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    }
    jsonschema::options().with_registry(registry).offline().build(&schema).unwrap()
}

/// The value as Talos parses it, or the parser's refusal.
pub fn parse(instance: &Value) -> Result<json::Value, Error> {
    json::parse(instance.to_string().as_bytes(), Profile::Data)
}

/// A small generator of pseudo-random numbers (SplitMix64), so that every failure names its seed.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    pub fn chance(&mut self, one_in: u64) -> bool {
        self.below(one_in) == 0
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }

    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next() as u8).collect()
    }
}
