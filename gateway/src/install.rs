//! `talos install`: puts Talos in front of the servers that an MCP client's configuration names,
//! and takes it away again.
//!
//! Only the bytes of `command` and `args` change. A copy of the file is made first.

use crate::mcp::Who;
use crate::output::Output;
use clap::{Args, ValueEnum};
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use talos_shared::contracts::json::{self, Profile, Value, write_string};
use talos_shared::contracts::{Error, ErrorCode};
use talos_shared::default_directory;

/// What `talos install` is told.
#[derive(Args)]
pub struct Options {
    /// Whose configuration to change.
    #[arg(long, value_enum, required_unless_present = "config")]
    client: Option<Client>,
    /// Change this server only [default: all that are started as a command].
    #[arg(long, value_name = "NAME")]
    server: Option<String>,
    /// The configuration file [default: where the client keeps it].
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,
    /// Take Talos away again.
    #[arg(long)]
    undo: bool,
    /// Say what would change, and change nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    who: Who,
}

/// MCP clients whose configuration is plain JSON.
#[derive(Clone, Copy, ValueEnum)]
enum Client {
    ClaudeDesktop,
    /// .mcp.json of this project.
    ClaudeCode,
    Cursor,
    /// .vscode/mcp.json of this project.
    Vscode,
    Windsurf,
}

impl Client {
    fn path(self) -> Result<PathBuf, Error> {
        let home = || {
            let home = std::env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
            home.ok_or_else(|| Error::new(ErrorCode::ConfigMissing, "no home directory: name the file with --config"))
        };
        Ok(match self {
            Client::ClaudeDesktop if cfg!(target_os = "macos") => {
                home()?.join("Library/Application Support/Claude/claude_desktop_config.json")
            }
            Client::ClaudeDesktop => home()?.join(".config/Claude/claude_desktop_config.json"),
            Client::ClaudeCode => ".mcp.json".into(),
            Client::Cursor => home()?.join(".cursor/mcp.json"),
            Client::Vscode => ".vscode/mcp.json".into(),
            Client::Windsurf => home()?.join(".codeium/windsurf/mcp_config.json"),
        })
    }
}

/// Names of the member that holds the servers.
const SERVER_MEMBERS: [&str; 2] = ["mcpServers", "servers"];

/// Changes a client's configuration.
pub fn run(options: &Options, dir: Option<&Path>, output: &Output) -> Result<i32, Error> {
    let path = match (&options.config, options.client) {
        (Some(path), _) => path.clone(),
        (None, Some(client)) => client.path()?,
        (None, None) => return Err(Error::new(ErrorCode::ConfigMissing, "name a client or a file")),
    };
    // Through symbolic links, so that they stay what they are.
    let client = options.client.filter(|_| options.config.is_none());
    let path = path.canonicalize().map_err(|error| missing(&path, client, &error))?;
    let text = fs::read(&path).map_err(|error| missing(&path, client, &error))?;
    let dir = dir.map_or_else(default_directory, |dir| Ok(dir.to_owned()))?;
    options.who.input()?;
    let wrapper = Wrapper::new(&dir, options.who.words())?;
    let plan = plan(&text, &path, options.server.as_deref(), (!options.undo).then_some(&wrapper))?;

    let changes = !plan.edits.is_empty();
    let backup = if changes && !options.dry_run { Some(replace(&path, &text, &plan.apply(&text))?) } else { None };
    report(&path, &plan, backup.as_deref(), options, output);
    Ok(0)
}

fn report(path: &Path, plan: &Plan, backup: Option<&Path>, options: &Options, output: &Output) {
    let mut text = format!("{}\n", path.display());
    for (name, change) in &plan.servers {
        text.push_str(&format!("  {name}: {}\n", change.as_str()));
    }
    if let Some(backup) = backup {
        text.push_str(&format!("The file as it was: {}\nRestart the client.\n", backup.display()));
    } else if options.dry_run {
        text.push_str("Nothing was written.\n");
    }
    output.print(&text, || {
        let servers = plan.servers.iter().map(|(name, change)| (name.as_str(), Value::from(change.as_str())));
        let mut members = vec![
            ("config", Value::from(path.display().to_string())),
            ("servers", Value::object(servers)),
            ("written", backup.is_some().into()),
        ];
        members.extend(backup.map(|backup| ("backup", backup.display().to_string().into())));
        Value::object(members)
    });
}

/// What becomes of one server.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Change {
    Wrapped,
    Unwrapped,
    AlreadyWrapped,
    WrappedByHand,
    NotWrapped,
    NotACommand,
}

