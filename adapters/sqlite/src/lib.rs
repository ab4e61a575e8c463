//! The embedded store: SQLite in WAL mode with `synchronous=FULL`.
//!
//! One transaction a batch; size and frontier are read again inside it, so several processes may
//! share a directory and none can fork the log (`docs/spec/pipeline.md`, section 5). A writer is
//! alive as long as it holds the lock on its file in `writers/`; the operating system releases it
//! however the process ends.

mod alone;
mod approvals;
mod budgets;
mod error;
mod holds;
mod mailbox;
mod sessions;
mod writers;

pub use crate::mailbox::{MAILBOX_FILE, SqliteMailbox};
pub use crate::sessions::SessionStore;

use crate::error::refused;
use crate::writers::Writers;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use talos_audit::receipt::Sealed;
use talos_audit::tree::{self, Frontier};
use talos_contracts::scalar::{B64, Hash, Salt};
use talos_contracts::{Error, ErrorCode, ReceiptKind};
use talos_kernel::ports::{
    Answer, Approval, Begun, Body, Charge, Committed, Damaged, Entry, KeptCode, KnownCall, Opened, Orphan, Record,
    Standing, Store, Turn,
};

/// The database's name in its directory.
pub const FILE: &str = "talos.db";
/// The version of the schema, kept in `user_version`.
const VERSION: i64 = 3;
/// How long a writer waits for another one's transaction.
const BUSY: Duration = Duration::from_secs(10);
/// How long a process waits before it tries again to prepare a new database.
const TURN: Duration = Duration::from_millis(5);

/// How much a commit waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Synchronous {
    /// Until the batch is on disk.
    #[default]
    Full,
    /// For nothing. An acknowledged receipt may be lost: only for the test that shows that the
    /// crash test would see it, and for measuring what a commit costs.
    Off,
}

impl Synchronous {
    fn pragma(self) -> &'static str {
        match self {
            Synchronous::Full => "FULL",
            Synchronous::Off => "OFF",
        }
    }
}

/// One writer on a directory.
pub struct SqliteStore {
    /// Reads do not wait for a commit. Closed before the writing connection: only a last connection
    /// that may write puts the write-ahead log back into the database.
    reading: Mutex<Reader>,
    /// For steps of budgets, which wait for no disk; opened at the first. Its holder has `writing`, too.
    spending: Mutex<Option<Connection>>,
    /// Held for a transaction at a time.
    writing: Mutex<Connection>,
    path: PathBuf,
    synchronous: Synchronous,
    writers: Writers,
}

struct Reader {
    connection: Connection,
    /// The standing, and the version of the database that it was read from.
    standing: Option<(i64, Arc<Standing>)>,
}

impl SqliteStore {
    /// Opens the store of a directory, and makes it if it is not there.
    pub fn open(directory: &Path) -> Result<Self, Error> {
        Self::open_with(directory, Synchronous::Full)
    }

    /// Opens the store with another durability.
    pub fn open_with(directory: &Path, synchronous: Synchronous) -> Result<Self, Error> {
        let path = directory.join(FILE);
        let mut writing = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        in_turn(|| prepare(&mut writing, synchronous))?;
        check_version(&writing)?;
        let reading = connect(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        Ok(SqliteStore {
            writing: Mutex::new(writing),
            spending: Mutex::default(),
            path,
            synchronous,
            reading: Mutex::new(Reader { connection: reading, standing: None }),
            writers: Writers::new(directory),
        })
    }

    /// Opens the store for reading only, where the directory cannot be written: every write is
    /// `store.read_only`.
    pub fn open_read_only(directory: &Path) -> Result<Self, Error> {
        let path = directory.join(FILE);
        let connect = || {
            let connection = connect(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            check_version(&connection)?;
            Ok(connection)
        };
        // A log that was closed cleanly has no write-ahead log, and needs none if nobody can write.
        let immutable = || {
            let uri = format!("file:{}?immutable=1", path.display());
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
            let connection = self::connect(Path::new(&uri), flags)?;
            check_version(&connection)?;
            Ok(connection)
        };
        let has_wal = directory.join(format!("{FILE}-wal")).exists();
        let open = || connect().or_else(|error: Error| if has_wal { Err(error) } else { immutable() });
        Ok(SqliteStore {
            writing: Mutex::new(open()?),
            spending: Mutex::new(Some(open()?)),
            path: path.clone(),
            synchronous: Synchronous::Full,
            reading: Mutex::new(Reader { connection: open()?, standing: None }),
            writers: Writers::new(directory),
        })
    }

    /// Limits the size of the database in pages of 4 KiB; a write beyond it is `store.full`.
    pub fn set_max_pages(&self, pages: u32) -> Result<(), Error> {
        self.write().pragma_update(None, "max_page_count", pages).map_err(refused)
    }

    fn write(&self) -> MutexGuard<'_, Connection> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self) -> MutexGuard<'_, Reader> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn transaction<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, Error>) -> Result<T, Error> {
        let mut connection = self.write();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(refused)?;
        let out = work(&transaction)?;
        transaction.commit().map_err(refused)?;
        Ok(out)
    }
}

impl SqliteStore {
    /// A transaction that is alone among all writers and waits for no disk.
    fn step<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, Error>) -> Result<T, Error> {
        // SQLite has one writer at a time, and who waits for it inside SQLite sleeps for milliseconds.
        let _turn = self.write();
        let mut spending = self.spending.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = match &mut *spending {
            Some(connection) => connection,
            none => none.insert(self.connect_to_spend()?),
        };
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(refused)?;
        let out = work(&transaction)?;
        transaction.commit().map_err(refused)?;
        Ok(out)
    }

