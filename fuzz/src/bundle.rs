//! Proof bundles: `docs/spec/bundle.md`.

use crate::known;
use talos_audit::bundle;
use talos_audit::checkpoint::{self, Checkpoint};
use talos_audit::receipt::{self, Sealed};
use talos_audit::{proof, tree};
use talos_contracts::{Bundle, SignMode};
use talos_crypto::dsse::pre_authentication_encoding;
use talos_verify::Trust;

/// Without trust nothing verifies; with it only what was issued does.
///
/// The bytes are read as a bundle, and as the body of a receipt that the known keys then sign.
pub fn target(data: &[u8]) {
    check_bundle(data);
    if receipt::parse_body(data).is_ok() {
        check_issued(data);
    }
}

fn check_bundle(data: &[u8]) {
    assert!(talos_verify::bundle(data, &Trust::default()).is_err(), "a bundle verifies without trust");
    if let Ok(read) = bundle::parse(data) {
        assert!(bundle::write(&read) == data, "a bundle has a second spelling");
    }
    if let Ok(verified) = talos_verify::bundle(data, &known::trust()) {
        assert!(known::is_known_receipt(&verified.receipt_id), "a receipt that nobody issued verifies");
        assert!(known::is_known_checkpoint(&verified.checkpoint), "a checkpoint that nobody signed verifies");
    }
}

/// Issues the body whatever it says, and asks the verifier.
fn check_issued(body: &[u8]) {
    let Ok(read) = receipt::parse_body(body) else { return };
    let message = pre_authentication_encoding(talos_contracts::Receipt::MEDIA_TYPE, body);
    let signature = (read.sign == SignMode::Self_).then(|| known::sign_key().sign(&message));
    let sealed = Sealed { id: receipt::receipt_id(&message, signature.as_ref()), body: body.to_vec(), signature };
    let root = tree::leaf_hash(&tree::entry(&sealed.id));
    let head = Checkpoint { origin: known::ORIGIN.to_owned(), size: 1, root };
    let Ok(note) = checkpoint::sign(&head, &known::log_key()) else { return };
    let text = bundle::write(&Bundle {
        envelope: sealed.envelope(&read.iss).to_envelope(),
        tlog_proof: proof::write(0, &[], &note),
        bodies: None,
    });
    assert!(talos_verify::bundle(&text, &Trust::default()).is_err(), "an issued bundle verifies without trust");
    match talos_verify::bundle(&text, &known::trust()) {
        Ok(verified) => {
            assert!(verified.receipt_id == sealed.id && verified.index == 0 && verified.receipt == read);
            assert!(read.iss == known::issuer().url() && read.log == known::ORIGIN, "issued in another's name");
            assert!(receipt::check_rules(&read).is_ok(), "a receipt that breaks the rules verifies");
            check_flipped(&text);
        }
        Err(error) => {
            let ours = read.iss == known::issuer().url() && read.log == known::ORIGIN;
            let sound = receipt::check_rules(&read).is_ok() && talos_identity::Did::parse(&read.actor).is_ok();
            assert!(!(ours && sound), "an issued receipt does not verify: {error}");
        }
    }
}

/// One flipped bit, at a place that depends on the text.
fn check_flipped(text: &[u8]) {
    let mut flipped = text.to_vec();
    let digest = tree::leaf_hash(text).0;
    let at = usize::from(u16::from_be_bytes([digest[0], digest[1]])) % flipped.len();
    flipped[at] ^= 1 << (digest[2] % 8);
    assert!(talos_verify::bundle(&flipped, &known::trust()).is_err(), "a flipped bit verifies");
}
