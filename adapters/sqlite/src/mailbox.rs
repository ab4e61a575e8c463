//! What a mailbox keeps: a database of its own (`docs/spec/mailbox.md`).

use crate::alone::Alone;
use crate::error::refused;
use crate::{check_version_is, connect, in_turn};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Params, Row, Transaction, TransactionBehavior, params};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use talos_contracts::scalar::{B64, Hash};
use talos_contracts::{Error, ErrorCode, MailboxFrame, MailboxPosted};
use talos_mailbox::limits::{AGENT_MS, KEYS_WINDOW_MS, NONCE_MS};
use talos_mailbox::store::{Account, Change, Kept, Key, Made, NewFrame, Page, Store, Totals, View};

/// The database's name in its directory.
pub const MAILBOX_FILE: &str = "mailbox.db";
/// The file that the one process holds that serves the directory.
const LOCK_FILE: &str = "mailbox.lock";
/// The version of the schema, kept in `user_version`.
const VERSION: i64 = 1;
/// The write-ahead log is cut to this after a checkpoint, in bytes: large frames make it long.
const LOG_BYTES: i64 = 64 * 1024 * 1024;

/// The store of a mailbox. One process has it; others may look at it.
pub struct SqliteMailbox {
    /// Closed before the writing connection, as [`SqliteStore`](crate::SqliteStore) does.
    reading: Mutex<Connection>,
    writing: Mutex<Connection>,
    _lock: Option<Alone>,
}

