//! The repository.

use std::path::PathBuf;

use hexide_client::{
    Client,
    repo::{self, Asked, Fetched, FetchedItem, Item, Target},
};
use hexide_core::{Code, Error, Result, hex, registry::Origin};
use rustler::{Atom, Encoder, Env, NifResult, Term, types::erlang_option::ErlOption};

use crate::{
    config::Configured,
    error::Failure,
    job::{self, Built},
    registry::{self, Kind},
    tarball,
    term::{self, Blob},
};

mod atoms {
    rustler::atoms! {
        ok, not_modified, memory, files, unpacked, undefined,
        name, version, outer_checksum, tarball, path, etag
    }
}

type Tag = ErlOption<String>;
type Only = ErlOption<Vec<String>>;

#[rustler::nif]
fn repo_names(env: Env<'_>, config: Configured, etag: Tag, only: Only) -> Term<'_> {
    job::built_request(env, config, |client| async move {
        index(&client, Asked::Names, Kind::Names, etag, only).await
    })
}

#[rustler::nif]
fn repo_versions(env: Env<'_>, config: Configured, etag: Tag, only: Only) -> Term<'_> {
    job::built_request(env, config, |client| async move {
        index(&client, Asked::Versions, Kind::Versions, etag, only).await
    })
}

#[rustler::nif]
fn repo_package(env: Env<'_>, config: Configured, name: String, etag: Tag) -> Term<'_> {
    job::built_request(env, config, |client| async move {
        index(&client, Asked::Package(&name), Kind::Package, etag, None.into()).await
    })
}

#[rustler::nif]
fn repo_policy(env: Env<'_>, config: Configured, name: String, etag: Tag) -> Term<'_> {
    job::built_request(env, config, |client| async move {
        index(&client, Asked::Policy(&name), Kind::Policy, etag, None.into()).await
    })
}

/// A resource with the tag to ask for changes under, or the news that it has not changed.
async fn index(client: &Client, asked: Asked<'_>, kind: Kind, etag: Tag, only: Only) -> Result<Built> {
    let (etag, only) = (Option::<String>::from(etag), Option::<Vec<String>>::from(only));
    let decode = move |payload: &[u8], origin: Option<Origin<'_>>| {
        registry::decoded(kind, payload, origin, only.as_deref())
    };
    let Fetched { value, etag } = repo::index(client, asked, etag.as_deref(), decode).await?;
    let Some(resource) = value else {
        return Ok(Built::new(|env| atoms::not_modified().encode(env)));
    };
    Ok(resource.map(|shown| {
        let env = shown.get_env();
        let etag = etag.map_or_else(|| atoms::undefined().encode(env), |etag| term::text(env, &etag));
        shown.map_put(atoms::etag(), etag).unwrap_or(shown)
    }))
}

#[rustler::nif]
fn repo_tarball(
    env: Env<'_>,
    config: Configured,
    name: String,
    version: String,
    outer_checksum: ErlOption<String>,
) -> Term<'_> {
    job::request(env, config, |client, progress| async move {
        let expected = Option::<String>::from(outer_checksum).as_deref().map(checksum).transpose()?;
        repo::tarball(&client, &name, &version, expected, Some(progress.reporter())).await.map(Blob)
    })
}

#[rustler::nif]
fn repo_docs(env: Env<'_>, config: Configured, name: String, version: String) -> Term<'_> {
    job::request(env, config, |client, progress| async move {
        repo::docs(&client, &name, &version, Some(progress.reporter())).await.map(Blob)
    })
}

#[rustler::nif]
fn repo_public_key(env: Env<'_>, config: Configured) -> Term<'_> {
    job::request(env, config, |client, _| async move {
        repo::public_key(&client).await.map(|pem| Blob(pem.into()))
    })
}

#[rustler::nif]
fn repo_fetch_many<'a>(
    env: Env<'a>,
    config: Configured,
    items: Vec<(String, String, ErlOption<String>)>,
    to: Term<'a>,
) -> NifResult<Term<'a>> {
    let target = target(to)?;
    Ok(job::large_request(env, config, |client, progress| async move {
        let items = items.into_iter().map(item).collect::<Result<Vec<_>>>()?;
        Ok(Many(repo::fetch_many(&client, items, target, None, Some(progress.reporter())).await))
    }))
}

fn target(term: Term<'_>) -> NifResult<Target> {
    if let Ok(atom) = term.decode::<Atom>() {
        return [(atoms::memory(), Target::Memory), (atoms::unpacked(), Target::Files)]
            .into_iter()
            .find_map(|(name, target)| (name == atom).then_some(target))
            .ok_or(rustler::Error::BadArg);
    }
    let (kind, folder): (Atom, String) = term.decode()?;
    let folder = PathBuf::from(folder);
    if kind == atoms::files() {
        Ok(Target::Folder(folder))
    } else if kind == atoms::unpacked() {
        Ok(Target::Unpack(folder))
    } else {
        Err(rustler::Error::BadArg)
    }
}

fn item((name, version, outer_checksum): (String, String, ErlOption<String>)) -> Result<Item> {
    let outer_checksum = Option::<String>::from(outer_checksum).as_deref().map(checksum).transpose()?;
    Ok(Item { name, version, outer_checksum })
}

fn checksum(text: &str) -> Result<[u8; 32]> {
    hex::checksum(text).ok_or_else(|| {
        Error::new(Code::BadChecksum, format!("`{text}` is no SHA-256 checksum in hexadecimal"))
    })
}

/// What bulk work gave, in the order of the items.
struct Many(Vec<Result<FetchedItem>>);

impl Encoder for Many {
    fn encode<'a>(&self, env: Env<'a>) -> Term<'a> {
        let each = |result: &Result<FetchedItem>| match result {
            Ok(fetched) => (atoms::ok(), one(env, fetched)).encode(env),
            Err(error) => Failure(error).encode(env),
        };
        self.0.iter().map(each).collect::<Vec<_>>().encode(env)
    }
}

fn one<'a>(env: Env<'a>, fetched: &FetchedItem) -> Term<'a> {
    let undefined = atoms::undefined().encode(env);
    let path = fetched.path.as_ref().map(|path| term::text(env, &path.to_string_lossy()));
    term::map(
        env,
        &[
            (atoms::name(), term::text(env, &fetched.name)),
            (atoms::version(), term::text(env, &fetched.version)),
            (atoms::outer_checksum(), term::text(env, &fetched.outer_checksum)),
            (atoms::tarball(), fetched.tarball.clone().map_or(undefined, |bytes| Blob(bytes).encode(env))),
            (atoms::files(), fetched.files.as_deref().map_or(undefined, |files| tarball::files(env, files))),
            (atoms::path(), path.unwrap_or(undefined)),
        ],
    )
}
