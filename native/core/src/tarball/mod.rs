//! Package and documentation tarballs.

use std::io::Read;

use crate::{error::Result, metadata::Metadata};

/// Limits in bytes; `None` is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The tarball itself.
    pub tarball: Option<u64>,
    /// What its contents inflate to, all together.
    pub contents: Option<u64>,
}

impl Default for Limits {
    /// 16 MiB and 128 MiB, as hex.pm has it.
    fn default() -> Self {
        Self { tarball: Some(16 << 20), contents: Some(128 << 20) }
    }
}

/// What an archive entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content<B = Vec<u8>> {
    /// A regular file.
    File(B),
    /// An empty directory.
    Directory,
    /// A symbolic link and its target.
    Symlink(String),
}

/// One file, empty directory or symbolic link of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<B = Vec<u8>> {
    /// Relative path with `/` between segments.
    pub path: String,
    /// Permission bits, e.g. `0o644`.
    pub mode: u32,
    /// The content.
    pub content: Content<B>,
}

/// A package tarball that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// The bytes to publish.
    pub tarball: Vec<u8>,
    /// SHA-256 over version, metadata and contents.
    pub inner_checksum: [u8; 32],
    /// SHA-256 over the whole file.
    pub outer_checksum: [u8; 32],
}

/// What a package tarball says about itself, all checksums verified.
#[derive(Clone, Debug, PartialEq)]
pub struct Unpacked {
    /// The metadata, read.
    pub metadata: Metadata,
    /// `metadata.config` as it stands in the tarball.
    pub metadata_text: Vec<u8>,
    /// SHA-256 over version, metadata and contents.
    pub inner_checksum: [u8; 32],
    /// SHA-256 over the whole file.
    pub outer_checksum: [u8; 32],
}

/// Where unpacked entries go. The path was checked: relative, without `..`, not through a link.
pub trait Sink {
    /// Takes one entry; the content of a file is read from the reader while the archive streams by (`size` bytes).
    ///
    /// # Errors
    /// Whatever the sink makes of it (`io`).
    fn entry(&mut self, entry: Entry<FileContent<'_>>) -> Result<()>;
}

/// The content of a file while the archive streams by.
pub struct FileContent<'a> {
    /// Its size in bytes as the archive's header says; bounded already.
    pub size: u64,
    /// Its bytes.
    pub reader: &'a mut dyn Read,
}

/// Makes a package tarball, byte-identical to the reference implementation's.
///
/// # Errors
/// `too_large`, `unsafe_path`, `bad_metadata`.
pub fn create(_metadata_text: &[u8], _entries: &[Entry], _limits: Limits) -> Result<Created> {
    unimplemented!()
}

/// Verifies a package tarball and gives its metadata, leaving the contents alone.
///
/// # Errors
/// `too_large`, `bad_tarball`, `bad_checksum`, `bad_metadata`.
pub fn inspect(_tarball: &[u8], _limits: Limits) -> Result<Unpacked> {
    unimplemented!()
}

/// Verifies a package tarball and hands its files to `sink`. (`&mut Vec<Entry>` is a sink.)
///
/// # Errors
/// As [`inspect`], `unsafe_path`, and the sink's.
pub fn unpack(_tarball: &[u8], _limits: Limits, _sink: &mut dyn Sink) -> Result<Unpacked> {
    unimplemented!()
}

/// Makes a documentation tarball.
///
/// # Errors
/// `too_large`, `unsafe_path`, `bad_tarball` (no `index.html`, a top-level entry that is a version).
pub fn create_docs(_entries: &[Entry], _limits: Limits) -> Result<Vec<u8>> {
    unimplemented!()
}

/// Hands the files of a documentation tarball to `sink`.
///
/// # Errors
/// `too_large`, `bad_tarball`, `unsafe_path`, and the sink's.
pub fn unpack_docs(_tarball: &[u8], _limits: Limits, _sink: &mut dyn Sink) -> Result<()> {
    unimplemented!()
}
