//! Stories as text for a terminal.

use crate::redact::Redactor;
use crate::shown::Shown;
use crate::story::{Body, Call, Ending, Notice, OTHER_POLICY, Prover, Reason, Story, Told, ending};
use crate::words;
use std::io::{self, Write};
use talos_shared::contracts::{ActionKind, Receipt, ReceiptKind};

/// One run as a story.
pub fn story(out: &mut impl Write, story: &Story) -> io::Result<()> {
    let state = if story.closed { "closed" } else { "open" };
    writeln!(out, "Run {}  {state}", story.run)?;
    writeln!(out, "  agent   {}", story.actor)?;
    if !story.principals.is_empty() {
        writeln!(out, "  for     {}", joined(&story.principals))?;
    }
    writeln!(out, "  when    {} to {}", words::time(story.from), words::time(story.to))?;
    for policy in &story.policies {
        writeln!(out, "  policy  {policy}")?;
    }
    if story.sums.calls > 0 {
        let cost = story.sums.cost.words().map_or(String::new(), |cost| format!("; {cost}"));
        writeln!(out, "  sums    {}{cost}", story.sums.words())?;
    }
    if story.other_policy {
        writeln!(out, "  NOTE    {OTHER_POLICY}")?;
    }
    let mut day = words::day(story.from);
    for step in &story.steps {
        let at = match step {
            Told::Call(call) => call.at,
            Told::Notice(notice) => notice.at,
        };
        if words::day(at) != day {
            day = words::day(at);
            writeln!(out, "\n  {day}")?;
        }
        match step {
            Told::Call(call) => self::call(out, call, story.principals.len() > 1)?,
            Told::Notice(notice) => self::notice(out, notice)?,
        }
    }
    writeln!(out)
}

fn joined(texts: &[Shown]) -> String {
    texts.iter().map(Shown::to_string).collect::<Vec<_>>().join(", ")
}

/// Who it was for is said of a call only where a run is for several.
fn call(out: &mut impl Write, call: &Call, principals: bool) -> io::Result<()> {
    let index = call.receipts.first().copied().unwrap_or_default();
    let (verdict, kind, effect) = (call.verdict.as_str().to_uppercase(), call.kind.as_str(), call.effect.as_str());
    writeln!(out, "\n  {}  {index}  {verdict}  {}  ({kind}, {effect})", words::clock(call.at), call.target)?;
    for reason in &call.reasons {
        self::reason(out, reason)?;
    }
    if !call.rules.is_empty() {
        writeln!(out, "      rule {}", call.rules.iter().map(Shown::to_string).collect::<Vec<_>>().join("; "))?;
    }
    for would in &call.would {
        writeln!(out, "      {} would say {}", would.who, would.verdict.as_str().to_uppercase())?;
        would.reasons.iter().try_for_each(|reason| self::reason(out, reason))?;
    }
    if let Some(principal) = call.principal.as_ref().filter(|_| principals) {
        writeln!(out, "      for {principal}")?;
    }
    if let Some((word, approval)) = call.approval_words() {
        writeln!(out, "      {word} approval {}", approval.id)?;
        approval.answers.iter().try_for_each(|answer| writeln!(out, "        {answer}"))?;
    }
    let cost = call.cost.as_ref().map_or(String::new(), |cost| format!("; {} {cost}", call.ending.cost_word()));
    writeln!(out, "      {}{cost}", call.ending.words())?;
    for (what, body) in [("arguments", &call.args), ("result", &call.result)] {
        if let Some(body) = body {
            self::body(out, what, body)?;
        }
    }
    let receipts: Vec<String> = call.receipts.iter().map(u64::to_string).collect();
    let noun = if receipts.len() == 1 { "receipt" } else { "receipts" };
    writeln!(out, "      {noun} {}: {}", receipts.join(", "), call.proof.words())
}

fn reason(out: &mut impl Write, reason: &Reason) -> io::Result<()> {
    writeln!(out, "      {}: {}", reason.code, reason.says)
}

