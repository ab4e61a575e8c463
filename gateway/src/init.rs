//! `talos init`: keys, a directory, and a policy to review or to begin with.

use crate::mcp::probe;
use crate::output::Output;
use crate::ready::{self, READY, Ready};
use crate::shown::is_plain;
use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;
use talos_shared::contracts::json::{Value, canonical};
use talos_shared::contracts::{Error, ErrorCode};
use talos_shared::{Home, tool_hash, tools_path};

/// Characters of a description that are shown.
const DESCRIPTION_CHARS: usize = 160;
/// Longest name of a tool that a policy can hold, in characters.
const NAME_CHARS: usize = 256;

const HEADER: &str = "\
# Written by `talos init` from the tool list of the server, for you to review. Nothing is allowed yet.
# To allow a tool, remove the \"# \" in front of its lines and set its effect:
#   read < write < external < spend < irreversible; a call waits for the disk unless it only reads.
# The server's own hints are shown and never trusted: whether a tool only reads is yours to say.
# A tool_hash pins what the server said of the tool today; when it changes, calls are denied until you review it again.
";

/// Makes the directory; with a server's command, also writes a policy from its tool list.
pub fn run(dir: &Path, policy: Option<&Path>, command: &[OsString], output: &Output) -> Result<i32, Error> {
    let named = policy.filter(|_| command.is_empty());
    if named.is_some_and(|name| name.as_os_str() == "list") {
        output.print(&ready::names(), || Value::from(READY.iter().map(|r| Value::from(r.name)).collect::<Vec<_>>()));
        return Ok(0);
    }
    let ready = named.map(|name| ready::find(&name.to_string_lossy())).transpose()?;
    let home = Home::init(dir)?;
    let did = home.did()?.to_string();
    let vkey = home.log_key()?.to_string();
    let mut text = format!("directory  {}\nagent      {did}\nlog key    {vkey}\n", dir.display());
    let mut members =
        vec![("directory", Value::from(dir.display().to_string())), ("did", did.into()), ("log_key", vkey.into())];
    if let Some(ready) = ready {
        let path = home.policy_path();
        write_ready(ready, &path)?;
        text.push_str(&format!(
            "policy     {0}: {1}, with its cases\nChange the directories, hosts and people in it, then check it: talos policy check {0}\n",
            path.display(),
            ready.name
        ));
        members.push(("policy", path.display().to_string().into()));
    }
    if !command.is_empty() {
        let path = policy.map_or_else(|| home.policy_path(), Path::to_owned);
        let definitions = tools_path(&path);
        refuse_existing(&path)?;
        refuse_existing(&definitions)?;
        let tools = probe::list_tools(command).map_err(|error| unanswered(dir, command, &error))?;
        write_new(&path, &write_policy(&tools))?;
        write_new(&definitions, &write_tools(&tools))?;
        text.push_str(&format!(
            "policy     {}: {} tools, none is allowed yet\nReview it, then check it: talos policy check {}\n",
            path.display(),
            tools.len(),
            path.display()
        ));
        members.push(("policy", path.display().to_string().into()));
        members.push(("tools", (tools.len() as i64).into()));
    }
    output.print(&text, || Value::object(members));
    Ok(0)
}

/// The directory is there all the same, and the command can be tried again.
fn unanswered(dir: &Path, command: &[OsString], error: &Error) -> Error {
    let words: Vec<_> = command.iter().map(|word| word.to_string_lossy()).collect();
    let detail = format!(
        "{}; {} and its keys are there, but no policy was written, because the server did not list its tools: see that \
         `{}` starts by itself and speaks MCP on stdio, then run talos init again",
        error.detail,
        dir.display(),
        words.join(" ")
    );
    Error::new(error.code, detail)
}

fn refuse_existing(path: &Path) -> Result<(), Error> {
    if path.exists() {
        return Err(exists(path));
    }
    Ok(())
}

fn exists(path: &Path) -> Error {
    let detail =
        format!("{} exists and stays as it is: name another file with --policy, or move it away", path.display());
    Error::new(ErrorCode::ConfigMalformed, detail)
}

fn write_new(path: &Path, text: &str) -> Result<(), Error> {
    let written = OpenOptions::new().write(true).create_new(true).open(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => exists(path),
        _ => Error::new(ErrorCode::StoreIo, format!("{}: {error}", path.display())),
    })
}

/// Writes a ready policy, and its cases beside it.
fn write_ready(ready: &Ready, path: &Path) -> Result<(), Error> {
    let cases = path.with_extension("test.yaml");
    refuse_existing(path)?;
    refuse_existing(&cases)?;
    write_new(path, ready.policy)?;
    write_new(&cases, ready.cases)
}

