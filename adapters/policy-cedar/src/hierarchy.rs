//! Who is in what: the entities of a request (`docs/spec/cedar.md`, section 2).

use crate::catalogue::{ActionType, Types, entity};
use cedar_policy::{Entities, Entity, EntityUid};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use talos_contracts::ActionKind;
use talos_policy::Subject;
use talos_text::nfc;

/// Hierarchies that are kept. Beyond, all are made anew.
const KEPT_MAX: usize = 1024;

/// An agent, what it belongs to, and the action: nothing else of the hierarchy can matter to a policy.
#[derive(Debug)]
pub(crate) struct Hierarchy {
    pub agent: EntityUid,
    /// The agent's team and organisation, as far as it has them.
    pub groups: Vec<EntityUid>,
    pub entities: Entities,
}

/// Action, agent, team and organisation.
type Key = (EntityUid, String, Option<String>, Option<String>);

/// The hierarchies of the last requests: to make one takes Cedar longer than to decide.
#[derive(Debug, Default)]
pub(crate) struct Hierarchies(Mutex<HashMap<Key, Arc<Hierarchy>>>);

impl Hierarchies {
    /// The hierarchy of an action by somebody. The error says in words what cannot be represented.
    pub(crate) fn of(&self, types: &Types, action: &ActionType, subject: &Subject) -> Result<Arc<Hierarchy>, String> {
        let agent = subject.agent.as_ref().unwrap_or(&subject.actor).clone();
        let key = (action.uid.clone(), agent, subject.team.clone(), subject.organisation.clone());
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.get(&key) {
            return Ok(Arc::clone(known));
        }
        let made = Arc::new(Hierarchy::new(types, action, &key)?);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(key, Arc::clone(&made));
        Ok(made)
    }
}

impl Hierarchy {
    fn new(types: &Types, action: &ActionType, (_, agent, team, organisation): &Key) -> Result<Hierarchy, String> {
        let agent = entity(&types.agent, &nfc(agent));
        let organisation = organisation.as_ref().map(|name| entity(&types.organisation, &nfc(name)));
        let team = team.as_ref().map(|name| entity(&types.team, &nfc(name)));
        let group = (action.kind == ActionKind::ToolCall).then(|| types.tool_calls.clone());
        let within = |uid: &EntityUid, parents: &[&Option<EntityUid>]| {
            let parents: HashSet<EntityUid> = parents.iter().copied().flatten().cloned().collect();
            Entity::new_no_attrs(uid.clone(), parents)
        };
        let mut known = vec![within(&action.uid, &[&group])];
        if team.is_some() || organisation.is_some() {
            known.push(within(&agent, &[&team, &organisation]));
            known.extend(team.as_ref().map(|team| within(team, &[&organisation])));
        }
        let entities = Entities::from_entities(known, None)
            .map_err(|_| "agent, team and organisation cannot be told apart".to_owned())?;
        Ok(Hierarchy { agent, groups: [team, organisation].into_iter().flatten().collect(), entities })
    }
}
