//! Strict JSON in three profiles, and RFC 8785 output (`docs/spec/canonical-json.md`).
//!
//! The parser refuses what other parsers silently repair: duplicate member names, lone
//! surrogates, numbers that a double does not keep. Each value remembers where it stood in the
//! source, so that callers can forward or cut the very bytes that were decided on.

pub use crate::canonical::{canonical, utf16_order, write_canonical, write_integer, write_string};
use crate::number::{self, SAFE_INTEGER};
use crate::{Error, ErrorCode};
use std::collections::HashSet;

/// Nesting depth of containers in a signed object (talos-json).
pub const TALOS_DEPTH: usize = 32;
/// Size of a signed object in bytes: 64 KiB less room for its envelope (talos-json).
pub const TALOS_BYTES: usize = 64 * 1024 - 512;
/// Nesting depth of containers in user data (talos-data).
pub const DATA_DEPTH: usize = 64;
/// Size of user data in bytes (talos-data).
pub const DATA_BYTES: usize = 16 * 1024 * 1024;
/// Nesting depth under plain RFC 8785.
pub const RFC8785_DEPTH: usize = 128;

/// Up to this many members, a linear search for duplicates beats a hash set.
const LINEAR_MEMBERS: usize = 16;

/// Byte offsets of a value in its source text. Built values have the empty span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A parsed JSON value. Equality ignores the span.
#[derive(Clone, Debug)]
pub struct Value {
    /// Where the value stood.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// The JSON types.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// An integer of magnitude at most 2^53 - 1, however it was spelt.
    Integer(i64),
    /// Any other finite double.
    Float(f64),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Value>),
    /// An object, in source order, names unique.
    Object(Vec<Member>),
}

/// One member of an object.
#[derive(Clone, Debug)]
pub struct Member {
    /// The unescaped name.
    pub name: String,
    /// Where the name stood, with its quotes.
    pub name_span: Span,
    /// The value.
    pub value: Value,
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

impl PartialEq for Member {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.value == other.value
    }
}

/// Which texts are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Signed objects: safe integers only, names of `[a-z0-9_]`, no U+0000.
    Talos,
    /// User data: any number that a double keeps exactly.
    Data,
    /// User data in which an integer beyond 2^53 - 1 is read as its decimal string: the form in
    /// which contracts carry counts.
    Counts,
    /// Plain RFC 8785 over I-JSON: numbers are rounded to doubles.
    Rfc8785,
}

/// Bounds on one text.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Nesting depth of containers; a top-level object has depth 1.
    pub depth: usize,
    /// Bytes of the whole text.
    pub bytes: usize,
}

impl Profile {
    /// The profile of this name: `talos`, `talos-data` or `rfc8785`.
    pub fn from_name(name: &str) -> Option<Profile> {
        Some(match name {
            "talos" | "talos-json" => Profile::Talos,
            "talos-data" => Profile::Data,
            "rfc8785" => Profile::Rfc8785,
            _ => return None,
        })
    }

    /// The default bounds of this profile.
    pub fn limits(self) -> Limits {
        match self {
            Profile::Talos => Limits { depth: TALOS_DEPTH, bytes: TALOS_BYTES },
            Profile::Data | Profile::Counts => Limits { depth: DATA_DEPTH, bytes: DATA_BYTES },
            Profile::Rfc8785 => Limits { depth: RFC8785_DEPTH, bytes: DATA_BYTES },
        }
    }
}

/// Parses one text under the profile's own bounds.
pub fn parse(text: &[u8], profile: Profile) -> Result<Value, Error> {
    parse_with(text, profile, profile.limits())
}

/// Parses one text under other bounds, for hosts that configure them. Depth is capped at
/// [`RFC8785_DEPTH`], so that no text can exhaust the stack.
pub fn parse_with(text: &[u8], profile: Profile, limits: Limits) -> Result<Value, Error> {
    if text.len() > limits.bytes || text.len() > u32::MAX as usize {
        return Err(Error::new(
            ErrorCode::MalformedSize,
            format!("{} bytes, at most {} are accepted", text.len(), limits.bytes),
        ));
    }
    if text.starts_with(b"\xef\xbb\xbf") {
        return Err(Error::new(ErrorCode::MalformedBom, "the text starts with a byte order mark"));
    }
    let text = std::str::from_utf8(text).map_err(|e| {
        let at = e.valid_up_to();
        fault(ErrorCode::MalformedUtf8, at, "not UTF-8")
    })?;
    let mut parser =
        Parser { text, bytes: text.as_bytes(), at: 0, profile, depth: 0, max_depth: limits.depth.min(RFC8785_DEPTH) };
    let value = parser.value()?;
    parser.white_space();
    match parser.peek() {
        None => Ok(value),
        Some(_) => Err(parser.syntax("the end of the text")),
    }
}

