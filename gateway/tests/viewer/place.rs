//! A directory with a kernel that writes to it, and the binary that reads it.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use talos_shared::contracts::json::{self, Profile, Value};
use talos_shared::contracts::{Action, Amount, Decision, KernelOpenInput, Outcome, OutcomeStatus, RunOpenInput};
use talos_shared::sdk::{Begun, Kernel, Run};
use tempfile::TempDir;

/// Reads, writes and pays; never shows what `no-keys` or the second pattern match.
pub const POLICY: &str = "id: viewed
allowed_tools:
  - {name: read_file, effect: read}
  - {name: write_file, effect: write}
  - {name: pay, effect: spend, amount: {amount_arg: /micro, currency_arg: /currency}}
  - {name: \"<script>alert(1)</script>\", effect: read}
allowed_resources: [\"**\"]
blocked_patterns:
  - {id: no-keys, kind: substring, pattern: \"BEGIN PRIVATE KEY\"}
  - {kind: regex, pattern: \"hunter[0-9]\"}
max_amount: {currency: EUR, per_run_micro: 100000000}
";

/// Everything that a log can be made to say against its reader: markup, escape sequences, reordered and hidden text.
pub const HOSTILE: &str =
    "<img src=x onerror=alert(1)>\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}txt.exe\u{2066}\u{200b}\u{9b}31m'\"&amp;";

pub struct Place {
    pub dir: TempDir,
    pub kernel: Kernel,
}

impl Place {
    /// Keeps bodies.
    pub fn new() -> Place {
        Place::with("store_bodies = true\n")
    }

    pub fn with(configuration: &str) -> Place {
        let dir = tempfile::tempdir().unwrap();
        let made = talos(&dir, &["init"]);
        assert!(made.status.success(), "{made:?}");
        let path = dir.path().join("talos.toml");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{text}{configuration}")).unwrap();
        fs::write(dir.path().join("policy.yaml"), POLICY).unwrap();
        let directory = Some(dir.path().display().to_string());
        let kernel = Kernel::open(&KernelOpenInput { directory, ..KernelOpenInput::default() }).unwrap();
        Place { dir, kernel }
    }

    pub fn open(&self, principal: &str) -> Run {
        let principal = Some(principal.to_owned());
        self.kernel.open_run(&RunOpenInput { principal, ..RunOpenInput::default() }).unwrap()
    }

    pub fn talos(&self, args: &[&str]) -> Output {
        talos(&self.dir, args)
    }

    /// What a reader is told, who expects it to end well.
    pub fn told(&self, args: &[&str]) -> String {
        let output = self.talos(args);
        assert!(output.status.success(), "{args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn shown(&self, args: &[&str]) -> String {
        self.told(&[&["log", "show"], args].concat())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes the page.
    pub fn page(&self, args: &[&str]) -> String {
        self.told(&[&["log", "export", "--html", "--out", "-"], args].concat())
    }
}

fn talos(dir: &TempDir, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_talos")).arg("--dir").arg(dir.path()).args(args).output().unwrap()
}

pub fn json(text: &str) -> Value {
    json::parse(text.as_bytes(), Profile::Data).unwrap()
}

/// One call that ends as the outcome says, or its denial.
pub fn call(run: &Run, action: Action, outcome: &Outcome) -> Option<Decision> {
    match run.begin(action).unwrap().wait().unwrap() {
        Begun::Started(started) => {
            started.permit.settle(outcome).unwrap().wait().unwrap();
            None
        }
        Begun::Denied(decision) => Some(decision),
    }
}

pub fn tool(name: &str, args: &str) -> Action {
    Action { args: Some(json(args)), ..Run::tool_call(name) }
}

pub fn ok(result: &str) -> Outcome {
    Outcome {
        status: OutcomeStatus::Ok,
        result: Some(json(result)),
        tokens: None,
        amount: None,
        confidence_bp: None,
        session: None,
    }
}

/// A run of ada with a read, a denial, a payment, a blocked pattern; a run of bob with a read that fails and everything
/// hostile that a log takes.
pub fn two_runs(place: &Place) -> [String; 2] {
    let ada = place.open("ada");
    call(&ada, tool("read_file", r#"{"path":"notes.txt"}"#), &Outcome { tokens: Some(1200), ..ok(r#""Bronze""#) });
    call(&ada, tool("erase", "{}"), &ok("null")).unwrap();
    let spent = Some(Amount { micro: 12_500_000, currency: "EUR".into() });
    call(&ada, tool("pay", r#"{"micro":12500000,"currency":"EUR"}"#), &Outcome { amount: spent, ..ok("null") });
    call(&ada, tool("write_file", r#"{"text":"BEGIN PRIVATE KEY"}"#), &ok("null")).unwrap();
    ada.close().unwrap();
    let bob = place.open(HOSTILE);
    call(&bob, tool("read_file", "{}"), &Outcome { status: OutcomeStatus::Error, ..ok("null") });
    let body = Value::object([(HOSTILE, HOSTILE.into())]);
    let named = Action { args: Some(body.clone()), call: Some("call<b>".into()), ..Run::tool_call(HOSTILE) };
    call(&bob, named, &ok("null")).unwrap();
    let script = Action { args: Some(body.clone()), ..Run::tool_call("<script>alert(1)</script>") };
    assert!(call(&bob, script, &Outcome { result: Some(body), ..ok("null") }).is_none());
    bob.close().unwrap();
    [ada.id().to_owned(), bob.id().to_owned()]
}
