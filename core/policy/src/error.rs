//! What is wrong with a policy file, and where.

use crate::source::{MAX_ERRORS, position};
use std::fmt;
use talos_contracts::{Error, ErrorCode};

/// One thing that is wrong with a policy file. Shows as `policy.yaml:7:3: unknown key "x" (did you mean "y"?)`.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyError {
    /// The file, as the caller named it.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// `policy.syntax`, `policy.unknown_key` or `policy.invalid`.
    pub code: ErrorCode,
    /// What was got and what was expected.
    pub message: String,
    /// The nearest thing that would have been accepted.
    pub suggestion: Option<String>,
}

impl PolicyError {
    /// The errors of a file, in its order.
    pub(crate) fn list(mut errors: Vec<Error>, bytes: &[u8], file: &str) -> Vec<PolicyError> {
        errors.sort_by_key(|error| error.span.map_or(0, |span| span.start));
        errors.truncate(MAX_ERRORS);
        errors.into_iter().map(|error| PolicyError::new(error, bytes, file)).collect()
    }

    /// An error at the place that its span names in the text of a file.
    pub fn new(error: Error, bytes: &[u8], file: &str) -> PolicyError {
        let offset = error.span.map_or(0, |span| span.start as usize);
        let (line, column) = position(bytes, offset);
        let Error { code, detail: message, suggestion, .. } = error;
        PolicyError { file: file.to_owned(), line, column, code, message, suggestion }
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, " (did you mean {suggestion:?}?)"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for PolicyError {}
