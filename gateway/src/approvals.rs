//! `talos approvals`: what waits for people, and their answers.

use crate::approvals_text::{self as text, Item};
use crate::approvals_watch as watch;
use crate::output::Output;
use clap::{Args, Subcommand, ValueEnum};
use std::fs::File;
use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use talos_shared::approval::{Answer, State, grant, render};
use talos_shared::contracts::json::Value;
use talos_shared::contracts::scalar::Hash;
use talos_shared::contracts::{ApprovalFile, ApprovalResponse, ApprovalState, Error, ErrorCode};
use talos_shared::crypto::SigningKey;
use talos_shared::identity::Did;
use talos_shared::kernel::ports::{Clock, Damaged};
use talos_shared::kernel::{Case, Cases, Kernel};
use talos_shared::policy::CompiledPolicy;
use talos_shared::{Approvers, CedarFiles, Home, SystemClock, approver_key};

/// Requests that are looked at.
const REQUESTS: usize = 1_000;
/// The shortest beginning of an id that stands for it.
const PREFIX: usize = 6;
/// Bytes of a file that is compared with what it would become.
const FILE_BYTES: usize = 1 << 20;
/// The command line cannot be carried out as it is.
const USAGE: i32 = 2;

#[derive(Subcommand)]
pub enum Command {
    /// List requests, by rule and target.
    List {
        /// Only those in this state [default: pending and granted].
        #[arg(long, value_enum)]
        state: Option<Wanted>,
    },
    /// Show exactly what would run, and who has answered.
    Show {
        /// The id, or its beginning.
        #[arg(allow_hyphen_values = true)]
        id: String,
    },
    /// Let the action run, once.
    Grant(Respond),
    /// Refuse the action.
    Deny(Respond),
    /// Follow requests as they come, and answer them.
    Watch {
        #[command(flatten)]
        person: Person,
    },
    /// Make the key of a person who approves, outside the agents' directory.
    Keygen {
        /// The name, as the policy has it.
        name: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Wanted {
    Pending,
    Granted,
    Denied,
    Expired,
    Redeemed,
    All,
}

/// Who answers.
#[derive(Args)]
pub struct Person {
    /// The name of the person [default: who has a key here].
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
    /// The file of the person's key [default: the one that keygen made].
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

#[derive(Args)]
pub struct Respond {
    /// The ids, or their beginnings, with commas between them.
    #[arg(value_name = "ID,...", allow_hyphen_values = true)]
    ids: String,
    #[command(flatten)]
    person: Person,
    /// The one-time code; "-" reads it from standard input.
    #[arg(long, conflicts_with = "key", requires = "name")]
    code: Option<String>,
    /// A sentence for the record.
    #[arg(long)]
    note: Option<String>,
    /// Do not ask again.
    #[arg(long)]
    yes: bool,
}

pub fn run(directory: &Path, command: Command, output: &Output) -> Result<i32, Error> {
    if let Command::Keygen { name } = &command {
        return keygen(name, output);
    }
    let desk = Desk::open(directory)?;
    match command {
        Command::List { state } => list(&desk, state, output),
        Command::Show { id } => show(&desk, &id, output),
        Command::Grant(options) => respond(&desk, ApprovalResponse::Grant, &options, output),
        Command::Deny(options) => respond(&desk, ApprovalResponse::Deny, &options, output),
        Command::Watch { person } => watch::run(&desk, &person, output),
        Command::Keygen { .. } => Ok(0),
    }
}

/// The requests of a directory.
pub struct Desk {
    kernel: Kernel,
}

impl Desk {
    fn open(directory: &Path) -> Result<Self, Error> {
        // Answers are checked by what the request says. No policy is asked and nobody is told, so neither has to be sound.
        let home = Home::open_silent(directory)?;
        Ok(Desk { kernel: home.kernel_with(CompiledPolicy::builtin(), &CedarFiles::default())? })
    }

    /// All requests, the newest first.
    pub fn cases(&self) -> Result<Cases, Error> {
        self.kernel.approvals(REQUESTS)
    }

    /// The request that a person means: by its id or a beginning that only one has.
    fn find(&self, id: &str) -> Result<Case, Error> {
        if let Some(id) = Hash::from_b64(id) {
            return self.kernel.approval(&id);
        }
        let unknown = |why: String| Error::new(ErrorCode::ApprovalUnknown, why);
        if id.len() < PREFIX {
            return Err(unknown(format!("{id:?} is too short: give at least {PREFIX} characters")));
        }
        let Cases { sound: mut found, damaged } = self.cases()?;
        found.retain(|case| case.request.id().to_b64().starts_with(id));
        let is_meant = |damaged: &Damaged| damaged.id.is_some_and(|own| own.to_b64().starts_with(id));
        if let Some(damaged) = damaged.into_iter().find(is_meant) {
            return Err(damaged.error);
        }
        match found.pop() {
            Some(case) if found.is_empty() => Ok(case),
            Some(_) => Err(unknown(format!("several requests begin with {id:?}"))),
            None => Err(unknown(format!("no request begins with {id:?}"))),
        }
    }

    /// What would run, with the files that it would change as they are now.
    pub fn view(&self, case: &Case) -> Result<talos_shared::contracts::ApprovalView, Error> {
        let files: Vec<ApprovalFile> = render::paths(&case.args).iter().filter_map(|path| present(path)).collect();
        render::request(&case.request, &case.args, &files)
    }

    /// Answers for the person whose key it is.
    pub fn answer(
        &self,
        case: &Case,
        response: ApprovalResponse,
        by: &Signer,
        note: Option<&str>,
    ) -> Result<Case, Error> {
        let id = case.request.id();
        // Who has seen the request does not answer before it, whatever the clock says.
        let iat = SystemClock::default().wall_ms()?.max(case.request.request().iat);
        let answer = Answer { approval: id, name: &by.name, response, iat, note };
        self.kernel.respond(id, &grant::sign(&answer, &by.key)?.to_envelope())
    }
}

/// A file as it is now. Relative paths are relative to wherever the tool runs, which nobody knows here; what is no plain file of
/// text is not compared.
fn present(path: &str) -> Option<ApprovalFile> {
    let place = Path::new(path);
    let named = |text| Some(ApprovalFile { path: path.to_owned(), text });
    if !place.is_absolute() {
        return None;
    }
    match std::fs::metadata(place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => named(None),
        Ok(about) if about.is_file() => {
            let mut text = Vec::new();
            File::open(place).ok()?.take(FILE_BYTES as u64 + 1).read_to_end(&mut text).ok()?;
            let text = String::from_utf8(text).ok().filter(|text| text.len() <= FILE_BYTES)?;
            named(Some(text))
        }
        _ => None,
    }
}

/// The name and key of somebody who answers.
pub struct Signer {
    pub name: String,
    pub key: SigningKey,
}

impl Person {
    /// Who answers this request: the named person, or the one person of the request whose key is here.
    pub fn signer(&self, case: &Case) -> Result<Signer, Error> {
        let nobody = |why: String| Error::new(ErrorCode::ApprovalNotApprover, why);
        if let Some(path) = &self.key {
            let key = approver_key(path)?;
            let did = Did::of(&key.verifying_key());
            let own = case.request.people().find(|(_, key)| *key == Some(&did)).map(|(name, _)| name.to_owned());
            let name = self.name.clone().or(own);
            let name = name.ok_or_else(|| nobody(format!("the request does not name the key {did}")))?;
            return Ok(Signer { name, key });
        }
        let keys = Approvers::default_folder()?;
        if let Some(name) = &self.name {
            let missing = || {
                let path = keys.path(name);
                nobody(format!("there is no key for {name:?} in {}: give --key or --code", path.display()))
            };
            return Ok(Signer { name: name.clone(), key: keys.find(name)?.ok_or_else(missing)? });
        }
        let mut signers = Vec::new();
        for (name, did) in case.request.people().filter_map(|(name, did)| Some((name, did?))) {
            let key = keys.find(name)?.filter(|key| Did::of(&key.verifying_key()) == *did);
            signers.extend(key.map(|key| Signer { name: name.to_owned(), key }));
        }
        match signers.pop() {
            Some(signer) if signers.is_empty() => Ok(signer),
            Some(_) => Err(nobody("several people have their keys here: say who answers with --as".to_owned())),
            None => {
                Err(nobody("nobody whom the request names has a key here: give --as with --key or --code".to_owned()))
            }
        }
    }
}

fn list(desk: &Desk, wanted: Option<Wanted>, output: &Output) -> Result<i32, Error> {
    let Cases { sound, damaged } = desk.cases()?;
    let items: Vec<Item> = sound.iter().map(Item::new).filter(|item| is_wanted(item.state, wanted)).collect();
    let page = text::list(&items) + "\n" + &text::damaged(&damaged);
    output.print(&page, || {
        let mut members = vec![("approvals", Value::from(text::values(&items)))];
        if !damaged.is_empty() {
            members.push(("damaged", Value::from(text::damaged_values(&damaged))));
        }
        Value::object(members)
    });
    Ok(0)
}

fn is_wanted(state: ApprovalState, wanted: Option<Wanted>) -> bool {
    match wanted {
        None => matches!(state, ApprovalState::Pending | ApprovalState::Granted),
        Some(Wanted::All) => true,
        Some(Wanted::Pending) => state == ApprovalState::Pending,
        Some(Wanted::Granted) => state == ApprovalState::Granted,
        Some(Wanted::Denied) => state == ApprovalState::Denied,
        Some(Wanted::Expired) => state == ApprovalState::Expired,
        Some(Wanted::Redeemed) => state == ApprovalState::Redeemed,
    }
}

fn show(desk: &Desk, id: &str, output: &Output) -> Result<i32, Error> {
    let case = desk.find(id)?;
    let view = desk.view(&case)?;
    output.print(&text::page(&case, &view), || text::value(&case, &view));
    Ok(0)
}

fn respond(desk: &Desk, response: ApprovalResponse, options: &Respond, output: &Output) -> Result<i32, Error> {
    let cases: Vec<Case> = options.ids.split(',').map(|id| desk.find(id)).collect::<Result<_, _>>()?;
    if response == ApprovalResponse::Grant && !options.yes {
        if output.is_json() || !io::stdin().is_terminal() {
            output.say("a grant is confirmed on a terminal: look at it with `talos approvals show`, then add --yes");
            return Ok(USAGE);
        }
        for case in &cases {
            output.say(&text::page(case, &desk.view(case)?));
        }
        if !confirmed(cases.len())? {
            output.say("nothing was answered");
            return Ok(1);
        }
    }
    let code = options.code.as_deref().map(typed).transpose()?;
    let mut answered = Vec::new();
    for case in &cases {
        answered.push(match (&code, &options.person.name) {
            (Some(code), Some(name)) => {
                desk.kernel.redeem_code(case.request.id(), name, code, response, options.note.as_deref())?
            }
            _ => desk.answer(case, response, &options.person.signer(case)?, options.note.as_deref())?,
        });
    }
    let items: Vec<Item> = answered.iter().map(Item::new).collect();
    output.print(&text::answered(&items), || Value::object([("approvals", Value::from(text::values(&items)))]));
    Ok(0)
}

/// The code as it was typed; "-" stands for the next line.
fn typed(code: &str) -> Result<String, Error> {
    if code != "-" {
        return Ok(code.to_owned());
    }
    let mut line = String::new();
    let read = io::stdin().lock().take(256).read_line(&mut line);
    read.map_err(|e| Error::new(ErrorCode::InputUnreadable, e.to_string()))?;
    Ok(line.trim().to_owned())
}

fn confirmed(count: usize) -> Result<bool, Error> {
    let what = if count == 1 { "this".to_owned() } else { format!("these {count}") };
    eprint!("Let {what} run? [y/N] ");
    let unreadable = |e: io::Error| Error::new(ErrorCode::InputUnreadable, e.to_string());
    io::stderr().flush().map_err(unreadable)?;
    let mut line = String::new();
    io::stdin().lock().take(256).read_line(&mut line).map_err(unreadable)?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}

fn keygen(name: &str, output: &Output) -> Result<i32, Error> {
    let keys = Approvers::default_folder()?;
    let did = Did::of(&keys.make(name)?.verifying_key());
    let path = keys.path(name).display().to_string();
    let text = format!("{path}\nFor the policy:\n  approvers:\n    - {{name: {name}, key: \"{did}\"}}");
    output.print(&text, || {
        Value::object([
            ("name", Value::from(name)),
            ("key", Value::from(did.as_str())),
            ("path", Value::from(path.as_str())),
        ])
    });
    Ok(0)
}

/// The state of a request as contracts name it.
pub fn state_of(case: &Case) -> ApprovalState {
    match &case.state {
        _ if case.redeemed => ApprovalState::Redeemed,
        State::Pending { .. } => ApprovalState::Pending,
        State::Granted => ApprovalState::Granted,
        State::Denied { .. } => ApprovalState::Denied,
        State::Expired => ApprovalState::Expired,
    }
}
