//! The canonical order and layout of a policy file (`docs/spec/policy.md`, section 18).
//!
//! Keys stand in the order of the contract, lists in the order of the file. A rule that fits in a line is on one. Comments stay
//! with what they are about in YAML; a TOML file with comments is refused, because they would be lost.

use crate::contract;
use crate::error::PolicyError;
use crate::includes::Reading;
use crate::source::{self, Format};
use std::collections::HashMap;
use talos_contracts::json::{self, Kind, Limits, Member, Profile, Value};
use talos_contracts::{Error, ErrorCode, POLICY_SCHEMA};

/// Longest line that a rule is written on, in characters.
const LINE_CHARS: usize = 110;

/// Writes a policy in its layout. What does not load as a policy of one file is refused; included files are not looked at.
pub fn format(text: &[u8], of: Format, file_name: &str) -> Result<String, Vec<PolicyError>> {
    Reading::check_contract(text, of, file_name)?;
    let document = source::read(text, of);
    let Some(value) = document.value else { return Err(PolicyError::list(document.errors, text, file_name)) };
    let text = String::from_utf8_lossy(text);
    let refuse = |error: Error| PolicyError::list(vec![error], text.as_bytes(), file_name);
    let schema = schema().map_err(refuse)?;
    let comments = comments(&text, of, &value);
    if of == Format::Toml && !comments.is_empty() {
        let detail = "this file has comments, which cannot be kept in TOML: format it by hand, or write it as YAML";
        let start = comments[0].start;
        return Err(refuse(source::fault(ErrorCode::PolicyInvalid, detail, start, start)));
    }
    let again = |out: &str| {
        let mut errors = Vec::new();
        let policy =
            source::read(out.as_bytes(), of).value.and_then(|mut value| contract::read(&mut value, &mut errors));
        policy.map(|(policy, _)| policy).filter(|_| errors.is_empty())
    };
    let ordered = ordered(&value, &schema, &schema);
    let mut out = String::new();
    match of {
        Format::Json => {
            json_text(&ordered, 0, &mut out);
            out.push('\n');
        }
        Format::Toml => toml_text(&ordered, &mut out),
        Format::Yaml => Yaml::new(comments, &ordered).write(&ordered, &mut out),
    }
    // A layout that said something else would be worse than none.
    match again(&out) == again(&text) {
        true => Ok(out),
        false => Err(refuse(Error::new(ErrorCode::InternalFault, "the layout would change what the policy says"))),
    }
}

fn schema() -> Result<Value, Error> {
    json::parse_with(POLICY_SCHEMA.as_bytes(), Profile::Data, Limits { depth: 64, bytes: POLICY_SCHEMA.len() })
}

/// The value with the members of each object in the order of the schema.
fn ordered(value: &Value, schema: &Value, root: &Value) -> Value {
    let schema = resolve(schema, root);
    let kind = match &value.kind {
        Kind::Array(items) => {
            let of_items = schema.get("items").unwrap_or(schema);
            Kind::Array(items.iter().map(|item| ordered(item, of_items, root)).collect())
        }
        Kind::Object(members) => {
            let schema = object_form(schema, root);
            let known = schema.get("properties").and_then(Value::as_object).unwrap_or_default();
            let place = |member: &Member| known.iter().position(|other| other.name == member.name);
            let mut members: Vec<Member> = members
                .iter()
                .map(|member| {
                    let inner =
                        known.iter().find(|other| other.name == member.name).map_or(schema, |other| &other.value);
                    Member { value: ordered(&member.value, inner, root), ..member.clone() }
                })
                .collect();
            members.sort_by_key(place);
            Kind::Object(members)
        }
        other => other.clone(),
    };
    Value { kind, ..value.clone() }
}

fn resolve<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
    let name = schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix("#/$defs/"));
    name.and_then(|name| root.get("$defs")?.get(name)).unwrap_or(schema)
}

/// Of a union, the form that is an object.
fn object_form<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
    let forms = schema.get("oneOf").and_then(Value::as_array).unwrap_or_default();
    forms.iter().map(|form| resolve(form, root)).find(|form| form.get("properties").is_some()).unwrap_or(schema)
}