    fn connect_to_spend(&self) -> Result<Connection, Error> {
        let connection = connect(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let synchronous = if self.synchronous == Synchronous::Off { "OFF" } else { "NORMAL" };
        connection.pragma_update(None, "synchronous", synchronous).map_err(refused)?;
        Ok(connection)
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, Error> {
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(refused)?;
    connection.busy_timeout(BUSY).map_err(refused)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// Two processes that turn a new database to write-ahead logging refuse each other at once, without
/// waiting: who is refused tries again.
fn in_turn(mut prepare: impl FnMut() -> rusqlite::Result<()>) -> Result<(), Error> {
    let start = Instant::now();
    loop {
        match prepare().map_err(refused) {
            Err(error) if error.code == ErrorCode::StoreBusy && start.elapsed() < BUSY => thread::sleep(TURN),
            result => return result,
        }
    }
}

fn prepare(connection: &mut Connection, synchronous: Synchronous) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", synchronous.pragma())?;
    // What is erased is overwritten, not only unlinked.
    connection.pragma_update(None, "secure_delete", "ON")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version == 0 {
        transaction.execute_batch(include_str!("schema.sql"))?;
    }
    if version < 2 {
        transaction.execute_batch(include_str!("schema_2.sql"))?;
    }
    if version < VERSION {
        transaction.execute_batch(include_str!("schema_3.sql"))?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    if version == 1 {
        let latch = "INSERT INTO holds SELECT 'all', '', NULL FROM standing WHERE killed; DROP TABLE standing;";
        transaction.execute_batch(latch)?;
    }
    transaction.commit()
}

fn check_version(connection: &Connection) -> Result<(), Error> {
    check_version_is(connection, VERSION)
}

fn check_version_is(connection: &Connection, expected: i64) -> Result<(), Error> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(refused)?;
    if version == expected {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::StoreVersion,
        format!("the database is of version {version}, this program reads {expected}"),
    ))
}

fn hash(bytes: Vec<u8>) -> Result<Hash, Error> {
    let bytes = bytes.try_into().map_err(|_| Error::new(ErrorCode::StoreCorrupt, "a stored hash has not 32 bytes"))?;
    Ok(B64(bytes))
}

fn read_head(connection: &Connection) -> Result<(Frontier, u64), Error> {
    let (size, peaks, newest_iat): (i64, Vec<u8>, i64) = connection
        .prepare_cached("SELECT size, peaks, newest_iat FROM head")
        .and_then(|mut s| s.query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))))
        .map_err(refused)?;
    let peaks = peaks.chunks(32).map(|c| hash(c.to_vec())).collect::<Result<_, _>>()?;
    let negative = |_| Error::new(ErrorCode::StoreCorrupt, "the stored head is negative");
    let size = u64::try_from(size).map_err(negative)?;
    Ok((Frontier::from_parts(size, peaks)?, u64::try_from(newest_iat).map_err(negative)?))
}

const SELECT_RECORD: &str =
    "SELECT r.idx, r.id, r.body, r.signature, b.key, b.value FROM receipts r LEFT JOIN bodies b ON b.idx = r.idx";

type RecordRow = (i64, Vec<u8>, Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>);

fn record_row(row: &Row<'_>) -> rusqlite::Result<RecordRow> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
}

