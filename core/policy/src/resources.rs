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
            let is_glob = glob::has_wildcards(uri);
            match if is_glob { glob::to_uri_regex(uri) } else { glob::to_regex(uri) } {
                Ok(_) if !is_glob => {
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

/// A URI without its percent-encoding, or nothing if it has characters that parsers drop or read differently, before or
/// after any round of decoding, or is encoded more often than anything honest.
pub(crate) fn decode(uri: &str) -> Option<String> {
    let mut text = uri.to_owned();
    for _ in 0..DECODING_ROUNDS {
        if is_ambiguous(&text) {
            return None;
        }
        let decoded = decode_once(&text)?;
        if decoded == text {
            return Some(text);
        }
        text = decoded;
    }
    None
}

/// Whether parsers do not agree on what this is: they drop or trim controls and spaces, and `\` may be `/`.
fn is_ambiguous(text: &str) -> bool {
    text.starts_with(' ') || text.ends_with(' ') || text.contains(|c: char| c == '\\' || c.is_control())
}

/// The text with each escape undone once, or nothing if that is not UTF-8.
fn decode_once(text: &str) -> Option<String> {
    String::from_utf8(unescape(text)).ok()
}

/// The bytes of a text with each escape undone once.
pub(crate) fn unescape(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], escaped(bytes, at + 1)) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

/// The byte that two hexadecimal digits stand for.
fn escaped(bytes: &[u8], at: usize) -> Option<u8> {
    let digit = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
    u8::try_from(digit(at)? * 16 + digit(at + 1)?).ok()
}

/// Why a glob matches nothing, if it does.
pub(crate) fn never_matches(uri: &str) -> Option<&'static str> {
    if !glob::has_wildcards(uri) {
        None
    } else if has_dot_segment(uri) {
        Some("never matches: a URI with `.` or `..` segments matches no glob")
    } else if is_ambiguous(uri) {
        Some("never matches: a URI with controls, or with a space at an end, matches no glob")
    } else if decode_once(uri).as_deref() != Some(uri) {
        Some("never matches: a glob has to match the URI without its percent-encoding too")
    } else {
        None
    }
}

/// Whether a server that resolves `.` and `..` would read something else than the glob says. Some drop spaces at the end
/// of a segment first, some what follows a semicolon.
pub(crate) fn has_dot_segment(uri: &str) -> bool {
    uri.split(['/', '\\']).any(|segment| {
        let name = segment.split_once(';').map_or(segment, |(name, _parameters)| name);
        matches!(name.trim_end_matches(' '), "." | "..")
    })
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
            "file:///data/.. /etc",
            "file:///data/..;x/etc",
            "file:///data/%c0%ae%c0%ae/etc",
        ] {
            assert_eq!(find(all, uri), None, "{uri}");
        }
        assert_eq!(find(all, "file:///data/..a/b..c"), Some(Some(Effect::Read)));
    }

    #[test]
    fn a_glob_matches_nothing_that_parsers_read_differently() {
        let all = &[("file:///data/**", Some(Effect::Read))];
        for part in
            ["\t", "\n", "\r", "\0", "\u{1f}", "\u{7f}", "\u{85}", "%09", "%250a", "%00", "%7F", "%C2%85", "\\", "%5c"]
        {
            for uri in [format!("file:///data/.{part}./etc"), format!("file:///data/a{part}b")] {
                assert_eq!(find(all, &uri), None, "{uri:?}");
            }
        }
        for uri in
            [" file:///data/a", "file:///data/a ", "file:///data/a%20", "file:///data/a%2520", "file:///data/%ff"]
        {
            assert_eq!(find(all, uri), None, "{uri:?}");
        }
        for uri in ["file:///data/a%3Fb", "file:///data/a%2523b"] {
            assert_eq!(find(all, uri), None, "{uri:?}");
        }
        for uri in ["file:///data/a b", "file:///data/50%", "file:///data/%zz", "file:///data/%C3%A9"] {
            assert_eq!(find(all, uri), Some(Some(Effect::Read)), "{uri:?}");
        }
    }

    #[test]
    fn an_exact_uri_is_compared_as_it_is() {
        let odd = &[("file:///a/../b\tc ", Some(Effect::Read))];
        assert_eq!(find(odd, "file:///a/../b\tc "), Some(Some(Effect::Read)));
        assert_eq!(find(odd, "file:///a/../bc"), None);
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
