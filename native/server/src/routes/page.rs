//! Pages for people: the root, and one for each package (`html_url` in the API).

use std::sync::Arc;

use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use http::header;

use super::Target;
use crate::{app::App, http_error::HttpError, negotiate::page, pages};

/// The pages hold text only.
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// GET `/`
pub async fn root(State(app): State<Arc<App>>) -> Html<String> {
    Html(pages::root(&app.urls.api(), &app.urls.repo(), &app.fingerprint))
}

/// GET `/packages/NAME[/VERSION]`
pub async fn package(State(app): State<Arc<App>>, target: Target) -> Response {
    match show(&app, &target).await {
        Ok(text) => ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(text)).into_response(),
        Err(error) => page(error.status, &error.message),
    }
}

async fn show(app: &App, target: &Target) -> Result<String, HttpError> {
    let id = target.package(app, None).await?;
    let package = app.store.package(id).await?.ok_or_else(HttpError::not_found)?;
    let known = package.releases.iter().any(|release| release.version == target.version);
    if !target.version.is_empty() && !known {
        return Err(HttpError::not_found());
    }
    Ok(pages::package(&package, &app.urls))
}
