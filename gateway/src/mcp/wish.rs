//! From `params` to an action.

use crate::mcp::message::{member, only};
use talos_shared::contracts::json::{Kind, Value};
use talos_shared::contracts::scalar::Hash;
use talos_shared::contracts::{ActionKind, Error, ErrorCode};
use talos_shared::kernel::Action;

/// What a client asks for, with everything that an [`Action`] borrows.
pub struct Wish {
    /// Minted here; a client's id is never one.
    pub call: String,
    pub kind: ActionKind,
    pub target: String,
    pub args: Value,
    pub tool_hash: Option<Hash>,
    /// Whether the call may go on as a task.
    pub task: bool,
}

impl Wish {
    /// Reads a request. Members that the protocol does not have are refused: a server might act
    /// on them, and nobody decided on them.
    pub fn read(kind: ActionKind, call: String, request: Value) -> Result<Wish, Error> {
        let params = take(request, "params").unwrap_or_else(|| Kind::Object(Vec::new()).into());
        let (names, target): (&[&str], &str) = match kind {
            ActionKind::ToolCall => (&["name", "arguments", "_meta", "task"], "name"),
            ActionKind::ResourceRead => (&["uri", "_meta"], "uri"),
            _ => (&["name", "arguments", "_meta"], "name"),
        };
        only(&params, names)?;
        for name in ["arguments", "_meta", "task"] {
            if params.get(name).is_some_and(|value| value.as_object().is_none()) {
                return Err(Error::new(ErrorCode::MalformedType, format!("params.{name} is no object")));
            }
        }
        let target = member(&params, target)?
            .as_str()
            .ok_or_else(|| Error::new(ErrorCode::MalformedType, format!("params.{target} is no string")))?
            .to_owned();
        let task = params.get("task").is_some();
        let args = match kind {
            ActionKind::ResourceRead => params,
            _ => take(params, "arguments").unwrap_or_else(|| Kind::Object(Vec::new()).into()),
        };
        Ok(Wish { call, kind, target, args, tool_hash: None, task })
    }

    /// For the kernel. The effect is the policy's to say.
    pub fn action(&self) -> Action<'_> {
        Action { kind: self.kind, tool_hash: self.tool_hash, ..Action::tool_call(&self.call, &self.target, &self.args) }
    }
}

fn take(value: Value, name: &str) -> Option<Value> {
    match value.kind {
        Kind::Object(members) => members.into_iter().find(|m| m.name == name).map(|m| m.value),
        _ => None,
    }
}