/// A comment of the file.
struct Comment {
    start: usize,
    text: String,
    /// Whether nothing stands before it in its line.
    is_alone: bool,
}

/// The comments of a file: what begins with `#` outside of its strings.
fn comments(text: &str, of: Format, value: &Value) -> Vec<Comment> {
    if of == Format::Json {
        return Vec::new();
    }
    let mut starts = Vec::new();
    spans(value, &mut starts);
    let mut strings: Vec<(usize, usize)> =
        starts.iter().map(|(start, end)| (*start, string_end(text, *start, *end))).collect();
    strings.sort_unstable();
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(next) = text.get(at..).and_then(|rest| rest.find('#')).map(|offset| at + offset) {
        // The last string that begins before it, if it reaches so far.
        let before = strings.partition_point(|(start, _)| *start <= next);
        if let Some((_, end)) = before.checked_sub(1).map(|index| strings[index]).filter(|(_, end)| *end > next) {
            at = end;
            continue;
        }
        let end = text[next..].find('\n').map_or(text.len(), |length| next + length);
        let line = text[..next].rfind('\n').map_or(0, |newline| newline + 1);
        let is_alone = text[line..next].trim().is_empty();
        found.push(Comment { start: next, text: text[next..end].trim_end().to_owned(), is_alone });
        at = end;
    }
    found
}

/// Where a scalar ends that starts here: a parser's own end may be behind the white space and the comments that follow.
fn string_end(text: &str, start: usize, end: usize) -> usize {
    let Some(rest) = text.get(start..) else { return end };
    match rest.as_bytes().first() {
        Some(b'"') => closing(rest, '"', Some('\\')).map_or(end, |length| start + length),
        Some(b'\'') => closing(rest, '\'', None).map_or(end, |length| start + length),
        Some(b'|' | b'>') => start + block_length(rest),
        _ => end,
    }
}

/// The length of a quoted string. A quote twice in single quotes is a second string that begins at once.
fn closing(text: &str, quote: char, escape: Option<char>) -> Option<usize> {
    let mut is_escaped = true;
    for (at, c) in text.char_indices() {
        if is_escaped {
            is_escaped = false;
        } else if Some(c) == escape {
            is_escaped = true;
        } else if c == quote {
            let length = at + c.len_utf8();
            let again = text.get(length..).filter(|rest| escape.is_none() && rest.starts_with(quote));
            return match again {
                Some(rest) => closing(rest, quote, None).map(|more| length + more),
                None => Some(length),
            };
        }
    }
    None
}

/// The length of a block scalar: its lines go on as long as they are indented like the first.
fn block_length(text: &str) -> usize {
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let mut lines = text.split_inclusive('\n');
    let mut length = lines.next().map_or(0, str::len);
    let mut first = None;
    for line in lines {
        let is_blank = line.trim().is_empty();
        if !is_blank && indent(line) < *first.get_or_insert(indent(line)) {
            break;
        }
        length += line.len();
    }
    length
}

/// Where the names and scalars of a value stand.
fn spans(value: &Value, out: &mut Vec<(usize, usize)>) {
    match &value.kind {
        Kind::Array(items) => items.iter().for_each(|item| spans(item, out)),
        Kind::Object(members) => {
            for member in members {
                out.push((member.name_span.start as usize, member.name_span.end as usize));
                spans(&member.value, out);
            }
        }
        _ => out.push((value.span.start as usize, value.span.end as usize)),
    }
}

/// Writes YAML.
struct Yaml {
    /// By the start of what they are about: comments above it, and the one behind it.
    above: HashMap<usize, Vec<String>>,
    behind: HashMap<usize, String>,
    /// Comments behind the last thing.
    end: Vec<String>,
}

