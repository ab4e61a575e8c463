//! The manifest of the contracts: what a peer compares first.

use crate::load::Sources;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// Base64url of the SHA-256 of the canonical JSON {path: hash of the file's canonical content}.
pub fn hash(sources: &Sources) -> Result<String, String> {
    let mut manifest = Map::new();
    let files = sources.schemas.iter().chain(&sources.operations).chain([&sources.errors, &sources.exceptions]);
    for source in files {
        manifest.insert(source.path.clone(), Value::from(hash_of(&source.value)?));
    }
    hash_of(&Value::Object(manifest))
}

fn hash_of(value: &Value) -> Result<String, String> {
    let canonical = serde_json_canonicalizer::to_vec(value).map_err(|e| e.to_string())?;
    Ok(URL_SAFE_NO_PAD.encode(Sha256::digest(canonical)))
}
