//! Versions and requirements: pure and short, so normal NIFs.

use std::cmp::Ordering;

use hexide_core::{Requirement, Version, version::Part};
use rustler::{Atom, Encoder, Env, Term, types::erlang_option::ErlOption};

use crate::{error::outcome, term};

mod atoms {
    rustler::atoms! { lt, eq, gt, major, minor, patch, pre, build }
}

/// Longer text is no version that anybody published; a bound keeps these NIFs short.
const MAX_LENGTH: usize = 4096;

fn parse<T: std::str::FromStr<Err = hexide_core::Error>>(
    text: &str,
    code: hexide_core::Code,
) -> hexide_core::Result<T> {
    if text.len() > MAX_LENGTH {
        return Err(hexide_core::Error::new(code, format!("text of {} bytes is too long", text.len())));
    }
    text.parse()
}

fn version(text: &str) -> hexide_core::Result<Version> {
    parse(text, hexide_core::Code::BadVersion)
}

#[rustler::nif]
fn version_parse<'a>(env: Env<'a>, text: &str) -> Term<'a> {
    outcome(env, version(text), |version| {
        term::map(
            env,
            &[
                (atoms::major(), version.major().encode(env)),
                (atoms::minor(), version.minor().encode(env)),
                (atoms::patch(), version.patch().encode(env)),
                (atoms::pre(), term::text(env, version.pre())),
                (atoms::build(), term::text(env, version.build())),
            ],
        )
    })
}

#[rustler::nif]
fn version_compare<'a>(env: Env<'a>, left: &str, right: &str) -> Term<'a> {
    let order = version(left).and_then(|left| Ok(left.cmp(&version(right)?)));
    outcome(env, order, |order| {
        match order {
            Ordering::Less => atoms::lt(),
            Ordering::Equal => atoms::eq(),
            Ordering::Greater => atoms::gt(),
        }
        .encode(env)
    })
}

#[rustler::nif]
fn version_match<'a>(env: Env<'a>, text: &str, requirement: &str, allow_pre: bool) -> Term<'a> {
    let matches = version(text).and_then(|version| {
        let requirement: Requirement = parse(requirement, hexide_core::Code::BadRequirement)?;
        Ok(requirement.matches(&version, allow_pre))
    });
    outcome(env, matches, |matches| matches.encode(env))
}

#[rustler::nif]
fn version_bump<'a>(
    env: Env<'a>,
    text: &str,
    part: Atom,
    pre: ErlOption<&str>,
) -> rustler::NifResult<Term<'a>> {
    let part = if part == atoms::major() {
        Part::Major
    } else if part == atoms::minor() {
        Part::Minor
    } else if part == atoms::patch() {
        Part::Patch
    } else {
        return Err(rustler::Error::BadArg);
    };
    let bumped = version(text).and_then(|version| version.bump(part, pre.into()));
    Ok(outcome(env, bumped, |version| term::text(env, &version.to_string())))
}

/// Sorts many versions at once, oldest first: the texts come back as they were.
#[rustler::nif(schedule = "DirtyCpu")]
fn version_sort<'a>(env: Env<'a>, texts: Vec<&str>) -> Term<'a> {
    let versions: hexide_core::Result<Vec<_>> =
        texts.into_iter().map(|text| version(text).map(|version| (version, text))).collect();
    outcome(env, versions, |mut versions| {
        versions.sort_by(|left, right| left.0.cmp(&right.0));
        versions.iter().map(|(_, text)| term::text(env, text)).collect::<Vec<_>>().encode(env)
    })
}
