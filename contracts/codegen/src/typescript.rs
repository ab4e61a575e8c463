//! Writes the types, the registries and the functions as TypeScript, in the form that Biome leaves alone.

use crate::exceptions::lineage;
use crate::hosts::{ENTRY, OPERATION, area_and_verb, fits, pure_areas, types};
use crate::model::{Body, Class, ErrorEntry, Model, Operation, Shape, Type, pascal};
use std::fmt::Write;

/// Where the generated TypeScript goes.
pub const FOLDER: &str = "node/src/generated";

/// All TypeScript files: path and text.
pub fn files(model: &Model, manifest: &str) -> Vec<(String, String)> {
    let mut files = vec![
        ("types".to_owned(), types_module(model)),
        ("registry".to_owned(), registry(&model.errors, &model.classes)),
        ("errors".to_owned(), errors(&model.classes)),
        ("operations".to_owned(), operations(&model.operations, manifest)),
    ];
    let areas = pure_areas(model);
    let facade: String = areas.keys().map(|area| format!("export * as {area} from \"./{area}.js\";\n")).collect();
    files.push(("ops/index".to_owned(), banner("contracts/operations/") + "\n" + &facade));
    for (area, operations) in areas {
        files.push((format!("ops/{area}"), functions(&operations)));
    }
    files.into_iter().map(|(name, text)| (format!("{FOLDER}/{name}.ts"), text)).collect()
}

fn banner(source: &str) -> String {
    format!("// Generated from {source} by `cargo run -p talos-codegen`; do not edit.\n")
}

fn types_module(model: &Model) -> String {
    let mut out = banner("contracts/schemas/ and contracts/operations/");
    out.push_str("\n/** Any JSON value. */\n");
    out.push_str("export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;\n\n");
    out.push_str("/** Any JSON object; a member that is undefined counts as absent. */\n");
    out.push_str("export type JsonObject = { readonly [name: string]: JsonValue | undefined };\n\n");
    out.push_str(
        "/** A 64-bit count: an integer, or decimal digits from 2^53 on. */\nexport type Size = number | string;\n\n",
    );
    let codes: Vec<String> = model.errors.iter().map(|entry| quote(&entry.code)).collect();
    let _ = write!(out, "/** A code of the error registry. */\n{}", union("ErrorCode", &codes));
    types(model).iter().for_each(|item| out.push_str(&type_item(item)));
    out
}

fn type_item(item: &Type) -> String {
    let mut out = String::from("\n");
    match &item.body {
        Body::Enum(values) => {
            let sentences: Vec<String> = values.iter().map(|(word, doc)| format!("- `{word}`: {doc}")).collect();
            out.push_str(&comment(&item.doc, &sentences, ""));
            let words: Vec<String> = values.iter().map(|(word, _)| quote(word)).collect();
            out.push_str(&union(&item.name, &words));
        }
        Body::Union(alternatives) => {
            out.push_str(&comment(&item.doc, &[], ""));
            let forms: Vec<String> = alternatives.iter().map(|(_, shape, _)| typescript_type(shape)).collect();
            out.push_str(&union(&item.name, &forms));
        }
        Body::Struct { fields, .. } if fields.is_empty() => {
            out.push_str(&comment(&item.doc, &[], ""));
            let _ = writeln!(out, "export type {} = Record<string, never>;", item.name);
        }
        // An alias, because an interface is not assignable to JsonObject: it could be merged with another one.
        Body::Struct { fields, .. } => {
            out.push_str(&comment(&item.doc, &[], ""));
            let _ = writeln!(out, "export type {} = {{", item.name);
            for field in fields {
                let mark = if field.required { "" } else { "?" };
                out.push_str(&comment(&field.doc, &[], "  "));
                let _ = writeln!(out, "  readonly {}{mark}: {};", field.name, typescript_type(&field.shape));
            }
            out.push_str("};\n");
        }
    }
    out
}

fn typescript_type(shape: &Shape) -> String {
    match shape {
        Shape::Text { .. } | Shape::Fixed(_) | Shape::Bytes { .. } | Shape::Base64 { .. } | Shape::Seed => {
            "string".to_owned()
        }
        Shape::Const(value) => value.to_string(),
        Shape::Integer { .. } => "number".to_owned(),
        Shape::Boolean => "boolean".to_owned(),
        Shape::Size => "Size".to_owned(),
        Shape::ErrorCode => "ErrorCode".to_owned(),
        Shape::Any => "JsonValue".to_owned(),
        Shape::Open { .. } => "JsonObject".to_owned(),
        Shape::List { item, .. } => format!("readonly {}[]", typescript_type(item)),
        Shape::Type { name, .. } => name.clone(),
    }
}

