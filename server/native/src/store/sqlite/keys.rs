//! API keys.

use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::{audit, organizations, rows, users};
use crate::{
    clock::Moment,
    store::{Actor, Key, KeyUse, NewKey, Permission, Principal, PrincipalId, Role, StoreError},
};

const KEY: &str = "k.id, k.name, k.permissions, k.revoke_at, k.last_ip, k.last_agent, k.last_used_at, \
                   k.inserted_at, k.updated_at";
/// With the owner's numbers, of which one is null, as the first two parameters and the time as the third.
const IN_FORCE: &str =
    "(k.user_id = ?1 OR k.organization_id = ?2) AND (k.revoke_at IS NULL OR k.revoke_at > ?3)";

fn key(row: &Row<'_>) -> rusqlite::Result<Key> {
    let ip: Option<String> = row.get(4)?;
    let user_agent: Option<String> = row.get(5)?;
    let used_at: Option<i64> = row.get(6)?;
    Ok(Key {
        id: row.get(0)?,
        name: row.get(1)?,
        permissions: rows::json(row, 2)?,
        revoke_at: row.get::<_, Option<i64>>(3)?.map(Moment),
        last_use: used_at.map(|at| KeyUse {
            ip: ip.unwrap_or_default(),
            user_agent: user_agent.unwrap_or_default(),
            used_at: Moment(at),
        }),
        inserted_at: Moment(row.get(7)?),
        updated_at: Moment(row.get(8)?),
    })
}

fn principal(tx: &Transaction<'_>, id: PrincipalId) -> Result<Principal, StoreError> {
    match id {
        PrincipalId::User(id) => users::by_id(tx, id).map(Principal::User),
        PrincipalId::Organization(id) => organizations::by_id(tx, id).map(Principal::Organization),
    }
}

/// Refuses an actor who may not decide on that owner's keys.
fn demand(
    tx: &Transaction<'_>,
    actor: &Actor,
    owner: PrincipalId,
    least: Role,
) -> Result<Principal, StoreError> {
    let of = principal(tx, owner)?;
    match &of {
        Principal::Organization(organization) => {
            organizations::demand(tx, actor, &organization.name, least)?;
        }
        Principal::User(_) if owner != actor.principal => return Err(StoreError::Forbidden),
        Principal::User(_) => {}
    }
    Ok(of)
}

/// The role that making an organization's key takes. With a key that writes to the API its holder
/// administers the organization, so who may only publish must not make one.
fn least_role(permissions: &[Permission]) -> Role {
    let administers = |held: &Permission| held.domain == "api" && held.resource.as_deref() != Some("read");
    if permissions.iter().any(administers) { Role::Admin } else { Role::Write }
}

fn record(
    tx: &Transaction<'_>,
    actor: &Actor,
    (key, owner): (&Key, &Principal),
    action: &str,
    now: Moment,
) -> Result<(), StoreError> {
    let params = audit::key(key, owner);
    match owner {
        Principal::User(_) => audit::record(tx, actor, now, None, action, &params),
        Principal::Organization(organization) => {
            audit::record_in(tx, actor, now, organization.id, action, &params)
        }
    }
}

/// Makes a key; a name that is taken gets the next free number appended.
pub fn create(
    tx: &Transaction<'_>,
    actor: &Actor,
    owner: PrincipalId,
    new: &NewKey,
    now: Moment,
) -> Result<Key, StoreError> {
    let of = demand(tx, actor, owner, least_role(&new.permissions))?;
    let taken: Vec<String> = all(tx, owner, now)?.into_iter().map(|key| key.name).collect();
    let numbered = (2_u64..).map(|number| format!("{}-{number}", new.name));
    let name = std::iter::once(new.name.clone()).chain(numbered).find(|name| !taken.contains(name));
    tx.execute(
        "INSERT INTO keys (user_id, organization_id, name, secret_hash, permissions, revoke_at, inserted_at,
                           updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
        params![
            owner.user(),
            owner.organization(),
            name,
            new.secret_hash.as_slice(),
            rows::to_json(&new.permissions)?,
            new.revoke_at.map(|at| at.0),
            now.0
        ],
    )?;
    let created =
        tx.query_row(&format!("SELECT {KEY} FROM keys k WHERE k.id = ?1"), [tx.last_insert_rowid()], key)?;
    record(tx, actor, (&created, &of), "key.generate", now)?;
    Ok(created)
}

/// The keys of an owner that are in force, by name.
pub fn all(tx: &Transaction<'_>, owner: PrincipalId, now: Moment) -> Result<Vec<Key>, StoreError> {
    let sql = format!("SELECT {KEY} FROM keys k WHERE {IN_FORCE} ORDER BY k.name");
    let mut query = tx.prepare_cached(&sql)?;
    let keys = query.query_map(params![owner.user(), owner.organization(), now.0], key)?;
    Ok(keys.collect::<Result<_, _>>()?)
}

/// One key that is in force.
pub fn by_name(
    tx: &Transaction<'_>,
    owner: PrincipalId,
    name: &str,
    now: Moment,
) -> Result<Option<Key>, StoreError> {
    let sql = format!("SELECT {KEY} FROM keys k WHERE {IN_FORCE} AND k.name = ?4");
    let values = params![owner.user(), owner.organization(), now.0, name];
    Ok(tx.prepare_cached(&sql)?.query_row(values, key).optional()?)
}

/// The key with that secret, and for whom it stands.
pub fn by_secret(
    tx: &Transaction<'_>,
    secret_hash: &[u8; 32],
) -> Result<Option<(Key, Principal)>, StoreError> {
    let sql = format!("SELECT {KEY}, k.user_id, k.organization_id FROM keys k WHERE k.secret_hash = ?1");
    let found = tx
        .prepare_cached(&sql)?
        .query_row([secret_hash.as_slice()], |row| {
            let owner = match row.get::<_, Option<i64>>(9)? {
                Some(id) => PrincipalId::User(id),
                None => PrincipalId::Organization(row.get(10)?),
            };
            Ok((key(row)?, owner))
        })
        .optional()?;
    found.map(|(key, owner)| Ok((key, principal(tx, owner)?))).transpose()
}

/// Notes a use.
pub fn used(tx: &Transaction<'_>, key_id: i64, usage: &KeyUse) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE keys SET last_ip = ?2, last_agent = ?3, last_used_at = ?4, updated_at = ?4 WHERE id = ?1",
        params![key_id, usage.ip, usage.user_agent, usage.used_at.0],
    )?;
    Ok(())
}

/// Revokes one key.
pub fn revoke(
    tx: &Transaction<'_>,
    actor: &Actor,
    owner: PrincipalId,
    name: &str,
    now: Moment,
) -> Result<Key, StoreError> {
    let of = demand(tx, actor, owner, Role::Write)?;
    let mut key = by_name(tx, owner, name, now)?.ok_or(StoreError::NotFound)?;
    tx.execute("UPDATE keys SET revoke_at = ?2, updated_at = ?2 WHERE id = ?1", params![key.id, now.0])?;
    key.revoke_at = Some(now);
    key.updated_at = now;
    record(tx, actor, (&key, &of), "key.remove", now)?;
    Ok(key)
}

/// Revokes every key of an owner.
pub fn revoke_all(
    tx: &Transaction<'_>,
    actor: &Actor,
    owner: PrincipalId,
    now: Moment,
) -> Result<Vec<Key>, StoreError> {
    demand(tx, actor, owner, Role::Write)?;
    let names: Vec<String> = all(tx, owner, now)?.into_iter().map(|key| key.name).collect();
    names.iter().map(|name| revoke(tx, actor, owner, name, now)).collect()
}
