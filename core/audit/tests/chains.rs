//! What a reader recomputes from receipts: each fault has its code, and a sibling without it passes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests fail by panicking")]

use talos_audit::chain::{Auditor, Summary};
use talos_audit::receipt::{blank, check_rules};
use talos_contracts::scalar::{B64, Hash, Salt};
use talos_contracts::*;

const CHAIN: Salt = B64([5; 16]);

fn id(n: u8) -> Hash {
    B64([n; 32])
}

/// open, allow c1, outcome c1, close: a whole chain, with the ids 0, 1, 2, 3.
fn whole() -> Vec<(Hash, Receipt)> {
    let base = |kind, seq: u64| Receipt {
        log: "log".into(),
        run: "run".into(),
        actor: "actor".into(),
        iss: "iss".into(),
        chain: CHAIN,
        kind,
        seq,
        iat: 1000 + seq,
        prev: seq.checked_sub(1).map(|p| id(p as u8)),
        ..blank()
    };
    let decision = Receipt {
        call: Some("c1".into()),
        verdict: Some(Verdict::Allow),
        reasons: Some(vec![]),
        caps: Some(vec![]),
        action: Some(ReceiptAction {
            kind: ActionKind::ToolCall,
            target: "t".into(),
            effect: Effect::Write,
            tool_hash: None,
            args_commit: id(9),
        }),
        ..base(ReceiptKind::Decision, 1)
    };
    let outcome = Receipt {
        call: Some("c1".into()),
        r#ref: Some(id(1)),
        outcome: Some(ReceiptOutcome { status: OutcomeStatus::Ok, result_commit: None }),
        ..base(ReceiptKind::Outcome, 2)
    };
    let close = Receipt { final_seq: Some(3), ..base(ReceiptKind::Close, 3) };
    let receipts = [base(ReceiptKind::Open, 0), decision, outcome, close];
    receipts.into_iter().enumerate().map(|(n, r)| (id(n as u8), r)).collect()
}

fn read(receipts: &[(Hash, Receipt)]) -> Result<Summary, ErrorCode> {
    let mut auditor = Auditor::default();
    for (id, receipt) in receipts {
        auditor.add(*id, receipt).map_err(|e| e.code)?;
    }
    auditor.finish().map_err(|e| e.code)
}

/// The chain with one change.
fn changed(change: impl FnOnce(&mut Vec<(Hash, Receipt)>)) -> Result<Summary, ErrorCode> {
    let mut receipts = whole();
    change(&mut receipts);
    read(&receipts)
}

#[test]
fn a_whole_chain_adds_up() {
    let summary = read(&whole()).unwrap();
    assert_eq!(summary, Summary { receipts: 4, chains: 1, closed: 1, open: vec![] });
}

#[test]
fn each_fault_in_a_chain_has_its_code() {
    use ErrorCode::*;
    assert_eq!(changed(|r| r[1].1.log = "other".into()), Err(ReceiptLogMismatch));
    assert_eq!(changed(|r| r[1].1.run = "other".into()), Err(ReceiptMalformed));
    assert_eq!(changed(|r| r[1].1.actor = "other".into()), Err(ReceiptMalformed));
    assert_eq!(changed(|r| r[1].1.iss = "other".into()), Err(ReceiptMalformed));
    assert_eq!(changed(|r| r[2].1.seq = 1), Err(ReceiptChainFork));
    assert_eq!(changed(|r| drop(r.remove(0))), Err(ReceiptChainGap));
    assert_eq!(changed(|r| drop(r.remove(1))), Err(ReceiptChainGap));
    assert_eq!(changed(|r| r[2].1.prev = Some(id(7))), Err(ReceiptPrevMismatch));
    assert_eq!(changed(|r| r[2].1.iat = 1000), Err(ReceiptTimeReversed));
    assert_eq!(changed(|r| r[1].1.kind = ReceiptKind::Close), Err(ReceiptSeq));
}