fn registry(entries: &[ErrorEntry], classes: &[Class]) -> String {
    let mut out = banner("contracts/ (errors.yaml, exceptions.yaml)");
    out.push_str("\nimport type { ErrorCode, Event } from \"./types.js\";\n\n/** The name of a class of errors. */\n");
    let names: Vec<String> = classes.iter().map(|class| quote(&class.name)).collect();
    let _ = write!(out, "{}\n/** What a code means. */\nexport interface Entry {{\n", union("ClassName", &names));
    let types =
        ["ClassName", "number", "number", "boolean", "string", "number", "Event | undefined", "string", "string"];
    out.push_str(&properties(&ENTRY, &types));
    out.push_str("}\n\n/** Every code, in the order of the file. */\n");
    out.push_str("export const REGISTRY: Readonly<Record<ErrorCode, Entry>> = {\n");
    for e in entries {
        let _ = writeln!(out, "  {}: {{", quote(&e.code));
        let event = e.event.as_deref().map_or("undefined".to_owned(), quote);
        let (status, jsonrpc, stage) = (e.status.to_string(), e.jsonrpc.to_string(), e.stage.to_string());
        let (owasp, public, help) = (quote(&e.owasp), quote(&e.public), quote(&e.help));
        let values = [quote(&e.class), status, jsonrpc, e.retryable.to_string(), owasp, stage, event, public, help];
        for ((name, _), value) in ENTRY.iter().zip(values) {
            out.push_str(&member(&camel(name), &value, "    "));
        }
        out.push_str("  },\n");
    }
    out + "};\n"
}

/// The properties of an interface, with their types and sentences.
fn properties(members: &[(&str, &str)], types: &[&str]) -> String {
    let row = |((name, doc), typescript): (&(&str, &str), &&str)| {
        format!("  /** {doc} */\n  readonly {}: {typescript};\n", camel(name))
    };
    members.iter().zip(types).map(row).collect()
}

fn errors(classes: &[Class]) -> String {
    let mut out = banner("contracts/exceptions.yaml and a template");
    let base = classes.first().map(|class| comment(&class.doc, &[], "")).unwrap_or_default();
    out.push_str(&include_str!("../templates/errors.ts.in").replace("@DOC@\n", &base));
    for class in classes {
        let (Some(base), name) = (&class.base, &class.name) else {
            continue;
        };
        let names: Vec<String> = lineage(classes, name).into_iter().map(quote).collect();
        let mut derived: Vec<&Class> = classes.iter().collect();
        derived.retain(|other| lineage(classes, &other.name).contains(&name.as_str()));
        let derived: Vec<String> = derived.iter().map(|class| quote(&class.name)).collect();
        let _ = write!(out, "\n{}", comment(&class.doc, &[], ""));
        let _ = writeln!(out, "export class {name} extends {base} {{");
        let head = "  static override readonly lineage: readonly ClassName[] = ";
        let _ = writeln!(out, "{}\n", list(head, &names, ";", "  "));
        // Without it TypeScript could not tell the classes apart, and would narrow what is left to never.
        let _ = writeln!(out, "{}\n", union_type("  declare readonly name: ", &derived, "    "));
        let _ = writeln!(out, "  static override is(error: unknown): error is {name} {{");
        let _ = writeln!(out, "    return carries(error, {});\n  }}\n}}", quote(name));
    }
    out.push_str("\nconst CLASSES: Readonly<Record<ClassName, typeof TalosError>> = {\n");
    classes.iter().for_each(|class| {
        let _ = writeln!(out, "  {},", class.name);
    });
    out + "};\n"
}

