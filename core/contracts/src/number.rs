//! JSON number tokens: which of them a profile accepts, and what they mean.

use crate::json::Kind;

/// 2^53 - 1, the largest integer that every JSON implementation keeps exactly.
pub(crate) const SAFE_INTEGER: i64 = (1 << 53) - 1;

/// Up to this many bytes are read as an integer at once: 15 digits and a sign always fit.
const EXACT_BYTES: usize = 16;

/// The value of a grammatical number token, or `None` if it is no finite double.
pub(crate) fn value(token: &str) -> Option<Kind> {
    if token.len() <= EXACT_BYTES
        && let Ok(integer) = token.parse::<i64>()
        && integer.abs() <= SAFE_INTEGER
    {
        return Some(Kind::Integer(integer));
    }
    let float: f64 = token.parse().ok()?;
    if !float.is_finite() {
        return None;
    }
    Some(from_f64(float))
}

/// The one representation of a finite double: integral and safe ones are integers.
fn from_f64(float: f64) -> Kind {
    if float.fract() == 0.0 && float.abs() <= SAFE_INTEGER as f64 {
        return Kind::Integer(float as i64);
    }
    Kind::Float(float)
}

/// Whether the token is an integer literal without fraction and exponent.
pub(crate) fn is_integer_literal(token: &str) -> bool {
    !token.contains(['.', 'e', 'E'])
}

/// Whether the token denotes a negative zero.
pub(crate) fn is_negative_zero(token: &str) -> bool {
    token.starts_with('-') && decimal(token).digits.is_empty()
}

/// Whether the canonical output of the double denotes exactly what the token denotes.
///
/// Two integers above 2^53 may share a double; if both were accepted, one could be
/// approved and the other executed.
pub(crate) fn survives(token: &str, kind: &Kind) -> bool {
    match kind {
        // Digits alone are read exactly or not as an integer at all.
        Kind::Integer(_) if token.len() <= EXACT_BYTES && is_integer_literal(token) => true,
        Kind::Integer(integer) => decimal(token) == decimal(&integer.to_string()),
        Kind::Float(float) => {
            let mut buffer = ryu_js::Buffer::new();
            let canonical = buffer.format_finite(*float);
            token == canonical || decimal(token) == decimal(canonical)
        }
        _ => false,
    }
}

/// digits x 10^exponent, without leading and trailing zero digits; zero has no digits.
#[derive(PartialEq)]
struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    exponent: i64,
}

fn decimal(token: &str) -> Decimal {
    let (negative, unsigned) = match token.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, token),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, saturating_exponent(exponent)),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).skip_while(|d| *d == b'0').collect();
    let mut exponent = exponent.saturating_sub(fraction.len() as i64);
    while digits.last() == Some(&b'0') {
        digits.pop();
        exponent = exponent.saturating_add(1);
    }
    if digits.is_empty() {
        exponent = 0;
    }
    Decimal { negative, digits, exponent }
}

fn saturating_exponent(text: &str) -> i64 {
    let negative = text.starts_with('-');
    text.trim_start_matches(['+', '-']).parse::<i64>().map_or(
        if negative { i64::MIN / 2 } else { i64::MAX / 2 },
        |magnitude| if negative { -magnitude } else { magnitude },
    )
}
