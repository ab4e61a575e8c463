//! What would run, for people: every leaf of the arguments, money, recipients, URLs, and what files would become
//! (`docs/spec/approval.md`, section 7).

use crate::VerifiedRequest;
use crate::diff;
use crate::text::{self, LINE_CHARS, Reading, fold, short};
use std::collections::HashSet;
use talos_audit::receipt::args_digest;
use talos_contracts::json::{self, Kind, Member, Value};
use talos_contracts::{
    ActionKind, Amount, ApprovalArgument, ApprovalDiff, ApprovalDiffStatus, ApprovalFile, ApprovalOmitted,
    ApprovalRequest, ApprovalUrl, ApprovalView, Effect, Error, ErrorCode,
};
use talos_crypto::hash;

/// Leaves of the arguments on a page.
pub const MAX_ARGUMENTS: usize = 128;
/// Lines of one leaf on a page.
pub const LEAF_LINES: usize = 64;
/// Addresses and URLs on a page, each.
pub const MAX_FOUND: usize = 32;
/// The last line of a page that is not whole.
const HOW_TO_SEE_ALL: &str = "[clipped: this is not all of it; talos approvals show --full shows every character]";
/// Micro-units in a unit.
const MICRO: u64 = 1_000_000;

/// An action, to be shown.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// What kind of thing.
    pub kind: ActionKind,
    /// The tool, the resource, the prompt.
    pub target: &'a str,
    /// The effect, where it is known.
    pub effect: Option<Effect>,
    /// Money that the action would spend.
    pub amount: Option<&'a Amount>,
    /// Tokens that the action asks for.
    pub tokens: Option<u64>,
    /// The model that is asked.
    pub model: Option<&'a str>,
    /// The arguments.
    pub args: &'a Value,
    /// What the files hold now that [`paths`] names, as far as the host knows.
    pub files: &'a [ApprovalFile],
}

impl<'a> Shown<'a> {
    /// What a request asks for, with its arguments.
    pub fn of(asked: &'a ApprovalRequest, args: &'a Value, files: &'a [ApprovalFile]) -> Self {
        Shown {
            kind: asked.kind,
            target: &asked.target,
            effect: Some(asked.effect),
            amount: asked.amount.as_ref(),
            tokens: asked.tokens,
            model: asked.model.as_deref(),
            args,
            files,
        }
    }
}

/// How much of something is shown.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    leaves: usize,
    leaf_lines: usize,
    found: usize,
    /// Characters of a pointer, a URL, an address, a path.
    pub(crate) chars: usize,
    pub(crate) files: usize,
    pub(crate) diff_lines: usize,
}

impl Bounds {
    const PAGE: Bounds = Bounds {
        leaves: MAX_ARGUMENTS,
        leaf_lines: LEAF_LINES,
        found: MAX_FOUND,
        chars: LINE_CHARS,
        files: diff::MAX_FILES,
        diff_lines: diff::DIFF_LINES,
    };
    const NONE: Bounds = Bounds {
        leaves: usize::MAX,
        leaf_lines: usize::MAX,
        found: usize::MAX,
        chars: usize::MAX,
        files: usize::MAX,
        diff_lines: usize::MAX,
    };
}

/// Shows the request of which these are the arguments: `approval.mismatch` if they are not.
pub fn request(request: &VerifiedRequest, args: &Value, files: &[ApprovalFile]) -> Result<ApprovalView, Error> {
    Ok(action(&of_request(request, args, files)?))
}

/// The same as lines for a terminal, and all of it: every character of the arguments, however many.
pub fn whole(request: &VerifiedRequest, args: &Value, files: &[ApprovalFile]) -> Result<Vec<String>, Error> {
    Ok(view(&of_request(request, args, files)?, &Bounds::NONE).lines)
}

fn of_request<'a>(
    request: &'a VerifiedRequest,
    args: &'a Value,
    files: &'a [ApprovalFile],
) -> Result<Shown<'a>, Error> {
    let asked = request.request();
    if !hash::equal(&asked.args_digest, &args_digest(args)) {
        return Err(Error::new(ErrorCode::ApprovalMismatch, "these are not the arguments that the request is about"));
    }
    Ok(Shown::of(asked, args, files))
}

/// Shows an action on a page.
pub fn action(shown: &Shown<'_>) -> ApprovalView {
    view(shown, &Bounds::PAGE)
}

