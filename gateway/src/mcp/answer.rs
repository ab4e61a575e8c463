//! What Talos itself says to a client: public sentences and codes, nothing else.

use crate::mcp::id::Id;
use talos_shared::contracts::json::{Kind, Value, write_canonical};
use talos_shared::contracts::scalar::Hash;
use talos_shared::contracts::{ActionKind, ErrorCode, Verdict};
use talos_shared::kernel::Decision;

/// Member of `_meta` with the decision.
const DECISION_META: &str = "talos/decision";

/// A JSON-RPC error, as a line.
pub fn error(id: Option<&Id>, code: ErrorCode) -> Vec<u8> {
    let data = [("code", code.as_str().into()), ("retryable", code.retryable().into())];
    failure(id, code, code.public(), Value::object(data))
}

/// Why an action does not happen.
pub struct Denial {
    pub code: ErrorCode,
    pub verdict: Verdict,
    pub decision: String,
    pub receipt: Option<Hash>,
    pub approval: Option<Hash>,
}

impl Denial {
    /// A denial for one reason that came up after the decision.
    pub fn because(code: ErrorCode, decision: &Decision) -> Self {
        Denial {
            code,
            verdict: Verdict::Deny,
            decision: decision.id.clone(),
            receipt: None,
            approval: decision.approval,
        }
    }

    /// The denial that a decision is. Where nobody can approve, approval is the reason.
    pub fn of(decision: &Decision) -> Self {
        let code = match decision.verdict {
            Verdict::NeedsApproval if decision.approval.is_none() => ErrorCode::ApprovalUnavailable,
            Verdict::NeedsApproval => ErrorCode::ApprovalRequired,
            _ => decision.code().unwrap_or(ErrorCode::InternalFault),
        };
        Denial { verdict: decision.verdict, ..Denial::because(code, decision) }
    }

    /// The answer in the form that the protocol has for this kind of request.
    pub fn answer(&self, id: &Id, kind: ActionKind) -> Vec<u8> {
        let mut text = self.code.public().to_owned();
        if matches!(self.code, ErrorCode::ApprovalUnavailable | ErrorCode::ApprovalRequired) {
            text = format!("{text} {}", self.code.help());
        }
        if kind != ActionKind::ToolCall {
            return failure(Some(id), self.code, &text, self.evidence());
        }
        let content =
            Value::object([("type", "text".into()), ("text", format!("{text} ({})", self.code.as_str()).into())]);
        let result = Value::object([
            ("content", vec![content].into()),
            ("isError", true.into()),
            ("_meta", Value::object([(DECISION_META, self.evidence())])),
        ]);
        line(Some(id), "result", result)
    }

    fn evidence(&self) -> Value {
        let mut members = vec![
            ("code", Value::from(self.code.as_str())),
            ("retryable", self.code.retryable().into()),
            ("verdict", self.verdict.as_str().into()),
            ("decision_id", self.decision.as_str().into()),
        ];
        if let Some(approval) = &self.approval {
            members.push(("approval", approval.to_b64().into()));
        }
        if let Some(receipt) = &self.receipt {
            members.push(("receipt_id", receipt.to_b64().into()));
        }
        Value::object(members)
    }
}

fn failure(id: Option<&Id>, code: ErrorCode, message: &str, data: Value) -> Vec<u8> {
    let error = [("code", i64::from(code.jsonrpc()).into()), ("message", message.into()), ("data", data)];
    line(id, "error", Value::object(error))
}

/// A response, as a line.
pub fn line(id: Option<&Id>, member: &str, value: Value) -> Vec<u8> {
    message([("id", id.map_or_else(|| Kind::Null.into(), Id::value)), (member, value)])
}

/// A request of our own, as a line.
pub fn request(id: &Id, method: &str, params: Value) -> Vec<u8> {
    message([("id", id.value()), ("method", method.into()), ("params", params)])
}

/// A message, as a line.
pub fn message<const N: usize>(members: [(&str, Value); N]) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    let version = ("jsonrpc", Value::from("2.0"));
    write_canonical(&Value::object(members.into_iter().chain([version])), &mut out);
    out.push(b'\n');
    out
}
