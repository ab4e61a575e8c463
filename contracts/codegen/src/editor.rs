//! The schema of policy files as one document, for editors and other tools that know JSON Schema 2020-12.

use crate::load::{Source, Sources};
use serde_json::{Map, Value, json};

/// Where the schema is for people, and where the crate has it.
pub const PATHS: [&str; 2] = ["docs/reference/policy.schema.json", "core/contracts/src/generated/policy.schema.json"];
const CONTRACT: &str = "policy";
/// How schemas name each other.
const PREFIX: &str = "urn:talos:contract:";

/// The schema, with every definition of another file beside its own.
pub fn files(sources: &Sources) -> Result<Vec<(String, String)>, String> {
    let mut schema = source(sources, CONTRACT)?.value.clone();
    let mut definitions = take_definitions(&mut schema);
    let mut waiting = Vec::new();
    rewrite(&mut schema, CONTRACT, &mut waiting);
    definitions.values_mut().for_each(|definition| rewrite(definition, CONTRACT, &mut waiting));
    while let Some((file, name)) = waiting.pop() {
        let key = key(&file, &name);
        if definitions.contains_key(&key) {
            continue;
        }
        let mut definition = source(sources, &file)?.value["$defs"][&name].clone();
        if definition.is_null() {
            return Err(format!("{file}: no definition {name}"));
        }
        rewrite(&mut definition, &file, &mut waiting);
        definitions.insert(key, definition);
    }
    schema["$comment"] =
        json!("Generated from contracts/schemas/policy.json by `cargo run -p talos-codegen`; do not edit.");
    schema["$defs"] = Value::Object(definitions);
    let text = serde_json::to_string_pretty(&schema).map_err(|e| e.to_string())? + "\n";
    Ok(PATHS.iter().map(|path| ((*path).to_owned(), text.clone())).collect())
}

fn source<'a>(sources: &'a Sources, name: &str) -> Result<&'a Source, String> {
    sources.schemas.iter().find(|source| source.name == name).ok_or_else(|| format!("no contract {name}"))
}

fn take_definitions(schema: &mut Value) -> Map<String, Value> {
    schema.as_object_mut().and_then(|members| members.remove("$defs")?.as_object().cloned()).unwrap_or_default()
}

/// The policy's own definitions keep their names; those of another file have its name before theirs.
fn key(file: &str, name: &str) -> String {
    if file == CONTRACT { name.to_owned() } else { format!("{file}_{name}") }
}

/// Makes references local, notes what they are to, and drops the annotations of the profile, which editors do not know.
fn rewrite(value: &mut Value, file: &str, waiting: &mut Vec<(String, String)>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite(item, file, waiting)),
        Value::Object(members) => {
            if let Some(values) = members.remove("x-values") {
                describe(members, &values);
            }
            members.retain(|name, _| !name.starts_with("x-"));
            if let Some(Value::String(reference)) = members.get_mut("$ref") {
                let (other, name) = split(reference, file);
                *reference = format!("#/$defs/{}", key(&other, &name));
                waiting.push((other, name));
            }
            members.values_mut().for_each(|member| rewrite(member, file, waiting));
        }
        _ => {}
    }
}

/// What each value of an enum means, where an editor shows it.
fn describe(members: &mut Map<String, Value>, values: &Value) {
    let lines = values.as_object().into_iter().flatten();
    let lines: Vec<String> =
        lines.map(|(name, text)| format!("{name}: {}", text.as_str().unwrap_or_default())).collect();
    let description = members.get("description").and_then(Value::as_str).unwrap_or_default();
    members.insert("description".to_owned(), json!(format!("{description} {}", lines.join(" "))));
}

/// The file and the definition that a reference names.
fn split(reference: &str, file: &str) -> (String, String) {
    let (document, name) = reference.split_once("#/$defs/").unwrap_or((reference, ""));
    let other = document.strip_prefix(PREFIX).and_then(|rest| rest.split(':').next()).unwrap_or(file);
    (other.to_owned(), name.to_owned())
}
