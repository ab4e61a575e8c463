//! From the facts of the kernel to a request of Cedar (`docs/spec/cedar.md`, section 2).

use crate::CedarPolicies;
use crate::catalogue::{ActionType, entity};
use crate::hierarchy::Hierarchy;
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
    let context = Context::from_pairs(pairs(action, facts, &target)?).map_err(|_| "the context cannot be built")?;
    let around = policies.hierarchies.of(types, action, facts.subject)?;
    let request = Request::new(around.agent.clone(), action.uid.clone(), resource.clone(), context, None)
        .map_err(|_| "the request cannot be built")?;
    Ok(Asked { action, around, resource, request })
}

/// The members of `context`, as [`crate::catalogue`] types them.
fn pairs(action: &ActionType, facts: &Facts<'_>, target: &str) -> Result<Vec<(String, RestrictedExpression)>, String> {
    let (wish, counters, earlier) = (facts.action, facts.counters, facts.earlier);
    let text = |value: &str| RestrictedExpression::new_string(value.to_owned());
    let long = |value: u64| {
        i64::try_from(value)
            .map(RestrictedExpression::new_long)
            .map_err(|_| "a number is beyond what Cedar counts".to_owned())
    };
    // An effect that nobody knows cannot be undone.
    let effect = earlier.effect.or(wish.effect).unwrap_or(Effect::Irreversible);
    let hit = earlier.reasons.iter().any(|reason| reason.code == ErrorCode::PolicyBlockedPattern);
    let mut pairs = vec![
        ("target".to_owned(), text(target)),
        ("effect".to_owned(), text(effect.as_str())),
        ("run".to_owned(), text(&facts.subject.run)),
        ("actor".to_owned(), text(&facts.subject.actor)),
        ("calls_admitted".to_owned(), long(counters.admitted)?),
        ("calls_in_flight".to_owned(), long(counters.in_flight)?),
        ("tokens_reserved".to_owned(), long(counters.tokens)?),
        ("tokens_requested".to_owned(), long(wish.tokens.unwrap_or(0))?),
        ("spent_micro".to_owned(), long(counters.spent_micro)?),
        ("pattern_hit".to_owned(), RestrictedExpression::new_bool(hit)),
        ("consent".to_owned(), RestrictedExpression::new_bool(wish.consent == Some(true))),
        ("kyc".to_owned(), RestrictedExpression::new_bool(wish.kyc == Some(true))),
    ];
    let subject = facts.subject;
    for (name, value) in [
        ("agent", subject.agent.as_deref()),
        ("team", subject.team.as_deref()),
        ("organisation", subject.organisation.as_deref()),
        ("principal", wish.principal),
    ] {
        pairs.extend(value.map(|value| (name.to_owned(), text(&nfc(value)))));
    }
    if let Some(amount) = earlier.amount.as_ref().or(wish.amount) {
        pairs.push(("amount_micro".to_owned(), long(amount.micro)?));
        pairs.push(("currency".to_owned(), text(&amount.currency)));
    }
    if wish.kind == ActionKind::ToolCall {
        let reviewed = action.tool_hash.is_some() && action.tool_hash == wish.tool_hash;
        pairs.push(("tool".to_owned(), text(target)));
        pairs.push(("tool_hash_ok".to_owned(), RestrictedExpression::new_bool(reviewed)));
        pairs.extend(wish.tool_hash.map(|hash| ("tool_hash".to_owned(), text(&hash.to_b64()))));
    }
    if let Some(attributes) = &action.args {
        pairs.push(("args".to_owned(), shape::express(attributes, wish.args)?));
    }
    Ok(pairs)
}
