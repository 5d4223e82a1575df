//! The user's configuration file: its terms, its lock, its replacement.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use hexide_client::user_file::{self, Lock};
use hexide_core::{
    Code,
    term::{self as terms, Dialect, Term as Data},
};
use rustler::{Atom, Binary, Encoder, Env, Error, NifResult, Resource, ResourceArc, Term, TermType};

use crate::{
    error::outcome,
    held::HeldBinary,
    job::{self, Done},
    term,
};

mod atoms {
    // A name that no other program uses for a key, for atoms that this node does not know.
    rustler::atoms! { ok, foreign = "$atom" }
}

/// How long another process may take with the file.
const PATIENCE: Duration = Duration::from_secs(60);

/// Reads the terms of a file. An atom that the node does not know becomes `{'$atom', Text}`.
#[rustler::nif(schedule = "DirtyCpu")]
fn term_read<'a>(env: Env<'a>, text: Binary<'a>) -> Term<'a> {
    let read =
        terms::read(&text, Dialect::Config).map_err(|error| error.into_error(Code::BadConfig, "the file"));
    outcome(env, read, |read| read.iter().map(|data| show(env, data)).collect::<Vec<_>>().encode(env))
}

/// Writes a term, with `{'$atom', Text}` as the atom that it stands for.
#[rustler::nif(schedule = "DirtyCpu")]
fn term_write<'a>(env: Env<'a>, given: Term<'a>) -> NifResult<Term<'a>> {
    Ok(term::text(env, &terms::write(&data(given, 0)?)))
}

fn show<'a>(env: Env<'a>, data: &Data) -> Term<'a> {
    let all = |items: &[Data]| items.iter().map(|item| show(env, item)).collect::<Vec<_>>();
    match data {
        Data::Integer(number) => number.encode(env),
        Data::Float(number) => number.encode(env),
        Data::Atom(name) => match Atom::existing_from_str(env, name) {
            Ok(atom) => atom.encode(env),
            Err(_) => (atoms::foreign(), term::text(env, name)).encode(env),
        },
        Data::Binary(bytes) => term::binary(env, bytes),
        Data::String(text) => text.chars().map(u32::from).collect::<Vec<_>>().encode(env),
        Data::List(items) => all(items).encode(env),
        Data::Tuple(items) => rustler::types::tuple::make_tuple(env, &all(items)),
        Data::Map(pairs) => {
            let (keys, values): (Vec<_>, Vec<_>) =
                pairs.iter().map(|(key, value)| (show(env, key), show(env, value))).unzip();
            Term::map_from_term_arrays(env, &keys, &values).unwrap_or_else(|_| Term::map_new(env))
        }
    }
}

/// Deeper terms would not be read back.
const MAX_DEPTH: usize = 60;

fn data(term: Term<'_>, depth: usize) -> NifResult<Data> {
    if depth > MAX_DEPTH {
        return Err(Error::BadArg);
    }
    let all = |items: Vec<Term<'_>>| {
        items.into_iter().map(|item| data(item, depth + 1)).collect::<NifResult<Vec<_>>>()
    };
    Ok(match term.get_type() {
        TermType::Integer => Data::Integer(term.decode()?),
        TermType::Float => Data::Float(term.decode()?),
        TermType::Atom => Data::Atom(term.atom_to_string()?),
        TermType::Binary => Data::Binary(term.decode::<Binary<'_>>()?.as_slice().to_vec()),
        TermType::List => Data::List(all(term.decode()?)?),
        TermType::Tuple => match term.decode::<(Atom, String)>() {
            Ok((kind, name)) if kind == atoms::foreign() => Data::Atom(name),
            _ => Data::Tuple(all(rustler::types::tuple::get_tuple(term)?)?),
        },
        TermType::Map => {
            let pairs = rustler::MapIterator::new(term).ok_or(Error::BadArg)?;
            let pairs = pairs.map(|(key, value)| Ok((data(key, depth + 1)?, data(value, depth + 1)?)));
            Data::Map(pairs.collect::<NifResult<_>>()?)
        }
        _ => return Err(Error::BadArg),
    })
}

/// A lock held by Erlang; freed by `file_unlock`, or with the last reference to it.
struct HeldLock(Mutex<Option<Lock>>);

#[rustler::resource_impl]
impl Resource for HeldLock {}

#[rustler::nif]
fn file_lock(env: Env<'_>, path: String) -> Term<'_> {
    job::start(env, |_| async move {
        let lock = user_file::lock(&PathBuf::from(path), PATIENCE).await?;
        Ok(ResourceArc::new(HeldLock(Mutex::new(Some(lock)))))
    })
}

#[rustler::nif]
fn file_unlock(lock: ResourceArc<HeldLock>) -> Atom {
    drop(lock.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    atoms::ok()
}

#[rustler::nif]
fn file_replace(env: Env<'_>, path: String, content: HeldBinary) -> Term<'_> {
    job::compute(env, move || {
        content.with(|bytes| user_file::replace(&PathBuf::from(path), bytes)).map(|()| Done)
    })
}