impl Change {
    fn as_str(self) -> &'static str {
        match self {
            Change::Wrapped => "goes through Talos",
            Change::Unwrapped => "does not go through Talos any more",
            Change::AlreadyWrapped => "goes through Talos already",
            Change::WrappedByHand => {
                "goes through Talos, not as install writes it, and stays as it is: name it with --server to change it"
            }
            Change::NotWrapped => "does not go through Talos",
            Change::NotACommand => "is not started as a command, and stays as it is",
        }
    }
}

/// What a wrapped entry starts with.
struct Wrapper {
    program: String,
    dir: String,
    /// Options that say whose calls they are.
    who: Vec<String>,
}

impl Wrapper {
    fn new(dir: &Path, who: Vec<String>) -> Result<Self, Error> {
        let text = |path: std::io::Result<PathBuf>| {
            path.ok().and_then(|path| path.to_str().map(ToOwned::to_owned)).ok_or_else(|| {
                Error::new(ErrorCode::ConfigMalformed, "the path of talos or of its directory is not Unicode")
            })
        };
        Ok(Wrapper { program: text(std::env::current_exe())?, dir: text(std::path::absolute(dir))?, who })
    }
}

struct Edit {
    start: usize,
    end: usize,
    text: Vec<u8>,
}

#[derive(Default)]
struct Plan {
    servers: Vec<(String, Change)>,
    edits: Vec<Edit>,
}

impl Plan {
    fn apply(&self, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len() + 256);
        let mut at = 0;
        for edit in &self.edits {
            out.extend_from_slice(&text[at..edit.start]);
            out.extend_from_slice(&edit.text);
            at = edit.end;
        }
        out.extend_from_slice(&text[at..]);
        out
    }
}

/// What to change: to wrap with the wrapper, or to unwrap without one.
fn plan(text: &[u8], path: &Path, only: Option<&str>, wrapper: Option<&Wrapper>) -> Result<Plan, Error> {
    let root = json::parse(text, Profile::Rfc8785).map_err(|error| not_json(path, &error))?;
    let servers = SERVER_MEMBERS.iter().find_map(|name| root.get(name)).and_then(Value::as_object);
    let servers = servers.ok_or_else(|| {
        let detail = format!("{}: no object mcpServers or servers", path.display());
        Error::new(ErrorCode::ConfigMalformed, detail)
    })?;
    let mut plan = Plan::default();
    for member in servers.iter().filter(|member| only.is_none_or(|only| only == member.name)) {
        let change = match Entry::read(&member.value) {
            None => Change::NotACommand,
            Some(entry) => match (wrapper, entry.wrapped_at()) {
                (Some(_), Some(_)) => Change::AlreadyWrapped,
                (None, None) => Change::NotWrapped,
                (None, Some(_)) if only.is_none() && !entry.is_as_written() => Change::WrappedByHand,
                (Some(wrapper), None) => {
                    plan.edits.extend(entry.wrap(wrapper));
                    Change::Wrapped
                }
                (None, Some(separator)) => {
                    plan.edits.extend(entry.unwrap(text, separator));
                    Change::Unwrapped
                }
            },
        };
        plan.servers.push((member.name.clone(), change));
    }
    match only {
        Some(name) if plan.servers.is_empty() => {
            let names: Vec<&str> = servers.iter().map(|member| member.name.as_str()).collect();
            let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            let detail = format!("{}: no server is called {name:?}; known are: {known}", path.display());
            Err(Error::new(ErrorCode::ConfigMissing, detail))
        }
        _ => {
            plan.edits.sort_by_key(|edit| edit.start);
            Ok(plan)
        }
    }
}

/// A server that is started as a command.
struct Entry<'a> {
    command: &'a Value,
    program: &'a str,
    args: Option<&'a Value>,
    words: Vec<&'a str>,
}

impl<'a> Entry<'a> {
    fn read(entry: &'a Value) -> Option<Self> {
        let command = entry.get("command")?;
        let args = entry.get("args");
        let words = match args {
            None => Some(Vec::new()),
            Some(args) => args.as_array()?.iter().map(Value::as_str).collect(),
        };
        Some(Entry { command, program: command.as_str()?, args, words: words? })
    }

    /// Where the `--` of a wrapped entry stands, if a command follows it.
    fn wrapped_at(&self) -> Option<usize> {
        let is_talos = Path::new(self.program).file_stem().is_some_and(|name| name == "talos");
        let at = self.words.iter().position(|word| *word == "--").filter(|at| at + 1 < self.words.len())?;
        (is_talos && self.words[..at].contains(&"mcp")).then_some(at)
    }

    /// Whether a wrapped entry has what install writes, and nothing that somebody has added.
    fn is_as_written(&self) -> bool {
        let ["mcp", "--dir", _, rest @ ..] = self.words.as_slice() else { return false };
        let who = rest.split(|word| *word == "--").next().unwrap_or_default();
        who.iter().all(|word| Who::has(word))
    }

