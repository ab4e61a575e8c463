//! Whom a rule is for (`docs/spec/policy.md`, section 10).

use crate::facts::PolicyFacts;
use std::collections::HashSet;
use talos_contracts::PolicyOnlyFor;
use talos_text::nfc;

/// How a DID begins; everything else in `agents` is a name.
pub(crate) const DID: &str = "did:";

/// An `only_for`, ready to be asked. Two are equal if they mean the same.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Audience {
    organisations: Option<HashSet<String>>,
    teams: Option<HashSet<String>>,
    agents: Option<HashSet<String>>,
    principals: Option<HashSet<String>>,
    runs: Option<HashSet<String>>,
}

/// Whether an audience has the subject of an action in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Membership {
    /// A member names somebody else.
    No,
    /// No member names somebody else, and one names what is not known of the subject. That grants nothing, and restricts.
    Unknown,
    /// Every member names the subject's.
    Yes,
}

impl From<&PolicyOnlyFor> for Audience {
    fn from(only_for: &PolicyOnlyFor) -> Self {
        let set = |names: &Option<Vec<String>>| {
            names.as_ref().map(|names| names.iter().map(|name| nfc(name).into_owned()).collect())
        };
        Audience {
            organisations: set(&only_for.organisations),
            teams: set(&only_for.teams),
            agents: set(&only_for.agents),
            principals: set(&only_for.principals),
            runs: set(&only_for.runs),
        }
    }
}

impl Audience {
    /// The members that are there, with what each names.
    pub fn members(&self) -> impl Iterator<Item = (&'static str, &HashSet<String>)> {
        let members = [
            ("organisation", &self.organisations),
            ("team", &self.teams),
            ("agent", &self.agents),
            ("principal", &self.principals),
            ("run", &self.runs),
        ];
        members.into_iter().filter_map(|(what, names)| Some((what, names.as_ref()?)))
    }

    /// Whether the action is by somebody whom the rule is for.
    pub fn membership(&self, facts: &PolicyFacts<'_>) -> Membership {
        let subject = facts.subject;
        let members = [
            (&self.organisations, subject.organisation.as_deref()),
            (&self.teams, subject.team.as_deref()),
            (&self.principals, facts.principal),
            (&self.runs, known(&subject.run)),
        ];
        let named = members.into_iter().map(|(names, name)| names.as_ref().map_or(Membership::Yes, |n| has(n, name)));
        let agents = self
            .agents
            .as_ref()
            .map_or(Membership::Yes, |agents| by_name_or_did(agents, subject.agent.as_deref(), known(&subject.actor)));
        named.chain([agents]).min().unwrap_or(Membership::Yes)
    }
}

fn known(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn has(names: &HashSet<String>, name: Option<&str>) -> Membership {
    match name {
        Some(name) if names.contains(nfc(name).as_ref()) => Membership::Yes,
        Some(_) => Membership::No,
        None => Membership::Unknown,
    }
}

/// A name never stands for a DID nor a DID for a name, so each is only looked for among its like.
fn by_name_or_did(agents: &HashSet<String>, name: Option<&str>, did: Option<&str>) -> Membership {
    let is_in = |text: Option<&str>, is_did: bool| {
        text.is_some_and(|text| text.starts_with(DID) == is_did && agents.contains(nfc(text).as_ref()))
    };
    if is_in(name, false) || is_in(did, true) {
        return Membership::Yes;
    }
    let lists = |is_did: bool| agents.iter().any(|agent| agent.starts_with(DID) == is_did);
    let is_open = (name.is_none() && lists(false)) || (did.is_none() && lists(true));
    if is_open { Membership::Unknown } else { Membership::No }
}

/// Whether a restriction holds for an action: it does where it is not known whose the action is.
pub(crate) fn restricts(audience: Option<&Audience>, facts: &PolicyFacts<'_>) -> bool {
    audience.is_none_or(|audience| audience.membership(facts) != Membership::No)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Subject;
    use talos_contracts::ActionKind;
    use talos_contracts::json::Value;

    const DID_A: &str = "did:key:z6MkA";

    fn membership(only_for: PolicyOnlyFor, subject: &Subject, principal: Option<&str>) -> Membership {
        let args = Value::object::<&str>([]);
        let facts = PolicyFacts { subject, principal, ..PolicyFacts::new(ActionKind::ToolCall, "t", &args) };
        Audience::from(&only_for).membership(&facts)
    }

    fn teams(names: &[&str]) -> PolicyOnlyFor {
        PolicyOnlyFor { teams: Some(names.iter().map(|&name| name.to_owned()).collect()), ..PolicyOnlyFor::default() }
    }

    fn of_team(team: &str) -> Subject {
        Subject { team: Some(team.to_owned()), ..Subject::default() }
    }

    #[test]
    fn names_are_compared_in_nfc_and_with_case() {
        assert_eq!(membership(teams(&["café"]), &of_team("cafe\u{301}"), None), Membership::Yes);
        assert_eq!(membership(teams(&["café"]), &of_team("Café"), None), Membership::No);
        assert_eq!(membership(teams(&["café"]), &Subject::default(), None), Membership::Unknown);
    }

    #[test]
    fn one_member_that_names_somebody_else_settles_it() {
        let mut only_for = teams(&["a"]);
        only_for.principals = Some(vec!["ann".to_owned()]);
        assert_eq!(membership(only_for.clone(), &of_team("b"), None), Membership::No);
        assert_eq!(membership(only_for.clone(), &of_team("a"), None), Membership::Unknown);
        assert_eq!(membership(only_for.clone(), &of_team("a"), Some("bob")), Membership::No);
        assert_eq!(membership(only_for, &of_team("a"), Some("ann")), Membership::Yes);
    }

    #[test]
    fn an_agent_is_known_by_its_name_or_by_its_did() {
        let agents = |names: &[&str]| PolicyOnlyFor {
            agents: Some(names.iter().map(|&name| name.to_owned()).collect()),
            ..PolicyOnlyFor::default()
        };
        let agent = |name: Option<&str>, did: &str| Subject {
            agent: name.map(str::to_owned),
            actor: did.to_owned(),
            ..Subject::default()
        };
        let ask = |names: &[&str], name, did| membership(agents(names), &agent(name, did), None);
        assert_eq!(ask(&["bot"], Some("bot"), DID_A), Membership::Yes);
        assert_eq!(ask(&[DID_A], Some("bot"), DID_A), Membership::Yes);
        assert_eq!(ask(&["other"], Some("bot"), DID_A), Membership::No);
        assert_eq!(ask(&["other"], None, DID_A), Membership::Unknown);
        assert_eq!(ask(&["did:key:z6MkB"], None, DID_A), Membership::No);
        assert_eq!(ask(&[DID_A], Some("bot"), ""), Membership::Unknown);
        assert_eq!(ask(&[DID_A], Some(DID_A), ""), Membership::Unknown);
    }
}