/// A policy that allows nothing, with each tool as a comment.
fn write_policy(tools: &[Value]) -> String {
    let mut text = format!("{HEADER}id: reviewed\nallowed_tools: []\n");
    let mut seen = HashSet::new();
    let mut entries = String::new();
    for tool in tools {
        let Some(name) = tool.get("name").and_then(Value::as_str) else { continue };
        if name.is_empty() || name.chars().count() > NAME_CHARS || !seen.insert(name) {
            continue;
        }
        entries.push_str(&entry(name, tool));
    }
    if !entries.is_empty() {
        text.push_str("# When the first tool is allowed, remove the \" []\" above.\n");
        text.push_str(&entries);
    }
    text
}

/// The definitions, one a line: what Cedar policies are validated against.
fn write_tools(tools: &[Value]) -> String {
    let lines: Vec<_> = tools.iter().map(|tool| String::from_utf8_lossy(&canonical(tool)).into_owned()).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

fn entry(name: &str, tool: &Value) -> String {
    let hint = |name: &str| tool.get("annotations").and_then(|hints| hints.get(name)).and_then(Value::as_bool);
    let (effect, says) = match (hint("readOnlyHint"), hint("destructiveHint")) {
        (Some(true), _) => ("read", "the server says that it only reads"),
        (_, Some(true)) => ("irreversible", "the server says that it destroys"),
        (_, Some(false)) => ("irreversible", "the server says that it does not destroy"),
        _ => ("irreversible", "the server does not say"),
    };
    let description =
        tool.get("description").and_then(Value::as_str).map_or(String::new(), |d| format!("# # {}\n", one_line(d)));
    format!(
        "#\n{description}#   - name: {}\n#     effect: {effect}  # {says}\n#     tool_hash: {}\n",
        quote(name),
        tool_hash(tool).to_b64()
    )
}

/// A name as a YAML string in double quotes.
fn quote(name: &str) -> String {
    let json = canonical(&Value::from(name));
    let mut quoted = String::with_capacity(json.len());
    for c in String::from_utf8_lossy(&json).chars() {
        match u32::from(c) {
            _ if is_plain(c) => quoted.push(c),
            scalar @ 0..=0xffff => quoted.push_str(&format!("\\u{scalar:04x}")),
            scalar => quoted.push_str(&format!("\\U{scalar:08x}")),
        }
    }
    quoted
}

/// The start of a text, in one line, without anything that a terminal or an editor could act on.
fn one_line(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut line: String = words.chars().filter(|c| is_plain(*c)).take(DESCRIPTION_CHARS).collect();
    if words.chars().count() > DESCRIPTION_CHARS {
        line.push_str("...");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use talos_shared::policy::{CompiledPolicy, Format};

    fn tool(name: &str, description: &str, hints: &[(&str, bool)]) -> Value {
        let hints = Value::object(hints.iter().map(|(name, value)| (*name, Value::from(*value))));
        Value::object([("name", name.into()), ("description", description.into()), ("annotations", hints)])
    }

    fn load(text: &str) -> CompiledPolicy {
        CompiledPolicy::load(text.as_bytes(), Format::Yaml, "policy.yaml").unwrap()
    }

    #[test]
    fn the_policy_loads_and_allows_nothing() {
        let text = write_policy(&[tool("read", "Reads.", &[("readOnlyHint", true)]), tool("rm", "", &[])]);
        assert!(load(&text).tool_names().is_empty(), "{text}");
        assert!(load(&write_policy(&[])).tool_names().is_empty());
    }

    #[test]
    fn what_is_uncommented_loads_too() {
        let odd = "a: b\n\"# '\u{85}\u{202e}\u{e0041}";
        let text = write_policy(&[
            tool("read", "Reads.\n  - name: \"*\"\n\u{202e}x\u{2028}y", &[("readOnlyHint", true)]),
            tool(odd, "Odd.", &[]),
        ]);
        let (head, entries) = text.split_once("# When the first tool is allowed, remove the \" []\" above.\n").unwrap();
        let entries: Vec<&str> = entries.lines().map(|line| line.strip_prefix("# ").unwrap_or(line)).collect();
        let text = head.replace(" []", "") + &entries.join("\n") + "\n";
        assert_eq!(load(&text).tool_names(), ["read".to_owned(), odd.to_owned()], "{text}");
        assert_eq!(text.matches("effect: read ").count(), 1);
    }
}