#[test]
fn an_allow_needs_exactly_one_end() {
    use ErrorCode::ReceiptIncomplete;
    assert_eq!(changed(|r| r[2].1.call = Some("c2".into())), Err(ReceiptIncomplete));
    assert_eq!(changed(|r| r[2].1.r#ref = Some(id(0))), Err(ReceiptIncomplete));
    assert_eq!(changed(|r| r[1].1.verdict = Some(Verdict::Deny)), Err(ReceiptIncomplete));
    // Without its outcome the call is open, and the closed chain is incomplete.
    let without_outcome = |r: &mut Vec<(Hash, Receipt)>| {
        r.remove(2);
        (r[2].1.seq, r[2].1.prev) = (2, Some(id(1)));
    };
    assert_eq!(changed(without_outcome), Err(ReceiptIncomplete));
    // A chain that still runs may have open calls: they are named.
    let summary = changed(|r| r.truncate(2)).unwrap();
    assert_eq!(summary.open.iter().map(|o| o.call.as_str()).collect::<Vec<_>>(), ["c1"]);
}

#[test]
fn a_gap_ends_the_calls_of_another_chain_only() {
    let gap = |chain: Salt, call: &str| {
        let mut receipts = whole();
        receipts.truncate(2);
        let (seq, prev) = if chain == CHAIN { (2, Some(id(1))) } else { (1, Some(id(10))) };
        if chain != CHAIN {
            receipts.push((id(10), Receipt { chain, prev: None, ..whole()[0].1.clone() }));
        }
        let permits = Some(vec![ReceiptPermit { call: call.into(), r#ref: id(1) }]);
        let base = Receipt { kind: ReceiptKind::Gap, chain, seq, prev, iat: 1002, ..whole()[0].1.clone() };
        receipts.push((id(11), Receipt { permits, ..base }));
        read(&receipts)
    };
    assert_eq!(gap(B64([6; 16]), "c1").unwrap().open, vec![]);
    assert_eq!(gap(B64([6; 16]), "c2"), Err(ErrorCode::ReceiptIncomplete));
    assert_eq!(gap(CHAIN, "c1"), Err(ErrorCode::ReceiptIncomplete));
}

#[test]
fn promised_heartbeats_must_come() {
    let late = |promised, pause| {
        changed(|r| {
            r[0].1.hb = Some(promised);
            r.iter_mut().skip(1).for_each(|(_, receipt)| receipt.iat += pause);
        })
        .map(|_| ())
    };
    assert_eq!(late(true, 59_999), Ok(()));
    assert_eq!(late(true, 60_000), Err(ErrorCode::ReceiptIncomplete));
    assert_eq!(late(false, 60_000), Ok(()));
}

#[test]
fn rules_between_members_have_their_codes() {
    use ErrorCode::*;
    let code = |n: usize, change: &dyn Fn(&mut Receipt)| {
        let mut receipt = whole()[n].1.clone();
        check_rules(&receipt).unwrap();
        change(&mut receipt);
        check_rules(&receipt).map_err(|e| e.code)
    };
    assert_eq!(code(0, &|r| r.seq = 1), Err(ReceiptSeq));
    assert_eq!(code(1, &|r| r.seq = 0), Err(ReceiptSeq));
    assert_eq!(code(1, &|r| r.prev = None), Err(ReceiptKindMembers));
    assert_eq!(code(0, &|r| r.prev = Some(id(1))), Err(ReceiptKindMembers));
    assert_eq!(code(3, &|r| r.final_seq = Some(2)), Err(ReceiptSeq));
    assert_eq!(code(1, &|r| r.call = None), Err(ReceiptKindMembers));
    assert_eq!(code(0, &|r| r.late = Some(true)), Err(ReceiptKindMembers));
    // Only an allowed read may be log-signed, or logged after its release.
    let read = |r: &mut Receipt| r.action.iter_mut().for_each(|a| a.effect = Effect::Read);
    assert_eq!(code(1, &|r| r.sign = SignMode::Log), Err(ReceiptMalformed));
    assert_eq!(code(1, &|r| r.dur = Durability::AfterRelease), Err(ReceiptMalformed));
    assert_eq!(code(1, &|r| (read(r), r.sign = SignMode::Log).1), Ok(()));
    assert_eq!(
        code(1, &|r| (read(r), r.sign = SignMode::Log, r.verdict = Some(Verdict::Deny)).2),
        Err(ReceiptMalformed)
    );
}
