//! Directories to work in.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use talos_contracts::{Budget, BudgetUnit, Error, Scope, ScopeLevel};
use talos_kernel::ports::{Budgets, Store};
use talos_kernel::{Kernel, Ports};
use talos_shared::{Home, SystemClock, SystemEntropy};
use tempfile::TempDir;

/// One tool of each effect, and no limit.
const POLICY: &str = "id: crash
allowed_tools:
  - {name: read_file, effect: read}
  - {name: write_file, effect: write}
  - {name: wipe, effect: irreversible}
";

/// An initialised directory that others are copied from, and room for them. All of it goes when this is dropped.
pub struct Template(TempDir);

impl Template {
    /// Makes one.
    pub fn new() -> Self {
        let template = Template(TempDir::new().unwrap());
        let home = template.0.path().join("template");
        Home::init(&home).unwrap();
        fs::write(home.join("policy.yaml"), POLICY).unwrap();
        template
    }

    /// A fresh copy under this name.
    pub fn home(&self, name: &str) -> PathBuf {
        let to = self.path(name);
        copy_tree(&self.0.path().join("template"), &to);
        to
    }

    /// A fresh copy with a budget of this unit for all that is done there.
    pub fn home_with_budget(&self, name: &str, unit: BudgetUnit, cap: u64) -> PathBuf {
        let home = self.home(name);
        let scope = Scope { level: ScopeLevel::All, name: None };
        let budget = Budget { scope, unit, currency: None, cap, window: None, mode: None, default_cost: None };
        kernel_on(&home).unwrap().set_budget(&budget).unwrap();
        home
    }

    /// A path in the same room; nothing is there yet.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

impl Default for Template {
    fn default() -> Self {
        Self::new()
    }
}

/// Copies a directory with all that is below it, in place of what was there.
pub fn copy_tree(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|e| (e.path(), e.file_name())).unwrap();
        if path.is_dir() {
            copy_tree(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

/// The ports of an ordinary process, over this store.
pub fn ports(home: &Home, store: Arc<impl Store + Budgets + 'static>) -> Ports {
    Ports {
        clock: Arc::new(SystemClock::default()),
        entropy: Arc::new(SystemEntropy),
        budgets: store.clone(),
        store,
        heads: Arc::new(home.heads()),
        files: None,
        stages: Vec::new(),
        notify: None,
    }
}

/// The kernel that an ordinary process has on a directory.
pub fn kernel_on(directory: &Path) -> Result<Kernel, Error> {
    let home = Home::open(directory)?;
    home.kernel(home.policy()?)
}
