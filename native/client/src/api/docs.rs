//! Documentation of a release: publish, revert.

use bytes::Bytes;
use hexide_core::Result;
use http::{Method, header::LOCATION};
use serde::{Deserialize, Serialize};

use super::release::bounded;
use crate::{client::Client, progress::Progress};

/// Documentation was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocsPublished {
    /// Where its tarball can be fetched, as the server says.
    pub location: Option<String>,
}

/// Publishes a documentation tarball (a gzipped tar) for a release.
///
/// # Errors
/// `not_found`, `invalid`, `too_large`, `unauthorized`, `forbidden`, and those of every request.
pub async fn publish(
    client: &Client,
    name: &str,
    version: &str,
    tarball: Bytes,
    progress: Option<Progress>,
) -> Result<DocsPublished> {
    bounded(&tarball, client.config.docs_tarball_max_size, "documentation")?;
    let request = client.api_in_repository(Method::POST, &["packages", name, "releases", version, "docs"])?;
    let item = format!("{name}-{version}");
    let reply = client.call(request.tarball(tarball, progress, Some(item))).await?;
    Ok(DocsPublished { location: reply.header(LOCATION).map(str::to_owned) })
}

/// Removes the documentation of a release.
///
/// # Errors
/// `not_found`, `unauthorized`, `forbidden`, and those of every request.
pub async fn revert(client: &Client, name: &str, version: &str) -> Result<()> {
    let path = ["packages", name, "releases", version, "docs"];
    client.call(client.api_in_repository(Method::DELETE, &path)?).await.map(drop)
}
