//! The files that decide, watched: a new text is put in force, one with mistakes changes nothing.

use crate::mcp::{Link, note};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;
use talos_shared::contracts::scalar::Hash;
use talos_shared::contracts::{Error, ErrorCode};
use talos_shared::crypto::hash;
use talos_shared::kernel::{Policies, Stage};
use talos_shared::{CedarFiles, Home, load_policy_with, read_include};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// No file is larger than a list of tools may be.
const FILE_BYTES: u64 = 8 << 20;

/// The files that decide.
pub struct Watched {
    policy: Option<PathBuf>,
    shadow: Option<PathBuf>,
    cedar: CedarFiles,
    home: Home,
    seen: Seen,
}

/// What the files held when they were last read; no digest is a file that cannot be read.
type Seen = BTreeMap<PathBuf, Option<Hash>>;

impl Watched {
    /// The directory's policy or another one, the one in shadow mode, and the Cedar policies with their tools.
    pub fn new(home: Home, policy: Option<PathBuf>, shadow: Option<PathBuf>, cedar: CedarFiles) -> Self {
        Watched { policy, shadow, cedar, home, seen: Seen::new() }
    }

    fn policy_path(&self) -> PathBuf {
        self.policy.clone().unwrap_or_else(|| self.home.policy_path())
    }

    /// Reads the policies, and keeps in mind what is included, also if they have mistakes.
    pub fn load(&mut self) -> Result<Policies, Error> {
        let policy = self.policy_path();
        let own = [&policy].into_iter().chain(&self.shadow).chain(&self.cedar.policies).chain(&self.cedar.tools);
        // Looked at before they are read: what changes in between is a change.
        let seen = RefCell::new(own.map(|path| (path.clone(), digest(path))).collect::<Seen>());
        let read = |path: &str| {
            let text = read_include(path);
            seen.borrow_mut().insert(path.into(), text.as_ref().ok().map(|text| tag(text)));
            text
        };
        let load = |path: &Path| load_policy_with(path, &read);
        let policy = self.policy.as_deref().map_or_else(|| self.home.policy_with(&read), load);
        let shadow = self.shadow.as_deref().map(load).transpose();
        self.seen = seen.into_inner();
        Ok(Policies { policy: policy?, shadow: shadow? })
    }

    /// Reads the Cedar policies.
    pub fn stages(&self) -> Result<Vec<Box<dyn Stage>>, Error> {
        self.cedar.stages()
    }

    fn has_changed(&self) -> bool {
        self.seen.iter().any(|(path, seen)| digest(path) != *seen)
    }

    /// Looks for changes for as long as the process lives. While something is wrong, it is tried again each time.
    pub fn run(mut self, link: &Link) {
        // What the files held when their mistakes were told.
        let mut told: Option<Seen> = None;
        loop {
            std::thread::sleep(LOOK);
            if told.is_none() && !self.has_changed() {
                continue;
            }
            match self.reload(link) {
                Ok(policy) => {
                    note(&format!("policy {policy:?} is in force"));
                    told = None;
                }
                Err(error) => {
                    if told.as_ref() != Some(&self.seen) {
                        note(&format!("the policy has changed and is not put in force: {error}"));
                    }
                    told = Some(self.seen.clone());
                }
            }
        }
    }

    /// Puts all of it in force, or nothing.
    fn reload(&mut self, link: &Link) -> Result<String, Error> {
        let policies = self.load()?;
        // A file that is gone while it is being replaced must not bring the built-in policy back.
        if policies.policy.is_builtin() && !link.kernel.policy().is_builtin() {
            return Err(Error::new(ErrorCode::PolicyNoPolicy, "the file is gone; the old policy stays in force"));
        }
        let id = policies.policy.policy().id.clone();
        link.kernel.reload_with(policies, self.stages()?)?;
        Ok(id)
    }
}

fn digest(path: &Path) -> Option<Hash> {
    // What is no file, such as a pipe, could be waited for without end.
    if !std::fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut text = Vec::new();
    let file = std::fs::File::open(path).ok()?;
    file.take(FILE_BYTES + 1).read_to_end(&mut text).ok()?;
    Some(tag(&text))
}

fn tag(text: &[u8]) -> Hash {
    hash::sha256(&[text])
}
