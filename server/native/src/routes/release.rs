//! `/api/packages/NAME/releases/VERSION`, and retiring.

use std::sync::Arc;

use axum::{Extension, extract::State};
use serde::Deserialize;
use serde_json::{Map, json};

use super::Target;
use crate::{
    app::App,
    identity::{Caller, Visitor},
    registry::present,
    store::{Reason, Retirement},
    wire::{Field, Flag, HttpError, Reply, Upload},
};

/// GET `…/releases/VERSION`
pub async fn get(State(app): State<Arc<App>>, visitor: Visitor, target: Target) -> Result<Reply, HttpError> {
    let id = target.release(&app, visitor.caller()).await?;
    let cache = app.cache(&id.package.repository);
    let release = app.store.release(id).await?.ok_or_else(HttpError::not_found)?;
    let shown = present::release(&release, &app.urls);
    Ok(Reply::ok(&shown).cached(cache).changed_at(release.updated_at))
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

/// Why a release, or every release, is retired.
#[derive(Default, Deserialize)]
#[serde(default)]
struct RetirementRequest {
    reason: Field<String>,
    message: Field<String>,
    /// Whether those that are retired already are to be so for this reason.
    replace: Field<Flag>,
}

/// POST `…/releases/VERSION/retire {reason, message}`
pub async fn retire(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    target: Target,
    Extension(upload): Extension<Upload>,
) -> Result<Reply, HttpError> {
    let id = target.release_to_change(&app, &caller).await?;
    let retirement = upload.params::<RetirementRequest>().await?.retirement()?;
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
    let request: RetirementRequest = upload.params().await?;
    let retirement = request.retirement()?;
    app.store.retire_all(caller.actor(), id, retirement, request.replace.is_true()).await?;
    Ok(Reply::no_content())
}

impl RetirementRequest {
    /// # Errors
    /// 422.
    fn retirement(&self) -> Result<Retirement, HttpError> {
        let mut errors = Map::new();
        let reason = match &self.reason {
            Field::Given(name) => {
                let reason = Reason::parse(name);
                if reason.is_none() {
                    errors.insert("reason".to_owned(), json!("is invalid"));
                }
                reason
            }
            Field::Absent | Field::Null | Field::Unreadable => {
                errors.insert("reason".to_owned(), json!("can't be blank"));
                None
            }
        };
        let message = self.message.text().filter(|message| !message.trim().is_empty());
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
            Some(reason) if errors.is_empty() => {
                Ok(Retirement { reason, message: message.map(str::to_owned) })
            }
            _ => Err(HttpError::invalid(json!({"retirement": errors}))),
        }
    }
}
