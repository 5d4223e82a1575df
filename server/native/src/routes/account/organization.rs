//! `/account/organizations`

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    app::App,
    identity::{Entered, Form},
    pages::{Page, PageError},
    rules::organization::{self, SEATS},
    wire::HttpError,
};

/// The name that an organization is to have.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct NewOrganization {
    organization: Entered,
}

/// POST `/account/organizations`
pub async fn create(State(app): State<Arc<App>>, form: Form<NewOrganization>) -> Result<Page, PageError> {
    let session = form.visit.signed_in("/account")?;
    let name = form.entered.organization.trim().to_lowercase();
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
