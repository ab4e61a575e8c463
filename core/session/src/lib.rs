//! End-to-end encrypted sessions between two agents: `talos/session/1` (`docs/spec/session.md`).
//!
//! A handshake from keys that the other side has published, then a Double Ratchet. Nothing here knows a network, a file or a
//! clock: bytes, time in milliseconds and randomness are arguments.
//!
//! * [`Agent`]: an agent with all of its sessions. It publishes prekeys, begins and accepts sessions, seals and receives;
//! * [`Step`]: what each of these gives: writes that have to be durable, and then, by [`Step::commit`], what may go out or be
//!   read. Bytes that are refused change nothing, and nothing is released that a crash could take back;
//! * [`published`]: statements, bundles and one-time keys; unverified and verified ones are different types;
//! * [`Session`]: what an agent says of one of its sessions;
//! * [`Frame`], [`Container`]: what travels, parsed and not yet authenticated;
//! * [`opening`]: what an auditor checks when a message is disclosed;
//! * [`state`]: what a store keeps, and how it is encrypted; [`limits`]: every limit.
//!
//! Keys, root keys, chain keys, message keys, plaintexts and everything that holds them neither print nor are cloned, and
//! are erased when dropped, but for copies on the stack: what is moved leaves the bytes where it was.
//!
//! ```
//! use talos_crypto::SigningKey;
//! use talos_identity::Did;
//! use talos_session::published::{self, Validity, sign_static_key};
//! use talos_session::{Agent, Begin, BundleTerms, OurKey, Rules, Suite};
//!
//! # let mut next = 0u8;
//! # let mut entropy = move |out: &mut [u8]| { out.fill_with(|| { next = next.wrapping_mul(5).wrapping_add(113); next }); Ok(()) };
//! let now = 1_763_625_600_000;
//! let validity = Validity { iat: now, exp: now + 7 * 24 * 3_600_000 };
//! let mut agent = |seed: u8, entropy: &mut dyn talos_session::Entropy| -> Result<Agent, talos_contracts::Error> {
//!     let sign = SigningKey::from_seed(&[seed; 32]);
//!     let agree = OurKey::draw(entropy)?;
//!     let statement = sign_static_key(&sign, &agree, validity)?;
//!     Agent::new(Did::of(&sign.verifying_key()), agree, &statement, Rules::default())
//! };
//! let (mut alice, mut bob) = (agent(1, &mut entropy)?, agent(2, &mut entropy)?);
//!
//! // Bob publishes a bundle; its private keys are stored before.
//! let terms = BundleTerms { suites: Suite::ALL, spk_id: "spk-1", pq_id: "pq-1", validity };
//! let step = bob.make_bundle(&SigningKey::from_seed(&[2; 32]), terms, &mut entropy)?;
//! assert_eq!(step.changes().len(), 1); // for the store, before the commit
//! let bundle = published::verify_bundle(&step.commit(), bob.did(), now)?;
//!
//! // Alice begins a session and seals a message while Bob is away.
//! let begin = Begin { bundle: &bundle, one_time_key: None, heals: None };
//! let sid = alice.begin(begin, now, &mut entropy)?.commit().sid;
//! let sealed = alice.seal(&sid, b"hello", now, &mut entropy)?.commit();
//!
//! let received = bob.receive(&sealed.bytes, now).map_err(|refused| refused.error)?.commit();
//! assert_eq!(received.data(), Some(&b"hello"[..]));
//! # Ok::<(), talos_contracts::Error>(())
//! ```

mod accept;
mod aead;
mod agent;
pub mod codec;
mod container;
mod error;
mod frame;
mod handshake;
mod kdf;
mod keys;
pub mod limits;
pub mod opening;
mod prekeys;
pub mod published;
mod random;
mod ratchet;
mod records;
mod session;
pub mod state;
mod step;
mod suite;

#[cfg(test)]
mod tests;

pub use accept::{Begin, Cause, Healing};
pub use agent::{Accepted, Agent, Begun, Due, Known, Received, Rules};
pub use container::{Container, is_container};
pub use error::{Fork, Refused};
pub use frame::{Frame, Header, Kind, frame_hash};
pub use kdf::MessageKey;
pub use keys::{KEM_CIPHERTEXT_BYTES, KEM_KEY_BYTES, OurKem, OurKey, Secret, Sid, TheirKem, TheirKey};
pub use prekeys::{BundleTerms, OneTimeTerms};
pub use random::{Entropy, Given};
pub use session::{Content, Opened, Sealed, Session};
pub use step::Step;
pub use suite::Suite;
