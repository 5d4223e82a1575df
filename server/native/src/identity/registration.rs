//! Making an account.

use serde_json::json;

use crate::{
    app::App,
    identity::link,
    rules, secret,
    store::{NewAccount, Purpose, User},
    wire::HttpError,
};

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

/// Makes the account; where addresses are confirmed, a link for that goes out.
///
/// # Errors
/// 422 where it cannot be had.
pub async fn register(app: &App, given: Application, user_agent: String) -> Result<User, HttpError> {
    let Application { username, email, full_name, password } = given;
    rules::account::check(username.as_deref(), email.as_deref(), password.as_deref())
        .map_err(HttpError::invalid)?;
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
        link::mail(app, &user, Purpose::Confirm, user_agent).await?;
    }
    Ok(user)
}
