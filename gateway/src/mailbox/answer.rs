//! Answers: contracts as JSON, refusals as problem documents (RFC 9457).

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use talos_shared::contracts::json;
use talos_shared::contracts::{Error, ErrorCode};

/// After how many seconds something may be tried again that a rate refused.
const SOON: u64 = 1;
/// The same for what needs somebody else to make room.
const LATER: u64 = 60;

/// A refusal.
pub struct Refused(pub Error);

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Refused(error)
    }
}

/// A value of a contract.
pub fn value(status: StatusCode, text: impl Into<Body>) -> Response {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    set(&mut response, "application/json");
    response
}

fn set(response: &mut Response, kind: &'static str) {
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let code = self.0.code;
        let text = json::canonical(&told(self.0).to_problem());
        let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = value(status, text);
        set(&mut response, "application/problem+json");
        if code.retryable() {
            let after = if matches!(code, ErrorCode::MailboxFull | ErrorCode::StoreFull) { LATER } else { SOON };
            response.headers_mut().insert(RETRY_AFTER, after.into());
        }
        response
    }
}

/// What is told: of the mailbox's own troubles no more than their code says to everybody.
fn told(error: Error) -> Error {
    let own = ["store.", "internal."].iter().any(|family| error.code.as_str().starts_with(family));
    if own { error.code.into() } else { error }
}
