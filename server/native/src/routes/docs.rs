//! `/api/packages/NAME/releases/VERSION/docs`

use std::sync::Arc;

use axum::{Extension, extract::State, response::IntoResponse};
use bytes::Bytes;
use hexide_core::{
    Code, Error, Version,
    tarball::{self, Entry, FileContent, Sink},
};
use http::{StatusCode, header};
use serde_json::json;

use super::Target;
use crate::{
    app::App,
    identity::{AnyCaller, Caller, Visitor},
    store::ReleaseId,
    wire::{HttpError, Limits, Reply, Upload},
};

/// POST `…/docs`
pub async fn publish(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    target: Target,
    Extension(upload): Extension<Upload>,
) -> Result<Reply, HttpError> {
    let id = target.release_to_change(&app, &caller).await?;
    app.store.release(id.clone()).await?.ok_or_else(HttpError::not_found)?;
    app.store.may_publish(caller.actor(), id.package.clone()).await?;
    let _turn = app.uploads.acquire().await.map_err(HttpError::internal)?;
    let archive = upload.bytes().await?;
    let (checked, limits) = (archive.clone(), app.limits);
    app.computing.run(move || check(&checked, limits)).await?.map_err(refuse)?;
    let location = app.urls.docs_archive(&id.package, &id.version);
    let cache = app.cache(&id.package.repository);
    let task = {
        let app = Arc::clone(&app);
        // Its own task: a client that goes away must not leave it half done.
        tokio::spawn(async move { write(&app, caller, id, archive).await })
    };
    task.await.map_err(HttpError::internal)??;
    Ok(Reply::created_at(location).cached(cache))
}

async fn write(app: &App, caller: AnyCaller, id: ReleaseId, archive: Bytes) -> Result<(), HttpError> {
    let prefix = format!("{}/docs/{}-{}.tar.gz", id.package.repository, id.package.name, id.version);
    let blob = app.blobs.put(&prefix, archive).await?;
    match app.store.publish_docs(caller.actor(), id, blob.clone()).await {
        Ok(orphan) => {
            app.blobs.discard(orphan).await;
            Ok(())
        }
        Err(error) => {
            app.blobs.discard([blob]).await;
            Err(error.into())
        }
    }
}

/// Looks at every entry and keeps none.
struct Inspection;

impl Sink for Inspection {
    fn entry(&mut self, entry: Entry<FileContent<'_>>) -> hexide_core::Result<()> {
        // `/docs/NAME/VERSION/` would be ambiguous.
        let top = entry.path.split('/').next().unwrap_or_default();
        if top.parse::<Version>().is_ok() {
            let message = format!("directory name not allowed to match a semver version: {top}");
            return Err(Error::new(Code::BadTarball, message));
        }
        Ok(())
    }
}

fn check(archive: &[u8], limits: Limits) -> hexide_core::Result<()> {
    tarball::unpack_docs(archive, limits.docs, &mut Inspection)
}

fn refuse(error: Error) -> HttpError {
    HttpError::invalid(json!({"tar": format!("tarball error, {}", error.message)}))
}

/// GET `…/docs`: where the archive is.
pub async fn get(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    target: Target,
) -> Result<axum::response::Response, HttpError> {
    let id = target.release(&app, visitor.caller()).await?;
    app.store.docs(id.clone()).await?.ok_or_else(HttpError::not_found)?;
    let location = app.urls.docs_archive(&id.package, &id.version);
    let page = format!("<html><body>You are being <a href=\"{location}\">redirected</a>.</body></html>");
    let headers = [
        (header::LOCATION, location),
        (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (header::CACHE_CONTROL, "max-age=0, private, must-revalidate".to_owned()),
    ];
    Ok((StatusCode::FOUND, headers, page).into_response())
}

/// DELETE `…/docs`
pub async fn revert(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    target: Target,
) -> Result<Reply, HttpError> {
    let id = target.release_to_change(&app, &caller).await?;
    let orphan = app.store.revert_docs(caller.actor(), id).await?;
    app.blobs.discard(orphan).await;
    Ok(Reply::no_content())
}
