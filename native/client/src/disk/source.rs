//! Reading files for a tarball.

use std::{
    fs::{self, File, Metadata},
    io::Read,
    path::{Path, PathBuf},
};

use hexide_core::{
    Code, Error, Result,
    tarball::{Content, Entry},
};

use super::unusable;

/// Something on disk that goes into a tarball.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its path in the tarball, with `/` between segments.
    pub path: String,
    /// Where it is.
    pub file: PathBuf,
}

/// Reads what goes into a tarball, in the order given. Links are kept as links; folders that are not
/// empty are left out, since their files stand for themselves (docs/protocol.md §1).
///
/// # Errors
/// `io`; `too_large` where all together have more than `limit` bytes.
pub fn read(sources: &[Source], limit: Option<u64>) -> Result<Vec<Entry>> {
    let mut left = limit.unwrap_or(u64::MAX);
    let mut entries = Vec::new();
    for source in sources {
        let failed = |error| unusable("read", &source.file, &error);
        let metadata = fs::symlink_metadata(&source.file).map_err(failed)?;
        let content = if metadata.is_symlink() {
            Content::Symlink(link(&source.file)?)
        } else if metadata.is_dir() {
            if fs::read_dir(&source.file).map_err(failed)?.next().is_some() {
                continue;
            }
            Content::Directory
        } else if metadata.is_file() {
            Content::File(content(&source.file, &mut left, limit)?)
        } else {
            let message = format!("{} is no file, folder or link", source.file.display());
            return Err(Error::new(Code::Io, message).with(|d| d.path = Some(source.path.clone())));
        };
        entries.push(Entry { path: source.path.clone(), mode: mode(&metadata), content });
    }
    Ok(entries)
}

fn content(path: &Path, left: &mut u64, limit: Option<u64>) -> Result<Vec<u8>> {
    let failed = |error| unusable("read", path, &error);
    let mut bytes = Vec::new();
    // The file may grow meanwhile: what is read counts, not what its size was.
    let file = File::open(path).map_err(failed)?;
    file.take(left.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    match left.checked_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX)) {
        Some(rest) => *left = rest,
        None => {
            let most = limit.unwrap_or(u64::MAX);
            let message = format!("The files up to {} have more than {most} bytes", path.display());
            return Err(Error::new(Code::TooLarge, message).with(|d| {
                d.limit = limit;
                d.path = Some(path.display().to_string());
            }));
        }
    }
    Ok(bytes)
}

fn link(path: &Path) -> Result<String> {
    let target = fs::read_link(path).map_err(|error| unusable("read", path, &error))?;
    target.to_str().map(str::to_owned).ok_or_else(|| {
        let path = path.display().to_string();
        Error::new(Code::Io, format!("The target of the link {path} is not UTF-8"))
            .with(|d| d.path = Some(path))
    })
}

#[cfg(unix)]
fn mode(metadata: &Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o7777
}

/// Without permission bits, everything is what it mostly is.
#[cfg(not(unix))]
fn mode(metadata: &Metadata) -> u32 {
    if metadata.is_dir() { 0o755 } else { 0o644 }
}
