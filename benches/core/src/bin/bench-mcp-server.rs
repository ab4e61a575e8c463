//! The most trivial MCP server: two tools that answer at once. What is left is the cost of the way.

use std::io::{self, BufRead, Write};
use talos_contracts::json::{self, Profile};

const INITIALIZE: &str =
    r#"{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"bench","version":"0"}}"#;
const TOOLS: &str = r#"{"tools":[{"name":"read_it","inputSchema":{"type":"object"}},{"name":"write_it","inputSchema":{"type":"object"}}]}"#;
const CALL: &str = r#"{"content":[{"type":"text","text":"done"}],"isError":false}"#;

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let Ok(message) = json::parse(line.as_bytes(), Profile::Data) else { continue };
        let (Some(id), Some(method)) = (message.get("id"), message.get("method").and_then(|m| m.as_str())) else {
            continue;
        };
        let result = match method {
            "initialize" => INITIALIZE,
            "tools/list" => TOOLS,
            "tools/call" => CALL,
            _ => "{}",
        };
        let id = String::from_utf8(json::canonical(id)).unwrap_or_default();
        writeln!(out, r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#)?;
        out.flush()?;
    }
    Ok(())
}
