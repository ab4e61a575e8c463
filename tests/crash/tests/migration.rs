//! A database of an earlier version is brought to the program's own when it is opened: nothing of it is lost, and what was
//! counted, asked and held in it holds on.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use rusqlite::Connection;
use rusqlite::types::Value as Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use talos_audit::receipt;
use talos_contracts::json::{Profile, Value, parse};
use talos_contracts::scalar::{B64, Hash};
use talos_contracts::{
    ApprovalResponse, ApprovalState, ErrorCode, OutcomeStatus, ReceiptKind, Scope, ScopeLevel, Verdict,
};
use talos_crash_test::{Kill, Moment, Shim, Survival, Worker, copy_tree, rebuild};
use talos_kernel::ports::{Clock, Store};
use talos_kernel::{Action, Config, Kernel, Keys, Ports, Run, Settlement};
use talos_policy::{CompiledPolicy, Format};
use talos_shared::approval::grant;
use talos_shared::crypto::SigningKey;
use talos_shared::identity::Did;
use talos_shared::{HeadFile, SystemEntropy, state_of};
use talos_sqlite::{FILE, SqliteStore};
use tempfile::TempDir;

const WORKER: &str = env!("CARGO_BIN_EXE_talos-crash-worker");
/// What a process of commit ffef9f0, the last before version 3, left when it died: one run that had ended and one with two
/// calls under way, requests for approval that wait, are granted, refused and redeemed, budgets with a debt, a rate, a hold.
const VERSION_2: &str = include_str!("version_2.sql");
/// The head that it had signed, as it stands beside its log key.
const HEAD: &str = "14 K0PyA4YlzudAhqcaRTkT5gGUcB-tjsgPfprEmuoEsYo\n";
const POLICY: &str = "id: version-2
allowed_tools:
  - {name: read_file, effect: read}
  - {name: write_file, effect: write}
  - {name: wipe, effect: irreversible}
  - {name: pay, effect: spend, amount: {amount_arg: /micro, currency_arg: /currency}}
rates: [{id: writes, tools: [write_file], calls: 3, per_seconds: 3600}]
approvers:
  - {name: ada, key: 'did:key:z6MkmNL6xksdEJENGk9Z1qqGsY5njKQdjU1UhnUEUvWyQUVX'}
  - {name: bob, key: 'did:key:z6MkfDSNRs2i9S6LZ5vd4RbpZ6754H7R3btDqRTeHhamqvuJ'}
  - {name: cy}
approvals: [{id: money, tools: [pay], expires_seconds: 2592000}]";
/// The runs of that process: the one that had ended, and the one in which calls were under way.
const ENDED: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
const CUT_OFF: &str = "01890a5d-ac96-774b-bcce-b302099a8058";
/// A minute after that process died.
const NOW: u64 = 1_763_625_660_000;
/// The requests, by what was asked for; and the code that Cy had for the pending one.
const PENDING: &str = "9rk6ApCWlreDiRy-zMvXKYP1EhebN3hauxWYmcZOwtA";
const GRANTED: &str = "juDEaCDlmg3TjHFbAVKDszOmniTHSne6m7XAN7ZG1t0";
const STARTED: &str = "jshfoDP7HA_MwEiPHaN6jvpAVLrDv2oMHokJSlyw7RY";
const REDEEMED: &str = "G9HlV8G23YMUKvd_ON_E6OYv3SWz8pJ7eRB1o8fuSMo";
const DENIED: &str = "0-LJxSnc5aXvXSvAcYZ-PfuE2EAyT4wy7k-KboFzN5g";
const CODE: &str = "WCTD7WHH";

/// A directory with a database of version 2.
fn directory() -> TempDir {
    let directory = TempDir::new().unwrap();
    let database = Connection::open(directory.path().join(FILE)).unwrap();
    database.pragma_update(None, "journal_mode", "WAL").unwrap();
    database.execute_batch(VERSION_2).unwrap();
    fs::write(directory.path().join("log.head"), HEAD).unwrap();
    directory
}

fn database(directory: &Path) -> Connection {
    Connection::open(directory.join(FILE)).unwrap()
}