fn view(shown: &Shown<'_>, bounds: &Bounds) -> ApprovalView {
    let mut found = Found::new(bounds);
    let target = found.text(shown.target, Reading::Name);
    let model = shown.model.map(|model| found.text(model, Reading::Name));
    found.walk(shown.args, &mut String::new());
    let (diffs, more_diffs) = diff::all(shown.args, shown.files, bounds);
    let more = found.more_arguments + found.more_recipients + found.more_urls + more_diffs;
    let clipped = found.clipped || more > 0 || diffs.iter().any(|diff| diff.clipped);
    let mut view = ApprovalView {
        heading: head(shown.kind, &target, shown.effect),
        clipped,
        amount: shown.amount.map(amount),
        tokens: shown.tokens,
        model,
        args_digest: args_digest(shown.args),
        arguments: found.arguments,
        omitted: ApprovalOmitted {
            arguments: found.more_arguments,
            recipients: found.more_recipients,
            urls: found.more_urls,
            diffs: more_diffs,
        },
        recipients: found.recipients,
        urls: found.urls,
        diffs,
        lines: vec![],
    };
    view.lines = lines(&view);
    view
}

/// The paths of the files that the arguments would change, which a host reads to show what would become of them.
pub fn paths(args: &Value) -> Vec<String> {
    diff::paths(args)
}

/// Kind, target and effect.
pub fn heading(kind: ActionKind, target: &str, effect: Option<Effect>) -> String {
    head(kind, &name(target), effect)
}

fn head(kind: ActionKind, target: &str, effect: Option<Effect>) -> String {
    let effect = effect.map_or("effect not declared", Effect::as_str);
    format!("{} {target} ({effect})", kind.as_str())
}

/// A name for a machine, such as a target or a rule, on one line: what is not ASCII is written out.
pub fn name(text: &str) -> String {
    short(text, Reading::Name)
}

/// A sentence of somebody else, on one line.
pub fn sentence(text: &str) -> String {
    short(text, Reading::Prose)
}

/// Money with its currency: at least two decimals, all six where they are needed.
pub fn amount(amount: &Amount) -> String {
    let fraction = format!("{:06}", amount.micro % MICRO);
    let kept = fraction.trim_end_matches('0').len().max(2);
    format!("{}.{} {}", amount.micro / MICRO, &fraction[..kept], amount.currency)
}

/// What a walk through the arguments finds.
struct Found<'a> {
    bounds: &'a Bounds,
    /// Whether something of what was found is missing.
    clipped: bool,
    arguments: Vec<ApprovalArgument>,
    more_arguments: u64,
    recipients: Vec<String>,
    more_recipients: u64,
    /// The addresses so far.
    seen: HashSet<String>,
    urls: Vec<ApprovalUrl>,
    more_urls: u64,
}

impl<'a> Found<'a> {
    fn new(bounds: &'a Bounds) -> Self {
        Found {
            bounds,
            clipped: false,
            arguments: vec![],
            more_arguments: 0,
            recipients: vec![],
            more_recipients: 0,
            seen: HashSet::new(),
            urls: vec![],
            more_urls: 0,
        }
    }

    /// A text on one line.
    fn text(&mut self, text: &str, reading: Reading) -> String {
        let (shown, whole) = text::line(text, reading, self.bounds.chars);
        self.clipped |= !whole;
        shown
    }

    /// Goes through the leaves in the order of the canonical form, whatever the text's was; the parser bounds the depth.
    fn walk(&mut self, value: &Value, pointer: &mut String) {
        let length = pointer.len();
        match &value.kind {
            Kind::Object(members) if !members.is_empty() => {
                for member in in_order(members) {
                    pointer.push('/');
                    pointer.push_str(&member.name.replace('~', "~0").replace('/', "~1"));
                    self.walk(&member.value, pointer);
                    pointer.truncate(length);
                }
            }
            Kind::Array(items) if !items.is_empty() => {
                for (at, item) in items.iter().enumerate() {
                    pointer.push_str(&format!("/{at}"));
                    self.walk(item, pointer);
                    pointer.truncate(length);
                }
            }
            _ => self.leaf(value, pointer),
        }
    }

    fn leaf(&mut self, value: &Value, pointer: &str) {
        if let Some(text) = value.as_str() {
            self.look_for_urls(text, pointer);
            self.look_for_recipients(text);
        }
        if self.arguments.len() == self.bounds.leaves {
            self.more_arguments += 1;
            return;
        }
        let (lines, clipped) = leaf_lines(value, self.bounds.leaf_lines);
        self.clipped |= clipped;
        let pointer = self.text(pointer, Reading::Prose);
        self.arguments.push(ApprovalArgument { pointer, lines, clipped });
    }

