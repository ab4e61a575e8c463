//! Which actions a rate or an approval is for (`docs/spec/policy.md`, section 12).

use crate::compile::{Checker, Tool};
use crate::facts::PolicyFacts;
use crate::names::{ANY, Names};
use crate::source::quote;
use crate::subject::{Audience, restricts};
use std::collections::HashSet;
use talos_contracts::{ActionKind, Effect, PolicyOnlyFor, nearest};
use talos_text::nfc;

/// What has to be true of an action; everything where a member is absent.
#[derive(Debug)]
pub(crate) struct Selector {
    tools: Option<HashSet<String>>,
    effects: Option<Vec<Effect>>,
    audience: Option<Audience>,
}

impl Selector {
    /// Whether the action is meant. Whose it is counts as meant where it is not known.
    pub fn selects(&self, facts: &PolicyFacts<'_>, effect: Effect) -> bool {
        let is_tool =
            |tools: &HashSet<String>| facts.kind == ActionKind::ToolCall && tools.contains(nfc(facts.target).as_ref());
        self.tools.as_ref().is_none_or(is_tool)
            && self.effects.as_ref().is_none_or(|effects| effects.contains(&effect))
            && restricts(self.audience.as_ref(), facts)
    }
}

/// What a policy file says about the actions that a rule is for.
pub(crate) struct Stated<'a> {
    pub tools: Option<&'a [String]>,
    pub effects: Option<&'a [Effect]>,
    pub only_for: Option<&'a PolicyOnlyFor>,
}

impl Checker<'_> {
    /// What a rule is for has to be something that can happen.
    pub(crate) fn selector(&mut self, stated: &Stated<'_>, tools: &Names<Tool>, pointer: &str) -> Selector {
        let mut seen = HashSet::new();
        for (index, name) in stated.tools.unwrap_or_default().iter().enumerate() {
            let place = format!("{pointer}/tools/{index}");
            let detail = format!("tool {}", quote(name));
            let name = nfc(name);
            if name == ANY {
                self.refuse(&place, "\"*\" is no tool: leave tools out, and all are meant");
            } else if !seen.insert(name.clone()) {
                self.refuse(&place, format!("{detail} is in the list already"));
            } else if !tools.has_any() && tools.of(&name).is_empty() && !self.is_cut("/allowed_tools") {
                let known = || nearest(&name, &tools.names().collect::<Vec<_>>());
                self.suggest(&place, format!("{detail} is not in allowed_tools"), known);
            }
        }
        let effects = stated.effects.unwrap_or_default();
        for (index, effect) in effects.iter().enumerate().filter(|(index, effect)| effects[..*index].contains(effect)) {
            let detail = format!("effect {} is in the list already", effect.as_str());
            self.refuse(&format!("{pointer}/effects/{index}"), detail);
        }
        self.check_only_for(stated.only_for, pointer);
        Selector {
            tools: stated.tools.map(|tools| tools.iter().map(|tool| nfc(tool).into_owned()).collect()),
            effects: stated.effects.map(<[Effect]>::to_vec),
            audience: stated.only_for.map(Audience::from),
        }
    }
}
