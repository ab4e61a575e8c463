//! Blocked patterns: one automaton for each way of comparing, over the target and every string of the arguments
//! (`docs/spec/policy.md`, section 4).

use crate::facts::PolicyFacts;
use crate::glob;
use crate::subject::{Audience, restricts};
use aho_corasick::{AhoCorasick, AhoCorasickBuilder};
use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use std::borrow::Cow;
use talos_contracts::{PolicyPattern, PolicyPatternKind};
use talos_text::{canonical, fold, nfkc};

/// Bytes that one compiled regular expression may take.
const REGEX_BYTES: usize = 1 << 20;
/// Bytes that all compiled regular expressions of a list may take together.
const SET_BYTES: usize = 64 << 20;
/// Bytes of lazily built states: the default of 2 MiB makes a set of patterns rebuild its states over and over.
const DFA_BYTES: usize = 32 << 20;

/// The patterns of a policy, compiled.
#[derive(Debug, Default)]
pub(crate) struct Patterns {
    /// Substrings in which case does not count.
    folded: Option<Needles>,
    /// Substrings in which it does.
    exact: Option<Needles>,
    /// Regular expressions and globs.
    regexes: Option<Regexes>,
    /// Whom each pattern is for.
    audiences: Vec<Option<Audience>>,
}

#[derive(Debug)]
struct Needles {
    automaton: AhoCorasick,
    /// The pattern that each needle belongs to.
    owners: Vec<usize>,
}

#[derive(Debug)]
struct Regexes {
    set: RegexSet,
    owners: Vec<usize>,
    /// Expressions with word boundaries of Unicode, each by itself: on text that is not ASCII they leave the fast path
    /// of the engine, and would take the whole set with them.
    apart: Vec<(Regex, usize)>,
}

/// Why patterns were refused: index of the pattern, byte offset in it where known, a sentence.
#[derive(Debug)]
pub(crate) struct PatternError {
    pub index: usize,
    pub at: Option<usize>,
    pub detail: String,
}

/// Whether case counts, with the default of the kind: a substring ignores it, the others do not.
pub(crate) fn is_case_sensitive(pattern: &PolicyPattern) -> bool {
    pattern.case_sensitive.unwrap_or(pattern.kind != PolicyPatternKind::Substring)
}

/// The name of a pattern in reasons: its id, else what it says, so that it does not depend on the order of the file.
pub(crate) fn name(pattern: &PolicyPattern) -> String {
    match &pattern.id {
        Some(id) => id.clone(),
        None => format!("{} {}", pattern.kind.as_str(), crate::source::quote(&pattern.pattern)),
    }
}

/// What messages call a pattern.
pub(crate) fn label(pattern: &PolicyPattern) -> String {
    match &pattern.id {
        Some(id) => format!("pattern {}", crate::source::quote(id)),
        None => format!("the {} pattern {}", pattern.kind.as_str(), crate::source::quote(&pattern.pattern)),
    }
}

impl Patterns {
    pub fn compile(patterns: &[PolicyPattern]) -> Result<Patterns, Vec<PatternError>> {
        let substrings = |case: bool| {
            let chosen = move |pattern: &PolicyPattern| {
                pattern.kind == PolicyPatternKind::Substring && is_case_sensitive(pattern) == case
            };
            patterns.iter().enumerate().filter(move |(_, pattern)| chosen(pattern))
        };
        let folded =
            needles(substrings(false).flat_map(|(i, p)| forms(i, fold(&p.pattern), canonical(&p.pattern))), true);
        let exact =
            needles(substrings(true).flat_map(|(i, p)| forms(i, Cow::Borrowed(&p.pattern), nfkc(&p.pattern))), false);
        let regexes = Regexes::compile(patterns);
        match (folded, exact, regexes) {
            (Ok(folded), Ok(exact), Ok(regexes)) => {
                let audiences = patterns.iter().map(|pattern| pattern.only_for.as_ref().map(Audience::from)).collect();
                Ok(Patterns { folded, exact, regexes, audiences })
            }
            (_, _, Err(errors)) => Err(errors),
            (Err(detail), ..) | (_, Err(detail), _) => Err(vec![PatternError { index: 0, at: None, detail }]),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.folded.is_none() && self.exact.is_none() && self.regexes.is_none()
    }

    /// Whether the pattern is for the subject of this action, or may be.
    pub fn restricts(&self, index: usize, facts: &PolicyFacts<'_>) -> bool {
        restricts(self.audiences[index].as_ref(), facts)
    }

    /// Whether the pattern is for everybody.
    pub fn is_for_all(&self, index: usize) -> bool {
        self.audiences[index].is_none()
    }

    /// Calls `hit` with each pattern that matches the text in one of its views; a pattern may be reported twice.
    pub fn scan(&self, text: &str, mut hit: impl FnMut(usize)) {
        if text.is_ascii() {
            // Every view of ASCII text is the text or its lower case, which the automaton covers.
            self.scan_folded(text, &mut hit);
            self.scan_exact(text, &mut hit);
            return;
        }
        if self.folded.is_some() {
            let (raw, view) = (fold(text), canonical(text));
            self.scan_folded(&raw, &mut hit);
            if raw != view {
                self.scan_folded(&view, &mut hit);
            }
        }
        self.scan_exact(text, &mut hit);
        if (self.exact.is_some() || self.regexes.is_some())
            && let Cow::Owned(view) = nfkc(text)
        {
            self.scan_exact(&view, &mut hit);
        }
    }

    fn scan_folded(&self, text: &str, hit: &mut impl FnMut(usize)) {
        if let Some(needles) = &self.folded {
            needles.scan(text, hit);
        }
    }

    fn scan_exact(&self, text: &str, hit: &mut impl FnMut(usize)) {
        if let Some(needles) = &self.exact {
            needles.scan(text, hit);
        }
        if let Some(regexes) = &self.regexes {
            regexes.scan(text, hit);
        }
    }
}

/// A needle in both its forms, once where they are the same.
fn forms<'a>(index: usize, raw: Cow<'a, str>, view: Cow<'a, str>) -> impl Iterator<Item = (usize, String)> {
    let second = (raw != view).then(|| (index, view.into_owned()));
    std::iter::once((index, raw.into_owned())).chain(second)
}

