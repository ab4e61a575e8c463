//! What stands before an HTTP application: callers, arguments, admission.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

use talos_shared::contracts::json::{self, Value};
use talos_shared::contracts::{ErrorCode, KernelOpenInput, OutcomeStatus, ReceiptGetInput, RunOpenInput};
use talos_shared::sdk::Kernel;
use talos_shared::sdk::http::{Admission, Callers, Entry, Front, Refusal, Request, STRANGERS_A_MINUTE};

const ADA: &str = "ada-key-q3J5vX0yT8uKd1Wm";
const BOB: &str = "bob-key-Zr7LhE2cPp9sGf4N";
const POLICY: &str = "id: shop\nallowed_tools: [{name: orders.create, effect: write}, {name: orders.read, effect: read}]\n\
                      blocked_patterns: [{kind: substring, pattern: forbidden}]\n";

fn callers(header: &str) -> Callers {
    Callers::with_keys(
        header,
        [("ada", ADA.as_bytes()), ("bob", BOB.as_bytes()), ("bob", b"bob-key-the-next-one-2026")],
    )
    .unwrap()
}

fn why(callers: Result<Callers, talos_shared::contracts::Error>) -> String {
    callers.err().map(|error| error.detail).unwrap_or_default()
}

#[test]
fn a_key_identifies_its_caller_and_nothing_else_does() {
    let callers = callers("X-API-Key");
    assert_eq!(callers.identify(&[ADA.as_bytes()]), Some("ada"));
    assert_eq!(callers.identify(&[BOB.as_bytes()]), Some("bob"));
    assert_eq!(callers.identify(&[b"bob-key-the-next-one-2026"]), Some("bob"), "a second key of the same caller");
    let (upper, short) = (ADA.to_uppercase(), &ADA[..ADA.len() - 1]);
    for wrong in ["", "ada", upper.as_str(), short, &format!("{ADA}A"), &format!(" {ADA}"), &format!("Bearer {ADA}")] {
        assert_eq!(callers.identify(&[wrong.as_bytes()]), None, "{wrong:?}");
    }
    assert_eq!(callers.identify(&[]), None);
    assert_eq!(callers.identify(&[ADA.as_bytes(), ADA.as_bytes()]), None, "a header that stands twice");
}

#[test]
fn authorization_holds_a_bearer_key() {
    let callers = callers("Authorization");
    assert_eq!(callers.header(), "authorization");
    assert_eq!(callers.challenge().as_deref(), Some("Bearer"));
    assert_eq!(callers.identify(&[format!("bearer {ADA}").as_bytes()]), Some("ada"));
    for wrong in
        [ADA.to_owned(), format!("Basic {ADA}"), format!("Bearer  {ADA}"), "Bearer ".to_owned(), "Bear".to_owned()]
    {
        assert_eq!(callers.identify(&[wrong.as_bytes()]), None, "{wrong:?}");
    }
}

#[test]
fn a_proxy_names_one_caller() {
    let callers = Callers::behind_proxy("X-Forwarded-User").unwrap();
    assert_eq!(callers.identify(&["zoë@example.org".as_bytes()]), Some("zoë@example.org"));
    for wrong in [&b""[..], b" ada", b"ada, bob", b"ada\n", b"\xff"] {
        assert_eq!(callers.identify(&[wrong]), None, "{wrong:?}");
    }
}

#[test]
fn weak_and_doubtful_keys_are_refused_without_showing_them() {
    let long = "x".repeat(513);
    for key in ["", "ada-key", "twenty-one-characters", "twenty two characters!", long.as_str()] {
        let why = why(Callers::with_keys("X-API-Key", [("ada", key.as_bytes())]));
        assert!(why.contains("128 random bits"), "{why}");
        assert!(key.is_empty() || !why.contains(key), "{why}");
    }
    let shared = why(Callers::with_keys("X-API-Key", [("ada", ADA.as_bytes()), ("bob", ADA.as_bytes())]));
    assert!(shared.contains("same key") && !shared.contains(ADA), "{shared}");
    assert!(why(Callers::with_keys("X-API-Key", [])).contains("no caller"));
    for name in ["", "a,b", "a\nb", " a"] {
        assert!(Callers::with_keys("X-API-Key", [(name, ADA.as_bytes())]).is_err(), "{name:?}");
    }
    for header in ["", "X API", "X-Key:", "X-Key\r\nX-Evil"] {
        assert!(Callers::behind_proxy(header).is_err(), "{header:?}");
    }
}

