//! Policies as texts: the operations of the area `policy`, and cases that a policy is tested with.

use crate::files::StatedLinks;
use crate::home::{format, policy_error, read_include};
use crate::operations::Output;
use std::collections::BTreeSet;
use std::path::Path;
use talos_contracts::json::{self, Profile, Value};
use talos_contracts::*;
use talos_policy::{
    CompiledPolicy, Finding, Format, PolicyError, PolicyFacts, RealPaths, RunState, Subject, read_document,
};

/// How messages call a policy that was given as a text.
const POLICY: &str = "policy";

/// A policy from its text and the texts of the files that it includes. Where none are given, it can include none.
fn load(
    text: &str,
    of: Option<PolicyFormat>,
    files: Option<&[PolicyFile]>,
) -> Result<CompiledPolicy, Vec<PolicyError>> {
    let Some(files) = files else { return CompiledPolicy::load(text.as_bytes(), format(of), POLICY) };
    let read = |path: &str| {
        let file = files.iter().find(|file| file.path == path).map(|file| file.text.as_bytes().to_vec());
        file.ok_or_else(|| {
            Error::new(ErrorCode::PolicyIncludeUnreadable, format!("{path:?} is not among the files given"))
        })
    };
    CompiledPolicy::load_with(text.as_bytes(), format(of), POLICY, &read)
}

fn loaded(text: &str, of: Option<PolicyFormat>, files: Option<&[PolicyFile]>) -> Result<CompiledPolicy, Error> {
    load(text, of, files).map_err(|errors| policy_error(&errors))
}

pub(crate) fn check(input: &PolicyCheckInput) -> Output {
    let output = match load(&input.text, input.format, input.files.as_deref()) {
        Ok(policy) => PolicyCheckOutput {
            valid: true,
            id: Some(policy.policy().id.clone()),
            hash: Some(policy.hash()),
            tools: Some(policy.tool_names()),
            errors: None,
        },
        Err(errors) => PolicyCheckOutput {
            valid: false,
            id: None,
            hash: None,
            tools: None,
            errors: Some(errors.into_iter().map(mistake).collect()),
        },
    };
    Ok(output.canonical())
}

fn mistake(error: PolicyError) -> PolicyMistake {
    PolicyMistake {
        file: (error.file != POLICY).then_some(error.file),
        code: error.code,
        message: error.message,
        line: error.line.into(),
        column: error.column.into(),
        suggestion: error.suggestion,
    }
}

pub(crate) fn decide(input: &PolicyDecideInput) -> Output {
    let policy = loaded(&input.policy, input.format, input.files.as_deref())?;
    let found = find(&policy, &input.action, input.state.as_ref(), input.subject.as_ref());
    let some = |list: Vec<_>| (!list.is_empty()).then_some(list);
    let rates = found.rates.into_iter().map(|rate| PolicyRateKept {
        rule: rate.rule,
        key: rate.key,
        calls: rate.calls,
        per_seconds: rate.per_seconds,
        burst: rate.burst,
    });
    Ok(PolicyDecideOutput {
        verdict: found.verdict,
        effect: found.effect,
        reasons: found.reasons,
        rates: some(rates.collect()),
        asks: (!found.asks.is_empty()).then_some(found.asks),
        asks_expire_ms: found.asks_expire_ms,
    }
    .canonical())
}

/// What a policy says to an action of a run that has come so far. No file of this machine is looked at.
pub fn find(
    policy: &CompiledPolicy,
    action: &Action,
    state: Option<&PolicyState>,
    subject: Option<&PolicySubject>,
) -> Finding {
    let state = state.cloned().unwrap_or_default();
    let subject = subject.cloned().unwrap_or_default();
    let links = state.real_paths.map(StatedLinks);
    let subject = Subject {
        organisation: subject.organisation,
        team: subject.team,
        agent: subject.agent,
        actor: subject.actor.unwrap_or_default(),
        run: subject.run.unwrap_or_default(),
    };
    let no_args = Value::object::<&str>([]);
    let facts = PolicyFacts::new(action.kind, &action.target, action.args.as_ref().unwrap_or(&no_args));
    policy.decide(&PolicyFacts {
        subject: &subject,
        effect: action.effect,
        tool_hash: action.tool_hash,
        principal: action.principal.as_deref(),
        consent: action.consent,
        kyc: action.kyc,
        tokens: action.tokens,
        amount: action.amount.as_ref(),
        now_ms: state.now_ms.unwrap_or(0),
        files: links.as_ref().map(|links| links as &dyn RealPaths),
        state: RunState {
            admitted: state.tool_calls_admitted.unwrap_or(0),
            in_flight: state.tool_calls_in_flight.unwrap_or(0),
            tokens_reserved: state.tokens_reserved.unwrap_or(0),
            spent_micro: state.spent_micro.unwrap_or(0),
        },
        ..facts
    })
}

