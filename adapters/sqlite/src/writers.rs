//! Which writers are alive: each holds a lock on a file of its own.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use talos_contracts::scalar::Salt;
use talos_contracts::{Error, ErrorCode};

pub(crate) struct Writers {
    directory: PathBuf,
    /// Locked as long as they are open.
    ours: Mutex<HashMap<Salt, File>>,
    dead: Mutex<HashSet<Salt>>,
}

impl Writers {
    pub(crate) fn new(directory: &Path) -> Self {
        Writers { directory: directory.join("writers"), ours: Mutex::default(), dead: Mutex::default() }
    }

    fn path(&self, boot: Salt) -> PathBuf {
        self.directory.join(format!("{boot}.lock"))
    }

    /// Marks this writer as alive, before the database first names it.
    pub(crate) fn register(&self, boot: Salt) -> Result<(), Error> {
        let mut ours = self.ours.lock().unwrap_or_else(PoisonError::into_inner);
        if ours.contains_key(&boot) {
            return Ok(());
        }
        let file = self.create(boot).map_err(unavailable)?;
        ours.insert(boot, file);
        Ok(())
    }

    fn create(&self, boot: Salt) -> io::Result<File> {
        fs::create_dir_all(&self.directory)?;
        let file = OpenOptions::new().write(true).create_new(true).open(self.path(boot))?;
        file.lock()?;
        Ok(file)
    }

    /// This writer has nothing open any more; the database no longer names it.
    pub(crate) fn release(&self, boot: Salt) {
        if let Some(file) = self.ours.lock().unwrap_or_else(PoisonError::into_inner).remove(&boot) {
            drop(file);
            let _ = fs::remove_file(self.path(boot));
        }
    }

    /// Whether a writer that the database names still runs. Only a writer that is provably dead is
    /// dead: a file that is gone, or a lock that can be had.
    pub(crate) fn is_alive(&self, boot: Salt) -> bool {
        if self.ours.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&boot) {
            return true;
        }
        let alive = match File::open(self.path(boot)) {
            Err(error) => error.kind() != io::ErrorKind::NotFound,
            Ok(file) => match file.try_lock() {
                Ok(()) => false,
                Err(TryLockError::WouldBlock | TryLockError::Error(_)) => true,
            },
        };
        if !alive {
            self.dead.lock().unwrap_or_else(PoisonError::into_inner).insert(boot);
        }
        alive
    }

    /// Removes the files of writers that were found dead, once their calls have been claimed. A
    /// file that stays is harmless.
    pub(crate) fn forget_dead(&self) {
        let dead = std::mem::take(&mut *self.dead.lock().unwrap_or_else(PoisonError::into_inner));
        dead.into_iter().for_each(|boot| {
            let _ = fs::remove_file(self.path(boot));
        });
    }
}

impl Drop for Writers {
    fn drop(&mut self) {
        let ours = std::mem::take(&mut *self.ours.lock().unwrap_or_else(PoisonError::into_inner));
        for (boot, file) in ours {
            drop(file);
            let _ = fs::remove_file(self.path(boot));
        }
    }
}

fn unavailable(error: io::Error) -> Error {
    let code = match error.kind() {
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => ErrorCode::StoreReadOnly,
        io::ErrorKind::StorageFull => ErrorCode::StoreFull,
        _ => ErrorCode::StoreUnavailable,
    };
    Error::new(code, format!("writers: {error}"))
}
