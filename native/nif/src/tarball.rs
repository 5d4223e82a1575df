//! Package and documentation tarballs.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use hexide_client::disk::{self, Source};
use hexide_core::{
    Result,
    tarball::{self, Content, Entry, Limits, Unpacked},
};
use rustler::{Atom, Binary, Encoder, Env, Error, NifResult, Term, types::erlang_option::ErlOption};

use crate::{
    held::{Held, HeldBinary},
    job::{self, Done},
    term::{self, Blob, Typed},
};

mod atoms {
    rustler::atoms! {
        disk, bytes, memory, directory, symlink,
        tarball, metadata, problems, metadata_text, inner_checksum, outer_checksum, files
    }
}

/// Most bytes of the tarball, and of what it inflates to; `undefined` is no limit.
type Bounds = (ErlOption<u64>, ErlOption<u64>);

fn limits((tarball, contents): Bounds) -> Limits {
    Limits { tarball: tarball.into(), contents: contents.into() }
}

#[rustler::nif]
fn tarball_create(env: Env<'_>, metadata: HeldBinary, files: Held, bounds: Bounds) -> Term<'_> {
    job::compute(env, move || {
        let limits = limits(bounds);
        let entries = entries(&files, limits.contents)?;
        metadata.with(|metadata| tarball::create(metadata, &entries, limits)).map(Created)
    })
}

#[rustler::nif]
fn tarball_inspect(env: Env<'_>, tarball: HeldBinary, bounds: Bounds) -> Term<'_> {
    job::compute(env, move || {
        tarball
            .with(|bytes| tarball::inspect(bytes, limits(bounds)))
            .map(|about| Package { about, files: None })
    })
}

#[rustler::nif]
fn tarball_unpack(env: Env<'_>, tarball: HeldBinary, target: Target, bounds: Bounds) -> Term<'_> {
    job::compute(env, move || {
        let limits = limits(bounds);
        tarball.with(|bytes| match target {
            Target::Memory => {
                let mut files = Vec::new();
                let about = tarball::unpack(bytes, limits, &mut files)?;
                Ok(Package { about, files: Some(files.into()) })
            }
            Target::Folder(folder) => {
                disk::unpack(bytes, limits, &folder, false).map(|about| Package { about, files: None })
            }
        })
    })
}

#[rustler::nif]
fn docs_create(env: Env<'_>, files: Held, bounds: Bounds) -> Term<'_> {
    job::compute(env, move || {
        let limits = limits(bounds);
        let entries = entries(&files, limits.contents)?;
        tarball::create_docs(&entries, limits).map(|bytes| Blob(bytes.into()))
    })
}

#[rustler::nif]
fn docs_unpack(env: Env<'_>, tarball: HeldBinary, target: Target, bounds: Bounds) -> Term<'_> {
    let limits = limits(bounds);
    match target {
        Target::Memory => job::compute(env, move || {
            let mut files = Vec::new();
            tarball.with(|bytes| tarball::unpack_docs(bytes, limits, &mut files))?;
            Ok(Files::from(files))
        }),
        Target::Folder(folder) => job::compute(env, move || {
            tarball.with(|bytes| disk::unpack_docs(bytes, limits, &folder, false)).map(|()| Done)
        }),
    }
}

/// Where files are unpacked to.
enum Target {
    Memory,
    Folder(PathBuf),
}

impl<'a> rustler::Decoder<'a> for Target {
    fn decode(term: Term<'a>) -> NifResult<Self> {
        match term.decode::<Atom>() {
            Ok(atom) if atom == atoms::memory() => Ok(Target::Memory),
            Ok(_) => Err(Error::BadArg),
            Err(_) => term.decode::<&str>().map(|path| Target::Folder(PathBuf::from(path))),
        }
    }
}

/// `[{Path, {disk, Source} | {bytes, Content, Mode}}]`, read where no scheduler waits for it.
fn entries(files: &Held, limit: Option<u64>) -> Result<Vec<Entry>> {
    let given = files.read(|files| {
        files.decode::<Vec<Term<'_>>>()?.into_iter().map(given).collect::<NifResult<Vec<_>>>()
    })?;
    let mut entries = Vec::with_capacity(given.len());
    for each in given {
        match each {
            Given::Entry(entry) => entries.push(entry),
            Given::Source(source) => entries.append(&mut disk::read(std::slice::from_ref(&source), limit)?),
        }
    }
    Ok(entries)
}

/// What goes into a tarball, as Erlang gives it.
enum Given {
    Entry(Entry),
    Source(Source),
}

fn given(term: Term<'_>) -> NifResult<Given> {
    let (path, content): (String, Term<'_>) = term.decode()?;
    if let Ok((kind, file)) = content.decode::<(Atom, &str)>() {
        return if kind == atoms::disk() {
            Ok(Given::Source(Source { path, file: Path::new(file).to_owned() }))
        } else {
            Err(Error::BadArg)
        };
    }
    let (_, bytes, mode): (Atom, Binary<'_>, u32) = content.decode()?;
    Ok(Given::Entry(Entry { path, mode, content: Content::File(bytes.as_slice().to_vec()) }))
}

/// A tarball that was made.
struct Created(tarball::Created);

impl Encoder for Created {
    fn encode<'a>(&self, env: Env<'a>) -> Term<'a> {
        let Created(created) = self;
        term::map(
            env,
            &[
                (atoms::tarball(), term::binary(env, &created.tarball)),
                (atoms::inner_checksum(), term::hex(env, &created.inner_checksum)),
                (atoms::outer_checksum(), term::hex(env, &created.outer_checksum)),
            ],
        )
    }
}

/// A package that was verified, with its files where they were unpacked to memory.
struct Package {
    about: Unpacked,
    files: Option<Files>,
}

impl Encoder for Package {
    fn encode<'a>(&self, env: Env<'a>) -> Term<'a> {
        let mut pairs = vec![
            (atoms::metadata(), Typed(&self.about.metadata).encode(env)),
            (atoms::problems(), Typed(self.about.metadata.check_for_client()).encode(env)),
            (atoms::metadata_text(), term::binary(env, &self.about.metadata_text)),
            (atoms::inner_checksum(), term::hex(env, &self.about.inner_checksum)),
            (atoms::outer_checksum(), term::hex(env, &self.about.outer_checksum)),
        ];
        if let Some(files) = &self.files {
            pairs.push((atoms::files(), files.encode(env)));
        }
        term::map(env, &pairs)
    }
}

/// Unpacked files.
struct Files(Vec<Entry<Bytes>>);

impl From<Vec<Entry>> for Files {
    fn from(entries: Vec<Entry>) -> Self {
        let kept = entries.into_iter().map(|Entry { path, mode, content }| {
            let content = match content {
                Content::File(bytes) => Content::File(bytes.into()),
                Content::Directory => Content::Directory,
                Content::Symlink(target) => Content::Symlink(target),
            };
            Entry { path, mode, content }
        });
        Files(kept.collect())
    }
}

impl Encoder for Files {
    fn encode<'a>(&self, env: Env<'a>) -> Term<'a> {
        listed(env, &self.0, |bytes| Blob(bytes.clone()).encode(env))
    }
}

/// Unpacked files, for a result that has them among others.
pub fn files<'a>(env: Env<'a>, entries: &[Entry]) -> Term<'a> {
    listed(env, entries, |bytes| term::binary(env, bytes))
}

/// `[{Path, Content | directory | {symlink, Target}, Mode}]`.
fn listed<'a, B>(env: Env<'a>, entries: &[Entry<B>], content: impl Fn(&B) -> Term<'a>) -> Term<'a> {
    let file = |entry: &Entry<B>| {
        let content = match &entry.content {
            Content::File(bytes) => content(bytes),
            Content::Directory => atoms::directory().encode(env),
            Content::Symlink(target) => (atoms::symlink(), term::text(env, target)).encode(env),
        };
        (term::text(env, &entry.path), content, entry.mode).encode(env)
    };
    entries.iter().map(file).collect::<Vec<_>>().encode(env)
}
