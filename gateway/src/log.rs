//! `talos log`: what was logged, and proofs of it.

use crate::output::{INVALID, Output, exit_code, read_named};
use crate::redact::Redactor;
use crate::{export, show, story_text, words};
use clap::Subcommand;
use std::fs;
use std::path::{Path, PathBuf};
use talos_shared::Home;
use talos_shared::audit::bundle::BUNDLE_BYTES;
use talos_shared::contracts::json::{self, Profile, Value};
use talos_shared::contracts::scalar::{B64, Hash};
use talos_shared::contracts::{Error, ErrorCode};
use talos_shared::kernel::Log;
use talos_shared::kernel::ports::{Record, Store};
use talos_shared::verify::{self, Trust, is_untrusted};

#[derive(Subcommand)]
pub enum Command {
    /// Tell what was logged, run by run: who, what, verdict, why, cost, approval, outcome, proof.
    Show(Box<show::Command>),
    /// Write what was logged to one file: a page for people, or JSON, a receipt a line.
    Export(Box<export::Command>),
    /// Write the bundle that proves a receipt to a stranger.
    Prove {
        /// The receipt's id.
        #[arg(value_name = "RECEIPT_ID", required_unless_present_any = ["index", "last"])]
        id: Option<String>,
        /// The receipt at this index.
        #[arg(long, value_name = "N", conflicts_with = "id")]
        index: Option<u64>,
        /// The newest receipt.
        #[arg(long, conflicts_with_all = ["id", "index"])]
        last: bool,
        /// Where to write it [default: standard output].
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Disclose the arguments or the result that the receipt commits to.
        #[arg(long)]
        disclose: bool,
    },
    /// Verify a bundle with the trust that you give, or the whole log of the directory.
    Verify {
        /// The bundle; without it the directory's own log is verified from leaf 0.
        bundle: Option<PathBuf>,
        /// The verifier key of a log that you trust. May be repeated.
        #[arg(long = "log-key", value_name = "VKEY", requires = "bundle")]
        log_keys: Vec<String>,
        /// The DID of an issuer that you trust. May be repeated.
        #[arg(long = "issuer", value_name = "DID", requires = "bundle")]
        issuers: Vec<String>,
    },
    /// Sign and print a checkpoint of the log as it is now.
    Checkpoint,
}

pub fn run(command: Command, directory: impl Fn() -> Result<PathBuf, Error>, output: &Output) -> Result<i32, Error> {
    match command {
        Command::Verify { bundle: Some(bundle), log_keys, issuers } => {
            verify_bundle(&bundle, &Trust::parse(&log_keys, &issuers)?, output)
        }
        Command::Verify { bundle: None, .. } => with_log(&directory()?, |log, _| verify_log(log, output)),
        Command::Show(command) => show::run(&command, &directory()?, output),
        Command::Export(command) => export::run(&command, &directory()?, output),
        Command::Prove { id, index, last, out, disclose } => with_log(&directory()?, |log, store| {
            let record = choose(log, store, id.as_deref(), index, last)?;
            prove(log, &record, out.as_deref(), disclose, output)
        }),
        Command::Checkpoint => with_log(&directory()?, |log, _| {
            let note = log.checkpoint()?;
            output.print(&note, || Value::object([("checkpoint", Value::from(note.as_str()))]));
            Ok(0)
        }),
    }
}

fn with_log(directory: &Path, work: impl FnOnce(&Log<'_>, &dyn Store) -> Result<i32, Error>) -> Result<i32, Error> {
    let home = Home::open(directory)?;
    let (store, heads, keys) = (home.store_to_read()?, home.heads(), home.keys()?);
    work(&Log::new(&store, &heads, &keys, &home.configuration().origin), &store)
}

fn choose(log: &Log<'_>, store: &dyn Store, id: Option<&str>, index: Option<u64>, last: bool) -> Result<Record, Error> {
    if let Some(index) = index {
        return log.at(index);
    }
    if last {
        let size = store.frontier()?.size();
        let newest = size.checked_sub(1).ok_or_else(|| Error::new(ErrorCode::ReceiptUnknown, "the log is empty"))?;
        return log.at(newest);
    }
    let id: Hash = id
        .and_then(B64::from_b64)
        .ok_or_else(|| Error::new(ErrorCode::MalformedBase64, "a receipt id is 43 characters of base64url"))?;
    log.find(&id)
}

fn prove(log: &Log<'_>, record: &Record, out: Option<&Path>, disclose: bool, output: &Output) -> Result<i32, Error> {
    let bundle = log.bundle(record, disclose)?;
    let Some(path) = out else {
        let value = json::parse(&bundle, Profile::Data)?;
        output.print(&String::from_utf8_lossy(&bundle), || value);
        return Ok(0);
    };
    fs::write(path, &bundle).map_err(|e| Error::new(ErrorCode::StoreIo, format!("{}: {e}", path.display())))?;
    let text =
        format!("{}: receipt {}, index {}, {} bytes", path.display(), record.sealed.id, record.index, bundle.len());
    output.print(&text, || {
        Value::object([
            ("file", Value::from(path.display().to_string())),
            ("receipt_id", Value::from(record.sealed.id.to_b64())),
            ("index", words::number(record.index)),
        ])
    });
    Ok(0)
}

fn verify_bundle(path: &Path, trust: &Trust, output: &Output) -> Result<i32, Error> {
    let bytes = read_named(path, BUNDLE_BYTES)?;
    match verify::bundle(&bytes, trust) {
        Ok(verified) => {
            let text = format!(
                "valid: {}\nreceipt {}\nindex {} of {} in {}",
                story_text::line(&verified.receipt, &Redactor::none()),
                verified.receipt_id,
                verified.index,
                verified.checkpoint.size,
                verified.checkpoint.origin
            );
            output.print(&text, || {
                Value::object([
                    ("valid", Value::from(true)),
                    ("trusted", Value::from(true)),
                    ("receipt_id", Value::from(verified.receipt_id.to_b64())),
                    ("index", words::number(verified.index)),
                    ("size", words::number(verified.checkpoint.size)),
                ])
            });
            Ok(0)
        }
        Err(error) => {
            let word = if is_untrusted(error.code) { "untrusted" } else { "invalid" };
            output.print(&format!("{word}: {error}\n  {}", error.code.help()), || {
                let mut members = vec![("valid", Value::from(false)), ("reason", Value::from(error.code.as_str()))];
                if is_untrusted(error.code) {
                    members.push(("trusted", Value::from(false)));
                }
                Value::object(members)
            });
            Ok(i32::from(if is_untrusted(error.code) { exit_code(error.code) } else { INVALID }))
        }
    }
}

fn verify_log(log: &Log<'_>, output: &Output) -> Result<i32, Error> {
    let report = log.verify()?;
    let summary = &report.summary;
    let mut text = format!(
        "valid: {} receipts in {} chains, {} of them closed\nroot {}",
        report.size, summary.chains, summary.closed, report.root
    );
    for open in &summary.open {
        text.push_str(&format!("\nopen: call {} of run {} has no outcome yet", open.call, open.run));
    }
    output.print(&text, || {
        Value::object([
            ("valid", Value::from(true)),
            ("size", words::number(report.size)),
            ("root", Value::from(report.root.to_b64())),
            ("chains", words::number(summary.chains)),
            ("closed", words::number(summary.closed)),
            ("open", Value::from(summary.open.iter().map(|o| Value::from(o.call.as_str())).collect::<Vec<_>>())),
        ])
    });
    Ok(0)
}
