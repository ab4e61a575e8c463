//! From `params` to an action.

use crate::mcp::message::{member, only};
use talos_shared::contracts::json::{Kind, Member, Value};
use talos_shared::contracts::scalar::Hash;
use talos_shared::contracts::{ActionKind, Error, ErrorCode};
use talos_shared::kernel::Action;

/// Where a request, and what is decided, hold the protocol's own metadata.
const META: &str = "_meta";
/// Metadata that names the request's progress.
const PROGRESS: &str = "progressToken";
/// Longest progress token, in characters.
const PROGRESS_CHARS: usize = 256;
/// Metadata that says which step of which trace a request is, with the bytes of each at the most (W3C Trace Context, W3C
/// Baggage). A client that tries the same call again says it anew.
const TRACE: [(&str, usize); 3] = [("traceparent", 55), ("tracestate", 512), ("baggage", 8192)];

/// What a client asks for, with everything that an [`Action`] borrows.
pub struct Wish {
    /// Minted here; a client's id is never one.
    pub call: String,
    pub kind: ActionKind,
    pub target: String,
    /// Everything that reaches the server's code and is not the target.
    pub args: Value,
    pub tool_hash: Option<Hash>,
    /// What the client wants to hear of its progress by.
    pub progress: Option<Value>,
    /// Which step of which trace it is.
    pub trace: Option<Value>,
}

impl Wish {
    /// Reads a request for a tool, a resource or a prompt. Members that the protocol does not have
    /// are refused: a server might act on them, and nobody decided on them.
    pub fn read(kind: ActionKind, call: String, request: Value) -> Result<Wish, Error> {
        let params = params(request);
        let (names, target): (&[&str], &str) = match kind {
            ActionKind::ResourceRead => (&["uri", META], "uri"),
            _ => (&["name", "arguments", META], "name"),
        };
        only(&params, names)?;
        check_meta(&params)?;
        if params.get("arguments").is_some_and(|value| value.as_object().is_none()) {
            return Err(Error::new(ErrorCode::MalformedType, "params.arguments is no object"));
        }
        let target = text(&params, target)?;
        let PerCall { params, progress, trace } = PerCall::split(params);
        let args = match kind {
            ActionKind::ResourceRead => params,
            _ => arguments(params)?,
        };
        Ok(Wish { call, kind, target, args, tool_hash: None, progress, trace })
    }

    /// Reads a request to complete an argument. It tells about the prompt or the resource that it
    /// refers to, so it is decided like one that gets it.
    pub fn complete(call: String, request: Value) -> Result<Wish, Error> {
        let params = params(request);
        only(&params, &["ref", "argument", "context", META])?;
        check_meta(&params)?;
        let about = member(&params, "ref")?;
        let (kind, names, target): (_, &[&str], _) = match member(about, "type")?.as_str() {
            Some("ref/prompt") => (ActionKind::PromptGet, &["type", "name", "title"], "name"),
            Some("ref/resource") => (ActionKind::ResourceRead, &["type", "uri"], "uri"),
            _ => return Err(Error::new(ErrorCode::MalformedValue, "ref.type is neither ref/prompt nor ref/resource")),
        };
        only(about, names)?;
        let target = text(about, target)?;
        let PerCall { params, trace, .. } = PerCall::split(params);
        Ok(Wish { call, kind, target, args: params, tool_hash: None, progress: None, trace })
    }

    /// For the kernel, on behalf of somebody. The effect is the policy's to say.
    pub fn action<'a>(&'a self, principal: Option<&'a str>) -> Action<'a> {
        let call = Action::tool_call(&self.call, &self.target, &self.args);
        Action { kind: self.kind, tool_hash: self.tool_hash, principal, ..call }
    }
}

/// A request's params, apart from the metadata that is another with every call. That is no part of what is decided and approved:
/// else no second try would be the call that was granted.
struct PerCall {
    params: Value,
    progress: Option<Value>,
    trace: Option<Value>,
}

