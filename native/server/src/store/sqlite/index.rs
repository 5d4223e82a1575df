//! What the signed resources are made of, each with the generation it belongs to.

use rusqlite::{OptionalExtension, Transaction};

use super::{packages, releases, rows};
use crate::{
    clock::Moment,
    store::{IndexedRelease, ListedPackage, Listing, PackageId, PackageIndex, StoreError},
};

/// The generation of a repository.
pub fn generation(tx: &Transaction<'_>, repository: &str) -> Result<Option<i64>, StoreError> {
    let mut query = tx.prepare_cached("SELECT generation FROM repositories WHERE name = ?1")?;
    Ok(query.query_row([repository], |row| row.get(0)).optional()?)
}

/// The generation of a package.
pub fn package_generation(tx: &Transaction<'_>, id: &PackageId) -> Result<Option<i64>, StoreError> {
    Ok(packages::row(tx, id)?.map(|row| row.generation))
}

/// Every package of a repository with its versions.
pub fn listing(tx: &Transaction<'_>, repository: &str) -> Result<Option<Listing>, StoreError> {
    let Some(generation) = generation(tx, repository)? else { return Ok(None) };
    let mut query = tx.prepare_cached(
        "SELECT p.name, p.updated_at, v.version, v.retirement_reason IS NOT NULL
         FROM packages p JOIN repositories r ON r.id = p.repository_id
         JOIN releases v ON v.package_id = p.id
         WHERE r.name = ?1 ORDER BY p.name",
    )?;
    let mut rows = query.query([repository])?;
    let mut packages: Vec<ListedPackage> = Vec::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let version = (row.get(2)?, row.get(3)?);
        match packages.last_mut() {
            Some(package) if package.name == name => package.versions.push(version),
            _ => packages.push(ListedPackage {
                name,
                updated_at: Moment(row.get(1)?),
                versions: vec![version],
            }),
        }
    }
    for package in &mut packages {
        let versions = std::mem::take(&mut package.versions);
        package.versions = releases::newest_first(versions, |(version, _): &(String, bool)| version);
        package.versions.reverse();
    }
    Ok(Some(Listing { generation, packages }))
}

/// Every release of a package.
pub fn package(tx: &Transaction<'_>, id: &PackageId) -> Result<Option<PackageIndex>, StoreError> {
    let Some(package) = packages::row(tx, id)? else { return Ok(None) };
    let mut query = tx.prepare_cached(
        "SELECT id, version, inner_checksum, outer_checksum, retirement_reason, retirement_message, inserted_at
         FROM releases WHERE package_id = ?1",
    )?;
    let found = query.query_map([package.id], |row| {
        let release = IndexedRelease {
            version: row.get(1)?,
            inner_checksum: row.get(2)?,
            outer_checksum: row.get(3)?,
            retirement: rows::retirement(row, 4)?,
            requirements: Vec::new(),
            published_at: Moment(row.get(6)?),
        };
        Ok((row.get::<_, i64>(0)?, release))
    })?;
    let found = found.collect::<Result<Vec<_>, _>>()?;
    let mut found = releases::newest_first(found, |(_, release): &(i64, IndexedRelease)| &release.version);
    found.reverse();
    let releases = found.into_iter().map(|(id, mut release)| {
        release.requirements = releases::requirements(tx, id)?;
        Ok(release)
    });
    let releases = releases.collect::<Result<_, StoreError>>()?;
    Ok(Some(PackageIndex { generation: package.generation, releases }))
}
