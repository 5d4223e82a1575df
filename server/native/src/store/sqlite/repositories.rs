//! Repositories.

use rusqlite::{OptionalExtension, Row, Transaction};

use crate::{
    clock::Moment,
    store::{Repository, StoreError},
};

fn read(row: &Row<'_>) -> rusqlite::Result<Repository> {
    Ok(Repository { name: row.get(0)?, public: row.get(1)?, inserted_at: Moment(row.get(2)?) })
}

/// The repository of that name.
pub fn by_name(tx: &Transaction<'_>, name: &str) -> Result<Option<Repository>, StoreError> {
    let mut query =
        tx.prepare_cached("SELECT name, public, inserted_at FROM repositories WHERE name = ?1")?;
    Ok(query.query_row([name], read).optional()?)
}

/// All of them, the default one first.
pub fn all(tx: &Transaction<'_>) -> Result<Vec<Repository>, StoreError> {
    let mut query = tx.prepare_cached("SELECT name, public, inserted_at FROM repositories ORDER BY id")?;
    let found = query.query_map([], read)?;
    Ok(found.collect::<Result<_, _>>()?)
}
