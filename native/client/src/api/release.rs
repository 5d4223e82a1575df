//! Releases: publish, details, revert, retire.

use std::collections::BTreeMap;

use bytes::Bytes;
use hexide_core::{Code, Error, Result};
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    or_default,
    summary::{OwnerSummary, RetirementStatus},
};
use crate::{client::Client, progress::Progress};

/// A release as the API shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Release {
    /// The version.
    pub version: String,
    /// The outer checksum: SHA-256 of the tarball in lower-case hex.
    pub checksum: Option<String>,
    /// What its metadata says.
    pub meta: Option<Meta>,
    /// What it depends on, by package.
    #[serde(default, deserialize_with = "or_default")]
    pub requirements: BTreeMap<String, Requirement>,
    /// Set where it is retired.
    pub retirement: Option<RetirementStatus>,
    /// Whether it has documentation.
    pub has_docs: Option<bool>,
    /// Who published it.
    pub publisher: Option<OwnerSummary>,
    /// How to depend on it, by the file of the build tool.
    #[serde(default, deserialize_with = "or_default")]
    pub configs: BTreeMap<String, String>,
    /// Downloads: a number, or pairs of period and number.
    pub downloads: Option<Value>,
    /// Known security advisories.
    pub security_advisories: Option<Vec<Value>>,
    /// Address in the API.
    pub url: Option<String>,
    /// Address of the package in the API.
    pub package_url: Option<String>,
    /// Page for people.
    pub html_url: Option<String>,
    /// Its documentation.
    pub docs_html_url: Option<String>,
    /// When it was published, RFC 3339.
    pub inserted_at: Option<String>,
    /// When it last changed, RFC 3339.
    pub updated_at: Option<String>,
}

/// What the metadata of a release says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Meta {
    /// The OTP application.
    pub app: Option<String>,
    /// The build tools.
    #[serde(default, deserialize_with = "or_default")]
    pub build_tools: Vec<String>,
    /// The Elixir requirement.
    pub elixir: Option<String>,
}

/// One dependency of a [`Release`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Requirement {
    /// The OTP application.
    pub app: Option<String>,
    /// Whether it is optional.
    pub optional: Option<bool>,
    /// The version requirement.
    pub requirement: Option<String>,
}

/// Why a release is to be retired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Retirement {
    /// The reason.
    pub reason: Reason,
    /// A message for people, 3 to 140 characters.
    pub message: Option<String>,
}

/// The reasons for retiring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// None of the others.
    Other,
    /// It does not work.
    Invalid,
    /// It has a vulnerability.
    Security,
    /// It is not maintained.
    Deprecated,
    /// It goes on under another name.
    Renamed,
}

/// The release of that version.
///
/// # Errors
/// `not_found`, and those of every request.
pub async fn get(client: &Client, name: &str, version: &str) -> Result<Release> {
    client.ask(client.api_in_repository(Method::GET, &["packages", name, "releases", version])?.kept()).await
}

/// Publishes a package tarball. `replace` allows to replace the release where it exists; it is always
/// sent, because servers take its absence for consent.
///
/// # Errors
/// `already_published`, `invalid`, `too_large`, `unauthorized`, `forbidden`, `otp_required`,
/// `otp_invalid`, and those of every request.
pub async fn publish(
    client: &Client,
    tarball: Bytes,
    replace: bool,
    progress: Option<Progress>,
) -> Result<Release> {
    bounded(&tarball, client.config.tarball_max_size, "package")?;
    let replace = if replace { "true" } else { "false" };
    let request = client.api_in_repository(Method::POST, &["publish"])?.query(&[("replace", replace)]);
    client.ask(request.tarball(tarball, progress, None)).await
}

/// Takes a release back, which servers allow for a while. Taking the last one back removes the package.
///
/// # Errors
/// `not_found`, `unauthorized`, `forbidden`, `invalid`, and those of every request.
pub async fn revert(client: &Client, name: &str, version: &str) -> Result<()> {
    let path = ["packages", name, "releases", version];
    client.call(client.api_in_repository(Method::DELETE, &path)?).await.map(drop)
}

/// Retires a release.
///
/// # Errors
/// `not_found`, `unauthorized`, `forbidden`, `invalid`, and those of every request.
pub async fn retire(client: &Client, name: &str, version: &str, retirement: &Retirement) -> Result<()> {
    let path = ["packages", name, "releases", version, "retire"];
    client.call(client.api_in_repository(Method::POST, &path)?.json(retirement)?).await.map(drop)
}

/// Undoes a retirement.
///
/// # Errors
/// `not_found`, `unauthorized`, `forbidden`, and those of every request.
pub async fn unretire(client: &Client, name: &str, version: &str) -> Result<()> {
    let path = ["packages", name, "releases", version, "retire"];
    client.call(client.api_in_repository(Method::DELETE, &path)?).await.map(drop)
}

/// Retires every release of a package; with `replace` also those that are retired for another reason.
///
/// # Errors
/// As [`retire`].
pub async fn retire_all(client: &Client, name: &str, retirement: &Retirement, replace: bool) -> Result<()> {
    let body = json!({"reason": retirement.reason, "message": retirement.message, "replace": replace});
    let request = client.api_in_repository(Method::POST, &["packages", name, "retire"])?.json(&body)?;
    client.call(request).await.map(drop)
}

/// Refuses what the server would refuse after a long upload.
pub(super) fn bounded(tarball: &Bytes, limit: Option<u64>, kind: &str) -> Result<()> {
    match limit {
        Some(limit) if u64::try_from(tarball.len()).unwrap_or(u64::MAX) > limit => {
            let message = format!("The {kind} tarball has {} bytes; {limit} are allowed", tarball.len());
            Err(Error::new(Code::TooLarge, message).with(|d| d.limit = Some(limit)))
        }
        _ => Ok(()),
    }
}
