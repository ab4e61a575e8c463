//! A run as people read it: who, what, verdict, why, cost, approval, outcome, proof. Built from receipts; nothing here
//! knows whether it becomes text or a page.

use crate::redact::Redactor;
use crate::selection::{RunSteps, Step};
use crate::shown::Shown;
use crate::words::{self, Cost};
use talos_shared::approval::{Channel, VerifiedGrant};
use talos_shared::audit::checkpoint::Checkpoint;
use talos_shared::audit::receipt::{args_commit, args_digest, parse_body, result_commit, result_digest};
use talos_shared::contracts::json::{self, Profile, Value};
use talos_shared::contracts::scalar::Hash;
use talos_shared::contracts::{
    ActionKind, ApprovalResponse, Effect, Error, ErrorCode, OutcomeStatus, PolicyRef, Receipt, ReceiptBudget,
    ReceiptKind, Verdict,
};
use talos_shared::kernel::Log;
use talos_shared::kernel::ports::Record;

/// Said where bodies are told under another policy.
pub const OTHER_POLICY: &str = "Another policy than the one that redacts decided on some of these calls: what only \
     that one hides is shown. --policy FILE names the one to redact by.";
/// Calls of a gap that are named.
const GAP_CALLS: usize = 5;

/// One run, or what was selected of it.
pub struct Story {
    pub run: Shown,
    pub actor: Shown,
    /// On whose behalf, in the order of their first call.
    pub principals: Vec<Shown>,
    /// The policies that decided.
    pub policies: Vec<Shown>,
    /// Whether bodies are told of calls on which another policy decided than the one that redacts.
    pub other_policy: bool,
    pub closed: bool,
    /// First and last time, in milliseconds since 1970.
    pub from: u64,
    pub to: u64,
    pub steps: Vec<Told>,
    pub sums: Sums,
}

/// What the calls add up to.
#[derive(Default)]
pub struct Sums {
    pub calls: u64,
    /// By verdict, in the order of [`Verdict::ALL`].
    pub verdicts: [u64; 4],
    pub cost: Cost,
    /// Receipts that a check refused.
    pub broken: u64,
    /// Receipts that no signed checkpoint covers yet.
    pub pending: u64,
}

/// One step.
pub enum Told {
    Call(Box<Call>),
    Notice(Notice),
}

/// A call with everything that became of it.
pub struct Call {
    pub at: u64,
    pub call: Shown,
    pub kind: ActionKind,
    pub target: Shown,
    pub effect: Effect,
    pub verdict: Verdict,
    pub reasons: Vec<Reason>,
    /// The rules, budgets and rates that gave the reasons.
    pub rules: Vec<Shown>,
    pub principal: Option<Shown>,
    /// What a policy that does not enforce would have said.
    pub would: Vec<Would>,
    pub cost: Option<String>,
    /// The approval that was redeemed, is waited for, or was refused.
    pub approval: Option<Approval>,
    pub ending: Ending,
    pub args: Option<Body>,
    pub result: Option<Body>,
    /// Indexes of its receipts.
    pub receipts: Vec<u64>,
    pub proof: Proof,
}

/// A receipt that belongs to no call.
pub struct Notice {
    pub at: u64,
    pub kind: ReceiptKind,
    pub says: String,
    pub index: u64,
    pub proof: Proof,
}

/// A request for approval, with who has answered it.
pub struct Approval {
    pub id: String,
    /// Each answer that verifies, in words; or that they cannot be read.
    pub answers: Vec<Shown>,
}

/// What would have been decided, by whom.
pub struct Would {
    pub who: Shown,
    pub verdict: Verdict,
    pub reasons: Vec<Reason>,
}

/// A reason code with the public sentence of the registry.
pub struct Reason {
    pub code: Shown,
    pub says: &'static str,
}

/// What became of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It was not allowed.
    NotRun,
    /// Its outcome is not in the log.
    Open,
    /// It ended, so long after its decision.
    Ended { status: OutcomeStatus, ms: u64, late: bool },
    /// Its permit was given back unused.
    Released,
    /// The gap at this index says that nobody knows.
    Unknown(u64),
}

