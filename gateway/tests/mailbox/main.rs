//! `talos mailbox serve`, by real requests to the real program (`docs/spec/mailbox.md`).

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
#![cfg(unix)]

mod clients;
mod commands;
mod durable;
mod frames;
mod limits;
mod place;
mod published;
mod requests;
mod socket;
