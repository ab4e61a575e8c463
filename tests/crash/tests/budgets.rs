//! Several processes on one budget, and one that dies between reserving and settling (`docs/spec/budget.md`, section 6).

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use rusqlite::{Connection, OpenFlags};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::Duration;
use talos_audit::receipt;
use talos_contracts::json::Value;
use talos_contracts::{BudgetUnit, OutcomeStatus, ReceiptKind, Verdict};
use talos_crash_test::{Random, Template, Told, Worker, kernel_on};
use talos_kernel::{Action, Kernel, Settlement};
use talos_shared::Home;

const WORKER: &str = env!("CARGO_BIN_EXE_talos-crash-worker");
const PROCESSES: u64 = 4;
/// What all processes together may do, and more than they would do alone.
const CALLS: u64 = 500;
const KILLS: u64 = 12;

fn spender(home: &Path, threads: u64, seed: u64) -> Worker {
    let (threads, seed) = (format!("threads={threads}"), format!("seed={seed}"));
    Worker::start(Path::new(WORKER), home, &["spend", &threads, &seed], None)
}

/// The figures that a worker told of, by call.
fn told_of(told: &Told, what: &str) -> BTreeMap<String, u64> {
    let figure = |line: &String| {
        let (id, figure) = line.strip_prefix(what)?.trim_start().split_once(' ')?;
        Some((id.to_owned(), figure.parse().unwrap()))
    };
    told.lines.iter().filter_map(figure).collect()
}

/// Held and spent.
fn figures(kernel: &Kernel) -> [u64; 2] {
    let accounts = kernel.budgets(None).unwrap();
    assert_eq!((accounts.len(), accounts[0].debt), (1, 0));
    [accounts[0].held, accounts[0].spent]
}

/// A whole call by a new run, whose beginning charges what the dead hold.
fn call(home: &Path, kernel: &Kernel, reserved: u64, used: u64) {
    let run = kernel.open_run(&kernel.new_id().unwrap(), &Home::open(home).unwrap().did().unwrap()).unwrap();
    let args = Value::object::<String>([]);
    let action = Action { tokens: Some(reserved), ..Action::tool_call("after", "write_file", &args) };
    let decision = run.authorize(&action);
    assert!(decision.allowed(), "{:?}", decision.reasons);
    run.start("after", &action).unwrap();
    let settlement = Settlement { tokens: Some(used), ..Settlement::new(OutcomeStatus::Ok, None) };
    run.settle("after", &settlement).unwrap().wait().unwrap();
    run.close().unwrap();
}

#[test]
fn four_processes_of_sixteen_threads_use_one_budget_up_and_never_overspend() {
    let template = Template::new();
    let home = template.home_with_budget("home", BudgetUnit::Calls, CALLS);
    let workers: Vec<Worker> = (0..PROCESSES).map(|process| spender(&home, 16, process)).collect();
    let told: Vec<Told> = std::thread::scope(|scope| {
        let ends: Vec<_> = workers.into_iter().map(|worker| scope.spawn(|| worker.finish())).collect();
        ends.into_iter().map(|end| end.join().unwrap()).collect()
    });
    let (mut settled, mut busy) = (0, 0);
    for told in &told {
        assert!(told.is_done(), "{:?}", told.lines.last());
        let denied: Vec<&String> = told.lines.iter().filter(|line| line.starts_with("denied")).collect();
        assert_eq!(denied.len(), 16);
        assert!(denied.iter().all(|line| line.ends_with(" budget.exceeded")), "{denied:?}");
        let (reserved, released) = (told_of(told, "reserved"), told_of(told, "released"));
        busy += u64::from(!reserved.is_empty());
        settled += (reserved.len() - released.len()) as u64;
    }
    assert!(busy >= 2, "one process was done before the others began");
    // Whoever gives back asks again, so that the last one to be denied found all of it used.
    assert_eq!((settled, figures(&kernel_on(&home).unwrap())), (CALLS, [0, CALLS]));
}

