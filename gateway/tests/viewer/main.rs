//! `talos log show` and `talos log export` over real logs that a kernel has written.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod export;
mod follow;
mod kinds;
mod place;
mod show;
mod tampered;
