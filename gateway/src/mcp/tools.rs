//! What is known of the server's tools, and which of them a client sees.

use crate::mcp::id::Id;
use crate::mcp::{guard, wait};
use std::collections::HashMap;
use std::sync::{Condvar, Mutex};
use std::time::Instant;
use talos_shared::contracts::json::Value;
use talos_shared::contracts::scalar::Hash;
use talos_shared::contracts::{ActionKind, ErrorCode};
use talos_shared::policy::{CompiledPolicy, PolicyFacts, Subject};
use talos_shared::tool_hash;

/// Tools that are remembered; the hashes of more are not known.
const TOOLS_MAX: usize = 16_384;

/// The tools of the server, as its lists told them.
#[derive(Default)]
pub struct Tools {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Rises when the server says that its list has changed.
    generation: u64,
    /// A name that stands twice with two definitions has no hash.
    known: HashMap<String, Option<Hash>>,
    /// Whether every page of this generation was seen, or could not be had.
    complete: bool,
    /// Our own request that is waited for, and its answer.
    asked: Option<Id>,
    page: Option<Page>,
}

/// How our own `tools/list` was answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Page {
    /// There is another page.
    More(String),
    /// That was the last one, or an error.
    Last,
}

/// What is known of one tool.
#[derive(Debug, PartialEq)]
pub enum Knowledge {
    /// All there is to know.
    Known(Option<Hash>),
    /// The list has not been seen.
    Unknown,
}

impl Tools {
    /// What is known of this tool.
    pub fn find(&self, name: &str) -> Knowledge {
        let state = guard(&self.state);
        match state.known.get(name) {
            Some(hash) => Knowledge::Known(*hash),
            None if state.complete => Knowledge::Known(None),
            None => Knowledge::Unknown,
        }
    }

    /// The generation of lists that are asked for now.
    pub fn generation(&self) -> u64 {
        guard(&self.state).generation
    }

    /// The server's list has changed: what was known is not any more.
    pub fn forget(&self) {
        let mut state = guard(&self.state);
        state.generation += 1;
        state.known.clear();
        state.complete = false;
    }

    /// The list cannot be had: calls are decided with what is known.
    pub fn give_up(&self, generation: u64) {
        let mut state = guard(&self.state);
        if state.generation == generation {
            state.complete = true;
        }
    }

    /// Learns from one page of a list that was asked for in this generation.
    pub fn learn(&self, generation: u64, result: &Value) {
        let mut state = guard(&self.state);
        if state.generation != generation {
            return;
        }
        let mut page: HashMap<&str, Option<Hash>> = HashMap::new();
        for tool in result.get("tools").and_then(Value::as_array).unwrap_or_default() {
            let Some(name) = name(tool) else { continue };
            let hash = Some(tool_hash(tool));
            page.entry(name).and_modify(|known| *known = known.filter(|k| Some(*k) == hash)).or_insert(hash);
        }
        for (name, hash) in page {
            if state.known.len() < TOOLS_MAX || state.known.contains_key(name) {
                state.known.insert(name.to_owned(), hash);
            }
        }
    }

    /// Our own request goes out.
    pub fn ask(&self, id: &Id) {
        let mut state = guard(&self.state);
        state.asked = Some(id.clone());
        state.page = None;
    }

    /// Hands over the answer to our own request, if it is waited for.
    pub fn put_page(&self, id: &Id, page: Page) {
        let mut state = guard(&self.state);
        if state.asked.as_ref() == Some(id) {
            state.page = Some(page);
            self.changed.notify_all();
        }
    }

    /// Waits for the answer to our own request.
    pub fn take_page(&self, deadline: Instant) -> Option<Page> {
        let mut state = guard(&self.state);
        loop {
            if let Some(page) = state.page.take() {
                return Some(page);
            }
            let left = deadline.checked_duration_since(Instant::now())?;
            state = wait(&self.changed, state, left);
        }
    }
}

/// The cursor of the next page.
pub fn next_page(result: &Value) -> Page {
    result.get("nextCursor").and_then(Value::as_str).map_or(Page::Last, |cursor| Page::More(cursor.to_owned()))
}

fn name(tool: &Value) -> Option<&str> {
    tool.get("name").and_then(Value::as_str)
}

