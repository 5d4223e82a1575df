//! `/api/repos`: which repositories there are.

use std::sync::Arc;

use axum::extract::State;
use serde_json::{Value, json};

use super::Target;
use crate::{app::App, authenticate::Visitor, http_error::HttpError, negotiate::Reply, store::Repository};

fn show(repository: &Repository) -> Value {
    let at = repository.inserted_at.rfc3339();
    json!({"name": repository.name, "inserted_at": at, "updated_at": at})
}

/// GET `/repos`
pub async fn list(State(app): State<Arc<App>>, _: Visitor) -> Result<Reply, HttpError> {
    let repositories = app.store.repositories().await?;
    let visible = repositories.iter().filter(|repository| repository.public);
    Ok(Reply::ok(visible.map(show).collect()).with_etag())
}

/// GET `/repos/NAME`
pub async fn get(State(app): State<Arc<App>>, _: Visitor, target: Target) -> Result<Reply, HttpError> {
    Ok(Reply::ok(show(&app.repository(target.repository).await?)).with_etag())
}
