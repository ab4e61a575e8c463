//! From schemas to the model: references resolved, names given, the profile checked on the way.

use crate::load::{Source, Sources};
use crate::model::{
    Body, ErrorEntry, Field, Kind, Model, Module, Operation, Shape, Type, Variants, json_type, pascal, text, texts,
};
use crate::{exceptions, profile};
use serde_json::Value;
use std::collections::BTreeMap;

/// Builds the model, or says what in the contracts breaks the profile.
pub fn build(sources: &Sources) -> Result<Model, String> {
    let mut lowering = Lowering { schemas: &sources.schemas, types: Vec::new(), homes: BTreeMap::new() };
    let mut contracts = Vec::new();
    for source in &sources.schemas {
        contracts.push(lowering.contract(source).map_err(|e| format!("{}: {e}", source.path))?);
    }
    let mut areas = Vec::new();
    let mut operations = Vec::new();
    for source in &sources.operations {
        let first = operations.len();
        for (id, value) in source.value.as_object().into_iter().flatten() {
            operations.push(lowering.operation(id, value).map_err(|e| format!("{}: {id}: {e}", source.path))?);
        }
        let ids: Vec<&str> = operations[first..].iter().map(|operation| operation.id.as_str()).collect();
        areas.push(Module {
            name: format!("operations_{}", source.name),
            source: source.path.clone(),
            doc: format!("Inputs and outputs of {}.", ids.join(", ")),
            types: std::mem::take(&mut lowering.types),
        });
    }
    let mut errors = errors(&sources.errors.value).map_err(|e| format!("{}: {e}", sources.errors.path))?;
    let classes = exceptions::assign(&sources.exceptions.value, &mut errors)
        .map_err(|e| format!("{}: {e}", sources.exceptions.path))?;
    let model = Model { contracts, areas, errors, classes, operations };
    profile::check_codes(&model)?;
    Ok(model)
}

fn errors(value: &Value) -> Result<Vec<ErrorEntry>, String> {
    let entries = value.as_object().ok_or("expected a mapping of codes")?;
    entries.iter().map(|(code, entry)| error(code, entry).map_err(|e| format!("{code}: {e}"))).collect()
}

fn error(code: &str, entry: &Value) -> Result<ErrorEntry, String> {
    profile::check_error(code, entry)?;
    Ok(ErrorEntry {
        code: code.to_owned(),
        status: entry["status"].as_u64().unwrap_or_default(),
        jsonrpc: entry["jsonrpc"].as_i64().unwrap_or_default(),
        retryable: entry["retryable"].as_bool().unwrap_or_default(),
        owasp: text(entry, "owasp")?,
        stage: entry["stage"].as_u64().unwrap_or_default(),
        event: entry.get("event").and_then(Value::as_str).map(str::to_owned),
        public: text(entry, "public")?,
        help: text(entry, "help")?,
        class: String::new(),
    })
}

struct Lowering<'a> {
    schemas: &'a [Source],
    /// Types of the module that is being built.
    types: Vec<Type>,
    /// Every type's name and where it was first made, so that two never share one.
    homes: BTreeMap<String, String>,
}

