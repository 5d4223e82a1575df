//! `/account/organizations`

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde_json::Value;

use crate::{
    app::App,
    identity::Form,
    pages::{Page, PageError},
    rules::organization::{self, SEATS},
    wire::HttpError,
};

/// POST `/account/organizations`
pub async fn create(State(app): State<Arc<App>>, form: Form) -> Result<Page, PageError> {
    let session = form.visit.signed_in("/account")?;
    let name = form.trimmed("organization").to_lowercase();
    let made = match organization::check(&name) {
        Ok(()) => app
            .store
            .create_organization(form.visit.actor(session), name, SEATS)
            .await
            .map_err(HttpError::from),
        Err(errors) => Err(HttpError::invalid(errors)),
    };
    let Err(error) = made else { return Ok(Page::see("/account?notice=organization#organizations")) };
    let why = error.errors.as_ref().and_then(|errors| errors.pointer("/name")).and_then(Value::as_str);
    let Some(why) = why else { return Err(error.into()) };
    let why = format!("The name {why}.");
    let page = super::overview::show(&app, &form.visit, session, Some(("organization", &why)), None).await?;
    Ok(page.with_status(StatusCode::UNPROCESSABLE_ENTITY))
}
