//! Suites (`docs/spec/session.md`, section 1).

use talos_contracts::{Error, ErrorCode};

/// What a handshake agrees by. Both use SHA-256 and ChaCha20-Poly1305.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Suite {
    /// 0x0001: X25519.
    X25519,
    /// 0x0002, the default: X25519 and ML-KEM-768.
    Hybrid,
}

impl Suite {
    /// Every suite, the default first.
    pub const ALL: &'static [Suite] = &[Suite::Hybrid, Suite::X25519];

    /// The number on the wire.
    pub fn number(self) -> u16 {
        match self {
            Suite::X25519 => 0x0001,
            Suite::Hybrid => 0x0002,
        }
    }

    /// The suite of a number, or `session.suite`.
    pub fn from_number(number: u16) -> Result<Self, Error> {
        Self::ALL
            .iter()
            .copied()
            .find(|suite| suite.number() == number)
            .ok_or_else(|| Error::new(ErrorCode::SessionSuite, format!("there is no suite {number:#06x}")))
    }
}