/// Parses a signed object and requires that the text is its own canonical form.
pub fn parse_canonical(text: &[u8], profile: Profile, limits: Limits) -> Result<Value, Error> {
    let value = parse_with(text, profile, limits)?;
    let again = canonical(&value);
    if again == text {
        return Ok(value);
    }
    let at = again.iter().zip(text).take_while(|(a, b)| a == b).count();
    Err(fault(ErrorCode::MalformedNotCanonical, at, "not the canonical form of its value"))
}

fn fault(code: ErrorCode, at: usize, detail: &str) -> Error {
    let at = at as u32;
    Error::new(code, format!("{detail}, at byte {at}")).at(Span { start: at, end: at })
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    profile: Profile,
    depth: usize,
    max_depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn white_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn syntax(&self, expected: &str) -> Error {
        fault(ErrorCode::MalformedSyntax, self.at, &format!("expected {expected}"))
    }

    fn span(&self, start: usize) -> Span {
        Span { start: start as u32, end: self.at as u32 }
    }

    fn value(&mut self) -> Result<Value, Error> {
        self.white_space();
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'"') => Kind::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.literal("true", Kind::Bool(true))?,
            Some(b'f') => self.literal("false", Kind::Bool(false))?,
            Some(b'n') => self.literal("null", Kind::Null)?,
            _ => return Err(self.syntax("a value")),
        };
        Ok(Value { span: self.span(start), kind })
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Kind, Error>) -> Result<Kind, Error> {
        self.depth += 1;
        if self.depth > self.max_depth {
            return Err(fault(
                ErrorCode::MalformedDepth,
                self.at,
                &format!("nested deeper than {} levels", self.max_depth),
            ));
        }
        self.at += 1;
        let kind = read(self)?;
        self.depth -= 1;
        Ok(kind)
    }

    fn literal(&mut self, word: &str, kind: Kind) -> Result<Kind, Error> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(self.syntax(word));
        }
        self.at += word.len();
        Ok(kind)
    }

    fn array(&mut self) -> Result<Kind, Error> {
        let mut items = Vec::new();
        self.white_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Kind::Array(items));
        }
        loop {
            items.push(self.value()?);
            self.white_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(self.syntax("\",\" or \"]\"")),
            }
        }
        self.at += 1;
        Ok(Kind::Array(items))
    }

    fn object(&mut self) -> Result<Kind, Error> {
        let mut members = Members::default();
        self.white_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Kind::Object(members.list));
        }
        loop {
            let (name, name_span) = self.name(&mut members)?;
            members.list.push(Member { name, name_span, value: self.value()? });
            self.white_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(self.syntax("\",\" or \"}\"")),
            }
        }
        self.at += 1;
        Ok(Kind::Object(members.list))
    }

    /// Reads a member name, unlike those before it, and its colon.
    fn name(&mut self, members: &mut Members) -> Result<(String, Span), Error> {
        self.white_space();
        if self.peek() != Some(b'"') {
            return Err(self.syntax("a member name"));
        }
        let start = self.at;
        let name = self.string()?;
        if self.profile == Profile::Talos && !is_contract_name(&name) {
            return Err(fault(ErrorCode::MalformedName, start, "a member name outside [a-z0-9_]{1,64}"));
        }
        if members.has(&name) {
            return Err(fault(ErrorCode::MalformedDuplicateName, start, "a member name that was there before"));
        }
        let span = self.span(start);
        self.white_space();
        if self.peek() != Some(b':') {
            return Err(self.syntax("\":\""));
        }
        self.at += 1;
        Ok((name, span))
    }

    fn string(&mut self) -> Result<String, Error> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.bytes[self.at..];
            let run = rest.iter().position(|b| matches!(b, b'"' | b'\\' | 0..=0x1f)).unwrap_or(rest.len());
            out.push_str(&self.text[self.at..self.at + run]);
            self.at += run;
            match self.peek() {
                None => return Err(self.syntax("the end of a string")),
                Some(b'"') => break,
                Some(b'\\') => out.push(self.escape()?),
                Some(_) => return Err(self.syntax("no control character")),
            }
        }
        self.at += 1;
        Ok(out)
    }

    /// Reads one escape, from its backslash.
    fn escape(&mut self) -> Result<char, Error> {
        let start = self.at;
        self.at += 1;
        let plain = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(start),
            _ => return Err(self.syntax("an escape")),
        };
        self.at += 1;
        Ok(plain)
    }

    fn unicode_escape(&mut self, start: usize) -> Result<char, Error> {
        let lone = || fault(ErrorCode::MalformedSurrogate, start, "a lone surrogate");
        let first = self.hex4()?;
        let scalar = match first {
            0xd800..=0xdbff => {
                if !self.bytes[self.at..].starts_with(b"\\u") {
                    return Err(lone());
                }
                self.at += 1;
                let second = self.hex4()?;
                if !(0xdc00..=0xdfff).contains(&second) {
                    return Err(lone());
                }
                0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
            }
            _ => first,
        };
        if scalar == 0 && self.profile == Profile::Talos {
            return Err(fault(ErrorCode::MalformedNul, start, "U+0000 in a string"));
        }
        char::from_u32(scalar).ok_or_else(lone)
    }

    /// Reads `u` and four hexadecimal digits.
    fn hex4(&mut self) -> Result<u32, Error> {
        let digits = self.bytes.get(self.at + 1..self.at + 5).unwrap_or_default();
        let mut scalar = 0;
        for digit in digits {
            let digit = char::from(*digit).to_digit(16).ok_or_else(|| self.syntax("four hexadecimal digits"))?;
            scalar = scalar << 4 | digit;
        }
        if digits.len() != 4 {
            return Err(self.syntax("four hexadecimal digits"));
        }
        self.at += 5;
        Ok(scalar)
    }

    fn number(&mut self) -> Result<Kind, Error> {
        let start = self.at;
        self.number_token()?;
        let token = &self.text[start..self.at];
        let refuse = |why: &str| Err(fault(ErrorCode::MalformedNumber, start, why));
        let Some(kind) = number::value(token) else {
            return refuse("a number beyond the range of a double");
        };
        if self.profile == Profile::Rfc8785 {
            return Ok(kind);
        }
        if number::is_negative_zero(token) {
            return refuse("negative zero");
        }
        match self.profile {
            Profile::Talos if !number::is_integer_literal(token) => refuse("a number that is no plain integer"),
            Profile::Talos if !matches!(kind, Kind::Integer(_)) => refuse("an integer beyond 2^53 - 1"),
            Profile::Counts if number::is_integer_literal(token) && !matches!(kind, Kind::Integer(_)) => {
                Ok(Kind::String(token.to_owned()))
            }
            _ if !number::survives(token, &kind) => refuse("a number that a double does not keep"),
            _ => Ok(kind),
        }
    }

    /// Moves over one number of the RFC 8259 grammar.
    fn number_token(&mut self) -> Result<(), Error> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits()?,
            _ => return Err(self.syntax("a digit")),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Error> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.syntax("a digit")) } else { Ok(()) }
    }
}

