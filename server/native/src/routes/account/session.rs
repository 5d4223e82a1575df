//! `/account/sessions`: what is signed in.

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;

use crate::{
    app::App,
    identity::{Entered, Form},
    pages::{Page, PageError},
    wire::HttpError,
};

/// Which session is to end.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Ending {
    id: Entered,
}

/// POST `/account/sessions/browser`
pub async fn end_browser(State(app): State<Arc<App>>, form: Form<Ending>) -> Result<Page, PageError> {
    let session = form.visit.signed_in("/account")?;
    let id = form.entered.id.number().ok_or_else(HttpError::not_found)?;
    if id == session.id {
        return form.visit.leave(&app, "/account/sign-in?notice=signed-out").await;
    }
    app.store.end_browser_session(session.user.id, id).await?;
    Ok(Page::see("/account?notice=browser#browsers"))
}

/// POST `/account/sessions/program`
pub async fn end_program(State(app): State<Arc<App>>, form: Form<Ending>) -> Result<Page, PageError> {
    let session = form.visit.signed_in("/account")?;
    let id = form.entered.id.number().ok_or_else(HttpError::not_found)?;
    app.store.revoke_session(form.visit.actor(session), id).await?;
    Ok(Page::see("/account?notice=program#programs"))
}
