//! API keys of the user, or of an organization where `api_organization` is set.

use hexide_core::Result;
use http::Method;
use serde::{Deserialize, Serialize};

use super::{Secret, or_default};
use crate::{client::Client, transport::Request};

/// An API key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Key {
    /// Its name; a server may have changed the one that was asked for to be unique.
    pub name: String,
    /// What it may do.
    #[serde(default, deserialize_with = "or_default")]
    pub permissions: Vec<Permission>,
    /// The key itself, shown only when it is made.
    pub secret: Option<Secret>,
    /// Whether it is the key that this request carried.
    pub authing_key: Option<bool>,
    /// When it was last used.
    pub last_use: Option<LastUse>,
    /// When it ends, RFC 3339.
    pub revoke_at: Option<String>,
    /// Address in the API.
    pub url: Option<String>,
    /// When it was made, RFC 3339.
    pub inserted_at: Option<String>,
    /// When it last changed, RFC 3339.
    pub updated_at: Option<String>,
}

/// One thing a key may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    /// `api`, `repository`, `repositories`, `package` or `docs`.
    pub domain: String,
    /// `read` or `write`, an organization, or `REPOSITORY/PACKAGE`; `None` is all of the domain.
    pub resource: Option<String>,
}

/// When and where a key was last used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastUse {
    /// RFC 3339.
    pub used_at: Option<String>,
    /// With which client.
    pub user_agent: Option<String>,
    /// From where.
    pub ip: Option<String>,
}

#[derive(Serialize)]
struct NewKey<'a> {
    name: &'a str,
    // Left out, the server gives a key to everything in `api`; `null` it does not know.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    permissions: &'a [Permission],
    #[serde(skip_serializing_if = "Option::is_none")]
    revoke_at: Option<&'a str>,
}

/// All keys.
///
/// # Errors
/// `unauthorized`, `forbidden`, and those of every request.
pub async fn list(client: &Client) -> Result<Vec<Key>> {
    client.ask(keys(client, Method::GET, &[])?).await
}

/// One key.
///
/// # Errors
/// `not_found`, `unauthorized`, and those of every request.
pub async fn get(client: &Client, name: &str) -> Result<Key> {
    client.ask(keys(client, Method::GET, &[name])?).await
}

/// Makes a key; its secret is in the result and never shown again. Without permissions it may use the
/// whole API. `revoke_at` is RFC 3339.
///
/// # Errors
/// `invalid`, `unauthorized`, `forbidden`, and those of every request.
pub async fn add(
    client: &Client,
    name: &str,
    permissions: &[Permission],
    revoke_at: Option<&str>,
) -> Result<Key> {
    let request = keys(client, Method::POST, &[])?;
    client.ask(request.json(&NewKey { name, permissions, revoke_at })?).await
}

/// Revokes a key.
///
/// # Errors
/// `not_found`, `unauthorized`, and those of every request.
pub async fn remove(client: &Client, name: &str) -> Result<()> {
    client.call(keys(client, Method::DELETE, &[name])?).await.map(drop)
}

/// Revokes all keys, the one of this request included.
///
/// # Errors
/// `unauthorized`, and those of every request.
pub async fn remove_all(client: &Client) -> Result<()> {
    client.call(keys(client, Method::DELETE, &[])?).await.map(drop)
}

fn keys(client: &Client, method: Method, name: &[&str]) -> Result<Request> {
    match &client.config.api_organization {
        Some(organization) => client.api(method, &[&["orgs", organization, "keys"], name].concat()),
        None => client.api(method, &[&["keys"], name].concat()),
    }
}
