//! Who may ask, who may answer, and what the answers come to.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

mod common;

use common::*;
use talos_approval::code::{self, Code, Lock, MAX_ATTEMPTS};
use talos_approval::{About, Answer, Channel, State, evaluate, grant, request};
use talos_contracts::ErrorCode::*;
use talos_contracts::scalar::B64;
use talos_contracts::*;
use talos_crypto::dsse;

fn seal_error(asked: &ApprovalRequest) -> ErrorCode {
    request::seal(asked, &key(KERNEL)).unwrap_err().code
}

#[test]
fn a_request_verifies_under_the_key_of_its_kernel_alone() {
    let sealed = sealed(&asked());
    let verified = request::verify(&sealed.envelope, &did(KERNEL)).unwrap();
    assert_eq!((verified.id(), verified.request()), (&sealed.id, &asked()));
    assert_eq!(request::verify(&sealed.envelope, &did(BOB)).unwrap_err().code, TrustIssuerUnknown);
    assert_eq!(request::seal(&asked(), &key(BOB)).unwrap_err().code, SignatureKeyid);
    // Somebody else's signature over the same body, under either key id.
    for (keyid, code) in [(did(KERNEL).url(), SignatureInvalid), (did(BOB).url(), SignatureKeyid)] {
        let forged = dsse::sign(&key(BOB), &keyid, ApprovalRequest::MEDIA_TYPE, &sealed.envelope.body);
        assert_eq!(request::verify(&forged, &did(KERNEL)).unwrap_err().code, code);
    }
    let other = dsse::sign(&key(KERNEL), &did(KERNEL).url(), ApprovalGrant::MEDIA_TYPE, &sealed.envelope.body);
    assert_eq!(request::verify(&other, &did(KERNEL)).unwrap_err().code, SignaturePayloadType);
}

#[test]
fn the_id_is_of_the_body_and_not_of_who_else_signs_it() {
    let mut envelope = sealed(&asked()).envelope;
    let id = *request::verify(&envelope, &did(KERNEL)).unwrap().id();
    let cosigned = dsse::sign(&key(BOB), &did(BOB).url(), ApprovalRequest::MEDIA_TYPE, &envelope.body);
    envelope.signatures.extend(cosigned.signatures);
    assert_eq!(*request::verify(&envelope, &did(KERNEL)).unwrap().id(), id);
    assert_ne!(sealed(&ApprovalRequest { nonce: B64([1; 16]), ..asked() }).id, id);
}

#[test]
fn rules_that_name_a_person_ambiguously_are_refused() {
    let with = |rules| ApprovalRequest { rules, ..asked() };
    let alice = || person("alice", ALICE);
    let cases = [
        ("one rule twice", vec![rule("a", 1, vec![alice()]), rule("a", 1, vec![alice()])]),
        ("a person twice", vec![rule("a", 1, vec![alice(), alice()])]),
        ("a person with two keys", vec![rule("a", 1, vec![alice()]), rule("b", 1, vec![person("alice", BOB)])]),
        ("a person with a key and a code", vec![rule("a", 1, vec![alice()]), rule("b", 1, vec![by_code("alice")])]),
        ("one key for two names", vec![rule("a", 2, vec![alice(), person("alicia", ALICE)])]),
        (
            "a key that is no key",
            vec![rule("a", 1, vec![ApprovalPerson { name: "x".into(), key: Some("did:key:z6Mk".into()) }])],
        ),
    ];
    for (what, rules) in cases {
        assert_eq!(seal_error(&with(rules)), MalformedValue, "{what}");
    }
    assert_eq!(seal_error(&ApprovalRequest { expires: IAT, ..asked() }), MalformedValue);
    assert!(request::seal(&with(vec![rule("a", 1, vec![alice()]), rule("b", 1, vec![alice()])]), &key(KERNEL)).is_ok());
}

#[test]
fn a_quorum_that_too_few_people_can_reach_is_refused_when_it_is_asked() {
    let with = |quorum, people| ApprovalRequest { rules: vec![rule("a", quorum, people)], ..asked() };
    assert_eq!(seal_error(&with(2, vec![person("alice", ALICE)])), ApprovalUnavailable);
    assert_eq!(seal_error(&with(1, vec![person("agent", AGENT)])), ApprovalUnavailable);
    assert_eq!(seal_error(&with(1, vec![person("kernel", KERNEL)])), ApprovalUnavailable);
    assert_eq!(seal_error(&with(2, vec![person("agent", AGENT), person("alice", ALICE)])), ApprovalUnavailable);
    assert!(request::seal(&with(1, vec![person("agent", AGENT), person("alice", ALICE)]), &key(KERNEL)).is_ok());
}

