//! A mailbox: what agents publish, and frames that wait for them (`docs/spec/mailbox.md`).
//!
//! Nothing here knows a network, a file or a clock: bytes and time in milliseconds are arguments, and what is kept is behind a
//! port. A mailbox reads envelopes that are published, and no frame.
//!
//! * [`request`]: signs and verifies who makes an HTTP request;
//! * [`Gate`]: lets a verified request in: who may, how often, and each once;
//! * [`Service`]: what is published, given, queued and erased, and within which limits;
//! * [`store`]: the port to what is kept.
//!
//! ```
//! use talos_contracts::MailboxMethod;
//! use talos_contracts::scalar::B64;
//! use talos_crypto::SigningKey;
//! use talos_mailbox::request::{self, Asked};
//!
//! let (mailbox, path, now) = ("https://mailbox.example", "/v1/frames?after=0", 1_763_625_600_000);
//! let key = SigningKey::from_seed(&[1; 32]);
//! let header = request::sign(&key, mailbox, MailboxMethod::Get, path, b"", now, B64([7; 16]))?;
//! let signed = request::verify(&header, Asked { mailbox, method: MailboxMethod::Get, path }, now)?;
//! signed.check_body(b"")?;
//! assert_eq!(signed.agent().key(), &key.verifying_key());
//! # Ok::<(), talos_contracts::Error>(())
//! ```

mod gate;
pub mod limits;
pub mod request;
mod service;
pub mod store;

pub use gate::{Gate, Rules};
pub use limits::Limits;
pub use service::{Given, Keys, Service, check_frame, read_bundle, read_keys};
