//! `talos policy`: check, explain, test, replay, compare and lay out policies, and project them to Cedar.

use crate::output::{INVALID, Output, read_named};
use crate::policy_replay;
use crate::whole_file::replace_text;
use clap::Subcommand;
use std::path::{Path, PathBuf};
use talos_shared::contracts::json::Value;
use talos_shared::contracts::{
    Error, POLICY_SCHEMA, PolicyCaseResult, PolicyChange, PolicyDirection, PolicyTestOutput,
};
use talos_shared::policies::{read_cases, run_cases};
use talos_shared::policy::{CompiledPolicy, Explanation, Format, MAX_BYTES, PolicyError};
use talos_shared::policy_cedar::{Loss, project};
use talos_shared::{CedarFiles, Home, load_policy, read_include};

#[derive(Subcommand)]
pub enum Command {
    /// Load a policy, and say what is wrong with it: file, line, column. A file that ends in .cedar has Cedar policies.
    Check {
        file: PathBuf,
        /// The tools' definitions that Cedar policies are about, as `talos init` writes them.
        #[arg(long, value_name = "FILE")]
        tools: Option<PathBuf>,
    },
    /// Print what Cedar policies would decide like this policy, for analysis; it says what Cedar cannot say.
    Cedar { file: PathBuf },
    /// Say in words what each rule can match, or what a call of one tool meets.
    Explain {
        file: PathBuf,
        /// Only the rules that a call of this tool meets.
        #[arg(long, value_name = "NAME")]
        tool: Option<String>,
    },
    /// Run files of cases against a policy; ends with 1 if one fails.
    Test {
        file: PathBuf,
        /// Files of contract policy_test.
        #[arg(required = true)]
        cases: Vec<PathBuf>,
    },
    /// Decide anew on what is in the log, and list what this policy would change.
    Replay {
        file: PathBuf,
        /// The directory whose log is read [default: that of --dir].
        #[arg(long, value_name = "DIR")]
        against_dir: Option<PathBuf>,
        /// Only this run.
        #[arg(long, value_name = "RUN")]
        run: Option<String>,
    },
    /// Say in which rules two policies differ, and whether the second allows more or less.
    Diff { before: PathBuf, after: PathBuf },
    /// Write a policy in its canonical order and layout to standard output.
    Fmt {
        file: PathBuf,
        /// Write nothing; end with 1 if the file has another layout.
        #[arg(long, conflicts_with = "write")]
        check: bool,
        /// Write the file itself, in one step.
        #[arg(long)]
        write: bool,
    },
    /// Print the JSON Schema of policy files, for editors.
    Schema,
}

pub fn run(command: Command, directory: impl Fn() -> Result<PathBuf, Error>, output: &Output) -> Result<i32, Error> {
    match command {
        Command::Check { file, tools } if file.extension().is_some_and(|end| end == "cedar") => {
            check_cedar(CedarFiles { policies: vec![file], tools }, output)
        }
        Command::Check { file, tools: _ } => check(&file, output),
        Command::Cedar { file } => {
            let text = project(load_policy(&file)?.policy());
            output.print(&text, || Value::object([("cedar", Value::from(text.as_str()))]));
            Ok(0)
        }
        Command::Explain { file, tool } => explain(&file, tool.as_deref(), output),
        Command::Test { file, cases } => test(&file, &cases, output),
        Command::Replay { file, against_dir, run } => {
            let home = Home::open(&against_dir.map_or_else(directory, Ok)?)?;
            policy_replay::run(&home, &load_policy(&file)?, run.as_deref(), output)
        }
        Command::Diff { before, after } => diff(&before, &after, output),
        Command::Fmt { file, check, write } => format(&file, check, write, output),
        Command::Schema => {
            output.print(POLICY_SCHEMA, || Value::object([("schema", Value::from(POLICY_SCHEMA))]));
            Ok(0)
        }
    }
}

/// The text of a policy, its format, and its name.
fn read(file: &Path) -> Result<(Vec<u8>, Format, String), Error> {
    let name = file.display().to_string();
    let text = read_named(file, MAX_BYTES)?;
    let format = Format::from_path(&name).unwrap_or_else(|| Format::sniff(&String::from_utf8_lossy(&text)));
    Ok((text, format, name))
}

