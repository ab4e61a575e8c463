//! From the facts of the kernel to a request of Cedar (`docs/spec/cedar.md`, section 2).

use crate::catalogue::{ActionType, Catalogue, entity};
use crate::shape;
use cedar_policy::{Context, Entities, Entity, EntityUid, Request, RestrictedExpression};
use std::collections::HashSet;
use talos_contracts::{ActionKind, Effect, ErrorCode};
use talos_kernel::Facts;
use talos_text::nfc;

/// A request with the entities around it, and what the index looks up.
pub(crate) struct Asked<'a> {
    pub action: &'a ActionType,
    /// The agent and what it belongs to.
    pub principals: Vec<EntityUid>,
    pub resource: EntityUid,
    pub request: Request,
    pub entities: Entities,
}

/// Makes the request. The error says in words what cannot be represented.
pub(crate) fn ask<'a>(catalogue: &'a Catalogue, facts: &Facts<'_>) -> Result<Asked<'a>, String> {
    let (wish, types) = (facts.action, &catalogue.types);
    let action = catalogue.find(wish.kind, wish.target).ok_or("this kind of action has no Cedar action")?;
    let target = nfc(wish.target);
    let resource = entity(types.of_target(wish.kind), &target);
    let context = Context::from_pairs(pairs(action, facts, &target)?).map_err(|_| "the context cannot be built")?;

    let subject = facts.subject;
    let agent = entity(&types.agent, subject.agent.as_deref().unwrap_or(&subject.actor));
    let team = subject.team.as_ref().map(|team| entity(&types.team, team));
    let organisation = subject.organisation.as_ref().map(|organisation| entity(&types.organisation, organisation));
    let group = (wish.kind == ActionKind::ToolCall).then_some(&types.tool_calls);
    let entities = entities(action, group, &agent, team.as_ref(), organisation.as_ref())?;
    let request = Request::new(agent.clone(), action.uid.clone(), resource.clone(), context, None)
        .map_err(|_| "the request cannot be built")?;
    let principals = [Some(agent), team, organisation].into_iter().flatten().collect();
    Ok(Asked { action, principals, resource, request, entities })
}

/// The hierarchy that this request is in: nothing else of it can matter to a policy.
fn entities(
    action: &ActionType,
    group: Option<&EntityUid>,
    agent: &EntityUid,
    team: Option<&EntityUid>,
    organisation: Option<&EntityUid>,
) -> Result<Entities, String> {
    let within = |uid: &EntityUid, parents: &[Option<&EntityUid>]| {
        let parents: HashSet<EntityUid> = parents.iter().copied().flatten().cloned().collect();
        Entity::new_no_attrs(uid.clone(), parents)
    };
    let mut known = vec![within(&action.uid, &[group])];
    if team.is_some() || organisation.is_some() {
        known.push(within(agent, &[team, organisation]));
        known.extend(team.map(|team| within(team, &[organisation])));
    }
    Entities::from_entities(known, None).map_err(|_| "agent, team and organisation cannot be told apart".to_owned())
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
    ];
    pairs.extend(wish.principal.map(|principal| ("principal".to_owned(), text(principal))));
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
