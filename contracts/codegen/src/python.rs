//! Writes the types, the registries and the functions as Python, in the form that `ruff format` leaves alone.

use crate::hosts::{ENTRY, OPERATION, WIDTH, area_and_verb, fields, fits, pure_areas, types, wrap};
use crate::model::{Body, Class, ErrorEntry, Field, Model, Operation, Shape, Type};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write;

/// Where the generated Python goes.
pub const FOLDER: &str = "python/talos/_generated";

/// All Python files: path and text.
pub fn files(model: &Model, manifest: &str) -> Result<Vec<(String, String)>, String> {
    let mut files = vec![
        ("__init__".to_owned(), banner("contracts/") + "\"\"\"What follows from the contracts.\"\"\"\n"),
        ("types".to_owned(), types_module(model)?),
        ("registry".to_owned(), registry(&model.errors)),
        ("errors".to_owned(), errors(&model.classes)),
        ("operations".to_owned(), operations(&model.operations, manifest)),
    ];
    let areas = pure_areas(model);
    files.push(("ops/__init__".to_owned(), facade(areas.keys().copied())));
    for (area, operations) in areas {
        files.push((format!("ops/{area}"), functions(area, &operations)?));
    }
    Ok(files.into_iter().map(|(name, text)| (format!("{FOLDER}/{name}.py"), text)).collect())
}

fn banner(source: &str) -> String {
    format!("# Generated from {source} by `cargo run -p talos-codegen`; do not edit.\n")
}

fn types_module(model: &Model) -> Result<String, String> {
    let mut out = banner("contracts/schemas/ and contracts/operations/");
    out.push_str("\"\"\"The contracts, and the inputs and outputs of the operations, as types.\"\"\"\n\n");
    out.push_str("from collections.abc import Mapping, Sequence\n");
    out.push_str("from typing import Literal, NotRequired, Required, TypeAlias, TypedDict\n\n");
    // A TypedDict is a Mapping of objects and of nothing narrower, so what is inside is not named any closer.
    out.push_str("JsonValue: TypeAlias = bool | int | float | str | Sequence[object] | Mapping[str, object] | None\n");
    out.push_str("\"\"\"Any JSON value.\"\"\"\n\n");
    out.push_str("Size: TypeAlias = int | str\n");
    out.push_str("\"\"\"A 64-bit count: an integer, or decimal digits from 2^53 on.\"\"\"\n\n");
    let codes: Vec<&str> = model.errors.iter().map(|entry| entry.code.as_str()).collect();
    out.push_str(&literal_alias("ErrorCode", &codes));
    out.push_str(&docstring("A code of the error registry.", ""));
    let mut after_class = false;
    for item in types(model) {
        let class = matches!(item.body, Body::Struct { .. });
        out.push_str(if class || after_class { "\n\n" } else { "\n" });
        out.push_str(&type_item(item)?);
        after_class = class;
    }
    Ok(out)
}

fn type_item(item: &Type) -> Result<String, String> {
    match &item.body {
        Body::Enum(values) => {
            let words: Vec<&str> = values.iter().map(|(word, _)| word.as_str()).collect();
            let sentences: Vec<String> = values.iter().map(|(word, doc)| format!("`{word}`: {doc}")).collect();
            Ok(format!("{}{}", literal_alias(&item.name, &words), paragraphs(&item.doc, &sentences, "")))
        }
        Body::Union(alternatives) => {
            let forms: Vec<String> = alternatives.iter().map(|(_, shape, _)| python_type(shape)).collect();
            let line = format!("{}: TypeAlias = {}\n", item.name, forms.join(" | "));
            Ok(line + &docstring(&item.doc, ""))
        }
        Body::Struct { fields, .. } => {
            let mut out = format!("class {}(TypedDict):\n{}", item.name, docstring(&item.doc, "    "));
            if !fields.is_empty() {
                out.push('\n');
            }
            for field in fields {
                let need = if field.required { "Required" } else { "NotRequired" };
                check_name(&field.name).map_err(|e| format!("{}: {e}", item.name))?;
                let _ = writeln!(out, "    {}: {need}[{}]", field.name, python_type(&field.shape));
                out.push_str(&docstring(&field.doc, "    "));
            }
            Ok(out)
        }
    }
}

