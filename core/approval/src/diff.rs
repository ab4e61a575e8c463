//! What files would become, where the names of the arguments say that a tool writes or edits one.
//!
//! It is what such a tool says that it does; what it does is its own affair. The digest binds the arguments, not the outcome.

use crate::render::{Bounds, in_order};
use crate::text::{self, Reading};
use similar::TextDiff;
use talos_contracts::json::{Kind, Value};
use talos_contracts::{ApprovalDiff, ApprovalDiffStatus, ApprovalFile};

/// Files on a page.
pub(crate) const MAX_FILES: usize = 8;
/// Lines of a diff on a page.
pub(crate) const DIFF_LINES: usize = 128;
/// Lines and bytes of a text that is compared: comparing takes the square of the lines at worst.
const TEXT_LINES: usize = 2_000;
const TEXT_BYTES: usize = 1 << 20;
/// Pieces of one file that are replaced.
const MAX_PIECES: usize = 64;
/// Said of texts that are not compared. What the arguments say of them is shown all the same.
const TOO_LARGE: &str = "[too large to compare]";
/// Longest path that is read.
const PATH_BYTES: usize = 4096;

/// Names of members that hold a path, a whole new text, and an old and a new piece of one.
const PATHS: &[&str] = &["path", "file_path", "filePath", "filepath", "file", "filename", "file_name"];
const TEXTS: &[&str] = &["content", "contents", "new_content", "file_text", "text"];
const PIECES: &[(&str, &str)] =
    &[("old_str", "new_str"), ("old_string", "new_string"), ("oldText", "newText"), ("old_text", "new_text")];

/// A change to a file.
struct Change<'a> {
    path: &'a str,
    /// The whole new text, or the pieces to replace one after the other.
    new: New<'a>,
}

enum New<'a> {
    Text(&'a str),
    Pieces(Vec<(&'a str, &'a str)>),
}

/// The paths that changes name, each once.
pub(crate) fn paths(args: &Value) -> Vec<String> {
    let mut paths: Vec<String> = Vec::new();
    for change in changes(args, MAX_FILES).0 {
        if !paths.iter().any(|path| path == change.path) {
            paths.push(change.path.to_owned());
        }
    }
    paths
}

/// Every change with its diff, and how many more there are.
pub(crate) fn all(args: &Value, files: &[ApprovalFile], bounds: &Bounds) -> (Vec<ApprovalDiff>, u64) {
    let (changes, more) = changes(args, bounds.files);
    let shown = changes.iter().map(|change| show(change, files.iter().find(|file| file.path == change.path), bounds));
    (shown.collect(), more)
}

fn changes(args: &Value, most: usize) -> (Vec<Change<'_>>, u64) {
    let (mut found, mut more) = (Vec::new(), 0);
    walk(args, &mut |value| {
        if let Some(change) = change(value) {
            if found.len() == most { more += 1 } else { found.push(change) }
        }
    });
    (found, more)
}

fn walk<'a>(value: &'a Value, visit: &mut dyn FnMut(&'a Value)) {
    match &value.kind {
        Kind::Object(members) => {
            visit(value);
            in_order(members).into_iter().for_each(|member| walk(&member.value, visit));
        }
        Kind::Array(items) => items.iter().for_each(|item| walk(item, visit)),
        _ => {}
    }
}

fn string<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}

fn change(value: &Value) -> Option<Change<'_>> {
    let path = PATHS.iter().find_map(|name| string(value, name))?;
    if path.is_empty() || path.len() > PATH_BYTES {
        return None;
    }
    let mut pieces: Vec<(&str, &str)> = pieces(value).into_iter().collect();
    let edits = value.get("edits").and_then(Value::as_array).unwrap_or_default();
    pieces.extend(edits.iter().filter_map(self::pieces));
    let new = match TEXTS.iter().find_map(|name| string(value, name)) {
        Some(text) if pieces.is_empty() => New::Text(text),
        _ if !pieces.is_empty() => New::Pieces(pieces),
        _ => return None,
    };
    Some(Change { path, new })
}

fn pieces(value: &Value) -> Option<(&str, &str)> {
    PIECES.iter().find_map(|(old, new)| Some((string(value, old)?, string(value, new)?)))
}