fn version(database: &Connection) -> i64 {
    database.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

fn texts(database: &Connection, sql: &str) -> Vec<String> {
    database.prepare(sql).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// All rows, in the tables and columns that version 2 has.
fn rows(database: &Connection) -> BTreeMap<String, Vec<Vec<Cell>>> {
    let version_2 = Connection::open_in_memory().unwrap();
    version_2.execute_batch(VERSION_2).unwrap();
    let tables = texts(&version_2, "SELECT name FROM sqlite_master WHERE type = 'table'");
    let read = |table: String| {
        let columns = texts(&version_2, &format!("SELECT name FROM pragma_table_info('{table}')"));
        let mut found = database.prepare(&format!("SELECT {} FROM {table} ORDER BY 1, 2", columns.join(", "))).unwrap();
        let cells = |row: &rusqlite::Row<'_>| (0..columns.len()).map(|at| row.get(at)).collect();
        let rows = found.query_map([], cells).unwrap().map(Result::unwrap).collect();
        (table, rows)
    };
    tables.into_iter().map(read).collect()
}

fn schema(database: &Connection) -> Vec<String> {
    texts(database, "SELECT type || ' ' || name || ': ' || coalesce(sql, '') FROM sqlite_master ORDER BY 1")
}

#[test]
fn every_row_of_version_2_is_kept_and_the_schema_is_that_of_a_new_database() {
    let directory = directory();
    let before = rows(&database(directory.path()));
    assert_eq!(version(&database(directory.path())), 2);
    for table in ["receipts", "bodies", "nodes", "runs", "calls", "holds", "approvals", "answers", "codes"] {
        assert!(!before[table].is_empty(), "{table} is to be kept");
    }
    for table in ["checkpoint", "budgets", "accounts", "reservations", "rates"] {
        assert!(!before[table].is_empty(), "{table} is to be kept");
    }
    drop(SqliteStore::open(directory.path()).unwrap());
    let after = database(directory.path());
    assert_eq!((version(&after), rows(&after)), (3, before));
    let new = TempDir::new().unwrap();
    drop(SqliteStore::open(new.path()).unwrap());
    assert_eq!(schema(&after), schema(&database(new.path())));
}

#[test]
fn a_migration_that_fails_in_its_middle_leaves_version_2_as_it_was() {
    let directory = directory();
    let before = database(directory.path());
    // The last step of the migration cannot be done.
    before.execute_batch("CREATE INDEX approvals_to_erase ON approvals (id)").unwrap();
    let was = (schema(&before), rows(&before));
    drop(before);
    assert!(SqliteStore::open(directory.path()).is_err());
    let after = database(directory.path());
    assert_eq!((version(&after), (schema(&after), rows(&after))), (2, was));
    after.execute_batch("DROP INDEX approvals_to_erase").unwrap();
    drop(after);
    SqliteStore::open(directory.path()).unwrap();
}

#[test]
fn a_loss_of_power_at_any_moment_of_the_migration_leaves_all_of_one_version_or_of_the_other() {
    let (image, room) = (directory(), TempDir::new().unwrap());
    let before = rows(&database(image.path()));
    let [work, trace, left] = ["work", "trace", "left"].map(|name| room.path().join(name));
    let crash = |kill: Option<Kill>, survival: Survival| {
        copy_tree(image.path(), &work);
        let _ = (fs::remove_file(&trace), fs::remove_dir_all(&left));
        let shim = Shim { trace: trace.clone(), kill };
        let told = Worker::start(Path::new(WORKER), &work, &["open"], Some(&shim)).finish();
        (told, rebuild(image.path(), &work, &trace, survival, &left))
    };
    let (told, whole) = crash(None, Survival::OnlySynced);
    assert!(!told.was_killed() && version(&database(&left)) == 3);
    let (syncs, mut found) = (whole.syncs.values().sum(), BTreeSet::new());
    for (moment, moments) in [(Moment::BeforeSync, syncs), (Moment::AfterSync, syncs), (Moment::Write, whole.writes)] {
        for nth in 1..=moments {
            for survival in [Survival::OnlySynced, Survival::Some(nth)] {
                let (told, _) = crash(Some(Kill { moment, nth, file: None }), survival);
                assert!(told.was_killed(), "{moment:?} {nth}");
                let after = database(&left);
                found.insert(version(&after));
                assert_eq!(rows(&after), before, "{moment:?} {nth}, {survival:?}");
                drop(after);
                drop(SqliteStore::open(&left).unwrap());
                let after = database(&left);
                assert_eq!((version(&after), rows(&after)), (3, before.clone()), "{moment:?} {nth}, {survival:?}");
            }
        }
    }
    assert_eq!(found, BTreeSet::from([2, 3]));
}

#[test]
fn the_latch_of_version_1_holds_on() {
    let latch = "CREATE TABLE standing (one INTEGER PRIMARY KEY CHECK (one = 1), killed INTEGER NOT NULL)";
    for killed in [false, true] {
        let directory = TempDir::new().unwrap();
        let version_1 = database(directory.path());
        version_1.execute_batch(include_str!("../../../adapters/sqlite/src/schema.sql")).unwrap();
        version_1.execute_batch(&format!("{latch}; INSERT INTO standing VALUES (1, {killed})")).unwrap();
        version_1.pragma_update(None, "user_version", 1).unwrap();
        drop(version_1);
        let store = SqliteStore::open(directory.path()).unwrap();
        let levels: Vec<ScopeLevel> = store.standing().unwrap().holds.iter().map(|hold| hold.scope.level).collect();
        assert_eq!(levels, vec![ScopeLevel::All; usize::from(killed)]);
    }
}

// --- Governance goes on ----------------------------------------------------------------------------

struct At(u64);

impl Clock for At {
    fn wall_ms(&self) -> Result<u64, talos_contracts::Error> {
        Ok(self.0)
    }

    fn monotonic_ms(&self) -> Result<u64, talos_contracts::Error> {
        Ok(self.0)
    }
}

fn key(n: u8) -> SigningKey {
    SigningKey::from_seed(&[n; 32])
}

fn kernel(directory: &Path) -> Kernel {
    let store = Arc::new(SqliteStore::open(directory).unwrap());
    let ports = Ports {
        clock: Arc::new(At(NOW)),
        entropy: Arc::new(SystemEntropy),
        budgets: store.clone(),
        store,
        heads: Arc::new(HeadFile::new(directory)),
        files: None,
        stages: Vec::new(),
        notify: None,
    };
    let policy = CompiledPolicy::load(POLICY.as_bytes(), Format::Yaml, "policy.yaml").unwrap();
    Kernel::open(ports, Keys { sign: key(1), log: key(2) }, Config::new("version-2.example/log"), policy).unwrap()
}

fn id(text: &str) -> Hash {
    B64::from_b64(text).unwrap()
}

fn pay(micro: u64) -> Value {
    parse(format!(r#"{{"currency":"USD","micro":{micro},"to":"shop"}}"#).as_bytes(), Profile::Data).unwrap()
}

/// Held, spent and debt of each budget of which something was used.
fn figures(kernel: &Kernel) -> BTreeMap<String, [u64; 3]> {
    let accounts = kernel.budgets(None).unwrap().into_iter();
    let figures = accounts.map(|account| {
        let Scope { level, name } = account.budget.scope;
        let name = name.map_or_else(|| level.as_str().to_owned(), |name| format!("{} {name}", level.as_str()));
        (name, [account.held, account.spent, account.debt])
    });
    figures.filter(|(_, figures)| *figures != [0, 0, 0]).collect()
}

fn expected<const N: usize>(figures: [(&str, [u64; 3]); N]) -> BTreeMap<String, [u64; 3]> {
    figures.map(|(name, figures)| (name.to_owned(), figures)).into()
}

/// Asks, and gives the request that is waited for.
fn ask(run: &Run, action: &Action<'_>) -> Hash {
    let decision = run.authorize(action);
    assert_eq!(decision.verdict, Verdict::NeedsApproval, "{:?}", decision.reasons);
    decision.approval.unwrap()
}

fn bob_grants(kernel: &Kernel, approval: &Hash) {
    let answer = grant::Answer { approval, name: "bob", response: ApprovalResponse::Grant, iat: NOW, note: None };
    kernel.respond(approval, &grant::sign(&answer, &key(12)).unwrap().to_envelope()).unwrap();
}

fn runs_under(run: &Run, action: &Action<'_>, approval: Hash) {
    let decision = run.authorize(action);
    assert_eq!((decision.verdict, decision.approval), (Verdict::Allow, Some(approval)), "{:?}", decision.reasons);
    run.start(action.call, action).unwrap();
    run.settle(action.call, &Settlement::new(OutcomeStatus::Ok, None)).unwrap().wait().unwrap();
}

/// The calls that the newest gap names.
fn named_by_the_gap(kernel: &Kernel) -> BTreeSet<String> {
    let body = |index| receipt::parse_body(&kernel.log().at(index).unwrap().sealed.body).unwrap();
    let gap = (0..kernel.log().size().unwrap()).map(body).rfind(|receipt| receipt.kind == ReceiptKind::Gap);
    gap.unwrap().permits.unwrap().into_iter().map(|permit| permit.call).collect()
}

#[test]
fn what_was_counted_asked_and_held_in_version_2_holds_on() {
    let directory = directory();
    let kernel = kernel(directory.path());
    assert_eq!(kernel.log().verify().unwrap().size, 19);
    assert_eq!(
        figures(&kernel),
        expected([
            ("all", [2, 3, 0]),
            ("principal ada", [0, 25, 5]),
            (&format!("run {ENDED}"), [0, 25, 0]),
            (&format!("run {CUT_OFF}"), [30, 0, 0]),
            ("tool pay", [5, 150, 0]),
        ])
    );
    let states =
        [PENDING, GRANTED, STARTED, REDEEMED, DENIED].map(|text| state_of(&kernel.approval(&id(text)).unwrap()));
    let redeemed = ApprovalState::Redeemed;
    assert_eq!(states, [ApprovalState::Pending, ApprovalState::Granted, redeemed, redeemed, ApprovalState::Denied]);

    // The next opening of the run names the two calls that its dead process left, and charges what they held.
    let run = kernel.open_run(CUT_OFF, &Did::of(&key(1).verifying_key())).unwrap();
    assert_eq!(named_by_the_gap(&kernel), ["b1", "b4"].map(str::to_owned).into());
    assert_eq!(
        figures(&kernel),
        expected([
            ("all", [0, 5, 0]),
            ("principal ada", [0, 25, 5]),
            (&format!("run {ENDED}"), [0, 25, 0]),
            (&format!("run {CUT_OFF}"), [0, 30, 0]),
            ("tool pay", [0, 155, 0]),
        ])
    );

    // A grant of then runs once, and an answer of now counts for a request of then.
    let (granted, pending) = (pay(400), pay(300));
    runs_under(&run, &Action::tool_call("c1", "pay", &granted), id(GRANTED));
    assert_ne!(ask(&run, &Action::tool_call("c2", "pay", &granted)), id(GRANTED), "a grant is used once");
    assert_eq!(ask(&run, &Action::tool_call("c3", "pay", &pending)), id(PENDING));
    kernel.redeem_code(&id(PENDING), "cy", CODE, ApprovalResponse::Grant, None).unwrap();
    runs_under(&run, &Action::tool_call("c3", "pay", &pending), id(PENDING));
    // Version 2 did not say when arguments are to be erased: those of its requests stay.
    assert_eq!(kernel.approval(&id(GRANTED)).unwrap().args, Some(granted));

    // A request of now is like one in a new database: its arguments go when it is redeemed.
    let small = pay(1);
    let asked = ask(&run, &Action::tool_call("c4", "pay", &small));
    bob_grants(&kernel, &asked);
    runs_under(&run, &Action::tool_call("c4", "pay", &small), asked);
    assert_eq!(kernel.approval(&asked).unwrap().args, None);

    // Budgets with what was used of them, a debt, a rate and a hold deny as they did.
    let (much, none) = (pay(900), Value::object::<String>([]));
    bob_grants(&kernel, &ask(&run, &Action::tool_call("d1", "pay", &much)));
    let decided = |action: Action<'_>| run.authorize(&action).code();
    assert_eq!(decided(Action::tool_call("d1", "pay", &much)), Some(ErrorCode::BudgetExceeded));
    let indebted = Action { tokens: Some(1), principal: Some("ada"), ..Action::tool_call("d2", "read_file", &none) };
    assert_eq!(decided(indebted), Some(ErrorCode::BudgetDebt));
    assert_eq!(decided(Action::tool_call("d3", "wipe", &none)), Some(ErrorCode::StandingSuspended));
    // Three an hour for a run, of which one was used.
    let writes = ["d4", "d5", "d6"].map(|call| decided(Action::tool_call(call, "write_file", &none)));
    assert_eq!(writes, [None, None, Some(ErrorCode::LimitRate)]);

    run.close().unwrap();
    assert!(kernel.log().verify().unwrap().summary.open.is_empty());
}
