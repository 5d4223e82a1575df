//! Users.

use rusqlite::{OptionalExtension, Transaction, params};
use serde_json::{Value, json};

use super::{audit, rows};
use crate::{
    clock::Moment,
    store::{Actor, NewAccount, PackageId, PrincipalId, StoreError, User},
};

/// The user of that number.
pub fn by_id(tx: &Transaction<'_>, id: i64) -> Result<User, StoreError> {
    let sql = format!("SELECT {} FROM users u WHERE u.id = ?1", rows::USER);
    let user = tx.prepare_cached(&sql)?.query_row([id], |row| rows::user(row, 0)).optional()?;
    user.ok_or(StoreError::NotFound)
}

/// The user of that name.
pub fn by_name(tx: &Transaction<'_>, username: &str) -> Result<Option<User>, StoreError> {
    let sql = format!("SELECT {} FROM users u WHERE u.username = ?1", rows::USER);
    Ok(tx.prepare_cached(&sql)?.query_row([username], |row| rows::user(row, 0)).optional()?)
}

/// The user of that name or e-mail address, and the password's hash.
pub fn by_login(tx: &Transaction<'_>, login: &str) -> Result<Option<(User, Option<String>)>, StoreError> {
    let sql =
        format!("SELECT {}, u.password_hash FROM users u WHERE u.username = ?1 OR u.email = ?1", rows::USER);
    let found = tx
        .prepare_cached(&sql)?
        .query_row([login], |row| Ok((rows::user(row, 0)?, row.get(7)?)))
        .optional()?;
    Ok(found)
}

/// Makes a user.
pub fn create(
    tx: &Transaction<'_>,
    account: &NewAccount,
    user_agent: String,
    now: Moment,
) -> Result<User, StoreError> {
    let taken = |column: &str, value: &str| {
        tx.query_row(&format!("SELECT EXISTS (SELECT 1 FROM users WHERE {column} = ?1)"), [value], |row| {
            row.get::<_, bool>(0)
        })
    };
    if taken("username", &account.username)? {
        return Err(StoreError::Invalid(json!({"username": "has already been taken"})));
    }
    if taken("email", &account.email)? {
        return Err(StoreError::Invalid(json!({"emails": {"email": "already in use"}})));
    }
    tx.execute(
        "INSERT INTO users (username, email, full_name, password_hash, confirmed, inserted_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
        params![
            account.username,
            account.email,
            account.full_name,
            account.password_hash,
            account.confirmed,
            now.0
        ],
    )?;
    let user = by_id(tx, tx.last_insert_rowid())?;
    let actor = Actor::of_user(user.id, user_agent);
    let email = json!({"email": user.email, "gravatar": false, "primary": true, "public": true});
    let change = json!({"new_email": email, "old_email": Value::Null});
    let created = json!({"id": user.id, "username": user.username, "handles": null});
    audit::record(tx, &actor, now, None, "user.create", &created)?;
    audit::record(tx, &actor, now, None, "email.add", &email)?;
    audit::record(tx, &actor, now, None, "email.primary", &change)?;
    audit::record(tx, &actor, now, None, "email.public", &change)?;
    Ok(user)
}

/// Makes a user active.
pub fn confirm(tx: &Transaction<'_>, username: &str, now: Moment) -> Result<User, StoreError> {
    tx.execute(
        "UPDATE users SET confirmed = 1, updated_at = ?2 WHERE username = ?1 AND NOT confirmed",
        params![username, now.0],
    )?;
    by_name(tx, username)?.ok_or(StoreError::NotFound)
}

/// The packages a user owns: public ones, and private ones of the viewer's organizations.
pub fn owned_packages(
    tx: &Transaction<'_>,
    user_id: i64,
    viewer: Option<PrincipalId>,
) -> Result<Vec<PackageId>, StoreError> {
    let mut query = tx.prepare_cached(
        "SELECT r.name, p.name FROM owners o
         JOIN packages p ON p.id = o.package_id JOIN repositories r ON r.id = p.repository_id
         LEFT JOIN organizations g ON g.repository_id = r.id
         WHERE o.user_id = ?1 AND (r.public OR g.id = ?3 OR EXISTS
         (SELECT 1 FROM members m WHERE m.organization_id = g.id AND m.user_id = ?2))
         ORDER BY p.name, r.name",
    )?;
    let (as_user, as_organization) =
        (viewer.and_then(PrincipalId::user), viewer.and_then(PrincipalId::organization));
    let packages = query.query_map(params![user_id, as_user, as_organization], |row| {
        Ok(PackageId { repository: row.get(0)?, name: row.get(1)? })
    })?;
    Ok(packages.collect::<Result<_, _>>()?)
}
