//! Writes the reference pages.

use crate::model::{Body, Class, ErrorEntry, Kind, Model, Module, Operation, Shape, Type};
use std::fmt::Write;

const BANNER: &str = "by `cargo run -p talos-codegen`; do not edit. -->\n\n";

/// The reference pages: path and text.
pub fn files(model: &Model) -> Vec<(String, String)> {
    vec![
        ("docs/reference/errors.md".to_owned(), errors(&model.errors, &model.classes)),
        ("docs/reference/operations.md".to_owned(), operations(&model.operations, &model.areas)),
        ("docs/reference/contracts.md".to_owned(), contracts(&model.contracts)),
    ]
}

fn errors(entries: &[ErrorEntry], classes: &[Class]) -> String {
    let mut out =
        format!("<!-- Generated from contracts/errors.yaml and contracts/exceptions.yaml {BANNER}# Errors\n\n");
    out.push_str("Every error has a code that never changes its meaning, a sentence that may be shown to anybody, and a help for the person who can act.\n");
    out.push_str("Over HTTP it is a problem document (RFC 9457) with the status below; over JSON-RPC an error with the number below and the code in its data.\n");
    out.push_str("*Stage* is the stage of the decision pipeline, 0 outside of it; *retry* says whether the same request can succeed later.\n");
    out.push_str("*Class* is what the SDKs raise it as:\n\n| Class | Derives from | Meaning |\n|---|---|---|\n");
    for class in classes {
        let _ = writeln!(out, "| `{}` | {} | {} |", class.name, class.base.as_deref().unwrap_or(""), class.doc);
    }
    let mut family = "";
    for entry in entries {
        let name = entry.code.split('.').next().unwrap_or_default();
        if name != family {
            family = name;
            let _ =
                writeln!(out, "\n## {family}\n\n| Code | Class | HTTP | JSON-RPC | Retry | OWASP | Stage | Event |");
            out.push_str("|---|---|---|---|---|---|---|---|\n");
            for e in entries.iter().filter(|e| e.code.split('.').next() == Some(family)) {
                let retry = if e.retryable { "yes" } else { "no" };
                let event = e.event.as_deref().unwrap_or("");
                let _ = writeln!(
                    out,
                    "| `{}` | {} | {} | {} | {retry} | {} | {} | {event} |",
                    e.code, e.class, e.status, e.jsonrpc, e.owasp, e.stage
                );
            }
            out.push('\n');
        }
        let _ = writeln!(out, "- `{}`: {} *{}*", entry.code, entry.public, entry.help);
    }
    out
}

fn operations(operations: &[Operation], areas: &[Module]) -> String {
    let mut out = format!("<!-- Generated from contracts/operations/ {BANNER}# Operations\n\n");
    out.push_str("Call a pure one with `talos call OPERATION`, input on stdin; the others need a handle with an open kernel. Verifiers answer `valid: false` with a reason; what else goes wrong is a problem document.\n");
    out.push_str(
        "Beside its own codes, every operation can refuse its input with the codes of the family `malformed`.\n",
    );
    for operation in operations {
        let _ = writeln!(out, "\n## {}\n\n{}", operation.id, operation.summary);
        let pure = if operation.pure { "Pure" } else { "Not pure" };
        let _ = writeln!(out, "{pure}; exposed: {}.", operation.exposed.join(", "));
        for (title, side) in [("Input", &operation.input), ("Output", &operation.output)] {
            let _ = writeln!(out, "\n{title}:\n");
            members(&mut out, side);
        }
        let prefix = &operation.input.name[..operation.input.name.len() - "Input".len()];
        let mut inner: Vec<&Type> = areas.iter().flat_map(|area| &area.types).collect();
        inner.retain(|t| is_inner(t, operation, prefix));
        for inner in inner {
            let _ = writeln!(out, "\n`{}`: {}\n", inner.name, inner.doc);
            members(&mut out, inner);
        }
        for (title, codes) in [("Errors", &operation.errors), ("Reasons", &operation.reasons)] {
            if !codes.is_empty() {
                let codes: Vec<String> = codes.iter().map(|code| format!("`{code}`")).collect();
                let _ = writeln!(out, "\n{title}: {}.", codes.join(", "));
            }
        }
        if operation.example.is_object() {
            let example = |side: &str| serde_json::to_string_pretty(&operation.example[side]).unwrap_or_default();
            let _ = writeln!(out, "\n```json\n{}\n```\n\n```json\n{}\n```", example("input"), example("output"));
        }
    }
    out
}

