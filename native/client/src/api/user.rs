//! Users: register, details, audit log.

use std::collections::BTreeMap;

use hexide_core::Result;
use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{AuditLog, or_default};
use crate::{client::Client, credentials::check_secure, transport::Request};

/// A user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// User name.
    pub username: String,
    /// E-mail address, where it is public or one's own.
    pub email: Option<String>,
    /// Full name.
    pub full_name: Option<String>,
    /// Addresses elsewhere, by service.
    #[serde(default, deserialize_with = "or_default")]
    pub handles: BTreeMap<String, Option<String>>,
    /// Packages the user owns.
    pub packages: Option<Vec<OwnedPackage>>,
    /// Addresses in the API of the packages the user owns, by name.
    pub owned_packages: Option<BTreeMap<String, String>>,
    /// Organizations one is in; shown of oneself only.
    pub organizations: Option<Vec<Membership>>,
    /// Address in the API.
    pub url: Option<String>,
    /// When the user registered, RFC 3339.
    pub inserted_at: Option<String>,
    /// When the user last changed, RFC 3339.
    pub updated_at: Option<String>,
}

/// A package that a [`User`] owns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnedPackage {
    /// Its name.
    pub name: String,
    /// The repository it is in.
    pub repository: Option<String>,
    /// Address in the API.
    pub url: Option<String>,
    /// Page for people.
    pub html_url: Option<String>,
}

/// An organization that a [`User`] is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// Its name.
    pub name: String,
    /// `admin`, `write` or `read`.
    pub role: Option<String>,
}

/// Registers a user.
///
/// # Errors
/// `invalid`, `bad_config` where the password would travel in clear text, and those of every request.
pub async fn register(client: &Client, username: &str, password: &SecretString, email: &str) -> Result<User> {
    check_secure(&client.api, "api_url")?;
    let body = json!({"username": username, "password": password.expose_secret(), "email": email});
    let request = client.api(Method::POST, &["users"])?.json(&body)?;
    client.ask(Request { secret: Some(password.clone()), ..request }).await
}

/// The user that the credentials belong to.
///
/// # Errors
/// `unauthorized`, `forbidden`, and those of every request.
pub async fn me(client: &Client) -> Result<User> {
    client.ask(client.api(Method::GET, &["users", "me"])?).await
}

/// A user, by name or e-mail address.
///
/// # Errors
/// `not_found`, and those of every request.
pub async fn get(client: &Client, user: &str) -> Result<User> {
    client.ask(client.api(Method::GET, &["users", user])?).await
}

/// Has the server send a mail with which a user (by name or e-mail address) sets a new password.
///
/// # Errors
/// `not_found` where the server does not offer it (hex.pm no longer does), `rate_limited`, and those of
/// every request. Whether there is such a user a server had better not say.
pub async fn reset_password(client: &Client, user: &str) -> Result<()> {
    client.call(client.api(Method::POST, &["users", user, "reset"])?).await.map(drop)
}

/// What was done by the user that the credentials belong to: one page, counted from 1.
///
/// # Errors
/// `unauthorized`, and those of every request.
pub async fn audit_log(client: &Client, page: Option<u32>) -> Result<Vec<AuditLog>> {
    client.ask(client.api(Method::GET, &["users", "me", "audit-logs"])?.page(page)).await
}
