//! Globs, of two kinds. Over text `?` is one character and `*` any number of them, both without `/`; `**` is any number
//! of any characters, and `**/` at the start of a segment also matches nothing. Over URIs a wildcard never matches what
//! a URL parser takes for the end of a part: what it may be depends on the part it stands in (`docs/spec/policy.md`,
//! section 6). Everything else is itself, and a glob matches the whole value.

use std::ops::Range;

/// What a glob says that globs here do not have.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct GlobError {
    /// Byte offset in the glob.
    pub at: usize,
    /// What is wrong.
    pub detail: &'static str,
}

/// The glob of every resource: the only one that need not say a scheme.
const EVERYTHING: &str = "**";
/// Schemes after which URL parsers look for a host whatever number of slashes there is.
const HOST_SCHEMES: [&str; 5] = ["http", "https", "ws", "wss", "ftp"];

/// The regular expressions of the wildcards, in one part of a value.
struct Wildcards {
    /// `?`
    one: &'static str,
    /// `*`
    star: &'static str,
    /// `**`
    stars: &'static str,
    /// `**/` at the start of a segment, where it is more than `**` and a slash.
    folders: Option<&'static str>,
}

const TEXT: Wildcards = Wildcards { one: "[^/]", star: "[^/]*", stars: ".*", folders: Some("(?:.*/)?") };
/// Words of a command, in which a slash is a letter like any other.
const WORD: Wildcards = Wildcards { one: ".", star: ".*", ..TEXT };
const SCHEME: Wildcards = Wildcards { one: "[a-z0-9+.-]", star: "[a-z0-9+.-]*", stars: "[a-z0-9+.-]*", folders: None };
/// Inside a label of the authority: not even two stars leave it.
const LABEL_PART: Wildcards = Wildcards { one: "[a-z0-9-]", star: "[a-z0-9-]*", stars: "[a-z0-9-]*", folders: None };
/// A wildcard that is a label of the authority: never empty, or parsers would take what follows for the host.
const LABEL: Wildcards = Wildcards { star: "[a-z0-9-]+", stars: r"[a-z0-9-]+(?:\.[a-z0-9-]+)*", ..LABEL_PART };
const PATH: Wildcards =
    Wildcards { one: r"[^/\\?#@]", star: r"[^/\\?#@]*", stars: r"[^\\?#]*", folders: Some(r"(?:[^\\?#]*/)?") };

/// Whether a glob has wildcards; one without is an exact value.
pub(crate) fn has_wildcards(glob: &str) -> bool {
    glob.contains(['*', '?'])
}

/// The regular expression of a glob over text, anchored at both ends.
pub(crate) fn to_regex(glob: &str) -> Result<String, GlobError> {
    translate(glob, |_| &TEXT)
}

/// The regular expression of a glob over words, anchored at both ends: its `*` and `?` match slashes, too.
pub(crate) fn to_word_regex(glob: &str) -> Result<String, GlobError> {
    translate(glob, |_| &WORD)
}

/// The regular expression of a glob over URIs, anchored at both ends.
pub(crate) fn to_uri_regex(glob: &str) -> Result<String, GlobError> {
    if glob == EVERYTHING {
        return translate(glob, |_| &PATH);
    }
    let (scheme, authority) = scheme_and_authority(glob)?;
    translate(glob, |wildcard| {
        if wildcard.start < scheme {
            &SCHEME
        } else if !authority.contains(&wildcard.start) {
            &PATH
        } else if is_label(&glob[authority.start..authority.end], wildcard.start - authority.start, wildcard.len()) {
            &LABEL
        } else {
            &LABEL_PART
        }
    })
}

/// Whether a wildcard may be the last label of a host: then the glob does not say whose host it is.
pub(crate) fn leaves_host_open(glob: &str) -> bool {
    let Ok((_, authority)) = scheme_and_authority(glob) else { return glob == EVERYTHING };
    let host = glob[authority].rsplit('@').next().unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _port)| host);
    host.rsplit('.').next().is_some_and(has_wildcards)
}

