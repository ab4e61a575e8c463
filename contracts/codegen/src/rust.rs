//! Writes the types as Rust, with their names, sentences and small functions.

use crate::model::{Body, Kind, Model, Module, Shape, Type, pascal, snake};
use crate::{rust_read, rust_registry, rust_write};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// Where the generated Rust goes.
pub const FOLDER: &str = "core/contracts/src/generated";

/// The first line of every generated file.
pub fn banner(source: &str) -> String {
    format!("// Generated from {source} by `cargo run -p talos-codegen`; do not edit.")
}

/// All Rust files, formatted: name and text.
pub fn files(model: &Model, manifest: &str, root: &Path) -> Result<Vec<(String, String)>, String> {
    let mut files = vec![
        ("mod".to_owned(), facade(model)),
        ("errors".to_owned(), rust_registry::errors(&model.errors)),
        ("operations".to_owned(), rust_registry::operations(&model.operations, manifest)),
    ];
    for (name, text) in [
        ("reader", include_str!("../templates/reader.rs")),
        ("writer", include_str!("../templates/writer.rs")),
        ("seed", include_str!("../templates/seed.rs")),
    ] {
        let banner = banner(&format!("contracts/codegen/templates/{name}.rs"));
        files.push((name.to_owned(), format!("{banner}\n{text}")));
    }
    for module in model.contracts.iter().chain(&model.areas) {
        files.push((module_name(module), self::module(module)));
    }
    files.into_iter().map(|(name, text)| Ok((format!("{FOLDER}/{name}.rs"), format(&text, &name, root)?))).collect()
}

/// The schema `error` is about problem documents; the module `errors` is the registry.
fn module_name(module: &Module) -> String {
    if module.name == "error" { "problem".to_owned() } else { module.name.clone() }
}

fn facade(model: &Model) -> String {
    let mut names: Vec<String> = model.contracts.iter().chain(&model.areas).map(module_name).collect();
    names.extend(["errors", "operations", "seed"].map(str::to_owned));
    names.sort();
    let mut out = banner("contracts/");
    out.push_str("\n//! The contracts as Rust types, with strict readers and canonical writers.\n\n");
    let mut private = names.clone();
    private.extend(["reader", "writer"].map(str::to_owned));
    private.sort();
    for name in &private {
        let _ = writeln!(out, "mod {name};");
    }
    out.push('\n');
    for name in &names {
        let _ = writeln!(out, "pub use {name}::*;");
    }
    out
}

fn module(module: &Module) -> String {
    let body: String = module.types.iter().map(item).collect();
    let own: Vec<&str> = module.types.iter().map(|item| item.name.as_str()).collect();
    let mut foreign = BTreeSet::new();
    module.types.iter().for_each(|item| item.names(&mut foreign));
    let foreign: Vec<&str> = foreign.into_iter().filter(|name| !own.contains(name)).collect();
    let banner = banner(&module.source);
    format!("{banner}\n//! {}\n\n{}\n{body}", module.doc, imports(&body, &foreign))
}

/// Only what the body uses, so that the compiler has nothing to say about the rest.
fn imports(body: &str, foreign: &[&str]) -> String {
    let said = |line: &&str| !line.starts_with("///") && !line.starts_with("#[derive");
    let plain: String = body.lines().filter(said).collect();
    let words: BTreeSet<&str> = plain.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let mut out = String::new();
    for (from, names) in [
        ("crate", &["Error", "json", "scalar"][..]),
        ("crate::json", &["Kind", "Value"]),
        ("crate::scalar", &["Hash", "KemKey", "Salt", "Signature"]),
        ("super::reader", &["Path"]),
        ("super", &["reader", "writer", "ErrorCode", "Seed"]),
    ] {
        let mut used: Vec<&str> = names.iter().copied().filter(|name| words.contains(name)).collect();
        if from == "super" {
            used.extend(foreign);
        }
        if !used.is_empty() {
            let _ = writeln!(out, "use {from}::{{{}}};", used.join(", "));
        }
    }
    out
}

fn item(item: &Type) -> String {
    let mut out = format!("/// {}\n", item.doc);
    let name = &item.name;
    match &item.body {
        Body::Enum(values) => out.push_str(&enumeration(name, values)),
        Body::Union(alternatives) => {
            let allow =
                "#[allow(clippy::large_enum_variant, reason = \"a form is as large as the contract makes it\")]";
            let _ = writeln!(out, "{allow}\n#[derive(Clone, Debug, PartialEq)]\npub enum {name} {{");
            for (title, shape, doc) in alternatives {
                let _ = writeln!(out, "/// {doc}\n{title}({}),", rust_type(shape));
            }
            out.push_str("}\n\n");
            let reader = rust_read::union(alternatives);
            let _ = writeln!(out, "impl {name} {{\n{reader}\n{}}}\n", rust_write::union(alternatives));
        }
        Body::Struct { fields, media_type, variants } => {
            let real: Vec<_> = fields.iter().filter(|f| !matches!(f.shape, Shape::Const(_))).collect();
            let default = real.iter().all(|field| !field.required || has_default(&field.shape));
            let derive = if default { "Clone, Debug, Default, PartialEq" } else { "Clone, Debug, PartialEq" };
            let _ = writeln!(out, "#[derive({derive})]\npub struct {name} {{");
            for field in &real {
                let rust = rust_type(&field.shape);
                let rust = if field.required { rust } else { format!("Option<{rust}>") };
                let _ = writeln!(out, "/// {}\npub {}: {rust},", field.doc, ident(&field.name));
            }
            let _ = writeln!(out, "}}\n\nimpl {name} {{");
            let typ = fields.iter().find_map(|field| match &field.shape {
                Shape::Const(value) if field.name == "typ" => value.as_str().map(|typ| (typ, field.required)),
                _ => None,
            });
            if let Some((typ, _)) = typ {
                let _ = writeln!(out, "/// Contract and major version.\npub const TYP: &'static str = {typ:?};\n");
            }
            if let Some(media_type) = media_type {
                out.push_str("/// Media type: what an envelope with this contract names as its payload type.\n");
                let _ = writeln!(out, "pub const MEDIA_TYPE: &'static str = {media_type:?};\n");
            }
            out.push_str(&rust_read::structure(fields, variants.as_ref(), typ.map(|(_, required)| required)));
            out.push_str(&rust_write::structure(fields));
            if let Some(variants) = variants {
                out.push_str(&rust_read::variants(name, variants));
            }
            out.push_str("}\n\n");
        }
    }
    out
}

