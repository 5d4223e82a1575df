//! Releases: reading, reverting, retiring, documentation.

use hexide_core::Version;
use rusqlite::{OptionalExtension, Row, Transaction, params};
use serde_json::{Value, json};

use super::{audit, generations, owners, package_row, package_row::PackageRow, rows, users};
use crate::{
    clock::Moment,
    store::{
        Actor, Level, PackageId, Release, ReleaseId, ReleaseSummary, Requirement, Retirement, StoreError,
        StoredTarball,
    },
};

const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;

/// A row of the table, as far as changing a release needs it.
pub struct ReleaseRow {
    pub id: i64,
    pub version: String,
    pub app: String,
    pub build_tools: Vec<String>,
    pub elixir: Option<String>,
    pub blob: String,
    pub docs_blob: Option<String>,
    pub retirement: Option<Retirement>,
    pub inserted_at: Moment,
}

fn read(row: &Row<'_>) -> rusqlite::Result<ReleaseRow> {
    Ok(ReleaseRow {
        id: row.get(0)?,
        version: row.get(1)?,
        app: row.get(2)?,
        build_tools: rows::json(row, 3)?,
        elixir: row.get(4)?,
        blob: row.get(5)?,
        docs_blob: row.get(6)?,
        retirement: rows::retirement(row, 7)?,
        inserted_at: Moment(row.get(9)?),
    })
}

const COLUMNS: &str = "id, version, app, build_tools, elixir, blob, docs_blob, retirement_reason, \
                       retirement_message, inserted_at";

impl ReleaseRow {
    /// The release, as log entries show it. (Of a retirement only the message, as hexpm has it.)
    pub fn audited(&self, package_id: i64) -> Value {
        json!({
            "id": self.id,
            "package_id": package_id,
            "version": self.version,
            "has_docs": self.docs_blob.is_some(),
            "meta": {"app": self.app, "build_tools": self.build_tools, "elixir": self.elixir},
            "retirement": self.retirement.as_ref().map(|retirement| json!({"message": retirement.message})),
        })
    }
}

/// The row of a release.
pub fn row(tx: &Transaction<'_>, package_id: i64, version: &str) -> Result<Option<ReleaseRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM releases WHERE package_id = ?1 AND version = ?2");
    Ok(tx.prepare_cached(&sql)?.query_row(params![package_id, version], read).optional()?)
}

fn rows_of(tx: &Transaction<'_>, id: &ReleaseId) -> Result<Option<(PackageRow, ReleaseRow)>, StoreError> {
    let Some(package) = package_row::by_id(tx, &id.package)? else { return Ok(None) };
    Ok(row(tx, package.id, &id.version)?.map(|release| (package, release)))
}

fn owned(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &ReleaseId,
) -> Result<(PackageRow, ReleaseRow), StoreError> {
    let (package, release) = rows_of(tx, id)?.ok_or(StoreError::NotFound)?;
    owners::demand(tx, actor, &package, Level::Maintainer)?;
    Ok((package, release))
}

/// Writes one entry about a release.
pub fn log(
    tx: &Transaction<'_>,
    actor: &Actor,
    package: &PackageRow,
    release: &ReleaseRow,
    action: &str,
    now: Moment,
) -> Result<(), StoreError> {
    let params = json!({"package": package.audited(), "release": release.audited(package.id)});
    audit::record(tx, actor, now, Some(package.id), action, &params)
}

/// Whether a release may still be replaced or reverted (docs/protocol.md §3): for an hour, in a new package
/// for a day, in a private repository always.
pub fn editable(package: &PackageRow, release: &ReleaseRow, now: Moment) -> bool {
    !package.public
        || now.seconds_since(release.inserted_at) <= HOUR
        || now.seconds_since(package.inserted_at) <= DAY
}

/// One release with all that is shown of it.
pub fn full(tx: &Transaction<'_>, id: &ReleaseId) -> Result<Option<Release>, StoreError> {
    let Some((_, release)) = rows_of(tx, id)? else { return Ok(None) };
    let (outer_checksum, publisher_id, updated_at): (Vec<u8>, Option<i64>, i64) = tx.query_row(
        "SELECT outer_checksum, publisher_id, updated_at FROM releases WHERE id = ?1",
        [release.id],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    Ok(Some(Release {
        id: id.clone(),
        requirements: requirements(tx, release.id)?,
        app: release.app,
        build_tools: release.build_tools,
        elixir: release.elixir,
        outer_checksum,
        retirement: release.retirement,
        has_docs: release.docs_blob.is_some(),
        publisher: publisher_id.map(|id| users::by_id(tx, id)).transpose()?,
        inserted_at: release.inserted_at,
        updated_at: Moment(updated_at),
    }))
}

/// What a release depends on, by name.
pub fn requirements(tx: &Transaction<'_>, release_id: i64) -> Result<Vec<Requirement>, StoreError> {
    let mut query = tx.prepare_cached(
        "SELECT repository, package, app, requirement, optional FROM requirements
         WHERE release_id = ?1 ORDER BY package, repository",
    )?;
    let requirements = query.query_map([release_id], |row| {
        Ok(Requirement {
            repository: row.get(0)?,
            package: row.get(1)?,
            app: row.get(2)?,
            requirement: row.get(3)?,
            optional: row.get(4)?,
        })
    })?;
    Ok(requirements.collect::<Result<_, _>>()?)
}

/// The releases of a package, newest version first.
pub fn summaries(tx: &Transaction<'_>, package_id: i64) -> Result<Vec<ReleaseSummary>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM releases WHERE package_id = ?1");
    let mut query = tx.prepare_cached(&sql)?;
    let releases = query.query_map([package_id], read)?.collect::<Result<Vec<_>, _>>()?;
    let releases = releases.into_iter().map(|release| ReleaseSummary {
        version: release.version,
        app: release.app,
        inserted_at: release.inserted_at,
        has_docs: release.docs_blob.is_some(),
        retirement: release.retirement,
    });
    Ok(newest_first(releases.collect(), |release| &release.version))
}

/// Sorts by version, newest first.
pub fn newest_first<T>(items: Vec<T>, version: impl Fn(&T) -> &str) -> Vec<T> {
    let mut keyed: Vec<(Option<Version>, T)> =
        items.into_iter().map(|item| (version(&item).parse().ok(), item)).collect();
    keyed.sort_by(|a, b| b.0.cmp(&a.0));
    keyed.into_iter().map(|(_, item)| item).collect()
}

/// Removes a release, and with the last one the package.
pub fn revert(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &ReleaseId,
    now: Moment,
) -> Result<Vec<String>, StoreError> {
    let (package, release) = owned(tx, actor, id)?;
    if !editable(&package, &release, now) {
        let refusal = "can only delete a release up to one hour after publication";
        return Err(StoreError::Invalid(json!({"inserted_at": refusal})));
    }
    tx.execute("DELETE FROM releases WHERE id = ?1", [release.id])?;
    log(tx, actor, &package, &release, "release.revert", now)?;
    package_row::settle(tx, &package, now)?;
    Ok(std::iter::once(release.blob).chain(release.docs_blob).collect())
}

fn mark(
    tx: &Transaction<'_>,
    release_id: i64,
    retirement: Option<&Retirement>,
    now: Moment,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE releases SET retirement_reason = ?2, retirement_message = ?3, updated_at = ?4 WHERE id = ?1",
        params![
            release_id,
            retirement.map(|retirement| retirement.reason.name()),
            retirement.and_then(|retirement| retirement.message.as_deref()),
            now.0
        ],
    )?;
    Ok(())
}

