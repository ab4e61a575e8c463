//! What a client keeps of its sessions: encrypted records, in a database of their own (`docs/spec/session.md`, section 11).

use crate::alone::Alone;
use crate::error::refused;
use crate::{BUSY, Synchronous};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, TransactionBehavior, params};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use talos_client::{Lifetime, Store, Stored, Write};
use talos_contracts::{Error, ErrorCode};

/// The version of the schema, kept in `user_version`.
const VERSION: i64 = 1;

const SCHEMA: &str = "
    CREATE TABLE records (
        name BLOB NOT NULL PRIMARY KEY,
        revision INTEGER NOT NULL,
        -- When it ends, in milliseconds; null where it is read at opening.
        ends INTEGER,
        blob BLOB NOT NULL
    );
    CREATE INDEX records_loaded ON records (ends) WHERE ends IS NULL;
    CREATE INDEX records_ends ON records (ends) WHERE ends IS NOT NULL;
";

/// The records of one agent. One process at a time has them.
pub struct SessionStore {
    connection: Mutex<Connection>,
    _alone: Alone,
}

impl SessionStore {
    /// Opens the database at a path, and makes it if it is not there; `client.already_open` where another one has it.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Self::open_with(path, Synchronous::Full)
    }

    /// Opens it with another durability.
    pub fn open_with(path: &Path, synchronous: Synchronous) -> Result<Self, Error> {
        let alone = Alone::lock(&path.with_extension("lock"), ErrorCode::ClientAlreadyOpen)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags).map_err(refused)?;
        let version = prepare(&mut connection, synchronous).map_err(refused)?;
        if version != VERSION {
            let why = format!("{} has version {version}, this program reads {VERSION}", path.display());
            return Err(Error::new(ErrorCode::StoreVersion, why));
        }
        Ok(SessionStore { connection: Mutex::new(connection), _alone: alone })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn prepare(connection: &mut Connection, synchronous: Synchronous) -> rusqlite::Result<i64> {
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", synchronous.pragma())?;
    // What is erased is overwritten, not only unlinked.
    connection.pragma_update(None, "secure_delete", "ON")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version != 0 {
        return Ok(version);
    }
    transaction.execute_batch(SCHEMA)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(VERSION)
}

impl Store for SessionStore {
    fn load(&self) -> Result<Vec<Stored>, Error> {
        let connection = self.connection();
        let mut query =
            connection.prepare("SELECT name, revision, blob FROM records WHERE ends IS NULL").map_err(refused)?;
        let records = query.query_map([], stored).map_err(refused)?;
        records.collect::<Result<_, _>>().map_err(refused)
    }

    fn read(&self, name: &[u8; 16]) -> Result<Option<Stored>, Error> {
        let connection = self.connection();
        let mut query =
            connection.prepare_cached("SELECT name, revision, blob FROM records WHERE name = ?1").map_err(refused)?;
        query.query_row([name], stored).optional().map_err(refused)
    }

    fn write(&self, writes: &[Write]) -> Result<(), Error> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(refused)?;
        for write in writes {
            let ends = match write.lifetime {
                Lifetime::Loaded => None,
                Lifetime::Until(end) => Some(end),
            };
            let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
                transaction.prepare_cached(sql).and_then(|mut query| query.execute(values)).map_err(refused)
            };
            let changed = match (&write.blob, write.replaces) {
                (Some(blob), None) => run(
                    "INSERT INTO records (name, revision, ends, blob) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                    params![write.name, write.revision(), ends, blob],
                )?,
                (Some(blob), Some(replaces)) => run(
                    "UPDATE records SET revision = ?2, ends = ?3, blob = ?4 WHERE name = ?1 AND revision = ?5",
                    params![write.name, write.revision(), ends, blob, replaces],
                )?,
                (None, replaces) => run(
                    "DELETE FROM records WHERE name = ?1 AND revision = ?2",
                    params![write.name, replaces.unwrap_or_default()],
                )?,
            };
            if changed != 1 {
                // Dropped, the transaction never was.
                return Err(Error::new(ErrorCode::StoreBusy, "a record is not at the revision that is replaced"));
            }
        }
        transaction.commit().map_err(refused)
    }

    fn sweep(&self, now: u64) -> Result<u64, Error> {
        let erased = self.connection().execute("DELETE FROM records WHERE ends <= ?1", [now]).map_err(refused)?;
        Ok(erased as u64)
    }
}

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored { name: row.get(0)?, revision: row.get(1)?, blob: row.get(2)? })
}