/// The length of the scheme and the place of the authority of a glob; the latter is empty where there is none.
fn scheme_and_authority(glob: &str) -> Result<(usize, Range<usize>), GlobError> {
    let error = |detail| Err(GlobError { at: 0, detail });
    let Some(scheme) = glob.find(':').filter(|&end| !glob[..end].contains(['/', '#', '@'])) else {
        return error("a glob begins with a scheme and a colon, as in `file:///data/**`; only `**` stands for all");
    };
    let rest = &glob[scheme + 1..];
    let authority = match rest.strip_prefix("//") {
        Some(rest) => {
            let start = glob.len() - rest.len();
            start..start + rest.find(['/', '#']).unwrap_or(rest.len())
        }
        None => scheme..scheme,
    };
    let name = &glob[..scheme];
    let has_host = has_wildcards(name) || HOST_SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(name));
    if has_host && authority.is_empty() {
        return error("after this scheme comes `//` and a host, as in `https://*.example.com/**`");
    }
    if rest.starts_with("**") || rest.starts_with("/*") {
        return error("right after the scheme a wildcard could be a host: write `//` first, as in `file:///**`");
    }
    Ok((scheme, authority))
}

/// Whether the characters at this place are all of a label of the authority.
fn is_label(authority: &str, at: usize, length: usize) -> bool {
    let ends = |byte: Option<&u8>| byte.is_none_or(|byte| b".:@".contains(byte));
    let bytes = authority.as_bytes();
    ends(at.checked_sub(1).and_then(|before| bytes.get(before))) && ends(bytes.get(at + length))
}

