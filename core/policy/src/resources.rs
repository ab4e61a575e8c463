//! Which resources may be read: exact URIs and globs (`docs/spec/policy.md`, section 6).

use crate::{glob, patterns};
use regex::RegexSet;
use std::collections::HashMap;
use talos_contracts::Effect;

/// How often an escaped escape (`%252e`) is unfolded before a URI counts as hiding something.
const DECODING_ROUNDS: usize = 3;

/// The effect that a rule states, if it does.
pub(crate) type Stated = Option<Effect>;

/// The resources of a policy.
#[derive(Debug, Default)]
pub(crate) struct Resources {
    exact: HashMap<String, Stated>,
    globs: Option<RegexSet>,
    effects: Vec<Stated>,
}

/// Why a list of resources was refused: index of the item, byte offset in it where known, a sentence.
#[derive(Debug)]
pub(crate) struct ResourceError {
    pub index: usize,
    pub at: Option<usize>,
    pub detail: String,
}

impl Resources {
    /// Compiles pairs of a glob and its effect.
    pub fn compile(items: &[(&str, Stated)]) -> Result<Resources, Vec<ResourceError>> {
        let (mut resources, mut sources, mut errors) = (Resources::default(), Vec::new(), Vec::new());
        for (index, (uri, effect)) in items.iter().enumerate() {
            match glob::to_regex(uri) {
                Ok(_) if !glob::has_wildcards(uri) => {
                    resources.exact.insert((*uri).to_owned(), *effect);
                }
                Ok(source) => {
                    sources.push(source);
                    resources.effects.push(*effect);
                }
                Err(error) => {
                    errors.push(ResourceError { index, at: Some(error.at), detail: error.detail.to_owned() });
                }
            }
        }
        if !sources.is_empty() && errors.is_empty() {
            match patterns::set(&sources) {
                Ok(set) => resources.globs = Some(set),
                Err(_) => {
                    let detail = "the globs together are too large: there are too many".to_owned();
                    errors.push(ResourceError { index: 0, at: None, detail });
                }
            }
        }
        if errors.is_empty() { Ok(resources) } else { Err(errors) }
    }

    /// What the rule of this resource states, if it may be read. Where several globs match, the heaviest effect counts.
    pub fn find(&self, uri: &str) -> Option<Stated> {
        if let Some(effect) = self.exact.get(uri) {
            return Some(*effect);
        }
        let globs = self.globs.as_ref()?;
        if !globs.is_match(uri) {
            return None;
        }
        let plain = decode(uri)?;
        if has_dot_segment(&plain) {
            return None;
        }
        let (as_written, as_meant) = (globs.matches(uri), globs.matches(&plain));
        let both = as_written.iter().filter(|&index| as_meant.matched(index));
        both.map(|index| self.effects[index]).max()
    }
}

/// A URI without its percent-encoding, or nothing if it is encoded more often than anything honest.
fn decode(uri: &str) -> Option<String> {
    let mut text = uri.to_owned();
    for _ in 0..DECODING_ROUNDS {
        let decoded = decode_once(&text);
        if decoded == text {
            return Some(text);
        }
        text = decoded;
    }
    None
}

fn decode_once(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = text.get(at + 1..at + 3).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if bytes[at] == b'%' => {
                out.push(byte);
                at += 3;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Whether a glob asks for URIs that no glob is allowed to match.
pub(crate) fn never_matches(uri: &str) -> bool {
    glob::has_wildcards(uri) && has_dot_segment(uri)
}

/// Whether a server that resolves `.` and `..` would read something else than the glob says.
fn has_dot_segment(uri: &str) -> bool {
    uri.split(['/', '\\']).any(|segment| segment == "." || segment == "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(items: &[(&str, Stated)], uri: &str) -> Option<Stated> {
        Resources::compile(items).unwrap().find(uri)
    }

    const DATA: &[(&str, Stated)] =
        &[("file:///data/*", Some(Effect::Read)), ("file:///etc/hosts", Some(Effect::Read))];

    #[test]
    fn a_glob_cannot_be_left_by_dot_segments() {
        assert_eq!(find(DATA, "file:///data/a.txt"), Some(Some(Effect::Read)));
        let all = &[("file:///data/**", Some(Effect::Read))];
        for uri in [
            "file:///data/../etc/passwd",
            "file:///data/a/./b",
            "file:///data/..",
            "file:///data/%2e%2e/etc/passwd",
            "file:///data/%252e%252e/etc/passwd",
            "file:///data/%25252525252e/x",
            "file:///data/..\\etc",
            "file:///data/..%5cetc",
            "file:///data/..%2Fetc",
        ] {
            assert_eq!(find(all, uri), None, "{uri}");
        }
        assert_eq!(find(all, "file:///data/..a/b..c"), Some(Some(Effect::Read)));
    }

    #[test]
    fn an_escaped_slash_is_a_slash() {
        assert_eq!(find(DATA, "file:///data/a%2fb"), None);
        assert_eq!(find(DATA, "file:///data/a%20b"), Some(Some(Effect::Read)));
    }

    #[test]
    fn the_heaviest_effect_of_all_globs_counts_and_an_exact_uri_goes_first() {
        let items = &[
            ("db://*/x", Some(Effect::Write)),
            ("db://a/*", Some(Effect::External)),
            ("db://a/y", Some(Effect::Read)),
        ];
        assert_eq!(find(items, "db://a/x"), Some(Some(Effect::External)));
        assert_eq!(find(items, "db://b/x"), Some(Some(Effect::Write)));
        assert_eq!(find(items, "db://a/y"), Some(Some(Effect::Read)));
        assert_eq!(find(items, "db://c/y"), None);
    }
}