fn literal_alias(name: &str, words: &[&str]) -> String {
    let rows: String = words.iter().map(|word| format!("    {},\n", text(word))).collect();
    format!("{name}: TypeAlias = Literal[\n{rows}]\n")
}

fn python_type(shape: &Shape) -> String {
    match shape {
        Shape::Text { .. } | Shape::Fixed(_) | Shape::Bytes { .. } | Shape::Base64 { .. } | Shape::Seed => {
            "str".to_owned()
        }
        Shape::Const(Value::String(value)) => format!("Literal[{}]", text(value)),
        Shape::Const(value) => format!("Literal[{value}]"),
        Shape::Integer { .. } => "int".to_owned(),
        Shape::Boolean => "bool".to_owned(),
        Shape::Size => "Size".to_owned(),
        Shape::ErrorCode => "ErrorCode".to_owned(),
        Shape::Any => "JsonValue".to_owned(),
        Shape::Open { .. } => "Mapping[str, object]".to_owned(),
        Shape::List { item, .. } => format!("Sequence[{}]", python_type(item)),
        Shape::Type { name, .. } => name.clone(),
    }
}

fn registry(entries: &[ErrorEntry]) -> String {
    let mut out = banner("contracts/ (errors.yaml, exceptions.yaml)");
    out.push_str("\"\"\"The registry of error codes.\"\"\"\n\nfrom collections.abc import Mapping\n");
    out.push_str("from types import MappingProxyType\nfrom typing import Final, NamedTuple\n\n\n");
    out.push_str("class Entry(NamedTuple):\n    \"\"\"What a code means.\"\"\"\n\n");
    let types = ["str", "int", "int", "bool", "str", "int", "str | None", "str", "str"];
    out.push_str(&attributes(&ENTRY, &types));
    out.push_str("\n\nREGISTRY: Final[Mapping[str, Entry]] = MappingProxyType(\n    {\n");
    for e in entries {
        let _ = writeln!(out, "        {}: Entry(", text(&e.code));
        let event = e.event.as_deref().map_or("None".to_owned(), text);
        let (status, jsonrpc, stage) = (e.status.to_string(), e.jsonrpc.to_string(), e.stage.to_string());
        let retryable = boolean(e.retryable).to_owned();
        let values = [text(&e.class), status, jsonrpc, retryable, text(&e.owasp), stage, event];
        for ((name, _), value) in ENTRY.iter().zip(values) {
            let _ = writeln!(out, "            {name}={value},");
        }
        out.push_str(&sentence_argument("public", &e.public, "            "));
        out.push_str(&sentence_argument("help", &e.help, "            "));
        out.push_str("        ),\n");
    }
    out + "    }\n)\n\"\"\"Every code, in the order of the file.\"\"\"\n"
}

/// The attributes of a NamedTuple, with their types and sentences.
fn attributes(members: &[(&str, &str)], types: &[&str]) -> String {
    let row = |((name, doc), python): (&(&str, &str), &&str)| format!("    {name}: {python}\n    \"\"\"{doc}\"\"\"\n");
    members.iter().zip(types).map(row).collect()
}

fn errors(classes: &[Class]) -> String {
    let mut out = banner("contracts/exceptions.yaml and a template");
    let base = classes.first().map(|class| docstring(&class.doc, "    ")).unwrap_or_default();
    out.push_str(&include_str!("../templates/errors.py.in").replace("    @DOC@\n", &base));
    for class in classes {
        if let Some(base) = &class.base {
            let _ = write!(out, "\n\nclass {}({base}):\n{}", class.name, docstring(&class.doc, "    "));
        }
    }
    out.push_str("\n\nCLASSES: Final[Mapping[str, type[TalosError]]] = MappingProxyType(\n    {\n");
    for class in classes {
        let _ = writeln!(out, "        {}: {},", text(&class.name), class.name);
    }
    out + "    }\n)\n\"\"\"Every class by its name.\"\"\"\n"
}

