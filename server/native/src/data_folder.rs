//! The data folder: the lock that keeps two servers off it, the database, the blobs and the signing key.

use std::{
    fs::{DirBuilder, File, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use hexide_core::registry::PrivateKey;
use rustix::fs::{FlockOperation, flock};
use tempfile::TempDir;

use crate::{options::DataDir, start_error::StartError};

/// How the names of temporary folders begin.
const TEMPORARY: &str = "hexide-server-";

/// A lock file younger than this may belong to a server that is about to take the lock.
const SETTLED: Duration = Duration::from_secs(60);

/// A data folder that is ours alone while this value lives.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    // Fields drop in this order: the lock is given back before the folder is removed.
    _lock: File,
    _temporary: Option<TempDir>,
}

impl DataFolder {
    /// Makes the folder where it is missing (for its owner only), and locks it. Blocks.
    ///
    /// # Errors
    /// Where it cannot be made or written, or another server uses it.
    pub fn open(wanted: &DataDir) -> Result<Self, StartError> {
        let (path, temporary) = match wanted {
            DataDir::Path(path) => (path.clone(), None),
            DataDir::Temporary => {
                remove_abandoned(&std::env::temp_dir(), SystemTime::now());
                let made = tempfile::Builder::new()
                    .prefix(TEMPORARY)
                    .permissions(Permissions::from_mode(0o700))
                    .tempdir();
                let made = made.map_err(|source| folder_error(&std::env::temp_dir(), source))?;
                (made.path().to_owned(), Some(made))
            }
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&path)
            .map_err(|source| folder_error(&path, source))?;
        let lock_path = path.join("lock");
        let lock = private_file(&lock_path)?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { path, _lock: lock, _temporary: temporary }),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(StartError::InUse { path }),
            Err(error) => Err(folder_error(&lock_path, error.into())),
        }
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The database: a file for its owner only, since it holds addresses and the hashes of passwords.
    /// (SQLite gives its side files the same mode.)
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn database(&self) -> Result<PathBuf, StartError> {
        let path = self.path.join("registry.db");
        private_file(&path)?;
        Ok(path)
    }

    /// The folder of the blobs.
    #[must_use]
    pub fn blobs(&self) -> PathBuf {
        self.path.join("blobs")
    }

    /// Reads the signing key, or makes one. Blocks and computes.
    ///
    /// # Errors
    /// Where the file cannot be read or written, or holds no key.
    pub fn signing_key(&self) -> Result<PrivateKey, StartError> {
        let path = self.path.join("private_key.pem");
        let unusable = |source| StartError::Key { path: path.clone(), source };
        match std::fs::read_to_string(&path) {
            Ok(pem) => PrivateKey::from_pem(&pem).map_err(unusable),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let key = PrivateKey::generate().map_err(unusable)?;
                let pem = key.to_pem().map_err(unusable)?;
                self.write_secret(&path, pem.as_bytes()).map_err(|source| folder_error(&path, source))?;
                Ok(key)
            }
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                let damaged = hexide_core::Error::new(hexide_core::Code::BadConfig, "it is no text");
                Err(unusable(damaged))
            }
            Err(source) => Err(folder_error(&path, source)),
        }
    }

    /// Whole or not at all, and for the owner's eyes only from the first byte on.
    fn write_secret(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(".private_key").tempfile_in(&self.path)?;
        file.write_all(content)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        File::open(&self.path)?.sync_all()
    }
}

/// Removes the temporary folders of servers that were killed before they could: those of this user whose
/// lock nobody holds. What cannot be read or removed stays; it is not this server's business.
fn remove_abandoned(parent: &Path, now: SystemTime) {
    let Ok(entries) = std::fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(TEMPORARY)
            && abandoned(&entry.path(), now).unwrap_or(false)
        {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

fn abandoned(folder: &Path, now: SystemTime) -> io::Result<bool> {
    let about = std::fs::symlink_metadata(folder)?;
    if !about.is_dir() || about.uid() != rustix::process::geteuid().as_raw() {
        return Ok(false);
    }
    let lock = OpenOptions::new().write(true).open(folder.join("lock"))?;
    let settled = now.duration_since(lock.metadata()?.modified()?).is_ok_and(|age| age > SETTLED);
    Ok(settled && flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok())
}

/// Opens a file, made for its owner only where it is missing.
fn private_file(path: &Path) -> Result<File, StartError> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true).mode(0o600);
    options.open(path).map_err(|source| folder_error(path, source))
}

fn folder_error(path: &Path, source: io::Error) -> StartError {
    StartError::Folder { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_folders_that_nobody_uses_are_removed() {
        let parent = tempfile::tempdir().unwrap();
        let folder = |name: &str| {
            let path = parent.path().join(name);
            std::fs::create_dir(&path).unwrap();
            path
        };
        let lock_of = |path: &Path| private_file(&path.join("lock")).unwrap();
        let left = folder("hexide-server-left");
        drop(lock_of(&left));
        let used = folder("hexide-server-used");
        let held = lock_of(&used);
        flock(&held, FlockOperation::NonBlockingLockExclusive).unwrap();
        let unlocked = folder("hexide-server-without-a-lock");
        let other = folder("another-program");
        drop(lock_of(&other));

        remove_abandoned(parent.path(), SystemTime::now());
        assert!(left.exists(), "a lock that was just made may be taken in a moment");
        remove_abandoned(parent.path(), SystemTime::now() + 2 * SETTLED);
        assert!(!left.exists());
        assert!(used.exists() && unlocked.exists() && other.exists());
    }
}