/// Arguments or a result.
pub enum Body {
    Lines(Vec<Shown>),
    /// The host does not keep bodies, or it was erased.
    NotKept,
    /// What is stored is not what the receipt commits to, or cannot be read.
    Broken(ErrorCode),
}

/// What the evidence of a receipt is worth, by the log's own checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Sound, and included in the newest signed checkpoint, which has this size.
    Included(u64),
    /// Sound, but no signed checkpoint covers it yet.
    Pending,
    /// A check refused it.
    Broken(ErrorCode),
}

impl Proof {
    /// The weaker of two.
    fn and(self, other: Proof) -> Proof {
        match (self, other) {
            (Proof::Broken(_), _) => self,
            (_, Proof::Broken(_)) => other,
            (Proof::Pending, _) => self,
            _ => other,
        }
    }

    /// What was checked and found.
    pub fn words(self) -> String {
        match self {
            Proof::Included(size) => format!("valid, in the checkpoint of size {size}"),
            Proof::Pending => "valid, not in a checkpoint yet".to_owned(),
            Proof::Broken(code) => format!("NOT VALID: {}: {}", code.as_str(), code.public()),
        }
    }

    pub fn to_value(self) -> Value {
        match self {
            Proof::Included(size) => Value::object([("state", "included".into()), ("size", words::number(size))]),
            Proof::Pending => Value::object([("state", "pending".into())]),
            Proof::Broken(code) => Value::object([("state", "broken".into()), ("code", code.as_str().into())]),
        }
    }
}

impl Call {
    /// What its approval is for it, and the approval.
    pub fn approval_words(&self) -> Option<(&'static str, &Approval)> {
        let word = match self.verdict {
            Verdict::NeedsApproval => "waits for",
            Verdict::Deny => "asked for",
            Verdict::Allow | Verdict::Transform => "approved by",
        };
        self.approval.as_ref().map(|approval| (word, approval))
    }
}

impl Ending {
    /// What a sum of money or tokens beside it is.
    pub fn cost_word(&self) -> &'static str {
        match self {
            Ending::NotRun | Ending::Released => "asked for",
            Ending::Open | Ending::Unknown(_) => "reserved",
            Ending::Ended { .. } => "cost",
        }
    }

    /// What became of it.
    pub fn words(&self) -> String {
        match self {
            Ending::NotRun => "did not run".to_owned(),
            Ending::Open => "no outcome yet".to_owned(),
            Ending::Ended { status, ms, late } => {
                let late = if *late { ", after its permit had expired" } else { "" };
                format!("ended {} after {}{late}", status.as_str(), words::duration(*ms))
            }
            Ending::Released => "permit given back unused: did not run".to_owned(),
            Ending::Unknown(gap) => format!("nobody knows how it ended: its writer died (receipt {gap})"),
        }
    }
}

/// Checks receipts against the log's newest signed checkpoint.
pub struct Prover<'a> {
    log: &'a Log<'a>,
    head: Result<Option<Checkpoint>, Error>,
}

impl<'a> Prover<'a> {
    pub fn new(log: &'a Log<'a>) -> Prover<'a> {
        Prover { log, head: log.signed_head() }
    }

    /// The checkpoint, or why none of this log is to be believed.
    pub fn head(&self) -> Result<Option<&Checkpoint>, &Error> {
        self.head.as_ref().map(Option::as_ref)
    }

    /// Verifies the receipt by itself, and its inclusion where the checkpoint covers it.
    pub fn check(&self, record: &Record) -> Proof {
        self.checked(record).unwrap_or_else(|error| Proof::Broken(error.code))
    }

    fn checked(&self, record: &Record) -> Result<Proof, Error> {
        let sound = self.log.examine(record)?;
        match self.head.as_ref().map_err(Clone::clone)? {
            Some(checkpoint) if record.index < checkpoint.size => {
                self.log.verify_inclusion(&sound.id, record.index, checkpoint)?;
                Ok(Proof::Included(checkpoint.size))
            }
            _ => Ok(Proof::Pending),
        }
    }
}

