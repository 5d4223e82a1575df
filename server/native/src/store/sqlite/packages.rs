//! Packages.

use rusqlite::Transaction;

use super::{
    generations, owners,
    package_row::{self, PackageRow},
    releases,
};
use crate::{
    shelf::Again,
    store::{Package, PackageId, StoreError},
};

/// What `read` reads of a package, where that of a generation is known.
pub fn again<T>(
    tx: &Transaction<'_>,
    id: &PackageId,
    known: Option<i64>,
    read: impl FnOnce(&Transaction<'_>, &PackageId) -> Result<Option<T>, StoreError>,
) -> Result<Option<Again<T>>, StoreError> {
    if known.is_some() && known == generations::of_package(tx, id)? {
        return Ok(Some(Again::Same));
    }
    Ok(read(tx, id)?.map(Again::Changed))
}

/// A package with its releases and owners.
pub fn full(tx: &Transaction<'_>, id: &PackageId) -> Result<Option<Package>, StoreError> {
    package_row::by_id(tx, id)?.map(|row| of_row(tx, row)).transpose()
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