    fn wrap(&self, wrapper: &Wrapper) -> Vec<Edit> {
        let mut front = Vec::new();
        let who = wrapper.who.iter().map(String::as_str);
        for word in ["mcp", "--dir", &wrapper.dir].into_iter().chain(who).chain(["--", self.program]) {
            if !front.is_empty() {
                front.extend_from_slice(b", ");
            }
            write_string(word, &mut front);
        }
        let args = match self.args {
            None => {
                let at = self.command.span.end as usize;
                Edit { start: at, end: at, text: [b", \"args\": [", front.as_slice(), b"]"].concat() }
            }
            Some(args) => {
                let first = args.as_array().and_then(<[Value]>::first);
                let at = first.map_or(args.span.start + 1, |first| first.span.start) as usize;
                if first.is_some() {
                    front.extend_from_slice(b", ");
                }
                Edit { start: at, end: at, text: front }
            }
        };
        vec![replace_string(self.command, &wrapper.program), args]
    }

    fn unwrap(&self, text: &[u8], separator: usize) -> Vec<Edit> {
        let items = self.args.and_then(Value::as_array).unwrap_or_default();
        let (Some(first), Some(last)) = (items.first(), items.get(separator + 1)) else { return Vec::new() };
        let end = items.get(separator + 2).map_or(last.span.end, |next| next.span.start);
        let args = Edit { start: first.span.start as usize, end: end as usize, text: Vec::new() };
        let program = &text[last.span.start as usize..last.span.end as usize];
        let command = Edit {
            start: self.command.span.start as usize,
            end: self.command.span.end as usize,
            text: program.to_vec(),
        };
        vec![command, args]
    }
}

fn replace_string(value: &Value, with: &str) -> Edit {
    let mut text = Vec::new();
    write_string(with, &mut text);
    Edit { start: value.span.start as usize, end: value.span.end as usize, text }
}

fn missing(path: &Path, client: Option<Client>, error: &std::io::Error) -> Error {
    let path = path.display();
    let name = client.and_then(|client| client.to_possible_value());
    let detail = match (error.kind(), name) {
        (ErrorKind::NotFound, Some(client)) => format!(
            "no configuration at {path}: start {} once or add a server to it, or name its file with --config",
            client.get_name()
        ),
        (ErrorKind::NotFound, None) => {
            format!("no configuration at {path}: name the file that the client reads with --config")
        }
        _ => format!("{path}: {error}; name the client's file with --config"),
    };
    Error::new(ErrorCode::ConfigMissing, detail)
}

fn not_json(path: &Path, error: &Error) -> Error {
    let detail = format!(
        "{}: {}; only plain JSON can be changed safely: comments and trailing commas have to be removed first, or \
         the entry be changed by hand",
        path.display(),
        error.detail
    );
    Error::new(ErrorCode::ConfigMalformed, detail)
}

