//! From the bytes of a policy file to one JSON value whose parts know where they stood.

use crate::error::PolicyError;
use crate::{toml, yaml};
use std::path::Path;
use talos_contracts::json::{self, Kind, Limits, Profile, Span, Value};
use talos_contracts::{Error, ErrorCode};

/// Size of a policy file in bytes: 1 MiB.
pub const MAX_BYTES: usize = 1 << 20;
/// Nesting depth of a policy file.
pub const MAX_DEPTH: usize = 32;
/// Errors reported for one file; the rest waits for the next run.
pub const MAX_ERRORS: usize = 64;

/// Largest magnitude of an integer in a contract: 2^53 - 1.
pub(crate) const SAFE_INTEGER: u64 = (1 << 53) - 1;

/// The syntaxes that a policy file can be written in. All three read into the same contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// YAML 1.2 without anchors, aliases, tags and merge keys, under the core schema without floats.
    Yaml,
    /// TOML 1.0 without floats and dates.
    Toml,
    /// JSON, strict.
    Json,
}

impl Format {
    /// The format that a file name's extension says.
    pub fn from_path(path: &str) -> Option<Format> {
        let extension = Path::new(path).extension()?.to_str()?;
        Format::from_name(&extension.to_ascii_lowercase())
    }

    /// The format of this name: `yaml` (or `yml`), `toml` or `json`.
    pub fn from_name(name: &str) -> Option<Format> {
        match name {
            "yaml" | "yml" => Some(Format::Yaml),
            "toml" => Some(Format::Toml),
            "json" => Some(Format::Json),
            _ => None,
        }
    }

    /// A guess from the first line that says something: `{` is JSON, `[table]` or `key = ` is TOML, else YAML.
    pub fn sniff(text: &str) -> Format {
        let mut lines = text.lines().map(str::trim_start);
        let first = lines.find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or_default();
        let key_end = first.find(|c: char| !(c.is_alphanumeric() || "_-.\"'".contains(c)));
        match first.as_bytes().first() {
            Some(b'{') => Format::Json,
            Some(b'[') => Format::Toml,
            _ => match key_end.map(|end| first[end..].trim_start()) {
                Some(rest) if rest.starts_with('=') => Format::Toml,
                _ => Format::Yaml,
            },
        }
    }

    /// The name that [`Format::from_name`] takes.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Yaml => "yaml",
            Format::Toml => "toml",
            Format::Json => "json",
        }
    }
}

/// What a text said, and what was wrong with it. A value comes with errors where reading could go on after them.
pub(crate) struct Document {
    pub value: Option<Value>,
    pub errors: Vec<Error>,
}

impl Document {
    pub fn refused(error: Error) -> Document {
        Document { value: None, errors: vec![error] }
    }
}

pub(crate) fn read(bytes: &[u8], format: Format) -> Document {
    if bytes.len() > MAX_BYTES {
        let detail = format!("{} bytes, a policy has at most {MAX_BYTES}", bytes.len());
        return Document::refused(Error::new(ErrorCode::PolicySyntax, detail));
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        let detail = "the file starts with a byte order mark: save it as UTF-8 without one";
        return Document::refused(fault(ErrorCode::PolicySyntax, detail, 0, 0));
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.valid_up_to();
            return Document::refused(fault(ErrorCode::PolicySyntax, "not UTF-8", at, at));
        }
    };
    let document = match format {
        Format::Yaml => yaml::read(text),
        Format::Toml => toml::read(text),
        Format::Json => read_json(bytes),
    };
    if document.value.is_none() && document.errors.is_empty() {
        return Document::refused(fault(ErrorCode::PolicySyntax, "the file is empty", 0, 0));
    }
    document
}

/// Reads a text with the strictness and the positions of a policy file, for the other files that operators write.
pub fn read_document(bytes: &[u8], format: Format, file_name: &str) -> Result<Value, Vec<PolicyError>> {
    let document = read(bytes, format);
    match document.value {
        Some(value) if document.errors.is_empty() => Ok(value),
        _ => Err(PolicyError::list(document.errors, bytes, file_name)),
    }
}

fn read_json(bytes: &[u8]) -> Document {
    let limits = Limits { depth: MAX_DEPTH, bytes: MAX_BYTES };
    match json::parse_with(bytes, Profile::Data, limits) {
        Err(error) => Document::refused(translate_json(error)),
        Ok(value) => {
            let mut errors = Vec::new();
            refuse_floats(&value, &mut errors);
            Document { value: Some(value), errors }
        }
    }
}

