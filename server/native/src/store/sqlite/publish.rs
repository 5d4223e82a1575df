//! Publishing: everything that depends on what the registry already holds is decided here, in the same
//! transaction that writes the release.

use rusqlite::{Transaction, params};
use serde_json::{Map, Value, json};

use super::{organizations, owners, package_row, releases, repositories, rows};
use crate::{
    clock::Moment,
    store::{Actor, Level, PackageId, Publication, Published, Requirement, Role, StoreError},
};

/// Refuses an actor who may not publish to a package.
pub fn allowed(tx: &Transaction<'_>, actor: &Actor, id: &PackageId) -> Result<(), StoreError> {
    if let Some(package) = package_row::by_id(tx, id)? {
        return owners::demand(tx, actor, &package, Level::Maintainer);
    }
    let repository = repositories::by_name(tx, &id.repository)?.ok_or(StoreError::NotFound)?;
    if !repository.public {
        return organizations::demand(tx, actor, &repository.name, Role::Write);
    }
    // A new package of the public repository needs an owner, and only a user can be one.
    actor.user_id().map(drop)
}

/// Publishes a release, and with the first one the package.
pub fn publish(
    tx: &Transaction<'_>,
    actor: &Actor,
    publication: &Publication,
    default_repository: &str,
    now: Moment,
) -> Result<Published, StoreError> {
    let id = &publication.id;
    allowed(tx, actor, &id.package)?;
    known(tx, &publication.requirements, &id.package.repository, default_repository)?;
    if package_row::by_id(tx, &id.package)?.is_none() {
        create_package(tx, actor, &id.package, now)?;
    }
    let package = package_row::by_id(tx, &id.package)?.ok_or(StoreError::NotFound)?;
    let existing = releases::row(tx, package.id, &id.version)?;
    let replaced = match existing {
        None => None,
        Some(_) if !publication.replace => {
            let refusal = "must include the --replace flag to update an existing release";
            return Err(StoreError::Invalid(json!({"inserted_at": refusal})));
        }
        Some(release) if !releases::editable(&package, &release, now) => {
            let refusal = "can only modify a release up to one hour after publication";
            return Err(StoreError::Invalid(json!({"inserted_at": refusal})));
        }
        Some(release) => Some(release.blob),
    };
    write(tx, actor, package.id, publication, now)?;
    package_row::settle(tx, &package, now)?;
    // Read again: the log shows the state after the deed.
    let package = package_row::by_id(tx, &id.package)?.ok_or(StoreError::NotFound)?;
    let release = releases::row(tx, package.id, &id.version)?.ok_or(StoreError::NotFound)?;
    write_requirements(tx, release.id, &publication.requirements)?;
    releases::log(tx, actor, &package, &release, "release.publish", now)?;
    let release = releases::full(tx, id)?.ok_or(StoreError::NotFound)?;
    Ok(Published { release, replaced })
}

/// Refuses requirements of packages that do not exist. What another registry holds cannot be looked up:
/// only hexpm's own packages may be required across, by a registry of another name. Of the repositories
/// here a package may require from its own and the default one: to name another organization's must not
/// even tell whether it has such a package.
fn known(
    tx: &Transaction<'_>,
    requirements: &[Requirement],
    own: &str,
    default: &str,
) -> Result<(), StoreError> {
    let mut errors = Map::new();
    for requirement in requirements {
        let here = requirement.repository == own || requirement.repository == default;
        if !here && requirement.repository == "hexpm" {
            continue;
        }
        let id = PackageId { repository: requirement.repository.clone(), name: requirement.package.clone() };
        if !here || package_row::by_id(tx, &id)?.is_none() {
            let refusal = format!("package does not exist in repository \"{}\"", requirement.repository);
            errors.insert(requirement.package.clone(), Value::String(refusal));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(StoreError::Invalid(json!({"requirements": errors}))) }
}

fn create_package(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &PackageId,
    now: Moment,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO packages (repository_id, name, meta, generation, inserted_at, updated_at)
         SELECT id, ?2, '{\"description\":null,\"licenses\":[],\"links\":[],\"extra\":null}', 0, ?3, ?3
         FROM repositories WHERE name = ?1",
        params![id.repository, id.name, now.0],
    )?;
    let package = package_row::by_id(tx, id)?.ok_or(StoreError::NotFound)?;
    match actor.principal.user() {
        Some(user_id) if package.public => owners::write(tx, package.id, user_id, Level::Full),
        // A private package is its organization's.
        _ => Ok(()),
    }
}

/// Writes a release, or puts it in the place of the one of that version, which keeps its documentation, its
/// retirement and its first moment.
fn write(
    tx: &Transaction<'_>,
    actor: &Actor,
    package_id: i64,
    publication: &Publication,
    now: Moment,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO releases (package_id, version, app, build_tools, elixir, meta, inner_checksum,
                               outer_checksum, blob, publisher_id, inserted_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11)
         ON CONFLICT (package_id, version) DO UPDATE
         SET app = excluded.app, build_tools = excluded.build_tools, elixir = excluded.elixir,
             meta = excluded.meta, inner_checksum = excluded.inner_checksum,
             outer_checksum = excluded.outer_checksum, blob = excluded.blob,
             publisher_id = excluded.publisher_id, updated_at = excluded.updated_at",
        params![
            package_id,
            publication.id.version,
            publication.app,
            rows::to_json(&publication.build_tools)?,
            publication.elixir,
            rows::to_json(&publication.meta)?,
            publication.inner_checksum.as_slice(),
            publication.outer_checksum.as_slice(),
            publication.blob,
            actor.principal.user(),
            now.0
        ],
    )?;
    Ok(())
}

fn write_requirements(
    tx: &Transaction<'_>,
    release_id: i64,
    requirements: &[Requirement],
) -> Result<(), StoreError> {
    tx.execute("DELETE FROM requirements WHERE release_id = ?1", [release_id])?;
    let mut statement = tx.prepare_cached(
        "INSERT OR REPLACE INTO requirements (release_id, repository, package, app, requirement, optional)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for requirement in requirements {
        statement.execute(params![
            release_id,
            requirement.repository,
            requirement.package,
            requirement.app,
            requirement.requirement,
            requirement.optional
        ])?;
    }
    Ok(())
}
