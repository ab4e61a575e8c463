//! `talos approvals`: what waits for people, and their answers.

use crate::approvals_text::{self as text, Item, Page};
use crate::approvals_watch as watch;
use crate::output::{Output, exit_code};
use clap::{Args, Subcommand, ValueEnum};
use std::fs::File;
use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use talos_shared::approval::{Answer, grant, render};
use talos_shared::contracts::json::Value;
use talos_shared::contracts::scalar::Hash;
use talos_shared::contracts::{ApprovalFile, ApprovalResponse, ApprovalState, Error, ErrorCode};
use talos_shared::crypto::SigningKey;
use talos_shared::identity::Did;
use talos_shared::kernel::ports::Clock;
use talos_shared::kernel::{Case, Kernel};
use talos_shared::policy::CompiledPolicy;
use talos_shared::{Approvers, CedarFiles, Home, Requests, SystemClock, approver_key, has_ended, requests, state_of};

/// Requests of a list.
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
        /// Every character, however many, and not only what fits on a page.
        #[arg(long)]
        full: bool,
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
    /// Pending or granted, and nothing waits for it.
    Stale,
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
    /// The one-time code, for one request; "-" reads it from standard input.
    #[arg(long, conflicts_with = "key", requires = "name")]
    code: Option<String>,
    /// A sentence for the record.
    #[arg(long)]
    note: Option<String>,
    /// Do not ask again.
    #[arg(long)]
    yes: bool,
    /// Show every character before it is answered, and not only what fits on a page.
    #[arg(long)]
    full: bool,
    /// Grant also what was shown in part.
    #[arg(long)]
    unseen: bool,
}