impl Yaml {
    fn new(comments: Vec<Comment>, value: &Value) -> Yaml {
        let mut starts = Vec::new();
        nodes(value, &mut starts);
        starts.sort_unstable();
        let mut yaml = Yaml { above: HashMap::new(), behind: HashMap::new(), end: Vec::new() };
        for comment in comments {
            let next = starts.partition_point(|start| *start < comment.start);
            match (comment.is_alone, next.checked_sub(1), starts.get(next)) {
                (false, Some(before), _) => {
                    yaml.behind
                        .entry(starts[before])
                        .and_modify(|text| *text += &format!(" {}", comment.text))
                        .or_insert(comment.text);
                }
                (_, _, Some(&next)) => yaml.above.entry(next).or_default().push(comment.text),
                (_, _, None) => yaml.end.push(comment.text),
            }
        }
        yaml
    }

    fn write(&self, value: &Value, out: &mut String) {
        self.members(value.as_object().unwrap_or_default(), 0, false, out);
        for comment in &self.end {
            out.push_str(&format!("{comment}\n"));
        }
    }

    /// The members of an object, each on a line of its own or more. The first may stand behind the dash of a list.
    fn members(&self, members: &[Member], indent: usize, is_behind_dash: bool, out: &mut String) {
        for (index, member) in members.iter().enumerate() {
            let start = member.name_span.start as usize;
            if !(is_behind_dash && index == 0) {
                self.comments_above(start, indent, out);
                push_indent(indent, out);
            }
            out.push_str(&yaml_string(&member.name));
            out.push(':');
            self.value(&member.value, start, indent, out);
        }
    }

    /// What stands behind a key.
    fn value(&self, value: &Value, start: usize, indent: usize, out: &mut String) {
        let line = yaml_line(value);
        let used = indent + out.len() - out.rfind('\n').map_or(0, |at| at + 1);
        let is_short = line.chars().count() + used < LINE_CHARS && !self.has_comments(value);
        let is_list_of_rules =
            matches!(&value.kind, Kind::Array(items) if items.iter().any(|item| matches!(item.kind, Kind::Object(_))));
        match &value.kind {
            Kind::Array(items) if !items.is_empty() && (is_list_of_rules || !is_short) => {
                self.end_line(start, out);
                for item in items {
                    self.item(item, indent + 2, out);
                }
            }
            Kind::Object(members) if !members.is_empty() && !is_short => {
                self.end_line(start, out);
                self.members(members, indent + 2, false, out);
            }
            _ => {
                out.push_str(&format!(" {line}"));
                self.end_line(start, out);
            }
        }
    }

    fn item(&self, item: &Value, indent: usize, out: &mut String) {
        let start = item.span.start as usize;
        // The first member of a rule begins where the rule does.
        self.comments_above(start, indent, out);
        push_indent(indent, out);
        out.push_str("- ");
        let line = yaml_line(item);
        match &item.kind {
            Kind::Object(members) if line.chars().count() + indent + 2 > LINE_CHARS || self.has_comments(item) => {
                self.members(members, indent + 2, true, out);
            }
            _ => {
                out.push_str(&line);
                self.end_line(start, out);
            }
        }
    }

    fn comments_above(&self, start: usize, indent: usize, out: &mut String) {
        for comment in self.above.get(&start).into_iter().flatten() {
            push_indent(indent, out);
            out.push_str(&format!("{comment}\n"));
        }
    }

    fn end_line(&self, start: usize, out: &mut String) {
        if let Some(comment) = self.behind.get(&start) {
            out.push_str(&format!("  {comment}"));
        }
        out.push('\n');
    }

    /// Whether a comment is about something inside a value.
    fn has_comments(&self, value: &Value) -> bool {
        let mut starts = Vec::new();
        nodes(value, &mut starts);
        let own = value.span.start as usize;
        starts.iter().any(|start| *start != own && (self.above.contains_key(start) || self.behind.contains_key(start)))
    }
}

/// Where the members and items of a value begin, which comments can be about.
fn nodes(value: &Value, out: &mut Vec<usize>) {
    match &value.kind {
        Kind::Array(items) => {
            for item in items {
                out.push(item.span.start as usize);
                nodes(item, out);
            }
        }
        Kind::Object(members) => {
            for member in members {
                out.push(member.name_span.start as usize);
                nodes(&member.value, out);
            }
        }
        _ => {}
    }
}

fn push_indent(indent: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', indent));
}

