//! Organizations and their members.

use std::collections::BTreeMap;

use hexide_core::Result;
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{AuditLog, or_default};
use crate::client::Client;

/// An organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// Its name, which is also that of its repository.
    pub name: String,
    /// Whether it is paid for.
    pub billing_active: Option<bool>,
    /// How many members it may have; listings leave it out.
    pub seats: Option<u32>,
    /// When it was made, RFC 3339.
    pub inserted_at: Option<String>,
    /// When it last changed, RFC 3339.
    pub updated_at: Option<String>,
}

/// A member of an organization. Listings carry the first four fields only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// User name.
    pub username: String,
    /// What the member may do: `admin`, `write` or `read`.
    pub role: Option<String>,
    /// E-mail address, where it may be seen.
    pub email: Option<String>,
    /// Address in the API.
    pub url: Option<String>,
    /// Full name.
    pub full_name: Option<String>,
    /// Addresses elsewhere, by service.
    #[serde(default, deserialize_with = "or_default")]
    pub handles: BTreeMap<String, Option<String>>,
    /// When the user registered, RFC 3339.
    pub inserted_at: Option<String>,
    /// When the user last changed, RFC 3339.
    pub updated_at: Option<String>,
}

/// What a member may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything, members and billing included.
    Admin,
    /// Publish packages.
    Write,
    /// Fetch packages.
    Read,
}

/// All organizations that one is a member of.
///
/// # Errors
/// `unauthorized`, and those of every request.
pub async fn list(client: &Client) -> Result<Vec<Organization>> {
    client.ask(client.api(Method::GET, &["orgs"])?).await
}

/// One organization.
///
/// # Errors
/// `not_found` also where one is no member; and those of every request.
pub async fn get(client: &Client, organization: &str) -> Result<Organization> {
    client.ask(client.api(Method::GET, &["orgs", organization])?).await
}

/// Changes how many members an organization may have, which changes what it costs.
///
/// # Errors
/// `not_found`, `invalid`, `forbidden`, `unauthorized`, and those of every request.
pub async fn update(client: &Client, organization: &str, seats: u32) -> Result<Organization> {
    let request = client.api(Method::POST, &["orgs", organization])?;
    client.ask(request.json(&json!({"seats": seats}))?).await
}

/// All members.
///
/// # Errors
/// `not_found`, `unauthorized`, and those of every request.
pub async fn members(client: &Client, organization: &str) -> Result<Vec<Member>> {
    client.ask(client.api(Method::GET, &["orgs", organization, "members"])?).await
}

/// One member, by user name or e-mail address.
///
/// # Errors
/// `not_found` also where the user exists and is no member; and those of every request.
pub async fn member(client: &Client, organization: &str, user: &str) -> Result<Member> {
    client.ask(client.api(Method::GET, &["orgs", organization, "members", user])?).await
}

/// Makes a user (by name or e-mail address) a member.
///
/// # Errors
/// `invalid` where no seat is left, the user is a member or there is no such user; `not_found`,
/// `forbidden`, `unauthorized`, and those of every request.
pub async fn add_member(client: &Client, organization: &str, user: &str, role: Role) -> Result<Member> {
    let request = client.api(Method::POST, &["orgs", organization, "members"])?;
    client.ask(request.json(&json!({"name": user, "role": role}))?).await
}

/// Changes what a member may do.
///
/// # Errors
/// `not_found`, `invalid` for the last administrator, `forbidden`, `unauthorized`, and those of every
/// request.
pub async fn set_role(client: &Client, organization: &str, user: &str, role: Role) -> Result<Member> {
    let request = client.api(Method::POST, &["orgs", organization, "members", user])?;
    client.ask(request.json(&json!({"role": role}))?).await
}

/// Removes a member.
///
/// # Errors
/// `not_found`, `invalid` for the last member, `forbidden`, `unauthorized`, and those of every request.
pub async fn remove_member(client: &Client, organization: &str, user: &str) -> Result<()> {
    client.call(client.api(Method::DELETE, &["orgs", organization, "members", user])?).await.map(drop)
}

/// What was done in an organization: one page, counted from 1.
///
/// # Errors
/// `not_found`, `unauthorized`, and those of every request.
pub async fn audit_log(client: &Client, organization: &str, page: Option<u32>) -> Result<Vec<AuditLog>> {
    client.ask(client.api(Method::GET, &["orgs", organization, "audit-logs"])?.page(page)).await
}