fn is_contract_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

/// The members of an object while it is read.
#[derive(Default)]
struct Members {
    list: Vec<Member>,
    /// The names of the first `index.len()` members; filled only when there are many.
    index: HashSet<String>,
}

impl Members {
    fn has(&mut self, name: &str) -> bool {
        if self.list.len() < LINEAR_MEMBERS {
            return self.list.iter().any(|m| m.name == name);
        }
        let unseen = self.list[self.index.len()..].iter().map(|m| m.name.clone());
        self.index.extend(unseen);
        self.index.contains(name)
    }
}

impl Value {
    /// An object from its members, in the order given.
    pub fn object<N: Into<String>>(members: impl IntoIterator<Item = (N, Value)>) -> Value {
        let members =
            members.into_iter().map(|(name, value)| Member { name: name.into(), name_span: Span::default(), value });
        Kind::Object(members.collect()).into()
    }

    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(s) => Some(s),
            _ => None,
        }
    }

    /// The safe integer, if it is one.
    pub fn as_i64(&self) -> Option<i64> {
        match self.kind {
            Kind::Integer(i) => Some(i),
            _ => None,
        }
    }

    /// The truth value, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self.kind {
            Kind::Bool(b) => Some(b),
            _ => None,
        }
    }

    /// The items, if it is an array.
    pub fn as_array(&self) -> Option<&[Value]> {
        match &self.kind {
            Kind::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The members, if it is an object.
    pub fn as_object(&self) -> Option<&[Member]> {
        match &self.kind {
            Kind::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The member of this name, if it is an object that has one.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.as_object()?.iter().find(|m| m.name == name).map(|m| &m.value)
    }
}

impl From<Kind> for Value {
    fn from(kind: Kind) -> Self {
        Value { span: Span::default(), kind }
    }
}

impl From<&str> for Value {
    fn from(s: &str) -> Self {
        Kind::String(s.to_owned()).into()
    }
}

impl From<String> for Value {
    fn from(s: String) -> Self {
        Kind::String(s).into()
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Self {
        Kind::Bool(b).into()
    }
}

impl From<i64> for Value {
    /// Integers beyond 2^53 - 1 become decimal strings, as the contracts spell them.
    fn from(i: i64) -> Self {
        if i.abs() > SAFE_INTEGER { Value::from(i.to_string()) } else { Kind::Integer(i).into() }
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Kind::Array(items).into()
    }
}
