//! The pure parts of the connector, from its own sources: the gateway is a program and no library.

#[path = "../../gateway/src/mcp/frame.rs"]
#[allow(dead_code, missing_docs)]
pub mod frame;
#[path = "../../gateway/src/mcp/id.rs"]
#[allow(dead_code, missing_docs)]
pub mod id;
#[path = "../../gateway/src/mcp/message.rs"]
#[allow(dead_code, missing_docs)]
pub mod message;
#[path = "../../gateway/src/mcp/methods.rs"]
#[allow(dead_code, missing_docs)]
pub mod methods;
#[path = "../../gateway/src/mcp/wish.rs"]
#[allow(dead_code, missing_docs)]
pub mod wish;
