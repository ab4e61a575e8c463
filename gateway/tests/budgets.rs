//! `talos budget` as people and programs use it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use talos_shared::Home;
use talos_shared::contracts::json::{self, Profile, Value};
use talos_shared::contracts::{Amount, ErrorCode, OutcomeStatus};
use talos_shared::kernel::{Action, Settlement};
use tempfile::TempDir;

const POLICY: &str = "id: spending
allowed_tools:
  - {name: search, effect: read}
  - {name: pay, effect: spend}
";

fn home() -> TempDir {
    let dir = TempDir::new().unwrap();
    Home::init(dir.path()).unwrap();
    fs::write(dir.path().join("policy.yaml"), POLICY).unwrap();
    dir
}

fn talos(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_talos")).arg("--dir").arg(dir).args(args).output().unwrap()
}

/// What `talos budget` says, which has to end well.
#[track_caller]
fn budget(dir: &TempDir, args: &[&str]) -> String {
    let output = talos(dir.path(), &[&["budget"], args].concat());
    assert!(output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn json_of(output: &Output) -> Value {
    json::parse(&output.stdout, Profile::Data).unwrap()
}

fn parsed(text: &str) -> Value {
    json::parse(text.as_bytes(), Profile::Data).unwrap()
}

#[track_caller]
fn budget_json(dir: &TempDir, args: &[&str]) -> Value {
    let output = talos(dir.path(), &[&["--json", "budget"], args].concat());
    assert!(output.status.success(), "{args:?}: {output:?}");
    json_of(&output)
}

/// The code of what `talos budget` refuses, and what it says of it to people.
#[track_caller]
fn refused(dir: &Path, args: &[&str]) -> (String, String) {
    let output = talos(dir, &[&["--json", "budget"], args].concat());
    let code = json_of(&output).get("code").and_then(Value::as_str).unwrap().to_owned();
    let exit = Some(if code.starts_with("malformed.") { 3 } else { 1 });
    let people = talos(dir, &[&["budget"], args].concat());
    assert_eq!((output.status.code(), people.status.code()), (exit, exit), "{args:?}");
    assert!(people.stdout.is_empty(), "{args:?}");
    (code, String::from_utf8(people.stderr).unwrap())
}

/// A call of this tool, which costs so much of a dollar and so many tokens.
fn call(dir: &TempDir, tool: &str, micro: Option<u64>, tokens: Option<u64>) {
    let home = Home::open(dir.path()).unwrap();
    let kernel = home.kernel(home.policy().unwrap()).unwrap();
    let run = kernel.open_run(&kernel.new_id().unwrap(), &kernel.issuer()).unwrap();
    let args = parsed("{}");
    let amount = micro.map(|micro| Amount { micro, currency: "USD".to_owned() });
    let action = Action { amount: amount.as_ref(), tokens: Some(1), ..Action::tool_call("a", tool, &args) };
    let decision = run.authorize(&action);
    assert!(decision.allowed(), "{:?}", decision.reasons);
    run.start("a", &action).unwrap();
    let settlement = Settlement { tokens, ..Settlement::new(OutcomeStatus::Ok, None) };
    run.settle("a", &settlement).unwrap().wait().unwrap();
    run.close().unwrap();
}

#[test]
fn a_budget_is_set_and_shown_to_people() {
    let dir = home();
    assert_eq!(budget(&dir, &["show"]), "no budgets: talos budget set\n");
    assert_eq!(budget(&dir, &["top"]), "no budgets: talos budget set\n");
    assert_eq!(budget(&dir, &["set", "all", "2.50 USD"]), "all may use 2.50 USD\n");
    assert_eq!(budget(&dir, &["set", "tool:search", "3 calls", "--mode", "warn"]), "tool:search may use 3 calls\n");
    call(&dir, "pay", Some(1_250_000), None);
    call(&dir, "search", None, None);
    assert_eq!(
        budget(&dir, &["show"]),
        "SCOPE        CAP       USED      HELD      LEFT\n\
         tool:search  3 calls   1 calls   0 calls   2 calls   warn\n\
         all          2.50 USD  1.25 USD  0.00 USD  1.25 USD\n"
    );
    assert_eq!(budget(&dir, &["set", "all", "3 USD"]), "all may use 3.00 USD\n", "other terms, the same account");
    let all = budget(&dir, &["show", "all"]);
    assert!(all.contains("3.00 USD  1.25 USD") && !all.contains("search"), "{all}");
    assert_eq!(budget(&dir, &["remove", "all", "USD"]), "removed\n");
    assert_eq!(budget(&dir, &["show", "all"]), "no budgets: talos budget set\n");
}

#[test]
fn a_budget_is_set_and_shown_to_programs() {
    let dir = home();
    assert_eq!(budget_json(&dir, &["show"]), parsed(r#"{"accounts":[]}"#));
    let terms = r#"{"cap":2500000,"currency":"USD","default_cost":10000,"mode":"hard","scope":{"level":"run","name":"*"},
        "unit":"money","window":{"kind":"sliding","seconds":900}}"#;
    let set = ["set", "run:*", "2.50 USD", "--default", "0.01 USD", "--window", "15m", "--sliding"];
    assert_eq!(budget_json(&dir, &set), parsed(&format!(r#"{{"budget":{terms}}}"#)));
    let account = format!(r#"{{"budget":{terms},"debt":0,"held":0,"left":2500000,"spent":0}}"#);
    assert_eq!(budget_json(&dir, &["show", "run"]), parsed(&format!(r#"{{"accounts":[{account}]}}"#)));
    assert_eq!(budget_json(&dir, &["show", "tool"]), parsed(r#"{"accounts":[]}"#));
    assert_eq!(budget_json(&dir, &["remove", "run:*", "USD", "--window", "15m", "--sliding"]), parsed("{}"));
}

#[test]
fn the_fullest_come_first_and_a_debt_is_named() {
    let dir = home();
    for (scope, amount) in
        [("all", "100 tokens"), ("tool:search", "4 calls"), ("tool:pay", "1_000 tokens"), ("run:*", "9 calls")]
    {
        budget(&dir, &["set", scope, amount]);
    }
    call(&dir, "search", None, Some(130));
    let top = budget(&dir, &["top"]);
    let scopes: Vec<&str> = top.lines().skip(1).filter_map(|line| line.split(' ').next()).collect();
    assert_eq!((scopes[0], scopes[1], scopes[3]), ("all", "tool:search", "tool:pay"), "{top}");
    assert!(scopes[2].starts_with("run:") && scopes.len() == 4 && !top.contains("run:*"), "{top}");
    assert!(top.contains("130 tokens  0 tokens  0 tokens ") && top.contains(" 30 tokens in debt\n"), "{top}");
    assert_eq!(budget(&dir, &["top", "--limit", "1"]).lines().count(), 2);
    let first = budget_json(&dir, &["top", "--limit", "1"]);
    let accounts = first.get("accounts").and_then(Value::as_array).unwrap();
    let figure = |name| accounts[0].get(name).and_then(Value::as_i64);
    assert_eq!((accounts.len(), figure("spent"), figure("debt")), (1, Some(130), Some(30)));
}

#[test]
fn what_nobody_can_mean_is_refused_and_nothing_is_set() {
    let dir = home();
    for (args, why) in [
        (&["all", "5 apples"][..], "no unit \"apples\""),
        (&["all", "5 usd"], "no unit \"usd\""),
        (&["all", "5"], "is no amount"),
        (&["all", "--", "-1 calls"], "is no amount"),
        (&["all", "1e3 calls"], "is no amount"),
        (&["all", ". USD"], "is no amount"),
        (&["all", "5. USD"], "is no amount"),
        (&["all", "1.5 calls"], "more than 0 places"),
        (&["all", "0.0000001 USD"], "more than 6 places"),
        (&["all", "9007199254740992 calls"], "is too much"),
        (&["all", "9007199254.740992 USD"], "is too much"),
        (&["all", "18446744073709551615 USD"], "is too much"),
        (&["all", "18446744073709551616 calls"], "is no amount"),
        (&["planet:mars", "5 calls"], "no level \"planet\""),
        (&["team", "5 calls"], "team needs a name"),
        (&["team:", "5 calls"], "needs a name after the colon"),
        (&["all:everything", "5 calls"], "the level all has no name"),
        (&["all", "5 calls", "--default", "1 tokens"], "another unit"),
        (&["all", "5 calls", "--window", "0s"], "is no time"),
        (&["all", "5 calls", "--window", "367d"], "is no time"),
        (&["all", "5 calls", "--window", "99999999999999999999d"], "is no time"),
        (&["all", "5 calls", "--window", "fortnight"], "is no time"),
    ] {
        let (code, text) = refused(dir.path(), &[&["set"], args].concat());
        assert!(code == "malformed.value" && text.contains(why), "{args:?}: {code}: {text}");
    }
    assert_eq!(budget_json(&dir, &["show"]), parsed(r#"{"accounts":[]}"#));
    assert_eq!(talos(dir.path(), &["budget", "set", "all", "5 calls", "--sliding"]).status.code(), Some(2));
    assert_eq!(refused(dir.path(), &["show", "planet"]).0, "malformed.value");
    assert_eq!(refused(dir.path(), &["remove", "all", "calls"]).0, "budget.unknown");
}

#[test]
fn the_largest_amounts_are_exact() {
    let dir = home();
    budget(&dir, &["set", "all", "9007199254740991 tokens"]);
    budget(&dir, &["set", "all", "9007199254.740991 USD"]);
    let shown = budget(&dir, &["show"]);
    assert!(shown.contains("9007199254740991 tokens") && shown.contains("9007199254.740991 USD"), "{shown}");
}

#[test]
fn a_directory_that_was_not_initialised_has_no_budgets_and_gets_none() {
    let dir = TempDir::new().unwrap();
    for args in [&["show"][..], &["top"], &["set", "all", "5 calls"], &["remove", "all", "calls"]] {
        let (code, text) = refused(dir.path(), args);
        assert!(code == "config.missing" && text.contains("talos init"), "{args:?}: {code}: {text}");
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

/// A price of one's own for a model, in euros, with a vocabulary.
const PRICES: &str = r#"{"prices":[{"currency":"EUR","date":"2026-12-01","encoding":"o200k","input_micro":1000000,
    "max_output":50,"model":"my-model","output_micro":3000000,"source":"https://example.org/our-contract"}]}"#;

#[test]
fn a_model_call_costs_what_the_file_of_prices_says() {
    let dir = home();
    fs::write(dir.path().join("prices.json"), PRICES).unwrap();
    budget(&dir, &["set", "model:my-model", "0.001 EUR"]);
    let home = Home::open(dir.path()).unwrap();
    let kernel = home.kernel(home.policy().unwrap()).unwrap();
    let run = kernel.open_run(&kernel.new_id().unwrap(), &kernel.issuer()).unwrap();
    let args = parsed("{}");
    let ask = |call, tokens| {
        let action =
            Action { model: Some("my-model"), tokens: Some(tokens), ..Action::tool_call(call, "search", &args) };
        run.authorize(&action).code()
    };
    assert_eq!(ask("a", 300), None);
    assert_eq!(ask("b", 34), Some(ErrorCode::BudgetExceeded), "all at the dearer price: 0.0009 and 0.000102 EUR");
    assert_eq!(ask("c", 33), None);
    let shown = budget(&dir, &["show"]);
    assert!(shown.contains("0.00 EUR  0.000999 EUR  0.000001 EUR"), "{shown}");

    fs::write(dir.path().join("prices.json"), PRICES.replace("EUR", "euros")).unwrap();
    assert_eq!(home.kernel(home.policy().unwrap()).err().map(|e| e.code), Some(ErrorCode::ConfigMalformed));
}

#[test]
fn tokens_are_counted_in_the_vocabulary_that_a_price_of_ones_own_names() {
    let count = |catalogue: &str| {
        let input = format!(r#"{{"model":"my-model","text":"お誕生日おめでとう"{catalogue}}}"#);
        let mut command = Command::new(env!("CARGO_BIN_EXE_talos"));
        let mut child =
            command.args(["call", "budget.count_tokens"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        json_of(&child.wait_with_output().unwrap())
    };
    // OpenAI's cookbook, "How to count tokens with tiktoken".
    assert_eq!(count(&format!(r#","catalogue":{PRICES}"#)), parsed(r#"{"exact":true,"tokens":8}"#));
    assert_eq!(count(""), parsed(r#"{"exact":false,"tokens":27}"#));
}

#[test]
fn a_name_reaches_the_terminal_without_its_control_characters() {
    let dir = home();
    budget(&dir, &["set", "team:\u{1b}[2Jred\u{202e}", "5 calls"]);
    let shown = budget(&dir, &["show"]);
    assert!(shown.contains("team:\\u{1b}[2Jred\\u{202e}") && !shown.contains('\u{1b}'), "{shown:?}");
}
