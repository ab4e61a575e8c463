//! `talos mcp` between a client and a scripted server that writes down what reaches it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod actions;
mod approvals;
mod cedar;
mod first_run;
mod messages;
mod passing;
mod process;
mod reload;
mod session;
mod who;
