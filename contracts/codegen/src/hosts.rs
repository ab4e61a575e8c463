//! What the writers of the host languages share: types in the order of their use, areas, lines of a width.

use crate::model::{Body, Model, Operation, Type};
use std::collections::{BTreeMap, BTreeSet};

/// The longest line, as `pyproject.toml` and `node/biome.json` say.
pub const WIDTH: usize = 110;

/// The members of an entry of the error registry, and what they mean.
pub const ENTRY: [(&str, &str); 9] = [
    ("class_name", "The class that it is raised as."),
    ("status", "HTTP status."),
    ("jsonrpc", "Code of the JSON-RPC error."),
    ("retryable", "Whether the same request can succeed later without anybody changing it."),
    ("owasp", "Tag of the OWASP Top 10 for Agentic Applications."),
    ("stage", "Stage of the pipeline that raises it; 0 outside of it."),
    ("event", "The audit event that a denial with this code raises."),
    ("public", "What people and models may be told; holds nothing about the request."),
    ("help", "What to do about it."),
];

/// The members of an entry of the registry of operations, and what they mean.
pub const OPERATION: [(&str, &str); 5] = [
    ("id", "The stable id."),
    ("summary", "What it does, a sentence."),
    ("pure", "Whether the answer depends on the input alone."),
    ("errors", "The codes that it fails with, beside those of its input."),
    ("reasons", "The codes that it answers with, beside `valid: false`."),
];

/// All types, each after those that it is made of.
pub fn types(model: &Model) -> Vec<&Type> {
    let all = || model.contracts.iter().chain(&model.areas).flat_map(|module| &module.types);
    let by_name: BTreeMap<&str, &Type> = all().map(|item| (item.name.as_str(), item)).collect();
    let mut done = BTreeSet::new();
    let mut out = Vec::new();
    all().for_each(|item| visit(item, &by_name, &mut done, &mut out));
    out
}

fn visit<'a>(
    item: &'a Type,
    by_name: &BTreeMap<&str, &'a Type>,
    done: &mut BTreeSet<&'a str>,
    out: &mut Vec<&'a Type>,
) {
    if !done.insert(&item.name) {
        return;
    }
    let mut names = BTreeSet::new();
    item.names(&mut names);
    names.iter().filter_map(|name| by_name.get(name)).for_each(|inner| visit(inner, by_name, done, out));
    out.push(item);
}

/// The pure operations by area: the part of the id before the dot. The others need a handle, and are methods of it.
pub fn pure_areas(model: &Model) -> BTreeMap<&str, Vec<&Operation>> {
    let mut areas: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
    for operation in model.operations.iter().filter(|operation| operation.pure) {
        areas.entry(area_and_verb(operation).0).or_default().push(operation);
    }
    areas
}

/// `audit.root` as `audit` and `root`.
pub fn area_and_verb(operation: &Operation) -> (&str, &str) {
    operation.id.split_once('.').unwrap_or((&operation.id, ""))
}

/// The members of an object.
pub fn fields(item: &Type) -> &[crate::model::Field] {
    match &item.body {
        Body::Struct { fields, .. } => fields,
        _ => &[],
    }
}

/// The words of a text in lines of at most `width` characters.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Whether a line can stand as it is.
pub fn fits(line: &str) -> bool {
    line.chars().count() <= WIDTH
}
