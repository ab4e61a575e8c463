//! A kernel, an agent, people, and a request.

#![allow(dead_code, reason = "each file of tests uses its part")]

use talos_approval::{Answer, Sealed, VerifiedGrant, VerifiedRequest, grant, request};
use talos_contracts::scalar::{B64, Hash};
use talos_contracts::*;
use talos_crypto::SigningKey;
use talos_crypto::dsse::Unverified;
use talos_identity::Did;

pub const KERNEL: u8 = 1;
pub const AGENT: u8 = 2;
pub const ALICE: u8 = 3;
pub const BOB: u8 = 4;
pub const CAROL: u8 = 5;
pub const IAT: u64 = 1_000_000;
pub const EXPIRES: u64 = 1_900_000;
pub const RUN: &str = "018f0000-0000-7000-8000-000000000001";

pub fn key(n: u8) -> SigningKey {
    SigningKey::from_seed(&[n; 32])
}

pub fn did(n: u8) -> Did {
    Did::of(&key(n).verifying_key())
}

pub fn person(name: &str, n: u8) -> ApprovalPerson {
    ApprovalPerson { name: name.into(), key: Some(did(n).to_string()) }
}

pub fn by_code(name: &str) -> ApprovalPerson {
    ApprovalPerson { name: name.into(), key: None }
}

pub fn rule(id: &str, quorum: u64, approvers: Vec<ApprovalPerson>) -> ApprovalRule {
    ApprovalRule { id: id.into(), quorum, approvers }
}

/// Alice and Bob sign, Dora has a code; two of the three have to approve.
pub fn asked() -> ApprovalRequest {
    ApprovalRequest {
        iss: did(KERNEL).url(),
        run: RUN.into(),
        actor: did(AGENT).to_string(),
        principal: Some("customer 7".into()),
        kind: ActionKind::ToolCall,
        target: "payments.transfer".into(),
        effect: Effect::Spend,
        tool_hash: Some(B64([7; 32])),
        args_digest: B64([8; 32]),
        amount: Some(Amount { micro: 12_500_000, currency: "EUR".into() }),
        tokens: Some(10),
        model: Some("cheap".into()),
        key_id: Some("k1".into()),
        consent: Some(true),
        kyc: None,
        policy: PolicyRef { id: "demo".into(), hash: B64([9; 32]) },
        rules: vec![rule("payments", 2, vec![person("alice", ALICE), person("bob", BOB), by_code("dora")])],
        iat: IAT,
        expires: EXPIRES,
        nonce: B64([6; 16]),
    }
}

pub fn sealed(asked: &ApprovalRequest) -> Sealed {
    request::seal(asked, &key(KERNEL)).unwrap()
}

pub fn verified(asked: &ApprovalRequest) -> VerifiedRequest {
    request::verify(&sealed(asked).envelope, &did(KERNEL)).unwrap()
}

pub fn answer<'a>(approval: &'a Hash, name: &'a str) -> Answer<'a> {
    Answer { approval, name, response: ApprovalResponse::Grant, iat: IAT + 1, note: None }
}

pub fn signed(request: &VerifiedRequest, name: &str, n: u8) -> Unverified {
    grant::sign(&answer(request.id(), name), &key(n)).unwrap()
}

pub fn granted(request: &VerifiedRequest, name: &str, n: u8) -> VerifiedGrant {
    grant::verify(&signed(request, name, n), request).unwrap()
}

pub fn denied(request: &VerifiedRequest, name: &str, n: u8) -> VerifiedGrant {
    let answer = Answer { response: ApprovalResponse::Deny, ..answer(request.id(), name) };
    grant::verify(&grant::sign(&answer, &key(n)).unwrap(), request).unwrap()
}
