//! The strict profile of JSON Schema that the contracts keep, and the rules of the registries.

use crate::model::{Model, text, texts};
use serde_json::Value;
use std::collections::BTreeSet;

/// The keywords that a schema may use.
const KEYWORDS: &[&str] = &[
    "$schema",
    "$id",
    "$ref",
    "$defs",
    "title",
    "description",
    "type",
    "const",
    "enum",
    "oneOf",
    "properties",
    "required",
    "additionalProperties",
    "maxProperties",
    "items",
    "minItems",
    "maxItems",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "x-rust",
    "x-check",
    "x-values",
    "x-variants",
    "x-foreign",
    "x-media-type",
];

/// The largest integer that every language holds exactly.
const MAX_INTEGER: i64 = (1 << 53) - 1;

/// Checks the frame of a contract, and all schemas in it.
pub fn check_document(name: &str, schema: &Value) -> Result<(), String> {
    if text(schema, "$schema")? != "https://json-schema.org/draft/2020-12/schema" {
        return Err("$schema is not draft 2020-12".to_owned());
    }
    if text(schema, "$id")? != format!("urn:talos:contract:{name}:1") {
        return Err("$id does not follow from the file's name".to_owned());
    }
    check_schema(schema, "#")?;
    let foreign = schema.get("x-foreign").and_then(Value::as_bool).unwrap_or_default();
    if foreign { Ok(()) } else { check_names(schema) }
}

/// Checks one schema and those inside it.
pub fn check_schema(schema: &Value, at: &str) -> Result<(), String> {
    let members = schema.as_object().ok_or(format!("{at}: a schema is an object"))?;
    if let Some(unknown) = members.keys().find(|name| !KEYWORDS.contains(&name.as_str())) {
        return Err(format!("{at}: the profile has no keyword {unknown:?}"));
    }
    if schema.get("description").is_none() && schema.get("$ref").is_none() && schema.get("title").is_none() {
        return Err(format!("{at}: lacks a description"));
    }
    check_bounds(schema).map_err(|e| format!("{at}: {e}"))?;
    for group in ["properties", "$defs"] {
        for (name, inner) in schema.get(group).and_then(Value::as_object).into_iter().flatten() {
            check_schema(inner, &format!("{at}/{name}"))?;
        }
    }
    for inner in schema.get("oneOf").and_then(Value::as_array).into_iter().flatten() {
        check_schema(inner, &format!("{at}/oneOf"))?;
    }
    schema.get("items").map_or(Ok(()), |inner| check_schema(inner, &format!("{at}/items")))
}

fn check_bounds(schema: &Value) -> Result<(), String> {
    let has = |name: &str| schema.get(name).is_some();
    match schema.get("type").and_then(Value::as_str) {
        Some("object") if !has("x-rust") && schema["additionalProperties"] != false => {
            Err("an object is closed, or has x-rust Value".to_owned())
        }
        Some("object") if has("x-rust") && !has("maxProperties") => Err("an open object has maxProperties".to_owned()),
        Some("array") if !has("maxItems") || !has("items") => Err("a list has items and maxItems".to_owned()),
        Some("string") if !has("maxLength") && !has("enum") => Err("a string has maxLength".to_owned()),
        Some("string") if has("pattern") => check_pattern(schema),
        Some("integer") => {
            let within = |name: &str| schema[name].as_i64().is_some_and(|x| x.abs() <= MAX_INTEGER);
            if within("minimum") && within("maximum") { Ok(()) } else { Err("an integer has bounds".to_owned()) }
        }
        Some("number" | "null") => Err("floats and null are not used".to_owned()),
        _ => Ok(()),
    }
}

fn check_pattern(schema: &Value) -> Result<(), String> {
    let pattern = text(schema, "pattern")?;
    if !(pattern.starts_with('^') && pattern.ends_with('$')) {
        return Err("a pattern is anchored".to_owned());
    }
    if pattern.contains(['\\']) || pattern.contains("(?") {
        return Err("a pattern uses no escapes and no extensions, which differ between engines".to_owned());
    }
    let read = schema.get("x-rust").is_some() || schema.get("x-check").is_some();
    // The digits of a size are read by x-rust on the union around them.
    let digits = pattern == "^(0|[1-9][0-9]{0,19})$";
    if read || digits { Ok(()) } else { Err("a pattern comes with x-rust or x-check".to_owned()) }
}