fn check(file: &Path, output: &Output) -> Result<i32, Error> {
    let (text, format, name) = read(file)?;
    let policy = match CompiledPolicy::load_with(&text, format, &name, &read_include) {
        Ok(policy) => policy,
        Err(errors) => return Ok(print_errors(&errors, output)),
    };
    let (id, hash, tools) = (&policy.policy().id, policy.hash(), policy.tool_names());
    output.print(&format!("{name}: policy {id:?}, {} tools, hash {hash}", tools.len()), || {
        Value::object([
            ("valid", Value::from(true)),
            ("id", Value::from(id.as_str())),
            ("hash", Value::from(hash.to_b64())),
            ("tools", Value::from(tools.iter().map(|t| Value::from(t.as_str())).collect::<Vec<_>>())),
        ])
    });
    Ok(0)
}

fn print_errors(errors: &[PolicyError], output: &Output) -> i32 {
    let text: Vec<String> = errors.iter().map(ToString::to_string).collect();
    output.print(&text.join("\n"), || {
        Value::object([
            ("valid", Value::from(false)),
            ("errors", Value::from(errors.iter().map(mistake).collect::<Vec<_>>())),
        ])
    });
    i32::from(INVALID)
}

/// Says also what of the tools' schemas no policy can name.
fn check_cedar(files: CedarFiles, output: &Output) -> Result<i32, Error> {
    // There is a file, so there are policies.
    let Some(policies) = files.load()? else { return Ok(0) };
    let losses = policies.losses();
    let mut text = format!("{} policies\n", policies.len());
    for loss in losses {
        text.push_str(&format!(
            "tool {:?}, argument {}: no policy can name it: {}\n",
            loss.tool, loss.argument, loss.why
        ));
    }
    output.print(&text, || {
        let as_value = |loss: &Loss| {
            let parts = [("tool", &loss.tool), ("argument", &loss.argument), ("why", &loss.why)];
            Value::object(parts.map(|(name, text)| (name, Value::from(text.as_str()))))
        };
        Value::object([
            ("valid", Value::from(true)),
            ("policies", Value::from(policies.len() as i64)),
            ("losses", Value::from(losses.iter().map(as_value).collect::<Vec<_>>())),
        ])
    });
    Ok(0)
}

fn mistake(error: &PolicyError) -> Value {
    let mut members = vec![
        ("code", Value::from(error.code.as_str())),
        ("file", Value::from(error.file.as_str())),
        ("line", Value::from(i64::from(error.line))),
        ("column", Value::from(i64::from(error.column))),
        ("message", Value::from(error.message.as_str())),
    ];
    members.extend(error.suggestion.as_ref().map(|s| ("suggestion", Value::from(s.as_str()))));
    Value::object(members)
}

fn explain(file: &Path, tool: Option<&str>, output: &Output) -> Result<i32, Error> {
    let rules = load_policy(file)?.explain(tool);
    let text: String = rules.iter().map(in_words).collect();
    output.print(&text, || Value::from(rules.iter().map(as_value).collect::<Vec<_>>()));
    Ok(0)
}

fn in_words(rule: &Explanation) -> String {
    let warnings: String = rule.warnings.iter().map(|w| format!("    warning: {w}\n")).collect();
    format!("{}\n    {}\n{warnings}", rule.rule, rule.matches)
}

fn as_value(rule: &Explanation) -> Value {
    Value::object([
        ("rule", Value::from(rule.rule.as_str())),
        ("matches", Value::from(rule.matches.as_str())),
        ("warnings", Value::from(rule.warnings.iter().map(|w| Value::from(w.as_str())).collect::<Vec<_>>())),
    ])
}

