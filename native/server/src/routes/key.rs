//! `/api/keys`

use std::sync::Arc;

use axum::{Extension, extract::State};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::Target;
use crate::{
    app::App,
    authenticate::{AnyCaller, Caller, Need},
    body::Upload,
    clock::Moment,
    http_error::HttpError,
    negotiate::Reply,
    present, secret,
    store::{Key, NewKey, PackageId, Permission},
};

/// POST `/keys`. Also for a user who is not confirmed yet, as hexpm has it.
pub async fn create(
    State(app): State<Arc<App>>,
    caller: AnyCaller,
    Extension(upload): Extension<Upload>,
) -> Result<Reply, HttpError> {
    caller.demand(Need::Write)?;
    let params = upload.params().await?;
    let name = params.get("name").and_then(Value::as_str).map(str::trim).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| HttpError::invalid(json!({"name": "can't be blank"})))?;
    if name.chars().count() > 255 || name.contains(char::is_control) {
        return Err(HttpError::invalid(json!({"name": "is invalid"})));
    }
    let revoke_at = match params.get("revoke_at") {
        None | Some(Value::Null) => None,
        Some(value) => {
            let parsed = value.as_str().and_then(Moment::parse);
            Some(parsed.ok_or_else(|| HttpError::invalid(json!({"revoke_at": "is invalid"})))?)
        }
    };
    let permissions = permissions(&app, &caller, params.get("permissions")).await?;
    let (key, secret) = make(&app, &caller, name, permissions, revoke_at).await?;
    let location = format!("/api/keys/{}", utf8_percent_encode(&key.name, NON_ALPHANUMERIC));
    // The dash and its like need no escape in a path.
    let location = location.replace("%2D", "-").replace("%5F", "_").replace("%2E", ".");
    Ok(Reply::created(present::key(&key, Some(&secret), false, &app.urls), location))
}

async fn make(
    app: &App,
    caller: &AnyCaller,
    name: &str,
    permissions: Vec<Permission>,
    revoke_at: Option<Moment>,
) -> Result<(Key, String), HttpError> {
    let secret = secret::random_hex::<16>()?;
    let secret_hash = secret::hash_key(&secret);
    let new = NewKey { name: name.to_owned(), secret_hash, permissions, revoke_at };
    Ok((app.store.create_key(caller.actor(), new).await?, secret))
}

/// Reads what the key is to reach; by default the whole API.
async fn permissions(
    app: &App,
    caller: &AnyCaller,
    params: Option<&Value>,
) -> Result<Vec<Permission>, HttpError> {
    let refuse = |key: &str, why: &str| HttpError::invalid(json!({"permissions": {key: why}}));
    let wished = match params {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(wished)) => wished.clone(),
        Some(_) => return Err(HttpError::invalid(json!({"permissions": "is invalid"}))),
    };
    let mut permissions = Vec::new();
    for wish in &wished {
        let text = |key: &str| wish.get(key).and_then(Value::as_str).map(str::to_owned);
        let domain = text("domain").ok_or_else(|| refuse("domain", "can't be blank"))?;
        let mut resource = text("resource").filter(|resource| !resource.is_empty());
        match (domain.as_str(), resource.as_deref()) {
            ("api", None | Some("read" | "write")) | ("repositories", None) => {}
            ("repository" | "docs", Some(name)) => {
                if app.repository(Some(name.to_owned())).await.is_err() {
                    return Err(refuse("resource", "you do not have access to this repository"));
                }
            }
            ("package", Some(name)) => {
                let (repository, name) = name.split_once('/').unwrap_or((&app.repository, name));
                let id = PackageId { repository: repository.to_owned(), name: name.to_owned() };
                if !caller_owns(app, caller, &id).await? {
                    return Err(refuse("resource", "you do not have access to this package"));
                }
                resource = Some(format!("{}/{}", id.repository, id.name));
            }
            ("api" | "package" | "repository" | "repositories" | "docs", _) => {
                return Err(refuse("resource", "invalid resource for given domain"));
            }
            _ => return Err(refuse("domain", "is invalid")),
        }
        permissions.push(Permission { domain, resource });
    }
    if permissions.is_empty() {
        permissions.push(Permission { domain: "api".to_owned(), resource: None });
    }
    Ok(permissions)
}

async fn caller_owns(app: &App, caller: &AnyCaller, id: &PackageId) -> Result<bool, HttpError> {
    Ok(app.store.owned_packages(caller.user.id).await?.contains(id))
}

fn show(app: &App, caller: &AnyCaller, key: &Key) -> Value {
    let authing = caller.key.as_ref().is_some_and(|own| own.id == key.id);
    present::key(key, None, authing, &app.urls)
}

/// GET `/keys`
pub async fn list(State(app): State<Arc<App>>, Caller(caller): Caller) -> Result<Reply, HttpError> {
    caller.demand(Need::Read)?;
    let keys = app.store.keys(caller.user.id).await?;
    Ok(Reply::ok(keys.iter().map(|key| show(&app, &caller, key)).collect()))
}

/// GET `/keys/NAME`
pub async fn get(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    target: Target,
) -> Result<Reply, HttpError> {
    caller.demand(Need::Read)?;
    let key = app.store.key(caller.user.id, target.name).await?.ok_or_else(HttpError::not_found)?;
    Ok(Reply::ok(show(&app, &caller, &key)).changed_at(key.updated_at))
}

/// DELETE `/keys/NAME`
pub async fn remove(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    target: Target,
) -> Result<Reply, HttpError> {
    caller.demand(Need::Write)?;
    let key = app.store.revoke_key(caller.actor(), target.name).await?;
    Ok(Reply::ok(show(&app, &caller, &key)))
}

/// DELETE `/keys`: all of them; answers with the one that was used.
pub async fn remove_all(State(app): State<Arc<App>>, Caller(caller): Caller) -> Result<Reply, HttpError> {
    caller.demand(Need::Write)?;
    let keys = app.store.revoke_all_keys(caller.actor()).await?;
    let own = keys.iter().find(|key| caller.key.as_ref().is_some_and(|own| own.id == key.id));
    Ok(own.map_or_else(Reply::no_content, |key| Reply::ok(show(&app, &caller, key))))
}