impl Lowering<'_> {
    fn contract(&mut self, source: &Source) -> Result<Module, String> {
        let schema = &source.value;
        profile::check_document(&source.name, schema)?;
        let title = text(schema, "title")?;
        if schema.get("type").is_some() {
            self.define(schema, &title, &source.name)?;
        }
        for (name, def) in schema.get("$defs").and_then(Value::as_object).into_iter().flatten() {
            if is_named(def) {
                let title = text(def, "title").map_err(|e| format!("$defs/{name}: {e}"))?;
                self.define(def, &title, &source.name).map_err(|e| format!("$defs/{name}: {e}"))?;
            }
        }
        Ok(Module {
            name: source.name.clone(),
            source: source.path.clone(),
            doc: text(schema, "description")?,
            types: std::mem::take(&mut self.types),
        })
    }

    fn operation(&mut self, id: &str, value: &Value) -> Result<Operation, String> {
        profile::check_operation(id, value)?;
        let summary = text(value, "summary")?;
        let mut sides = Vec::new();
        for (side, what) in [("input", "Input"), ("output", "Output")] {
            let mut schema = value[side].clone();
            schema["description"] = Value::from(format!("{what} of `{id}`."));
            profile::check_schema(&schema, side)?;
            let at = self.types.len();
            self.define(&schema, &format!("{}{what}", pascal(id)), id)?;
            sides.push(self.types[at].clone());
        }
        let (Some(output), Some(input)) = (sides.pop(), sides.pop()) else {
            return Err("an operation has an input and an output".to_owned());
        };
        Ok(Operation {
            id: id.to_owned(),
            summary,
            pure: value["pure"].as_bool().unwrap_or_default(),
            exposed: texts(&value["exposed"]),
            errors: texts(&value["errors"]),
            reasons: value.get("reasons").map(texts).unwrap_or_default(),
            input,
            output,
            example: value["example"].clone(),
        })
    }

    /// Makes the type of an object, enum or union, and of what is inside it.
    fn define(&mut self, schema: &Value, name: &str, home: &str) -> Result<Kind, String> {
        if let Some(other) = self.homes.insert(name.to_owned(), home.to_owned()) {
            return Err(format!("the type {name} exists already, in {other}"));
        }
        let at = self.types.len();
        let doc = text(schema, "description")?;
        self.types.push(Type { name: name.to_owned(), doc, body: Body::Enum(Vec::new()) });
        let (body, kind) = if schema.get("enum").is_some() {
            (Body::Enum(enumeration(schema)), Kind::Enum)
        } else if let Some(alternatives) = schema.get("oneOf").and_then(Value::as_array) {
            (self.union(alternatives, name, home)?, Kind::Union)
        } else {
            (self.object(schema, name, home)?, Kind::Struct)
        };
        self.types[at].body = body;
        Ok(kind)
    }

    fn object(&mut self, schema: &Value, name: &str, home: &str) -> Result<Body, String> {
        let required = schema.get("required").map(texts).unwrap_or_default();
        let mut fields = Vec::new();
        for (member, value) in schema["properties"].as_object().into_iter().flatten() {
            let inner = format!("{name}{}", pascal(member));
            let shape = self.shape(value, &inner, home).map_err(|e| format!("{member}: {e}"))?;
            let doc = self.doc(value, home).map_err(|e| format!("{member}: {e}"))?;
            fields.push(Field { name: member.clone(), doc, shape, required: required.contains(member) });
        }
        if let Some(unknown) = required.iter().find(|name| fields.iter().all(|field| field.name != **name)) {
            return Err(format!("{unknown} is required and not a property"));
        }
        Ok(Body::Struct {
            fields,
            media_type: schema.get("x-media-type").and_then(Value::as_str).map(str::to_owned),
            variants: schema.get("x-variants").map(variants),
        })
    }

    fn union(&mut self, alternatives: &[Value], name: &str, home: &str) -> Result<Body, String> {
        let mut rows: Vec<(String, Shape, String)> = Vec::new();
        for alternative in alternatives {
            let title = text(alternative, "title")?;
            let shape = self.shape(alternative, &format!("{name}{title}"), home)?;
            if rows.iter().any(|(_, other, _)| json_type(other) == json_type(&shape)) {
                return Err(format!("{title}: two alternatives have the same JSON type"));
            }
            rows.push((title, shape, self.doc(alternative, home)?));
        }
        Ok(Body::Union(rows))
    }

    fn shape(&mut self, schema: &Value, name: &str, home: &str) -> Result<Shape, String> {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let (target, contract) = self.resolve(reference, home)?;
            if is_named(&target) {
                let kind = if target.get("enum").is_some() {
                    Kind::Enum
                } else if target.get("oneOf").is_some() {
                    Kind::Union
                } else {
                    Kind::Struct
                };
                return Ok(Shape::Type { name: text(&target, "title")?, kind });
            }
            return self.shape(&target, name, &contract);
        }
        if let Some(rust) = schema.get("x-rust").and_then(Value::as_str) {
            return foreign(rust, schema);
        }
        if let Some(value) = schema.get("const") {
            return Ok(Shape::Const(value.clone()));
        }
        if is_named(schema) {
            let name = schema.get("title").and_then(Value::as_str).unwrap_or(name).to_owned();
            let kind = self.define(schema, &name, home)?;
            return Ok(Shape::Type { name, kind });
        }
        match schema.get("type").and_then(Value::as_str) {
            Some("string") => Ok(Shape::Text {
                min: number(schema, "minLength"),
                max: number(schema, "maxLength"),
                check: check(schema)?,
            }),
            Some("integer") => Ok(Shape::Integer {
                min: schema["minimum"].as_i64().ok_or("an integer has a minimum")?,
                max: schema["maximum"].as_i64().ok_or("an integer has a maximum")?,
            }),
            Some("boolean") => Ok(Shape::Boolean),
            Some("array") => Ok(Shape::List {
                item: Box::new(self.shape(&schema["items"], &format!("{name}Item"), home)?),
                min: number(schema, "minItems"),
                max: number(schema, "maxItems"),
            }),
            other => Err(format!("no shape for type {other:?}")),
        }
    }

    fn doc(&self, schema: &Value, home: &str) -> Result<String, String> {
        match (text(schema, "description"), schema.get("$ref").and_then(Value::as_str)) {
            (Ok(doc), _) => Ok(doc),
            (Err(_), Some(reference)) => {
                let (target, contract) = self.resolve(reference, home)?;
                self.doc(&target, &contract)
            }
            (error, None) => error,
        }
    }

    fn resolve(&self, reference: &str, home: &str) -> Result<(Value, String), String> {
        let (id, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let contract = match id {
            "" => home.to_owned(),
            id => id.split(':').nth(3).unwrap_or_default().to_owned(),
        };
        let source = self.schemas.iter().find(|source| source.name == contract);
        let target = source.and_then(|source| source.value.pointer(pointer));
        Ok((target.ok_or(format!("{reference} leads nowhere"))?.clone(), contract))
    }
}

