//! Generations: what was built of a package or of its repository is up to date while theirs stay the same.

use rusqlite::{OptionalExtension, Transaction, params};

use crate::{
    clock::Moment,
    store::{PackageId, StoreError},
};

/// The generation of a package.
pub fn of_package(tx: &Transaction<'_>, id: &PackageId) -> Result<Option<i64>, StoreError> {
    let mut query = tx.prepare_cached(
        "SELECT p.generation FROM packages p JOIN repositories r ON r.id = p.repository_id
         WHERE r.name = ?1 AND p.name = ?2",
    )?;
    Ok(query.query_row([&id.repository, &id.name], |row| row.get(0)).optional()?)
}

/// Raises the generation of the repository and gives it to the package: what was built of either before
/// is out of date when this transaction commits.
pub fn touch(tx: &Transaction<'_>, package_id: i64, now: Moment) -> Result<(), StoreError> {
    outdate(tx, package_id)?;
    tx.execute("UPDATE packages SET updated_at = ?2 WHERE id = ?1", params![package_id, now.0])?;
    Ok(())
}

/// The same where its owners change, which is no change of the package. (Of them their names and addresses are
/// shown, which never change.)
pub fn outdate(tx: &Transaction<'_>, package_id: i64) -> Result<(), StoreError> {
    let repository =
        tx.query_row("SELECT repository_id FROM packages WHERE id = ?1", [package_id], |row| row.get(0))?;
    let generation = rise(tx, repository)?;
    tx.execute("UPDATE packages SET generation = ?2 WHERE id = ?1", params![package_id, generation])?;
    Ok(())
}

/// Raises the generation of a repository.
pub fn rise(tx: &Transaction<'_>, repository_id: i64) -> Result<i64, StoreError> {
    Ok(tx.query_row(
        "UPDATE repositories SET generation = generation + 1 WHERE id = ?1 RETURNING generation",
        [repository_id],
        |row| row.get(0),
    )?)
}
