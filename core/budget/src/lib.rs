//! Rates and budgets: what may still be used, decided without a clock, a thread or a file
//! (`docs/spec/budget.md`).
//!
//! * [`gcra`]: how often something may happen;
//! * [`window`]: what was used in a stretch of time;
//! * [`Ledger`]: reservations over a path of budgets, all levels or none;
//! * [`Catalogue`]: what a model call costs at the most.
//!
//! All numbers are unsigned integers: calls, tokens, micro-units of a currency, milliseconds since
//! 1970. The time is an argument and may go back; that never gives anything away.
//!
//! ```
//! use talos_budget::{Answer, Cost, Ledger, Path, Request};
//! use talos_contracts::{Budget, BudgetUnit, Scope, ScopeLevel};
//!
//! let mut ledger = Ledger::default();
//! ledger.set(&Budget {
//!     scope: Scope { level: ScopeLevel::All, name: None },
//!     unit: BudgetUnit::Calls,
//!     currency: None,
//!     cap: 1,
//!     window: None,
//!     mode: None,
//!     default_cost: None,
//! })?;
//! let request = Request { id: "run/call", body: [0; 32], path: Path::default(), cost: Cost::free(), rates: &[], observed: false };
//! assert!(matches!(ledger.reserve(0, &request)?, Answer::Held(_)));
//! assert!(matches!(ledger.reserve(0, &Request { id: "run/other", ..request })?, Answer::Denied(_)));
//! # Ok::<(), talos_contracts::Error>(())
//! ```

mod account;
mod cost;
pub mod gcra;
mod ledger;
mod price;
mod terms;
pub mod window;

pub use account::Account;
pub use cost::{Actual, Cost, Figure, LEVELS, Path, RateUse, Request};
pub use gcra::Rate;
pub use ledger::{Answer, Denial, Held, Hold, HoldState, Ledger, Reservation, fullest_first};
pub use price::{Catalogue, Quote, WorstCase};
pub use terms::{Key, Span, Terms, Unit, label};

/// The largest number that every language holds exactly.
pub const MAX: u64 = (1 << 53) - 1;
