//! The signed index, as data.

mod read;
mod show;

use hexide_core::{
    Code, Error, Result,
    registry::{self, Names, Origin, Package, Policy, PrivateKey, PublicKey, Resource, Versions},
};
use rustler::{Atom, Encoder, Env, NifResult, Term, types::erlang_option::ErlOption};

use crate::{
    error::outcome,
    held::{Held, HeldBinary},
    job,
    term::{self, Blob},
};
use read::FromTerm;
pub use show::Shape;

mod atoms {
    rustler::atoms! { names, versions, package, policy }
}

/// Which resource of the index is meant.
enum Kind {
    Names,
    Versions,
    Package,
    Policy,
}

impl<'a> rustler::Decoder<'a> for Kind {
    fn decode(term: Term<'a>) -> NifResult<Self> {
        let atom: Atom = term.decode()?;
        let kinds = [
            (atoms::names(), Kind::Names),
            (atoms::versions(), Kind::Versions),
            (atoms::package(), Kind::Package),
            (atoms::policy(), Kind::Policy),
        ];
        kinds
            .into_iter()
            .find_map(|(name, kind)| (name == atom).then_some(kind))
            .ok_or(rustler::Error::BadArg)
    }
}

#[rustler::nif]
fn registry_encode(env: Env<'_>, kind: Kind, resource: Held) -> Term<'_> {
    job::compute(env, move || match kind {
        Kind::Names => encode::<Names>(&resource),
        Kind::Versions => encode::<Versions>(&resource),
        Kind::Package => encode::<Package>(&resource),
        Kind::Policy => encode::<Policy>(&resource),
    })
}

fn encode<R: Resource + FromTerm>(resource: &Held) -> Result<Blob> {
    let value = resource.read(R::from_term).map_err(|_| {
        Error::new(Code::Invalid, "the resource has not the shape that decoding gives, or lacks a field")
    })?;
    value.check()?;
    Ok(Blob(registry::encode(&value).into()))
}

type OriginTerm = ErlOption<(String, ErlOption<String>)>;

#[rustler::nif]
fn registry_decode(env: Env<'_>, kind: Kind, payload: HeldBinary, origin: OriginTerm) -> Term<'_> {
    match kind {
        Kind::Names => decode::<Names>(env, payload, origin),
        Kind::Versions => decode::<Versions>(env, payload, origin),
        Kind::Package => decode::<Package>(env, payload, origin),
        Kind::Policy => decode::<Policy>(env, payload, origin),
    }
}

fn decode<R: Resource + Shape + Send + 'static>(
    env: Env<'_>,
    payload: HeldBinary,
    origin: OriginTerm,
) -> Term<'_> {
    job::compute(env, move || {
        let origin: Option<(String, ErlOption<String>)> = origin.into();
        let origin = origin.map(|(repository, name)| (repository, Option::<String>::from(name)));
        let asked = origin.as_ref().map(|(repository, name)| Origin { repository, name: name.as_deref() });
        payload.with(|payload| registry::decode::<R>(payload, asked)).map(Shown)
    })
}

/// A decoded resource on its way to Erlang.
struct Shown<R>(R);

impl<R: Shape> Encoder for Shown<R> {
    fn encode<'a>(&self, env: Env<'a>) -> Term<'a> {
        self.0.term(env)
    }
}

#[rustler::nif]
fn registry_sign(env: Env<'_>, payload: HeldBinary, key: String) -> Term<'_> {
    job::compute(env, move || {
        let key = PrivateKey::from_pem(&key)?;
        payload.with(|payload| registry::sign(payload, &key)).map(|resource| Blob(resource.into()))
    })
}

#[rustler::nif]
fn registry_verify(env: Env<'_>, resource: HeldBinary, key: String, limit: u64) -> Term<'_> {
    job::compute(env, move || {
        let key = PublicKey::from_pem(&key)?;
        resource
            .with(|resource| registry::verify(resource, Some(&key), limit))
            .map(|payload| Blob(payload.into()))
    })
}

#[rustler::nif]
fn registry_generate_key(env: Env<'_>) -> Term<'_> {
    job::compute(env, || PrivateKey::generate()?.to_pem().map(|pem| Blob(pem.into())))
}

#[rustler::nif]
fn registry_public_key<'a>(env: Env<'a>, key: &str) -> Term<'a> {
    let public = PrivateKey::from_pem(key).and_then(|key| key.public_key());
    outcome(env, public, |key| term::text(env, &key.to_pem()))
}

#[rustler::nif]
fn registry_fingerprint<'a>(env: Env<'a>, key: &str) -> Term<'a> {
    outcome(env, PublicKey::from_pem(key), |key| term::text(env, &key.fingerprint()))
}
