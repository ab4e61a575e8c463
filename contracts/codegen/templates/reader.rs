//! What the generated readers share: paths, bounds, and errors that say what was expected.

use super::ErrorCode;
use crate::json::{Kind, Member, Value};
use crate::scalar::{self, B64};
use crate::{Error, Seed, nearest};
use std::fmt;

/// Where in the document a value is. Lives on the stack; only an error writes it out.
#[derive(Clone, Copy)]
pub(super) struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Member(&'a str),
    Item(usize),
}

impl Path<'_> {
    /// The document itself.
    pub(super) const ROOT: Path<'static> = Path { parent: None, step: Step::Member("$") };
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Member(name) if self.parent.is_some() => write!(f, ".{name}"),
            Step::Member(name) => f.write_str(name),
            Step::Item(index) => write!(f, "[{index}]"),
        }
    }
}

/// The error of a value at a path.
fn error(code: ErrorCode, value: &Value, path: &Path<'_>, detail: impl fmt::Display) -> Error {
    Error::new(code, format!("{path}: {detail}")).at(value.span)
}

/// The error of a value of the wrong JSON type.
pub(super) fn wrong_type(value: &Value, path: &Path<'_>, expected: &str) -> Error {
    let got = match &value.kind {
        Kind::Null => "null",
        Kind::Bool(_) => "a boolean",
        Kind::Integer(_) => "an integer",
        Kind::Float(_) => "a number that is not an integer",
        Kind::String(_) => "a string",
        Kind::Array(_) => "an array",
        Kind::Object(_) => "an object",
    };
    error(ErrorCode::MalformedType, value, path, format_args!("expected {expected}, got {got}"))
}

/// The members of a closed object, in the order of `names`.
pub(super) fn members<'v, const N: usize>(
    value: &'v Value,
    path: &Path<'_>,
    names: &[&'static str; N],
) -> Result<[Option<&'v Value>; N], Error> {
    let Kind::Object(members) = &value.kind else {
        return Err(wrong_type(value, path, "an object"));
    };
    let mut found = [None; N];
    // Canonical input has the order of `names`, so the search starts after the last hit.
    let mut next = 0;
    for member in members {
        let hit = (next..N).chain(0..next).find(|&i| names[i] == member.name);
        let Some(i) = hit else {
            return Err(unknown(member, path, names));
        };
        if found[i].replace(&member.value).is_some() {
            let detail = format!("{path}: the member {:?} stands here twice", member.name);
            return Err(Error::new(ErrorCode::MalformedDuplicateName, detail).at(member.name_span));
        }
        next = i + 1;
    }
    Ok(found)
}

fn unknown(member: &Member, path: &Path<'_>, names: &[&'static str]) -> Error {
    let name: String = member.name.chars().take(64).collect();
    let detail = format!("{path}: there is no member {name:?}");
    let mut error = Error::new(ErrorCode::MalformedMemberUnknown, detail).at(member.name_span);
    error.suggestion = nearest(&name, names);
    error
}

