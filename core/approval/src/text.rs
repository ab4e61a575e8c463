//! Texts of others, as people may see them: what is invisible, reorders, or passes for another letter is written out
//! (`docs/spec/approval.md`, section 7).

use talos_text::nfkc;

/// Characters of a line, before it goes on in the next or says how many more there are.
pub(crate) const LINE_CHARS: usize = 200;
/// Characters of a line of a page, with what stands before what is not ours.
const FOLD_CHARS: usize = 1_000;
/// Spaces, and empty lines, in a row that are shown as they are; more are counted, so that nothing is pushed out of sight.
const RUN_SPACES: usize = 16;
const RUN_LINES: usize = 4;
/// How a line begins that goes on with the one before it.
const GOES_ON: char = '\u{21aa}';

/// What is never shown as it is: controls, spaces but U+0020, formats, fillers, private use, tags; and the signs that this
/// module itself writes.
const HIDDEN: &[(u32, u32)] = &[
    (0x0000, 0x001f),
    (0x007f, 0x00a0),
    (0x00ad, 0x00ad),
    (0x034f, 0x034f),
    (0x0600, 0x0605),
    (0x061c, 0x061c),
    (0x06dd, 0x06dd),
    (0x070f, 0x070f),
    (0x0890, 0x0891),
    (0x08e2, 0x08e2),
    (0x115f, 0x1160),
    (0x1680, 0x1680),
    (0x17b4, 0x17b5),
    (0x180b, 0x180f),
    (0x2000, 0x200f),
    (0x2028, 0x202f),
    (0x205f, 0x206f),
    (0x21aa, 0x21aa),
    (0x21e5, 0x21e5),
    (0x27e8, 0x27e9),
    (0x2800, 0x2800),
    (0x3000, 0x3000),
    (0x3164, 0x3164),
    (0xe000, 0xf8ff),
    (0xfe00, 0xfe0f),
    (0xfeff, 0xfeff),
    (0xffa0, 0xffa0),
    (0xfff0, 0xffff),
    (0x110bd, 0x110bd),
    (0x110cd, 0x110cd),
    (0x13430, 0x1343f),
    (0x1bca0, 0x1bca3),
    (0x1d173, 0x1d17a),
    (0xe0000, 0x10ffff),
];
/// Marks that sit on the letter before them: a stroke turns one letter into another.
const MARKS: &[(u32, u32)] =
    &[(0x0300, 0x036f), (0x0483, 0x0489), (0x1ab0, 0x1aff), (0x1dc0, 0x1dff), (0x20d0, 0x20ff), (0xfe20, 0xfe2f)];
/// Letters that pass for Latin ones; written out in a word that has Latin letters, too.
const LOOKALIKES: &[(u32, u32)] = &[
    (0x0250, 0x02af),
    (0x0370, 0x03ff),
    (0x0400, 0x058f),
    (0x10a0, 0x10ff),
    (0x13a0, 0x13ff),
    (0x1c80, 0x1cbf),
    (0x1d00, 0x1dbf),
    (0x1f00, 0x1fff),
    (0x2c80, 0x2d2f),
    (0xa4d0, 0xa4ff),
    (0xa640, 0xa69f),
    (0xab30, 0xabbf),
    (0xfb13, 0xfb17),
    (0x10280, 0x1044f),
    (0x11fb0, 0x11fb0),
];

/// How strict the reading is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// A text in some language.
    Prose,
    /// A name that a machine reads, such as a host or a tool: what is not ASCII is written out.
    Name,
}

/// The text as one line of at most so many characters, and whether it is all of it.
pub(crate) fn line(text: &str, reading: Reading, most: usize) -> (String, bool) {
    let (mut out, mut used) = (String::new(), 0);
    for (at, sign) in Signs::of(text, reading) {
        let length = sign.chars().count();
        if length > most.saturating_sub(used) {
            out.push_str(&format!(" [clipped: {} more characters]", text[at..].chars().count()));
            return (out, false);
        }
        used += length;
        out.push_str(&sign);
    }
    (out, true)
}

/// A whole line, clipped where it has to be.
pub(crate) fn short(text: &str, reading: Reading) -> String {
    line(text, reading, LINE_CHARS).0
}

