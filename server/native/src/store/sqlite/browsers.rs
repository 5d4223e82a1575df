//! Browsers that are signed in.

use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::rows;
use crate::{
    clock::Moment,
    store::{BrowserSession, NewBrowserSession, Stage, StoreError},
};

const SESSION: &str = "s.id, s.signed_in, s.user_agent, s.ip, s.inserted_at, s.seen_at";

fn session(row: &Row<'_>) -> rusqlite::Result<BrowserSession> {
    Ok(BrowserSession {
        id: row.get(0)?,
        stage: if row.get(1)? { Stage::SignedIn } else { Stage::AwaitsCode },
        user_agent: row.get(2)?,
        ip: row.get(3)?,
        inserted_at: Moment(row.get(4)?),
        seen_at: Moment(row.get(5)?),
        user: rows::user(row, 6)?,
    })
}

/// Makes a session, and forgets those that have ended.
pub fn create(tx: &Transaction<'_>, new: &NewBrowserSession, now: Moment) -> Result<(), StoreError> {
    tx.execute("DELETE FROM browser_sessions WHERE ends_at <= ?1", [now.0])?;
    tx.execute(
        "INSERT INTO browser_sessions
           (user_id, secret_hash, signed_in, user_agent, ip, inserted_at, seen_at, ends_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7)",
        params![
            new.user_id,
            new.secret_hash.as_slice(),
            new.stage == Stage::SignedIn,
            new.user_agent,
            new.ip,
            now.0,
            new.ends_at.0
        ],
    )?;
    Ok(())
}

/// The session with that secret, while it lasts.
pub fn by_secret(
    tx: &Transaction<'_>,
    secret_hash: &[u8; 32],
    now: Moment,
) -> Result<Option<BrowserSession>, StoreError> {
    let sql = format!(
        "SELECT {SESSION}, {} FROM browser_sessions s JOIN users u ON u.id = s.user_id
         WHERE s.secret_hash = ?1 AND s.ends_at > ?2",
        rows::USER
    );
    let found = tx.prepare_cached(&sql)?.query_row(params![secret_hash.as_slice(), now.0], session);
    Ok(found.optional()?)
}

/// The browsers in which a user is signed in, the last seen first.
pub fn of_user(tx: &Transaction<'_>, user_id: i64, now: Moment) -> Result<Vec<BrowserSession>, StoreError> {
    let sql = format!(
        "SELECT {SESSION}, {} FROM browser_sessions s JOIN users u ON u.id = s.user_id
         WHERE s.user_id = ?1 AND s.ends_at > ?2 AND s.signed_in ORDER BY s.seen_at DESC, s.id DESC",
        rows::USER
    );
    let mut query = tx.prepare_cached(&sql)?;
    let sessions = query.query_map(params![user_id, now.0], session)?;
    Ok(sessions.collect::<Result<_, _>>()?)
}

/// Notes when and where a session was last seen.
pub fn seen(tx: &Transaction<'_>, id: i64, ip: &str, now: Moment) -> Result<(), StoreError> {
    tx.execute("UPDATE browser_sessions SET seen_at = ?2, ip = ?3 WHERE id = ?1", params![id, now.0, ip])?;
    Ok(())
}

/// Ends one session of a user.
pub fn end(tx: &Transaction<'_>, user_id: i64, id: i64) -> Result<(), StoreError> {
    let ended =
        tx.execute("DELETE FROM browser_sessions WHERE id = ?1 AND user_id = ?2", params![id, user_id])?;
    if ended == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// Ends every session of a user but that one.
pub fn end_others(tx: &Transaction<'_>, user_id: i64, kept: Option<i64>) -> Result<(), StoreError> {
    tx.execute("DELETE FROM browser_sessions WHERE user_id = ?1 AND id IS NOT ?2", params![user_id, kept])?;
    Ok(())
}
