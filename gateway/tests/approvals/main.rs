//! `talos approvals` over a directory in which a kernel asks.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
#![cfg(unix)]

mod broken;
mod notices;
mod place;
mod respond;
mod watch;
