//! Organizations and their members.

use hexide_client::api::organization::{self, Role};
use hexide_core::{Code, Error, Result};
use rustler::{Env, Term};

use crate::{
    config::Configured,
    job::{self, Done},
    term::Typed,
};

#[rustler::nif]
fn org_list(env: Env<'_>, config: Configured) -> Term<'_> {
    job::request(env, config, |client, _| async move { organization::list(&client).await.map(Typed) })
}

#[rustler::nif]
fn org_get(env: Env<'_>, config: Configured, name: String) -> Term<'_> {
    job::request(env, config, |client, _| async move { organization::get(&client, &name).await.map(Typed) })
}

#[rustler::nif]
fn org_update(env: Env<'_>, config: Configured, name: String, seats: u32) -> Term<'_> {
    job::request(env, config, move |client, _| async move {
        organization::update(&client, &name, seats).await.map(Typed)
    })
}

#[rustler::nif]
fn org_members(env: Env<'_>, config: Configured, name: String) -> Term<'_> {
    job::request(
        env,
        config,
        |client, _| async move { organization::members(&client, &name).await.map(Typed) },
    )
}

#[rustler::nif]
fn org_member(env: Env<'_>, config: Configured, name: String, user: String) -> Term<'_> {
    job::request(env, config, |client, _| async move {
        organization::member(&client, &name, &user).await.map(Typed)
    })
}

#[rustler::nif]
fn org_add_member(env: Env<'_>, config: Configured, name: String, user: String, role: String) -> Term<'_> {
    job::request(env, config, |client, _| async move {
        organization::add_member(&client, &name, &user, read_role(&role)?).await.map(Typed)
    })
}

#[rustler::nif]
fn org_set_role(env: Env<'_>, config: Configured, name: String, user: String, role: String) -> Term<'_> {
    job::request(env, config, |client, _| async move {
        organization::set_role(&client, &name, &user, read_role(&role)?).await.map(Typed)
    })
}

#[rustler::nif]
fn org_remove_member(env: Env<'_>, config: Configured, name: String, user: String) -> Term<'_> {
    job::request(env, config, |client, _| async move {
        organization::remove_member(&client, &name, &user).await.map(|()| Done)
    })
}

#[rustler::nif]
fn org_audit_log(env: Env<'_>, config: Configured, name: String) -> Term<'_> {
    job::request(env, config, |client, _| async move {
        organization::audit_log(&client, &name, None).await.map(Typed)
    })
}

fn read_role(role: &str) -> Result<Role> {
    serde_json::from_value(role.into())
        .map_err(|_| Error::new(Code::Invalid, format!("`{role}` is no role: use admin, write or read")))
}
