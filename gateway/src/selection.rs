//! Which steps of the log are shown. A step is a call with everything that became of it, or one receipt that belongs
//! to no call.

use crate::words;
use clap::Args;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use talos_shared::SystemClock;
use talos_shared::audit::receipt::parse_body;
use talos_shared::contracts::scalar::{Hash, is_code};
use talos_shared::contracts::{Error, ErrorCode, Receipt, ReceiptKind, Verdict};
use talos_shared::kernel::Log;
use talos_shared::kernel::ports::{Clock, Record};
use talos_shared::policy::TextGlob;

/// What `show` and `export` have in common.
#[derive(Args)]
pub struct Options {
    /// Only this run.
    #[arg(long, value_name = "RUN", conflicts_with_all = ["last", "all"])]
    run: Option<String>,
    /// Only the newest run.
    #[arg(long, conflicts_with = "all")]
    last: bool,
    /// Every run.
    #[arg(long)]
    all: bool,
    /// Only what was decided at this time or later: 2026-11-30T22:00:00Z, 2026-11-30, or how long ago, as 2h.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only what was decided before this time.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Only calls of this tool, prompt, resource: a name or a glob; `*` stops at a slash, `**` does not.
    #[arg(long, value_name = "GLOB")]
    tool: Option<String>,
    /// Only calls with this verdict: allow, transform, needs_approval, deny; several with commas.
    #[arg(long, value_name = "VERDICT", value_delimiter = ',', value_parser = verdict)]
    verdict: Vec<Verdict>,
    /// Only calls with this reason, or with a reason of this family: policy.blocked_pattern, policy.
    #[arg(long, value_name = "CODE", value_parser = code)]
    code: Option<String>,
    /// Only this agent.
    #[arg(long, value_name = "DID")]
    actor: Option<String>,
    /// Only calls on behalf of this principal.
    #[arg(long, value_name = "NAME")]
    principal: Option<String>,
    /// The last N steps [default: all of the runs that are named, else 50].
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Show arguments and results, where they are kept, redacted by the policy.
    #[arg(long)]
    pub bodies: bool,
    /// The policy whose blocked patterns redact what is shown [default: the directory's].
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
}

fn verdict(word: &str) -> Result<Verdict, String> {
    Verdict::parse(word).ok_or_else(|| {
        let words: Vec<&str> = Verdict::ALL.iter().map(|verdict| verdict.as_str()).collect();
        format!("expected one of {}", words.join(", "))
    })
}

fn code(code: &str) -> Result<String, String> {
    if is_code(code) { Ok(code.to_owned()) } else { Err("a code is words of a-z, 0-9 and _ joined by dots".to_owned()) }
}

impl Options {
    /// Whether runs were named; then they are shown whole.
    pub fn names_runs(&self) -> bool {
        self.run.is_some() || self.last || self.all
    }

    /// Whether every run was named.
    pub fn is_all(&self) -> bool {
        self.all
    }

    /// The last so many steps.
    pub fn limit(&self, default: u64) -> u64 {
        self.limit.unwrap_or(if self.names_runs() { u64::MAX } else { default })
    }

    /// The filter that these options are.
    pub fn filter(&self, log: &Log<'_>) -> Result<Filter, Error> {
        let now = SystemClock::default().wall_ms()?;
        let time = |text: &Option<String>| text.as_ref().map(|text| words::parse_time(text, now)).transpose();
        let run = if self.last { Some(newest_run(log)?) } else { self.run.clone() };
        Ok(Filter {
            run,
            since: time(&self.since)?,
            until: time(&self.until)?,
            actor: self.actor.clone(),
            tool: self
                .tool
                .as_ref()
                .map(|tool| TextGlob::compile(tool).map(|glob| (tool.clone(), glob)))
                .transpose()?,
            verdicts: self.verdict.clone(),
            code: self.code.clone(),
            principal: self.principal.clone(),
        })
    }

