//! What holds for typed argument rules and egress, whatever the arguments are.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::yaml;
use proptest::prelude::*;
use std::process::Command;
use talos_contracts::json::Value;
use talos_contracts::{ActionKind, Amount, ErrorCode, Verdict};
use talos_policy::{CompiledPolicy, Finding, PolicyFacts};

/// A policy of one tool with one rule about its argument `x`.
fn rule(rule: &str) -> CompiledPolicy {
    yaml(&format!("id: p\nallowed_tools:\n  - name: t\n    effect: read\n    args:\n      - {{arg: /x, {rule}}}\n"))
}

fn decide(policy: &CompiledPolicy, x: impl Into<Value>) -> Finding {
    let args = Value::object([("x", x.into())]);
    policy.decide(&PolicyFacts::new(ActionKind::ToolCall, "t", &args))
}

fn is_allowed(policy: &CompiledPolicy, x: impl Into<Value>) -> bool {
    decide(policy, x).verdict == Verdict::Allow
}

/// Every kind with something to check.
const RULES: &[&str] = &[
    "kind: url, hosts: [example.com, '*.example.org', '*'], schemes: [https, http, git], paths: ['/a/**']",
    "kind: path, under: [/data], base: /data, denied: ['*.pem', 'a/**/b'], extensions: [txt], links: lexical",
    "kind: path, under: [/data]",
    "kind: sql, tables: [a, b.c], statements: [select, insert, update, delete, create, alter, drop, transaction]",
    "kind: sql, dialect: postgres, max_statements: 64",
    "kind: sql, dialect: mysql, tables: [a]",
    "kind: sql, dialect: sqlite, functions: [f]",
    "kind: shell, commands: [git status, ls], denied_words: ['-*'], pipes: true",
    "kind: shell, commands: [git status, ls], denied_words: ['-*'], as_array: true",
    "kind: email, domains: [example.com, '*.example.org'], addresses: [a@b.example]",
    "kind: email",
    "kind: money, max_micro: 5, currency: EUR, currency_arg: /x",
    "kind: money, max_micro: 5000000, unit_micro: 1000000, as_string: true",
    "kind: date, earliest: '2026-01-01', ahead_days: 3",
    "kind: number, min: -5, max: 5, fractions: true",
    "kind: number, as_string: true",
    "kind: string, one_of: [a, b], max_chars: 3",
    "kind: string, glob: 'a*'",
    "kind: string, regex: '[a-z]+'",
    "kind: boolean, value: true",
];

