//! Writes the writers: the canonical form straight out, in runs of fixed bytes that are as long as can be.

use crate::model::{Field, Kind, Shape};
use crate::rust::{ident, is_copy};
use serde_json::Value;
use std::fmt::Write;

/// Collects statements, and the fixed bytes that wait for the next one.
#[derive(Default)]
struct Emitter {
    code: String,
    pending: String,
    fixed: usize,
}

impl Emitter {
    fn bytes(&mut self, bytes: &str) {
        self.pending.push_str(bytes);
    }

    fn statement(&mut self, statement: &str) {
        self.flush();
        self.code.push_str(statement);
        self.code.push('\n');
    }

    fn flush(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        self.fixed += pending.len();
        match pending.len() {
            0 => {}
            1 => {
                let _ = writeln!(self.code, "out.push(b'{pending}');");
            }
            _ => {
                let _ = writeln!(self.code, "out.extend_from_slice(br#\"{pending}\"#);");
            }
        }
    }
}

/// The writer of an object.
pub fn structure(fields: &[Field]) -> String {
    // Optional constants are names of the contract that a file may repeat; the canonical form leaves them out.
    let written = |field: &&Field| field.required || !matches!(field.shape, Shape::Const(_));
    let mut sorted: Vec<&Field> = fields.iter().filter(written).collect();
    // RFC 8785, section 3.2.3.
    sorted.sort_by(|a, b| a.name.encode_utf16().cmp(b.name.encode_utf16()));
    let first = sorted.iter().position(|field| field.required);
    let mut emitter = Emitter::default();
    match first {
        Some(first) => with_required(&sorted, first, &mut emitter),
        None => all_optional(&sorted, &mut emitter),
    }
    emitter.flush();
    let estimate = emitter.fixed + sorted.iter().map(|field| variable(&field.shape)).sum::<usize>();
    let reserve = format!("out.reserve({});\n", estimate.next_multiple_of(32));
    method(&(reserve + &emitter.code))
}

/// Optional members before the first required one bring their comma behind, all later ones before.
fn with_required(sorted: &[&Field], first: usize, emitter: &mut Emitter) {
    emitter.bytes("{");
    for (i, field) in sorted.iter().enumerate() {
        let (before, after) = if i < first {
            ("", ",")
        } else if i == first {
            ("", "")
        } else {
            (",", "")
        };
        member(field, before, after, emitter);
    }
    emitter.bytes("}");
}

/// Every member brings a comma, and the first comma becomes the brace.
fn all_optional(sorted: &[&Field], emitter: &mut Emitter) {
    emitter.statement("let start = out.len();");
    for field in sorted {
        member(field, ",", "", emitter);
    }
    emitter.statement("writer::open(start, out);");
    emitter.bytes("}");
}

fn member(field: &Field, before: &str, after: &str, emitter: &mut Emitter) {
    let name = format!("{before}\"{}\":", field.name);
    let access = format!("self.{}", ident(&field.name));
    if field.required {
        emitter.bytes(&name);
        let by_reference = if is_copy(&field.shape) { access } else { format!("&{access}") };
        value(&field.shape, &by_reference, emitter);
        emitter.bytes(after);
        return;
    }
    let (pattern, source) = if is_copy(&field.shape) { ("x", access) } else { ("x", format!("&{access}")) };
    emitter.statement(&format!("if let Some({pattern}) = {source} {{"));
    emitter.bytes(&name);
    value(&field.shape, "x", emitter);
    emitter.bytes(after);
    emitter.statement("}");
}

/// The writer of a union.
pub fn union(alternatives: &[(String, Shape, String)]) -> String {
    let mut code = "match self {\n".to_owned();
    for (title, shape, _) in alternatives {
        let mut emitter = Emitter::default();
        value(shape, if is_copy(shape) { "*x" } else { "x" }, &mut emitter);
        emitter.flush();
        let _ = writeln!(code, "Self::{title}(x) => {{ {} }}", emitter.code);
    }
    code.push_str("}\n");
    method(&code)
}

fn method(code: &str) -> String {
    format!(
        "/// Appends the canonical form (RFC 8785).\npub fn write(&self, out: &mut Vec<u8>) {{\n{code}}}\n\n\
         /// The canonical form (RFC 8785).\npub fn canonical(&self) -> Vec<u8> {{\n\
         let mut out = Vec::new();\nself.write(&mut out);\nout\n}}\n"
    )
}

/// Writes one value: `x` is the value where the shape is copied, else a reference to it.
fn value(shape: &Shape, x: &str, emitter: &mut Emitter) {
    let bare = x.trim_start_matches(['&', '*']);
    let quoted = |statement: String, emitter: &mut Emitter| {
        emitter.bytes("\"");
        emitter.statement(&statement);
        emitter.bytes("\"");
    };
    match shape {
        Shape::Const(constant) => emitter.bytes(&constant_text(constant)),
        Shape::Text { .. } => emitter.statement(&format!("json::write_string({x}, out);")),
        Shape::Integer { min, .. } if *min >= 0 => emitter.statement(&format!("writer::unsigned({x}, out);")),
        Shape::Integer { .. } => emitter.statement(&format!("json::write_integer({x}, out);")),
        Shape::Boolean => emitter.statement(&format!("writer::boolean({x}, out);")),
        Shape::Size => emitter.statement(&format!("writer::size({x}, out);")),
        Shape::Fixed(_) => quoted(format!("{bare}.write(out);"), emitter),
        Shape::Seed => quoted(format!("writer::bytes({bare}.expose(), out);"), emitter),
        Shape::Bytes { .. } => quoted(format!("writer::bytes({x}, out);"), emitter),
        Shape::Base64 { .. } => quoted(format!("writer::base64({x}, out);"), emitter),
        Shape::ErrorCode | Shape::Type { kind: Kind::Enum, .. } => {
            quoted(format!("out.extend_from_slice({bare}.as_str().as_bytes());"), emitter);
        }
        Shape::Any | Shape::Open { .. } => emitter.statement(&format!("json::write_canonical({x}, out);")),
        Shape::Type { .. } => emitter.statement(&format!("{bare}.write(out);")),
        Shape::List { item, .. } => {
            let mut inner = Emitter::default();
            value(item, if is_copy(item) { "*x" } else { "x" }, &mut inner);
            inner.flush();
            emitter.statement(&format!("writer::list({x}, out, |x, out| {{ {} }});", inner.code));
        }
    }
}

fn constant_text(constant: &Value) -> String {
    serde_json_canonicalizer::to_string(constant).unwrap_or_default()
}

/// Usual number of bytes of a value, beside its fixed ones.
fn variable(shape: &Shape) -> usize {
    match shape {
        Shape::Fixed("Salt") => 22,
        Shape::Fixed("Signature") => 86,
        Shape::Fixed("KemKey") => 1579,
        Shape::Fixed(_) | Shape::Seed => 43,
        Shape::Integer { .. } | Shape::Size | Shape::Boolean | Shape::ErrorCode => 16,
        Shape::Text { check: Some(_), max, .. } => usize::try_from(*max / 2).unwrap_or(64),
        Shape::Type { kind: Kind::Enum, .. } => 12,
        _ => 32,
    }
}
