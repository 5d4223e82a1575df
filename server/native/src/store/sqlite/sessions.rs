//! Sessions and their tokens.

use rusqlite::{OptionalExtension, Row, Transaction, params};
use serde_json::{Value, json};

use super::{audit, devices, organizations, repositories, rows, users};
use crate::{
    clock::Moment,
    store::{
        AccessToken, Actor, DeviceState, Granted, KeyUse, NewToken, NewTokens, PrincipalId, Refusal, Session,
        SessionLimits, StoreError, TokenSource,
    },
};

const SESSION: &str = "s.id, s.name, s.client_id, s.scopes, s.last_ip, s.last_agent, s.last_used_at, \
                       s.inserted_at, s.expires_at";
const IN_FORCE: &str = "s.revoked_at IS NULL AND s.expires_at > ?2";
/// How long a token is still known as one that is over, in microseconds.
const REMEMBERED: i64 = 24 * 3600 * 1_000_000;

fn session(row: &Row<'_>, first: usize) -> rusqlite::Result<Session> {
    let ip: Option<String> = row.get(first + 4)?;
    let user_agent: Option<String> = row.get(first + 5)?;
    let used_at: Option<i64> = row.get(first + 6)?;
    Ok(Session {
        id: row.get(first)?,
        name: row.get(first + 1)?,
        client_id: row.get(first + 2)?,
        scopes: rows::json(row, first + 3)?,
        last_use: used_at.map(|at| KeyUse {
            ip: ip.unwrap_or_default(),
            user_agent: user_agent.unwrap_or_default(),
            used_at: Moment(at),
        }),
        inserted_at: Moment(row.get(first + 7)?),
        expires_at: Moment(row.get(first + 8)?),
    })
}

/// Begins the session of a device that was approved.
pub fn begin(
    tx: &Transaction<'_>,
    code_hash: &[u8; 32],
    client_id: &str,
    tokens: NewTokens,
    limits: SessionLimits,
    now: Moment,
) -> Result<Result<Granted, Refusal>, StoreError> {
    let Some(found) = devices::by_code(tx, code_hash, now)? else { return Ok(Err(Refusal::Unknown)) };
    let device = found.device;
    if device.client_id != client_id {
        return Ok(Err(Refusal::OtherClient));
    }
    devices::polled(tx, device.id, now)?;
    // A fifth less is let pass: a device that keeps to the interval may still be seen a little early.
    let wait = i64::from(limits.interval) * 800_000;
    let too_fast = found.polled_at.is_some_and(|last| now.0.saturating_sub(last.0) < wait);
    let user_id = match (device.state, found.user_id) {
        (DeviceState::Approved, Some(user_id)) => user_id,
        (DeviceState::Pending, _) if too_fast => return Ok(Err(Refusal::TooFast)),
        (DeviceState::Pending, _) => return Ok(Err(Refusal::Pending)),
        (DeviceState::Denied, _) => return Ok(Err(Refusal::Denied)),
        (DeviceState::Expired, _) => return Ok(Err(Refusal::Expired)),
        (DeviceState::Spent | DeviceState::Approved, _) => return Ok(Err(Refusal::Unknown)),
    };
    devices::spent(tx, device.id)?;
    let actor = Actor::of_user(user_id, device.user_agent);
    let others = all(tx, user_id, now)?;
    for oldest in others.iter().skip(limits.most.saturating_sub(1)) {
        revoke(tx, &actor, oldest.id, now)?;
    }
    tx.execute(
        "INSERT INTO sessions (user_id, name, client_id, scopes, last_ip, last_agent, last_used_at,
                               inserted_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8)",
        params![
            user_id,
            device.name,
            client_id,
            rows::to_json(&device.scopes)?,
            device.ip,
            actor.user_agent,
            now.0,
            tokens.refresh.expires_at.0
        ],
    )?;
    let session_id = tx.last_insert_rowid();
    let begun = by_id(tx, user_id, session_id, now)?.ok_or(StoreError::NotFound)?;
    audit::record(tx, &actor, now, None, "session.create", &logged(&begun))?;
    put_tokens(tx, user_id, session_id, &device.scopes, tokens, now).map(Ok)
}

