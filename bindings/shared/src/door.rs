//! The door: one operation, JSON in, JSON out.

use crate::operations;
use std::panic::{AssertUnwindSafe, catch_unwind};
use talos_contracts::json::{self, DATA_DEPTH, Limits, Profile, Value};
use talos_contracts::{Error, ErrorCode, Operation};

/// Bytes of one input: a bundle of 32 MiB, as a text in JSON.
pub const INPUT_BYTES: usize = 48 * 1024 * 1024;
/// An input has user data at the second level of its own.
pub(crate) const INPUT_LIMITS: Limits = Limits { depth: DATA_DEPTH + 2, bytes: INPUT_BYTES };

/// Runs an operation on one JSON text and gives its output as canonical JSON.
///
/// An operation that verifies answers `valid: false` with a reason also where a member is no
/// base64, no number of the right range, or of another type; only an input that is no JSON object
/// of the operation's members is an error.
pub fn call(operation: &str, input: &[u8]) -> Result<Vec<u8>, Error> {
    let operation = find(operation)?;
    if !operation.pure {
        return Err(ErrorCode::KernelNotOpen.into());
    }
    catch_unwind(AssertUnwindSafe(|| run(operation, input)))
        .unwrap_or_else(|_| Err(Error::new(ErrorCode::InternalPanic, "the operation panicked")))
}

pub(crate) fn find(id: &str) -> Result<&'static Operation, Error> {
    Operation::find(id).ok_or_else(|| Error::new(ErrorCode::OperationUnknown, format!("no operation {id:?}")))
}

fn run(operation: &Operation, input: &[u8]) -> Result<Vec<u8>, Error> {
    answer(operation, &parse(operation, input)?)
}

/// The input of an operation, as a value.
pub(crate) fn parse(operation: &Operation, input: &[u8]) -> Result<Value, Error> {
    // Tree sizes go up to 2^64 - 1, as integers or as decimal strings.
    let has_sizes = ["audit.", "checkpoint."].iter().any(|area| operation.id.starts_with(area));
    json::parse_with(input, if has_sizes { Profile::Counts } else { Profile::Data }, INPUT_LIMITS)
}

/// The answer of a pure operation.
pub(crate) fn answer(operation: &Operation, input: &Value) -> Result<Vec<u8>, Error> {
    match operations::run(operation.id, input) {
        Err(error) if operation.verifier && is_about_a_value(error.code) => Ok(refusal(&error)),
        other => other,
    }
}

fn is_about_a_value(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::MalformedBase64 | ErrorCode::MalformedValue | ErrorCode::MalformedType)
}

/// `{"reason": code, "valid": false}`.
pub(crate) fn refusal(error: &Error) -> Vec<u8> {
    json::canonical(&Value::object([("reason", Value::from(error.code.as_str())), ("valid", Value::from(false))]))
}

/// One answer for one line, whatever the line holds: the output, or the problem document.
pub fn call_line(operation: &str, line: &[u8]) -> Vec<u8> {
    told(call(operation, line))
}

/// The output, or the problem document.
pub(crate) fn told(answer: Result<Vec<u8>, Error>) -> Vec<u8> {
    answer.unwrap_or_else(|error| json::canonical(&error.to_problem()))
}
