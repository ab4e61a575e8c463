//! YAML, as much of it as a reviewer can read without surprises.
//!
//! Anchors, aliases, tags, merge keys, several documents, duplicate keys and keys that are no strings are refused: each
//! of them lets a file mean something else than it shows.

use crate::source::{self, Document, MAX_DEPTH, MAX_ERRORS, REPEATED_KEY, SAFE_INTEGER, fault, quote};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span as YamlSpan};
use std::collections::HashSet;
use talos_contracts::json::{Kind, Member, Span, Value};
use talos_contracts::{Error, ErrorCode};

pub(crate) fn read(text: &str) -> Document {
    let mut builder = Builder::new(text);
    for event in Parser::new_from_str(text) {
        let step = match event {
            Ok((event, span)) => builder.event(event, span),
            Err(error) => {
                let at = builder.offset(error.marker());
                Err(fault(ErrorCode::PolicySyntax, format!("not YAML: {}", error.info()), at, at))
            }
        };
        if let Err(error) = step {
            builder.errors.push(error);
            return Document { value: None, errors: builder.errors };
        }
        if builder.errors.len() >= MAX_ERRORS {
            return Document { value: None, errors: builder.errors };
        }
    }
    Document { value: builder.root, errors: builder.errors }
}

struct Builder<'a> {
    text: &'a str,
    /// Byte offset of each character; empty when every character is one byte.
    offsets: Vec<u32>,
    open: Vec<Open>,
    documents: usize,
    root: Option<Value>,
    errors: Vec<Error>,
}

/// A container whose end has not been seen.
enum Open {
    Sequence { start: usize, items: Vec<Value> },
    Mapping { start: usize, members: Vec<Member>, names: HashSet<String>, key: Key },
}

