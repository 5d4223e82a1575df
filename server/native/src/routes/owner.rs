//! `/api/packages/NAME/owners`

use std::sync::Arc;

use axum::{Extension, extract::State};
use serde_json::{Value, json};

use super::Target;
use crate::{
    app::App,
    identity::{Caller, Visitor},
    registry::present,
    store::Level,
    wire::{HttpError, Reply, Upload},
};

/// GET `…/owners`
pub async fn list(State(app): State<Arc<App>>, visitor: Visitor, target: Target) -> Result<Reply, HttpError> {
    let owners = app.store.owners(target.package(&app, visitor.caller()).await?).await?;
    Ok(Reply::ok(owners.iter().map(|owner| present::owner(owner, &app.urls)).collect()))
}

/// GET `…/owners/USERNAME_OR_EMAIL`
pub async fn get(State(app): State<Arc<App>>, visitor: Visitor, target: Target) -> Result<Reply, HttpError> {
    let owners = app.store.owners(target.package(&app, visitor.caller()).await?).await?;
    let named = |text: &str| text.eq_ignore_ascii_case(&target.owner);
    let found = owners.iter().find(|owner| named(&owner.user.username) || named(&owner.user.email));
    found.map(|owner| Reply::ok(present::owner(owner, &app.urls))).ok_or_else(HttpError::not_found)
}

/// PUT `…/owners/USERNAME_OR_EMAIL {level, transfer}`
pub async fn put(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    target: Target,
    Extension(upload): Extension<Upload>,
) -> Result<Reply, HttpError> {
    let id = target.package_to_change(&app, &caller).await?;
    let params = upload.params().await?;
    let level = match params.get("level") {
        None | Some(Value::Null) => Level::Full,
        Some(level) => level
            .as_str()
            .and_then(Level::parse)
            .ok_or_else(|| HttpError::invalid(json!({"level": "is invalid"})))?,
    };
    let transfer = truth(params.get("transfer"));
    app.store.put_owner(caller.actor(), id, target.owner, level, transfer).await?;
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

/// Whether a parameter says yes, as data or as the text of a form.
pub fn truth(value: Option<&Value>) -> bool {
    value.is_some_and(|value| value.as_bool().unwrap_or_else(|| value.as_str() == Some("true")))
}
