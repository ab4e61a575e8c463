//! Random instances of a schema of the strict profile.

use super::Random;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use talos_codegen::load::Sources;
use talos_contracts::ErrorCode;
use talos_contracts::scalar::{encode_b64url, encode_base64};

const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const CHARACTERS: &[char] = &[
    'a',
    'Z',
    '0',
    ' ',
    '"',
    '\\',
    '/',
    '\u{1}',
    '\u{8}',
    '\n',
    '\u{1f}',
    '\u{7f}',
    '\u{e9}',
    '\u{2028}',
    '\u{e000}',
    '\u{ffff}',
    '\u{10000}',
    '\u{1f600}',
];

/// Follows references until there is none; the schema, and the contract that it stands in.
pub fn resolve<'a>(sources: &'a Sources, schema: &'a Value, home: &str) -> (&'a Value, String) {
    let Some(reference) = schema.get("$ref").and_then(Value::as_str) else {
        return (schema, home.to_owned());
    };
    let (id, pointer) = reference.split_once('#').unwrap_or((reference, ""));
    let home = if id.is_empty() { home } else { id.split(':').nth(3).unwrap() };
    let source = sources.schemas.iter().find(|source| source.name == home).unwrap();
    resolve(sources, source.value.pointer(pointer).unwrap(), home)
}

/// An instance that the schema and the reader accept. Optional constants are left out, as the writers leave them out.
pub fn instance(sources: &Sources, schema: &Value, home: &str, random: &mut Random) -> Value {
    let (schema, home) = resolve(sources, schema, home);
    if let Some(rust) = schema.get("x-rust").and_then(Value::as_str) {
        return foreign(rust, schema, random);
    }
    if let Some(check) = schema.get("x-check").and_then(Value::as_str) {
        return Value::from(checked(check, random));
    }
    if let Some(constant) = schema.get("const") {
        return constant.clone();
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        return random.pick(words).clone();
    }
    if let Some(alternatives) = schema.get("oneOf").and_then(Value::as_array) {
        return instance(sources, random.pick(alternatives), &home, random);
    }
    match schema["type"].as_str().unwrap() {
        "object" => object(sources, schema, &home, random),
        "array" => {
            let (min, max) = (bound(schema, "minItems"), bound(schema, "maxItems"));
            let len = min + random.below((max - min).min(3) + 1);
            (0..len).map(|_| instance(sources, &schema["items"], &home, random)).collect()
        }
        "integer" => {
            let (min, max) = (schema["minimum"].as_i64().unwrap(), schema["maximum"].as_i64().unwrap());
            let between = min + random.below((max - min) as u64 + 1) as i64;
            Value::from(*random.pick(&[min, max, between]))
        }
        "boolean" => Value::from(random.chance(2)),
        _ => Value::from(string(bound(schema, "minLength"), bound(schema, "maxLength"), random)),
    }
}

fn object(sources: &Sources, schema: &Value, home: &str, random: &mut Random) -> Value {
    let required: BTreeSet<&str> = strings(schema.get("required"));
    let mut members = Map::new();
    for (name, member) in schema["properties"].as_object().unwrap() {
        let is_required = required.contains(name.as_str());
        if is_required || (member.get("const").is_none() && random.chance(2)) {
            members.insert(name.clone(), instance(sources, member, home, random));
        }
    }
    if let Some(variants) = schema.get("x-variants") {
        let kind = members[variants["discriminator"].as_str().unwrap()].as_str().unwrap().to_owned();
        fit_variant(sources, schema, home, &kind, &mut members, random);
    }
    Value::Object(members)
}