pub fn run(directory: &Path, command: Command, output: &Output) -> Result<i32, Error> {
    if let Command::Keygen { name } = &command {
        return keygen(name, output);
    }
    let desk = Desk::open(directory)?;
    match command {
        Command::List { state } => list(&desk, state, output),
        Command::Show { id, full } => show(&desk, &id, full, output),
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

    /// The requests in a state, the newest first, at most as many as a list has.
    pub fn cases(&self, wanted: Option<Wanted>) -> Result<Requests, Error> {
        let now = SystemClock::default().wall_ms()?;
        let is_open = matches!(wanted, None | Some(Wanted::Pending | Wanted::Granted | Wanted::Stale));
        let ends = |case: &Case| is_open && has_ended(case, now);
        // What cannot be told is shown, and says why then.
        let stale = |case: &Case| self.kernel.stale(case).ok().flatten().is_some();
        requests(&self.kernel, REQUESTS, |case| is_wanted(state_of(case), || stale(case), wanted), ends)
    }

    /// The requests that are newer than every known one, the newest first.
    pub fn news(&self, is_known: impl Fn(&Case) -> bool) -> Result<Requests, Error> {
        let now = SystemClock::default().wall_ms()?;
        let ends = |case: &Case| is_known(case) || has_ended(case, now);
        requests(&self.kernel, usize::MAX, |case| !is_known(case), ends)
    }

    /// The request of this id.
    pub fn case(&self, id: &Hash) -> Result<Case, Error> {
        self.kernel.approval(id)
    }

    /// The request that a person means: by its id or a beginning that only one has.
    fn find(&self, id: &str) -> Result<Case, Error> {
        if let Some(id) = Hash::from_b64(id) {
            return self.case(&id);
        }
        let unknown = |why: String| Error::new(ErrorCode::ApprovalUnknown, why);
        if id.len() < PREFIX {
            return Err(unknown(format!("{id:?} is too short: give at least {PREFIX} characters")));
        }
        let is_meant = |other: &Hash| other.to_b64().starts_with(id);
        let found = requests(&self.kernel, 1, |case| is_meant(case.request.id()), |_| false)?;
        if let Some(damaged) = found.damaged.into_iter().find(|one| one.id.as_ref().is_some_and(is_meant)) {
            return Err(damaged.error);
        }
        match found.cases.into_iter().next() {
            Some(case) if !found.more => Ok(case),
            Some(_) => Err(unknown(format!("several requests begin with {id:?}"))),
            None => Err(unknown(format!("no request begins with {id:?}"))),
        }
    }

    /// A request, as lists have it.
    pub fn item(&self, case: &Case) -> Result<Item, Error> {
        Ok(Item::new(case, self.kernel.stale(case)?))
    }

    pub fn items(&self, cases: &[Case]) -> Result<Vec<Item>, Error> {
        cases.iter().map(|case| self.item(case)).collect()
    }

    /// Everything about a request: what would run, with the files that it would change as they are now; on a page, or in full.
    pub fn page(&self, case: &Case, full: bool) -> Result<Page, Error> {
        let mut page = Page { item: self.item(case)?, view: None, lines: None };
        if let Some(args) = &case.args {
            let files: Vec<ApprovalFile> = render::paths(args).iter().filter_map(|path| present(path)).collect();
            page.view = Some(render::request(&case.request, args, &files)?);
            page.lines = full.then(|| render::whole(&case.request, args, &files)).transpose()?;
        }
        Ok(page)
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
    let listed = desk.cases(wanted)?;
    let items = desk.items(&listed.cases)?;
    let page = text::list(&items, listed.more) + "\n" + &text::damaged(&listed.damaged);
    output.print(&page, || {
        let mut members = vec![("approvals", Value::from(text::values(&items))), ("more", Value::from(listed.more))];
        if !listed.damaged.is_empty() {
            members.push(("damaged", Value::from(text::damaged_values(&listed.damaged))));
        }
        Value::object(members)
    });
    Ok(0)
}

fn is_wanted(state: ApprovalState, is_stale: impl Fn() -> bool, wanted: Option<Wanted>) -> bool {
    let is_open = matches!(state, ApprovalState::Pending | ApprovalState::Granted);
    match wanted {
        None => is_open && !is_stale(),
        Some(Wanted::All) => true,
        Some(Wanted::Stale) => is_open && is_stale(),
        Some(Wanted::Pending) => state == ApprovalState::Pending && !is_stale(),
        Some(Wanted::Granted) => state == ApprovalState::Granted && !is_stale(),
        Some(Wanted::Denied) => state == ApprovalState::Denied,
        Some(Wanted::Expired) => state == ApprovalState::Expired,
        Some(Wanted::Redeemed) => state == ApprovalState::Redeemed,
    }
}

fn show(desk: &Desk, id: &str, full: bool, output: &Output) -> Result<i32, Error> {
    let case = desk.find(id)?;
    let page = desk.page(&case, full)?;
    output.print(&page.text(&case), || page.value(&case));
    Ok(0)
}

fn respond(desk: &Desk, response: ApprovalResponse, options: &Respond, output: &Output) -> Result<i32, Error> {
    let cases: Vec<Case> = options.ids.split(',').map(|id| desk.find(id)).collect::<Result<_, _>>()?;
    if options.code.is_some() && cases.len() > 1 {
        output.say("a one-time code is for one request: name one");
        return Ok(USAGE);
    }
    if response == ApprovalResponse::Grant
        && let Some(code) = hesitate(desk, &cases, options, output)?
    {
        return Ok(code);
    }
    let code = options.code.as_deref().map(typed).transpose()?;
    let (mut answered, mut failed) = (Vec::new(), Vec::new());
    for case in &cases {
        let note = options.note.as_deref();
        let answer = match (&code, &options.person.name) {
            (Some(code), Some(name)) => desk.kernel.redeem_code(case.request.id(), name, code, response, note),
            _ => options.person.signer(case).and_then(|signer| desk.answer(case, response, &signer, note)),
        };
        match answer {
            Ok(case) => answered.push(desk.item(&case)?),
            Err(error) if cases.len() == 1 => return Err(error),
            Err(error) => failed.push((case.request.id(), error)),
        }
    }
    report(&answered, &failed, output);
    Ok(failed.first().map_or(0, |(_, error)| exit_code(error.code).into()))
}

/// Says what became of each request: one that cannot be answered does not hide what was.
fn report(answered: &[Item], failed: &[(&Hash, Error)], output: &Output) {
    output.print(&text::answered(answered), || {
        let problem = |(id, error): &(&Hash, Error)| {
            Value::object([("approval", Value::from(id.to_b64())), ("problem", error.to_problem())])
        };
        let mut members = vec![("approvals", Value::from(text::values(answered)))];
        if !failed.is_empty() {
            members.push(("failed", Value::from(failed.iter().map(problem).collect::<Vec<_>>())));
        }
        Value::object(members)
    });
    for (id, error) in failed {
        output.say(&format!("{id} was not answered: {error}\n  {}", error.code.help()));
    }
}

/// Whether something speaks against a grant: the exit code then. Nobody grants what they have not seen.
fn hesitate(desk: &Desk, cases: &[Case], options: &Respond, output: &Output) -> Result<Option<i32>, Error> {
    if !options.yes && (output.is_json() || !io::stdin().is_terminal()) {
        output.say("a grant is confirmed on a terminal: look at it with `talos approvals show`, then add --yes");
        return Ok(Some(USAGE));
    }
    for case in cases {
        let page = desk.page(case, options.full)?;
        if !options.unseen && page.is_clipped() {
            output.say(&format!(
                "a page does not hold all of {0}: look at it with `talos approvals show --full {0}`, then add --unseen; or add --full",
                case.request.id()
            ));
            return Ok(Some(USAGE));
        }
        if options.full || !options.yes {
            output.say(&page.text(case));
        }
    }
    if !options.yes && !confirmed(cases.len())? {
        output.say("nothing was answered");
        return Ok(Some(1));
    }
    Ok(None)
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