fn needles(forms: impl Iterator<Item = (usize, String)>, ignore_ascii_case: bool) -> Result<Option<Needles>, String> {
    let (owners, texts): (Vec<usize>, Vec<String>) = forms.unzip();
    if texts.is_empty() {
        return Ok(None);
    }
    let mut builder = AhoCorasickBuilder::new();
    builder.ascii_case_insensitive(ignore_ascii_case);
    match builder.build(&texts) {
        Ok(automaton) => Ok(Some(Needles { automaton, owners })),
        Err(error) => Err(format!("the substrings together are too large: {error}")),
    }
}

impl Needles {
    fn scan(&self, text: &str, hit: &mut impl FnMut(usize)) {
        if !self.automaton.is_match(text) {
            return;
        }
        for found in self.automaton.find_overlapping_iter(text) {
            hit(self.owners[found.pattern().as_usize()]);
        }
    }
}

impl Regexes {
    fn compile(patterns: &[PolicyPattern]) -> Result<Option<Regexes>, Vec<PatternError>> {
        let (mut sources, mut owners, mut apart, mut errors) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (index, pattern) in patterns.iter().enumerate() {
            match regex_of(pattern).map(|source| source.and_then(|source| Ok((regex(&source)?, source)))) {
                None => {}
                Some(Ok((regex, source))) if has_unicode_boundary(&source) => apart.push((regex, index)),
                Some(Ok((_, source))) => {
                    sources.push(source);
                    owners.push(index);
                }
                Some(Err((at, detail))) => errors.push(PatternError { index, at, detail }),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        if owners.is_empty() && apart.is_empty() {
            return Ok(None);
        }
        match set(&sources) {
            Ok(set) => Ok(Some(Regexes { set, owners, apart })),
            Err(_) => {
                let detail =
                    format!("the patterns together compile to more than {SET_BYTES} bytes: there are too many");
                Err(vec![PatternError { index: owners[0], at: None, detail }])
            }
        }
    }

    fn scan(&self, text: &str, hit: &mut impl FnMut(usize)) {
        // `is_match` does not allocate; `matches` does.
        if self.set.is_match(text) {
            for found in self.set.matches(text).iter() {
                hit(self.owners[found]);
            }
        }
        for (regex, index) in &self.apart {
            if regex.is_match(text) {
                hit(*index);
            }
        }
    }
}

/// What is wrong with one pattern: byte offset in it where known, a sentence.
pub(crate) type Fault = (Option<usize>, String);

pub(crate) fn regex(source: &str) -> Result<Regex, Fault> {
    let built = RegexBuilder::new(source).size_limit(REGEX_BYTES).dfa_size_limit(DFA_BYTES).build();
    built.map_err(|_| (None, format!("compiles to more than {REGEX_BYTES} bytes: shorten its repetitions")))
}

fn has_unicode_boundary(source: &str) -> bool {
    regex_syntax::parse(source).is_ok_and(|hir| hir.properties().look_set().contains_word_unicode())
}

/// One set of regular expressions under the limits of this module.
pub(crate) fn set(sources: &[String]) -> Result<RegexSet, regex::Error> {
    RegexSetBuilder::new(sources).size_limit(SET_BYTES).dfa_size_limit(DFA_BYTES).build()
}

/// The regular expression of a pattern, if its kind has one.
fn regex_of(pattern: &PolicyPattern) -> Option<Result<String, Fault>> {
    let regex = match pattern.kind {
        PolicyPatternKind::Substring => return None,
        PolicyPatternKind::Glob => {
            glob::to_regex(&pattern.pattern).map_err(|error| (Some(error.at), error.detail.to_owned()))
        }
        PolicyPatternKind::Regex => check_regex(&pattern.pattern).map(|()| pattern.pattern.clone()),
    };
    // A flag at the start holds to the end, over all alternatives, whatever the pattern says after it.
    let prefix = if is_case_sensitive(pattern) { "" } else { "(?i)" };
    Some(regex.map(|regex| format!("{prefix}{regex}")))
}

pub(crate) fn check_regex(pattern: &str) -> Result<(), Fault> {
    use regex_syntax::Error;
    match regex_syntax::Parser::new().parse(pattern) {
        Ok(_) => Ok(()),
        Err(Error::Parse(error)) => Err((Some(error.span().start.offset), error.kind().to_string())),
        Err(Error::Translate(error)) => Err((Some(error.span().start.offset), error.kind().to_string())),
        Err(error) => Err((None, error.to_string())),
    }
}

/// Whether no string at all can match.
pub(crate) fn never_matches(regex: &str) -> bool {
    regex_syntax::parse(regex).is_ok_and(|hir| hir.properties().minimum_len().is_none())
}

/// Whether the empty match is there at every place.
pub(crate) fn always_matches(regex: &str) -> bool {
    regex_syntax::parse(regex)
        .is_ok_and(|hir| hir.properties().minimum_len() == Some(0) && hir.properties().look_set().is_empty())
}