/// Sets or takes away the mark of one release.
pub fn retire(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &ReleaseId,
    retirement: Option<Retirement>,
    now: Moment,
) -> Result<(), StoreError> {
    let (package, mut release) = owned(tx, actor, id)?;
    mark(tx, release.id, retirement.as_ref(), now)?;
    let action = if retirement.is_some() { "release.retire" } else { "release.unretire" };
    release.retirement = retirement;
    log(tx, actor, &package, &release, action, now)?;
    generations::touch(tx, package.id, now)
}

/// Marks every release of a package; with `replace` also those that are marked already.
pub fn retire_all(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &PackageId,
    (retirement, replace): (Retirement, bool),
    now: Moment,
) -> Result<(), StoreError> {
    let package = package_row::by_id(tx, id)?.ok_or(StoreError::NotFound)?;
    owners::demand(tx, actor, &package, Level::Maintainer)?;
    for summary in summaries(tx, package.id)? {
        let Some(mut release) = row(tx, package.id, &summary.version)? else { continue };
        if release.retirement.is_some() && !replace {
            continue;
        }
        mark(tx, release.id, Some(&retirement), now)?;
        release.retirement = Some(retirement.clone());
        log(tx, actor, &package, &release, "release.retire", now)?;
    }
    generations::touch(tx, package.id, now)
}

/// Gives a release its documentation, or takes it away.
pub fn put_docs(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &ReleaseId,
    blob: Option<String>,
    now: Moment,
) -> Result<Option<String>, StoreError> {
    let (package, release) = owned(tx, actor, id)?;
    if blob.is_none() && release.docs_blob.is_none() {
        return Err(StoreError::NotFound);
    }
    tx.execute(
        "UPDATE releases SET docs_blob = ?2, updated_at = ?3 WHERE id = ?1",
        params![release.id, blob, now.0],
    )?;
    let action = if blob.is_some() { "docs.publish" } else { "docs.revert" };
    log(tx, actor, &package, &release, action, now)?;
    generations::touch(tx, package.id, now)?;
    Ok(release.docs_blob)
}

/// Where a release's tarball is.
pub fn tarball(tx: &Transaction<'_>, id: &ReleaseId) -> Result<Option<StoredTarball>, StoreError> {
    // Alone, without what the package and the release say of themselves: this is asked for each download.
    let mut query = tx.prepare_cached(
        "SELECT v.blob, v.outer_checksum
         FROM releases v JOIN packages p ON p.id = v.package_id JOIN repositories r ON r.id = p.repository_id
         WHERE r.name = ?1 AND p.name = ?2 AND v.version = ?3",
    )?;
    let found = query.query_row([&id.package.repository, &id.package.name, &id.version], |row| {
        Ok(StoredTarball { blob: row.get(0)?, outer_checksum: row.get(1)? })
    });
    Ok(found.optional()?)
}

/// Where a release's documentation is.
pub fn docs(tx: &Transaction<'_>, id: &ReleaseId) -> Result<Option<String>, StoreError> {
    Ok(rows_of(tx, id)?.and_then(|(_, release)| release.docs_blob))
}

/// The newest release with documentation, a stable one where there is one.
pub fn latest_docs(tx: &Transaction<'_>, id: &PackageId) -> Result<Option<(String, String)>, StoreError> {
    let Some(package) = package_row::by_id(tx, id)? else { return Ok(None) };
    let mut query = tx.prepare_cached(
        "SELECT version, docs_blob FROM releases WHERE package_id = ?1 AND docs_blob IS NOT NULL",
    )?;
    let found = query.query_map([package.id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let found: Vec<(String, String)> =
        newest_first(found.collect::<Result<Vec<_>, _>>()?, |(version, _)| version);
    let stable = found.iter().find(|(version, _)| !version.contains('-'));
    Ok(stable.or(found.first()).cloned())
}
