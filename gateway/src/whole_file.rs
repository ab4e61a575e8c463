//! Files that are there whole, or as they were before.

use std::fs::{File, Permissions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use talos_shared::contracts::{Error, ErrorCode};
use tempfile::NamedTempFile;

/// What becomes of a file that is there.
pub enum Existing {
    /// It stays, and nothing is written.
    Kept,
    /// Another takes its place.
    Replaced,
}

/// Writes a file in one step. Without permissions only its owner may read it.
pub fn write_whole<T>(
    path: &Path,
    existing: Existing,
    permissions: Option<Permissions>,
    write: impl FnOnce(&mut dyn Write) -> Result<T, Error>,
) -> Result<T, Error> {
    let failed = |error: io::Error| Error::new(ErrorCode::StoreIo, format!("{}: {error}", path.display()));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder).map_err(failed)?;
    let mut writer = BufWriter::new(&mut file);
    let done = write(&mut writer)?;
    writer.flush().map_err(failed)?;
    drop(writer);
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions).map_err(failed)?;
    }
    file.as_file().sync_all().map_err(failed)?;
    let kept = match existing {
        Existing::Replaced => file.persist(path),
        Existing::Kept => file.persist_noclobber(path),
    };
    kept.map_err(|error| match error.error.kind() {
        io::ErrorKind::AlreadyExists => exists(path),
        _ => failed(error.error),
    })?;
    // So that the name survives a loss of power, too.
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
    Ok(done)
}

/// Replaces the text of a file, which keeps its permissions, and its place behind symbolic links.
pub fn replace_text(path: &Path, text: &str) -> Result<(), Error> {
    let failed = |error: io::Error| Error::new(ErrorCode::StoreIo, format!("{}: {error}", path.display()));
    let place: PathBuf = path.canonicalize().map_err(failed)?;
    let permissions = place.metadata().map_err(failed)?.permissions();
    write_whole(&place, Existing::Replaced, Some(permissions), |out| out.write_all(text.as_bytes()).map_err(failed))
}

/// The file is there and stays.
pub fn exists(path: &Path) -> Error {
    let detail = format!("{} exists and stays as it is: name another file, or replace it with --force", path.display());
    Error::new(ErrorCode::ConfigMalformed, detail)
}
