//! A directory with a kernel that asks, people with keys, and the binary that they use.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use talos_shared::Home;
use talos_shared::contracts::Verdict;
use talos_shared::contracts::json::{self, Profile, Value};
use talos_shared::contracts::scalar::Hash;
use talos_shared::kernel::{Action, Decision, Run};
use tempfile::TempDir;

pub struct Place {
    pub dir: TempDir,
    pub run: Run,
}

impl Place {
    /// Ada and Bob have keys here; Dora answers by code.
    pub fn new(configuration: &str) -> Place {
        let dir = TempDir::new().unwrap();
        Home::init(dir.path()).unwrap();
        let toml = dir.path().join("talos.toml");
        fs::write(&toml, fs::read_to_string(&toml).unwrap() + configuration).unwrap();
        let key = |name| {
            let made = json_of(&talos(dir.path(), &["--json", "approvals", "keygen", name]));
            made.get("key").and_then(Value::as_str).unwrap().to_owned()
        };
        let policy = format!(
            "id: team
allowed_tools:
  - {{name: pay, effect: spend}}
  - {{name: wipe, effect: irreversible}}
  - {{name: write_file, effect: write}}
approvers:
  - {{name: ada, key: \"{}\"}}
  - {{name: bob, key: \"{}\"}}
  - {{name: dora}}
approvals:
  - {{id: money, tools: [pay], approvers: [ada, dora]}}
  - {{id: ruin, tools: [wipe], approvers: [ada, bob], quorum: 2}}
  - {{id: files, tools: [write_file], approvers: [ada, bob]}}
",
            key("ada"),
            key("bob")
        );
        fs::write(dir.path().join("policy.yaml"), policy).unwrap();
        let home = Home::open(dir.path()).unwrap();
        let kernel = home.kernel(home.policy().unwrap()).unwrap();
        let run = kernel.open_run(&kernel.new_id().unwrap(), &kernel.issuer()).unwrap();
        Place { dir, run }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn decide(&self, call: &str, tool: &str, args: &str) -> Decision {
        let args = json::parse(args.as_bytes(), Profile::Data).unwrap();
        self.run.authorize(&Action::tool_call(call, tool, &args))
    }

    /// Asks for approval.
    pub fn ask(&self, call: &str, tool: &str, args: &str) -> Hash {
        let decision = self.decide(call, tool, args);
        assert_eq!(decision.verdict, Verdict::NeedsApproval, "{:?}", decision.reasons);
        decision.approval.unwrap()
    }

    /// Runs `talos approvals`.
    pub fn approvals(&self, args: &[&str]) -> Output {
        talos(self.path(), &[&["approvals"], args].concat())
    }

    /// Runs `talos --json approvals`, which has to end well.
    pub fn json(&self, args: &[&str]) -> Value {
        json_of(&talos(self.path(), &[&["--json", "approvals"], args].concat()))
    }

    pub fn state(&self, id: &Hash) -> String {
        let shown = self.json(&["show", &id.to_b64()]);
        shown.get("approval").and_then(|a| a.get("state")).and_then(Value::as_str).unwrap().to_owned()
    }
}

pub fn command(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_talos"));
    command.arg("--dir").arg(dir).args(args).env("TALOS_APPROVERS", keys(dir)).stdin(Stdio::null());
    command
}

/// Where the people's keys are.
pub fn keys(dir: &Path) -> PathBuf {
    dir.join("of-people")
}

pub fn talos(dir: &Path, args: &[&str]) -> Output {
    command(dir, args).output().unwrap()
}

pub fn json_of(output: &Output) -> Value {
    assert!(output.status.success(), "{output:?}");
    json::parse(&output.stdout, Profile::Data).unwrap()
}

pub fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}
