//! What the crash tests are made of: a worker that can be killed, the disk that it leaves behind, and the check of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "all of this is test code")]

mod check;
#[cfg(unix)]
mod disk;
mod home;
mod random;
mod talk;
mod worker;

pub use check::{Recovered, check, is_of_the_store};
#[cfg(unix)]
pub use disk::{Survival, Traced, rebuild};
pub use home::{Template, copy_tree, kernel_on, ports};
pub use random::Random;
pub use talk::Talk;
pub use worker::{Kill, Moment, Shim, Told, Worker};
