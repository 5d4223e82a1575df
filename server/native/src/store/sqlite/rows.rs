//! From rows to the nouns of the store.

use rusqlite::{Row, types::Type};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    clock::Moment,
    store::{Reason, Retirement, StoreError, User},
};

/// The columns that [`user`] reads, in its order.
pub const USER: &str = "u.id, u.username, u.email, u.full_name, u.confirmed, u.inserted_at, u.updated_at";

/// Reads a user from the column `first` on.
pub fn user(row: &Row<'_>, first: usize) -> rusqlite::Result<User> {
    Ok(User {
        id: row.get(first)?,
        username: row.get(first + 1)?,
        email: row.get(first + 2)?,
        full_name: row.get(first + 3)?,
        confirmed: row.get(first + 4)?,
        inserted_at: Moment(row.get(first + 5)?),
        updated_at: Moment(row.get(first + 6)?),
    })
}

/// Reads a retirement from two columns: reason and message.
pub fn retirement(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Retirement>> {
    let reason: Option<String> = row.get(first)?;
    let message = row.get(first + 1)?;
    Ok(reason.and_then(|name| Reason::parse(&name)).map(|reason| Retirement { reason, message }))
}

/// Reads a column that holds JSON.
pub fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

/// Writes JSON for a column.
pub fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Broken(error.to_string()))
}