/// Tells runs.
pub struct Teller<'a> {
    pub log: &'a Log<'a>,
    pub prover: &'a Prover<'a>,
    pub redactor: &'a Redactor,
    /// Whether arguments and results are told.
    pub bodies: bool,
}

impl Teller<'_> {
    /// Tells what was selected of one run. Holds one run at a time.
    pub fn tell(&self, run: &RunSteps) -> Result<Story, Error> {
        let mut story = Story {
            run: Shown::new(&run.run),
            actor: Shown::new(""),
            principals: Vec::new(),
            policies: Vec::new(),
            other_policy: false,
            closed: run.closed,
            from: u64::MAX,
            to: 0,
            steps: Vec::with_capacity(run.steps.len()),
            sums: Sums::default(),
        };
        for step in &run.steps {
            let told = self.step(step, &mut story)?;
            story.steps.push(told);
        }
        Ok(story)
    }

    fn step(&self, step: &Step, story: &mut Story) -> Result<Told, Error> {
        let (record, receipt) = self.read(step.index)?;
        let mut proof = self.prove(&record, &mut story.sums);
        story.see(&receipt);
        if receipt.kind != ReceiptKind::Decision {
            let says = self.notice(&receipt);
            return Ok(Told::Notice(Notice { at: receipt.iat, kind: receipt.kind, says, index: step.index, proof }));
        }
        let mut ends = Vec::with_capacity(step.ends.len());
        for index in &step.ends {
            let (record, receipt) = self.read(*index)?;
            proof = proof.and(self.prove(&record, &mut story.sums));
            story.see(&receipt);
            ends.push((record, receipt));
        }
        let mut call = self.call(&receipt, &record, &ends, step.gap);
        call.receipts = std::iter::once(step.index).chain(step.ends.iter().copied()).collect();
        call.proof = proof;
        story.count(&receipt, &ends, &call);
        story.other_policy |= self.bodies && receipt.policy.as_ref().is_some_and(|policy| !self.redactor.is_by(policy));
        Ok(Told::Call(Box::new(call)))
    }

    fn read(&self, index: u64) -> Result<(Record, Receipt), Error> {
        let record = self.log.at(index)?;
        let receipt = parse_body(&record.sealed.body)?;
        Ok((record, receipt))
    }

    fn prove(&self, record: &Record, sums: &mut Sums) -> Proof {
        let proof = self.prover.check(record);
        sums.pending += u64::from(proof == Proof::Pending);
        sums.broken += u64::from(matches!(proof, Proof::Broken(_)));
        proof
    }

    fn call(&self, decision: &Receipt, record: &Record, ends: &[(Record, Receipt)], gap: Option<u64>) -> Call {
        let action = decision.action.as_ref();
        let kind = action.map_or(ActionKind::ToolCall, |action| action.kind);
        let verdict = decision.verdict.unwrap_or(Verdict::Deny);
        let outcome = ends.iter().rev().find(|(_, end)| end.kind == ReceiptKind::Outcome);
        let all = std::iter::once(decision).chain(ends.iter().map(|(_, end)| end));
        let reasons = all.flat_map(|receipt| receipt.reasons.iter().flatten()).map(|code| reason(code));
        Call {
            at: decision.iat,
            call: self.redactor.text(decision.call.as_deref().unwrap_or_default()),
            kind,
            target: self.redactor.target(kind, action.map_or("", |action| &action.target)),
            effect: action.map_or(Effect::Irreversible, |action| action.effect),
            verdict,
            reasons: reasons.collect(),
            rules: decision.rules.iter().flatten().map(|rule| self.redactor.text(rule)).collect(),
            principal: decision.principal.as_ref().map(|principal| self.redactor.text(principal)),
            would: would(decision),
            cost: cost(decision, outcome.map(|(_, end)| end)).words(),
            approval: decision.approval.map(|id| self.approval(&id)),
            ending: ending(decision, ends.iter().map(|(_, end)| end), gap),
            args: self.bodies.then(|| self.body(decision, record)),
            result: outcome.filter(|_| self.bodies).map(|(record, end)| self.body(end, record)),
            receipts: Vec::new(),
            proof: Proof::Pending,
        }
    }

    fn approval(&self, id: &Hash) -> Approval {
        let answers = match self.log.answers(id) {
            Ok(answers) => answers.iter().map(|answer| self.answer(answer)).collect(),
            Err(error) => vec![Shown::new(&format!("its answers cannot be read: {}", error.code.as_str()))],
        };
        Approval { id: id.to_b64(), answers }
    }

    fn answer(&self, answer: &VerifiedGrant) -> Shown {
        let grant = answer.grant();
        let said = if grant.response == ApprovalResponse::Grant { "granted" } else { "refused" };
        let how = if answer.channel() == Channel::Code { "code" } else { "key" };
        let note = grant.note.as_ref().map_or(String::new(), |note| format!(": {}", self.redactor.text(note)));
        Shown::new(&format!("{said} by {} by {how}{note}", self.redactor.text(&grant.name)))
    }

    /// The body of a receipt.
    pub fn body(&self, receipt: &Receipt, record: &Record) -> Body {
        match kept_body(receipt, record) {
            Ok(Some((value, bytes))) => Body::Lines(self.redactor.lines(&value, bytes)),
            Ok(None) => Body::NotKept,
            Err(error) => Body::Broken(error.code),
        }
    }

    /// A receipt that belongs to no call, in words.
    pub fn notice(&self, receipt: &Receipt) -> String {
        match receipt.kind {
            ReceiptKind::Open if receipt.predecessor.is_some() => "run opened again".to_owned(),
            ReceiptKind::Open => "run opened".to_owned(),
            ReceiptKind::Close => "run closed".to_owned(),
            ReceiptKind::Heartbeat => "still alive".to_owned(),
            ReceiptKind::Gap => {
                let permits = receipt.permits.as_deref().unwrap_or_default();
                let calls: Vec<String> =
                    permits.iter().take(GAP_CALLS).map(|permit| self.redactor.text(&permit.call).to_string()).collect();
                let more = if permits.len() > GAP_CALLS { ", ..." } else { "" };
                let number = words::count(permits.len() as u128, "call");
                format!("{number} of a writer that died without an outcome: {}{more}", calls.join(", "))
            }
            ReceiptKind::Standing => self.standing(receipt),
            ReceiptKind::Policy => {
                let name = |policy: &Option<PolicyRef>| {
                    policy.as_ref().map_or_else(|| Shown::new("?"), |policy| self.redactor.text(&policy.id))
                };
                let replaced = receipt.replaces.as_ref().map(|_| format!(", in place of {}", name(&receipt.replaces)));
                format!("policy {} came into force{}", name(&receipt.policy), replaced.unwrap_or_default())
            }
            // The decision that they belong to is not in the log.
            kind => format!("{} of a call that was never decided on", kind.as_str()),
        }
    }

    /// The kill switch or a suspension.
    fn standing(&self, receipt: &Receipt) -> String {
        let Some(standing) = &receipt.standing else { return "standing".to_owned() };
        let scope = standing.scope.name.as_ref().map_or_else(
            || standing.scope.level.as_str().to_owned(),
            |name| format!("{} {}", standing.scope.level.as_str(), self.redactor.text(name)),
        );
        let turned = if standing.held { "held: nothing in it is allowed or starts" } else { "free again" };
        let why = standing.why.as_ref().map_or(String::new(), |why| format!(" ({})", self.redactor.text(why)));
        format!("{scope} is {turned}{why}")
    }
}

