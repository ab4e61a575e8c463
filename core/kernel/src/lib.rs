//! The kernel: an [`Action`] goes in, a [`Decision`] and a single-use permit come out; the host
//! starts the permit and executes; an outcome goes in, and every step leaves a receipt
//! (`docs/spec/pipeline.md`).
//!
//! * [`ports`]: what the kernel needs of its host: clock, entropy, a store, a place for the head;
//! * [`Stage`]: one check; rooms plug in here without touching their neighbours;
//! * [`Kernel`] opens runs; a [`Run`] decides, starts, settles and releases calls;
//! * [`Log`]: checkpoints, proofs and bundles over what the runs have written.
//!
//! An error anywhere is a denial with its own code. Nothing runs if its receipt cannot be written.

mod action;
mod approvals;
mod call;
mod calls;
mod chain;
mod decide;
mod kernel;
mod log;
pub mod ports;
mod rules;
mod run;
mod spending;
mod stage;
mod standing;
mod writer;

pub use action::{Action, Counters, Decision, Reason, Settlement};
pub use approvals::{Case, Cases, REQUESTS_MAX};
pub use calls::CALLS_MAX;
pub use decide::BODY_MAX;
pub use kernel::{CLOCK_BEHIND_MS, Config, Kernel, Keys, PERMIT_MS, Ports};
pub use log::{Log, LogReport};
pub use rules::Policies;
pub use run::{Belongs, Run};
pub use stage::{Facts, Finding, REASONS_MAX, Stage};
pub use standing::Turned;
pub use writer::{Durable, Ticket};
