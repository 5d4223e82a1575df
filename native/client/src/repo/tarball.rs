//! Tarballs of packages and documentation, and the public key.

use std::sync::Arc;

use bytes::Bytes;
use hexide_core::{Code, Error, Result, hex, registry, registry::PublicKey};
use sha2::{Digest, Sha256};

use super::{check_name, check_version, index};
use crate::{client::Client, progress::Progress, transport::Reply};

/// The largest PEM that is taken for a public key.
const KEY_LIMIT: u64 = 64 << 10;

/// A package tarball whose outer checksum is the expected one, or without one the registry's.
///
/// # Errors
/// `bad_checksum`, `not_found`, `too_large`, `invalid`, `bad_version`; without `expected_outer_checksum`
/// those of [`super::package`]; and those of every request.
pub async fn tarball(
    client: &Client,
    name: &str,
    version: &str,
    expected_outer_checksum: Option<[u8; 32]>,
    progress: Option<Progress>,
) -> Result<Bytes> {
    tarball_as(client, name, version, expected_outer_checksum, progress, |bytes| Ok(bytes.clone())).await
}

/// The same, and what `read` makes of it on the thread that verified it.
///
/// # Errors
/// Those of [`tarball`] and of `read`.
pub(super) async fn tarball_as<T, Read>(
    client: &Client,
    name: &str,
    version: &str,
    expected_outer_checksum: Option<[u8; 32]>,
    progress: Option<Progress>,
    read: Read,
) -> Result<T>
where
    T: Send + 'static,
    Read: Fn(&Bytes) -> Result<T> + Send + Sync + 'static,
{
    check_name(name)?;
    check_version(version)?;
    let expected = match expected_outer_checksum {
        Some(checksum) => checksum,
        None => outer_checksum(&index::current(client, name).await?, version)?,
    };
    let limit = client.config.tarball_max_size.unwrap_or(u64::MAX);
    let mut request = client.resource(&["tarballs", &format!("{name}-{version}.tar")], limit)?;
    request.progress = progress;
    request.item = Some(format!("{name}-{version}"));
    let read = Arc::new(read);
    let verified = move |Reply { body, url, .. }| {
        let read = read.clone();
        client.compute(move || {
            let actual: [u8; 32] = Sha256::digest(&body).into();
            if actual == expected {
                // That it cannot be read is no reason to fetch it again.
                return Ok(read(&body));
            }
            let message = format!("The tarball at {url} has another checksum than expected");
            Err(Error::new(Code::BadChecksum, message).with(|d| {
                d.url = Some(url);
                d.expected = Some(hex::lower(&expected));
                d.actual = Some(hex::lower(&actual));
            }))
        })
    };
    client.fetch(request, verified).await?
}

/// The documentation tarball of a release. No checksum of it exists anywhere.
///
/// # Errors
/// `not_found`, `too_large`, `invalid`, `bad_version`, and those of every request.
pub async fn docs(client: &Client, name: &str, version: &str, progress: Option<Progress>) -> Result<Bytes> {
    check_name(name)?;
    check_version(version)?;
    let limit = client.config.docs_tarball_max_size.unwrap_or(u64::MAX);
    let mut request = client.resource(&["docs", &format!("{name}-{version}.tar.gz")], limit)?;
    request.progress = progress;
    request.item = Some(format!("{name}-{version}"));
    client.fetch(request, async |reply: Reply| Ok(reply.body)).await
}

/// The public key that the repository offers, as PEM. Whether it is the right one is for the caller to
/// know: compare its fingerprint with one from elsewhere.
///
/// # Errors
/// `protocol` where the reply is no key, and those of every request.
pub async fn public_key(client: &Client) -> Result<String> {
    let mut request = client.resource(&["public_key"], KEY_LIMIT)?;
    // Who asks for it is about to trust it.
    request.kept = false;
    let read = move |reply: Reply| {
        client.compute(move || {
            let text = String::from_utf8_lossy(&reply.body).into_owned();
            PublicKey::from_pem(&text).map_err(|_| {
                Error::new(
                    Code::Protocol,
                    format!("{} answered with something that is no public key", reply.url),
                )
                .with(|d| d.url = Some(reply.url.clone()))
            })?;
            Ok(text)
        })
    };
    client.fetch(request, read).await
}

/// The outer checksum of a release according to the registry.
pub(super) fn outer_checksum(package: &registry::Package, version: &str) -> Result<[u8; 32]> {
    let name = &package.name;
    let Some(release) = package.releases.iter().find(|release| release.version == version) else {
        return Err(Error::new(Code::NotFound, format!("{name} {version} is not in the registry")));
    };
    let checksum = release.outer_checksum.as_deref().and_then(|bytes| bytes.try_into().ok());
    checksum.ok_or_else(|| {
        Error::new(Code::Protocol, format!("The registry has no outer checksum of {name} {version}"))
    })
}
