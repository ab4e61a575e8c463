//! Requests for approval as text and as JSON.

use crate::words::time;
use std::collections::BTreeMap;
use talos_shared::approval::{Channel, render};
use talos_shared::contracts::json::{self, Profile, Value};
use talos_shared::contracts::{
    Approval, ApprovalRequest, ApprovalResponse, ApprovalStale, ApprovalState, ApprovalView,
};
use talos_shared::kernel::Case;
use talos_shared::kernel::ports::Damaged;
use talos_shared::{approval_damaged, missing_of, state_of};

/// Characters of an id in lists: enough to name it.
const SHORT: usize = 10;

/// A request, as lists have it.
pub struct Item {
    pub id: String,
    pub state: ApprovalState,
    pub stale: Option<ApprovalStale>,
    heading: String,
    amount: Option<String>,
    contract: Approval,
}

impl Item {
    pub fn new(case: &Case, stale: Option<ApprovalStale>) -> Self {
        let asked = case.request.request();
        let state = state_of(case);
        Item {
            id: case.request.id().to_b64(),
            state,
            stale,
            heading: render::heading(asked.kind, &asked.target, Some(asked.effect)),
            amount: asked.amount.as_ref().map(render::amount),
            contract: Approval {
                id: *case.request.id(),
                state,
                stale,
                run: asked.run.clone(),
                actor: asked.actor.clone(),
                principal: asked.principal.clone(),
                kind: asked.kind,
                target: asked.target.clone(),
                effect: asked.effect,
                amount: asked.amount.clone(),
                rules: asked.rules.iter().map(|rule| rule.id.clone()).collect(),
                missing: missing_of(&case.state),
                iat: asked.iat,
                expires: asked.expires,
            },
        }
    }

    /// The rules that ask, in one line.
    pub fn rules(&self) -> String {
        self.contract.rules.iter().map(|rule| render::sentence(rule)).collect::<Vec<_>>().join(", ")
    }

    /// Whether people have to answer, and something waits for them.
    pub fn is_pending(&self) -> bool {
        self.state == ApprovalState::Pending && self.stale.is_none()
    }

    /// Kind, target and effect.
    pub fn heading(&self) -> &str {
        &self.heading
    }

    /// The contract as a value.
    pub fn value(&self) -> Value {
        read(&self.contract.canonical())
    }

    /// One line: id, state, money, who is missing, from when to when it can be answered.
    pub fn line(&self) -> String {
        let mut line = format!("{}  {}", &self.id[..SHORT], self.state.as_str());
        if let Some(amount) = &self.amount {
            line.push_str(&format!("  {amount}"));
        }
        let missing = self.contract.missing.iter().map(|m| format!("{} of {}", m.people, m.approvers.join(", ")));
        let missing: Vec<String> = missing.collect();
        if !missing.is_empty() {
            line.push_str(&format!("  needs {}", missing.join("; ")));
        }
        if let Some(stale) = self.stale {
            line.push_str(&format!("  {}", nothing_waits(stale)));
        }
        line.push_str(&format!("  asked {}, ends {}", time(self.contract.iat), time(self.contract.expires)));
        line
    }
}

/// The batch view: what asks for the same stands together; and whether there is more than that.
pub fn list(items: &[Item], more: bool) -> String {
    if items.is_empty() {
        return "nothing waits for approval".to_owned();
    }
    let mut groups: BTreeMap<(String, &str), Vec<&Item>> = BTreeMap::new();
    for item in items {
        groups.entry((item.rules(), &item.heading)).or_default().push(item);
    }
    let mut out = String::new();
    for ((rules, heading), items) in groups {
        out.push_str(&format!("{heading}, rule {rules}: {}\n", items.len()));
        for item in items {
            out.push_str(&format!("  {}\n", item.line()));
        }
    }
    if more {
        out.push_str(&format!("[there are older ones: these are the newest {}]\n", items.len()));
    }
    out
}

/// What is stored as a request and is none, a line each.
pub fn damaged(damaged: &[Damaged]) -> String {
    let line = |one: &Damaged| {
        let id = one.id.map_or_else(|| "without an id".to_owned(), |id| id.to_b64());
        format!("damaged  {id}  {}: {}\n", one.error.code.as_str(), render::sentence(&one.error.detail))
    };
    damaged.iter().map(line).collect()
}

