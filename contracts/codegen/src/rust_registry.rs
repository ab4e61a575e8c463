//! Writes the registries as Rust: error codes and operations.

use crate::model::{ErrorEntry, Operation, pascal};
use crate::rust::banner;
use std::fmt::Write;

/// `errors.rs`.
pub fn errors(entries: &[ErrorEntry]) -> String {
    let mut out = banner("contracts/errors.yaml");
    out.push_str("\n//! The registry of error codes.\n\nuse super::Event;\nuse std::fmt;\n\n");
    out.push_str("/// A stable code of what went wrong; never renamed, never reused.\n");
    out.push_str("#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]\npub enum ErrorCode {\n");
    for entry in entries {
        let _ = writeln!(out, "/// `{}`: {}\n{},", entry.code, entry.public, pascal(&entry.code));
    }
    out.push_str("}\n\nstruct Entry {\ncode: &'static str,\nstatus: u16,\njsonrpc: i32,\nretryable: bool,\n");
    out.push_str(
        "owasp: &'static str,\nstage: u8,\nevent: Option<Event>,\npublic: &'static str,\nhelp: &'static str,\n}\n\n",
    );
    let _ = writeln!(out, "// In the order of the variants.\nconst REGISTRY: [Entry; {}] = [", entries.len());
    for e in entries {
        let event = e.event.as_ref().map_or("None".to_owned(), |event| format!("Some(Event::{})", pascal(event)));
        let _ = writeln!(
            out,
            "Entry {{ code: {:?}, status: {}, jsonrpc: {}, retryable: {}, owasp: {:?}, stage: {}, event: {event}, public: {:?}, help: {:?} }},",
            e.code, e.status, e.jsonrpc, e.retryable, e.owasp, e.stage, e.public, e.help
        );
    }
    out.push_str("];\n\nimpl ErrorCode {\n/// Every code, in the order of the registry.\npub const ALL: &'static [ErrorCode] = &[");
    for entry in entries {
        let _ = write!(out, "ErrorCode::{}, ", pascal(&entry.code));
    }
    out.push_str("];\n\nfn entry(self) -> &'static Entry {\n&REGISTRY[self as usize]\n}\n\n");
    for (name, returns, field, doc) in [
        ("as_str", "&'static str", "code", "The code as text: family.reason."),
        ("status", "u16", "status", "HTTP status."),
        ("jsonrpc", "i32", "jsonrpc", "Code of the JSON-RPC error."),
        ("retryable", "bool", "retryable", "Whether the same request can succeed later without anybody changing it."),
        ("owasp", "&'static str", "owasp", "Tag of the OWASP Top 10 for Agentic Applications: ASI01 to ASI10."),
        ("stage", "u8", "stage", "Stage of the pipeline that raises it, 1 to 16; 0 outside of it."),
        ("event", "Option<Event>", "event", "The audit event that a denial with this code raises."),
        ("public", "&'static str", "public", "What people and models are told; holds nothing about the request."),
        ("help", "&'static str", "help", "What to do about it."),
    ] {
        let _ = writeln!(out, "/// {doc}\npub fn {name}(self) -> {returns} {{\nself.entry().{field}\n}}\n");
    }
    out.push_str(
        "/// The code of a text, if it is in the registry.\npub fn parse(code: &str) -> Option<Self> {\nmatch code {\n",
    );
    for entry in entries {
        let _ = writeln!(out, "{:?} => Some(ErrorCode::{}),", entry.code, pascal(&entry.code));
    }
    out.push_str("_ => None,\n}\n}\n}\n\nimpl std::str::FromStr for ErrorCode {\ntype Err = crate::Error;\n\n");
    out.push_str("fn from_str(code: &str) -> Result<Self, Self::Err> {\nSelf::parse(code)\n");
    out.push_str(".ok_or_else(|| crate::Error::new(ErrorCode::MalformedValue, \"expected a code of the error registry\"))\n}\n}\n\n");
    out.push_str("impl fmt::Display for ErrorCode {\nfn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {\n");
    out.push_str("f.write_str(self.as_str())\n}\n}\n");
    out
}

/// `operations.rs`.
pub fn operations(operations: &[Operation], manifest: &str) -> String {
    let mut out = banner("contracts/operations/");
    out.push_str("\n//! The registry of operations.\n\nuse super::ErrorCode;\n\n");
    out.push_str("/// Hash of the manifest of all contracts; peers compare it first. Base64url of SHA-256.\n");
    let _ = writeln!(out, "pub const MANIFEST_HASH: &str = {manifest:?};\n");
    out.push_str(
        "/// Where an operation can be called.\n#[derive(Clone, Copy, Debug, PartialEq, Eq)]\npub enum Surface {\n",
    );
    for (name, doc) in [
        ("InProcess", "By a function call."),
        ("Cli", "By `talos call`."),
        ("Rest", "Over HTTP."),
        ("Mcp", "Over MCP."),
    ] {
        let _ = writeln!(out, "/// {doc}\n{name},");
    }
    out.push_str(
        "}\n\n/// An operation of the kernel.\n#[derive(Clone, Copy, Debug, PartialEq, Eq)]\npub struct Operation {\n",
    );
    for (name, rust, doc) in [
        ("id", "&'static str", "The stable id."),
        ("summary", "&'static str", "What it does, a sentence."),
        ("pure", "bool", "Whether the answer depends on the input alone."),
        ("verifier", "bool", "Whether it answers `valid: false` with a reason where others fail."),
        ("exposed", "&'static [Surface]", "Where it can be called."),
        ("errors", "&'static [ErrorCode]", "The codes that it fails with, beside those of its input."),
        ("reasons", "&'static [ErrorCode]", "The codes that it answers with, beside `valid: false`."),
    ] {
        let _ = writeln!(out, "/// {doc}\npub {name}: {rust},");
    }
    out.push_str("}\n\n/// Every operation, by area.\npub const OPERATIONS: &[Operation] = &[\n");
    let codes = |codes: &[String]| -> String {
        let codes: Vec<String> = codes.iter().map(|code| format!("ErrorCode::{}", pascal(code))).collect();
        codes.join(", ")
    };
    for operation in operations {
        let surfaces: Vec<String> = operation.exposed.iter().map(|x| format!("Surface::{}", pascal(x))).collect();
        let _ = writeln!(
            out,
            "Operation {{ id: {:?}, summary: {:?}, pure: {}, verifier: {}, exposed: &[{}], errors: &[{}], reasons: &[{}] }},",
            operation.id,
            operation.summary,
            operation.pure,
            !operation.reasons.is_empty(),
            surfaces.join(", "),
            codes(&operation.errors),
            codes(&operation.reasons),
        );
    }
    out.push_str("];\n\nimpl Operation {\n/// The operation of this id.\n");
    out.push_str("pub fn find(id: &str) -> Option<&'static Operation> {\nOPERATIONS.iter().find(|operation| operation.id == id)\n}\n}\n");
    out
}
