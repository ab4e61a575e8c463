//! Errors of this crate.

use talos_contracts::{Error, ErrorCode};

pub(crate) fn payload(why: &str) -> Error {
    Error::new(ErrorCode::SessionMalformed, why)
}

pub(crate) fn corrupt(why: &str) -> Error {
    Error::new(ErrorCode::StoreCorrupt, why)
}
