//! `talos log export`: the log as one file, for people or for programs.

use crate::output::{INVALID, Output};
use crate::selection::{Options, Selection, select};
use crate::show::{Reader, redactor};
use crate::story::{Prover, Teller};
use crate::story_html::{self, Page};
use crate::whole_file::{Existing, exists, write_whole};
use clap::Args;
use clap::error::ErrorKind;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use talos_shared::contracts::json::{self, Value};
use talos_shared::contracts::{Error, ErrorCode};
use talos_shared::kernel::Log;
use talos_shared::kernel::ports::Clock;
use talos_shared::{Home, SystemClock};

/// Where an export goes that has no file.
const STDOUT: &str = "-";

#[derive(Args)]
pub struct Command {
    #[command(flatten)]
    options: Options,
    /// One page that needs nothing else; without it, and with --json, a receipt a line.
    #[arg(long)]
    html: bool,
    /// Where to write it; `-` is standard output.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Replace the file if it exists.
    #[arg(long)]
    force: bool,
}

/// What an export came to.
struct Done {
    receipts: u64,
    broken: u64,
}

pub fn run(command: &Command, directory: &Path, output: &Output) -> Result<i32, Error> {
    if !command.html && !output.is_json() {
        // `--json` is an option of the whole program: the parser of this command does not see it.
        let usage = "say what to write: --html for a page, --json for a receipt a line\n";
        clap::Error::raw(ErrorKind::MissingRequiredArgument, usage).exit();
    }
    let to_stdout = command.out.as_os_str() == STDOUT;
    if !to_stdout && !command.force && command.out.symlink_metadata().is_ok() {
        return Err(exists(&command.out));
    }
    let home = Home::open(directory)?;
    let (store, heads, keys) = (home.store_to_read()?, home.heads(), home.keys()?);
    let log = Log::new(&store, &heads, &keys, &home.configuration().origin);
    let prover = Prover::new(&log);
    let options = &command.options;
    let redactor = redactor(&home, options, !command.html)?;
    let found = select(&log, &options.filter(&log)?, options.limit(u64::MAX))?;
    let reader = Reader { log: &log, prover: &prover, redactor: &redactor, bodies: options.bodies };
    let write = |out: &mut dyn Write| -> Result<Done, Error> {
        if command.html { page(out, &reader, &home, options, &found) } else { lines(out, &reader, &found) }
    };
    let done = if to_stdout {
        write(&mut BufWriter::new(io::stdout().lock()))?
    } else {
        // Only its owner may read it: it tells what agents did.
        let existing = if command.force { Existing::Replaced } else { Existing::Kept };
        write_whole(&command.out, existing, None, write)?
    };
    if !to_stdout {
        let text = format!("{}: {} receipts, {} of them not valid", command.out.display(), done.receipts, done.broken);
        output.print(&text, || {
            Value::object([
                ("file", command.out.display().to_string().into()),
                ("receipts", crate::words::number(done.receipts)),
                ("broken", crate::words::number(done.broken)),
            ])
        });
    }
    Ok(if done.broken > 0 || prover.head().is_err() { i32::from(INVALID) } else { 0 })
}

fn page(
    out: &mut dyn Write,
    reader: &Reader<'_>,
    home: &Home,
    options: &Options,
    found: &Selection,
) -> Result<Done, Error> {
    let teller = Teller { log: reader.log, prover: reader.prover, redactor: reader.redactor, bodies: reader.bodies };
    let page = Page {
        origin: &home.configuration().origin,
        size: found.size,
        root: reader.log.root_at(found.size)?,
        head: reader.prover.head(),
        log_key: reader.log.key()?.to_string(),
        issuer: home.did()?.to_string(),
        written: SystemClock::default().wall_ms()?,
        selected: options.about(),
        redacted: reader.redactor.about(),
        bodies: reader.bodies,
        found,
    };
    let broken = story_html::write(out, &page, |run| teller.tell(run))?;
    Ok(Done { receipts: found.indexes().len() as u64, broken })
}

fn lines(out: &mut dyn Write, reader: &Reader<'_>, found: &Selection) -> Result<Done, Error> {
    let mut done = Done { receipts: 0, broken: 0 };
    for index in found.indexes() {
        let (value, broken) = reader.value(&reader.log.at(index)?);
        done.receipts += 1;
        done.broken += u64::from(broken);
        let line = json::canonical(&value);
        out.write_all(&line).and_then(|()| out.write_all(b"\n")).map_err(|error| unwritten(&error))?;
    }
    out.flush().map_err(|error| unwritten(&error))?;
    Ok(done)
}

pub fn unwritten(error: &io::Error) -> Error {
    Error::new(ErrorCode::StoreIo, format!("the output cannot be written: {error}"))
}
