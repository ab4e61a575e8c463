//! From the facts of the kernel to a request of Cedar (`docs/spec/cedar.md`, section 2).

use crate::CedarPolicies;
use crate::catalogue::{ActionType, entity};
use crate::hierarchy::Hierarchy;
use crate::read::Read;
use crate::shape;
use cedar_policy::{Context, EntityUid, Request, RestrictedExpression};
use std::sync::Arc;
use talos_contracts::{ActionKind, Effect, ErrorCode};
use talos_kernel::Facts;
use talos_text::nfc;

/// A request with the entities around it, and what the index looks up.
pub(crate) struct Asked<'a> {
    pub action: &'a ActionType,
    pub around: Arc<Hierarchy>,
    pub resource: EntityUid,
    pub request: Request,
}

/// Makes the request. The error says in words what cannot be represented.
pub(crate) fn ask<'a>(policies: &'a CedarPolicies, facts: &Facts<'_>) -> Result<Asked<'a>, String> {
    let (wish, types) = (facts.action, &policies.catalogue.types);
    let action = policies.catalogue.find(wish.kind, wish.target).ok_or("this kind of action has no Cedar action")?;
    let target = nfc(wish.target);
    let resource = entity(types.of_target(wish.kind), &target);
    let pairs = pairs(policies, action, facts, &target)?;
    let context = Context::from_pairs(pairs).map_err(|_| "the context cannot be built")?;
    let around = policies.hierarchies.of(types, action, facts.subject)?;
    let request = Request::new(around.agent.clone(), action.uid.clone(), resource.clone(), context, None)
        .map_err(|_| "the request cannot be built")?;
    Ok(Asked { action, around, resource, request })
}

/// The members of `context`, as [`crate::catalogue`] types them: those that a policy reads, and the arguments, whose types are
/// checked in any case.
fn pairs(
    policies: &CedarPolicies,
    action: &ActionType,
    facts: &Facts<'_>,
    target: &str,
) -> Result<Vec<(String, RestrictedExpression)>, String> {
    let (wish, counters, earlier, subject) = (facts.action, facts.counters, facts.earlier, facts.subject);
    let mut pairs = Pairs { read: &policies.read, list: Vec::new() };
    pairs.text("target", Some(target));
    // An effect that nobody knows cannot be undone.
    pairs.text("effect", Some(earlier.effect.or(wish.effect).unwrap_or(Effect::Irreversible).as_str()));
    pairs.text("run", Some(&subject.run));
    pairs.text("actor", Some(&subject.actor));
    for (name, value) in [
        ("agent", subject.agent.as_deref()),
        ("team", subject.team.as_deref()),
        ("organisation", subject.organisation.as_deref()),
        ("principal", wish.principal),
    ] {
        pairs.text(name, value.map(nfc).as_deref());
    }
    pairs.flag("consent", wish.consent == Some(true));
    pairs.flag("kyc", wish.kyc == Some(true));
    let amount = earlier.amount.as_ref().or(wish.amount);
    pairs.long("amount_micro", amount.map(|amount| amount.micro))?;
    pairs.text("currency", amount.map(|amount| amount.currency.as_str()));
    pairs.long("calls_admitted", Some(counters.admitted))?;
    pairs.long("calls_in_flight", Some(counters.in_flight))?;
    pairs.long("tokens_reserved", Some(counters.tokens))?;
    pairs.long("tokens_requested", Some(wish.tokens.unwrap_or(0)))?;
    pairs.long("spent_micro", Some(counters.spent_micro))?;
    pairs.flag("pattern_hit", earlier.reasons.iter().any(|reason| reason.code == ErrorCode::PolicyBlockedPattern));
    if wish.kind == ActionKind::ToolCall {
        pairs.text("tool", Some(target));
        pairs.flag("tool_hash_ok", action.tool_hash.is_some() && action.tool_hash == wish.tool_hash);
        pairs.text("tool_hash", wish.tool_hash.map(|hash| hash.to_b64()).as_deref());
    }
    if let Some(attributes) = &action.args {
        pairs.list.push(("args".to_owned(), shape::express(attributes, wish.args)?));
    }
    Ok(pairs.list)
}

/// Members of `context` that a policy reads.
struct Pairs<'a> {
    read: &'a Read,
    list: Vec<(String, RestrictedExpression)>,
}

impl Pairs<'_> {
    fn add(&mut self, name: &str, value: impl FnOnce() -> RestrictedExpression) {
        if self.read.has(name) {
            self.list.push((name.to_owned(), value()));
        }
    }

    fn text(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.add(name, || RestrictedExpression::new_string(value.to_owned()));
        }
    }

    fn flag(&mut self, name: &str, value: bool) {
        self.add(name, || RestrictedExpression::new_bool(value));
    }

    fn long(&mut self, name: &str, value: Option<u64>) -> Result<(), String> {
        if let Some(value) = value {
            let value = i64::try_from(value).map_err(|_| "a number is beyond what Cedar counts")?;
            self.add(name, || RestrictedExpression::new_long(value));
        }
        Ok(())
    }
}