fn check_names(schema: &Value) -> Result<(), String> {
    for group in ["properties", "$defs"] {
        for (name, inner) in schema.get(group).and_then(Value::as_object).into_iter().flatten() {
            let plain = name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'));
            if !plain || name.is_empty() || name.len() > 64 {
                return Err(format!("{name:?} is not in snake_case; mark foreign contracts with x-foreign"));
            }
            check_names(inner)?;
        }
    }
    schema.get("items").map_or(Ok(()), check_names)
}

/// Checks an entry of the error registry.
pub fn check_error(code: &str, entry: &Value) -> Result<(), String> {
    let known = ["status", "jsonrpc", "retryable", "owasp", "stage", "event", "public", "help"];
    let members = entry.as_object().ok_or("expected a mapping")?;
    if let Some(unknown) = members.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(format!("{unknown:?} is not known"));
    }
    let word = |word: &str| {
        !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    if !code.split_once('.').is_some_and(|(family, reason)| word(family) && word(reason)) {
        return Err("a code is family.reason".to_owned());
    }
    let jsonrpc = entry["jsonrpc"].as_i64().unwrap_or_default();
    let standard = [-32700, -32603, -32602, -32601, -32600].contains(&jsonrpc);
    let rules = [
        (entry["status"].as_u64().is_some_and(|x| (400..600).contains(&x)), "status is 400 to 599"),
        (standard || (-32099..=-32000).contains(&jsonrpc), "jsonrpc is a standard code or -32099 to -32000"),
        (entry["retryable"].is_boolean(), "retryable is true or false"),
        (entry["stage"].as_u64().is_some_and(|x| x <= 16), "stage is 0 to 16"),
        (text(entry, "owasp").is_ok_and(|tag| is_owasp(&tag)), "owasp is ASI01 to ASI10"),
        (text(entry, "public").is_ok_and(|line| is_sentence(&line)), "public is a sentence"),
        (text(entry, "help").is_ok_and(|line| is_sentence(&line)), "help is a sentence"),
    ];
    rules.iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, rule)| Err((*rule).to_owned()))
}

fn is_owasp(tag: &str) -> bool {
    tag.strip_prefix("ASI").and_then(|n| n.parse().ok()).is_some_and(|n: u8| (1..=10).contains(&n)) && tag.len() == 5
}

fn is_empty(input: &Value) -> bool {
    ["required", "optional"].iter().all(|part| input[part].as_object().is_none_or(serde_json::Map::is_empty))
}

fn is_sentence(line: &str) -> bool {
    line.starts_with(|c: char| c.is_uppercase()) && line.ends_with('.') && line.len() <= 256
}

/// Checks the frame of an operation.
pub fn check_operation(id: &str, value: &Value) -> Result<(), String> {
    let known = ["summary", "pure", "exposed", "input", "output", "errors", "reasons", "example"];
    let members = value.as_object().ok_or("expected a mapping")?;
    if let Some(unknown) = members.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(format!("{unknown:?} is not known"));
    }
    let surfaces = ["in_process", "cli", "rest", "mcp"];
    let exposed = texts(&value["exposed"]);
    let rules = [
        (id.split_once('.').is_some(), "an id is area.verb"),
        (text(value, "summary").is_ok_and(|line| is_sentence(&line)), "summary is a sentence"),
        (value["pure"].is_boolean(), "pure is true or false"),
        (!exposed.is_empty() && exposed.iter().all(|x| surfaces.contains(&x.as_str())), "exposed names surfaces"),
        (value["errors"].is_array(), "errors is a list of codes"),
        // Without a kernel of its own there is nothing that an example could be checked against, and without an input the
        // answer is a document that is its own example.
        (
            value["pure"] == false
                || is_empty(&value["input"])
                || value["example"]["input"].is_object() && value["example"]["output"].is_object(),
            "one example is given",
        ),
    ];
    rules.iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, rule)| Err((*rule).to_owned()))
}

/// Checks that every code that is used is in the registry.
pub fn check_codes(model: &Model) -> Result<(), String> {
    let known: BTreeSet<&str> = model.errors.iter().map(|entry| entry.code.as_str()).collect();
    for operation in &model.operations {
        for code in operation.errors.iter().chain(&operation.reasons) {
            if !known.contains(code.as_str()) {
                return Err(format!("{}: {code} is not in the registry", operation.id));
            }
        }
    }
    Ok(())
}
