//! The notification command: the notice on its standard input, nothing else of ours in its hands.

use crate::{TIMEOUT, notice};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::{Duration, Instant};
use talos_contracts::{Error, ErrorCode};
use talos_kernel::ports::Notice;
use zeroize::Zeroizing;

/// Bytes of the command's standard error that are kept for the report.
const ERROR_BYTES: usize = 1024;
/// Between two looks at whether it has ended.
const LOOK: Duration = Duration::from_millis(10);
/// What a program needs of the environment to find others and to speak; keys and tokens are not among it.
const KEPT: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LANG",
    "LC_ALL",
    "TZ",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
    "SystemRoot",
];

/// A command, checked.
pub(crate) struct Program {
    argv: Vec<String>,
    directory: PathBuf,
}

fn failed(what: String) -> Error {
    Error::new(ErrorCode::NotifyFailed, what)
}

impl Program {
    pub(crate) fn new(argv: &[String], directory: &Path) -> Result<Self, Error> {
        if argv.first().is_none_or(String::is_empty) || argv.iter().any(|word| word.contains('\0')) {
            return Err(Error::new(ErrorCode::ConfigMalformed, "notify.command names no program"));
        }
        Ok(Program { argv: argv.to_vec(), directory: directory.to_owned() })
    }

    /// Runs it with the notice on its standard input. Its output is dropped, but for the beginning of its errors.
    pub(crate) fn tell(&self, told: &Notice) -> Result<(), Error> {
        let (name, text) = (&self.argv[0], notice::text(told, true)?);
        let mut child = self.spawn().map_err(|e| failed(format!("{name}: {e}")))?;
        feed(&mut child, text);
        let errors = listen(&mut child);
        let ended = wait(&mut child);
        // The group, so that nothing which it started lives on.
        end_group(&child);
        let said = errors.and_then(|errors| errors.recv_timeout(LOOK * 10).ok()).unwrap_or_default();
        match ended {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(failed(format!("{name}: {status}{said}"))),
            None => {
                let _ = child.kill();
                let _ = child.wait();
                Err(failed(format!("{name}: did not end in {} s{said}", TIMEOUT.as_secs())))
            }
        }
    }

    fn spawn(&self) -> std::io::Result<Child> {
        let mut command = Command::new(&self.argv[0]);
        command.args(&self.argv[1..]).current_dir(&self.directory).env_clear();
        command.envs(KEPT.iter().filter_map(|name| std::env::var_os(name).map(|value| (name, value))));
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.spawn()
    }
}

/// Writes on a thread of its own: a command need not read, and may end before it has.
fn feed(child: &mut Child, text: Zeroizing<Vec<u8>>) {
    if let Some(mut stdin) = child.stdin.take() {
        let writer = thread::Builder::new().name("talos-notify-in".to_owned());
        let _ = writer.spawn(move || {
            let _ = stdin.write_all(&text).and_then(|()| stdin.write_all(b"\n"));
        });
    }
}

/// Reads its standard error to the end, and keeps the beginning.
fn listen(child: &mut Child) -> Option<Receiver<String>> {
    let mut stderr = child.stderr.take()?;
    let (sender, receiver) = sync_channel(1);
    let reader = thread::Builder::new().name("talos-notify-err".to_owned());
    let started = reader.spawn(move || {
        let mut kept = Vec::new();
        let _ = (&mut stderr).take(ERROR_BYTES as u64).read_to_end(&mut kept);
        let said = String::from_utf8_lossy(&kept).trim().to_owned();
        let _ = sender.send(if said.is_empty() { said } else { format!(": {said}") });
        let _ = std::io::copy(&mut stderr, &mut std::io::sink());
    });
    started.is_ok().then_some(receiver)
}

fn wait(child: &mut Child) -> Option<ExitStatus> {
    let end = Instant::now() + TIMEOUT;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < end => thread::sleep(LOOK),
            _ => return None,
        }
    }
}

#[cfg(unix)]
fn end_group(child: &Child) {
    use rustix::process::{Pid, Signal, kill_process_group};
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(pid, Signal::KILL);
    }
}

#[cfg(not(unix))]
fn end_group(_child: &Child) {}
