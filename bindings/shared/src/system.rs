//! The ports of an ordinary process.

use std::time::{Instant, SystemTime, UNIX_EPOCH};
use talos_contracts::{Error, ErrorCode};
use talos_kernel::ports::{Clock, Entropy};

/// The clocks of the operating system.
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        SystemClock { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn wall_ms(&self) -> Result<u64, Error> {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_err(|_| Error::new(ErrorCode::InternalFault, "the clock is before 1970"))?;
        u64::try_from(since.as_millis()).map_err(|_| Error::new(ErrorCode::InternalFault, "the clock is out of range"))
    }

    fn monotonic_ms(&self) -> Result<u64, Error> {
        Ok(u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX))
    }
}

/// The random source of the operating system.
#[derive(Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, out: &mut [u8]) -> Result<(), Error> {
        getrandom::fill(out).map_err(|e| Error::new(ErrorCode::InternalFault, format!("no randomness: {e}")))
    }
}
