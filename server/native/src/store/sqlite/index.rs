//! What the signed resources are made of, each with the generation it belongs to.

use rusqlite::{OptionalExtension, Transaction, params};

use super::{package_row, releases, rows};
use crate::{
    clock::Moment,
    store::{IndexedRelease, ListedPackage, Listing, PackageId, PackageIndex, StoreError},
};

/// The packages that changed after a generation, with their versions. (Left alone SQLite takes the index of the
/// names, to be spared the sorting, and reads every package for it.)
const CHANGED: &str = "SELECT p.name, p.updated_at, v.version, v.retirement_reason IS NOT NULL
     FROM packages p INDEXED BY packages_by_generation JOIN repositories r ON r.id = p.repository_id
     JOIN releases v ON v.package_id = p.id
     WHERE r.name = ?1 AND p.generation > ?2 ORDER BY p.name";

/// The generation of a repository.
pub fn generation(tx: &Transaction<'_>, repository: &str) -> Result<Option<i64>, StoreError> {
    let mut query = tx.prepare_cached("SELECT generation FROM repositories WHERE name = ?1")?;
    Ok(query.query_row([repository], |row| row.get(0)).optional()?)
}

/// How many packages a repository has.
fn count(tx: &Transaction<'_>, repository: &str) -> Result<usize, StoreError> {
    let mut query = tx.prepare_cached(
        "SELECT count(*) FROM packages p JOIN repositories r ON r.id = p.repository_id WHERE r.name = ?1",
    )?;
    let count: i64 = query.query_row([repository], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// The packages of a repository with their versions; with `after` those that changed after that generation.
pub fn listing(
    tx: &Transaction<'_>,
    repository: &str,
    after: Option<i64>,
) -> Result<Option<Listing>, StoreError> {
    let Some(generation) = generation(tx, repository)? else { return Ok(None) };
    // Two statements, so that each finds the index that serves it.
    let mut query = tx.prepare_cached(match after {
        None => {
            "SELECT p.name, p.updated_at, v.version, v.retirement_reason IS NOT NULL
             FROM packages p JOIN repositories r ON r.id = p.repository_id
             JOIN releases v ON v.package_id = p.id
             WHERE r.name = ?1 AND ?2 IS NULL ORDER BY p.name"
        }
        Some(_) => CHANGED,
    })?;
    let mut rows = query.query(params![repository, after])?;
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
    Ok(Some(Listing { generation, packages, count: count(tx, repository)? }))
}

/// Every release of a package.
pub fn package(tx: &Transaction<'_>, id: &PackageId) -> Result<Option<PackageIndex>, StoreError> {
    let Some(package) = package_row::by_id(tx, id)? else { return Ok(None) };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::{connect, schema};

    #[test]
    fn what_changed_is_found_without_looking_at_what_did_not() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = connect(&folder.path().join("db")).unwrap();
        schema::prepare(&mut connection, "hexpm", Moment(0)).unwrap();
        let mut query = connection.prepare(&format!("EXPLAIN QUERY PLAN {CHANGED}")).unwrap();
        let plan = query.query_map(params!["hexpm", 1], |row| row.get::<_, String>(3)).unwrap();
        let plan: Vec<String> = plan.collect::<Result<_, _>>().unwrap();
        let found =
            |step: &String| step.contains("packages_by_generation (repository_id=? AND generation>?)");
        assert!(plan.iter().any(found), "{plan:?}");
        assert!(!plan.iter().any(|step| step.starts_with("SCAN")), "{plan:?}");
    }
}