#[test]
fn only_the_key_that_the_request_names_answers_for_a_person() {
    let request = verified(&asked());
    let verdict =
        |name, n| grant::verify(&signed(&request, name, n), &request).map(|g| g.channel()).map_err(|e| e.code);
    assert_eq!(verdict("alice", ALICE), Ok(Channel::Key));
    assert_eq!(verdict("dora", KERNEL), Ok(Channel::Code));
    assert_eq!(verdict("alice", BOB), Err(ApprovalNotApprover));
    assert_eq!(verdict("carol", CAROL), Err(ApprovalNotApprover));
    assert_eq!(verdict("dora", CAROL), Err(ApprovalNotApprover));
    assert_eq!(verdict("alice", KERNEL), Err(ApprovalOwnRequest), "the kernel does not sign for who has a key");
    assert_eq!(verdict("carol", KERNEL), Err(ApprovalOwnRequest));
    assert_eq!(verdict("dora", AGENT), Err(ApprovalOwnRequest));
    assert_eq!(verdict("alice", AGENT), Err(ApprovalOwnRequest));
}

#[test]
fn nobody_approves_their_own_request_even_where_the_rule_names_them() {
    let people = vec![person("agent", AGENT), person("kernel", KERNEL), person("alice", ALICE)];
    let request = verified(&ApprovalRequest { rules: vec![rule("a", 1, people)], ..asked() });
    for (name, n) in [("agent", AGENT), ("kernel", KERNEL)] {
        assert_eq!(grant::verify(&signed(&request, name, n), &request).unwrap_err().code, ApprovalOwnRequest);
    }
    let State::Pending { missing } = evaluate(&request, &[], IAT) else { panic!() };
    assert_eq!(missing[0].approvers, ["alice"]);
}

#[test]
fn a_kernel_that_is_the_agent_still_signs_for_codes() {
    let request = verified(&ApprovalRequest { actor: did(KERNEL).to_string(), ..asked() });
    assert_eq!(grant::verify(&signed(&request, "dora", KERNEL), &request).unwrap().channel(), Channel::Code);
    assert_eq!(grant::verify(&signed(&request, "alice", KERNEL), &request).unwrap_err().code, ApprovalOwnRequest);
}

#[test]
fn an_answer_to_another_request_does_not_count() {
    let (first, second) = (verified(&asked()), verified(&ApprovalRequest { nonce: B64([1; 16]), ..asked() }));
    let replayed = signed(&first, "alice", ALICE);
    assert_eq!(grant::verify(&replayed, &second).unwrap_err().code, ApprovalMismatch);
    let others = [granted(&first, "alice", ALICE), granted(&first, "bob", BOB)];
    assert!(matches!(evaluate(&second, &others, IAT), State::Pending { .. }), "also where somebody mixes them up");
}

#[test]
fn an_answer_counts_from_the_request_to_its_end() {
    let request = verified(&asked());
    let at = |iat| {
        let answer = Answer { iat, ..answer(request.id(), "alice") };
        grant::verify(&grant::sign(&answer, &key(ALICE)).unwrap(), &request).map(|_| ()).map_err(|e| e.code)
    };
    assert_eq!(at(IAT), Ok(()));
    assert_eq!(at(EXPIRES - 1), Ok(()));
    assert_eq!(at(IAT - 1), Err(ApprovalExpired));
    assert_eq!(at(EXPIRES), Err(ApprovalExpired));
}

#[test]
fn what_would_not_read_back_is_not_signed() {
    let request = verified(&asked());
    let long = "x".repeat(1025);
    let cases = [
        Answer { name: "Alice", ..answer(request.id(), "alice") },
        Answer { note: Some(""), ..answer(request.id(), "alice") },
        Answer { note: Some(&long), ..answer(request.id(), "alice") },
        Answer { iat: u64::MAX, ..answer(request.id(), "alice") },
    ];
    for case in cases {
        assert!(grant::sign(&case, &key(ALICE)).is_err(), "{case:?}");
    }
}

#[test]
fn a_quorum_is_of_different_people() {
    let request = verified(&asked());
    let (alice, bob, dora) =
        (granted(&request, "alice", ALICE), granted(&request, "bob", BOB), granted(&request, "dora", KERNEL));
    let State::Pending { missing } = evaluate(&request, &[alice.clone(), alice.clone()], IAT) else { panic!() };
    assert_eq!((missing[0].rule.as_str(), missing[0].people), ("payments", 1));
    assert_eq!(missing[0].approvers, ["bob", "dora"]);
    assert_eq!(evaluate(&request, &[alice.clone(), bob], IAT), State::Granted);
    assert_eq!(evaluate(&request, &[dora, alice], IAT), State::Granted);
}

