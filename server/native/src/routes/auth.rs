//! `/api/auth`: whether the credentials reach something.

use std::sync::Arc;

use axum::extract::State;
use serde_json::{Value, json};

use crate::{
    app::App,
    identity::Caller,
    store::{PackageId, Principal},
    wire::{Cache, HttpError, Query, Reply},
};

/// GET `/auth?domain=DOMAIN&resource=RESOURCE`
pub async fn test(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    query: Query,
) -> Result<Reply, HttpError> {
    let domain = query.get("domain");
    let domain = domain.ok_or_else(|| HttpError::bad_request("missing required parameters: \"domain\""))?;
    let resource = query.get("resource");
    let visible = match (domain, resource) {
        ("repository" | "docs", Some(name)) => {
            app.repository(Some(&caller), Some(name.to_owned())).await.is_ok()
        }
        ("package", Some(name)) => {
            let (repository, name) = name.split_once('/').unwrap_or((&app.repository, name));
            let id = PackageId { repository: repository.to_owned(), name: name.to_owned() };
            let repository = app.repository(Some(&caller), Some(id.repository.clone())).await;
            repository.is_ok() && app.store.package(id).await?.is_some()
        }
        _ => true,
    };
    if !visible || !caller.reaches(domain, resource) {
        return Err(HttpError::unauthorized("key not authorized for this action"));
    }
    let owner = match &caller.principal {
        Principal::User(user) => json!({"name": user.username, "type": "user"}),
        Principal::Organization(of) => json!({"name": of.name, "type": "organization"}),
    };
    let key = caller.key.as_ref().map(|key| json!({"name": key.name, "owner": owner}));
    let shown = key.map_or_else(|| json!({"owner": owner}), |key| json!({"key": key}));
    Ok(Reply::ok(Value::clone(&shown)).cached(Cache::Never))
}
