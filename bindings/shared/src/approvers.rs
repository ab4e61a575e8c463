//! The keys of people who approve: apart from the directory of the agents, which the agents' processes may write.

use crate::home::{load_key, load_or_make_key, make_private_directory};
use std::path::{Path, PathBuf};
use talos_contracts::scalar::is_agent;
use talos_contracts::{Error, ErrorCode};
use talos_crypto::SigningKey;

/// A folder of keys, one file a person.
pub struct Approvers {
    folder: PathBuf,
}

impl Approvers {
    /// The folder that is used: `$TALOS_APPROVERS`, else `talos-approvers` in the user's configuration directory.
    pub fn default_folder() -> Result<Self, Error> {
        let from = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        if let Some(folder) = from("TALOS_APPROVERS") {
            return Ok(Approvers { folder });
        }
        let base = if cfg!(target_os = "macos") {
            from("HOME").map(|h| h.join("Library/Application Support"))
        } else if cfg!(windows) {
            from("APPDATA")
        } else {
            from("XDG_CONFIG_HOME").or_else(|| from("HOME").map(|h| h.join(".config")))
        };
        let folder = base.map(|base| base.join("talos-approvers"));
        let missing = || Error::new(ErrorCode::ConfigMissing, "no home directory: name a folder with TALOS_APPROVERS");
        Ok(Approvers { folder: folder.ok_or_else(missing)? })
    }

    /// The file of a person's key.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.pem"))
    }

    /// Makes the key of a person, or finds it.
    pub fn make(&self, name: &str) -> Result<SigningKey, Error> {
        if !is_agent(name) {
            let why = format!("{name:?} is no name: small letters, digits, \"_\" and \"-\", at most 64");
            return Err(Error::new(ErrorCode::MalformedValue, why));
        }
        make_private_directory(&self.folder)?;
        load_or_make_key(&self.path(name), true)
    }

    /// The key of a person, if there is one here.
    pub fn find(&self, name: &str) -> Result<Option<SigningKey>, Error> {
        let path = self.path(name);
        if is_agent(name) && path.exists() { load_key(&path).map(Some) } else { Ok(None) }
    }
}

/// Reads the key of a person from a file of theirs.
pub fn approver_key(path: &Path) -> Result<SigningKey, Error> {
    load_key(path)
}
