//! What a reader is not shown: whatever the patterns of a policy match. The matching is the policy's own.

use crate::shown::Shown;
use crate::words;
use std::path::Path;
use talos_shared::contracts::json::{self, Kind, Member, Value};
use talos_shared::contracts::scalar::Hash;
use talos_shared::contracts::{ActionKind, Error, PolicyRef};
use talos_shared::policy::CompiledPolicy;
use talos_shared::{Home, load_policy};

/// Lines of one body that are shown.
const BODY_LINES: usize = 200;

/// Hides what a policy hides.
pub struct Redactor {
    policy: CompiledPolicy,
    hash: Hash,
}

impl Redactor {
    /// By the policy that is named, else by the directory's. One that does not load is an error: without it nobody
    /// knows what to hide.
    pub fn load(home: &Home, file: Option<&Path>) -> Result<Redactor, Error> {
        let policy = file.map_or_else(|| home.policy(), load_policy);
        policy.map(Redactor::new).map_err(|error| {
            let help = "the log is shown redacted by this policy: mend it, or name another with --policy";
            Error { detail: format!("{}\n{help}", error.detail), ..error }
        })
    }

    /// Hides nothing: for what the user brought along.
    pub fn none() -> Redactor {
        Redactor::new(CompiledPolicy::builtin())
    }

    fn new(policy: CompiledPolicy) -> Redactor {
        Redactor { hash: policy.hash(), policy }
    }

    /// What it goes by.
    pub fn about(&self) -> Shown {
        let id = &self.policy.policy().id;
        match self.policy.redactions() {
            0 => Shown::new(&format!("policy {id} has no patterns: nothing is redacted")),
            number => Shown::new(&format!("by {} of policy {id}", words::count(number as u128, "pattern"))),
        }
    }

    /// Whether this is the policy that decided.
    pub fn is_by(&self, policy: &PolicyRef) -> bool {
        self.hash == policy.hash
    }

    /// A text.
    pub fn text(&self, text: &str) -> Shown {
        self.policy.redaction(text).map_or_else(|| Shown::new(text), |pattern| Shown::redacted(&pattern))
    }

    /// The target of an action.
    pub fn target(&self, kind: ActionKind, target: &str) -> Shown {
        let pattern = self.policy.target_redaction(kind, target);
        pattern.map_or_else(|| Shown::new(target), |pattern| Shown::redacted(&pattern))
    }

    /// A body as JSON.
    pub fn value(&self, value: &Value) -> Value {
        match &value.kind {
            Kind::String(text) => Value::from(self.hidden(text).unwrap_or_else(|| text.clone())),
            Kind::Array(items) => Value::from(items.iter().map(|item| self.value(item)).collect::<Vec<_>>()),
            Kind::Object(members) => Value { kind: Kind::Object(self.members(members)), ..value.clone() },
            Kind::Null | Kind::Bool(_) | Kind::Integer(_) | Kind::Float(_) => value.clone(),
        }
    }

    /// Two names that are hidden stay two names.
    fn members(&self, members: &[Member]) -> Vec<Member> {
        let mut hidden = 0;
        let renamed = members.iter().map(|member| {
            let name = self.hidden(&member.name).map_or_else(
                || member.name.clone(),
                |name| {
                    hidden += 1;
                    if hidden == 1 { name } else { format!("{name} ({hidden})") }
                },
            );
            Member { name, name_span: member.name_span, value: self.value(&member.value) }
        });
        renamed.collect()
    }

    fn hidden(&self, text: &str) -> Option<String> {
        self.policy.redaction(text).map(|pattern| format!("[redacted: {pattern}]"))
    }

    /// A body as indented lines; what is too much is clipped with a note.
    pub fn lines(&self, body: &Value, bytes: usize) -> Vec<Shown> {
        let mut lines = Vec::new();
        self.write("", body, "", 0, &mut lines);
        if lines.len() > BODY_LINES {
            lines.truncate(BODY_LINES);
            lines.push(Shown::new(&format!("[... clipped: {bytes} bytes in all]")));
        }
        lines
    }

    fn write(&self, name: &str, value: &Value, comma: &str, depth: usize, lines: &mut Vec<Shown>) {
        // One more than are shown tells that there is more.
        if lines.len() > BODY_LINES {
            return;
        }
        let indent = "  ".repeat(depth);
        let (open, close) = match &value.kind {
            Kind::Array(items) if !items.is_empty() => ("[", "]"),
            Kind::Object(members) if !members.is_empty() => ("{", "}"),
            Kind::String(text) => {
                return lines.push(Shown::new(&format!("{indent}{name}{}{comma}", self.quoted(text))));
            }
            _ => {
                let leaf = json::canonical(value);
                return lines.push(Shown::new(&format!("{indent}{name}{}{comma}", String::from_utf8_lossy(&leaf))));
            }
        };
        lines.push(Shown::new(&format!("{indent}{name}{open}")));
        match &value.kind {
            Kind::Array(items) => {
                for (place, item) in items.iter().enumerate() {
                    self.write("", item, if place + 1 < items.len() { "," } else { "" }, depth + 1, lines);
                }
            }
            Kind::Object(members) => {
                for (place, member) in members.iter().enumerate() {
                    let comma = if place + 1 < members.len() { "," } else { "" };
                    self.write(&format!("{}: ", self.quoted(&member.name)), &member.value, comma, depth + 1, lines);
                }
            }
            _ => {}
        }
        lines.push(Shown::new(&format!("{indent}{close}{comma}")));
    }

    /// A string in its quotes, or what stands in its place.
    fn quoted(&self, text: &str) -> String {
        self.hidden(text).unwrap_or_else(|| String::from_utf8_lossy(&json::canonical(&Value::from(text))).into_owned())
    }
}
