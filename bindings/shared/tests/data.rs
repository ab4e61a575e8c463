//! A host's value is accepted exactly where the parser accepts its text.

#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use talos_contracts::json::{self, Kind, Member, Profile, Span, Value};
use talos_contracts::{Error, ErrorCode};
use talos_shared::sdk::Data;

/// What a language may hand over.
#[derive(Clone, Debug)]
enum Host {
    Null,
    Bool(bool),
    Integer(i128),
    Number(f64),
    Text(String),
    List(Vec<Host>),
    Map(Vec<(String, Host)>),
}

/// As a binding walks its own objects.
fn walk(data: &mut Data, host: &Host) -> Result<Value, Error> {
    match host {
        Host::Null => data.null(),
        Host::Bool(value) => data.boolean(*value),
        Host::Integer(value) => data.integer(*value),
        Host::Number(value) => data.number(*value),
        Host::Text(text) => data.text(text),
        Host::List(items) => {
            data.enter()?;
            let items: Result<Vec<_>, _> = items.iter().map(|item| walk(data, item)).collect();
            data.leave();
            Ok(Value::from(items?))
        }
        Host::Map(members) => {
            data.enter()?;
            let member = |(name, value): &(String, Host)| {
                let name = data.name(name)?;
                Ok(Member { name, name_span: Span::default(), value: walk(data, value)? })
            };
            let members: Result<Vec<_>, Error> = members.iter().map(member).collect();
            data.leave();
            Ok(Value { span: Span::default(), kind: Kind::Object(members?) })
        }
    }
}

/// The text that another implementation would write.
fn text(host: &Host) -> String {
    match host {
        Host::Null => "null".to_owned(),
        Host::Bool(value) => value.to_string(),
        Host::Integer(value) => value.to_string(),
        // As ECMAScript writes it: of two shortest forms other languages may choose the other one, which the
        // parser refuses.
        Host::Number(value) if value.is_finite() && *value != 0.0 => {
            ryu_js::Buffer::new().format_finite(*value).to_owned()
        }
        Host::Number(value) => format!("{value:?}"),
        Host::Text(text) => serde_json::to_string(text).unwrap(),
        Host::List(items) => format!("[{}]", items.iter().map(text).collect::<Vec<_>>().join(",")),
        Host::Map(members) => {
            let member =
                |(name, value): &(String, Host)| format!("{}:{}", serde_json::to_string(name).unwrap(), text(value));
            format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(","))
        }
    }
}

fn hosts() -> impl Strategy<Value = Host> {
    let near = (-3i128..4).prop_map(|delta| (1i128 << 53) + delta);
    let leaf = prop_oneof![
        Just(Host::Null),
        any::<bool>().prop_map(Host::Bool),
        any::<i64>().prop_map(|i| Host::Integer(i.into())),
        (-1000i128..1000).prop_map(Host::Integer),
        near.clone().prop_map(Host::Integer),
        near.prop_map(|i| Host::Integer(-i)),
        any::<f64>().prop_map(Host::Number),
        (-1000i32..1000).prop_map(|i| Host::Number(f64::from(i) / 8.0)),
        Just(Host::Number(-0.0)),
        Just(Host::Number(1e300)),
        ".{0,12}".prop_map(Host::Text),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Host::List),
            proptest::collection::btree_map(".{0,5}", inner, 0..6)
                .prop_map(|members| Host::Map(members.into_iter().collect())),
        ]
    })
}

fn has_no_text(host: &Host) -> bool {
    match host {
        Host::Number(value) => !value.is_finite(),
        Host::List(items) => items.iter().any(has_no_text),
        Host::Map(members) => members.iter().any(|(_, value)| has_no_text(value)),
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn a_value_is_accepted_exactly_where_its_text_is(host in hosts()) {
        let built = walk(&mut Data::new(), &host);
        if has_no_text(&host) {
            prop_assert_eq!(built.map(|_| ()).unwrap_err().code, ErrorCode::MalformedNumber);
            return Ok(());
        }
        match json::parse(text(&host).as_bytes(), Profile::Data) {
            Ok(parsed) => prop_assert_eq!(built.unwrap(), parsed),
            Err(error) => prop_assert_eq!(built.map(|_| ()).unwrap_err().code, error.code, "{}", error),
        }
    }
}

fn code(result: Result<Value, Error>) -> ErrorCode {
    result.map(|_| ()).unwrap_err().code
}

#[test]
fn nesting_ends_where_the_parser_ends() {
    let nested = |depth: usize| (0..depth).fold(Host::Null, |inner, _| Host::List(vec![inner]));
    for depth in [63, 64, 65, 66] {
        let host = nested(depth);
        let parsed = json::parse(text(&host).as_bytes(), Profile::Data);
        let built = walk(&mut Data::new(), &host);
        assert_eq!(built.is_ok(), parsed.is_ok(), "{depth}");
        assert!(depth <= 64 || code(built) == ErrorCode::MalformedDepth);
    }
}

#[test]
fn a_flood_ends() {
    let mut data = Data::new();
    let many = (0..20_000_000).find_map(|_| data.null().err()).unwrap();
    assert_eq!(many.code, ErrorCode::MalformedSize);
    let long = "x".repeat(16 * 1024 * 1024);
    assert_eq!(code(Data::new().text(&long)), ErrorCode::MalformedSize);
    assert!(Data::new().text(&long[4..]).is_ok());
}
