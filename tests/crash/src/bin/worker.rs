//! A host that works until it is done or dead. What it knows to be on disk it tells on its standard output.
//!
//! ```text
//! load DIR [threads=N] [calls=N] [store=full|off|early] [seed=N] [checkpoints=N] [large=BYTES]
//! spend DIR [threads=N] [seed=N]    makes calls until a budget covers no more, and tells what each reserved and used
//! hold DIR     authorizes and starts one call, says `held`, and waits for its end
//! probe DIR    tries a call of each effect, and says what became of it
//! post DIR [seed=N] [early=1]    posts frames to a mailbox and acknowledges some, and tells what is durable, or too early
//! talk DIR [seed=N]    two agents talk, and tell what is sent and what was given
//! open DIR     opens the store, which brings it to this program's version
//! ```

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a program of the tests")]

use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use talos_audit::tree::Frontier;
use talos_contracts::json::Value;
use talos_contracts::scalar::{Hash, Salt};
use talos_contracts::{Error, OutcomeStatus};
use talos_crash_test::{Random, Talk, kernel_on, ports};
use talos_kernel::ports::{
    Answer, Approval, Begun, Committed, Damaged, Entry, KeptCode, Record, Standing, Store, Turn,
};
use talos_kernel::{Action, Kernel, Ports, Run, Settlement, Ticket};
use talos_mailbox::store::{Kept, change, look};
use talos_mailbox::{Limits, Service};
use talos_shared::Home;
use talos_shared::crypto::{SigningKey, hash};
use talos_shared::identity::Did;
use talos_sqlite::{SqliteMailbox, SqliteStore, Synchronous};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let directory = Path::new(&arguments[1]);
    let option = |name: &str, default: u64| {
        let value = arguments.iter().find_map(|a| a.strip_prefix(name)?.strip_prefix('='));
        value.map_or(default, |v| v.parse().expect("a number"))
    };
    match arguments[0].as_str() {
        "load" => {
            let store = arguments.iter().find_map(|a| a.strip_prefix("store=")).unwrap_or("full");
            let kernel = open(directory, store);
            load(&kernel, directory, &option);
        }
        "spend" => spend(directory, &option),
        "hold" => hold(directory),
        "probe" => probe(directory),
        "post" => post(directory, option("seed", 1), option("early", 0) == 1),
        "talk" => talk(directory, option("seed", 1)),
        "open" => drop(SqliteStore::open(directory).unwrap()),
        other => panic!("no mode {other}"),
    }
}

fn open(directory: &Path, store: &str) -> Kernel {
    let home = Home::open(directory).unwrap();
    let sound = |synchronous| ports(&home, Arc::new(SqliteStore::open_with(directory, synchronous).unwrap()));
    let ports = match store {
        "full" => sound(Synchronous::Full),
        "off" => sound(Synchronous::Off),
        "early" => {
            let store = Arc::new(Early::new(SqliteStore::open(directory).unwrap()));
            Ports { store, ..sound(Synchronous::Full) }
        }
        other => panic!("no store {other}"),
    };
    Kernel::open(ports, home.keys().unwrap(), home.config(), home.policy().unwrap()).unwrap()
}

/// Waits for a receipt, and tells of it when it is on disk.
fn acknowledge(ticket: &Ticket) {
    let durable = ticket.wait().unwrap();
    println!("ack {} {}", durable.receipt_id, durable.index);
}

fn load(kernel: &Kernel, directory: &Path, option: &dyn Fn(&str, u64) -> u64) {
    let (threads, calls) = (option("threads", 4), option("calls", 12));
    let (seed, checkpoints, large) = (option("seed", 1), option("checkpoints", 0), option("large", 20_000));
    let actor = Home::open(directory).unwrap().did().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (kernel, actor) = (&kernel, &actor);
            scope.spawn(move || {
                let run = kernel.open_run(&kernel.new_id().unwrap(), actor).unwrap();
                let mut random = Random::new(seed * 1_000 + thread);
                let calls = calls / threads + u64::from(thread < calls % threads);
                for n in 0..calls {
                    call(&run, &format!("{thread}-{n}"), large as usize, &mut random);
                    if thread == 0 && checkpoints > 0 && n % checkpoints == checkpoints - 1 {
                        kernel.log().checkpoint().unwrap();
                    }
                }
                println!("ask");
                let closed = run.close().unwrap();
                println!("ack {} {}", closed.receipt_id, closed.index);
            });
        }
    });
    println!("done");
}

