//! Releases.

use hexide_client::api::release::{self, Reason, Retirement};
use hexide_core::{Code, Error, Result};
use rustler::{Env, Term, types::erlang_option::ErlOption};

use crate::{
    config::Configured,
    held::HeldBinary,
    job::{self, Done},
    term::Typed,
};

#[rustler::nif]
fn release_get(env: Env<'_>, config: Configured, name: String, version: String) -> Term<'_> {
    job::request(
        env,
        config,
        |client, _| async move { release::get(&client, &name, &version).await.map(Typed) },
    )
}

#[rustler::nif]
fn release_publish(env: Env<'_>, config: Configured, tarball: HeldBinary, replace: bool) -> Term<'_> {
    job::request(env, config, move |client, progress| async move {
        release::publish(&client, tarball.copy()?, replace, Some(progress.reporter())).await.map(Typed)
    })
}

#[rustler::nif]
fn release_revert(env: Env<'_>, config: Configured, name: String, version: String) -> Term<'_> {
    job::request(env, config, |client, _| async move {
        release::revert(&client, &name, &version).await.map(|()| Done)
    })
}

#[rustler::nif]
fn release_retire(
    env: Env<'_>,
    config: Configured,
    name: String,
    version: String,
    reason: String,
    message: ErlOption<String>,
) -> Term<'_> {
    job::request(env, config, |client, _| async move {
        let retirement = retirement(&reason, message)?;
        release::retire(&client, &name, &version, &retirement).await.map(|()| Done)
    })
}

#[rustler::nif]
fn release_unretire(env: Env<'_>, config: Configured, name: String, version: String) -> Term<'_> {
    job::request(env, config, |client, _| async move {
        release::unretire(&client, &name, &version).await.map(|()| Done)
    })
}

#[rustler::nif]
fn release_retire_all(
    env: Env<'_>,
    config: Configured,
    name: String,
    reason: String,
    message: ErlOption<String>,
) -> Term<'_> {
    job::request(env, config, |client, _| async move {
        let retirement = retirement(&reason, message)?;
        release::retire_all(&client, &name, &retirement, true).await.map(|()| Done)
    })
}

fn retirement(reason: &str, message: ErlOption<String>) -> Result<Retirement> {
    let reason: Reason = serde_json::from_value(reason.into()).map_err(|_| {
        let message = format!("`{reason}` is no reason: use other, invalid, security, deprecated or renamed");
        Error::new(Code::Invalid, message)
    })?;
    Ok(Retirement { reason, message: message.into() })
}
