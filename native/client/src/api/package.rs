//! Packages: search, details, audit log.

use std::collections::BTreeMap;

use hexide_core::Result;
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    AuditLog, or_default,
    summary::{OwnerSummary, ReleaseSummary, RetirementStatus},
};
use crate::client::Client;

/// A package as the API shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// The repository it is in.
    pub repository: Option<String>,
    /// What its author says of it.
    pub meta: Option<Meta>,
    /// Its releases, latest first.
    #[serde(default, deserialize_with = "or_default")]
    pub releases: Vec<ReleaseSummary>,
    /// Why releases are retired, by version.
    #[serde(default, deserialize_with = "or_default")]
    pub retirements: BTreeMap<String, RetirementStatus>,
    /// Its owners; searching does not show them.
    pub owners: Option<Vec<OwnerSummary>>,
    /// The latest version.
    pub latest_version: Option<String>,
    /// The latest version that is no pre-release.
    pub latest_stable_version: Option<String>,
    /// How to depend on it, by the file of the build tool.
    #[serde(default, deserialize_with = "or_default")]
    pub configs: BTreeMap<String, String>,
    /// Downloads by period (`all`, `recent`, `week`, `day`), or an empty collection.
    pub downloads: Option<Value>,
    /// Known security advisories.
    pub security_advisories: Option<Vec<Value>>,
    /// Address in the API.
    pub url: Option<String>,
    /// Page for people.
    pub html_url: Option<String>,
    /// Its documentation.
    pub docs_html_url: Option<String>,
    /// When it was first published, RFC 3339.
    pub inserted_at: Option<String>,
    /// When it last changed, RFC 3339.
    pub updated_at: Option<String>,
}

/// What the author of a package says of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Meta {
    /// One paragraph.
    pub description: Option<String>,
    /// SPDX licence identifiers.
    #[serde(default, deserialize_with = "or_default")]
    pub licenses: Vec<String>,
    /// Addresses by label.
    #[serde(default, deserialize_with = "or_default")]
    pub links: BTreeMap<String, String>,
    /// Names of people; no longer in use.
    #[serde(default, deserialize_with = "or_default")]
    pub maintainers: Vec<String>,
}

/// What to search for. All fields may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Words, or `name:`, `description:`, `depends:`, `build_tool:`, `updated_after:`, `extra:` terms.
    pub query: Option<String>,
    /// `name`, `recent_downloads`, `total_downloads`, `inserted_at` or `updated_at`.
    pub sort: Option<String>,
    /// Counted from 1.
    pub page: Option<u32>,
    /// Up to 100.
    pub per_page: Option<u32>,
}

/// The package of that name.
///
/// # Errors
/// `not_found`, and those of every request.
pub async fn get(client: &Client, name: &str) -> Result<Package> {
    client.ask(client.api_in_repository(Method::GET, &["packages", name])?.kept()).await
}

/// One page of packages.
///
/// # Errors
/// Those of every request.
pub async fn search(client: &Client, search: &Search) -> Result<Vec<Package>> {
    let number = |n: Option<u32>| n.map(|n| n.to_string());
    let pairs = [
        ("search", search.query.clone()),
        ("sort", search.sort.clone()),
        ("page", number(search.page)),
        ("per_page", number(search.per_page)),
    ];
    let given: Vec<_> = pairs.iter().filter_map(|(key, value)| Some((*key, value.as_deref()?))).collect();
    let request = client.api_in_repository(Method::GET, &["packages"])?.kept();
    client.ask(if given.is_empty() { request } else { request.query(&given) }).await
}

/// What was done to the package, latest first: one page, counted from 1.
///
/// # Errors
/// `unauthorized`, `not_found`, and those of every request.
pub async fn audit_log(client: &Client, name: &str, page: Option<u32>) -> Result<Vec<AuditLog>> {
    let request = client.api_in_repository(Method::GET, &["packages", name, "audit-logs"])?;
    client.ask(request.page(page)).await
}