impl SqliteMailbox {
    /// Opens the store of a directory, and makes it if it is not there. `store.busy` if another process has it.
    pub fn open(directory: &Path) -> Result<Self, Error> {
        let lock = Alone::lock(&directory.join(LOCK_FILE), ErrorCode::StoreBusy)?;
        let path = directory.join(MAILBOX_FILE);
        let mut writing = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        in_turn(|| prepare(&mut writing))?;
        check_version_is(&writing, VERSION)?;
        let reading = connect(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        Ok(SqliteMailbox { reading: Mutex::new(reading), writing: Mutex::new(writing), _lock: Some(lock) })
    }

    /// Opens the store to look at it, also while a process serves it. Every write is `store.read_only`.
    pub fn open_read_only(directory: &Path) -> Result<Self, Error> {
        let open = || {
            let connection = connect(&directory.join(MAILBOX_FILE), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            check_version_is(&connection, VERSION)?;
            Ok::<_, Error>(Mutex::new(connection))
        };
        Ok(SqliteMailbox { reading: open()?, writing: open()?, _lock: None })
    }

    /// Limits the size of the database in pages of 4 KiB; a write beyond it is `store.full`.
    pub fn set_max_pages(&self, pages: u32) -> Result<(), Error> {
        held(&self.writing).pragma_update(None, "max_page_count", pages).map_err(refused)
    }
}

fn held(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

fn prepare(connection: &mut Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version == 0 {
        transaction.execute_batch(include_str!("mailbox.sql"))?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    transaction.commit()
}

impl Store for SqliteMailbox {
    fn read(&self, work: &mut dyn FnMut(&dyn View) -> Result<(), Error>) -> Result<(), Error> {
        let mut connection = held(&self.reading);
        let transaction = connection.transaction().map_err(refused)?;
        work(&Tables(&transaction))
    }

    fn write(&self, work: &mut dyn FnMut(&mut dyn Change) -> Result<(), Error>) -> Result<(), Error> {
        let mut connection = held(&self.writing);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(refused)?;
        work(&mut Tables(&transaction))?;
        transaction.commit().map_err(refused)
    }
}

/// The tables inside a transaction.
struct Tables<'a>(&'a Transaction<'a>);

impl Tables<'_> {
    fn run(&self, sql: &str, values: impl Params) -> Result<usize, Error> {
        self.0.prepare_cached(sql).and_then(|mut statement| statement.execute(values)).map_err(refused)
    }

    fn one<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, Error> {
        let mut statement = self.0.prepare_cached(sql).map_err(refused)?;
        statement.query_row(values, read).optional().map_err(refused)
    }

    fn all<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Error> {
        let mut statement = self.0.prepare_cached(sql).map_err(refused)?;
        let rows = statement.query_map(values, read).map_err(refused)?;
        rows.collect::<rusqlite::Result<_>>().map_err(refused)
    }

    fn number(&self, sql: &str, values: impl Params) -> Result<u64, Error> {
        Ok(self.one(sql, values, |row| row.get(0))?.unwrap_or(0))
    }

    /// The row of an agent that has published.
    fn row_of(&self, agent: &str) -> Result<i64, Error> {
        let row = self.one("SELECT id FROM agents WHERE did = ?1", [agent], |row| row.get(0))?;
        row.ok_or_else(|| Error::new(ErrorCode::StoreCorrupt, "an agent that is not there"))
    }

    fn count(&self, agents: i64, frames: i64, bytes: i64) -> Result<(), Error> {
        let sql = "UPDATE totals SET agents = agents + ?1, frames = frames + ?2, bytes = bytes + ?3";
        self.run(sql, [agents, frames, bytes]).map(|_| ())
    }

    /// Takes erased frames from every count: each was of a sender and had so many bytes.
    fn uncount(&self, agent: i64, erased: &[(i64, i64)]) -> Result<(), Error> {
        let mut by_sender: HashMap<i64, i64> = HashMap::new();
        erased.iter().for_each(|(sender, _)| *by_sender.entry(*sender).or_default() += 1);
        for (sender, frames) in by_sender {
            self.run("UPDATE senders SET frames = frames - ?2 WHERE id = ?1", [sender, frames])?;
            self.run("DELETE FROM senders WHERE id = ?1 AND frames <= 0", [sender])?;
        }
        let (frames, bytes) = (erased.len() as i64, erased.iter().map(|(_, bytes)| bytes).sum::<i64>());
        let sql = "UPDATE agents SET frames = frames - ?2, frame_bytes = frame_bytes - ?3 WHERE id = ?1";
        self.run(sql, [agent, frames, bytes])?;
        self.count(0, -frames, -bytes)
    }

    fn sweep_frames(&self, now: u64, most: u64) -> Result<u64, Error> {
        let sql = "SELECT id, agent, sender, length(bytes) FROM frames WHERE expires <= ?1 LIMIT ?2";
        let ended: Vec<(i64, i64, i64, i64)> =
            self.all(sql, [now, most], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
        let mut by_agent: HashMap<i64, Vec<(i64, i64)>> = HashMap::new();
        for (frame, agent, sender, bytes) in &ended {
            self.run("DELETE FROM frames WHERE id = ?1", [frame])?;
            by_agent.entry(*agent).or_default().push((*sender, *bytes));
        }
        by_agent.iter().try_for_each(|(agent, erased)| self.uncount(*agent, erased))?;
        Ok(ended.len() as u64)
    }

    fn sweep_keys(&self, now: u64, most: u64) -> Result<u64, Error> {
        let sql = "SELECT rowid, agent, ifnull(length(envelope), 0) FROM one_time_keys WHERE exp <= ?1 LIMIT ?2";
        let ended: Vec<(i64, i64, i64)> =
            self.all(sql, [now, most], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        for (key, agent, bytes) in &ended {
            self.run("DELETE FROM one_time_keys WHERE rowid = ?1", [key])?;
            self.run("UPDATE agents SET keys = keys - 1 WHERE id = ?1", [agent])?;
            self.count(0, 0, -bytes)?;
        }
        Ok(ended.len() as u64)
    }

    /// Forgets agents for whom nothing waits. Their one-time keys ended before: none lives longer than this.
    fn sweep_agents(&self, now: u64, most: u64) -> Result<u64, Error> {
        let sql = "SELECT id, length(bundle) FROM agents WHERE bundle_exp <= ?1 AND frames = 0 AND keys = 0 LIMIT ?2";
        let ended: Vec<(i64, i64)> =
            self.all(sql, params![now.saturating_sub(AGENT_MS), most], |row| Ok((row.get(0)?, row.get(1)?)))?;
        for (agent, bytes) in &ended {
            self.run("DELETE FROM taken WHERE agent = ?1", [agent])?;
            self.run("DELETE FROM agents WHERE id = ?1", [agent])?;
            self.count(-1, 0, -bytes)?;
        }
        Ok(ended.len() as u64)
    }
}

fn hash(row: &Row<'_>, column: usize) -> rusqlite::Result<Hash> {
    row.get(column).map(B64)
}

impl View for Tables<'_> {
    fn totals(&self) -> Result<Totals, Error> {
        let sql = "SELECT agents, frames, bytes FROM totals";
        let read = |row: &Row<'_>| Ok(Totals { agents: row.get(0)?, frames: row.get(1)?, bytes: row.get(2)? });
        self.one(sql, [], read)?.ok_or_else(|| Error::new(ErrorCode::StoreCorrupt, "there are no totals"))
    }

    fn account(&self, agent: &str) -> Result<Option<Account>, Error> {
        let sql = "SELECT frames, frame_bytes, keys, bundle_exp FROM agents WHERE did = ?1";
        self.one(sql, [agent], |row| {
            Ok(Account { frames: row.get(0)?, frame_bytes: row.get(1)?, keys: row.get(2)?, bundle_exp: row.get(3)? })
        })
    }

    fn agents(&self, after: &str, most: u64) -> Result<Vec<String>, Error> {
        self.all("SELECT did FROM agents WHERE did > ?1 ORDER BY did LIMIT ?2", params![after, most], |row| row.get(0))
    }

    fn bundle(&self, agent: &str) -> Result<Option<Kept>, Error> {
        let sql = "SELECT bundle, bundle_exp FROM agents WHERE did = ?1";
        self.one(sql, [agent], |row| Ok(Kept { envelope: row.get(0)?, exp: row.get(1)? }))
    }

    fn keys_left(&self, agent: &str, now: u64) -> Result<u64, Error> {
        let sql = "SELECT count(*) FROM one_time_keys WHERE agent = (SELECT id FROM agents WHERE did = ?1) \
                   AND envelope IS NOT NULL AND exp > ?2";
        self.number(sql, params![agent, now])
    }

    fn key(&self, agent: &str, id: &str) -> Result<Option<Hash>, Error> {
        let sql = "SELECT digest FROM one_time_keys WHERE agent = (SELECT id FROM agents WHERE did = ?1) AND id = ?2";
        self.one(sql, [agent, id], |row| hash(row, 0))
    }

    fn taken(&self, agent: &str, requester: &str, after: u64) -> Result<u64, Error> {
        let sql = "SELECT count(*) FROM taken WHERE agent = (SELECT id FROM agents WHERE did = ?1) \
                   AND requester = ?2 AND at > ?3";
        self.number(sql, params![agent, requester, after])
    }

    fn queued(&self, agent: &str, sender: &str, id: &Hash) -> Result<Option<(u64, MailboxPosted)>, Error> {
        let sql = "SELECT f.place, f.expires FROM agents a JOIN senders s ON s.agent = a.id AND s.did = ?2 \
                   JOIN frames f ON f.sender = s.id AND f.hash = ?3 WHERE a.did = ?1";
        self.one(sql, params![agent, sender, id.0], |row| {
            Ok((row.get(0)?, MailboxPosted { id: *id, expires: row.get(1)? }))
        })
    }

    fn queued_by(&self, agent: &str, sender: &str) -> Result<u64, Error> {
        let sql = "SELECT frames FROM senders WHERE agent = (SELECT id FROM agents WHERE did = ?1) AND did = ?2";
        self.number(sql, [agent, sender])
    }

    fn frames(&self, agent: &str, page: Page) -> Result<(Vec<MailboxFrame>, bool), Error> {
        let sql = "SELECT f.place, f.hash, s.did, f.received, f.expires, length(f.bytes), f.bytes \
                   FROM frames f JOIN senders s ON s.id = f.sender \
                   WHERE f.agent = (SELECT id FROM agents WHERE did = ?1) AND f.place > ?2 AND f.expires > ?3 \
                   ORDER BY f.place";
        let mut statement = self.0.prepare_cached(sql).map_err(refused)?;
        let mut rows = statement.query(params![agent, page.after, page.now]).map_err(refused)?;
        let (mut frames, mut bytes) = (Vec::new(), 0);
        while let Some(row) = rows.next().map_err(refused)? {
            bytes += row.get::<_, u64>(5).map_err(refused)?;
            let is_first = frames.is_empty() && page.frames > 0;
            if !is_first && (frames.len() as u64 >= page.frames || bytes > page.bytes) {
                return Ok((frames, true));
            }
            frames.push(read_frame(row).map_err(refused)?);
        }
        Ok((frames, false))
    }

    fn made(&self) -> Result<Vec<Made>, Error> {
        self.all("SELECT agent, nonce, iat FROM made", [], |row| {
            Ok(Made { agent: row.get(0)?, nonce: B64(row.get(1)?), iat: row.get(2)? })
        })
    }
}

fn read_frame(row: &Row<'_>) -> rusqlite::Result<MailboxFrame> {
    Ok(MailboxFrame {
        seq: row.get(0)?,
        id: hash(row, 1)?,
        sender: row.get(2)?,
        received: row.get(3)?,
        expires: row.get(4)?,
        bytes: row.get(6)?,
    })
}

impl Change for Tables<'_> {
    fn put_bundle(&mut self, agent: &str, bundle: &Kept, first: u64) -> Result<(), Error> {
        let before = self.bundle(agent)?;
        let sql = "INSERT INTO agents (did, bundle, bundle_exp, place) VALUES (?1, ?2, ?3, ?4) \
                   ON CONFLICT (did) DO UPDATE SET bundle = excluded.bundle, bundle_exp = excluded.bundle_exp";
        self.run(sql, params![agent, bundle.envelope, bundle.exp, first])?;
        let replaced = before.as_ref().map_or(0, |before| before.envelope.len());
        self.count(i64::from(before.is_none()), 0, bundle.envelope.len() as i64 - replaced as i64)
    }

    fn add_key(&mut self, agent: &str, key: &Key) -> Result<(), Error> {
        let row = self.row_of(agent)?;
        let sql = "INSERT INTO one_time_keys (agent, id, digest, exp, envelope) VALUES (?1, ?2, ?3, ?4, ?5)";
        self.run(sql, params![row, key.id, key.digest.0, key.kept.exp, key.kept.envelope])?;
        self.run("UPDATE agents SET keys = keys + 1 WHERE id = ?1", [row])?;
        self.count(0, 0, key.kept.envelope.len() as i64)
    }

    fn take_key(&mut self, agent: &str, requester: &str, now: u64) -> Result<Option<Vec<u8>>, Error> {
        let row = self.row_of(agent)?;
        let sql = "SELECT rowid, envelope FROM one_time_keys WHERE agent = ?1 AND envelope IS NOT NULL AND exp > ?2 \
                   ORDER BY exp LIMIT 1";
        let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?));
        let Some((key, envelope)) = self.one(sql, params![row, now], read)? else { return Ok(None) };
        self.run("UPDATE one_time_keys SET envelope = NULL WHERE rowid = ?1", [key])?;
        self.run("INSERT INTO taken (agent, requester, at) VALUES (?1, ?2, ?3)", params![row, requester, now])?;
        self.count(0, 0, -(envelope.len() as i64))?;
        Ok(Some(envelope))
    }

    fn add_frame(&mut self, agent: &str, frame: NewFrame<'_>) -> Result<(), Error> {
        let row = self.row_of(agent)?;
        let bytes = frame.bytes.len() as i64;
        let sql = "INSERT INTO senders (agent, did, frames) VALUES (?1, ?2, 1) \
                   ON CONFLICT (agent, did) DO UPDATE SET frames = frames + 1 RETURNING id";
        let sender: Option<i64> = self.one(sql, params![row, frame.sender], |row| row.get(0))?;
        let sql = "UPDATE agents SET place = place + 1, frames = frames + 1, frame_bytes = frame_bytes + ?2 \
                   WHERE id = ?1 RETURNING place";
        let place: Option<i64> = self.one(sql, [row, bytes], |row| row.get(0))?;
        let sql = "INSERT INTO frames (agent, place, sender, hash, received, expires, bytes) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let NewFrame { posted, received, bytes: content, .. } = frame;
        self.run(sql, params![row, place, sender, posted.id.0, received, posted.expires, content])?;
        self.count(0, 1, bytes)
    }

    fn erase(&mut self, agent: &str, places: &[u64]) -> Result<u64, Error> {
        let Some(row) = self.one("SELECT id FROM agents WHERE did = ?1", [agent], |row| row.get::<_, i64>(0))? else {
            return Ok(0);
        };
        let mut erased = Vec::new();
        for place in places {
            let sql = "DELETE FROM frames WHERE agent = ?1 AND place = ?2 RETURNING sender, length(bytes)";
            erased.extend(self.one(sql, params![row, place], |row| Ok((row.get(0)?, row.get(1)?)))?);
        }
        if !erased.is_empty() {
            self.uncount(row, &erased)?;
        }
        Ok(erased.len() as u64)
    }

    fn remember(&mut self, made: &Made) -> Result<(), Error> {
        let sql = "INSERT INTO made (agent, nonce, iat) VALUES (?1, ?2, ?3)";
        self.run(sql, params![made.agent, made.nonce.0, made.iat]).map(|_| ())
    }

    fn sweep(&mut self, now: u64, most: u64) -> Result<bool, Error> {
        let swept = self.sweep_frames(now, most)? + self.sweep_keys(now, most)? + self.sweep_agents(now, most)?;
        self.run("DELETE FROM taken WHERE at <= ?1", [now.saturating_sub(KEYS_WINDOW_MS)])?;
        self.run("DELETE FROM made WHERE iat < ?1", [now.saturating_sub(NONCE_MS)])?;
        Ok(swept < most)
    }
}
