//! Owners of packages.

use hexide_client::api::owner::{self, Level};
use hexide_core::{Code, Error};
use rustler::{Env, Term};

use crate::{
    config::Configured,
    job::{self, Done},
    term::Typed,
};

#[rustler::nif]
fn owner_list(env: Env<'_>, config: Configured, package: String) -> Term<'_> {
    job::request(env, config, |client, _| async move { owner::list(&client, &package).await.map(Typed) })
}

#[rustler::nif]
fn owner_get(env: Env<'_>, config: Configured, package: String, user: String) -> Term<'_> {
    job::request(
        env,
        config,
        |client, _| async move { owner::get(&client, &package, &user).await.map(Typed) },
    )
}

#[rustler::nif]
fn owner_add(
    env: Env<'_>,
    config: Configured,
    package: String,
    user: String,
    level: String,
    transfer: bool,
) -> Term<'_> {
    job::request(env, config, move |client, _| async move {
        let level: Level = serde_json::from_value(level.as_str().into()).map_err(|_| {
            Error::new(Code::Invalid, format!("`{level}` is no level: use full or maintainer"))
        })?;
        owner::add(&client, &package, &user, level, transfer).await.map(|()| Done)
    })
}

#[rustler::nif]
fn owner_remove(env: Env<'_>, config: Configured, package: String, user: String) -> Term<'_> {
    job::request(env, config, |client, _| async move {
        owner::remove(&client, &package, &user).await.map(|()| Done)
    })
}
