//! Devices that ask to be signed in.

use rusqlite::{OptionalExtension, Row, Transaction, params};
use serde_json::json;

use super::rows;
use crate::{
    clock::Moment,
    store::{Actor, DeviceRequest, DeviceState, NewDevice, StoreError, plain_user_code},
};

const DEVICE: &str = "d.id, d.client_id, d.scopes, d.name, d.user_code, d.ip, d.user_agent, d.state, \
                      d.inserted_at, d.expires_at";
/// How long a request is still known as one that came too late, in microseconds.
const REMEMBERED: i64 = 3600 * 1_000_000;

/// A request, and what only this module's siblings need of it.
pub struct Found {
    /// The request.
    pub device: DeviceRequest,
    /// Who approved it.
    pub user_id: Option<i64>,
    /// When the device last asked.
    pub polled_at: Option<Moment>,
}

fn device(row: &Row<'_>, now: Moment) -> rusqlite::Result<DeviceRequest> {
    let expires_at = Moment(row.get(9)?);
    let state: String = row.get(7)?;
    let state = match state.as_str() {
        "spent" => DeviceState::Spent,
        "denied" => DeviceState::Denied,
        _ if expires_at <= now => DeviceState::Expired,
        "approved" => DeviceState::Approved,
        _ => DeviceState::Pending,
    };
    Ok(DeviceRequest {
        id: row.get(0)?,
        client_id: row.get(1)?,
        scopes: rows::json(row, 2)?,
        name: row.get(3)?,
        user_code: row.get(4)?,
        ip: row.get(5)?,
        user_agent: row.get(6)?,
        state,
        inserted_at: Moment(row.get(8)?),
        expires_at,
    })
}

/// Notes a request, and forgets those of long ago.
pub fn create(tx: &Transaction<'_>, new: &NewDevice, now: Moment) -> Result<DeviceRequest, StoreError> {
    tx.execute("DELETE FROM devices WHERE expires_at < ?1", [now.0 - REMEMBERED])?;
    tx.execute(
        "INSERT INTO devices (client_id, scopes, name, user_code, code_hash, ip, user_agent, state,
                              inserted_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'pending', ?8, ?9)",
        params![
            new.client_id,
            rows::to_json(&new.scopes)?,
            new.name,
            new.user_code,
            new.code_hash.as_slice(),
            new.ip,
            new.user_agent,
            now.0,
            new.expires_at.0
        ],
    )?;
    by_user_code(tx, &new.user_code, now)?.ok_or(StoreError::NotFound)
}

/// The request with that user code.
pub fn by_user_code(
    tx: &Transaction<'_>,
    typed: &str,
    now: Moment,
) -> Result<Option<DeviceRequest>, StoreError> {
    let sql = format!("SELECT {DEVICE} FROM devices d WHERE d.user_code = ?1");
    let found = tx.prepare_cached(&sql)?.query_row([plain_user_code(typed)], |row| device(row, now));
    Ok(found.optional()?)
}

/// The request of the device that asks with that code.
pub fn by_code(tx: &Transaction<'_>, hash: &[u8; 32], now: Moment) -> Result<Option<Found>, StoreError> {
    let sql = format!("SELECT {DEVICE}, d.user_id, d.polled_at FROM devices d WHERE d.code_hash = ?1");
    let found = tx.prepare_cached(&sql)?.query_row([hash.as_slice()], |row| {
        let polled_at = row.get::<_, Option<i64>>(11)?.map(Moment);
        Ok(Found { device: device(row, now)?, user_id: row.get(10)?, polled_at })
    });
    Ok(found.optional()?)
}

/// Notes that a device asked.
pub fn polled(tx: &Transaction<'_>, id: i64, now: Moment) -> Result<(), StoreError> {
    tx.execute("UPDATE devices SET polled_at = ?2 WHERE id = ?1", params![id, now.0])?;
    Ok(())
}

/// Notes that a device got its tokens.
pub fn spent(tx: &Transaction<'_>, id: i64) -> Result<(), StoreError> {
    tx.execute("UPDATE devices SET state = 'spent' WHERE id = ?1", [id])?;
    Ok(())
}

/// Approves or refuses.
pub fn decide(
    tx: &Transaction<'_>,
    actor: &Actor,
    user_code: &str,
    approve: bool,
    now: Moment,
) -> Result<DeviceRequest, StoreError> {
    let mut device = by_user_code(tx, user_code, now)?.ok_or(StoreError::NotFound)?;
    let refusal = match device.state {
        DeviceState::Pending => None,
        DeviceState::Expired => Some("has expired"),
        DeviceState::Approved | DeviceState::Denied | DeviceState::Spent => Some("was decided already"),
    };
    if let Some(refusal) = refusal {
        return Err(StoreError::Invalid(json!({"user_code": refusal})));
    }
    let (state, name) =
        if approve { (DeviceState::Approved, "approved") } else { (DeviceState::Denied, "denied") };
    tx.execute(
        "UPDATE devices SET state = ?2, user_id = ?3 WHERE id = ?1",
        params![device.id, name, actor.user_id()?],
    )?;
    device.state = state;
    Ok(device)
}