/// Whether a type of the area is made by this operation: its sides name it.
fn is_inner(candidate: &Type, operation: &Operation, prefix: &str) -> bool {
    if candidate.name.starts_with(prefix) {
        return false;
    }
    let names = |shape: &Shape| shape_name(shape).contains(&candidate.name);
    [&operation.input, &operation.output].into_iter().any(|side| match &side.body {
        Body::Struct { fields, .. } => fields.iter().any(|field| names(&field.shape)),
        _ => false,
    })
}

fn contracts(modules: &[Module]) -> String {
    let mut out = format!("<!-- Generated from contracts/schemas/ {BANNER}# Contracts\n\n");
    out.push_str("Everything that crosses a boundary. Objects are closed; absent members are left out, never null; times are integer milliseconds,\n");
    out.push_str("money integer micro-units; binary is base64url without padding. Integers stay within 2^53-1.\n");
    for module in modules {
        let _ = writeln!(out, "\n## {}\n\n{} Source: `{}`.", module.name, module.doc, module.source);
        for item in &module.types {
            let _ = writeln!(out, "\n### {}\n\n{}\n", item.name, item.doc);
            members(&mut out, item);
        }
    }
    out
}

fn members(out: &mut String, item: &Type) {
    match &item.body {
        Body::Struct { fields, .. } if fields.is_empty() => out.push_str("No members.\n"),
        Body::Struct { fields, variants, .. } => {
            out.push_str("| Member | Form | Required | Meaning |\n|---|---|---|---|\n");
            for field in fields {
                let required = if field.required { "yes" } else { "" };
                let _ =
                    writeln!(out, "| `{}` | {} | {required} | {} |", field.name, shape_name(&field.shape), field.doc);
            }
            if let Some(variants) = variants {
                let _ = writeln!(out, "\n| {} | requires | allows |\n|---|---|---|", variants.discriminator);
                for (value, required, optional) in &variants.rows {
                    let _ = writeln!(out, "| `{value}` | {} | {} |", required.join(", "), optional.join(", "));
                }
            }
        }
        Body::Enum(values) => {
            out.push_str("| Value | Meaning |\n|---|---|\n");
            for (value, doc) in values {
                let _ = writeln!(out, "| `{value}` | {doc} |");
            }
        }
        Body::Union(alternatives) => {
            for (title, shape, doc) in alternatives {
                let _ = writeln!(out, "- {title}, {}: {doc}", shape_name(shape));
            }
        }
    }
}

fn shape_name(shape: &Shape) -> String {
    match shape {
        Shape::Text { min, max, check: None } => format!("string, {min} to {max} characters"),
        Shape::Text { check: Some((check, _)), .. } => check.strip_prefix("is_").unwrap_or(check).replace('_', " "),
        Shape::Const(value) => format!("`{value}`"),
        Shape::Integer { min, max: 9_007_199_254_740_991 } => format!("integer from {min}"),
        Shape::Integer { min, max } => format!("integer, {min} to {max}"),
        Shape::Boolean => "boolean".to_owned(),
        Shape::Fixed("Salt") => "base64url of 16 bytes".to_owned(),
        Shape::Fixed("Signature") => "base64url of 64 bytes".to_owned(),
        Shape::Fixed("KemKey") => "base64url of 1,184 bytes".to_owned(),
        Shape::Fixed(_) | Shape::Seed => "base64url of 32 bytes".to_owned(),
        Shape::Bytes { .. } => "base64url".to_owned(),
        Shape::Base64 { .. } => "padded base64".to_owned(),
        Shape::Size => "integer or decimal digits, up to 2^64-1".to_owned(),
        Shape::ErrorCode => "error code".to_owned(),
        Shape::Any => "any value".to_owned(),
        Shape::Open { max } => format!("object of at most {max} members"),
        Shape::List { item, min: 0, max } => format!("list of at most {max}: {}", shape_name(item)),
        Shape::List { item, min, max } => format!("list of {min} to {max}: {}", shape_name(item)),
        Shape::Type { name, kind: Kind::Enum } => format!("one of {name}"),
        Shape::Type { name, .. } => name.clone(),
    }
}
