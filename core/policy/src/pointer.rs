//! JSON pointers (RFC 6901): where in the arguments something is.

use crate::source::shorten;
use std::borrow::Cow;
use talos_contracts::json::{Kind, Member, Value};
use talos_text::canonical;

/// Whether a text is a JSON pointer to something below the root.
pub(crate) fn is_pointer(text: &str) -> bool {
    text.starts_with('/') && text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']))
}

/// The value that a pointer names, if there is one.
pub(crate) fn resolve<'a>(root: &'a Value, pointer: &str) -> Option<&'a Value> {
    follow(root, pointer, |_, _| true)
}

/// The value that a pointer names, unless some system could take another member for one on the way to it.
pub(crate) fn resolve_alone<'a>(root: &'a Value, pointer: &str) -> Option<&'a Value> {
    follow(root, pointer, |members, name| !has_twin(members, name))
}

/// Whether another member has the same name in other letters.
pub(crate) fn has_twin(members: &[Member], name: &str) -> bool {
    let view = canonical(name);
    members.iter().any(|member| member.name != name && canonical(&member.name) == view)
}

fn follow<'a>(root: &'a Value, pointer: &str, may_step: impl Fn(&[Member], &str) -> bool) -> Option<&'a Value> {
    let mut steps = pointer.split('/');
    if !steps.next()?.is_empty() {
        return None;
    }
    steps.try_fold(root, |value, step| match &value.kind {
        Kind::Object(members) => {
            let name = unescaped(step);
            value.get(&name).filter(|_| may_step(members, &name))
        }
        Kind::Array(items) => items.get(index(step)?),
        _ => None,
    })
}

/// The name that a step means. Few have anything to replace.
fn unescaped(step: &str) -> Cow<'_, str> {
    if step.contains('~') { step.replace("~1", "/").replace("~0", "~").into() } else { step.into() }
}

fn index(step: &str) -> Option<usize> {
    let is_plain = step == "0" || !step.starts_with(['0', '+']);
    if is_plain { step.parse().ok() } else { None }
}

/// A place on the way through the arguments; frames live on the stack, so that walking costs no allocation.
pub(crate) struct Place<'a> {
    pub parent: Option<&'a Place<'a>>,
    pub step: Step<'a>,
}

/// How a place is reached from its parent.
pub(crate) enum Step<'a> {
    Root,
    Member(&'a str),
    Item(usize),
}

impl Place<'_> {
    /// The pointer as a message shows it: bounded, and with nothing that steers a terminal.
    pub fn pointer(&self) -> String {
        let mut steps = Vec::new();
        let mut place = Some(self);
        while let Some(Place { parent, step }) = place {
            match step {
                Step::Root => {}
                Step::Member(name) => steps.push(shorten(name).replace('~', "~0").replace('/', "~1")),
                Step::Item(index) => steps.push(index.to_string()),
            }
            place = *parent;
        }
        if steps.is_empty() {
            return "the root".to_owned();
        }
        let text: String = steps.iter().rev().flat_map(|step| ["/", step]).collect();
        let visible: String = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        match visible.char_indices().nth(POINTER_CHARS) {
            Some((end, _)) => format!("{}…", &visible[..end]),
            None => visible,
        }
    }
}

/// Longest pointer in a message, in characters.
const POINTER_CHARS: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;
    use talos_contracts::json::{Profile, parse};

    #[test]
    fn pointers_resolve_as_in_rfc_6901() {
        let value = parse(br#"{"a":[{"b/c":1,"m~n":2}],"":3}"#, Profile::Data).unwrap();
        let at = |pointer| resolve(&value, pointer).and_then(Value::as_i64);
        assert_eq!(at("/a/0/b~1c"), Some(1));
        assert_eq!(at("/a/0/m~0n"), Some(2));
        assert_eq!(at("/"), Some(3));
        assert_eq!(at("/a/00/b~1c"), None);
        assert_eq!(at("/a/1"), None);
        assert_eq!(at("a"), None);
        assert_eq!(at("/a/0/b~1c/d"), None);
    }

    #[test]
    fn a_value_beside_which_another_has_the_same_name_is_not_alone() {
        for (text, pointer) in
            [(r#"{"a":1,"A":2}"#, "/a"), (r#"{"a":{"b":1},"A":0}"#, "/a/b"), (r#"{"a":[{"b":1,"ｂ":2}]}"#, "/a/0/b")]
        {
            let value = parse(text.as_bytes(), Profile::Data).unwrap();
            assert!(resolve(&value, pointer).is_some(), "{text}");
            assert!(resolve_alone(&value, pointer).is_none(), "{text}");
        }
        let value = parse(br#"{"a":1,"b":2}"#, Profile::Data).unwrap();
        assert_eq!(resolve_alone(&value, "/a"), value.get("a"));
    }

    #[test]
    fn a_pointer_starts_with_a_slash_and_escapes_its_tildes() {
        assert!(is_pointer("/amount"));
        assert!(is_pointer("/a~0b/c~1d"));
        assert!(!is_pointer("amount"));
        assert!(!is_pointer(""));
        assert!(!is_pointer("/a~b"));
        assert!(!is_pointer("/a~"));
    }

    #[test]
    fn a_place_shows_its_pointer() {
        let root = Place { parent: None, step: Step::Root };
        let list = Place { parent: Some(&root), step: Step::Member("a/b") };
        let item = Place { parent: Some(&list), step: Step::Item(3) };
        let odd = Place { parent: Some(&item), step: Step::Member("\u{1b}[2J~") };
        assert_eq!(root.pointer(), "the root");
        assert_eq!(odd.pointer(), "/a~1b/3/\u{fffd}[2J~0");
    }
}