/// One call: four in ten read, four write, one cannot be undone, one is denied. Some have large arguments.
fn call(run: &Run, call: &str, large: usize, random: &mut Random) {
    let target = match random.below(10) {
        0..4 => "read_file",
        4..8 => "write_file",
        8 => "wipe",
        _ => "unheard_of",
    };
    let size = if random.one_in(4) { large } else { 20 };
    let args = Value::object([("text", Value::from("x".repeat(size)))]);
    let action = Action::tool_call(call, target, &args);
    println!("ask");
    let decision = run.authorize(&action);
    let ticket = decision.ticket.clone().expect("a receipt");
    if !decision.allowed() {
        assert_eq!(target, "unheard_of", "{:?}", decision.reasons);
        return acknowledge(&ticket);
    }
    if target != "read_file" {
        acknowledge(&ticket);
    }
    run.start(call, &action).unwrap();
    println!("ask");
    let settled = run.settle(call, &Settlement::new(OutcomeStatus::Ok, Some(&args))).unwrap();
    if target == "read_file" {
        acknowledge(&ticket);
    }
    acknowledge(&settled);
}

/// Transactions of a mailbox: some frames each, small and large, and now and then some are erased.
fn post(directory: &Path, seed: u64, early: bool) {
    let store = SqliteMailbox::open(directory).unwrap();
    let service = Service::new(Limits::default());
    let [sender, recipient] = [1, 2].map(|n| Did::of(&SigningKey::from_seed(&[n; 32]).verifying_key()));
    let bundle = Kept { envelope: b"{}".to_vec(), exp: u64::MAX >> 12 };
    change(&store, |s| s.put_bundle(recipient.as_str(), &bundle, 0)).unwrap();
    let mut random = Random::new(seed);
    for _ in 0..24 {
        let frames: Vec<Vec<u8>> = (0..=random.below(3)).map(|_| frame(&mut random)).collect();
        let tell = || frames.iter().for_each(|frame| println!("ack {} 0", hash::sha256(&[frame])));
        println!("ask");
        if early {
            tell();
        }
        change(&store, |s| {
            let post = |frame: &Vec<u8>| service.post(s, &sender, &recipient, (&hash::sha256(&[frame]), frame), 0);
            frames.iter().map(post).collect::<Result<Vec<_>, _>>()
        })
        .unwrap();
        if !early {
            tell();
        }
        if random.one_in(3) {
            let oldest = look(&store, |s| service.frames(s, &recipient, 0, 2, 0)).unwrap();
            oldest.frames.iter().for_each(|frame| println!("erase {}", frame.id));
            let places: Vec<u64> = oldest.frames.iter().map(|frame| frame.seq).collect();
            change(&store, |s| service.acknowledge(s, &recipient, &places)).unwrap();
        }
    }
    println!("done");
}

fn talk(directory: &Path, seed: u64) {
    let mut talk = Talk::open(directory);
    talk.establish();
    let mut random = Random::new(seed);
    for number in 0..16 {
        talk.say(number);
        println!("sent {number}");
        if random.one_in(2) {
            talk.carry();
            talk.take().iter().for_each(|number| println!("given {number}"));
        }
        if random.one_in(3) && talk.has_begun() {
            talk.answer();
            talk.carry();
        }
    }
    println!("done");
}

fn frame(random: &mut Random) -> Vec<u8> {
    let size = if random.one_in(4) { 60_000 } else { 200 };
    random.draw().to_be_bytes().repeat(size / 8)
}

fn spend(directory: &Path, option: &dyn Fn(&str, u64) -> u64) {
    let kernel = open(directory, "full");
    let actor = Home::open(directory).unwrap().did().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..option("threads", 4) {
            let (kernel, actor) = (&kernel, &actor);
            let random = Random::new(option("seed", 1) * 1_000 + thread);
            scope.spawn(move || {
                let run = kernel.open_run(&kernel.new_id().unwrap(), actor).unwrap();
                spend_all(&run, random);
                run.close().unwrap();
            });
        }
    });
    println!("done");
}

/// Each call reserves one to nine tokens; one in four is given back, the others use up to as many.
fn spend_all(run: &Run, mut random: Random) {
    let args = Value::object::<String>([]);
    for n in 0.. {
        let (call, reserved) = (format!("{n}"), 1 + random.below(9));
        let action = Action { tokens: Some(reserved), ..Action::tool_call(&call, "write_file", &args) };
        let decision = run.authorize(&action);
        if let Some(code) = decision.code() {
            return println!("denied {}/{call} {}", run.id(), code.as_str());
        }
        println!("reserved {}/{call} {reserved}", run.id());
        if random.one_in(4) {
            run.release(&call).unwrap().wait().unwrap();
            println!("released {}/{call} 0", run.id());
            continue;
        }
        run.start(&call, &action).unwrap();
        let used = random.below(reserved + 1);
        let settlement = Settlement { tokens: Some(used), ..Settlement::new(OutcomeStatus::Ok, None) };
        run.settle(&call, &settlement).unwrap().wait().unwrap();
        println!("settled {}/{call} {used}", run.id());
    }
}