    /// What was asked for, in words.
    pub fn about(&self) -> String {
        let verdicts: Vec<&str> = self.verdict.iter().map(|verdict| verdict.as_str()).collect();
        let verdicts = (!verdicts.is_empty()).then(|| verdicts.join(","));
        let limit = self.limit.map(|limit| limit.to_string());
        let named = [
            ("run", self.run.as_ref()),
            ("since", self.since.as_ref()),
            ("until", self.until.as_ref()),
            ("tool", self.tool.as_ref()),
            ("verdict", verdicts.as_ref()),
            ("code", self.code.as_ref()),
            ("actor", self.actor.as_ref()),
            ("principal", self.principal.as_ref()),
            ("limit", limit.as_ref()),
        ];
        let mut words: Vec<String> =
            named.into_iter().filter_map(|(name, value)| value.map(|value| format!("{name} {value}"))).collect();
        if self.last {
            words.insert(0, "the newest run".to_owned());
        }
        if words.is_empty() { "everything".to_owned() } else { words.join(", ") }
    }
}

fn newest_run(log: &Log<'_>) -> Result<String, Error> {
    for index in (0..log.size()?).rev() {
        if let Ok(receipt) = parse_body(&log.at(index)?.sealed.body) {
            return Ok(receipt.run);
        }
    }
    Err(Error::new(ErrorCode::ReceiptUnknown, "the log is empty"))
}

/// Decides which receipts are wanted.
pub struct Filter {
    run: Option<String>,
    since: Option<u64>,
    until: Option<u64>,
    actor: Option<String>,
    tool: Option<(String, TextGlob)>,
    verdicts: Vec<Verdict>,
    code: Option<String>,
    principal: Option<String>,
}

impl Filter {
    /// A call, by its decision and what followed it.
    pub fn wants_call<'a>(&self, decision: &'a Receipt, ends: impl IntoIterator<Item = &'a Receipt>) -> bool {
        let action = decision.action.as_ref();
        self.wants_place(decision)
            && self.tool.as_ref().is_none_or(|(name, glob)| {
                action.is_some_and(|action| action.target == *name || glob.matches(&action.target))
            })
            && (self.verdicts.is_empty() || decision.verdict.is_some_and(|verdict| self.verdicts.contains(&verdict)))
            && self.principal.as_ref().is_none_or(|name| decision.principal.as_ref() == Some(name))
            && self.code.as_ref().is_none_or(|code| {
                let all = std::iter::once(decision).chain(ends).flat_map(|receipt| receipt.reasons.iter().flatten());
                all.into_iter().any(|reason| is_of(reason, code))
            })
    }

    /// A receipt that belongs to no call: not wanted where calls are searched for.
    pub fn wants_notice(&self, receipt: &Receipt) -> bool {
        let any_call =
            self.tool.is_none() && self.verdicts.is_empty() && self.code.is_none() && self.principal.is_none();
        any_call && self.wants_place(receipt)
    }

    fn wants_place(&self, receipt: &Receipt) -> bool {
        self.run.as_ref().is_none_or(|run| receipt.run == *run)
            && self.since.is_none_or(|since| receipt.iat >= since)
            && self.until.is_none_or(|until| receipt.iat < until)
            && self.actor.as_ref().is_none_or(|actor| receipt.actor == *actor)
    }

    /// One receipt as it is appended; what belongs to a call is wanted where the call is.
    pub fn wants(&self, receipt: &Receipt, decision: Option<&Receipt>) -> bool {
        match (receipt.kind, decision) {
            (ReceiptKind::Decision, _) => self.wants_call(receipt, []),
            (_, Some(decision)) => self.wants_call(decision, [receipt]),
            (_, None) => self.wants_notice(receipt),
        }
    }
}

fn is_of(reason: &str, code: &str) -> bool {
    reason.strip_prefix(code).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// One step, by the indexes of its receipts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The decision, or the only receipt.
    pub index: u64,
    /// What belongs to the call of that decision, the oldest first.
    pub ends: Vec<u64>,
    /// The gap that names the call.
    pub gap: Option<u64>,
}

/// The steps of one run, the oldest first.
pub struct RunSteps {
    pub run: String,
    /// Whether the newest receipt of the run closes it.
    pub closed: bool,
    pub steps: Vec<Step>,
}

/// What was found.
pub struct Selection {
    /// Leaves of the log when it was searched.
    pub size: u64,
    /// By the first step of each.
    pub runs: Vec<RunSteps>,
    /// Receipts that cannot be read, with the reason.
    pub unreadable: Vec<(u64, ErrorCode)>,
    /// Whether the search ended at the limit before the start of the log.
    pub cut: bool,
}