/// Reads a member that has to be there.
pub(super) fn required<T>(
    owner: &Value,
    member: Option<&Value>,
    path: &Path<'_>,
    name: &'static str,
    read: impl FnOnce(&Value, &Path<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    match member {
        Some(value) => read(value, &Path { parent: Some(path), step: Step::Member(name) }),
        None => {
            let detail = format_args!("the member {name:?} is missing");
            Err(error(ErrorCode::MalformedMemberMissing, owner, path, detail))
        }
    }
}

/// Reads a member that may be absent. Null is not absent.
pub(super) fn optional<T>(
    member: Option<&Value>,
    path: &Path<'_>,
    name: &'static str,
    read: impl FnOnce(&Value, &Path<'_>) -> Result<T, Error>,
) -> Result<Option<T>, Error> {
    member.map(|value| read(value, &Path { parent: Some(path), step: Step::Member(name) })).transpose()
}

/// Checks the contract's name, if it is there, before anything else: the rest depends on it.
pub(super) fn typ(value: &Value, path: &Path<'_>, expected: &str) -> Result<(), Error> {
    let Some(typ) = value.get("typ") else { return Ok(()) };
    match typ.as_str() {
        Some(text) if text == expected => Ok(()),
        Some(_) => Err(error(ErrorCode::MalformedTyp, typ, path, format_args!("expected typ to be {expected:?}"))),
        None => Err(wrong_type(typ, &Path { parent: Some(path), step: Step::Member("typ") }, "a string")),
    }
}

/// Refuses members that the variant forbids, and asks for those that it requires.
pub(super) fn variant(
    present: &[(&'static str, bool)],
    required: &[&str],
    optional: &[&str],
    variant: &str,
    code: ErrorCode,
) -> Result<(), Error> {
    for (name, is_there) in present {
        if *is_there && !required.contains(name) && !optional.contains(name) {
            return Err(Error::new(code, format!("{variant:?} has no member {name:?}")));
        }
        if !is_there && required.contains(name) {
            return Err(Error::new(code, format!("{variant:?} requires the member {name:?}")));
        }
    }
    Ok(())
}

/// A string of `min..=max` characters.
pub(super) fn text(value: &Value, path: &Path<'_>, min: usize, max: usize) -> Result<String, Error> {
    let Kind::String(text) = &value.kind else {
        return Err(wrong_type(value, path, "a string"));
    };
    // No character has less than one byte, so most texts need no counting.
    let short = text.len() <= max && (min == 0 || (min == 1 && !text.is_empty()));
    if short || (min..=max).contains(&text.chars().count()) {
        return Ok(text.clone());
    }
    Err(error(ErrorCode::MalformedValue, value, path, format_args!("expected {min} to {max} characters")))
}

/// A string of a form that a function checks.
pub(super) fn checked(
    value: &Value,
    path: &Path<'_>,
    check: fn(&str) -> bool,
    expected: &str,
) -> Result<String, Error> {
    match &value.kind {
        Kind::String(text) if check(text) => Ok(text.clone()),
        Kind::String(_) => Err(error(ErrorCode::MalformedValue, value, path, format_args!("expected: {expected}"))),
        _ => Err(wrong_type(value, path, "a string")),
    }
}

/// One word out of a list.
pub(super) fn choice<T>(
    value: &Value,
    path: &Path<'_>,
    parse: fn(&str) -> Option<T>,
    words: &[&'static str],
) -> Result<T, Error> {
    let Kind::String(word) = &value.kind else {
        return Err(wrong_type(value, path, "a string"));
    };
    parse(word).ok_or_else(|| {
        let detail = format!("expected one of {}", words.join(", "));
        let mut error = error(ErrorCode::MalformedValue, value, path, detail);
        error.suggestion = nearest(word.get(..64).unwrap_or(word), words);
        error
    })
}

/// An integer within bounds.
pub(super) fn integer(value: &Value, path: &Path<'_>, min: i64, max: i64) -> Result<i64, Error> {
    match value.kind {
        Kind::Integer(i) if (min..=max).contains(&i) => Ok(i),
        Kind::Integer(_) => {
            Err(error(ErrorCode::MalformedValue, value, path, format_args!("expected an integer from {min} to {max}")))
        }
        _ => Err(wrong_type(value, path, "an integer")),
    }
}

/// An integer within bounds that are not negative.
pub(super) fn unsigned(value: &Value, path: &Path<'_>, min: i64, max: i64) -> Result<u64, Error> {
    integer(value, path, min.max(0), max).map(i64::unsigned_abs)
}

/// A boolean.
pub(super) fn boolean(value: &Value, path: &Path<'_>) -> Result<bool, Error> {
    value.as_bool().ok_or_else(|| wrong_type(value, path, "a boolean"))
}

/// Exactly this value.
pub(super) fn constant(value: &Value, path: &Path<'_>, expected: Value) -> Result<(), Error> {
    if *value == expected {
        return Ok(());
    }
    if std::mem::discriminant(&value.kind) != std::mem::discriminant(&expected.kind) {
        return Err(wrong_type(value, path, "the constant of the contract"));
    }
    Err(error(ErrorCode::MalformedValue, value, path, "expected the constant of the contract"))
}

/// A list of `min..=max` items.
pub(super) fn list<T>(
    value: &Value,
    path: &Path<'_>,
    min: usize,
    max: usize,
    read: impl Fn(&Value, &Path<'_>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let Kind::Array(items) = &value.kind else {
        return Err(wrong_type(value, path, "an array"));
    };
    if !(min..=max).contains(&items.len()) {
        return Err(error(ErrorCode::MalformedValue, value, path, format_args!("expected {min} to {max} items")));
    }
    let item = |(i, value)| read(value, &Path { parent: Some(path), step: Step::Item(i) });
    items.iter().enumerate().map(item).collect()
}

/// Any value.
pub(super) fn any(value: &Value, _: &Path<'_>) -> Result<Value, Error> {
    Ok(value.clone())
}

/// Any object of at most `max` members.
pub(super) fn open(value: &Value, path: &Path<'_>, max: usize) -> Result<Value, Error> {
    match &value.kind {
        Kind::Object(members) if members.len() <= max => Ok(value.clone()),
        Kind::Object(_) => {
            Err(error(ErrorCode::MalformedValue, value, path, format_args!("expected at most {max} members")))
        }
        _ => Err(wrong_type(value, path, "an object")),
    }
}

fn binary<T>(
    value: &Value,
    path: &Path<'_>,
    decode: impl Fn(&str) -> Option<T>,
    expected: fmt::Arguments<'_>,
) -> Result<T, Error> {
    let Kind::String(text) = &value.kind else {
        return Err(wrong_type(value, path, "a string"));
    };
    decode(text).ok_or_else(|| error(ErrorCode::MalformedBase64, value, path, expected))
}

/// Exactly N bytes in base64url.
pub(super) fn fixed<const N: usize>(value: &Value, path: &Path<'_>) -> Result<B64<N>, Error> {
    binary(value, path, B64::from_b64, format_args!("expected base64url of {N} bytes, without padding"))
}

/// The seed of a key in base64url.
pub(super) fn seed(value: &Value, path: &Path<'_>) -> Result<Seed, Error> {
    fixed(value, path).map(|B64(bytes)| Seed::new(bytes))
}

/// Bytes in base64url of at most `max` characters.
pub(super) fn bytes(value: &Value, path: &Path<'_>, max: usize) -> Result<Vec<u8>, Error> {
    within(value, path, max)?;
    binary(value, path, scalar::decode_b64url, format_args!("expected base64url without padding"))
}

/// Bytes in padded base64 of at most `max` characters.
pub(super) fn base64(value: &Value, path: &Path<'_>, max: usize) -> Result<Vec<u8>, Error> {
    within(value, path, max)?;
    binary(value, path, scalar::decode_base64, format_args!("expected padded base64"))
}

fn within(value: &Value, path: &Path<'_>, max: usize) -> Result<(), Error> {
    match &value.kind {
        Kind::String(text) if text.len() > max => {
            Err(error(ErrorCode::MalformedValue, value, path, format_args!("expected at most {max} characters")))
        }
        _ => Ok(()),
    }
}

/// A 64-bit count: an integer, or decimal digits without leading zeros.
pub(super) fn size(value: &Value, path: &Path<'_>) -> Result<u64, Error> {
    let digits = |text: &str| {
        let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
        if plain { text.parse().ok() } else { None }
    };
    let parsed = match &value.kind {
        Kind::Integer(i) => u64::try_from(*i).ok(),
        Kind::String(text) => digits(text),
        _ => return Err(wrong_type(value, path, "an integer or a string of decimal digits")),
    };
    parsed.ok_or_else(|| error(ErrorCode::MalformedValue, value, path, "expected a count from 0 to 2^64-1"))
}

/// A code of the error registry.
pub(super) fn error_code(value: &Value, path: &Path<'_>) -> Result<ErrorCode, Error> {
    match &value.kind {
        Kind::String(code) => ErrorCode::parse(code)
            .ok_or_else(|| error(ErrorCode::MalformedValue, value, path, "expected a code of the error registry")),
        _ => Err(wrong_type(value, path, "a string")),
    }
}
