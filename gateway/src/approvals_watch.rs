//! `talos approvals watch`: requests as they come, answered a line at a time.

use crate::approvals::{Desk, Person, Wanted};
use crate::approvals_text::{self as text, Item};
use crate::output::Output;
use std::collections::{BTreeSet, HashSet};
use std::io::{self, BufRead, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;
use talos_shared::Requests;
use talos_shared::contracts::json::Value;
use talos_shared::contracts::scalar::Hash;
use talos_shared::contracts::{ApprovalResponse, ApprovalStale, ApprovalState, Error};
use talos_shared::kernel::Case;

/// Between two looks at the store.
const LOOK: Duration = Duration::from_millis(500);
/// Bytes of a line that somebody types.
const LINE_BYTES: u64 = 4096;
const HELP: &str =
    "s N shows, f N shows in full, g N... grants, d N... denies, l lists, q quits; N is the number before the request";

/// What somebody typed.
enum Typed {
    Line(String),
    End,
}

/// The requests that this page knows, by their numbers from 1.
#[derive(Default)]
struct Shown {
    requests: Vec<(Hash, ApprovalState, Option<ApprovalStale>)>,
    known: HashSet<Hash>,
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
    let (mut listening, mut trouble) = (true, None);
    loop {
        // What is wrong with one look ends nothing, and is said once: the next may be better.
        let error = shown.update(desk, output).err();
        if error != trouble {
            error.iter().for_each(|error| output.error(error));
            trouble = error;
        }
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
    /// Prints what is damaged, what has changed, and what is new, the oldest first. One that cannot be read hides no other.
    fn update(&mut self, desk: &Desk, output: &Output) -> Result<(), Error> {
        let Requests { cases: news, damaged, .. } = desk.news(|case| self.known.contains(case.request.id()))?;
        for one in &damaged {
            let line = text::damaged(std::slice::from_ref(one));
            if self.damaged.insert(line.clone()) {
                output.print(&line, || Value::from(text::damaged_values(std::slice::from_ref(one))));
            }
        }
        let mut unread = None;
        for (at, (id, state, stale)) in self.requests.iter_mut().enumerate() {
            let is_told = damaged.iter().any(|one| one.id == Some(*id));
            if is_told || !matches!(state, ApprovalState::Pending | ApprovalState::Granted) {
                continue;
            }
            match desk.case(id).and_then(|case| desk.item(&case)) {
                Ok(item) if (item.state, item.stale) != (*state, *stale) => {
                    (*state, *stale) = (item.state, item.stale);
                    print(at + 1, &item, output);
                }
                Ok(_) => {}
                Err(error) => unread = Some(error),
            }
        }
        for case in news.iter().rev() {
            let item = desk.item(case)?;
            self.requests.push((*case.request.id(), item.state, item.stale));
            self.known.insert(*case.request.id());
            if item.is_pending() {
                print(self.requests.len(), &item, output);
            }
        }
        unread.map_or(Ok(()), Err)
    }

    /// The requests of these numbers, if there are such.
    fn find(&self, desk: &Desk, numbers: &[&str]) -> Result<Option<Vec<(usize, Case)>>, Error> {
        let mut found = Vec::new();
        for word in numbers {
            let number = word.parse::<usize>().ok().filter(|number| (1..=self.requests.len()).contains(number));
            let Some(number) = number else { return Ok(None) };
            found.push((number, desk.case(&self.requests[number - 1].0)?));
        }
        Ok(Some(found))
    }

    fn obey(&mut self, desk: &Desk, person: &Person, line: &str, output: &Output) -> Result<(), Error> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (verb, numbers) = words.split_first().map_or(("", &[][..]), |(verb, numbers)| (*verb, numbers));
        let chosen = self.find(desk, numbers)?;
        match (verb, chosen) {
            ("", _) => {}
            ("l", _) => {
                let listed = desk.cases(Some(Wanted::Pending))?;
                let items = desk.items(&listed.cases)?;
                output.print(&text::list(&items, listed.more), || Value::from(text::values(&items)));
            }
            ("s" | "f", Some(chosen)) if !chosen.is_empty() => {
                for (number, case) in chosen {
                    let page = desk.page(&case, verb == "f")?;
                    output.print(&page.text(&case), || page.value(&case));
                    match page.is_clipped() {
                        false => self.looked_at.push(number),
                        true => output.say(&format!("this is not all of {number}: f {number} shows it in full")),
                    }
                }
            }
            ("g", Some(chosen)) if !chosen.is_empty() => {
                for (number, case) in chosen {
                    // Nobody grants what they have not been shown.
                    if !self.looked_at.contains(&number) {
                        output.say(&format!("look at all of {number} first: s {number}, or f {number}"));
                        continue;
                    }
                    answer(desk, person, number, &case, ApprovalResponse::Grant, output);
                }
            }
            ("d", Some(chosen)) if !chosen.is_empty() => {
                for (number, case) in chosen {
                    answer(desk, person, number, &case, ApprovalResponse::Deny, output);
                }
            }
            _ => output.say(HELP),
        }
        Ok(())
    }
}

/// Answers one of several: what is wrong with it does not stop the others.
fn answer(desk: &Desk, person: &Person, number: usize, case: &Case, response: ApprovalResponse, output: &Output) {
    let answered = person.signer(case).and_then(|signer| desk.answer(case, response, &signer, None));
    if let Err(error) = answered {
        output.say(&format!("{number} was not answered:"));
        output.error(&error);
    }
}

fn print(number: usize, item: &Item, output: &Output) {
    output.print(&format!("{number:>3}  {}  {}, rule {}", item.line(), item.heading(), item.rules()), || item.value());
}
