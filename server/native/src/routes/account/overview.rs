//! `/account`

use std::sync::Arc;

use axum::extract::State;

use crate::{
    app::App,
    identity::Visit,
    pages::{
        Page, PageError,
        account::{self as shown, Account},
    },
    store::{BrowserSession, PrincipalId},
    wire::Query,
};

/// GET `/account`
pub async fn get(State(app): State<Arc<App>>, query: Query, visit: Visit) -> Result<Page, PageError> {
    let session = visit.signed_in("/account")?;
    let notice = match query.get("notice").unwrap_or_default() {
        "password" => Some("The password was changed."),
        "program" => Some("The program was signed out."),
        "browser" => Some("The browser was signed out."),
        "key" => Some("The key was revoked."),
        "organization" => Some("The organization was made."),
        "two-factor-off" => Some("Two-factor authentication is off."),
        _ => None,
    };
    show(&app, &visit, session, None, notice).await
}

/// The page, with what was wrong with a field, or with what was done.
///
/// # Errors
/// 500.
pub async fn show(
    app: &App,
    visit: &Visit,
    here: &BrowserSession,
    refusal: Option<(&str, &str)>,
    notice: Option<&str>,
) -> Result<Page, PageError> {
    let user_id = here.user.id;
    let principal = PrincipalId::User(user_id);
    let (browsers, programs) =
        (app.store.browser_sessions(user_id).await?, app.store.sessions(user_id).await?);
    let (keys, two_factor) = (app.store.keys(principal).await?, app.store.two_factor(user_id).await?);
    let organizations = app.store.organizations(principal).await?;
    let codes = app.store.recovery_codes(user_id).await?;
    let account = Account {
        csrf: &visit.csrf(),
        here,
        browsers: &browsers,
        programs: &programs,
        keys: &keys,
        organizations: &organizations,
        two_factor: two_factor.as_ref().map(|two_factor| (two_factor, codes)),
        refusal,
        notice,
    };
    Ok(visit.page("Your account", &shown::show(&account)))
}
