//! `/password/forgot`, `/password/reset`, `/account/password`, and the same in the API:
//! POST `/users/NAME/reset`

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;

use crate::{
    app::App,
    identity::{Entered, Form, Requester, Visit, link},
    pages::{Page, PageError, password as shown},
    rate_limit::Attempts,
    routes::Target,
    rules, secret,
    store::{Purpose, StoreError},
    wire::{HttpError, Query, Reply},
};

const OVER: &str = "This link was used already, or is too old. Ask for a new one.";

/// GET `/password/forgot`
pub async fn forgot(visit: Visit) -> Page {
    visit.page("Forgot your password?", &shown::forgot(&visit.csrf()))
}

/// The name or the address of whoever forgot a password.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Forgotten {
    login: Entered,
}

/// POST `/password/forgot`
pub async fn send(State(app): State<Arc<App>>, form: Form<Forgotten>) -> Result<Page, PageError> {
    Attempts::check(&[(&app.attempts.mails, &form.visit.counted_as)])?;
    mail_reset(&app, form.entered.login.trim().to_owned(), form.visit.user_agent.clone());
    Ok(form.visit.page("Look at your mail", &shown::sent()))
}

/// POST `/api/users/NAME_OR_EMAIL/reset`: 204 whether or not there is such a user.
pub async fn reset_by_api(
    State(app): State<Arc<App>>,
    requester: Requester,
    target: Target,
) -> Result<Reply, HttpError> {
    let limited = |_| HttpError::new(StatusCode::TOO_MANY_REQUESTS, "too many attempts, try again later");
    Attempts::check(&[(&app.attempts.mails, &requester.counted_as)]).map_err(limited)?;
    mail_reset(&app, target.name().to_owned(), requester.user_agent);
    Ok(Reply::no_content())
}

/// Makes a link and hands it out, where there is such a user; not before the reply, which must neither
/// say nor take a time that says whether there is one.
fn mail_reset(app: &Arc<App>, login: String, user_agent: String) {
    let app = Arc::clone(app);
    tokio::spawn(async move {
        let found = match app.store.credentials(login).await {
            Ok(found) => found,
            Err(error) => return tracing::error!(?error, "a link could not be made"),
        };
        let Some((user, _)) = found else { return };
        if Attempts::check(&[(&app.attempts.mails, &format!("user {}", user.id))]).is_err() {
            return tracing::warn!(user = %user.username, "a link was asked for too often");
        }
        if let Err(error) = link::mail(&app, &user, Purpose::Reset, user_agent).await {
            tracing::error!(?error, "a link could not be made");
        }
    });
}

/// GET `/password/reset?token=TOKEN`
pub async fn reset(State(app): State<Arc<App>>, query: Query, visit: Visit) -> Result<Page, PageError> {
    let user =
        app.store.link_user(secret::hash_key(query.get("token").unwrap_or_default()), Purpose::Reset).await?;
    let user = user.ok_or_else(|| PageError::new(StatusCode::NOT_FOUND, OVER))?;
    Ok(visit.page(
        "Set a new password",
        &shown::reset(&visit.csrf(), query.get("token").unwrap_or_default(), &user.username, None),
    ))
}

/// The token of the link, and the password that is to be.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct NewPassword {
    token: Entered,
    password: Entered,
}

/// POST `/password/reset`
pub async fn set(State(app): State<Arc<App>>, form: Form<NewPassword>) -> Result<Page, PageError> {
    Attempts::check(&[(&app.attempts.addresses, &form.visit.counted_as)])?;
    let hash = secret::hash_key(&form.entered.token);
    let user = app.store.link_user(hash, Purpose::Reset).await?;
    let user = user.ok_or_else(|| PageError::new(StatusCode::NOT_FOUND, OVER))?;
    if let Some(refusal) = rules::account::password_error(&form.entered.password) {
        let refusal = format!("The password {refusal}.");
        let body = shown::reset(&form.visit.csrf(), &form.entered.token, &user.username, Some(&refusal));
        return Ok(form
            .visit
            .page("Set a new password", &body)
            .with_status(StatusCode::UNPROCESSABLE_ENTITY));
    }
    let password = form.entered.password.password();
    let password_hash = app.computing.run(move || secret::hash_password(&password)).await??;
    let set = app.store.reset_password(hash, password_hash, form.visit.user_agent.clone()).await;
    set.map_err(|error| over(error, OVER))?;
    Ok(Page::see("/account/sign-in?notice=password"))
}

/// The page for a link that is no more, or for what else went wrong.
pub fn over(error: StoreError, message: &str) -> PageError {
    match error {
        StoreError::NotFound => PageError::new(StatusCode::NOT_FOUND, message),
        other => other.into(),
    }
}

/// The password that was, and the one that is to be.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Change {
    current: Entered,
    new: Entered,
}

/// POST `/account/password`
pub async fn change(State(app): State<Arc<App>>, form: Form<Change>) -> Result<Page, PageError> {
    let session = form.visit.signed_in("/account")?;
    let user = &session.user;
    let limits = &app.attempts;
    Attempts::check(&[(&limits.addresses, &form.visit.counted_as), (&limits.passwords, &user.username)])?;
    let found = app.store.credentials(user.username.clone()).await?;
    let hash = found.and_then(|(_, hash)| hash);
    let (current, new) = (form.entered.current.password(), form.entered.new.password());
    let matches = app.computing.run(move || secret::password_matches(&current, hash.as_deref())).await?;
    let refusal = if matches {
        rules::account::password_error(&new).map(|error| ("new", format!("The password {error}.")))
    } else {
        Some(("current", "The password is wrong.".to_owned()))
    };
    if let Some((field, refusal)) = refusal {
        let page = super::overview::show(&app, &form.visit, session, Some((field, &refusal)), None).await?;
        return Ok(page.with_status(StatusCode::UNPROCESSABLE_ENTITY));
    }
    let hash = app.computing.run(move || secret::hash_password(&new)).await??;
    app.store.change_password(form.visit.actor(session), hash, session.id).await?;
    Ok(Page::see("/account?notice=password"))
}
