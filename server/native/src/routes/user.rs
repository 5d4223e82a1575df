//! `/api/users`

use std::sync::Arc;

use axum::{Extension, extract::State};
use http::HeaderMap;
use serde_json::{Map, Value, json};

use super::Target;
use crate::{
    app::App,
    identity::{AnyCaller, Application, Caller, Need, Visitor, register, user_agent},
    registry::present,
    store::{PrincipalId, User},
    wire::{Cache, HttpError, Query, Reply, Upload},
};

/// POST `/users`
pub async fn create(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Extension(upload): Extension<Upload>,
) -> Result<Reply, HttpError> {
    let params = upload.params().await?;
    let text = |key: &str| params.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let application = Application {
        username: text("username").map(str::to_lowercase),
        email: email(&params),
        full_name: text("full_name").map(str::to_owned),
        password: text("password").map(str::to_owned),
    };
    let user = register(&app, application, user_agent(&headers)).await?;
    let location = format!("/api/users/{}", user.username);
    Ok(Reply::created(Value::Object(present::user(&user, &app.urls)), location))
}

/// `email`, or the first of `emails`.
fn email(params: &Map<String, Value>) -> Option<String> {
    let listed = params.get("emails").and_then(|emails| emails.pointer("/0/email"));
    let email = params.get("email").or(listed).and_then(Value::as_str)?;
    Some(email.trim().to_owned()).filter(|email| !email.is_empty())
}

/// As whom a caller sees private packages; nobody, where the key does not reach the API.
fn viewer(caller: Option<&AnyCaller>) -> Option<PrincipalId> {
    let seeing = caller.filter(|caller| caller.is_active() && caller.demand(Need::Read).is_ok());
    seeing.map(AnyCaller::id)
}

async fn show(app: &App, caller: Option<&AnyCaller>, user: &User) -> Result<Map<String, Value>, HttpError> {
    let packages = app.store.owned_packages(user.id, viewer(caller)).await?;
    Ok(present::user_with_packages(user, &packages, &app.urls))
}

/// GET `/users/NAME`, or by e-mail address.
pub async fn get(State(app): State<Arc<App>>, visitor: Visitor, target: Target) -> Result<Reply, HttpError> {
    let found = app.store.credentials(target.name.clone()).await?;
    // Until it is confirmed, an address may be anybody's.
    let named = |user: &User| user.confirmed || user.username.eq_ignore_ascii_case(&target.name);
    let user = found.map(|(user, _)| user).filter(named).ok_or_else(HttpError::not_found)?;
    Ok(Reply::ok(Value::Object(show(&app, visitor.caller(), &user).await?)).changed_at(user.updated_at))
}

/// GET `/users/me`
pub async fn me(State(app): State<Arc<App>>, Caller(caller): Caller) -> Result<Reply, HttpError> {
    caller.demand(Need::Read)?;
    let user = caller.user()?;
    let mut shown = show(&app, Some(&caller), user).await?;
    let organizations = app.store.organizations(caller.id()).await?;
    let organizations = organizations.iter().map(|(of, role)| json!({"name": of.name, "role": role.name()}));
    shown.insert("organizations".to_owned(), organizations.collect());
    Ok(Reply::ok(Value::Object(shown)).changed_at(user.updated_at))
}

/// GET `/users/NAME/test`: whether these are the credentials of that user.
pub async fn test(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    target: Target,
) -> Result<Reply, HttpError> {
    caller.demand(Need::Read)?;
    let user = caller.user()?;
    if !user.username.eq_ignore_ascii_case(&target.name) {
        return Err(HttpError::not_found());
    }
    let shown = show(&app, Some(&caller), user).await?;
    Ok(Reply::ok(Value::Object(shown)).changed_at(user.updated_at))
}

/// GET `/users/me/audit-logs`
pub async fn my_log(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    query: Query,
) -> Result<Reply, HttpError> {
    caller.demand(Need::Read)?;
    let entries = app.store.user_log(caller.user()?.id, query.page()).await?;
    Ok(Reply::ok(present::log(entries)).cached(Cache::Never))
}
