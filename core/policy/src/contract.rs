//! Reads the contract out of a document, and goes on after an error: what is wrong is cut out and the rest read again.

use crate::source::{MAX_ERRORS, quote};
use std::collections::HashSet;
use talos_contracts::json::{Kind, Member, Span, Value};
use talos_contracts::{Error, ErrorCode, Policy};

/// A name for a policy whose own is missing, so that the rest of it can be read.
const NAMELESS: &str = "nameless";

/// Where the containers start that something was cut out of.
pub(crate) type CutFrom = HashSet<u32>;

/// Reads a policy out of a document and adds what is wrong to `errors`. The document loses what could not be read, so
/// that the places in it and in the policy are the same.
pub(crate) fn read(document: &mut Value, errors: &mut Vec<Error>) -> Option<(Policy, CutFrom)> {
    let mut known: HashSet<u32> = errors.iter().filter_map(|error| Some(error.span?.start)).collect();
    let mut cut_from = HashSet::new();
    // Every round cuts something out, so the bound is only against a mistake here.
    for _ in 0..4 * MAX_ERRORS {
        let error = match Policy::read(document) {
            Ok(policy) => return Some((policy, cut_from)),
            Err(error) => error,
        };
        let span = error.span.unwrap_or(document.span);
        let is_missing = error.code == ErrorCode::MalformedMemberMissing;
        // What was cut out for a reason of its own is missing afterwards, and that is no second error.
        let is_consequence = cut_from.contains(&span.start) || (!is_missing && known.contains(&span.start));
        let cut = match is_missing && span == document.span {
            true => name(document),
            false => cut(document, span),
        };
        if !is_consequence {
            known.insert(span.start);
            errors.push(translate(error, cut.as_ref().and_then(|cut| cut.member.as_deref())).at(span));
        }
        cut_from.insert(cut?.container.start);
        if errors.len() >= MAX_ERRORS {
            return None;
        }
    }
    None
}

/// What was cut out of a document.
struct Cut {
    /// Where the container stands that it was in.
    container: Span,
    /// Its name, if it was a member.
    member: Option<String>,
}

fn cut(value: &mut Value, span: Span) -> Option<Cut> {
    let container = value.span;
    match &mut value.kind {
        Kind::Array(items) => {
            if let Some(index) = items.iter().position(|item| item.span == span) {
                items.remove(index);
                return Some(Cut { container, member: None });
            }
            items.iter_mut().find_map(|item| cut(item, span))
        }
        Kind::Object(members) => {
            let is_it = |member: &Member| member.name_span == span || member.value.span == span;
            if let Some(index) = members.iter().position(is_it) {
                let member = members.remove(index);
                return Some(Cut { container, member: Some(member.name) });
            }
            members.iter_mut().find_map(|member| cut(&mut member.value, span))
        }
        _ => None,
    }
}

/// Gives the policy a name, so that the rest of it can be read.
fn name(document: &mut Value) -> Option<Cut> {
    let container = document.span;
    match &mut document.kind {
        Kind::Object(members) if members.iter().all(|member| member.name != "id") => {
            let (name, name_span) = ("id".to_owned(), Span::default());
            members.push(Member { name, name_span, value: Value::from(NAMELESS) });
            Some(Cut { container, member: None })
        }
        _ => None,
    }
}

/// The reader's error as the error of a file: the place is the line, and what it is about is a key.
fn translate(error: Error, member: Option<&str>) -> Error {
    if let (ErrorCode::MalformedMemberUnknown, Some(name)) = (error.code, member) {
        let detail = format!("unknown key {}", quote(name));
        return Error { code: ErrorCode::PolicyUnknownKey, detail, ..error };
    }
    let (path, what) = error.detail.split_once(": ").unwrap_or(("", error.detail.as_str()));
    let what = in_words(&what.replace("the member", "key"));
    let detail = match member {
        Some(name) => format!("{name}: {what}"),
        None if error.code == ErrorCode::MalformedType && error.detail.starts_with("$: ") => {
            format!("a policy is a mapping of keys: {what}")
        }
        // An item of a list has no name of its own.
        None => match path.strip_suffix(']').and_then(|path| path.rsplit_once('[')) {
            Some((list, _)) => format!("{}: {what}", list.rsplit('.').next().unwrap_or(list)),
            None => what,
        },
    };
    Error { code: ErrorCode::PolicyInvalid, detail, ..error }
}

/// What a definition of the contract says as a sentence of its own, as a part of this one.
fn in_words(what: &str) -> String {
    let Some(sentence) = what.strip_prefix("expected: ") else { return what.to_owned() };
    let sentence = sentence.trim_end_matches('.');
    // An abbreviation stays as it is.
    let is_word = sentence.chars().nth(1).is_none_or(|second| !second.is_uppercase());
    match sentence.split_at_checked(1) {
        Some((first, rest)) if is_word => format!("expected {}{rest}", first.to_ascii_lowercase()),
        _ => format!("expected {sentence}"),
    }
}
