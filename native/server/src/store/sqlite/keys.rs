//! API keys.

use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::{audit, rows, users};
use crate::{
    clock::Moment,
    store::{Actor, Key, KeyUse, NewKey, StoreError, User},
};

const KEY: &str = "k.id, k.name, k.permissions, k.revoke_at, k.last_ip, k.last_agent, k.last_used_at, \
                   k.inserted_at, k.updated_at";
const IN_FORCE: &str = "(k.revoke_at IS NULL OR k.revoke_at > ?2)";

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

/// Makes a key; a name that is taken gets the next free number appended.
pub fn create(tx: &Transaction<'_>, actor: &Actor, new: &NewKey, now: Moment) -> Result<Key, StoreError> {
    let taken: Vec<String> = all(tx, actor.user_id, now)?.into_iter().map(|key| key.name).collect();
    let numbered = (2_u64..).map(|number| format!("{}-{number}", new.name));
    let name = std::iter::once(new.name.clone()).chain(numbered).find(|name| !taken.contains(name));
    tx.execute(
        "INSERT INTO keys (user_id, name, secret_hash, permissions, revoke_at, inserted_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
        params![
            actor.user_id,
            name,
            new.secret_hash.as_slice(),
            rows::to_json(&new.permissions)?,
            new.revoke_at.map(|at| at.0),
            now.0
        ],
    )?;
    let created =
        tx.query_row(&format!("SELECT {KEY} FROM keys k WHERE k.id = ?1"), [tx.last_insert_rowid()], key)?;
    let owner = users::by_id(tx, actor.user_id)?;
    audit::record(tx, actor, now, None, "key.generate", &audit::key(&created, &owner))?;
    Ok(created)
}

/// The keys of a user that are in force, by name.
pub fn all(tx: &Transaction<'_>, user_id: i64, now: Moment) -> Result<Vec<Key>, StoreError> {
    let sql = format!("SELECT {KEY} FROM keys k WHERE k.user_id = ?1 AND {IN_FORCE} ORDER BY k.name");
    let mut query = tx.prepare_cached(&sql)?;
    let keys = query.query_map(params![user_id, now.0], key)?;
    Ok(keys.collect::<Result<_, _>>()?)
}

/// One key that is in force.
pub fn by_name(
    tx: &Transaction<'_>,
    user_id: i64,
    name: &str,
    now: Moment,
) -> Result<Option<Key>, StoreError> {
    let sql = format!("SELECT {KEY} FROM keys k WHERE k.user_id = ?1 AND k.name = ?3 AND {IN_FORCE}");
    Ok(tx.prepare_cached(&sql)?.query_row(params![user_id, now.0, name], key).optional()?)
}

/// The key with that secret, and its user.
pub fn by_secret(tx: &Transaction<'_>, secret_hash: &[u8; 32]) -> Result<Option<(Key, User)>, StoreError> {
    let sql = format!("SELECT {KEY}, k.user_id FROM keys k WHERE k.secret_hash = ?1");
    let found = tx
        .prepare_cached(&sql)?
        .query_row([secret_hash.as_slice()], |row| Ok((key(row)?, row.get::<_, i64>(9)?)))
        .optional()?;
    found.map(|(key, user_id)| Ok((key, users::by_id(tx, user_id)?))).transpose()
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
pub fn revoke(tx: &Transaction<'_>, actor: &Actor, name: &str, now: Moment) -> Result<Key, StoreError> {
    let mut key = by_name(tx, actor.user_id, name, now)?.ok_or(StoreError::NotFound)?;
    tx.execute("UPDATE keys SET revoke_at = ?2, updated_at = ?2 WHERE id = ?1", params![key.id, now.0])?;
    key.revoke_at = Some(now);
    key.updated_at = now;
    let owner = users::by_id(tx, actor.user_id)?;
    audit::record(tx, actor, now, None, "key.remove", &audit::key(&key, &owner))?;
    Ok(key)
}

/// Revokes every key of the actor.
pub fn revoke_all(tx: &Transaction<'_>, actor: &Actor, now: Moment) -> Result<Vec<Key>, StoreError> {
    let names: Vec<String> = all(tx, actor.user_id, now)?.into_iter().map(|key| key.name).collect();
    names.iter().map(|name| revoke(tx, actor, name, now)).collect()
}
