//! The search of an action: its target, then every string leaf and every member name of its arguments, in their order.

use crate::patterns::Patterns;
use crate::pointer::{Place, Step};
use crate::resources;
use talos_contracts::json::{Kind, RFC8785_DEPTH, Value};
use talos_contracts::{ActionKind, ErrorCode};

/// Stands in a pointer for a member name that matched a pattern.
const HIDDEN_NAME: &str = "(blocked)";

/// The first place where each pattern matched.
#[derive(Default)]
pub(crate) struct Hits {
    pub found: Vec<(usize, String)>,
    /// By pattern, so that a text full of matches costs no search for each.
    seen: Vec<bool>,
}

impl Hits {
    fn add(&mut self, index: usize, place: impl FnOnce() -> String) {
        if self.seen.len() <= index {
            self.seen.resize(index + 1, false);
        }
        if !std::mem::replace(&mut self.seen[index], true) {
            self.found.push((index, place()));
        }
    }
}

/// Searches one value and what is in it. Values deeper than the parser lets through are not walked.
pub(crate) fn value(
    patterns: &Patterns,
    value: &Value,
    place: &Place<'_>,
    depth: usize,
    hits: &mut Hits,
) -> Result<(), ErrorCode> {
    if depth > RFC8785_DEPTH {
        return Err(ErrorCode::MalformedDepth);
    }
    match &value.kind {
        Kind::String(text) => {
            patterns.scan(text, |index| hits.add(index, || format!("the string at {}", place.pointer())));
        }
        Kind::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let inner = Place { parent: Some(place), step: Step::Item(index) };
                self::value(patterns, item, &inner, depth + 1, hits)?;
            }
        }
        Kind::Object(members) => {
            for member in members {
                // A name that matched is content: no message may show it, here or further down.
                let mut name = member.name.as_str();
                patterns.scan(&member.name, |index| {
                    name = HIDDEN_NAME;
                    hits.add(index, || format!("a member name in the object at {}", place.pointer()));
                });
                let inner = Place { parent: Some(place), step: Step::Member(name) };
                self::value(patterns, &member.value, &inner, depth + 1, hits)?;
            }
        }
        Kind::Null | Kind::Bool(_) | Kind::Integer(_) | Kind::Float(_) => {}
    }
    Ok(())
}

/// Searches the target: the name of a tool or prompt, the URI of a resource, also without its
/// percent-encoding.
pub(crate) fn target(patterns: &Patterns, kind: ActionKind, target: &str, hits: &mut Hits) {
    let what = match kind {
        ActionKind::ToolCall => "the name of the tool",
        ActionKind::PromptGet => "the name of the prompt",
        ActionKind::ResourceRead => "the URI of the resource",
        ActionKind::Sampling | ActionKind::Message | ActionKind::Http => "the target",
    };
    let mut scan = |text: &str| patterns.scan(text, |index| hits.add(index, || what.to_owned()));
    scan(target);
    if kind == ActionKind::ResourceRead
        && target.contains('%')
        && let Some(plain) = resources::decode(target)
    {
        scan(&plain);
    }
}
