//! `talos log show --follow`: each receipt as it is appended, by whatever process. Keeps no more than one receipt.

use crate::output::Output;
use crate::redact::Redactor;
use crate::selection::{Filter, Options, select};
use crate::show::{Reader, redactor};
use crate::story::{OTHER_POLICY, Proof, Prover, Teller};
use crate::{story_text, words};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use signal_hook::consts::{SIGINT, SIGTERM};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use talos_shared::Home;
use talos_shared::audit::receipt::parse_body;
use talos_shared::contracts::json;
use talos_shared::contracts::{Error, ErrorCode, Receipt, ReceiptKind};
use talos_shared::kernel::Log;
use talos_shared::kernel::ports::Record;

/// Receipts of the past that are shown first unless told otherwise.
const LIMIT: u64 = 10;
/// How long to wait before the store is looked at again.
const PAUSE: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };

pub fn run(home: &Home, options: &Options, output: &Output) -> Result<i32, Error> {
    // Not for reading only: where the directory cannot be written, a reader may see no later change.
    let (store, heads, keys) = (home.store()?, home.heads(), home.keys()?);
    let log = Log::new(&store, &heads, &keys, &home.configuration().origin);
    let filter = options.filter(&log)?;
    let redactor = redactor(home, options, output.is_json())?;
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&stop))
            .map_err(|error| Error::new(ErrorCode::InternalFault, format!("signals: {error}")))?;
    }
    let mut tail = Tail {
        log: &log,
        filter: &filter,
        redactor: &redactor,
        bodies: options.bodies,
        json: output.is_json(),
        run: None,
        noted: false,
    };
    let mut next = 0;
    if !options.is_all() {
        let past = select(&log, &filter, options.limit(LIMIT))?;
        next = past.size;
        for index in past.indexes() {
            if !tail.show(index)? {
                return Ok(0);
            }
        }
    }
    while !stop.load(Ordering::Acquire) {
        let size = log.size()?;
        if size < next {
            let detail = format!("receipts up to {next} were shown, but the log now ends at {size}");
            return Err(Error::new(ErrorCode::LogRolledBack, detail));
        }
        while next < size && !stop.load(Ordering::Acquire) {
            if !tail.show(next)? {
                return Ok(0);
            }
            next += 1;
        }
        if !reader_stays_for_a_while()? {
            return Ok(0);
        }
    }
    Ok(0)
}

/// Waits; false as soon as nobody reads the output any more.
fn reader_stays_for_a_while() -> Result<bool, Error> {
    let stdout = io::stdout();
    let mut watched = [PollFd::new(&stdout, PollFlags::empty())];
    match poll(&mut watched, Some(&PAUSE)) {
        Ok(_) => Ok(!watched[0].revents().intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL)),
        // A signal: the caller looks whether to stop.
        Err(Errno::INTR) => Ok(true),
        Err(error) => Err(Error::new(ErrorCode::InternalFault, format!("the output cannot be watched: {error}"))),
    }
}

struct Tail<'a> {
    log: &'a Log<'a>,
    filter: &'a Filter,
    redactor: &'a Redactor,
    bodies: bool,
    json: bool,
    /// The run of the receipt that was shown last.
    run: Option<String>,
    /// Whether the reader was told that another policy decided than the one that redacts.
    noted: bool,
}

impl Tail<'_> {
    /// Shows one receipt if it is wanted; false where nobody reads any more.
    fn show(&mut self, index: u64) -> Result<bool, Error> {
        let record = self.log.at(index)?;
        // A new one each time: a checkpoint may have been signed since.
        let prover = Prover::new(self.log);
        let receipt = parse_body(&record.sealed.body);
        if let Ok(receipt) = &receipt
            && !self.filter.wants(receipt, self.decision(receipt)?.as_ref())
        {
            return Ok(true);
        }
        if self.json {
            let reader = Reader { log: self.log, prover: &prover, redactor: self.redactor, bodies: self.bodies };
            return Ok(write_line(&json::canonical(&reader.value(&record).0)));
        }
        match receipt {
            Ok(receipt) => Ok(write_line(self.event(&record, receipt, &prover)?.trim_end().as_bytes())),
            Err(error) => Ok(write_line(format!("receipt {index} cannot be read: {}", error.code.as_str()).as_bytes())),
        }
    }

    fn event(&mut self, record: &Record, receipt: Receipt, prover: &Prover<'_>) -> Result<String, Error> {
        let teller = Teller { log: self.log, prover, redactor: self.redactor, bodies: self.bodies };
        let mut text = String::new();
        if self.run.as_ref() != Some(&receipt.run) {
            text.push_str(&format!("Run {}  agent {}  {}\n", receipt.run, receipt.actor, words::day(receipt.iat)));
        }
        let other = receipt.policy.as_ref().is_some_and(|policy| !self.redactor.is_by(policy));
        if self.bodies && other && !std::mem::replace(&mut self.noted, true) {
            text.push_str(&format!("  NOTE    {OTHER_POLICY}\n"));
        }
        let decision = self.decision(&receipt)?;
        let event = story_text::event(&receipt, decision.as_ref(), &teller.notice(&receipt), self.redactor);
        text.push_str(&format!("  {}  {}  {event}\n", words::clock(receipt.iat), record.index));
        if let broken @ Proof::Broken(_) = prover.check(record) {
            text.push_str(&format!("      {}\n", broken.words()));
        }
        let body = match receipt.kind {
            ReceiptKind::Decision => Some("arguments"),
            ReceiptKind::Outcome => Some("result"),
            _ => None,
        };
        if let Some(what) = body.filter(|_| self.bodies) {
            let mut lines = Vec::new();
            // Writing to memory does not fail.
            let _ = story_text::body(&mut lines, what, &teller.body(&receipt, record));
            text.push_str(&String::from_utf8_lossy(&lines));
        }
        self.run = Some(receipt.run);
        Ok(text)
    }

    /// The decision that a receipt belongs to.
    fn decision(&self, receipt: &Receipt) -> Result<Option<Receipt>, Error> {
        let Some(id) = &receipt.r#ref else { return Ok(None) };
        match self.log.find(id) {
            Ok(record) => Ok(parse_body(&record.sealed.body).ok().filter(|r| r.kind == ReceiptKind::Decision)),
            Err(error) if error.code == ErrorCode::ReceiptUnknown => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn write_line(bytes: &[u8]) -> bool {
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()).is_ok()
}