fn translate<'a>(glob: &str, wildcards: impl Fn(Range<usize>) -> &'a Wildcards) -> Result<String, GlobError> {
    let mut regex = String::with_capacity(glob.len() + 16);
    regex.push_str(r"\A(?s:");
    let mut rest = glob;
    while let Some(c) = rest.chars().next() {
        let at = glob.len() - rest.len();
        let segment_start = at == 0 || glob.as_bytes()[at - 1] == b'/';
        let taken = match c {
            '*' if rest.starts_with("***") => return Err(GlobError { at, detail: "three stars: `**` crosses `/`" }),
            '*' if rest.starts_with("**") => {
                let here = wildcards(at..at + 2);
                let folders = here.folders.filter(|_| segment_start && rest[2..].starts_with('/'));
                regex.push_str(folders.unwrap_or(here.stars));
                2 + usize::from(folders.is_some())
            }
            '*' => {
                regex.push_str(wildcards(at..at + 1).star);
                1
            }
            '?' => {
                regex.push_str(wildcards(at..at + 1).one);
                1
            }
            '[' | ']' | '{' | '}' | '\\' => {
                let detail = "globs have only `*`, `?` and `**`: use kind regex for sets and escapes";
                return Err(GlobError { at, detail });
            }
            _ => {
                regex.push_str(&regex::escape(&rest[..c.len_utf8()]));
                c.len_utf8()
            }
        };
        rest = &rest[taken..];
    }
    regex.push_str(r")\z");
    Ok(regex)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(glob: &str, text: &str) -> bool {
        regex::Regex::new(&to_regex(glob).unwrap()).unwrap().is_match(text)
    }

    #[test]
    fn a_star_stays_in_its_segment_and_two_cross() {
        assert!(matches("file:///a/*", "file:///a/b"));
        assert!(!matches("file:///a/*", "file:///a/b/c"));
        assert!(matches("file:///a/**", "file:///a/b/c"));
        assert!(matches("a?c", "abc"));
        assert!(!matches("a?c", "a/c"));
        assert!(matches("a?c", "aéc"));
        assert!(matches("*", "a\nb"));
    }

    #[test]
    fn two_stars_and_a_slash_match_nothing_too() {
        assert!(matches("**/.env", ".env"));
        assert!(matches("**/.env", "a/b/.env"));
        assert!(!matches("**/.env", "a.env"));
        assert!(matches("a/**/b", "a/b"));
        assert!(matches("a/**/b", "a/x/y/b"));
        assert!(!matches("a**/b", "a"));
    }

    #[test]
    fn the_rest_is_itself_and_the_whole_value_counts() {
        assert!(matches("a.b+c", "a.b+c"));
        assert!(!matches("a.b", "axb"));
        assert!(!matches("a", "ab"));
        assert!(!matches("a", "ba"));
        assert!(!matches("a", "a\n"));
    }

    #[test]
    fn operators_that_globs_do_not_have_are_refused() {
        assert_eq!(to_regex("a[bc]").unwrap_err().at, 1);
        assert_eq!(to_regex("a/{b,c}").unwrap_err().at, 2);
        assert_eq!(to_regex("a\\*").unwrap_err().at, 1);
        assert_eq!(to_regex("a/***").unwrap_err().at, 2);
    }

    fn uri_matches(glob: &str, uri: &str) -> bool {
        regex::Regex::new(&to_uri_regex(glob).unwrap()).unwrap().is_match(uri)
    }

    #[test]
    fn a_wildcard_of_a_uri_ends_where_a_url_parser_ends_a_part() {
        assert!(uri_matches("https://*.example.com/**", "https://a.example.com/x/y@z"));
        for uri in [
            "https://evil.com?.example.com/x",
            "https://evil.com#.example.com/x",
            "https://evil.com\\.example.com/x",
            "https://evil.com/.example.com/x",
            "https://x@evil.com/.example.com/x",
            "https://evil.com:1.example.com/x",
            "https://a.b.example.com/x",
            "https://.example.com/x",
            "https://é.example.com/x",
            "https://a.example.com/x?y",
            "https://a.example.com/x#y",
        ] {
            assert!(!uri_matches("https://*.example.com/**", uri), "{uri}");
        }
        for uri in ["file:///a/b@c", "file:///a/b?c", "file:///a/b#c", "file:///a/b\\c", "file:///a/b/c"] {
            assert!(!uri_matches("file:///a/*", uri), "{uri}");
            assert!(!uri_matches("file:///a/b?c", uri), "{uri}");
        }
        assert!(uri_matches("file:///a/b?c", "file:///a/b-c"));
    }

    #[test]
    fn wildcards_of_the_authority_stay_in_their_labels() {
        assert!(uri_matches("https://**.example.com/x", "https://a.b.example.com/x"));
        assert!(!uri_matches("https://**.example.com/x", "https://.example.com/x"));
        assert!(!uri_matches("https://**.example.com/x", "https://a..example.com/x"));
        assert!(uri_matches("https://api**/x", "https://api1/x"));
        assert!(!uri_matches("https://api**/x", "https://api.evil.com/x"));
        assert!(!uri_matches("https://api.example.com**", "https://api.example.com.evil.com"));
        assert!(!uri_matches("https://api.example.com**", "https://api.example.com@evil.com/"));
        assert!(uri_matches("https://**/x", "https://a.b/x"));
        assert!(!uri_matches("https://**/x", "https:///x"));
        assert!(!uri_matches("https://*/x", "https:///x"));
        assert!(uri_matches("https://h:*/x", "https://h:8443/x"));
        assert!(uri_matches("db://?/x", "db://a/x"));
    }

    #[test]
    fn wildcards_of_the_scheme_stay_in_it_and_a_host_has_its_slashes() {
        assert!(uri_matches("http*://example.com/x", "https://example.com/x"));
        assert!(!uri_matches("http*://example.com/x", "http:evil.com://example.com/x"));
        assert!(uri_matches("urn:x:*", "urn:x:A.b"));
        assert!(uri_matches("file:///**/x", "file:///x"));
        assert!(uri_matches("**", "db://a/b"));
        assert!(!uri_matches("**", "db://a?b"));
        for glob in [
            "*",
            "**/x",
            "**.example.com/**",
            "//*/x",
            "https:*",
            "HTTPS:/*.x/",
            "ws:///*",
            "*:///x",
            "h?:x",
            "db:**",
            "file:/**",
        ] {
            assert_eq!(to_uri_regex(glob).unwrap_err().at, 0, "{glob}");
        }
    }

    #[test]
    fn a_host_is_open_where_its_last_label_is() {
        for glob in ["**", "https://*/x", "https://a.*/x", "https://a.com*", "https://**:443/x", "db://u@a*"] {
            assert!(leaves_host_open(glob), "{glob}");
        }
        for glob in ["file:///**", "https://*.a.com/**", "https://a.com:*/x", "urn:x:*", "db://*@a/x"] {
            assert!(!leaves_host_open(glob), "{glob}");
        }
    }
}
