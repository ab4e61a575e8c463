//! The one error type: a code from the registry and a sentence for a person.

use crate::ErrorCode;
use crate::json::{Span, Value};
use std::fmt;

/// What was wrong, where, and what would be right.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    /// The stable code, from `contracts/errors.yaml`.
    pub code: ErrorCode,
    /// What was got and what was expected. Never holds secrets or user data.
    pub detail: String,
    /// Where in the source text, if the error came from a text.
    pub span: Option<Span>,
    /// The nearest thing that would have been accepted.
    pub suggestion: Option<String>,
}

impl Error {
    /// An error without a position.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Error { code, detail: detail.into(), span: None, suggestion: None }
    }

    /// The same error, at a place in the source text.
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// The RFC 9457 problem document of this error.
    pub fn to_problem(&self) -> Value {
        let mut members = vec![
            ("type", Value::from(format!("urn:talos:error:{}", self.code.as_str()))),
            ("title", Value::from(self.code.public())),
            ("status", Value::from(i64::from(self.code.status()))),
            ("code", Value::from(self.code.as_str())),
            ("detail", Value::from(self.detail.as_str())),
            ("retryable", Value::from(self.code.retryable())),
        ];
        if let Some(span) = self.span {
            members.push(("offset", Value::from(i64::from(span.start))));
        }
        if let Some(suggestion) = &self.suggestion {
            members.push(("suggestion", Value::from(suggestion.as_str())));
        }
        Value::object(members)
    }
}

impl From<ErrorCode> for Error {
    fn from(code: ErrorCode) -> Self {
        Error::new(code, code.public())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, " (did you mean {suggestion:?}?)"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}
