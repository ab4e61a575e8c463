//! What holds whatever bytes come: nothing that was not signed grants, and order does not matter.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

mod common;

use common::*;
use proptest::prelude::*;
use talos_approval::{State, VerifiedGrant, evaluate, grant, request};
use talos_contracts::ApprovalRequest;
use talos_crypto::dsse::Unverified;

fn text(envelope: &Unverified) -> Vec<u8> {
    let mut out = Vec::new();
    envelope.to_envelope().write(&mut out);
    out
}

/// Whether one grant by Alice, read from these texts, grants a request for one person.
fn grants(request_text: &[u8], grant_text: &[u8]) -> bool {
    let state = Unverified::parse(request_text).and_then(|envelope| {
        let request = request::verify(&envelope, &did(KERNEL))?;
        let grant = grant::verify(&Unverified::parse(grant_text)?, &request)?;
        Ok(evaluate(&request, &[grant], IAT))
    });
    state == Ok(State::Granted)
}

fn texts() -> (Vec<u8>, Vec<u8>) {
    let request = ApprovalRequest { rules: vec![rule("a", 1, vec![person("alice", ALICE)])], ..asked() };
    let verified = verified(&request);
    (text(&sealed(&request).envelope), text(&signed(&verified, "alice", ALICE)))
}

/// Whether two texts are of one envelope: JSON has several spellings of one string.
fn same(a: &[u8], b: &[u8]) -> bool {
    Unverified::parse(a).is_ok_and(|a| Unverified::parse(b).is_ok_and(|b| a == b))
}

#[test]
fn no_flipped_bit_of_a_request_or_a_grant_grants() {
    let (request, grant) = texts();
    assert!(grants(&request, &grant));
    for bit in 0..8 * request.len() {
        let mut flipped = request.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(!grants(&flipped, &grant), "bit {bit} of the request");
    }
    for bit in 0..8 * grant.len() {
        let mut flipped = grant.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(!grants(&request, &flipped), "bit {bit} of the grant");
    }
}

/// Alice, Bob, Dora and Carol, who grant or deny, in some order and some of them several times.
fn answers() -> impl Strategy<Value = Vec<(usize, bool)>> {
    prop::collection::vec((0..4usize, prop::bool::weighted(0.9)), 0..10)
}

proptest! {
    #[test]
    fn a_changed_text_never_grants(at in any::<prop::sample::Index>(), of_grant: bool, insert: bool, byte: u8) {
        let (request, grant) = texts();
        let mut changed = if of_grant { grant.clone() } else { request.clone() };
        let original = changed.clone();
        let at = at.index(changed.len());
        if insert { changed.insert(at, byte) } else { changed[at] = byte }
        // White space between tokens is not part of an envelope.
        if !same(&changed, &original) {
            let granted = if of_grant { grants(&request, &changed) } else { grants(&changed, &grant) };
            prop_assert!(!granted);
        }
    }

    #[test]
    fn the_state_is_a_function_of_the_set_of_answers(answers in answers(), seed: u64, quorum in 1..4u64, late: bool) {
        let names = [("alice", ALICE), ("bob", BOB), ("dora", KERNEL), ("carol", CAROL)];
        let people = || vec![person("alice", ALICE), person("bob", BOB), by_code("dora")];
        let rules = vec![rule("a", quorum, people()), rule("b", 1, vec![person("carol", CAROL)])];
        let request = verified(&ApprovalRequest { rules, ..asked() });
        let grants: Vec<VerifiedGrant> = answers.iter().map(|(who, yes)| {
            let (name, n) = names[*who];
            if *yes { granted(&request, name, n) } else { denied(&request, name, n) }
        }).collect();
        let now = if late { EXPIRES } else { EXPIRES - 1 };
        let state = evaluate(&request, &grants, now);

        let mut shuffled = grants.clone();
        shuffled.sort_by_key(|g| (u64::from(g.grant().name.as_bytes()[0]) ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        shuffled.extend(grants.iter().rev().cloned());
        prop_assert_eq!(evaluate(&request, &shuffled, now), state.clone());

        let said = |who: usize, yes: bool| answers.contains(&(who, yes));
        let first_three = (0..3).filter(|who| said(*who, true)).count() as u64;
        let expected = match (answers.iter().any(|(_, yes)| !yes), late) {
            (true, _) => "denied",
            (_, true) => "expired",
            _ if first_three >= quorum && said(3, true) => "granted",
            _ => "pending",
        };
        prop_assert_eq!(state.name(), expected);
    }
}
