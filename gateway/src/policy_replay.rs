//! `talos policy replay`: recorded decisions, decided on anew by another policy.
//!
//! A receipt holds what was decided on, and not all that was known: consent, the names of teams and agents, counters and links
//! are not in it, and its effect is the one that was decided on. A new denial that rests on nothing else is told apart.

use crate::output::Output;
use crate::story::kept_body;
use talos_shared::Home;
use talos_shared::audit::receipt::parse_body;
use talos_shared::contracts::json::Value;
use talos_shared::contracts::{
    Action, Amount, DecisionReason, Error, ErrorCode, PolicySubject, Receipt, ReceiptAction, ReceiptKind, Verdict,
};
use talos_shared::kernel::Log;
use talos_shared::kernel::ports::Record;
use talos_shared::policies::find;
use talos_shared::policy::CompiledPolicy;

/// Differences that are listed; all are counted.
const LISTED: usize = 200;
/// The stage of a policy's rules.
const POLICY_STAGE: u8 = 5;

/// What came of the decisions of a log.
#[derive(Default)]
struct Replay {
    same: i64,
    changed: i64,
    /// The arguments are not kept, and a rule looks at them.
    not_replayable: i64,
    /// The new denial rests on what receipts do not hold.
    unknown: i64,
    /// Another stage had denied: the kill switch, a rate, a budget.
    elsewhere: i64,
    unreadable: i64,
    changes: Vec<Change>,
}

struct Change {
    index: u64,
    run: String,
    target: String,
    before: Verdict,
    after: Verdict,
    reasons: Vec<DecisionReason>,
}

/// Replays the decisions of a directory's log, or of one run.
pub fn run(home: &Home, policy: &CompiledPolicy, run: Option<&str>, output: &Output) -> Result<i32, Error> {
    let (store, heads, keys) = (home.store_to_read()?, home.heads(), home.keys()?);
    let log = Log::new(&store, &heads, &keys, &home.configuration().origin);
    let mut replay = Replay::default();
    for index in 0..log.size()? {
        let record = log.at(index)?;
        match parse_body(&record.sealed.body) {
            Ok(receipt) if receipt.kind == ReceiptKind::Decision && run.is_none_or(|run| receipt.run == run) => {
                replay.take(policy, &receipt, &record);
            }
            Ok(_) => {}
            Err(_) => replay.unreadable += 1,
        }
    }
    output.print(&replay.in_words(), || replay.value());
    Ok(0)
}

impl Replay {
    fn take(&mut self, policy: &CompiledPolicy, receipt: &Receipt, record: &Record) {
        let (Some(decided), Some(verdict), Ok(body)) = (&receipt.action, receipt.verdict, kept_body(receipt, record))
        else {
            self.unreadable += 1;
            return;
        };
        let before = receipt.observed.unwrap_or(verdict);
        if before != Verdict::Allow && !is_by_policy(receipt) {
            self.elsewhere += 1;
            return;
        }
        let args = body.map(|(args, _)| args);
        if args.is_none() && policy.reads_arguments(decided.kind, &decided.target) {
            self.not_replayable += 1;
            return;
        }
        let found = find(policy, &action(receipt, decided, args), None, Some(&subject(receipt)));
        if found.verdict == before {
            self.same += 1;
        } else if found.verdict == Verdict::Deny && found.reasons.iter().all(|reason| is_unrecorded(reason.code)) {
            self.unknown += 1;
        } else {
            self.changed += 1;
            let (run, target) = (receipt.run.clone(), decided.target.clone());
            let (index, after, reasons) = (record.index, found.verdict, found.reasons);
            if self.changes.len() < LISTED {
                self.changes.push(Change { index, run, target, before, after, reasons });
            }
        }
    }

    fn in_words(&self) -> String {
        let mut text = String::new();
        for change in &self.changes {
            let (before, after) = (change.before.as_str(), change.after.as_str());
            text.push_str(&format!(
                "{}  {:?} in run {}: {before} -> {after}\n",
                change.index, change.target, change.run
            ));
            for reason in &change.reasons {
                text.push_str(&format!("    {}: {}\n", reason.code.as_str(), reason.message));
            }
        }
        let unlisted = self.changed - self.changes.len() as i64;
        if unlisted > 0 {
            text.push_str(&format!("and {unlisted} more\n"));
        }
        for (count, what) in self.counts() {
            if count > 0 || what == "would change" || what == "stay as they are" {
                text.push_str(&format!("{count} {what}\n"));
            }
        }
        text
    }

    fn counts(&self) -> [(i64, &'static str); 6] {
        [
            (self.changed, "would change"),
            (self.same, "stay as they are"),
            (self.not_replayable, "cannot be replayed: their arguments are not kept, and a rule looks at them"),
            (self.unknown, "would be denied for want of what receipts do not hold: consent, counters, links"),
            (self.elsewhere, "were not the policy's: another stage had denied them"),
            (self.unreadable, "cannot be read: verify the log"),
        ]
    }

    fn value(&self) -> Value {
        let names = ["changed", "same", "not_replayable", "unknown", "elsewhere", "unreadable"];
        let counts = names.into_iter().zip(self.counts()).map(|(name, (count, _))| (name, Value::from(count)));
        let changes = self.changes.iter().map(Change::value).collect::<Vec<_>>();
        Value::object(counts.chain([("changes", Value::from(changes))]))
    }
}

impl Change {
    fn value(&self) -> Value {
        let reasons = self.reasons.iter().map(|reason| {
            let (code, message) = (reason.code.as_str(), reason.message.as_str());
            Value::object([("code", Value::from(code)), ("message", Value::from(message))])
        });
        Value::object([
            ("index", Value::from(i64::try_from(self.index).unwrap_or(i64::MAX))),
            ("run", Value::from(self.run.as_str())),
            ("target", Value::from(self.target.as_str())),
            ("before", Value::from(self.before.as_str())),
            ("after", Value::from(self.after.as_str())),
            ("reasons", Value::from(reasons.collect::<Vec<_>>())),
        ])
    }
}

/// Whether the policy had a reason of its own.
fn is_by_policy(receipt: &Receipt) -> bool {
    let is_own = |code: ErrorCode| code.stage() == POLICY_STAGE && code != ErrorCode::LimitRate;
    receipt
        .reasons
        .iter()
        .flatten()
        .any(|code| ErrorCode::parse(code).is_some_and(|code| is_own(code) || code == ErrorCode::ApprovalRequired))
}

/// Whether a reason rests on what a receipt does not hold.
fn is_unrecorded(code: ErrorCode) -> bool {
    use ErrorCode::*;
    matches!(code, PreflightConsentMissing | PreflightKycMissing | PolicyPathUnresolved)
}

fn subject(receipt: &Receipt) -> PolicySubject {
    let (actor, run) = (Some(receipt.actor.clone()), Some(receipt.run.clone()));
    PolicySubject { actor, run, ..PolicySubject::default() }
}

fn action(receipt: &Receipt, decided: &ReceiptAction, args: Option<Value>) -> Action {
    let budget = receipt.budget.as_ref();
    let amount = budget.and_then(|budget| Some((budget.amount_micro?, budget.currency.clone()?)));
    Action {
        run: None,
        call: None,
        kind: decided.kind,
        target: decided.target.clone(),
        effect: Some(decided.effect),
        tool_hash: decided.tool_hash,
        args,
        tokens: budget.and_then(|budget| budget.tokens),
        amount: amount.map(|(micro, currency)| Amount { micro, currency }),
        principal: receipt.principal.clone(),
        model: None,
        key_id: None,
        consent: None,
        kyc: None,
        session: None,
    }
}
