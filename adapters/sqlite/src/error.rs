//! SQLite's errors in the words of the registry.

use rusqlite::ErrorCode as Sqlite;
use talos_contracts::{Error, ErrorCode};

/// The registry's error for SQLite's. The text is SQLite's own and holds no user data: every
/// value is bound, none is part of a statement.
pub(crate) fn refused(error: rusqlite::Error) -> Error {
    let code = match error.sqlite_error_code() {
        Some(Sqlite::DiskFull) => ErrorCode::StoreFull,
        Some(Sqlite::ReadOnly | Sqlite::PermissionDenied) => ErrorCode::StoreReadOnly,
        Some(Sqlite::DatabaseCorrupt | Sqlite::NotADatabase) => ErrorCode::StoreCorrupt,
        Some(Sqlite::DatabaseBusy | Sqlite::DatabaseLocked) => ErrorCode::StoreBusy,
        Some(Sqlite::SystemIoFailure) => ErrorCode::StoreIo,
        Some(Sqlite::ConstraintViolation | Sqlite::TypeMismatch) => ErrorCode::StoreCorrupt,
        None if matches!(
            error,
            rusqlite::Error::FromSqlConversionFailure(..) | rusqlite::Error::InvalidColumnType(..)
        ) =>
        {
            ErrorCode::StoreCorrupt
        }
        None if matches!(error, rusqlite::Error::QueryReturnedNoRows) => ErrorCode::StoreCorrupt,
        _ => ErrorCode::StoreUnavailable,
    };
    Error::new(code, error.to_string())
}