fn read(query: &str, content_type: &[&str], body: &[u8]) -> Result<String, ErrorCode> {
    let request = Request {
        path: Value::object::<&str>([]),
        query: query.as_bytes(),
        content_types: content_type.iter().map(|value| value.as_bytes()).collect(),
        content_codings: vec![],
        body,
    };
    request.arguments().map(|args| String::from_utf8(json::canonical(&args)).unwrap()).map_err(|error| error.code)
}

#[test]
fn queries_are_read_as_forms_and_never_in_two_ways() {
    assert_eq!(read("", &[], b""), Ok("{}".into()));
    let read = |query: &str| read(query, &[], b"");
    assert_eq!(read("a=1&b=x+y%26&c&=d&&"), Ok(r#"{"query":{"":"d","a":"1","b":"x y&","c":""}}"#.into()));
    assert_eq!(read("q=%C3%A9"), Ok(r#"{"query":{"q":"é"}}"#.into()));
    assert_eq!(read("a=1&a=2"), Err(ErrorCode::MalformedDuplicateName));
    assert_eq!(read("a=1&%61=2"), Err(ErrorCode::MalformedDuplicateName));
    for query in ["a=%", "a=%4", "a=%zz", "a=%+1", "a=é", "a=b c", "a=\n"] {
        assert_eq!(read(query), Err(ErrorCode::MalformedSyntax), "{query:?}");
    }
    assert_eq!(read("a=%ff"), Err(ErrorCode::MalformedUtf8));
    let many: Vec<_> = (0..257).map(|i| format!("p{i}=1")).collect();
    assert_eq!(read(&many[..256].join("&")).map(|_| ()), Ok(()));
    assert_eq!(read(&many.join("&")), Err(ErrorCode::MalformedSize));
}

#[test]
fn bodies_are_json_in_utf_8_or_refused() {
    for media_type in
        ["application/json", "Application/JSON; charset=\"UTF-8\"", "application/vnd.shop+json;charset=utf-8"]
    {
        assert_eq!(read("", &[media_type], br#"{"a":1}"#), Ok(r#"{"body":{"a":1}}"#.into()), "{media_type}");
    }
    for media_type in ["text/plain", "application/jsonx", "json", "", "application/json; charset=utf-16", "text/json"] {
        assert_eq!(read("", &[media_type], b"{}"), Err(ErrorCode::MalformedMediaType), "{media_type}");
    }
    assert_eq!(read("", &[], b"{}"), Err(ErrorCode::MalformedMediaType));
    assert_eq!(read("", &["application/json"; 2], b"{}"), Err(ErrorCode::MalformedMediaType));
    let body = |text: &[u8]| read("", &["application/json"], text);
    assert_eq!(body(br#"{"a":1,"a":2}"#), Err(ErrorCode::MalformedDuplicateName));
    assert_eq!(body(br#"{"a":9007199254740993}"#), Err(ErrorCode::MalformedNumber));
    assert_eq!(body(b"{\"a\":1} x"), Err(ErrorCode::MalformedSyntax));
    assert_eq!(body(b"\"\xff\""), Err(ErrorCode::MalformedUtf8));
    assert_eq!(body(b"\xef\xbb\xbf{}"), Err(ErrorCode::MalformedBom));
    // A body is one level deep in the arguments, which a proof must be able to disclose.
    let nested = |depth: usize| body(format!("{}{}", "[".repeat(depth), "]".repeat(depth)).as_bytes()).map(|_| ());
    assert_eq!((nested(63), nested(64)), (Ok(()), Err(ErrorCode::MalformedDepth)));
    let coded = Request {
        path: Value::object::<&str>([]),
        query: b"",
        content_types: vec![b"application/json"],
        content_codings: vec![b"gzip"],
        body: b"{}",
    };
    assert_eq!(coded.arguments().map_err(|error| error.code), Err(ErrorCode::MalformedMediaType));
}

fn front() -> (Kernel, Front) {
    let input = KernelOpenInput { memory: Some(true), policy: Some(POLICY.into()), ..Default::default() };
    let kernel = Kernel::open(&input).unwrap();
    let front = Front::new(kernel.open_run(&RunOpenInput::default()).unwrap(), Some(callers("X-API-Key")), None);
    (kernel, front)
}

fn entered(admission: Admission) -> Entry {
    match admission {
        Admission::Entered(entry) => entry,
        Admission::Refused(refusal) => panic!("{}", String::from_utf8_lossy(&refusal.problem)),
    }
}

fn refused(admission: Admission) -> Refusal {
    match admission {
        Admission::Refused(refusal) => refusal,
        Admission::Entered(_) => panic!("it was admitted"),
    }
}

fn last(kernel: &Kernel) -> talos_shared::contracts::Receipt {
    kernel.receipt(&ReceiptGetInput::default()).unwrap().receipt
}

#[test]
fn what_was_admitted_is_settled_by_the_status_of_the_response() {
    let (kernel, front) = front();
    for (status, outcome) in [(201, OutcomeStatus::Ok), (404, OutcomeStatus::Error), (500, OutcomeStatus::Error)] {
        let args = Ok(Value::object([("body", Value::from("lamp"))]));
        let entry = entered(front.admit("ada", "orders.create", None, args).wait());
        let receipt = kernel.receipt(&ReceiptGetInput { receipt_id: entry.decision.receipt_id, index: None }).unwrap();
        assert_eq!(receipt.receipt.principal.as_deref(), Some("ada"));
        assert_eq!(entry.receipt().wait().ok().unwrap(), receipt.receipt_id);
        assert!(entry.answered(status).wait().ok().unwrap().is_some());
        assert_eq!(last(&kernel).outcome.map(|outcome| outcome.status), Some(outcome), "{status}");
    }
}

#[test]
fn a_read_starts_at_once_and_its_receipt_comes_later() {
    let (_kernel, front) = front();
    let entry = entered(front.admit("ada", "orders.read", None, Ok(Value::object::<&str>([]))).wait());
    assert!(entry.receipt().wait().is_ok());
    assert!(entry.answered(200).wait().is_ok());
}

#[test]
fn refusals_have_receipts_and_say_nothing_of_the_request() {
    let (kernel, front) = front();
    let args = || Ok(Value::object([("body", Value::from("forbidden lamp"))]));
    let nothing = Ok(Value::object::<&str>([]));
    let duplicate = json::parse(br#"{"sesame":1,"sesame":2}"#, json::Profile::Data);
    let cases = [
        (refused(front.admit("ada", "orders.delete", None, nothing).wait()), "policy.tool_not_allowed", 403),
        (refused(front.admit("ada", "orders.create", None, args()).wait()), "policy.blocked_pattern", 403),
        (refused(front.admit("ada", "orders.create", None, duplicate).wait()), "malformed.duplicate_name", 400),
        (refused(front.admit("a,b", "orders.create", None, args()).wait()), "caller.unknown", 401),
        (front.refuse(None, "orders.create", &ErrorCode::CallerUnknown.into()).wait(), "caller.unknown", 401),
    ];
    for (refusal, code, status) in cases {
        let problem = String::from_utf8(refusal.problem).unwrap();
        let id = refusal.receipt_id.unwrap();
        assert_eq!(refusal.status, status, "{code}");
        assert!(problem.contains(&format!("\"code\":\"{code}\"")) && problem.contains(&id.to_b64()), "{problem}");
        assert!(
            !problem.contains("sesame") && !problem.contains("forbidden") && !problem.contains("lamp"),
            "{problem}"
        );
        assert_eq!(refusal.challenge.is_some(), status == 401);
        let receipt = kernel.receipt(&ReceiptGetInput { receipt_id: Some(id), index: None }).unwrap().receipt;
        assert_eq!(receipt.principal.is_some(), status != 401, "{code}");
    }
}

#[test]
fn a_closed_kernel_admits_nobody() {
    let (kernel, front) = front();
    kernel.close().unwrap();
    let refusal = refused(front.admit("ada", "orders.read", None, Ok(Value::object::<&str>([]))).wait());
    assert!(String::from_utf8_lossy(&refusal.problem).contains("kernel.closed"));
    assert_eq!(refusal.receipt_id, None);
    assert_eq!(front.refuse(None, "orders.read", &ErrorCode::CallerUnknown.into()).wait().receipt_id, None);
}

#[test]
fn a_flood_of_strangers_is_refused_and_does_not_fill_the_log() {
    let (kernel, front) = front();
    let refused: Vec<Refusal> = (0..STRANGERS_A_MINUTE + 20)
        .map(|_| front.refuse(None, "orders.read", &ErrorCode::CallerUnknown.into()).wait())
        .collect();
    assert!(refused.iter().all(|refusal| refusal.status == 401));
    let receipts = refused.iter().filter(|refusal| refusal.receipt_id.is_some()).count();
    assert_eq!(receipts, STRANGERS_A_MINUTE as usize);
    let known = front.refuse(Some("ada"), "orders.read", &ErrorCode::MalformedSyntax.into()).wait();
    assert!(known.receipt_id.is_some(), "whoever is known is always in the log");
    assert_eq!(kernel.verify_log().unwrap().size, u64::from(STRANGERS_A_MINUTE) + 2);
}
