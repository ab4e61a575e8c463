//! `talos`: the command line, and the MCP connector.

mod approvals;
mod approvals_text;
mod approvals_watch;
mod budget;
mod call;
mod doctor;
mod export;
mod follow;
mod init;
mod install;
mod lockdown;
mod log;
mod mailbox;
mod mcp;
mod output;
mod policy;
mod policy_replay;
mod ready;
mod redact;
mod selection;
mod session;
mod show;
mod shown;
mod story;
mod story_html;
mod story_text;
mod whole_file;
mod words;

use clap::{Parser, Subcommand};
use output::Output;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use talos_shared::contracts::Error;
use talos_shared::default_directory;

/// The security kernel for AI agents.
///
/// Every action gets a decision, every decision a signed receipt, every receipt a proof that anyone can check offline.
#[derive(Parser)]
#[command(name = "talos", version, propagate_version = true, after_help = EXIT_CODES)]
struct Cli {
    /// The directory with keys, policy and log [default: $TALOS_DIR, else talos in the user's data directory].
    #[arg(long, global = true, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Print one JSON value instead of text for people.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes:
  0  done
  1  an error; its code is printed
  2  the command line is wrong
  3  something that was checked is invalid
  4  sound, but nobody whom you trust vouches for it
`talos mcp` ends with the server's own exit code, 128+n if signal n ended it.";

#[derive(Subcommand)]
enum Command {
    /// Make keys and a directory; with a server's command, write a policy from its tool list to review.
    Init {
        /// With a server's command, where to write the policy [default: policy.yaml in the directory]. Without one, a ready policy
        /// to begin with, which is written to the directory with its cases; `list` says which there are.
        #[arg(long, value_name = "FILE|NAME")]
        policy: Option<PathBuf>,
        /// The MCP server to ask for its tools, after `--`.
        #[arg(last = true, value_name = "COMMAND")]
        command: Vec<OsString>,
    },
    /// Run an MCP server on stdio behind the kernel.
    Mcp {
        /// The policy [default: the directory's]. Its file is watched: a new text is put in force, one with mistakes is not.
        #[arg(long, value_name = "FILE")]
        policy: Option<PathBuf>,
        /// A file with Cedar policies, which have to allow, too; may be repeated [default: the directory's].
        #[arg(long, value_name = "FILE")]
        cedar: Vec<PathBuf>,
        /// The tools' definitions for --cedar, as `talos init` writes them [default: POLICY.tools.json].
        #[arg(long, value_name = "FILE")]
        tools: Option<PathBuf>,
        /// A policy to decide on beside it: recorded in the receipts, without consequences.
        #[arg(long, value_name = "FILE")]
        shadow: Option<PathBuf>,
        #[command(flatten)]
        who: mcp::Who,
        /// How long a call is held that needs approval; after that its client is told that it is pending. Clients of the
        /// official libraries wait 60 seconds.
        #[arg(long, value_name = "SECONDS", default_value_t = 45)]
        approval_wait: u64,
        /// The server's command, after `--`.
        #[arg(last = true, required = true, value_name = "COMMAND")]
        command: Vec<OsString>,
    },
    /// Call a pure operation: JSON on stdin, the result or a problem document on stdout.
    #[command(after_help = call::HELP)]
    Call {
        /// The operation's id, such as json.canonicalize; `list` prints all.
        operation: String,
        /// One JSON text a line in, one answer a line out.
        #[arg(long)]
        lines: bool,
    },
    /// Check, explain, test, replay, compare and lay out policies.
    Policy {
        #[command(subcommand)]
        command: policy::Command,
    },
    /// Show, prove and verify what was logged.
    Log {
        #[command(subcommand)]
        command: log::Command,
    },
    /// See what waits for people, and answer.
    Approvals {
        #[command(subcommand)]
        command: approvals::Command,
    },
    /// Set budgets, and see where they stand.
    Budget {
        #[command(subcommand)]
        command: budget::Command,
    },
    /// Open a message between agents that a party discloses.
    Session {
        #[command(subcommand)]
        command: session::Command,
    },
    /// Serve a mailbox: keys that agents publish, and frames that wait for them.
    Mailbox {
        #[command(subcommand)]
        command: mailbox::Command,
    },
    /// Put Talos in front of the servers in an MCP client's configuration, reversibly.
    Install(install::Options),
    /// The kill switch: while it is on, nothing is allowed and nothing starts, in any process, after any restart.
    Lockdown(lockdown::Arguments),
    /// Check that this installation works.
    Doctor,
    /// Run a command so that nothing it starts outlives its caller.
    #[command(hide = true)]
    Supervise {
        #[arg(last = true, required = true)]
        command: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let output = Output::new(cli.json);
    match run(cli, &output) {
        Ok(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        Err(error) => {
            output.error(&error);
            ExitCode::from(output::exit_code(error.code))
        }
    }
}

fn run(cli: Cli, output: &Output) -> Result<i32, Error> {
    let directory = || cli.dir.clone().map_or_else(default_directory, Ok);
    match cli.command {
        Command::Init { policy, command } => init::run(&directory()?, policy.as_deref(), &command, output),
        Command::Mcp { policy, cedar, tools, shadow, who, approval_wait, command } => {
            let approval_wait = Duration::from_secs(approval_wait);
            mcp::run(&mcp::Options { dir: directory()?, policy, cedar, tools, shadow, who, approval_wait, command })
        }
        Command::Call { operation, lines } => call::run(&operation, lines),
        Command::Policy { command } => policy::run(command, directory, output),
        Command::Log { command } => log::run(command, directory, output),
        Command::Approvals { command } => approvals::run(&directory()?, command, output),
        Command::Budget { command } => budget::run(&directory()?, command, output),
        Command::Session { command } => session::run(&command, output),
        Command::Mailbox { command } => mailbox::run(command, directory, output),
        Command::Install(options) => install::run(&options, cli.dir.as_deref(), output),
        Command::Lockdown(arguments) => lockdown::run(&directory()?, arguments, output),
        Command::Doctor => doctor::run(&directory()?, output),
        Command::Supervise { command } => mcp::supervise(&command),
    }
}
