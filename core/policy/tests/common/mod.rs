//! What the tests of the policy share.

#![allow(dead_code, clippy::unwrap_used)]

use talos_contracts::Action;
use talos_contracts::json::{Profile, Value, parse};
use talos_policy::{CompiledPolicy, Format, PolicyFacts, RunState, Subject};

/// A vector file of this area.
pub fn file(name: &str) -> Value {
    let path = format!("{}/../../vectors/policy/{name}", env!("CARGO_MANIFEST_DIR"));
    parse(&std::fs::read(path).unwrap(), Profile::Data).unwrap()
}

/// An action with what a decision borrows from it.
pub struct OwnedFacts {
    pub action: Action,
    pub args: Value,
    pub subject: Subject,
}

pub fn action_facts(action: &Value) -> OwnedFacts {
    let action = Action::read(action).unwrap();
    let args = action.args.clone().unwrap_or_else(|| Value::object::<String>([]));
    OwnedFacts { action, args, subject: Subject::default() }
}

/// Whose the action is; what is absent is not known.
pub fn subject(subject: Option<&Value>) -> Subject {
    let name = |name: &str| Some(subject?.get(name)?.as_str()?.to_owned());
    Subject {
        organisation: name("organisation"),
        team: name("team"),
        agent: name("agent"),
        actor: name("actor").unwrap_or_default(),
        run: name("run").unwrap_or_default(),
    }
}

impl OwnedFacts {
    pub fn facts(&self, state: RunState) -> PolicyFacts<'_> {
        let action = &self.action;
        PolicyFacts {
            effect: action.effect,
            tool_hash: action.tool_hash,
            principal: action.principal.as_deref(),
            consent: action.consent,
            kyc: action.kyc,
            tokens: action.tokens,
            amount: action.amount.as_ref(),
            subject: &self.subject,
            state,
            ..PolicyFacts::new(action.kind, &action.target, &self.args)
        }
    }
}

pub fn run_state(state: Option<&Value>) -> RunState {
    let counter = |name: &str| state.and_then(|state| state.get(name)?.as_i64()).unwrap_or(0).unsigned_abs();
    RunState {
        admitted: counter("tool_calls_admitted"),
        in_flight: counter("tool_calls_in_flight"),
        tokens_reserved: counter("tokens_reserved"),
        spent_micro: counter("spent_micro"),
    }
}

pub fn yaml(text: &str) -> CompiledPolicy {
    CompiledPolicy::load(text.as_bytes(), Format::Yaml, "policy.yaml").unwrap()
}
