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
    /// Decide on what it refers to.
    Complete,
}

/// The class of a request; none if the method is not known.
pub fn request(method: &str) -> Option<Class> {
    Some(match method {
        "tools/call" => Class::Act(ActionKind::ToolCall),
        // Who subscribes to a resource hears of it like who reads it.
        "resources/read" | "resources/subscribe" => Class::Act(ActionKind::ResourceRead),
        "prompts/get" => Class::Act(ActionKind::PromptGet),
        "completion/complete" => Class::Complete,
        "tools/list" => Class::ListTools,
        "initialize"
        | "ping"
        | "resources/list"
        | "resources/templates/list"
        | "resources/unsubscribe"
        | "prompts/list"
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
