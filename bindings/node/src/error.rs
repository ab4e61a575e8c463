//! Errors of the kernel on their way to JavaScript.

use napi::Status;
use talos_shared::contracts::{Error, json};

/// An exception whose message is the problem document; `errorOf` of the package makes the error
/// that users see of it.
pub fn problem(error: &Error) -> napi::Error {
    let text = json::canonical(&error.to_problem());
    napi::Error::new(Status::GenericFailure, String::from_utf8_lossy(&text))
}