/// Gives a session new tokens.
pub fn renew(
    tx: &Transaction<'_>,
    refresh_hash: &[u8; 32],
    client_id: &str,
    tokens: NewTokens,
    now: Moment,
) -> Result<Result<Granted, Refusal>, StoreError> {
    let sql = format!(
        "SELECT {SESSION}, s.user_id, s.revoked_at, t.revoked_at, t.expires_at FROM tokens t
         JOIN sessions s ON s.id = t.session_id WHERE t.hash = ?1 AND t.refresh"
    );
    let found = tx.prepare_cached(&sql)?.query_row([refresh_hash.as_slice()], |row| {
        let ended: Option<i64> = row.get(10)?;
        let replaced: Option<i64> = row.get(11)?;
        Ok((session(row, 0)?, row.get::<_, i64>(9)?, ended, replaced, Moment(row.get(12)?)))
    });
    let Some((session, user_id, ended, replaced, expires_at)) = found.optional()? else {
        return Ok(Err(Refusal::Unknown));
    };
    if session.client_id != client_id {
        return Ok(Err(Refusal::Unknown));
    }
    if replaced.is_some() || ended.is_some() {
        // Two have the same token: one of them is a thief, and which one cannot be told (RFC 6749 §10.4).
        if ended.is_none() {
            let user_agent = session.last_use.map(|last| last.user_agent).unwrap_or_default();
            revoke(tx, &Actor::of_user(user_id, user_agent), session.id, now)?;
        }
        return Ok(Err(Refusal::Revoked));
    }
    if expires_at <= now {
        return Ok(Err(Refusal::Expired));
    }
    tx.execute(
        "UPDATE tokens SET revoked_at = ?2 WHERE session_id = ?1 AND revoked_at IS NULL",
        params![session.id, now.0],
    )?;
    tx.execute(
        "UPDATE sessions SET expires_at = ?2 WHERE id = ?1",
        params![session.id, tokens.refresh.expires_at.0],
    )?;
    put_tokens(tx, user_id, session.id, &session.scopes, tokens, now).map(Ok)
}

fn put_tokens(
    tx: &Transaction<'_>,
    user_id: i64,
    session_id: i64,
    scopes: &[String],
    tokens: NewTokens,
    now: Moment,
) -> Result<Granted, StoreError> {
    forget_old_tokens(tx, now)?;
    let scopes = expand(tx, user_id, scopes)?;
    let text = rows::to_json(&scopes)?;
    for (token, refresh) in [(tokens.access, false), (tokens.refresh, true)] {
        tx.execute(
            "INSERT INTO tokens (hash, refresh, session_id, scopes, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![token.hash.as_slice(), refresh, session_id, text, token.expires_at.0],
        )?;
    }
    Ok(Granted { scopes })
}

/// A token that is over is of no use to anybody; for a day its holder is still told why it is refused.
fn forget_old_tokens(tx: &Transaction<'_>, now: Moment) -> Result<(), StoreError> {
    tx.execute("DELETE FROM tokens WHERE expires_at < ?1", [now.0 - REMEMBERED])?;
    Ok(())
}

/// Scopes of a session one by one: `api` is reading and writing.
fn expand(tx: &Transaction<'_>, user_id: i64, scopes: &[String]) -> Result<Vec<String>, StoreError> {
    let one_by_one = scopes.iter().flat_map(|scope| match scope.as_str() {
        "api" => vec!["api:read".to_owned(), "api:write".to_owned()],
        _ => vec![scope.clone()],
    });
    by_name(tx, PrincipalId::User(user_id), &one_by_one.collect::<Vec<_>>())
}

/// Scopes with every repository by its name: those that are reached now, for whoever reads the token.
fn by_name(
    tx: &Transaction<'_>,
    principal: PrincipalId,
    scopes: &[String],
) -> Result<Vec<String>, StoreError> {
    let mut named: Vec<String> = Vec::new();
    for scope in scopes {
        let several: Vec<String> = if scope == "repositories" {
            let public = repositories::all(tx)?.into_iter().filter(|repository| repository.public);
            let own =
                organizations::of(tx, principal)?.into_iter().map(|(organization, _)| organization.name);
            let names = public.map(|repository| repository.name).chain(own);
            names.map(|name| format!("repository:{name}")).collect()
        } else {
            vec![scope.clone()]
        };
        for scope in several {
            if !named.contains(&scope) {
                named.push(scope);
            }
        }
    }
    Ok(named)
}

/// Keeps a token that was got with a key of that owner.
pub fn put_key_token(
    tx: &Transaction<'_>,
    (key_id, owner): (i64, PrincipalId),
    token: NewToken,
    scopes: &[String],
    now: Moment,
) -> Result<Granted, StoreError> {
    forget_old_tokens(tx, now)?;
    let scopes = by_name(tx, owner, scopes)?;
    tx.execute(
        "INSERT INTO tokens (hash, refresh, key_id, scopes, expires_at) VALUES (?1, 0, ?2, ?3, ?4)",
        params![token.hash.as_slice(), key_id, rows::to_json(&scopes)?, token.expires_at.0],
    )?;
    Ok(Granted { scopes })
}

