//! API keys.

use hexide_client::api::key::{self, Permission};
use rustler::{Env, Term, types::erlang_option::ErlOption};

use crate::{
    config::Configured,
    job::{self, Done},
    term::Typed,
};

#[rustler::nif]
fn key_list(env: Env<'_>, config: Configured) -> Term<'_> {
    job::request(env, config, |client, _| async move { key::list(&client).await.map(Typed) })
}

#[rustler::nif]
fn key_get(env: Env<'_>, config: Configured, name: String) -> Term<'_> {
    job::request(env, config, |client, _| async move { key::get(&client, &name).await.map(Typed) })
}

#[rustler::nif]
fn key_add(
    env: Env<'_>,
    config: Configured,
    name: String,
    permissions: Vec<(String, ErlOption<String>)>,
    revoke_at: ErlOption<String>,
) -> Term<'_> {
    job::request(env, config, |client, _| async move {
        let permissions: Vec<_> = permissions
            .into_iter()
            .map(|(domain, resource)| Permission { domain, resource: resource.into() })
            .collect();
        key::add(&client, &name, &permissions, Option::<String>::from(revoke_at).as_deref()).await.map(Typed)
    })
}

#[rustler::nif]
fn key_remove(env: Env<'_>, config: Configured, name: String) -> Term<'_> {
    job::request(env, config, |client, _| async move { key::remove(&client, &name).await.map(|()| Done) })
}

#[rustler::nif]
fn key_remove_all(env: Env<'_>, config: Configured) -> Term<'_> {
    job::request(env, config, |client, _| async move { key::remove_all(&client).await.map(|()| Done) })
}
