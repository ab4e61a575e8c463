//! One-time codes, from the notification command to the answer.

use crate::place::*;
use std::fs;
use std::time::{Duration, Instant};
use talos_shared::contracts::Verdict;
use talos_shared::contracts::json::{self, Profile, Value};

const NOTIFY: &str = "\n[notify]\ncommand = [\"sh\", \"-c\", \"cat > notice.tmp; mv notice.tmp notice\"]\n";

/// The code that the command was told.
fn code(place: &Place) -> String {
    let (file, end) = (place.path().join("notice"), Instant::now() + Duration::from_secs(20));
    while !file.exists() {
        assert!(Instant::now() < end, "nobody was told");
        std::thread::sleep(Duration::from_millis(20));
    }
    let notice = json::parse(fs::read_to_string(&file).unwrap().trim().as_bytes(), Profile::Data).unwrap();
    notice.get("codes").and_then(|codes| codes.get("dora")).and_then(Value::as_str).unwrap().to_owned()
}

#[test]
fn a_code_that_came_by_the_command_answers_once() {
    let place = Place::new(NOTIFY);
    let id = place.ask("c1", "pay", r#"{"to":"shop"}"#).to_b64();
    let code = code(&place);
    let granted = place.approvals(&["grant", &id, "--as", "dora", "--code", &code.to_lowercase(), "--yes"]);
    assert!(granted.status.success(), "{}", err(&granted));
    assert!(out(&place.approvals(&["show", &id])).contains("dora has granted by code"));
    assert_eq!(place.decide("c1", "pay", r#"{"to":"shop"}"#).verdict, Verdict::Allow);
    let again = place.approvals(&["grant", &id, "--as", "dora", "--code", &code, "--yes"]);
    assert!(err(&again).contains("approval.redeemed"), "{}", err(&again));
    let log = fs::read(place.path().join("talos.db")).unwrap();
    assert!(!log.windows(code.len()).any(|window| window == code.as_bytes()), "the code is in the store");
}

#[test]
fn five_wrong_codes_lock_the_right_one() {
    let place = Place::new(NOTIFY);
    let id = place.ask("c1", "pay", "{}").to_b64();
    let code = code(&place);
    for _ in 0..5 {
        let wrong = place.approvals(&["grant", &id, "--as", "dora", "--code", "00000000", "--yes"]);
        assert!(err(&wrong).contains("approval.code_wrong"), "{}", err(&wrong));
    }
    let locked = place.approvals(&["grant", &id, "--as", "dora", "--code", &code, "--yes"]);
    assert!(err(&locked).contains("approval.code_locked"), "{}", err(&locked));
    assert_eq!(place.decide("c1", "pay", "{}").verdict, Verdict::NeedsApproval);
    let key = place.approvals(&["grant", &id, "--as", "ada", "--yes"]);
    assert!(key.status.success(), "others may still answer: {}", err(&key));
}

#[test]
fn doctor_says_that_people_are_not_told() {
    let place = Place::new("\n[notify]\ncommand = [\"sh\", \"-c\", \"echo no printer >&2; exit 7\"]\n");
    assert!(out(&talos(place.path(), &["doctor"])).contains("ok    notices"));
    place.ask("c1", "pay", "{}");
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let doctor = talos(place.path(), &["doctor"]);
        if out(&doctor).contains("FAIL  notices") {
            assert!(out(&doctor).contains("no printer") && doctor.status.code() == Some(1), "{doctor:?}");
            break;
        }
        assert!(Instant::now() < end, "{doctor:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(place.decide("c1", "pay", "{}").verdict, Verdict::NeedsApproval);
}
