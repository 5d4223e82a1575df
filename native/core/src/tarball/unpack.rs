//! Reading a package tarball.

use std::io::{BufReader, Read};

use sha2::{Digest, Sha256};

use super::{
    CHECKSUM, CONTENTS, Content, Entry, FORMAT, FileContent, Limits, MAX_METADATA, METADATA, Sink,
    UNPACKED_METADATA, Unpacked, VERSION,
    create::inner_checksum,
    header::flag,
    path::{self, Kind, Tree},
    read::{Archive, Item},
    within,
};
use crate::{
    error::{Code, Error, Result},
    gzip::{self, Fault, Member},
    hex,
    metadata::Metadata,
};

/// The most bytes that the entries `VERSION` and `CHECKSUM` may have (docs/protocol.md §1).
const MAX_VERSION: u64 = 32;
const MAX_CHECKSUM: u64 = 128;

/// How much is inflated at once.
const BUFFER: usize = 64 << 10;

/// Verifies a package tarball and gives its metadata, leaving the contents alone.
///
/// # Errors
/// `too_large`, `bad_tarball`, `bad_checksum`, `bad_metadata`.
pub fn inspect(tarball: &[u8], limits: Limits) -> Result<Unpacked> {
    open(tarball, None, limits).map(|(unpacked, _)| unpacked)
}

/// Verifies a package tarball and hands its files to `sink`. (`&mut Vec<Entry>` is a sink.)
///
/// The sink sees entries before the end of the contents was reached: what it did is to be undone on an error.
///
/// # Errors
/// As [`inspect`], `unsafe_path`, and the sink's.
pub fn unpack(tarball: &[u8], limits: Limits, sink: &mut dyn Sink) -> Result<Unpacked> {
    unpack_known(tarball, None, limits, sink)
}

/// The same of a tarball whose outer checksum was computed already, to verify it: hashing is most of the work.
///
/// # Errors
/// As [`unpack`].
pub fn unpack_known(
    tarball: &[u8],
    outer_checksum: Option<[u8; 32]>,
    limits: Limits,
    sink: &mut dyn Sink,
) -> Result<Unpacked> {
    let (unpacked, contents) = open(tarball, outer_checksum, limits)?;
    unpack_contents(contents, CONTENTS, limits.contents, sink)?;
    Ok(unpacked)
}

/// Reads the outer archive and checks everything but the contents, which are given compressed as they are.
fn open(tarball: &[u8], outer_checksum: Option<[u8; 32]>, limits: Limits) -> Result<(Unpacked, &[u8])> {
    within("The package tarball", tarball.len() as u64, limits.tarball)?;
    let Outer { version, checksum, metadata, contents } = Outer::read(tarball)?;
    if version != FORMAT {
        let version = String::from_utf8_lossy(version).into_owned();
        return Err(Error::new(
            Code::BadTarball,
            format!("The package tarball has format version {version:?}; only version 3 is known"),
        )
        .with(|d| (d.expected, d.actual) = (Some("3".to_owned()), Some(version))));
    }
    let inner_checksum = inner_checksum(version, metadata, contents);
    let actual = hex::upper(&inner_checksum);
    if !checksum.eq_ignore_ascii_case(actual.as_bytes()) {
        let expected = String::from_utf8_lossy(checksum).to_lowercase();
        return Err(Error::new(
            Code::BadChecksum,
            "The inner checksum of the package tarball is not that of its contents",
        )
        .with(|d| (d.expected, d.actual) = (Some(expected), Some(actual.to_lowercase()))));
    }
    let unpacked = Unpacked {
        metadata: Metadata::parse(metadata)?,
        metadata_text: metadata.to_vec(),
        inner_checksum,
        outer_checksum: outer_checksum.unwrap_or_else(|| Sha256::digest(tarball).into()),
    };
    Ok((unpacked, contents))
}

/// The four entries of a package tarball, where they lie.
struct Outer<'a> {
    version: &'a [u8],
    checksum: &'a [u8],
    metadata: &'a [u8],
    contents: &'a [u8],
}

