//! What would run, for people: every leaf of the arguments, money, recipients, URLs, and what files would become
//! (`docs/spec/approval.md`, section 7).

use crate::VerifiedRequest;
use crate::diff;
use crate::text::{LINE_CHARS, Reading, line, short};
use talos_audit::receipt::args_digest;
use talos_contracts::json::{self, Kind, Member, Value};
use talos_contracts::{
    ActionKind, Amount, ApprovalArgument, ApprovalDiff, ApprovalDiffStatus, ApprovalFile, ApprovalOmitted,
    ApprovalRequest, ApprovalUrl, ApprovalView, Effect, Error, ErrorCode,
};
use talos_crypto::hash;

/// Leaves of the arguments that are shown.
pub const MAX_ARGUMENTS: usize = 128;
/// Lines of one leaf that are shown.
pub const LEAF_LINES: usize = 16;
/// Addresses and URLs that are shown, each.
pub const MAX_FOUND: usize = 32;
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

/// Shows the request of which these are the arguments: `approval.mismatch` if they are not.
pub fn request(request: &VerifiedRequest, args: &Value, files: &[ApprovalFile]) -> Result<ApprovalView, Error> {
    let asked = request.request();
    if !hash::equal(&asked.args_digest, &args_digest(args)) {
        return Err(Error::new(ErrorCode::ApprovalMismatch, "these are not the arguments that the request is about"));
    }
    Ok(action(&Shown::of(asked, args, files)))
}

/// Shows an action.
pub fn action(shown: &Shown<'_>) -> ApprovalView {
    let mut found = Found::default();
    found.walk(shown.args, &mut String::new());
    let (diffs, more_diffs) = diff::all(shown.args, shown.files);
    let mut view = ApprovalView {
        heading: heading(shown.kind, shown.target, shown.effect),
        amount: shown.amount.map(amount),
        tokens: shown.tokens,
        model: shown.model.map(name),
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
    let effect = effect.map_or("effect not declared", Effect::as_str);
    format!("{} {} ({effect})", kind.as_str(), name(target))
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
#[derive(Default)]
struct Found {
    arguments: Vec<ApprovalArgument>,
    more_arguments: u64,
    recipients: Vec<String>,
    more_recipients: u64,
    urls: Vec<ApprovalUrl>,
    more_urls: u64,
}

impl Found {
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
        if self.arguments.len() == MAX_ARGUMENTS {
            self.more_arguments += 1;
            return;
        }
        let (lines, clipped) = leaf_lines(value);
        self.arguments.push(ApprovalArgument { pointer: short(pointer, Reading::Prose), lines, clipped });
    }

    fn look_for_urls(&mut self, text: &str, pointer: &str) {
        for (at, _) in text.match_indices("://") {
            let scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '-');
            let start = text[..at].trim_end_matches(scheme).len();
            if start == at {
                continue;
            }
            if self.urls.len() == MAX_FOUND {
                self.more_urls += 1;
                continue;
            }
            let ends = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '<' | '>' | '`');
            let end = text[at..].find(ends).map_or(text.len(), |after| at + after);
            let (host, credentials) = host(&text[at + 3..end]);
            self.urls.push(ApprovalUrl {
                pointer: short(pointer, Reading::Prose),
                url: short(&text[start..end], Reading::Name),
                host: short(host, Reading::Name),
                credentials,
            });
        }
    }

    fn look_for_recipients(&mut self, text: &str) {
        let between = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '<' | '>' | '(' | ')' | '"' | '\'');
        for word in text.split(between).filter(|word| is_address(word)) {
            let address = short(word.strip_prefix("mailto:").unwrap_or(word), Reading::Name);
            if self.recipients.contains(&address) {
                continue;
            }
            if self.recipients.len() == MAX_FOUND { self.more_recipients += 1 } else { self.recipients.push(address) }
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

/// A leaf as lines, and whether something of it is missing. A text of one line is in quotation marks.
fn leaf_lines(value: &Value) -> (Vec<String>, bool) {
    let Some(text) = value.as_str() else {
        let json = json::canonical(value);
        return (vec![short(&String::from_utf8_lossy(&json), Reading::Prose)], false);
    };
    if !text.contains('\n') {
        let (shown, whole) = line(text, Reading::Prose, LINE_CHARS);
        return (vec![format!("\"{shown}\"")], !whole);
    }
    let mut clipped = false;
    let mut lines: Vec<String> = Vec::new();
    for part in text.split('\n').take(LEAF_LINES) {
        let (shown, whole) = line(part, Reading::Prose, LINE_CHARS);
        clipped |= !whole;
        lines.push(shown);
    }
    let more = text.split('\n').count() - lines.len();
    if more > 0 {
        lines.push(format!("[clipped: {more} more lines]"));
    }
    (lines, clipped || more > 0)
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
    out
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
