//! `talos log show`: the log for people, and for programs.

use crate::export::unwritten;
use crate::follow;
use crate::output::{INVALID, Output};
use crate::redact::Redactor;
use crate::selection::{Options, Selection, select};
use crate::story::{Proof, Prover, Teller, kept_body};
use crate::{story_text, words};
use clap::Args;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use talos_shared::Home;
use talos_shared::audit::receipt::parse_body;
use talos_shared::contracts::json::{self, Profile, Value};
use talos_shared::contracts::{Error, ErrorCode, Receipt};
use talos_shared::kernel::Log;
use talos_shared::kernel::ports::Record;

/// Steps that are shown unless told otherwise.
const LIMIT: u64 = 50;

#[derive(Args)]
pub struct Command {
    #[command(flatten)]
    options: Options,
    /// One line a receipt instead of stories.
    #[arg(long, conflicts_with_all = ["bodies", "follow"])]
    table: bool,
    /// Go on with what is appended, until Ctrl-C or the end of the reader.
    #[arg(long, short)]
    follow: bool,
}

/// What reading a log needs.
pub struct Reader<'a> {
    pub log: &'a Log<'a>,
    pub prover: &'a Prover<'a>,
    pub redactor: &'a Redactor,
    pub bodies: bool,
}

pub fn run(command: &Command, directory: &Path, output: &Output) -> Result<i32, Error> {
    let home = Home::open(directory)?;
    if command.follow {
        return follow::run(&home, &command.options, output);
    }
    let (store, heads, keys) = (home.store_to_read()?, home.heads(), home.keys()?);
    let log = Log::new(&store, &heads, &keys, &home.configuration().origin);
    let prover = Prover::new(&log);
    let options = &command.options;
    let redactor = redactor(&home, options, output.is_json())?;
    let found = select(&log, &options.filter(&log)?, options.limit(LIMIT))?;
    let reader = Reader { log: &log, prover: &prover, redactor: &redactor, bodies: options.bodies };
    let mut out = BufWriter::new(io::stdout().lock());
    let written = if output.is_json() {
        array(&mut out, &reader, &found)
    } else if command.table {
        table(&mut out, &reader, &found)
    } else {
        stories(&mut out, &reader, &found)
    };
    let written = written.and_then(|broken| Ok(out.flush().map(|()| broken)?));
    match written {
        Ok(broken) => Ok(if broken { i32::from(INVALID) } else { 0 }),
        // A reader that has gone away is no error.
        Err(Stop::Gone) => Ok(0),
        Err(Stop::Failed(error)) => Err(error),
    }
}

/// What hides. JSON without bodies has receipts as they were signed: nothing in them is hidden, so no policy is needed.
pub fn redactor(home: &Home, options: &Options, json: bool) -> Result<Redactor, Error> {
    if json && !options.bodies { Ok(Redactor::none()) } else { Redactor::load(home, options.policy.as_deref()) }
}

/// An error of the log, or a reader that has gone away: then the rest is not written.
enum Stop {
    Failed(Error),
    Gone,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Failed(error)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        if error.kind() == io::ErrorKind::BrokenPipe { Stop::Gone } else { Stop::Failed(unwritten(&error)) }
    }
}

fn stories(out: &mut impl Write, reader: &Reader<'_>, found: &Selection) -> Result<bool, Stop> {
    let teller = Teller { log: reader.log, prover: reader.prover, redactor: reader.redactor, bodies: reader.bodies };
    let (mut pending, mut broken) = (0, 0);
    if found.cut {
        writeln!(out, "Older steps are not shown: --all shows them, --limit N so many.\n")?;
    }
    for run in &found.runs {
        let story = teller.tell(run)?;
        (pending, broken) = (pending + story.sums.pending, broken + story.sums.broken);
        story_text::story(out, &story)?;
    }
    for (index, code) in &found.unreadable {
        writeln!(out, "receipt {index} cannot be read: {}: {}", code.as_str(), code.public())?;
    }
    story_text::summary(out, reader.prover, found.size, pending, broken)?;
    Ok(broken > 0 || !found.unreadable.is_empty() || reader.prover.head().is_err())
}

fn table(out: &mut impl Write, reader: &Reader<'_>, found: &Selection) -> Result<bool, Stop> {
    for index in found.indexes() {
        let record = reader.log.at(index)?;
        let line = match parse_body(&record.sealed.body) {
            Ok(receipt) => story_text::line(&receipt, reader.redactor),
            Err(error) => format!("cannot be read: {}", error.code.as_str()),
        };
        writeln!(out, "{index:>6}  {}  {line}", record.sealed.id)?;
    }
    Ok(!found.unreadable.is_empty())
}

fn array(out: &mut impl Write, reader: &Reader<'_>, found: &Selection) -> Result<bool, Stop> {
    let (mut broken, mut separator) = (false, "[");
    for index in found.indexes() {
        let (value, is_broken) = reader.value(&reader.log.at(index)?);
        broken |= is_broken;
        write!(out, "{separator}")?;
        out.write_all(&json::canonical(&value))?;
        separator = ",";
    }
    writeln!(out, "{}]", if separator == "[" { "[" } else { "" })?;
    Ok(broken)
}

impl Reader<'_> {
    /// One receipt for a program, and whether a check refused it: `index`, `receipt_id`, `receipt` as it was signed,
    /// `proof`, and with bodies `body`, redacted.
    pub fn value(&self, record: &Record) -> (Value, bool) {
        let proof = self.prover.check(record);
        let mut members = vec![
            ("index", words::number(record.index)),
            ("receipt_id", record.sealed.id.to_b64().into()),
            ("proof", proof.to_value()),
        ];
        if let Ok(value) = json::parse(&record.sealed.body, Profile::Talos) {
            if let (true, Ok(receipt)) = (self.bodies, Receipt::read(&value)) {
                members.push(("body", body(&receipt, record, self.redactor)));
            }
            members.push(("receipt", value));
        }
        (Value::object(members), matches!(proof, Proof::Broken(_)))
    }
}

fn body(receipt: &Receipt, record: &Record, redactor: &Redactor) -> Value {
    let broken = |code: ErrorCode| Value::object([("state", "broken".into()), ("code", code.as_str().into())]);
    match kept_body(receipt, record) {
        Ok(Some((value, _))) => Value::object([("state", "kept".into()), ("value", redactor.value(&value))]),
        Ok(None) => Value::object([("state", "absent".into())]),
        Err(error) => broken(error.code),
    }
}