/// Arguments or a result, on lines of their own.
pub fn body(out: &mut impl Write, what: &str, body: &Body) -> io::Result<()> {
    match body {
        Body::NotKept => writeln!(out, "      {what}: not kept"),
        Body::Broken(code) => writeln!(out, "      {what}: not shown: {}: {}", code.as_str(), code.public()),
        Body::Lines(lines) => {
            writeln!(out, "      {what}:")?;
            lines.iter().try_for_each(|line| writeln!(out, "        {line}"))
        }
    }
}

fn notice(out: &mut impl Write, notice: &Notice) -> io::Result<()> {
    writeln!(
        out,
        "\n  {}  {}  {}\n      receipt {}: {}",
        words::clock(notice.at),
        notice.index,
        notice.says,
        notice.index,
        notice.proof.words()
    )
}

/// What the checks of all that was shown come to.
pub fn summary(out: &mut impl Write, prover: &Prover<'_>, size: u64, pending: u64, broken: u64) -> io::Result<()> {
    match prover.head() {
        Ok(Some(checkpoint)) => writeln!(
            out,
            "{} receipts in the log {}; the newest signed checkpoint covers {}",
            size, checkpoint.origin, checkpoint.size
        )?,
        Ok(None) => writeln!(out, "{size} receipts in the log; no checkpoint is signed yet")?,
        Err(error) => {
            writeln!(out, "{size} receipts in the log, none to be believed: {}", Shown::new(&error.to_string()))?
        }
    }
    if broken > 0 {
        writeln!(out, "{broken} of the receipts shown are NOT VALID: `talos log verify` says where the log breaks")?;
    }
    if pending > 0 {
        writeln!(out, "{pending} of the receipts shown are not under a checkpoint: `talos log checkpoint` signs one")?;
    }
    Ok(())
}

/// One line about one receipt.
pub fn line(receipt: &Receipt, redactor: &Redactor) -> String {
    let mut words = vec![receipt.kind.as_str().to_owned()];
    words.extend(receipt.call.as_ref().map(|call| redactor.text(call).to_string()));
    if let Some(action) = &receipt.action {
        words.push(format!("{} {} ({})", action.kind, redactor.target(action.kind, &action.target), action.effect));
    }
    words.extend(receipt.verdict.map(|v| v.as_str().to_uppercase()));
    words.extend(receipt.outcome.as_ref().map(|o| o.status.as_str().to_owned()));
    words.extend(receipt.reasons.iter().flatten().cloned());
    words.extend(receipt.permits.as_ref().map(|p| format!("{} permits without an outcome", p.len())));
    words.extend(receipt.late.filter(|late| *late).map(|_| "late".to_owned()));
    words.join(" ")
}

/// One receipt as it is appended, with the decision that it belongs to.
pub fn event(receipt: &Receipt, decision: Option<&Receipt>, says: &str, redactor: &Redactor) -> String {
    let target = |receipt: &Receipt| {
        let action = receipt.action.as_ref();
        action.map_or_else(|| Shown::new(""), |action| redactor.target(action.kind, &action.target))
    };
    match (receipt.kind, decision) {
        (ReceiptKind::Decision, _) => {
            let action = receipt.action.as_ref();
            let kind = action.map_or(ActionKind::ToolCall, |action| action.kind);
            let effect = action.map_or("", |action| action.effect.as_str());
            let verdict = receipt.verdict.map_or("", |verdict| verdict.as_str()).to_uppercase();
            let reasons: String = receipt.reasons.iter().flatten().map(|code| format!("  {code}")).collect();
            let principal =
                receipt.principal.as_ref().map_or(String::new(), |name| format!("  for {}", redactor.text(name)));
            format!("{verdict}  {}  ({}, {effect}){principal}{reasons}", target(receipt), kind.as_str())
        }
        (ReceiptKind::Start, Some(decision)) => format!("started  {}", target(decision)),
        (_, Some(decision)) => match ending(decision, std::iter::once(receipt), None) {
            Ending::Open | Ending::NotRun => format!("{}  {}", receipt.kind.as_str(), target(decision)),
            ending => format!("{}  {}", target(decision), ending.words()),
        },
        (_, None) => says.to_owned(),
    }
}
