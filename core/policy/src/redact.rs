//! What a reader of a log is not shown: text that `redact` or `blocked_patterns` match, by the same search that decides.

use crate::compile::CompiledPolicy;
use crate::patterns::Patterns;
use crate::scan::{self, Hits};
use crate::source::quote;
use talos_contracts::{ActionKind, Error, ErrorCode, PolicyPattern, PolicyPatternKind};

impl CompiledPolicy {
    /// Number of patterns that hide.
    pub fn redactions(&self) -> usize {
        self.hiding().iter().map(|(_, list, _)| list.len()).sum()
    }

    /// The name of the first pattern that a text matches, those of `redact` before `blocked_patterns`: its id, else its
    /// list and its place in it, from 1. A pattern that is for some agents hides from everybody.
    pub fn redaction(&self, text: &str) -> Option<String> {
        self.first(|patterns| {
            let mut first: Option<usize> = None;
            patterns.scan(text, |index| first = Some(first.map_or(index, |least| least.min(index))));
            first
        })
    }

    /// The same for the target of an action; the URI of a resource also matches without its percent-encoding.
    pub fn target_redaction(&self, kind: ActionKind, target: &str) -> Option<String> {
        self.first(|patterns| {
            let mut hits = Hits::default();
            scan::target(patterns, kind, target, &mut hits);
            hits.found.iter().map(|(index, _)| *index).min()
        })
    }

    fn first(&self, find: impl Fn(&Patterns) -> Option<usize>) -> Option<String> {
        self.hiding().into_iter().find_map(|(name, list, patterns)| {
            let index = find(patterns)?;
            // What a pattern says may be the secret itself, so one without an id goes by its place.
            let id = list.get(index).and_then(|pattern| pattern.id.clone());
            Some(id.unwrap_or_else(|| format!("{name} {}", index + 1)))
        })
    }

    /// Name, patterns, and patterns compiled, of each list.
    fn hiding(&self) -> [(&'static str, &[PolicyPattern], &Patterns); 2] {
        let (redact, blocked) = (self.policy.redact.as_deref(), self.policy.blocked_patterns.as_deref());
        [
            ("redact", redact.unwrap_or_default(), &self.redact),
            ("blocked_patterns", blocked.unwrap_or_default(), &self.patterns),
        ]
    }
}

/// One glob over text, as in a pattern of kind `glob` (`docs/spec/policy.md`, section 4).
#[derive(Debug)]
pub struct TextGlob(Patterns);

impl TextGlob {
    /// Compiles a glob; what is none is `malformed.value`.
    pub fn compile(glob: &str) -> Result<TextGlob, Error> {
        let pattern = PolicyPattern {
            id: None,
            kind: PolicyPatternKind::Glob,
            pattern: glob.to_owned(),
            case_sensitive: Some(true),
            only_for: None,
        };
        Patterns::compile(&[pattern]).map(TextGlob).map_err(|errors| {
            let detail = errors.first().map_or("", |error| &error.detail);
            Error::new(ErrorCode::MalformedValue, format!("glob {}: {detail}", quote(glob)))
        })
    }

    /// Whether the whole text matches.
    pub fn matches(&self, text: &str) -> bool {
        let mut found = false;
        self.0.scan(text, |_| found = true);
        found
    }
}