/// What the next node inside a mapping is.
enum Key {
    /// A key.
    Awaited,
    /// The value of this key.
    Read(String, Span),
    /// The value of a key that was refused.
    Refused,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str) -> Self {
        let offsets = match text.is_ascii() {
            true => Vec::new(),
            false => text.char_indices().map(|(at, _)| at as u32).collect(),
        };
        Builder { text, offsets, open: Vec::new(), documents: 0, root: None, errors: Vec::new() }
    }

    fn offset(&self, marker: &Marker) -> usize {
        let end = self.text.len();
        match self.offsets.is_empty() {
            true => marker.index().min(end),
            false => self.offsets.get(marker.index()).map_or(end, |&at| at as usize),
        }
    }

    fn span(&self, span: &YamlSpan) -> Span {
        Span { start: self.offset(&span.start) as u32, end: self.offset(&span.end) as u32 }
    }

    /// Takes one event. An error here ends the reading; those that allow it to go on are in `self.errors`.
    fn event(&mut self, event: Event<'_>, span: YamlSpan) -> Result<(), Error> {
        let at = self.span(&span);
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(syntax("a second document: a policy is one document", at));
                }
            }
            Event::Alias(_) => return Err(syntax("an alias: write the value out", at)),
            Event::Scalar(_, _, anchor, tag) if anchor > 0 || tag.is_some() => return Err(decorated(anchor, at)),
            Event::SequenceStart(anchor, tag) | Event::MappingStart(anchor, tag) if anchor > 0 || tag.is_some() => {
                return Err(decorated(anchor, at));
            }
            Event::Scalar(text, style, ..) => self.scalar(&text, style, at)?,
            Event::SequenceStart(..) => {
                self.nest(at)?;
                self.open.push(Open::Sequence { start: at.start as usize, items: Vec::new() });
            }
            Event::MappingStart(..) => {
                self.nest(at)?;
                let (members, names) = (Vec::new(), HashSet::new());
                self.open.push(Open::Mapping { start: at.start as usize, members, names, key: Key::Awaited });
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(at),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn awaits_key(&self) -> bool {
        matches!(self.open.last(), Some(Open::Mapping { key: Key::Awaited, .. }))
    }

    fn nest(&mut self, at: Span) -> Result<(), Error> {
        if self.awaits_key() {
            return Err(syntax("a key that is a list or a mapping: keys are strings", at));
        }
        if self.open.len() == MAX_DEPTH {
            return Err(source::too_deep(at.start as usize));
        }
        Ok(())
    }

    fn close(&mut self, at: Span) {
        let (start, kind) = match self.open.pop() {
            Some(Open::Sequence { start, items }) => (start, Kind::Array(items)),
            Some(Open::Mapping { start, members, .. }) => (start, Kind::Object(members)),
            None => return,
        };
        self.value(Value { span: Span { start: start as u32, end: at.end }, kind });
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, at: Span) -> Result<(), Error> {
        let kind = match style {
            ScalarStyle::Plain => self.plain(text, at),
            _ => Kind::String(text.to_owned()),
        };
        if !self.awaits_key() {
            self.value(Value { span: at, kind });
            return Ok(());
        }
        let key = match kind {
            Kind::String(name) if name == "<<" && style == ScalarStyle::Plain => {
                self.errors.push(syntax("a merge key: write the keys out", at));
                Key::Refused
            }
            Kind::String(name) => self.key(name, at),
            _ => {
                self.errors.push(syntax(&format!("key {} is no string: quote it", quote(text)), at));
                Key::Refused
            }
        };
        if let Some(Open::Mapping { key: slot, .. }) = self.open.last_mut() {
            *slot = key;
        }
        Ok(())
    }

    fn key(&mut self, name: String, at: Span) -> Key {
        if let Some(Open::Mapping { names, .. }) = self.open.last_mut()
            && !names.insert(name.clone())
        {
            self.errors.push(syntax(REPEATED_KEY, at));
            return Key::Refused;
        }
        Key::Read(name, at)
    }

    fn value(&mut self, value: Value) {
        match self.open.last_mut() {
            None => self.root = Some(value),
            Some(Open::Sequence { items, .. }) => items.push(value),
            Some(Open::Mapping { members, key, .. }) => {
                if let Key::Read(name, name_span) = std::mem::replace(key, Key::Awaited) {
                    members.push(Member { name, name_span, value });
                }
            }
        }
    }

    /// Resolves a plain scalar by the core schema of YAML 1.2, section 10.3.2.
    fn plain(&mut self, text: &str, at: Span) -> Kind {
        match text {
            "" | "~" | "null" | "Null" | "NULL" => return Kind::Null,
            "true" | "True" | "TRUE" => return Kind::Bool(true),
            "false" | "False" | "FALSE" => return Kind::Bool(false),
            _ => {}
        }
        match integer(text) {
            Number::Integer(i) => return Kind::Integer(i),
            Number::None => return Kind::String(text.to_owned()),
            Number::LeadingZero => {
                let detail = format!("{} starts with a zero: drop it, or quote it if a string is meant", quote(text));
                self.errors.push(Error::new(ErrorCode::PolicyInvalid, detail).at(at));
            }
            Number::TooLarge => self.errors.push(source::beyond_safe(text, at)),
            Number::Float => self.errors.push(source::not_an_integer(text, at)),
        }
        Kind::Null
    }
}

enum Number {
    None,
    Integer(i64),
    LeadingZero,
    TooLarge,
    Float,
}

fn integer(text: &str) -> Number {
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let (radix, body) = match digits.get(..2) {
        Some("0x") if digits.len() == text.len() => (16, &digits[2..]),
        Some("0o") if digits.len() == text.len() => (8, &digits[2..]),
        _ => (10, digits),
    };
    if body.is_empty() || !body.chars().all(|c| c.is_digit(radix)) {
        return if is_float(digits) { Number::Float } else { Number::None };
    }
    if radix == 10 && body.len() > 1 && body.starts_with('0') {
        return Number::LeadingZero;
    }
    match i64::from_str_radix(body, radix) {
        Ok(i) if i.unsigned_abs() <= SAFE_INTEGER => Number::Integer(if negative { -i } else { i }),
        _ => Number::TooLarge,
    }
}

/// The float forms of the core schema, without their sign.
fn is_float(text: &str) -> bool {
    if matches!(text, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_ok = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !digits.is_empty() && is_digits(digits)
    });
    exponent_ok && is_digits(whole) && is_digits(fraction) && !(whole.is_empty() && fraction.is_empty())
}

fn syntax(detail: &str, at: Span) -> Error {
    Error::new(ErrorCode::PolicySyntax, detail).at(at)
}

fn decorated(anchor: usize, at: Span) -> Error {
    match anchor {
        0 => syntax("a tag: types come from the contract, drop it", at),
        _ => syntax("an anchor: write the value out where it is used", at),
    }
}
