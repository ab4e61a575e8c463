//! Strict JSON: `docs/spec/canonical-json.md`.

use talos_contracts::json::{self, Kind, Profile, Value};

/// Whatever a profile accepts has one canonical form, and stricter profiles agree with laxer ones.
pub fn target(data: &[u8]) {
    let talos = check(data, Profile::Talos);
    let plain = check(data, Profile::Data);
    let lax = check(data, Profile::Rfc8785);
    if talos.is_some() {
        assert!(talos == plain, "talos-data differs from talos-json");
    }
    if let Some(value) = &plain {
        assert!(plain == lax, "RFC 8785 differs from talos-data");
        let theirs: Result<serde_json::Value, _> = serde_json::from_slice(data);
        assert!(theirs.is_ok(), "another parser refuses");
        let theirs = theirs.unwrap_or_default();
        assert!(same(value, &theirs), "another parser reads another value");
        let written = serde_json_canonicalizer::to_vec(&theirs).unwrap_or_default();
        assert!(written == json::canonical(value), "another writer writes other bytes");
    }
}

fn check(data: &[u8], profile: Profile) -> Option<Value> {
    let value = match json::parse(data, profile) {
        Ok(value) => value,
        Err(error) => {
            let span = error.span.unwrap_or_default();
            assert!(span.start <= span.end && span.end as usize <= data.len(), "an error outside the text");
            return None;
        }
    };
    let canonical = json::canonical(&value);
    let again = json::parse_canonical(&canonical, profile, profile.limits());
    // Escapes and exponents may grow beyond what a profile takes; nothing else may be refused.
    if canonical.len() <= profile.limits().bytes {
        assert!(again.is_ok_and(|again| equal(&again, &value)), "the canonical form does not read back");
    }
    check_spans(data, &value, profile);
    Some(value)
}

/// Each part of the outermost container is what its span says.
fn check_spans(data: &[u8], value: &Value, profile: Profile) {
    let parts: Vec<&Value> = match &value.kind {
        Kind::Array(items) => items.iter().collect(),
        Kind::Object(members) => members.iter().map(|member| &member.value).collect(),
        _ => Vec::new(),
    };
    for part in parts {
        let cut = data.get(part.span.start as usize..part.span.end as usize).unwrap_or_default();
        assert!(json::parse(cut, profile).is_ok_and(|again| again == *part), "a span does not hold its value");
    }
}

/// Equality of JSON values: the order of members does not count.
fn equal(a: &Value, b: &Value) -> bool {
    match (&a.kind, &b.kind) {
        (Kind::Array(a), Kind::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Kind::Object(a), Kind::Object(names)) => {
            a.len() == names.len() && a.iter().all(|m| b.get(&m.name).is_some_and(|value| equal(&m.value, value)))
        }
        _ => a == b,
    }
}

/// Compares all but the values of numbers, which the two round in their own ways.
fn same(ours: &Value, theirs: &serde_json::Value) -> bool {
    use serde_json::Value as Their;
    match (&ours.kind, theirs) {
        (Kind::Null, Their::Null) | (Kind::Integer(_) | Kind::Float(_), Their::Number(_)) => true,
        (Kind::Bool(a), Their::Bool(b)) => a == b,
        (Kind::String(a), Their::String(b)) => a == b,
        (Kind::Array(a), Their::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Kind::Object(a), Their::Object(b)) => {
            a.len() == b.len() && a.iter().all(|m| b.get(&m.name).is_some_and(|theirs| same(&m.value, theirs)))
        }
        _ => false,
    }
}
