//! `talos mailbox`: what agents publish, and frames that wait for them (`docs/spec/mailbox.md`).

mod answer;
mod bells;
mod body;
mod desk;
mod http;
mod listen;
mod serve;
mod socket;
mod status;
mod writer;

use crate::output::Output;
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};
use talos_shared::contracts::{Error, ErrorCode};

#[derive(Subcommand)]
pub enum Command {
    /// Serve a mailbox over HTTP, until SIGTERM or SIGINT.
    #[command(after_help = SERVE_HELP)]
    Serve(Box<serve::Options>),
    /// Show what a mailbox keeps, and which agents have to publish one-time keys. It may be served at the same time.
    Status {
        #[command(flatten)]
        place: Place,
        /// Below so many one-time keys an agent is low.
        #[arg(long, value_name = "KEYS", default_value_t = talos_shared::mailbox::Limits::default().low_water)]
        low_water: u64,
    },
}

const SERVE_HELP: &str = "A mailbox learns who posts to whom, when and how much; it can read no frame. It speaks no TLS: put a reverse proxy before it,
and name the address that agents use with --url. Sizes are in bytes.

Examples:
  talos mailbox serve --open
  talos mailbox serve --url https://mailbox.example --allow did:key:z6Mk... --allow did:key:z6Mk...";

/// Where a mailbox is.
#[derive(Args)]
pub struct Place {
    /// The directory of what is kept [default: mailbox in the directory].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl Place {
    fn directory(self, home: impl FnOnce() -> Result<PathBuf, Error>) -> Result<PathBuf, Error> {
        self.data.map_or_else(|| Ok(home()?.join("mailbox")), Ok)
    }
}

pub fn run(command: Command, home: impl FnOnce() -> Result<PathBuf, Error>, output: &Output) -> Result<i32, Error> {
    match command {
        Command::Serve(options) => serve::run(*options, home, output),
        Command::Status { place, low_water } => status::run(&place.directory(home)?, low_water, output),
    }
}

/// A directory that cannot be used, or is not there.
fn unusable(directory: &Path, why: &dyn std::fmt::Display) -> Error {
    Error::new(ErrorCode::InputUnreadable, format!("{}: {why}", directory.display()))
}
