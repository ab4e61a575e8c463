//! A bound on how deep a text can be nested, before it is parsed: Cedar's parser, validator and destructors recurse, and
//! a stack that ends takes the process with it.

/// Tokens that may be around or before a token without a comma or a semicolon between them. No expression is nested
/// deeper than that.
pub(crate) const NESTING_MAX: usize = 2000;

/// Where the text is nested too deep, in bytes.
pub(crate) fn too_deep(text: &str) -> Option<usize> {
    // Tokens since the last comma or semicolon, for each bracket that is open.
    let (mut levels, mut sum) = (vec![0usize], 0);
    let mut at = 0;
    let bytes = text.as_bytes();
    while let Some(byte) = bytes.get(at) {
        let start = at;
        at = end_of_token(bytes, at);
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => continue,
            b'/' if bytes.get(start + 1) == Some(&b'/') => continue,
            b',' | b';' => sum -= levels.last_mut().map_or(0, std::mem::take),
            b'(' | b'[' | b'{' => levels.push(0),
            b')' | b']' | b'}' if levels.len() > 1 => sum -= levels.pop().unwrap_or(0),
            _ => {}
        }
        if let Some(level) = levels.last_mut() {
            *level += 1;
            sum += 1;
        }
        if sum.max(levels.len()) > NESTING_MAX {
            return Some(start);
        }
    }
    None
}

/// One past the last byte of the token, the space or the comment that begins here.
fn end_of_token(bytes: &[u8], start: usize) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    let while_in = |is: fn(u8) -> bool| rest.iter().take_while(|byte| is(**byte)).count();
    start
        + match rest {
            [b'/', b'/', ..] => while_in(|byte| byte != b'\n'),
            [b'"', ..] => string(rest),
            [byte, ..] if is_word(*byte) => while_in(is_word),
            _ => 1,
        }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

/// Bytes of the string that begins here, with its quotes.
fn string(rest: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = rest.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_policies_may_be_long_and_expressions_may_not_be_deep() {
        for (text, place) in [
            ("a, ".repeat(10_000), None),
            ("permit(principal, action, resource);".repeat(10_000), None),
            ("// (((\n".repeat(10_000), None),
            (format!("\"{}\"", "(\\\"".repeat(10_000)), None),
            ("(".repeat(10_000), Some(1999)),
            ("+1".repeat(1000), None),
            ("+1".repeat(1001), Some(2000)),
            ("(+)".repeat(500), None),
            ("x,)".repeat(2000), None),
        ] {
            assert_eq!(too_deep(&text), place, "{}", &text[..9]);
        }
    }
}