pub(crate) fn explain(input: &PolicyExplainInput) -> Output {
    let policy = loaded(&input.policy, input.format, input.files.as_deref())?;
    let rules = policy.explain(input.tool.as_deref()).into_iter();
    let rules = rules.map(|rule| PolicyExplanation { rule: rule.rule, matches: rule.matches, warnings: rule.warnings });
    Ok(PolicyExplainOutput { rules: rules.collect() }.canonical())
}

pub(crate) fn test(input: &PolicyTestInput) -> Output {
    let policy = loaded(&input.policy, input.format, input.files.as_deref())?;
    Ok(run_cases(&policy, &input.cases).canonical())
}

/// Runs cases against a policy.
pub fn run_cases(policy: &CompiledPolicy, cases: &[PolicyCase]) -> PolicyTestOutput {
    let results: Vec<PolicyCaseResult> = cases.iter().map(|case| run_case(policy, case)).collect();
    let passed = results.iter().filter(|result| result.passed).count() as u64;
    PolicyTestOutput { passed, failed: results.len() as u64 - passed, results }
}

fn run_case(policy: &CompiledPolicy, case: &PolicyCase) -> PolicyCaseResult {
    let found = find(policy, &case.action, case.state.as_ref(), case.subject.as_ref());
    let expect = &case.expect;
    let set = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<BTreeSet<String>>();
    let lists = [
        (
            "reasons",
            expect.reasons.as_ref().map(|codes| set(codes.iter().map(|code| code.as_str()).collect())),
            set(found.reasons.iter().map(|reason| reason.code.as_str()).collect()),
        ),
        (
            "asks",
            expect.asks.as_ref().map(|ids| set(ids.iter().map(String::as_str).collect())),
            set(found.asks.iter().map(|ask| ask.id.as_str()).collect()),
        ),
        (
            "rates",
            expect.rates.as_ref().map(|ids| set(ids.iter().map(String::as_str).collect())),
            set(found.rates.iter().map(|rate| rate.rule.as_str()).collect()),
        ),
    ];
    let mut problems = Vec::new();
    if found.verdict != expect.verdict {
        problems.push(format!("verdict: expected {}, found {}", expect.verdict.as_str(), found.verdict.as_str()));
    }
    if let Some(effect) = expect.effect.filter(|effect| *effect != found.effect) {
        problems.push(format!("effect: expected {}, found {}", effect.as_str(), found.effect.as_str()));
    }
    for (what, expected, found) in lists {
        if let Some(expected) = expected.filter(|expected| *expected != found) {
            problems.push(format!("{what}: expected {}, found {}", listed(&expected), listed(&found)));
        }
    }
    PolicyCaseResult {
        name: case.name.clone(),
        passed: problems.is_empty(),
        verdict: found.verdict,
        problems,
        reasons: found.reasons,
    }
}

fn listed(names: &BTreeSet<String>) -> String {
    match names.is_empty() {
        true => "none".to_owned(),
        false => names.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
    }
}

/// Reads a file of cases for a policy. The error has every place in it that cannot be read.
pub fn read_cases(path: &Path) -> Result<PolicyTest, Error> {
    let name = path.display().to_string();
    let text = read_include(&name).map_err(|error| Error { code: ErrorCode::InputUnreadable, ..error })?;
    let format = Format::from_path(&name).unwrap_or_else(|| Format::sniff(&String::from_utf8_lossy(&text)));
    let placed = |error: Error| {
        let (line, column) = error.span.map_or((1, 1), |span| talos_policy::position(&text, span.start as usize));
        Error { detail: format!("{name}:{line}:{column}: {}", error.detail), ..error }
    };
    // Arguments may have fractions, which the other formats have no place for.
    let value = match format {
        Format::Json => json::parse(&text, Profile::Data).map_err(placed)?,
        _ => read_document(&text, format, &name).map_err(|errors| policy_error(&errors))?,
    };
    PolicyTest::read(&value).map_err(placed)
}

pub(crate) fn diff(input: &PolicyDiffInput) -> Output {
    let before = loaded(&input.before, input.before_format, input.before_files.as_deref())?;
    let after = loaded(&input.after, input.after_format, input.after_files.as_deref())?;
    Ok(PolicyDiffOutput { changes: before.changes_to(&after) }.canonical())
}

pub(crate) fn format_text(input: &PolicyFormatInput) -> Output {
    let text = talos_policy::format(input.text.as_bytes(), format(input.format), POLICY)
        .map_err(|errors| policy_error(&errors))?;
    Ok(PolicyFormatOutput { changed: text != input.text, text }.canonical())
}

pub(crate) fn schema() -> Vec<u8> {
    PolicySchemaOutput { schema: POLICY_SCHEMA.to_owned() }.canonical()
}
