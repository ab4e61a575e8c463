//! An agent that talks to others: its sessions with what waits on both sides of them (`docs/spec/client.md`).
//!
//! Nothing here knows a network or a clock. A [`Client`] is one agent's: it publishes, begins sessions, seals what its host
//! says, opens what the host carries to it, and loses neither. Whatever it releases lies in a [`Store`] before:
//!
//! * a frame goes out only once it, and the state that can make no other of its number, are durable;
//! * a message is given out only once it, and the state that has opened it, are durable, and it is given out once;
//! * what was given out is kept until the host asks for more, so that a host that ended meanwhile can ask for it.
//!
//! [`payload`] is what a message of a session holds.

mod client;
mod delivery;
mod error;
mod kept;
pub mod payload;
mod queue;
mod records;
mod store;
mod types;

#[cfg(test)]
mod tests;

pub use client::Client;
pub use kept::{Known, Opening};
pub use store::{Lifetime, MemoryStore, Store, Stored, Write};
pub use types::{Arrival, Arrived, Message, Outgoing, Sent, Settings, Waits};
