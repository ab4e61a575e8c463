//! Files that a policy includes, each pinned by its hash (`docs/spec/policy.md`, section 16).

use crate::compile::{Checker, CompiledPolicy, compile};
use crate::contract;
use crate::error::PolicyError;
use crate::merge::{self, Part};
use crate::source::{self, Document, Format, MAX_BYTES, quote};
use std::collections::HashSet;
use talos_contracts::scalar::Hash;
use talos_contracts::{Error, ErrorCode, Policy, PolicyInclude};

/// How deep files include each other; the policy itself is the first.
pub const MAX_INCLUDE_DEPTH: usize = 4;
/// How many files a policy consists of, itself left out.
pub const MAX_INCLUDES: usize = 16;

/// Reads a file that a policy includes. The name is that of the including file up to its last slash, and the path behind.
pub type ReadFile<'a> = &'a dyn Fn(&str) -> Result<Vec<u8>, Error>;

/// The reading of one policy with all its files.
pub(crate) struct Reading<'a> {
    read: Option<ReadFile<'a>>,
    /// The files that are being read, from the policy itself inwards.
    stack: Vec<String>,
    files: usize,
}

/// A policy that was read, and the files that it consists of: itself, then each other once.
pub(crate) struct Loaded {
    pub compiled: CompiledPolicy,
    pub parts: Vec<Part>,
}

impl<'a> Reading<'a> {
    pub fn new(read: Option<ReadFile<'a>>) -> Self {
        Reading { read, stack: Vec::new(), files: 0 }
    }

    /// Reads a file and no other: what is wrong with the rules of a file that includes others is not known without those.
    pub fn check_contract(text: &[u8], format: Format, name: &str) -> Result<(), Vec<PolicyError>> {
        let Document { value, mut errors } = source::read(text, format);
        let policy = value.and_then(|mut document| contract::read(&mut document, &mut errors));
        match policy {
            Some(_) if errors.is_empty() => Ok(()),
            _ => Err(PolicyError::list(errors, text, name)),
        }
    }

    pub fn load(&mut self, text: &[u8], format: Format, name: &str) -> Result<Loaded, Vec<PolicyError>> {
        let Document { value, mut errors } = source::read(text, format);
        let Some(mut document) = value else { return Err(PolicyError::list(errors, text, name)) };
        let Some((policy, cut_from)) = contract::read(&mut document, &mut errors) else {
            return Err(PolicyError::list(errors, text, name));
        };
        self.stack.push(plain(name));
        let mut checker = Checker::new(&document, text, name, cut_from, &mut errors);
        let mut foreign = Vec::new();
        let included = self.includes(policy.includes.as_deref().unwrap_or_default(), name, &mut checker, &mut foreign);
        self.stack.pop();
        // Without one of its files a policy cannot be checked: its rules may be about what is in that file.
        let compiled = included.map(|included| joined(policy, included, &mut checker));
        match compiled {
            Some(loaded) if errors.is_empty() => Ok(loaded),
            _ => {
                let mut all = PolicyError::list(errors, text, name);
                all.append(&mut foreign);
                all.truncate(source::MAX_ERRORS);
                Err(all)
            }
        }
    }

    /// Reads the files that a policy includes: for each which entry it comes by, and its parts. Nothing if one cannot be had.
    fn includes(
        &mut self,
        entries: &[PolicyInclude],
        name: &str,
        checker: &mut Checker<'_>,
        foreign: &mut Vec<PolicyError>,
    ) -> Option<Vec<(usize, Vec<Part>)>> {
        if entries.is_empty() {
            return Some(Vec::new());
        }
        let Some(read) = self.read else {
            let detail =
                "this policy was given as a text, so the files that it includes cannot be read: load it from its file";
            checker.refuse_as(ErrorCode::PolicyIncludeUnreadable, "/includes", detail);
            return None;
        };
        let mut included = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            let pointer = format!("/includes/{index}");
            let path = match self.path(name, &entry.file) {
                Ok(path) => path,
                Err(detail) => {
                    checker.refuse(&format!("{pointer}/file"), detail);
                    continue;
                }
            };
            let text = match read(&path) {
                Ok(text) => text,
                Err(error) => {
                    let code = ErrorCode::PolicyIncludeUnreadable;
                    checker.refuse_as(code, &format!("{pointer}/file"), error.detail);
                    continue;
                }
            };
            match self.load(&text, format_of(&path, &text), &path) {
                Err(mut errors) => foreign.append(&mut errors),
                Ok(loaded) if loaded.compiled.hash() != entry.hash => {
                    let hash = loaded.compiled.hash();
                    let detail = format!("{} is not what was pinned: its hash is {hash} now", quote(&entry.file));
                    checker.refuse_as(ErrorCode::PolicyIncludeHash, &format!("{pointer}/hash"), detail);
                }
                Ok(loaded) => included.push((index, loaded.parts)),
            }
        }
        (included.len() == entries.len()).then_some(included)
    }

    /// Where an included file is, if it may be included here.
    fn path(&mut self, name: &str, file: &str) -> Result<String, String> {
        let shown = quote(file);
        let is_absolute = file.starts_with('/') || file.as_bytes().get(1) == Some(&b':');
        if is_absolute || file.contains('\\') || file.contains(char::is_control) {
            return Err(format!("{shown}: a path relative to this file, with / between its parts"));
        }
        let directory = name.rfind(['/', '\\']).map_or("", |end| &name[..=end]);
        let path = format!("{directory}{file}");
        if self.stack.contains(&plain(&path)) {
            return Err(format!("{shown} includes this file again: {}", self.stack.join(" -> ")));
        }
        if self.stack.len() == MAX_INCLUDE_DEPTH {
            return Err(format!("{shown}: files include each other at most {MAX_INCLUDE_DEPTH} deep"));
        }
        self.files += 1;
        match self.files > MAX_INCLUDES {
            true => Err(format!("{shown}: a policy includes at most {MAX_INCLUDES} files")),
            false => Ok(path),
        }
    }
}

/// The policy with the rules of its files, each file once, whichever way it is included.
fn joined(mut policy: Policy, included: Vec<(usize, Vec<Part>)>, checker: &mut Checker<'_>) -> Loaded {
    let mut own = policy.clone();
    own.includes = None;
    policy.includes = None;
    let mut seen: HashSet<Hash> = HashSet::new();
    let mut parts = Vec::new();
    for (index, these) in included {
        for part in these {
            if !seen.insert(part.hash) {
                continue;
            }
            merge::join(&mut policy, &part, index, checker);
            parts.push(part);
        }
    }
    if !parts.is_empty() {
        checker.check_bounds(&policy);
    }
    let compiled = compile(policy, checker);
    let people = compiled.policy.approvers.as_deref().unwrap_or_default();
    merge::name_approvers(&mut own, people);
    parts.insert(0, Part { hash: compiled.hash(), name: checker.file().to_owned(), policy: own });
    Loaded { compiled, parts }
}

fn format_of(path: &str, text: &[u8]) -> Format {
    let start = &text[..text.len().min(MAX_BYTES)];
    Format::from_path(path).unwrap_or_else(|| Format::sniff(&String::from_utf8_lossy(start)))
}

/// A path without `.` and `..`, as far as its text says: what is spelt differently may be the same file.
fn plain(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." if parts.last().is_some_and(|last| !matches!(*last, "" | "..")) => {
                parts.pop();
            }
            "" if !parts.is_empty() => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}
