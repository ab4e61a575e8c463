//! Fuzz targets: each is a plain function over bytes that asserts what must hold for all of them.
//!
//! The functions need no fuzzer. `fuzz_targets/` hands them to libFuzzer, `tests/fuzz-replay` calls
//! them with the kept corpus on a stable compiler. A violated invariant panics.

pub mod approval;
pub mod arguments;
pub mod bundle;
pub mod checkpoint;
pub mod envelope;
pub mod jsonrpc;
mod known;
mod mcp;
pub mod parser;
pub mod policy;
pub mod session_container;
pub mod session_frame;
pub mod session_published;
pub mod session_state;
pub mod session_world;

/// One target: bytes in, a panic if an invariant does not hold.
pub type Target = fn(&[u8]);

/// The targets by the name of their corpus.
pub const TARGETS: &[(&str, Target)] = &[
    ("approval", approval::target),
    ("arguments", arguments::target),
    ("bundle", bundle::target),
    ("checkpoint", checkpoint::target),
    ("envelope", envelope::target),
    ("jsonrpc", jsonrpc::target),
    ("parser", parser::target),
    ("policy", policy::target),
    ("session_container", session_container::target),
    ("session_frame", session_frame::target),
    ("session_published", session_published::target),
    ("session_state", session_state::target),
];
