//! Arguments that are paths: read as a POSIX system reads them, and refused where another reader could see another path.

use crate::arguments::{Context, Refusal, text_of};
use crate::mistakes::Mistakes;
use crate::source::quote;
use crate::{glob, patterns};
use regex::RegexSet;
use talos_contracts::json::Value;
use talos_contracts::{ErrorCode, PolicyArgument, PolicyArgumentLinks};
use talos_text::{canonical, is_ignorable, nfc, nfkc};

/// Longest path in bytes.
const MAX_BYTES: usize = 4096;
/// Most parts of a path.
const MAX_PARTS: usize = 256;
/// What a shell, a URL or another system would take for more than a name.
const SPECIAL: [char; 8] = ['\\', ':', '%', '$', '`', '*', '?', '|'];
/// What looks like a dot or a slash and does not become one by NFKC.
const LOOKALIKES: [char; 12] = [
    '\u{2044}', '\u{2215}', '\u{2216}', '\u{29f5}', '\u{29f8}', '\u{29f9}', '\u{27cb}', '\u{27cd}', '\u{3002}',
    '\u{0701}', '\u{0702}', '\u{a60e}',
];

/// What a path has to be.
#[derive(Debug)]
pub(crate) struct PathRule {
    under: Vec<String>,
    base: Option<String>,
    denied: Denied,
    /// In the view in which case does not count.
    extensions: Option<Vec<String>>,
    is_lexical: bool,
}

/// Globs of what a path may not lead through.
#[derive(Debug)]
struct Denied {
    /// Of one part of the way.
    names: RegexSet,
    /// Of the way up to a part.
    ways: RegexSet,
}

impl PathRule {
    pub fn compile(argument: &PolicyArgument, mistakes: &mut Mistakes) -> Option<PathRule> {
        let under = argument.under.iter().flatten().enumerate();
        let under = under.map(|(index, path)| directory(&format!("under/{index}"), path, mistakes)).collect();
        let base = argument.base.as_ref().map(|base| directory("base", base, mistakes));
        let extensions = argument.extensions.as_ref().map(|list| {
            let read = |(index, written): (usize, &String)| extension(index, written, mistakes);
            list.iter().enumerate().map(read).collect()
        });
        let denied = Denied::compile(argument.denied.as_deref().unwrap_or_default(), mistakes)?;
        let is_lexical = argument.links == Some(PolicyArgumentLinks::Lexical);
        Some(PathRule { under, base, denied, extensions, is_lexical })
    }

    pub fn check(&self, value: &Value, context: &Context<'_>) -> Result<(), Refusal> {
        let text = text_of(value, "a path", MAX_BYTES)?;
        check_letters(text)?;
        let joined = match (&self.base, text.starts_with('/')) {
            (_, true) => text.to_owned(),
            (Some(base), false) => format!("{base}/{text}"),
            (None, false) => return Err(denied("it is relative, and the rule has no base")),
        };
        let plain = normalise(&joined).ok_or_else(|| denied("it leads above the root"))?;
        if self.is_lexical {
            let rest = self.under.iter().find_map(|under| below(&plain, under));
            return self.check_rest(rest.ok_or_else(|| denied("it is not under one of the directories of the rule"))?);
        }
        // What is not to be reached by name is not to be reached by that name either.
        if let Some(rest) = self.under.iter().find_map(|under| below(&plain, under)) {
            self.check_rest(rest)?;
        }
        self.check_real(&plain, context)?;
        // A tool may follow `..` after the link before it, or before: both have to lead to what is allowed.
        if joined.split('/').any(|part| part == "..") { self.check_real(&joined, context) } else { Ok(()) }
    }

    /// Checks where a path really leads.
    fn check_real(&self, path: &str, context: &Context<'_>) -> Result<(), Refusal> {
        let unresolved = |why: &str| Refusal { code: ErrorCode::PolicyPathUnresolved, why: why.to_owned() };
        let files = context.facts.files.ok_or_else(|| unresolved("nobody here can follow links"))?;
        let real =
            files.real_path(or_root(path)).map_err(|_| unresolved("the path could not be followed to its end"))?;
        let mut failed = false;
        for under in &self.under {
            match files.real_path(or_root(under)) {
                Ok(under) => {
                    if let Some(rest) = below(&real, under.trim_end_matches('/')) {
                        return self.check_rest(rest);
                    }
                }
                Err(_) => failed = true,
            }
        }
        match failed {
            true => Err(unresolved("a directory of the rule could not be followed to its end")),
            false => Err(denied("it leads out of the directories of the rule")),
        }
    }

    /// Checks the way below a directory.
    fn check_rest(&self, rest: &str) -> Result<(), Refusal> {
        if self.denied.matches(rest) {
            return Err(denied("a part of it is in denied"));
        }
        let Some(extensions) = &self.extensions else { return Ok(()) };
        let name = rest.rsplit('/').next().unwrap_or_default();
        let extension = name.rsplit_once('.').map(|(_, extension)| canonical(extension));
        match extension {
            Some(extension) if extensions.iter().any(|one| *one == extension) => Ok(()),
            _ => Err(denied("its extension is not in extensions")),
        }
    }
}

