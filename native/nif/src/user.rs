//! Users of a registry.

use hexide_client::api::user;
use rustler::{Env, Term};
use secrecy::SecretString;

use crate::{
    config::Configured,
    job::{self, Done},
    term::Typed,
};

#[rustler::nif]
fn user_register(
    env: Env<'_>,
    config: Configured,
    username: String,
    email: String,
    password: String,
) -> Term<'_> {
    let password = SecretString::from(password);
    job::request(env, config, |client, _| async move {
        user::register(&client, &username, &password, &email).await.map(Typed)
    })
}

#[rustler::nif]
fn user_me(env: Env<'_>, config: Configured) -> Term<'_> {
    job::request(env, config, |client, _| async move { user::me(&client).await.map(Typed) })
}

#[rustler::nif]
fn user_get(env: Env<'_>, config: Configured, username: String) -> Term<'_> {
    job::request(env, config, |client, _| async move { user::get(&client, &username).await.map(Typed) })
}

#[rustler::nif]
fn user_audit_log(env: Env<'_>, config: Configured) -> Term<'_> {
    job::request(env, config, |client, _| async move { user::audit_log(&client, None).await.map(Typed) })
}

#[rustler::nif]
fn user_reset_password(env: Env<'_>, config: Configured, user: String) -> Term<'_> {
    job::request(
        env,
        config,
        |client, _| async move { user::reset_password(&client, &user).await.map(|()| Done) },
    )
}
