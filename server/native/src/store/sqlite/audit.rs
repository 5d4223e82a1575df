//! The audit log: who did what with which client. Entries are written in the transaction of the deed
//! and hold the state of the things at that time, in the shapes that hexpm shows.

use rusqlite::{OptionalExtension, Transaction, params};
use serde_json::{Map, Value, json};

use super::rows;
use crate::{
    clock::Moment,
    store::{Actor, Key, LogEntry, Organization, Principal, StoreError, User},
};

const PAGE: i64 = 100;

/// Writes one entry. What is done to a private package, or with an organization's key, is in the
/// organization's log too.
pub fn record(
    tx: &Transaction<'_>,
    actor: &Actor,
    now: Moment,
    package_id: Option<i64>,
    action: &str,
    params: &Value,
) -> Result<(), StoreError> {
    let private = "SELECT g.id FROM organizations g JOIN packages p ON p.repository_id = g.repository_id
                   WHERE p.id = ?1";
    let organization_id = match (actor.principal.organization(), package_id) {
        (None, Some(id)) => tx.prepare_cached(private)?.query_row([id], |row| row.get(0)).optional()?,
        (own, _) => own,
    };
    write(tx, actor, now, (package_id, organization_id), action, params)
}

/// Writes one entry about an organization.
pub fn record_in(
    tx: &Transaction<'_>,
    actor: &Actor,
    now: Moment,
    organization_id: i64,
    action: &str,
    params: &Value,
) -> Result<(), StoreError> {
    write(tx, actor, now, (None, Some(organization_id)), action, params)
}

fn write(
    tx: &Transaction<'_>,
    actor: &Actor,
    now: Moment,
    (package_id, organization_id): (Option<i64>, Option<i64>),
    action: &str,
    params: &Value,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO audit_logs
         (user_id, organization_id, package_id, action, user_agent, params, inserted_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            actor.principal.user(),
            organization_id,
            package_id,
            action,
            actor.user_agent,
            rows::to_json(params)?,
            now.0
        ],
    )?;
    Ok(())
}

/// The entries of a user, newest first.
pub fn of_user(tx: &Transaction<'_>, user_id: i64, page: u32) -> Result<Vec<LogEntry>, StoreError> {
    select(tx, "user_id", user_id, page)
}

/// The entries of an organization, newest first.
pub fn of_organization(
    tx: &Transaction<'_>,
    organization_id: i64,
    page: u32,
) -> Result<Vec<LogEntry>, StoreError> {
    select(tx, "organization_id", organization_id, page)
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

/// An organization, as log entries show it.
pub fn organization(organization: &Organization) -> Value {
    json!({"id": organization.id, "name": organization.name})
}

/// A key, as log entries show it.
pub fn key(key: &Key, owner: &Principal) -> Value {
    let (of_user, of_organization) = match owner {
        Principal::User(owner) => (user(owner), Value::Null),
        Principal::Organization(owner) => (Value::Null, organization(owner)),
    };
    json!({
        "id": key.id,
        "name": key.name,
        "organization": of_organization,
        "permissions": key.permissions,
        "user": of_user,
    })
}