fn hold(directory: &Path) {
    let kernel = open(directory, "full");
    let actor = Home::open(directory).unwrap().did().unwrap();
    let run = kernel.open_run(&kernel.new_id().unwrap(), &actor).unwrap();
    let args = Value::object::<String>([]);
    let action = Action::tool_call("held", "write_file", &args);
    let decision = run.authorize(&action);
    acknowledge(&decision.ticket.clone().expect("a receipt"));
    run.start("held", &action).unwrap();
    println!("held");
    loop {
        std::thread::sleep(Duration::from_secs(60));
    }
}

/// Does what a host does, and tells what it came to.
fn probe(directory: &Path) {
    let attempt = || -> Result<(), Error> {
        let kernel = kernel_on(directory)?;
        let actor = Home::open(directory)?.did()?;
        let run = kernel.open_run(&kernel.new_id()?, &actor)?;
        for target in ["write_file", "read_file", "wipe"] {
            let args = Value::object::<String>([]);
            let action = Action::tool_call(target, target, &args);
            let decision = run.authorize(&action);
            match decision.code() {
                None if run.start(target, &action).is_ok() => println!("executed {target}"),
                code => println!("denied {target} {}", code.map_or("at start", |c| c.as_str())),
            }
        }
        Ok(())
    };
    if let Err(error) = attempt() {
        println!("error {}", error.code.as_str());
    }
    println!("done");
}

/// A store that lies: it says that a batch is on disk, and writes it then.
struct Early {
    inner: Arc<SqliteStore>,
    size: Mutex<u64>,
    queue: Sender<Vec<Entry>>,
}

impl Early {
    fn new(inner: SqliteStore) -> Self {
        let inner = Arc::new(inner);
        let (queue, batches) = channel::<Vec<Entry>>();
        let writer = Arc::clone(&inner);
        std::thread::spawn(move || {
            for batch in batches {
                writer.commit(&batch.iter().collect::<Vec<_>>()).unwrap();
            }
        });
        let size = Mutex::new(inner.frontier().unwrap().size());
        Early { inner, size, queue }
    }
}

impl Store for Early {
    fn commit(&self, batch: &[&Entry]) -> Result<Committed, Error> {
        let mut size = self.size.lock().unwrap();
        let first_index = *size;
        *size += batch.len() as u64;
        self.queue.send(batch.iter().map(|e| (*e).clone()).collect()).unwrap();
        Ok(Committed { first_index, newest_iat: 0 })
    }

    fn begin(&self, boot: Salt, run: &str) -> Result<Begun, Error> {
        self.inner.begin(boot, run)
    }

    fn end(&self, boot: Salt, run: &str) -> Result<(), Error> {
        self.inner.end(boot, run)
    }

    fn frontier(&self) -> Result<Frontier, Error> {
        self.inner.frontier()
    }

    fn node(&self, level: u32, index: u64) -> Result<Hash, Error> {
        self.inner.node(level, index)
    }

    fn record(&self, index: u64) -> Result<Option<Record>, Error> {
        self.inner.record(index)
    }

    fn find(&self, id: &Hash) -> Result<Option<Record>, Error> {
        self.inner.find(id)
    }

    fn standing(&self) -> Result<Arc<Standing>, Error> {
        self.inner.standing()
    }

    fn turn(&self, turn: &Turn) -> Result<(), Error> {
        self.inner.turn(turn)
    }

    fn approvals(&self, run: Option<&str>, limit: usize) -> Result<Vec<Result<Approval, Damaged>>, Error> {
        self.inner.approvals(run, limit)
    }

    fn approval(&self, id: &Hash) -> Result<Option<Approval>, Error> {
        self.inner.approval(id)
    }

    fn answer(&self, id: &Hash, answer: &Answer) -> Result<(), Error> {
        self.inner.answer(id, answer)
    }

    fn erase_args(&self, id: &Hash) -> Result<(), Error> {
        self.inner.erase_args(id)
    }

    fn try_code(&self, id: &Hash, name: &str) -> Result<Option<KeptCode>, Error> {
        self.inner.try_code(id, name)
    }

    fn checkpoint(&self) -> Result<Option<(u64, String)>, Error> {
        self.inner.checkpoint()
    }

    fn set_checkpoint(&self, size: u64, note: &str) -> Result<(), Error> {
        self.inner.set_checkpoint(size, note)
    }
}
