//! Refusals of what was received.

use crate::keys::Sid;
use talos_contracts::scalar::Hash;
use talos_contracts::{Error, ErrorCode};

/// Why bytes were refused. Nothing of any session has changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// The code, and a sentence for a person.
    pub error: Error,
    /// With `session.fork`: what the receipt names.
    pub fork: Option<Box<Fork>>,
}

/// The evidence of a fork (`docs/spec/session.md`, section 7.1).
#[derive(Clone, Debug, PartialEq)]
pub struct Fork {
    /// The session.
    pub sid: Sid,
    /// The frame that was refused.
    pub frame_hash: Hash,
    /// The frame that was opened with the same key before; absent where the sender's numbers go backwards.
    pub before: Option<Hash>,
}

impl Refused {
    /// The code.
    pub fn code(&self) -> ErrorCode {
        self.error.code
    }

    /// Whether the frame has failed, as section 7 counts failures.
    pub(crate) fn is_failure(&self) -> bool {
        use ErrorCode::{SessionAuthentication, SessionKeyInvalid, SessionSkipLimit};
        matches!(self.error.code, SessionAuthentication | SessionSkipLimit | SessionKeyInvalid)
    }

    /// Whether it is a fork by section 7, step 3: a second frame of a key, whoever made it.
    pub(crate) fn is_second_frame(&self) -> bool {
        self.fork.as_ref().is_some_and(|fork| fork.before.is_some())
    }

    pub(crate) fn fork(sid: Sid, frame_hash: Hash, before: Option<Hash>, why: &str) -> Self {
        let error = Error::new(ErrorCode::SessionFork, why);
        Refused { error, fork: Some(Box::new(Fork { sid, frame_hash, before })) }
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Refused { error, fork: None }
    }
}

impl From<ErrorCode> for Refused {
    fn from(code: ErrorCode) -> Self {
        Error::from(code).into()
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for Refused {}

pub(crate) fn malformed(why: &str) -> Error {
    Error::new(ErrorCode::SessionMalformed, why)
}

pub(crate) fn unauthentic(why: &str) -> Error {
    Error::new(ErrorCode::SessionAuthentication, why)
}
