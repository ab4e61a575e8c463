//! Reads `contracts/` into JSON values: schemas as they are, YAML as the JSON that it means.

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value, json};
use std::fs;
use std::path::Path;

/// A file of the contracts.
pub struct Source {
    /// Path from the repository's root, with forward slashes.
    pub path: String,
    /// File name without its extension.
    pub name: String,
    /// What it says.
    pub value: Value,
}

/// Everything that `contracts/` says.
pub struct Sources {
    /// `contracts/schemas/*.json`, by name.
    pub schemas: Vec<Source>,
    /// `contracts/operations/*.yaml`, by name, with inputs and outputs as full schemas.
    pub operations: Vec<Source>,
    /// `contracts/errors.yaml`.
    pub errors: Source,
    /// `contracts/exceptions.yaml`.
    pub exceptions: Source,
}

/// Loads all sources below the repository's root.
pub fn load(root: &Path) -> Result<Sources, String> {
    let mut operations = load_all(root, "contracts/operations", "yaml")?;
    for source in &mut operations {
        expand_area(&mut source.value).map_err(|e| format!("{}: {e}", source.path))?;
    }
    Ok(Sources {
        schemas: load_all(root, "contracts/schemas", "json")?,
        operations,
        errors: load_one(root, "contracts/errors.yaml")?,
        exceptions: load_one(root, "contracts/exceptions.yaml")?,
    })
}

fn load_all(root: &Path, folder: &str, extension: &str) -> Result<Vec<Source>, String> {
    let entries = fs::read_dir(root.join(folder)).map_err(|e| format!("{folder}: {e}"))?;
    let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.retain(|name| name.ends_with(&format!(".{extension}")));
    names.sort();
    names.iter().map(|name| load_one(root, &format!("{folder}/{name}"))).collect()
}

fn load_one(root: &Path, path: &str) -> Result<Source, String> {
    let text = fs::read_to_string(root.join(path)).map_err(|e| format!("{path}: {e}"))?;
    let (stem, extension) = path.rsplit_once('.').unwrap_or((path, ""));
    let value = match extension {
        "json" => serde_json::from_str(&text).map_err(|e| format!("{path}: {e}"))?,
        _ => yaml(&text).map_err(|e| format!("{path}: {e}"))?,
    };
    let name = stem.rsplit('/').next().unwrap_or(stem).to_owned();
    Ok(Source { path: path.to_owned(), name, value })
}

/// The JSON value of a YAML document without anchors, aliases and tags.
pub fn yaml(text: &str) -> Result<Value, String> {
    let mut stack: Vec<(Value, Option<String>)> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|e| e.to_string())?;
        let done = match event {
            Event::MappingStart(0, None) => {
                stack.push((json!({}), None));
                continue;
            }
            Event::SequenceStart(0, None) => {
                stack.push((json!([]), None));
                continue;
            }
            Event::Scalar(text, style, 0, None) => scalar(&text, style),
            Event::MappingEnd | Event::SequenceEnd => stack.pop().map(|(value, _)| value).unwrap_or_default(),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                continue;
            }
            _ => {
                return Err(format!("line {}: anchors, aliases and tags are not used here", span.start.line()));
            }
        };
        match stack.last_mut() {
            None => return Ok(done),
            Some((Value::Array(items), _)) => items.push(done),
            Some((Value::Object(members), name)) => match name.take() {
                Some(name) => {
                    if members.insert(name.clone(), done).is_some() {
                        return Err(format!("line {}: {name:?} stands here twice", span.start.line()));
                    }
                }
                None => *name = Some(done.as_str().map_or_else(|| done.to_string(), str::to_owned)),
            },
            Some(_) => {}
        }
    }
    Err("no document".to_owned())
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    match text {
        _ if style != ScalarStyle::Plain => Value::from(text),
        "true" => Value::from(true),
        "false" => Value::from(false),
        "null" | "~" | "" => Value::Null,
        _ => serde_json::from_str::<serde_json::Number>(text).map_or_else(|_| Value::from(text), Value::Number),
    }
}

fn expand_area(area: &mut Value) -> Result<(), String> {
    let operations = area.as_object_mut().ok_or("an area is a mapping of operations")?;
    for (id, operation) in operations {
        for side in ["input", "output"] {
            let short = operation.get(side).ok_or(format!("{id} lacks {side}"))?;
            let full = expand_object(short).map_err(|e| format!("{id}.{side}: {e}"))?;
            operation[side] = full;
        }
    }
    Ok(())
}

/// `{required: {..}, optional: {..}}` becomes the closed object schema that it stands for.
fn expand_object(short: &Value) -> Result<Value, String> {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (group, members) in short.as_object().ok_or("expected required and optional")? {
        if group != "required" && group != "optional" {
            return Err(format!("{group} is neither required nor optional"));
        }
        for (name, schema) in members.as_object().ok_or("expected members")? {
            let mut schema = schema.clone();
            expand_references(&mut schema);
            properties.insert(name.clone(), schema);
            if group == "required" {
                required.push(Value::from(name.as_str()));
            }
        }
    }
    Ok(json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false}))
}

/// `common#hash` becomes `urn:talos:contract:common:1#/$defs/hash`.
fn expand_references(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(expand_references),
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("$ref") {
                *reference = match reference.split_once('#') {
                    Some((contract, name)) => {
                        format!("urn:talos:contract:{contract}:1#/$defs/{name}")
                    }
                    None => format!("urn:talos:contract:{reference}:1"),
                };
            }
            members.values_mut().for_each(expand_references);
        }
        _ => {}
    }
}
