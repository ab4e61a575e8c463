//! The shared vectors in `vectors/text`.

#![allow(clippy::unwrap_used)]

use serde_json::Value;
use talos_text::{canonical, fold, nfc, nfkc};

fn vectors() -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/text/views.json");
    let text = std::fs::read_to_string(path).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    document["vectors"].as_array().unwrap().clone()
}

#[test]
fn every_vector_has_its_four_views() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 40);
    for vector in &vectors {
        let text = |member: &str| vector[member].as_str().unwrap();
        let (name, input) = (text("name"), text("input"));
        assert_eq!(nfc(input), text("nfc"), "nfc: {name}");
        assert_eq!(nfkc(input), text("nfkc"), "nfkc: {name}");
        assert_eq!(fold(input), text("fold"), "fold: {name}");
        assert_eq!(canonical(input), text("canonical"), "canonical: {name}");
    }
}

#[test]
fn every_view_of_a_vector_is_its_own_view() {
    for vector in &vectors() {
        let input = vector["input"].as_str().unwrap();
        for view in [nfc, nfkc, fold, canonical] {
            let once = view(input);
            assert_eq!(view(&once), once, "{input:?}");
        }
    }
}
