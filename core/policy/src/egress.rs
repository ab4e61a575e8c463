//! Egress: where URLs in the arguments may lead, wherever in them they stand (`docs/spec/policy.md`, section 9).

use crate::facts::{PolicyFacts, reason};
use crate::mistakes::Mistakes;
use crate::origins::{Origins, Stated, default_port};
use crate::pointer::{Place, Step};
use crate::urls;
use talos_contracts::json::{Kind, RFC8785_DEPTH, Value};
use talos_contracts::{ActionKind, DecisionReason, ErrorCode, PolicyEgress};

/// The rule, as reasons name it.
const RULE: &str = "egress";
/// Stands in a pointer for a member name that has a URL.
const HIDDEN_NAME: &str = "(a URL)";

/// Where URLs may lead.
#[derive(Debug)]
pub(crate) struct Egress {
    origins: Origins,
}

/// What was found wrong, and the first place of each.
#[derive(Default)]
struct Faults(Vec<(&'static str, String)>);

impl Faults {
    fn add(&mut self, found: Result<(), &'static str>, place: impl FnOnce() -> String) {
        if let Err(why) = found
            && self.0.iter().all(|(known, _)| *known != why)
        {
            self.0.push((why, place()));
        }
    }
}

impl Egress {
    pub fn compile(egress: &PolicyEgress, mistakes: &mut Mistakes) -> Egress {
        let stated = Stated {
            hosts: &egress.hosts,
            schemes: egress.schemes.as_deref(),
            ports: egress.ports.as_deref(),
            allow_private: egress.allow_private,
        };
        Egress { origins: Origins::compile(&stated, mistakes) }
    }

    /// Checks every URL in the arguments, and the target where it is one of the web.
    pub fn check(&self, facts: &PolicyFacts<'_>, reasons: &mut Vec<DecisionReason>) {
        let mut faults = Faults::default();
        if is_web(facts.kind, facts.target) {
            faults.add(urls::check(facts.target, &self.origins), || "the target".to_owned());
        }
        let root = Place { parent: None, step: Step::Root };
        if self.search(facts.args, &root, 0, &mut faults).is_err() {
            let message = "the arguments are nested too deep to be searched";
            reasons.push(reason(ErrorCode::MalformedDepth, RULE, message));
        }
        for (why, place) in faults.0 {
            let message = format!("a URL in {place} is denied: {why}");
            reasons.push(reason(ErrorCode::PolicyEgressDenied, RULE, message));
        }
    }

    fn search(&self, value: &Value, place: &Place<'_>, depth: usize, faults: &mut Faults) -> Result<(), ()> {
        if depth > RFC8785_DEPTH {
            return Err(());
        }
        match &value.kind {
            Kind::String(text) => {
                faults.add(urls::check(text, &self.origins), || format!("the string at {}", place.pointer()));
            }
            Kind::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    let inner = Place { parent: Some(place), step: Step::Item(index) };
                    self.search(item, &inner, depth + 1, faults)?;
                }
            }
            Kind::Object(members) => {
                for member in members {
                    let found = urls::check(&member.name, &self.origins);
                    let name = if found.is_ok() { member.name.as_str() } else { HIDDEN_NAME };
                    faults.add(found, || format!("a member name in the object at {}", place.pointer()));
                    let inner = Place { parent: Some(place), step: Step::Member(name) };
                    self.search(&member.value, &inner, depth + 1, faults)?;
                }
            }
            Kind::Null | Kind::Bool(_) | Kind::Integer(_) | Kind::Float(_) => {}
        }
        Ok(())
    }
}

/// Whether a target is a URL that somebody would fetch from the web.
fn is_web(kind: ActionKind, target: &str) -> bool {
    let scheme = target.split_once(':').map(|(scheme, _)| scheme.trim().to_ascii_lowercase());
    kind == ActionKind::Http
        || (kind == ActionKind::ResourceRead && scheme.is_some_and(|scheme| default_port(&scheme).is_some()))
}
