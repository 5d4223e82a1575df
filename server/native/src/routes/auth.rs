//! `/api/auth`: whether the credentials reach something.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;

use crate::{
    app::App,
    identity::Caller,
    store::{PackageId, Principal},
    wire::{Cache, HttpError, Query, Reply},
};

/// What was shown, and whose it is.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Shown<'a> {
    Key { name: &'a str, owner: Owner<'a> },
    Owner(Owner<'a>),
}

#[derive(Serialize)]
struct Owner<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
}

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
        Principal::User(user) => Owner { name: &user.username, kind: "user" },
        Principal::Organization(of) => Owner { name: &of.name, kind: "organization" },
    };
    let shown = match &caller.key {
        Some(key) => Shown::Key { name: &key.name, owner },
        None => Shown::Owner(owner),
    };
    Ok(Reply::ok(&shown).cached(Cache::Never))
}