pub fn damaged_values(damaged: &[Damaged]) -> Vec<Value> {
    damaged.iter().map(|one| read(&approval_damaged(one).canonical())).collect()
}

pub fn answered(items: &[Item]) -> String {
    items.iter().map(|item| item.line() + "\n").collect()
}

/// A contract as a value. What a canonical writer wrote is read back.
fn read(bytes: &[u8]) -> Value {
    json::parse(bytes, Profile::Data).unwrap_or_else(|_| Value::object::<&str>([]))
}

pub fn values(items: &[Item]) -> Vec<Value> {
    items.iter().map(Item::value).collect()
}

/// That a grant would let nothing run, and why.
fn nothing_waits(stale: ApprovalStale) -> &'static str {
    match stale {
        ApprovalStale::RunEnded => "nothing runs under it: its run has ended",
        ApprovalStale::RulesChanged => "nothing runs under it: the rules have changed",
    }
}

/// A request with what would run.
pub struct Page {
    pub item: Item,
    /// Absent where the arguments were erased.
    pub view: Option<ApprovalView>,
    /// All of what would run, where the page is in full.
    pub lines: Option<Vec<String>>,
}

impl Page {
    /// Whether it does not hold everything.
    pub fn is_clipped(&self) -> bool {
        self.lines.is_none() && self.view.as_ref().is_some_and(|view| view.clipped)
    }

    /// Everything, for a terminal.
    pub fn text(&self, case: &Case) -> String {
        let asked = case.request.request();
        let mut out = format!("approval {} ({})\n", case.request.id(), self.item.state.as_str());
        out.extend(self.item.stale.map(|stale| nothing_waits(stale).to_owned() + "\n"));
        out.push_str(&bound_to(asked));
        for answer in &case.answers {
            let (grant, how) = (answer.grant(), if answer.channel() == Channel::Code { "by code" } else { "by key" });
            let said = if grant.response == ApprovalResponse::Grant { "granted" } else { "denied" };
            let note = grant.note.as_ref().map(|note| format!(": {}", render::sentence(note))).unwrap_or_default();
            out.push_str(&format!("{} has {said} {how}{note}\n", grant.name));
        }
        out.push('\n');
        match self.lines.as_ref().or(self.view.as_ref().map(|view| &view.lines)) {
            Some(lines) => out.extend(lines.iter().map(|line| format!("{line}\n"))),
            None => out.push_str(&format!("the arguments were erased; their digest is {}\n", asked.args_digest)),
        }
        out
    }

    pub fn value(&self, case: &Case) -> Value {
        let answers: Vec<Value> = case.answers.iter().map(|answer| read(&answer.grant().canonical())).collect();
        let mut members = vec![
            ("approval", self.item.value()),
            ("request", read(&case.request.request().canonical())),
            ("answers", Value::from(answers)),
        ];
        members.extend(case.args.iter().map(|args| ("args", args.clone())));
        members.extend(self.view.iter().map(|view| ("view", read(&view.canonical()))));
        Value::object(members)
    }
}

/// When it was asked, and what a grant of it is bound to beside what would run.
fn bound_to(asked: &ApprovalRequest) -> String {
    let mut out = format!("asked {}, ends {}\n", time(asked.iat), time(asked.expires));
    out.push_str(&format!("run {}, agent {}\n", asked.run, asked.actor));
    if let Some(principal) = &asked.principal {
        out.push_str(&format!("on behalf of {}\n", render::sentence(principal)));
    }
    out.push_str(&format!("policy {} {}\n", render::sentence(&asked.policy.id), asked.policy.hash));
    if let Some(hash) = &asked.tool_hash {
        out.push_str(&format!("tool {hash}\n"));
    }
    for rule in &asked.rules {
        let people: Vec<&str> = rule.approvers.iter().map(|person| person.name.as_str()).collect();
        out.push_str(&format!("rule {} needs {} of {}\n", render::sentence(&rule.id), rule.quorum, people.join(", ")));
    }
    out
}
