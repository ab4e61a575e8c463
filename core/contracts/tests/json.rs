//! The strict parser and the canonical writer, against RFC 8785 and another implementation.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests fail by panicking")]

use proptest::prelude::*;
use talos_contracts::ErrorCode::{self, *};
use talos_contracts::json::{self, Kind, Limits, Profile, Value};

const PROFILES: [Profile; 3] = [Profile::Talos, Profile::Data, Profile::Rfc8785];

fn canonical(text: &str, profile: Profile) -> Result<String, ErrorCode> {
    let value = json::parse(text.as_bytes(), profile).map_err(|e| e.code)?;
    Ok(String::from_utf8(json::canonical(&value)).unwrap())
}

#[test]
fn rfc_8785_section_3_2_2_serialises_as_printed() {
    let text = r#"{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}"#;
    let expected = "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
    assert_eq!(canonical(text, Profile::Rfc8785).unwrap(), expected);
    // The first number is no double's shortest form, so user data may not hold it.
    assert_eq!(canonical(text, Profile::Data), Err(MalformedNumber));
}

#[test]
fn rfc_8785_section_3_2_3_sorts_by_utf_16_code_units() {
    let text = r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#;
    let value = json::parse(canonical(text, Profile::Data).unwrap().as_bytes(), Profile::Data).unwrap();
    let names: Vec<&str> = value.as_object().unwrap().iter().map(|m| m.name.as_str()).collect();
    assert_eq!(names, ["\r", "1", "\u{80}", "\u{f6}", "\u{20ac}", "\u{1f600}", "\u{fb33}"]);
}