#[test]
fn only_what_a_dead_process_holds_is_charged_when_the_next_run_begins() {
    let template = Template::new();
    let home = template.home_with_budget("home", BudgetUnit::Calls, 5);
    let mut workers: Vec<Worker> = (0..2).map(|_| Worker::start(Path::new(WORKER), &home, &["hold"], None)).collect();
    assert!(workers.iter_mut().all(|worker| worker.listen_for("held")));
    let kernel = kernel_on(&home).unwrap();
    assert_eq!(figures(&kernel), [2, 0]);
    for (left, after) in [(1, [1, 2]), (0, [0, 4])] {
        let mut worker = workers.pop().unwrap();
        worker.kill();
        assert!(worker.finish().was_killed());
        assert_eq!(figures(&kernel)[0], left + 1, "nothing is given away before anybody looks");
        call(&home, &kernel, 0, 0);
        assert_eq!(figures(&kernel), after);
    }
}

/// What the store keeps of a reservation.
struct Kept {
    state: i64,
    reserved: u64,
    charged: u64,
}

fn kept(home: &Path) -> HashMap<String, Kept> {
    let database = Connection::open_with_flags(home.join("talos.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut rows = database.prepare("SELECT id, state, tokens, holds FROM reservations").unwrap();
    let read = |row: &rusqlite::Row<'_>| -> rusqlite::Result<(String, Kept)> {
        let (state, used, holds): (i64, Option<u64>, String) = (row.get(1)?, row.get(2)?, row.get(3)?);
        let reserved = holds.split_once(':').unwrap().1.parse().unwrap();
        let charged = match state {
            1 => used.unwrap(),
            2 => reserved,
            3 => 0,
            _ => panic!("{holds} is still held"),
        };
        Ok((row.get(0)?, Kept { state, reserved, charged }))
    };
    rows.query_map([], read).unwrap().map(Result::unwrap).collect()
}

#[test]
fn a_kill_at_any_moment_leaves_a_budget_that_counts_each_call_once() {
    let template = Template::new();
    let home = template.home_with_budget("home", BudgetUnit::Tokens, 1 << 40);
    let mut random = Random::new(3);
    let mut all: BTreeMap<&str, BTreeMap<String, u64>> = BTreeMap::new();
    for round in 0..KILLS {
        let mut worker = spender(&home, 4, round);
        assert!(worker.listen_for("settled"));
        std::thread::sleep(Duration::from_millis(random.below(30)));
        worker.kill();
        let told = worker.finish();
        assert!(told.was_killed());
        for what in ["reserved", "settled", "released"] {
            all.entry(what).or_default().extend(told_of(&told, what));
        }
        let kernel = kernel_on(&home).unwrap();
        call(&home, &kernel, 5, 2);
        let kept = kept(&home);
        assert_eq!(figures(&kernel), [0, kept.values().map(|kept| kept.charged).sum()], "round {round}");
    }
    let kept = kept(&home);
    all["reserved"].iter().for_each(|(id, amount)| assert_eq!(kept[id].reserved, *amount, "{id}"));
    all["settled"].iter().for_each(|(id, used)| assert_eq!((kept[id].state, kept[id].charged), (1, *used), "{id}"));
    all["released"].keys().for_each(|id| assert_eq!(kept[id].state, 3, "{id}"));
    agrees_with_the_log(&kernel_on(&home).unwrap(), &kept);
    let in_full = kept.values().filter(|kept| kept.state == 2).count() as u64;
    assert!(in_full >= KILLS / 2, "only {in_full} calls were under way when they were killed");
}

/// Every allowed call has its reservation, and every outcome its charge.
fn agrees_with_the_log(kernel: &Kernel, kept: &HashMap<String, Kept>) {
    let log = kernel.log();
    for index in 0..log.size().unwrap() {
        let receipt = receipt::parse_body(&log.at(index).unwrap().sealed.body).unwrap();
        let Some(call) = &receipt.call else { continue };
        let id = format!("{}/{call}", receipt.run);
        match receipt.kind {
            ReceiptKind::Decision if receipt.verdict == Some(Verdict::Allow) => assert!(kept.contains_key(&id), "{id}"),
            ReceiptKind::Outcome => assert_eq!(kept[&id].state, 1, "{id}"),
            _ => {}
        }
    }
}
