//! Second factors. The secret itself is kept, since codes are computed from it; the file is its owner's
//! alone.

use rusqlite::{OptionalExtension, Transaction, params};
use serde_json::json;

use super::{audit, users};
use crate::{
    clock::Moment,
    secret::totp::Secret,
    store::{Actor, StoreError, TwoFactor},
};

/// The second factor of a user.
pub fn of_user(tx: &Transaction<'_>, user_id: i64) -> Result<Option<TwoFactor>, StoreError> {
    let mut query = tx.prepare_cached("SELECT secret, inserted_at FROM two_factor WHERE user_id = ?1")?;
    let found = query.query_row([user_id], |row| {
        Ok(TwoFactor { secret: Secret::from_bytes(row.get(0)?), inserted_at: Moment(row.get(1)?) })
    });
    Ok(found.optional()?)
}

/// Switches it on.
pub fn set(tx: &Transaction<'_>, actor: &Actor, secret: &Secret, now: Moment) -> Result<(), StoreError> {
    tx.execute(
        "INSERT OR REPLACE INTO two_factor (user_id, secret, inserted_at) VALUES (?1, ?2, ?3)",
        params![actor.user_id()?, secret.bytes(), now.0],
    )?;
    record(tx, actor, true, now)
}

/// Switches it on, with those hashes of recovery codes; older ones went with the older secret.
pub fn begin(
    tx: &Transaction<'_>,
    actor: &Actor,
    secret: &Secret,
    codes: &[[u8; 32]],
    now: Moment,
) -> Result<(), StoreError> {
    set(tx, actor, secret, now)?;
    let user_id = actor.user_id()?;
    let mut insert = tx.prepare_cached("INSERT INTO recovery_codes (user_id, code_hash) VALUES (?1, ?2)")?;
    for hash in codes {
        insert.execute(params![user_id, hash.as_slice()])?;
    }
    Ok(())
}

/// Spends the recovery code with that hash.
pub fn use_recovery_code(tx: &Transaction<'_>, user_id: i64, hash: &[u8; 32]) -> Result<bool, StoreError> {
    let spent = tx.execute(
        "DELETE FROM recovery_codes WHERE user_id = ?1 AND code_hash = ?2",
        params![user_id, hash.as_slice()],
    )?;
    Ok(spent > 0)
}

/// How many recovery codes are left.
pub fn recovery_codes(tx: &Transaction<'_>, user_id: i64) -> Result<usize, StoreError> {
    let mut query = tx.prepare_cached("SELECT count(*) FROM recovery_codes WHERE user_id = ?1")?;
    let count: i64 = query.query_row([user_id], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// Switches it off.
pub fn clear(tx: &Transaction<'_>, actor: &Actor, now: Moment) -> Result<(), StoreError> {
    if tx.execute("DELETE FROM two_factor WHERE user_id = ?1", [actor.user_id()?])? == 0 {
        return Ok(());
    }
    record(tx, actor, false, now)
}

fn record(tx: &Transaction<'_>, actor: &Actor, on: bool, now: Moment) -> Result<(), StoreError> {
    let mut params = audit::user(&users::by_id(tx, actor.user_id()?)?);
    if let Some(params) = params.as_object_mut() {
        params.insert("two_factor".to_owned(), json!(on));
    }
    audit::record(tx, actor, now, None, "security.update", &params)
}

/// Whether the step is later than any that was used before.
pub fn use_step(tx: &Transaction<'_>, user_id: i64, step: i64) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE two_factor SET used_step = ?2 WHERE user_id = ?1 AND used_step < ?2",
        params![user_id, step],
    )?;
    Ok(changed > 0)
}
