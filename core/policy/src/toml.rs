//! TOML, without floats and dates.

use crate::source::{self, Document, MAX_DEPTH, MAX_ERRORS, REPEATED_KEY, SAFE_INTEGER, fault};
use std::ops::Range;
use talos_contracts::json::{Kind, Member, Span, Value};
use talos_contracts::{Error, ErrorCode};
use toml::de::{DeInteger, DeTable, DeValue};

pub(crate) fn read(text: &str) -> Document {
    let (table, faults) = DeTable::parse_recoverable(text);
    let mut errors: Vec<Error> = faults.iter().take(MAX_ERRORS).map(syntax).collect();
    if !errors.is_empty() {
        return Document { value: None, errors };
    }
    let kind = object(table.get_ref(), 1, &mut errors);
    Document { value: Some(Value { span: span(table.span()), kind }), errors }
}

fn syntax(error: &toml::de::Error) -> Error {
    let at = error.span().unwrap_or_default();
    if error.message().starts_with("duplicate key") {
        return fault(ErrorCode::PolicySyntax, REPEATED_KEY, at.start, at.end);
    }
    if error.message().contains("recurs") {
        return source::too_deep(at.start);
    }
    fault(ErrorCode::PolicySyntax, format!("not TOML: {}", error.message()), at.start, at.end)
}

fn span(range: Range<usize>) -> Span {
    Span { start: range.start as u32, end: range.end as u32 }
}

/// Reads one value inside a container of this depth.
fn value(source: &toml::Spanned<DeValue<'_>>, depth: usize, errors: &mut Vec<Error>) -> Value {
    let at = span(source.span());
    let kind = match source.get_ref() {
        DeValue::Array(_) | DeValue::Table(_) if depth == MAX_DEPTH => {
            errors.push(source::too_deep(at.start as usize));
            Kind::Null
        }
        DeValue::String(text) => Kind::String(text.clone().into_owned()),
        DeValue::Boolean(truth) => Kind::Bool(*truth),
        DeValue::Integer(integer) => number(integer, at, errors),
        DeValue::Float(float) => {
            errors.push(source::not_an_integer(float.as_str(), at));
            Kind::Null
        }
        DeValue::Datetime(_) => {
            let detail = "a date: quote it if a string is meant";
            errors.push(Error::new(ErrorCode::PolicyInvalid, detail).at(at));
            Kind::Null
        }
        DeValue::Array(items) => Kind::Array(items.iter().map(|item| value(item, depth + 1, errors)).collect()),
        DeValue::Table(table) => object(table, depth + 1, errors),
    };
    Value { span: at, kind }
}

fn object(table: &DeTable<'_>, depth: usize, errors: &mut Vec<Error>) -> Kind {
    let member = |(name, source): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| {
        let text: &std::borrow::Cow<'_, str> = name.get_ref();
        Member { name: text.clone().into_owned(), name_span: span(name.span()), value: value(source, depth, errors) }
    };
    Kind::Object(table.iter().map(member).collect())
}

fn number(integer: &DeInteger<'_>, at: Span, errors: &mut Vec<Error>) -> Kind {
    match i64::from_str_radix(integer.as_str(), integer.radix()) {
        Ok(i) if i.unsigned_abs() <= SAFE_INTEGER => Kind::Integer(i),
        _ => {
            errors.push(source::beyond_safe(integer.as_str(), at));
            Kind::Null
        }
    }
}