/// RFC 8785, appendix B: the bits of a double and its text.
#[test]
fn rfc_8785_appendix_b_numbers_are_written_as_printed() {
    for (bits, text) in [
        (0x0000_0000_0000_0001_u64, "5e-324"),
        (0x8000_0000_0000_0001, "-5e-324"),
        (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
        (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
        (0x4340_0000_0000_0000, "9007199254740992"),
        (0xc340_0000_0000_0000, "-9007199254740992"),
        (0x4430_0000_0000_0000, "295147905179352830000"),
        (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
        (0x44b5_2d02_c7e1_4af6, "1e+23"),
        (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
        (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
        (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
        (0x444b_1ae4_d6e2_ef50, "1e+21"),
        (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
        (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
        (0x41b3_de43_5555_5553, "333333333.3333332"),
        (0x41b3_de43_5555_5554, "333333333.33333325"),
        (0x41b3_de43_5555_5555, "333333333.3333333"),
        (0x41b3_de43_5555_5556, "333333333.3333334"),
        (0x41b3_de43_5555_5557, "333333333.33333343"),
        (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
    ] {
        let written = json::canonical(&Kind::Float(f64::from_bits(bits)).into());
        assert_eq!(String::from_utf8(written).unwrap(), text);
        assert_eq!(canonical(text, Profile::Data).unwrap(), text, "user data may hold every shortest form");
    }
}

#[test]
fn numbers_are_kept_exactly_or_refused() {
    let exact = [
        ("0", "0"),
        ("-1", "-1"),
        ("9007199254740991", "9007199254740991"),
        ("9007199254740992", "9007199254740992"),
        ("1.0", "1"),
        ("1e2", "100"),
        ("0.10", "0.1"),
        ("0e999999999999999999999", "0"),
        ("100000000000000000000000", "1e+23"),
    ];
    for (text, expected) in exact {
        assert_eq!(canonical(text, Profile::Data).unwrap(), expected);
    }
    for text in [
        "9007199254740993",
        "-9007199254740993",
        "1e400",
        "1e-400",
        "0.1000000000000000055511151231257827",
        "-0",
        "-0.0",
        "-0e5",
        "1e99999999999999999999",
        "123456789012345678901234567890",
    ] {
        assert_eq!(canonical(text, Profile::Data), Err(MalformedNumber), "{text}");
    }
    for text in ["1.0", "1e2", "-0", "9007199254740992", "-9007199254740992", "0.5"] {
        assert_eq!(canonical(text, Profile::Talos), Err(MalformedNumber), "{text}");
    }
    assert_eq!(canonical("9007199254740993", Profile::Rfc8785).unwrap(), "9007199254740992");
    assert_eq!(canonical("-0", Profile::Rfc8785).unwrap(), "0");
    assert_eq!(canonical("1e400", Profile::Rfc8785), Err(MalformedNumber));
}

#[test]
fn refusals_have_their_codes() {
    for profile in PROFILES {
        for (text, code) in [
            ("", MalformedSyntax),
            ("{\"a\":1,\"a\":1}", MalformedDuplicateName),
            ("[{\"a\":1,\"\\u0061\":1}]", MalformedDuplicateName),
            ("\"\\ud800\"", MalformedSurrogate),
            ("\"\\udc00\\ud800\"", MalformedSurrogate),
            ("\"\\ud800\\u0041\"", MalformedSurrogate),
            ("01", MalformedSyntax),
            ("+1", MalformedSyntax),
            ("1.", MalformedSyntax),
            (".5", MalformedSyntax),
            ("NaN", MalformedSyntax),
            ("[1,]", MalformedSyntax),
            ("{\"a\":1,}", MalformedSyntax),
            ("{} {}", MalformedSyntax),
            ("\"\u{1}\"", MalformedSyntax),
            ("\"\\x\"", MalformedSyntax),
            ("\"\\u12g4\"", MalformedSyntax),
            ("\u{a0}1", MalformedSyntax),
            ("\u{feff}1", MalformedBom),
        ] {
            assert_eq!(canonical(text, profile), Err(code), "{text:?} under {profile:?}");
        }
        assert_eq!(json::parse(b"\"\xff\"", profile).unwrap_err().code, MalformedUtf8);
        assert_eq!(json::parse(b"\"\xed\xa0\x80\"", profile).unwrap_err().code, MalformedUtf8);
    }
    assert_eq!(canonical("\"\\u0000\"", Profile::Talos), Err(MalformedNul));
    assert_eq!(canonical("\"\\u0000\"", Profile::Data).unwrap(), "\"\\u0000\"");
    assert_eq!(canonical("{\"A\":1}", Profile::Talos), Err(MalformedName));
    assert_eq!(canonical("{\"A\":1}", Profile::Data).unwrap(), "{\"A\":1}");
}

#[test]
fn duplicates_are_found_in_objects_of_every_size() {
    for n in [2, 15, 16, 17, 18, 100, 1000] {
        let members: Vec<String> = (0..n).map(|i| format!("\"m{i}\":0")).collect();
        json::parse(format!("{{{}}}", members.join(",")).as_bytes(), Profile::Data).unwrap();
        for twin in [0, n / 2, n - 1] {
            let text = format!("{{{},\"m{twin}\":0}}", members.join(","));
            assert_eq!(json::parse(text.as_bytes(), Profile::Data).unwrap_err().code, MalformedDuplicateName);
        }
    }
}

#[test]
fn depth_and_size_are_bounded() {
    for profile in PROFILES {
        let max = profile.limits().depth;
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        json::parse(nested(max).as_bytes(), profile).unwrap();
        assert_eq!(json::parse(nested(max + 1).as_bytes(), profile).unwrap_err().code, MalformedDepth);
        assert_eq!(json::parse("[".repeat(60_000).as_bytes(), profile).unwrap_err().code, MalformedDepth);
        assert_eq!(json::parse("{\"a\":".repeat(12_000).as_bytes(), profile).unwrap_err().code, MalformedDepth);
    }
    assert_eq!(json::parse("[".repeat(100_000).as_bytes(), Profile::Data).unwrap_err().code, MalformedDepth);
    let limits = Limits { depth: 4, bytes: 10 };
    json::parse_with(b"\"12345678\"", Profile::Talos, limits).unwrap();
    assert_eq!(json::parse_with(b"\"123456789\"", Profile::Talos, limits).unwrap_err().code, MalformedSize);
}

#[test]
fn spans_name_the_bytes_of_a_value() {
    let text = r#" {"a": [1, {"b" : "x\n"}] } "#;
    let value = json::parse(text.as_bytes(), Profile::Data).unwrap();
    let cut = |v: &Value| text[v.span.start as usize..v.span.end as usize].to_owned();
    let list = value.get("a").unwrap();
    assert_eq!(cut(list), r#"[1, {"b" : "x\n"}]"#);
    assert_eq!(cut(&list.as_array().unwrap()[1]), r#"{"b" : "x\n"}"#);
}

#[test]
fn only_canonical_bytes_pass_the_canonical_check() {
    let check = |text: &str| {
        json::parse_canonical(text.as_bytes(), Profile::Talos, Profile::Talos.limits()).map_err(|e| e.code)
    };
    check(r#"{"a":1,"b":[]}"#).unwrap();
    for text in
        [r#"{"b":[],"a":1}"#, r#"{"a":1,"b":[] }"#, "{\"a\":1,\"b\":[]}\n", r#"{"a":1,"b":"\u0041"}"#, r#"["\/"]"#]
    {
        assert_eq!(check(text), Err(MalformedNotCanonical), "{text}");
    }
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        (-((1_i64 << 53) - 1)..(1_i64 << 53)).prop_map(Into::into),
        any::<f64>().prop_filter("JSON has no other numbers", |f| f.is_finite()).prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Into::into),
            prop::collection::hash_map(any::<String>(), inner, 0..8)
                .prop_map(|m| serde_json::Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn another_implementation_writes_the_same_bytes(value in any_json()) {
        let text = serde_json::to_vec(&value).unwrap();
        let ours = json::parse(&text, Profile::Rfc8785).unwrap();
        prop_assert_eq!(json::canonical(&ours), serde_json_canonicalizer::to_vec(&value).unwrap());
    }

    #[test]
    fn canonical_bytes_read_back_as_themselves(value in any_json()) {
        let bytes = serde_json_canonicalizer::to_vec(&value).unwrap();
        let value = json::parse(&bytes, Profile::Data).unwrap();
        prop_assert_eq!(json::canonical(&value), bytes);
    }

    #[test]
    fn no_bytes_make_the_parser_panic(bytes: Vec<u8>) {
        for profile in PROFILES {
            let _ = json::parse(&bytes, profile);
        }
    }

    /// Whatever the strict parser accepts, an ordinary parser accepts and reads the same.
    #[test]
    fn what_is_accepted_is_json(text in "[\\[\\]{}\":,0-9eE.+\\-a-c\\\\u ]{0,24}") {
        if let Ok(value) = json::parse(text.as_bytes(), Profile::Data) {
            let other: serde_json::Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(json::canonical(&value), serde_json_canonicalizer::to_vec(&other).unwrap());
        }
    }
}
