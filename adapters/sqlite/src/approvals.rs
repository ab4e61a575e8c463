//! Requests for approval, their answers and one-time codes.

use crate::error::refused;
use crate::writers::Writers;
use crate::{capped, hash, signed};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use talos_contracts::scalar::{B64, Hash};
use talos_contracts::{Error, ErrorCode};
use talos_kernel::ports::{Answer, Approval, Asked, Damaged, KeptCode};

/// Index, id, run, request, arguments, whether redeemed, the writer that holds the run.
type ApprovalRow = (i64, Vec<u8>, String, Vec<u8>, Vec<u8>, bool, Option<[u8; 16]>);

const SELECT: &str = "SELECT a.idx, a.id, a.run, a.request, a.args, a.redeemed, r.boot \
     FROM approvals a LEFT JOIN runs r ON r.run = a.run";

fn approval_row(row: &Row<'_>) -> rusqlite::Result<ApprovalRow> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
}

fn to_approval(connection: &Connection, writers: &Writers, row: ApprovalRow) -> Result<Approval, Error> {
    let (index, id, run, request, args, redeemed, boot) = row;
    let answers = connection
        .prepare_cached("SELECT name, grant_ FROM answers WHERE approval = ?1 ORDER BY at")
        .and_then(|mut s| {
            s.query_map([index], |row| Ok(Answer { name: row.get(0)?, grant: row.get(1)? }))?
                .collect::<rusqlite::Result<Vec<_>>>()
        })
        .map_err(refused)?;
    let args = Some(args).filter(|args| !args.is_empty());
    let is_open = boot.is_some_and(|boot| writers.is_alive(B64(boot)));
    Ok(Approval { id: hash(id)?, run, is_open, request, args, answers, redeemed })
}

pub(crate) fn list(
    connection: &Connection,
    writers: &Writers,
    run: Option<&str>,
    limit: usize,
) -> Result<Vec<Result<Approval, Damaged>>, Error> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let sql = format!("{SELECT} WHERE ?1 IS NULL OR a.run = ?1 ORDER BY a.idx DESC LIMIT ?2");
    let rows: Vec<(Option<Vec<u8>>, rusqlite::Result<ApprovalRow>)> = connection
        .prepare_cached(&sql)
        .and_then(|mut s| s.query_map(params![run, limit], |row| Ok((row.get(1).ok(), approval_row(row))))?.collect())
        .map_err(refused)?;
    rows.into_iter()
        .map(|(id, row)| match row.map_err(refused).and_then(|row| to_approval(connection, writers, row)) {
            // A value of another kind or size than was written: the row alone is damaged.
            Err(error) if error.code == ErrorCode::StoreCorrupt => {
                Ok(Err(Damaged { id: id.and_then(|id| hash(id).ok()), error }))
            }
            row => row.map(Ok),
        })
        .collect()
}

pub(crate) fn find(connection: &Connection, writers: &Writers, id: &Hash) -> Result<Option<Approval>, Error> {
    let row = connection
        .prepare_cached(&format!("{SELECT} WHERE a.id = ?1"))
        .and_then(|mut s| s.query_row([id.0], approval_row).optional())
        .map_err(refused)?;
    row.map(|row| to_approval(connection, writers, row)).transpose()
}

pub(crate) fn ask(tx: &Transaction<'_>, index: u64, run: &str, asked: &Asked) -> Result<(), Error> {
    let index = signed(index)?;
    let erase_at = asked.erase_at.map(capped);
    tx.prepare_cached("INSERT INTO approvals VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6)")
        .and_then(|mut s| s.execute(params![index, asked.id.0, run, asked.request, asked.args, erase_at]))
        .map_err(refused)?;
    for (name, digest) in &asked.codes {
        tx.prepare_cached("INSERT INTO codes VALUES (?1, ?2, ?3, 0)")
            .and_then(|mut s| s.execute(params![index, name, digest.0]))
            .map_err(refused)?;
    }
    Ok(())
}

pub(crate) fn redeem(tx: &Transaction<'_>, id: &Hash) -> Result<(), Error> {
    let changed = tx
        .prepare_cached("UPDATE approvals SET redeemed = 1 WHERE id = ?1 AND redeemed = 0")
        .and_then(|mut s| s.execute([id.0]))
        .map_err(refused)?;
    if changed != 1 {
        return Err(Error::new(ErrorCode::ApprovalRedeemed, "the approval was used before"));
    }
    erase(tx, id)
}

/// Erases the arguments of a request, unless they are to stay.
pub(crate) fn erase(tx: &Transaction<'_>, id: &Hash) -> Result<(), Error> {
    tx.prepare_cached("UPDATE approvals SET args = x'' WHERE id = ?1 AND erase_at IS NOT NULL")
        .and_then(|mut s| s.execute([id.0]))
        .map(|_| ())
        .map_err(refused)
}

/// Erases the arguments of requests whose time is over.
pub(crate) fn erase_until(tx: &Transaction<'_>, now_ms: u64) -> Result<(), Error> {
    tx.prepare_cached("UPDATE approvals SET args = x'' WHERE erase_at <= ?1 AND args <> x''")
        .and_then(|mut s| s.execute([capped(now_ms)]))
        .map(|_| ())
        .map_err(refused)
}

pub(crate) fn answer(tx: &Transaction<'_>, id: &Hash, answer: &Answer) -> Result<(), Error> {
    let index = index_of(tx, id)?
        .ok_or_else(|| Error::new(ErrorCode::ApprovalUnknown, format!("no request for approval {id}")))?;
    let sql = "INSERT INTO answers \
               SELECT ?1, ?2, (SELECT coalesce(max(at), 0) + 1 FROM answers WHERE approval = ?1), ?3 \
               WHERE NOT EXISTS (SELECT 1 FROM answers WHERE approval = ?1 AND name = ?2)";
    if tx.execute(sql, params![index, answer.name, answer.grant]).map_err(refused)? != 1 {
        let why = format!("{:?} has answered this request before", answer.name);
        return Err(Error::new(ErrorCode::ApprovalDuplicate, why));
    }
    Ok(())
}

pub(crate) fn try_code(tx: &Transaction<'_>, id: &Hash, name: &str) -> Result<Option<KeptCode>, Error> {
    let Some(index) = index_of(tx, id)? else { return Ok(None) };
    let row: Option<(Vec<u8>, i64)> = tx
        .query_row(
            "SELECT digest, attempts FROM codes WHERE approval = ?1 AND name = ?2",
            params![index, name],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()
        .map_err(refused)?;
    let Some((digest, attempts)) = row else { return Ok(None) };
    let sql = "UPDATE codes SET attempts = attempts + 1 WHERE approval = ?1 AND name = ?2";
    tx.execute(sql, params![index, name]).map_err(refused)?;
    Ok(Some(KeptCode { digest: hash(digest)?, attempts: attempts.unsigned_abs() }))
}

fn index_of(tx: &Transaction<'_>, id: &Hash) -> Result<Option<i64>, Error> {
    tx.query_row("SELECT idx FROM approvals WHERE id = ?1", [id.0], |row| row.get(0)).optional().map_err(refused)
}
