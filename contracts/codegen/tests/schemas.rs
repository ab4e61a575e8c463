//! The schemas and the generated readers and writers agree, on random instances and on instances with one mistake.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use common::{Random, instance, mutate, paired, parse, registry, sources, validator};
use serde_json::{Value, json};
use talos_contracts::{Action, Checkpoint, Error, ErrorCode, Policy, Receipt};

/// Random instances a subject.
const CASES: u64 = 150;

#[test]
fn every_schema_is_valid_json_schema_2020_12() {
    let sources = sources();
    for source in &sources.schemas {
        jsonschema::draft202012::meta::validate(&source.value).unwrap_or_else(|e| panic!("{}: {e}", source.path));
    }
    for (name, schema, _) in paired(&sources) {
        jsonschema::draft202012::meta::validate(&schema).unwrap_or_else(|e| panic!("{name}: {e}"));
    }
}

#[test]
fn the_schema_for_editors_stands_alone_and_knows_the_ready_policies() {
    let schema: Value = serde_json::from_str(talos_contracts::POLICY_SCHEMA).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap_or_else(|e| panic!("{e}"));
    let validator = jsonschema::options().offline().build(&schema).unwrap();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut seen = 0;
    for path in paths.filter(|path| path.extension().is_some_and(|end| end == "yaml")) {
        let policy = talos_codegen::load::yaml(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let is_policy = !path.to_string_lossy().ends_with(".test.yaml");
        let errors: Vec<String> = validator.iter_errors(&policy).map(|e| e.to_string()).collect();
        assert_eq!(errors.is_empty(), is_policy, "{}: {errors:?}", path.display());
        seen += usize::from(is_policy);
    }
    assert_eq!(seen, 8);
}

#[test]
fn examples_are_accepted_by_schema_and_reader() {
    let sources = sources();
    let registry = registry(&sources);
    for (name, schema, round_trip) in paired(&sources) {
        let Some((id, side)) = name.split_once('/') else {
            continue;
        };
        let area = sources.operations.iter().find(|area| area.value.get(id).is_some()).unwrap();
        let operation = &area.value[id];
        // Without an input, the answer is a document that is its own example.
        if operation["pure"] == false || operation["example"].is_null() {
            continue;
        }
        let example = &operation["example"][side];
        let errors: Vec<String> = validator(&registry, &schema).iter_errors(example).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
        let written = round_trip(&parse(example).unwrap()).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(String::from_utf8(written).unwrap(), canonical(example), "{name}");
    }
}

#[test]
fn random_instances_are_accepted_by_both_and_written_in_canonical_form() {
    let sources = sources();
    let registry = registry(&sources);
    for (name, schema, round_trip) in paired(&sources) {
        let validator = validator(&registry, &schema);
        for seed in seeds() {
            let instance = instance::instance(&sources, &schema, &name, &mut Random(seed));
            let errors: Vec<String> = validator.iter_errors(&instance).map(|e| e.to_string()).collect();
            assert!(errors.is_empty(), "{name}, seed {seed}: {errors:?}\n{instance}");
            let written = parse(&instance).and_then(|value| round_trip(&value));
            let written = written.unwrap_or_else(|e| panic!("{name}, seed {seed}: {e}\n{instance}"));
            assert_eq!(String::from_utf8(written).unwrap(), canonical(&instance), "{name}, seed {seed}");
        }
    }
}

#[test]
fn instances_with_one_mistake_are_refused_by_both() {
    let sources = sources();
    let registry = registry(&sources);
    let mut refused = 0;
    for (name, schema, round_trip) in paired(&sources) {
        let validator = validator(&registry, &schema);
        for seed in seeds() {
            let mut random = Random(seed);
            let instance = instance::instance(&sources, &schema, &name, &mut random);
            let Some(change) = mutate::pick(&sources, &schema, &name, &instance, &mut random) else {
                continue;
            };
            let changed = change.apply(&instance);
            let what = change.describe();
            assert!(!validator.is_valid(&changed), "{name}, seed {seed}: the schema accepts {what}\n{changed}");
            match parse(&changed).and_then(|value| round_trip(&value)) {
                Ok(_) => panic!("{name}, seed {seed}: the reader accepts {what}\n{changed}"),
                Err(error) => {
                    let family = error.code.as_str().split('.').next();
                    assert!(family == Some("malformed") || error.code == ErrorCode::ReceiptKindMembers, "{error}");
                }
            }
            refused += 1;
        }
    }
    assert!(refused > 40 * CASES, "only {refused} instances could be changed");
}

#[test]
fn errors_name_the_path_the_place_and_the_nearest_name() {
    let text = br#"{"kind": "tool_call", "target": "t", "amount": {"micro": 1, "curency": "USD"}}"#;
    let value = talos_contracts::json::parse(text, talos_contracts::json::Profile::Data).unwrap();
    let error = Action::read(&value).unwrap_err();
    assert_eq!(error.code, ErrorCode::MalformedMemberUnknown);
    assert_eq!(error.suggestion.as_deref(), Some("currency"));
    assert!(error.detail.starts_with("$.amount: "), "{}", error.detail);
    let span = error.span.unwrap();
    assert_eq!(&text[span.start as usize..span.end as usize], br#""curency""#);

    let refused = |value: Value| -> Error { Policy::read(&parse(&value).unwrap()).unwrap_err() };
    let error = refused(json!({"id": "p", "blocked_patterns": [{"kind": "regexp", "pattern": "x"}]}));
    assert_eq!((error.code, error.suggestion.as_deref()), (ErrorCode::MalformedValue, Some("regex")));
    assert!(error.detail.starts_with("$.blocked_patterns[0].kind: "), "{}", error.detail);
    assert_eq!(refused(json!({})).code, ErrorCode::MalformedMemberMissing);
    assert_eq!(refused(json!({"id": 7})).code, ErrorCode::MalformedType);
    assert_eq!(refused(json!({"id": ""})).code, ErrorCode::MalformedValue);
    assert_eq!(refused(json!({"id": "p", "typ": "talos.policy/2"})).code, ErrorCode::MalformedTyp);
    assert_eq!(refused(json!({"id": "p", "version": 2})).code, ErrorCode::MalformedValue);
    assert!(Policy::read(&parse(&json!({"id": "p", "typ": "talos.policy/1", "version": 1})).unwrap()).is_ok());
}

/// What JSON Schema cannot say in the strict profile, the reader checks nevertheless.
#[test]
fn the_reader_is_stricter_where_the_profile_cannot_speak() {
    let checkpoint = |size: &str| {
        let root = "A".repeat(43);
        Checkpoint::read(&parse(&json!({"origin": "o", "size": size, "root": root})).unwrap())
    };
    assert_eq!(checkpoint("18446744073709551615").map(|c| c.size), Ok(u64::MAX));
    assert_eq!(checkpoint("18446744073709551616").unwrap_err().code, ErrorCode::MalformedValue);

    let sources = sources();
    let receipt = sources.schemas.iter().find(|source| source.name == "receipt").unwrap();
    let code = |value: &Value| Receipt::read(&parse(value).unwrap()).map_err(|error| error.code);
    for seed in seeds() {
        let body = instance::instance(&sources, &receipt.value, "receipt", &mut Random(seed));
        assert!(code(&body).is_ok());
        let mut other_fragment = body.clone();
        other_fragment["iss"] = json!("did:key:zA#zB");
        assert_eq!(code(&other_fragment), Err(ErrorCode::MalformedValue));
        let kind = body["kind"].as_str().unwrap().to_owned();
        let mut foreign = body.clone();
        let (name, value) = if kind == "close" { ("hb", json!(true)) } else { ("final_seq", json!(1)) };
        foreign[name] = value;
        assert_eq!(code(&foreign), Err(ErrorCode::ReceiptKindMembers), "{kind}");
        let needed = &receipt.value["x-variants"]["variants"][&kind]["required"];
        for name in needed.as_array().unwrap() {
            let mut lacking = body.clone();
            lacking.as_object_mut().unwrap().remove(name.as_str().unwrap());
            assert_eq!(code(&lacking), Err(ErrorCode::ReceiptKindMembers), "{kind} without {name}");
        }
    }
}

fn canonical(value: &Value) -> String {
    serde_json_canonicalizer::to_string(value).unwrap()
}

/// The same seeds in each run, unless TALOS_SEED asks for others.
fn seeds() -> impl Iterator<Item = u64> {
    let first = std::env::var("TALOS_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    first..first + CASES
}
