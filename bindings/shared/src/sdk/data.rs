//! A host's value on its way to JSON.

use crate::door::INPUT_LIMITS;
use talos_contracts::json::{self, Kind, Limits, Profile, Span, Value};
use talos_contracts::{Error, ErrorCode};

/// 2^53 - 1.
const SAFE_INTEGER: i128 = (1 << 53) - 1;

/// Builds a [`Value`] from a host's own objects under the limits of talos-data, so that what a
/// binding passes in is exactly what the parser would have accepted as text.
///
/// A binding walks its objects and asks for each part; depth and size are counted here, so that
/// cycles and floods end in an error.
pub struct Data {
    depth: usize,
    bytes: usize,
    limits: Limits,
}

impl Default for Data {
    fn default() -> Self {
        Data { depth: 0, bytes: 0, limits: Profile::Data.limits() }
    }
}

impl Data {
    /// Nothing built yet.
    pub fn new() -> Self {
        Data::default()
    }

    /// Nothing built yet of the input of an operation, which may hold user data, or a bundle, as a member.
    pub fn of_input() -> Self {
        Data { limits: INPUT_LIMITS, ..Data::default() }
    }

    /// A value of a kind that JSON does not have.
    pub fn unknown(&self, what: &str) -> Error {
        Error::new(ErrorCode::MalformedType, format!("{what} is no JSON value"))
    }

    /// `null`
    pub fn null(&mut self) -> Result<Value, Error> {
        self.leaf(4, Kind::Null)
    }

    /// `true` or `false`
    pub fn boolean(&mut self, value: bool) -> Result<Value, Error> {
        self.leaf(5, Kind::Bool(value))
    }

    /// An integer; beyond 2^53 - 1 it is refused, unless a double keeps all of its digits.
    pub fn integer(&mut self, value: i128) -> Result<Value, Error> {
        if (-SAFE_INTEGER..=SAFE_INTEGER).contains(&value) {
            return self.leaf(1, Kind::Integer(value as i64));
        }
        let value = json::parse(value.to_string().as_bytes(), Profile::Data)?;
        self.leaf(1, value.kind)
    }

    /// A finite number; NaN, the infinities and negative zero are refused.
    pub fn number(&mut self, value: f64) -> Result<Value, Error> {
        let refused = |why: &str| Err(Error::new(ErrorCode::MalformedNumber, why));
        if !value.is_finite() {
            return refused("NaN and infinities are no JSON numbers");
        }
        if value == 0.0 && value.is_sign_negative() {
            return refused("negative zero");
        }
        let is_safe = value.fract() == 0.0 && value.abs() <= SAFE_INTEGER as f64;
        self.leaf(1, if is_safe { Kind::Integer(value as i64) } else { Kind::Float(value) })
    }

    /// A string.
    pub fn text(&mut self, value: &str) -> Result<Value, Error> {
        let text = self.name(value)?;
        Ok(Value { span: Span::default(), kind: Kind::String(text) })
    }

    /// A member's name.
    pub fn name(&mut self, name: &str) -> Result<String, Error> {
        self.count(name.len() + 3)?;
        Ok(name.to_owned())
    }

    /// An array or an object begins.
    pub fn enter(&mut self) -> Result<(), Error> {
        self.depth += 1;
        if self.depth > self.limits.depth {
            return Err(Error::new(
                ErrorCode::MalformedDepth,
                format!("nested deeper than {} levels", self.limits.depth),
            ));
        }
        self.count(2)
    }

    /// It ends.
    pub fn leave(&mut self) {
        self.depth -= 1;
    }

    fn leaf(&mut self, bytes: usize, kind: Kind) -> Result<Value, Error> {
        self.count(bytes + 1)?;
        Ok(Value { span: Span::default(), kind })
    }

    /// Counts what the value has at the least in canonical form, with a comma or a bracket.
    fn count(&mut self, bytes: usize) -> Result<(), Error> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > self.limits.bytes {
            return Err(Error::new(ErrorCode::MalformedSize, format!("more than {} bytes", self.limits.bytes)));
        }
        Ok(())
    }
}
