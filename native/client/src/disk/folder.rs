//! A folder that an archive is unpacked to.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Read},
    path::{Component, Path, PathBuf},
};

use hexide_core::{
    Code, Error, Result,
    tarball::{Content, Entry, FileContent, Sink},
};

use super::{beside, unusable};

/// Takes the entries of an archive. They are written to a private folder beside the target, where nobody
/// else can plant a link, and moved into place by [`Folder::finish`]; dropped before, they vanish.
#[derive(Debug)]
pub struct Folder {
    target: PathBuf,
    replace: bool,
    /// Readable by this user only; what is inside has the modes it will have at the target.
    private: PathBuf,
    root: PathBuf,
}

impl Folder {
    /// Begins to fill the folder that will stand at `target`.
    ///
    /// # Errors
    /// `io`, also where `target` exists and is not empty, unless `replace`.
    pub fn begin(target: &Path, replace: bool) -> Result<Self> {
        // Without a trailing `/.`, which could not be renamed to.
        let target = &target.components().collect::<PathBuf>();
        occupied(target, replace)?;
        let failed = |error| unusable("written", target, &error);
        if let Some(parent) = target.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        let private = beside(target);
        private_folder().create(&private).map_err(failed)?;
        let folder = Self { target: target.to_owned(), replace, root: private.join("content"), private };
        fs::create_dir(&folder.root).map_err(failed)?;
        Ok(folder)
    }

    /// Writes one file of one's own, over one of the archive.
    ///
    /// # Errors
    /// `io`, `unsafe_path`.
    pub fn write(&mut self, path: &str, bytes: &[u8]) -> Result<()> {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let content = Content::File(FileContent { size, reader: &mut &*bytes });
        self.entry(Entry { path: path.to_owned(), mode: 0o644, content })
    }

    /// Moves everything to the target.
    ///
    /// # Errors
    /// `io`.
    pub fn finish(self) -> Result<()> {
        occupied(&self.target, self.replace)?;
        let failed = |error| unusable("written", &self.target, &error);
        let old = self.private.join("old");
        let had_old = match fs::rename(&self.target, &old) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(failed(error)),
        };
        fs::rename(&self.root, &self.target).map_err(|error| {
            if had_old {
                // The failure that is reported is the first one.
                let _ = fs::rename(&old, &self.target);
            }
            failed(error)
        })
    }

    /// The place of an entry, all folders above it made.
    fn place(&self, path: &str) -> Result<PathBuf> {
        let mut place = self.root.clone();
        let mut segments = segments(path)?.into_iter().peekable();
        while let Some(segment) = segments.next() {
            place.push(segment);
            if segments.peek().is_some() {
                match fs::symlink_metadata(&place) {
                    Ok(metadata) if metadata.is_dir() => {}
                    Ok(_) => return Err(unsafe_path(path, "leads through something that is no folder")),
                    Err(_) => fs::create_dir(&place).map_err(|error| unusable("made", &place, &error))?,
                }
            }
        }
        Ok(place)
    }
}

impl Sink for Folder {
    fn entry(&mut self, entry: Entry<FileContent<'_>>) -> Result<()> {
        let place = self.place(&entry.path)?;
        let failed = |error| unusable("written", Path::new(&entry.path), &error);
        // A later entry replaces an earlier one. It is removed, never written through.
        if !matches!(entry.content, Content::Directory)
            && fs::symlink_metadata(&place).is_ok_and(|metadata| !metadata.is_dir())
        {
            fs::remove_file(&place).map_err(failed)?;
        }
        match entry.content {
            Content::File(content) => {
                let mut options = OpenOptions::new();
                options.write(true).create_new(true);
                with_mode(&mut options, entry.mode);
                let mut file = options.open(&place).map_err(failed)?;
                let copied = io::copy(&mut content.reader.take(content.size), &mut file).map_err(failed)?;
                if copied == content.size { Ok(()) } else { Err(failed(io::ErrorKind::UnexpectedEof.into())) }
            }
            Content::Directory => match fs::create_dir(&place) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(failed(error)),
                _ => Ok(()),
            },
            Content::Symlink(target) => {
                stays_inside(&entry.path, &target)?;
                link(&target, &place).map_err(failed)
            }
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left over is named so that nobody takes it for a package.
        let _ = fs::remove_dir_all(&self.private);
    }
}

/// Refuses a target that holds something.
fn occupied(target: &Path, replace: bool) -> Result<()> {
    let taken = |why: &str| {
        let path = target.display().to_string();
        Err(Error::new(Code::Io, format!("{path} {why}")).with(|d| d.path = Some(path)))
    };
    match fs::symlink_metadata(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(unusable("written", target, &error)),
        Ok(metadata) if !metadata.is_dir() => taken("exists and is no folder"),
        Ok(_) if replace => Ok(()),
        Ok(_) => match fs::read_dir(target).map_err(|error| unusable("read", target, &error))?.next() {
            None => Ok(()),
            Some(_) => taken("exists and is not empty"),
        },
    }
}

/// The segments of a relative path. The archive's reader checked it; what is written is checked again.
fn segments(path: &str) -> Result<Vec<&str>> {
    let relative = Path::new(path);
    let normal = relative.components().all(|part| matches!(part, Component::Normal(_)));
    let segments: Vec<_> = path.split('/').filter(|segment| !segment.is_empty() && *segment != ".").collect();
    if !normal || segments.is_empty() || path.contains('\0') || (cfg!(windows) && path.contains('\\')) {
        return Err(unsafe_path(path, "would leave the folder"));
    }
    Ok(segments)
}

/// Refuses a link that points out of the folder.
fn stays_inside(path: &str, target: &str) -> Result<()> {
    let outside = || unsafe_path(path, "is a link out of the folder");
    let mut depth = segments(path)?.len() - 1;
    for part in Path::new(target).components() {
        match part {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir => depth = depth.checked_sub(1).ok_or_else(outside)?,
            Component::RootDir | Component::Prefix(_) => return Err(outside()),
        }
    }
    Ok(())
}

fn unsafe_path(path: &str, why: &str) -> Error {
    Error::new(Code::UnsafePath, format!("{path} {why}")).with(|d| d.path = Some(path.to_owned()))
}

#[cfg(unix)]
fn private_folder() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt;
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

/// The archive's permission bits, without those that change who one is; the user's umask applies.
#[cfg(unix)]
fn with_mode(options: &mut OpenOptions, mode: u32) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode((mode & 0o777) | 0o600);
}

#[cfg(unix)]
fn link(target: &str, place: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, place)
}

#[cfg(not(unix))]
fn private_folder() -> DirBuilder {
    DirBuilder::new()
}

#[cfg(not(unix))]
fn with_mode(_options: &mut OpenOptions, _mode: u32) {}

#[cfg(not(unix))]
fn link(_target: &str, _place: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
