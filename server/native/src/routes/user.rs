//! `/api/users`

use std::sync::Arc;

use axum::{Extension, extract::State};
use http::HeaderMap;
use serde_json::{Map, Value, json};

use super::{Target, account::password};
use crate::{
    app::App,
    identity::{AnyCaller, Caller, Need, Visitor, user_agent},
    registry::present,
    secret,
    store::{NewAccount, PrincipalId, Purpose, User},
    wire::{Cache, HttpError, Query, Reply, Upload},
};

const RESERVED: [&str; 6] = ["me", "hex", "hexpm", "elixir", "erlang", "otp"];

/// What somebody who wants an account gives.
pub struct Application {
    /// The name, in small letters.
    pub username: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The name in full.
    pub full_name: Option<String>,
    /// The password.
    pub password: Option<String>,
}

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

/// Makes the account; where addresses are confirmed, a link for that goes out.
///
/// # Errors
/// 422 where it cannot be had.
pub async fn register(app: &App, given: Application, user_agent: String) -> Result<User, HttpError> {
    let Application { username, email, full_name, password } = given;
    check(username.as_deref(), email.as_deref(), password.as_deref())?;
    let (Some(username), Some(email), Some(password)) = (username, email, password) else {
        return Err(HttpError::invalid(json!({"password": "can't be blank"})));
    };
    let password_hash = app.computing.run(move || secret::hash_password(&password)).await??;
    let account = NewAccount {
        username,
        email,
        full_name,
        password_hash: Some(password_hash),
        confirmed: !app.confirm_email,
    };
    let user = app.store.create_user(account, user_agent.clone()).await?;
    if !user.confirmed {
        password::mail(app, &user, Purpose::Confirm, user_agent).await?;
    }
    Ok(user)
}

/// `email`, or the first of `emails`.
fn email(params: &Map<String, Value>) -> Option<String> {
    let listed = params.get("emails").and_then(|emails| emails.pointer("/0/email"));
    let email = params.get("email").or(listed).and_then(Value::as_str)?;
    Some(email.trim().to_owned()).filter(|email| !email.is_empty())
}

/// Refuses what no account can have.
pub fn check(username: Option<&str>, email: Option<&str>, password: Option<&str>) -> Result<(), HttpError> {
    let mut errors = Map::new();
    let mut refuse = |key: &str, error: Value| errors.insert(key.to_owned(), error);
    match username {
        None => drop(refuse("username", json!("can't be blank"))),
        Some(name)
            if !name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-.()".contains(&b)) =>
        {
            refuse("username", json!("has invalid format"));
        }
        Some(name) if name.len() < 3 => {
            refuse("username", json!("should be at least 3 character(s)"));
        }
        Some(name) if name.len() > 255 => {
            refuse("username", json!("should be at most 255 character(s)"));
        }
        Some(name) if RESERVED.contains(&name) => drop(refuse("username", json!("is reserved"))),
        Some(_) => {}
    }
    if let Some(error) = password.and_then(password_error) {
        refuse("password", json!(error));
    }
    match email {
        None => drop(refuse("emails", json!("can't be blank"))),
        Some(email) if !plausible(email) => {
            refuse("emails", json!({"email": "has invalid format"}));
        }
        Some(_) => {}
    }
    if errors.is_empty() { Ok(()) } else { Err(HttpError::invalid(Value::Object(errors))) }
}

/// What is wrong with a password.
pub fn password_error(password: &str) -> Option<&'static str> {
    match password.chars().count() {
        0..8 => Some("should be at least 8 character(s)"),
        8..=1024 => None,
        // Hashing what a stranger sends must have an end.
        _ => Some("should be at most 1024 character(s)"),
    }
}

fn plausible(email: &str) -> bool {
    let parts = email.split_once('@');
    let clean = !email.contains(|c: char| c.is_whitespace() || c.is_control()) && email.len() <= 255;
    clean && parts.is_some_and(|(local, host)| !local.is_empty() && !host.is_empty() && !host.contains('@'))
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