fn enumeration(name: &str, values: &[(String, String)]) -> String {
    let derive = "Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash";
    let mut out = format!("#[derive({derive})]\npub enum {name} {{\n");
    for (value, doc) in values {
        let _ = writeln!(out, "/// {doc}\n{},", variant(value));
    }
    let _ = writeln!(out, "}}\n\nimpl {name} {{\n/// Every value, in order.");
    let all: Vec<String> = values.iter().map(|(value, _)| format!("{name}::{}", variant(value))).collect();
    let words: Vec<String> = values.iter().map(|(value, _)| format!("{value:?}")).collect();
    let _ = writeln!(out, "pub const ALL: &'static [{name}] = &[{}];\n", all.join(", "));
    let _ = writeln!(out, "const WORDS: &'static [&'static str] = &[{}];\n", words.join(", "));
    out.push_str("/// The word on the wire.\npub fn as_str(self) -> &'static str {\nmatch self {\n");
    for (value, _) in values {
        let _ = writeln!(out, "{name}::{} => {value:?},", variant(value));
    }
    out.push_str("}\n}\n\n/// The value of a word on the wire.\n");
    out.push_str("pub fn parse(word: &str) -> Option<Self> {\nmatch word {\n");
    for (value, _) in values {
        let _ = writeln!(out, "{value:?} => Some({name}::{}),", variant(value));
    }
    out.push_str("_ => None,\n}\n}\n\n");
    out.push_str("pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {\n");
    out.push_str("reader::choice(value, path, Self::parse, Self::WORDS)\n}\n}\n\n");
    let _ = writeln!(out, "impl std::fmt::Display for {name} {{");
    out.push_str("fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {\n");
    out.push_str("f.write_str(self.as_str())\n}\n}\n\n");
    out
}

/// The Rust name of an enum's value.
pub fn variant(value: &str) -> String {
    match pascal(value).as_str() {
        // A keyword that cannot be escaped.
        "Self" => "Self_".to_owned(),
        name => name.to_owned(),
    }
}

/// The Rust type of a shape.
pub fn rust_type(shape: &Shape) -> String {
    match shape {
        Shape::Text { .. } => "String".to_owned(),
        Shape::Const(_) => "()".to_owned(),
        Shape::Integer { min, .. } if *min >= 0 => "u64".to_owned(),
        Shape::Integer { .. } => "i64".to_owned(),
        Shape::Boolean => "bool".to_owned(),
        Shape::Fixed(name) => (*name).to_owned(),
        Shape::Bytes { .. } | Shape::Base64 { .. } => "Vec<u8>".to_owned(),
        Shape::Seed => "Seed".to_owned(),
        Shape::Size => "u64".to_owned(),
        Shape::ErrorCode => "ErrorCode".to_owned(),
        Shape::Any | Shape::Open { .. } => "Value".to_owned(),
        Shape::List { item, .. } => format!("Vec<{}>", rust_type(item)),
        Shape::Type { name, .. } => name.clone(),
    }
}

/// Whether values are passed by copy.
pub fn is_copy(shape: &Shape) -> bool {
    matches!(
        shape,
        Shape::Integer { .. }
            | Shape::Boolean
            | Shape::Fixed(_)
            | Shape::Size
            | Shape::ErrorCode
            | Shape::Type { kind: Kind::Enum, .. }
    )
}

fn has_default(shape: &Shape) -> bool {
    match shape {
        Shape::Text { check, .. } => check.is_none(),
        Shape::Integer { .. } | Shape::Boolean | Shape::Size | Shape::List { .. } => true,
        Shape::Bytes { .. } => true,
        _ => false,
    }
}

/// The Rust name of a member.
pub fn ident(name: &str) -> String {
    let snake = snake(name);
    match snake.as_str() {
        "ref" | "type" => format!("r#{snake}"),
        _ => snake,
    }
}

fn format(text: &str, name: &str, root: &Path) -> Result<String, String> {
    let fail = |what: &dyn std::fmt::Display| format!("rustfmt on {name}: {what}");
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout"])
        .current_dir(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| fail(&e))?;
    // rustfmt reads all of its input before it writes, so this cannot block.
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(text.as_bytes()).map_err(|e| fail(&e))?;
    }
    let output = child.wait_with_output().map_err(|e| fail(&e))?;
    if !output.status.success() {
        return Err(fail(&String::from_utf8_lossy(&output.stderr)));
    }
    String::from_utf8(output.stdout).map_err(|e| fail(&e))
}
