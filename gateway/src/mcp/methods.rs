//! The methods of revision 2025-11-25 that a client may send.

use talos_shared::contracts::ActionKind;

/// What to do with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Pass it on.
    Forward,
    /// Pass it on, and cut the answer.
    ListTools,
    /// Decide on it.
    Act(ActionKind),
    /// Pass it on if a call was allowed to become a task.
    Task,
}

/// The class of a request; none if the method is not known.
pub fn request(method: &str) -> Option<Class> {
    Some(match method {
        "tools/call" => Class::Act(ActionKind::ToolCall),
        "resources/read" => Class::Act(ActionKind::ResourceRead),
        "prompts/get" => Class::Act(ActionKind::PromptGet),
        "tools/list" => Class::ListTools,
        "tasks/get" | "tasks/result" | "tasks/list" | "tasks/cancel" => Class::Task,
        "initialize"
        | "ping"
        | "resources/list"
        | "resources/templates/list"
        | "resources/subscribe"
        | "resources/unsubscribe"
        | "prompts/list"
        | "completion/complete"
        | "logging/setLevel" => Class::Forward,
        _ => return None,
    })
}

/// Whether a client may send this notification.
pub fn notification(method: &str) -> bool {
    matches!(
        method,
        "notifications/initialized"
            | "notifications/cancelled"
            | "notifications/progress"
            | "notifications/roots/list_changed"
            | "notifications/tasks/status"
    )
}