fn test(file: &Path, files: &[PathBuf], output: &Output) -> Result<i32, Error> {
    let policy = load_policy(file)?;
    let (mut passed, mut failed, mut results) = (0, 0, Vec::new());
    for path in files {
        let mut outcome = run_cases(&policy, &read_cases(path)?.cases);
        passed += outcome.passed;
        failed += outcome.failed;
        results.append(&mut outcome.results);
    }
    let outcome = PolicyTestOutput { passed, failed, results };
    output.print(&in_lines(&outcome), || {
        Value::object([
            ("passed", number(outcome.passed)),
            ("failed", number(outcome.failed)),
            ("results", Value::from(outcome.results.iter().map(result_value).collect::<Vec<_>>())),
        ])
    });
    Ok(i32::from(outcome.failed > 0))
}

/// The results in the Test Anything Protocol, version 14.
fn in_lines(outcome: &PolicyTestOutput) -> String {
    let mut text = format!("TAP version 14\n1..{}\n", outcome.results.len());
    for (index, result) in outcome.results.iter().enumerate() {
        let state = if result.passed { "ok" } else { "not ok" };
        // A hash sign would begin a directive.
        let name: String = result.name.chars().map(|c| if c == '#' || c.is_control() { ' ' } else { c }).collect();
        text.push_str(&format!("{state} {} - {name}\n", index + 1));
        for problem in &result.problems {
            text.push_str(&format!("  # {problem}\n"));
        }
        for reason in result.reasons.iter().filter(|_| !result.passed) {
            text.push_str(&format!("  # {}: {}\n", reason.code.as_str(), reason.message));
        }
    }
    text.push_str(&format!("# {} passed, {} failed\n", outcome.passed, outcome.failed));
    text
}

fn result_value(result: &PolicyCaseResult) -> Value {
    let problems = result.problems.iter().map(|problem| Value::from(problem.as_str()));
    Value::object([
        ("name", Value::from(result.name.as_str())),
        ("passed", Value::from(result.passed)),
        ("verdict", Value::from(result.verdict.as_str())),
        ("problems", Value::from(problems.collect::<Vec<_>>())),
    ])
}

fn number(n: u64) -> Value {
    Value::from(i64::try_from(n).unwrap_or(i64::MAX))
}

fn diff(before: &Path, after: &Path, output: &Output) -> Result<i32, Error> {
    let changes = load_policy(before)?.changes_to(&load_policy(after)?);
    let text: String = match changes.is_empty() {
        true => "no difference\n".to_owned(),
        false => changes.iter().map(change_in_words).collect(),
    };
    output.print(&text, || Value::from(changes.iter().map(change_value).collect::<Vec<_>>()));
    Ok(0)
}

fn change_in_words(change: &PolicyChange) -> String {
    let direction = match change.direction {
        PolicyDirection::Wider => "wider",
        PolicyDirection::Narrower => "narrower",
        PolicyDirection::Neutral => "no effect",
        PolicyDirection::Unclear => "wider or narrower",
    };
    let detail = if change.detail.is_empty() { String::new() } else { format!("    {}\n", change.detail) };
    format!("{} {}: {direction}\n{detail}", change.change.as_str(), change.rule)
}

fn change_value(change: &PolicyChange) -> Value {
    Value::object([
        ("rule", Value::from(change.rule.as_str())),
        ("change", Value::from(change.change.as_str())),
        ("direction", Value::from(change.direction.as_str())),
        ("detail", Value::from(change.detail.as_str())),
    ])
}

fn format(file: &Path, check: bool, write: bool, output: &Output) -> Result<i32, Error> {
    let (text, format, name) = read(file)?;
    let laid_out = match talos_shared::policy::format(&text, format, &name) {
        Ok(laid_out) => laid_out,
        Err(errors) => return Ok(print_errors(&errors, output)),
    };
    let changed = laid_out.as_bytes() != text;
    let value = || Value::object([("changed", Value::from(changed)), ("text", Value::from(laid_out.as_str()))]);
    if check {
        let says = if changed { "has another layout: talos policy fmt --write" } else { "is in its layout" };
        output.print(&format!("{name} {says}"), value);
        return Ok(i32::from(changed));
    }
    if write && changed {
        replace_text(file, &laid_out)?;
    }
    match write {
        true => output.print(&format!("{name}: {}", if changed { "written" } else { "is in its layout" }), value),
        false => output.print(&laid_out, value),
    }
    Ok(0)
}
