//! `/account/sign-in`, `/account/sign-out`

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;

use crate::{
    app::App,
    identity::{Entered, Form, Visit},
    pages::{
        Page, PageError,
        sign_in::{self as shown, SignIn},
    },
    rate_limit::Attempts,
    secret,
    store::Stage,
    wire::Query,
};

const TITLE: &str = "Sign in";
const WRONG: &str = "The name or the password is wrong.";
const UNCONFIRMED: &str = "Confirm your e-mail address first: open the link that was sent to it.";

/// Where to go after signing in: a page of an account or the device page, never another site.
fn safe_next(next: &str) -> &str {
    let known = |root: &str| {
        let rest = next.strip_prefix(root);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    };
    let plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if plain && (known("/account") || known("/oauth/device") || known("/packages")) {
        next
    } else {
        "/account"
    }
}

/// GET `/account/sign-in?next=PATH`
pub async fn get(query: Query, visit: Visit) -> Page {
    let next = safe_next(query.get("next").unwrap_or_default());
    if visit.user().is_some() {
        return Page::see(next);
    }
    let notice = match query.get("notice").unwrap_or_default() {
        "password" => Some("Your password was set. Sign in with it."),
        "confirmed" => Some("Your e-mail address is confirmed. Sign in now."),
        "signed-out" => Some("You are signed out."),
        _ => None,
    };
    visit.page(TITLE, &shown::form(&SignIn { csrf: &visit.csrf(), next, notice, ..SignIn::default() }))
}

/// Who wants to sign in, and where to go then.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Credentials {
    login: Entered,
    password: Entered,
    next: Entered,
}

/// POST `/account/sign-in`
pub async fn post(State(app): State<Arc<App>>, form: Form<Credentials>) -> Result<Page, PageError> {
    let (login, next) = (form.entered.login.trim(), safe_next(&form.entered.next));
    let limits = &app.attempts;
    Attempts::check(&[
        (&limits.addresses, &form.visit.counted_as),
        (&limits.passwords, &login.to_lowercase()),
    ])?;
    let found = app.store.credentials(login.to_owned()).await?;
    let (user, hash) = found.map_or((None, None), |(user, hash)| (Some(user), hash));
    let password = form.entered.password.password();
    let matches = app.computing.run(move || secret::password_matches(&password, hash.as_deref())).await?;
    let refuse = |refusal| {
        let csrf = form.visit.csrf();
        let again = SignIn { csrf: &csrf, next, login, refusal: Some(refusal), notice: None };
        form.visit.page(TITLE, &shown::form(&again)).with_status(StatusCode::UNPROCESSABLE_ENTITY)
    };
    let Some(user) = user.filter(|_| matches) else { return Ok(refuse(WRONG)) };
    if !user.confirmed {
        return Ok(refuse(UNCONFIRMED));
    }
    if app.store.two_factor(user.id).await?.is_none() {
        return form.visit.enter(&app, user.id, Stage::SignedIn, next).await;
    }
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
    form.visit.enter(&app, user.id, Stage::AwaitsCode, &format!("/account/sign-in/code?{query}")).await
}

const CODE_TITLE: &str = "One more step";

/// GET `/account/sign-in/code?next=PATH`
pub async fn code(query: Query, visit: Visit) -> Page {
    let next = safe_next(query.get("next").unwrap_or_default());
    match &visit.session {
        None => Page::see("/account/sign-in"),
        Some(session) if session.stage == Stage::SignedIn => Page::see(next),
        Some(_) => visit.page(CODE_TITLE, &shown::code(&visit.csrf(), next, None)),
    }
}

/// The second factor, and where to go then.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Code {
    code: Entered,
    next: Entered,
}

/// POST `/account/sign-in/code`
pub async fn check_code(State(app): State<Arc<App>>, form: Form<Code>) -> Result<Page, PageError> {
    let next = safe_next(&form.entered.next);
    let waiting = form.visit.session.as_ref().filter(|session| session.stage == Stage::AwaitsCode);
    let Some(session) = waiting else { return Ok(Page::see("/account/sign-in")) };
    let user_id = session.user.id;
    let code = form.entered.code.trim();
    if super::two_factor::code_matches(&app, user_id, code).await?
        || super::two_factor::recovery_code_matches(&app, user_id, code).await?
    {
        return form.visit.enter(&app, user_id, Stage::SignedIn, next).await;
    }
    let again = shown::code(&form.visit.csrf(), next, Some("That code is wrong, or was used already."));
    Ok(form.visit.page(CODE_TITLE, &again).with_status(StatusCode::UNPROCESSABLE_ENTITY))
}

/// POST `/account/sign-out`
pub async fn out(State(app): State<Arc<App>>, form: Form) -> Result<Page, PageError> {
    form.visit.leave(&app, "/account/sign-in?notice=signed-out").await
}

#[cfg(test)]
mod tests {
    use super::safe_next;

    #[test]
    fn signing_in_leads_to_no_other_site() {
        for (next, goes) in [
            ("/account", "/account"),
            ("/oauth/device?user_code=ABCD1234", "/oauth/device?user_code=ABCD1234"),
            ("/packages/foo", "/packages/foo"),
            ("", "/account"),
            ("//evil.example", "/account"),
            ("/account\\@evil.example", "/account"),
            ("/accounting", "/account"),
            ("/account\r\nset-cookie: a=b", "/account"),
            ("https://evil.example/account", "/account"),
        ] {
            assert_eq!(safe_next(next), goes, "{next:?}");
        }
    }
}
