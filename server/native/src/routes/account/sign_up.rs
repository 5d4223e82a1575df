//! `/account/sign-up`, `/account/confirm`

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    app::App,
    identity::{Application, Entered, Form, Visit, register},
    pages::{
        Page, PageError,
        sign_up::{self as shown, SignUp},
    },
    rate_limit::Attempts,
    secret,
    store::{Purpose, Stage},
    wire::{HttpError, Query},
};

const TITLE: &str = "Sign up";

/// GET `/account/sign-up`
pub async fn get(visit: Visit) -> Page {
    if visit.user().is_some() {
        return Page::see("/account");
    }
    visit.page(
        TITLE,
        &shown::form(&SignUp { csrf: &visit.csrf(), username: "", email: "", errors: &Value::Null }),
    )
}

/// What somebody who wants an account enters.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct NewAccount {
    username: Entered,
    email: Entered,
    password: Entered,
}

/// POST `/account/sign-up`
pub async fn post(State(app): State<Arc<App>>, form: Form<NewAccount>) -> Result<Page, PageError> {
    Attempts::check(&[(&app.attempts.sign_ups, &form.visit.counted_as)])?;
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let application = Application {
        username: given(&form.entered.username.trim().to_lowercase()),
        email: given(form.entered.email.trim()),
        full_name: None,
        password: given(&form.entered.password),
    };
    match register(&app, application, form.visit.user_agent.clone()).await {
        Ok(user) if user.confirmed => form.visit.enter(&app, user.id, Stage::SignedIn, "/account").await,
        Ok(user) => Ok(form.visit.page("Almost there", &shown::to_be_confirmed(&user.email))),
        Err(HttpError { errors: Some(errors), status, .. }) => {
            let (username, email) = (form.entered.username.trim(), form.entered.email.trim());
            let again = SignUp { csrf: &form.visit.csrf(), username, email, errors: &errors };
            Ok(form.visit.page(TITLE, &shown::form(&again)).with_status(status))
        }
        Err(error) => Err(error.into()),
    }
}

const OVER: &str = "This link was used already, or is too old. Sign in, or sign up again.";

/// GET `/account/confirm?token=TOKEN`
pub async fn confirm(State(app): State<Arc<App>>, query: Query, visit: Visit) -> Result<Page, PageError> {
    let user = app
        .store
        .link_user(secret::hash_key(query.get("token").unwrap_or_default()), Purpose::Confirm)
        .await?;
    let user = user.ok_or_else(|| PageError::new(StatusCode::NOT_FOUND, OVER))?;
    Ok(visit.page(
        "Confirm your address",
        &shown::confirm(&visit.csrf(), query.get("token").unwrap_or_default(), &user.email),
    ))
}

/// The token of the link.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Confirmation {
    token: Entered,
}

/// POST `/account/confirm`
pub async fn confirmed(State(app): State<Arc<App>>, form: Form<Confirmation>) -> Result<Page, PageError> {
    let hash = secret::hash_key(&form.entered.token);
    app.store.confirm_by_link(hash).await.map_err(|error| super::password::over(error, OVER))?;
    Ok(Page::see("/account/sign-in?notice=confirmed"))
}
