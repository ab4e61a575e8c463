//! RFC 8785 output (`docs/spec/canonical-json.md`, section 5). Public under [`crate::json`].

use crate::json::{Kind, Member, Value};
use std::cmp::Ordering;

/// The RFC 8785 form of a value.
pub fn canonical(value: &Value) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    write_canonical(value, &mut out);
    out
}

/// Appends the RFC 8785 form of a value.
pub fn write_canonical(value: &Value, out: &mut Vec<u8>) {
    match &value.kind {
        Kind::Null => out.extend_from_slice(b"null"),
        Kind::Bool(true) => out.extend_from_slice(b"true"),
        Kind::Bool(false) => out.extend_from_slice(b"false"),
        Kind::Integer(i) => write_integer(*i, out),
        Kind::Float(f) => out.extend_from_slice(ryu_js::Buffer::new().format_finite(*f).as_bytes()),
        Kind::String(s) => write_string(s, out),
        Kind::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write_canonical(item, out);
            }
            out.push(b']');
        }
        Kind::Object(members) => write_object(members, out),
    }
}

fn write_object(members: &[Member], out: &mut Vec<u8>) {
    let mut order: Vec<&Member> = members.iter().collect();
    order.sort_unstable_by(|a, b| utf16_order(&a.name, &b.name));
    out.push(b'{');
    for (i, member) in order.into_iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write_string(&member.name, out);
        out.push(b':');
        write_canonical(&member.value, out);
    }
    out.push(b'}');
}

/// The member order of RFC 8785: by UTF-16 code units, not by code points.
pub fn utf16_order(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() { a.cmp(b) } else { a.encode_utf16().cmp(b.encode_utf16()) }
}

/// Appends an integer in decimal.
pub fn write_integer(i: i64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    let mut rest = i.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if i < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[at..]);
}

/// Appends a string with its quotes and the escapes of RFC 8785, section 3.2.2.2.
pub fn write_string(s: &str, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let bytes = s.as_bytes();
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    let mut run = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let escape: &[u8] = match byte {
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            0x08 => b"\\b",
            b'\t' => b"\\t",
            b'\n' => b"\\n",
            0x0c => b"\\f",
            b'\r' => b"\\r",
            0..=0x1f => &[b'\\', b'u', b'0', b'0', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]],
            _ => continue,
        };
        out.extend_from_slice(&bytes[run..at]);
        out.extend_from_slice(escape);
        run = at + 1;
    }
    out.extend_from_slice(&bytes[run..]);
    out.push(b'"');
}
