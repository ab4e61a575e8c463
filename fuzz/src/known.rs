//! The keys and values of the worked example (`docs/spec/worked-example.md`): the only genuine
//! evidence that a fuzzer has, since it cannot forge a signature.

use talos_audit::checkpoint::{Checkpoint, LogKey};
use talos_contracts::scalar::Hash;
use talos_crypto::SigningKey;
use talos_identity::Did;
use talos_verify::Trust;

/// The name of the log.
pub const ORIGIN: &str = "talos.example/log1";
/// The ids of the three receipts.
const IDS: [&str; 3] = [
    "Mg2MLPjfMr4ELgNJgpkq_LqKsFdTZXRgtpgXz_dRd2Q",
    "qJox4HRrNh9vCrzGhKUceNXrSSY2BTfCXwYS_6wiv1A",
    "kKXj-B3a19Ukri8xoIjvq_H3F-ew46XGg8mq_abZ-nU",
];
/// The root over them.
const ROOT: &str = "Bijl9PzERLOp1h-5oqrbYrlJzToIzTAiQ9EQgGMYtvQ";

/// Signs receipts.
pub fn sign_key() -> SigningKey {
    SigningKey::from_seed(&[1; 32])
}

/// Signs checkpoints.
pub fn log_key() -> SigningKey {
    SigningKey::from_seed(&[2; 32])
}

/// The issuer of the receipts.
pub fn issuer() -> Did {
    Did::of(&sign_key().verifying_key())
}

/// Trust in the log and the issuer.
pub fn trust() -> Trust {
    let log_keys = LogKey::new(ORIGIN, log_key().verifying_key()).into_iter().collect();
    Trust { log_keys, issuers: vec![issuer()] }
}

/// Whether a receipt of the worked example has this id.
pub fn is_known_receipt(id: &Hash) -> bool {
    IDS.contains(&id.to_b64().as_str())
}

/// Whether this is the checkpoint of the worked example.
pub fn is_known_checkpoint(checkpoint: &Checkpoint) -> bool {
    checkpoint.origin == ORIGIN && checkpoint.size == 3 && checkpoint.root.to_b64() == ROOT
}
