//! `talos lockdown`: the kill switch.

use crate::output::Output;
use clap::ValueEnum;
use std::path::Path;
use talos_shared::Home;
use talos_shared::contracts::Error;
use talos_shared::contracts::json::Value;
use talos_shared::kernel::ports::{Standing, Store};

#[derive(Clone, Copy, ValueEnum)]
pub enum State {
    /// Stop everything.
    On,
    /// Go on.
    Off,
    /// Say which it is.
    Show,
}

pub fn run(directory: &Path, state: State, output: &Output) -> Result<i32, Error> {
    let store = Home::open(directory)?.store()?;
    match state {
        State::On => store.set_standing(Standing { killed: true })?,
        State::Off => store.set_standing(Standing { killed: false })?,
        State::Show => {}
    }
    let killed = store.standing()?.killed;
    let text = if killed { "lockdown is on: nothing is allowed, nothing starts" } else { "lockdown is off" };
    output.print(text, || Value::object([("lockdown", Value::from(killed))]));
    Ok(0)
}
