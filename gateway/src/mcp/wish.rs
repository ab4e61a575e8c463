//! From `params` to an action.

use crate::mcp::message::{member, only};
use talos_shared::contracts::json::{Kind, Member, Value};
use talos_shared::contracts::scalar::Hash;
use talos_shared::contracts::{ActionKind, Error, ErrorCode};
use talos_shared::kernel::Action;

/// Where a request, and what is decided, hold the protocol's own metadata.
const META: &str = "_meta";
/// The only metadata that nobody decides on: it names the request's progress.
const PROGRESS: &str = "progressToken";
/// Longest progress token, in characters.
const PROGRESS_CHARS: usize = 256;

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
        let progress = params.get(META).and_then(|meta| meta.get(PROGRESS)).cloned();
        let args = match kind {
            ActionKind::ResourceRead => params,
            _ => arguments(params)?,
        };
        Ok(Wish { call, kind, target, args, tool_hash: None, progress })
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
        Ok(Wish { call, kind, target, args: params, tool_hash: None, progress: None })
    }

    /// For the kernel, on behalf of somebody. The effect is the policy's to say.
    pub fn action<'a>(&'a self, principal: Option<&'a str>) -> Action<'a> {
        let call = Action::tool_call(&self.call, &self.target, &self.args);
        Action { kind: self.kind, tool_hash: self.tool_hash, principal, ..call }
    }
}

/// The arguments; with what `_meta` holds beside the progress token as a member of their own, so
/// that patterns search it and the receipt commits to it.
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
    meta.retain(|member| member.name != PROGRESS);
    let arguments = arguments.into_iter().map(|argument| (argument.name, argument.value));
    let meta = (!meta.is_empty()).then(|| (META.to_owned(), Kind::Object(meta).into()));
    Ok(Value::object(arguments.chain(meta)))
}

fn check_meta(params: &Value) -> Result<(), Error> {
    let Some(meta) = params.get(META) else { return Ok(()) };
    if meta.as_object().is_none() {
        return Err(Error::new(ErrorCode::MalformedType, "params._meta is no object"));
    }
    match meta.get(PROGRESS).map(|token| &token.kind) {
        None | Some(Kind::Integer(_)) => Ok(()),
        Some(Kind::String(token)) if token.chars().count() <= PROGRESS_CHARS => Ok(()),
        Some(_) => Err(Error::new(ErrorCode::MalformedValue, "a progress token is a short string or an integer")),
    }
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

    #[test]
    fn what_is_decided_is_the_arguments_and_all_of_meta_but_the_progress_token() {
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
            (r#"{"name":"t","arguments":{"_meta":{"c/id":"x"}}}"#.to_owned(), Err("malformed.member_unknown")),
            (r#"{"name":"t","task":{}}"#.to_owned(), Err("malformed.member_unknown")),
        ] {
            assert_eq!(call(&params), expected.map(ToOwned::to_owned), "{params}");
        }
    }
}