fn denied(why: &str) -> Refusal {
    Refusal::denied(format!("the path is denied: {why}"))
}

/// A directory of the policy: absolute, straight, without a slash at its end.
fn directory(member: &str, written: &str, mistakes: &mut Mistakes) -> String {
    let what = format!("directory {}", quote(written));
    match normalise(written) {
        _ if !written.starts_with('/') => {
            mistakes.add(member, format!("{what}: a directory of a policy is absolute: it begins with a slash"));
        }
        _ if check_letters(written).is_err() => {
            let detail = "it has characters that mean something elsewhere, so no path under it is allowed";
            mistakes.add(member, format!("{what}: {detail}"));
        }
        Some(plain) if plain != written.trim_end_matches('/') => {
            let detail = "a directory of a policy has no `.`, `..` and empty parts";
            let plain = if plain.is_empty() { "/".to_owned() } else { plain };
            mistakes.suggest(member, format!("{what}: {detail}"), plain);
        }
        Some(plain) => return plain,
        None => mistakes.add(member, format!("{what} leads above the root")),
    }
    written.to_owned()
}

fn extension(index: usize, written: &str, mistakes: &mut Mistakes) -> String {
    if written.contains(['.', '/', '*']) {
        let last = written.rsplit(['.', '/', '*']).next().unwrap_or_default().to_owned();
        let detail = format!("extension {}: an extension is what follows the last dot of a name", quote(written));
        mistakes.suggest(&format!("extensions/{index}"), detail, last);
    }
    canonical(written).into_owned()
}

/// Refuses a text that some would read as another path.
fn check_letters(text: &str) -> Result<(), Refusal> {
    if text.is_empty() {
        return Err(denied("it is empty"));
    }
    if text.contains(|c: char| c.is_control() || SPECIAL.contains(&c)) {
        return Err(denied("it has controls, or one of \\ : % $ ` * ? |"));
    }
    if text.starts_with('~') {
        return Err(denied("it begins with ~, which is somebody's home"));
    }
    if text.starts_with("//") {
        return Err(denied("it begins with two slashes"));
    }
    if nfc(text) != text || text.chars().any(|c| is_ignorable(c) || looks_special(c)) {
        return Err(denied(
            "it has characters that look like dots or slashes, that nobody sees, or that are not in NFC",
        ));
    }
    let parts = text.split('/');
    if parts.clone().count() > MAX_PARTS {
        return Err(denied("it has too many parts"));
    }
    let is_odd = |part: &str| part.ends_with([' ', '.']) && part != "." && part != "..";
    if parts.into_iter().any(is_odd) {
        return Err(denied("a part of it ends with a dot or a space, which some systems drop"));
    }
    Ok(())
}

/// Whether a character looks like, or becomes, one that has a meaning in paths.
fn looks_special(c: char) -> bool {
    if c.is_ascii() {
        return false;
    }
    let mut buffer = [0; 4];
    let view = nfkc(c.encode_utf8(&mut buffer));
    LOOKALIKES.contains(&c) || c.is_whitespace() || view.contains(|c: char| "./~".contains(c) || SPECIAL.contains(&c))
}

/// The path without `.`, `..` and empty parts, by its letters alone; the root is the empty text.
fn normalise(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.iter().flat_map(|part| ["/", part]).collect())
}

fn or_root(path: &str) -> &str {
    if path.is_empty() { "/" } else { path }
}

/// The way below a directory, in whole parts; empty for the directory itself.
fn below<'a>(path: &'a str, directory: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(directory)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

impl Denied {
    /// A glob with a slash is of the way from the directory, one without of a name wherever it is.
    fn compile(globs: &[String], mistakes: &mut Mistakes) -> Option<Denied> {
        let (mut names, mut ways, before) = (Vec::new(), Vec::new(), mistakes.list.len());
        for (index, written) in globs.iter().enumerate() {
            let member = format!("denied/{index}");
            if written.starts_with('/') {
                let detail = format!("glob {}: the way begins below the directory, without a slash", quote(written));
                mistakes.suggest(&member, detail, written.trim_start_matches('/').to_owned());
                continue;
            }
            match glob::to_regex(nfc(written.trim_end_matches('/')).as_ref()) {
                Ok(source) if written.trim_end_matches('/').contains('/') => ways.push(format!("(?i){source}")),
                Ok(source) => names.push(format!("(?i){source}")),
                Err(error) => {
                    let detail = format!("glob {}: {}", quote(written), error.detail);
                    mistakes.inside(&member, written, Some(error.at), detail);
                }
            }
        }
        if mistakes.list.len() > before {
            return None;
        }
        match (patterns::set(&names), patterns::set(&ways)) {
            (Ok(names), Ok(ways)) => Some(Denied { names, ways }),
            _ => {
                mistakes.add("denied", "the globs together are too large: there are too many");
                None
            }
        }
    }

    fn matches(&self, rest: &str) -> bool {
        let rest = nfc(rest);
        let ends = rest.match_indices('/').map(|(at, _)| at).chain([rest.len()]);
        rest.split('/').any(|name| self.names.is_match(name))
            || (!self.ways.is_empty() && ends.into_iter().any(|end| self.ways.is_match(&rest[..end])))
    }
}
