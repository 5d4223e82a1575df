//! What every request works with.

use std::sync::Arc;

use hexide_cpu::CpuBudget;
use tokio::sync::Semaphore;

use crate::{
    blobs::Blobs,
    clock::Clock,
    docs_site::DocsCache,
    http_error::HttpError,
    index::Index,
    oauth::OAuth,
    options::Limits,
    rate_limit::RateLimit,
    store::{PackageId, Repository, Store},
};

/// The registry, as requests see it.
pub struct App {
    /// The memory.
    pub store: Arc<dyn Store>,
    /// The tarballs and documentation archives.
    pub blobs: Blobs,
    /// The signed resources.
    pub index: Index,
    /// Documentation that was read lately, unpacked.
    pub docs: DocsCache,
    /// The threads that CPU-bound work may occupy.
    pub cpu: CpuBudget,
    /// The time.
    pub clock: Clock,
    /// What one request may take.
    pub limits: Limits,
    /// Tarballs that may be taken in at the same time.
    pub uploads: Semaphore,
    /// The name of the default repository.
    pub repository: String,
    /// Where clients reach the server.
    pub urls: Urls,
    /// The public key, as PEM.
    pub public_key: String,
    /// Its fingerprint.
    pub fingerprint: String,
    /// Whether fresh users must be confirmed.
    pub confirm_email: bool,
    /// Whether HTTP Basic is taken.
    pub basic_auth: bool,
    /// How programs are signed in.
    pub oauth: OAuth,
    /// How many wrong codes of a second factor each user has shown lately.
    pub wrong_codes: RateLimit,
}

impl App {
    /// The repository a request is about: `None` is the default one.
    ///
    /// # Errors
    /// 404 where there is none of that name, or it is private. (Organizations, whose members may see
    /// their repository, are not served yet.)
    pub async fn repository(&self, name: Option<String>) -> Result<Repository, HttpError> {
        let found = self.store.repository(name).await?;
        found.filter(|repository| repository.public).ok_or_else(HttpError::not_found)
    }

    /// The package a request is about.
    ///
    /// # Errors
    /// As [`repository`](Self::repository).
    pub async fn package_id(&self, repository: Option<String>, name: String) -> Result<PackageId, HttpError> {
        let repository = self.repository(repository).await?.name;
        Ok(PackageId { repository, name })
    }
}

/// The addresses under which things are found.
#[derive(Clone, Debug)]
pub struct Urls {
    /// Without a slash at the end.
    pub base: String,
    /// The default repository: its things are found without naming it.
    pub repository: String,
}

impl Urls {
    /// The API.
    #[must_use]
    pub fn api(&self) -> String {
        format!("{}/api", self.base)
    }
    /// The repository.
    #[must_use]
    pub fn repo(&self) -> String {
        format!("{}/repo", self.base)
    }
    /// The documentation site.
    #[must_use]
    pub fn docs(&self) -> String {
        format!("{}/docs", self.base)
    }
    /// A package in the API.
    #[must_use]
    pub fn package(&self, id: &PackageId) -> String {
        if id.repository == self.repository {
            format!("{}/packages/{}", self.api(), id.name)
        } else {
            format!("{}/repos/{}/packages/{}", self.api(), id.repository, id.name)
        }
    }
    /// The archive of a release's documentation.
    #[must_use]
    pub fn docs_archive(&self, id: &PackageId, version: &str) -> String {
        let repo = self.repo();
        if id.repository == self.repository {
            format!("{repo}/docs/{}-{version}.tar.gz", id.name)
        } else {
            format!("{repo}/repos/{}/docs/{}-{version}.tar.gz", id.repository, id.name)
        }
    }
}
