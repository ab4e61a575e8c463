//! The worker seen from outside: started, listened to, killed.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use talos_contracts::scalar::{B64, Hash};

/// When the shim kills the worker: at the n-th time of a moment, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kill {
    /// The moment.
    pub moment: Moment,
    /// The n-th.
    pub nth: u64,
    /// Only moments of the file of this name count.
    pub file: Option<String>,
}

/// A moment in the life of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A sync, before it takes effect.
    BeforeSync,
    /// A sync that has taken effect, and nobody knows.
    AfterSync,
    /// A write or truncation that is done.
    Write,
}

/// What the shim is told.
pub struct Shim {
    /// Where it writes its trace.
    pub trace: PathBuf,
    /// When it kills, if ever.
    pub kill: Option<Kill>,
}

/// A worker that runs.
pub struct Worker {
    child: Child,
    out: BufReader<ChildStdout>,
    told: Told,
}

/// What a worker told of until it ended.
#[derive(Debug, Default)]
pub struct Told {
    /// Receipts that it was told are on disk.
    pub acknowledged: Vec<(Hash, u64)>,
    /// How many receipts it asked for.
    pub asked: usize,
    /// Everything else, line by line.
    pub lines: Vec<String>,
    /// How it ended.
    pub status: Option<ExitStatus>,
}

impl Worker {
    /// Starts a worker on a directory: `program` is its path, `arguments` its mode and options.
    pub fn start(program: &Path, directory: &Path, arguments: &[&str], shim: Option<&Shim>) -> Self {
        let mut command = Command::new(program);
        // The shim knows files by their real paths.
        command.arg(arguments[0]).arg(directory.canonicalize().unwrap()).args(&arguments[1..]);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        if let Some(shim) = shim {
            command
                .env("LD_PRELOAD", env!("TALOS_POWERLOSS_SHIM"))
                .env("TALOS_SHIM_DIR", directory)
                .env("TALOS_SHIM_TRACE", &shim.trace);
            if let Some(kill) = &shim.kill {
                let moment = match kill.moment {
                    Moment::BeforeSync => "before",
                    Moment::AfterSync => "after",
                    Moment::Write => "write",
                };
                let file = kill.file.as_deref().unwrap_or("*");
                command.env("TALOS_SHIM_KILL", format!("{moment}:{}:{file}", kill.nth));
            }
        }
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Worker { child, out, told: Told::default() }
    }

    /// Listens until a line begins with `word`. False if the worker ended without it.
    pub fn listen_for(&mut self, word: &str) -> bool {
        while let Some(line) = self.line() {
            if line.starts_with(word) {
                return true;
            }
        }
        false
    }

    /// Kills it, at once.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
    }

    /// Listens to its end.
    pub fn finish(mut self) -> Told {
        while self.line().is_some() {}
        self.told.status = Some(self.child.wait().unwrap());
        self.told
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        // A line that was cut off was not told.
        let line = line.strip_suffix('\n')?;
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["ack", id, index] => {
                self.told.acknowledged.push((B64::from_b64(id).unwrap(), index.parse().unwrap()));
            }
            ["ask"] => self.told.asked += 1,
            _ => self.told.lines.push(line.to_owned()),
        }
        Some(line.to_owned())
    }
}

impl Told {
    /// Whether it was killed.
    pub fn was_killed(&self) -> bool {
        self.status.is_some_and(|s| s.code().is_none())
    }

    /// Whether it came to its end by itself, and had nothing to complain of.
    pub fn is_done(&self) -> bool {
        self.status.is_some_and(|s| s.success()) && self.lines.last().is_some_and(|l| l == "done")
    }

    /// Whether receipts were on their way when it ended, and others had been acknowledged.
    pub fn was_cut_off(&self) -> bool {
        self.was_killed() && !self.acknowledged.is_empty() && self.asked > self.acknowledged.len()
    }
}
