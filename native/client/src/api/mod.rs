//! The HTTP API, one noun a file (docs/protocol.md §3).
//!
//! Reply fields that are not known are ignored; optional ones that are missing are `None`.

pub mod auth;
pub mod docs;
pub mod key;
pub mod oauth;
pub mod organization;
pub mod owner;
pub mod package;
pub mod release;
pub(crate) mod reply;
mod request;
mod secret;
pub mod summary;
pub mod user;

pub(crate) use request::address;
pub use secret::Secret;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// One entry of an audit log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditLog {
    /// What was done, such as `release.publish`.
    pub action: String,
    /// With which client.
    pub user_agent: Option<String>,
    /// To what; its shape depends on the action.
    pub params: Option<Value>,
}

/// Reads `null` as the default: servers write it for empty lists and maps.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
