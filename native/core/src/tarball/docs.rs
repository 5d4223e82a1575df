//! Documentation tarballs: one gzipped tar of a folder (docs/protocol.md §1).

use std::str::FromStr;

use super::{
    Content, Entry, FileContent, Limits, Sink, create::prepare, unpack::unpack_contents, within, write,
};
use crate::{
    error::{Code, Error, Result},
    gzip,
    version::Version,
};

/// What a documentation tarball is called in messages.
const WHAT: &str = "The documentation tarball";

/// Makes a documentation tarball.
///
/// # Errors
/// `too_large`, `unsafe_path`, `bad_tarball` (no `index.html`, a top-level entry that is a version).
pub fn create_docs<B: AsRef<[u8]>>(entries: &[Entry<B>], limits: Limits) -> Result<Vec<u8>> {
    let mut rules = Rules::default();
    for entry in entries {
        rules.see(&entry.path, matches!(entry.content, Content::File(_)))?;
    }
    rules.finish()?;
    let prepared = prepare(entries)?;
    let size = write::archive_size(&prepared);
    within("The documentation", size, limits.contents)?;
    let mut archive = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    write::archive(&prepared, &mut archive)?;
    let tarball = gzip::compress(&archive)?;
    within(WHAT, tarball.len() as u64, limits.tarball)?;
    Ok(tarball)
}

/// Hands the files of a documentation tarball to `sink`.
///
/// Whether it keeps the rules for publishing is another question: see [`inspect_docs`].
///
/// # Errors
/// `too_large`, `bad_tarball`, `unsafe_path`, and the sink's.
pub fn unpack_docs(tarball: &[u8], limits: Limits, sink: &mut dyn Sink) -> Result<()> {
    within(WHAT, tarball.len() as u64, limits.tarball)?;
    unpack_contents(tarball, WHAT, limits.contents, sink)
}

/// Reads a documentation tarball to its end and checks that it may be published: all that
/// [`unpack_docs`] checks, an `index.html`, and no top-level entry that is a version.
///
/// # Errors
/// `too_large`, `bad_tarball`, `unsafe_path`.
pub fn inspect_docs(tarball: &[u8], limits: Limits) -> Result<()> {
    let mut rules = Rules::default();
    unpack_docs(tarball, limits, &mut rules)?;
    rules.finish()
}

/// What published documentation must and must not contain.
#[derive(Default)]
struct Rules {
    has_index: bool,
}

impl Rules {
    fn see(&mut self, path: &str, is_file: bool) -> Result<()> {
        self.has_index |= path == "index.html" && is_file;
        let top = path.split('/').next().unwrap_or_default();
        // The registry serves the documentation of a version under that name.
        if Version::from_str(top).is_ok() {
            return Err(Error::new(
                Code::BadTarball,
                format!("The documentation has a top-level entry {top:?} that is a version"),
            )
            .with(|d| d.path = Some(path.to_owned())));
        }
        Ok(())
    }

    fn finish(&self) -> Result<()> {
        if self.has_index {
            return Ok(());
        }
        Err(Error::new(Code::BadTarball, "The documentation has no index.html at its top")
            .with(|d| d.path = Some("index.html".to_owned())))
    }
}

impl Sink for Rules {
    fn entry(&mut self, entry: Entry<FileContent<'_>>) -> Result<()> {
        self.see(&entry.path, matches!(entry.content, Content::File(_)))
    }
}
