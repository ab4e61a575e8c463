//! Requests for approval, answers to them, and what people are shown: `docs/spec/approval.md`.

use crate::known;
use talos_approval::render::{self, Shown};
use talos_approval::{State, VerifiedRequest, evaluate, grant, request};
use talos_contracts::json::{self, Profile, Value};
use talos_contracts::{ActionKind, ApprovalFile, ApprovalView};
use talos_crypto::dsse::Unverified;

/// A genuine request for one of several people, and Alice's genuine answer to it.
const REQUEST: &[u8] = include_bytes!("../corpus/approval/request");
const GRANT: &[u8] = include_bytes!("../corpus/approval/grant");
/// A time within the request's.
const NOW: u64 = 1_763_625_660_000;

/// No text is a request or an answer but the genuine ones; whatever is shown is bounded, and hides and reorders nothing.
pub fn target(data: &[u8]) {
    if let Ok(envelope) = Unverified::parse(data) {
        check_request(&envelope);
        check_grant(&envelope);
    }
    if let Ok(args) = json::parse(data, Profile::Data) {
        check_view(&args);
    }
}

/// The genuine request; the replay tests that there is one.
pub fn genuine() -> Option<(Unverified, VerifiedRequest)> {
    let envelope = Unverified::parse(REQUEST).ok()?;
    let verified = request::verify(&envelope, &known::issuer()).ok()?;
    Some((envelope, verified))
}

fn check_request(envelope: &Unverified) {
    if let Ok(request) = request::verify(envelope, &known::issuer()) {
        let is_known = genuine()
            .is_some_and(|(original, verified)| envelope.body == original.body && request.id() == verified.id());
        assert!(is_known, "a request that nobody signed verifies");
        assert!(request.request().canonical() == envelope.body, "a request is not its own canonical form");
    }
}

fn check_grant(envelope: &Unverified) {
    let Some((_, request)) = genuine() else { return };
    if let Ok(found) = grant::verify(envelope, &request) {
        let is_known = Unverified::parse(GRANT).is_ok_and(|original| envelope.body == original.body);
        assert!(is_known, "an answer that nobody signed verifies");
        assert!(evaluate(&request, &[found], NOW) == State::Granted);
    }
}

fn check_view(args: &Value) {
    let files: Vec<ApprovalFile> =
        render::paths(args).into_iter().map(|path| ApprovalFile { path, text: Some("a\nb\n".to_owned()) }).collect();
    let (kind, target, effect, amount) = (ActionKind::ToolCall, "t", None, None);
    let shown = Shown { kind, target, effect, amount, tokens: None, model: None, args, files: &files };
    let view = render::action(&shown);
    let read = json::parse(&view.canonical(), Profile::Data).and_then(|written| ApprovalView::read(&written));
    assert!(read.is_ok_and(|read| read == view), "a view is outside its contract");
    let hides = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    assert!(!view.lines.iter().any(|line| line.contains(hides)), "a line hides or reorders something");
}
