//! `/repo`: the signed resources, the tarballs, the documentation archives (docs/protocol.md §2).

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use hexide_core::hex;
use http::{HeaderMap, StatusCode, header, request::Parts};

use super::Target;
use crate::{
    app::App,
    identity::{Need, authenticate},
    registry::Signed,
    shelf::{Again, Made},
    store::{PackageId, ReleaseId, StoreError, StoredTarball},
    wire::{HttpError, tag_matches},
};

/// The repository's replies hold no explanation: what is missing is an empty 404, and what may not be
/// seen an empty 403, as is a private repository that does not exist.
pub struct Missing(StatusCode);

impl From<HttpError> for Missing {
    fn from(error: HttpError) -> Self {
        Self(error.status)
    }
}

impl From<StoreError> for Missing {
    fn from(error: StoreError) -> Self {
        HttpError::from(error).into()
    }
}

impl From<object_store::Error> for Missing {
    fn from(error: object_store::Error) -> Self {
        HttpError::from(error).into()
    }
}

impl IntoResponse for Missing {
    fn into_response(self) -> Response {
        (self.0, [(header::CACHE_CONTROL, NEVER)]).into_response()
    }
}

const NEVER: &str = "max-age=0, private, must-revalidate";
const NOT_FOUND: Missing = Missing(StatusCode::NOT_FOUND);

/// The repository of a request, where the caller may fetch from it: a private one by a member's key with
/// `repositories` or that `repository`, or the organization's own.
async fn open(app: &App, parts: &mut Parts, name: Option<String>) -> Result<String, Missing> {
    const FORBIDDEN: Missing = Missing(StatusCode::FORBIDDEN);
    if name.as_deref().is_none_or(|name| app.urls.is_public(name)) {
        // Credentials are of no matter here, even wrong ones.
        return Ok(app.repository.clone());
    }
    let caller = match authenticate::identity(parts, app).await.0 {
        Err(error) if error.status.is_server_error() => return Err(error.into()),
        Err(_) | Ok(None) => return Err(FORBIDDEN),
        Ok(Some(caller)) => caller,
    };
    match app.repository(Some(&caller), name).await {
        Err(error) if error.status.is_server_error() => Err(error.into()),
        Ok(found) if caller.demand(Need::Fetch(&found.name)).is_ok() => Ok(found.name),
        _ => Err(FORBIDDEN),
    }
}

/// What the caller may fetch: the repository, and what the path names in it.
pub struct Opened {
    repository: String,
    target: Target,
}

impl FromRequestParts<Arc<App>> for Opened {
    type Rejection = Missing;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Missing> {
        let target = Target::from_request_parts(parts, app).await?;
        Ok(Self { repository: open(app, parts, target.repository.clone()).await?, target })
    }
}

fn serve(bytes: Bytes, etag: &str, request: &HeaderMap) -> Response {
    let headers = [
        (header::ETAG, format!("\"{etag}\"")),
        (header::CACHE_CONTROL, NEVER.to_owned()),
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
    ];
    if tag_matches(request, etag) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, bytes).into_response()
}

fn signed(found: Option<Signed>, request: &HeaderMap) -> Result<Response, Missing> {
    let found = found.ok_or(NOT_FOUND)?;
    Ok(serve(found.bytes, &found.etag, request))
}

/// GET `/repo/names`
pub async fn names(
    State(app): State<Arc<App>>,
    opened: Opened,
    headers: HeaderMap,
) -> Result<Response, Missing> {
    signed(app.index.names(&opened.repository).await?, &headers)
}

/// GET `/repo/versions`
pub async fn versions(
    State(app): State<Arc<App>>,
    opened: Opened,
    headers: HeaderMap,
) -> Result<Response, Missing> {
    signed(app.index.versions(&opened.repository).await?, &headers)
}

/// GET `/repo/packages/NAME`
pub async fn package(
    State(app): State<Arc<App>>,
    opened: Opened,
    headers: HeaderMap,
) -> Result<Response, Missing> {
    let id = PackageId { repository: opened.repository, name: opened.target.name };
    signed(app.index.package(&id).await?, &headers)
}

/// `NAME-VERSION` and an extension. A name holds no dash.
fn release(opened: Opened, extension: &str) -> Result<ReleaseId, Missing> {
    let stem = opened.target.file.strip_suffix(extension).ok_or(NOT_FOUND)?;
    let (name, version) = stem.split_once('-').ok_or(NOT_FOUND)?;
    let package = PackageId { repository: opened.repository, name: name.to_owned() };
    Ok(ReleaseId { package, version: version.to_owned() })
}

/// GET `/repo/tarballs/NAME-VERSION.tar`
pub async fn tarball(
    State(app): State<Arc<App>>,
    opened: Opened,
    headers: HeaderMap,
) -> Result<Response, Missing> {
    let id = release(opened, ".tar")?;
    // A release that is replaced just now may lose its blob between the two reads: then look again.
    for _ in 0..2 {
        let stored = stored(&app, &id).await?.ok_or(NOT_FOUND)?;
        let etag = hex::lower(&stored.outer_checksum);
        if let Some(bytes) = app.blobs.get(&stored.blob).await? {
            return Ok(serve(bytes, &etag, &headers));
        }
    }
    Err(HttpError::internal(format!("the tarball of {id:?} is missing")).into())
}

/// Where a release's tarball is. It has no generation of its own: in another epoch it is looked up again.
async fn stored(app: &App, id: &ReleaseId) -> Result<Option<StoredTarball>, StoreError> {
    let look_up = async |_| {
        let found = app.store.tarball(id.clone()).await?;
        Ok(found.map(|value| Again::Changed(Made { generation: 0, value })))
    };
    app.fetched.get(id, app.store.epoch(), look_up).await
}

/// GET `/repo/docs/NAME-VERSION.tar.gz`
pub async fn docs(
    State(app): State<Arc<App>>,
    opened: Opened,
    headers: HeaderMap,
) -> Result<Response, Missing> {
    let id = release(opened, ".tar.gz")?;
    for _ in 0..2 {
        let blob = app.store.docs(id.clone()).await?.ok_or(NOT_FOUND)?;
        if let Some(bytes) = app.blobs.get(&blob).await? {
            // The name of a blob is unique to its content.
            let etag = blob.rsplit('.').next().unwrap_or_default();
            return Ok(serve(bytes, etag, &headers));
        }
    }
    Err(HttpError::internal(format!("the documentation of {id:?} is missing")).into())
}

/// GET `/repo/public_key`
pub async fn public_key(State(app): State<Arc<App>>) -> Response {
    ([(header::CONTENT_TYPE, "application/x-pem-file")], app.public_key.clone()).into_response()
}

/// GET `/repo/installs/hex-1.x.csv`: clients ask which newer versions of themselves there are.
pub async fn installs() -> Response {
    [(header::CONTENT_TYPE, "text/csv")].into_response()
}
