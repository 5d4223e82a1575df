//! The signed index, as data.

mod read;
mod show;

use std::collections::HashSet;

use hexide_core::{
    Code, Error, Result,
    registry::{
        self, Borrowed, Names, Origin, Package, Policy, PrivateKey, PublicKey, Resource, Versions, borrowed,
    },
};
use rustler::{Atom, Env, NifResult, Term, types::erlang_option::ErlOption};

use crate::{
    error::outcome,
    held::{Held, HeldBinary},
    job::{self, Built},
    term::{self, Blob},
};
use read::FromTerm;
use show::Shape;

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

/// `only`: names of packages; the terms of no others are built.
#[rustler::nif]
fn registry_decode(
    env: Env<'_>,
    kind: Kind,
    payload: HeldBinary,
    origin: OriginTerm,
    only: ErlOption<Vec<String>>,
) -> Term<'_> {
    let only = Option::<Vec<String>>::from(only);
    job::build(env, move || {
        let origin: Option<(String, ErlOption<String>)> = origin.into();
        let origin = origin.map(|(repository, name)| (repository, Option::<String>::from(name)));
        let asked = origin.as_ref().map(|(repository, name)| Origin { repository, name: name.as_deref() });
        payload.with(|payload| match kind {
            Kind::Names => names(payload, asked, only.as_deref()),
            Kind::Versions => versions(payload, asked, only.as_deref()),
            Kind::Package => owned::<Package>(payload, asked),
            Kind::Policy => owned::<Policy>(payload, asked),
        })
    })
}

/// The term of a payload of names, of these packages only where some are given.
///
/// # Errors
/// `protocol`, `bad_origin`.
pub fn names(payload: &[u8], origin: Option<Origin<'_>>, only: Option<&[String]>) -> Result<Built> {
    borrowed::<borrowed::Names<'_>>(payload, origin, only)
}

/// The term of a payload of versions, of these packages only where some are given.
///
/// # Errors
/// `protocol`, `bad_origin`.
pub fn versions(payload: &[u8], origin: Option<Origin<'_>>, only: Option<&[String]>) -> Result<Built> {
    borrowed::<borrowed::Versions<'_>>(payload, origin, only)
}

fn borrowed<'a, R: Borrowed<'a> + Shape>(
    payload: &'a [u8],
    origin: Option<Origin<'_>>,
    only: Option<&[String]>,
) -> Result<Built> {
    let mut resource: R = registry::borrow(payload, origin)?;
    if let Some(only) = only {
        let only: HashSet<&str> = only.iter().map(String::as_str).collect();
        resource.keep(&|name| only.contains(name));
    }
    Ok(Built::new(|env| resource.term(env)))
}

/// The term of any other payload.
///
/// # Errors
/// `protocol`, `bad_origin`.
pub fn owned<R: Resource + Shape>(payload: &[u8], origin: Option<Origin<'_>>) -> Result<Built> {
    let resource: R = registry::decode(payload, origin)?;
    Ok(Built::new(|env| resource.term(env)))
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
        resource.with(|resource| registry::verify(resource, Some(&key), limit)).map(Blob)
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