fn operations(operations: &[Operation], manifest: &str) -> String {
    let mut out = banner("contracts/operations/");
    out.push_str("\"\"\"The registry of operations.\"\"\"\n\nfrom collections.abc import Mapping\n");
    out.push_str("from types import MappingProxyType\nfrom typing import Final, NamedTuple\n\n");
    let _ = writeln!(out, "MANIFEST_HASH: Final = {}", text(manifest));
    out.push_str(
        "\"\"\"Hash of the manifest of all contracts; peers compare it first. Base64url of SHA-256.\"\"\"\n\n\n",
    );
    out.push_str("class Operation(NamedTuple):\n    \"\"\"An operation of the kernel.\"\"\"\n\n");
    out.push_str(&attributes(&OPERATION, &["str", "str", "bool", "tuple[str, ...]", "tuple[str, ...]"]));
    out.push_str("\n\nOPERATIONS: Final[Mapping[str, Operation]] = MappingProxyType(\n    {\n");
    for operation in operations {
        let id = text(&operation.id);
        let _ = writeln!(out, "        {id}: Operation(\n            id={id},");
        out.push_str(&sentence_argument("summary", &operation.summary, "            "));
        let _ = writeln!(out, "            pure={},", boolean(operation.pure));
        for (name, codes) in [("errors", &operation.errors), ("reasons", &operation.reasons)] {
            let rows: String = codes.iter().map(|code| format!("                {},\n", text(code))).collect();
            let rows = match &codes[..] {
                [] => rows,
                [code] => format!("{},", text(code)),
                _ => format!("\n{rows}            "),
            };
            let _ = writeln!(out, "            {name}=({rows}),");
        }
        out.push_str("        ),\n");
    }
    out + "    }\n)\n\"\"\"Every operation by its id.\"\"\"\n"
}

fn facade<'a>(areas: impl Iterator<Item = &'a str> + Clone) -> String {
    let mut out = banner("contracts/operations/");
    out.push_str("\"\"\"The pure operations: a module an area, a function an operation.\"\"\"\n\n");
    let rows = |quote: &str| -> String { areas.clone().map(|area| format!("    {quote}{area}{quote},\n")).collect() };
    let _ = write!(out, "from talos._generated.ops import (\n{})\n\n__all__ = [\n{}]\n", rows(""), rows("\""));
    out
}

fn functions(area: &str, operations: &[&Operation]) -> Result<String, String> {
    let mut body = String::new();
    let mut names = BTreeSet::new();
    for operation in operations {
        body.push_str(&function(operation).map_err(|e| format!("{}: {e}", operation.id))?);
        names.insert(operation.output.name.clone());
        for side in [&operation.input, &operation.output] {
            names.insert(side.name.clone());
        }
        for field in fields(&operation.input) {
            names.extend(imported(&field.shape));
        }
    }
    let mut out = banner("contracts/operations/");
    let _ = writeln!(out, "\"\"\"The pure operations of the area `{area}`.\"\"\"\n");
    for (word, line) in [("Mapping[", "Mapping"), ("Sequence[", "Sequence")] {
        if body.contains(word) {
            let _ = writeln!(out, "from collections.abc import {line}");
        }
    }
    out.push_str("from typing import cast\n\nfrom talos._door import invoke\nfrom talos._generated.types import (\n");
    let mut names: Vec<String> = names.into_iter().collect();
    names.sort_by_key(|name| name.to_lowercase());
    names.iter().for_each(|name| {
        let _ = writeln!(out, "    {name},");
    });
    Ok(out + ")\n" + &body)
}

/// The generated names that stand in the type of a parameter.
fn imported(shape: &Shape) -> Vec<String> {
    match shape {
        Shape::List { item, .. } => imported(item),
        Shape::Size | Shape::ErrorCode | Shape::Any | Shape::Type { .. } => vec![python_type(shape)],
        _ => Vec::new(),
    }
}

