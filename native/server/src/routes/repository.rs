//! `/repo`: the signed resources, the tarballs, the documentation archives (protocol.md §2).

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};

use super::Target;
use crate::{
    app::App,
    http_error::HttpError,
    index::Signed,
    negotiate::tag_matches,
    secret,
    store::{PackageId, ReleaseId},
};

/// The repository's replies hold no explanation: what is missing is an empty 404.
pub struct Missing(StatusCode);

impl From<HttpError> for Missing {
    fn from(error: HttpError) -> Self {
        Self(error.status)
    }
}

impl From<crate::store::StoreError> for Missing {
    fn from(error: crate::store::StoreError) -> Self {
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
    target: Target,
    headers: HeaderMap,
) -> Result<Response, Missing> {
    let repository = app.repository(target.repository).await?.name;
    signed(app.index.names(&repository).await?, &headers)
}

/// GET `/repo/versions`
pub async fn versions(
    State(app): State<Arc<App>>,
    target: Target,
    headers: HeaderMap,
) -> Result<Response, Missing> {
    let repository = app.repository(target.repository).await?.name;
    signed(app.index.versions(&repository).await?, &headers)
}

/// GET `/repo/packages/NAME`
pub async fn package(
    State(app): State<Arc<App>>,
    target: Target,
    headers: HeaderMap,
) -> Result<Response, Missing> {
    let id = target.package(&app).await?;
    signed(app.index.package(&id).await?, &headers)
}

/// `NAME-VERSION` and an extension. A name holds no dash.
async fn release(app: &App, target: Target, extension: &str) -> Result<ReleaseId, Missing> {
    let stem = target.file.strip_suffix(extension).ok_or(NOT_FOUND)?;
    let (name, version) = stem.split_once('-').ok_or(NOT_FOUND)?;
    let repository = app.repository(target.repository).await?.name;
    let package = PackageId { repository, name: name.to_owned() };
    Ok(ReleaseId { package, version: version.to_owned() })
}

/// GET `/repo/tarballs/NAME-VERSION.tar`
pub async fn tarball(
    State(app): State<Arc<App>>,
    target: Target,
    headers: HeaderMap,
) -> Result<Response, Missing> {
    let id = release(&app, target, ".tar").await?;
    // A release that is replaced just now may lose its blob between the two reads: then look again.
    for _ in 0..2 {
        let stored = app.store.tarball(id.clone()).await?.ok_or(NOT_FOUND)?;
        let etag = secret::hex(&stored.outer_checksum);
        if let Some(bytes) = app.blobs.get(&stored.blob).await? {
            return Ok(serve(bytes, &etag, &headers));
        }
    }
    Err(HttpError::internal(format!("the tarball of {id:?} is missing")).into())
}

/// GET `/repo/docs/NAME-VERSION.tar.gz`
pub async fn docs(
    State(app): State<Arc<App>>,
    target: Target,
    headers: HeaderMap,
) -> Result<Response, Missing> {
    let id = release(&app, target, ".tar.gz").await?;
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
