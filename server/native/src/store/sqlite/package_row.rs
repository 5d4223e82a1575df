//! The rows of the table of packages.

use hexide_core::Version;
use rusqlite::{OptionalExtension, Row, Transaction, params};
use serde_json::{Map, Value, json};

use super::{generations, rows};
use crate::{
    clock::Moment,
    store::{PackageId, PackageMeta, StoreError},
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
pub fn by_id(tx: &Transaction<'_>, id: &PackageId) -> Result<Option<PackageRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM packages p JOIN repositories r ON r.id = p.repository_id
         WHERE r.name = ?1 AND p.name = ?2"
    );
    Ok(tx.prepare_cached(&sql)?.query_row(params![id.repository, id.name], read).optional()?)
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
            generations::touch(tx, row.id, now)
        }
        None => {
            tx.execute("DELETE FROM packages WHERE id = ?1", [row.id])?;
            generations::rise(tx, row.repository_id).map(drop)
        }
    }
}
