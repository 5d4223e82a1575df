//! The signed index, as data.

mod read;
mod show;

use hashbrown::HashSet;
use hexide_core::{
    Code, Error, Result,
    registry::{
        self, Listing, Names, Origin, Package, Policy, PrivateKey, PublicKey, Resource, Versions, borrowed,
    },
};
use rustler::{Atom, Binary, Encoder as _, Env, NifResult, Term, types::erlang_option::ErlOption};

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
#[derive(Clone, Copy)]
pub enum Kind {
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

/// What was asked for, of which repository: `{Repository, Name | undefined}`.
struct Expected {
    repository: String,
    name: Option<String>,
}

impl<'a> rustler::Decoder<'a> for Expected {
    fn decode(term: Term<'a>) -> NifResult<Self> {
        let (repository, name): (String, ErlOption<String>) = term.decode()?;
        Ok(Self { repository, name: name.into() })
    }
}

impl Expected {
    fn origin(&self) -> Origin<'_> {
        Origin { repository: &self.repository, name: self.name.as_deref() }
    }
}

/// Names of packages; the terms of no others are built.
type Only = ErlOption<Vec<String>>;

#[rustler::nif]
fn registry_decode(
    env: Env<'_>,
    kind: Kind,
    payload: HeldBinary,
    expected: ErlOption<Expected>,
    only: Only,
) -> Term<'_> {
    let (expected, only) = (Option::<Expected>::from(expected), Option::<Vec<String>>::from(only));
    job::build(env, move || {
        payload
            .with(|payload| decoded(kind, payload, expected.as_ref().map(Expected::origin), only.as_deref()))
    })
}

/// The term of a verified payload; of names and versions, of these packages only where some are given.
///
/// # Errors
/// `protocol`, `bad_origin`.
pub fn decoded(
    kind: Kind,
    payload: &[u8],
    origin: Option<Origin<'_>>,
    only: Option<&[String]>,
) -> Result<Built> {
    let content = Content::read(kind, payload, origin, only)?;
    Ok(Built::new(|env| content.term(env)))
}

/// Verifies and decodes each `{Resource, Expected | undefined}`: one job for all of them.
#[rustler::nif]
fn registry_read_many(
    env: Env<'_>,
    kind: Kind,
    resources: Held,
    key: String,
    limit: u64,
    only: Only,
) -> Term<'_> {
    job::build(env, move || {
        let opening = Opening { kind, key: PublicKey::from_pem(&key)?, limit, only: only.into() };
        resources.read(|list| {
            let resources: Vec<(Binary<'_>, ErlOption<Expected>)> = list.decode()?;
            Ok(Built::new(|env| {
                let each = |(resource, expected): (Binary<'_>, ErlOption<Expected>)| {
                    outcome(env, opening.read(env, &resource, expected.into()), |term| term)
                };
                resources.into_iter().map(each).collect::<Vec<_>>().encode(env)
            }))
        })
    })
}

/// How resources are opened.
struct Opening {
    kind: Kind,
    key: PublicKey,
    limit: u64,
    only: Option<Vec<String>>,
}

impl Opening {
    fn read<'a>(&self, env: Env<'a>, resource: &[u8], expected: Option<Expected>) -> Result<Term<'a>> {
        let payload = registry::verify(resource, Some(&self.key), self.limit)?;
        let origin = expected.as_ref().map(Expected::origin);
        let content = Content::read(self.kind, &payload, origin, self.only.as_deref())?;
        Ok(content.term(env))
    }
}

/// What a payload holds, whatever its kind.
enum Content<'p> {
    Names(borrowed::Names<'p>),
    Versions(borrowed::Versions<'p>),
    Package(borrowed::Package<'p>),
    Policy(Policy),
}

impl<'p> Content<'p> {
    fn read(
        kind: Kind,
        payload: &'p [u8],
        origin: Option<Origin<'_>>,
        only: Option<&[String]>,
    ) -> Result<Self> {
        Ok(match kind {
            Kind::Names => Self::Names(listing(payload, origin, only)?),
            Kind::Versions => Self::Versions(listing(payload, origin, only)?),
            Kind::Package => Self::Package(registry::borrow(payload, origin)?),
            // Small, and rarely asked for.
            Kind::Policy => Self::Policy(registry::decode(payload, origin)?),
        })
    }
}

impl Shape for Content<'_> {
    fn term<'a>(&self, env: Env<'a>) -> Term<'a> {
        match self {
            Self::Names(names) => names.term(env),
            Self::Versions(versions) => versions.term(env),
            Self::Package(package) => package.term(env),
            Self::Policy(policy) => policy.term(env),
        }
    }
}

fn listing<'p, L: Listing<'p>>(
    payload: &'p [u8],
    origin: Option<Origin<'_>>,
    only: Option<&[String]>,
) -> Result<L> {
    let mut listing: L = registry::borrow(payload, origin)?;
    if let Some(only) = only {
        let only: HashSet<&str> = only.iter().map(String::as_str).collect();
        listing.keep(&|name| only.contains(name));
    }
    Ok(listing)
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
