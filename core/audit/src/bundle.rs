//! The proof bundle: one receipt and all that a stranger needs, except trust.

use talos_contracts::json::{self, DATA_DEPTH, Limits, Profile};
use talos_contracts::{Bundle, Error, ErrorCode};

/// Bytes of a bundle: a receipt, a proof, and two bodies of 16 MiB at the most.
pub const BUNDLE_BYTES: usize = 32 * 1024 * 1024;

/// Parses the canonical text of a bundle. Nothing in it is verified.
pub fn parse(text: &[u8]) -> Result<Bundle, Error> {
    let value = json::parse_canonical(text, Profile::Data, Limits { depth: DATA_DEPTH, bytes: BUNDLE_BYTES })?;
    if value.as_object().is_none() {
        return Err(Error::new(ErrorCode::BundleMalformed, "a bundle is an object"));
    }
    Bundle::read(&value)
}

/// The canonical text of a bundle.
pub fn write(bundle: &Bundle) -> Vec<u8> {
    let mut out = Vec::with_capacity(4096);
    bundle.write(&mut out);
    out
}