/// The parser's error as the error of a file, which has lines instead of byte offsets.
fn translate_json(error: Error) -> Error {
    let what = error.detail.rsplit_once(", at byte ").map_or(error.detail.as_str(), |(what, _)| what);
    let (code, detail) = match error.code {
        ErrorCode::MalformedDuplicateName => (ErrorCode::PolicySyntax, REPEATED_KEY.to_owned()),
        ErrorCode::MalformedNumber => (ErrorCode::PolicyInvalid, what.to_owned()),
        _ => (ErrorCode::PolicySyntax, format!("not JSON: {what}")),
    };
    Error { code, detail, ..error }
}

fn refuse_floats(value: &Value, errors: &mut Vec<Error>) {
    match &value.kind {
        Kind::Float(number) => errors.push(not_an_integer(&number.to_string(), value.span)),
        Kind::Array(items) => items.iter().for_each(|item| refuse_floats(item, errors)),
        Kind::Object(members) => members.iter().for_each(|member| refuse_floats(&member.value, errors)),
        _ => {}
    }
}

/// An error over a range of bytes. Offsets fit: a text has at most [`MAX_BYTES`].
pub(crate) fn fault(code: ErrorCode, detail: impl Into<String>, start: usize, end: usize) -> Error {
    Error::new(code, detail).at(Span { start: start as u32, end: end as u32 })
}

/// The three formats say the same about a number that the contracts have no place for.
pub(crate) fn not_an_integer(token: &str, span: Span) -> Error {
    let detail = format!(
        "{} is not an integer: money is in micro-units (1.50 is 1500000), confidence in basis points (0.75 is 7500); \
         quote it if a string is meant",
        shorten(token)
    );
    Error::new(ErrorCode::PolicyInvalid, detail).at(span)
}

pub(crate) fn beyond_safe(token: &str, span: Span) -> Error {
    let detail = format!("{} is beyond 2^53 - 1, the largest integer that every language keeps", shorten(token));
    Error::new(ErrorCode::PolicyInvalid, detail).at(span)
}

pub(crate) fn too_deep(start: usize) -> Error {
    fault(ErrorCode::PolicySyntax, format!("nested deeper than {MAX_DEPTH} levels"), start, start)
}

/// The sentence about a key that stands twice, in the three formats.
pub(crate) const REPEATED_KEY: &str = "this key was there before";

/// Longest text of the file that a message repeats, in characters.
const QUOTED_CHARS: usize = 64;

/// A piece of the file as a message shows it: bounded, and with nothing that steers a terminal.
pub(crate) fn quote(text: &str) -> String {
    format!("{:?}", shorten(text))
}

pub(crate) fn shorten(text: &str) -> String {
    match text.char_indices().nth(QUOTED_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Line and column of a byte offset: both from 1, the column in characters.
pub fn position(bytes: &[u8], offset: usize) -> (u32, u32) {
    let before = &bytes[..offset.min(bytes.len())];
    let line = before.iter().filter(|&&byte| byte == b'\n').count() as u32 + 1;
    let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let is_first_byte_of_char = |byte: &&u8| **byte & 0xc0 != 0x80;
    (line, before[start..].iter().filter(is_first_byte_of_char).count() as u32 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_says_the_format() {
        assert_eq!(Format::from_path("a/policy.yaml"), Some(Format::Yaml));
        assert_eq!(Format::from_path("policy.YML"), Some(Format::Yaml));
        assert_eq!(Format::from_path("policy.toml"), Some(Format::Toml));
        assert_eq!(Format::from_path("policy.json"), Some(Format::Json));
        assert_eq!(Format::from_path("policy"), None);
        assert_eq!(Format::from_path("policy.ini"), None);
    }

    #[test]
    fn the_first_line_that_says_something_is_sniffed() {
        assert_eq!(Format::sniff("\n {\"id\": \"x\"}"), Format::Json);
        assert_eq!(Format::sniff("# a comment\n\nid = \"x\"\n"), Format::Toml);
        assert_eq!(Format::sniff("[max_amount]\ncurrency='EUR'\n"), Format::Toml);
        assert_eq!(Format::sniff("# id = x\nid: x\n"), Format::Yaml);
        assert_eq!(Format::sniff("id: a=b\n"), Format::Yaml);
        assert_eq!(Format::sniff(""), Format::Yaml);
    }

    #[test]
    fn columns_count_characters() {
        let text = "a\né: ü: x\n".as_bytes();
        assert_eq!(position(text, 0), (1, 1));
        assert_eq!(position(text, 2), (2, 1));
        assert_eq!(position(text, 4), (2, 2));
        assert_eq!(position(text, 999), (3, 1));
    }
}
