//! Who owns a package.

use rusqlite::{Transaction, params};
use serde_json::json;

use super::{audit, generations, organizations, package_row, package_row::PackageRow, rows, users};
use crate::{
    clock::Moment,
    store::{Actor, Level, Owner, PackageId, PrincipalId, Role, StoreError, User},
};

/// The owners of a package, oldest first.
pub fn all(tx: &Transaction<'_>, package_id: i64) -> Result<Vec<Owner>, StoreError> {
    let sql = format!(
        "SELECT {}, o.level FROM owners o JOIN users u ON u.id = o.user_id
         WHERE o.package_id = ?1 ORDER BY o.position, u.id",
        rows::USER
    );
    let mut query = tx.prepare_cached(&sql)?;
    let owners = query.query_map([package_id], |row| {
        let level: String = row.get(7)?;
        Ok(Owner { user: rows::user(row, 0)?, level: Level::parse(&level).unwrap_or(Level::Maintainer) })
    })?;
    Ok(owners.collect::<Result<_, _>>()?)
}

/// Refuses an actor who is no owner of that level. In a private repository a role in the organization
/// is as good: write for changing the package, admin for changing its owners.
pub fn demand(
    tx: &Transaction<'_>,
    actor: &Actor,
    package: &PackageRow,
    level: Level,
) -> Result<(), StoreError> {
    if !package.public {
        let role = organizations::role(tx, actor.principal, &package.package.repository)?;
        let least = if level == Level::Full { Role::Admin } else { Role::Write };
        match role {
            // Whoever was a member once may still be written down as an owner.
            None => return Err(StoreError::NotFound),
            Some(role) if role >= least => return Ok(()),
            Some(_) => {}
        }
    }
    let owners = all(tx, package.id)?;
    let own = owners.iter().find(|owner| PrincipalId::User(owner.user.id) == actor.principal);
    match own {
        Some(owner) if level == Level::Maintainer || owner.level == Level::Full => Ok(()),
        _ => Err(StoreError::Forbidden),
    }
}

/// Writes an owner, or changes the level.
pub fn write(tx: &Transaction<'_>, package_id: i64, user_id: i64, level: Level) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO owners (package_id, user_id, level, position)
         VALUES (?1, ?2, ?3, (SELECT coalesce(max(position), 0) + 1 FROM owners WHERE package_id = ?1))
         ON CONFLICT (package_id, user_id) DO UPDATE SET level = excluded.level",
        params![package_id, user_id, level.name()],
    )?;
    Ok(())
}

/// Makes a user an owner; with `transfer` the only one.
pub fn put(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &PackageId,
    login: &str,
    (level, transfer): (Level, bool),
    now: Moment,
) -> Result<(), StoreError> {
    let package = package_row::by_id(tx, id)?.ok_or(StoreError::NotFound)?;
    demand(tx, actor, &package, Level::Full)?;
    let (user, _) = users::by_login(tx, login)?.ok_or(StoreError::NotFound)?;
    let stranger = |user: &User| {
        let role = organizations::role(tx, PrincipalId::User(user.id), &id.repository)?;
        Ok::<_, StoreError>(!package.public && role.is_none())
    };
    if stranger(&user)? {
        let refusal = "cannot add owner that is not a member of the organization";
        return Err(StoreError::Invalid(json!({"username": refusal})));
    }
    if transfer {
        tx.execute("DELETE FROM owners WHERE package_id = ?1", [package.id])?;
    }
    let level = if transfer { Level::Full } else { level };
    write(tx, package.id, user.id, level)?;
    generations::outdate(tx, package.id)?;
    // Without an owner of the full level nobody could ever change the owners again; in a private
    // repository there are always the admins.
    if package.public && !all(tx, package.id)?.iter().any(|owner| owner.level == Level::Full) {
        return Err(StoreError::Invalid(json!({"level": "cannot demote last full owner of package"})));
    }
    let action = if transfer { "owner.transfer" } else { "owner.add" };
    log(tx, actor, &package, &user, level, action, now)
}

/// Removes an owner; never the last one.
pub fn remove(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &PackageId,
    login: &str,
    now: Moment,
) -> Result<(), StoreError> {
    let package = package_row::by_id(tx, id)?.ok_or(StoreError::NotFound)?;
    demand(tx, actor, &package, Level::Full)?;
    let (user, _) = users::by_login(tx, login)?.ok_or(StoreError::NotFound)?;
    let owners = all(tx, package.id)?;
    let owner = owners.iter().find(|owner| owner.user.id == user.id).ok_or(StoreError::NotFound)?;
    let others_decide = owners.iter().any(|other| other.user.id != user.id && other.level == Level::Full);
    if package.public && !others_decide {
        return Err(StoreError::Invalid(json!({"username": "cannot remove last owner of package"})));
    }
    tx.execute("DELETE FROM owners WHERE package_id = ?1 AND user_id = ?2", params![package.id, user.id])?;
    generations::outdate(tx, package.id)?;
    log(tx, actor, &package, &user, owner.level, "owner.remove", now)
}

fn log(
    tx: &Transaction<'_>,
    actor: &Actor,
    package: &PackageRow,
    user: &User,
    level: Level,
    action: &str,
    now: Moment,
) -> Result<(), StoreError> {
    let params = json!({"level": level.name(), "package": package.audited(), "user": audit::user(user)});
    audit::record(tx, actor, now, Some(package.id), action, &params)
}
