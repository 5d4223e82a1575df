//! Why a registry could not be started.

use std::{io, net::SocketAddr, path::PathBuf};

use hexide_core::{Code, Error};

use crate::store::sqlite::OpenError;

/// Why a registry could not be started. Each is one sentence that names the thing.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Something else listens there, or the address is not this machine's.
    #[error("the server cannot listen on {address}: {source}")]
    Listen {
        /// The address and port.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The folder, or a file in it, cannot be made, read or written.
    #[error("the data folder cannot be used: {path}: {source}", path = path.display())]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another server runs on the folder.
    #[error("another server is using the data folder {path}", path = path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The database cannot be opened.
    #[error("the database {path} cannot be opened: {source}", path = path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// Why.
        source: OpenError,
    },
    /// The key file holds no key, or none could be made.
    #[error("the signing key {path} cannot be used: {source}", path = path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Error,
    },
    /// The object store cannot be used.
    #[error("the object store cannot be used: {0}")]
    Blobs(#[from] object_store::Error),
    /// The options contradict themselves.
    #[error("{0}")]
    Options(String),
    /// Something failed that should not.
    #[error("the server cannot be started: {0}")]
    Broken(String),
}

impl From<StartError> for Error {
    fn from(error: StartError) -> Self {
        let message = error.to_string();
        let (code, path) = match error {
            StartError::Listen { .. } => (Code::Connect, None),
            StartError::Folder { path, .. } | StartError::InUse { path } => (Code::Io, Some(path)),
            StartError::Database { path, source: OpenError::OtherRepository { .. } } => {
                (Code::BadConfig, Some(path))
            }
            StartError::Database { path, .. } | StartError::Key { path, .. } => (Code::Io, Some(path)),
            StartError::Blobs(_) | StartError::Broken(_) => (Code::Io, None),
            StartError::Options(_) => (Code::BadConfig, None),
        };
        Error::new(code, message).with(|details| details.path = path.map(|path| path.display().to_string()))
    }
}
