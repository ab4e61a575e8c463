//! `talos mailbox status`.

use super::unusable;
use crate::output::Output;
use std::path::Path;
use talos_shared::contracts::json::Value;
use talos_shared::contracts::{Error, MailboxStatus};
use talos_shared::identity::Did;
use talos_shared::kernel::ports::Clock;
use talos_shared::mailbox::store::{Totals, View, look};
use talos_shared::mailbox::{Limits, Service};
use talos_shared::{SqliteMailbox, SystemClock};

/// Agents that are read at a time.
const PAGE: u64 = 1_000;

pub fn run(directory: &Path, low_water: u64, output: &Output) -> Result<i32, Error> {
    if !directory.is_dir() {
        return Err(unusable(directory, &"no such directory"));
    }
    let store = SqliteMailbox::open_read_only(directory)?;
    let service = Service::new(Limits { low_water, ..Limits::default() });
    let now = SystemClock::default().wall_ms()?;
    let (totals, agents) = look(&store, |view| Ok((view.totals()?, agents(view, &service, now)?)))?;
    output.print(&text(totals, &agents), || value(totals, &agents));
    Ok(0)
}

fn agents(view: &dyn View, service: &Service, now: u64) -> Result<Vec<(String, MailboxStatus)>, Error> {
    let mut all: Vec<(String, MailboxStatus)> = Vec::new();
    loop {
        let after = all.last().map_or("", |(agent, _)| agent.as_str());
        let page = view.agents(after, PAGE)?;
        if page.is_empty() {
            return Ok(all);
        }
        for agent in page {
            let status = service.status(view, &Did::parse(&agent)?, now)?;
            all.push((agent, status));
        }
    }
}

fn text(totals: Totals, agents: &[(String, MailboxStatus)]) -> String {
    let Totals { frames, bytes, .. } = totals;
    let mut text = format!("{} agents, {frames} frames wait, {bytes} bytes are kept\n", totals.agents);
    for (agent, status) in agents {
        let low = if status.low { ", low" } else { "" };
        let MailboxStatus { frames, bytes, one_time_keys, .. } = status;
        text += &format!("{agent}  {frames} frames, {bytes} bytes, {one_time_keys} one-time keys{low}\n");
    }
    text
}

fn value(totals: Totals, agents: &[(String, MailboxStatus)]) -> Value {
    let number = |n: u64| Value::from(i64::try_from(n).unwrap_or(i64::MAX));
    let agent = |(agent, status): &(String, MailboxStatus)| {
        let mut members = vec![
            ("agent", Value::from(agent.as_str())),
            ("frames", number(status.frames)),
            ("bytes", number(status.bytes)),
            ("one_time_keys", number(status.one_time_keys)),
            ("low", Value::from(status.low)),
        ];
        members.extend(status.bundle_expires.map(|at| ("bundle_expires", number(at))));
        Value::object(members)
    };
    Value::object([
        ("frames", number(totals.frames)),
        ("bytes", number(totals.bytes)),
        ("low", number(agents.iter().filter(|(_, status)| status.low).count() as u64)),
        ("agents", Value::from(agents.iter().map(agent).collect::<Vec<_>>())),
    ])
}