impl Story {
    fn see(&mut self, receipt: &Receipt) {
        self.actor = Shown::new(&receipt.actor);
        self.from = self.from.min(receipt.iat);
        self.to = self.to.max(receipt.iat);
    }

    fn count(&mut self, decision: &Receipt, ends: &[(Record, Receipt)], call: &Call) {
        self.sums.calls += 1;
        if let Some(place) = Verdict::ALL.iter().position(|verdict| *verdict == call.verdict) {
            self.sums.verdicts[place] += 1;
        }
        let outcome = ends.iter().rev().map(|(_, end)| end).find(|end| end.kind == ReceiptKind::Outcome);
        if !matches!(call.ending, Ending::NotRun | Ending::Released) {
            self.sums.cost.add(&cost(decision, outcome));
        }
        if let Some(principal) = &call.principal
            && !self.principals.contains(principal)
        {
            self.principals.push(principal.clone());
        }
        if let Some(policy) = &decision.policy {
            let policy = Shown::new(&format!("{} {}", policy.id, policy.hash));
            if !self.policies.contains(&policy) {
                self.policies.push(policy);
            }
        }
    }
}

impl Sums {
    /// What was decided, in words.
    pub fn words(&self) -> String {
        let by_verdict = Verdict::ALL.iter().zip(self.verdicts).filter(|(_, number)| *number > 0);
        let parts: Vec<String> = by_verdict.map(|(verdict, number)| format!("{number} {}", verdict.as_str())).collect();
        let calls = words::count(u128::from(self.calls), "call");
        if parts.is_empty() { calls } else { format!("{calls}: {}", parts.join(", ")) }
    }
}

