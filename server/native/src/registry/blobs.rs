//! Tarballs and documentation archives, in an object store.
//!
//! A blob is written once under a name of its own and never changed; the database says which blob a
//! release has. So a publish that is cut off at any instant leaves the old blob in force and at most one
//! that nothing refers to, which the sweep at the next start removes.

use std::{
    collections::HashSet,
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path as FilePath, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::{
    ObjectStore, ObjectStoreExt, PutPayload, local::LocalFileSystem, path::Path, prefix::PrefixStore,
};

use crate::clock::{Clock, Moment};

/// Where the blobs are.
#[derive(Clone, Debug)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    /// The folder, where it is a local one: nobody else writes there while this server runs.
    folder: Option<PathBuf>,
}

/// Unreferenced blobs in a store that other servers write to as well are left alone for a day: one may
/// belong to a publish in flight.
const SHARED_GRACE: i64 = 24 * 60 * 60;

impl Blobs {
    /// In a local folder, made where it is missing. Every write is on disk before it is acknowledged.
    ///
    /// # Errors
    /// Where the folder cannot be made.
    pub fn local(folder: &FilePath) -> Result<Self, object_store::Error> {
        // Private packages are among them, whatever the folder around it lets others do.
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(local)?;
        let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true).with_automatic_cleanup(true);
        Ok(Self { store: Arc::new(store), folder: Some(folder.to_owned()) })
    }

    /// Behind a URL such as `s3://bucket/prefix?aws_region=…`. The settings come with it: nothing is read
    /// from the environment.
    ///
    /// # Errors
    /// Where the URL is none, or of a kind that this build does not know.
    pub fn at_url(url: &str) -> Result<Self, object_store::Error> {
        let url = url::Url::parse(url)
            .map_err(|source| object_store::Error::Generic { store: "url", source: Box::new(source) })?;
        let settings: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let (store, prefix) = object_store::parse_url_opts(&url, settings)?;
        Ok(Self { store: Arc::new(PrefixStore::new(store, prefix)), folder: None })
    }

    /// Writes a blob and gives its name: `prefix` made unique.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub async fn put(&self, prefix: &str, content: Bytes) -> Result<String, object_store::Error> {
        let unique = crate::secret::random_hex::<8>()
            .map_err(|source| object_store::Error::Generic { store: "name", source: Box::new(source) })?;
        let name = format!("{prefix}.{unique}");
        self.store.put(&Path::from(name.as_str()), PutPayload::from(content)).await?;
        Ok(name)
    }

    /// Reads a blob; `None` where there is none of that name.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub async fn get(&self, name: &str) -> Result<Option<Bytes>, object_store::Error> {
        if let Some(folder) = &self.folder {
            // The local store would leave the worker twice, to open and to read.
            let path = folder.join(Path::from(name).as_ref());
            return match tokio::task::spawn_blocking(move || std::fs::read(path)).await {
                Ok(Ok(bytes)) => Ok(Some(bytes.into())),
                Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Ok(Err(source)) => Err(local(source)),
                Err(panic) => Err(local(io::Error::other(panic))),
            };
        }
        match self.store.get(&Path::from(name)).await {
            Ok(found) => found.bytes().await.map(Some),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes blobs that nothing refers to any more. A failure is only noted: the next sweep gets them.
    pub async fn discard(&self, names: impl IntoIterator<Item = String>) {
        for name in names {
            if let Err(error) = self.store.delete(&Path::from(name.as_str())).await {
                tracing::warn!(%name, %error, "a blob could not be removed");
            }
        }
    }

    /// Removes every blob that is not among `referenced`, and gives how many there were.
    ///
    /// # Errors
    /// Where the blobs cannot be listed.
    pub async fn sweep(&self, referenced: Vec<String>, clock: &Clock) -> Result<usize, object_store::Error> {
        let referenced: HashSet<Path> = referenced.iter().map(|name| Path::from(name.as_str())).collect();
        let found: Vec<_> = self.store.list(None).try_collect().await?;
        let now = clock.now();
        let stray = found.into_iter().filter(|blob| !referenced.contains(&blob.location)).filter(|blob| {
            let written = Moment(blob.last_modified.timestamp_micros());
            self.folder.is_some() || now.seconds_since(written) > SHARED_GRACE
        });
        let stray: Vec<String> = stray.map(|blob| blob.location.to_string()).collect();
        let count = stray.len();
        self.discard(stray).await;
        let Some(folder) = self.folder.clone() else { return Ok(count) };
        let unfinished = tokio::task::spawn_blocking(move || remove_unfinished(&folder)).await;
        let unfinished = unfinished.unwrap_or_else(|panic| Err(io::Error::other(panic))).map_err(local)?;
        Ok(count + unfinished)
    }
}

fn local(source: io::Error) -> object_store::Error {
    object_store::Error::Generic { store: "local", source: Box::new(source) }
}

/// Removes the files that a write was cut off in. The local store writes to `NAME#NUMBER` before it
/// renames, and does not list such files.
fn remove_unfinished(folder: &FilePath) -> io::Result<usize> {
    let mut removed = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            removed += remove_unfinished(&entry.path())?;
        } else if is_unfinished(&entry.file_name().to_string_lossy()) {
            std::fs::remove_file(entry.path())?;
            removed += 1;
        }
    }
    Ok(removed)
}

fn is_unfinished(file: &str) -> bool {
    let number = file.rsplit_once('#').map(|(_, number)| number);
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}
