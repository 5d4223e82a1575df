//! The signed index.

use std::sync::Arc;

use hexide_core::{
    Code, Error, Result,
    registry::{self, Names, Origin, Package, Policy, PublicKey, Versions},
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

/// A resource of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked<'a> {
    /// Every package of the repository.
    Names,
    /// Every version of every package of the repository.
    Versions,
    /// The releases of one package.
    Package(&'a str),
    /// A dependency policy of the organization whose repository this is.
    Policy(&'a str),
}

/// Every package of the repository.
///
/// # Errors
/// Those of [`index`].
pub async fn names(client: &Client, if_none_match: Option<&str>) -> Result<Fetched<Names>> {
    index(client, Asked::Names, if_none_match, registry::decode).await
}

/// Every version of every package of the repository.
///
/// # Errors
/// Those of [`index`].
pub async fn versions(client: &Client, if_none_match: Option<&str>) -> Result<Fetched<Versions>> {
    index(client, Asked::Versions, if_none_match, registry::decode).await
}

/// The releases of one package.
///
/// # Errors
/// Those of [`index`].
pub async fn package(client: &Client, name: &str, if_none_match: Option<&str>) -> Result<Fetched<Package>> {
    index(client, Asked::Package(name), if_none_match, registry::decode).await
}

/// A dependency policy of the organization whose repository this is.
///
/// # Errors
/// Those of [`index`].
pub async fn policy(client: &Client, name: &str, if_none_match: Option<&str>) -> Result<Fetched<Policy>> {
    index(client, Asked::Policy(name), if_none_match, registry::decode).await
}

/// The releases of one package as they are now.
pub(super) async fn current(client: &Client, name: &str) -> Result<Package> {
    package(client, name, None)
        .await?
        .value
        .ok_or_else(|| Error::new(Code::Protocol, format!("The repository gave no entry of {name}")))
}

/// Fetches a resource, bounds and verifies it, and then has its payload decoded, in this order, so that
/// nothing unsigned is ever looked at. `decode` is given the payload and the origin that it must name, if
/// that is to be checked; it runs within the CPU budget, and more than once where what was kept is no good.
///
/// # Errors
/// `bad_signature`, `bad_config` without a public key, `not_found`, those of every request and those of
/// `decode`; `invalid` where a package is asked for by what is no package name.
pub async fn index<T, Decode>(
    client: &Client,
    asked: Asked<'_>,
    if_none_match: Option<&str>,
    decode: Decode,
) -> Result<Fetched<T>>
where
    T: Send + 'static,
    Decode: Fn(&[u8], Option<Origin<'_>>) -> Result<T> + Send + Sync + 'static,
{
    let (path, name) = match asked {
        Asked::Names => (vec!["names"], None),
        Asked::Versions => (vec!["versions"], None),
        Asked::Package(name) => {
            check_name(name)?;
            (vec!["packages", name], Some(name))
        }
        Asked::Policy(name) => (vec!["policies", name], Some(name)),
    };
    let pem = public_key_pem(client)?;
    let mut request = client.resource(&path, DOWNLOAD_LIMIT)?;
    request.if_none_match = if_none_match.map(str::to_owned);
    let pem = pem.as_deref();
    let decode = Arc::new(decode);
    let read = move |reply| {
        let decode = decode.clone();
        async move { read(client, reply, pem.map(str::to_owned), name.map(str::to_owned), decode).await }
    };
    client.fetch(request, read).await
}

async fn read<T, Decode>(
    client: &Client,
    reply: Reply,
    pem: Option<String>,
    name: Option<String>,
    decode: Arc<Decode>,
) -> Result<Fetched<T>>
where
    T: Send + 'static,
    Decode: Fn(&[u8], Option<Origin<'_>>) -> Result<T> + Send + Sync + 'static,
{
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
                .and_then(|payload| decode(&payload, check_origin.then_some(origin)))
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