/// Text that is likely to reach deep into one of the parsers.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(
            &[
                "https://",
                "http:",
                "example.com",
                "@",
                ":",
                "/",
                "//",
                "\\",
                "..",
                "%2e",
                "%2f",
                "[::1]",
                "127.0.0.1",
                "xn--",
                "/data",
                ".txt",
                "~",
                "$",
                "SELECT ",
                " FROM ",
                "a",
                "(",
                ")",
                "'",
                "\"",
                ";",
                "--",
                "/*",
                "*/",
                "WITH x AS ",
                " UNION ",
                "git status",
                " ",
                "|",
                "&",
                ">",
                "`",
                "{",
                "}",
                "\n",
                "\t",
                "\0",
                "2026-01-01",
                "T",
                "Z",
                "+",
                "1",
                "0.5",
                "-",
                "é",
                "ａ",
                "\u{200b}",
                "\u{3002}",
                "😀",
                ",",
                "DELETE",
                "INSERT INTO a VALUES ",
                "=",
                "#",
            ][..]
        )
        .prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => text().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => (-9_007_199_254_740_991i64..=9_007_199_254_740_991).prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map(prop::sample::select(&["x", "X", "y"][..]), inner, 0..3)
                .prop_map(Value::object),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_argument_is_decided_the_same_twice_and_never_shown(index in 0..RULES.len(), value in value()) {
        let policy = rule(RULES[index]);
        let finding = decide(&policy, value.clone());
        prop_assert_eq!(&finding, &decide(&policy, value.clone()));
        prop_assert_eq!(finding.verdict == Verdict::Allow, finding.reasons.is_empty());
        let secret = value.as_str().filter(|text| text.chars().count() > 12).unwrap_or("\u{10ffff}");
        prop_assert!(finding.reasons.iter().all(|reason| !reason.message.contains(secret)));
    }

    #[test]
    fn a_url_whose_host_is_not_listed_is_denied(url in text(), user in "[a-z]{0,3}", host in "[a-z0-9.\\-]{1,12}|[0-9.]{1,9}|0x[0-9a-f]{1,8}") {
        let policy = rule("kind: url, hosts: [ok.example]");
        for url in [url, format!("https://{host}/"), format!("https://{user}@{host}/"), format!("https://ok.example@{host}")] {
            if is_allowed(&policy, url.clone()) {
                let parsed = url::Url::parse(&url).unwrap();
                prop_assert_eq!(parsed.host_str(), Some("ok.example"), "{}", url);
            }
        }
    }

    #[test]
    fn egress_sees_the_url_that_a_browser_would_follow(prefix in "[ -~]{0,6}", middle in text(), host in "[a-z]{1,5}\\.(net|example)") {
        let policy = yaml("id: p\nallowed_tools: [{name: t, effect: read}]\negress: {hosts: [ok.example]}\n");
        let text = format!("{prefix}https://{host}/{middle}");
        let is_followed = url::Url::parse(&text).is_ok_and(|url| url.host_str().is_some_and(|h| h != "ok.example"));
        if is_followed {
            prop_assert!(!is_allowed(&policy, text.clone()), "{text}");
        }
    }

    #[test]
    fn quoting_and_spaces_never_allow_another_command(word in "[a-z]{1,6}", quote in prop::sample::select(&["'", "\"", "\\", " ", "\t", ""][..]), at in any::<prop::sample::Index>()) {
        let policy = rule("kind: shell, commands: [git status]");
        let line = format!("{word} status");
        prop_assume!(word != "git");
        let mut at = at.index(line.len());
        while !line.is_char_boundary(at) { at -= 1; }
        let line = format!("{}{quote}{}", &line[..at], &line[at..]);
        prop_assert!(!is_allowed(&policy, line.clone()), "{line}");
        let quoted = format!("{quote}{line}{quote}");
        prop_assert!(!is_allowed(&policy, quoted.clone()), "{quoted}");
    }

    #[test]
    fn a_path_that_is_allowed_stays_below_its_directory(path in text()) {
        let policy = rule("kind: path, under: [/data/in], base: /data/in, links: lexical");
        if is_allowed(&policy, path.clone()) {
            let joined = if path.starts_with('/') { path.clone() } else { format!("/data/in/{path}") };
            let mut parts = Vec::new();
            for part in std::path::Path::new(&joined).components() {
                match part {
                    std::path::Component::Normal(part) => parts.push(part.to_str().unwrap().to_owned()),
                    std::path::Component::ParentDir => drop(parts.pop()),
                    _ => {}
                }
            }
            prop_assert!(parts.starts_with(&["data".to_owned(), "in".to_owned()]), "{path}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// The words that the rule sees are those that a shell gives to a program.
    #[test]
    fn an_accepted_line_splits_as_the_shell_splits_it(pieces in prop::collection::vec(prop::sample::select(&[
        "a", "b c", "'", "'x y'", "\"", "\"x  y\"", "\\", "\\ ", "\\\\", "\\'", "\\\"", "\"\\\"\"", "\"\\\\\"", " ", "\t", "=", "~", "#", "!", "*",
        "$", "`", "|", ";", "&", "<", ">", "(", ")", "{", "}", "[", "]", "?", "-", "--x=y", "%s", "é", "世", "''", "\"\"", "'\"'", "\"'\"", "^", "+", "@", ",", ":", ".", "/",
    ][..]), 0..10)) {
        let line = format!("printf {}", pieces.concat());
        let policy = rule("kind: shell, commands: [printf]");
        // Nothing else is run: a line that is denied may do anything.
        if is_allowed(&policy, line.clone()) {
            let words = split_by_shell(&line).unwrap_or_else(|| panic!("the shell refuses {line:?}"));
            prop_assert!(same_words(&line, &words), "{line:?} {words:?}");
        }
    }
}

/// The words of a line as `/bin/sh` gives them to a program; nothing where it refuses the line or says more.
fn split_by_shell(line: &str) -> Option<Vec<String>> {
    let rest = line.strip_prefix("printf")?;
    let script = format!("printf '%s\\0' printf{rest}");
    let nowhere = tempfile::tempdir().unwrap();
    let mut shell = Command::new("/bin/sh");
    let output = shell.args(["-c", &script]).env_clear().current_dir(nowhere.path()).output().unwrap();
    let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success() && output.stderr.is_empty())?;
    Some(text.strip_suffix('\0')?.split('\0').map(str::to_owned).collect())
}

/// Whether the rule sees these words in the line: a rule whose command they are, each in single quotes, allows the line,
/// and one with a word more does not.
fn same_words(line: &str, words: &[String]) -> bool {
    let quoted = |word: &String| format!("'{}'", word.replace('\'', "'\\''"));
    let command: Vec<String> = words.iter().map(quoted).collect();
    let of = |command: &str| rule(&format!("kind: shell, commands: [{}]", serde_json::to_string(command).unwrap()));
    let exact = command.join(" ");
    is_allowed(&of(&exact), line) && !is_allowed(&of(&format!("{exact} ''")), line)
}

/// Of each rule something that it allows, and what differs from that in what the rule is about.
#[test]
fn a_rule_denies_what_is_next_to_what_it_allows() {
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "kind: url, hosts: [a.example], paths: ['/a/*']",
            "https://a.example/a/b",
            &["https://a.example/a/b%2Fc", "https://a.example/a/ｂ", "https://a.example/a/b\\c"],
        ),
        ("kind: url, hosts: [a.example]", "https://a.example/b", &["https://a.example/ｂ", "https://a.example/b\\c"]),
        ("kind: url, hosts: ['*']", "https://a.example/", &["https://a.xn--p1ai/"]),
        ("kind: path, under: [/data], links: lexical", "/data/a", &["data/a", "//data/a", "/data.old/a"]),
        ("kind: path, under: [/], extensions: [txt], links: lexical", "/a.txt", &["/a.txt2", "/a.tx"]),
        ("kind: sql", "SELECT a FROM b", &["SELECT a INTO c FROM b", "SELECT a /*! , c */ FROM b"]),
        ("kind: sql, dialect: mysql", "SELECT a FROM b", &["SELECT a /*! , c */ FROM b"]),
        ("kind: sql, dialect: postgres", "SELECT a FROM b", &["SELECT a INTO c FROM b"]),
        ("kind: shell, commands: [ls, cat], denied_words: ['-*']", "ls a", &["ls -a", "ls a | cat", "ls \"a!b\""]),
        ("kind: date, earliest: '2026-01-31T12:00:00Z'", "2026-02-01", &["2026-01-31"]),
        ("kind: date, latest: '2026-01-31T12:00:00Z'", "2026-01-30", &["2026-01-31"]),
    ];
    for (stated, allowed, denied) in cases {
        let policy = rule(stated);
        assert!(is_allowed(&policy, *allowed), "{stated}: {allowed}");
        denied.iter().for_each(|text| assert!(!is_allowed(&policy, *text), "{stated}: {text}"));
    }
}

