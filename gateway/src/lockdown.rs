//! `talos lockdown`: the kill switch, and suspensions of a part of what runs.

use crate::output::Output;
use clap::ValueEnum;
use std::path::Path;
use talos_shared::Home;
use talos_shared::contracts::json::Value;
use talos_shared::contracts::{Error, ErrorCode, Scope, ScopeLevel};
use talos_shared::kernel::ports::{Hold, Standing, Store, Turn};

#[derive(Clone, Copy, ValueEnum)]
pub enum State {
    /// Stop everything, or a scope.
    On,
    /// Go on.
    Off,
    /// Say what is stopped.
    Show,
}

/// The command line.
#[derive(clap::Args)]
pub struct Arguments {
    /// What to do.
    pub state: State,
    /// What it is about, as LEVEL:NAME: organisation, team, agent, principal, run, tool, model or key. Absent: everything.
    #[arg(long, value_name = "LEVEL:NAME")]
    scope: Option<String>,
    /// A note for the record.
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

pub fn run(directory: &Path, arguments: Arguments, output: &Output) -> Result<i32, Error> {
    let home = Home::open_silent(directory)?;
    let scope = arguments.scope.as_deref().map_or(Ok(EVERYTHING), scope)?;
    let held = match arguments.state {
        State::On => true,
        State::Off => false,
        State::Show => {
            show(&*home.store_to_read()?.standing()?, output);
            return Ok(0);
        }
    };
    let turn = Turn { held, hold: Hold { scope, why: arguments.why } };
    // A stop needs neither the policy nor a log that is whole, and tells nobody.
    let kernel = match home.kernel(talos_shared::policy::CompiledPolicy::builtin()) {
        Ok(kernel) => kernel,
        Err(error) if held => {
            let store = home.store()?;
            store.turn(&turn)?;
            return Ok(done(&*store.standing()?, Err(error), output));
        }
        Err(error) => return Err(error),
    };
    let turned = kernel.turn(turn)?;
    Ok(done(&*kernel.standing()?, turned.receipt.map(|durable| durable.index), output))
}

const EVERYTHING: Scope = Scope { level: ScopeLevel::All, name: None };

/// Reads LEVEL:NAME.
pub fn scope(text: &str) -> Result<Scope, Error> {
    let wrong = || {
        let levels = "organisation, team, agent, principal, run, tool, model or key";
        Error::new(
            ErrorCode::MalformedValue,
            format!("{text:?} is no scope: write LEVEL:NAME, with the level {levels}, or all"),
        )
    };
    if text == ScopeLevel::All.as_str() {
        return Ok(EVERYTHING);
    }
    let (level, name) = text.split_once(':').ok_or_else(wrong)?;
    let level = ScopeLevel::parse(level).filter(|level| *level != ScopeLevel::All).ok_or_else(wrong)?;
    if name.is_empty() { Err(wrong()) } else { Ok(Scope { level, name: Some(name.to_owned()) }) }
}

fn done(standing: &Standing, receipt: Result<u64, Error>, output: &Output) -> i32 {
    show(standing, output);
    match receipt {
        Ok(_) => 0,
        Err(error) => {
            output.warn(&format!("the stop is in force, but could not be recorded: {error}"));
            1
        }
    }
}

fn show(standing: &Standing, output: &Output) {
    let text = match standing.holds.as_slice() {
        [] => "lockdown is off".to_owned(),
        holds => holds.iter().map(in_words).collect::<Vec<_>>().join("\n"),
    };
    output.print(&text, || {
        let holds = standing.holds.iter().map(as_value).collect::<Vec<_>>();
        Value::object([("lockdown", Value::from(!standing.holds.is_empty())), ("holds", Value::from(holds))])
    });
}

fn in_words(hold: &Hold) -> String {
    let why = hold.why.as_ref().map(|why| format!(" ({})", why.escape_debug())).unwrap_or_default();
    match &hold.scope.name {
        None => format!("lockdown is on: nothing is allowed, nothing starts{why}"),
        Some(name) => {
            format!(
                "{} {:?} is suspended: nothing of it is allowed, nothing starts{why}",
                hold.scope.level.as_str(),
                name
            )
        }
    }
}

fn as_value(hold: &Hold) -> Value {
    let mut members = vec![("level", Value::from(hold.scope.level.as_str()))];
    members.extend(hold.scope.name.iter().map(|name| ("name", Value::from(name.as_str()))));
    members.extend(hold.why.iter().map(|why| ("why", Value::from(why.as_str()))));
    Value::object(members)
}
