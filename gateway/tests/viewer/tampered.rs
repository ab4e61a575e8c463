//! A database that somebody has changed: the viewer shows what it can, and says what is not valid.

use crate::place::{Place, json, two_runs};
use rusqlite::Connection;
use talos_shared::contracts::json::Value;

/// Two runs, with the database changed behind the log's back.
fn changed(sql: &str) -> Place {
    let place = Place::new();
    two_runs(&place);
    let database = Connection::open(place.path("talos.db")).unwrap();
    database.execute_batch(sql).unwrap();
    place
}

/// Standard output of a reader that is told that something is invalid.
fn warned(place: &Place, args: &[&str]) -> String {
    let output = place.talos(args);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn codes(place: &Place) -> Vec<(i64, String)> {
    let told = json(&warned(place, &["--json", "log", "show"]));
    let broken = told.as_array().unwrap().iter().filter_map(|entry| {
        let code = entry.get("proof").unwrap().get("code").and_then(Value::as_str)?;
        Some((entry.get("index").unwrap().as_i64().unwrap(), code.to_owned()))
    });
    broken.collect()
}

#[test]
fn a_changed_receipt_is_not_valid_and_its_neighbours_are() {
    let place = changed(
        "UPDATE receipts SET body = CAST(replace(CAST(body AS TEXT), '\"principal\":\"ada\"', '\"principal\":\"eve\"') AS BLOB) WHERE idx = 4",
    );
    assert_eq!(codes(&place), [(4, "signature.invalid".to_owned())]);
    let story = warned(&place, &["log", "show"]);
    assert!(story.contains("receipts 4, 5: NOT VALID: signature.invalid"), "{story}");
    assert!(story.contains("receipts 1, 2: valid, in the checkpoint of size 15"), "{story}");
    assert!(story.contains("1 of the receipts shown are NOT VALID"), "{story}");
    let page = warned(&place, &["log", "export", "--html", "--out", "-"]);
    assert!(page.contains("NOT VALID: signature.invalid"), "{page}");
}

#[test]
fn receipts_in_each_others_place_are_not_included() {
    let swap = "UPDATE receipts SET idx = 1000 WHERE idx = 3; UPDATE receipts SET idx = 3 WHERE idx = 6; UPDATE receipts SET idx = 6 WHERE idx = 1000";
    let place = changed(swap);
    // Their siblings' proofs go through their hashes.
    assert_eq!(codes(&place).iter().filter(|(_, code)| code == "proof.root_mismatch").count(), 4);
}

#[test]
fn a_receipt_that_cannot_be_read_is_named() {
    let place = changed("UPDATE receipts SET body = x'7b' WHERE idx = 6");
    let story = warned(&place, &["log", "show"]);
    assert!(story.contains("receipt 6 cannot be read: malformed.syntax"), "{story}");
    assert_eq!(codes(&place), [(6, "malformed.syntax".to_owned())]);
    assert!(warned(&place, &["log", "show", "--table"]).contains("     6  "));
    assert!(warned(&place, &["log", "export", "--html", "--out", "-"]).contains("receipt 6 cannot be read"));
}

#[test]
fn a_body_that_is_not_what_was_committed_to_is_not_shown() {
    let place = changed("UPDATE bodies SET value = CAST('{\"path\":\"forged.txt\"}' AS BLOB) WHERE idx = 1");
    let story = place.shown(&["--bodies"]);
    assert!(story.contains("arguments: not shown: receipt.commit_mismatch"), "{story}");
    assert!(!story.contains("forged.txt"), "{story}");
    assert!(!place.told(&["--json", "log", "show", "--bodies"]).contains("forged.txt"));
    assert!(!place.page(&["--bodies"]).contains("forged.txt"));
}

#[test]
fn a_forged_checkpoint_proves_nothing() {
    let place = changed(
        "UPDATE checkpoint SET note = replace(note, char(10) || '15' || char(10), char(10) || '14' || char(10)), size = 14",
    );
    let story = warned(&place, &["log", "show"]);
    assert!(story.contains("none to be believed: checkpoint.signature_invalid"), "{story}");
    assert!(!story.contains(": valid"), "{story}");
}

#[test]
fn a_log_without_its_newest_receipts_is_not_believed() {
    let place = Place::new();
    let copy = tempfile::tempdir().unwrap();
    let database = |name: &str| copy.path().join(name);
    Connection::open(place.path("talos.db"))
        .unwrap()
        .execute("VACUUM INTO ?1", [database("old.db").display().to_string()])
        .unwrap();
    two_runs(&place);
    let dir = place.dir.path().to_owned();
    place.kernel.close().unwrap();
    for name in ["talos.db-wal", "talos.db-shm"] {
        let _ = std::fs::remove_file(dir.join(name));
    }
    std::fs::copy(database("old.db"), dir.join("talos.db")).unwrap();
    let story = warned(&place, &["log", "show"]);
    assert!(story.contains("log.rolled_back"), "{story}");
}