/// Keeps a copy, then replaces the file in one step; the path of the copy.
fn replace(path: &Path, old: &[u8], new: &[u8]) -> Result<PathBuf, Error> {
    let fault =
        |path: &Path, error: &std::io::Error| Error::new(ErrorCode::StoreIo, format!("{}: {error}", path.display()));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis());
    let backup = beside(path, &format!("talos-backup-{now}"));
    let temporary = beside(path, &format!("talos-new-{}", std::process::id()));
    let permissions = fs::metadata(path).map_err(|error| fault(path, &error))?.permissions();
    let write = |to: &Path, bytes: &[u8]| {
        let mut file = OpenOptions::new().write(true).create_new(true).open(to)?;
        file.set_permissions(permissions.clone())?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write(&backup, old).map_err(|error| fault(&backup, &error))?;
    let replaced = write(&temporary, new).and_then(|()| fs::rename(&temporary, path));
    if let Err(error) = replaced {
        let _ = fs::remove_file(&temporary);
        return Err(fault(path, &error));
    }
    if let Some(parent) = path.parent() {
        File::open(parent).and_then(|dir| dir.sync_all()).map_err(|error| fault(parent, &error))?;
    }
    Ok(backup)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = r#"{
  "theme": "dark",  "n": 1.50,
  "mcpServers": {
    "files": {
      "command": "npx",
      "args": [
        "-y", "server",
        "/tmp/a \"b\""
      ],
      "env": {"A": "1"}
    },
    "bare": { "command": "serve" },
    "empty": { "args": [], "command": "s\u0065rve" },
    "remote": { "type": "http", "url": "https://example.org/mcp" }
  }
}
"#;

    fn wrapper() -> Wrapper {
        Wrapper { program: "/opt/talos".into(), dir: "/var/talos".into(), who: Vec::new() }
    }

    fn wrap(text: &str, only: Option<&str>) -> (Vec<Change>, String) {
        let plan = plan(text.as_bytes(), Path::new("c.json"), only, Some(&wrapper())).unwrap();
        let new = String::from_utf8(plan.apply(text.as_bytes())).unwrap();
        (plan.servers.into_iter().map(|(_, change)| change).collect(), new)
    }

    fn unwrap(text: &str) -> (Vec<Change>, String) {
        let plan = plan(text.as_bytes(), Path::new("c.json"), None, None).unwrap();
        let new = String::from_utf8(plan.apply(text.as_bytes())).unwrap();
        (plan.servers.into_iter().map(|(_, change)| change).collect(), new)
    }

    #[test]
    fn wrapping_twice_is_wrapping_once_and_undo_takes_it_back() {
        let (changes, wrapped) = wrap(CONFIG, None);
        assert_eq!(changes, [Change::Wrapped, Change::Wrapped, Change::Wrapped, Change::NotACommand]);
        assert!(wrapped.contains(r#""mcp", "--dir", "/var/talos", "--", "npx", "-y", "server","#), "{wrapped}");
        let (changes, again) = wrap(&wrapped, None);
        assert_eq!(changes[..3], [Change::AlreadyWrapped; 3]);
        assert_eq!(again, wrapped);
        let (changes, back) = unwrap(&wrapped);
        assert_eq!(changes[..3], [Change::Unwrapped; 3]);
        // Where there were no arguments an empty list stays.
        let expected = CONFIG.replace(r#""serve" }"#, r#""serve", "args": [] }"#).replace(r"s\u0065rve", "serve");
        assert_eq!(back, expected);
        assert_eq!(unwrap(&back).0[..3], [Change::NotWrapped; 3]);
    }

    #[test]
    fn one_server_can_be_named() {
        let (changes, wrapped) = wrap(CONFIG, Some("bare"));
        assert_eq!(changes, [Change::Wrapped]);
        assert!(wrapped.contains(r#""args": ["mcp", "--dir", "/var/talos", "--", "serve"]"#));
        assert!(wrapped.contains(r#""command": "npx""#));
        let error = plan(CONFIG.as_bytes(), Path::new("c.json"), Some("other"), None).err().unwrap();
        assert_eq!(error.code, ErrorCode::ConfigMissing);
        assert!(error.detail.contains("files, bare"));
    }

    #[test]
    fn undo_leaves_what_install_did_not_write() {
        let entry = |args: &str| format!(r#"{{"mcpServers":{{"s":{{"command":"/x/talos","args":[{args}]}}}}}}"#);
        for args in [
            r#""mcp", "--policy", "p.yaml", "--", "npx", "y""#,
            r#""mcp", "--", "npx", "y""#,
            r#""mcp", "--dir", "d", "--policy", "p.yaml", "--", "npx", "y""#,
            r#""--dir", "d", "mcp", "--", "npx", "y""#,
        ] {
            let text = entry(args);
            assert_eq!(unwrap(&text), (vec![Change::WrappedByHand], text.clone()));
            assert_eq!(wrap(&text, None), (vec![Change::AlreadyWrapped], text.clone()));
            let named = plan(text.as_bytes(), Path::new("c.json"), Some("s"), None).unwrap();
            assert_eq!(named.servers[0].1, Change::Unwrapped);
            let bare = r#"{"mcpServers":{"s":{"command":"npx","args":["y"]}}}"#;
            assert_eq!(String::from_utf8(named.apply(text.as_bytes())).unwrap(), bare);
        }
        assert_eq!(unwrap(&entry(r#""mcp", "--dir", "d", "--", "npx""#)).0, [Change::Unwrapped]);
    }

    #[test]
    fn whose_calls_they_are_is_passed_on_and_taken_back() {
        let who = ["--team=research", "--user=--"].map(str::to_owned).to_vec();
        let wrapper = Wrapper { who, ..wrapper() };
        let text = r#"{"mcpServers":{"s":{"command":"npx","args":["y"]}}}"#;
        let plan = plan(text.as_bytes(), Path::new("c.json"), None, Some(&wrapper)).unwrap();
        let wrapped = String::from_utf8(plan.apply(text.as_bytes())).unwrap();
        let args = r#"["mcp", "--dir", "/var/talos", "--team=research", "--user=--", "--", "npx", "y"]"#;
        assert!(wrapped.contains(args), "{wrapped}");
        assert_eq!(unwrap(&wrapped), (vec![Change::Unwrapped], text.to_owned()));
    }

    #[test]
    fn comments_are_refused_and_said_so() {
        let error = plan(b"{ // x\n}", Path::new("c.json"), None, None).err().unwrap();
        assert_eq!(error.code, ErrorCode::ConfigMalformed);
        assert!(error.detail.contains("comments"));
    }
}
