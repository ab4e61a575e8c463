//! Writes the readers: strict, with errors that say where and what was expected.

use crate::model::{Field, Shape, Variants, json_type, pascal};
use crate::rust::{ident, variant};
use std::fmt::Write;

const HEAD: &str = "/// Reads the value strictly: closed objects, exact types, bounds.\n\
    pub fn read(this: &Value) -> Result<Self, Error> {\nSelf::read_at(this, &Path::ROOT)\n}\n\n\
    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {\n";

/// The reader of an object. `typ` says whether the contract's name has to be there, if the contract has one.
pub fn structure(fields: &[Field], variants: Option<&Variants>, typ: Option<bool>) -> String {
    let mut out = HEAD.to_owned();
    if typ.is_some() {
        out.push_str("reader::typ(this, here, Self::TYP)?;\n");
    }
    let needed = typ == Some(true);
    let mut sorted: Vec<&Field> = fields.iter().collect();
    sorted.sort_by(|a, b| a.name.encode_utf16().cmp(b.name.encode_utf16()));
    let binding = |field: &&Field| {
        if field.name == "typ" && !needed { "_".to_owned() } else { ident(&field.name) }
    };
    let bindings: Vec<String> = sorted.iter().map(binding).collect();
    let names: Vec<String> = sorted.iter().map(|field| format!("{:?}", field.name)).collect();
    let _ = writeln!(out, "let [{}] = reader::members(this, here, &[{}])?;", bindings.join(", "), names.join(", "));
    if needed {
        out.push_str("reader::required(this, typ, here, \"typ\", |_, _| Ok(()))?;\n");
    }
    for field in &sorted {
        if let Shape::Const(_) = field.shape
            && field.name != "typ"
        {
            let _ = writeln!(out, "{}?;", member(field));
        }
    }
    out.push_str(if variants.is_some() { "let body = Self {\n" } else { "Ok(Self {\n" });
    for field in fields.iter().filter(|field| !matches!(field.shape, Shape::Const(_))) {
        let _ = writeln!(out, "{}: {}?,", ident(&field.name), member(field));
    }
    out.push_str(match variants {
        Some(_) => "};\nbody.check_variant().map_err(|error| error.at(this.span))?;\nOk(body)\n}\n\n",
        None => "})\n}\n\n",
    });
    out
}

fn member(field: &Field) -> String {
    let (name, ident, reader) = (&field.name, ident(&field.name), reader(&field.shape));
    match field.required {
        true => format!("reader::required(this, {ident}, here, {name:?}, {reader})"),
        false => format!("reader::optional({ident}, here, {name:?}, {reader})"),
    }
}

/// The reader of a union, told apart by JSON type.
pub fn union(alternatives: &[(String, Shape, String)]) -> String {
    let mut out = HEAD.to_owned();
    out.push_str("let (value, path) = (this, here);\nmatch value.kind {\n");
    let mut expected = Vec::new();
    for (title, shape, _) in alternatives {
        let kind = json_type(shape);
        let _ = writeln!(out, "Kind::{kind}(_) => {}.map(Self::{title}),", call(shape));
        expected.push(match kind {
            "Integer" => "an integer",
            "Bool" => "a boolean",
            "Array" => "an array",
            "Object" => "an object",
            _ => "a string",
        });
    }
    let _ = writeln!(out, "_ => Err(reader::wrong_type(value, path, {:?})),\n}}\n}}\n", expected.join(" or "));
    out
}

/// The check that the members fit the variant.
pub fn variants(owner: &str, variants: &Variants) -> String {
    let mut members: Vec<&String> = variants.rows.iter().flat_map(|(_, a, b)| a.iter().chain(b)).collect();
    members.sort();
    members.dedup();
    let discriminator = ident(&variants.discriminator);
    let mut out = format!(
        "\n/// Checks that the members are those that the value of `{discriminator}` requires and allows.\n\
         pub fn check_variant(&self) -> Result<(), Error> {{\nlet present = [\n"
    );
    for member in &members {
        let _ = writeln!(out, "({member:?}, self.{}.is_some()),", ident(member));
    }
    let kind = format!("{owner}{}", pascal(&variants.discriminator));
    let _ = writeln!(out, "];\nlet (required, optional): (&[&str], &[&str]) = match self.{discriminator} {{");
    for (value, required, optional) in &variants.rows {
        let _ = writeln!(out, "{kind}::{} => (&{required:?}, &{optional:?}),", variant(value));
    }
    let _ = writeln!(
        out,
        "}};\nreader::variant(&present, required, optional, self.{discriminator}.as_str(), ErrorCode::{})\n}}",
        pascal(&variants.code)
    );
    out
}

/// A function, or a closure, that reads a value of this shape.
fn reader(shape: &Shape) -> String {
    match shape {
        Shape::Boolean => "reader::boolean".to_owned(),
        Shape::Fixed(_) => "reader::fixed".to_owned(),
        Shape::Seed => "reader::seed".to_owned(),
        Shape::Size => "reader::size".to_owned(),
        Shape::ErrorCode => "reader::error_code".to_owned(),
        Shape::Any => "reader::any".to_owned(),
        Shape::Type { name, .. } => format!("{name}::read_at"),
        _ => format!("|value, path| {}", call(shape)),
    }
}

/// The call that reads `value` at `path`.
fn call(shape: &Shape) -> String {
    match shape {
        Shape::Text { check: Some((check, expected)), .. } => {
            format!("reader::checked(value, path, scalar::{check}, {expected:?})")
        }
        Shape::Text { min, max, check: None } => format!("reader::text(value, path, {min}, {max})"),
        Shape::Const(value) if value.is_string() => {
            format!("reader::constant(value, path, Value::from({value}))")
        }
        Shape::Const(value) => format!("reader::constant(value, path, Value::from({value}i64))"),
        Shape::Integer { min, max } if *min >= 0 => {
            format!("reader::unsigned(value, path, {min}, {max})")
        }
        Shape::Integer { min, max } => format!("reader::integer(value, path, {min}, {max})"),
        Shape::Bytes { max } => format!("reader::bytes(value, path, {max})"),
        Shape::Base64 { max } => format!("reader::base64(value, path, {max})"),
        Shape::Open { max } => format!("reader::open(value, path, {max})"),
        Shape::List { item, min, max } => {
            format!("reader::list(value, path, {min}, {max}, {})", reader(item))
        }
        other => format!("{}(value, path)", reader(other)),
    }
}
