//! Package and documentation tarballs (docs/protocol.md §1).

mod create;
mod docs;
mod header;
mod path;
mod read;
mod unpack;
mod write;

use std::io::Read;

pub use create::create;
pub use docs::{create_docs, inspect_docs, unpack_docs};
pub use unpack::{inspect, unpack, unpack_known};

use crate::{
    error::{Code, Error, Result},
    metadata::Metadata,
};

/// The names of the four entries of a package tarball, in their order.
const VERSION: &str = "VERSION";
const CHECKSUM: &str = "CHECKSUM";
const METADATA: &str = "metadata.config";
const CONTENTS: &str = "contents.tar.gz";

/// The one version of the format there is.
const FORMAT: &[u8] = b"3";

/// The most bytes that the metadata may have.
const MAX_METADATA: u64 = 1 << 20;

/// The name under which the metadata stands beside an unpacked package's files.
const UNPACKED_METADATA: &str = "hex_metadata.config";

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

/// Where unpacked entries go.
///
/// Every path was checked: relative, without `..`, `.` or empty segments, not beneath a link or a file
/// of the same archive; the target of a link stays inside the folder. A sink that writes to a disk
/// begins with an empty folder of its own, makes the directories above an entry itself, and never
/// replaces anything but a file that it wrote: the same file may come twice, and then the later one counts.
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

impl Sink for Vec<Entry> {
    /// Keeps the entry in memory.
    ///
    /// # Errors
    /// `io` where the content could not be read; what unpacks the archive knows better why.
    fn entry(&mut self, entry: Entry<FileContent<'_>>) -> Result<()> {
        let content = match entry.content {
            Content::File(FileContent { size, reader }) => {
                // The size is a claim until that much was read.
                let claimed = usize::try_from(size).unwrap_or(usize::MAX);
                let mut bytes = Vec::with_capacity(claimed.min(1 << 20));
                reader.read_to_end(&mut bytes).map_err(|error| {
                    Error::new(Code::Io, format!("A file could not be read: {}", error.kind()))
                        .with(|d| d.path = Some(entry.path.clone()))
                })?;
                Content::File(bytes)
            }
            Content::Directory => Content::Directory,
            Content::Symlink(target) => Content::Symlink(target),
        };
        self.push(Entry { path: entry.path, mode: entry.mode, content });
        Ok(())
    }
}

/// Refuses what is larger than its limit.
fn within(what: &str, size: u64, limit: Option<u64>) -> Result<()> {
    match limit {
        Some(limit) if size > limit => {
            Err(Error::new(Code::TooLarge, format!("{what} has {size} bytes and may have {limit}"))
                .with(|d| d.limit = Some(limit)))
        }
        _ => Ok(()),
    }
}