/// Takes away what the variant forbids and adds what it requires.
fn fit_variant(
    sources: &Sources,
    schema: &Value,
    home: &str,
    kind: &str,
    members: &mut Map<String, Value>,
    random: &mut Random,
) {
    let variants = &schema["x-variants"]["variants"];
    let needed = strings(variants[kind].get("required"));
    let allowed = strings(variants[kind].get("optional"));
    let rows = variants.as_object().unwrap().values();
    let governed: BTreeSet<&str> =
        rows.flat_map(|row| strings(row.get("required")).into_iter().chain(strings(row.get("optional")))).collect();
    members.retain(|name, _| {
        let name = name.as_str();
        !governed.contains(name) || needed.contains(name) || allowed.contains(name)
    });
    for name in needed {
        if !members.contains_key(name) {
            let value = instance(sources, &schema["properties"][name], home, random);
            members.insert(name.to_owned(), value);
        }
    }
}

fn strings(list: Option<&Value>) -> BTreeSet<&str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

pub fn bound(schema: &Value, name: &str) -> u64 {
    schema.get(name).and_then(Value::as_u64).unwrap_or_default()
}

fn foreign(rust: &str, schema: &Value, random: &mut Random) -> Value {
    let some = random.below(50) as usize;
    match rust {
        "Hash" | "Seed" => Value::from(encode_b64url(&random.bytes(32))),
        "Salt" => Value::from(encode_b64url(&random.bytes(16))),
        "Signature" => Value::from(encode_b64url(&random.bytes(64))),
        "KemKey" => Value::from(encode_b64url(&random.bytes(1184))),
        "Bytes" => Value::from(encode_b64url(&random.bytes(some))),
        "Base64" => Value::from(encode_base64(&random.bytes(some))),
        "ErrorCode" => Value::from(random.pick(ErrorCode::ALL).as_str()),
        // Counts that JSON holds exactly are written as integers, others as digits.
        "Size" => match random.next() >> random.below(64) {
            size if size < 1 << 53 => Value::from(size),
            size => Value::from(size.to_string()),
        },
        "Value" if schema.get("type").is_some() => {
            (0..random.below(4)).map(|_| (string(0, 8, random), any(2, random))).collect::<Map<_, _>>().into()
        }
        "Value" => any(3, random),
        other => panic!("no instances of {other}"),
    }
}

fn any(depth: u64, random: &mut Random) -> Value {
    match random.below(if depth == 0 { 6 } else { 8 }) {
        0 => Value::Null,
        1 => Value::from(random.chance(2)),
        2 => Value::from(random.below(1 << 53) as i64 - (1 << 52)),
        3 => json!(*random.pick(&[0.5, -1.25, 1e-7, 1e21, 123_456.789])),
        4 | 5 => Value::from(string(0, 12, random)),
        6 => (0..random.below(4)).map(|_| any(depth - 1, random)).collect(),
        _ => (0..random.below(4)).map(|_| (string(0, 4, random), any(depth - 1, random))).collect::<Map<_, _>>().into(),
    }
}

fn checked(check: &str, random: &mut Random) -> String {
    let mut of = |alphabet: &[u8], min: u64, max: u64| -> String {
        let len = min + random.below(max - min + 1);
        (0..len).map(|_| char::from(*random.pick(alphabet))).collect()
    };
    match check {
        "is_uuid" => [8, 4, 4, 4, 12].map(|len| of(b"0123456789abcdef", len, len)).join("-"),
        "is_did_key" => format!("did:key:z{}", of(BASE58, 1, 120)),
        "is_did_url" => {
            let key = of(BASE58, 1, 120);
            format!("did:key:z{key}#z{key}")
        }
        "is_origin" => of(b"abcxyz019./_-", 1, 128),
        "is_date" => [4, 2, 2].map(|len| of(b"0123456789", len, len)).join("-"),
        "is_currency" => of(b"ABCXYZ", 3, 3),
        "is_agent" => of(b"abz09", 1, 1) + &of(b"abz09_-", 0, 63),
        "is_code" => format!("{}.{}", of(b"abcxyz_019", 1, 20), of(b"abcxyz_019", 1, 20)),
        other => panic!("no instances of {other}"),
    }
}

fn string(min: u64, max: u64, random: &mut Random) -> String {
    let short = min + random.below((max - min).min(20) + 1);
    let len = if max <= 512 && random.chance(8) { max } else { short };
    (0..len).map(|_| *random.pick(CHARACTERS)).collect()
}
