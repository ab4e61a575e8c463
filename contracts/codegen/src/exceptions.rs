//! From `contracts/exceptions.yaml` to classes: every code gets the one class that SDKs raise it as.

use crate::model::{Class, ErrorEntry, text, texts};
use serde_json::Value;
use std::collections::BTreeMap;

/// The classes in order; the entries learn their class.
pub fn assign(file: &Value, entries: &mut [ErrorEntry]) -> Result<Vec<Class>, String> {
    let mut classes: Vec<Class> = Vec::new();
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in file.as_object().ok_or("expected a mapping of classes")? {
        let class = class(name, value, &classes).map_err(|e| format!("{name}: {e}"))?;
        let codes = texts(&value["codes"]);
        if codes.is_empty() && !class.doc.contains("No code raises it yet") {
            return Err(format!("{name}: has no codes and does not say so in its doc"));
        }
        for code in codes {
            if !entries.iter().any(|entry| entry.code == code || family(&entry.code) == code) {
                return Err(format!("{name}: {code} is neither a code nor a family"));
            }
            if let Some(other) = owners.insert(code.clone(), name.clone()) {
                return Err(format!("{name}: {code} belongs to {other} already"));
            }
        }
        classes.push(class);
    }
    for entry in entries.iter_mut() {
        let owner = owners.get(&entry.code).or_else(|| owners.get(family(&entry.code)));
        entry.class = owner.ok_or(format!("no class has {} or its family", entry.code))?.clone();
    }
    check_denials(&classes, entries)?;
    Ok(classes)
}

/// The class and those that it derives from, the nearest first.
pub fn lineage<'a>(classes: &'a [Class], name: &str) -> Vec<&'a str> {
    let mut out = Vec::new();
    let mut next = classes.iter().find(|class| class.name == name);
    while let Some(class) = next {
        out.push(class.name.as_str());
        next = classes.iter().find(|other| Some(&other.name) == class.base.as_ref());
    }
    out
}

fn family(code: &str) -> &str {
    code.split('.').next().unwrap_or(code)
}

fn class(name: &str, value: &Value, before: &[Class]) -> Result<Class, String> {
    let members = value.as_object().ok_or("expected a mapping")?;
    if let Some(unknown) = members.keys().find(|key| !["base", "doc", "codes"].contains(&key.as_str())) {
        return Err(format!("{unknown:?} is not known"));
    }
    if !value["codes"].is_array() {
        return Err("codes is a list".to_owned());
    }
    let base = value.get("base").and_then(Value::as_str).map(str::to_owned);
    match &base {
        None if !before.is_empty() => return Err("only the first class has no base".to_owned()),
        Some(base) if before.iter().all(|class| class.name != *base) => {
            return Err(format!("its base {base} does not stand before it"));
        }
        _ => {}
    }
    Ok(Class { name: name.to_owned(), base, doc: text(value, "doc")? })
}

/// What a stage denies, and what an audit event is raised for, is a refused action: one handler has to see them all.
fn check_denials(classes: &[Class], entries: &[ErrorEntry]) -> Result<(), String> {
    let denies = |entry: &&ErrorEntry| (3..=10).contains(&entry.stage) || entry.event.is_some();
    let stray = entries.iter().filter(denies).find(|entry| !lineage(classes, &entry.class).contains(&"Denied"));
    match stray {
        None => Ok(()),
        Some(entry) => Err(format!("{} denies an action, but {} does not derive from Denied", entry.code, entry.class)),
    }
}
