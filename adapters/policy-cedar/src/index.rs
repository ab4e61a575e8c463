//! Policies by the heads of their scopes, so that a decision evaluates those that can match and no others
//! (`docs/spec/cedar.md`, section 5).

use crate::catalogue::Catalogue;
use crate::request::Asked;
use cedar_policy::{ActionConstraint, EntityUid, Policy, PolicySet, PrincipalConstraint, ResourceConstraint};
use std::collections::HashMap;
use talos_contracts::ActionKind;

/// What does not depend on a part of the scope, and what names one entity in it.
#[derive(Debug)]
struct Fork<T> {
    any: T,
    named: HashMap<EntityUid, T>,
}

impl<T: Default> Default for Fork<T> {
    fn default() -> Self {
        Fork { any: T::default(), named: HashMap::new() }
    }
}

impl<T: Default> Fork<T> {
    fn slot(&mut self, name: Option<&EntityUid>) -> &mut T {
        match name {
            None => &mut self.any,
            Some(name) => self.named.entry(name.clone()).or_default(),
        }
    }

    /// What can match one of these entities.
    fn find<'a>(&'a self, names: impl IntoIterator<Item = &'a EntityUid>) -> impl Iterator<Item = &'a T> {
        let named =
            names.into_iter().filter_map(|name| if self.named.is_empty() { None } else { self.named.get(name) });
        std::iter::once(&self.any).chain(named)
    }
}

/// Action, then principal, then resource.
#[derive(Debug, Default)]
pub(crate) struct Index(Fork<Fork<Fork<PolicySet>>>);

impl Index {
    /// Adds a policy under an id that no other has. The answer is whether it could be.
    pub(crate) fn add(&mut self, policy: &Policy) -> bool {
        let principal = match policy.principal_constraint() {
            PrincipalConstraint::Any | PrincipalConstraint::Is(_) => None,
            PrincipalConstraint::In(uid) | PrincipalConstraint::Eq(uid) | PrincipalConstraint::IsIn(_, uid) => {
                Some(uid)
            }
        };
        let resource = match policy.resource_constraint() {
            ResourceConstraint::Any | ResourceConstraint::Is(_) => None,
            ResourceConstraint::In(uid) | ResourceConstraint::Eq(uid) | ResourceConstraint::IsIn(_, uid) => Some(uid),
        };
        let actions = match policy.action_constraint() {
            ActionConstraint::Any => vec![None],
            ActionConstraint::Eq(uid) => vec![Some(uid)],
            ActionConstraint::In(uids) => {
                let mut uids: Vec<_> = uids.into_iter().map(Some).collect();
                uids.sort();
                uids.dedup();
                uids
            }
        };
        actions.iter().all(|action| {
            let set = self.0.slot(action.as_ref()).slot(principal.as_ref()).slot(resource.as_ref());
            set.add(policy.clone()).is_ok()
        })
    }

    /// The sets that together hold every policy whose scope can match.
    pub(crate) fn find<'a>(
        &'a self,
        catalogue: &'a Catalogue,
        asked: &'a Asked<'_>,
    ) -> impl Iterator<Item = &'a PolicySet> {
        let group = (asked.action.kind == ActionKind::ToolCall).then_some(&catalogue.types.tool_calls);
        let actions = self.0.find(std::iter::once(&asked.action.uid).chain(group));
        actions
            .flat_map(|principals| principals.find(std::iter::once(&asked.around.agent).chain(&asked.around.groups)))
            .flat_map(|resources| resources.find(std::iter::once(&asked.resource)))
            .filter(|set| !set.is_empty())
    }
}
