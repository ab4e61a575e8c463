//! What the contracts mean: modules of types with fields, operations, errors.

use serde_json::Value;
use std::collections::BTreeSet;

/// The form of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A string of `min..=max` characters that passes the check, if there is one.
    Text { min: u64, max: u64, check: Option<(String, String)> },
    /// Always this string or integer; not a field.
    Const(Value),
    /// An integer within these bounds.
    Integer { min: i64, max: i64 },
    /// A boolean.
    Boolean,
    /// Base64url of exactly so many bytes, as the Rust type of this name.
    Fixed(&'static str),
    /// Base64url of any bytes, in at most `max` characters.
    Bytes { max: u64 },
    /// Padded base64 of any bytes, in at most `max` characters.
    Base64 { max: u64 },
    /// The seed of a key.
    Seed,
    /// A 64-bit count: an integer or decimal digits.
    Size,
    /// A code of the error registry.
    ErrorCode,
    /// Any JSON value.
    Any,
    /// Any JSON object of at most so many members.
    Open { max: u64 },
    /// A list.
    List { item: Box<Shape>, min: u64, max: u64 },
    /// A generated type.
    Type { name: String, kind: Kind },
}

/// Which kind of generated type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A closed object.
    Struct,
    /// A string out of a list.
    Enum,
    /// One of several titled forms.
    Union,
}

/// A member of an object.
#[derive(Clone, Debug)]
pub struct Field {
    /// Name on the wire.
    pub name: String,
    /// One or more sentences.
    pub doc: String,
    /// Its form.
    pub shape: Shape,
    /// Whether it has to be there.
    pub required: bool,
}

/// Which members go with which value of the discriminator.
#[derive(Clone, Debug)]
pub struct Variants {
    /// The member that says which variant it is.
    pub discriminator: String,
    /// The code of a violation.
    pub code: String,
    /// Value, required members, optional members.
    pub rows: Vec<(String, Vec<String>, Vec<String>)>,
}

/// What a generated type is made of.
#[derive(Clone, Debug)]
pub enum Body {
    /// A closed object.
    Struct {
        /// The members, in the order of the schema.
        fields: Vec<Field>,
        /// Media type of the contract when it is signed.
        media_type: Option<String>,
        /// Members by variant.
        variants: Option<Variants>,
    },
    /// Wire values with their sentences.
    Enum(Vec<(String, String)>),
    /// Title, form and sentence of each alternative.
    Union(Vec<(String, Shape, String)>),
}

/// A generated type.
#[derive(Clone, Debug)]
pub struct Type {
    /// Rust name.
    pub name: String,
    /// What it is.
    pub doc: String,
    /// What it is made of.
    pub body: Body,
}

impl Type {
    /// Adds the names of the generated types that this one is made of.
    pub fn names<'a>(&'a self, out: &mut BTreeSet<&'a str>) {
        match &self.body {
            Body::Struct { fields, .. } => fields.iter().for_each(|field| field.shape.names(out)),
            Body::Union(alternatives) => alternatives.iter().for_each(|(_, shape, _)| shape.names(out)),
            Body::Enum(_) => {}
        }
    }
}

impl Shape {
    fn names<'a>(&'a self, out: &mut BTreeSet<&'a str>) {
        match self {
            Shape::Type { name, .. } => {
                out.insert(name);
            }
            Shape::List { item, .. } => item.names(out),
            _ => {}
        }
    }
}

/// A Rust module: one contract, or one area of operations.
pub struct Module {
    /// Module name.
    pub name: String,
    /// Path of the file that it comes from.
    pub source: String,
    /// What it holds.
    pub doc: String,
    /// Its types, outer ones first.
    pub types: Vec<Type>,
}

/// An entry of the error registry.
pub struct ErrorEntry {
    /// `family.reason`.
    pub code: String,
    /// HTTP status.
    pub status: u64,
    /// JSON-RPC code.
    pub jsonrpc: i64,
    /// Whether a retry alone can help.
    pub retryable: bool,
    /// ASI01 to ASI10.
    pub owasp: String,
    /// 0 to 16.
    pub stage: u64,
    /// Wire name of the audit event.
    pub event: Option<String>,
    /// The public sentence.
    pub public: String,
    /// What to do.
    pub help: String,
    /// The class that SDKs raise it as.
    pub class: String,
}

/// A class in which SDKs raise errors.
pub struct Class {
    /// The same in every language.
    pub name: String,
    /// The class that it derives from; the first has none.
    pub base: Option<String>,
    /// What it means.
    pub doc: String,
}

/// An operation of the kernel.
pub struct Operation {
    /// `area.verb`.
    pub id: String,
    /// What it does.
    pub summary: String,
    /// Whether the answer depends on the input alone.
    pub pure: bool,
    /// Names of surfaces.
    pub exposed: Vec<String>,
    /// Codes of problem documents.
    pub errors: Vec<String>,
    /// Codes beside `valid: false`.
    pub reasons: Vec<String>,
    /// Its input.
    pub input: Type,
    /// Its output.
    pub output: Type,
    /// `{input, output}`.
    pub example: Value,
}

/// All that is generated from.
pub struct Model {
    /// One module a contract.
    pub contracts: Vec<Module>,
    /// One module an area of operations.
    pub areas: Vec<Module>,
    /// The error registry.
    pub errors: Vec<ErrorEntry>,
    /// The classes of errors, bases first.
    pub classes: Vec<Class>,
    /// The operations.
    pub operations: Vec<Operation>,
}

/// The JSON type of a shape, as a reader tells it from the others.
pub fn json_type(shape: &Shape) -> &'static str {
    match shape {
        Shape::Integer { .. } => "Integer",
        Shape::Boolean => "Bool",
        Shape::List { .. } => "Array",
        Shape::Open { .. } | Shape::Type { kind: Kind::Struct, .. } => "Object",
        _ => "String",
    }
}

/// The string member of this name.
pub fn text(value: &Value, name: &str) -> Result<String, String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned).ok_or(format!("lacks {name}"))
}

/// The strings of a list.
pub fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// `audit.leaf_hash` and `payloadType` as type names: `AuditLeafHash`, `PayloadType`.
pub fn pascal(name: &str) -> String {
    let shouting = name.chars().all(|c| !c.is_lowercase());
    let word = |word: &str| {
        let word = if shouting { word.to_lowercase() } else { word.to_owned() };
        let mut chars = word.chars();
        chars.next().map(|first| first.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
    };
    name.split(['.', '_', '-', '/']).map(word).collect()
}

/// `payloadType` as a field name: `payload_type`.
pub fn snake(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}
