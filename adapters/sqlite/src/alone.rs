//! A file that one process at a time has locked.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::process;
use talos_contracts::{Error, ErrorCode};

/// The lock, until it is dropped.
pub(crate) struct Alone {
    file: File,
    pid: u32,
}

impl Alone {
    /// Locks the file, which is made if it is not there; `taken` where another one has it.
    pub(crate) fn lock(path: &Path, taken: ErrorCode) -> Result<Self, Error> {
        let unavailable =
            |error: std::io::Error| Error::new(ErrorCode::StoreUnavailable, format!("{}: {error}", path.display()));
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path).map_err(unavailable)?;
        match file.try_lock() {
            Ok(()) => Ok(Alone { file, pid: process::id() }),
            Err(TryLockError::WouldBlock) => Err(Error::new(taken, format!("another process has {}", path.display()))),
            Err(TryLockError::Error(error)) => Err(unavailable(error)),
        }
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        // Closing is not enough: a process that is being started right now has the file open, too. A copy after a fork has not
        // locked it.
        if process::id() == self.pid {
            let _ = self.file.unlock();
        }
    }
}
