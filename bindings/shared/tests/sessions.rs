//! What a play may cost (`session.play`); the rest of sessions is in the vectors.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use talos_contracts::json::{self, Limits, Profile, Value};
use talos_contracts::scalar::encode_b64url;
use talos_contracts::{Error, ErrorCode};
use talos_shared::call;

const NOW: i64 = 1_763_625_600_000;
const DAY: i64 = 24 * 3_600_000;
const LIMITS: Limits = Limits { depth: 64, bytes: 1 << 28 };

fn seed(byte: u8) -> Value {
    Value::from(encode_b64url(&[byte; 32]))
}

fn agent(name: &str, byte: u8) -> Value {
    Value::object([
        ("name", Value::from(name)),
        ("seed", seed(byte)),
        ("agree", seed(byte + 1)),
        ("iat", Value::from(NOW)),
        ("exp", Value::from(NOW + DAY)),
        ("rules", Value::object([("bucket", Value::from(65_536))])),
    ])
}

fn act<'a>(act: &str, agent: &str, entropy: usize, more: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let members = [
        ("act", Value::from(act)),
        ("agent", Value::from(agent)),
        ("now_ms", Value::from(NOW)),
        ("entropy", Value::from(encode_b64url(&vec![7; entropy]))),
    ];
    Value::object(members.into_iter().chain(more))
}

fn play(acts: Vec<Value>) -> Result<Value, Error> {
    let agents = Value::from(vec![agent("alice", 1), agent("bob", 9)]);
    let input = Value::object([("play", Value::object([("agents", agents), ("acts", Value::from(acts))]))]);
    let output = call("session.play", &json::canonical(&input))?;
    Ok(json::parse_with(&output, Profile::Data, LIMITS).unwrap())
}

fn last<'a>(output: &'a Value, member: &str) -> &'a Value {
    output.get("results").and_then(Value::as_array).unwrap().last().unwrap().get(member).unwrap()
}

#[test]
fn the_agents_of_a_play_seal_at_most_64_mib() {
    let publish = [
        ("id", Value::from("spk-1")),
        ("suites", Value::from(vec![Value::from(1)])),
        ("iat", Value::from(NOW)),
        ("exp", Value::from(NOW + DAY)),
    ];
    let mut acts = vec![act("bundle", "bob", 32, publish)];
    let bundle = last(&play(acts.clone()).unwrap(), "envelope").clone();
    let bob = talos_shared::identity::Did::of(&talos_shared::crypto::SigningKey::from_seed(&[9; 32]).verifying_key());
    acts.push(act("begin", "alice", 64, [("peer", Value::from(bob.as_str())), ("bundle", bundle)]));
    let sid = last(&play(acts.clone()).unwrap(), "sid").clone();
    let seal = act("seal", "alice", 12, [("sid", sid), ("data", Value::from(""))]);
    // A container of an empty message has 64 KiB, a head and a frame's clear part.
    acts.extend(vec![seal.clone(); 1_000]);
    assert!(play(acts.clone()).is_ok());
    acts.extend(vec![seal; 24]);
    assert_eq!(play(acts).unwrap_err().code, ErrorCode::MalformedSize);
}
