//! JSON-RPC messages, strictly.
//!
//! What two parsers could read in two ways is refused, because the server's parser is another one
//! than ours: members that JSON-RPC does not have (some parsers ignore case), carriage returns
//! inside a message (some readers end a line there), and all that the strict profile refuses.

use crate::mcp::id::Id;
use talos_shared::contracts::json::{self, Profile, Value};
use talos_shared::contracts::{Error, ErrorCode};

/// A message and what it is.
#[derive(Debug)]
pub struct Message {
    /// The whole of it; spans are places in the line.
    pub value: Value,
    /// What it is.
    pub shape: Shape,
}

/// The three kinds of message.
#[derive(Debug)]
pub enum Shape {
    Request { id: Id, method: String },
    Notification { method: String },
    Response { id: Id },
}

impl Message {
    /// Reads one line.
    pub fn parse(line: &[u8]) -> Result<Message, Error> {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        if text.contains(&b'\r') {
            return Err(Error::new(ErrorCode::MalformedSyntax, "a carriage return inside a message"));
        }
        let value = json::parse(text, Profile::Data)?;
        let shape = shape(&value)?;
        Ok(Message { value, shape })
    }
}

fn shape(value: &Value) -> Result<Shape, Error> {
    if value.as_array().is_some() {
        return Err(Error::new(ErrorCode::MalformedBatch, "an array of messages"));
    }
    if value.as_object().is_none() {
        return Err(Error::new(ErrorCode::MalformedType, "a message is an object"));
    }
    if member(value, "jsonrpc")?.as_str() != Some("2.0") {
        return Err(Error::new(ErrorCode::MalformedValue, "jsonrpc is not \"2.0\""));
    }
    match value.get("method") {
        Some(method) => call(value, method),
        None => response(value),
    }
}

fn call(value: &Value, method: &Value) -> Result<Shape, Error> {
    only(value, &["jsonrpc", "id", "method", "params"])?;
    let method = method.as_str().ok_or_else(|| Error::new(ErrorCode::MalformedType, "method is no string"))?.to_owned();
    if value.get("params").is_some_and(|params| params.as_object().is_none()) {
        return Err(Error::new(ErrorCode::MalformedType, "params is no object"));
    }
    match value.get("id") {
        Some(id) => Ok(Shape::Request { id: valid_id(id)?, method }),
        None => Ok(Shape::Notification { method }),
    }
}

fn response(value: &Value) -> Result<Shape, Error> {
    only(value, &["jsonrpc", "id", "result", "error"])?;
    let id = valid_id(member(value, "id")?)?;
    match (value.get("result"), value.get("error")) {
        (Some(_), None) => Ok(Shape::Response { id }),
        (None, Some(error)) if error.as_object().is_some() => Ok(Shape::Response { id }),
        _ => Err(Error::new(ErrorCode::MalformedValue, "a response has either a result or an error object")),
    }
}

fn valid_id(id: &Value) -> Result<Id, Error> {
    Id::of(id).ok_or_else(|| Error::new(ErrorCode::McpIdInvalid, "an id is a short string or an integer"))
}

/// The member of an object.
pub fn member<'a>(value: &'a Value, name: &str) -> Result<&'a Value, Error> {
    value.get(name).ok_or_else(|| Error::new(ErrorCode::MalformedMemberMissing, format!("{name} is missing")))
}

/// Refuses members beside these.
pub fn only(value: &Value, names: &[&str]) -> Result<(), Error> {
    let members = value.as_object().unwrap_or_default();
    match members.iter().find(|m| !names.contains(&m.name.as_str())) {
        None => Ok(()),
        Some(other) => {
            let detail = format!("a member that is none of {}", names.join(", "));
            Err(Error::new(ErrorCode::MalformedMemberUnknown, detail).at(other.name_span))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(line: &str) -> &'static str {
        Message::parse(line.as_bytes()).map_or_else(|error| error.code.as_str(), |_| "ok")
    }

    #[test]
    fn each_kind_of_message_is_read() {
        assert_eq!(code(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#), "ok");
        assert_eq!(code("{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"params\":{}}\r\n"), "ok");
        assert_eq!(code(r#"{"jsonrpc":"2.0","id":"a","result":{}}"#), "ok");
        assert_eq!(code(r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}}"#), "ok");
    }

    #[test]
    fn what_two_parsers_could_read_in_two_ways_is_refused() {
        for (line, expected) in [
            (r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, "malformed.batch"),
            (r#"{"jsonrpc":"2.0","id":1,"method":"ping","method":"x"}"#, "malformed.duplicate_name"),
            (r#"{"jsonrpc":"2.0","id":1,"method":"ping","Method":"x"}"#, "malformed.member_unknown"),
            (r#"{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}"#, "malformed.member_unknown"),
            ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\r\"params\":{}}", "malformed.syntax"),
            (r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#, "malformed.type"),
            (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, "mcp.id_invalid"),
            (r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, "mcp.id_invalid"),
            (r#"{"jsonrpc":"2.0","id":1}"#, "malformed.value"),
            (r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{}}"#, "malformed.value"),
            (r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, "malformed.value"),
            (r#"{"id":1,"method":"ping"}"#, "malformed.member_missing"),
            (r#""ping""#, "malformed.type"),
        ] {
            assert_eq!(code(line), expected, "{line}");
        }
    }
}
