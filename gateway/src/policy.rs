//! `talos policy`: check, explain, project to Cedar.

use crate::output::{INVALID, Output, read_named};
use clap::Subcommand;
use std::path::{Path, PathBuf};
use talos_shared::contracts::Error;
use talos_shared::contracts::json::Value;
use talos_shared::policy::{CompiledPolicy, Explanation, Format, MAX_BYTES, PolicyError};
use talos_shared::policy_cedar::{Loss, project};
use talos_shared::{CedarFiles, load_policy, read_include};

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
}

pub fn run(command: Command, output: &Output) -> Result<i32, Error> {
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
    }
}

fn check(file: &Path, output: &Output) -> Result<i32, Error> {
    let name = file.display().to_string();
    let text = read_named(file, MAX_BYTES)?;
    let format = Format::from_path(&name).unwrap_or_else(|| Format::sniff(&String::from_utf8_lossy(&text)));
    match CompiledPolicy::load_with(&text, format, &name, &read_include) {
        Ok(policy) => {
            let hash = policy.hash();
            let tools = policy.tool_names();
            output.print(
                &format!("{name}: policy {:?}, {} tools, hash {hash}", policy.policy().id, tools.len()),
                || {
                    Value::object([
                        ("valid", Value::from(true)),
                        ("id", Value::from(policy.policy().id.as_str())),
                        ("hash", Value::from(hash.to_b64())),
                        ("tools", Value::from(tools.iter().map(|t| Value::from(t.as_str())).collect::<Vec<_>>())),
                    ])
                },
            );
            Ok(0)
        }
        Err(errors) => {
            let text: Vec<String> = errors.iter().map(ToString::to_string).collect();
            output.print(&text.join("\n"), || {
                Value::object([
                    ("valid", Value::from(false)),
                    ("errors", Value::from(errors.iter().map(mistake).collect::<Vec<_>>())),
                ])
            });
            Ok(i32::from(INVALID))
        }
    }
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
