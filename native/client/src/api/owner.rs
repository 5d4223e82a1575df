//! Owners of a package.

use std::collections::BTreeMap;

use hexide_core::Result;
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::or_default;
use crate::client::Client;

/// An owner of a package.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Owner {
    /// User name.
    pub username: String,
    /// What the owner may do: `full` or `maintainer`.
    pub level: Option<String>,
    /// E-mail address, where it is public.
    pub email: Option<String>,
    /// Full name.
    pub full_name: Option<String>,
    /// Addresses elsewhere, by service.
    #[serde(default, deserialize_with = "or_default")]
    pub handles: BTreeMap<String, Option<String>>,
    /// Address in the API.
    pub url: Option<String>,
    /// When the user registered, RFC 3339.
    pub inserted_at: Option<String>,
    /// When the user last changed, RFC 3339.
    pub updated_at: Option<String>,
}

/// What an owner may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Everything, owners included.
    Full,
    /// Publish.
    Maintainer,
}

/// All owners.
///
/// # Errors
/// `not_found`, `unauthorized`, and those of every request.
pub async fn list(client: &Client, package: &str) -> Result<Vec<Owner>> {
    client.ask(client.api_in_repository(Method::GET, &["packages", package, "owners"])?.kept()).await
}

/// One owner, by user name or e-mail address.
///
/// # Errors
/// `not_found` also where the user exists and is no owner; and those of every request.
pub async fn get(client: &Client, package: &str, user: &str) -> Result<Owner> {
    client.ask(client.api_in_repository(Method::GET, &["packages", package, "owners", user])?.kept()).await
}

/// Makes a user (by name or e-mail address) an owner; with `transfer` the only one.
///
/// # Errors
/// `not_found`, `invalid`, `unauthorized`, `forbidden`, and those of every request.
pub async fn add(client: &Client, package: &str, user: &str, level: Level, transfer: bool) -> Result<()> {
    let request = client.api_in_repository(Method::PUT, &["packages", package, "owners", user])?;
    client.call(request.json(&json!({"level": level, "transfer": transfer}))?).await.map(drop)
}

/// Removes an owner.
///
/// # Errors
/// `not_found`, `invalid` for the last one, `unauthorized`, `forbidden`, and those of every request.
pub async fn remove(client: &Client, package: &str, user: &str) -> Result<()> {
    let path = ["packages", package, "owners", user];
    client.call(client.api_in_repository(Method::DELETE, &path)?).await.map(drop)
}
