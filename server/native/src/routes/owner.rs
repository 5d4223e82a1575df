//! `/api/packages/NAME/owners`

use std::sync::Arc;

use axum::{Extension, extract::State};
use serde::Deserialize;

use super::Target;
use crate::{
    app::App,
    identity::{Caller, Visitor},
    registry::present,
    store::Level,
    wire::{Field, Flag, HttpError, Reply, Upload},
};

/// GET `…/owners`
pub async fn list(State(app): State<Arc<App>>, visitor: Visitor, target: Target) -> Result<Reply, HttpError> {
    let owners = app.store.owners(target.package(&app, visitor.caller()).await?).await?;
    let shown: Vec<_> = owners.iter().map(|owner| present::owner(owner, &app.urls)).collect();
    Ok(Reply::ok(&shown))
}

/// GET `…/owners/USERNAME_OR_EMAIL`
pub async fn get(State(app): State<Arc<App>>, visitor: Visitor, target: Target) -> Result<Reply, HttpError> {
    let owners = app.store.owners(target.package(&app, visitor.caller()).await?).await?;
    let named = |text: &str| text.eq_ignore_ascii_case(&target.owner);
    let found = owners.iter().find(|owner| named(&owner.user.username) || named(&owner.user.email));
    found.map(|owner| Reply::ok(&present::owner(owner, &app.urls))).ok_or_else(HttpError::not_found)
}

/// What an owner may do, and whether nobody else is to own the package.
#[derive(Default, Deserialize)]
#[serde(default)]
struct OwnerRequest {
    level: Field<String>,
    transfer: Field<Flag>,
}

/// PUT `…/owners/USERNAME_OR_EMAIL {level, transfer}`
pub async fn put(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    target: Target,
    Extension(upload): Extension<Upload>,
) -> Result<Reply, HttpError> {
    let id = target.package_to_change(&app, &caller).await?;
    let OwnerRequest { level, transfer } = upload.params().await?;
    let level = level.and_then(|name| Level::parse(&name)).or_invalid("level")?.unwrap_or(Level::Full);
    app.store.put_owner(caller.actor(), id, target.owner, level, transfer.is_true()).await?;
    Ok(Reply::no_content())
}

/// DELETE `…/owners/USERNAME_OR_EMAIL`
pub async fn remove(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    target: Target,
) -> Result<Reply, HttpError> {
    let id = target.package_to_change(&app, &caller).await?;
    app.store.remove_owner(caller.actor(), id, target.owner).await?;
    Ok(Reply::no_content())
}
