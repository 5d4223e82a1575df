//! Pages for people: the root, and one for each package (`html_url` in the API).

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use hexide_core::Version;
use http::header;

use super::Target;
use crate::{
    app::App,
    identity::Visit,
    pages::{self, Page, PageError, registry},
    store::{PackageId, PrincipalId},
    wire::HttpError,
};

/// GET `/`
pub async fn root(State(app): State<Arc<App>>, visit: Visit) -> Page {
    visit.text_page("A Hex registry", &registry::root(&app.urls, &app.fingerprint))
}

/// GET `/style.css`
pub async fn style() -> Response {
    let headers =
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")];
    (headers, pages::STYLE).into_response()
}

/// GET `/packages/NAME[/VERSION]`, and `/packages/ORGANIZATION/NAME[/VERSION]` for its members.
pub async fn package(State(app): State<Arc<App>>, target: Target, visit: Visit) -> Result<Page, PageError> {
    // What can be a version is one: no name of a package can.
    let target = match target.version.parse::<Version>() {
        Err(_) if target.repository.is_none() && !target.version.is_empty() => {
            Target { repository: Some(target.name), name: target.version, ..Target::default() }
        }
        _ => target,
    };
    let id = seen(&app, &visit, target.repository, target.name).await?;
    let package = app.store.package(id).await?.ok_or_else(HttpError::not_found)?;
    let known = package.releases.iter().any(|release| release.version == target.version);
    if !target.version.is_empty() && !known {
        return Err(HttpError::not_found().into());
    }
    Ok(visit.text_page(&package.id.name, &registry::package(&package, &app.urls)))
}

/// The package, where whoever is signed in may see its repository; nothing else tells that there is one.
async fn seen(
    app: &App,
    visit: &Visit,
    repository: Option<String>,
    name: String,
) -> Result<PackageId, HttpError> {
    let repository = app.store.repository(repository).await?.ok_or_else(HttpError::not_found)?;
    if !repository.public {
        let user = visit.user().ok_or_else(HttpError::not_found)?;
        let role = app.store.role(PrincipalId::User(user.id), repository.name.clone()).await?;
        role.ok_or_else(HttpError::not_found)?;
    }
    Ok(PackageId { repository: repository.name, name })
}