/// A value on one line.
fn yaml_line(value: &Value) -> String {
    match &value.kind {
        Kind::String(text) => yaml_string(text),
        Kind::Array(items) => format!("[{}]", items.iter().map(yaml_line).collect::<Vec<_>>().join(", ")),
        Kind::Object(members) => {
            let members =
                members.iter().map(|member| format!("{}: {}", yaml_string(&member.name), yaml_line(&member.value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        _ => json_line(value),
    }
}

/// A string: plain where every reader of YAML reads it as one, else in double quotes.
fn yaml_string(text: &str) -> String {
    let is_plain_char = |c: char| c.is_ascii_alphanumeric() || "_-./+@ ".contains(c);
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '/')
        && text.chars().all(is_plain_char)
        && !text.ends_with(' ')
        && !is_word_of_yaml(text);
    if is_plain { text.to_owned() } else { escape(&json_line(&Value::from(text))) }
}

/// Escapes what JSON writes as it is and some reader of YAML or TOML takes for the end of a line, or nobody sees.
fn escape(json: &str) -> String {
    let is_hidden = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}');
    json.chars().map(|c| if is_hidden(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() }).collect()
}

/// Words that some version of YAML reads as something else than a string.
fn is_word_of_yaml(text: &str) -> bool {
    matches!(text.to_ascii_lowercase().as_str(), "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n")
}

fn json_line(value: &Value) -> String {
    String::from_utf8_lossy(&json::canonical(value)).into_owned()
}

fn json_text(value: &Value, indent: usize, out: &mut String) {
    let line = json_line_spaced(value);
    if line.chars().count() + indent <= LINE_CHARS && indent > 0 {
        out.push_str(&line);
        return;
    }
    let inner = indent + 2;
    let mut each = |open: char, close: char, parts: Vec<(String, &Value)>| {
        out.push(open);
        for (index, (name, value)) in parts.iter().enumerate() {
            out.push_str(if index == 0 { "\n" } else { ",\n" });
            push_indent(inner, out);
            out.push_str(name);
            json_text(value, inner, out);
        }
        out.push('\n');
        push_indent(indent, out);
        out.push(close);
    };
    match &value.kind {
        Kind::Array(items) if !items.is_empty() => {
            each('[', ']', items.iter().map(|item| (String::new(), item)).collect());
        }
        Kind::Object(members) if !members.is_empty() => {
            let name = |member: &Member| format!("{}: ", json_line(&Value::from(member.name.as_str())));
            each('{', '}', members.iter().map(|member| (name(member), &member.value)).collect());
        }
        _ => out.push_str(&line),
    }
}

fn json_line_spaced(value: &Value) -> String {
    match &value.kind {
        Kind::Array(items) => format!("[{}]", items.iter().map(json_line_spaced).collect::<Vec<_>>().join(", ")),
        Kind::Object(members) => {
            let member = |member: &Member| {
                format!("{}: {}", json_line(&Value::from(member.name.as_str())), json_line_spaced(&member.value))
            };
            format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(", "))
        }
        _ => json_line(value),
    }
}

fn toml_text(value: &Value, out: &mut String) {
    for member in value.as_object().unwrap_or_default() {
        out.push_str(&format!("{} = ", member.name));
        match &member.value.kind {
            Kind::Array(items) if items.iter().any(|item| matches!(item.kind, Kind::Object(_))) => {
                out.push_str("[\n");
                items.iter().for_each(|item| out.push_str(&format!("  {},\n", toml_line(item))));
                out.push(']');
            }
            _ => out.push_str(&toml_line(&member.value)),
        }
        out.push('\n');
    }
}

fn toml_line(value: &Value) -> String {
    match &value.kind {
        Kind::Array(items) => format!("[{}]", items.iter().map(toml_line).collect::<Vec<_>>().join(", ")),
        Kind::Object(members) if members.is_empty() => "{}".to_owned(),
        Kind::Object(members) => {
            let members = members.iter().map(|member| format!("{} = {}", member.name, toml_line(&member.value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
        // The escapes of JSON are those of TOML's basic strings.
        _ => escape(&json_line(value)),
    }
}
