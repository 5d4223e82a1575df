//! Documentation archives, unpacked in memory while they are being read.
//!
//! An archive stays one blob, so that publishing documentation is one write; what readers ask for comes
//! out of a small cache. Blobs never change, so nothing in the cache is ever out of date.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;
use hexide_core::{
    Code, Error,
    tarball::{self, Content, Entry, FileContent, Sink},
};

use crate::{
    computing::Computing,
    registry::Blobs,
    shelf::{Bounded, Weighed, bounded},
    wire::HttpError,
};

/// The files of one archive by path.
#[derive(Debug, Default)]
pub struct Site {
    files: HashMap<String, Bytes>,
    size: usize,
}

impl Site {
    /// The file at that path; a folder's is its `index.html`.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<Bytes> {
        self.files.get(path).cloned()
    }

    /// Whether that path is a folder with an `index.html`.
    #[must_use]
    pub fn is_folder(&self, path: &str) -> bool {
        self.files.contains_key(&format!("{path}/index.html"))
    }
}

impl Sink for Site {
    fn entry(&mut self, entry: Entry<FileContent<'_>>) -> hexide_core::Result<()> {
        // Folders are implied by their files, and a link is not followed: it could only point at a file
        // that has an address of its own.
        if let Content::File(content) = entry.content {
            let mut bytes = Vec::new();
            content
                .reader
                .read_to_end(&mut bytes)
                .map_err(|error| Error::new(Code::BadTarball, error.to_string()))?;
            self.size = self.size.saturating_add(bytes.len());
            self.files.insert(entry.path, Bytes::from(bytes));
        }
        Ok(())
    }
}

impl Weighed for Arc<Site> {
    fn bytes(&self) -> usize {
        self.size
    }
}

/// How many archives are kept, however small.
const KEPT: usize = 1000;

/// The archives that were read last.
#[derive(Debug)]
pub struct DocsCache {
    sites: Bounded<String, Arc<Site>>,
}

impl DocsCache {
    /// A cache of that many bytes. An archive that is larger than half of it counts as half.
    #[must_use]
    pub fn new(budget: usize) -> Self {
        Self { sites: bounded(budget, budget / KEPT) }
    }

    /// The archive in that blob; it is unpacked once, however many ask at the same time. `None` where the
    /// blob is gone.
    ///
    /// # Errors
    /// 500.
    pub async fn site(
        &self,
        blob: &str,
        blobs: &Blobs,
        computing: &Computing,
        limits: tarball::Limits,
    ) -> Result<Option<Arc<Site>>, HttpError> {
        let unpack = async {
            let archive = blobs.get(blob).await.map_err(HttpError::from)?;
            let archive = archive.ok_or_else(HttpError::not_found)?;
            let unpacked = computing.run(move || {
                let mut site = Site::default();
                tarball::unpack_docs(&archive, limits, &mut site).map(|()| Arc::new(site))
            });
            unpacked.await?.map_err(HttpError::internal)
        };
        match self.sites.get_or_insert_async(blob, unpack).await {
            Ok(site) => Ok(Some(site)),
            Err(error) if error.status == http::StatusCode::NOT_FOUND => Ok(None),
            Err(error) => Err(error),
        }
    }
}
