//! Making a package tarball.

use std::{collections::BTreeSet, ops::Bound};

use sha2::{Digest, Sha256};

use super::{
    CHECKSUM, CONTENTS, Content, Created, Entry, FORMAT, Limits, MAX_METADATA, METADATA, UNPACKED_METADATA,
    VERSION,
    path::{self, Tree},
    within,
    write::{self, Prepared},
};
use crate::{
    error::{Code, Error, Result},
    gzip, hex,
    metadata::Metadata,
};

/// Makes a package tarball, byte-identical to the reference implementation's (docs/protocol.md §1).
///
/// The entries are taken in the given order, except that a directory which is not empty is left out.
/// `metadata_text` goes in as it is; it is only checked to be metadata.
///
/// # Errors
/// `too_large`, `unsafe_path`, `bad_metadata`.
pub fn create<B: AsRef<[u8]>>(metadata_text: &[u8], entries: &[Entry<B>], limits: Limits) -> Result<Created> {
    within("The metadata", metadata_text.len() as u64, Some(MAX_METADATA))?;
    Metadata::parse(metadata_text)?;
    if entries.iter().any(|entry| entry.path == UNPACKED_METADATA) {
        return Err(Error::new(
            Code::UnsafePath,
            format!(
                "A package holds no file {UNPACKED_METADATA}: it is written where the package is unpacked"
            ),
        )
        .with(|d| d.path = Some(UNPACKED_METADATA.to_owned())));
    }
    let prepared = prepare(entries)?;
    within("The contents of the package", write::archive_size(&prepared), limits.contents)?;
    let mut encoder = gzip::encoder();
    write::archive(&prepared, &mut encoder)?;
    let contents = encoder
        .finish()
        .map_err(|error| Error::new(Code::Io, format!("The contents could not be compressed: {error}")))?;

    let inner_checksum = inner_checksum(FORMAT, metadata_text, &contents);
    let checksum_text = hex::upper(&inner_checksum);
    let outer = [
        write::file(VERSION, FORMAT)?,
        write::file(CHECKSUM, checksum_text.as_bytes())?,
        write::file(METADATA, metadata_text)?,
        write::file(CONTENTS, &contents)?,
    ];
    let size = write::archive_size(&outer);
    within("The package tarball", size, limits.tarball)?;
    let mut tarball = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    write::archive(&outer, &mut tarball)?;
    let outer_checksum = Sha256::digest(&tarball).into();
    Ok(Created { tarball, inner_checksum, outer_checksum })
}

/// Checks the entries of a new archive and prepares them, without the directories that are not empty.
pub(super) fn prepare<B: AsRef<[u8]>>(entries: &[Entry<B>]) -> Result<Vec<Prepared<'_>>> {
    let mut tree = Tree::default();
    for entry in entries {
        path::check(&entry.path)?;
        if let Content::Symlink(target) = &entry.content {
            path::check_target(&entry.path, target)?;
        }
        tree.add_new(&entry.path, (&entry.content).into())?;
    }
    // Only now is every path known, in whatever order they came.
    for entry in entries {
        tree.check_parents(&entry.path)?;
    }
    let paths: BTreeSet<&str> = entries.iter().map(|entry| entry.path.as_str()).collect();
    let is_empty = |directory: &str| {
        let inside = format!("{directory}/");
        let mut after = paths.range::<str, _>((Bound::Excluded(inside.as_str()), Bound::Unbounded));
        !after.next().is_some_and(|path| path.starts_with(&inside))
    };
    entries
        .iter()
        .filter(|entry| !matches!(entry.content, Content::Directory) || is_empty(&entry.path))
        .map(write::entry)
        .collect()
}

/// SHA-256 over version, metadata and contents.
pub(super) fn inner_checksum(version: &[u8], metadata: &[u8], contents: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(version).chain_update(metadata).chain_update(contents).finalize().into()
}