#[test]
fn only_the_boolean_of_the_rule_is_allowed() {
    for value in [true, false] {
        let policy = rule(&format!("kind: boolean, value: {value}"));
        assert!(is_allowed(&policy, value) && !is_allowed(&policy, !value), "{value}");
    }
}

#[test]
fn of_what_host_and_arguments_say_the_larger_amount_is_counted() {
    let policy = yaml(
        "id: p\nallowed_tools: [{name: t, effect: spend, amount: {amount_arg: /n}}]\n\
         max_amount: {currency: EUR, per_call_micro: 9}\n",
    );
    let args = Value::object([("n", Value::from(5))]);
    for (stated, counted) in [(3, 5), (7, 7)] {
        let amount = Amount { micro: stated, currency: "EUR".to_owned() };
        let facts = PolicyFacts { amount: Some(&amount), ..PolicyFacts::new(ActionKind::ToolCall, "t", &args) };
        assert_eq!(policy.decide(&facts).amount.map(|amount| amount.micro), Some(counted));
    }
}

#[test]
fn sql_that_nests_as_deep_as_it_may_needs_little_stack() {
    let chains = [
        ["1"; 255].join("+"),
        format!("{}1", "NOT ".repeat(500)),
        format!("{}1", "- ".repeat(500)),
        format!("a{}", "[1]".repeat(160)),
        format!("a{}", " IS NULL".repeat(250)),
        format!("a{}", "::int".repeat(250)),
        format!("a{}", " COLLATE c".repeat(250)),
        format!("{}1{}", "(".repeat(250), ")".repeat(250)),
        format!("{}1{}", "f(".repeat(250), ")".repeat(250)),
        format!("{}1{}", "(SELECT ".repeat(160), ")".repeat(160)),
        format!("{}1{}", "CASE WHEN ".repeat(160), " THEN 1 END".repeat(100)),
        format!("1{}", " UNION SELECT 1".repeat(160)),
        format!("1 FROM a{}", " JOIN a ON true".repeat(120)),
        format!("1 FROM {}a{}", "(".repeat(250), ")".repeat(250)),
    ];
    let check = move || {
        for dialect in ["generic", "postgres", "mysql", "sqlite"] {
            let policy = rule(&format!("kind: sql, dialect: {dialect}, functions: [f]"));
            for chain in &chains {
                decide(&policy, format!("SELECT {chain}"));
            }
        }
    };
    std::thread::Builder::new().stack_size(STACK_BYTES).spawn(check).unwrap().join().unwrap();
}

/// The stack of a thread of Python or Node has more.
const STACK_BYTES: usize = 1 << 20;

#[test]
fn large_arguments_take_little_time() {
    let long = "a".repeat(1 << 20);
    let begun = std::time::Instant::now();
    for text in [long.clone(), "%25".repeat(1 << 18), "//a.".repeat(1 << 18), "a:".repeat(1 << 19), "'".repeat(1 << 20)]
    {
        for kind in RULES {
            decide(&rule(kind), text.clone());
        }
        let policy = yaml("id: p\nallowed_tools: [{name: t, effect: read}]\negress: {hosts: [a.example]}\n");
        decide(&policy, text);
    }
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}

#[test]
fn a_list_full_of_faults_gives_a_few_reasons() {
    let policy = yaml("id: p\nallowed_tools:\n  - name: t\n    effect: read\n    args: [{arg: /x/*, kind: boolean}]\n");
    let finding = decide(&policy, vec![Value::from(1); 100_000]);
    assert_eq!(finding.reasons.len(), talos_policy::MAX_REASONS);
    assert!(finding.reasons.iter().all(|reason| reason.code == ErrorCode::PolicyArgumentType));
}
