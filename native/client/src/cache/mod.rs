//! Replies kept on disk, for use without a network and to ask only for what changed (docs/decisions/0010).
//!
//! Nothing here is believed: a reply that is taken out goes through the same checks as one that just came.
//! Everything here blocks, and so belongs on the CPU budget ([`CpuBudget::run`](crate::CpuBudget::run)), never on a
//! worker.

mod entry;
mod folder;

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use hexide_core::{hex, registry::schema::Timestamp};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::recent::Recent;

pub(crate) use entry::{Head, Kept};
use folder::Folder;

/// The caches that a process knows the use of.
static CACHES: Recent<Cache> = Recent::new();

/// What tells one request from another: to whom a reply may be given again.
pub(crate) struct Asked {
    /// Method, address and what is accepted.
    request: String,
    /// Who asked; `None` for nobody in particular.
    login: Option<Zeroizing<Vec<u8>>>,
}

impl Asked {
    pub(crate) fn new(request: String, login: Option<Zeroizing<Vec<u8>>>) -> Self {
        Self { request, login }
    }

    /// The same request of nobody in particular, whose reply everybody may see; `None` where it is that.
    fn of_anybody(&self) -> Option<Self> {
        self.login.as_ref().map(|_| Self { request: self.request.clone(), login: None })
    }
}

/// A folder of replies that never grows beyond its limit.
pub(crate) struct Cache {
    folder: Folder,
    /// Bytes of all replies together.
    limit: u64,
    /// How much was added since the folder was last looked through; `None` before the first time.
    added: Mutex<Option<u64>>,
}

impl Cache {
    /// The cache in `folder`, which is made when something is first kept.
    pub(crate) fn shared(folder: &Path, limit: u64) -> Arc<Self> {
        let new = Self { folder: Folder::within(folder), limit, added: Mutex::default() };
        CACHES.shared(new, |one, other| one.folder == other.folder && one.limit == other.limit)
    }

    /// What was answered to this; a damaged file is as none.
    pub(crate) fn find(&self, asked: &Asked) -> Option<Kept> {
        let key = self.key(asked)?;
        entry::decode(&key, &self.folder.read(&name(&key), self.largest())?)
    }

    /// The same, or what was answered to nobody in particular.
    pub(crate) fn find_also_public(&self, asked: &Asked) -> Option<Kept> {
        self.find(asked).or_else(|| self.find(&asked.of_anybody()?))
    }

    /// Keeps a reply in place of the one before. What cannot be kept is left: a cache that fails must not
    /// fail the request.
    pub(crate) fn keep(&self, asked: &Asked, kept: &Kept) {
        let written = self.folder.prepare().and_then(|()| {
            let Some(key) = self.key(asked) else { return Ok(()) };
            let Some(file) = entry::encode(&key, kept) else { return Ok(()) };
            let size = u64::try_from(file.len()).unwrap_or(u64::MAX);
            if size > self.largest() {
                self.folder.remove(&name(&key));
                return Ok(());
            }
            self.make_room(size);
            self.folder.write(&name(&key), &file)
        });
        if let Err(error) = written {
            tracing::warn!(target: "hexide::cache", "{} cannot be written: {error}", self.folder);
        }
    }

    /// Drops what was kept: it is of no use, or no more to be seen.
    pub(crate) fn forget(&self, asked: &Asked) {
        if let Some(key) = self.key(asked) {
            self.folder.remove(&name(&key));
        }
    }

    /// A file may take a quarter. As much may come until the folder is looked through again, so the rest is
    /// what may then remain.
    fn largest(&self) -> u64 {
        self.limit / 4
    }

    fn make_room(&self, size: u64) {
        let mut added = self.added.lock().unwrap_or_else(PoisonError::into_inner);
        let then = added.map(|bytes| bytes.saturating_add(size)).filter(|bytes| *bytes <= self.largest());
        if then.is_none() {
            self.folder.sweep(self.limit - self.largest());
        }
        *added = Some(then.unwrap_or(size));
    }

    /// The name of a reply within this cache. Who asked goes in under the cache's own salt, so that the
    /// names of files tell nothing about a secret; without the salt nothing of a login is found or kept.
    fn key(&self, asked: &Asked) -> Option<[u8; 32]> {
        let mut hash = Sha256::new();
        hash.update(asked.request.as_bytes());
        if let Some(login) = &asked.login {
            let whose = Sha256::new().chain_update(self.folder.salt()?).chain_update(login.as_slice());
            hash.update(b"\n");
            hash.update(whose.finalize());
        }
        Some(hash.finalize().into())
    }
}

fn name(key: &[u8; 32]) -> String {
    hex::lower(key)
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Seconds since 1970 as RFC 3339.
pub(crate) fn rfc3339(seconds: u64) -> Option<String> {
    Timestamp { seconds: i64::try_from(seconds).ok()?, nanos: 0 }.to_rfc3339()
}
