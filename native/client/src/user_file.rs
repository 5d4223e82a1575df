//! The user's configuration file: a lock that several processes respect, and replacement in one step.
//! What the file says is the caller's matter.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use hexide_core::{Code, Error, Result};
use tokio::time::{Instant, sleep};

/// How often a taken lock is tried again.
const PAUSE: Duration = Duration::from_millis(20);

/// A lock on the file beside which it stands; dropping it frees it, and so does the end of the process.
#[derive(Debug)]
pub struct Lock(#[allow(dead_code)] File);

/// Takes the lock `path`, made where it is missing, waiting up to `patience` for whoever has it.
///
/// # Errors
/// `busy` when the time is up, `io`.
pub async fn lock(path: &Path, patience: Duration) -> Result<Lock> {
    let file = private().create(true).open(path).map_err(|error| failed(path, &error))?;
    let deadline = Instant::now() + patience;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Lock(file)),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => sleep(PAUSE).await,
            Err(TryLockError::WouldBlock) => {
                let message = format!("another process has been using {} for {patience:?}", path.display());
                return Err(
                    Error::new(Code::Busy, message).with(|d| d.path = Some(path.display().to_string()))
                );
            }
            Err(TryLockError::Error(error)) => return Err(failed(path, &error)),
        }
    }
}

/// Replaces the file in one step: readers see the old content or the new. Only the user may read it. A
/// symbolic link stays, and what it names is replaced.
///
/// # Errors
/// `io`; the old content is still there.
pub fn replace(path: &Path, content: &[u8]) -> Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let new = beside(&path);
    let written = write(&new, content).and_then(|()| fs::rename(&new, &path));
    if let Err(error) = written {
        // What is left of the attempt holds secrets.
        let _ = fs::remove_file(&new);
        return Err(failed(&path, &error));
    }
    // The rename is kept in the folder; a system that cannot sync a folder has done its part.
    if let Some(folder) = path.parent() {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
    Ok(())
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = private().create_new(true).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".new-{}", std::process::id()));
    name.into()
}

fn failed(path: &Path, error: &io::Error) -> Error {
    let path = path.display().to_string();
    Error::new(Code::Io, format!("{path} cannot be written: {error}")).with(|d| d.path = Some(path))
}
