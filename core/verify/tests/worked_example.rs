//! The worked example of `docs/spec/worked-example.md`, every byte of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests fail by panicking")]

use talos_audit::checkpoint::{self, Checkpoint, LogKey, SignedNote};
use talos_audit::tree::{self, MemoryTree};
use talos_audit::{bundle, proof, receipt};
use talos_contracts::json::Value;
use talos_contracts::scalar::{B64, Hash};
use talos_contracts::*;
use talos_crypto::SigningKey;
use talos_identity::Did;
use talos_verify::Trust;

const DID: &str = "did:key:z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX";
const BODY_1: &str = r#"{"action":{"args_commit":"0RV2HJyb_d3Ngh6_VgBZpLjkT9QJq7XfdPX7R0zEdsY","effect":"read","kind":"tool_call","target":"read_file"},"actor":"did:key:z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX","call":"c1","caps":[],"chain":"BQUFBQUFBQUFBQUFBQUFBQ","dur":"before_release","iat":1763625600001,"iss":"did:key:z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX#z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX","kind":"decision","log":"talos.example/log1","prev":"Mg2MLPjfMr4ELgNJgpkq_LqKsFdTZXRgtpgXz_dRd2Q","reasons":[],"run":"01890a5d-ac96-774b-bcce-b302099a8057","salt":"BwcHBwcHBwcHBwcHBwcHBw","seq":1,"sign":"self","typ":"talos.receipt/1","verdict":"allow"}"#;
const SIGNATURE_1: &str = "80659e0e0cc36a66e87e32b94902c728681a9a91bc9630b5c7be57e2324740e1c1f5d4590a59d04836828e48b4eafc7ce82ddbd4d1fb53a32816f02431430d0b";
const IDS: [&str; 3] = [
    "320d8c2cf8df32be042e034982992afcba8ab05753657460b69817cff7517764",
    "a89a31e0746b361f6f0abcc684a51c78d5eb4926360537c25f0612ffac22bf50",
    "90a5e3f81ddad7d524ae2f31a088efabf1f717e7b0e3a5c683c9aafda6d9fa75",
];
const LEAVES: [&str; 3] = [
    "59018d346013a8787f351670007b2903972c0c2c1bdb6a8372f037d449364ee9",
    "5d92d38919fb4f802af8e32b35b91963d66cd8e220789996562c19c842447959",
    "3dd21d0d093485e0a9ec5c79b8b6f0baf6c50034353bd1f6e312d46ca35e0d01",
];
const ROOT: &str = "0628e5f4fcc444b3a9d61fb9a2aadb62b949cd3a08cd302243d110806318b6f4";
const VKEY: &str = "talos.example/log1+fb4ce4a3+AYE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU";
const NOTE_SIGNATURE: &str =
    "+0zko08J94TpjKjWitt68LAIooO38OMqF5Z6ddH+j1Hr0myb0laiYkZhm6f5LXTldYz8S2eZIKt8zDUC+0gsqyDaHQo=";
const PROOF_2: &str = "qE9vVlhfIgUX2NhQwyJuFKA0pGaDoD0D7vfXryfMUbs=";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn sign_key() -> SigningKey {
    SigningKey::from_seed(&[1; 32])
}

fn log_key() -> SigningKey {
    SigningKey::from_seed(&[2; 32])
}

fn base(kind: ReceiptKind, seq: u64) -> Receipt {
    Receipt {
        iss: Did::parse(DID).unwrap().url(),
        log: "talos.example/log1".into(),
        chain: B64([5; 16]),
        seq,
        iat: 1_763_625_600_000 + seq,
        kind,
        run: "01890a5d-ac96-774b-bcce-b302099a8057".into(),
        actor: DID.into(),
        sign: SignMode::Self_,
        dur: Durability::BeforeRelease,
        salt: B64([7; 16]),
        ..talos_audit::receipt::blank()
    }
}

