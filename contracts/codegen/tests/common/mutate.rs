//! Single changes that make a valid instance invalid.

use super::Random;
use super::instance::{bound, resolve};
use serde_json::{Value, json};
use talos_codegen::load::Sources;

/// A change: what it does, where (a JSON pointer), and the value that comes there, or the name of a member that goes.
pub struct Change {
    what: &'static str,
    at: String,
    to: To,
}

enum To {
    Value(Value),
    With(String, Value),
    Without(String),
}

impl Change {
    /// The changed instance.
    pub fn apply(&self, instance: &Value) -> Value {
        let mut changed = instance.clone();
        let place = changed.pointer_mut(&self.at).unwrap();
        match &self.to {
            To::Value(value) => *place = value.clone(),
            To::With(name, value) => place[name] = value.clone(),
            To::Without(name) => drop(place.as_object_mut().unwrap().remove(name)),
        }
        changed
    }

    pub fn describe(&self) -> String {
        format!("{} at {:?}", self.what, self.at)
    }
}

/// One of the changes that the instance allows, or none if everything about it is free.
pub fn pick(sources: &Sources, schema: &Value, home: &str, instance: &Value, random: &mut Random) -> Option<Change> {
    let mut changes = Vec::new();
    collect(sources, schema, home, instance, "", &mut changes);
    let at = random.below(changes.len() as u64) as usize;
    (!changes.is_empty()).then(|| changes.swap_remove(at))
}

fn collect(sources: &Sources, schema: &Value, home: &str, instance: &Value, at: &str, out: &mut Vec<Change>) {
    let (schema, home) = resolve(sources, schema, home);
    let mut to = |what, value| out.push(Change { what, at: at.to_owned(), to: To::Value(value) });
    if let Some(rust) = schema.get("x-rust").and_then(Value::as_str) {
        match rust {
            "Value" if schema.get("type").is_some() => to("wrong type", json!([])),
            "Value" => {}
            "Size" => {
                to("wrong type", json!(false));
                to("negative", json!(-1));
                to("leading zero", json!("01"));
                to("not digits", json!("1x"));
            }
            _ => {
                to("wrong type", json!(7));
                to("not in the alphabet", json!("!"));
                if ["Hash", "KemKey", "Seed", "Salt", "Signature"].contains(&rust) {
                    let text = instance.as_str().unwrap();
                    to("unused bits set", json!(format!("{}B", &text[..text.len() - 1])));
                    to("too short", json!(text[1..]));
                }
            }
        }
        return;
    }
    if schema.get("x-check").is_some() {
        to("wrong type", json!(7));
        to("wrong form", json!("!"));
        to("line end", json!(format!("{}\n", instance.as_str().unwrap())));
        return;
    }
    if schema.get("const").is_some() || schema.get("enum").is_some() {
        to("wrong type", json!([]));
        to("no such word", json!("no such word"));
        return;
    }
    if let Some(alternatives) = schema.get("oneOf").and_then(Value::as_array) {
        to("wrong type", json!(7));
        let fits = |alternative: &&Value| {
            let kind = resolve(sources, alternative, &home).0["type"].as_str();
            kind == Some(if instance.is_object() { "object" } else { "string" })
        };
        collect(sources, alternatives.iter().find(fits).unwrap(), &home, instance, at, out);
        return;
    }
    match schema["type"].as_str().unwrap() {
        "object" => object(sources, schema, &home, instance, at, out),
        "array" => {
            to("wrong type", json!({}));
            let (items, max) = (instance.as_array().unwrap(), bound(schema, "maxItems"));
            if max <= 64 && !items.is_empty() {
                to("too many", items.iter().cycle().take(max as usize + 1).cloned().collect());
            }
            if bound(schema, "minItems") > 0 {
                to("too few", json!([]));
            }
            for (i, item) in items.iter().enumerate() {
                collect(sources, &schema["items"], &home, item, &format!("{at}/{i}"), out);
            }
        }
        "integer" => {
            to("wrong type", json!("7"));
            to("a float", json!(0.5));
            to("too low", json!(schema["minimum"].as_i64().unwrap() - 1));
            to("too high", json!(schema["maximum"].as_i64().unwrap() + 1));
        }
        "boolean" => to("wrong type", json!(0)),
        _ => {
            to("wrong type", json!(false));
            let max = bound(schema, "maxLength") as usize;
            if max <= 65536 {
                to("too long", json!("\u{1f600}".repeat(max + 1)));
            }
            if bound(schema, "minLength") > 0 {
                to("too short", json!(""));
            }
        }
    }
}

fn object(sources: &Sources, schema: &Value, home: &str, instance: &Value, at: &str, out: &mut Vec<Change>) {
    let mut push = |what, to| out.push(Change { what, at: at.to_owned(), to });
    push("wrong type", To::Value(json!([])));
    push("unknown member", To::With("not_a_member".to_owned(), json!(1)));
    for (name, member) in schema["properties"].as_object().unwrap() {
        if instance.get(name).is_none() && resolve(sources, member, home).0.get("x-rust") != Some(&json!("Value")) {
            push("null for absent", To::With(name.clone(), Value::Null));
        }
    }
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        push("missing member", To::Without(name.as_str().unwrap().to_owned()));
    }
    for (name, value) in instance.as_object().unwrap() {
        let escaped = name.replace('~', "~0").replace('/', "~1");
        collect(sources, &schema["properties"][name], home, value, &format!("{at}/{escaped}"), out);
    }
}
