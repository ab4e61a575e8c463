//! `talos approvals watch`: requests as they come, answered a line at a time.

use crate::approvals::{Desk, Person};
use crate::approvals_text::{self as text, Item};
use crate::output::Output;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;
use talos_shared::contracts::json::Value;
use talos_shared::contracts::{ApprovalResponse, ApprovalState, Error};
use talos_shared::kernel::{Case, Cases};

/// Between two looks at the store.
const LOOK: Duration = Duration::from_millis(500);
/// Bytes of a line that somebody types.
const LINE_BYTES: u64 = 4096;
const HELP: &str = "s N shows, g N... grants, d N... denies, l lists, q quits; N is the number before the request";

/// What somebody typed.
enum Typed {
    Line(String),
    End,
}

/// The requests that this page has shown, by their numbers.
#[derive(Default)]
struct Shown {
    numbers: BTreeMap<String, usize>,
    states: BTreeMap<usize, ApprovalState>,
    looked_at: Vec<usize>,
    /// The damaged ones that were told of.
    damaged: BTreeSet<String>,
}

pub fn run(desk: &Desk, person: &Person, output: &Output) -> Result<i32, Error> {
    let typed = reader();
    let mut shown = Shown::default();
    if !output.is_json() {
        output.say(HELP);
    }
    let mut listening = true;
    loop {
        let cases = desk.cases()?;
        shown.update(&cases, output);
        if !listening {
            std::thread::sleep(LOOK);
            continue;
        }
        match typed.recv_timeout(LOOK) {
            Ok(Typed::Line(line)) if matches!(line.trim(), "q" | "quit") => return Ok(0),
            // What is wrong with one line ends nothing.
            Ok(Typed::Line(line)) => {
                if let Err(error) = shown.obey(desk, person, line.trim(), output) {
                    output.error(&error);
                }
            }
            Ok(Typed::End) | Err(RecvTimeoutError::Disconnected) => listening = false,
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// Reads lines on a thread of its own, which ends with the process.
fn reader() -> Receiver<Typed> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        loop {
            let mut line = String::new();
            let read = io::stdin().lock().take(LINE_BYTES).read_line(&mut line);
            let typed = if matches!(read, Ok(1..)) { Typed::Line(line) } else { Typed::End };
            let end = matches!(typed, Typed::End);
            if sender.send(typed).is_err() || end {
                return;
            }
        }
    });
    receiver
}

impl Shown {
    /// Prints what is new or has changed, the oldest first.
    fn update(&mut self, cases: &Cases, output: &Output) {
        for one in &cases.damaged {
            let line = text::damaged(std::slice::from_ref(one));
            if self.damaged.insert(line.clone()) {
                output.print(&line, || Value::from(text::damaged_values(std::slice::from_ref(one))));
            }
        }
        for item in cases.sound.iter().rev().map(Item::new) {
            let next = self.numbers.len() + 1;
            let number = *self.numbers.entry(item.id.clone()).or_insert(next);
            let before = self.states.insert(number, item.state);
            let is_news = match before {
                None => item.state == ApprovalState::Pending,
                Some(state) => state != item.state,
            };
            if is_news {
                output
                    .print(&format!("{number:>3}  {}  {}, rule {}", item.line(), item.heading(), item.rules()), || {
                        item.value()
                    });
            }
        }
    }

    fn obey(&mut self, desk: &Desk, person: &Person, line: &str, output: &Output) -> Result<(), Error> {
        let mut words = line.split_whitespace();
        let verb = words.next().unwrap_or_default();
        let numbers: Option<Vec<usize>> = words.map(|word| word.parse().ok()).collect();
        let cases = desk.cases()?.sound;
        let find =
            |number: &usize| cases.iter().find(|case| self.numbers.get(&case.request.id().to_b64()) == Some(number));
        let chosen: Option<Vec<(usize, &Case)>> =
            numbers.and_then(|numbers| numbers.iter().map(|n| Some((*n, find(n)?))).collect());
        match (verb, chosen) {
            ("", _) => {}
            ("l", _) => {
                let items: Vec<Item> =
                    cases.iter().map(Item::new).filter(|i| i.state == ApprovalState::Pending).collect();
                output.print(&text::list(&items), || Value::from(text::values(&items)));
            }
            ("s", Some(chosen)) if !chosen.is_empty() => {
                for (number, case) in chosen {
                    let view = desk.view(case)?;
                    output.print(&text::page(case, &view), || text::value(case, &view));
                    self.looked_at.push(number);
                }
            }
            ("g", Some(chosen)) if !chosen.is_empty() => {
                for (number, case) in chosen {
                    // Nobody grants what they have not been shown.
                    if !self.looked_at.contains(&number) {
                        output.say(&format!("look at {number} first: s {number}"));
                        continue;
                    }
                    desk.answer(case, ApprovalResponse::Grant, &person.signer(case)?, None)?;
                }
            }
            ("d", Some(chosen)) if !chosen.is_empty() => {
                for (_, case) in chosen {
                    desk.answer(case, ApprovalResponse::Deny, &person.signer(case)?, None)?;
                }
            }
            _ => output.say(HELP),
        }
        Ok(())
    }
}
