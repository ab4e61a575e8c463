//! The last signed head, in a file beside the log key.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use talos_contracts::scalar::{B64, Hash};
use talos_contracts::{Error, ErrorCode};
use talos_kernel::ports::{HeadKeeper, KeptHead, NextHead};

/// The file's name.
const FILE: &str = "log.head";

/// A head that is kept in `log.head`: one line, size and root. It is replaced by renaming, under a
/// lock on a file of its own.
pub struct HeadFile {
    directory: PathBuf,
}

impl HeadFile {
    /// The head of a directory.
    pub fn new(directory: &Path) -> Self {
        HeadFile { directory: directory.to_owned() }
    }

    fn replace(&self, head: KeptHead) -> io::Result<()> {
        let temporary = self.directory.join("log.head.new");
        let mut file = File::create(&temporary)?;
        file.write_all(format!("{} {}\n", head.size, head.root).as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, self.directory.join(FILE))?;
        File::open(&self.directory)?.sync_all()
    }
}

fn parse(text: &str) -> Option<KeptHead> {
    let (size, root) = text.strip_suffix('\n')?.split_once(' ')?;
    let root: Hash = B64::from_b64(root)?;
    Some(KeptHead { size: size.parse().ok()?, root })
}

fn refused(error: io::Error) -> Error {
    let code = match error.kind() {
        io::ErrorKind::StorageFull => ErrorCode::StoreFull,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => ErrorCode::StoreReadOnly,
        _ => ErrorCode::StoreIo,
    };
    Error::new(code, format!("{FILE}: {error}"))
}

impl HeadKeeper for HeadFile {
    fn load(&self) -> Result<Option<KeptHead>, Error> {
        match fs::read_to_string(self.directory.join(FILE)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(refused(error)),
            Ok(text) => parse(&text)
                .map(Some)
                .ok_or_else(|| Error::new(ErrorCode::StoreCorrupt, format!("{FILE} is not \"SIZE ROOT\""))),
        }
    }

    fn exchange(&self, next: &mut NextHead<'_>) -> Result<(), Error> {
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(self.directory.join("log.head.lock"))
            .map_err(refused)?;
        lock.lock().map_err(refused)?;
        let head = next(self.load()?)?;
        self.replace(head).map_err(refused)
    }
}
