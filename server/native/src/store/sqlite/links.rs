//! The links that are mailed to people, and what they do.

use rusqlite::{OptionalExtension, Transaction, params};
use serde_json::json;

use super::{audit, browsers, sessions, users};
use crate::{
    clock::Moment,
    store::{Actor, NewLink, Purpose, StoreError, User},
};

/// Makes a link; an older one of the same purpose ends.
pub fn create(tx: &Transaction<'_>, link: &NewLink, actor: &Actor, now: Moment) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM links WHERE ends_at <= ?1 OR (user_id = ?2 AND purpose = ?3)",
        params![now.0, link.user_id, link.purpose.name()],
    )?;
    tx.execute(
        "INSERT INTO links (user_id, purpose, token_hash, ends_at) VALUES (?1, ?2, ?3, ?4)",
        params![link.user_id, link.purpose.name(), link.token_hash.as_slice(), link.ends_at.0],
    )?;
    if link.purpose == Purpose::Reset {
        let user = users::by_id(tx, link.user_id)?;
        audit::record(tx, actor, now, None, "password.reset.init", &audit::user(&user))?;
    }
    Ok(())
}

/// Whom a link is for, while it lasts.
pub fn user(
    tx: &Transaction<'_>,
    token_hash: &[u8; 32],
    purpose: Purpose,
    now: Moment,
) -> Result<Option<User>, StoreError> {
    let found: Option<i64> = tx
        .prepare_cached("SELECT user_id FROM links WHERE token_hash = ?1 AND purpose = ?2 AND ends_at > ?3")?
        .query_row(params![token_hash.as_slice(), purpose.name(), now.0], |row| row.get(0))
        .optional()?;
    found.map(|id| users::by_id(tx, id)).transpose()
}

fn spend(
    tx: &Transaction<'_>,
    token_hash: &[u8; 32],
    purpose: Purpose,
    now: Moment,
) -> Result<User, StoreError> {
    let user = user(tx, token_hash, purpose, now)?.ok_or(StoreError::NotFound)?;
    tx.execute("DELETE FROM links WHERE user_id = ?1 AND purpose = ?2", params![user.id, purpose.name()])?;
    Ok(user)
}

/// Sets the password of whom the link is for, and ends all sessions.
pub fn reset_password(
    tx: &Transaction<'_>,
    token_hash: &[u8; 32],
    password_hash: &str,
    user_agent: String,
    now: Moment,
) -> Result<User, StoreError> {
    let user = spend(tx, token_hash, Purpose::Reset, now)?;
    let actor = Actor::of_user(user.id, user_agent);
    set_password(tx, &actor, password_hash, None, now)?;
    audit::record(tx, &actor, now, None, "password.reset.finish", &audit::user(&user))?;
    Ok(user)
}

/// Confirms the address of whom the link is for.
pub fn confirm(tx: &Transaction<'_>, token_hash: &[u8; 32], now: Moment) -> Result<User, StoreError> {
    let user = spend(tx, token_hash, Purpose::Confirm, now)?;
    users::confirm(tx, &user.username, now)
}

/// Changes the password of the actor; every session but the kept one ends, and links to reset it, too.
pub fn change_password(
    tx: &Transaction<'_>,
    actor: &Actor,
    password_hash: &str,
    kept: i64,
    now: Moment,
) -> Result<(), StoreError> {
    set_password(tx, actor, password_hash, Some(kept), now)?;
    audit::record(tx, actor, now, None, "password.update", &json!({"id": actor.user_id()?}))
}

fn set_password(
    tx: &Transaction<'_>,
    actor: &Actor,
    password_hash: &str,
    kept: Option<i64>,
    now: Moment,
) -> Result<(), StoreError> {
    let user_id = actor.user_id()?;
    tx.execute(
        "UPDATE users SET password_hash = ?2, updated_at = ?3 WHERE id = ?1",
        params![user_id, password_hash, now.0],
    )?;
    tx.execute(
        "DELETE FROM links WHERE user_id = ?1 AND purpose = ?2",
        params![user_id, Purpose::Reset.name()],
    )?;
    for session in sessions::all(tx, user_id, now)? {
        sessions::revoke(tx, actor, session.id, now)?;
    }
    browsers::end_others(tx, user_id, kept)
}
