//! Packages.

use hexide_client::api::package::{self, Search};
use rustler::{Env, Term};

use crate::{config::Configured, fields::Fields, job, term::Typed};

#[rustler::nif]
fn package_search<'a>(
    env: Env<'a>,
    config: Configured,
    query: String,
    options: Term<'a>,
) -> rustler::NifResult<Term<'a>> {
    let fields = Fields(options);
    let search = Search {
        query: Some(query),
        sort: fields.optional("sort")?,
        page: fields.optional("page")?,
        per_page: fields.optional("per_page")?,
    };
    Ok(job::large_request(env, config, |client, _| async move {
        package::search(&client, &search).await.map(Typed)
    }))
}

#[rustler::nif]
fn package_get(env: Env<'_>, config: Configured, name: String) -> Term<'_> {
    job::request(env, config, |client, _| async move { package::get(&client, &name).await.map(Typed) })
}

#[rustler::nif]
fn package_audit_log(env: Env<'_>, config: Configured, name: String) -> Term<'_> {
    job::request(
        env,
        config,
        |client, _| async move { package::audit_log(&client, &name, None).await.map(Typed) },
    )
}
