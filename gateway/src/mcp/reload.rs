//! The policy's file, watched: a new text is put in force, one with mistakes changes nothing.

use crate::mcp::{Link, note};
use std::io::Read;
use std::path::PathBuf;
use std::time::Duration;
use talos_shared::contracts::{Error, ErrorCode};
use talos_shared::kernel::Policies;
use talos_shared::policy::CompiledPolicy;
use talos_shared::{Home, load_policy};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// A policy's file is not larger.
const FILE_BYTES: u64 = 1 << 20;

/// The files that decide.
pub struct Watched {
    policy: Option<PathBuf>,
    shadow: Option<PathBuf>,
    home: Home,
    seen: Seen,
}

/// What the files held when they were last looked at; no text is a file that is not there.
#[derive(Default, PartialEq)]
struct Seen {
    policy: Option<Vec<u8>>,
    shadow: Option<Vec<u8>>,
}

impl Watched {
    /// The directory's policy or another one, and the one in shadow mode.
    pub fn new(home: Home, policy: Option<PathBuf>, shadow: Option<PathBuf>) -> Self {
        let mut watched = Watched { policy, shadow, home, seen: Seen::default() };
        watched.seen = watched.look();
        watched
    }

    /// Reads the policies.
    pub fn load(&self) -> Result<Policies, Error> {
        let policy = match &self.policy {
            Some(path) => load_policy(path)?,
            None => self.home.policy()?,
        };
        Ok(Policies { policy, shadow: self.shadow.as_deref().map(load_policy).transpose()? })
    }

    fn look(&self) -> Seen {
        let policy = self.policy.clone().unwrap_or_else(|| self.home.policy_path());
        Seen { policy: text(&policy), shadow: self.shadow.as_ref().and_then(text) }
    }

    /// Looks for changes for as long as the process lives.
    pub fn run(mut self, link: &Link) {
        loop {
            std::thread::sleep(LOOK);
            let now = self.look();
            if now == self.seen {
                continue;
            }
            self.seen = now;
            match self.reload(link) {
                Ok(policy) => note(&format!("policy {policy:?} is in force")),
                Err(error) => note(&format!("the policy has changed and is not put in force: {error}")),
            }
        }
    }

    fn reload(&self, link: &Link) -> Result<String, Error> {
        // A file that is gone while it is being replaced must not bring the built-in policy back.
        if self.seen.policy.is_none() && !link.kernel.policy().is_builtin() {
            return Err(Error::new(ErrorCode::PolicyNoPolicy, "the file is gone; the old policy stays in force"));
        }
        let policies = self.load()?;
        let id = id(&policies.policy);
        link.kernel.reload(policies)?;
        Ok(id)
    }
}

fn id(policy: &CompiledPolicy) -> String {
    policy.policy().id.clone()
}

fn text(path: &PathBuf) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    let file = std::fs::File::open(path).ok()?;
    file.take(FILE_BYTES + 1).read_to_end(&mut text).ok()?;
    Some(text)
}
