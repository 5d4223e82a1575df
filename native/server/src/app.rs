//! What every request works with.

use std::sync::Arc;

use hexide_cpu::CpuBudget;
use tokio::sync::Semaphore;

use crate::{
    attempts::Attempts,
    authenticate::{AnyCaller, Need},
    blobs::Blobs,
    client_address::Network,
    clock::Clock,
    docs_site::DocsCache,
    http_error::HttpError,
    index::Index,
    mail::Mailbox,
    negotiate::Cache,
    oauth::OAuth,
    options::Limits,
    rate_limit::RateLimit,
    store::{PackageId, Repository, Store},
    throttle::Throttle,
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
    /// How often somebody may try.
    pub attempts: Attempts,
    /// Where mails go.
    pub mailbox: Mailbox,
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
    /// How many requests a client may make.
    pub throttle: Throttle,
    /// The proxies whose `x-forwarded-for` is believed.
    pub trusted_proxies: Vec<Network>,
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
    /// The repository a request is about: `None` is the default one. What the caller's key reaches is
    /// not looked at here.
    ///
    /// # Errors
    /// 404 where there is none of that name, or it is private and the caller is no member.
    pub async fn repository(
        &self,
        caller: Option<&AnyCaller>,
        name: Option<String>,
    ) -> Result<Repository, HttpError> {
        let found = self.store.repository(name).await?.ok_or_else(HttpError::not_found)?;
        if found.public {
            return Ok(found);
        }
        let caller = caller.filter(|caller| caller.is_active()).ok_or_else(HttpError::not_found)?;
        let role = self.store.role(caller.id(), found.name.clone()).await?;
        role.map(|_| found).ok_or_else(HttpError::not_found)
    }

    /// The package a request is about.
    ///
    /// # Errors
    /// As [`repository`](Self::repository); 401 where the package is private and the caller's key does
    /// not reach it.
    pub async fn package_id(
        &self,
        caller: Option<&AnyCaller>,
        repository: Option<String>,
        name: String,
    ) -> Result<PackageId, HttpError> {
        let repository = self.repository(caller, repository).await?;
        let id = PackageId { repository: repository.name, name };
        match caller {
            Some(caller) if !repository.public => caller.demand(Need::View(&id)).map(|()| id),
            _ => Ok(id),
        }
    }

    /// Who may keep a reply about something of that repository. Not everybody where it is private,
    /// although hexpm says so: a proxy that shares what it keeps would show it to strangers.
    #[must_use]
    pub fn cache(&self, repository: &str) -> Cache {
        if repository == self.repository { Cache::Public } else { Cache::Private }
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
    /// Whether everybody may see that repository: it is the default one.
    #[must_use]
    pub fn is_public(&self, repository: &str) -> bool {
        repository == self.repository
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