/// What was spent, else what was reserved for it.
fn cost(decision: &Receipt, outcome: Option<&Receipt>) -> Cost {
    let mut cost = Cost::default();
    if let Some(budget) = outcome.and_then(|outcome| outcome.budget.as_ref()).or(decision.budget.as_ref()) {
        add_budget(&mut cost, budget);
    }
    cost
}

fn add_budget(cost: &mut Cost, budget: &ReceiptBudget) {
    cost.tokens += u128::from(budget.tokens.unwrap_or(0));
    if let (Some(micro), Some(currency)) = (budget.amount_micro, &budget.currency) {
        *cost.micro.entry(currency.clone()).or_default() += u128::from(micro);
    }
}

fn would(decision: &Receipt) -> Vec<Would> {
    let observed = decision.observed.map(|verdict| Would {
        who: Shown::new("this policy, if it were enforced,"),
        verdict,
        reasons: Vec::new(),
    });
    let shadow = decision.shadow.as_ref().map(|shadow| Would {
        who: Shown::new(&format!("policy {}, in shadow,", shadow.policy.id)),
        verdict: shadow.verdict,
        reasons: shadow.reasons.iter().map(|code| reason(code)).collect(),
    });
    observed.into_iter().chain(shadow).collect()
}

fn reason(code: &str) -> Reason {
    let says = ErrorCode::parse(code).map_or("This code is not in this version's registry.", |code| code.public());
    Reason { code: Shown::new(code), says }
}

/// What became of a call, from the receipts that refer to its decision.
pub fn ending<'a>(decision: &Receipt, ends: impl Iterator<Item = &'a Receipt>, gap: Option<u64>) -> Ending {
    if !matches!(decision.verdict, Some(Verdict::Allow | Verdict::Transform)) {
        return Ending::NotRun;
    }
    let mut ending = gap.map_or(Ending::Open, Ending::Unknown);
    for end in ends {
        match (end.kind, &end.outcome) {
            (ReceiptKind::Outcome, Some(outcome)) => {
                let ms = end.iat.saturating_sub(decision.iat);
                ending = Ending::Ended { status: outcome.status, ms, late: end.late == Some(true) };
            }
            (ReceiptKind::Release, _) => ending = Ending::Released,
            _ => {}
        }
    }
    ending
}

/// The stored body of a receipt with its size in bytes, if it is kept, and only if it is what the receipt commits to.
pub fn kept_body(receipt: &Receipt, record: &Record) -> Result<Option<(Value, usize)>, Error> {
    let Some(body) = &record.body else { return Ok(None) };
    let Some(bytes) = &body.value else { return Ok(None) };
    let value = json::parse(bytes, Profile::Data)?;
    let (claimed, found) = match receipt.kind {
        ReceiptKind::Outcome => {
            let claimed = receipt.outcome.as_ref().and_then(|outcome| outcome.result_commit);
            (claimed, result_commit(&body.key, &result_digest(&value)))
        }
        _ => (receipt.action.as_ref().map(|action| action.args_commit), args_commit(&body.key, &args_digest(&value))),
    };
    if claimed == Some(found) { Ok(Some((value, bytes.len()))) } else { Err(ErrorCode::ReceiptCommitMismatch.into()) }
}