fn to_record((index, id, body, signature, key, value): RecordRow) -> Result<Record, Error> {
    let corrupt = |what: &str| Error::new(ErrorCode::StoreCorrupt, format!("a stored {what} has the wrong size"));
    let signature = signature.map(|s| s.try_into().map(B64).map_err(|_| corrupt("signature"))).transpose()?;
    let body_key = key.map(|k| k.try_into().map_err(|_| corrupt("key"))).transpose()?;
    Ok(Record {
        index: u64::try_from(index).map_err(|_| corrupt("index"))?,
        sealed: Sealed { id: hash(id)?, body, signature },
        body: body_key.map(|key| Body { key, value }),
    })
}

/// SQLite's integers are signed; no log comes near their end.
fn signed(n: u64) -> Result<i64, Error> {
    i64::try_from(n).map_err(|_| Error::new(ErrorCode::ProofSizeOutOfRange, "beyond 2^63 - 1"))
}

/// What a call counts for, as SQLite can hold it: beyond that every limit is passed anyway.
fn capped(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

impl Store for SqliteStore {
    fn begin(&self, boot: Salt, run: &str) -> Result<Begun, Error> {
        self.writers.register(boot)?;
        let begun = self.transaction(|tx| {
            self.take_run(tx, boot, run)?;
            let orphans = self.claim(tx, boot, run)?;
            let predecessor: Option<Vec<u8>> = tx
                .query_row("SELECT last FROM runs WHERE run = ?1", [run], |row| row.get(0))
                .optional()
                .map_err(refused)?
                .flatten();
            let (_, newest_iat) = read_head(tx)?;
            Ok(Begun {
                predecessor: predecessor.map(hash).transpose()?,
                orphans,
                known: known_calls(tx, run)?,
                newest_iat,
            })
        })?;
        self.writers.forget_dead();
        Ok(begun)
    }

    fn commit(&self, batch: &[&Entry]) -> Result<Committed, Error> {
        self.transaction(|tx| {
            let (mut frontier, mut newest_iat) = read_head(tx)?;
            let first_index = frontier.size();
            for entry in batch {
                append(tx, &mut frontier, entry)?;
                newest_iat = newest_iat.max(entry.iat);
            }
            let peaks: Vec<u8> = frontier.peaks().iter().flat_map(|h| h.0).collect();
            let head = (signed(frontier.size())?, peaks, signed(newest_iat)?);
            tx.prepare_cached("UPDATE head SET size = ?1, peaks = ?2, newest_iat = ?3")
                .and_then(|mut s| s.execute(head))
                .map_err(refused)?;
            Ok(Committed { first_index, newest_iat })
        })
    }

    fn end(&self, boot: Salt, run: &str) -> Result<(), Error> {
        let idle = self.transaction(|tx| {
            tx.execute("UPDATE runs SET boot = NULL WHERE run = ?1 AND boot = ?2", params![run, boot.0])
                .map_err(refused)?;
            let sql = "SELECT NOT EXISTS (SELECT 1 FROM runs WHERE boot = ?1) \
                       AND NOT EXISTS (SELECT 1 FROM calls WHERE boot = ?1 AND open = 1)";
            tx.query_row(sql, [boot.0], |row| row.get(0)).map_err(refused)
        })?;
        if idle {
            self.writers.release(boot);
            // So that a copy of the one file is whole. Others may be writing; then they will do it.
            let _ = self.write().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        }
        Ok(())
    }

    fn frontier(&self) -> Result<Frontier, Error> {
        Ok(read_head(&self.read().connection)?.0)
    }

    fn node(&self, level: u32, index: u64) -> Result<Hash, Error> {
        let reader = self.read();
        let (sql, leaf) = if level == 0 {
            ("SELECT id FROM receipts WHERE idx = ?2 AND ?1 = 0", true)
        } else {
            ("SELECT hash FROM nodes WHERE level = ?1 AND idx = ?2", false)
        };
        let bytes: Option<Vec<u8>> = reader
            .connection
            .prepare_cached(sql)
            .and_then(|mut s| s.query_row(params![level, signed(index).unwrap_or(-1)], |row| row.get(0)).optional())
            .map_err(refused)?;
        let stored = bytes
            .ok_or_else(|| Error::new(ErrorCode::StoreCorrupt, format!("node {index} of level {level} is missing")))?;
        let stored = hash(stored)?;
        Ok(if leaf { tree::leaf_hash(&tree::entry(&stored)) } else { stored })
    }

    fn record(&self, index: u64) -> Result<Option<Record>, Error> {
        let reader = self.read();
        let row = reader
            .connection
            .prepare_cached(&format!("{SELECT_RECORD} WHERE r.idx = ?1"))
            .and_then(|mut s| s.query_row([signed(index).unwrap_or(-1)], record_row).optional())
            .map_err(refused)?;
        row.map(to_record).transpose()
    }

    fn find(&self, id: &Hash) -> Result<Option<Record>, Error> {
        let reader = self.read();
        let row = reader
            .connection
            .prepare_cached(&format!("{SELECT_RECORD} WHERE r.id = ?1"))
            .and_then(|mut s| s.query_row([id.0], record_row).optional())
            .map_err(refused)?;
        row.map(to_record).transpose()
    }

    fn standing(&self) -> Result<Arc<Standing>, Error> {
        let mut reader = self.read();
        let version: i64 = reader
            .connection
            .prepare_cached("PRAGMA data_version")
            .and_then(|mut s| s.query_row([], |row| row.get(0)))
            .map_err(refused)?;
        if let Some((at, standing)) = &reader.standing
            && *at == version
        {
            return Ok(Arc::clone(standing));
        }
        let standing = Arc::new(holds::read(&reader.connection)?);
        // Read before the query: a change in between is seen as a new version next time.
        reader.standing = Some((version, Arc::clone(&standing)));
        Ok(standing)
    }

    fn turn(&self, turn: &Turn) -> Result<(), Error> {
        self.transaction(|tx| holds::turn(tx, turn))
    }

    fn approvals(&self, run: Option<&str>, limit: usize) -> Result<Vec<Result<Approval, Damaged>>, Error> {
        approvals::list(&self.read().connection, &self.writers, run, limit)
    }

    fn approval(&self, id: &Hash) -> Result<Option<Approval>, Error> {
        approvals::find(&self.read().connection, &self.writers, id)
    }

    fn answer(&self, id: &Hash, answer: &Answer) -> Result<(), Error> {
        self.transaction(|tx| approvals::answer(tx, id, answer))
    }

    fn erase_args(&self, id: &Hash) -> Result<(), Error> {
        self.transaction(|tx| approvals::erase(tx, id))
    }

    fn try_code(&self, id: &Hash, name: &str) -> Result<Option<KeptCode>, Error> {
        self.transaction(|tx| approvals::try_code(tx, id, name))
    }

    fn checkpoint(&self) -> Result<Option<(u64, String)>, Error> {
        let row: Option<(i64, String)> = self
            .read()
            .connection
            .query_row("SELECT size, note FROM checkpoint", [], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
            .map_err(refused)?;
        Ok(row.map(|(size, note)| (size.unsigned_abs(), note)))
    }

    fn set_checkpoint(&self, size: u64, note: &str) -> Result<(), Error> {
        let sql = "INSERT INTO checkpoint VALUES (1, ?1, ?2) \
                   ON CONFLICT (one) DO UPDATE SET size = ?1, note = ?2 WHERE ?1 >= size";
        self.write().execute(sql, params![signed(size)?, note]).map(|_| ()).map_err(refused)
    }
}

impl SqliteStore {
    /// The run becomes this writer's, unless a live one holds it.
    fn take_run(&self, tx: &Transaction<'_>, boot: Salt, run: &str) -> Result<(), Error> {
        let holder: Option<[u8; 16]> = tx
            .query_row("SELECT boot FROM runs WHERE run = ?1", [run], |row| row.get(0))
            .optional()
            .map_err(refused)?
            .flatten();
        if holder.is_some_and(|h| h != boot.0 && self.writers.is_alive(B64(h))) {
            return Err(Error::new(ErrorCode::RunBusy, "another live writer holds this run"));
        }
        tx.execute(
            "INSERT INTO runs (run, boot) VALUES (?1, ?2) ON CONFLICT (run) DO UPDATE SET boot = ?2",
            params![run, boot.0],
        )
        .map(|_| ())
        .map_err(refused)
    }

    /// Takes over the open calls of dead writers, and those that dead chains of this run left.
    fn claim(&self, tx: &Transaction<'_>, boot: Salt, run: &str) -> Result<Vec<Orphan>, Error> {
        let boots: Vec<[u8; 16]> = collect(tx, "SELECT DISTINCT boot FROM calls WHERE open = 1", [], |row| row.get(0))?;
        for dead in boots.into_iter().filter(|b| *b != boot.0 && !self.writers.is_alive(B64(*b))) {
            tx.execute(
                "UPDATE calls SET boot = ?1, claimed_by = ?2 WHERE open = 1 AND boot = ?3",
                params![boot.0, run, dead],
            )
            .map_err(refused)?;
        }
        // What one run has claimed is in its gap already, or will be.
        let sql = "SELECT c.run, c.call, r.id FROM calls c JOIN receipts r ON r.idx = c.idx \
                   WHERE c.open = 1 AND c.boot = ?1 AND coalesce(c.claimed_by, c.run) = ?2";
        let rows: Vec<(String, String, Vec<u8>)> =
            collect(tx, sql, params![boot.0, run], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        rows.into_iter().map(|(run, call, decision)| Ok(Orphan { run, call, decision: hash(decision)? })).collect()
    }
}

/// Call, binding, what it may charge, and the decision's id.
type CallRow = (String, Vec<u8>, [i64; 3], Vec<u8>);

fn known_calls(tx: &Transaction<'_>, run: &str) -> Result<Vec<KnownCall>, Error> {
    let sql = "SELECT c.call, c.binding, c.tool_calls, c.tokens, c.micro, r.id \
               FROM calls c JOIN receipts r ON r.idx = c.idx WHERE c.run = ?1";
    let rows: Vec<CallRow> = collect(tx, sql, [run], |row| {
        Ok((row.get(0)?, row.get(1)?, [row.get(2)?, row.get(3)?, row.get(4)?], row.get(5)?))
    })?;
    rows.into_iter()
        .map(|(call, binding, [tool_calls, tokens, micro], decision)| {
            let charge = Charge {
                tool_calls: tool_calls.unsigned_abs(),
                tokens: tokens.unsigned_abs(),
                micro: micro.unsigned_abs(),
            };
            Ok(KnownCall { opened: Opened { call, binding: hash(binding)?, charge }, decision: hash(decision)? })
        })
        .collect()
}

fn collect<T, P: rusqlite::Params>(
    tx: &Transaction<'_>,
    sql: &str,
    params: P,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, Error> {
    tx.prepare_cached(sql)
        .and_then(|mut statement| statement.query_map(params, read)?.collect::<rusqlite::Result<Vec<T>>>())
        .map_err(refused)
}

fn append(tx: &Transaction<'_>, frontier: &mut Frontier, entry: &Entry) -> Result<(), Error> {
    let index = signed(frontier.size())?;
    let sealed = &entry.sealed;
    let run = |sql: &str, params: &[&dyn rusqlite::ToSql]| -> Result<usize, Error> {
        tx.prepare_cached(sql).and_then(|mut s| s.execute(params)).map_err(refused)
    };
    run(
        "INSERT INTO receipts VALUES (?1, ?2, ?3, ?4)",
        params![index, sealed.id.0, sealed.body, sealed.signature.map(|s| s.0)],
    )?;
    if let Some(body) = &entry.body {
        run("INSERT INTO bodies VALUES (?1, ?2, ?3)", params![index, body.key, body.value])?;
    }
    let mut completed = Vec::new();
    frontier.append(tree::leaf_hash(&tree::entry(&sealed.id)), |level, at, hash| completed.push((level, at, hash)));
    for (level, at, hash) in completed.into_iter().skip(1) {
        run("INSERT INTO nodes VALUES (?1, ?2, ?3)", params![level, signed(at)?, hash.0])?;
    }
    if let Some(Opened { call, binding, charge }) = &entry.opens {
        let [tool_calls, tokens, micro] = [charge.tool_calls, charge.tokens, charge.micro].map(capped);
        run(
            "INSERT INTO calls VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL, 1)",
            params![index, entry.run, call, binding.0, tool_calls, tokens, micro, entry.boot.0],
        )?;
    }
    for decision in &entry.closes {
        let sql = "UPDATE calls SET open = 0 WHERE idx = (SELECT idx FROM receipts WHERE id = ?1) AND open = 1";
        if run(sql, params![decision.0])? != 1 {
            return Err(Error::new(ErrorCode::RunDead, "another writer has closed this call"));
        }
        if let Some(used) = &entry.used {
            let sql = "UPDATE calls SET tokens = max(tokens, ?2), micro = max(micro, ?3) \
                       WHERE idx = (SELECT idx FROM receipts WHERE id = ?1)";
            run(sql, params![decision.0, capped(used.tokens), capped(used.micro)])?;
        }
    }
    if entry.kind == ReceiptKind::Open || entry.asks.is_some() {
        approvals::erase_until(tx, entry.iat)?;
    }
    if let Some(asked) = &entry.asks {
        approvals::ask(tx, frontier.size() - 1, &entry.run, asked)?;
    }
    if let Some(id) = &entry.redeems {
        approvals::redeem(tx, id)?;
    }
    if let Some(turn) = &entry.turns {
        holds::turn(tx, turn)?;
    }
    run("UPDATE runs SET last = ?2 WHERE run = ?1", params![entry.run, sealed.id.0])?;
    Ok(())
}