impl PerCall {
    fn split(params: Value) -> Self {
        let (mut progress, mut trace, mut rest) = (None, Vec::new(), Vec::new());
        for mut member in members(params) {
            if member.name == META {
                let mut kept = Vec::new();
                for meta in members(member.value) {
                    match meta.name.as_str() {
                        PROGRESS => progress = Some(meta.value),
                        name if TRACE.iter().any(|(known, _)| *known == name) => trace.push(meta),
                        _ => kept.push(meta),
                    }
                }
                if kept.is_empty() {
                    continue;
                }
                member.value = Kind::Object(kept).into();
            }
            rest.push(member);
        }
        let trace = (!trace.is_empty()).then(|| Kind::Object(trace).into());
        PerCall { params: Kind::Object(rest).into(), progress, trace }
    }
}

/// The arguments; with what is left of `_meta` as a member of their own, so that patterns search it and the receipt
/// commits to it.
fn arguments(params: Value) -> Result<Value, Error> {
    let (mut arguments, mut meta) = (Vec::new(), Vec::new());
    for member in members(params) {
        match member.name.as_str() {
            "arguments" => arguments = members(member.value),
            META => meta = members(member.value),
            _ => {}
        }
    }
    if arguments.iter().any(|argument| argument.name == META) {
        return Err(Error::new(ErrorCode::MalformedMemberUnknown, "arguments holds _meta, which has its own place"));
    }
    let arguments = arguments.into_iter().map(|argument| (argument.name, argument.value));
    let meta = (!meta.is_empty()).then(|| (META.to_owned(), Kind::Object(meta).into()));
    Ok(Value::object(arguments.chain(meta)))
}

fn check_meta(params: &Value) -> Result<(), Error> {
    let Some(meta) = params.get(META) else { return Ok(()) };
    if meta.as_object().is_none() {
        return Err(Error::new(ErrorCode::MalformedType, "params._meta is no object"));
    }
    for (name, most) in TRACE {
        if let Some(value) = meta.get(name) {
            check_trace(name, value, most)?;
        }
    }
    match meta.get(PROGRESS).map(|token| &token.kind) {
        None | Some(Kind::Integer(_)) => Ok(()),
        Some(Kind::String(token)) if token.chars().count() <= PROGRESS_CHARS => Ok(()),
        Some(_) => Err(Error::new(ErrorCode::MalformedValue, "a progress token is a short string or an integer")),
    }
}

/// Trace context is what an HTTP header could hold; a traceparent has one form.
fn check_trace(name: &str, value: &Value, most: usize) -> Result<(), Error> {
    let text = value.as_str().unwrap_or_default();
    let is_form = |text: &str| {
        let hex = |c: u8| matches!(c, b'0'..=b'9' | b'a'..=b'f');
        let dash = |at| matches!(at, 2 | 35 | 52);
        text.len() == most && text.bytes().enumerate().all(|(at, c)| if dash(at) { c == b'-' } else { hex(c) })
    };
    let fits = (1..=most).contains(&text.len()) && text.bytes().all(|c| matches!(c, b'\t' | b' '..=b'~'));
    if fits && (name != TRACE[0].0 || is_form(text)) {
        return Ok(());
    }
    Err(Error::new(ErrorCode::MalformedValue, format!("params._meta.{name} is not what W3C says that it is")))
}

fn text(value: &Value, name: &str) -> Result<String, Error> {
    let text = member(value, name)?.as_str();
    text.map(ToOwned::to_owned).ok_or_else(|| Error::new(ErrorCode::MalformedType, format!("{name} is no string")))
}

fn params(request: Value) -> Value {
    let params = members(request).into_iter().find(|member| member.name == "params");
    params.map_or_else(|| Kind::Object(Vec::new()).into(), |member| member.value)
}