impl<'a> Outer<'a> {
    fn read(tarball: &'a [u8]) -> Result<Self> {
        let (mut version, mut checksum, mut metadata, mut contents) = (None, None, None, None);
        let mut archive = Archive::new(tarball);
        while let Some(item) = archive.next()? {
            let (slot, limit) = match item.path.as_str() {
                VERSION => (&mut version, Some(MAX_VERSION)),
                CHECKSUM => (&mut checksum, Some(MAX_CHECKSUM)),
                METADATA => (&mut metadata, Some(MAX_METADATA)),
                CONTENTS => (&mut contents, None),
                _ => continue,
            };
            within(&format!("The entry {} of the package tarball", item.path), item.size, limit)?;
            if !is_file(&item) {
                return Err(refused(&item.path, "of the package tarball is no regular file"));
            }
            // Readers disagree on which of two counts, so that one tarball could be two packages.
            if slot.replace(archive.slice()?).is_some() {
                return Err(refused(&item.path, "stands twice in the package tarball"));
            }
        }
        let found = |slot: Option<&'a [u8]>, name: &str| {
            slot.ok_or_else(|| {
                Error::new(Code::BadTarball, format!("The package tarball has no entry {name}"))
                    .with(|d| d.path = Some(name.to_owned()))
            })
        };
        Ok(Self {
            version: found(version, VERSION)?,
            checksum: found(checksum, CHECKSUM)?,
            metadata: found(metadata, METADATA)?,
            contents: found(contents, CONTENTS)?,
        })
    }
}

/// Inflates `compressed` and hands its entries to `sink`; `what` it is called in messages.
pub(super) fn unpack_contents(
    compressed: &[u8],
    what: &str,
    limit: Option<u64>,
    sink: &mut dyn Sink,
) -> Result<()> {
    if let Some(contents) = gzip::inflate_at_once(compressed, limit) {
        return unpack_entries(&mut Archive::new(contents.as_slice()), sink);
    }
    let corrupt = |fault: Fault| fault.error(what, Code::BadTarball);
    let member = Member::new(compressed, limit).map_err(corrupt)?;
    let mut archive = Archive::new(BufReader::with_capacity(BUFFER, member));
    let result = unpack_entries(&mut archive, sink);
    let member = archive.input().get_mut();
    if result.is_ok() && member.drain().is_err() {
        return Err(corrupt(member.fault().unwrap_or(Fault::Corrupt)));
    }
    // A failing input is the cause of whatever else went wrong.
    member.fault().map_or(result, |fault| Err(corrupt(fault)))
}

fn unpack_entries<R: Read>(archive: &mut Archive<R>, sink: &mut dyn Sink) -> Result<()> {
    let result = hand_over(archive, sink);
    // To the sink an archive that ends too early looks like any failing reader.
    archive.failure().map_or(result, Err)
}

fn hand_over<R: Read>(archive: &mut Archive<R>, sink: &mut dyn Sink) -> Result<()> {
    let mut tree = Tree::default();
    while let Some(item) = archive.next()? {
        let kind = kind(&item)?;
        let path = path::normalize(&item.path)?;
        if path.is_empty() && kind == Kind::Directory {
            // The archive's own root, as `tar -C folder .` makes it.
            continue;
        }
        if path.is_empty() {
            return Err(refused(&item.path, "names no file"));
        }
        if kind == Kind::Symlink {
            path::check_target(&path, &item.target)?;
        }
        if path == UNPACKED_METADATA && kind != Kind::File {
            return Err(refused(&path, "stands where the metadata is written, and is no regular file"));
        }
        tree.add(&path, kind)?;
        let mut body = archive.body();
        let content = match kind {
            Kind::File => Content::File(FileContent { size: item.size, reader: &mut body }),
            Kind::Directory => Content::Directory,
            Kind::Symlink => Content::Symlink(item.target),
        };
        sink.entry(Entry { path, mode: item.mode & 0o777, content })?;
    }
    Ok(())
}

fn is_file(item: &Item) -> bool {
    matches!(item.flag, flag::FILE | flag::OLD_FILE | flag::CONTIGUOUS_FILE) && !item.sparse
}

/// What the entry is, or why it is refused.
fn kind(item: &Item) -> Result<Kind> {
    if item.sparse {
        return Err(refused(&item.path, "is a sparse file, which no package holds"));
    }
    match item.flag {
        // Before there were types, a slash told a directory.
        flag::OLD_FILE if item.path.ends_with('/') => Ok(Kind::Directory),
        flag::FILE | flag::OLD_FILE | flag::CONTIGUOUS_FILE => Ok(Kind::File),
        flag::DIRECTORY => Ok(Kind::Directory),
        flag::SYMLINK => Ok(Kind::Symlink),
        flag::HARD_LINK => Err(refused(&item.path, "is a hard link, which no package holds")),
        flag::CHARACTER_DEVICE | flag::BLOCK_DEVICE | flag::FIFO => {
            Err(refused(&item.path, "is a device or a pipe, which no package holds"))
        }
        _ => Err(refused(&item.path, "is of an unknown type")),
    }
}

fn refused(path: &str, why: &str) -> Error {
    let shown: String = path.chars().take(200).collect();
    Error::new(Code::BadTarball, format!("The entry {shown:?} {why}")).with(|d| d.path = Some(shown))
}
