//! The folder of the replies: private, written in one step, swept from the oldest on.

use std::{
    fmt,
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use aws_lc_rs::rand;
use bytes::Bytes;

/// Its name changes with the form of what is in it.
const NAME: &str = "replies-1";

const SALT: &str = "salt";

/// What begins so is being written.
const TEMPORARY: char = '.';

/// A file that is still being written after this time never will be.
const ABANDONED: Duration = Duration::from_secs(3600);

#[derive(PartialEq, Eq)]
pub(super) struct Folder(PathBuf);

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.display().fmt(f)
    }
}

impl Folder {
    /// A folder of our own in the one that a user chose.
    pub(super) fn within(chosen: &Path) -> Self {
        Self(chosen.join(NAME))
    }

    /// Makes the folder where it is missing.
    pub(super) fn prepare(&self) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.0)?;
        self.claim()
    }

    /// Others must not write in it, nor read: a folder that is not ours cannot be closed to them, and is not
    /// used.
    fn claim(&self) -> io::Result<()> {
        let metadata = fs::symlink_metadata(&self.0)?;
        if !metadata.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        if metadata.permissions().mode() & 0o077 != 0 {
            fs::set_permissions(&self.0, Permissions::from_mode(0o700))?;
        }
        Ok(())
    }

    /// The file of that name, if it is there and has no more than `most` bytes.
    pub(super) fn read(&self, name: &str, most: u64) -> Option<Bytes> {
        self.claim().ok()?;
        let file = File::open(self.0.join(name)).ok()?;
        let size = file.metadata().ok()?.len();
        if size > most {
            return None;
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).ok()?);
        file.take(most).read_to_end(&mut bytes).ok()?;
        Some(bytes.into())
    }

    /// Writes a file that appears at once and whole. What the system loses in a crash is found damaged.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let temporary = self.0.join(format!("{TEMPORARY}{:032x}", u128::from_be_bytes(random()?)));
        let mut options = OpenOptions::new();
        let written = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&temporary)
            .and_then(|mut file| file.write_all(bytes))
            .and_then(|()| fs::rename(&temporary, self.0.join(name)));
        if written.is_err() {
            // The failure that is reported is the first one.
            let _ = fs::remove_file(&temporary);
        }
        written
    }

    /// Removes a file. One that another process removed is gone all the same.
    pub(super) fn remove(&self, name: &str) {
        let _ = fs::remove_file(self.0.join(name));
    }

    /// This folder's own random bytes. Two processes that make them at once may not agree for a moment; what
    /// one then keeps, nobody finds, and it is swept.
    pub(super) fn salt(&self) -> Option<[u8; 32]> {
        let read = || <[u8; 32]>::try_from(self.read(SALT, 33)?.as_ref()).ok();
        read().or_else(|| {
            self.write(SALT, &random::<32>().ok()?).ok()?;
            read()
        })
    }

    /// Removes the oldest until at most `most` bytes are left.
    pub(super) fn sweep(&self, most: u64) {
        let Ok(files) = fs::read_dir(&self.0) else { return };
        let mut kept = Vec::new();
        for file in files.flatten() {
            let (name, Ok(metadata)) = (file.file_name(), file.metadata()) else { continue };
            let written = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            if name.to_string_lossy().starts_with(TEMPORARY) {
                if written.elapsed().is_ok_and(|age| age > ABANDONED) {
                    let _ = fs::remove_file(file.path());
                }
            } else if name != SALT && metadata.is_file() {
                kept.push((written, metadata.len(), file.path()));
            }
        }
        kept.sort_unstable();
        let mut total: u64 = kept.iter().map(|(_, size, _)| size).sum();
        for (_, size, path) in kept {
            if total <= most {
                break;
            }
            let _ = fs::remove_file(path);
            total -= size;
        }
    }
}

fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| io::Error::other("no random bytes can be had"))?;
    Ok(bytes)
}