fn members(value: Value) -> Vec<Member> {
    match value.kind {
        Kind::Object(members) => members,
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use talos_shared::contracts::json::{self, Profile};

    fn call(params: &str) -> Result<String, &'static str> {
        let request = json::parse(format!(r#"{{"params":{params}}}"#).as_bytes(), Profile::Data).unwrap();
        let wish = Wish::read(ActionKind::ToolCall, "m1".into(), request).map_err(|error| error.code.as_str())?;
        Ok(String::from_utf8(json::canonical(&wish.args)).unwrap())
    }

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn what_is_decided_is_the_arguments_and_all_of_meta_that_is_not_another_with_every_call() {
        let token = "x".repeat(PROGRESS_CHARS);
        for (params, expected) in [
            (r#"{"name":"t"}"#.to_owned(), Ok("{}")),
            (r#"{"name":"t","arguments":{"a":1},"_meta":{}}"#.to_owned(), Ok(r#"{"a":1}"#)),
            (r#"{"name":"t","arguments":{"a":1},"_meta":{"progressToken":7}}"#.to_owned(), Ok(r#"{"a":1}"#)),
            (format!(r#"{{"name":"t","_meta":{{"progressToken":"{token}"}}}}"#), Ok("{}")),
            (format!(r#"{{"name":"t","_meta":{{"progressToken":"{token}x"}}}}"#), Err("malformed.value")),
            (r#"{"name":"t","_meta":{"progressToken":{}}}"#.to_owned(), Err("malformed.value")),
            (
                r#"{"name":"t","arguments":{"a":1},"_meta":{"progressToken":7,"c/id":"x"}}"#.to_owned(),
                Ok(r#"{"_meta":{"c/id":"x"},"a":1}"#),
            ),
            (
                format!(
                    r#"{{"name":"t","_meta":{{"traceparent":"{PARENT}","tracestate":"a=1","baggage":"b=2","c/id":"x"}}}}"#
                ),
                Ok(r#"{"_meta":{"c/id":"x"}}"#),
            ),
            (format!(r#"{{"name":"t","_meta":{{"traceparent":"{PARENT}"}}}}"#), Ok("{}")),
            (
                format!(r#"{{"name":"t","_meta":{{"traceparent":"{}"}}}}"#, PARENT.to_uppercase()),
                Err("malformed.value"),
            ),
            (format!(r#"{{"name":"t","_meta":{{"traceparent":"{PARENT}0"}}}}"#), Err("malformed.value")),
            (r#"{"name":"t","_meta":{"traceparent":7}}"#.to_owned(), Err("malformed.value")),
            (r#"{"name":"t","_meta":{"tracestate":""}}"#.to_owned(), Err("malformed.value")),
            (r#"{"name":"t","_meta":{"tracestate":"a=\n"}}"#.to_owned(), Err("malformed.value")),
            (format!(r#"{{"name":"t","_meta":{{"baggage":"{}"}}}}"#, "x".repeat(8193)), Err("malformed.value")),
            (r#"{"name":"t","arguments":{"_meta":{"c/id":"x"}}}"#.to_owned(), Err("malformed.member_unknown")),
            (r#"{"name":"t","task":{}}"#.to_owned(), Err("malformed.member_unknown")),
        ] {
            assert_eq!(call(&params), expected.map(ToOwned::to_owned), "{params}");
        }
    }

    #[test]
    fn of_resources_too_what_is_another_with_every_call_is_not_decided() {
        let params =
            format!(r#"{{"params":{{"uri":"file:///a","_meta":{{"progressToken":1,"traceparent":"{PARENT}"}}}}}}"#);
        let request = json::parse(params.as_bytes(), Profile::Data).unwrap();
        let wish = Wish::read(ActionKind::ResourceRead, "m1".into(), request).unwrap();
        assert_eq!(json::canonical(&wish.args), br#"{"uri":"file:///a"}"#);
        assert!(wish.progress.is_some() && wish.trace.is_some());
    }
}
