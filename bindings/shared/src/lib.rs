//! The composition root: the kernel with the default adapters, and what every language makes its
//! SDK of.
//!
//! * [`sdk`]: the object model, its handles, and the generic door over all operations;
//! * [`client`]: agents that talk to others through sessions and a mailbox;
//! * [`Home`]: a directory with keys, configuration, policy and log;
//! * [`call`]: pure operations by their id, JSON in and JSON out (`docs/reference/operations.md`);
//! * [`SystemClock`], [`SystemEntropy`] and [`SystemFiles`]: the ports of an ordinary process.

mod approvals;
mod approvers;
mod budgets;
mod cedar;
pub mod client;
mod door;
mod files;
mod head;
mod home;
mod mailboxes;
mod operations;
pub mod policies;
mod requests;
pub mod sdk;
mod sessions;
mod system;

pub use approvals::{approval_damaged, missing_of};
pub use approvers::{Approvers, approver_key};
pub use cedar::{CedarFiles, tool_hash};
pub use door::{INPUT_BYTES, call, call_line};
pub use files::SystemFiles;
pub use head::HeadFile;
pub use home::{Home, KeyNames, default_directory, load_policy, load_policy_with, read_include, tools_path};
use home::{format, policy_error, random_key};
pub use requests::{Requests, has_ended, requests, state_of};

pub use system::{SystemClock, SystemEntropy};

pub use talos_approval as approval;
pub use talos_audit as audit;
pub use talos_budget as budget;
pub use talos_contracts as contracts;
pub use talos_crypto as crypto;
pub use talos_identity as identity;
pub use talos_kernel as kernel;
pub use talos_mailbox as mailbox;
pub use talos_notify as notify;
pub use talos_policy as policy;
pub use talos_policy_cedar as policy_cedar;
pub use talos_session as session;
pub use talos_sqlite::SqliteMailbox;
pub use talos_verify as verify;