impl Selection {
    /// The indexes of all receipts that were found, the oldest first.
    pub fn indexes(&self) -> Vec<u64> {
        let steps = self.runs.iter().flat_map(|run| &run.steps);
        let found = steps.flat_map(|step| std::iter::once(step.index).chain(step.ends.iter().copied()));
        let mut all: Vec<u64> = found.chain(self.unreadable.iter().map(|(index, _)| *index)).collect();
        all.sort_unstable();
        all
    }
}

/// Searches the log from its end. Keeps the numbers of what it finds, and the receipts of calls whose decision it has
/// not reached.
pub fn select(log: &Log<'_>, filter: &Filter, limit: u64) -> Result<Selection, Error> {
    let size = log.size()?;
    let mut search =
        Search { filter, steps: BTreeMap::new(), closed: HashMap::new(), ends: HashMap::new(), gaps: HashMap::new() };
    let (mut unreadable, mut found, mut index) = (Vec::new(), 0, size);
    while index > 0 && found < limit {
        index -= 1;
        let record = log.at(index)?;
        match parse_body(&record.sealed.body) {
            Ok(receipt) => found += u64::from(search.take(record, receipt)),
            Err(error) => unreadable.push((index, error.code)),
        }
    }
    if index == 0 {
        search.keep_unclaimed();
    }
    unreadable.reverse();
    Ok(Selection { size, runs: search.finish(), unreadable, cut: index > 0 })
}

struct Search<'a> {
    filter: &'a Filter,
    /// By index, with the run.
    steps: BTreeMap<u64, (String, Step)>,
    /// Whether the newest receipt of a run closes it.
    closed: HashMap<String, bool>,
    /// What belongs to a decision that is still to come, the newest first.
    ends: HashMap<Hash, Vec<(u64, Receipt)>>,
    /// The gaps that name decisions.
    gaps: HashMap<Hash, u64>,
}

impl Search<'_> {
    /// Takes the next older receipt; whether it is one more step.
    fn take(&mut self, record: Record, receipt: Receipt) -> bool {
        if !self.closed.contains_key(&receipt.run) {
            self.closed.insert(receipt.run.clone(), receipt.kind == ReceiptKind::Close);
        }
        match (receipt.kind, receipt.r#ref) {
            (ReceiptKind::Decision, _) => {
                let mut ends = self.ends.remove(&record.sealed.id).unwrap_or_default();
                let gap = self.gaps.remove(&record.sealed.id);
                ends.reverse();
                let wanted = self.filter.wants_call(&receipt, ends.iter().map(|(_, end)| end));
                if wanted {
                    let ends = ends.into_iter().map(|(index, _)| index).collect();
                    self.keep(receipt.run, Step { index: record.index, ends, gap });
                }
                wanted
            }
            (_, Some(decision)) => {
                self.ends.entry(decision).or_default().push((record.index, receipt));
                false
            }
            (_, None) => {
                for permit in receipt.permits.iter().flatten() {
                    self.gaps.insert(permit.r#ref, record.index);
                }
                let wanted = self.filter.wants_notice(&receipt);
                if wanted {
                    self.keep(receipt.run, Step { index: record.index, ends: Vec::new(), gap: None });
                }
                wanted
            }
        }
    }

    fn keep(&mut self, run: String, step: Step) {
        self.steps.insert(step.index, (run, step));
    }

    /// Receipts whose decision is not in the log: it is damaged, and they are shown by themselves.
    fn keep_unclaimed(&mut self) {
        for (index, receipt) in std::mem::take(&mut self.ends).into_values().flatten() {
            if self.filter.wants_notice(&receipt) {
                self.keep(receipt.run, Step { index, ends: Vec::new(), gap: None });
            }
        }
    }

    fn finish(self) -> Vec<RunSteps> {
        let mut runs: Vec<RunSteps> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for (run, step) in self.steps.into_values() {
            let place = *places.entry(run.clone()).or_insert_with(|| {
                let closed = self.closed.get(&run).copied().unwrap_or(false);
                runs.push(RunSteps { run, closed, steps: Vec::new() });
                runs.len() - 1
            });
            runs[place].steps.push(step);
        }
        runs
    }
}