fn show(change: &Change<'_>, file: Option<&ApprovalFile>, bounds: &Bounds) -> ApprovalDiff {
    let now = file.map(|file| file.text.as_deref());
    let (status, lines, more) = match (&change.new, now) {
        (New::Text(new), Some(None)) => compared(ApprovalDiffStatus::Created, "", new),
        (New::Text(new), Some(Some(now))) => compared(ApprovalDiffStatus::Changed, now, new),
        (New::Text(_), None) => (ApprovalDiffStatus::Unknown, vec![], 0),
        (New::Pieces(pieces), now) => match now.flatten().and_then(|now| Some((now, replaced(now, pieces)?))) {
            Some((now, new)) => compared(ApprovalDiffStatus::Changed, now, &new),
            None => piecewise(pieces, bounds.diff_lines),
        },
    };
    let (path, whole) = text::line(change.path, Reading::Prose, bounds.chars);
    let (lines, clipped) = clip(lines, more, bounds.diff_lines);
    ApprovalDiff { path, status, lines, clipped: clipped || !whole }
}

/// The text with each old piece, where it first occurs, replaced by the new one.
fn replaced(now: &str, pieces: &[(&str, &str)]) -> Option<String> {
    if pieces.len() > MAX_PIECES {
        return None;
    }
    pieces.iter().try_fold(now.to_owned(), |text, (old, new)| {
        (!old.is_empty() && text.contains(old) && text.len() + new.len() <= 2 * TEXT_BYTES)
            .then(|| text.replacen(old, new, 1))
    })
}

fn is_small(text: &str) -> bool {
    text.len() <= TEXT_BYTES && text.lines().count() <= TEXT_LINES
}

/// The status, the lines, and how many changes are not among them.
type Lines = (ApprovalDiffStatus, Vec<String>, usize);

fn compared(status: ApprovalDiffStatus, old: &str, new: &str) -> Lines {
    if !is_small(old) || !is_small(new) {
        return (ApprovalDiffStatus::Unknown, vec![TOO_LARGE.to_owned()], 0);
    }
    if status == ApprovalDiffStatus::Changed && old == new {
        return (ApprovalDiffStatus::Unchanged, vec![], 0);
    }
    (status, unified(old, new), 0)
}

/// The pieces alone, where the text that they are in is not known. It stops at the first that is beyond what is shown.
fn piecewise(pieces: &[(&str, &str)], most: usize) -> Lines {
    let (mut lines, mut shown) = (Vec::new(), 0);
    for (old, new) in pieces {
        if lines.len() > most {
            break;
        }
        let small = is_small(old) && is_small(new);
        lines.extend(if small { unified(old, new) } else { vec![TOO_LARGE.to_owned()] });
        shown += 1;
    }
    (ApprovalDiffStatus::Unknown, lines, pieces.len() - shown)
}

fn clip(mut lines: Vec<String>, changes: usize, most: usize) -> (Vec<String>, bool) {
    let more = lines.len().saturating_sub(most);
    lines.truncate(most);
    if more > 0 {
        lines.push(format!("[clipped: {more} more lines]"));
    }
    if changes > 0 {
        lines.push(format!("[clipped: {changes} more changes]"));
    }
    (lines, more > 0 || changes > 0)
}

fn unified(old: &str, new: &str) -> Vec<String> {
    // By line feeds alone, as they were counted: a comparison by other ends of lines may have many more.
    let split = |text| str::split_inclusive(text, '\n').collect::<Vec<_>>();
    let (old, new) = (split(old), split(new));
    let diff = TextDiff::from_slices(&old, &new);
    let mut lines = Vec::new();
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        lines.push(hunk.header().to_string());
        for change in hunk.iter_changes() {
            let text = change.value();
            let (shown, _) = text::lines(text.strip_suffix('\n').unwrap_or(text), usize::MAX);
            lines.extend(shown.iter().map(|line| format!("{}{line}", change.tag())));
            if !text.ends_with('\n') {
                lines.push("\\ no line feed at the end".to_owned());
            }
        }
    }
    lines
}
