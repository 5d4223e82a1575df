//! Publishing: POST `/publish` and POST `/packages/NAME/releases`.

use std::{io, sync::Arc};

use axum::{Extension, extract::State};
use bytes::Bytes;
use hexide_core::{
    Code, Error,
    tarball::{self, Content, Entry, FileContent, Sink, Unpacked},
};
use serde_json::json;

use super::Target;
use crate::{
    app::App,
    identity::{AnyCaller, Caller, Need},
    registry::present,
    rules,
    store::{Publication, Published},
    wire::{HttpError, Limits, Query, Reply, Upload},
};

/// POST `…?replace=BOOL` with the tarball, whatever its content type says. `replace` is true where it is
/// left out, as on hexpm.
pub async fn publish(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    target: Target,
    query: Query,
    Extension(upload): Extension<Upload>,
) -> Result<Reply, HttpError> {
    let repository = app.repository(Some(&caller), target.repository.clone()).await?.name;
    let _turn = app.uploads.acquire().await.map_err(HttpError::internal)?;
    let tarball = upload.bytes().await?;
    let (checked, limits) = (tarball.clone(), app.limits);
    let unpacked = app
        .computing
        .run(move || inspect(&checked, limits))
        .await?
        .map_err(|error| refuse(&error, &tarball))?;
    if !target.name.is_empty() && target.name != unpacked.metadata.name {
        return Err(HttpError::invalid(json!({"name": "metadata does not match package name"})));
    }
    let replace = query.get("replace") != Some("false");
    let cache = app.cache(&repository);
    let publication =
        rules::publication(unpacked, repository, &app.repository, replace).map_err(HttpError::invalid)?;
    caller.demand(Need::Package(&publication.id.package))?;
    // Asked before the tarball is written, and once more in the transaction.
    app.store.may_publish(caller.actor(), publication.id.package.clone()).await?;
    let task = {
        let app = Arc::clone(&app);
        // Its own task: a client that goes away must not leave it half done.
        tokio::spawn(async move { write(&app, caller, publication, tarball).await })
    };
    let published = task.await.map_err(HttpError::internal)??;
    let id = &published.release.id;
    let shown = present::published_release(&published.release, &app.urls);
    let reply = if published.replaced.is_some() {
        Reply::ok(&shown)
    } else {
        Reply::created(&shown, format!("/api/packages/{}/releases/{}", id.package.name, id.version))
    };
    Ok(reply.cached(cache))
}

/// Blob first, then the transaction; what loses is removed after it.
async fn write(
    app: &App,
    caller: AnyCaller,
    mut publication: Publication,
    tarball: Bytes,
) -> Result<Published, HttpError> {
    let id = &publication.id;
    let prefix = format!("{}/tarballs/{}-{}.tar", id.package.repository, id.package.name, id.version);
    let blob = app.blobs.put(&prefix, tarball).await?;
    publication.blob.clone_from(&blob);
    match app.store.publish_release(caller.actor(), publication).await {
        Ok(published) => {
            app.blobs.discard(published.replaced.clone()).await;
            Ok(published)
        }
        Err(error) => {
            app.blobs.discard([blob]).await;
            Err(error.into())
        }
    }
}

/// Reads every file of the contents and keeps none: what is accepted can be unpacked.
struct Inspection;

impl Sink for Inspection {
    fn entry(&mut self, entry: Entry<FileContent<'_>>) -> hexide_core::Result<()> {
        if let Content::File(content) = entry.content {
            io::copy(content.reader, &mut io::sink())
                .map_err(|error| Error::new(Code::BadTarball, error.to_string()))?;
        }
        Ok(())
    }
}

fn inspect(tarball: &[u8], limits: Limits) -> hexide_core::Result<Unpacked> {
    tarball::unpack(tarball, limits.package, &mut Inspection)
}

/// The sentences of hexpm where a client may know them, our own else.
fn refuse(error: &Error, tarball: &Bytes) -> HttpError {
    let reason = match error.code {
        Code::TooLarge => "Extraction size exceeds the configured max_size limit",
        // Shorter than one block of a tar.
        _ if tarball.len() < 512 => "Unexpected end of file",
        _ => &error.message,
    };
    HttpError::invalid(json!({"tar": format!("tarball error, {reason}")}))
}
