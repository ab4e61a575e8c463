//! `talos supervise`: one process between the connector and the server.
//!
//! Whatever becomes of the connector, also SIGKILL, nothing that the server has started outlives
//! it: the supervisor hears of its parent's death, ends the server's process group, and adopts
//! and ends what left the group.

use crate::mcp::note;
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, getppid, kill_process, kill_process_group, wait};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM, SIGUSR1};
use signal_hook::iterator::Signals;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::{Duration, Instant};
use talos_shared::contracts::{Error, ErrorCode};

/// Tells the supervisor to end the server.
pub const END_SIGNAL: Signal = Signal::USR1;
/// The environment variable with the connector's process id.
pub const PARENT: &str = "TALOS_SUPERVISED_BY";

/// Time between SIGTERM and SIGKILL.
const TERM_GRACE: Duration = Duration::from_secs(2);
/// How long is waited for processes that not even SIGKILL ends at once.
const KILL_GRACE: Duration = Duration::from_secs(2);
/// Between two looks at what is left.
const LOOK: Duration = Duration::from_millis(5);
/// Exit codes of shells.
const NOT_FOUND: i32 = 127;
const NOT_EXECUTABLE: i32 = 126;

/// Runs a command until it ends: its exit code, 128+n for signal n.
pub fn supervise(command: &[OsString]) -> Result<i32, Error> {
    let fault =
        |what: &str, error: &dyn std::fmt::Display| Error::new(ErrorCode::InternalFault, format!("{what}: {error}"));
    let Some((program, args)) = command.split_first() else {
        return Err(Error::new(ErrorCode::ConfigMissing, "no command after --"));
    };
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGCHLD]).map_err(|e| fault("no signals", &e))?;
    watch_parent().map_err(|e| fault("the parent cannot be watched", &e))?;
    if is_orphan() {
        return Ok(128 + SIGTERM);
    }
    let spawned = Command::new(program).args(args).env_remove(PARENT).process_group(0).spawn();
    let server = match spawned.map(|child| i32::try_from(child.id()).ok().and_then(Pid::from_raw)) {
        Ok(Some(pid)) => pid,
        Ok(None) => return Err(fault("no server", &"its process id is out of range")),
        Err(error) => {
            note(&format!("{} does not start: {error}", program.display()));
            return Ok(if error.kind() == ErrorKind::NotFound { NOT_FOUND } else { NOT_EXECUTABLE });
        }
    };
    leave_pipes();
    let code = attend(server, &mut signals);
    sweep(server);
    Ok(code)
}

/// The pipes are the server's alone: their other ends close when it closes them.
fn leave_pipes() {
    if let Ok(null) = OpenOptions::new().read(true).write(true).open("/dev/null") {
        // If it fails, the pipes close when this process ends.
        let _ = rustix::stdio::dup2_stdin(&null).and_then(|()| rustix::stdio::dup2_stdout(&null));
    }
}

#[cfg(target_os = "linux")]
fn watch_parent() -> rustix::io::Result<()> {
    use rustix::process::{getpid, set_child_subreaper, set_parent_process_death_signal};
    set_child_subreaper(Some(getpid()))?;
    set_parent_process_death_signal(Some(END_SIGNAL))
}

#[cfg(not(target_os = "linux"))]
fn watch_parent() -> std::io::Result<()> {
    let watch = || {
        while !is_orphan() {
            std::thread::sleep(Duration::from_millis(100));
        }
        let _ = kill_process(rustix::process::getpid(), END_SIGNAL);
    };
    std::thread::Builder::new().spawn(watch).map(|_| ())
}

/// Whether the connector is gone already.
fn is_orphan() -> bool {
    let parent = std::env::var(PARENT).ok().and_then(|pid| pid.parse().ok()).and_then(Pid::from_raw);
    parent.is_some() && getppid() != parent
}

/// Passes signals on until the server has ended; its exit code.
fn attend(server: Pid, signals: &mut Signals) -> i32 {
    for signal in signals.forever() {
        match signal {
            SIGCHLD => {
                if let Some(code) = reap(server) {
                    return code;
                }
            }
            SIGUSR1 => end(server),
            SIGHUP => pass_on(server, Signal::HUP),
            SIGINT => pass_on(server, Signal::INT),
            _ => pass_on(server, Signal::TERM),
        }
    }
    1
}

/// To the whole group; it may be gone.
fn pass_on(server: Pid, signal: Signal) {
    let _ = kill_process_group(server, signal);
}

fn end(server: Pid) {
    pass_on(server, Signal::TERM);
    let later = std::thread::Builder::new().spawn(move || {
        std::thread::sleep(TERM_GRACE);
        pass_on(server, Signal::KILL);
    });
    if later.is_err() {
        pass_on(server, Signal::KILL);
    }
}

/// Collects all children that have ended; the server's exit code, if it is among them.
fn reap(server: Pid) -> Option<i32> {
    let mut code = None;
    while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
        if pid == server {
            code = exit_code(status);
        }
    }
    code
}

fn exit_code(status: WaitStatus) -> Option<i32> {
    status.exit_status().or_else(|| status.terminating_signal().map(|signal| 128 + signal))
}

/// Ends everything that the server has left behind.
fn sweep(server: Pid) {
    let began = Instant::now();
    let mut sent = None;
    while !is_alone() {
        let waited = began.elapsed();
        let signal = if waited < TERM_GRACE { Signal::TERM } else { Signal::KILL };
        // SIGTERM once; SIGKILL until nobody is left, since each death may bring in orphans.
        if sent != Some(signal) || signal == Signal::KILL {
            pass_on(server, signal);
            for pid in adopted() {
                // It may have ended meanwhile.
                let _ = kill_process(pid, signal);
            }
            sent = Some(signal);
        }
        if waited > TERM_GRACE + KILL_GRACE {
            return;
        }
        std::thread::sleep(LOOK);
    }
}

/// Whether there is no child left, dead or alive.
fn is_alone() -> bool {
    loop {
        match wait(WaitOptions::NOHANG) {
            Ok(Some(_)) => {}
            Ok(None) => return false,
            Err(_) => return true,
        }
    }
}

/// The children of this process: on Linux also those whose own parent has died.
fn adopted() -> Vec<Pid> {
    let Ok(processes) = std::fs::read_dir("/proc") else { return Vec::new() };
    let own = std::process::id().to_string();
    let is_child = |name: &str| {
        let stat = std::fs::read_to_string(format!("/proc/{name}/stat")).unwrap_or_default();
        // The command's name, in parentheses, may hold anything.
        stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1)) == Some(own.as_str())
    };
    processes
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()) && is_child(name))
        .filter_map(|name| Pid::from_raw(name.parse().ok()?))
        .collect()
}
