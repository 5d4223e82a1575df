//! Which paths an archive may hold: inside its own folder, whoever reads it and on whatever system.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hasher, RandomState},
};

use super::Content;
use crate::error::{Code, Error, Result};

/// The longest path in bytes that every common system can open (macOS has the least).
const MAX_LENGTH: usize = 1024;

/// The most segments of a path: nobody nests deeper, and whoever removes the folder again goes as deep.
const MAX_DEPTH: usize = 128;

fn unsafe_path(path: &str, why: &str) -> Error {
    // A hostile name must not fill the terminal.
    let shown: String = path.chars().take(200).collect();
    Error::new(Code::UnsafePath, format!("The path {shown:?} {why}")).with(|d| d.path = Some(shown))
}

/// What is wrong with any path or link target, whether read or written.
fn common_fault(path: &str) -> Option<&'static str> {
    let drive = path.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
        && path.as_bytes().get(1).is_some_and(|byte| *byte == b':');
    if path.is_empty() {
        Some("is empty")
    } else if path.len() > MAX_LENGTH {
        Some("is longer than 1024 bytes")
    } else if path.starts_with('/') || drive {
        Some("is absolute")
    } else if path.contains('\0') {
        Some("contains a NUL character")
    } else if path.contains('\\') {
        // On Windows it separates segments, so that `..\x` would leave the folder.
        Some("contains a backslash")
    } else {
        None
    }
}

/// Brings the path of an entry that was read into its plain form: no `.`, no doubled or trailing slash.
/// The archive's own root (`./`) gives an empty path.
///
/// # Errors
/// `unsafe_path` where it is absolute, contains `..`, a backslash or NUL, or is too long or deep.
pub(super) fn normalize(path: &str) -> Result<String> {
    if let Some(fault) = common_fault(path) {
        return Err(unsafe_path(path, fault));
    }
    let mut plain = String::with_capacity(path.len());
    for (depth, segment) in path.split('/').filter(|s| !s.is_empty() && *s != ".").enumerate() {
        if segment == ".." {
            return Err(unsafe_path(path, "contains \"..\""));
        }
        if depth == MAX_DEPTH {
            return Err(unsafe_path(path, "has more than 128 segments"));
        }
        if depth > 0 {
            plain.push('/');
        }
        plain.push_str(segment);
    }
    Ok(plain)
}

/// Checks the path of an entry that is to be written: it must be in its plain form already, since it
/// goes into the archive as it is.
///
/// # Errors
/// As [`normalize`], and for control characters, which the reference implementation cannot read back.
pub(super) fn check(path: &str) -> Result<()> {
    if normalize(path)? != path {
        return Err(unsafe_path(path, "has an empty or \".\" segment"));
    }
    if path.chars().any(char::is_control) {
        return Err(unsafe_path(path, "contains a control character"));
    }
    Ok(())
}

/// Checks that the target of a symbolic link at `path` stays inside the archive's folder.
///
/// `..` is taken only at the beginning: after a segment that may itself be a link, it would lead
/// elsewhere than it reads.
///
/// # Errors
/// `unsafe_path`.
pub(super) fn check_target(path: &str, target: &str) -> Result<()> {
    let refuse = |why: &str| unsafe_path(path, &format!("is a link whose target {why}"));
    if let Some(fault) = common_fault(target) {
        return Err(refuse(fault));
    }
    if target.chars().any(char::is_control) {
        return Err(refuse("contains a control character"));
    }
    let mut above = path.split('/').count() - 1;
    let mut descended = false;
    for segment in target.split('/').filter(|s| !s.is_empty() && *s != ".") {
        if segment != ".." {
            descended = true;
        } else if descended {
            return Err(refuse("has \"..\" after a name"));
        } else if above == 0 {
            return Err(refuse("is outside the package"));
        } else {
            above -= 1;
        }
    }
    Ok(())
}

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Directory,
    Symlink,
}

impl<B> From<&Content<B>> for Kind {
    fn from(content: &Content<B>) -> Self {
        match content {
            Content::File(_) => Kind::File,
            Content::Directory => Kind::Directory,
            Content::Symlink(_) => Kind::Symlink,
        }
    }
}

/// The paths of an archive so far.
///
/// It keeps a keyed 64-bit hash of each path and not the path: what is above an entry is then looked up
/// in one pass over its name, however deep, and a hostile archive costs no more than it weighs. That two paths
/// of one archive share a hash is less likely than a broken disk, and would be refused as a path that stands twice.
#[derive(Default)]
pub(super) struct Tree {
    kinds: HashMap<u64, Kind>,
    hash: RandomState,
}

impl Tree {
    /// Takes one entry into the tree. A file may replace a file, as in every tar; a link replaces nothing.
    ///
    /// # Errors
    /// `unsafe_path` where the entry would be written through a link or a file.
    pub(super) fn add(&mut self, path: &str, kind: Kind) -> Result<()> {
        self.check_parents(path)?;
        match self.insert(path, kind) {
            None => Ok(()),
            Some(there) if there == kind && kind != Kind::Symlink => Ok(()),
            Some(_) => {
                Err(unsafe_path(path, "stands twice in the archive, as a link or as different things"))
            }
        }
    }

    /// Takes one entry into the tree; its path must be new.
    ///
    /// # Errors
    /// `unsafe_path`.
    pub(super) fn add_new(&mut self, path: &str, kind: Kind) -> Result<()> {
        match self.insert(path, kind) {
            None => Ok(()),
            Some(_) => Err(unsafe_path(path, "stands twice in the archive")),
        }
    }

    /// Checks that whatever stands above a path is a folder.
    ///
    /// # Errors
    /// `unsafe_path`.
    pub(super) fn check_parents(&self, path: &str) -> Result<()> {
        let parents = path.matches('/').count();
        for key in self.keys(path).take(parents) {
            match self.kinds.get(&key) {
                None | Some(Kind::Directory) => {}
                Some(Kind::Symlink) => return Err(unsafe_path(path, "leads through a symbolic link")),
                Some(Kind::File) => return Err(unsafe_path(path, "is beneath a file")),
            }
        }
        Ok(())
    }

    fn insert(&mut self, path: &str, kind: Kind) -> Option<Kind> {
        let key = self.keys(path).last()?;
        self.kinds.insert(key, kind)
    }

    /// The hash of each folder above a path, from the top, and of the path itself.
    fn keys(&self, path: &str) -> impl Iterator<Item = u64> {
        let mut hasher = self.hash.build_hasher();
        path.split('/').map(move |segment| {
            hasher.write(segment.as_bytes());
            hasher.write_u8(b'/');
            hasher.finish()
        })
    }
}
