//! Packages.

use hexide_core::Version;
use rusqlite::{OptionalExtension, Row, Transaction, params};
use serde_json::{Map, Value, json};

use super::{owners, releases, rows};
use crate::{
    clock::Moment,
    store::{Again, Package, PackageId, PackageMeta, StoreError},
};

/// A row of the table.
pub struct PackageRow {
    pub id: i64,
    pub repository_id: i64,
    pub package: PackageId,
    pub meta: PackageMeta,
    pub generation: i64,
    pub inserted_at: Moment,
    pub updated_at: Moment,
    pub public: bool,
}

/// The columns that [`read`] reads, in its order.
pub const COLUMNS: &str = "p.id, p.repository_id, r.name, p.name, p.meta, p.generation, p.inserted_at, \
                           p.updated_at, r.public";

impl PackageRow {
    /// The package, as log entries show it.
    pub fn audited(&self) -> Value {
        let links: Map<String, Value> =
            self.meta.links.iter().map(|(label, url)| (label.clone(), url.as_str().into())).collect();
        json!({
            "id": self.id,
            "name": self.package.name,
            "meta": {
                "description": self.meta.description,
                "extra": self.meta.extra,
                "licenses": self.meta.licenses,
                "links": links,
                "maintainers": null,
            },
        })
    }
}

pub fn read(row: &Row<'_>) -> rusqlite::Result<PackageRow> {
    Ok(PackageRow {
        id: row.get(0)?,
        repository_id: row.get(1)?,
        package: PackageId { repository: row.get(2)?, name: row.get(3)? },
        meta: rows::json(row, 4)?,
        generation: row.get(5)?,
        inserted_at: Moment(row.get(6)?),
        updated_at: Moment(row.get(7)?),
        public: row.get(8)?,
    })
}

/// The row of a package.
pub fn row(tx: &Transaction<'_>, id: &PackageId) -> Result<Option<PackageRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM packages p JOIN repositories r ON r.id = p.repository_id
         WHERE r.name = ?1 AND p.name = ?2"
    );
    Ok(tx.prepare_cached(&sql)?.query_row(params![id.repository, id.name], read).optional()?)
}

/// What `read` reads of a package, where that of a generation is known.
pub fn again<T>(
    tx: &Transaction<'_>,
    id: &PackageId,
    known: Option<i64>,
    read: impl FnOnce(&Transaction<'_>, &PackageId) -> Result<Option<T>, StoreError>,
) -> Result<Option<Again<T>>, StoreError> {
    if known.is_some() && known == generation(tx, id)? {
        return Ok(Some(Again::Same));
    }
    Ok(read(tx, id)?.map(Again::Changed))
}

fn generation(tx: &Transaction<'_>, id: &PackageId) -> Result<Option<i64>, StoreError> {
    let mut query = tx.prepare_cached(
        "SELECT p.generation FROM packages p JOIN repositories r ON r.id = p.repository_id
         WHERE r.name = ?1 AND p.name = ?2",
    )?;
    Ok(query.query_row([&id.repository, &id.name], |row| row.get(0)).optional()?)
}

/// A package with its releases and owners.
pub fn full(tx: &Transaction<'_>, id: &PackageId) -> Result<Option<Package>, StoreError> {
    row(tx, id)?.map(|row| of_row(tx, row)).transpose()
}

/// The same, where its row was read already.
pub fn of_row(tx: &Transaction<'_>, row: PackageRow) -> Result<Package, StoreError> {
    Ok(Package {
        releases: releases::summaries(tx, row.id)?,
        owners: owners::all(tx, row.id)?,
        id: row.package,
        meta: row.meta,
        inserted_at: row.inserted_at,
        updated_at: row.updated_at,
        generation: row.generation,
    })
}

/// Raises the generation of the repository and gives it to the package: what was built of either before
/// is out of date when this transaction commits.
pub fn touch(tx: &Transaction<'_>, row: &PackageRow, now: Moment) -> Result<(), StoreError> {
    let generation = next_generation(tx, row.repository_id)?;
    tx.execute(
        "UPDATE packages SET generation = ?2, updated_at = ?3 WHERE id = ?1",
        params![row.id, generation, now.0],
    )?;
    Ok(())
}

/// The same where its owners change, which is no change of the package. (Of them their names and addresses are
/// shown, which never change.)
pub fn outdate(tx: &Transaction<'_>, id: i64) -> Result<(), StoreError> {
    let repository =
        tx.query_row("SELECT repository_id FROM packages WHERE id = ?1", [id], |row| row.get(0))?;
    let generation = next_generation(tx, repository)?;
    tx.execute("UPDATE packages SET generation = ?2 WHERE id = ?1", params![id, generation])?;
    Ok(())
}

/// Raises the generation of a repository.
pub fn next_generation(tx: &Transaction<'_>, repository_id: i64) -> Result<i64, StoreError> {
    Ok(tx.query_row(
        "UPDATE repositories SET generation = generation + 1 WHERE id = ?1 RETURNING generation",
        [repository_id],
        |row| row.get(0),
    )?)
}

/// Takes what the package says of itself from its latest release, or removes a package without one.
pub fn settle(tx: &Transaction<'_>, row: &PackageRow, now: Moment) -> Result<(), StoreError> {
    let mut query = tx.prepare_cached("SELECT version, meta FROM releases WHERE package_id = ?1")?;
    let metas = query
        .query_map([row.id], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?
        .collect::<Result<Vec<_>, _>>()?;
    let latest = metas.into_iter().filter_map(|(version, meta)| {
        let version: Version = version.parse().ok()?;
        // A stable release speaks for the package before any pre-release does.
        Some((version.pre().is_empty(), version, meta))
    });
    let latest = latest.max_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    match latest {
        Some((_, _, meta)) => {
            tx.execute("UPDATE packages SET meta = ?2 WHERE id = ?1", params![row.id, meta])?;
            touch(tx, row, now)
        }
        None => {
            tx.execute("DELETE FROM packages WHERE id = ?1", [row.id])?;
            next_generation(tx, row.repository_id).map(drop)
        }
    }
}