#[test]
fn every_rule_needs_its_own_quorum() {
    let rules = vec![
        rule("money", 1, vec![person("alice", ALICE)]),
        rule("data", 2, vec![person("alice", ALICE), person("bob", BOB), person("carol", CAROL)]),
    ];
    let request = verified(&ApprovalRequest { rules, ..asked() });
    let (alice, bob, carol) =
        (granted(&request, "alice", ALICE), granted(&request, "bob", BOB), granted(&request, "carol", CAROL));
    let State::Pending { missing } = evaluate(&request, &[bob.clone(), carol], IAT) else { panic!() };
    assert_eq!(missing.iter().map(|m| m.rule.as_str()).collect::<Vec<_>>(), ["money"]);
    let State::Pending { missing } = evaluate(&request, std::slice::from_ref(&alice), IAT) else { panic!() };
    assert_eq!(missing.iter().map(|m| m.rule.as_str()).collect::<Vec<_>>(), ["data"]);
    assert_eq!(evaluate(&request, &[alice, bob], IAT), State::Granted, "one person may fulfil several rules");
}

#[test]
fn one_denial_denies_and_time_ends_what_was_granted() {
    let request = verified(&asked());
    let (alice, bob) = (granted(&request, "alice", ALICE), granted(&request, "bob", BOB));
    let no = denied(&request, "dora", KERNEL);
    let all = [alice.clone(), bob.clone(), no];
    assert_eq!(evaluate(&request, &all, IAT), State::Denied { by: "dora".into() });
    assert_eq!(evaluate(&request, &all, EXPIRES), State::Denied { by: "dora".into() });
    let both = [alice.clone(), denied(&request, "alice", ALICE), bob.clone()];
    assert_eq!(evaluate(&request, &both, IAT), State::Denied { by: "alice".into() });
    assert_eq!(evaluate(&request, &[alice.clone(), bob.clone()], EXPIRES - 1), State::Granted);
    assert_eq!(evaluate(&request, &[alice, bob], EXPIRES), State::Expired);
    assert_eq!(evaluate(&request, &[], EXPIRES), State::Expired);
}

#[test]
fn a_request_is_for_one_action_in_each_of_its_members() {
    let asked = asked();
    let request = verified(&asked);
    let mut swapped = asked.rules.clone();
    swapped[0].approvers.reverse();
    let about = About {
        run: &asked.run,
        actor: &asked.actor,
        principal: asked.principal.as_deref(),
        kind: asked.kind,
        target: &asked.target,
        effect: asked.effect,
        tool_hash: asked.tool_hash.as_ref(),
        args_digest: &asked.args_digest,
        amount: asked.amount.as_ref(),
        tokens: asked.tokens,
        model: asked.model.as_deref(),
        key_id: asked.key_id.as_deref(),
        consent: asked.consent,
        kyc: asked.kyc,
        policy: &asked.policy,
        rules: &swapped,
    };
    request.matches(&about).unwrap();
    let (other_hash, other_actor) = (B64([0; 32]), did(BOB).to_string());
    let other_amount = Amount { micro: 12_500_001, currency: "EUR".into() };
    let other_currency = Amount { micro: 12_500_000, currency: "USD".into() };
    let other_policy = PolicyRef { id: "demo".into(), hash: B64([1; 32]) };
    let (fewer, mut weaker) = (vec![], asked.rules.clone());
    weaker[0].quorum = 1;
    let others = [
        ("run", About { run: "018f0000-0000-7000-8000-000000000002", ..about }),
        ("actor", About { actor: &other_actor, ..about }),
        ("principal", About { principal: None, ..about }),
        ("principal", About { principal: Some("customer 8"), ..about }),
        ("kind", About { kind: ActionKind::Http, ..about }),
        ("target", About { target: "payments.transfer2", ..about }),
        ("effect", About { effect: Effect::Irreversible, ..about }),
        ("tool_hash", About { tool_hash: None, ..about }),
        ("tool_hash", About { tool_hash: Some(&other_hash), ..about }),
        ("args_digest", About { args_digest: &other_hash, ..about }),
        ("amount", About { amount: None, ..about }),
        ("amount", About { amount: Some(&other_amount), ..about }),
        ("amount", About { amount: Some(&other_currency), ..about }),
        ("tokens", About { tokens: Some(11), ..about }),
        ("model", About { model: Some("dear"), ..about }),
        ("model", About { model: None, ..about }),
        ("key_id", About { key_id: Some("k2"), ..about }),
        ("key_id", About { key_id: None, ..about }),
        ("consent", About { consent: Some(false), ..about }),
        ("consent", About { consent: None, ..about }),
        ("kyc", About { kyc: Some(true), ..about }),
        ("policy", About { policy: &other_policy, ..about }),
        ("rules", About { rules: &fewer, ..about }),
        ("rules", About { rules: &weaker, ..about }),
    ];
    for (member, other) in others {
        let error = request.matches(&other).unwrap_err();
        assert_eq!(error.code, ApprovalMismatch);
        assert!(error.detail.starts_with(&format!("{member} ")), "{member}: {}", error.detail);
    }
}