/// The line of a `tools/list` response without the tools that the policy hides; none if it hides
/// none. Everything else stays as it is, byte for byte.
pub fn cut(
    line: &[u8],
    response: &Value,
    policy: &CompiledPolicy,
    subject: &Subject,
    principal: Option<&str>,
) -> Option<Vec<u8>> {
    let list = response.get("result")?.get("tools")?;
    let tools = list.as_array()?;
    let keep: Vec<bool> = tools.iter().map(|tool| is_visible(tool, policy, subject, principal)).collect();
    if keep.iter().all(|keep| *keep) {
        return None;
    }
    let mut out = Vec::with_capacity(line.len());
    let mut at = list.span.start as usize + 1;
    out.extend_from_slice(&line[..at]);
    let mut first = true;
    for (tool, keep) in tools.iter().zip(keep) {
        let (start, end) = (tool.span.start as usize, tool.span.end as usize);
        if keep {
            // What stands before a tool holds the comma after its predecessor.
            let between = &line[at..start];
            let comma = between.iter().position(|byte| *byte == b',').map_or(0, |comma| comma + 1);
            out.extend_from_slice(if first { &between[comma..] } else { between });
            out.extend_from_slice(&line[start..end]);
            first = false;
        }
        at = end;
    }
    out.extend_from_slice(&line[at..]);
    Some(out)
}

/// A tool is shown unless the policy refuses it to these people whatever its arguments are.
fn is_visible(tool: &Value, policy: &CompiledPolicy, subject: &Subject, principal: Option<&str>) -> bool {
    let Some(target) = name(tool) else { return false };
    let args = Value::object::<String>([]);
    let facts = PolicyFacts::new(ActionKind::ToolCall, target, &args);
    let found = policy.decide(&PolicyFacts { tool_hash: Some(tool_hash(tool)), subject, principal, ..facts });
    let hides = |code| matches!(code, ErrorCode::PolicyToolNotAllowed | ErrorCode::PolicyToolHashMismatch);
    !found.reasons.iter().any(|reason| hides(reason.code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use talos_shared::contracts::json::{self, Profile};
    use talos_shared::policy::Format;

    fn cut_with(policy: &str, line: &str) -> Option<String> {
        let policy = CompiledPolicy::load(policy.as_bytes(), Format::Yaml, "p.yaml").unwrap();
        let value = json::parse(line.trim_end().as_bytes(), Profile::Data).unwrap();
        cut(line.as_bytes(), &value, &policy, &Subject::default(), None).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn hidden_tools_are_cut_and_all_other_bytes_stay() {
        let line = |tools: &str| {
            format!("{{ \"jsonrpc\":\"2.0\",\"id\":1, \"result\":{{\"tools\": [{tools}],\"x\":1.50}} }}\n")
        };
        let all = line(r#" {"name":"a", "n": 1.0} , {"name":"b"}, {"name":"c"} "#);
        let only = |names: &str| cut_with(&format!("id: p\nallowed_tools: {names}\n"), &all);
        assert_eq!(only("[a, b, c]"), None);
        assert_eq!(only("['*']"), None);
        assert_eq!(only("[a]"), Some(line(r#" {"name":"a", "n": 1.0} "#)));
        assert_eq!(only("[b]"), Some(line(r#" {"name":"b"} "#)));
        assert_eq!(only("[a, c]"), Some(line(r#" {"name":"a", "n": 1.0}, {"name":"c"} "#)));
        assert_eq!(only("[c]"), Some(line(r#" {"name":"c"} "#)));
        assert_eq!(only("[]"), Some(line(" ")));
    }

    #[test]
    fn a_changed_tool_is_hidden() {
        let tool = Value::object([("name", Value::from("a"))]);
        let policy = format!("id: p\nallowed_tools:\n  - {{name: a, tool_hash: {}}}\n", tool_hash(&tool).to_b64());
        assert_eq!(cut_with(&policy, r#"{"result":{"tools":[{"name":"a"}]}}"#), None);
        let changed = cut_with(&policy, r#"{"result":{"tools":[{"name":"a","description":"evil"}]}}"#);
        assert_eq!(changed.as_deref(), Some(r#"{"result":{"tools":[]}}"#));
    }

    #[test]
    fn two_definitions_of_one_name_have_no_hash() {
        let tools = Tools::default();
        let page = |text: &str| json::parse(text.as_bytes(), Profile::Data).unwrap();
        assert_eq!(tools.find("a"), Knowledge::Unknown);
        tools.learn(0, &page(r#"{"tools":[{"name":"a"},{"name":"a","x":1},{"name":"a"},{"name":"b"},{"name":"b"}]}"#));
        assert_eq!(tools.find("a"), Knowledge::Known(None));
        assert!(matches!(tools.find("b"), Knowledge::Known(Some(_))));
        tools.forget();
        assert_eq!(tools.find("b"), Knowledge::Unknown);
        tools.learn(0, &page(r#"{"tools":[{"name":"b"}]}"#));
        assert_eq!(tools.find("b"), Knowledge::Unknown);
    }
}
