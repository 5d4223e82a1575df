//! Files and folders: what goes into a tarball is read here, what comes out of one is written here.
//!
//! Everything here blocks, and so belongs on the CPU budget ([`CpuBudget::run`](crate::CpuBudget::run)), never on a
//! worker.

mod folder;
mod source;

use std::{
    fs::{self, OpenOptions},
    hash::{BuildHasher, RandomState},
    io::{self, Write},
    path::{Path, PathBuf},
};

use hexide_core::{
    Code, Error, Result,
    tarball::{self, Limits, Unpacked},
};

pub use folder::Folder;
pub use source::{Source, read};

/// The metadata of an unpacked package, as the reference implementation names it (docs/protocol.md §1).
pub const METADATA_FILE: &str = "hex_metadata.config";

/// Verifies a package tarball and unpacks its files, and its metadata as [`METADATA_FILE`], to `target`.
/// The folder appears at once and whole, or not at all.
///
/// # Errors
/// Those of [`tarball::unpack`]; `io`, also where `target` exists, is not empty and `replace` is not set.
pub fn unpack(tarball: &[u8], limits: Limits, target: &Path, replace: bool) -> Result<Unpacked> {
    unpack_known(tarball, None, limits, target, replace)
}

/// The same of a tarball whose outer checksum was computed already.
///
/// # Errors
/// As [`unpack`].
pub fn unpack_known(
    tarball: &[u8],
    outer_checksum: Option<[u8; 32]>,
    limits: Limits,
    target: &Path,
    replace: bool,
) -> Result<Unpacked> {
    let mut folder = Folder::begin(target, replace)?;
    let unpacked = tarball::unpack_known(tarball, outer_checksum, limits, &mut folder)?;
    folder.write(METADATA_FILE, &unpacked.metadata_text)?;
    folder.finish()?;
    Ok(unpacked)
}

/// Unpacks a documentation tarball to `target`, at once and whole, or not at all.
///
/// # Errors
/// Those of [`tarball::unpack_docs`]; `io`, also where `target` exists, is not empty and `replace` is not
/// set.
pub fn unpack_docs(tarball: &[u8], limits: Limits, target: &Path, replace: bool) -> Result<()> {
    let mut folder = Folder::begin(target, replace)?;
    tarball::unpack_docs(tarball, limits, &mut folder)?;
    folder.finish()
}

/// Writes a file that appears at once and whole, in place of what was there.
///
/// # Errors
/// `io`.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let failed = |error: io::Error| unusable("written", path, &error);
    let temporary = beside(path);
    let written = (|| {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        OpenOptions::new().write(true).create_new(true).open(&temporary)?.write_all(bytes)?;
        fs::rename(&temporary, path)
    })();
    if written.is_err() {
        // The failure that is reported is the first one.
        let _ = fs::remove_file(&temporary);
    }
    written.map_err(failed)
}

/// A name for something temporary beside `path`, on the same file system, that nobody can guess.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let chance = RandomState::new().hash_one(&name);
    path.with_file_name(format!(".{name}.{chance:016x}"))
}

fn unusable(what: &str, path: &Path, error: &io::Error) -> Error {
    let path = path.display().to_string();
    Error::new(Code::Io, format!("{path} cannot be {what}: {error}")).with(|d| d.path = Some(path))
}
