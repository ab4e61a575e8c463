//! Lists of exact names, compared in NFC.

use std::collections::HashMap;
use talos_text::nfc;

/// What stands for every name in a list.
pub(crate) const ANY: &str = "*";

/// Names with what a rule says about each.
#[derive(Debug)]
pub(crate) struct Names<T> {
    exact: HashMap<String, T>,
    any: Option<T>,
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Names { exact: HashMap::new(), any: None }
    }
}

impl<T> Names<T> {
    /// Adds a rule; the answer is whether the name was new.
    pub fn insert(&mut self, name: &str, rule: T) -> bool {
        if name == ANY {
            return self.any.replace(rule).is_none();
        }
        self.exact.insert(nfc(name).into_owned(), rule).is_none()
    }

    /// The rule of this name, else the one for every name.
    pub fn find(&self, name: &str) -> Option<&T> {
        self.exact.get(nfc(name).as_ref()).or(self.any.as_ref())
    }

    /// Whether the list names this one itself.
    pub fn names(&self, name: &str) -> bool {
        self.exact.contains_key(nfc(name).as_ref())
    }

    pub fn has_any(&self) -> bool {
        self.any.is_some()
    }

    pub fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.any.is_none()
    }
}
