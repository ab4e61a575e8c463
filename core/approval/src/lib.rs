//! Approvals: what people are asked, what they answer, and what that comes to (`docs/spec/approval.md`).
//!
//! * [`request`]: a request is sealed by the kernel that asks, and verified before anything else is done with it;
//! * [`grant`]: an answer, by the key that the request names for a person, or by the kernel for a one-time code;
//! * [`state`]: quorum, denial and expiry;
//! * [`code`]: one-time codes, bound to a request and a person;
//! * [`render`]: what would run, as people are shown it.
//!
//! [`VerifiedRequest`] and [`VerifiedGrant`] are made by verification alone, so that forgetting to verify does not compile.
//! Nothing here is redeemed: that an approval runs one action, once, is for the kernel and its store to hold.

pub mod code;
mod diff;
mod envelope;
pub mod grant;
pub mod render;
pub mod request;
pub mod state;
mod text;

pub use grant::{Answer, Channel, VerifiedGrant};
pub use request::{About, Sealed, VerifiedRequest};
pub use state::{Missing, State, evaluate};