fn chain() -> Vec<receipt::Sealed> {
    let open = receipt::seal(&base(ReceiptKind::Open, 0), &sign_key()).unwrap();
    let args = receipt::args_digest(&Value::object::<&str>([]));
    assert_eq!(hex(&args.0), "8ad5e0d8bd8b14928de4fe413d25c3aaefdb3a415e308de1407b3596d8eb3de4");
    let decision = Receipt {
        prev: Some(open.id),
        call: Some("c1".into()),
        action: Some(ReceiptAction {
            kind: ActionKind::ToolCall,
            target: "read_file".into(),
            effect: Effect::Read,
            tool_hash: None,
            args_commit: receipt::args_commit(&[8; 32], &args),
        }),
        verdict: Some(Verdict::Allow),
        reasons: Some(vec![]),
        caps: Some(vec![]),
        ..base(ReceiptKind::Decision, 1)
    };
    let decision = receipt::seal(&decision, &sign_key()).unwrap();
    let result = receipt::result_digest(&Value::object([("ok", Value::from(true))]));
    let outcome = Receipt {
        prev: Some(decision.id),
        call: Some("c1".into()),
        r#ref: Some(decision.id),
        outcome: Some(ReceiptOutcome {
            status: OutcomeStatus::Ok,
            result_commit: Some(receipt::result_commit(&[9; 32], &result)),
        }),
        ..base(ReceiptKind::Outcome, 2)
    };
    let outcome = receipt::seal(&outcome, &sign_key()).unwrap();
    vec![open, decision, outcome]
}

fn leaves() -> Vec<Hash> {
    chain().iter().map(|r| tree::leaf_hash(&tree::entry(&r.id))).collect()
}

fn note() -> String {
    let root = MemoryTree::from_leaves(leaves()).frontier().root();
    checkpoint::sign(&Checkpoint { origin: "talos.example/log1".into(), size: 3, root }, &log_key()).unwrap()
}

/// The bundle of the outcome, with its result disclosed.
fn the_bundle() -> Vec<u8> {
    let outcome = &chain()[2];
    let path = MemoryTree::from_leaves(leaves()).prove_inclusion(2, 3).unwrap();
    bundle::write(&Bundle {
        envelope: outcome.envelope(&Did::parse(DID).unwrap().url()).to_envelope(),
        tlog_proof: proof::write(2, &path, &note()),
        bodies: Some(BundleBodies {
            args: None,
            result: Some(BundleBody { key: B64([9; 32]), value: Value::object([("ok", Value::from(true))]) }),
        }),
    })
}

fn trust() -> Trust {
    Trust::parse(&[VKEY], &[DID]).unwrap()
}

#[test]
fn the_key_has_the_did() {
    assert_eq!(Did::of(&sign_key().verifying_key()).as_str(), DID);
}

#[test]
fn bodies_signatures_and_ids_are_the_documented_ones() {
    let chain = chain();
    assert_eq!(String::from_utf8(chain[1].body.clone()).unwrap(), BODY_1);
    assert_eq!(hex(&chain[1].signature.unwrap().0), SIGNATURE_1);
    assert_eq!(chain.iter().map(|r| hex(&r.id.0)).collect::<Vec<_>>(), IDS);
}

#[test]
fn leaves_root_and_proof_are_the_documented_ones() {
    assert_eq!(leaves().iter().map(|l| hex(&l.0)).collect::<Vec<_>>(), LEAVES);
    assert_eq!(hex(&MemoryTree::from_leaves(leaves()).frontier().root().0), ROOT);
    let text = String::from_utf8(the_bundle()).unwrap();
    assert!(text.contains(&format!("index 2\\n{PROOF_2}\\n")));
}

#[test]
fn the_log_key_and_its_signature_are_the_documented_ones() {
    let key = LogKey::new("talos.example/log1", log_key().verifying_key()).unwrap();
    assert_eq!(key.to_string(), VKEY);
    assert_eq!(LogKey::parse(VKEY).unwrap(), key);
    assert!(note().ends_with(&format!("\u{2014} talos.example/log1 {NOTE_SIGNATURE}\n")));
    SignedNote::parse(&note()).unwrap().verify(&key).unwrap();
}

#[test]
fn the_bundle_verifies_under_the_trust_that_is_given() {
    let verified = talos_verify::bundle(&the_bundle(), &trust()).unwrap();
    assert_eq!(hex(&verified.receipt_id.0), IDS[2]);
    assert_eq!((verified.index, verified.checkpoint.size), (2, 3));
}

