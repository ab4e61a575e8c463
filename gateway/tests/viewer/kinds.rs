//! Kinds of receipts that a kernel writes seldom, or not yet: sealed here and put into the store.

use crate::place::Place;
use talos_shared::Home;
use talos_shared::audit::receipt::{blank, seal};
use talos_shared::contracts::scalar::{B64, Hash};
use talos_shared::contracts::{
    ActionKind, Effect, PolicyRef, Receipt, ReceiptAction, ReceiptBudget, ReceiptKind, ReceiptPermit, ReceiptShadow,
    ReceiptStanding, Scope, ScopeLevel, Verdict,
};
use talos_shared::kernel::ports::{Entry, Store};

const RUN: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
const APPROVAL: Hash = B64([7; 32]);

/// A chain of this number in the log of a place, of receipts whose place in it is filled in. Their ids.
fn append(place: &Place, chain: u8, receipts: Vec<Receipt>) -> Vec<Hash> {
    let home = Home::open(place.dir.path()).unwrap();
    let (store, keys, boot) = (home.store().unwrap(), home.keys().unwrap(), B64([9; 16]));
    store.begin(boot, RUN).unwrap();
    let mut ids: Vec<Hash> = Vec::new();
    for (seq, receipt) in receipts.into_iter().enumerate() {
        let did = home.did().unwrap();
        let receipt = Receipt {
            iss: did.url(),
            log: home.configuration().origin.clone(),
            chain: B64([chain; 16]),
            seq: seq as u64,
            iat: 1_700_000_000_000 + seq as u64,
            run: RUN.to_owned(),
            actor: did.to_string(),
            prev: ids.last().copied(),
            ..receipt
        };
        let sealed = seal(&receipt, &keys.sign).unwrap();
        ids.push(sealed.id);
        let entry = Entry {
            sealed,
            run: RUN.to_owned(),
            chain: receipt.chain,
            kind: receipt.kind,
            iat: receipt.iat,
            boot,
            opens: None,
            closes: Vec::new(),
            used: None,
            body: None,
            asks: None,
            redeems: None,
            turns: None,
        };
        store.commit(&[&entry]).unwrap();
    }
    store.end(boot, RUN).unwrap();
    ids
}

fn policy(id: &str) -> PolicyRef {
    PolicyRef { id: id.to_owned(), hash: B64([1; 32]) }
}

fn decision(call: &str, verdict: Verdict) -> Receipt {
    let action = ReceiptAction {
        kind: ActionKind::ToolCall,
        target: "pay".to_owned(),
        effect: Effect::Spend,
        tool_hash: None,
        args_commit: B64([2; 32]),
    };
    Receipt {
        kind: ReceiptKind::Decision,
        call: Some(call.to_owned()),
        action: Some(action),
        verdict: Some(verdict),
        reasons: Some(Vec::new()),
        caps: Some(Vec::new()),
        policy: Some(policy("strict")),
        ..blank()
    }
}

fn standing(level: ScopeLevel, name: Option<&str>, held: bool) -> Receipt {
    let scope = Scope { level, name: name.map(ToOwned::to_owned) };
    let standing = ReceiptStanding { scope, held, why: Some("drill\u{202e}".to_owned()) };
    Receipt { kind: ReceiptKind::Standing, standing: Some(standing), ..blank() }
}

fn told(place: &Place) -> [String; 2] {
    [place.shown(&["--run", RUN]), place.page(&["--run", RUN])]
}

#[test]
fn the_kill_switch_suspensions_and_policies_are_told() {
    let place = Place::new();
    let came =
        Receipt { kind: ReceiptKind::Policy, policy: Some(policy("strict")), replaces: Some(policy("lax")), ..blank() };
    append(
        &place,
        1,
        vec![
            blank(),
            standing(ScopeLevel::All, None, true),
            standing(ScopeLevel::Principal, Some("ada hunter2"), true),
            standing(ScopeLevel::All, None, false),
            came,
        ],
    );
    for text in told(&place) {
        for words in [
            r"all is held: nothing in it is allowed or starts (drill\u{202e})",
            "principal [redacted: blocked_patterns 2] is held",
            "all is free again",
            "policy strict came into force, in place of lax",
        ] {
            assert!(text.contains(words), "{words}\n{text}");
        }
    }
}

#[test]
fn a_lockdown_is_told_by_its_receipt() {
    let place = Place::new();
    place.told(&["lockdown", "on", "--scope", "tool:pay", "--why", "drill"]);
    let story = place.shown(&["--last"]);
    assert!(story.contains("tool pay is held: nothing in it is allowed or starts (drill)"), "{story}");
}

#[test]
fn approvals_and_what_another_mode_would_have_said_are_told() {
    let place = Place::new();
    let shadow = ReceiptShadow {
        policy: policy("next"),
        verdict: Verdict::Deny,
        reasons: vec!["limit.amount".to_owned(), "new.code".to_owned()],
    };
    let rules = Some(vec!["money".to_owned(), "team research, USD for good".to_owned()]);
    let waiting = Receipt { approval: Some(APPROVAL), rules, ..decision("c1", Verdict::NeedsApproval) };
    let allowed = Receipt {
        approval: Some(APPROVAL),
        observed: Some(Verdict::Deny),
        shadow: Some(shadow),
        budget: Some(ReceiptBudget { tokens: Some(5), amount_micro: Some(1_000_000), currency: Some("EUR".into()) }),
        ..decision("c2", Verdict::Allow)
    };
    append(&place, 1, vec![blank(), waiting, allowed]);
    let [text, page] = told(&place);
    assert!(text.contains(&format!("waits for approval {APPROVAL}\n      did not run")), "{text}");
    assert!(text.contains("rule money; team research, USD for good"), "{text}");
    assert!(page.contains("rule <bdi>money</bdi>"), "{page}");
    assert!(text.contains(&format!("approved by approval {APPROVAL}")), "{text}");
    assert!(text.contains("this policy, if it were enforced, would say DENY"), "{text}");
    assert!(text.contains("policy next, in shadow, would say DENY\n      limit.amount: "), "{text}");
    assert!(text.contains("new.code: This code is not in this version's registry."), "{text}");
    assert!(text.contains("no outcome yet; reserved 5 tokens, 1.00 EUR"), "{text}");
    assert!(page.contains("waits for approval") && page.contains("in shadow,</bdi> would say deny"), "{page}");
}

#[test]
fn a_call_whose_writer_died_is_told_with_the_gap_that_names_it() {
    let place = Place::new();
    let ids = append(&place, 1, vec![blank(), decision("lost", Verdict::Allow)]);
    let permits = vec![ReceiptPermit { call: "lost".to_owned(), r#ref: ids[1] }];
    let gap = Receipt { kind: ReceiptKind::Gap, permits: Some(permits), ..blank() };
    append(&place, 2, vec![blank(), gap]);
    let [text, page] = told(&place);
    for text in [text, page] {
        assert!(text.contains("nobody knows how it ended: its writer died (receipt 3)"), "{text}");
        assert!(text.contains("1 call of a writer that died without an outcome: lost"), "{text}");
    }
}
