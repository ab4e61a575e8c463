//! The server's process, behind a supervisor.

use crate::mcp::supervise::{END_SIGNAL, PARENT};
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsString;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use talos_shared::contracts::{Error, ErrorCode};

/// A running server.
pub struct Server {
    process: Child,
    remote: Remote,
}

/// Signals for a server, from any thread.
#[derive(Clone)]
pub struct Remote(Arc<Inner>);

struct Inner {
    supervisor: Option<Pid>,
    ended: AtomicBool,
}

impl Server {
    /// Starts a command, with pipes for stdin and stdout.
    ///
    /// The calling thread has to live as long as the server may: on Linux the supervisor ends the
    /// server when this thread ends.
    pub fn spawn(command: &[OsString]) -> Result<(Server, ChildStdin, ChildStdout), Error> {
        let fault = |why: String| Error::new(ErrorCode::InternalFault, format!("the supervisor does not start: {why}"));
        let mut process = Command::new(own_program())
            .arg0("talos")
            .args(["supervise", "--"])
            .args(command)
            .env(PARENT, std::process::id().to_string())
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| fault(error.to_string()))?;
        let (Some(stdin), Some(stdout)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(fault("it has no pipes".into()));
        };
        let supervisor = i32::try_from(process.id()).ok().and_then(Pid::from_raw);
        let remote = Remote(Arc::new(Inner { supervisor, ended: AtomicBool::new(false) }));
        Ok((Server { process, remote }, stdin, stdout))
    }

    /// A way to signal it from elsewhere.
    pub fn remote(&self) -> Remote {
        self.remote.clone()
    }

    /// Waits until it has ended, with everything that it started: its exit code, 128+n for signal n.
    pub fn wait(&mut self) -> Result<i32, Error> {
        let status = self.process.wait();
        self.remote.0.ended.store(true, Ordering::Release);
        let status = status.map_err(|e| Error::new(ErrorCode::InternalFault, format!("the server is lost: {e}")))?;
        Ok(status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.remote.end();
        // The supervisor ends by itself; this only collects it.
        let _ = self.process.wait();
        self.remote.0.ended.store(true, Ordering::Release);
    }
}

impl Remote {
    /// Passes a signal on to the server.
    pub fn signal(&self, signal: Signal) {
        if let Some(supervisor) = self.0.supervisor.filter(|_| !self.0.ended.load(Ordering::Acquire)) {
            // It may have ended meanwhile.
            let _ = kill_process(supervisor, signal);
        }
    }

    /// Ends the server and everything that it started.
    pub fn end(&self) {
        self.signal(END_SIGNAL);
    }

    /// Ends it, unless it has ended by itself before this time is over.
    pub fn end_after(&self, grace: Duration) {
        let remote = self.clone();
        // Without a thread there is no grace.
        if std::thread::Builder::new()
            .spawn(move || {
                std::thread::sleep(grace);
                remote.end();
            })
            .is_err()
        {
            self.end();
        }
    }
}

/// This program, also after the file was replaced by another version.
fn own_program() -> PathBuf {
    std::env::current_exe().ok().filter(|path| path.exists()).unwrap_or_else(|| "/proc/self/exe".into())
}
