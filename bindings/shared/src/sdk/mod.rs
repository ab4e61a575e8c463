//! The object model that every language wraps: what a host does with a kernel, without a language.
//!
//! * [`Kernel`]: an open kernel, on a directory or in memory; opens runs and proves receipts;
//! * [`Run`]: decides, authorises and begins actions;
//! * [`Permit`]: starts, settles and releases one call; dropped, it leaves the call in no doubt;
//! * [`Soon`]: an answer that may have to wait for the disk: block on it, or be called back;
//! * [`Door`]: all operations by their id, for languages without classes of their own here;
//! * [`http`]: what stands before the routes of an HTTP application;
//! * [`Data`]: a host's value on its way to JSON, under the limits of talos-data.
//!
//! A denial is a value and an error is an [`Error`](talos_contracts::Error). A panic anywhere below poisons the kernel:
//! every later call fails with `kernel.poisoned`. A kernel belongs to the process that opened it: after a
//! fork the child gets `kernel.forked`, and dropping its copies touches neither log nor threads.
//!
//! ```
//! use talos_shared::contracts::{KernelOpenInput, Outcome, OutcomeStatus, RunOpenInput};
//! use talos_shared::sdk::{Begun, Kernel, Run};
//!
//! let policy = "id: demo\nallowed_tools: [{name: read_file, effect: read}]\n".to_owned();
//! let kernel = Kernel::open(&KernelOpenInput { memory: Some(true), policy: Some(policy), ..Default::default() })?;
//! let run = kernel.open_run(&RunOpenInput::default())?;
//! match run.begin(Run::tool_call("read_file"))?.wait()? {
//!     Begun::Started(started) => {
//!         // The host executes here.
//!         let outcome = Outcome { status: OutcomeStatus::Ok, result: None, tokens: None, amount: None, confidence_bp: None, session: None };
//!         started.permit.settle(&outcome)?.wait()?;
//!     }
//!     Begun::Denied(decision) => panic!("{:?}", decision.reasons),
//! }
//! # Ok::<(), talos_shared::contracts::Error>(())
//! ```

mod approvals;
mod data;
mod door;
mod guard;
pub mod http;
mod kernel;
mod permit;
mod run;
mod soon;

pub use data::Data;
pub use door::Door;
pub use kernel::Kernel;
pub(crate) use kernel::lock;
pub use permit::Permit;
pub use run::{Asked, Begun, Run, Started};
pub use soon::{Later, Soon};

/// What a native part and the package around it must share beside the contracts: the shape of the
/// functions between them. Grows with every change of them.
pub const ABI: u32 = 2;
