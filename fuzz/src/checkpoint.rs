//! Checkpoints, verifier keys and proof texts: `docs/spec/log.md`.

use crate::known;
use talos_audit::checkpoint::{self, LogKey, SignedNote};
use talos_audit::proof::{self, TlogProof};
use talos_audit::tree;

/// Each text has one reading, and only the log's own checkpoint verifies under its key.
pub fn target(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    check_key(text);
    check_note(text);
    check_proof(text);
}

fn check_key(text: &str) {
    if let Ok(key) = LogKey::parse(text) {
        assert!(key.to_string() == text, "a verifier key has a second spelling");
    }
}

fn check_note(text: &str) {
    let Ok(note) = SignedNote::parse(text) else { return };
    let claim = note.unverified();
    assert!(text.starts_with(&format!("{claim}\n")), "a checkpoint has a second spelling");
    for key in &known::trust().log_keys {
        if let Ok(verified) = note.verify(key) {
            assert!(known::is_known_checkpoint(verified), "a checkpoint that nobody signed verifies");
        }
    }
    // The same claim, signed, verifies under its own name and under no other.
    let signing = known::log_key();
    let Ok(signed) = checkpoint::sign(claim, &signing) else {
        assert!(claim.size > tree::SIZE_MAX, "a parsed checkpoint cannot be signed");
        return;
    };
    let signed = SignedNote::parse(&signed);
    let name_is_long = claim.origin.len() > checkpoint::NOTE_BYTES / 4;
    assert!(signed.is_ok() || name_is_long, "a signed checkpoint does not parse");
    let Ok(signed) = signed else { return };
    let own = LogKey::new(&claim.origin, signing.verifying_key());
    assert!(own.is_ok_and(|key| signed.verify(&key).is_ok_and(|c| c == claim)), "a signed checkpoint does not verify");
    let other = LogKey::new(&format!("{}x", claim.origin), signing.verifying_key());
    assert!(other.is_ok_and(|key| signed.verify(&key).is_err()), "a checkpoint verifies under another name");
}

fn check_proof(text: &str) {
    let Ok(read) = TlogProof::parse(text) else { return };
    let note = text.split_once("\n\n").map_or("", |(_, note)| note);
    assert!(proof::write(read.index, &read.path, note) == text, "a proof has a second spelling");
    let claim = read.note.unverified();
    // No leaf but those of the log leads to the log's root.
    let stranger = tree::leaf_hash(text.as_bytes());
    if known::is_known_checkpoint(claim) {
        let verdict = tree::verify_inclusion(&stranger, read.index, claim.size, &read.path, &claim.root);
        assert!(verdict.is_err(), "a stranger's leaf is included");
    }
}
