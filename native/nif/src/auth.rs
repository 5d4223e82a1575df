//! Logging in: the device flow, tokens, and what credentials may do.

use hexide_client::api::{
    auth,
    oauth::{self, Device},
};
use rustler::{Env, Term, types::erlang_option::ErlOption};
use secrecy::SecretString;

use crate::{
    config::Configured,
    job::{self, Done},
    term::Typed,
};

#[rustler::nif]
fn auth_device_start(env: Env<'_>, config: Configured, scope: String, name: ErlOption<String>) -> Term<'_> {
    job::request(env, config, |client, _| async move {
        oauth::start(&client, &scope, Option::<String>::from(name).as_deref()).await.map(Typed)
    })
}

#[rustler::nif]
fn auth_device_poll(env: Env<'_>, config: Configured, device_code: String) -> Term<'_> {
    let code = SecretString::from(device_code);
    job::request(env, config, |client, _| async move { oauth::poll(&client, &code).await.map(Typed) })
}

#[rustler::nif]
fn auth_device_wait(
    env: Env<'_>,
    config: Configured,
    device_code: String,
    expires_in: u64,
    interval: u64,
) -> Term<'_> {
    let device = Device {
        device_code: device_code.into(),
        user_code: String::new(),
        verification_uri: String::new(),
        verification_uri_complete: None,
        expires_in,
        interval,
    };
    job::request(env, config, |client, progress| async move {
        oauth::wait(&client, &device, Some(&progress.reporter())).await.map(Typed)
    })
}

#[rustler::nif]
fn auth_refresh(env: Env<'_>, config: Configured, refresh_token: String) -> Term<'_> {
    let token = SecretString::from(refresh_token);
    job::request(env, config, |client, _| async move { oauth::refresh(&client, &token).await.map(Typed) })
}

#[rustler::nif]
fn auth_revoke(env: Env<'_>, config: Configured, token: String) -> Term<'_> {
    let token = SecretString::from(token);
    job::request(env, config, |client, _| async move { oauth::revoke(&client, &token).await.map(|()| Done) })
}

#[rustler::nif]
fn auth_exchange(env: Env<'_>, config: Configured, scope: String) -> Term<'_> {
    job::request(env, config, |client, _| async move { oauth::exchange(&client, &scope).await.map(Typed) })
}

#[rustler::nif]
fn auth_test(env: Env<'_>, config: Configured, domain: String, resource: ErlOption<String>) -> Term<'_> {
    job::request(env, config, |client, _| async move {
        auth::test(&client, &domain, Option::<String>::from(resource).as_deref()).await.map(Typed)
    })
}
