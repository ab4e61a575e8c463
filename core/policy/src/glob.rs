//! Globs: `?` is one character and `*` any number of them, both without `/`; `**` is any number of any characters, and
//! `**/` at the start of a segment also matches nothing. Everything else is itself, and a glob matches the whole value.

/// What a glob says that globs here do not have.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct GlobError {
    /// Byte offset in the glob.
    pub at: usize,
    /// What is wrong.
    pub detail: &'static str,
}

/// Whether a glob has wildcards; one without is an exact value.
pub(crate) fn has_wildcards(glob: &str) -> bool {
    glob.contains(['*', '?'])
}

/// The regular expression of a glob, anchored at both ends.
pub(crate) fn to_regex(glob: &str) -> Result<String, GlobError> {
    let mut regex = String::with_capacity(glob.len() + 16);
    regex.push_str(r"\A(?s:");
    let mut rest = glob;
    while let Some(c) = rest.chars().next() {
        let at = glob.len() - rest.len();
        let segment_start = at == 0 || glob.as_bytes()[at - 1] == b'/';
        let (part, taken) = match c {
            '*' if rest.starts_with("***") => return Err(GlobError { at, detail: "three stars: `**` crosses `/`" }),
            '*' if rest.starts_with("**/") && segment_start => ("(?:.*/)?", 3),
            '*' if rest.starts_with("**") => (".*", 2),
            '*' => ("[^/]*", 1),
            '?' => ("[^/]", 1),
            '[' | ']' | '{' | '}' | '\\' => {
                let detail = "globs have only `*`, `?` and `**`: use kind regex for sets and escapes";
                return Err(GlobError { at, detail });
            }
            _ => {
                regex.push_str(&regex::escape(&rest[..c.len_utf8()]));
                ("", c.len_utf8())
            }
        };
        regex.push_str(part);
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
}
