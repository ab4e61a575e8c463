//! Evidence: receipts, the Merkle log, checkpoints and proofs.
//!
//! * [`receipt`]: commitments, receipt ids, signing (`docs/spec/receipt.md`);
//! * [`tree`]: the RFC 6962 tree: append, prove, verify (`docs/spec/log.md`);
//! * [`checkpoint`]: C2SP signed notes over (origin, size, root);
//! * [`proof`]: the text that carries an inclusion proof and its checkpoint;
//! * [`chain`]: what a reader can recompute from the receipts of a run;
//! * [`bundle`]: one receipt with its proof, for a stranger (`docs/spec/bundle.md`).
//!
//! Nothing here decides whom to trust; see the crate `talos-verify`.

pub mod bundle;
pub mod chain;
pub mod checkpoint;
pub mod proof;
pub mod receipt;
pub mod tree;
