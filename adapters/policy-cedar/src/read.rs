//! What policies read of `context`: to make what none reads would cost more than to decide.

use cedar_policy::Policy;
use serde_json::Value;
use std::collections::HashSet;

/// The members of `context` that some policy reads.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// Whether one reads it as a whole, or cannot be told.
    all: bool,
    names: HashSet<String>,
}

impl Read {
    /// Adds what a policy reads.
    pub(crate) fn add(&mut self, policy: &Policy) {
        match policy.to_json() {
            Ok(json) => self.walk(&json),
            Err(_) => self.all = true,
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.all || self.names.contains(name)
    }

    /// Cedar's JSON form of an expression: a member is read by `.` or `has`; wherever else the variable stands, it is read as a whole.
    fn walk(&mut self, json: &Value) {
        let is_context = |value: &Value| value.get("Var").and_then(Value::as_str) == Some("context");
        match json {
            Value::Array(items) => items.iter().for_each(|item| self.walk(item)),
            Value::Object(members) => {
                for (operator, operands) in members {
                    let attribute = operands.get("attr").and_then(first);
                    match (operator.as_str(), attribute) {
                        ("." | "has", Some(attribute)) if operands.get("left").is_some_and(is_context) => {
                            self.names.insert(attribute.to_owned());
                        }
                        _ => self.walk(operands),
                    }
                }
                self.all |= is_context(json);
            }
            _ => {}
        }
    }
}

/// The first name of what `.` and `has` read: `context has args.n` is about `args`.
fn first(attribute: &Value) -> Option<&str> {
    attribute.as_array().map_or(Some(attribute), |path| path.first()).and_then(Value::as_str)
}
