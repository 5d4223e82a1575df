//! Documentation of releases.

use hexide_client::api::docs;
use rustler::{Env, Term};

use crate::{
    config::Configured,
    held::HeldBinary,
    job::{self, Done},
    term::Typed,
};

#[rustler::nif]
fn docs_publish(
    env: Env<'_>,
    config: Configured,
    name: String,
    version: String,
    tarball: HeldBinary,
) -> Term<'_> {
    job::request(env, config, move |client, progress| async move {
        docs::publish(&client, &name, &version, tarball.copy()?, Some(progress.reporter())).await.map(Typed)
    })
}

#[rustler::nif]
fn docs_revert(env: Env<'_>, config: Configured, name: String, version: String) -> Term<'_> {
    job::request(env, config, |client, _| async move {
        docs::revert(&client, &name, &version).await.map(|()| Done)
    })
}
