//! The signed index.

use hexide_core::{
    Code, Error, Result,
    registry::{self, Names, Origin, Package, Policy, PublicKey, Resource, Versions},
};
use http::{StatusCode, header::ETAG};

use super::check_name;
use crate::{client::Client, transport::Reply};

/// The largest resource as it travels; the largest of hex.pm has 140 kB.
const DOWNLOAD_LIMIT: u64 = 16 << 20;

/// The largest resource inflated.
const INFLATED_LIMIT: u64 = 64 << 20;

/// What was fetched, and under which tag to ask for changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched<T> {
    /// The resource; `None` where it has not changed since the version asked about.
    pub value: Option<T>,
    /// Its ETag, as the server wrote it.
    pub etag: Option<String>,
}

/// Every package of the repository.
///
/// # Errors
/// `bad_signature`, `bad_origin`, `bad_config` without a public key, `not_found`, and those of every
/// request.
pub async fn names(client: &Client, if_none_match: Option<&str>) -> Result<Fetched<Names>> {
    fetch(client, &["names"], None, if_none_match).await
}

/// Every version of every package of the repository.
///
/// # Errors
/// As [`names`].
pub async fn versions(client: &Client, if_none_match: Option<&str>) -> Result<Fetched<Versions>> {
    fetch(client, &["versions"], None, if_none_match).await
}

/// The releases of one package.
///
/// # Errors
/// As [`names`]; `invalid` where `name` is no package name.
pub async fn package(client: &Client, name: &str, if_none_match: Option<&str>) -> Result<Fetched<Package>> {
    check_name(name)?;
    fetch(client, &["packages", name], Some(name), if_none_match).await
}

/// A dependency policy of the organization whose repository this is.
///
/// # Errors
/// As [`names`].
pub async fn policy(client: &Client, name: &str, if_none_match: Option<&str>) -> Result<Fetched<Policy>> {
    fetch(client, &["policies", name], Some(name), if_none_match).await
}

/// The releases of one package as they are now.
pub(super) async fn current(client: &Client, name: &str) -> Result<Package> {
    package(client, name, None)
        .await?
        .value
        .ok_or_else(|| Error::new(Code::Protocol, format!("The repository gave no entry of {name}")))
}

/// Fetches, bounds, verifies and decodes, in this order, so that nothing unsigned is ever looked at.
async fn fetch<R: Resource + Send + 'static>(
    client: &Client,
    path: &[&str],
    name: Option<&str>,
    if_none_match: Option<&str>,
) -> Result<Fetched<R>> {
    let pem = public_key_pem(client)?;
    let mut request = client.resource(path, DOWNLOAD_LIMIT)?;
    request.if_none_match = if_none_match.map(str::to_owned);
    let pem = pem.as_deref();
    let read = move |reply| async move {
        read(client, reply, pem.map(str::to_owned), name.map(str::to_owned)).await
    };
    client.fetch(request, read).await
}

async fn read<R: Resource + Send + 'static>(
    client: &Client,
    reply: Reply,
    pem: Option<String>,
    name: Option<String>,
) -> Result<Fetched<R>> {
    let etag = reply.header(ETAG).map(str::to_owned);
    if reply.status == StatusCode::NOT_MODIFIED {
        return Ok(Fetched { value: None, etag });
    }
    let repository = client.repository_name().to_owned();
    let check_origin = client.config.repo_verify_origin;
    let value = client
        .compute(move || {
            let key = pem.as_deref().map(PublicKey::from_pem).transpose()?;
            let origin = Origin { repository: &repository, name: name.as_deref() };
            let payload = registry::verify(&reply.body, key.as_ref(), INFLATED_LIMIT);
            payload
                .and_then(|payload| registry::decode(&payload, check_origin.then_some(origin)))
                .map_err(|error| error.with(|d| d.url = Some(reply.url.clone())))
        })
        .await?;
    Ok(Fetched { value: Some(value), etag })
}

/// The key to verify with; `None` where verifying is switched off.
fn public_key_pem(client: &Client) -> Result<Option<String>> {
    let config = &client.config;
    if !config.repo_verify {
        return Ok(None);
    }
    match &config.repo_public_key {
        Some(pem) => Ok(Some(pem.clone())),
        None => {
            let message =
                format!("The repository {} has no repo_public_key to verify it with", config.repo_name);
            Err(Error::new(Code::BadConfig, message).with(|d| d.key = Some("repo_public_key".to_owned())))
        }
    }
}
