//! `/docs/NAME/[VERSION/]PATH`: documentation to be read in a browser.
//!
//! What is served here was written by whoever published the package, next to pages where people are
//! signed in. So it is shut in: `sandbox` gives each page an origin of its own that shares neither cookies
//! nor windows with the rest of the server, and the rest of the policy lets it load its own files but make
//! no request of its own (`connect-src`, `form-action`).

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use hexide_core::Version;
use http::{HeaderMap, StatusCode, header};

use super::Target;
use crate::{
    app::App,
    pages::PageError,
    store::{PackageId, ReleaseId},
    wire::{HttpError, tag_matches},
};

const POLICY: &str = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' \
                      'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; media-src 'self'; \
                      frame-src 'self'; connect-src 'none'; form-action 'none'; base-uri 'none'; \
                      object-src 'none'; frame-ancestors 'self'; sandbox allow-scripts allow-popups \
                      allow-popups-to-escape-sandbox allow-downloads";

/// GET `/docs/NAME`
pub async fn root(target: Target) -> Redirect {
    Redirect::permanent(&format!("/docs/{}/", target.name))
}

/// GET `/docs/NAME/…`: of a version where the first segment is one, of the latest else.
pub async fn get(State(app): State<Arc<App>>, target: Target, headers: HeaderMap) -> Response {
    match find(&app, &target, &headers).await {
        Ok(response) => response,
        Err(error) => PageError::from(error).into_response(),
    }
}

async fn find(app: &App, target: &Target, headers: &HeaderMap) -> Result<Response, HttpError> {
    let id = PackageId { repository: app.repository.clone(), name: target.name.clone() };
    let path = target.file.trim_start_matches('/');
    let (first, rest) = path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let of_version = first.parse::<Version>().is_ok();
    let (blob, path) = if of_version {
        let Some(rest) = rest else { return Ok(slash(&target.name, path)) };
        let release = ReleaseId { package: id, version: first.to_owned() };
        (app.store.docs(release).await?.ok_or_else(HttpError::not_found)?, rest)
    } else {
        (app.store.latest_docs(id).await?.ok_or_else(HttpError::not_found)?.1, path)
    };
    let etag = blob.rsplit('.').next().unwrap_or_default();
    if tag_matches(headers, etag) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    let site = app.docs.site(&blob, &app.blobs, &app.computing, app.limits.docs).await?;
    let site = site.ok_or_else(HttpError::not_found)?;
    let file =
        if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path.to_owned() };
    match site.file(&file) {
        Some(bytes) => {
            let headers = [
                (header::CONTENT_TYPE, content_type(&file).to_owned()),
                (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
                (header::ETAG, format!("\"{etag}\"")),
                (header::CACHE_CONTROL, "no-cache".to_owned()),
                (header::REFERRER_POLICY, "no-referrer".to_owned()),
                // Fonts and script modules of a page with an origin of its own.
                (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*".to_owned()),
            ];
            Ok((headers, bytes).into_response())
        }
        None if site.is_folder(path) => Ok(slash(&target.name, &target.file)),
        None => Err(HttpError::not_found()),
    }
}

fn slash(name: &str, path: &str) -> Response {
    Redirect::permanent(&format!("/docs/{name}/{}/", path.trim_matches('/'))).into_response()
}

fn content_type(file: &str) -> &'static str {
    let extension = file.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref() {
        Some("html" | "htm" | "xhtml") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("gif") => "image/gif",
        Some("webp") => "image/webp",
        Some("ico") => "image/x-icon",
        Some("woff") => "font/woff",
        Some("woff2") => "font/woff2",
        Some("ttf") => "font/ttf",
        Some("eot") => "application/vnd.ms-fontobject",
        Some("txt" | "md" | "erl" | "hrl" | "ex" | "exs") => "text/plain; charset=utf-8",
        Some("xml") => "application/xml",
        Some("pdf") => "application/pdf",
        Some("epub") => "application/epub+zip",
        _ => "application/octet-stream",
    }
}