fn function(operation: &Operation) -> Result<String, String> {
    let (_, verb) = area_and_verb(operation);
    check_name(verb)?;
    let (required, optional): (Vec<&Field>, Vec<&Field>) =
        fields(&operation.input).iter().partition(|field| field.required);
    let mut out = format!("\n\ndef {verb}(");
    if !(required.is_empty() && optional.is_empty()) {
        out.push_str("\n    *,\n");
    }
    for field in &required {
        let _ = writeln!(out, "    {}: {},", field.name, python_type(&field.shape));
    }
    for field in &optional {
        if field.shape == Shape::Any {
            return Err(format!(
                "{}: an optional value of any form, whose absence a null cannot stand for",
                field.name
            ));
        }
        let _ = writeln!(out, "    {}: {} | None = None,", field.name, python_type(&field.shape));
    }
    let _ = writeln!(out, ") -> {}:", operation.output.name);
    let about: Vec<String> =
        required.iter().chain(&optional).map(|field| format!("{}: {}", field.name, field.doc)).collect();
    out.push_str(&paragraphs(&operation.summary, &about, "    "));
    let given: String = required.iter().map(|field| format!("        \"{0}\": {0},\n", field.name)).collect();
    let given = if given.is_empty() { given } else { format!("\n{given}    ") };
    let _ = writeln!(out, "    members: {} = {{{given}}}", operation.input.name);
    for field in &optional {
        let _ = writeln!(out, "    if {0} is not None:\n        members[\"{0}\"] = {0}", field.name);
    }
    let _ = writeln!(out, "    answer = invoke({}, members)", text(&operation.id));
    let _ = writeln!(out, "    return cast({}, answer)", operation.output.name);
    Ok(out)
}

/// A name that is a word of the language would need another spelling than the contract's.
fn check_name(name: &str) -> Result<(), String> {
    const WORDS: &[&str] = &[
        "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except",
        "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass",
        "raise", "return", "try", "while", "with", "yield", "members", "answer", "invoke", "cast",
    ];
    if WORDS.contains(&name) { Err(format!("{name} cannot be a name in Python")) } else { Ok(()) }
}

fn boolean(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// A literal with the quotes that need fewer escapes.
fn text(value: &str) -> String {
    let value = value.replace('\\', "\\\\");
    match (value.contains('"'), value.contains('\'')) {
        (true, false) => format!("'{value}'"),
        _ => format!("\"{}\"", value.replace('"', "\\\"")),
    }
}

/// A keyword argument whose text may need several lines.
fn sentence_argument(name: &str, value: &str, indent: &str) -> String {
    let line = format!("{indent}{name}={},", text(value));
    if fits(&line) {
        return line + "\n";
    }
    let whole = format!("{indent}    {}", text(value));
    let lines = if fits(&whole) { vec![value.to_owned()] } else { wrap(value, WIDTH - indent.len() - 4 - 3) };
    let last = lines.len() - 1;
    let mut out = format!("{indent}{name}=(\n");
    for (i, line) in lines.iter().enumerate() {
        let space = if i == last { "" } else { " " };
        let _ = writeln!(out, "{indent}    {}", text(&format!("{line}{space}")));
    }
    out + indent + "),\n"
}

fn docstring(doc: &str, indent: &str) -> String {
    paragraphs(doc, &[], indent)
}

/// A docstring: a sentence, and lines about parts.
fn paragraphs(doc: &str, about: &[String], indent: &str) -> String {
    let doc = doc.replace('\\', "\\\\");
    let line = format!("{indent}\"\"\"{doc}\"\"\"");
    if about.is_empty() && fits(&line) {
        return line + "\n";
    }
    let width = WIDTH - indent.len();
    let mut lines = wrap(&format!("\"\"\"{doc}"), width);
    if !about.is_empty() {
        lines.push(String::new());
    }
    lines.extend(about.iter().flat_map(|part| wrap(&part.replace('\\', "\\\\"), width)));
    lines.push("\"\"\"".to_owned());
    lines.iter().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("{indent}{line}\n") }).collect()
}
