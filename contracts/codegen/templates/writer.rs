//! What the generated writers share. They write the canonical form (RFC 8785) straight out: the order of the members is
//! known when they are generated.

use crate::json;
use crate::scalar;

/// The largest integer that a contract may hold; greater counts are written as decimal digits.
const MAX_INTEGER: u64 = (1 << 53) - 1;

/// An integer that is not negative. Contracts bound it to 2^53-1.
pub(super) fn unsigned(i: u64, out: &mut Vec<u8>) {
    json::write_integer(i64::try_from(i).unwrap_or(i64::MAX), out);
}

/// A 64-bit count: an integer as far as JSON holds it exactly, decimal digits beyond.
pub(super) fn size(i: u64, out: &mut Vec<u8>) {
    if i <= MAX_INTEGER {
        unsigned(i, out);
    } else {
        json::write_string(&i.to_string(), out);
    }
}

/// true or false.
pub(super) fn boolean(b: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(if b { b"true" } else { b"false" });
}

/// Bytes as base64url, without the quotes.
pub(super) fn bytes(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(scalar::encode_b64url(bytes).as_bytes());
}

/// Bytes as padded base64, without the quotes.
pub(super) fn base64(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(scalar::encode_base64(bytes).as_bytes());
}

/// A list.
pub(super) fn list<T>(items: &[T], out: &mut Vec<u8>, write: impl Fn(&T, &mut Vec<u8>)) {
    out.push(b'[');
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write(item, out);
    }
    out.push(b']');
}

/// Opens the object whose members were all written with a comma before them, from `start` on.
pub(super) fn open(start: usize, out: &mut Vec<u8>) {
    match out.get_mut(start) {
        Some(comma) => *comma = b'{',
        None => out.push(b'{'),
    }
}
