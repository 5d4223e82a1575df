//! `/api/keys` and `/api/orgs/NAME/keys`: the same, with another owner.

use std::sync::Arc;

use axum::{Extension, extract::State};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::json;

use super::{Target, organization};
use crate::{
    app::App,
    clock::Moment,
    identity::{AnyCaller, Need, Visitor},
    registry::present::{self, ShownKey},
    secret,
    store::{Actor, Key, NewKey, PackageId, Permission, Principal, Role, StoreError},
    wire::{Field, HttpError, Named, Reply, Upload},
};

/// Who asks, and about whose keys.
struct Asked {
    caller: AnyCaller,
    owner: Principal,
}

/// Lets the owner in, or a member of the organization that owns the keys.
async fn enter(
    app: &App,
    Visitor(caller): Visitor,
    organization: Option<&str>,
    (need, least): (Need<'_>, Role),
) -> Result<Asked, HttpError> {
    if let Some(name) = organization {
        let inside = organization::enter(app, caller, name, (need, least)).await?;
        return Ok(Asked { caller: inside.caller, owner: Principal::Organization(inside.organization) });
    }
    let caller = caller.ok_or_else(HttpError::unknown_caller)?;
    caller.demand(need)?;
    let owner = Principal::User(caller.user()?.clone());
    Ok(Asked { caller, owner })
}

/// As [`enter`], but not before the account is active.
async fn enter_active(
    app: &App,
    visitor: Visitor,
    organization: Option<&str>,
    needed: (Need<'_>, Role),
) -> Result<Asked, HttpError> {
    if visitor.caller().is_some_and(|caller| !caller.is_active()) {
        return Err(HttpError::forbidden("email not verified"));
    }
    enter(app, visitor, organization, needed).await
}

const TO_READ: (Need<'static>, Role) = (Need::Read, Role::Read);
const TO_CHANGE: (Need<'static>, Role) = (Need::Write, Role::Write);

/// What a key is to be.
#[derive(Default, Deserialize)]
#[serde(default)]
struct KeyRequest {
    name: Field<String>,
    revoke_at: Field<String>,
    permissions: Field<Vec<Field<Named<PermissionRequest>>>>,
}

/// What a key is to reach.
#[derive(Default, Deserialize)]
#[serde(default)]
struct PermissionRequest {
    domain: Field<String>,
    resource: Field<String>,
}

/// POST `/keys`. Also for a user who is not confirmed yet, as hexpm has it.
pub async fn create(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    target: Target,
    Extension(upload): Extension<Upload>,
) -> Result<Reply, HttpError> {
    let asked = enter(&app, visitor, target.organization.as_deref(), TO_CHANGE).await?;
    let KeyRequest { name, revoke_at, permissions } = upload.params().await?;
    let name = name.text().map(str::trim).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| HttpError::invalid(json!({"name": "can't be blank"})))?;
    if name.chars().count() > 255 || name.contains(char::is_control) {
        return Err(HttpError::invalid(json!({"name": "is invalid"})));
    }
    let revoke_at = revoke_at.and_then(|text| Moment::parse(&text)).or_invalid("revoke_at")?;
    let wished = permissions.or_invalid("permissions")?.unwrap_or_default();
    let permissions = permitted(&app, &asked, wished).await?;
    let (key, secret) = make(&app, &asked, name, permissions, revoke_at).await?;
    let location = format!("/api/keys/{}", utf8_percent_encode(&key.name, NON_ALPHANUMERIC));
    // The dash and its like need no escape in a path.
    let location = location.replace("%2D", "-").replace("%5F", "_").replace("%2E", ".");
    Ok(Reply::created(&present::key(&key, Some(&secret), false, &app.urls), location))
}

async fn make(
    app: &App,
    asked: &Asked,
    name: &str,
    permissions: Vec<Permission>,
    revoke_at: Option<Moment>,
) -> Result<(Key, String), HttpError> {
    let secret = secret::random_hex::<16>()?;
    let secret_hash = secret::hash_key(&secret);
    let new = NewKey { name: name.to_owned(), secret_hash, permissions, revoke_at };
    Ok((app.store.create_key(asked.caller.actor(), asked.owner.id(), new).await?, secret))
}

/// Reads what the key is to reach; by default the whole API.
async fn permitted(
    app: &App,
    asked: &Asked,
    wished: Vec<Field<Named<PermissionRequest>>>,
) -> Result<Vec<Permission>, HttpError> {
    let refuse = |key: &str, why: &str| HttpError::invalid(json!({"permissions": {key: why}}));
    let mut permissions = Vec::new();
    for wish in wished {
        let Named(wish) = wish.given().unwrap_or_default();
        let domain = wish.domain.given().ok_or_else(|| refuse("domain", "can't be blank"))?;
        let mut resource = wish.resource.given().filter(|resource| !resource.is_empty());
        match (domain.as_str(), resource.as_deref()) {
            ("api", None | Some("read" | "write")) | ("repositories", None) => {}
            ("repository" | "docs", Some(name)) => {
                if !sees(app, asked, name).await? {
                    return Err(refuse("resource", "you do not have access to this repository"));
                }
            }
            ("package", Some(name)) => {
                let (repository, name) = name.split_once('/').unwrap_or((&app.repository, name));
                let id = PackageId { repository: repository.to_owned(), name: name.to_owned() };
                if !publishes(app, asked, &id).await? {
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

/// Whether the owner of the key to be made sees that repository.
async fn sees(app: &App, asked: &Asked, name: &str) -> Result<bool, HttpError> {
    let found = app.store.repository(Some(name.to_owned())).await?;
    let Some(repository) = found else { return Ok(false) };
    match &asked.owner {
        Principal::Organization(organization) => Ok(organization.name == name),
        Principal::User(_) if repository.public => Ok(true),
        Principal::User(_) => Ok(app.store.role(asked.owner.id(), repository.name).await?.is_some()),
    }
}

/// Whether the owner of the key to be made publishes that package, and it exists.
async fn publishes(app: &App, asked: &Asked, id: &PackageId) -> Result<bool, HttpError> {
    if app.store.package(id.clone()).await?.is_none() {
        return Ok(false);
    }
    let actor = Actor { principal: asked.owner.id(), ..asked.caller.actor() };
    match app.store.may_publish(actor, id.clone()).await {
        Ok(()) => Ok(true),
        Err(StoreError::Broken(cause)) => Err(HttpError::internal(cause)),
        Err(_) => Ok(false),
    }
}

fn show<'a>(app: &App, caller: &AnyCaller, key: &'a Key) -> ShownKey<'a> {
    let authing = caller.key.as_ref().is_some_and(|own| own.id == key.id);
    present::key(key, None, authing, &app.urls)
}

/// GET `/keys`
pub async fn list(State(app): State<Arc<App>>, visitor: Visitor, target: Target) -> Result<Reply, HttpError> {
    let asked = enter_active(&app, visitor, target.organization.as_deref(), TO_READ).await?;
    let keys = app.store.keys(asked.owner.id()).await?;
    let shown: Vec<_> = keys.iter().map(|key| show(&app, &asked.caller, key)).collect();
    Ok(Reply::ok(&shown))
}

/// GET `/keys/NAME`
pub async fn get(State(app): State<Arc<App>>, visitor: Visitor, target: Target) -> Result<Reply, HttpError> {
    let asked = enter_active(&app, visitor, target.organization.as_deref(), TO_READ).await?;
    let key = app.store.key(asked.owner.id(), target.name).await?.ok_or_else(HttpError::not_found)?;
    Ok(Reply::ok(&show(&app, &asked.caller, &key)).changed_at(key.updated_at))
}

/// DELETE `/keys/NAME`
pub async fn remove(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    target: Target,
) -> Result<Reply, HttpError> {
    let asked = enter_active(&app, visitor, target.organization.as_deref(), TO_CHANGE).await?;
    let key = app.store.revoke_key(asked.caller.actor(), asked.owner.id(), target.name).await?;
    Ok(Reply::ok(&show(&app, &asked.caller, &key)))
}

/// DELETE `/keys`: all of them; answers with the one that was used.
pub async fn remove_all(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    target: Target,
) -> Result<Reply, HttpError> {
    let asked = enter_active(&app, visitor, target.organization.as_deref(), TO_CHANGE).await?;
    let revoked = app.store.revoke_all_keys(asked.caller.actor(), asked.owner.id()).await?;
    let Some(used) = &asked.caller.key else { return Ok(Reply::no_content()) };
    let used = revoked.iter().find(|key| key.id == used.id).unwrap_or(used);
    Ok(Reply::ok(&show(&app, &asked.caller, used)))
}
