//! The scopes that are held.

use crate::error::refused;
use rusqlite::{Connection, params};
use talos_contracts::{Error, ErrorCode, Scope, ScopeLevel};
use talos_kernel::ports::{Hold, Standing, Turn};

pub(crate) fn read(connection: &Connection) -> Result<Standing, Error> {
    let rows: Vec<(String, String, Option<String>)> = connection
        .prepare_cached("SELECT level, name, why FROM holds ORDER BY level, name")
        .and_then(|mut s| s.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect())
        .map_err(refused)?;
    let holds = rows.into_iter().map(|(level, name, why)| {
        // A hold that cannot be read must not be passed over.
        let level = ScopeLevel::parse(&level)
            .ok_or_else(|| Error::new(ErrorCode::StoreCorrupt, format!("a scope of the level {level:?} is held")))?;
        let name = (level != ScopeLevel::All).then_some(name);
        Ok(Hold { scope: Scope { level, name }, why })
    });
    Ok(Standing { holds: holds.collect::<Result<_, Error>>()? })
}

pub(crate) fn turn(connection: &Connection, turn: &Turn) -> Result<(), Error> {
    let Hold { scope, why } = &turn.hold;
    let name = scope.name.as_deref().unwrap_or_default();
    let result = if turn.held {
        connection.execute("INSERT OR REPLACE INTO holds VALUES (?1, ?2, ?3)", params![scope.level.as_str(), name, why])
    } else {
        connection.execute("DELETE FROM holds WHERE level = ?1 AND name = ?2", params![scope.level.as_str(), name])
    };
    result.map(|_| ()).map_err(refused)
}