/// A text of several lines as at most so many, and how many characters are missing. A line that is too long goes on in the next.
pub(crate) fn lines(text: &str, most: usize) -> (Vec<String>, usize) {
    let (mut out, mut at) = (Vec::new(), 0);
    while at <= text.len() {
        if out.len() >= most {
            // The line feed before them is not shown, either.
            return (out, text[at.saturating_sub(1)..].chars().count());
        }
        let empty = text.len() - at - text[at..].trim_start_matches('\n').len();
        if empty > RUN_LINES {
            out.push(repeated(empty, '\n'));
            at += empty;
            continue;
        }
        let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
        if let Some(rest) = wrap(&text[at..end], most, &mut out) {
            return (out, text[at + rest..].chars().count());
        }
        at = end + 1;
    }
    (out, 0)
}

/// Adds a line to others, of which there are so many at most; where what is missing begins.
fn wrap(text: &str, most: usize, out: &mut Vec<String>) -> Option<usize> {
    let (mut line, mut used) = (String::new(), 0);
    for (at, sign) in Signs::of(text, Reading::Prose) {
        let length = sign.chars().count();
        if used + length > LINE_CHARS {
            out.push(std::mem::replace(&mut line, GOES_ON.to_string()));
            if out.len() >= most {
                return Some(at);
            }
            used = 0;
        }
        used += length;
        line.push_str(&sign);
    }
    out.push(line);
    None
}

/// A line that was written here, as lines that a terminal need not break.
pub(crate) fn fold(line: &str) -> Vec<String> {
    let characters: Vec<char> = line.chars().collect();
    let mut folded: Vec<String> = characters.chunks(FOLD_CHARS).map(|chunk| chunk.iter().collect()).collect();
    folded.iter_mut().skip(1).for_each(|line| line.insert_str(0, &format!("  {GOES_ON}")));
    folded
}

/// The signs that stand for the characters of a text, each with the place of its character. A long run of spaces is one.
struct Signs<'a> {
    text: &'a str,
    at: usize,
    reading: Reading,
    mixed: std::ops::Range<usize>,
}

impl<'a> Signs<'a> {
    fn of(text: &'a str, reading: Reading) -> Self {
        Signs { text, at: 0, reading, mixed: 0..0 }
    }
}

impl Iterator for Signs<'_> {
    type Item = (usize, String);

    fn next(&mut self) -> Option<Self::Item> {
        let (at, rest) = (self.at, &self.text[self.at..]);
        let c = rest.chars().next()?;
        let spaces = rest.len() - rest.trim_start_matches(' ').len();
        if spaces > RUN_SPACES {
            self.at += spaces;
            return Some((at, repeated(spaces, ' ')));
        }
        self.at += c.len_utf8();
        if c.is_alphanumeric() && at >= self.mixed.end {
            self.mixed = word(self.text, at);
        }
        Some((at, sign(c, self.reading, self.mixed.contains(&at))))
    }
}

/// A run of one character, counted.
fn repeated(count: usize, c: char) -> String {
    format!("\u{27e8}{count} \u{d7} U+{:04X}\u{27e9}", u32::from(c))
}

/// The word that begins here, if it mixes Latin letters with others that look like them; else its empty end.
fn word(text: &str, start: usize) -> std::ops::Range<usize> {
    let rest = &text[start..];
    let end = start + rest.find(|c: char| !c.is_alphanumeric() && !within(c, MARKS)).unwrap_or(rest.len());
    let word = &text[start..end];
    let mixed = word.chars().any(|c| c.is_ascii_alphabetic()) && word.chars().any(|c| within(c, LOOKALIKES));
    if mixed { start..end } else { end..end }
}

fn sign(c: char, reading: Reading, mixed: bool) -> String {
    if c == '\t' {
        return "\u{21e5}".to_owned();
    }
    let foreign = !c.is_ascii() && (reading == Reading::Name || within(c, MARKS) || poses_as_ascii(c));
    if foreign || within(c, HIDDEN) || (mixed && within(c, LOOKALIKES)) {
        return format!("\u{27e8}U+{:04X}\u{27e9}", u32::from(c));
    }
    c.to_string()
}

/// Fullwidth and mathematical letters, ligatures, superscripts: another spelling of ASCII letters or digits.
fn poses_as_ascii(c: char) -> bool {
    let mut bytes = [0; 4];
    let plain = nfkc(c.encode_utf8(&mut bytes)).chars().any(|c| c.is_ascii_alphanumeric());
    // A letter with an accent has its own ASCII letter inside only when it is taken apart, which NFKC does not do.
    plain && !c.is_ascii()
}

fn within(c: char, ranges: &[(u32, u32)]) -> bool {
    let c = u32::from(c);
    let after = ranges.partition_point(|(first, _)| *first <= c);
    after > 0 && c <= ranges[after - 1].1
}