#[test]
fn every_single_bit_flip_is_refused() {
    let bundle = the_bundle();
    let trust = trust();
    for at in 0..bundle.len() {
        for bit in 0..8 {
            let mut flipped = bundle.clone();
            flipped[at] ^= 1 << bit;
            assert!(talos_verify::bundle(&flipped, &trust).is_err(), "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn every_truncation_and_every_suffix_is_refused() {
    let bundle = the_bundle();
    for len in 0..bundle.len() {
        assert!(talos_verify::bundle(&bundle[..len], &trust()).is_err());
    }
    for suffix in [&b"\n"[..], b" ", b"{}", b"\0"] {
        assert!(talos_verify::bundle(&[&bundle, suffix].concat(), &trust()).is_err());
    }
}

#[test]
fn without_trust_nothing_verifies_and_half_of_it_is_not_enough() {
    let reason = |log_keys: &[&str], issuers: &[&str]| {
        talos_verify::bundle(&the_bundle(), &Trust::parse(log_keys, issuers).unwrap()).unwrap_err().code
    };
    assert_eq!(reason(&[], &[]), ErrorCode::TrustNone);
    assert_eq!(reason(&[VKEY], &[]), ErrorCode::TrustIssuerUnknown);
    assert_eq!(reason(&[], &[DID]), ErrorCode::TrustLogUnknown);
    for code in [ErrorCode::TrustNone, ErrorCode::TrustIssuerUnknown, ErrorCode::TrustLogUnknown] {
        assert!(talos_verify::is_untrusted(code));
    }
}

#[test]
fn a_bundle_signed_anew_with_other_keys_is_untrusted() {
    let (sign, log) = (SigningKey::from_seed(&[3; 32]), SigningKey::from_seed(&[4; 32]));
    let did = Did::of(&sign.verifying_key());
    let mut receipt = base(ReceiptKind::Open, 0);
    receipt.iss = did.url();
    let sealed = receipt::seal(&receipt, &sign).unwrap();
    let root = tree::leaf_hash(&tree::entry(&sealed.id));
    let note = checkpoint::sign(&Checkpoint { origin: "talos.example/log1".into(), size: 1, root }, &log).unwrap();
    let forged = bundle::write(&Bundle {
        envelope: sealed.envelope(&did.url()).to_envelope(),
        tlog_proof: proof::write(0, &[], &note),
        bodies: None,
    });
    assert_eq!(talos_verify::bundle(&forged, &trust()).unwrap_err().code, ErrorCode::TrustLogUnknown);
    let own = Trust::parse(
        &[LogKey::new("talos.example/log1", log.verifying_key()).unwrap().to_string()],
        &[did.to_string()],
    );
    talos_verify::bundle(&forged, &own.unwrap()).unwrap();
    // The right log with a foreign issuer is untrusted too.
    let note =
        checkpoint::sign(&Checkpoint { origin: "talos.example/log1".into(), size: 1, root }, &log_key()).unwrap();
    let foreign = bundle::write(&Bundle {
        envelope: sealed.envelope(&did.url()).to_envelope(),
        tlog_proof: proof::write(0, &[], &note),
        bodies: None,
    });
    assert_eq!(talos_verify::bundle(&foreign, &trust()).unwrap_err().code, ErrorCode::TrustIssuerUnknown);
}

#[test]
fn a_checkpoint_of_another_log_does_not_vouch_for_the_receipt() {
    let root = MemoryTree::from_leaves(leaves()).frontier().root();
    let path = MemoryTree::from_leaves(leaves()).prove_inclusion(2, 3).unwrap();
    let bundle = |origin: &str| {
        let note = checkpoint::sign(&Checkpoint { origin: origin.into(), size: 3, root }, &log_key()).unwrap();
        bundle::write(&Bundle {
            envelope: chain()[2].envelope(&Did::parse(DID).unwrap().url()).to_envelope(),
            tlog_proof: proof::write(2, &path, &note),
            bodies: None,
        })
    };
    let both = ["talos.example/log1", "talos.example/log2"]
        .map(|name| LogKey::new(name, log_key().verifying_key()).unwrap().to_string());
    let trust = Trust::parse(&both, &[DID.to_owned()]).unwrap();
    talos_verify::bundle(&bundle("talos.example/log1"), &trust).unwrap();
    let refused = talos_verify::bundle(&bundle("talos.example/log2"), &trust).unwrap_err();
    assert_eq!(refused.code, ErrorCode::CheckpointOriginMismatch);
}