/// Whether a schema makes a type of its own.
fn is_named(schema: &Value) -> bool {
    schema.get("x-rust").is_none()
        && (schema.get("enum").is_some()
            || schema.get("oneOf").is_some()
            || schema.get("type").and_then(Value::as_str) == Some("object"))
}

fn foreign(rust: &str, schema: &Value) -> Result<Shape, String> {
    let max = number(schema, "maxLength");
    match rust {
        "Hash" => Ok(Shape::Fixed("Hash")),
        "Salt" => Ok(Shape::Fixed("Salt")),
        "Signature" => Ok(Shape::Fixed("Signature")),
        "KemKey" => Ok(Shape::Fixed("KemKey")),
        "Seed" => Ok(Shape::Seed),
        "Bytes" => Ok(Shape::Bytes { max }),
        "Base64" => Ok(Shape::Base64 { max }),
        "Size" => Ok(Shape::Size),
        "ErrorCode" => Ok(Shape::ErrorCode),
        "Value" if schema.get("type").is_some() => Ok(Shape::Open { max: number(schema, "maxProperties") }),
        "Value" => Ok(Shape::Any),
        other => Err(format!("x-rust has no type {other:?}")),
    }
}

fn check(schema: &Value) -> Result<Option<(String, String)>, String> {
    match schema.get("x-check").and_then(Value::as_str) {
        None => Ok(None),
        Some(check) => Ok(Some((check.to_owned(), text(schema, "description")?))),
    }
}

fn enumeration(schema: &Value) -> Vec<(String, String)> {
    let doc = |value: &String| match schema.pointer(&format!("/x-values/{value}")).and_then(Value::as_str) {
        Some(doc) => doc.to_owned(),
        None => format!("`{value}`."),
    };
    texts(&schema["enum"]).into_iter().map(|value| (value.clone(), doc(&value))).collect()
}

fn variants(value: &Value) -> Variants {
    let row = |(name, row): (&String, &Value)| (name.clone(), texts(&row["required"]), texts(&row["optional"]));
    Variants {
        discriminator: value["discriminator"].as_str().unwrap_or_default().to_owned(),
        code: value["code"].as_str().unwrap_or_default().to_owned(),
        rows: value["variants"].as_object().into_iter().flatten().map(row).collect(),
    }
}

fn number(schema: &Value, name: &str) -> u64 {
    schema.get(name).and_then(Value::as_u64).unwrap_or_default()
}
