//! What the tests of the policy share.

#![allow(dead_code, clippy::unwrap_used)]

use talos_contracts::json::{Profile, Value, parse};
use talos_contracts::{Action, Error, ErrorCode};
use talos_policy::{CompiledPolicy, Format, PolicyFacts, RealPaths, RunState, Subject};

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

/// The symbolic links of a case: where each is, and where it leads if it leads anywhere.
#[derive(Debug)]
pub struct Links(Vec<(String, Option<String>)>);

pub fn links(state: Option<&Value>) -> Option<Links> {
    let text = |link: &Value, name: &str| link.get(name).and_then(Value::as_str).map(str::to_owned);
    let list = state?.get("real_paths")?.as_array()?;
    Some(Links(list.iter().map(|link| (text(link, "path").unwrap(), text(link, "real"))).collect()))
}

impl RealPaths for Links {
    fn real_path(&self, path: &str) -> Result<String, Error> {
        self.follow(path, 0).ok_or_else(|| Error::new(ErrorCode::PolicyPathUnresolved, "nowhere"))
    }
}

impl Links {
    /// Follows the first link on the way, then what that leads to.
    fn follow(&self, path: &str, depth: usize) -> Option<String> {
        let mut real = String::new();
        let mut rest = path.strip_prefix('/')?;
        while !rest.is_empty() {
            let (part, after) = rest.split_once('/').unwrap_or((rest, ""));
            rest = after;
            match part {
                "" | "." => {}
                ".." => real.truncate(real.rfind('/').unwrap_or(0)),
                part => real = format!("{real}/{part}"),
            }
            if let Some((_, target)) = self.0.iter().find(|(link, _)| *link == real) {
                let target = target.as_ref().filter(|_| depth < 40)?;
                return self.follow(&format!("{target}/{rest}"), depth + 1);
            }
        }
        Some(if real.is_empty() { "/".to_owned() } else { real })
    }
}

pub fn yaml(text: &str) -> CompiledPolicy {
    CompiledPolicy::load(text.as_bytes(), Format::Yaml, "policy.yaml").unwrap()
}
