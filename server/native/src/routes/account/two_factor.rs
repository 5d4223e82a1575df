//! `/account/two-factor`

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;

use crate::{
    app::App,
    identity::{
        Entered, Form, Visit,
        second_factor::{self, Verdict},
    },
    pages::{Page, PageError, two_factor as shown},
    secret::{self, NoSecret, totp::Secret},
};

const TITLE: &str = "Two-factor authentication";
const RECOVERY_CODES: usize = 10;
const WRONG: &str = "That code is wrong, or was used already.";

/// GET `/account/two-factor`
pub async fn get(State(app): State<Arc<App>>, visit: Visit) -> Result<Page, PageError> {
    let session = visit.signed_in("/account/two-factor")?;
    if app.store.two_factor(session.user.id).await?.is_some() {
        return Ok(Page::see("/account#two-factor"));
    }
    let secret = Secret::random()?;
    let uri = secret.uri("hexide", &session.user.username);
    Ok(visit.page(TITLE, &shown::set_up(&visit.csrf(), &secret, &uri, None)))
}

/// The secret that was shown, and a code made of it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SecretAndCode {
    secret: Entered,
    code: Entered,
}

/// POST `/account/two-factor/on`: the secret that the page showed, and a code made of it. Until the
/// code is right nothing is kept.
pub async fn on(State(app): State<Arc<App>>, form: Form<SecretAndCode>) -> Result<Page, PageError> {
    let session = form.visit.signed_in("/account/two-factor")?;
    let user = &session.user;
    if app.store.two_factor(user.id).await?.is_some() {
        return Ok(Page::see("/account#two-factor"));
    }
    let secret = Secret::parse(&form.entered.secret).filter(|secret| secret.bytes().len() == 20);
    let Some(secret) = secret else { return Ok(Page::see("/account/two-factor")) };
    let key = user.id.to_string();
    app.wrong_codes.look(&key)?;
    let Some(step) = secret.step_of(&form.entered.code, app.clock.now()) else {
        app.wrong_codes.check(&key)?;
        let uri = secret.uri("hexide", &user.username);
        let body = shown::set_up(&form.visit.csrf(), &secret, &uri, Some(WRONG));
        return Ok(form.visit.page(TITLE, &body).with_status(StatusCode::UNPROCESSABLE_ENTITY));
    };
    let codes = (0..RECOVERY_CODES).map(|_| recovery_code()).collect::<Result<Vec<_>, _>>()?;
    let hashes = codes.iter().map(|code| secret::hash_key(&plain(code))).collect();
    app.store.begin_two_factor(form.visit.actor(session), secret, hashes).await?;
    // The code that proved the secret is spent, as any other.
    app.store.use_totp_step(user.id, step).await?;
    Ok(form.visit.page(TITLE, &shown::recovery_codes(&codes)))
}

/// The second factor once more.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Code {
    code: Entered,
}

/// POST `/account/two-factor/off`
pub async fn off(State(app): State<Arc<App>>, form: Form<Code>) -> Result<Page, PageError> {
    let session = form.visit.signed_in("/account")?;
    let (user_id, code) = (session.user.id, form.entered.code.trim());
    if code_matches(&app, user_id, code).await? || recovery_code_matches(&app, user_id, code).await? {
        app.store.clear_totp(form.visit.actor(session)).await?;
        return Ok(Page::see("/account?notice=two-factor-off#two-factor"));
    }
    let page = super::overview::show(&app, &form.visit, session, Some(("code", WRONG)), None).await?;
    Ok(page.with_status(StatusCode::UNPROCESSABLE_ENTITY))
}

/// Whether that is a two-factor code of the user, of about now and not used before. A wrong one counts.
///
/// # Errors
/// 429, 500.
pub async fn code_matches(app: &App, user_id: i64, code: &str) -> Result<bool, PageError> {
    match second_factor::judge_once(app, user_id, code).await? {
        Verdict::Right(_) => Ok(true),
        Verdict::Wrong | Verdict::Off => Ok(false),
        Verdict::TooMany => {
            app.wrong_codes.look(&user_id.to_string())?;
            Ok(false)
        }
    }
}

/// Whether that is a recovery code of the user; it is spent then. Asked after [`code_matches`], which
/// counts the attempt.
///
/// # Errors
/// 500.
pub async fn recovery_code_matches(app: &App, user_id: i64, code: &str) -> Result<bool, PageError> {
    Ok(app.store.use_recovery_code(user_id, secret::hash_key(&plain(code))).await?)
}

/// Eighty random bits in four groups.
fn recovery_code() -> Result<String, NoSecret> {
    let code = secret::random_hex::<10>()?;
    let groups: Vec<&str> =
        code.as_bytes().chunks(5).filter_map(|group| std::str::from_utf8(group).ok()).collect();
    Ok(groups.join("-"))
}

/// A recovery code as it is hashed, however it is typed.
fn plain(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