    fn look_for_urls(&mut self, text: &str, pointer: &str) {
        for (at, _) in text.match_indices("://") {
            let scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '-');
            let start = text[..at].trim_end_matches(scheme).len();
            if start == at {
                continue;
            }
            if self.urls.len() == self.bounds.found {
                self.more_urls += 1;
                continue;
            }
            let ends = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '<' | '>' | '`');
            let end = text[at..].find(ends).map_or(text.len(), |after| at + after);
            let (host, credentials) = host(&text[at + 3..end]);
            let pointer = self.text(pointer, Reading::Prose);
            // The argument has the whole of it.
            let url = short(&text[start..end], Reading::Name);
            let host = self.text(host, Reading::Name);
            self.urls.push(ApprovalUrl { pointer, url, host, credentials });
        }
    }

    fn look_for_recipients(&mut self, text: &str) {
        let between = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '<' | '>' | '(' | ')' | '"' | '\'');
        for word in text.split(between).filter(|word| is_address(word)) {
            let word = word.strip_prefix("mailto:").unwrap_or(word);
            if !self.seen.insert(word.to_owned()) {
                continue;
            }
            if self.recipients.len() == self.bounds.found {
                self.more_recipients += 1;
                continue;
            }
            let address = self.text(word, Reading::Name);
            self.recipients.push(address);
        }
    }
}

/// Members in the order of the canonical form (RFC 8785).
pub(crate) fn in_order(members: &[Member]) -> Vec<&Member> {
    let mut sorted: Vec<&Member> = members.iter().collect();
    sorted.sort_by(|a, b| json::utf16_order(&a.name, &b.name));
    sorted
}

/// Whether a word reads as an e-mail address: one @ with something on either side, and no path.
fn is_address(word: &str) -> bool {
    let parts = word.split_once('@');
    parts.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'))
        && !word.contains('/')
}

/// The host of what follows `://`, and whether there is a user name before it. A browser takes `\` for `/`.
fn host(rest: &str) -> (&str, bool) {
    let authority = rest.find(['/', '\\', '?', '#']).map_or(rest, |end| &rest[..end]);
    let (credentials, place) = authority.rsplit_once('@').map_or((false, authority), |(_, place)| (true, place));
    let host = match place.find(']') {
        Some(end) if place.starts_with('[') => &place[..=end],
        _ => place.split(':').next().unwrap_or(place),
    };
    (host, credentials)
}

/// A leaf as lines, and whether something of it is missing. A text without line feeds is in quotation marks.
fn leaf_lines(value: &Value, most: usize) -> (Vec<String>, bool) {
    let Some(text) = value.as_str() else {
        let json = json::canonical(value);
        return (vec![short(&String::from_utf8_lossy(&json), Reading::Prose)], false);
    };
    let (mut lines, more) = text::lines(text, most);
    if !text.contains('\n') {
        lines.iter_mut().take(1).for_each(|first| first.insert(0, '"'));
        lines.iter_mut().rev().take(usize::from(more == 0)).for_each(|last| last.push('"'));
    }
    if more > 0 {
        lines.push(format!("[clipped: {more} more characters]"));
    }
    (lines, more > 0)
}

/// The view as lines for a terminal. What is not ours stands behind a pointer or a bar, so that no argument can pass for a
/// line of this page.
fn lines(view: &ApprovalView) -> Vec<String> {
    let mut out = vec![view.heading.clone()];
    out.extend(view.amount.iter().map(|amount| format!("amount: {amount}")));
    out.extend(view.tokens.iter().map(|tokens| format!("tokens: {tokens}")));
    out.extend(view.model.iter().map(|model| format!("model: {model}")));
    out.extend(view.recipients.iter().map(|address| format!("recipient: {address}")));
    more(&mut out, view.omitted.recipients, "recipients");
    for url in &view.urls {
        let warning = if url.credentials { ", after a user name" } else { "" };
        out.push(format!("host: {}{warning}, in {}", url.host, url.pointer));
    }
    more(&mut out, view.omitted.urls, "URLs");
    out.push(format!("arguments, digest {}:", view.args_digest));
    for argument in &view.arguments {
        let pointer = if argument.pointer.is_empty() { "all" } else { &argument.pointer };
        match argument.lines.as_slice() {
            [only] => out.push(format!("  {pointer}: {only}")),
            several => {
                out.push(format!("  {pointer}:"));
                out.extend(several.iter().map(|line| format!("  | {line}")));
            }
        }
    }
    more(&mut out, view.omitted.arguments, "arguments");
    for diff in &view.diffs {
        out.push(format!("file {}: {}", diff.path, what_happens(diff)));
        out.extend(diff.lines.iter().map(|line| format!("  {line}")));
    }
    more(&mut out, view.omitted.diffs, "files");
    out.extend(view.clipped.then(|| HOW_TO_SEE_ALL.to_owned()));
    out.iter().flat_map(|line| fold(line)).collect()
}

fn more(out: &mut Vec<String>, omitted: u64, what: &str) {
    if omitted > 0 {
        out.push(format!("[clipped: {omitted} more {what}]"));
    }
}

fn what_happens(diff: &ApprovalDiff) -> &'static str {
    match diff.status {
        ApprovalDiffStatus::Created => "would be created",
        ApprovalDiffStatus::Changed => "would change",
        ApprovalDiffStatus::Unchanged => "would stay as it is",
        ApprovalDiffStatus::Unknown => "would change from a text that is not known here",
    }
}
