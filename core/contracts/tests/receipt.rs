//! The worked example of the receipt (`docs/spec/receipt.md`): three bodies of one chain, byte for byte.

use talos_contracts::json::{self, Profile};
use talos_contracts::{ErrorCode, Receipt, ReceiptKind, Verdict};

const BODIES: [&str; 3] = [
    r#"{"actor":"did:key:z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX","chain":"BQUFBQUFBQUFBQUFBQUFBQ","dur":"before_release","iat":1763625600000,"iss":"did:key:z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX#z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX","kind":"open","log":"talos.example/log1","run":"01890a5d-ac96-774b-bcce-b302099a8057","salt":"BwcHBwcHBwcHBwcHBwcHBw","seq":0,"sign":"self","typ":"talos.receipt/1"}"#,
    r#"{"action":{"args_commit":"0RV2HJyb_d3Ngh6_VgBZpLjkT9QJq7XfdPX7R0zEdsY","effect":"read","kind":"tool_call","target":"read_file"},"actor":"did:key:z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX","call":"c1","caps":[],"chain":"BQUFBQUFBQUFBQUFBQUFBQ","dur":"before_release","iat":1763625600001,"iss":"did:key:z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX#z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX","kind":"decision","log":"talos.example/log1","prev":"Mg2MLPjfMr4ELgNJgpkq_LqKsFdTZXRgtpgXz_dRd2Q","reasons":[],"run":"01890a5d-ac96-774b-bcce-b302099a8057","salt":"BwcHBwcHBwcHBwcHBwcHBw","seq":1,"sign":"self","typ":"talos.receipt/1","verdict":"allow"}"#,
    r#"{"actor":"did:key:z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX","call":"c1","chain":"BQUFBQUFBQUFBQUFBQUFBQ","dur":"before_release","iat":1763625600002,"iss":"did:key:z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX#z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX","kind":"outcome","log":"talos.example/log1","outcome":{"result_commit":"a-t64bOgoGBWjxap7nWYN07AYrAXuiSRTyFMJ0WnS2E","status":"ok"},"prev":"qJox4HRrNh9vCrzGhKUceNXrSSY2BTfCXwYS_6wiv1A","ref":"qJox4HRrNh9vCrzGhKUceNXrSSY2BTfCXwYS_6wiv1A","run":"01890a5d-ac96-774b-bcce-b302099a8057","salt":"BwcHBwcHBwcHBwcHBwcHBw","seq":2,"sign":"self","typ":"talos.receipt/1"}"#,
];

fn read(text: &str) -> Result<Receipt, talos_contracts::Error> {
    Receipt::read(&json::parse(text.as_bytes(), Profile::Talos)?)
}

#[test]
fn the_bodies_read_and_write_byte_for_byte() {
    for body in BODIES {
        let receipt = read(body).unwrap();
        assert_eq!(String::from_utf8(receipt.canonical()).unwrap(), body);
    }
}

#[test]
fn the_decision_says_what_it_says() {
    let receipt = read(BODIES[1]).unwrap();
    assert_eq!(receipt.kind, ReceiptKind::Decision);
    assert_eq!(receipt.seq, 1);
    assert_eq!(receipt.iat, 1_763_625_600_001);
    assert_eq!(receipt.verdict, Some(Verdict::Allow));
    assert_eq!(receipt.reasons, Some(vec![]));
    assert_eq!(receipt.action.unwrap().target, "read_file");
}

/// Each change is one difference from a body that is accepted.
#[test]
fn one_difference_is_refused_with_its_code() {
    let changes = [
        (r#""typ":"talos.receipt/1""#, r#""typ":"talos.receipt/2""#, ErrorCode::MalformedTyp),
        (r#""typ":"talos.receipt/1","#, "", ErrorCode::MalformedMemberMissing),
        (r#""seq":1"#, r#""seq":"1""#, ErrorCode::MalformedType),
        (r#""seq":1"#, r#""seq":-1"#, ErrorCode::MalformedValue),
        (r#""seq":1"#, r#""seq":1.5"#, ErrorCode::MalformedNumber),
        (r#""seq":1"#, r#""seq":null"#, ErrorCode::MalformedType),
        (r#""seq":1"#, r#""seq":1,"seqq":1"#, ErrorCode::MalformedMemberUnknown),
        (r#""seq":1"#, r#""seq":1,"seq":1"#, ErrorCode::MalformedDuplicateName),
        (r#""seq":1,"#, "", ErrorCode::MalformedMemberMissing),
        (r#""verdict":"allow""#, r#""verdict":"permit""#, ErrorCode::MalformedValue),
        (r#""salt":"BwcHBwcHBwcHBwcHBwcHBw""#, r#""salt":"BwcHBwcHBwcHBwcHBwcHBx""#, ErrorCode::MalformedBase64),
        (r#""salt":"BwcHBwcHBwcHBwcHBwcHBw""#, r#""salt":"BwcHBwcHBwcHBwcHBwcHBw==""#, ErrorCode::MalformedBase64),
        (r#""caps":[],"#, "", ErrorCode::ReceiptKindMembers),
        (r#""seq":1"#, r#""hb":true,"seq":1"#, ErrorCode::ReceiptKindMembers),
        (r#""kind":"decision""#, r#""kind":"open""#, ErrorCode::ReceiptKindMembers),
    ];
    for (old, new, code) in changes {
        let changed = BODIES[1].replacen(old, new, 1);
        assert_ne!(changed, BODIES[1], "{old}");
        assert_eq!(read(&changed).map_err(|error| error.code), Err(code), "{old} -> {new}");
    }
}