/// The access token in force with that hash.
pub fn access_token(
    tx: &Transaction<'_>,
    hash: &[u8; 32],
    now: Moment,
) -> Result<Option<AccessToken>, StoreError> {
    let found = tx
        .prepare_cached(
            "SELECT t.scopes, t.session_id, k.secret_hash FROM tokens t LEFT JOIN keys k ON k.id = t.key_id
             WHERE t.hash = ?1 AND NOT t.refresh AND t.revoked_at IS NULL AND t.expires_at > ?2",
        )?
        .query_row(params![hash.as_slice(), now.0], |row| {
            Ok((rows::json(row, 0)?, row.get::<_, Option<i64>>(1)?, row.get::<_, Option<[u8; 32]>>(2)?))
        })
        .optional()?;
    let (scopes, source) = match found {
        None | Some((_, None, None)) => return Ok(None),
        Some((scopes, None, Some(key))) => (scopes, TokenSource::Key(key)),
        Some((scopes, Some(session_id), _)) => {
            let sql = format!("SELECT {SESSION}, s.user_id FROM sessions s WHERE s.id = ?1 AND {IN_FORCE}");
            let found = tx
                .prepare_cached(&sql)?
                .query_row(params![session_id, now.0], |row| Ok((session(row, 0)?, row.get(9)?)));
            let Some((session, user_id)) = found.optional()? else { return Ok(None) };
            (scopes, TokenSource::Session(Box::new((session, users::by_id(tx, user_id)?))))
        }
    };
    Ok(Some(AccessToken { scopes, source }))
}

/// Notes a use.
pub fn used(tx: &Transaction<'_>, session_id: i64, usage: &KeyUse) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE sessions SET last_ip = ?2, last_agent = ?3, last_used_at = ?4 WHERE id = ?1",
        params![session_id, usage.ip, usage.user_agent, usage.used_at.0],
    )?;
    Ok(())
}

/// Ends the session of a token, or the token where it has none.
pub fn revoke_token(
    tx: &Transaction<'_>,
    hash: &[u8; 32],
    client_id: Option<&str>,
    user_agent: String,
    now: Moment,
) -> Result<(), StoreError> {
    let found = tx
        .prepare_cached(
            "SELECT s.id, s.user_id FROM tokens t JOIN sessions s ON s.id = t.session_id
             WHERE t.hash = ?1 AND s.revoked_at IS NULL AND s.expires_at > ?2
               AND (?3 IS NULL OR s.client_id = ?3)",
        )?
        .query_row(params![hash.as_slice(), now.0, client_id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((session_id, user_id)) = found {
        return revoke(tx, &Actor::of_user(user_id, user_agent), session_id, now).map(drop);
    }
    tx.execute(
        "UPDATE tokens SET revoked_at = ?2
         WHERE hash = ?1 AND session_id IS NULL AND revoked_at IS NULL",
        params![hash.as_slice(), now.0],
    )?;
    Ok(())
}

/// The sessions of a user that are in force, newest first.
pub fn all(tx: &Transaction<'_>, user_id: i64, now: Moment) -> Result<Vec<Session>, StoreError> {
    let sql =
        format!("SELECT {SESSION} FROM sessions s WHERE s.user_id = ?1 AND {IN_FORCE} ORDER BY s.id DESC");
    let mut query = tx.prepare_cached(&sql)?;
    let sessions = query.query_map(params![user_id, now.0], |row| session(row, 0))?;
    Ok(sessions.collect::<Result<_, _>>()?)
}

fn by_id(tx: &Transaction<'_>, user_id: i64, id: i64, now: Moment) -> Result<Option<Session>, StoreError> {
    let sql = format!("SELECT {SESSION} FROM sessions s WHERE s.user_id = ?1 AND s.id = ?3 AND {IN_FORCE}");
    let mut query = tx.prepare_cached(&sql)?;
    Ok(query.query_row(params![user_id, now.0, id], |row| session(row, 0)).optional()?)
}

/// Ends a session of the actor.
pub fn revoke(
    tx: &Transaction<'_>,
    actor: &Actor,
    session_id: i64,
    now: Moment,
) -> Result<Session, StoreError> {
    let session = by_id(tx, actor.user_id()?, session_id, now)?.ok_or(StoreError::NotFound)?;
    tx.execute("UPDATE sessions SET revoked_at = ?2 WHERE id = ?1", params![session_id, now.0])?;
    tx.execute(
        "UPDATE tokens SET revoked_at = ?2 WHERE session_id = ?1 AND revoked_at IS NULL",
        params![session_id, now.0],
    )?;
    audit::record(tx, actor, now, None, "session.revoke", &logged(&session))?;
    Ok(session)
}

/// A session, as log entries show it.
fn logged(session: &Session) -> Value {
    json!({
        "id": session.id,
        "name": session.name,
        "client_id": session.client_id,
        "scopes": session.scopes,
    })
}
