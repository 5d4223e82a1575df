//! The audit log: who did what with which client. Entries are written in the transaction of the deed
//! and hold the state of the things at that time, in the shapes that hexpm shows.

use rusqlite::{Transaction, params};
use serde_json::{Map, Value, json};

use super::rows;
use crate::{
    clock::Moment,
    store::{Actor, Key, LogEntry, StoreError, User},
};

const PAGE: i64 = 100;

/// Writes one entry.
pub fn record(
    tx: &Transaction<'_>,
    actor: &Actor,
    now: Moment,
    package_id: Option<i64>,
    action: &str,
    params: &Value,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO audit_logs (user_id, package_id, action, user_agent, params, inserted_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![actor.user_id, package_id, action, actor.user_agent, rows::to_json(params)?, now.0],
    )?;
    Ok(())
}

/// The entries of a user, newest first.
pub fn of_user(tx: &Transaction<'_>, user_id: i64, page: u32) -> Result<Vec<LogEntry>, StoreError> {
    select(tx, "user_id", user_id, page)
}

/// The entries of a package, newest first.
pub fn of_package(tx: &Transaction<'_>, package_id: i64, page: u32) -> Result<Vec<LogEntry>, StoreError> {
    select(tx, "package_id", package_id, page)
}

fn select(tx: &Transaction<'_>, column: &str, id: i64, page: u32) -> Result<Vec<LogEntry>, StoreError> {
    let offset = i64::from(page.saturating_sub(1)) * PAGE;
    let mut query = tx.prepare_cached(&format!(
        "SELECT action, user_agent, params FROM audit_logs WHERE {column} = ?1
         ORDER BY id DESC LIMIT {PAGE} OFFSET ?2"
    ))?;
    let entries = query.query_map(params![id, offset], |row| {
        Ok(LogEntry { action: row.get(0)?, user_agent: row.get(1)?, params: rows::json(row, 2)? })
    })?;
    Ok(entries.collect::<Result<_, _>>()?)
}

/// A user, as log entries show it.
pub fn user(user: &User) -> Value {
    let networks = ["bluesky", "elixirforum", "freenode", "github", "slack", "twitter", "url"];
    let handles: Map<String, Value> = networks.iter().map(|n| ((*n).to_owned(), Value::Null)).collect();
    json!({"id": user.id, "username": user.username, "handles": handles})
}

/// A key, as log entries show it.
pub fn key(key: &Key, owner: &User) -> Value {
    json!({
        "id": key.id,
        "name": key.name,
        "organization": null,
        "permissions": key.permissions,
        "user": user(owner),
    })
}