fn operations(operations: &[Operation], manifest: &str) -> String {
    let mut out = banner("contracts/operations/");
    let mut names: Vec<&str> = operations.iter().flat_map(|o| [o.input.name.as_str(), &o.output.name]).collect();
    names.push("ErrorCode");
    let _ = write!(out, "\n{}", import_types(&mut names, "./types.js"));
    out.push_str("\n/** Hash of the manifest of all contracts; peers compare it first. Base64url of SHA-256. */\n");
    let _ = writeln!(out, "export const MANIFEST_HASH = {};\n", quote(manifest));
    out.push_str("/** The types of each operation, by its id. */\nexport interface OperationTypes {\n");
    for operation in operations {
        let (id, input, output) = (quote(&operation.id), &operation.input.name, &operation.output.name);
        let line = format!("  {id}: {{ readonly input: {input}; readonly output: {output} }};");
        let broken = format!("  {id}: {{\n    readonly input: {input};\n    readonly output: {output};\n  }};");
        let _ = writeln!(out, "{}", if fits(&line) { line } else { broken });
    }
    out.push_str("}\n\n/** The id of an operation. */\nexport type OperationId = keyof OperationTypes;\n\n");
    out.push_str("/** An operation of the kernel. */\nexport interface Operation {\n");
    let types = ["OperationId", "string", "boolean", "readonly ErrorCode[]", "readonly ErrorCode[]"];
    out.push_str(&properties(&OPERATION, &types));
    out.push_str("}\n\n/** Every operation by its id. */\n");
    out.push_str("export const OPERATIONS: Readonly<Record<OperationId, Operation>> = {\n");
    for operation in operations {
        let _ = writeln!(out, "  {0}: {{\n    id: {0},", quote(&operation.id));
        out.push_str(&member("summary", &quote(&operation.summary), "    "));
        let _ = writeln!(out, "    pure: {},", operation.pure);
        for (name, codes) in [("errors", &operation.errors), ("reasons", &operation.reasons)] {
            let codes: Vec<String> = codes.iter().map(|code| quote(code)).collect();
            let _ = writeln!(out, "{}", list(&format!("    {name}: "), &codes, ",", "    "));
        }
        out.push_str("  },\n");
    }
    out + "};\n"
}

fn functions(operations: &[&Operation]) -> String {
    let mut names: Vec<&str> = operations.iter().flat_map(|o| [o.input.name.as_str(), &o.output.name]).collect();
    let mut out = banner("contracts/operations/");
    let _ = write!(out, "\nimport {{ invoke }} from \"../../door.js\";\n{}", import_types(&mut names, "../types.js"));
    for operation in operations {
        let (_, verb) = area_and_verb(operation);
        let (input, output) = (&operation.input.name, &operation.output.name);
        let mut line = format!("export function {}(input: {input}): {output} {{", camel(verb));
        if !fits(&line) {
            line = format!("export function {}(\n  input: {input},\n): {output} {{", camel(verb));
        }
        let _ = write!(out, "\n{}{line}\n", comment(&operation.summary, &[], ""));
        let _ = writeln!(out, "  return invoke({}, input);\n}}", quote(&operation.id));
    }
    out
}

fn import_types(names: &mut Vec<&str>, from: &str) -> String {
    names.sort_by_key(|name| name.to_lowercase());
    let line = format!("import type {{ {} }} from \"{from}\";\n", names.join(", "));
    if fits(line.trim_end()) {
        return line;
    }
    let rows: String = names.iter().map(|name| format!("  {name},\n")).collect();
    format!("import type {{\n{rows}}} from \"{from}\";\n")
}

/// A named union.
fn union(name: &str, forms: &[String]) -> String {
    union_type(&format!("export type {name} = "), forms, "  ") + "\n"
}

/// A union on one line, or on a line each.
fn union_type(head: &str, forms: &[String], indent: &str) -> String {
    let line = format!("{head}{};", forms.join(" | "));
    if fits(&line) {
        return line;
    }
    let rows: String = forms.iter().map(|form| format!("\n{indent}| {form}")).collect();
    format!("{}{rows};", head.trim_end())
}

/// A list on one line, or on a line each.
fn list(head: &str, items: &[String], end: &str, indent: &str) -> String {
    let line = format!("{head}[{}]{end}", items.join(", "));
    if fits(&line) {
        return line;
    }
    let rows: String = items.iter().map(|item| format!("{indent}  {item},\n")).collect();
    format!("{head}[\n{rows}{indent}]{end}")
}

/// A member of an object whose value may need a line of its own.
fn member(name: &str, value: &str, indent: &str) -> String {
    let line = format!("{indent}{name}: {value},");
    // Biome leaves a value where it is when a line of its own would win less than three columns.
    let short = name.len() < 2 + 3;
    if short || fits(&line) { line + "\n" } else { format!("{indent}{name}:\n{indent}  {value},\n") }
}

fn comment(doc: &str, about: &[String], indent: &str) -> String {
    if about.is_empty() {
        return format!("{indent}/** {} */\n", doc.replace("*/", "*\\/"));
    }
    let rows: String = about.iter().map(|part| format!("{indent} * {part}\n")).collect();
    format!("{indent}/**\n{indent} * {doc}\n{indent} *\n{rows}{indent} */\n")
}

/// JSON strings are TypeScript strings.
fn quote(value: &str) -> String {
    serde_json::Value::from(value).to_string()
}

/// `leaf_hash` as `leafHash`.
fn camel(name: &str) -> String {
    let pascal = pascal(name);
    let mut chars = pascal.chars();
    chars.next().map(|first| first.to_ascii_lowercase().to_string() + chars.as_str()).unwrap_or_default()
}
