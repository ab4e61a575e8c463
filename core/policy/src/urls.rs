//! Finds URLs in text, as the laxest of those would who might follow them (`docs/spec/policy.md`, section 9).

use crate::origins::{Origins, default_port};
use crate::resources::unescape;
use std::borrow::Cow;
use talos_text::{is_ignorable, nfkc};

/// How often percent-encoding is undone.
const DECODING_ROUNDS: usize = 3;
/// Longest scheme that is looked for, in bytes.
const SCHEME_BYTES: usize = 64;
/// How far the end of an authority is looked for, in bytes.
const AUTHORITY_BYTES: usize = 4096;
/// Schemes whose URLs need no slashes and name no host, but do something or hold something.
const HOSTLESS: [&str; 8] = ["blob", "data", "file", "filesystem", "jar", "javascript", "vbscript", "view-source"];

/// Checks every URL in a text, in all its views. The answer is what is wrong with the first one that is not allowed.
pub(crate) fn check(text: &str, origins: &Origins) -> Result<(), &'static str> {
    if !has_marks(text) {
        return Ok(());
    }
    for view in views(text) {
        check_view(&view, origins)?;
    }
    Ok(())
}

/// Whether a text has anything that a URL cannot do without, or that could turn into it.
fn has_marks(text: &str) -> bool {
    text.bytes().any(|byte| matches!(byte, b':' | b'/' | b'\\' | b'%') || !byte.is_ascii())
}

/// The text as it is, without what URL parsers drop, with its encoding undone, and each of these in NFKC.
fn views(text: &str) -> Vec<Cow<'_, str>> {
    let mut views = vec![Cow::Borrowed(text)];
    if text.contains(['\t', '\n', '\r']) {
        views.push(Cow::Owned(text.replace(['\t', '\n', '\r'], "")));
    }
    for first in 0..views.len() {
        let mut at = first;
        for _ in 0..DECODING_ROUNDS {
            let Some(decoded) = decode(&views[at]) else { break };
            at = views.len();
            views.push(Cow::Owned(decoded));
        }
    }
    for at in 0..views.len() {
        if views[at].is_ascii() {
            continue;
        }
        let visible: String = views[at].chars().filter(|&c| !is_ignorable(c)).collect();
        let compatible = nfkc(&visible).into_owned();
        if compatible != views[at] {
            views.push(Cow::Owned(compatible));
        }
    }
    views
}

/// The text with each escape undone once, or nothing if there is none.
fn decode(text: &str) -> Option<String> {
    if !text.contains('%') {
        return None;
    }
    let decoded = String::from_utf8_lossy(&unescape(text)).into_owned();
    (decoded != text).then_some(decoded)
}

fn check_view(view: &str, origins: &Origins) -> Result<(), &'static str> {
    let bytes = view.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b':' => check_colon(view, at, origins)?,
            b'/' | b'\\' if bytes.get(at + 1).is_some_and(is_slash) => check_slashes(view, at, origins)?,
            _ => {}
        }
    }
    Ok(())
}

fn is_slash(byte: &u8) -> bool {
    matches!(byte, b'/' | b'\\')
}

/// Checks the URL whose scheme ends at a colon, if one does.
fn check_colon(view: &str, colon: usize, origins: &Origins) -> Result<(), &'static str> {
    let Some(start) = scheme_start(view, colon) else { return Ok(()) };
    let scheme = view[start..colon].to_ascii_lowercase();
    let rest = &view[colon + 1..];
    let slashes = rest.bytes().take_while(is_slash).count();
    let is_first = view[..start].trim().is_empty();
    // A drive of Windows is no scheme.
    if scheme.len() == 1 {
        return Ok(());
    }
    let authority = authority(&rest[slashes..], is_first);
    let is_hostless = HOSTLESS.contains(&scheme.as_str()) && (slashes != 2 || authority.is_empty());
    if is_hostless && starts_hostless(&scheme, rest) {
        return if origins.has_scheme(&scheme) { Ok(()) } else { Err("its scheme is not in schemes") };
    }
    if slashes < 2 && (default_port(&scheme).is_none() || authority.is_empty()) {
        return Ok(());
    }
    origins.check(&scheme, authority)
}

/// Where the scheme begins that ends at a colon.
fn scheme_start(view: &str, colon: usize) -> Option<usize> {
    let bytes = view.as_bytes();
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
    let length = bytes[..colon].iter().rev().take(SCHEME_BYTES).take_while(|byte| is_part(byte)).count();
    (colon - length..colon).find(|&at| bytes[at].is_ascii_alphabetic())
}

/// Whether what follows the colon makes a URL of a scheme without a host, and not a sentence.
fn starts_hostless(scheme: &str, rest: &str) -> bool {
    let is_type = |c: char| c.is_ascii_alphanumeric() || "!#$&^_.+-/;=\"%".contains(c);
    match scheme {
        "data" => rest.trim_start_matches(is_type).starts_with(','),
        _ => rest.starts_with(|c: char| !c.is_whitespace()),
    }
}

/// Checks an authority that comes after slashes alone, where it is one.
fn check_slashes(view: &str, at: usize, origins: &Origins) -> Result<(), &'static str> {
    let before = view[..at].chars().next_back();
    // What a word, a path or a scheme comes before is no beginning.
    if before.is_some_and(|c| c.is_alphanumeric() || "/\\:.-_~%+*".contains(c)) {
        return Ok(());
    }
    let is_value = view[..at].trim().is_empty() || before.is_some_and(|c| "=\"'".contains(c));
    let slashes = view[at..].bytes().take_while(is_slash).count();
    let authority = authority(&view[at + slashes..], is_value);
    let is_host = match is_value {
        true => !authority.is_empty(),
        // In the midst of text only what looks like a host is one; two backslashes are an escape.
        false => view[at..at + slashes].contains('/') && authority.contains(['.', '[', '@']),
    };
    if is_host { origins.check_relative(authority) } else { Ok(()) }
}

/// The authority at the start of a text: what is before a slash, `?`, `#` or space. Where it is followed by something
/// that some take for a part of it, that has no user, else it is all of it.
fn authority(rest: &str, to_the_end: bool) -> &str {
    let window = match rest.char_indices().take_while(|(at, _)| *at < AUTHORITY_BYTES).last() {
        Some((at, c)) => &rest[..at + c.len_utf8()],
        None => return rest,
    };
    let part = |is_end: &dyn Fn(char) -> bool| &window[..window.find(is_end).unwrap_or(window.len())];
    let ends = |c: char| matches!(c, '/' | '\\' | '?' | '#');
    let all = part(&ends);
    let word = part(&|c| ends(c) || c.is_whitespace() || c.is_control());
    if to_the_end && all.contains('@') {
        return all;
    }
    if word.contains('@') {
        return word;
    }
    let host = part(&|c| ends(c) || !is_host_char(c));
    match window[host.len()..].starts_with(ends) {
        true => host,
        // The end of a sentence.
        false => host.trim_end_matches(['.', ':']),
    }
}

fn is_host_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~%:[]".contains(c) || (!c.is_ascii() && !c.is_whitespace() && !c.is_control())
}
