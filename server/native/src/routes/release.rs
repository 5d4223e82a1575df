//! `/api/packages/NAME/releases/VERSION`, and retiring.

use std::sync::Arc;

use axum::{Extension, extract::State};
use serde_json::{Map, Value, json};

use super::{Target, owner::truth};
use crate::{
    app::App,
    identity::{Caller, Visitor},
    registry::present,
    store::{Reason, Retirement},
    wire::{HttpError, Reply, Upload},
};

/// GET `…/releases/VERSION`
pub async fn get(State(app): State<Arc<App>>, visitor: Visitor, target: Target) -> Result<Reply, HttpError> {
    let id = target.release(&app, visitor.caller()).await?;
    let cache = app.cache(&id.package.repository);
    let release = app.store.release(id).await?.ok_or_else(HttpError::not_found)?;
    let shown = present::release(&release, &app.urls);
    Ok(Reply::ok(shown).cached(cache).changed_at(release.updated_at))
}

/// DELETE `…/releases/VERSION`
pub async fn revert(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    target: Target,
) -> Result<Reply, HttpError> {
    let id = target.release_to_change(&app, &caller).await?;
    let orphans = app.store.revert_release(caller.actor(), id).await?;
    app.blobs.discard(orphans).await;
    Ok(Reply::no_content())
}

/// POST `…/releases/VERSION/retire {reason, message}`
pub async fn retire(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    target: Target,
    Extension(upload): Extension<Upload>,
) -> Result<Reply, HttpError> {
    let id = target.release_to_change(&app, &caller).await?;
    let retirement = retirement(&upload.params().await?)?;
    app.store.retire(caller.actor(), id, retirement).await?;
    Ok(Reply::no_content())
}

/// DELETE `…/releases/VERSION/retire`
pub async fn unretire(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    target: Target,
) -> Result<Reply, HttpError> {
    let id = target.release_to_change(&app, &caller).await?;
    app.store.unretire(caller.actor(), id).await?;
    Ok(Reply::no_content())
}

/// POST `/packages/NAME/retire {reason, message, replace}`: every release.
pub async fn retire_all(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    target: Target,
    Extension(upload): Extension<Upload>,
) -> Result<Reply, HttpError> {
    let id = target.package_to_change(&app, &caller).await?;
    let params = upload.params().await?;
    let replace = truth(params.get("replace"));
    app.store.retire_all(caller.actor(), id, retirement(&params)?, replace).await?;
    Ok(Reply::no_content())
}

fn retirement(params: &Map<String, Value>) -> Result<Retirement, HttpError> {
    let mut errors = Map::new();
    let reason = match params.get("reason").and_then(Value::as_str) {
        None => {
            errors.insert("reason".to_owned(), json!("can't be blank"));
            None
        }
        Some(name) => {
            let reason = Reason::parse(name);
            if reason.is_none() {
                errors.insert("reason".to_owned(), json!("is invalid"));
            }
            reason
        }
    };
    let message = params.get("message").and_then(Value::as_str).filter(|message| !message.trim().is_empty());
    match message.map(|message| message.chars().count()) {
        Some(length) if length < 3 => {
            errors.insert("message".to_owned(), json!("should be at least 3 character(s)"));
        }
        Some(length) if length > 140 => {
            errors.insert("message".to_owned(), json!("should be at most 140 character(s)"));
        }
        _ => {}
    }
    match reason {
        Some(reason) if errors.is_empty() => Ok(Retirement { reason, message: message.map(str::to_owned) }),
        _ => Err(HttpError::invalid(json!({"retirement": errors}))),
    }
}
