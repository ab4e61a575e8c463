//! Lists of exact names, compared in NFC.

use std::collections::HashMap;
use talos_text::nfc;

/// Whether two names are the same: exactly, after NFC.
pub fn same_name(a: &str, b: &str) -> bool {
    a == b || nfc(a) == nfc(b)
}

/// What stands for every name in a list.
pub(crate) const ANY: &str = "*";

/// Names with what the rules say about each, in the order of the file.
#[derive(Debug)]
pub(crate) struct Names<T> {
    exact: HashMap<String, Vec<T>>,
    any: Vec<T>,
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Names { exact: HashMap::new(), any: Vec::new() }
    }
}

impl<T> Names<T> {
    /// Adds a rule to those of its name.
    pub fn insert(&mut self, name: &str, rule: T) {
        match name {
            ANY => self.any.push(rule),
            _ => self.exact.entry(nfc(name).into_owned()).or_default().push(rule),
        }
    }

    /// The rules of this very name, which may be the one that stands for every name.
    pub fn of(&self, name: &str) -> &[T] {
        match name {
            ANY => &self.any,
            _ => self.exact.get(nfc(name).as_ref()).map_or(&[], Vec::as_slice),
        }
    }

    /// The rules of this name, else those for every name. Nobody is called `*`.
    pub fn find(&self, name: &str) -> &[T] {
        self.exact.get(nfc(name).as_ref()).unwrap_or(&self.any)
    }

    pub fn has_any(&self) -> bool {
        !self.any.is_empty()
    }

    pub fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.any.is_empty()
    }

    /// The names, as they are compared.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.exact.keys().map(String::as_str)
    }
}