fn lock(request: &talos_approval::VerifiedRequest, name: &str) -> (Code, Lock) {
    let code = Code::from_entropy(&[1, 2, 3, 4, 5]);
    let lock = Lock::new(&code::key(&key(KERNEL)), request.id(), name, &code);
    (code, lock)
}

#[test]
fn a_code_reads_as_people_type_it() {
    assert_eq!(Code::from_entropy(&[0; 5]).expose(), "00000000");
    assert_eq!(Code::from_entropy(&[0xff; 5]).expose(), "ZZZZZZZZ");
    // 0000 0001 0000 0010 ... in groups of five: 0 4 1 0 6 1 0 5.
    assert_eq!(Code::from_entropy(&[1, 2, 3, 4, 5]).expose(), "04106105");
    assert_eq!(Code::parse("o4io-6lo5 ").unwrap().expose(), "04106105");
    assert_eq!(Code::parse("0 4 L 0 6 1 0 5").unwrap().expose(), "04106105");
    let long = " ".repeat(40);
    for wrong in ["", "0410610", "041061055", "0410610U", "0410610\u{ff15}", "0410610\u{135}", long.as_str()] {
        assert_eq!(Code::parse(wrong).err().map(|e| e.code), Some(ApprovalCodeWrong), "{wrong:?}");
    }
}

#[test]
fn a_code_is_for_one_request_one_person_and_one_kernel() {
    let request = verified(&ApprovalRequest {
        rules: vec![rule("a", 1, vec![by_code("dora"), by_code("emil"), person("alice", ALICE)])],
        ..asked()
    });
    let other = verified(&ApprovalRequest { nonce: B64([1; 16]), rules: request.request().rules.clone(), ..asked() });
    let (code, lock) = lock(&request, "dora");
    let (mine, theirs) = (code::key(&key(KERNEL)), code::key(&key(BOB)));
    let attempt = |key: &[u8; 32], request, name, now| {
        let mut lock = lock;
        lock.attempt(key, request, name, code.expose(), now).map_err(|e| e.code)
    };
    assert_eq!(attempt(&mine, &request, "dora", IAT), Ok(()));
    assert_eq!(attempt(&mine, &request, "dora", EXPIRES - 1), Ok(()));
    assert_eq!(attempt(&mine, &request, "dora", EXPIRES), Err(ApprovalExpired));
    assert_eq!(attempt(&mine, &request, "emil", IAT), Err(ApprovalCodeWrong));
    assert_eq!(attempt(&mine, &other, "dora", IAT), Err(ApprovalCodeWrong));
    assert_eq!(attempt(&theirs, &request, "dora", IAT), Err(ApprovalCodeWrong));
    assert_eq!(attempt(&mine, &request, "alice", IAT), Err(ApprovalNotApprover), "who has a key answers by it");
    assert_eq!(attempt(&mine, &request, "nobody", IAT), Err(ApprovalNotApprover));
}

#[test]
fn after_five_attempts_the_right_code_is_refused_too() {
    let request = verified(&asked());
    let key = code::key(&key(KERNEL));
    let (code, fresh) = lock(&request, "dora");
    let mut lock = fresh;
    for n in 1..MAX_ATTEMPTS {
        assert_eq!(lock.attempt(&key, &request, "dora", "00000000", IAT).unwrap_err().code, ApprovalCodeWrong);
        assert_eq!(lock.attempts, n);
    }
    let mut last = lock;
    assert_eq!(last.attempt(&key, &request, "dora", code.expose(), IAT), Ok(()), "the fifth attempt may be right");
    assert_eq!(last.attempts, MAX_ATTEMPTS);
    assert_eq!(lock.attempt(&key, &request, "dora", "no code", IAT).unwrap_err().code, ApprovalCodeWrong);
    for _ in 0..2 {
        assert_eq!(lock.attempt(&key, &request, "dora", code.expose(), IAT).unwrap_err().code, ApprovalCodeLocked);
    }
}
